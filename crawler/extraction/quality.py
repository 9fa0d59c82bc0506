"""Is this page an article, and is what came out of it fit to be published?

Pure. Each reason is one short word and a sentence for a person. Short is not bad: a
flash of one sentence, a photo page or a table passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree, html

from crawler.extraction.charset import Decoded
from crawler.extraction.content.body import Body
from crawler.extraction.tree import INVISIBLE, Tree

_MOST_TAGS = 60_000  # "<" in a page: 200,000 <br> cost 25 s of CPU
# libxml2's time grows with the square of the attributes of one tag: 40,000 cost 4 s.
_MOST_ATTRIBUTES = 8_000
MOST_TEXT = 2_000_000  # characters of a page; a whole issue of a daily paper has fewer
_LENGTH = etree.XPath("string-length()")
_WIDE_TAG = re.compile(rb"<[A-Za-z][^<>]{40000,}")
_DAMAGE = 0.001  # share of characters that may be lost by decoding
_ENOUGH = 300  # characters of text from which a page is not asked whether it is a wall
_SHELL = 1_000  # visible characters of a page that holds a wall and nothing else
_BLANK = 60  # visible characters of a page that waits for its script
_FEW = 200  # characters of prose below which links decide
_LINKED = 0.7  # share of links in what a list page shows
_HEADS = 8  # headings of other articles in and beside the body of a list page
_NOTICE = 60  # characters of a line that may say that the rest is to be paid for
_TEASERS = 6  # linked headings or lines in the body of a list page

_MAGIC = {
    b"%PDF": "a PDF", b"\x89PNG": "an image", b"\xff\xd8\xff": "an image", b"GIF8": "an image", b"PK\x03\x04": "an archive",
    b"\x1f\x8b": "compressed bytes", b"Rar!": "an archive", b"7z\xbc\xaf": "an archive", b"\xd0\xcf\x11\xe0": "an Office file",
    b"OggS": "a video", b"\x00\x00\x01\x00": "an image", b"\x7fELF": "a program",
}  # fmt: skip
_FOREIGN_TYPE = re.compile(
    r"^(?:image|audio|video|font|model)/|^application/(?:pdf|zip|gzip|x-|msword|vnd\.|octet-stream|json|javascript|rss|atom)|^text/(?:css|javascript|csv)"
)
_CAPTCHA = re.compile(
    r"安全验证|人机验证|滑动验证|拖动.{0,6}滑块|验证码|访问验证|验证您?是(?:否)?(?:真)?人|访问过于频繁|访问异常|异常访问|请求被拦截|网站防火墙|"
    r"(?:IP|访问|请求).{0,8}(?:过快|过多|异常).{0,16}(?:限制|拦截|封禁|稍后)|"
    r"captcha|are you (?:a )?(?:human|robot)|verify (?:that )?you are|just a moment|attention required|access denied|unusual traffic|checking your browser",
    re.IGNORECASE,
)
_SCRIPT = re.compile(
    r"(?:启用|开启|打开|支持|允许|禁用了?).{0,12}java\s?script|java\s?script.{0,20}(?:disabled|required|is off|启用|关闭|禁用)|"
    r"(?:enable|turn on|need|requires?).{0,20}java\s?script|you need to enable",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:请先?|需要?|必须)\s*(?:登录|登陆|注册|订阅|付费)|(?:登录|登陆|订阅|付费|购买|开通会员|注册)(?:后|即可|之后)\s*(?:可|才能|继续|方可)?\s*(?:查看|阅读|浏览|访问|继续)|"
    r"(?:log ?in|sign ?in|subscribe|register) to (?:continue|read|view|access)|subscribers only|(?:会员|付费|订阅用户)(?:专享|专属|可读|内容)",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"(?:启用|开启|打开|接受|允许|支持).{0,12}cookie|cookie.{0,12}(?:被?禁用|关闭|未启用|(?:are|is) (?:disabled|required))|"
    r"(?:enable|turn on|requires?) (?:your )?(?:browser )?cookies",
    re.IGNORECASE,
)
# Behind the beginning of an article that is shown to all.
_PAID = re.compile(
    r"(?:剩余|余下|其余|全文|本文).{0,12}(?:付费|订阅|购买|登录|登陆|会员)(?:后|才|可|即可|专享|专属|内容|阅读|文章|查看)|(?:登录|登陆|订阅|付费|购买|开通会员|充值).{0,6}(?:阅读|查看|浏览|解锁).{0,4}(?:全文|剩余|余下|全部内容|完整|本文)|"
    r"(?:log ?in|sign ?in|subscribe|register) (?:now )?to (?:continue|keep) reading|(?:article|story|content) is (?:only )?(?:for|available to) (?:paid |paying )?(?:subscribers|members)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"请(?:在|使用|用).{0,4}(?:微信|客户端|APP|手机).{0,8}(?:打开|查看|访问|扫)", re.IGNORECASE)
_LEAVING = re.compile(r"即将(?:离开|跳转|访问)|(?:离开|跳转).{0,6}(?:本站|第三方|外部)|you are leaving", re.IGNORECASE)
_GONE = re.compile(
    r"\b404\b|(?:页面|网页|文章|内容|帖子|稿件|新闻|信息|资源)(?:已经?|已被|不|未|无法|没有|被)?(?:存在|删除|下线|下架|找到|移除|失效|过期|隐藏|访问)|"
    r"找不到(?:您|你)?(?:要|所)?.{0,8}(?:页面|网页|文章|内容|文件)|(?:不存在|已删除|已下线|被删除)[!！。]?$|(?:page|article|file|content) (?:was |is |could )?not (?:be )?found|"
    r"no longer available|has been (?:removed|deleted)|not found|(?:系统|网站|服务)(?:正在)?(?:升级|维护)中|服务器(?:开小差|繁忙|错误)",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE_GONE = re.compile(
    r"^\W*(?:404|403|410|500|502|503)\b|^(?:页面|网页|您访问的).{0,10}(?:不存在|找不到|已删除|出错)|not found|^error\b|出错了",
    re.IGNORECASE,
)


_FEED = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.DOTALL)
# What a site says of itself at the foot of each page.
_FOOT = re.compile(
    r"版权所有|未获.{0,6}许可|许可证|备案|ICP备|公网安备|关于我们|联系我们|广告服务|copyright", re.IGNORECASE
)


class Problem(NamedTuple):
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the other modules made of the page."""

    title: str
    text: str
    body: Body
    heading: bool  # the title stands on the page as a heading
    dated: bool  # the page itself gives a publication time
    after: tuple[str, ...]  # short lines that follow the body


