"""The selector that a source file would declare for a page's body, given the text that the generic way found.

That is how bench/extraction.py comes to declared containers for pages of sites that are no source of ours: it prices the
declared way, on any page, and says nothing about its quality.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

from crawler.extraction import charset, selectors
from crawler.extraction.tree import HEADINGS, INVISIBLE, parse

_PLAIN_NAME = re.compile(r"-?[A-Za-z_][\w-]*", re.ASCII)
_LEAVES = frozenset((*HEADINGS, "p", "pre", "figcaption"))  # nobody declares these
_MOST = 0.9  # share of the text that a container holds: a lead or a caption may stand outside


def selector_for(body: bytes, url: str, text: str) -> str:
    """The first match of it is the smallest element with nearly all of the text; "" if the page has none."""
    tree = parse(charset.decode(body).text, url)
    if tree is None:
        return ""
    for hidden in tree.root.iter(*INVISIBLE):
        for element in hidden.iter():
            element.text = ""
            element.tail = element.tail if element is hidden else ""
    lines = {_squeezed(line) for line in text.splitlines()} - {""}
    least = _MOST * sum(map(len, lines))
    if not lines or _held(tree.root, lines) < least:
        return ""  # a text out of a script
    element = tree.root
    while inner := [child for child in element if child.tag not in _LEAVES and _held(child, lines) >= least]:
        element = inner[0]
    for selector in _selectors(element):
        found = selectors.elements(tree.root, selector)
        if found and found[0] is element:
            return selector
    return ""


def _held(element: html.HtmlElement, lines: set[str]) -> int:
    """Characters of the lines that stand in the element."""
    text = _squeezed("".join(element.itertext()))
    return sum(len(line) for line in lines if line in text)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _selectors(element: html.HtmlElement) -> Iterator[str]:
    """From what a person would write to the plain way down from the root."""
    path = ""
    for step in (element, *element.iterancestors()):
        yield from (f"{name}{path}" for name in _names(step))
        parent = step.getparent()
        tag = str(step.tag)
        place = 1 if parent is None else parent.findall(tag).index(step) + 1
        path = f" > {tag}:nth-of-type({place}){path}"
    yield path.removeprefix(" > ")


def _names(element: html.HtmlElement) -> list[str]:
    tag = str(element.tag)
    classes = [name for name in (element.get("class") or "").split() if _PLAIN_NAME.fullmatch(name)]
    named = [f"{tag}.{name}" for name in classes]
    if _PLAIN_NAME.fullmatch(element.get("id") or ""):
        named.insert(0, f"#{element.get('id')}")
    if len(classes) > 1:
        named.append(f"{tag}.{'.'.join(classes)}")
    return named
