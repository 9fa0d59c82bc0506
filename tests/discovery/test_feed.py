"""Feeds as they are served: three dialects, broken, cut off, hostile, and things that are none."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.discovery import feed
from crawler.errors import ListError
from crawler.models import Candidate, ListPage, ListReading, Page, Precision, Source

NOW = datetime(2026, 5, 16, 12, 0, tzinfo=UTC)
ENTRY = ListPage("https://www.4hou.com/feed", "最新", kind="feed")
SOURCE = Source(
    name="4hou",
    title="嘶吼",
    home="https://www.4hou.com/",
    hosts=("www.4hou.com",),
    style="archive",
    articles=(r"/posts/(?P<key>[0-9A-Za-z]{4})$",),
    key_is_case_sensitive=True,
)
URL = "https://www.4hou.com/posts/"


def read(body: str | bytes, charset: str = "") -> ListReading:
    raw = body.encode() if isinstance(body, str) else body
    return feed.read(Page(ENTRY.url, raw, NOW, charset), SOURCE, ENTRY)


def item(key: str = "r7GB", title: str = "勒索软件年度观察", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{URL}{key}</link>{more}</item>"


def rss(*items: str, root: str = 'rss version="2.0"', before: str = "") -> str:
    return f"{before}<{root}><channel><title>嘶吼</title>{''.join(items)}</channel></rss>"


def keys(reading: ListReading) -> list[str]:
    return [candidate.key for candidate in reading.candidates]


def only(body: str | bytes) -> Candidate:
    (candidate,) = read(body).candidates
    return candidate


RSS = rss(
    item(
        more="<pubDate>Sat, 16 May 2026 10:30:00 +0800</pubDate><author>desk@4hou.com (田野)</author>"
        "<category>漏洞</category><category>新闻</category>"
        '<enclosure url="/cover.jpg" type="image/jpeg" length="1"/><source url="http://x">晨报</source>'
    )
)
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>嘶吼</title></channel>
<item rdf:about="{URL}r7GB"><title>勒索软件年度观察</title><link>{URL}r7GB</link>
<dc:date>2026-05-16T10:30:00+08:00</dc:date><dc:creator>田野</dc:creator><dc:subject>漏洞</dc:subject></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://www.4hou.com/x/"><title>嘶吼</title><entry>
<title type="html">勒索软件年度观察</title><link rel="self" href="self"/><link href="../posts/r7GB"/>
<published>2026-05-16T02:30:00Z</published><updated>2026-05-16T03:00:00Z</updated>
<author><name>田野</name></author><category term="vul" label="漏洞"/></entry></feed>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "嘶吼",
        "items": [
            {
                "id": "1",
                "url": URL + "r7GB",
                "title": "勒索软件年度观察",
                "date_published": "2026-05-16T10:30:00+08:00",
                "authors": [{"name": "田野"}],
                "tags": ["漏洞"],
            }
        ],
    }
)


@pytest.mark.parametrize("body", [RSS, RDF, ATOM, JSON_FEED])
def test_dialects(body: str) -> None:
    candidate = only(body)
    assert candidate.published is not None
    assert candidate.published.at == datetime(2026, 5, 16, 2, 30, tzinfo=UTC)
    assert candidate.published.provenance == "feed"
    assert (candidate.source, candidate.key, candidate.url) == ("4hou", "r7GB", URL + "r7GB")
    assert (candidate.title, candidate.section) == ("勒索软件年度观察", "漏洞")
    assert candidate.authors == ("田野",)


def test_more_of_rss() -> None:
    assert (only(RSS).medium, only(RSS).image) == ("晨报", "https://www.4hou.com/cover.jpg")


def test_the_lists_section_when_the_entry_names_none() -> None:
    assert only(rss(item())).section == "最新"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sat, 16 May 2026 10:30:00 +0800", "2026-05-16T10:30:00+08:00"),
        ("Sat, 16 May 2026 02:30:00 GMT", "2026-05-16T10:30:00+08:00"),
        ("Sat, 16 May 2026 10:30:00 CST", "2026-05-16T10:30:00+08:00"),  # feedparser: US Central
        ("2026-05-16 10:30:00", "2026-05-16T10:30:00+08:00"),  # feedparser: UTC
        ("2026/05/16 10:30", "2026-05-16T10:30:00+08:00"),  # feedparser: November
        ("2026年05月16日 10:30", "2026-05-16T10:30:00+08:00"),  # feedparser: November
        ("2026-02-30", ""),  # feedparser: 2 March
        ("0000-00-00 00:00:00", ""),
        ("", ""),
    ],
)
def test_dates_are_read_from_the_raw_text(date: str, expected: str) -> None:
    published = only(rss(item(more=f"<pubDate>{date}</pubDate>"))).published
    assert (published.at.isoformat() if published else "") == expected


def test_the_time_of_an_update_is_used_when_nothing_else_is_there() -> None:
    published = only(ATOM.replace("<published>2026-05-16T02:30:00Z</published>", "")).published
    assert published is not None
    assert published.at == datetime(2026, 5, 16, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["links", "authors", "tags", "source", "media_content", "media_thumbnail"])
def test_an_element_named_like_one_of_feedparsers_fields(name: str) -> None:
    assert only(rss(item(more=f"<{name}>x</{name}>"))).url == URL + "r7GB"


def test_a_day_stays_a_day() -> None:
    published = only(rss(item(more="<pubDate>2026-05-16</pubDate>"))).published
    assert published is not None
    assert published.precision is Precision.DAY


@pytest.mark.parametrize(
    "links",
    [
        f"<link>\n  {URL}r7GB\t\n</link>",
        f"<link><![CDATA[ {URL}r7GB ]]></link>",
        "<link>/posts/r7GB</link>",
        f"<guid>{URL}r7GB</guid>",
        f'<guid isPermaLink="false">{URL}r7GB</guid>',
        f'<guid isPermaLink="false">4711</guid><link>{URL}r7GB</link>',
        f"<guid>4711</guid><link>{URL}r7GB</link>",
        f"<guid>https://www.4hou.com/?p=4711</guid><link>{URL}r7GB</link>",
        f"<link>{URL}r7GB</link><guid>https://www.4hou.com/?p=4711</guid>",
        f"<link>{URL}r7GB#comments</link>",
    ],
)
def test_where_the_link_stands(links: str) -> None:
    assert only(rss(f"<item><title>题</title>{links}</item>")).url == URL + "r7GB"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("&lt;b&gt;粗&lt;/b&gt;体", "粗体"),
        ("<![CDATA[<em>重</em>点 & 更多]]>", "重点 & 更多"),
        ("  多\n 行 ", "多 行"),
        ("", ""),
    ],
)
def test_titles(title: str, expected: str) -> None:
    assert only(rss(item(title=title))).title == expected


def test_bad_entries_cost_themselves() -> None:
    reading = read(
        rss(
            item("r7GB"),
            "<item><title>没有链接</title></item>",
            "<item><guid>4711</guid></item>",
            "<item><link>javascript:alert(1)</link></item>",
            "<item><link>file:///etc/hostname</link></item>",
            "<item><link>https://other.example/posts/abcd</link></item>",
            "<item><link>https://www.4hou.com/category/news</link></item>",
            item("r7GB", title="再来一次"),
            item("R7gb"),
        )
    )
    assert keys(reading) == ["r7GB", "R7gb"]
    assert (reading.skipped, reading.outside) == (4, 2)


# Every one of these made a correct "&amp;" elsewhere in the feed vanish with a recovering parser.
BREAKAGE = [
    "甲 & 乙",
    "甲&nbsp;乙",
    "甲 &copy=乙",
    "甲\x0b乙",
    "甲 <br> 乙",
    "1 < 2",
    "甲 &#x110000; 乙 &#0; <br>",
    "<media:title>乙</media:title>",
]
QUERY = "?a=1&amp;b=2&amp;copy=3"


@pytest.mark.parametrize("breakage", BREAKAGE)
@pytest.mark.parametrize("element", ["link", "guid"])
def test_addresses_survive_what_is_broken_elsewhere(breakage: str, element: str) -> None:
    broken = item("abcd", title=breakage)
    whole = f"<item><title>题</title><{element}>{URL}r7GB{QUERY}</{element}></item>"
    reading = read(rss(broken, whole))
    assert [c.url for c in reading.candidates] == [URL + "abcd", URL + "r7GB?a=1&b=2&copy=3"]


@pytest.mark.parametrize("written", ["?a=1&b=2&copy=3", "?a=1&amp;amp;b=2&amp;amp;copy=3", "?a=1&#38;b=2&#38;copy=3"])
def test_addresses_that_are_badly_escaped_themselves(written: str) -> None:
    assert only(rss(f"<item><link>{URL}r7GB{written}</link></item>")).url == URL + "r7GB?a=1&b=2&copy=3"


@pytest.mark.parametrize(
    "before",
    [
        '<?xml version="1.0" encoding="utf-8"?>',
        "\ufeff\n\n<?xml version='1.0'?>\n",
        "<!-- made by hand --><?xml-stylesheet href='x.xsl'?>",
        "<br />\n<b>Warning</b>: something in line 3\n",
    ],
)
def test_what_stands_before_the_feed(before: str) -> None:
    assert keys(read(rss(item(), before=before))) == ["r7GB"]


def test_what_stands_after_the_feed() -> None:
    assert keys(read(rss(item()) + "\n<!-- 0.2 s --><script>count()</script>")) == ["r7GB"]


@pytest.mark.parametrize("label", ["gb2312", "utf-8", ""])
def test_an_older_encoding(label: str) -> None:
    declared = f' encoding="{label}"' if label else ""
    text = rss(item(title="两市成交放量，多家机构上调预期"), before=f'<?xml version="1.0"{declared}?>')
    assert only(text.encode("gb18030")).title == "两市成交放量，多家机构上调预期"


FULL = rss(*(item(f"abc{n}", more=f"<description>第{n}条</description>") for n in range(4)))
LAST = FULL.index("abc3")


@pytest.mark.parametrize("cut", [LAST, LAST + 2, LAST + 4, LAST + 12, FULL.rindex("</item>"), FULL.rindex("item>")])
def test_a_feed_that_is_cut_off_keeps_its_whole_items(cut: int) -> None:
    assert keys(read(FULL[:cut])) == ["abc0", "abc1", "abc2"]


def test_a_feed_cut_off_in_a_text_that_speaks_of_items() -> None:
    text = item("abc1", more="<description><![CDATA[</item> is the end tag, and")
    assert keys(read(rss(item("abc0")).split("</channel>")[0] + text)) == ["abc0"]


def test_a_cut_off_atom_feed() -> None:
    assert keys(read(ATOM.replace("</feed>", '<entry><link href="../posts/ab'))) == ["r7GB"]


def test_an_empty_feed_is_no_error() -> None:
    assert read(rss()) == ListReading(())
    assert read('{"version": "https://jsonfeed.org/version/1", "items": []}') == ListReading(())


ENTITY = '<!ENTITY x "ha">'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "feed is not a feed: nothing"),
        ("<html><head><title>请稍候…</title></head></html>", "feed is not a feed: a page titled “请稍候…”"),
        ("<!DOCTYPE html><p>404</p>", "feed is not a feed: a page"),
        ("not found", "feed is not a feed: text"),
        (b"%PDF-1.7", "feed is not a feed: a PDF"),
        ('{"code": 1}', "feed is not a feed: JSON, but no JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items"', "feed is not a feed: damaged JSON"),
        ("[" * 100_000, "feed is not a feed: damaged JSON"),
        (FULL[: FULL.index("abc0")], "the feed is cut off before its first item ends"),
        (f"<!DOCTYPE rss [{ENTITY}]>{RSS}", "the feed carries a DTD, which is refused"),
        (f"<?xml version='1.0'?><!doctype rss SYSTEM 'file:///etc/hostname'>{RSS}", "the feed carries a DTD"),
        (RSS.replace("<channel>", f"<channel>{ENTITY}"), "the feed carries a DTD"),
        (f"<!DOCTYPE rss [{ENTITY}]>{RSS}".encode("utf-16"), "the feed carries a DTD"),
    ],
)
def test_what_is_refused(body: str | bytes, reason: str) -> None:
    with pytest.raises(ListError) as caught:
        read(body)
    assert str(caught.value).startswith(reason)


def test_billion_laughs_costs_nothing() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    started = time.process_time()
    with pytest.raises(ListError, match="DTD"):
        read(f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>{rss(item(title="&l11;"))}')
    assert time.process_time() - started < 1


def test_a_doctype_in_an_items_text_is_no_dtd() -> None:
    body = rss(item(more="<description><![CDATA[<!DOCTYPE html><p>文</p>]]></description>"))
    assert keys(read(body)) == ["r7GB"]


@pytest.mark.parametrize(
    "entry",
    [None, "text", 7, {}, {"url": 7}, {"url": None, "title": []}, {"id": "4711"}, {"url": "https://[::1"}],
)
def test_bad_entries_of_a_json_feed(entry: Any) -> None:
    value = {**json.loads(JSON_FEED)}
    value["items"] = [entry, *value["items"]]
    reading = read(json.dumps(value))
    assert (keys(reading), reading.skipped) == (["r7GB"], 1)


def test_a_json_feed_entry_with_values_of_wrong_types() -> None:
    entry = {
        "url": URL + "abcd",
        "title": 7,
        "date_published": 7,
        "authors": "田野",
        "tags": "x",
        "image": [],
    }
    value = {**json.loads(JSON_FEED), "items": [entry]}
    assert only(json.dumps(value)) == Candidate("4hou", "abcd", URL + "abcd", title="7", section="最新")
