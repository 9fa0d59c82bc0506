"""Decoded text -> one lxml tree, which all readers of a page share.

Pure. Nobody changes the tree after `parse`: who needs another shape makes a copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

# Elements whose text no reader sees as part of the page.
INVISIBLE = frozenset((
    "script", "style", "noscript", "template", "head", "title", "svg", "math", "iframe", "object", "embed", "applet",
    "canvas", "audio", "video", "select", "option", "datalist", "textarea", "input", "button", "map",
))  # fmt: skip
# Elements that run inside a line of text; everything else starts a new one.
INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "q", "rb", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
))  # fmt: skip
# libxml2 stops reading at NUL, and lxml refuses to set text that holds the others.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EARLY_END = re.compile(r"</(?:body|html)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_SELF_CLOSED = re.compile(r"(<(?:body|html)\b[^<>]*?)/\s*>", re.IGNORECASE)
# One class for all elements: lxml.html's own look-up is a Python call for each element each time it is met.
_CLASSES = etree.ElementDefaultClassLookup(element=html.HtmlElement, comment=html.HtmlComment)
# Of markup that broke off inside a <meta>, or of a link that was never closed; no browser nests links.
_HOLDS_LINKS = etree.XPath("//a[descendant::a]")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass(frozen=True, slots=True)
class Tree:
    """``base`` resolves links; ``cut`` says that the parser gave up and lost the rest of the page."""

    root: html.HtmlElement
    url: str
    base: str
    cut: bool = False


def parse(text: str, url: str) -> Tree | None:
    """None if there is no element at all.

    libxml2 drops all that follows the 254th nested element, or a text node of 10 MB, without an exception;
    it only logs a fatal error. Such a page is parsed once more with the limits off (they end at 2,048 then).
    """
    # What follows an early </body> is shown by browsers, and dropped by libxml2; after <html/> it begins a second root.
    text = _SELF_CLOSED.sub(r"\1>", _EARLY_END.sub("", _NO_XML.sub("", text)))
    data = text.encode("utf-8", "replace")
    root, cut = _parse(data, huge=False)
    if cut:
        root, cut = _parse(data, huge=True)
    if root is None:
        return None
    for element in _HOLDS_LINKS(root):
        element.tag = "div"
        element.attrib.clear()
    return Tree(root, url, _base(root, url), cut)


def shell() -> tuple[html.HtmlElement, html.HtmlElement]:
    """An empty page for a copied element, and the <article> to put it into."""
    root, _ = _parse(b"<html><body><article itemprop='articleBody'></article></body></html>", huge=False)
    assert root is not None
    return root, root[0][0]


def _parse(data: bytes, *, huge: bool) -> tuple[html.HtmlElement | None, bool]:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=huge)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = html.document_fromstring(data, parser=parser)
    except etree.LxmlError:
        return None, False
    last = parser.error_log.last_error
    return root, last is not None and last.level == etree.ErrorLevels.FATAL


def _base(root: html.HtmlElement, url: str) -> str:
    element = root.find(".//base[@href]")
    if element is None:
        return url
    return absolute(element.get("href", ""), url) or url


def absolute(link: str, base: str) -> str:
    """The http(s) address that ``link`` means on a page at ``base``; "" if it means none."""
    link = "".join(link.split()) if "\n" in link or "\t" in link else link.strip()
    if not link or link.startswith("#"):
        return ""
    try:
        joined = urljoin(base, link)
        parts = urlsplit(joined)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    except ValueError:  # "http://[" and the like
        return ""
    return joined if usable else ""


def line(element: html.HtmlElement) -> str:
    """The element's text with white space folded to single spaces; scripts and styles left out."""
    if element.find(".//script") is None and element.find(".//style") is None:
        return " ".join(element.text_content().split())
    kept: list[str] = []
    for node in element.iter():
        tag = node.tag
        hidden = tag in ("script", "style") or not isinstance(tag, str)
        if node.text and not hidden:
            kept.append(node.text)
        if node.tail and node is not element:
            kept.append(node.tail)
    return " ".join("".join(kept).split())
