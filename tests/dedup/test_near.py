"""Which two texts are one story. Every text here is invented; the larger judge is ``labelled``."""

from __future__ import annotations

from time import process_time

import pytest

from crawler.dedup.near import compare
from crawler.dedup.relations import RULES, Link, link_of, rules_with

STORY = """10月12日，河阳市统计局发布数据，前三季度全市规模以上工业增加值同比增长6.3%，比上半年加快0.4个百分点。装备制造业是主要拉动力，对全部增长的贡献率达到41.7%。
分行业看，汽车制造业增长11.8%，电气机械制造业增长9.6%，食品加工业增长2.1%。河阳重型机床厂负责人闻人谦介绍，厂里的订单已经排到明年3月，新增的两条生产线从8月起满负荷运转，工人从260名增加到315名。
出口方面，前三季度全市工业企业完成出口交货值87.4亿元，增长13.2%。海关有关负责人说，新开通的两趟班列把运到内陆口岸的时间缩短了5天，沿线的仓库租金也降了下来。
也有企业感到吃力。多家纺织厂反映，棉纱价格比去年高出一成，而成衣的报价没有跟上。市里为此设立了总额3亿元的周转资金，首批已有46家企业得到支持。
统计局综合科科长公冶棠认为，四季度的基数较高，增速可能略有回落，但全年完成6%的目标没有悬念。下一步将重点跟踪新开工项目，及时解决用地和用工的困难。"""  # fmt: skip
PARAGRAPHS = STORY.split("\n")
TRADITIONAL = """10月12日，河陽市統計局發布數據，前三季度全市規模以上工業增加值同比增長6.3%，比上半年加快0.4個百分點。裝備製造業是主要拉動力，對全部增長的貢獻率達到41.7%。
分行業看，汽車製造業增長11.8%，電氣機械製造業增長9.6%，食品加工業增長2.1%。河陽重型機床廠負責人聞人謙介紹，廠裡的訂單已經排到明年3月，新增的兩條生產線從8月起滿負荷運轉，工人從260名增加到315名。
出口方面，前三季度全市工業企業完成出口交貨值87.4億元，增長13.2%。海關有關負責人說，新開通的兩趟班列把運到內陸口岸的時間縮短了5天，沿線的倉庫租金也降了下來。
也有企業感到吃力。多家紡織廠反映，棉紗價格比去年高出一成，而成衣的報價沒有跟上。市裡為此設立了總額3億元的周轉資金，首批已有46家企業得到支持。
統計局綜合科科長公冶棠認為，四季度的基數較高，增速可能略有回落，但全年完成6%的目標沒有懸念。下一步將重點跟蹤新開工項目，及時解決用地和用工的困難。"""  # fmt: skip
REWRITTEN_LEAD = (
    "河阳市前三季度工业增加值增长6.3%，比上半年快了0.4个百分点，装备制造业对增长的贡献超过四成。"
    "这是市统计局10月12日公布的数据。\n"
)
NOTICE = """证券代码：{code} 证券简称：{name} 公告编号：2026-{number}
{name}股份有限公司关于股票交易异常波动的提示性公告
本公司董事会及全体董事保证本公告内容不存在任何虚假记载、误导性陈述或者重大遗漏，并对其内容的真实性、准确性和完整性承担法律责任。
{name}股份有限公司股票连续三个交易日内收盘价格涨幅偏离值累计超过百分之二十，属于股票交易异常波动情形。经公司自查，并向控股股东及实际控制人书面核实，截至本公告披露日，不存在应披露而未披露的重大信息。公司目前生产经营正常，内外部环境没有发生重大变化。
公司提醒广大投资者注意二级市场交易风险，理性决策，审慎投资。公司指定的信息披露媒体为法定报刊和交易所网站，有关信息以上述渠道刊登的公告为准。
特此公告。{name}股份有限公司董事会 2026年10月12日"""  # fmt: skip
NAMES_ONLY = """{name}集团今天宣布，董事会已经同意启动新一轮组织调整，把原有的区域管理中心并入总部，由总经理直接负责。{name}集团发言人表示，这次调整不涉及裁员，各地门店的营业不受影响。
根据方案，{name}集团将新设客户服务委员会，听取会员和加盟商的意见，并定期公布处理结果。业内人士认为，这反映出零售企业正在由扩张转向精细管理，行业竞争的重点也从选址变成了服务。
{name}集团成立于上世纪末，主要经营社区超市，在周边各省都有门店。"""  # fmt: skip
WEATHER = """{city}市气象台{day}日6时发布天气预报：今天白天{sky}，偏{wind}风二三级，最高气温{high}℃；今天夜间多云转晴，偏北风一二级，最低气温{low}℃。
未来三天以晴到多云天气为主，早晚温差较大，请注意适时增减衣物；空气较为干燥，请注意用火用电安全，并多饮水。外出的市民请留意最新的预报和预警信息，合理安排出行。"""  # fmt: skip
FUND = """{name}基金管理有限公司公布的净值显示，{name}稳健成长混合型证券投资基金{day}日单位净值为{value}元，累计净值为{total}元，较前一交易日{move}%。
该基金成立以来收益稳定，近一个月收益率{month}%，同类排名{rank}。基金经理表示，将继续坚持价值投资的理念，在控制风险的前提下为持有人获取长期稳定的回报。市场有波动，过往业绩不代表未来表现。"""  # fmt: skip
WARNING = (
    "{}公告，公司近日收到监管部门出具的警示函。经查，公司在信息披露、内幕信息知情人登记和募集资金管理方面存在不规范的情形，"
    "有关责任人未能勤勉尽责。监管部门要求公司加强对法律法规的学习，切实提高规范运作水平，并在规定期限内提交书面整改报告。"
    "公司表示将以此为戒，认真落实整改。"
)
FOLLOW_UP = """10月20日，河阳市召开工业企业座谈会，市长东方琢宣布再安排5亿元技术改造补贴，重点投向纺织和食品两个行业，单个企业最多可以申请800万元，申报从11月1日开始，由各区的工业部门受理。
与会的23家企业提出了用工、融资和物流方面的37条建议。会议决定由分管副市长牵头成立专班，一个月内逐条答复，并在市政府网站上公开办理进度。部分企业还希望延长班列的运营时间，口岸办表示正在与铁路部门商谈。
此前，河阳市统计局发布的数据显示，前三季度全市规模以上工业增加值同比增长6.3%，比上半年加快0.4个百分点。装备制造业是主要拉动力，对全部增长的贡献率达到41.7%。多家纺织厂反映，棉纱价格比去年高出一成，而成衣的报价没有跟上。市里为此设立了总额3亿元的周转资金，首批已有46家企业得到支持。"""  # fmt: skip
TAIL = """
（来源：河阳日报）
责任编辑：王小明
免责声明：本文仅代表作者个人观点，与本网无关。
扫描二维码关注公众号
相关阅读：我市召开座谈会"""
FLASH = "【河阳工业增长6.3%】10月12日，河阳市统计局发布数据，前三季度全市规模以上工业增加值同比增长6.3%，比上半年加快0.4个百分点。"


