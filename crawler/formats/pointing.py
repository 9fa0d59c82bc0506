"""A document whose body is only a pointer to another one: what a copy of a story becomes, if the user wants that. Pure.

The front matter stays as it is, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from crawler.errors import UsageError
from crawler.formats import archive, hexo, jekyll
from crawler.formats.base import read
from crawler.formats.content import inert, link_target
from crawler.formats.markdown import to_markdown
from crawler.formats.markup import sanitise
from crawler.models import STYLES


@dataclass(frozen=True, slots=True)
class Target:
    """The document that is pointed to: its title, its address on the web, and who published it."""

    title: str
    url: str
    medium: str


def pointing(document: bytes, target: Target) -> bytes:
    """The same front matter, and one line that leads to the target. Raises UsageError for what is no document."""
    from crawler.formats.conversion import writer_of

    layout, metadata, body = read(document, tuple(writer_of(style).LAYOUT for style in STYLES))
    post = writer_of(layout.style).parse(metadata, body)
    html = _line(target)
    if isinstance(post, hexo.HexoPost):
        return replace(post, html=f"{inert(html)}\n").to_bytes()
    if isinstance(post, archive.ArchivePost):
        return replace(post, markdown=to_markdown(html)).to_bytes()
    if isinstance(post, jekyll.JekyllPost):
        return replace(post, html=inert(html) + jekyll.credit_of(post.html)).to_bytes()
    raise UsageError(f"no pointer can be made of a document in the style {layout.style}")


def _line(target: Target) -> str:
    medium = f"（{escape(target.medium)}）" if target.medium else ""
    link = f'<a href="{escape(link_target(target.url))}">{escape(target.title)}</a>'
    return sanitise(f"<p>同一报道见：{link}{medium}</p>")
