"""What an answer is before it is read: its text, its kind in words for a person, its tree.

Pure. For the readers of this room; selectors and links are ``extraction``'s.
"""

from __future__ import annotations

import re

from crawler.errors import ListError
from crawler.extraction.charset import decode
from crawler.extraction.tree import Tree, parse
from crawler.models import Page

_BINARY = {
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"PK\x03\x04": "a ZIP file",
    b"\x1f\x8b": "compressed data",
}
FEED_ROOT = re.compile(r"<(?:rss|feed|(?:\w+:)?RDF)[\s>]")
_JSON_START = re.compile(r"\s*(?:[\w$.]{0,100}\(\s*)?[{\[]")
_TAG = re.compile(r"<(?:[a-zA-Z][\w:-]*[\s/>]|!doctype)", re.IGNORECASE)
_ELEMENT = re.compile(r"<[^?!]")


def decoded(page: Page) -> str:
    return decode(page.body, page.charset).text.lstrip("\ufeff").replace("\x00", "")


def kind_of(page: Page, text: str) -> str:
    """``a page``, ``a feed``, ``JSON``, ``text``, ``nothing`` or what the first bytes say."""
    if not text.strip():
        return "nothing"
    for magic, name in _BINARY.items():
        if page.body.startswith(magic):
            return name
    if _JSON_START.match(text):
        return "JSON"
    root = FEED_ROOT.search(text)
    if root and not _ELEMENT.search(text, 0, root.start()):
        return "a feed"
    return "a page" if _TAG.search(text) else "text"


def page_tree(page: Page, what: str) -> Tree:
    """The parsed page; ListError when ``what`` ("the list") answered with anything else."""
    text = decoded(page)
    kind = kind_of(page, text)
    tree = parse(text, page.url) if kind == "a page" else None
    if tree is None:
        raise ListError(f"{what} answered with {kind}, not a page")
    return tree
