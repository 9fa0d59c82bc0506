"""The page's title: which heading it is, or what else says it.

Pure. A heading that the ``<title>`` starts with or holds is right on 97 of 100 Chinese pages;
og:title alone on 83, the whole ``<title>`` on 20.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree, html

from crawler.extraction import selectors
from crawler.extraction.content.prose import FOREIGN_NAME
from crawler.extraction.lines import notices
from crawler.extraction.signals import Signals
from crawler.extraction.text import clean_title, fold
from crawler.extraction.tree import HEADINGS, line

_LONGEST = 150  # characters of a heading; longer ones are text
_RAW, _PARTS = 2_000, 300  # the same with the indents of the markup; elements in it
_SHORTEST = 4  # folded characters; "正文", "新闻" are no titles
_SURE, _SEPARATORS = 8, ("_", "-", "|", "–", "—", "｜")  # folded characters of such a heading
_PART = 0.5  # of a title that a heading must be; "Blog" is part of many
_NAMED = etree.XPath(
    "/descendant::*[self::div or self::p or self::span or self::td or self::font or self::strong][contains(@class, 'tit') or "
    "contains(@class, 'Tit') or contains(@class, 'eadline') or contains(@class, 'bt') or contains(@id, 'tit') or contains(@id, 'Tit')]"
)
# Where no <title> says what the page is about: what is set large.
_LARGE = etree.XPath(
    "/descendant::*[self::h1 or self::h2 or self::h3 or (self::font and number(@size) >= 4) or contains(@style, 'font-size:18') "
    "or contains(@style, 'font-size:2') or contains(@style, 'font-size: 18') or contains(@style, 'font-size: 2')]"
)
_PLAIN = etree.XPath(
    "/descendant::*[self::div or self::p or self::span or self::td or self::font or self::strong or self::b or self::h4 or self::h5]"
    "[string-length(text()[normalize-space()][1]) > 3]"
)
# A site's name at the end of a <title>, after a separator.
_SITE = re.compile(
    r"(?:网|网站|报|报道|日报|晚报|新闻|频道|在线|客户端|中心|社|周刊|杂志|财经|资讯|平台|传媒|门户|首页|论坛|头条|官网|"
    r"\.(?:com|cn|net|org)(?:\.cn)?|news|times|post|blog|magazine|online|daily|journal)\W*$",
    re.IGNORECASE,
)
_STRONG = re.compile(r"\s*(?:_+|\s[|｜]\s|[|｜](?=[^|｜]{1,20}$)|-{2,}|\s[-–—·•»:]{1,2}\s|——(?=[^—]{1,20}$))\s*")
_WEAK = re.compile(r"\s*[-–—]\s*(?=[^-–—]{1,20}$)")
_WEAK_FIRST = re.compile(r"\s*[-–—]\s*")
_SITE_FIRST = re.compile(
    r"^[\u4e00-\u9fff]{2,8}(?:数字报|电子报|电子版|新闻网|日报|晚报|早报|商报|都市报|日报网|晚报网|在线)$"
)  # "某某晚报数字报-标题"
_ORGANISATION = re.compile(
    r"(?:协会|公司|政府|网站?|学校|大学|学院|医院|[局厅]|委员会|中心|集团|研究[院所]|法院|检察院|学会|银行|基金会|官网|门户|投资者关系)$"
)
_SITE_LENGTH = 24  # characters of a tail that may be cut without a second look

_Candidate = tuple[tuple[bool, bool, int, int], str, html.HtmlElement]  # rank, folded text, heading


@dataclass(frozen=True, slots=True)
class Headline:
    """``elements`` are the headings on the page that say it, the best first; ``evidence`` where the title was read."""

    title: str
    evidence: str
    elements: tuple[html.HtmlElement, ...] = ()

    @property
    def element(self) -> html.HtmlElement | None:
        return self.elements[0] if self.elements else None


def read(root: html.HtmlElement, signals: Signals, declared: tuple[str, ...], listed: str) -> Headline:
    """``listed`` is the title that the list showed, "" if unknown."""
    found, selector = selectors.first(root, declared)
    if found and (title := clean_title(found[0])):
        return Headline(title, f"declared:{selector}", _elements_of(root, selector))
    page = clean_title(signals.page_title)
    if notices.is_furniture(page):  # "打印本文"
        page = ""
    site = signals.first("og:site_name", "application-name")
    said = [
        (where, title)
        for where, value in (
            ("json-ld", signals.ld("headline")),
            ("meta:og:title", signals.first("og:title")),
        )
        if len(fold(title := without_site(clean_title(value), site))) >= _SHORTEST
        and fold(title) != fold(site)
        and not _is_cut_at_quote(title, page)
    ]
    headings = _matching(root, (without_site(page, site), listed, *(title for _, title in said)), page)
    if headings:
        return Headline(clean_title(line(headings[0])), "heading", headings)
    if said:
        return Headline(said[0][1], said[0][0])
    only = _only_h1(root)
    if only is not None and fold(line(only)) != fold(site):
        return Headline(clean_title(line(only)), "heading", (only,))
    title = without_site(page, site)
    # Where <title> only says whose page it is, what is set large says what it is about.
    large = _large(root, title) if not title or _ORGANISATION.search(title) else None
    if large is not None:
        return Headline(clean_title(line(large)), "heading", (large,))
    if title:
        return Headline(title, "title")
    return Headline(clean_title(listed), "list" if listed else "")


def _large(root: html.HtmlElement, title: str) -> html.HtmlElement | None:
    """The first line that is set large, names something else than the site and is no link."""
    element: html.HtmlElement
    for element in _LARGE(root):
        text = _short_line(element)
        folded = fold(text)
        if (
            len(folded) >= _SURE
            and len(text) <= _LONGEST
            and folded not in fold(title)
            and not _ORGANISATION.search(text)
            and element.find(".//a") is None
            and not is_foreign(element)
        ):
            return element
    return None


def without_site(title: str, site: str = "") -> str:
    """``title`` without what sites put round it: "标题_频道_网名", "Title - Site", "Site | Title"."""
    name = fold(site)
    if name and (found := _STRONG.search(title)) and fold(title[: found.start()]) == name:
        title = title[found.end() :]
    if (found := _STRONG.search(title) or _WEAK_FIRST.search(title)) and _SITE_FIRST.search(title[: found.start()]):
        rest = title[found.end() :]
        if len(fold(rest)) >= _SHORTEST and not _SITE.search(rest):
            title = rest
    while found := _last(_STRONG, title):
        kept, tail = title[: found.start()], title[found.end() :]
        if len(fold(kept)) < max(_SHORTEST, len(fold(tail)) // 2):
            break
        if len(tail) > _SITE_LENGTH and fold(tail) != name and not _SITE.search(tail):
            break
        title = kept
    if (weak := _WEAK.search(title)) is not None:
        kept, tail = title[: weak.start()], title[weak.end() :]
        if ((name and fold(tail) in name) or _SITE.search(tail)) and len(fold(kept)) >= len(fold(tail)):
            title = kept
    return title.strip()


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    matches = list(pattern.finditer(text))
    return matches[-1] if matches else None


def _matching(root: html.HtmlElement, titles: tuple[str, ...], page: str) -> tuple[html.HtmlElement, ...]:
    """The heading that one of the titles starts with or holds, and those that say the same."""
    wanted = [folded for title in titles if (folded := fold(title))]
    if not wanted:
        return ()
    found = _candidates(root.iter("h1", "h2", "h3"), wanted, page)
    if not any(rank[:2] == (True, True) for rank, _, _ in found):
        found += _candidates((element for element in _NAMED(root) if len(element) <= 4), wanted, page)
    if not found:  # a page of tables and fonts: any line of its own that says it
        found = _candidates((element for element in _PLAIN(root) if len(element) <= 2), wanted, page)
    if not found:
        return ()
    best = max(found, key=lambda one: one[0])  # of equals the first
    return (
        best[2],
        *(element for _, folded, element in found if folded == best[1] and element is not best[2]),
    )


def _candidates(elements: Iterable[html.HtmlElement], titles: list[str], page: str) -> list[_Candidate]:
    found = []
    for element in elements:
        text = _short_line(element)
        if not _SHORTEST <= len(text) <= _LONGEST:
            continue
        folded = fold(text)
        if any(folded in title and len(folded) >= _PART * len(title) for title in titles) or _opens(text, page):
            starts = any(title.startswith(folded) for title in titles)
            level = 7 - int(element.tag[1]) if element.tag in HEADINGS else 0
            found.append(((not is_foreign(element), starts, len(folded), level), folded, element))
    return found


def _opens(text: str, page: str) -> bool:
    """Whether the <title> begins with it, and only names of things follow: "标题_关键词-网名"."""
    return len(fold(text)) >= _SURE and page.startswith(text) and page[len(text) :].lstrip()[:1] in _SEPARATORS


def is_foreign(element: html.HtmlElement) -> bool:
    """In a sidebar, a list of other articles and the like; or a link to another page."""
    above = element.getparent()
    if above is not None and above.tag == "a":
        return True
    for above in element.iterancestors():
        if above.tag in ("aside", "footer", "nav", "li", "body"):
            return above.tag != "body"
        if FOREIGN_NAME.search(f"{above.get('class') or ''} {above.get('id') or ''}"):
            return True
    return False


def _only_h1(root: html.HtmlElement) -> html.HtmlElement | None:
    found = [(h1, text) for h1 in root.iter("h1") if len(fold(text := _short_line(h1))) >= _SHORTEST]
    if len(found) != 1 or is_foreign(found[0][0]) or found[0][0].find(".//a") is not None:
        return None
    return found[0][0] if len(found[0][1]) <= _LONGEST else None


def _short_line(element: html.HtmlElement) -> str:
    """Its `line`; for more than a headline can be, some text that is too long for one as well.

    Of 600 headings that were never closed each holds all that follows, and to read them all takes seconds.
    """
    size = 0
    for count, part in enumerate(element.iter()):
        size += len((part.text or "").strip()) * (part.tag not in ("script", "style"))
        size += len((part.tail or "").strip()) * (part is not element)
        if size > _RAW or count > _PARTS:
            return "字" * (_LONGEST + 1)
    return line(element)


def _is_cut_at_quote(title: str, page: str) -> bool:
    """Whether an attribute ended at a straight quote that belongs to the title."""
    return page.startswith(title) and page[len(title) : len(title) + 2].strip().startswith(('"', "'"))


def _elements_of(root: html.HtmlElement, selector: str) -> tuple[html.HtmlElement, ...]:
    return () if "@" in selector else tuple(e for e in selectors.elements(root, selector) if line(e))[:1]