INSIDE = (
    "河阳重型机床厂的新生产线上，装备制造业的订单排得很满。闻人谦介绍，棉纱价格对厂里没有影响，工业企业的用电却比往年紧张，"
    "厂里为此添了一套储能设备，夜里充电，白天放电，一年可以省下46万元电费，预计五年收回投资，比当初的设想快了两年多。"
)
RELEASE = """Northfield Rail {}.

About Northfield Rail. Northfield Rail runs 212 services a day on four lines between Millbrook and the coast. Founded in 1874 and returned to public ownership in 2011, it employs 1,150 people and carried 18 million passengers last year. This release contains forward-looking statements, which involve known and unknown risks."""  # fmt: skip

REWRITTEN_LEADS = (
    REWRITTEN_LEAD,
    "河阳工业三季报出炉：增加值增速达到6.3%，快于上半年0.4个百分点，装备制造贡献最大，占到41.7%。",
    "记者从河阳市统计局了解到，今年前九个月，当地规上工业继续保持较快增长势头，增幅为6.3%，其中装备制造业表现突出，拉动作用明显。",
    "河阳市的工厂今年更忙了。最新统计显示，九个月里全市规模以上工业多生产了6.3%，增速比年中又快了0.4个百分点。",
    "日前公布的一份成绩单，让不少河阳企业家松了一口气：前三个季度，这座城市的工业增速定格在6.3%。",
)
NEWS = (
    "河阳重型机床厂20日宣布，第三条生产线正式投产，年产能将提高到1200台。闻人谦说，新线全部采用自动化设备，今后订单交付时间可以缩短一半。"
    "这条生产线从去年10月开始建设，总投资1.2亿元。",
    "针对纺织企业反映的棉纱涨价问题，河阳市发改委今天约谈了4家棉纱供应商，要求其规范报价行为。供应商表示，将在一周内调整价目，"
    "并向老客户退还部分差价。",
    "河阳市第二批周转资金今天开始发放，又有38家企业得到支持，总额1.6亿元。至此，该市的3亿元周转资金已经使用过半。",
)


