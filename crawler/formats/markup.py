"""HTML from anywhere as inert blocks of a small allow-list, one top-level block a line.

nh3 decides what may stay; the second pass gives the one form that the styles and the Markdown
writer rely on: flat, no blank line, no line break inside a block, no text outside one. Pure.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from crawler.formats.blocks import BLOCKS, INLINE, Flow, tags

if TYPE_CHECKING:
    import nh3

ALLOWED = BLOCKS | INLINE | {"img", "br"}

_RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4", "tfoot": "tbody"}
_BREAKS = tags(  # not kept, but what they hold is not glued to its neighbours
    "div section article header footer main aside nav center address dl dt dd details summary form fieldset menu dir hr"
)
_DROPPED = tags(  # with all they hold
    "script style template noscript noembed noframes iframe object embed applet svg math title textarea "
    "select button audio video canvas"
)
_ATTRIBUTES = {
    "img": {"src", "alt", "title"},
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}

# Most of the news is simple paragraphs: one token each, which halves the time of the second pass.
_TOKEN = re.compile(r"<p>([^<]*)</p>[ \n]*|<(/?)([a-z][a-z0-9]*)([^<>]*)>|([^<]+)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")

_SUSPICIOUS = 4_000  # tags from which the nesting is looked at
_DEEPEST_INPUT = 1_000  # html5ever takes quadratic time in it: 100,000 nested <div> 42 s, 1,000 5 ms
_NESTING = re.compile(r"<(/?)(?!(?:p|li|td|th|tr|tbody|br|img|hr|input|wbr)\b)[a-z]", re.IGNORECASE)


def sanitise(html: str) -> str:
    """Clean HTML, one block a line, "" for nothing. The result of a result is the same."""
    if html.count("<") > _SUSPICIOUS and _depth(html) > _DEEPEST_INPUT:
        html = re.sub(r"<[^<>]*>", " ", html)
    try:
        clean = _cleaner().clean(html)
    except UnicodeEncodeError:  # half a surrogate pair
        clean = _cleaner().clean(html.encode("utf-8", "replace").decode())
    clean = _CONTROL.sub("", clean)
    flow = Flow()
    for paragraph, slash, tag, attributes, text in _TOKEN.findall(clean):
        if text:
            flow.text(text)
        elif slash:
            flow.end()
        elif tag:
            flow.start(_RENAMED.get(tag, tag), attributes)
        else:
            flow.paragraph(paragraph)
    return flow.finish()


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(ALLOWED | _RENAMED.keys() | _BREAKS),
        clean_content_tags=set(_DROPPED),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel=None,
    )


def _depth(html: str) -> int:
    """The deepest nesting, roughly: tags that close by themselves are not counted."""
    depth = deepest = 0
    for slash in _NESTING.findall(html):
        depth = max(0, depth - 1) if slash else depth + 1
        deepest = max(deepest, depth)
    return deepest
