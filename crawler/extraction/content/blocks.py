"""What a body is made of: blocks of lines, each line as clean HTML and as plain text.

Pure. `writer` makes them, `furniture` takes lines out, these functions put them together again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.models import Image


@dataclass(frozen=True, slots=True)
class Line:
    """One line, list item or table row. ``linked`` counts the characters that stand in links."""

    html: str
    text: str
    linked: int = 0
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """``tag`` is p, h2-h4, ul, ol, blockquote, table, pre or figure; ``caption`` says that it belongs to a picture."""

    tag: str
    lines: tuple[Line, ...]
    caption: bool = False

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines if line.text)

    @property
    def html(self) -> str:
        inner = ("<br>" if self.tag in ("p", "h2", "h3", "h4") else "").join(line.html for line in self.lines)
        return f"<{self.tag}>{inner}</{self.tag}>"

    @property
    def linked(self) -> int:
        return sum(line.linked for line in self.lines)

    @property
    def images(self) -> tuple[Image, ...]:
        return tuple(image for line in self.lines for image in line.images)


def to_html(blocks: Iterable[Block]) -> str:
    return "\n".join(block.html for block in blocks)


def to_text(blocks: Iterable[Block], *, captions: bool = True) -> str:
    return "\n".join(text for block in blocks if (captions or not block.caption) and (text := block.text))
