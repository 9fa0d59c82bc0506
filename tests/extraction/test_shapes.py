"""The shapes that an article takes: one page of our own for each, read the generic way, exact to the character."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

import pytest

from crawler.extraction.page import extract
from crawler.formats import Context, render
from crawler.models import Article, Extraction, Page

URL = "https://news.example.cn/yw/202610/t20261012_88.html"
NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
TITLE = "梧桐湾跨海大桥主塔封顶"

LEAD = "梧桐湾跨海大桥北主塔十二日清晨封顶，塔高二百四十六米，比原计划提前了十九天。"
CRAFT = "施工单位介绍，塔身每浇筑一节只要四天半，模板由传感器自动找平，高空作业的人数因此少了六成。"
WIND = "入秋以来海面多风，工地设了三级预警，风速超过每秒十四米时塔吊一律停止作业。"
NEXT = "接下来将架设钢箱梁，大桥预计后年春天通车，届时两岸车程由一个半小时缩短到二十分钟。"
WHOLE = (LEAD, CRAFT, WIND, NEXT)
PROSE = "".join(f"<p>{text}</p>" for text in WHOLE)

MENU = "<ul class='menu'>" + "".join(f"<li><a href='/c{n}/'>频道{n}</a></li>" for n in range(24)) + "</ul>"
HOT = (
    "<div class='hot'><h3>热门</h3><ul>"
    + "".join(f"<li><a href='/yw/h{n}.html'>另一则不相干的消息排在第{n}位</a></li>" for n in range(12))
    + "</ul></div>"
)
FOOT = "<div class='foot'><p>关于我们　联系我们　版权所有 青禾在线</p></div>"


def page(inner: str, *, head: str = "", over: str = "", under: str = "", title: str = TITLE) -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}_青禾在线</title>{head}</head><body>{MENU}{over}"
        f"<h1>{title}</h1><div class='info'>2026-10-12 09:41　来源：青禾日报</div>"
        f"<div class='c'>{inner}</div>{under}{HOT}{FOOT}</body></html>"
    )


def bare(scripts: str) -> str:
    """A page that a script fills: nothing of the article stands in its elements."""
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{TITLE}_青禾在线</title></head>"
        f"<body><div id='root'></div>{scripts}<script src='/static/main.js'></script></body></html>"
    )


def read(markup: str, encoding: str = "utf-8") -> Extraction:
    return extract(Page(URL, markup.encode(encoding), NOW, content_type="text/html"))


@dataclass(frozen=True)
class Shape:
    name: str
    markup: str
    text: tuple[str, ...] = WHOLE
    evidence: str = "generic"
    least: float = 0.9  # confidence
    encoding: str = "utf-8"


# --- where the text is the page's own -------------------------------------------------------

FLASH = "青禾电：央行十二日开展一百亿元七天期逆回购，利率持平，当日净回笼二百亿元资金。"
ROWS = (("站名", "客流（万人次）", "同比"), ("南湖", "3.4", "+12%"), ("老城", "2.9", "-3%"), ("会展", "1.7", "+41%"))
TABLE = "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS) + "</table>"
ROW_LINES = tuple(" ".join(row) for row in ROWS)
CAPTION = "十月十二日，工人在北主塔塔顶浇筑最后一节混凝土。陆知行 摄"
TEASER = "城里还有别的新鲜事：菜市场换了新灯，老街坊说亮堂多了，摊主的生意也跟着好起来，详情请看报道。"
NAMES = "甲乙丙丁戊己庚辛壬"
COMMENTS = (
    "我家就在桥的北边，天天看着它长高，从打桩看到封顶，孩子都上小学了，真盼着早一点通车，回娘家就方便了。",
    "建议在桥头留一条人行道，再装几个望远镜，傍晚的海面好看得很，外地的朋友来了也有个去处，别光想着车。",
    "我是做过几年监理的，提前十九天不容易，希望后面的钢箱梁也能这样稳，赶工可以，质量不能丢，大家看着呢。",
)
FOREIGN = (
    "另一则消息说，云溪县的山核桃进入采收期，今年雨水调匀，亩产比去年多了三成。",
    "合作社已经和十几家电商签了约，收购价每斤比去年高出两块钱，农户说这是多年来最好的一季。",
    "县里还修通了四十公里机耕道，以往要靠人背下山的果子，如今车子可以开到地头。",
)


def discussed(name: str, comment: str) -> str:
    """A short article with nine long comments."""
    said = (
        comment.format(n=n, name=f"海边人{NAMES[n]}", text=COMMENTS[n % 3] + COMMENTS[(n + 1) % 3]) for n in range(9)
    )
    under = "".join(f"<div class='{name}'>{one}</div>" for one in said)
    return page(f"<p>{LEAD}</p><p>{NEXT}</p>", under=f"<div class='say'>{under}</div>")


SHOWN = [
    Shape("a flash of forty characters", page(f"<p>{FLASH}</p>", title="央行开展一百亿元逆回购"), (FLASH,), least=0.75),
    Shape("a flash without a paragraph", page(FLASH, title="央行开展一百亿元逆回购"), (FLASH,), least=0.75),
    Shape("a table of data", page(f"<p>{LEAD}</p>{TABLE}<p>{NEXT}</p>"), (LEAD, *ROW_LINES, NEXT)),
    Shape(
        "nested lists",
        page(
            f"<p>{LEAD}</p><ol><li>已完成<ul><li>北主塔封顶</li><li>南主塔封顶</li></ul></li><li>待完成：架梁</li></ol><p>{NEXT}</p>"
        ),
        (LEAD, "已完成", "北主塔封顶", "南主塔封顶", "待完成：架梁", NEXT),
    ),
    Shape(
        "a list of definitions",
        page(
            f"<p>{LEAD}</p><dl><dt>主塔</dt><dd>撑起斜拉索的塔</dd><dt>钢箱梁</dt><dd>做成箱形的桥面</dd></dl><p>{NEXT}</p>"
        ),
        (LEAD, "主塔", "撑起斜拉索的塔", "钢箱梁", "做成箱形的桥面", NEXT),
    ),
    Shape(
        "a caption in its figure",
        page(
            f"<p>{LEAD}</p><figure><img src='/p/1.jpg'><figcaption>{CAPTION}</figcaption></figure><p>{CRAFT}</p><p>{NEXT}</p>"
        ),
        (LEAD, CAPTION, CRAFT, NEXT),
    ),
    Shape(
        "a caption in small letters",
        page(
            f"<p>{LEAD}</p><p style='text-align:center'><img src='/p/1.jpg'></p>"
            f"<p style='text-align:center'><font size='2' color='#555'>{CAPTION}</font></p><p>{CRAFT}</p><p>{NEXT}</p>"
        ),
        (LEAD, CAPTION, CRAFT, NEXT),
    ),
    Shape(
        "the rest behind a fold",
        page(
            f"<div class='short'><p>{LEAD}</p></div><div class='rest' style='display: none'><p>{CRAFT}</p><p>{WIND}</p><p>{NEXT}</p></div>"
            "<a class='more' href='javascript:;'>展开全文</a>"
        ),
    ),
    Shape(
        "an excerpt, and the whole behind a fold",
        page(
            f"<div class='excerpt'><p>{LEAD[:30]}…</p></div><div class='whole' style='display:none'>{PROSE}</div>"
            "<span class='more'>阅读全文</span>"
        ),
    ),
    Shape(
        "another article below",
        page(
            PROSE,
            under=f"<h1>山核桃开采</h1><div class='info'>2026-10-11 16:20　来源：云溪日报</div><div class='c'>{''.join(f'<p>{text}</p>' for text in FOREIGN)}</div>",
        ),
    ),
    Shape("long comments, by their class", discussed("comment-item", "<b>{name}</b><p>{text}</p>"), (LEAD, NEXT)),
    Shape(
        "long comments, by their dates", discussed("one", "<b>{name}</b><i>{n}小时前</i><p>{text}</p>"), (LEAD, NEXT)
    ),
    Shape(
        "long comments, by what can be clicked",
        discussed("one", "<b>{name}</b><p>{text}</p><a href='#'>回复</a>"),
        (LEAD, NEXT),
    ),
    Shape(
        "long comments, by their dates without a year",
        discussed("one", "<b>{name}</b> <i>10-11 1{n}:05</i><p>{text}</p>"),
        (LEAD, NEXT),
    ),
    Shape(
        "long comments, by dates behind them",
        discussed("one", "<b>{name}</b><p>{text}</p><i>2026-10-11 1{n}:05</i>"),
        (LEAD, NEXT),
    ),
    Shape(
        "below a list of teasers with leads",
        page(
            f"<p>{LEAD}</p><p>{CRAFT}</p><p>{NEXT}</p>",
            over="<div class='news'>"
            + "".join(
                f"<div class='item'><h3><a href='/yw/{n}.html'>菜市场换了新灯之{n}</a></h3><p>{TEASER}</p></div>"
                for n in range(8)
            )
            + "</div>",
        ),
        (LEAD, CRAFT, NEXT),
    ),
    Shape(
        "tables in tables, in GBK",
        (
            f"<html><head><meta http-equiv='Content-Type' content='text/html; charset=gb2312'><title>{TITLE}-青禾在线</title></head>"
            "<body><table width='980'><tr><td><table><tr><td><a href='/'>首页</a></td><td><a href='/yw/'>要闻</a></td></tr></table></td></tr>"
            f"<tr><td width='200'><table>{''.join(f'<tr><td><a href=/h{n}.htm>老城里的旧闻第{n}条</a></td></tr>' for n in range(12))}</table></td>"
            f"<td><table><tr><td align='center'><b><font size='5'>{TITLE}</font></b></td></tr>"
            "<tr><td align='center'>2026-10-12 09:41　来源：青禾日报</td></tr>"
            f"<tr><td><font size='3'>{'<br><br>'.join('　　' + text for text in WHOLE)}<br></font></td></tr></table></td></tr>"
            "<tr><td align='center'>版权所有 青禾在线</td></tr></table></body></html>"
        ),
        encoding="gb18030",
    ),
]

# --- where a script is to show it -----------------------------------------------------------

LD = json.dumps({"@type": "NewsArticle", "headline": TITLE, "articleBody": "\n".join(WHOLE)}, ensure_ascii=False)
NEXT_DATA = {"props": {"pageProps": {"article": {"title": TITLE, "content": PROSE, "pubTime": "2026-10-12 09:41:00"}}}}
STATE = {"menu": [{"name": "要闻"}], "detail": {"title": TITLE, "content": PROSE, "source": "青禾日报"}}

TOLD = [
    Shape("in JSON-LD", bare(f"<script type='application/ld+json'>{LD}</script>"), evidence="json-ld"),
    Shape(
        "in __NEXT_DATA__",
        bare(f"<script id='__NEXT_DATA__' type='application/json'>{json.dumps(NEXT_DATA)}</script>"),
        evidence="script:__NEXT_DATA__",
    ),
    Shape(
        "in window.__INITIAL_STATE__",
        bare(f"<script>window.__INITIAL_STATE__={json.dumps(STATE)};(function(){{var s;}})()</script>"),
        evidence="script:window.__INITIAL_STATE__",
    ),
    Shape(
        "in a state that is more than JSON",
        bare(
            f"<script>window.__INITIAL_STATE__={json.dumps({**STATE, 'user': 0}).replace(': 0', ':undefined')};</script>"
        ),
        evidence="script:window.__INITIAL_STATE__",
    ),
    Shape(
        "in JSON-LD, behind an excerpt",
        page(f"<p>{LEAD[:30]}…</p>", head=f"<script type='application/ld+json'>{LD}</script>"),
        evidence="json-ld",
    ),
    Shape(
        "in a template",
        bare(f"<template>{PROSE}</template>"),
        evidence="textarea",
    ),
    Shape(
        "in a text area",
        bare(f"<textarea id='content' style='display:none'>{escape(PROSE)}</textarea>"),
        evidence="textarea",
    ),
]


@pytest.mark.parametrize("shape", SHOWN + TOLD, ids=lambda shape: shape.name)
def test_the_text_is_whole_and_nothing_else(shape: Shape) -> None:
    found = read(shape.markup, shape.encoding)
    assert found.text.splitlines() == list(shape.text)
    assert (found.evidence["body"], found.problem) == (shape.evidence, "")
    assert found.confidence >= shape.least


@pytest.mark.parametrize("shape", [shape for shape in TOLD if "root" in shape.markup], ids=lambda shape: shape.name)
def test_what_the_page_shows_is_asked_first(shape: Shape) -> None:
    """The same data on a page with an article in its elements: what a reader sees is the article."""
    shown = shape.markup.replace("<div id='root'></div>", f"<h1>{TITLE}</h1><div>{PROSE}<p>{TEASER}</p></div>")
    assert TEASER in shown
    assert read(shown).evidence["body"] == "generic"


def test_a_page_that_only_a_script_fills_is_no_article() -> None:
    found = read(bare(""))
    assert (found.text, found.problem, found.confidence) == ("", "javascript", 0.0)


# --- what survives into HTML and Markdown ---------------------------------------------------

RICH = (
    f"<p>　　<b>青禾讯</b>　{LEAD}</p>"
    "<h3>怎样浇筑</h3>"
    f"<p>{CRAFT}<a href='../202609/t20260901_5.html'>此前的报道</a>介绍过这种模板。</p>"
    "<p style='text-align:center'><img src='/p/1.jpg' alt='北主塔'></p>"
    f"<blockquote><p>{WIND}</p></blockquote>"
    "<ol><li>北主塔<em>已封顶</em></li><li>南主塔</li></ol>"
    "<table><tr><th>站名</th><th>客流</th></tr><tr><td>南湖</td><td>3.4</td></tr><tr><td>老城</td><td>2.9</td></tr></table>"
    f"<p>{NEXT}</p>"
)
HTML = f"""\
<p><strong>青禾讯</strong> {LEAD}</p>
<h3>怎样浇筑</h3>
<p>{CRAFT}<a href="https://news.example.cn/yw/202609/t20260901_5.html">此前的报道</a>介绍过这种模板。</p>
<p><img src="https://news.example.cn/p/1.jpg" alt="北主塔"></p>
<blockquote><p>{WIND}</p></blockquote>
<ol><li>北主塔<em>已封顶</em></li><li>南主塔</li></ol>
<table><tr><th>站名</th><th>客流</th></tr><tr><td>南湖</td><td>3.4</td></tr><tr><td>老城</td><td>2.9</td></tr></table>
<p>{NEXT}</p>"""
MARKDOWN = f"""\
# {TITLE}

**青禾讯** {LEAD}

### 怎样浇筑

{CRAFT}[此前的报道](https://news.example.cn/yw/202609/t20260901_5.html)介绍过这种模板。

![北主塔](https://news.example.cn/p/1.jpg)

> {WIND}

1. 北主塔*已封顶*
2. 南主塔

| 站名 | 客流 |
| --- | --- |
| 南湖 | 3.4 |
| 老城 | 2.9 |

{NEXT}"""


def test_the_form_survives_into_html_and_markdown() -> None:
    found = read(page(RICH))
    assert found.html == HTML
    article = Article("qh", "88", URL, found.title, found.html, found.text, NOW, found.published)
    document = render(article, "archive", Context("青禾在线", "资讯", False, "Asia/Shanghai")).decode()
    assert document.partition("\n---\n")[2].strip() == MARKDOWN
