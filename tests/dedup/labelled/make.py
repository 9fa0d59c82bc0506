"""The labelled pairs: every call makes the same ones, and every label can be read off its kind.

``duplicate``: the same text for a reader, whatever stands around it. ``contained``: the shorter one's text stands in the
longer one, which tells clearly more. ``different``: another piece of news, however alike. All invented; the articles are
in articles/, pairs made by hand in by_hand.txt, forms filled in twice in siblings.py, what happens to a text in edits.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Literal

from . import edits, furniture, numerals, siblings

HERE = Path(__file__).parent
Label = Literal["duplicate", "contained", "different"]
SIBLINGS = frozenset(form.kind for form in siblings.FORMS)


@dataclass(frozen=True, slots=True)
class Piece:
    """``medium`` is the original medium as the page declares it (来源：)."""

    title: str
    text: str
    published: datetime
    source: str
    medium: str


@dataclass(frozen=True, slots=True)
class Pair:
    id: str
    kind: str
    label: Label
    why: str
    a: Piece
    b: Piece

    @property
    def same_story(self) -> bool:
        return self.label != "different"


@dataclass(frozen=True, slots=True)
class Base:
    """An article of ours, with what a reprint may change: another lead, another headline, one figure put right."""

    id: str
    piece: Piece
    leads: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        return edits.paragraphs(self.piece.text)

    @property
    def chinese(self) -> bool:
        return not self.id.startswith("en-")


# --- reading the texts ---------------------------------------------------------


def _piece(head: str, lines: Sequence[str]) -> Piece:
    published, source, medium = (word.strip() for word in head.split("|"))
    at = datetime.strptime(published + " +0800", "%Y-%m-%d %H:%M %z")
    title = next(line[2:] for line in lines if line.startswith("# "))
    text = edits.joined([line for line in lines if line and line[0] not in "#~"])
    return Piece(title, text, at, source, medium)


def _marked(lines: Sequence[str], mark: str) -> tuple[str, ...]:
    return tuple(line.removeprefix(mark).strip() for line in lines if line.startswith(mark))


def read_articles(text: str) -> list[Base]:
    found = []
    for part in ("\n" + text).split("\n=== ")[1:]:
        head, *lines = part.splitlines()
        name, _, rest = head.partition("|")
        piece = _piece(rest, lines)
        found.append(
            Base(name.strip(), piece, _marked(lines, "~lead "), _marked(lines, "~title "), _marked(lines, "~fix "))
        )
    return found


@cache
def bases() -> tuple[Base, ...]:
    files = sorted((HERE / "articles").glob("*.txt"))
    return tuple(base for file in files for base in read_articles(file.read_text("utf-8")))


def _by_hand() -> Iterator[Pair]:
    known = {base.id: base.piece for base in bases()}
    for part in ("\n" + (HERE / "by_hand.txt").read_text("utf-8")).split("\n=== ")[1:]:
        head, *sides = part.split("\n--- ")
        name, kind, label, why = (word.strip() for word in head.split("|", 3))
        pieces = []
        for side in sides:
            first, *lines = side.splitlines()
            pieces.append(known[first.removeprefix("@")] if first.startswith("@") else _piece(first, lines))
        yield Pair(name, kind, _label(label), why, *pieces)


def _label(word: str) -> Label:
    if word not in ("duplicate", "contained", "different"):
        raise ValueError(f"no such label: {word}")
    return word  # type: ignore[return-value]


def _siblings() -> Iterator[Pair]:
    day = datetime.strptime("2026-03-02 16:00 +0800", "%Y-%m-%d %H:%M %z")
    for form in siblings.FORMS:
        pieces = [
            Piece(title, text, day + timedelta(days=number), "北澜财经", "北澜财经")
            for number, (title, text) in enumerate(siblings.articles(form))
        ]
        for number, (a, b) in enumerate(pairwise(pieces)):
            yield Pair(f"{form.kind}-{number + 1}", form.kind, "different", "the same form filled in again", a, b)


# --- what a reprint does ---------------------------------------------------------

Change = Callable[[Base, Random], Piece | None]  # None: this article has nothing that could be changed so


def _text(change: Callable[[str, Random], str], *, least: int = 150) -> Change:
    def changed(base: Base, chance: Random) -> Piece | None:
        if len(base.piece.text) < least or not base.chinese:
            return None
        text = change(base.piece.text, chance)
        return None if text == base.piece.text else replace(base.piece, text=text)

    return changed


def _furnished(change: Callable[[str, edits.Furniture, Random], str]) -> Change:
    def changed(base: Base, chance: Random) -> Piece:
        things = furniture.CHINESE if base.chinese else furniture.ENGLISH
        return replace(base.piece, text=change(base.piece.text, things, chance))

    return changed


def _other_lead(base: Base, chance: Random) -> Piece | None:
    if not base.leads:
        return None
    return replace(base.piece, text=edits.joined([base.leads[0], *base.lines[1:]]))


def _lead_in_front(base: Base, chance: Random) -> Piece | None:
    """The other lead stands before the whole text, as portals print it."""
    return replace(base.piece, text=edits.joined([base.leads[0], base.piece.text])) if base.leads else None


def _other_title(base: Base, chance: Random) -> Piece | None:
    return replace(base.piece, title=base.titles[0]) if base.titles else None


def _corrected(base: Base, chance: Random) -> Piece | None:
    if not base.fixes:
        return None
    old, _, new = base.fixes[0].partition(" => ")
    if old not in base.piece.text:
        raise ValueError(f"{base.id}: {old} is not in the text")
    return replace(base.piece, text=base.piece.text.replace(old, new))


def _dropped(base: Base, chance: Random) -> Piece | None:
    if len(base.lines) < 4:
        return None
    return replace(base.piece, text=edits.paragraphs_dropped(base.piece.text, chance))


def _part(cut: Callable[[str, Random], str], least: int, paragraphs: int = 4) -> Change:
    def changed(base: Base, chance: Random) -> Piece | None:
        if len(base.lines) < paragraphs:
            return None
        text = cut(base.piece.text, chance)
        enough = len(text) >= (least if base.chinese else 3 * least)
        return replace(base.piece, text=text) if enough and len(text) < 0.65 * len(base.piece.text) else None

    return changed


def _lead_alone(text: str, chance: Random) -> str:
    return edits.paragraphs(text)[0]


def _merged_with_another(base: Base, chance: Random) -> Piece | None:
    """A second article of about the same length behind it, with a line between."""
    size = len(base.piece.text)
    others = [
        other for other in bases() if other.chinese and other != base and 0.7 < len(other.piece.text) / size < 1.5
    ]
    if not base.chinese or not others:
        return None
    other = chance.choice(others).piece
    between = f"另据{other.medium}报道，" + other.text
    return replace(base.piece, text=edits.joined([f"据{base.piece.medium}报道，" + base.piece.text, between]))


def _all_together(base: Base, chance: Random) -> Piece | None:
    if not base.leads or len(base.lines) < 5 or not base.chinese:
        return None
    lines = [base.leads[0], *base.lines[1:]]
    text = edits.paragraphs_dropped(edits.joined(lines), chance)
    text = edits.dateline(edits.paragraphs_merged(text, chance), furniture.CHINESE, chance)
    text = edits.half_width(edits.boilerplate(text, furniture.CHINESE, chance))
    return replace(base.piece, title=base.titles[0] if base.titles else base.piece.title, text=text)


def _english(base: Base, chance: Random) -> Piece | None:
    return None if base.chinese else replace(base.piece, text=edits.english_marks(base.piece.text))


CHANGES: tuple[tuple[str, Label, int, Change], ...] = (
    ("dateline and byline", "duplicate", 14, _furnished(edits.dateline)),
    ("lead rewritten", "duplicate", 12, _other_lead),
    ("lead rewritten, in front", "duplicate", 6, _lead_in_front),
    ("headline changed", "duplicate", 8, _other_title),
    ("paragraph dropped", "duplicate", 12, _dropped),
    ("paragraphs merged", "duplicate", 8, _text(edits.paragraphs_merged)),
    ("half the text", "contained", 12, _part(edits.first_half, 150)),
    ("excerpt", "contained", 12, _part(lambda text, chance: edits.excerpt(text, chance, 130), 130)),
    ("flash of the longer", "contained", 8, _part(_lead_alone, 90)),
    ("cut off", "contained", 8, _part(edits.cut_off, 120, paragraphs=2)),
    ("traditional", "duplicate", 10, _text(lambda text, chance: edits.traditional(text), least=80)),
    ("traditional, other words", "duplicate", 8, _text(lambda text, chance: edits.taiwanese(text), least=80)),
    ("width", "duplicate", 5, _text(lambda text, chance: edits.full_width(text), least=80)),
    ("width", "duplicate", 5, _text(lambda text, chance: edits.half_width(text), least=80)),
    ("punctuation", "duplicate", 8, _text(edits.other_punctuation, least=80)),
    ("editor's note", "duplicate", 8, _furnished(edits.editors_note)),
    ("site boilerplate", "duplicate", 12, _furnished(edits.boilerplate)),
    ("numerals", "duplicate", 8, _text(lambda text, chance: numerals.in_figures(text), least=80)),
    ("numerals", "duplicate", 8, _text(lambda text, chance: numerals.in_characters(text), least=80)),
    ("advertisements", "duplicate", 8, _furnished(edits.advertisements)),
    ("html residue", "duplicate", 8, _text(edits.html_residue)),
    ("correction", "duplicate", 14, _corrected),
    ("two-source merge", "contained", 8, _merged_with_another),
    ("all together", "duplicate", 14, _all_together),
    ("english marks", "duplicate", 5, _english),
)


def _changed() -> Iterator[Pair]:
    for place, (kind, label, wanted, change) in enumerate(CHANGES):
        chance = Random(f"{place} {kind}")
        made = 0
        for base in chance.sample(bases(), len(bases())):
            copy = change(base, chance)
            if copy is None or made == wanted:
                continue
            made += 1
            later = base.piece.published + timedelta(minutes=chance.randrange(20, 2000))
            copy = replace(copy, published=later, source=chance.choice(furniture.SITES))
            yield Pair(
                f"{place}-{kind}: {base.id}",
                kind,
                label,
                f"made by the change of that name ({label})",
                base.piece,
                copy,
            )


# --- what must not merge ---------------------------------------------------------


def _strangers() -> Iterator[Pair]:
    """Articles that share a site, a title, a paragraph of background or one item of a round-up, not a story."""
    chance = Random("strangers")
    chinese = [base for base in bases() if base.chinese]
    long = [base for base in chinese if len(base.lines) >= 4 and len(base.piece.text) < 700]
    short = [base for base in chinese if len(base.lines) == 1]
    for number in range(10):
        a, b = chance.sample(chinese, 2)
        yield _apart(f"unrelated-{number}", "unrelated", "two articles", a.piece, b.piece)
    for number in range(8):
        a, b = chance.sample(short, 2)
        same = furniture.CHINESE.behind[number % 4]
        yield _apart(
            f"boilerplate-{number}", "same boilerplate", "only the site's lines are common",
            *(replace(base.piece, text=edits.joined([base.piece.text, same])) for base in (a, b)),
        )  # fmt: skip
    for number in range(12):
        a, b = chance.sample(long, 2)
        background = min(a.lines, key=len)
        text = edits.joined([*b.lines[:2], "此前报道：" + background, *b.lines[2:]])
        yield _apart(
            f"background-{number}", "follow-up", "one paragraph of background is common",
            a.piece, replace(b.piece, text=text),
        )  # fmt: skip
    for number in range(6):
        a, b = chance.sample(chinese, 2)
        titled = replace(b.piece, title=a.piece.title)
        yield _apart(f"title-{number}", "same title", "only the title is common", a.piece, titled)
    for number in range(6):
        items = chance.sample(short, 9)
        one, two = ([items[0], *items[1:5]], [*items[5:], items[0]])
        rounds = (edits.joined([item.piece.text for item in part]) for part in (one, two))
        yield _apart(
            f"round-up-{number}", "round-up", "two round-ups with one item of five in common",
            *(replace(items[0].piece, title="今日要闻", text=text) for text in rounds),
        )  # fmt: skip


def _apart(name: str, kind: str, why: str, a: Piece, b: Piece) -> Pair:
    return Pair(name, kind, "different", why, a, b)


@cache
def labelled_pairs() -> tuple[Pair, ...]:
    return (*_by_hand(), *_siblings(), *_changed(), *_strangers())
