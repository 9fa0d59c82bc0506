"""List pages as the sites build them, and what stands there on a bad day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.discovery import listing
from crawler.errors import ListError
from crawler.models import Candidate, ListPage, ListReading, Page, Precision, Source

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
NOW = datetime(2026, 1, 29, 4, 0, tzinfo=UTC)  # noon in Beijing
SECTION = ListPage("https://www.cs.com.cn/xwzx/hg/", "财经要闻")
SOURCE = Source(
    name="cs",
    title="中证网",
    home="https://www.cs.com.cn/",
    hosts=("www.cs.com.cn",),
    style="hexo",
    articles=(r"/t\d{8}_(?P<key>\d+)(?:_\d+)?\.s?html$",),
    rows=("ul.ch_type3_list li", "div.older dl"),
    row_title=("h3", "dt a"),
    row_date=("em", "dd span"),
    next_page=("a.next@href",),
)


def page(body: str | bytes, url: str = SECTION.url, charset: str = "") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(url, raw, NOW, charset)


def read(body: str | bytes, source: Source = SOURCE, url: str = SECTION.url) -> ListReading:
    return listing.read(page(body, url), source, SECTION)


def row(number: int, date: str = "2026-01-29 11:30", title: str = "利率小幅走低") -> str:
    link = f"./202601/t20260129_{number}.html"
    return f'<li><a href="{link}"><div><em>{date}</em></div><h3>{title}{number}</h3><span></span></a></li>'


def listed(*rows: str, around: str = "{}") -> str:
    return f"<html><body>{around.format('<ul class=ch_type3_list>' + ''.join(rows) + '</ul>')}</body></html>"


def keys(reading: ListReading) -> list[str]:
    return [candidate.key for candidate in reading.candidates]


def test_a_row() -> None:
    reading = read(listed(row(7)))
    (candidate,) = reading.candidates
    assert candidate == Candidate(
        source="cs",
        key="7",
        url="https://www.cs.com.cn/xwzx/hg/202601/t20260129_7.html",
        title="利率小幅走低7",
        published=candidate.published,
        section="财经要闻",
    )
    assert candidate.published is not None
    assert candidate.published.at.isoformat() == "2026-01-29T11:30:00+08:00"
    assert (candidate.published.precision, candidate.published.provenance) == (Precision.MINUTE, "list")
    assert reading == ListReading((candidate,))


def test_page_order_and_an_older_template() -> None:
    link, day = '<a href="/a/t20260128_3.shtml">旧版</a>', "<span>2026-01-28</span>"
    old = f"<div class=older><dl><dt>{link}</dt><dd>{day}</dd></dl></div>"
    assert keys(read(listed(row(9), row(8), row(7)))) == ["9", "8", "7"]
    (candidate,) = read(f"<html><body>{old}</body></html>").candidates
    assert (candidate.key, candidate.title) == ("3", "旧版")
    assert candidate.published is not None
    assert candidate.published.precision is Precision.DAY


@pytest.mark.parametrize(
    ("link", "base", "expected"),
    [
        ("./202601/t20260129_7.html", "", "https://www.cs.com.cn/xwzx/hg/202601/t20260129_7.html"),
        ("../../5g/202601/t20260129_7.html", "", "https://www.cs.com.cn/5g/202601/t20260129_7.html"),
        ("/5g/t20260129_7.html#top", "", "https://www.cs.com.cn/5g/t20260129_7.html"),
        ("//www.cs.com.cn/t20260129_7.html", "", "https://www.cs.com.cn/t20260129_7.html"),
        ("http://www.cs.com.cn/t20260129_7.html", "", "http://www.cs.com.cn/t20260129_7.html"),
        ("\n t20260129_7.html\t", "", "https://www.cs.com.cn/xwzx/hg/t20260129_7.html"),
        ("t20260129_7.html", '<base href="/gppd/">', "https://www.cs.com.cn/gppd/t20260129_7.html"),
        (
            "t20260129_7.html",
            '<base href="http://www.cs.com.cn/q/">',
            "http://www.cs.com.cn/q/t20260129_7.html",
        ),
        ("t20260129_7.html", '<base href="http://[">', "https://www.cs.com.cn/xwzx/hg/t20260129_7.html"),
        ("t20260129_7.html?a=1&amp;b=2", "", "https://www.cs.com.cn/xwzx/hg/t20260129_7.html?a=1&b=2"),
    ],
)
def test_links_are_resolved(link: str, base: str, expected: str) -> None:
    body = f"<html><head>{base}</head>" + listed(f"<li><a href='{link}'>x</a></li>")
    (candidate,) = read(body).candidates
    assert candidate.url == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<h3>行内标题</h3>", "行内标题"),
        ("甲\n  乙 &amp; 丙", "甲 乙 & 丙"),
        ("&amp;lt;b&amp;gt;粗&amp;lt;/b&amp;gt;", "粗"),
        ("<img src=x>", ""),
        ("<script>var x=1</script>题", "题"),
    ],
)
def test_titles_of_rows(inner: str, expected: str) -> None:
    (candidate,) = read(listed(f'<li><a href="t20260129_7.html">{inner}</a></li>')).candidates
    assert candidate.title == expected


@pytest.mark.parametrize(
    ("row_html", "expected"),
    [
        ('<a title="完整的长标题" href="t20260129_7.html">完整的…</a>', "完整的长标题"),
        ('<a title=" " href="t20260129_7.html">文字</a>', "文字"),
        ('<a href="t20260129_7.html"><em>11:30</em><h4>小标题</h4></a>', "小标题"),
        ('<a href="/5g/">[科技]</a><a href="t20260129_7.html">正题</a>', "正题"),
        ('<a href="t20260129_7.html"><img src=x></a><a href="t20260129_7.html">图后的题</a>', "图后的题"),
    ],
)
def test_titles_without_a_declared_selector(row_html: str, expected: str) -> None:
    (candidate,) = read(listed(f"<li>{row_html}</li>"), replace(SOURCE, row_title=())).candidates
    assert (candidate.key, candidate.title) == ("7", expected)


def test_a_row_that_is_the_link_itself_and_its_own_attributes() -> None:
    source = replace(SOURCE, rows=("div.news a",), row_title=("a@data-title",), row_date=("a@data-time",))
    body = '<div class=news><a href="/t20260129_7.html" data-title="题" data-time="2026-01-29">x</a></div>'
    (candidate,) = read(body, source).candidates
    assert (candidate.key, candidate.title) == ("7", "题")
    assert candidate.published is not None


def test_bad_rows_cost_themselves() -> None:
    reading = read(
        listed(
            row(9),
            "<li>没有链接</li>",
            '<li><a href="javascript:void(0)">x</a></li>',
            '<li><a href="mailto:desk@cs.com.cn">x</a></li>',
            '<li><a href="http://[::1/t20260129_1.html">x</a></li>',
            '<li><a href="https://mp.weixin.qq.com/s/abc">外</a></li>',
            '<li><a href="/xwzx/">栏目</a></li>',
            row(8, date="很久以前"),
        )
    )
    assert keys(reading) == ["9", "8"]
    assert (reading.skipped, reading.outside) == (4, 2)
    assert reading.candidates[1].published is None


def test_one_key_is_one_candidate() -> None:
    top = '<li><a href="t20260129_7_1.html"><img src=x></a></li>'
    reading = read(listed(top, row(8), row(7), row(7, title="另一个题")))
    assert [(c.key, c.title) for c in reading.candidates] == [("7", "利率小幅走低7"), ("8", "利率小幅走低8")]
    assert reading.candidates[0].published is not None


def test_redesigned_page_falls_back_to_the_shape_of_links() -> None:
    body = """<html><body><nav><a href="/xwzx/">要闻</a><a href="https://video.cs.com.cn/">视频</a></nav>
        <section><a href="/a/t20260129_7.html"><h2>新版面</h2></a>
        <a href="/a/t20260129_8.html" title="又一条">…</a><a href="#top">顶</a></section></body></html>"""
    reading = read(body)
    assert [(c.key, c.title, c.section) for c in reading.candidates] == [
        ("7", "新版面", "财经要闻"),
        ("8", "又一条", "财经要闻"),
    ]
    assert (reading.by_selector, reading.outside, reading.skipped) == (False, 2, 1)


def test_a_source_without_rows_reads_by_shape_on_purpose() -> None:
    reading = read('<a href="/t20260129_7.html">题</a>', replace(SOURCE, rows=()))
    assert (keys(reading), reading.by_selector) == (["7"], True)


def test_a_page_without_articles_is_an_empty_reading() -> None:
    assert read("<html><body><p>维护中</p></body></html>") == ListReading((), by_selector=False)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a class=next href="index_1.html">下一页</a>', "https://www.cs.com.cn/xwzx/hg/index_1.html"),
        (
            '<a class=next href="http://cs.com.cn/xwzx/hg/index_1.html">',
            "http://cs.com.cn/xwzx/hg/index_1.html",
        ),
        ('<a class=next href="javascript:go(2)">下一页</a>', ""),
        ('<a class=next href="#">下一页</a>', ""),
        ('<a class=next href="https://www.cs.com.cn/xwzx/hg/">下一页</a>', ""),
        ('<a class=next href="https://evil.example/2">下一页</a>', ""),
        (
            '<a class=next href="#"></a><a class=next href="index_2.html">',
            "https://www.cs.com.cn/xwzx/hg/index_2.html",
        ),
        ("", ""),
    ],
)
def test_next_page(link: str, expected: str) -> None:
    assert read(listed(row(7), around="{}" + link)).next_url == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the list answered with nothing, not a page"),
        (b" \r\n ", "the list answered with nothing, not a page"),
        (b'{"code":1,"html":"<li>"}', "the list answered with JSON, not a page"),
        (b'cb({"list":[]})', "the list answered with JSON, not a page"),
        (b"%PDF-1.7 <a href=x>", "the list answered with a PDF, not a page"),
        (b"\x89PNG\r\n\x1a\n<a ", "the list answered with an image, not a page"),
        (b"\x1f\x8b\x08\x00", "the list answered with compressed data, not a page"),
        (b"Bad Gateway", "the list answered with text, not a page"),
        (b'<?xml version="1.0"?><rss version="2.0"></rss>', "the list answered with a feed, not a page"),
    ],
)
def test_what_is_no_page(body: bytes, reason: str) -> None:
    with pytest.raises(ListError) as caught:
        read(body)
    assert str(caught.value) == reason


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_the_declaration_may_lie(encoding: str) -> None:
    body = listed(row(7, title="两市成交放量，多家机构上调预期"), around='<meta charset="gb2312">{}')
    (candidate,) = listing.read(page(body.encode(encoding), charset="ISO-8859-1"), SOURCE, SECTION).candidates
    assert candidate.title == "两市成交放量，多家机构上调预期7"


def test_deep_and_broken_markup() -> None:
    body = (
        '<?xml version="1.0" encoding="gbk"?><div>'
        + "<div>" * 300
        + listed(row(7), "<li><a href=t20260129_8.html>开口")
    )
    assert keys(read(body)) == ["7", "8"]


def test_a_row_dated_by_hours_ago() -> None:
    (candidate,) = read(listed(row(7, date="2小时前"))).candidates
    assert candidate.published is not None
    assert candidate.published.at.isoformat() == "2026-01-29T10:00:00+08:00"


@pytest.mark.skipif(not (SHARED / "captures").is_dir(), reason="the captures are not on this machine")
def test_a_real_list_page() -> None:
    body = (SHARED / "captures/cs/cs_list_zzkx.html").read_bytes()
    entry = ListPage("http://www.cs.com.cn/sylm/jsbd/", "中证快讯")
    reading = listing.read(Page(entry.url, body, NOW), SOURCE, entry)
    assert len(reading.candidates) == 45
    assert all(c.title and c.published and c.published.day.isoformat() == "2020-12-01" for c in reading.candidates)
    assert (reading.by_selector, reading.skipped, reading.outside) == (True, 0, 0)
