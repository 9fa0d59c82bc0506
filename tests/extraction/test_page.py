"""The flow as a whole: bytes in, one Extraction out, the same whatever came before."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from crawler.errors import ExtractionError
from crawler.extraction.page import extract
from crawler.models import Candidate, Image, Page, Precision, Source

URL = "https://news.example.cn/gg/202610/t20261012_77.html"
NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
ALLOWED = frozenset(("p", "strong", "em", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "table", "tr", "th", "td", "img", "a", "br", "figure", "pre", "code"))  # fmt: skip

SOURCE = Source(
    name="qh",
    title="青禾在线",
    home="https://news.example.cn/",
    hosts=("news.example.cn",),
    style="hexo",
    body=("article section",),
    headline=("article h1",),
    published=("article time",),
    author=("article .info em:first-of-type",),
    medium=("article .info em:nth-of-type(2)",),
    section=(".route a",),
    drop=("a.ad",),
    stop=("^相关公告",),
    furniture=("^青禾网提示",),
)
PAGE = """<!DOCTYPE html><html lang="zh"><head><meta charset="gbk"><title>青禾股份：中标轻轨项目_青禾在线</title></head><body>
<div class="route"><a href="/">首页</a>&gt;<a href="../">公司</a></div>
<article><header><h1>青禾股份：中标轻轨项目</h1><div class="info"><em>张晓明</em><em>青禾证券报</em><time>2026-10-12 07:30</time></div></header>
<section><style>.p{}</style><p>　　青禾网讯（记者 张晓明）青禾股份十二日公告，公司中标轻轨三号线<b>供电</b>项目，金额五千八百万元。</p>
<p>　　<a class="ad" href="/ad">全新投研助理，立即体验</a></p>
<p><img src="../../img/a.jpg" alt="工地"></p>
<ul><li>工期两年</li><li>明年动工</li></ul>
<p>青禾网提示：投资有风险。</p>
<p>公司表示，<a href="t20260901_5.html">此前的公告</a>继续有效。</p>
<p>（文章来源：青禾证券报）</p><p>相关公告</p><p>关于中标的公告</p></section>
<footer>青禾网声明：凡本网注明来源的作品，未经授权不得转载。</footer></article></body></html>"""


def test_a_whole_page_by_its_declaration() -> None:
    found = extract(Page(URL, PAGE.encode("gb18030"), NOW, charset="gbk", content_type="text/html"), SOURCE)
    assert found.published is not None
    assert found.html == (
        "<p>青禾网讯（记者 张晓明）青禾股份十二日公告，公司中标轻轨三号线<strong>供电</strong>项目，金额五千八百万元。</p>\n"
        '<p><img src="https://news.example.cn/img/a.jpg" alt="工地"></p>\n'
        "<ul><li>工期两年</li><li>明年动工</li></ul>\n"
        '<p>公司表示，<a href="https://news.example.cn/gg/202610/t20260901_5.html">此前的公告</a>继续有效。</p>'
    )
    assert found.text.splitlines() == [
        "青禾网讯（记者 张晓明）青禾股份十二日公告，公司中标轻轨三号线供电项目，金额五千八百万元。",
        "工期两年",
        "明年动工",
        "公司表示，此前的公告继续有效。",
    ]
    assert (found.title, found.authors, found.medium, found.section, found.language) == (
        "青禾股份：中标轻轨项目",
        ("张晓明",),
        "青禾证券报",
        "公司",
        "zh",
    )
    assert (found.published.at.isoformat(), found.published.precision) == (
        "2026-10-12T07:30:00+08:00",
        Precision.MINUTE,
    )
    assert found.images == (Image("https://news.example.cn/img/a.jpg", "工地"),)
    assert (found.by_container, found.damaged, found.problem, found.detail) == (True, 0, "", "")
    assert found.evidence == {
        "title": "declared:article h1",
        "body": "declared:article section",
        "published": "declared:article time",
        "authors": "declared:article .info em:first-of-type",
        "medium": "declared:article .info em:nth-of-type(2)",
        "section": "declared:.route a",
    }


def test_the_same_page_by_the_generic_way() -> None:
    found = extract(Page(URL, PAGE.encode("gb18030"), NOW, charset="gbk"))
    assert found.text.startswith("青禾网讯（记者 张晓明）青禾股份十二日公告")
    assert "声明" not in found.text
    assert (found.title, found.authors, found.by_container, found.problem) == (
        "青禾股份：中标轻轨项目",
        ("张晓明",),
        False,
        "",
    )


def test_the_zone_is_the_sources_or_the_callers() -> None:
    tokyo = dataclasses.replace(SOURCE, zone="Asia/Tokyo")
    page = Page(URL, PAGE.encode(), NOW)
    offsets = [
        found.published.at.utcoffset()
        for found in (
            extract(page, tokyo),
            extract(page, zone="America/New_York"),
            extract(page, SOURCE, zone="UTC"),
        )
        if found.published
    ]
    assert offsets == [timedelta(hours=9), timedelta(hours=-4), timedelta(hours=8)]


def varied(n: int) -> Page:
    paragraphs = "".join(
        f"<p>第{n}则消息的第{k}段，说的是某地某日的一件小事，共有{n * k}人参加，气氛热烈。</p>" for k in range(1, 9)
    )
    shared = "<p>本栏目由各地通讯员供稿，每日更新，欢迎读者来信讨论其中的问题。</p>"
    return Page(
        f"https://news.example.cn/{n}.html",
        f"<html><head><title>第{n}则消息_青禾</title></head><body><h1>第{n}则消息</h1><div>{shared}{paragraphs}</div></body></html>".encode(),
        NOW,
    )


def test_the_result_does_not_depend_on_what_came_before() -> None:
    pages = [varied(n) for n in range(12)] + [Page(URL, PAGE.encode(), NOW)]
    first = [extract(page) for page in pages]
    for seed in range(3):
        order = list(range(len(pages)))
        random.Random(seed).shuffle(order)
        again = {n: extract(pages[n]) for n in order}
        assert [again[n] for n in range(len(pages))] == first


def test_an_extraction_crosses_to_json() -> None:
    found = extract(Page(URL, PAGE.encode(), NOW), SOURCE)
    assert json.loads(json.dumps(dataclasses.asdict(found), default=str))["title"] == found.title


def test_a_selector_that_is_none_is_an_error_with_its_name() -> None:
    with pytest.raises(ExtractionError, match=r"selector: p\[\["):
        extract(Page(URL, PAGE.encode(), NOW), dataclasses.replace(SOURCE, body=("p[[",)))


PIECES = st.sampled_from(
    [
        "<div>", "</div>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "</ul>", "<b>", "</i>", "<br>",
        "<a href='javascript:x'>", "<a href='/x'>", "</a>", "<img src=x onerror=y>", "<script>", "</script>", "<style>", "<svg>",
        "<pre>", "</pre>", "<blockquote>", "<form>", "<h2>", "</h2>", "<title>", "<base href='http://['>", "<!--", "-->", "<![CDATA[",
        "&lt;script&gt;", "&#x1f;", "&#xd800;", "&amp;amp;", "\x00", "\ufffe", "\u202e", "责任编辑：甲", "来源：乙报", "（记者 丙）",
        "2026-10-12", "相关阅读", "正文一句，内容完整。" * 5, "text with words. " * 9, "<p style='display:none'>", "<meta http-equiv=refresh>",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40), st.sampled_from(["utf-8", "gb18030", "utf-16"]), st.booleans())
def test_no_page_raises_and_only_the_allow_list_comes_out(pieces: list[str], encoding: str, declared: bool) -> None:
    source = dataclasses.replace(SOURCE, body=("body",)) if declared else None
    candidate = Candidate("qh", "77", URL, title="轻轨")
    body = "".join(pieces).encode(encoding, "replace")
    found = extract(Page(URL, body, NOW), source, candidate)
    assert found.problem or (found.title and (found.text or found.images))
    if not found.html:
        return
    fragment = html.fragment_fromstring(found.html, create_parent="div")
    inside = list(fragment.iterdescendants())
    assert {element.tag for element in inside} <= ALLOWED
    assert {(element.tag, name) for element in inside for name in element.attrib} <= {
        ("a", "href"), ("a", "title"), ("img", "src"), ("img", "alt"), ("img", "title"),
    }  # fmt: skip
    assert all(
        (element.get("href") or element.get("src") or "").startswith(("http://", "https://"))
        for element in inside
        if element.tag in ("a", "img")
    )
    assert not set(found.text) & {"\x00", "\x1f", "\ufffe", "\u202e"}
