"""The pages of one article joined into one: what they repeat stands once, what pages them not at all.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from crawler.extraction.lines import notices
from crawler.extraction.text import fold
from crawler.models import Extraction, Image

_BETWEEN = re.compile(r"\n(?=<(?:p|h[2-4]|ul|ol|blockquote|table|pre|figure)>)")
_TAG = re.compile(r"<[^<>]*>")
_SRC = re.compile(r"<img src=\"([^\"]*)\"")
_HEAD = 5  # blocks in which a page repeats headline, byline and lead
_LONG = 15  # letters from which a repeated paragraph is no coincidence
_NEWS = 0.05  # share of a page's letters that must be new; less is another date or count on the same page


@dataclass(frozen=True, slots=True)
class _Block:
    """One block of an extraction's HTML with the lines of its text."""

    html: str
    lines: tuple[str, ...]

    @property
    def letters(self) -> str:
        return fold("".join(self.lines))

    @property
    def images(self) -> frozenset[str]:
        return frozenset(_SRC.findall(self.html))


def adds(parts: Sequence[Extraction], further: Extraction) -> bool:
    """Whether a further page holds text or pictures that the pages before it do not."""
    first, next_one = fold(parts[0].title), fold(further.title)
    if first and next_one and first not in next_one and next_one not in first:
        return False  # another article
    old = [block for part in parts for block in _blocks(part)]
    known = {block.letters for block in old}
    pictures = {src for block in old for src in block.images}
    blocks = [block for block in _blocks(further) if not _is_pager(block)]
    if any(block.images - pictures for block in blocks):
        return True
    fresh = sum(len(block.letters) for block in blocks if block.letters not in known)
    return fresh > _NEWS * sum(len(block.letters) for block in blocks)


def joined(parts: Sequence[Extraction]) -> Extraction:
    """The pages of one article, in order, as one: what its first page says, with gaps filled from the later ones.

    ``next_url`` is that of the last page: "" where the article is whole.
    """
    first, *more = parts
    if not more:
        return first
    told = f"{len(parts)} pages joined" + (f"; it goes on at {parts[-1].next_url}" if parts[-1].next_url else "")
    pages = [_blocks(part) for part in parts]
    titles = {fold(part.title) for part in parts if part.title}
    kept: list[_Block] = []
    head = {block.letters for block in pages[0][:_HEAD]}
    seen: set[str] = set()
    pictures: set[str] = set()
    for number, blocks in enumerate(pages):
        following = pages[number + 1] if number + 1 < len(pages) else []
        blocks = _without_pager(_without_common_end(blocks, following))
        if number:
            near = {block.letters for block in kept[-3:]} | head
            blocks = blocks[_repeated(blocks, seen, near, titles, pictures) :]
        kept += blocks
        seen.update(block.letters for block in blocks)
        pictures.update(src for block in blocks for src in block.images)
    fields: dict[str, Any] = {}
    evidence = dict(first.evidence)
    for name in ("title", "published", "authors", "medium", "section", "original_url", "language"):
        teller = next((part for part in parts if getattr(part, name)), first)
        fields[name] = getattr(teller, name)
        if teller is not first and name in teller.evidence:
            evidence[name] = teller.evidence[name]
    bad = next((part for part in parts if part.problem), first)
    images: dict[str, Image] = {}
    for part in parts:
        for image in part.images:
            images.setdefault(image.src, image)
    return replace(
        first,
        **fields,
        html="\n".join(block.html for block in kept),
        text="\n".join(text for block in kept for text in block.lines),
        images=tuple(images.values()),
        evidence=evidence | {"pages": told},
        confidence=min(part.confidence for part in parts),
        next_url=parts[-1].next_url,
        damaged=sum(part.damaged for part in parts),
        problem=bad.problem,
        detail=bad.detail,
    )


def _blocks(part: Extraction) -> list[_Block]:
    """The blocks with their own lines; one block of all where the two do not go together."""
    lines = part.text.split("\n") if part.text else []
    found: list[_Block] = []
    at = 0
    for markup in _BETWEEN.split(part.html) if part.html else []:
        wanted = "".join(unescape(_TAG.sub("", markup)).split())
        start, got = at, ""
        while at < len(lines) and len(got) < len(wanted):
            got += "".join(lines[at].split())
            at += 1
        if got != wanted:  # a picture's caption, which stands in the HTML alone
            at = start
        found.append(_Block(markup, tuple(lines[start:at])))
    return found if at == len(lines) else [_Block(part.html, tuple(lines))]


def _is_pager(block: _Block) -> bool:
    return bool(block.lines) and not block.images and notices.is_pager(" ".join(block.lines))


def _without_pager(blocks: list[_Block]) -> list[_Block]:
    first, last = 0, len(blocks)
    while first < last and _is_pager(blocks[first]):
        first += 1
    while last > first and _is_pager(blocks[last - 1]):
        last -= 1
    return blocks[first:last]


def _without_common_end(blocks: list[_Block], following: list[_Block]) -> list[_Block]:
    """Without what the next page ends with as well: a credit or a notice at the foot of each page."""
    size = 0
    while (
        size < min(len(blocks), len(following)) - 1 and blocks[-1 - size].letters == following[-1 - size].letters != ""
    ):
        size += 1
    return blocks[: len(blocks) - size]


def _repeated(blocks: list[_Block], seen: set[str], near: set[str], titles: set[str], pictures: set[str]) -> int:
    """How many blocks at the start of a further page stood on the pages before it."""
    end = 0
    for number, block in enumerate(blocks):
        letters = block.letters
        is_near = letters in near or letters.rstrip("0123456789") in titles  # "标题（2）"
        if not (letters in seen or is_near if letters else block.images <= pictures):
            break
        # A short one alone, "问：" for one, may well be said twice.
        if not letters or len(letters) >= _LONG or is_near:
            end = number + 1
    return end
