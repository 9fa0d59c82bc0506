"""Who wrote it, for whom, in which section, in which language, and where it stood first.

Pure. Each value says where it was read; what the page does not give stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from lxml import etree, html

from crawler.extraction import selectors
from crawler.extraction.content.blocks import Line
from crawler.extraction.content.body import Body
from crawler.extraction.content.headline import is_foreign
from crawler.extraction.facts import accounts, authors, published
from crawler.extraction.facts.context import Context
from crawler.extraction.lines import byline, names
from crawler.extraction.signals import Signals
from crawler.extraction.text import clean_line, fold
from crawler.extraction.tree import absolute
from crawler.extraction.tree import line as line_of
from crawler.models import Moment

_MEDIUM = ("mediaid", "source", "og:article:source", "article:source", "bytedance:source")
_TRAIL = etree.XPath("//*[a][contains(., '正文')][string-length(normalize-space(.)) < 80]")  # 首页 > 要闻 > 正文
_CREDITS = etree.XPath("//body//text()[contains(., '文章来源') or contains(., '原文链接') or contains(., '原文地址')]")
_SOURCE_LABEL = re.compile(r"^.{0,4}来源\s*[:：]\s*")
_HREF = re.compile(r'href="([^"]+)"')
_SHORTENED = re.compile(r"https?://\S*(?:…|\.\.\.)\s*$")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_CRUMB = re.compile(r"^(?:(?:网站)?首页|主页|正文|(?:当前|您的)?位置.*|home|[>›»/\s]*)$", re.IGNORECASE)
_SECTION_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Found:
    """Fields with their evidence, by the names of ``Extraction``."""

    published: Moment | None
    authors: tuple[str, ...]
    medium: str
    section: str
    original_url: str
    language: str
    evidence: dict[str, str]


def read(page: Context) -> Found:
    moment = published.read(page)
    people, by = authors.read(page)
    medium, by_medium = _medium(page, people)
    section, by_section = _section(page)
    original, by_original = _original(page)
    told = {
        "published": moment.provenance if moment else "",
        "authors": by,
        "medium": by_medium,
        "section": by_section,
        "original_url": by_original,
    }
    evidence = {name: where for name, where in told.items() if where}
    return Found(moment, people, medium, section, original, page.language, evidence)


def _medium(page: Context, people: tuple[str, ...]) -> tuple[str, str]:
    declared, selector = selectors.first(page.tree.root, page.source.medium if page.source else ())
    for text in declared:
        medium = byline.medium_in([text]) or byline.clean_medium(_without_author(text))
        if medium:
            return medium, f"declared:{selector}"
    readers: tuple[tuple[str, Callable[[], str]], ...] = (
        ("byline", lambda: byline.medium_in(text for text in page.beside if text not in page.cut)),
        ("meta", lambda: next(filter(None, map(byline.clean_medium, map(page.signals.first, _MEDIUM))), "")),
        ("byline", lambda: byline.medium_in((*page.cut, *page.after))),
        ("byline", lambda: byline.medium_beside_date(page.beside, people)),
        ("json-ld", lambda: _provider(page)),
        ("script", lambda: byline.clean_medium(page.record.medium)),
        ("account", lambda: accounts.account_in(page.near, page.beside, page.signals.page_title)),
        ("list", lambda: page.candidate.medium if page.candidate else ""),
    )
    for where, reader in readers:
        if medium := reader():
            return medium, where
    return "", ""


def _provider(page: Context) -> str:
    """Who supplied it, by JSON-LD, if that is not the site itself."""
    provider = byline.clean_medium(page.signals.ld("provider") or page.signals.ld("sourceOrganization"))
    return "" if fold(provider) == fold(page.signals.ld("publisher")) else provider


def _without_author(text: str) -> str:
    """ "某某日报 张三" -> "某某日报": a person's name after a blank is not the medium's."""
    bare = _SOURCE_LABEL.sub("", text)
    first, _, rest = bare.partition(" ")
    return first if _CJK.search(first) and names.plain(rest) else bare


def _section(page: Context) -> tuple[str, str]:
    """The last crumb that is neither the home page nor 正文."""
    crumbs, selector = selectors.first(page.tree.root, page.source.section if page.source else ())
    parts = [clean_line(part, _SECTION_LIMIT) for crumb in crumbs for part in re.split(r"[>›»]", crumb)]
    known = [part for part in parts if part and not _CRUMB.match(part)]
    if known:
        return known[-1], f"declared:{selector}"
    if told := clean_line(page.signals.first("article:section"), _SECTION_LIMIT):
        return told, "meta:article:section"
    for trail in _TRAIL(page.tree.root)[:1]:
        links = [clean_line(line_of(link), _SECTION_LIMIT) for link in trail.iterchildren("a")]
        known = [text for text in links if text and not _CRUMB.match(text)]
        if known:
            return known[-1], "trail"
    if page.candidate and page.candidate.section:
        return page.candidate.section, "list"
    return "", ""


def _original(page: Context) -> tuple[str, str]:
    base = page.tree.base
    for selector in page.source.original if page.source else ():
        links = [] if "@" in selector else selectors.texts(page.tree.root, f"{selector}@href")
        for value in (*links, *selectors.texts(page.tree.root, selector)):
            address = absolute(byline.address_in(value) or (value if value in links or "@" in selector else ""), base)
            if address:
                return address, f"declared:{selector}"
    address = absolute(byline.original_in(_whole(line) for line in page.body.cut), base)
    if not address and not page.body.by_container:  # who declares a container declares this, too
        credits = (
            text for text in _CREDITS(page.tree.root) if not is_foreign(text.getparent())
        )  # not what readers link to
        address = absolute(byline.original_in(credits), base)
    return (address, "credit") if address else ("", "")


def _whole(line: Line) -> str:
    """The line's text; where it shortens an address ("https://某站/a…") with the address of its link."""
    link = _HREF.search(line.html) if _SHORTENED.search(line.text) else None
    return line.text.partition("http")[0] + unescape(link[1]) if link else line.text


def language(root: html.HtmlElement, signals: Signals, body: Body) -> str:
    """By the letters of the text: a page's ``lang`` is often only that of its template."""
    text = "".join(block.text for block in body.blocks[:20])[:500]
    said = (root.get("lang") or signals.first("og:locale")).replace("_", "-").strip().lower()
    said = said.split("-")[0]
    letters = sum(1 for character in text if character.isalpha())
    if said not in ("ja", "ko") and letters and len(_CJK.findall(text)) > 0.3 * letters:
        return "zh"
    return "" if said == "zh" and letters else said
