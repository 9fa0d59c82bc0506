"""What a reprint changes without changing the story is folded or dropped; what is told stays, numbers above all."""

from __future__ import annotations

from time import process_time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dedup.han import simplified
from crawler.dedup.normal import normalise
from crawler.dedup.numerals import arabic, numbers_in
from crawler.dedup.sketch import KEY_BITS, NUMBERS, SAMPLE, VERSION, are_siblings, sketch

TOLD = "河阳市前三季度工业增加值同比增长，装备制造业是主要拉动力，出口交货值也有增长。"
BARE = "河阳市前3季度工业增加值同比增长装备制造业是主要拉动力出口交货值也有增长"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("三千五百万元", "3500万元"),
        ("3,500万元", "35000000元"),
        ("0.35亿元", "3500万元"),
        ("二〇二六年十月十二日", "2026年10月12日"),
        ("百分之三点五", "3.5%"),
        ("百分之3.50", "3.5%"),
        ("三点五万亿元", "35000亿元"),
        ("一万二千三百四十五人", "12345人"),
        ("三万五", "35000"),
        ("五千零二十六户", "5026户"),
        ("两名", "2名"),
        ("超过三成，三分之一，千分之五", "超过30%，1/3，5‰"),
        ("10月1\u200b2日，增\ufeff长6.3%", "10月12日，增长6.3%"),
        ("零下5℃，120㎡，30km", "零下5摄氏度，120平方米，30千米"),
        ("在 10 月 12 日，投资 3500 万元，增长 6.3 %", "在10月12日，投资3500万元，增长6.3%"),
        ("6．3%，6。3%，6·3%", "6.3%，6.3%，6.3%"),
        ("加快零点四个百分点", "加快0.4个百分点"),
        ("百分之零点五", "0.5%"),
        ("第三，第十，第十二", "第3，第10，第12"),
        ("二零二六年，二〇三〇年", "2026年，2030年"),
        ("十个", "10个"),
        ("1千元", "1000元"),
        ("超过三成一，两成", "超过31%，20%"),
        ("占七成。一套", "占70%。1套"),
        ("百分之六。二〇二六年", "6%。2026年"),
        ("二百二十千伏，四百五十万千瓦，五千天", "220千伏，450万千瓦，5千天"),
        ("三块二毛，六元八角五分", "3.2元，6.85元"),
    ],
)
def test_a_number_is_one_however_it_is_written(raw: str, expected: str) -> None:
    assert normalise(raw) == normalise(expected)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("统一", "统1"),
        ("十四五规划", "十四五规划"),
        ("三点二十分", "3点20分"),
        ("三点一刻", "3点1刻"),
        ("千万不要", "千万不要"),
        ("百度", "百度"),
        ("零售", "0售"),
    ],
)
def test_a_word_that_holds_a_numeral_is_read_as_it_is_on_both_sides(word: str, expected: str) -> None:
    assert arabic(word) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上涨0.3%，2024年", "上涨0.32024年"),
        ("1.5元", "15元"),
        ("3500万元", "350万元"),
        ("12、13号", "1213号"),
        ("12 13号", "1213号"),
        ("10月12日", "10月13日"),
    ],
)
def test_two_numbers_stay_two(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_the_numbers_of_a_text_in_their_order() -> None:
    assert numbers_in(arabic("3家企业投资1.2亿元，增长6.3%")) == ("3", "12\u01c37", "6\u01c03")


@pytest.mark.parametrize(
    "line",
    [
        "河阳社河阳10月12日电（记者 东方琢、闻人谦）" + TOLD,
        "河新网10月12日电 (记者 东方琢)" + TOLD,
        "河新社河阳10月12日电 " + TOLD,
        "本报讯（记者 东方琢）" + TOLD,
        "据河阳台报道，" + TOLD,
        "河阳新闻客户端消息：" + TOLD,
        "大河财经APP获悉，" + TOLD,
        "（记者 东方琢 通讯员 闻人谦）" + TOLD,
        "本报记者 东方琢 河阳报道\n" + TOLD,
        "作者：东方琢\n" + TOLD,
        "文/东方琢\n" + TOLD,
        "2026-10-12 08:30:00 来源：河阳日报\n" + TOLD,
        "【河阳工业增长】" + TOLD,
        "编者按：河阳的做法值得一看，现将全文转载如下，供各地参考。\n" + TOLD,
        "【编者按】河阳的做法值得一看。\n" + TOLD,
        "核心提示：河阳工业增长。\n" + TOLD,
        TOLD + "（记者 东方琢）",
        TOLD + "（完）",
        TOLD + "【编辑:闻人谦】",
        TOLD + "（文章来源：河阳日报）（责任编辑：闻人谦）",
        TOLD + "\n责任编辑：闻人谦",
        TOLD + "\n原标题：河阳工业增长",
        TOLD + "\n免责声明：本文仅代表作者观点，不构成投资建议，据此操作风险自负。",
        TOLD + "\n未经授权，不得转载。",
        TOLD + "\n扫描二维码关注公众号",
        TOLD + "\n上一篇：青川召开会议\n下一篇：青川发布预报",
        TOLD + "\n相关阅读",
        TOLD + "\n分享到：\n打印\n收藏",
        TOLD + "\n© 2026 河阳日报",
        TOLD + "\n点赞 收藏 举报 上一篇 下一篇 热点推荐 返回顶部",
        "发布时间 阅读次数：1024 次 我要评论（36）\n" + TOLD,
        "打开客户端，阅读体验更佳。已有 3.2 万人参与讨论\n" + TOLD,
        TOLD + "\n相关阅读：\n青川港吞吐量创新高\n\n2026年的房租又变了",
        TOLD + "\n关于河阳重工：河阳重工成立于2003年，总部位于河阳，产品销往十九个国家。",
    ],
)
def test_who_brings_it_is_no_part_of_the_story(line: str) -> None:
    assert normalise(line).text == BARE


@pytest.mark.parametrize(
    "line",
    [
        "记者从河阳市统计局获悉的消息",
        "时间过去了三年",
        "报告指出，网络销售增长，电商平台的消息也证实了这一点",
        "转载他人作品应当付酬",
        "编辑出版是一门手艺",
        "点击率不再是唯一的标准",
        "风险提示制度从明年起实行",
        "分享经济正在改变出行",
        "来源广泛的样本更可靠",
        "关于下一步的工作：要抓好落实",
        "评论认为，收藏市场已经回暖",
    ],
)
def test_a_sentence_that_begins_with_such_a_word_stays(line: str) -> None:
    told = normalise(TOLD + "\n" + line + "。\n" + TOLD).text
    assert told == BARE + normalise(line).text + BARE
    assert len(normalise(line).text) > 5


def test_a_text_that_is_nothing_but_such_lines_is_compared_as_it_is() -> None:
    assert normalise("责任编辑：闻人谦\n来源：河阳日报").text == "责任编辑闻人谦来源河阳日报"


def test_the_headlines_under_related_reading_end_where_a_sentence_begins() -> None:
    assert normalise("相关阅读\n青川召开会议\n" + TOLD).text == BARE


@pytest.mark.parametrize(
    ("item", "is_digest"),
    [
        ("【青川】青川召开会议。", True),
        ("2、青川召开会议。", True),
        ("13日，青川召开会议。", True),
        ("青川召开会议。", False),
    ],
)
def test_a_round_up_is_known_by_the_heads_of_its_items(item: str, is_digest: bool) -> None:
    assert normalise("\n".join([TOLD, *[item] * 4])).is_digest == is_digest


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("臺灣與後來的發展", "台湾与后来的发展"),
        ("體育頻道轉播", "体育频道转播"),
        ("經濟參考報的記者説", "经济参考报的记者说"),
        ("简体的字不变", "简体的字不变"),
    ],
)
def test_traditional_characters_are_simplified(raw: str, expected: str) -> None:
    assert simplified(raw) == expected


