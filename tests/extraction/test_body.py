"""The body: which element holds it, what of it stays, and the HTML and text it becomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction import signals, tree
from crawler.extraction.content import blocks, furniture, writer
from crawler.extraction.content.blocks import Block, Line
from crawler.extraction.lines import notices
from crawler.extraction.page import extract
from crawler.models import Extraction, Image, Page, Source

URL = "https://news.example.cn/a/202610/t20261012_77.html"
NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "captures"

LEAD = "青禾市轻轨三号线周一早晨开通，首日客流超过十二万人次，沿线商铺提前两小时开门迎客。"
SECOND = "市交通局负责人表示，新线把南湖与老城的车程缩短到十九分钟，票价维持两元不变。"
THIRD = "记者在现场看到，不少市民带着孩子赶来，只为坐一趟头班车。"
PROSE = f"<p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p>"


def written(inner: str, url: str = URL) -> list[Block]:
    page = tree.parse(f"<html><body><div>{inner}</div></body></html>", url)
    assert page is not None
    return writer.write(page.root, page.base)


def extracted(markup: str, **declared: Any) -> Extraction:
    source = None
    if declared:
        source = Source("qh", "青禾在线", "https://news.example.cn/", ("news.example.cn",), "jekyll", **declared)
    return extract(Page(URL, markup.encode(), NOW), source)


def article(inner: str, head: str = "", foot: str = "") -> str:
    return (
        "<html><head><title>轻轨三号线开通首日见闻_青禾在线</title></head><body>"
        f"<ul><li><a href='/'>首页</a></li><li><a href='/yw'>要闻</a></li></ul>{head}"
        f"<h1>轻轨三号线开通首日见闻</h1><div class='info'>2026-10-12 07:30 来源：青禾日报</div>"
        f"<div class='text'>{inner}</div>{foot}</body></html>"
    )


# --- tree -> HTML and text ------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("甲<br>乙", "<p>甲<br>乙</p>"),
        ("甲<br><br>乙", "<p>甲</p>\n<p>乙</p>"),
        ("甲<br>　　乙", "<p>甲</p>\n<p>乙</p>"),
        ("<p>甲</p>乙<div>丙</div>", "<p>甲</p>\n<p>乙</p>\n<p>丙</p>"),
        ("<p> 　甲　乙&nbsp; </p>", "<p>甲 乙</p>"),
        ("<p style='color:red' onclick='x()'>甲</p>", "<p>甲</p>"),
        ("<h1>大</h1><h5>小</h5>", "<h2>大</h2>\n<h4>小</h4>"),
        ("<p>一<b>二<i>三</i></b><u>四</u></p>", "<p>一<strong>二<em>三</em></strong>四</p>"),
        (
            "<a href='/x'>甲<div>乙</div></a>",
            '<p><a href="https://news.example.cn/x">甲</a></p>\n<p><a href="https://news.example.cn/x">乙</a></p>',
        ),
        ("<p><b> </b><b></b>甲</p>", "<p>甲</p>"),
        ("<p>1 &lt; 2 &amp;amp; &lt;script&gt;</p>", "<p>1 &lt; 2 &amp;amp; &lt;script&gt;</p>"),
        ("<p>甲<script>alert(1)</script><style>p{}</style><iframe src=x></iframe>乙</p>", "<p>甲乙</p>"),
        ("<ul><li>甲<li>乙<ul><li>丙</ul></ul>", "<ul><li>甲</li><li>乙<ul><li>丙</li></ul></li></ul>"),
        (
            "<ol><li><p>甲</p><p><b>乙</b></p>丙</li></ol>",
            "<ol><li>甲<br><strong>乙</strong><br>丙</li></ol>",
        ),
        ("<dl><dt>甲</dt><dd>乙</dd></dl>", "<ul><li>甲</li><li>乙</li></ul>"),
        ("<li>甲</li>", "<p>甲</p>"),
        ("<blockquote><p>甲</p>乙</blockquote>", "<blockquote><p>甲</p><p>乙</p></blockquote>"),
        ("<pre><code>if a:\n  b &lt; c</code></pre>", "<pre>if a:\n  b &lt; c</pre>"),
        ("<pre>\x1ba\ufffe  b\x1c</pre>", "<pre>a  b</pre>"),
        ("<p>用<code>x  y</code></p>", "<p>用<code>x y</code></p>"),
        (
            "<table><thead><tr><th>名</th><th>价</th></tr></thead><tbody><tr><td><p>甲</p></td><td></td></tr></tbody></table>",
            "<table><tr><th>名</th><th>价</th></tr><tr><td>甲</td><td></td></tr></table>",
        ),
        ("<table><tr><td><p>甲</p><p>乙</p></td></tr></table>", "<p>甲</p>\n<p>乙</p>"),
        (
            "<table><tr><td>甲</td><td><p>一</p><p>二</p><p>三</p></td></tr></table>",
            "<p>甲</p>\n<p>一</p>\n<p>二</p>\n<p>三</p>",
        ),
        (
            "<figure><img src='/p.jpg'><figcaption>图说</figcaption></figure>",
            '<figure><img src="https://news.example.cn/p.jpg" alt=""></figure>\n<p>图说</p>',
        ),
    ],
)
def test_html_is_the_allow_list_and_nothing_else(markup: str, html: str) -> None:
    assert blocks.to_html(written(markup)) == html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>甲</p><p>乙</p>", "甲\n乙"),
        ("甲<br>乙", "甲\n乙"),
        ("<ul><li>甲</li><li>乙</li></ul>", "甲\n乙"),
        ("<table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr></table>", "甲 1\n乙 2"),
        ("<p>The <b>quick</b> <a href='/x'>brown</a> fox</p>", "The quick brown fox"),
        ("<p>\u200b甲\ufeff\x1b</p><p>\u3000</p>", "甲"),
        ("<p>1 &lt; 2 &amp;amp;</p>", "1 < 2 &amp;"),
    ],
)
def test_text_is_one_paragraph_a_line(markup: str, text: str) -> None:
    assert blocks.to_text(written(markup)) == text


@pytest.mark.parametrize(
    ("href", "html"),
    [
        ("b.html", '<a href="https://news.example.cn/a/202610/b.html">链</a>'),
        ("../c", '<a href="https://news.example.cn/a/c">链</a>'),
        ("//o.cn/?a=1&amp;b=2", '<a href="https://o.cn/?a=1&amp;b=2">链</a>'),
        ("javascript:alert(1)", "链"),
        ("java\tscript:alert(1)", "链"),
        ("mailto:a@b.cn", "链"),
        ("#top", "链"),
        ("http://user:pw@o.cn/", "链"),
        ("http://[", "链"),
        ("", "链"),
    ],
)
def test_links_are_absolute_http_or_go(href: str, html: str) -> None:
    assert blocks.to_html(written(f'<p><a href="{href}" target="_blank">链</a></p>')) == f"<p>{html}</p>"


def test_links_follow_the_base_of_the_page() -> None:
    page = tree.parse("<html><head><base href='/img/'></head><body><p><a href='x'>链</a></p></body></html>", URL)
    assert page is not None
    assert blocks.to_html(writer.write(page.root, page.base)) == '<p><a href="https://news.example.cn/img/x">链</a></p>'


@pytest.mark.parametrize(
    ("attributes", "src"),
    [
        ("src='/a.png'", "https://news.example.cn/a.png"),
        ("src='data:image/gif;base64,R0' data-src='/real.jpg'", "https://news.example.cn/real.jpg"),
        ("src='/static/loading.gif' data-original='//i.cn/b.jpg'", "https://i.cn/b.jpg"),
        ("src='/t20261012_5.jpg' oldsrc='W0202610.jpg'", "https://news.example.cn/t20261012_5.jpg"),
        ("oldsrc='W0202610.jpg'", "https://news.example.cn/a/202610/W0202610.jpg"),
        ("src='/blank.gif'", ""),
        ("src='/count.gif' width='1' height='1'", ""),
        ("src='javascript:x'", ""),
        ("alt='x'", ""),
    ],
)
def test_the_real_address_of_a_picture(attributes: str, src: str) -> None:
    expected = (Image(src, "x" if "alt" in attributes else ""),) if src else ()
    assert tuple(image for block in written(f"<p>甲<img {attributes}></p>") for image in block.images) == expected


def test_pictures_keep_alt_and_title_escaped() -> None:
    html = blocks.to_html(written("""<p><img src="/a.png" alt='"><script>' title="a&quot;b" class="c"></p>"""))
    assert html == '<p><img src="https://news.example.cn/a.png" alt="&quot;&gt;&lt;script&gt;" title="a&quot;b"></p>'


def test_nesting_beyond_the_parsers_first_limit_loses_nothing() -> None:
    deep = "<div>" * 300 + PROSE + "</div>" * 300
    assert extracted(article(deep)).text == f"{LEAD}\n{SECOND}\n{THIRD}"


# --- the declared container ------------------------------------------------------------


def test_a_declared_container_loses_nothing() -> None:
    inner = (
        f"<p>{LEAD}</p><h3>车程</h3><ul><li>南湖</li><li>老城</li></ul><p>快讯。</p>"
        "<table><tr><th>站</th><th>客流</th></tr><tr><td>南湖</td><td>3</td></tr></table>"
        "<figure><img src='/x.jpg'><figcaption>头班车</figcaption></figure><p>（完）</p>"
    )
    found = extracted(article(inner), body=("div.text",))
    assert found.by_container
    assert found.evidence["body"] == "declared:div.text"
    assert found.text.splitlines() == [
        LEAD,
        "车程",
        "南湖",
        "老城",
        "快讯。",
        "站 客流",
        "南湖 3",
        "头班车",
        "（完）",
    ]
    assert found.images == (Image("https://news.example.cn/x.jpg"),)


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ({"body": ("div.old", "div.text")}, f"{LEAD}\n{SECOND}\n{THIRD}"),
        ({"body": ("div.empty", "div.text")}, f"{LEAD}\n{SECOND}\n{THIRD}"),
        ({"body": ("div.text",), "drop": ("div.text p:first-child",)}, f"{SECOND}\n{THIRD}"),
        ({"body": ("div.text",), "stop": ("^记者在现场",)}, f"{LEAD}\n{SECOND}"),
        ({"body": ("div.text",), "stop": ("头班车",)}, f"{LEAD}\n{SECOND}"),
        ({"body": ("div.text",), "furniture": ("市交通局负责人表示，新线",)}, f"{LEAD}\n{THIRD}"),
        ({"body": ("div.text",), "furniture": ("市交通局负责人表示新线",)}, f"{LEAD}\n{THIRD}"),
    ],
)
def test_what_a_source_declares(declared: dict[str, tuple[str, ...]], text: str) -> None:
    assert extracted(article(PROSE, head="<div class='empty'> </div>"), **declared).text == text


def test_a_container_that_matches_nothing_falls_back_to_the_generic_way() -> None:
    found = extracted(article(PROSE), body=("div.gone",))
    assert (found.by_container, found.evidence["body"], found.text) == (
        False,
        "generic",
        f"{LEAD}\n{SECOND}\n{THIRD}",
    )


def test_hidden_parts_are_not_read_but_a_hidden_article_is() -> None:
    hidden = "<p style='display: none'>暗中的一句话。</p><p hidden>又一句。</p>"
    assert extracted(article(PROSE + hidden), body=("div.text",)).text == f"{LEAD}\n{SECOND}\n{THIRD}"
    assert extracted(article(f"<div style='display:none'>{PROSE}</div>"), body=("div.text",)).text.startswith(LEAD)


def test_links_to_other_stories_at_the_end_of_a_container_go() -> None:
    others = "".join(f"<li><a href='/n{i}'>另一条消息的标题之{i}</a></li>" for i in range(8))
    found = extracted(article(f"{PROSE}<ul class='related'>{others}</ul>"), body=("div.text",))
    assert found.text == f"{LEAD}\n{SECOND}\n{THIRD}"


# --- any page --------------------------------------------------------------------------

OTHER = "某地另一则消息说，当天气温骤降，市民纷纷添衣，商场客流随之增加，详情见内文。"


@pytest.mark.parametrize(
    "around",
    [
        "".join(f"<li><div><h3><a href='/o{i}'>别处的消息标题</a></h3><p>{OTHER * 3}</p></div></li>" for i in range(9)),
        "<div class='comment-list'>" + "".join(f"<div class='txt'>{OTHER * 2}</div>" for _ in range(20)) + "</div>",
        "<aside>" + f"<p>{OTHER}</p>" * 12 + "</aside>",
        f"<div class='footer'><p>{OTHER * 6}</p></div>",
        "<div>" + "".join(f"<a href='/l{i}'>一条很长的新闻标题排在这里</a>" for i in range(80)) + "</div>",
        "",
    ],
)
@pytest.mark.parametrize("where", ["head", "foot"])
def test_a_short_article_is_found_among_larger_things(around: str, where: str) -> None:
    assert extracted(article(PROSE, **{where: around})).text == f"{LEAD}\n{SECOND}\n{THIRD}"


def test_an_article_spread_over_sections_is_found_whole() -> None:
    part = "".join(
        f"<section><div><h2>其{n}</h2><div><p>{LEAD}</p><p>{SECOND}</p></div></div></section>" for n in "一二三四"
    )
    assert extracted(article(part)).text.count(SECOND) == 4


def test_text_that_only_json_ld_gives() -> None:
    data = json.dumps(
        {"@type": "NewsArticle", "headline": "轻轨三号线开通首日见闻", "articleBody": f"{LEAD}\n{SECOND} <b>"}
    )
    found = extracted(article("", foot=f"<script type='application/ld+json'>{data}</script>"))
    assert (found.evidence["body"], found.text) == ("json-ld", f"{LEAD}\n{SECOND} <b>")
    assert found.html == f"<p>{LEAD}</p>\n<p>{SECOND} &lt;b&gt;</p>"


# --- furniture ------------------------------------------------------------------------


def lines(*texts: str) -> list[Block]:
    return [Block("p", (Line(text, text),)) for text in texts]


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑：张三",
        "（责任编辑：张三 李四）",
        "[责编：张三]",
        "编辑：张三",
        "（编辑 张三）",
        "校对：王五",
        "责任编辑：",
        "（文章来源：青禾日报）",
        "来源：青禾日报",
        "本文来源：青禾日报",
        "转载自青禾周刊",
        "原标题：三号线开通",
        "文章来源: https://example.org/a/very/long?x=1",
        "如若转载，请注明原文地址",
        "未经授权，不得转载。",
        "版权所有 青禾在线 2026",
        "青禾网声明：凡本网注明来源为青禾网的作品，均属本网所有。未经授权不得转载、摘编。",
        "免责声明：本文内容仅供参考。",
        "声明：以上图片来自网络。",
        "以上内容不代表本网观点，不构成投资建议。",
        "如有侵权请联系：admin#example.org",
        "打开微信，",
        "点击底部的“发现”",
        "使用“扫一扫”即可将网页分享至朋友圈",
        "扫一扫下载客户端",
        "扫描二维码",
        "下载青禾新闻APP",
        "分享到：",
        "分享至微信",
        "点击查看更多",
        "网友评论",
        "字号：大 中 小",
        "关键词：轻轨 客流",
        "#轻轨 #客流",
        "阅读 1024",
        "打印本页",
        "更多精彩内容请关注青禾新闻",
    ],
)
def test_furniture_goes_at_the_end_and_only_there(line: str) -> None:
    kept = furniture.clean(lines(LEAD, SECOND, line), "标题", bylines=False)
    assert blocks.to_text(kept.blocks) == f"{LEAD}\n{SECOND}"
    assert [cut.text for cut in kept.cut] == [line]
    inside = lines(LEAD, line, SECOND, THIRD, LEAD, SECOND)
    assert furniture.clean(inside, "标题", bylines=False).blocks == inside


@pytest.mark.parametrize(
    "line",
    [
        "分享经济带来新机遇",
        "手机打开方式发生变化",
        "来源国家明显增多",
        "标签化的人生",
        "外交部发表声明：青禾市的做法值得肯定，将继续支持。",
        "编辑部的故事还在继续，老编辑张三说，来源：没有比读者来信更好的了。",
        "未经许可擅自出摊的行为减少了。",
        "评论称，这一步走对了。",
        "扫码支付在村里已经普及，大爷大妈都会用。",
        "声明发表之后，双方恢复了谈判。",
        "导语：轻轨来了。",
        "《青禾日报》记者的镜头记录下了这一刻。",
        "风险提示：市场有风险，投资须谨慎。",
    ],
)
def test_a_sentence_that_holds_such_words_stays(line: str) -> None:
    whole = lines(LEAD, SECOND, line)
    assert furniture.clean(whole, "标题", bylines=True).blocks == whole


@pytest.mark.parametrize(
    ("line", "head", "tail"),
    [
        ("本报记者 张三", True, True),
        ("文/张三", True, True),
        ("作者：张三", True, True),
        ("（记者 张三 李四）", True, True),
        ("2026-10-12 07:30 来源 青禾日报", True, False),
        ("2026年10月12日", True, False),
        ("《青禾日报》（2026年10月12日 03版）", True, True),
        ("记者调查", False, False),
    ],
)
def test_bylines_go_where_no_container_is_declared(line: str, head: bool, tail: bool) -> None:
    before = furniture.clean(lines(line, LEAD, SECOND), "标题", bylines=True)
    after = furniture.clean(lines(LEAD, SECOND, line), "标题", bylines=True)
    declared = furniture.clean(lines(LEAD, SECOND, line), "标题", bylines=False)
    assert (bool(before.cut), bool(after.cut), declared.cut) == (head, tail, [])


@pytest.mark.parametrize(
    "heading",
    ["相关阅读", "推荐阅读：", "【热点推荐】", "延伸阅读", "网友评论", "上一篇：旧闻", "Related articles"],
)
def test_other_stories_end_the_article(heading: str) -> None:
    others = lines(heading, "另一条消息的标题", "又一条消息的标题", "第三条消息的标题")
    assert (
        blocks.to_text(furniture.clean(lines(LEAD, SECOND) + others, "标题", bylines=False).blocks)
        == f"{LEAD}\n{SECOND}"
    )


def test_a_heading_like_that_in_the_middle_of_a_text_ends_nothing() -> None:
    whole = lines(LEAD, SECOND, "延伸阅读", LEAD, SECOND, THIRD, LEAD, SECOND)
    assert furniture.clean(whole, "标题", bylines=False).blocks == whole


def test_almost_nothing_is_never_cut_to_nothing() -> None:
    short = lines("利率不变。", "责任编辑：张三")
    assert furniture.clean(short, "标题", bylines=True).blocks == short
    assert blocks.to_text(
        furniture.clean(lines("央行宣布利率维持不变。", "责任编辑：张三"), "标题", bylines=True).blocks
    ) == ("央行宣布利率维持不变。")
    few = lines("央行宣布利率维持不变。", "相关阅读", "另一条消息的标题")
    assert furniture.clean(few, "标题", bylines=False).blocks == few


def test_the_headline_at_the_head_of_the_body_goes() -> None:
    cleaned = furniture.clean(lines("轻轨三号线开通", LEAD, "轻轨三号线开通"), "轻轨三号线　开通", bylines=False)
    assert blocks.to_text(cleaned.blocks) == f"{LEAD}\n轻轨三号线开通"


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        (f"{LEAD}<a href='/'>返回青禾，查看更多</a>", f"<p>{LEAD}</p>"),
        (f"{LEAD}<b>返回青禾网首页&gt;&gt;</b>", f"<p>{LEAD}</p>"),
        (f"{LEAD}他说要返回首页", f"<p>{LEAD}他说要返回首页</p>"),
    ],
)
def test_the_way_out_is_cut_off_the_last_line(markup: str, html: str) -> None:
    assert blocks.to_html(furniture.clean(written(f"<p>{markup}</p>"), "标题", bylines=False).blocks) == html


@pytest.mark.parametrize(
    "text", ["点" * 5_000, "来源：" + "网 " * 5_000, "#a" * 5_000, "【" * 5_000, "记者 " * 3_000, "=" * 9_000]
)
def test_long_lines_take_no_time(text: str) -> None:
    started = datetime.now(tz=UTC)
    assert not notices.is_furniture(text)
    (
        notices.is_notice(text),
        notices.is_byline(text, is_head=True),
        notices.is_other_heading(text),
        notices.way_out(text),
    )
    assert (datetime.now(tz=UTC) - started).total_seconds() < 1


# --- what the head of a page says -------------------------------------------------------


def test_signals_survive_broken_json_and_resolve_references() -> None:
    markup = (
        "<script type='application/ld+json'>{broken</script><script type='application/ld+json'>"
        '{"@graph":[{"@type":"Person","@id":"#p","name":"Ada Lane"},'
        '{"@type":["Thing","NewsArticle"],"headline":"A","author":[{"@id":"#p"}]}]}</script>'
    )
    page = tree.parse(f"<html><head>{markup}</head><body>x</body></html>", URL)
    assert page is not None
    assert signals.read(page.root).ld_all("author") == ["Ada Lane"]


def test_real_pages_of_the_sources() -> None:
    capture = CAPTURES / "cs" / "cs_t20201201_6116434.html"
    if not capture.exists():
        pytest.skip("the captured pages are not on this machine")
    source = Source(
        "cs",
        "中证网",
        "https://www.cs.com.cn/",
        ("www.cs.com.cn",),
        "hexo",
        body=("article.cont_article section",),
    )
    found = extract(
        Page("https://www.cs.com.cn/sylm/jsbd/202012/t20201201_6116434.html", capture.read_bytes(), NOW),
        source,
    )
    assert found.by_container
    assert found.text.startswith("中证网讯（记者 ")
    assert found.text.endswith("元。")
    assert "\n" not in found.text
    assert found.problem == ""
