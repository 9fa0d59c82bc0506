"""The collection as ``dedup.grouping`` asks for it: who an article is, where it stands, who may be like it, who is.

Reads only. Answers are remembered for the length of one question, a limited number of each kind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from crawler.dedup.declared import Told, declares
from crawler.dedup.grouping import Member, Neighbourhood, Place
from crawler.dedup.identity import AddressError, canonical_url
from crawler.dedup.relations import Link, Rule, link_of
from crawler.storage import sketches

TextOf = Callable[[int], str | None]  # an article's text, None if there is none to read

_REMEMBERED = 256  # texts among them, so that a replay of a million articles stays small
_DAY_ENDS = "T23:59:59+08:00"  # of a date without a time, where nothing else is known: as in ``documents``


class Neighbours:
    """``fresh`` are the texts of articles that are being placed: the index knows no place of a new one yet."""

    def __init__(
        self, connection: sqlite3.Connection, read: TextOf, rules: tuple[Rule, ...], fresh: Mapping[int, str]
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._fresh = fresh
        self._was_placed = {id_ for id_ in fresh if _row_of(connection, id_)}
        remember = lru_cache(_REMEMBERED)
        self.text = remember(lambda id_: fresh[id_] if id_ in fresh else read(id_))
        self.told = remember(self._told)
        self.member = remember(self._member)
        self.candidates = remember(self._candidates)
        self._link = remember(self._linked)

    def ask(self) -> Neighbourhood:
        return Neighbourhood(self.member, self.place, self.copies, self.candidates, self.link)

    def is_fresh(self, article: int) -> bool:
        return article in self._fresh and article not in self._was_placed

    def place(self, article: int) -> Place | None:
        return None if self.is_fresh(article) else place_in(self._connection, article)

    def copies(self, article: int) -> list[int]:
        return [id_ for (id_,) in self._connection.execute("SELECT article FROM story WHERE original = ?", (article,))]

    def link(self, one: int, other: int) -> Link | None:
        return self._link(min(one, other), max(one, other))

    def declares(self, copy: int, original: int) -> bool:
        return declares(
            self.told(copy), self.told(original), by_address=original in self._at(self.told(copy).original_url)
        )

    def is_original(self, article: int) -> bool:
        return bool(
            self._connection.execute(
                "SELECT EXISTS (SELECT 1 FROM declared WHERE original = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM declared WHERE copy = ?1)",
                (article,),
            ).fetchone()[0]
        )

    def _linked(self, one: int, other: int) -> Link | None:
        texts = self.text(one), self.text(other)
        if texts[0] is None or texts[1] is None:
            return None
        declared = self.declares(one, other) or self.declares(other, one)
        return link_of(texts[0], texts[1], declared=declared, rules=self._rules)

    def _candidates(self, article: int) -> list[int]:
        own = sketches.sketch_in(self._connection, article)
        alike = sketches.candidates(self._connection, own, article) if own else []
        # A story that very many have is found by any of them.
        primaries = [place_in(self._connection, each).primary for each in alike]
        told = self._at(self.told(article).original_url) | self._naming(article)
        return [each for each in dict.fromkeys((*alike, *primaries, *sorted(told))) if each != article]

    def _at(self, url: str) -> set[int]:
        if not url:
            return set()
        rows = self._connection.execute("SELECT article FROM address WHERE url = ? AND kind != 'original'", (url,))
        return {id_ for (id_,) in rows}

    def _naming(self, article: int) -> set[int]:
        [(url,)] = self._connection.execute("SELECT url FROM article WHERE id = ?", (article,))
        try:
            clean = canonical_url(url)
        except AddressError:
            return set()
        rows = self._connection.execute("SELECT article FROM address WHERE url = ? AND kind = 'original'", (clean,))
        return {id_ for (id_,) in rows}

    def _told(self, article: int) -> Told:
        [row] = self._connection.execute(
            "SELECT a.source, coalesce(s.title, ''), a.medium, a.original_url "
            "FROM article a LEFT JOIN source s ON s.name = a.source WHERE a.id = ?",
            (article,),
        )
        return Told(*row)

    def _member(self, article: int) -> Member:
        [(source, key, published)] = self._connection.execute(
            "SELECT source, key, published FROM article WHERE id = ?", (article,)
        )
        return Member(article, _latest(published), f"{source}/{key}", self.is_original(article))


def place_in(connection: sqlite3.Connection, article: int) -> Place:
    row = _row_of(connection, article)
    return Place(row[0], Link(row[1], row[2])) if row else Place(article)


def _row_of(connection: sqlite3.Connection, article: int) -> tuple[int, str, float] | None:
    sql = "SELECT original, rule, similarity FROM story WHERE article = ?"
    row: tuple[int, str, float] | None = connection.execute(sql, (article,)).fetchone()
    return row


def _latest(published: str) -> str:
    """The latest instant that a date allows, in UTC, so that two can be compared."""
    if not published:
        return ""
    told = published + _DAY_ENDS if len(published) == len("2026-10-12") else published
    return datetime.fromisoformat(told).astimezone(UTC).isoformat()
