"""Documents read back into articles: so that what lies there is neither fetched nor filed a second time.

Knows the three styles through ``formats`` only. What a document does not carry stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crawler.dedup.fingerprint import fingerprint
from crawler.dedup.identity import AddressError, canonical_url
from crawler.errors import UsageError
from crawler.extraction.text import fold
from crawler.models import STYLES, Article, Image, Moment, Precision, Style
from crawler.storage.fields import article_fields
from crawler.storage.layout import DOCUMENT

if TYPE_CHECKING:
    from crawler.formats.content import Content

Identify = Callable[[str, str, str], str]  # source, the id as it stands in the file's name, address -> key

_BREAK = re.compile(r"</(?:p|li|h[1-6]|tr|blockquote|pre)>|<br>")
_TAG = re.compile(r"<[^<>]*>")
_CREDIT = re.compile(r"\n（文章来源：[^\n]*）\s*\Z")  # the jekyll style's own last paragraph
_ZONE = ZoneInfo("Asia/Shanghai")  # of a document that tells none, as in formats.content


@dataclass(frozen=True, slots=True)
class ReadBack:
    style: Style
    content: Content
    text: str
    address: str  # identity form, "" where the style has none


def read_back(raw: bytes) -> ReadBack | None:
    """What a document says; None if it is none of the three styles."""
    from crawler.formats.base import read
    from crawler.formats.conversion import writer_of

    try:
        layout, metadata, body = read(raw, tuple(writer_of(style).LAYOUT for style in STYLES))
        content = writer_of(layout.style).parse(metadata, body).content()
    except (UsageError, ValueError, KeyError, TypeError, RecursionError):
        return None
    text = unescape(_TAG.sub("", _BREAK.sub("\n", content.html)))
    return ReadBack(layout.style, content, _CREDIT.sub("", f"\n{text}").strip(), _canonical(content.url))


def is_same_article(raw: bytes, fields: Mapping[str, Any]) -> bool:
    """Whether a file that no row knows is the document of this article: by address, else by title and text."""
    document = read_back(raw)
    if document is None:
        return False
    if document.address:
        return document.address in fields["addresses"]
    same_title = fold(document.content.title) == fold(fields["title"])
    return same_title and fingerprint(document.text) == fields["fingerprint"]


def adopted(relative: str, raw: bytes, written: int, identify: Identify) -> dict[str, Any] | None:
    """The fields of a document that no journal knows, as a change would carry them; None if it is not ours."""
    place, document = DOCUMENT.fullmatch(relative), read_back(raw)
    if place is None or document is None:
        return None
    content, source = document.content, place["source"]
    at = datetime.fromtimestamp(written / 1e9, UTC)
    article = Article(
        source=source,
        key=identify(source, place["name"] or place["undated"], content.url),
        url=content.url,
        title=content.title,
        html="",
        text=document.text,
        fetched=at,
        published=_moment(content.published, place["day"]),
        section=content.categories[2] if len(content.categories) > 2 else "",
        images=(Image(content.image),) if content.image else (),
        addresses=(document.address,) if document.address else (),
        evidence={"adopted": relative},
    )
    return {
        **article_fields(article),
        "fingerprint": fingerprint(document.text),
        "style": document.style,
        "first_seen": at.isoformat(),
        "revision": 1,
        "written": written,
    }


def _moment(told: Moment | None, day: str | None) -> Moment | None:
    """The day in the name is the day in the source's zone; the document may tell the time of day, too."""
    if day is None:
        return None
    try:
        known = date.fromisoformat(day)
    except ValueError:
        return told
    if told is not None and told.day == known:
        return told
    return Moment(datetime(known.year, known.month, known.day, tzinfo=_ZONE), Precision.DAY, "name")


def _canonical(url: str) -> str:
    try:
        return canonical_url(url) if url else ""
    except AddressError:
        return ""
