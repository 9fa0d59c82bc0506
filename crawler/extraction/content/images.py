"""Which address an ``<img>`` really means, behind lazy-loading attributes and placeholders.

Pure.
"""

from __future__ import annotations

import re

from lxml import etree

from crawler.extraction.text import clean_line
from crawler.extraction.tree import absolute
from crawler.models import Image

# Where scripts find the picture that a reader will see, most telling first.
_LAZY = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-actualsrc",
    "data-original-src",
    "data-url",
    "data-echo",
)
_PLACEHOLDER = re.compile(
    r"^data:|(?:^|/)(?:blank|spacer?|pixel|placeholder|loading|lazy-?load|gr[ae]y|transparent|1x1|t|default)[-_]?\d*"
    r"\.(?:gif|png|jpe?g|svg)(?:$|\?)",
    re.IGNORECASE,
)
_ALT_LIMIT = 300


def picture(element: etree._Element, base: str) -> Image | None:
    """None for placeholders, counting pixels and addresses that are no http(s)."""
    if _is_pixel(element):
        return None
    src = source(element, base)
    if not src:
        return None
    return Image(
        src,
        clean_line(element.get("alt") or "", _ALT_LIMIT),
        clean_line(element.get("title") or "", _ALT_LIMIT),
    )


def source(element: etree._Element, base: str) -> str:
    """Absolute address of the picture, "" if there is none.

    ``oldsrc`` is what TRS editors leave behind: the bare file name, of use only where ``src`` is none.
    """
    for name in (*_LAZY, "src", "oldsrc"):
        value = (element.get(name) or "").strip()
        if value and not _PLACEHOLDER.search(value):
            address = absolute(value, base)
            if address:
                return address
    return ""


def _is_pixel(element: etree._Element) -> bool:
    return any((element.get(side) or "").strip().removesuffix("px") in ("0", "1") for side in ("width", "height"))
