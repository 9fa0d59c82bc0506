"""Who is a person, by the look of a Chinese name.

Pure. A name without a label needs a family name; behind a label ("作者：") two to four
ideographs, or letters, are enough.
"""

from __future__ import annotations

import re

# The common family names, simplified and traditional, and the compound ones.
_FAMILY = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐伍庞颜倪庄聂章"
    "鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解"
    "牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎"
    "甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴"
    "盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危"
    "水钮暴綦逄雒代撒呙贠禚脱眭訾缑郄谯占揣隗玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由陳張劉楊趙吳孫馬羅鄭謝許韓馮鄧葉蘇魏呂盧鍾譚陸"
    "範賈韋鄒熊邱閆龍陶賀顧龔邵萬錢嚴湯溫莊聶魯歐關蘭焦寧紀畢單塗駱藍遊辛管華喻祁饒"
)
_COMPOUND = (
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "轩辕", "端木", "南宫", "长孙", "宇文", "百里",
    "鲜于", "公西", "第五", "澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "闾丘", "司空", "亓官", "司寇", "呼延", "漆雕",
    "乐正", "公良", "拓跋", "谷梁", "闻人", "赫连", "独孤", "完颜", "纳兰", "爱新", "東方", "歐陽", "司馬", "諸葛",
)  # fmt: skip
# Two to four ideographs that follow a byline and are no name.
_NOT_A_NAME = re.compile(
    r"报道|报导|时政|时尚|时评|时事|国防|体育|娱乐|房产|汽车|文化|文旅|旅游|军事|教育|健康|科技|历史|社会|金融|股票|基金|高校|游戏|动漫|读书|女性|美食|浏览|倒序|家居|艺术|党建|法治|农业|能源|地产|宏观|商业|公益|专题|直播|党史|理论|反腐|论坛|博客|编者|导读|摄像|摄影|整合|汇总|供稿|编辑|整理|综合|记者|通讯|来源|发布|时间|阅读|评论|本报|本网|文字|图片|视频|责任|实习|见习|中心|频道|新闻|日报|晚报|"
    r"商报|财经|证券|网站|网络|编译|原创|独家|采访|发自|专电|快讯|讯$|电$|社$|网$|报$|台$|部$|院$|组$|室$|局$|署$|司$|委$|分享|字号|关注|"
    r"公司|集团|本站|大学|研究|团队|作者|匿名|未知|佚名|小编|管理员|北京|上海|广州|深圳|天津|重庆|首页|要闻|正文|国际|国内|今日|昨日|说|称$|获悉|了解|查看|更多|返回|点击|下载|登录|注册|打开|搜索|收藏|人气"
)
_NAME = re.compile(r"^[\u4e00-\u9fff]{2,4}$|^[\u4e00-\u9fff]{1,7}(?:[·•・．.][\u4e00-\u9fff]{1,8}){1,3}$")
_LATIN_NAME = re.compile(r"^(?=(?:[^A-Za-zÀ-ÿ]*[A-Za-zÀ-ÿ]){2})[A-Za-zÀ-ÿ][\w .'’\-À-ÿ]{1,39}$")
_SPLIT = re.compile(r"[\s、，,;；/／&＆|｜和]+")
_SPACED = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])\s+([\u4e00-\u9fff])(?![\u4e00-\u9fff])")
_POST_BEFORE = re.compile(
    r"(?:研究员|教授|主任|院长|所长|会长|理事|博士|专家|评论员|主编|总编|总监|撰稿人)([\u4e00-\u9fff]{2,4})$"
)
_POST_AFTER = re.compile(
    r"^[，,]?(?:系|为|是|来自)?(?:中国|中央|中共|国家|全国|北京|上海|天津|重庆|广东|浙江|江苏|清华|复旦|南京|武汉|教授|博士|本报|本刊)"
)
# What somebody is, between the names: "张三 通讯员 李四".
_ROLE = re.compile(
    r"(?:本[报网刊台站]|[\u4e00-\u9fff]{2,8}?(?:日报|晚报|早报|时报|周刊|报|网|社|台|新闻|客户端)|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,5}?)?"
    r"(?:全媒体|融媒体|新媒体|见习|实习|特约|特派|首席|高级|驻[\u4e00-\u9fff]{2,4}?)*"
    r"(?:记者|通讯员|撰稿人?|拍客|实习生|主笔|评论员)(?=$|[\s:：、，,\u4e00-\u9fff])[:：]?"
)
_MOST = 8  # names in one byline; more is a list of something


def is_person(name: str) -> bool:
    """Whether ``name`` would be taken for a person's without any label."""
    if not _NAME.match(name) or _NOT_A_NAME.search(name):
        return False
    if len(name) > 4 or not name.isalpha():
        return True
    if name.startswith(_COMPOUND):
        return len(name) >= 3
    return name[0] in _FAMILY and len(name) <= 3


def labelled(text: str) -> tuple[str, ...]:
    """The names that follow a label such as 作者：, until something is no name. "王 博" is one name."""
    return _leading(text, strict=False)


def plain(text: str) -> tuple[str, ...]:
    """The names at the start of a text that has no label."""
    return _leading(text, strict=True)


def _leading(text: str, *, strict: bool) -> tuple[str, ...]:
    text = text.strip(" 　:：()（）[]【】<>《》")
    if not strict and _LATIN_NAME.match(text):
        return (" ".join(text.split()),)
    found: list[str] = []
    text = _ROLE.sub("、", text)
    for part in _SPLIT.split(_SPACED.sub(r"\1\2", text)):
        name = part.strip("()（）[]【】:：.。")
        if not name:
            continue
        if not is_person(name) and (strict or not _is_name(name)):
            name = "" if found else _beside_a_post(name)
            if not name and not found and not strict and (len(part) > 4 or _NOT_A_NAME.search(part)):
                continue  # a post or an institute: "某某研究院院长，李四"
        if not name or len(found) == _MOST:
            break
        if name not in found:
            found.append(name)
    return tuple(found)


def _is_name(text: str) -> bool:
    return bool(_NAME.match(text) or _LATIN_NAME.match(text)) and not _NOT_A_NAME.search(text)


def _beside_a_post(text: str) -> str:
    """张三 of "某某大学教授张三" or "张三北京大学教授"."""
    after = _POST_BEFORE.search(text)
    if after and is_person(after[1]):
        return after[1]
    return next((text[:n] for n in (3, 2) if is_person(text[:n]) and _POST_AFTER.match(text[n:])), "")