def test_the_same_text_twice_costs_once() -> None:
    normalise.cache_clear()
    for _ in range(3):
        sketch(TOLD)
        normalise(TOLD)
    assert (normalise.cache_info().misses, normalise.cache_info().hits) == (1, 5)


@given(st.text(max_size=400))
def test_any_text_has_a_normal_form_and_a_sketch(text: str) -> None:
    bare = normalise(text).text
    assert normalise(normalize("NFKC", text)).text == bare
    assert all(each.isalnum() for each in bare)
    made = sketch(text)
    assert len(made.keys) <= SAMPLE + 5
    assert all(0 <= key < 1 << KEY_BITS for key in made.keys)
    assert len(made.numbers) <= NUMBERS


@pytest.mark.parametrize(
    "text",
    [
        "一" + "亿" * 100_000,
        "9" * 200_000 + "亿",
        "(" * 100_000,
        "完 " * 50_000,
        "1," * 100_000,
        "社报台" * 50_000 + "电",
        "1元" * 100_000,
    ],
)
def test_a_hostile_text_takes_no_longer_than_any_other_of_its_length(text: str) -> None:
    before = process_time()
    assert sketch(text) == sketch(text + "\n")
    assert process_time() - before < 4


def test_a_sketch_is_the_same_for_ever() -> None:
    """If this fails, VERSION has to be raised: stored sketches would no longer be met."""
    made = sketch(TOLD * 2 + "完成出口交货值87.4亿元，增长13.2%，从260名增加到315名，6.3%。")
    assert VERSION == 1
    assert [f"{key:09x}" for key in made.keys] == [
        *("95618dd83", "21c219e93", "0fdb26a6b", "9e1491953", "a8d19b747"),
        *("a56f7f260", "31220bbca", "d591ebeda", "ee2cc3a88", "5437e2948"),
        *("6573310f3", "88c3832a7", "9dd7ee934", "a0b85009d"),
    ]


def test_yesterdays_prices_and_todays_are_told_apart_without_a_look_at_the_texts() -> None:
    sheet = TOLD * 6 + "白菜{}元，萝卜{}元，芹菜{}元，菠菜{}元。"
    one, other = (
        sketch(sheet.format("3.21", "4.56", "7.89", "6.54")),
        sketch(sheet.format("3.31", "4.66", "7.99", "6.64")),
    )
    assert are_siblings(one, other)
    assert not are_siblings(one, sketch("编者按：转载。\n" + sheet.format("3.21", "4.56", "7.89", "6.54") + TOLD[::-1]))
    assert not are_siblings(one, sketch(TOLD))
