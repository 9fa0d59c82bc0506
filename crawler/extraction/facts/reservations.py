"""What a page reserves for itself: robots directives and TDMRep, of its head and of its HTTP header.

Pure. It records; whether a reserved page is stored is the user's policy (`reservations` in shiyi.toml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

# Google's robots meta tag specification; "noai" is what art sites use. "none" is noindex and nofollow.
_DIRECTIVES = frozenset(("noindex", "none", "noarchive", "nocache", "noai"))
_FOR = re.compile(r"\s*([\w.-]+)\s*:\s*(?!\s)")  # "otherbot: noindex" speaks to that one only
_OURS = frozenset(("robots", "shiyi"))
HEADERS = ("X-Robots-Tag", "TDM-Reservation")  # W3C TDM Reservation Protocol, 2024, section 6


def read(root: html.HtmlElement, header: str) -> str:
    """``noarchive (meta), tdm-reservation (header)``, or "". ``header`` has a line for each value of `HEADERS`."""
    found = dict.fromkeys([*_of_header(header), *_of_head(root)])
    return ", ".join(f"{what} ({where})" for what, where in found)


def _of_header(header: str) -> Iterator[tuple[str, str]]:
    for line in header.splitlines():
        name, _, value = line.partition(": ")
        if name == "TDM-Reservation":
            yield from _tdm(value, "header")
            continue
        addressee = _FOR.match(value)
        if addressee and addressee[1].lower() not in _OURS and not addressee[1].lower().startswith("unavailable"):
            continue
        yield from _robots(value[addressee.end() if addressee else 0 :], "header")


def _of_head(root: html.HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in root.iter("meta"):
        name = (meta.get("name") or "").strip().lower()
        if name in _OURS:
            yield from _robots(meta.get("content") or "", "meta")
        elif name == "tdm-reservation":
            yield from _tdm(meta.get("content") or "", "meta")


def _robots(value: str, where: str) -> Iterator[tuple[str, str]]:
    for directive in value[:1000].lower().split(","):
        if directive.strip() in _DIRECTIVES:
            yield directive.strip(), where


def _tdm(value: str, where: str) -> Iterator[tuple[str, str]]:
    if value.strip() == "1":
        yield "tdm-reservation", where
