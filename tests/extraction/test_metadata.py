"""Title, time, people, medium, section, original: what a page says, and where it says it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.extraction.content.headline import without_site
from crawler.extraction.lines import byline, names
from crawler.extraction.page import extract
from crawler.models import Candidate, Extraction, Moment, Page, Precision, Source

URL = "https://news.example.cn/yw/3001.html"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
TITLE = "南湖大桥主体合龙 年底通车"
TEXT = "<p>南湖大桥主体昨天合龙，全长两千一百米，预计今年年底通车，届时两岸车程缩短一半。</p><p>工程负责人说，1998年的老桥将改作步行桥，二〇二七年开放。</p>"
END = "<div class='foot'>版权所有 © 2019-2025 青禾在线</div>"


def extracted(
    body: str, head: str = "", candidate: Candidate | None = None, *, url: str = URL, **declared: Any
) -> Extraction:
    markup = f"<html><head><title>{TITLE}_要闻_青禾在线</title>{head}</head><body>{body}{END}</body></html>"
    source = None
    if declared:
        source = Source("qh", "青禾在线", "https://news.example.cn/", ("news.example.cn",), "jekyll", **declared)
    return extract(Page(url, markup.encode(), NOW), source, candidate)


def page(info: str = "", *, text: str = TEXT, after: str = "") -> str:
    return f"<h1>{TITLE}</h1><div class='info'>{info}</div><div class='text'>{text}</div>{after}"


def told(found: Extraction) -> tuple[str, str, str]:
    """Time, precision, evidence."""
    moment = found.published
    if moment is None:
        return ("", "", "")
    return (moment.at.strftime("%Y-%m-%d %H:%M:%S%z"), moment.precision.value, found.evidence["published"])


def listed(at: datetime | None = None, precision: Precision = Precision.MINUTE, **fields: Any) -> Candidate:
    published = Moment(at, precision, "list") if at else None
    return Candidate("qh", "3001", URL, published=published, **fields)


# --- title ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "body", "title", "evidence"),
    [
        ("", f"<h1>{TITLE}</h1>", TITLE, "heading"),
        ("", f"<h2>今日要闻</h2><h1>青禾在线</h1><h3>{TITLE}</h3>", TITLE, "heading"),
        ("", f"<h1><a href='/'>青禾在线</a></h1><div class='article-title'>{TITLE}</div>", TITLE, "heading"),
        ("", f"<aside><h2>{TITLE}</h2></aside><h1>{TITLE}</h1>", TITLE, "heading"),
        ("", "<h1>全新首页 焕新登场</h1>", "全新首页 焕新登场", "heading"),
        ("", "<h1>甲</h1><h1>乙</h1>", TITLE, "title"),
        (
            "<meta property='og:title' content='南湖大桥主体合龙，年底通车 - 青禾在线'>",
            "",
            "南湖大桥主体合龙，年底通车",
            "meta:og:title",
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"大桥合龙记"}</script>'
            "<meta property='og:title' content='另一个题目'>",
            "",
            "大桥合龙记",
            "json-ld",
        ),
        ("", f"<h1>{TITLE} &amp;amp; <b>路</b></h1>", f"{TITLE} & 路", "heading"),
    ],
)
def test_the_title(head: str, body: str, title: str, evidence: str) -> None:
    found = extracted(f"{body}<div class='text'>{TEXT}</div>", head)
    assert (found.title, found.evidence["title"]) == (title, evidence)


def test_a_declared_headline_comes_first() -> None:
    found = extracted(f"<h1>{TITLE}</h1><b id='main'>合龙</b>{TEXT}", headline=("#none", "#main"))
    assert (found.title, found.evidence["title"]) == ("合龙", "declared:#main")


def test_og_title_that_ends_at_an_inner_quote_is_not_believed() -> None:
    markup = (
        '<html><head><title>专家："慢一点"才能走远_青禾在线</title>'
        '<meta property="og:title" content="专家："慢一点"才能走远"></head>'
        f"<body><div>{TEXT}</div></body></html>"
    )
    assert extract(Page(URL, markup.encode(), NOW)).title == '专家："慢一点"才能走远'


def test_the_lists_title_is_the_last_resort_and_helps_to_find_the_heading() -> None:
    bare = f"<html><body><div>{TEXT}</div></body></html>".encode()
    found = extract(Page(URL, bare, NOW), None, listed(title="大桥合龙"))
    assert (found.title, found.evidence["title"]) == ("大桥合龙", "list")
    two = f"<html><head><title>青禾在线</title></head><body><h1>青禾</h1><h1>大桥合龙</h1><div>{TEXT}</div></body></html>".encode()
    found = extract(Page(URL, two, NOW), None, listed(title="大桥合龙"))
    assert (found.title, found.evidence["title"]) == ("大桥合龙", "heading")


@pytest.mark.parametrize(
    ("whole", "site", "title"),
    [
        ("大桥合龙_要闻_青禾网", "", "大桥合龙"),
        ("大桥合龙-青禾网", "", "大桥合龙"),
        ("大桥合龙 - 青禾在线", "", "大桥合龙"),
        ("大桥合龙--当地商报", "", "大桥合龙"),
        ("大桥合龙|青禾", "", "大桥合龙"),
        ("大桥合龙_青禾日报", "", "大桥合龙"),
        ("大桥-隧道齐开工", "", "大桥-隧道齐开工"),
        ("K-POP 来了", "", "K-POP 来了"),
        ("专访|大桥设计者谈合龙前后的一百天", "", "专访|大桥设计者谈合龙前后的一百天"),
        ("青禾网", "青禾网", "青禾网"),
        ("A bridge is closed - The Example Times", "", "A bridge is closed"),
        ("Example | A bridge is closed", "Example", "A bridge is closed"),
        ("一_二", "", "一_二"),
        ("", "", ""),
    ],
)
def test_site_names_are_cut_off(whole: str, site: str, title: str) -> None:
    assert without_site(whole, site) == title


# --- time -----------------------------------------------------------------------------

MINUTE = ("2026-10-11 09:30:00+0800", "minute")
DAY = ("2026-10-11 00:00:00+0800", "day")


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("", page("2026-10-11 09:30 来源：青禾日报"), (*MINUTE, "byline")),
        ("", page("来源：青禾日报 2026年10月11日 09:30"), (*MINUTE, "byline")),
        ("", page("2026-10-11"), (*DAY, "byline")),
        ("", f"<div>2026-10-11 09:30</div><h1>{TITLE}</h1><div>{TEXT}</div>", (*MINUTE, "byline")),
        (
            "",
            page("<span>2026</span> <span><em>10</em>/<em>11</em></span> <span>09:30</span>"),
            (*MINUTE, "byline"),
        ),
        ("", page(after="<div>发布日期：2026-10-11 09:30</div>"), (*MINUTE, "byline")),
        ("<meta name='publishdate' content='2026-10-11'>", page(), (*DAY, "meta:publishdate")),
        ("<meta name='publishdate' content='2026-10-11'>", page("2026-10-11 09:30"), (*MINUTE, "byline")),
        (
            "<meta name='publishdate' content='2026-10-11'>",
            page("2026-10-10 09:30"),
            (*DAY, "meta:publishdate"),
        ),
        (
            "<meta property='article:published_time' content='2026-10-11T01:30:15Z'>",
            page("2026-10-11 09:30"),
            ("2026-10-11 09:30:15+0800", "second", "meta:article:published_time"),
        ),
        (
            "<meta name='apub:time' content='2026-10-11 21:00:00'>",
            page("2026-10-11 09:30"),
            (*MINUTE, "byline"),
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-10-10T17:30:00Z"}</script>',
            page(),
            ("2026-10-11 01:30:00+0800", "second", "json-ld"),
        ),
        (
            "<meta itemprop='dateUpdate' content='2026-10-11 09:30:00'>",
            page("发布时间：10-11 09:30"),
            ("2026-10-11 09:30:00+0800", "second", "byline+changed"),
        ),
        ("<meta itemprop='dateUpdate' content='2026-10-11 09:30:00'>", page(), ("", "", "")),
        ("", page(after="<div>2020-08-27 20:40 另一条消息</div>"), ("", "", "")),
        ("", page(), ("", "", "")),
        ("", f"<div>今天是2026年10月12日 星期一</div>{page()}", ("", "", "")),
    ],
)
def test_when_it_was_published(head: str, body: str, expected: tuple[str, str, str]) -> None:
    assert told(extracted(body, head)) == expected


def test_the_day_in_the_address_is_the_last_resort() -> None:
    assert told(extracted(page(), url="https://news.example.cn/2026-10/11/c_1.htm")) == (*DAY, "url")
    assert told(extracted(page("2026-10-11 09:30"), url="https://news.example.cn/2026-10/11/c_1.htm")) == (
        *MINUTE,
        "byline",
    )


@pytest.mark.parametrize(
    ("info", "at", "precision", "expected"),
    [
        ("2026-10-11", datetime(2026, 10, 11, 9, 30, tzinfo=ZONE), Precision.MINUTE, (*MINUTE, "list")),
        (
            "2026-10-11 09:30",
            datetime(2026, 10, 11, 9, 30, 5, tzinfo=ZONE),
            Precision.SECOND,
            ("2026-10-11 09:30:05+0800", "second", "list"),
        ),
        (
            "2026-10-11 09:30",
            datetime(2026, 10, 11, 11, 0, 5, tzinfo=ZONE),
            Precision.SECOND,
            (*MINUTE, "byline"),
        ),
        (
            "2026-10-11",
            datetime(2026, 10, 12, 9, 30, tzinfo=ZONE),
            Precision.MINUTE,
            ("2026-10-12 09:30:00+0800", "minute", "list"),
        ),
        ("", datetime(2026, 10, 11, 9, 30, tzinfo=ZONE), Precision.MINUTE, (*MINUTE, "list")),
    ],
)
def test_page_and_list_together(info: str, at: datetime, precision: Precision, expected: tuple[str, str, str]) -> None:
    assert told(extracted(page(info), candidate=listed(at, precision))) == expected


@pytest.mark.parametrize(
    ("markup", "selectors", "expected"),
    [
        ("<i class='t'>发布：2026-10-11 09:30</i>", (".t",), (*MINUTE, "declared:.t")),
        (
            "<i class='t'>来源：青禾</i><i class='t'>2026年10月11日 09:30</i>",
            (".t",),
            (*MINUTE, "declared:.t"),
        ),
        (
            "<i class='t'>2026</i><i class='t'>10/11</i><i class='t'>09:30</i>",
            (".t",),
            (*MINUTE, "declared:.t"),
        ),
        (
            "<time datetime='2026-10-11 09:30'>昨天</time>",
            ("time@datetime",),
            (*MINUTE, "declared:time@datetime"),
        ),
        ("<i class='new'>2026-10-11 09:30</i>", (".old", ".new"), (*MINUTE, "declared:.new")),
    ],
)
def test_declared_times(markup: str, selectors: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    head = "<meta name='publishdate' content='2026-10-01'>"
    assert told(extracted(page() + markup, head, published=selectors)) == expected


# --- people ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("作者：张晓明", ("张晓明",)),
        ("作者：王 博", ("王博",)),
        ("作者 | 张晓明", ("张晓明",)),
        ("记者 张晓明 李丽", ("张晓明", "李丽")),
        ("本报记者 张晓明、李丽 青禾报道", ("张晓明", "李丽")),
        ("见习记者 何方 记者 田野", ("何方", "田野")),
        ("通讯员 王五 记者 赵六", ("王五", "赵六")),
        ("（记者 程禾）", ("程禾",)),
        ("青禾晚报记者 吴家明", ("吴家明",)),
        ("文/李明亮", ("李明亮",)),
        ("【文/某某专栏作者 王文】", ("王文",)),
        ("采写：张晓 李丽", ("张晓", "李丽")),
        ("执笔/刀哥、胡一刀", ("刀哥", "胡一刀")),
        ("青禾晚报 | 2026年10月11日 | 陈小禾", ("陈小禾",)),
        ("2026-10-11 09:30 来源：青禾日报网\u2002张晓明".replace("\u2002", " "), ("张晓明",)),
        ("（作者：方敏，系青禾大学经济学院教授）", ("方敏",)),
        ("作者：某某研究院院长、研究员徐占", ("徐占",)),
        ("作者：约翰·米勒", ("约翰·米勒",)),
        ("作者：Ada Lane", ("Ada Lane",)),
        ("作者：张晓明 责任编辑：李丽", ("张晓明",)),
        ("作者：李丽 责任编辑：李丽", ()),
        ("责任编辑：李丽", ()),
        ("编辑 李丽", ()),
        ("作者：本站编辑", ()),
        ("作者：未知", ()),
        ("记者获悉相关情况", ()),
        ("来源：青禾日报 分享", ()),
        ("来源：青禾日报 要闻", ()),
        ("字号 大中小", ()),
    ],
)
def test_authors_in_a_byline(line: str, people: tuple[str, ...]) -> None:
    assert byline.authors_in_lines([line]) == people


@pytest.mark.parametrize(
    ("first", "last", "people"),
    [
        ("青禾网讯（记者 程禾）10月11日，大桥合龙。", "", ("程禾",)),
        ("某某社青禾10月11日电（记者张晓明、李丽）大桥", "", ("张晓明", "李丽")),
        ("某某社青禾10月11日电（刘艺、杨吉）大桥", "", ("刘艺", "杨吉")),
        ("本报记者 王小明 近日在工地采访。", "", ("王小明",)),
        ("央视记者在现场看到，大桥合龙。", "", ()),
        ("", "全年任务完成。（记者 张晓明 李丽）", ("张晓明", "李丽")),
        ("", "全年任务完成。（王五）", ("王五",)),
        ("", "数据如下。（单位：亿元）", ()),
        ("", "故事还长。（完）", ()),
        ("", "图为大桥。（资料图）", ()),
    ],
)
def test_authors_in_the_prose(first: str, last: str, people: tuple[str, ...]) -> None:
    assert byline.authors_in_prose([first] if first else [], [last] if last else []) == people


@pytest.mark.parametrize(
    ("name", "is_person"),
    [
        ("张三", True),
        ("欧阳小明", True),
        ("方 敏", False),
        ("来源", False),
        ("编辑", False),
        ("青禾日报", False),
        ("高峰期间", False),
        ("阿依·古丽", True),
        ("A", False),
    ],
)
def test_who_is_a_person(name: str, is_person: bool) -> None:
    assert names.is_person(name) is is_person


@pytest.mark.parametrize(
    ("body", "head", "declared", "people", "evidence"),
    [
        (page("记者 张晓明"), "", {}, ("张晓明",), "byline"),
        (page(text=TEXT.replace("<p>南湖", "<p>青禾网讯（记者 程禾）南湖", 1)), "", {}, ("程禾",), "lead"),
        (page(text=f"{TEXT}<p>（记者 程禾）</p>"), "", {}, ("程禾",), "byline"),
        (
            page("记者 张晓明") + "<i class='a'>作者：田野</i>",
            "",
            {"author": (".a",)},
            ("田野",),
            "declared:.a",
        ),
        (page("记者 张晓明") + "<i class='a'></i>", "", {"author": (".a",)}, ("张晓明",), "byline"),
        (page(), "<meta name='author' content='青禾在线'>", {}, (), ""),
        (
            page(),
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","author":{"name":"青禾在线"}}</script>',
            {},
            (),
            "",
        ),
    ],
)
def test_authors_of_a_page(
    body: str, head: str, declared: dict[str, Any], people: tuple[str, ...], evidence: str
) -> None:
    found = extracted(body, head, **declared)
    assert (found.authors, found.evidence.get("authors", "")) == (people, evidence)


def test_authors_of_a_western_page() -> None:
    text = "<p>The bridge over the lake was closed on Sunday, two years late and over budget, the city said.</p>" * 3
    body = f"<h1>The bridge is closed at last</h1><p class='by'>By Ada Lane and Bo Hill</p><div>{text}</div>"
    markup = f"<html lang='en'><head><title>The bridge is closed at last</title></head><body>{body}</body></html>"
    assert extract(Page(URL, markup.encode(), NOW)).authors == ("Ada Lane", "Bo Hill")
    meta = markup.replace("<head>", "<head><meta name='author' content='Cy Young'>")
    assert extract(Page(URL, meta.encode(), NOW)).authors == ("Cy Young",)


# --- medium, section, original, language --------------------------------------------------


@pytest.mark.parametrize(
    ("line", "medium"),
    [
        ("来源：青禾日报", "青禾日报"),
        ("来源： 中国青禾报·青禾网 2026-10-11", "中国青禾报·青禾网"),
        ("（文章来源：青禾新闻）", "青禾新闻"),
        ("本文转载自青禾周刊", "青禾周刊"),
        ("2026-10-11 来源:青禾日报 作者:张三", "青禾日报"),
        ("来源：《青禾日报》（2026年10月11日）", "《青禾日报》"),
        ("稿源：青禾晚报客户端", "青禾晚报客户端"),
        ("本文来源于 青禾商报 2026-10-11 09:47:48", "青禾商报"),
        ("来源：网络", ""),
        ("来源：", ""),
        ("来源：https://example.org/a", ""),
        ("资金来源：自筹", ""),
        ("信息来源于网络", ""),
    ],
)
def test_the_medium_in_a_line(line: str, medium: str) -> None:
    assert byline.medium_in([line]) == medium


@pytest.mark.parametrize(
    ("body", "declared", "medium", "evidence"),
    [
        (page("来源：青禾日报"), {}, "青禾日报", "byline"),
        (page("2026-10-11 09:30 青禾日报"), {}, "青禾日报", "byline"),
        (page("2026-10-11 09:30 热闹非凡"), {}, "", ""),
        (page(text=f"{TEXT}<p>（文章来源：青禾日报）</p>"), {}, "青禾日报", "byline"),
        (
            page() + "<img class='m' alt='青禾日报' src='/l.png'>",
            {"medium": ("img.m@alt",)},
            "青禾日报",
            "declared:img.m@alt",
        ),
        (
            page() + "<i class='m'>2026-10-11 09:30\u2002\u2002来源：青禾日报网\u2002张晓明</i>",
            {"medium": (".m",)},
            "青禾日报网",
            "declared:.m",
        ),
        (page() + "<i class='m'>青禾日报网\xa0张晓明</i>", {"medium": (".m",)}, "青禾日报网", "declared:.m"),
        (f"<ul><li><a>来源</a></li><li><a>首页</a></li></ul>{page()}", {}, "", ""),
    ],
)
def test_the_medium_of_a_page(body: str, declared: dict[str, Any], medium: str, evidence: str) -> None:
    found = extracted(body, **declared)
    assert (found.medium, found.evidence.get("medium", "")) == (medium, evidence)


@pytest.mark.parametrize(
    ("crumbs", "selector", "section"),
    [
        ("<div class='c'><a>首页</a>&gt;<a>要闻</a>&gt;<a>正文</a></div>", ".c a", "要闻"),
        ("<div class='c'>当前位置：<a>首页</a> &gt; <a>财经</a> &gt; <a>基金</a></div>", ".c", "基金"),
        ("<div class='c'><a>首页</a></div>", ".c a", ""),
    ],
)
def test_the_section_is_the_last_crumb(crumbs: str, selector: str, section: str) -> None:
    assert extracted(crumbs + page(), section=(selector,)).section == section


@pytest.mark.parametrize(
    ("body", "declared", "original"),
    [
        (page(text=f"{TEXT}<p>文章来源: https://example.org/p/7?a=1</p>"), {}, "https://example.org/p/7?a=1"),
        (
            page(text=f"{TEXT}<p>文章来源: <a href='https://example.org/long/7'>https://example.org/lo…</a></p>"),
            {},
            "https://example.org/long/7",
        ),
        (
            page() + "<a class='o' href='/jump/7'>查看原文</a>",
            {"original": ("a.o",)},
            "https://news.example.cn/jump/7",
        ),
        (
            page() + "<a class='o' href='/jump/7'>查看原文</a>",
            {"original": ("a.o@href",)},
            "https://news.example.cn/jump/7",
        ),
        (
            page() + "<p class='o'>来源：https://example.org/p/7</p>",
            {"original": (".o",)},
            "https://example.org/p/7",
        ),
        (page() + "<a class='o' href='javascript:x'>查看原文</a>", {"original": ("a.o",)}, ""),
        (page(text=f"{TEXT}<p>详见 https://example.org/p/7 的报道，内容更多。</p>"), {}, ""),
    ],
)
def test_the_address_of_the_original(body: str, declared: dict[str, Any], original: str) -> None:
    assert extracted(body, **declared).original_url == original


def test_fields_that_only_the_list_knows() -> None:
    candidate = listed(section="要闻", medium="青禾日报", authors=("张晓明",))
    found = extracted(page(), candidate=candidate)
    assert (found.section, found.medium, found.authors) == ("要闻", "青禾日报", ("张晓明",))
    assert {name: found.evidence[name] for name in ("section", "medium", "authors")} == dict.fromkeys(
        ("section", "medium", "authors"), "list"
    )


@pytest.mark.parametrize(
    ("lang", "text", "language"),
    [
        ("en", "大桥主体昨天合龙，全长两千一百米，预计今年年底通车。", "zh"),
        ("", "大桥主体昨天合龙，全长两千一百米，预计今年年底通车。", "zh"),
        ("zh-CN", "The bridge over the lake was closed on Sunday, two years late, the city said.", ""),
        ("en-US", "The bridge over the lake was closed on Sunday, two years late, the city said.", "en"),
        ("", "The bridge over the lake was closed on Sunday, two years late, the city said.", ""),
    ],
)
def test_the_language_is_that_of_the_text(lang: str, text: str, language: str) -> None:
    markup = f"<html lang='{lang}'><head><title>大桥合龙</title></head><body><h1>大桥合龙</h1><div><p>{text}</p></div></body></html>"
    assert extract(Page(URL, markup.encode(), NOW)).language == language