@pytest.mark.parametrize("lead", REWRITTEN_LEADS)
@pytest.mark.parametrize("kept", [slice(1, 5), slice(1, 4), slice(1, 3)])
def test_a_rewritten_lead_before_the_same_paragraphs_is_a_copy(lead: str, kept: slice) -> None:
    link = link_of(STORY, "\n".join([lead, *PARAGRAPHS[kept]]))
    assert link is not None


@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("background", [slice(0, 1), slice(0, 2), slice(0, 3), slice(1, 4)])
def test_news_before_the_same_paragraphs_is_a_follow_up(news: str, background: slice) -> None:
    assert link_of(STORY, "\n".join([news, *PARAGRAPHS[background]])) is None


@pytest.mark.parametrize(
    ("copy", "rule"),
    [
        ("河阳社河阳10月13日电（记者 东方琢、闻人谦）" + STORY, "same-normalised-text"),
        ("本报记者 东方琢 河阳报道\n" + STORY + "\n（完）", "same-normalised-text"),
        ("编者按：河阳的做法有参考意义，本站转载如下。\n" + STORY + TAIL, "same-normalised-text"),
        ("".join(PARAGRAPHS), "same-normalised-text"),
        (TRADITIONAL, "same-normalised-text"),
        (STORY.translate({ord(each): ord(each) + 0xFEE0 for each in "0123456789.%"}), "same-normalised-text"),
        (STORY.replace("，", ", ").replace("。", "．"), "same-normalised-text"),
        (STORY.replace("6.3%", "百分之六点三").replace("10月12日", "十月十二日"), "same-normalised-text"),
        (STORY.replace("260名", "二百六十名").replace("87.4亿", "874000万"), "same-normalised-text"),
        (REWRITTEN_LEAD + "\n".join(PARAGRAPHS[1:]), "near-duplicate"),
        ("\n".join([PARAGRAPHS[0], *PARAGRAPHS[2:]]), "near-duplicate"),
        (REWRITTEN_LEAD + "\n".join(PARAGRAPHS[1:4]) + TAIL, "near-duplicate"),
        (STORY.replace("介绍", "告诉记者").replace("反映", "表示").replace("认为", "指出"), "near-duplicate"),
        (STORY + "\n我们每天为读者挑选值得一读的地方新闻，也欢迎把身边的故事讲给我们听。", "near-duplicate"),
        ("近日，这篇文章引起热议，我们觉得很有意思，特地转发给大家看看。\n" + STORY, "near-duplicate"),
        (
            "河阳市的工业增长值得关注，有关部门公布的情况引发了不少讨论，企业各有各的看法。\n"
            + "\n".join(PARAGRAPHS[1:]),
            "near-duplicate",
        ),
        ("\n".join(PARAGRAPHS[:2]), "near-duplicate"),
        (PARAGRAPHS[0] + "\n" + PARAGRAPHS[4], "contained"),
        ("\n".join(PARAGRAPHS[2:4]), ""),  # a small part from the middle: too little to say
        (PARAGRAPHS[0], "contained"),
        (FLASH, "contained"),
        (
            FLASH[FLASH.index("10月") :].split("，比上")[0] + "。统计局综合科科长公冶棠认为，增速可能略有回落。",
            "contained",
        ),
        ("统计局综合科科长公冶棠认为，四季度的基数较高，增速可能略有回落，但全年完成6%的目标没有悬念。", ""),
    ],
)
def test_a_copy_is_found_and_says_by_which_rule(copy: str, rule: str) -> None:
    link = link_of(STORY, copy)
    assert (link.rule if link else "") == rule


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            NOTICE.format(code="600123", name="河阳重工", number="031"),
            NOTICE.format(code="600456", name="青川药业", number="027"),
        ),
        (NAMES_ONLY.format(name="河阳商贸"), NAMES_ONLY.format(name="青川百货")),
        (NAMES_ONLY.format(name="大河").replace("集团", ""), NAMES_ONLY.format(name="长山").replace("集团", "")),
        (
            WEATHER.format(city="河阳", day=12, sky="晴", wind="南", high=21, low=9),
            WEATHER.format(city="河阳", day=13, sky="晴", wind="南", high=22, low=9),
        ),
        (
            WEATHER.format(city="河阳", day=12, sky="晴", wind="南", high=21, low=9),
            WEATHER.format(city="青川", day=12, sky="晴", wind="南", high=24, low=11),
        ),
        (
            FUND.format(name="河阳", day=12, value=1.2345, total=2.3456, move=0.31, month=1.9, rank="37/812"),
            FUND.format(name="河阳", day=13, value=1.2401, total=2.3512, move=0.45, month=2.2, rank="31/812"),
        ),
        (STORY, FOLLOW_UP),
        ("\n".join(PARAGRAPHS[:2]), FOLLOW_UP),
        (
            STORY,
            STORY.replace("前三季度", "上半年").replace("6.3%", "5.9%").replace("87.4", "55.1").replace("315", "290"),
        ),
        (
            WEATHER.format(city="河阳", day=12, sky="晴", wind="南", high=9, low=4).replace("12日", ""),
            WEATHER.format(city="河阳", day=12, sky="晴", wind="南", high=12, low=9).replace("12日", ""),
        ),
        (WARNING.format("青川药业"), WARNING.format("河阳重工")),
        ("河阳市气象台发布大风蓝色预警。", "河阳市气象台发布大风黄色预警。"),
        ("青川药业：前三季度净利润3.2亿元，同比增长12%。", "青川药业：前三季度净利润3.2亿元，同比增长21%。"),
        (
            RELEASE.format("has ordered six battery trains for the Millbrook branch and expects them next autumn"),
            RELEASE.format("names Petra Holm, who led the rebuilding of the harbour terminal, as head of stations"),
        ),
        (STORY, "\n".join(STORY[each : each + 9] for each in range(0, len(STORY), 90))),
        (STORY, ""),
        ("", ""),
    ],
)
def test_what_only_looks_alike_stays_apart(one: str, other: str) -> None:
    assert link_of(one, other) is None