def of_bytes(body: bytes, content_type: str) -> Problem | None:
    """What can be told before anything is parsed."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    if not start:
        return Problem("empty", "the page has no bytes")
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            return Problem("not-html", f"the page is {name}, by its first bytes")
    if body[4:8] == b"ftyp" or body[8:12] == b"WEBP":
        return Problem("not-html", "the page is a picture or a video, by its first bytes")
    if _FEED.match(start):
        return Problem("not-html", "the page is a feed or another XML file, not an article")
    declared = content_type.partition(";")[0].strip().lower()
    if _FOREIGN_TYPE.match(declared) and not start.startswith(b"<"):
        return Problem("not-html", f"the page is declared as {declared}")
    if b"<" not in start and b"<" not in body[:65_536].replace(b"\x00", b""):
        return Problem("not-html", "the page holds no markup")
    tags = body.count(b"<")
    if tags > _MOST_TAGS:
        return Problem("too-complex", f"the page has {tags} tags; {_MOST_TAGS} are read at most")
    widest = max((tag.count(b"=") for tag in _WIDE_TAG.findall(body)), default=0)
    if widest > _MOST_ATTRIBUTES:
        return Problem("too-complex", f"one tag has some {widest} attributes; {_MOST_ATTRIBUTES} are read at most")
    return None


def of_size(root: html.HtmlElement) -> Problem | None:
    """A text that no article has: 10 million characters cost 10 s of CPU. Scripts may be longer."""
    size = int(_LENGTH(root)) - sum(int(_LENGTH(script)) for script in root.iter("script", "style"))
    if size > MOST_TEXT:
        return Problem("too-complex", f"the page has {size} characters of text; {MOST_TEXT} are read at most")
    return None


def of_text(decoded: Decoded) -> Problem | None:
    lost = decoded.damaged
    if lost > _DAMAGE * len(decoded.text):
        return Problem(
            "damaged", f"{lost} of {len(decoded.text)} characters could not be decoded as {decoded.encoding}"
        )
    return None


def is_cut_off(text: str) -> bool:
    """Whether the markup ends inside a tag, a comment or a script: the transfer broke off."""
    end = text[-20_000:].rstrip().lower()
    if end.endswith(">") and not end.endswith("-->"):
        return False
    last = end[max(end.rfind("<"), end.rfind(">")) :]
    inside_tag = re.match(r"</?[a-z!]", last) is not None and not re.match(r"</(?:html|body)\s*$", last)
    open_comment = end.rfind("<!--") > end.rfind("-->")
    open_script = end.rfind("<script") > end.rfind("</script")
    return inside_tag or open_comment or open_script


def of_page(tree: Tree, outcome: Outcome) -> Problem | None:
    """What can be told from the parsed page and from what came out of it."""
    if tree.cut:
        return Problem("too-complex", "elements are nested too deeply; a part of the page could not be read")
    text = outcome.text
    settled = len(text) >= _ENOUGH or (outcome.body.by_container and len(text) >= 40)
    if not settled:
        wall = _wall(tree.root, outcome)
        if wall:
            return wall
    if paid := _paid(outcome):
        return Problem("login", f"the rest is behind a login: {paid!r}")
    if not outcome.body.by_container:
        listing = _list_page(tree.root, outcome)
        if listing:
            return listing
    if not outcome.body.by_container and text and all(_FOOT.search(line) for line in text.splitlines()):
        return Problem("list-page", "nothing but the foot of the page was found: a list or a home page")
    has_picture = any(block.images for block in outcome.body.blocks)
    if not text and not (has_picture and outcome.body.by_container):
        return Problem("empty", "no text was found on the page")
    if not outcome.title:
        return Problem("empty", "the page has no title")
    return None


def _paid(outcome: Outcome) -> str:
    """What the line says by which the article ends before its end."""
    last = [
        line for line in outcome.text.splitlines()[-1:] if not line.endswith("。")
    ]  # a sentence is the article's own
    for text in (*last, *outcome.after, *(line.text for line in outcome.body.cut)):
        if len(text) <= _NOTICE and (found := _PAID.search(text)):
            return found[0]
    return ""


def _wall(root: html.HtmlElement, outcome: Outcome) -> Problem | None:
    """A page that stands in the article's place."""
    shown = _visible(root)
    if len(shown) > _SHELL:
        return None
    title, said = outcome.title, f"{outcome.title}\n{shown}"
    if found := _CAPTCHA.search(said):
        if outcome.dated and outcome.heading:
            return None
        return Problem("captcha", f"the page asks for proof of a human: {found[0]!r}")
    if not outcome.dated and len(outcome.text) < _FEW and _COOKIE.search(shown):
        return Problem("cookies", "the page is shown only to a browser that keeps its cookie")
    outer = (e for e in root.iter("noscript") if next(e.iterancestors("noscript"), None) is None)  # 600 may be nested
    hints = " ".join(element.text_content() for element in outer)
    if (found := _SCRIPT.search(shown)) or (len(shown) < _BLANK and len(outcome.text) < 40 and _SCRIPT.search(hints)):
        return Problem("javascript", "the page shows its text only to a browser that runs its script")
    if len(shown) < _BLANK and len(outcome.text) < 20 and _is_shell(root):
        return Problem("javascript", "the page is an empty frame that a script is to fill")
    if not outcome.dated and len(outcome.text) < _BLANK:
        named = " ".join((root.findtext(".//title") or "").split())
        if _ELSEWHERE.search(shown):
            return Problem("login", "the article is shown in another program only")
        if found := _LEAVING.search(said):
            return Problem("stub", f"the page only leads on: {found[0]!r}")
        if _TITLE_GONE.search(named):
            return Problem("soft-404", f"the page says that there is no article: {named!r}")
    if _TITLE_GONE.search(title) or (not outcome.dated and len(shown) < _SHELL / 2 and (found := _GONE.search(said))):
        return Problem("soft-404", f"the page says that there is no article: {(found[0] if found else title)!r}")
    if outcome.dated and outcome.heading and len(outcome.text) >= 15:
        return None
    if (found := _LOGIN.search(shown.replace(title, ""))) or (
        not outcome.dated and root.find(".//input[@type='password']") is not None and len(outcome.text) < 100
    ):
        return Problem("login", f"the article is behind a login: {(found[0] if found else 'password field')!r}")
    return None


