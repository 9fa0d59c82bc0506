"""What the newest articles of a source have in common, and what has changed in it: length, fields, language, boilerplate.

A window of the last fifty, kept as JSON. Pure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from statistics import median
from zlib import crc32

from crawler.extraction.text import fold
from crawler.models import Article

WINDOW, LATE = 50, 20  # articles that are remembered; the newest of them are held against the others
EARLIEST = 15  # articles before the newest ones without which nothing is said
EDGE = 6  # paragraphs at each end of an article: boilerplate stands there
SHORTEST = 8  # characters of a paragraph that may be boilerplate
SHARE = 0.85  # of articles with one and the same paragraph (reliability row G3)
USUAL, RARE = 0.6, 0.1  # shares of articles with a field, before and now, that make it lost


@dataclass(frozen=True, slots=True)
class Trait:
    """One article: characters, whether it had a date and an author, share of Han letters, its outer paragraphs' hashes."""

    length: int
    is_dated: bool
    is_signed: bool
    han: float
    paragraphs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    stage: str  # field or article
    cause: str


def trait_of(article: Article) -> Trait:
    text = article.text
    letters = [character for character in text[:2000] if character.isalpha()]
    han = sum("\u4e00" <= character <= "\u9fff" for character in letters)
    return Trait(
        length=len(text),
        is_dated=article.published is not None,
        is_signed=bool(article.authors),
        han=round(han / len(letters), 2) if letters else 0.0,
        paragraphs=tuple(_marks(text)),
    )


def _marks(text: str) -> Iterable[int]:
    lines = [line for line in text.splitlines() if line.strip()]
    edges = lines if len(lines) <= 2 * EDGE else lines[:EDGE] + lines[-EDGE:]
    return dict.fromkeys(crc32(folded.encode()) for line in edges if len(folded := fold(line)) >= SHORTEST)


def add(window: Sequence[Trait], new: Iterable[Trait]) -> tuple[Trait, ...]:
    if findings(window):  # what was usual is not forgotten while the newest differ from it
        return (*window[:-LATE], *(*window[-LATE:], *new)[-LATE:])
    return (*window, *new)[-WINDOW:]


def findings(window: Sequence[Trait]) -> list[Finding]:
    """What is wrong with the newest articles, measured by those before them."""
    before, late = window[:-LATE], window[-LATE:]
    found = []
    if len(before) >= EARLIEST:
        old, new = (median(trait.length for trait in part) for part in (before, late))
        if new * 2 < old:
            found.append(Finding("field", f"body length {old:,.0f} -> {new:,.0f} characters (median of {LATE})"))
        for name, word in (("is_dated", "date"), ("is_signed", "author")):
            was, now = (sum(getattr(trait, name) for trait in part) / len(part) for part in (before, late))
            if was >= USUAL and now <= RARE:
                found.append(
                    Finding("field", f"articles with a{'n' * (word == 'author')} {word}: {was:.0%} -> {now:.0%}")
                )
        was, now = (median(trait.han for trait in part) for part in (before, late))
        if abs(was - now) > 0.5:
            words = ("Chinese", "another language") if was > now else ("another language", "Chinese")
            found.append(Finding("article", f"the language has changed from {words[0]} to {words[1]}: another site?"))
    found += _boilerplate(window)
    return found


def _boilerplate(window: Sequence[Trait]) -> list[Finding]:
    if len(window) < LATE:
        return []
    counts = Counter(mark for trait in window for mark in trait.paragraphs)
    often = [count for _, count in counts.most_common(9) if count >= SHARE * len(window)]
    if not often:
        return []
    which = "paragraph" if len(often) == 1 else f"{len(often)} paragraphs"
    return [Finding("field", f"the same {which} in {max(often) / len(window):.0%} of the last {len(window)} articles")]


def to_json(window: Sequence[Trait]) -> str:
    return json.dumps([astuple(trait) for trait in window], separators=(",", ":"))


def from_json(text: str) -> tuple[Trait, ...]:
    """A column that can not be read is an empty past."""
    try:
        rows = json.loads(text) if text else []
        return tuple(
            Trait(int(length), bool(dated), bool(signed), float(han), tuple(map(int, marks)))
            for length, dated, signed, han, marks in rows
        )
    except (ValueError, TypeError):
        return ()
