"""Articles that go on over several pages: where the next page is, and where the first (`joining` joins them).

Pure, no rule for a site. A link counts if it is worded as a pager's and its address is the article's own but
for a page number (`numbered`). The pages are followed one by one; a view of all of them on one page (余下全文)
is taken only where no next page is linked, as it is often another template, or an advertisement for an app.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from itertools import islice

from lxml import etree, html

from crawler.extraction.series import numbered
from crawler.extraction.series.numbered import Reading
from crawler.extraction.tree import Tree, absolute, line

_NEXT = re.compile(
    r"^[\s\[【（(|]*(?:(?:点击|阅读|进入|查看|转到){0,2}(?:下一?[页頁]|[后後]一?[页頁])(?:继续阅读|阅读|\s*[:：].{0,40})?|继续阅读|"
    r"(?:go to |continue to |read )?(?:the )?next(?: page)?|page suivante|nächste seite|次のページ)?"
    r"[\s\]】）)>＞»›→▶❯|.…]*$",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"下一?[页頁]\s*[:：]\s*$")
_PREVIOUS = re.compile(
    r"^[\s\[【（(|<＜«‹←◀❮]*(?:上一?[页頁]|前一?[页頁]|首[页頁]|第一[页頁]|prev(?:ious)?(?: page)?|first(?: page)?)?[\s\]】）)|]*$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"[上下前后後]一?[篇条條则則]|\b(?:post|article|story|stories|entry|comment)", re.IGNORECASE)
_COUNTED = re.compile(
    r"^[\s\[【（(]*(?:(?:第|page )\s*)?(\d{1,2}|[一二三四五六七八九十])\s*(?:[页頁]\s*(?:[:：、\s].{0,40})?)?[\s\]】）)]*$",
    re.I,
)
_CHINESE = "一二三四五六七八九十"
_WHOLE = re.compile(
    r"^[\s\[【（(]*(?:余下全文|阅读(?:剩余)?全文|全文阅读|单页阅读|查看全文|显示全文|浏览全文|在本页阅读全文|"
    r"(?:view|show|read) (?:all|full (?:article|story|text))|(?:view )?(?:as )?(?:a )?single page|(?:view )?on one page)[\s\]】）)>»]*$",
    re.IGNORECASE,
)  # fmt: skip
_NAMED_NEXT = re.compile(r"(?:^|[\s_-])(?:next|page-?next|next-?page|nextpage|pagenxt|nxt)(?:$|[\s_-])", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"comment|reply|replies|pinglun|review|feedback|related|recommend|sidebar|relat_|(?:article|post|news|more)-?list",
    re.IGNORECASE,
)
_LABEL = 60  # characters of a link in a pager
_SHORT = 12  # characters of a link such as "?page=2" or "p2.html", which does not name the article
# Scripts that write the pager: the call of TRS, and the variables of its older templates. They count from 0.
_BY_TRS = re.compile(r"/t\d{6,8}(?:_\d+)*\.\w+(?:[?#]|$)")
_CALL = re.compile(
    r"createPageHTML\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*[\"']([\w.-]{1,100})[\"']\s*,\s*[\"'](\w{1,8})[\"']"
)
_CURRENT = re.compile(r"\bcurrentPage\s*=\s*(\d{1,3})\s*;")
_COUNT = re.compile(r"\bcountPage\s*=\s*(\d{1,3})\s*;")
_SCRIPTS = etree.XPath(
    "//script[contains(., 'createPageHTML(') or contains(., 'countPage')]/text()", smart_strings=False
)
# An anchor in the page's text, for a look back without a tree; each part is bounded.
_ANCHOR = re.compile(
    r"<(?:a|link)\b([^<>]{1,1000})>"
    r"([^<>]{0,60}(?:</?(?:span|i|b|em|strong|font)\b[^<>]{0,200}>[^<>]{0,60}){0,4}</a>)?",
    re.IGNORECASE,
)
_MOST_ANCHORS = 5_000
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_REL = re.compile(r"\brel\s*=\s*[\"']?([\w\s]+)", re.I)


# --- the next page -----------------------------------------------------------------


def next_of(tree: Tree, body_element: html.HtmlElement | None, url: str) -> str:
    """The address of the article's next page, "" if there is none."""
    found: dict[str, str] = {}
    for kind, link in _links(tree, body_element, url):
        if kind == "next":
            return link
        found.setdefault(kind, link)
    if "counted" in found:
        return found["counted"]
    if _BY_TRS.search(url):
        scripted = _scripted("\n".join(_SCRIPTS(tree.root)), tree.base, url)
        if scripted and scripted[0] and numbered.following(url, scripted[0]):
            return scripted[0]
    return found.get("whole", "")


def _links(tree: Tree, body: html.HtmlElement | None, url: str) -> Iterable[tuple[str, str]]:
    """Links to the next page ("next", or "counted" where a number is all they say) and to all pages ("whole")."""
    above = set(body.iterancestors()) if body is not None else set()
    names = {"" if "%" in url else one.of[1].rpartition("/")[2] for one in numbered.readings(url)}
    proven: bool | None = None
    for element in tree.root.iter("a", "link"):
        raw = element.get("href") or ""
        # Nearly all of a page's links end here: they lack the article's own name, or a number.
        if (len(raw) > _SHORT and not any(name in raw for name in names)) or not numbered.may_be_page(raw):
            continue
        link, _, fragment = absolute(raw, tree.base).partition("#")
        if not link or "comment" in fragment or "respond" in fragment:
            continue
        label = _label(element)
        if label is None:
            continue
        if _WHOLE.match(label):
            if numbered.is_whole_view(url, link) and not _is_elsewhere(element, above):
                yield "whole", link
            continue
        found = numbered.following(url, link)
        kind = _kind(element, label, *found) if found else ""
        if not found or not kind or _is_elsewhere(element, above):
            continue
        if (found[0].number or 0) > 1:  # an address that ends in 12 may as well be the twelfth article's
            proven = _leads_back(tree, url) if proven is None else proven
            if not proven:
                continue
        yield kind, link