def test_one_number_corrected_in_a_long_text_is_the_same_story() -> None:
    link = link_of(STORY, STORY.replace("46家", "64家"))
    assert link is not None
    assert link.rule == "near-duplicate"


@pytest.mark.parametrize(("old", "new"), [("13.2%", "12.3%"), ("87.4亿", "84.7亿"), ("1.2亿年", "2.1亿年")])
def test_a_corrected_number_may_have_a_point_and_years_may_be_counted(old: str, new: str) -> None:
    story = STORY + "\n厂区的地下，是1.2亿年前的砂岩。"
    link = link_of(story, story.replace(old, new))
    assert link is not None
    assert link.rule == "near-duplicate"


def test_an_excerpt_from_the_middle_stands_there_word_for_word() -> None:
    whole = "\n".join([*PARAGRAPHS[:3], INSIDE, *PARAGRAPHS[3:]])
    assert link_of(whole, INSIDE) == Link("contained", 1.0)
    assert link_of(whole, INSIDE.replace("46万元", "64万元")) is None
    assert (
        link_of(whole, INSIDE.replace("厂里为此添了一套储能设备，夜里充电，白天放电", "工厂已经装了能够储电的机器"))
        is None
    )


@pytest.mark.parametrize("head", ["【{}】", "{}、", "{}日，"])
def test_an_item_of_a_round_up_is_no_excerpt(head: str) -> None:
    items = [*PARAGRAPHS[:2], INSIDE, *PARAGRAPHS[2:]]
    round_up = "\n".join(head.format(number + 11) + item for number, item in enumerate(items))
    assert link_of(round_up, INSIDE) is None