def _is_shell(root: html.HtmlElement) -> bool:
    return root.find(".//script") is not None and root.xpath(
        "boolean(.//*[@id='app' or @id='root' or @id='__next' or @id='__nuxt'])"
    )


def _list_page(root: html.HtmlElement, outcome: Outcome) -> Problem | None:
    """Links to articles in the place of one."""
    blocks = outcome.body.blocks
    teasers = sum(
        1 for block in blocks for line in block.lines if len(line.text) >= 8 and line.linked >= 0.8 * len(line.text)
    )
    lines = sum(len(block.lines) for block in blocks)
    # Without a headline: the headings may be in the body, with their dates, or may have been cut from it.
    beside = [*(line for block in blocks for line in block.lines), *(line for line in outcome.body.cut if line.text)]
    heads = sum(1 for line in beside if len(line.text) >= 8 and line.linked >= 0.5 * len(line.text))
    if not outcome.heading and heads >= max(_HEADS, 0.3 * len(beside)):
        return Problem("list-page", f"{heads} of {len(beside)} lines are headings of other pages")
    if teasers >= _TEASERS and teasers >= 0.4 * lines and not (outcome.dated and outcome.heading):
        return Problem("list-page", f"{teasers} of {lines} lines are links to other pages")
    linked = sum(line.linked for block in blocks for line in block.lines)
    if linked > _LINKED * len(outcome.text) > 0 and not (outcome.dated and outcome.heading):
        return Problem("list-page", f"{linked} of {len(outcome.text)} characters are links to other pages")
    if len(outcome.text) >= _FEW or (outcome.heading and outcome.dated):
        return None
    shown = len(_visible(root))
    links = [" ".join(a.text_content().split()) for a in root.iter("a")]
    linked = sum(len(text) for text in links)
    if len(links) >= 30 and linked > _LINKED * shown and len(outcome.text) < 0.1 * shown:
        return Problem("list-page", f"{len(links)} links, and {len(outcome.text)} characters of text beside them")
    return None


def _visible(root: html.HtmlElement) -> str:
    """The page's text, one line an element, without scripts and hidden parts."""
    parts: list[str] = []
    hidden: set[html.HtmlElement] = set()
    for element in root.iter():
        above = element.getparent()
        style = (element.get("style") or "").replace(" ", "").lower()
        if element.tag in INVISIBLE or above in hidden or "display:none" in style or element.get("hidden") is not None:
            hidden.add(element)
        elif element.text and element.text.strip():
            parts.append(" ".join(element.text.split()))
        if element.tail and element.tail.strip() and above not in hidden:
            parts.append(" ".join(element.tail.split()))
    return "\n".join(parts)
