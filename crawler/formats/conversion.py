"""Which style a document has, and the same document in another style or as itself again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from crawler.errors import UsageError
from crawler.formats import archive, hexo, jekyll
from crawler.formats.base import Layout, Value, read
from crawler.formats.content import Content
from crawler.models import STYLES, Style


class Post(Protocol):
    """A document taken apart into its fields; together again it is the same bytes."""

    def to_bytes(self) -> bytes: ...

    def content(self) -> Content: ...


class Writer(Protocol):
    """What each style's module offers."""

    LAYOUT: Layout

    def compose(self, content: Content) -> bytes: ...

    def parse(self, metadata: Mapping[str, Value], body: str) -> Post: ...


_WRITERS: Mapping[Style, Writer] = {"hexo": hexo, "archive": archive, "jekyll": jekyll}
_LAYOUTS = tuple(writer.LAYOUT for writer in _WRITERS.values())


def writer_of(style: Style) -> Writer:
    if style not in _WRITERS:
        raise UsageError(f"style: {style}: not known; one of {', '.join(STYLES)}")
    return _WRITERS[style]


def style_of(content: bytes) -> Style:
    return read(content, _LAYOUTS)[0].style


def convert_document(content: bytes, to: Style | None) -> bytes:
    writer = writer_of(to) if to is not None else None
    layout, metadata, body = read(content, _LAYOUTS)
    post = writer_of(layout.style).parse(metadata, body)
    if writer is None or to == layout.style:
        return post.to_bytes()
    return writer.compose(post.content())