def test_a_corrected_date_is_not_told_from_the_sibling_of_another_day() -> None:
    assert link_of(STORY, STORY.replace("10月12日", "10月13日")) is None


def test_two_huge_texts_are_compared_in_a_time_that_grows_with_them() -> None:
    one = "".join(chr(0x4E00 + 7 * at % 20_000) for at in range(200_000))
    before = process_time()
    assert link_of(one, "".join(each if at % 9 else "改" for at, each in enumerate(one))) is not None
    assert process_time() - before < 5


def test_the_order_of_the_two_does_not_count() -> None:
    for copy in (FLASH, REWRITTEN_LEAD + "\n".join(PARAGRAPHS[1:]), FOLLOW_UP, TRADITIONAL):
        assert compare(STORY, copy) == compare(copy, STORY)


def test_a_page_that_names_its_original_may_share_less_but_not_nothing() -> None:
    digest = (
        PARAGRAPHS[3]
        + "\n"
        + "本刊认为，这样的资金只能解一时之急，更要紧的是帮助企业换掉陈旧的设备，打开新的销路。" * 2
    )
    assert link_of(STORY, digest) is None
    assert (link_of(STORY, digest, declared=True) or Link("", 0)).rule == "declared-original"
    assert link_of(STORY, NAMES_ONLY.format(name="河阳商贸"), declared=True) is None


def test_the_rules_in_their_order_and_the_one_that_is_only_tried() -> None:
    assert [rule.name for rule in rules_with()] == [
        "declared-original",
        "same-normalised-text",
        "near-duplicate",
        "contained",
    ]
    assert [rule.name for rule in rules_with(["same-start"])] == [rule.name for rule in RULES]
    with pytest.raises(KeyError, match="same-strat"):
        rules_with(["same-strat"])


def test_a_rule_that_is_off_decides_nothing_until_it_is_asked_for() -> None:
    other = (
        "\n".join(PARAGRAPHS[:2])
        + "\n"
        + "评论认为，数字背后更值得看的是人。"
        + "街边的小店、深夜的货车司机和车间里的师傅，各有各的难处，也各有各的盼头。" * 6
    )
    assert link_of(STORY, other) is None
    assert (link_of(STORY, other, rules=rules_with(["same-start"])) or Link("", 0)).rule == "same-start"


def test_similarity_is_what_both_share_and_of_an_excerpt_what_the_whole_has_of_it() -> None:
    assert link_of(STORY, TRADITIONAL) == Link("same-normalised-text", 1.0)
    assert link_of(STORY, FLASH) == Link("contained", 1.0)
    near = link_of(STORY, REWRITTEN_LEAD + "\n".join(PARAGRAPHS[1:]))
    assert near is not None
    assert 0.8 < near.similarity < 1
