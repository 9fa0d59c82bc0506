"""Invented prose for the held-out pairs and for the cost figures: grammatical at arm's length, never the same twice.

Sentences are patterns with open places, filled from lists of words, so that two articles of one subject share
function words and a few names, as real ones do, and no more.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random


def _words(text: str) -> list[str]:
    return text.split()


_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
_GIVEN = "安邦成德恩芳广海涵浩佳建洁景静军凯兰乐丽林玲敏明娜宁鹏琪倩青荣瑞珊胜思涛婷彤伟文曦霞翔晓欣雪雅彦燕阳怡颖勇宇悦泽哲真志子"
_PLACES = _words(
    "容川 甘棠 宁溪 石桥 白沙 临泽 东津 南陵 永昌 平湖 长泰 双清 望江 古田 新安 龙泉 大同 青田 清水 金沙 "
    "丰乐 枫林 桐庐镇 赤岗 乌溪 茶亭 柳林 枣园 竹山 云桥 鹤鸣 麻城 盐亭 铁岭沟 沙洲 北仓 南浦 西陵 东湾 中渡"
)
_ORGANS = _words(
    "市发展改革委 县教育局 省水利厅 城管执法局 市场监管局 交通运输局 农业技术站 疾控中心 人社局 文旅集团 第一人民医院 理工学院 纺织厂 水泥公司 "
    "船舶设计院 种子公司 供水集团 公路养护段 民政局 档案馆 气象站 林场 渔业协会 商会 志愿服务队 消防支队 公证处 仲裁委 评估所 广播电视台"
)
_NOUNS = _words(
    "方案 项目 设备 道路 管网 合同 订单 价格 产量 水库 桥梁 学校 课程 教室 病房 药品 疫苗 芯片 电池 软件 仓库 车间 机床 码头 航线 货轮 班列 隧道 车站 公园 湿地 古树 "
    "候鸟 鱼塘 大棚 果园 茶叶 水稻 玉米 小麦 牛羊 饲料 化肥 种子 农机 贷款 利息 股份 债券 保险 税费 补贴 罚款 案件 证据 判决 调解 档案 展览 剧目 歌曲 诗集 雕塑 "
    "影片 剧场 球队 比赛 教练 奖牌 跑道 泳池 食堂 宿舍 电梯 车位 物业 垃圾 噪声 路灯 公厕 菜场 摊位 快递 外卖 网店 直播 样本 数据 论文 专利 实验 模型 算法 传感器 "
    "卫星 火箭 望远镜 矿石 钢材 水泥 玻璃 布料 家具 陶瓷 纸张 油漆 塑料 管道 阀门 电缆 变压器 风机 光伏板 储能柜 充电桩 燃气 暖气 井水 堤坝 闸门 泵站 沙袋 警报 "
    "地图 标牌 门票 客房 民宿 索道 栈道 庙会 灯会 集市 手艺 剪纸 木雕 乐器 戏台 祠堂 家谱 老屋 石碑 古井"
)
_VERBS = _words(
    "检查 改造 更换 登记 公布 调整 试用 拆除 修复 扩建 收购 出售 租赁 测量 采集 分析 核对 统计 推迟 取消 恢复 启用 封闭 开放 验收 审批 备案 招标 签订 履行 终止 追回 "
    "发放 缴纳 减免 补偿 清理 运输 储存 加工 包装 检验 抽查 培育 栽种 移植 收割 晾晒 灌溉 巡护 救助 安置 培训 招聘 考核 表彰 处分 排练 演出 展出 收藏 翻译 出版 拍摄 "
    "设计 制造 组装 调试 运行 停用 升级 迁移 备份 监测 预报 预警 疏散 转移 捐赠 募集 资助 投诉 调解 起诉 撤回 宣判 执行 举报 查处 曝光 整改 回访 评估"
)
_ADVERBS = _words(
    "悄悄 很快 重新 逐步 一次性 提前 如期 分批 连夜 反复 单独 联合 公开 免费 暂时 全部 大多 几乎 居然 果然 终于 难得 照常 依次 当场"
)
_QUALITIES = _words(
    "陈旧的 便宜的 费电的 少见的 耐用的 体面的 偏远的 合格的 过时的 意外的 沉重的 新式的 闲置的 受潮的 抢手的 难看的 走样的 完好的 多余的 紧俏的"
)
_UNITS = _words("万元 户 人次 公里 吨 台 亩 件 份 平方米 立方米 小时 天 名 家 起")

_PATTERNS = (
    "{organ}{place}分部负责人{person}介绍，{adverb}{verb}的{noun}共有{number}{unit}，比去年{change}{share}。",
    "{place}的{person}记得，{date}那天，{noun}刚{verb}到一半，{quality}{noun}就{adverb}运来了。",
    "“我们不怕{verb}，怕的是{noun}没有人{verb}。”{person}一边{verb}{noun}，一边对来访的人说。",
    "按照计划，{place}将在{date}之前{verb}{number}{unit}{noun}，其中{share}用于{noun}的{verb}。",
    "一份{organ}的材料写道：{noun}{verb}以后，{quality}{noun}由{number}{unit}减少到{number}{unit}。",
    "{person}今年{age}岁，过去{verb}{noun}，现在替人{verb}{quality}{noun}，每月多得{number}元。",
    "也有人不同意。住在{place}的{person}认为，{noun}可以{verb}，{noun}却不必{adverb}{verb}。",
    "到{date}为止，{place}、{place}和{place}三地{verb}了{noun}{number}{unit}，{quality}{noun}占{share}。",
    "问题出在{noun}上。{organ}{adverb}{verb}之后发现，{share}的{noun}与{noun}对不上号。",
    "为了{verb}{noun}，{person}跑了{number}公里，从{place}到{place}，带回来{quality}{noun}。",
    "{noun}的价钱从{number}元涨到{number}元，{place}的{noun}商人{person}说，主要是{noun}{adverb}{verb}了。",
    "专家{person}提醒，{verb}{noun}要看{noun}，不要只看{noun}，否则{quality}{noun}很难{verb}。",
    "{date}，{organ}{verb}了{place}的{noun}，{adverb}要求{number}天内{verb}{noun}。",
    "听到消息，{person}{adverb}放下手里的{noun}，先去{place}{verb}{noun}，再回头{verb}{quality}{noun}。",
    "这笔{noun}一共{number}{unit}，{share}来自{organ}，其余由{place}的{noun}户{adverb}凑齐。",
    "{organ}与{organ}在{place}签字，双方约定{verb}{noun}，为期{age}个月，到期再{verb}。",
    "谁来{verb}{noun}？{place}的答案是{organ}，{place}的答案却是{person}这样的{noun}工人。",
    "{number}{unit}{noun}，{number}天{verb}完，{person}说这在{place}还是头一回。",
    "从{date}算起，{noun}{verb}的次数每周少于{age}次，{quality}{noun}再也没有出现。",
    "{person}掏出手机，翻到{date}拍的照片，上面是{place}一处{quality}{noun}。",
    "走进{place}，最先看到的是{noun}，其次才是{quality}{noun}和正在{verb}的{noun}。",
    "{noun}只是开头，接下来{organ}还想{verb}{noun}，预算大约{number}万元。",
    "两年前{place}{verb}过一次{noun}，结果{quality}{noun}堆了{number}{unit}，谁也不愿意{verb}。",
    "{person}不这么看：{noun}多了{share}，{noun}就该少一些，不然{verb}起来没有底。",
    "每逢{noun}{verb}，{place}的老人便会讲起{person}的父亲怎样{adverb}{verb}{noun}。",
    "有人统计，{share}的{noun}坏在{verb}之前，{share}坏在{verb}之后，剩下的坏在{noun}手里。",
    "{organ}的值班电话在{date}响了{age}次，都与{noun}有关，其中{number}次是问怎么{verb}。",
    "天还没亮，{person}骑车出了{place}，后座绑着{noun}，前筐放着{quality}{noun}。",
    "比起{noun}，{place}人更在意{noun}；比起{verb}，他们更愿意{verb}。",
    "{verb}{noun}的钱从哪里来？{organ}拿{share}，{person}一类的{noun}户自己拿{share}。",
    "记者在{place}转了一圈，没有找到{noun}，倒是见到{number}{unit}{quality}{noun}等着{verb}。",
    "旧办法是先{verb}后{verb}，新办法反过来，{noun}由{person}{adverb}把关。",
    "{quality}{noun}运到{place}要{age}个小时，{noun}等不起，于是{organ}{adverb}{verb}了一条近路。",
    "{person}的账本上记着：{date}，{noun}{number}{unit}；次日，{noun}少了{age}件。",
    "同样的{noun}，在{place}卖{number}元，到了{place}只要{number}元，差就差在{verb}。",
    "讨论进行到一半，{person}站起来说，{noun}的事可以慢慢{verb}，{noun}不能再拖。",
    "{organ}承认，{verb}时没有考虑{noun}，已经安排{person}带人到{place}{adverb}{verb}。",
    "如今{place}的{noun}分成{age}片，每片有人{verb}，坏了的{noun}当天就能{verb}。",
    "{noun}与{noun}之争持续了{age}个月，{date}以{share}对{share}的票数有了结果。",
    "对{person}来说，{verb}一件{quality}{noun}，抵得上{verb}{number}{unit}{noun}。",
)  # fmt: skip


class Writer:
    """Writes about one subject: some names, places and organs come back in it, as in a real article."""

    def __init__(self, seed: str) -> None:
        self.chance = Random(seed)
        self.people = [self._new_person() for _ in range(4)]
        self.places = self.chance.sample(_PLACES, 5)
        self.organs = self.chance.sample(_ORGANS, 3)
        self.nouns = self.chance.sample(_NOUNS, 45)

    def _new_person(self) -> str:
        return self.chance.choice(_SURNAMES) + "".join(self.chance.sample(_GIVEN, self.chance.choice((1, 2))))

    def number(self) -> str:
        kind, chance = self.chance.randrange(4), self.chance
        if kind == 0:
            return f"{chance.randrange(11, 980)}"
        if kind == 1:
            return f"{chance.randrange(1000, 99000)}"
        if kind == 2:
            return f"{chance.randrange(10, 999) / 10:.1f}"
        return f"{chance.randrange(2, 9)}千"

    def _word(self, place: str) -> str:
        chance = self.chance
        match place:
            case "person":
                return chance.choice(self.people)
            case "place":
                return chance.choice(self.places)
            case "organ":
                return chance.choice(self.organs)
            case "noun":
                return chance.choice(self.nouns)
            case "verb":
                return chance.choice(_VERBS)
            case "adverb":
                return chance.choice(_ADVERBS)
            case "quality":
                return chance.choice(_QUALITIES)
            case "unit":
                return chance.choice(_UNITS)
            case "number":
                return self.number()
            case "share":
                return f"{chance.randrange(3, 96)}%"
            case "age":
                return str(chance.randrange(19, 84))
            case "date":
                return f"{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日"
            case _:
                return chance.choice(("增加", "减少", "多了", "少了"))

    def sentence(self) -> str:
        pieces = self.chance.choice(_PATTERNS).split("{")
        written = [pieces[0]]
        for piece in pieces[1:]:
            place, _, rest = piece.partition("}")
            written.append(self._word(place) + rest)
        return "".join(written)

    def paragraphs(self, characters: int) -> list[str]:
        lines: list[str] = []
        while sum(map(len, lines)) < characters:
            lines.append("".join(self.sentence() for _ in range(self.chance.randrange(1, 5))))
        return lines

    def headline(self) -> str:
        return f"{self._word('place')}{self._word('verb')}{self._word('noun')}：{self._word('person')}的{self._word('noun')}"


_VOCABULARY = [first + second for first in _SURNAMES + _GIVEN for second in _GIVEN] + _NOUNS + _VERBS + _ADVERBS
_WEIGHTS = list(accumulate(1 / rank for rank in range(8, 8 + len(_VOCABULARY))))
_STANDING = [
    f"{place}在线声明：转载请注明出处，{noun}信息以{organ}公布为准，欢迎拨打热线提供线索。"
    for place, noun, organ in zip(_PLACES, _NOUNS, _ORGANS * 2, strict=False)
]


def cheap_article(number: int, characters: int = 1500) -> str:
    """Words by Zipf's law with a full stop now and then, at 0.2 ms an article; one of forty site lines at the end."""
    chance = Random(number)
    words = chance.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=characters // 2 - 20)
    for place in range(7, len(words), 9):
        words[place] += "，" if place % 4 else "。"
    for place in range(60, len(words), 97):
        words[place] += f"{chance.randrange(2, 9000)}万元。\n\n"
    return "".join(words) + "\n\n" + _STANDING[number % len(_STANDING)]