def _label(element: html.HtmlElement) -> str | None:
    """What the link says; None if it is too much for a pager, or speaks of another article."""
    text = line(element)
    if not text:
        picture = element.find(".//img")
        told = element.get("title") or element.get("aria-label") or (picture.get("alt") if picture is not None else "")
        text = " ".join((told or "").split())
    return None if len(text) > _LABEL or _ARTICLE.search(text) else text


def _kind(element: html.HtmlElement, label: str, now: Reading, then: Reading) -> str:
    """ "next", "counted", or "" for a link that is in no pager."""
    # `/my-post-2.html` may be the next post, which WordPress calls rel=next as well.
    is_plain = then.mark != "-"
    if _BEFORE.search(_text_before(element)):
        return "next"
    if _NEXT.match(label) if label else is_plain and _NAMED_NEXT.search(element.get("class") or ""):
        return "next"
    if is_plain and "next" in (element.get("rel") or "").lower().split() and (now.number is None or not label):
        return "next"
    # A label counts from 1, an address perhaps from 0.
    assert then.number is not None
    expected = (2,) if now.number is None else (then.number, then.number + 1)
    return "counted" if _counted(label) in expected else ""


def _text_before(element: html.HtmlElement) -> str:
    previous, above = element.getprevious(), element.getparent()
    return (previous.tail if previous is not None else above.text if above is not None else "") or ""


def _counted(label: str) -> int:
    match = _COUNTED.match(label)
    if match is None:
        return 0
    return _CHINESE.index(match[1]) + 1 if match[1] in _CHINESE else int(match[1])


def _is_elsewhere(element: html.HtmlElement, above: set[html.HtmlElement]) -> bool:
    """In the comments, a sidebar or a list of other articles, as far as these do not hold the article too."""
    for part in element.iterancestors():
        if part in above or part.tag == "body":
            return False
        if part.tag == "aside" or _ELSEWHERE.search(f"{part.get('class') or ''} {part.get('id') or ''}"):
            return True
    return False


def _leads_back(tree: Tree, url: str) -> bool:
    """Whether a page whose address ends in 2, 3 … also links to an earlier page of the article."""
    for element in tree.root.iter("a", "link"):
        link = absolute(element.get("href") or "", tree.base).partition("#")[0]
        if link and (before := numbered.preceding(url, link)):
            label = _label(element)
            if label is not None and _is_previous(label, element.get("rel") or "", before.number):
                return True
    return False


def _is_previous(label: str, rel: str, number: int | None) -> bool:
    if label and (counted := _counted(label)):
        return counted in ((number, number + 1) if number is not None else (1,))
    if label:
        return _PREVIOUS.match(label) is not None
    return "prev" in rel.lower()


def _scripted(code: str, base: str, url: str) -> tuple[str, str] | None:
    """Next and first page, as a script writes them; ("", …) on the last page, None where no script does."""
    if call := _CALL.search(code):
        count, current, name, ending = int(call[1]), int(call[2]), call[3], call[4]
    else:
        now, all_ = _CURRENT.search(code), _COUNT.search(code)
        match = re.search(r"/([^/?#]+?)(_\d{1,2})?\.(\w{1,8})(?:[?#]|$)", url)
        # The file's own name stands in the script: else it pages something else.
        if (
            not now
            or not all_
            or not match
            or not re.search(rf"[\"']{re.escape(match[1])}[\"'.]", code.replace("\\", ""))
        ):
            return None
        count, current, name, ending = int(all_[1]), int(now[1]), match[1], match[3]
    following = absolute(f"{name}_{current + 1}.{ending}", base) if current + 1 < count else ""
    return following, absolute(f"{name}.{ending}", base) if current else ""


# --- the first page ----------------------------------------------------------------


def first_of(text: str, url: str) -> str:
    """The address of the article's first page, if the page at ``url`` says that it is a further one; else "".

    ``text`` is the whole page, not parsed: only addresses that end in a page number are looked at.
    """
    if not numbered.may_be_further(url):
        return ""
    scripted = _scripted(text, url, url) if _BY_TRS.search(url) else None
    if scripted is not None:
        return scripted[1] if scripted[1] and numbered.preceding(url, scripted[1]) else ""
    found: dict[int, str] = {}
    for anchor in islice(_ANCHOR.finditer(text), _MOST_ANCHORS):
        href = _HREF.search(anchor[1])
        link = absolute(unescape(next(filter(None, href.groups()), "")), url).partition("#")[0] if href else ""
        before = numbered.preceding(url, link) if link else None
        if before is None:
            continue
        label = " ".join(unescape(re.sub(r"<[^<>]*>", "", anchor[2] or "")).split())
        rel = _REL.search(anchor[1])
        if not _ARTICLE.search(label) and _is_previous(label, rel[1] if rel else "", before.number):
            found.setdefault(-1 if before.number is None else before.number, link)
    # The address without a number is the first page; of `_0` and `_1` the lower one. Another leads there.
    return found[min(found)] if found else ""
