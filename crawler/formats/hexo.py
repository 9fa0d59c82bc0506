"""The ``hexo`` style: a post for Hexo, with the HTML in one ``<div>``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from crawler.errors import UsageError
from crawler.formats.base import Layout, Value, flag, plain, single, write
from crawler.formats.content import BEIJING, Content, first_image, inert, link_target, stand_in_image
from crawler.formats.markup import sanitise
from crawler.models import Moment, Precision

LAYOUT = Layout(
    style="hexo",
    quoting={
        "title": single,
        "categories": plain,
        "headimg": single,
        "author": plain,
        "comments": flag,
        "date": plain,
        "thumbnail": single,
    },
    lists=frozenset({"categories"}),
    before="\n",
)


@dataclass(frozen=True, slots=True)
class HexoPost:
    title: str
    categories: tuple[str, ...]
    headimg: str
    author: str
    comments: str
    date: str  # RFC 1123 in GMT
    thumbnail: str
    html: str

    def to_bytes(self) -> bytes:
        metadata = {key: getattr(self, key) for key in LAYOUT.quoting}
        return write(LAYOUT, metadata, f"\n<div>   \n{self.html}  \n</div>\n            ")

    def content(self) -> Content:
        html = sanitise(self.html)
        return Content(
            title=self.title,
            html=html,
            publisher=self.author,
            medium=self.author,
            categories=self.categories,
            published=_moment(self.date),
            image=first_image(html),
            seed=self.title,
        )


def compose(content: Content) -> bytes:
    image = link_target(content.image) if content.image else stand_in_image(content.seed)
    post = HexoPost(
        title=content.title,
        categories=content.categories,
        headimg=image,
        author=content.publisher,
        comments="false",
        date=_date(content.published),
        thumbnail=image,
        html=inert(content.html) + "\n" if content.html else "",
    )
    return post.to_bytes()


def parse(metadata: Mapping[str, Value], body: str) -> HexoPost:
    first, _, rest = body.partition("\n")
    inner, _, last = rest.rpartition("\n")
    framed = first.rstrip() == "<div>"
    if framed and last != "</div>":
        raise UsageError("body: <div> opens it, but its last line is not </div>")
    texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
    post = HexoPost(**texts, categories=tuple(metadata["categories"]), html=inner.rstrip(" \t") if framed else body)
    _moment(post.date)
    return post


def _date(published: Moment | None) -> str:
    if published is None:
        return ""
    if published.precision is Precision.DAY:  # the day that is read is the day that is known
        return format_datetime(published.at.replace(tzinfo=UTC), usegmt=True)
    return format_datetime(published.at.astimezone(UTC), usegmt=True)


def _moment(date: str) -> Moment | None:
    """A time of 00:00:00 GMT is how a day without a time is written, so it is read as one."""
    if not date:
        return None
    try:
        at = parsedate_to_datetime(date)
    except ValueError as error:
        raise UsageError(f"front matter: date: {date!r} is not like Mon, 04 Jul 2022 12:58:00 GMT") from error
    at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        return Moment(at.replace(tzinfo=BEIJING), Precision.DAY)
    return Moment(at.astimezone(BEIJING), Precision.SECOND)
