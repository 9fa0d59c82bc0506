"""A source's CSS selectors: compiled once, tried newest template first.

Pure. ``selector@name`` reads an attribute, a bare selector the element's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from cssselect import SelectorError
from lxml import etree, html
from lxml.cssselect import CSSSelector

from crawler.errors import ExtractionError
from crawler.extraction.tree import line

_ATTRIBUTE = re.compile(r"^(.+?)@([A-Za-z_][\w:-]*)$", re.S)


@lru_cache(maxsize=512)
def _compiled(selector: str) -> tuple[etree.XPath, str]:
    found = _ATTRIBUTE.match(selector)
    css, attribute = (found[1], found[2]) if found else (selector, "")
    try:
        return CSSSelector(css, translator="html"), attribute
    except SelectorError as error:
        raise ExtractionError(f"selector: {selector}: {error}; correct the source file") from error


def elements(root: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    return list(_compiled(selector)[0](root))


def outermost(found: Iterable[html.HtmlElement], inside: int = 0) -> list[html.HtmlElement]:
    """Those of ``found``, in document order, that stand inside at most ``inside`` others of them.

    Markup that is never closed nests hundreds, each of which holds all that follows.
    """
    levels: dict[html.HtmlElement, int] = {}
    for element in found:
        levels[element] = next((levels[above] + 1 for above in element.iterancestors() if above in levels), 0)
    return [element for element, level in levels.items() if level <= inside]


def texts(root: html.HtmlElement, selector: str) -> list[str]:
    """The non-empty texts, or attribute values, of all elements that match, in order."""
    query, attribute = _compiled(selector)
    found = ((element.get(attribute) or "").strip() if attribute else line(element) for element in query(root))
    return [text for text in found if text]


def first(root: html.HtmlElement, selectors: tuple[str, ...]) -> tuple[list[str], str]:
    """The texts of the first alternative that yields some, and that selector; ([], "") if none does."""
    for selector in selectors:
        found = texts(root, selector)
        if found:
            return found, selector
    return [], ""
