"""Second looks: which stored articles are looked at again, when, and what came of it.

The plan itself (after 1 h, 6 h …) is pure and stands in ``schedule.recheck``; here are its rows. They are not told
to the journal: after a rebuild, what is still young gets one look more.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawler.models import Candidate, Precision
from crawler.storage.fields import moment_from_columns
from crawler.storage.index import Index
from crawler.storage.lists import Validators

_COLUMNS = (
    "a.id, a.source, a.key, a.url, a.title, a.published, a.precision, a.section, a.medium, a.authors, a.first_seen, "
    "coalesce(l.etag, ''), coalesce(l.last_modified, ''), coalesce(l.body_sha256, '')"
)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A stored article that is to be looked at again."""

    article: int
    candidate: Candidate  # as a list would show it, from what is known of the article
    first_seen: datetime
    validators: Validators = field(default_factory=Validators)
    by_hand: bool = False  # a person asked for it

    @property
    def start(self) -> datetime:
        """From when on its plan counts: its publication, where that is known to the minute."""
        published = self.candidate.published
        if published is None or published.precision is Precision.DAY:
            return self.first_seen
        return published.at


class Looks:
    def __init__(self, index: Index):
        self._index = index

    def due(self, source: str, now: datetime, limit: int) -> list[SecondLook]:
        """Planned ones whose time has come. The youngest articles first: there a correction is most likely."""
        return self._read(
            "JOIN look l ON l.article = a.id WHERE l.source = ? AND l.due <= ? AND l.frozen = '' "
            "ORDER BY a.first_seen DESC, a.id DESC LIMIT ?",
            (source, now.isoformat(), limit),
        )

    def count_had(self, source: str, since: datetime) -> int:
        """How many articles were looked at since then, as far as their plan goes on."""
        return int(
            self._index.value(
                "SELECT count(*) FROM look WHERE source = ? AND checked >= ?", (source, since.isoformat())
            )
        )

    def of_source(self, source: str, since: datetime) -> list[SecondLook]:
        """Every article that was first seen since then, planned or not, newest first; but no frozen one."""
        return self._read(
            "LEFT JOIN look l ON l.article = a.id WHERE a.source = ? AND a.first_seen >= ? "
            "AND coalesce(l.frozen, '') = '' ORDER BY a.first_seen DESC",
            (source, since.astimezone(UTC).isoformat()),
        )

    def of_address(self, url: str) -> list[SecondLook]:
        """The articles, of whatever source, that stand or were met under an address in identity form."""
        return self._read(
            "JOIN address d ON d.article = a.id AND d.kind != 'original' LEFT JOIN look l ON l.article = a.id "
            "WHERE d.url = ? ORDER BY a.id",
            (url,),
        )

    def of_key(self, source: str, key: str) -> list[SecondLook]:
        return self._read(
            "JOIN identity i ON i.article = a.id LEFT JOIN look l ON l.article = a.id "
            "WHERE i.source = ? AND i.key = ? ORDER BY a.id",
            (source, key),
        )

    def _read(self, rest: str, parameters: tuple[object, ...]) -> list[SecondLook]:
        rows = self._index.rows(f"SELECT {_COLUMNS} FROM article a {rest}", parameters)  # noqa: S608
        return [_look(row) for row in rows]

    def note(
        self,
        connection: sqlite3.Connection,
        look: SecondLook,
        now: datetime,
        due: datetime | None,
        validators: Validators | None,
        *,
        counts: bool = True,
    ) -> None:
        """A look was had, or (``counts`` False) put off. Without a next one its row goes."""
        if due is None:
            connection.execute("DELETE FROM look WHERE article = ? AND frozen = ''", (look.article,))
            return
        kept = validators or look.validators
        connection.execute(
            "INSERT INTO look (article, source, due, done, checked, etag, last_modified, body_sha256) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (article) DO UPDATE SET due = ?3, done = done + ?4, "
            "checked = ?5, etag = ?6, last_modified = ?7, body_sha256 = ?8",
            (
                look.article, look.candidate.source, due.astimezone(UTC).isoformat(), int(counts), now.isoformat(),
                kept.etag, kept.last_modified, kept.body_sha256,
            ),
        )  # fmt: skip

    def thaw(self, connection: sqlite3.Connection, articles: Iterable[int]) -> None:
        connection.executemany("UPDATE look SET frozen = '' WHERE article = ?", [(id_,) for id_ in articles])

    def frozen(self, source: str = "") -> list[tuple[str, str, str]]:
        """Source, address and reason of each article that is no longer looked at, since its page flaps."""
        return [
            (name, url, reason)
            for name, url, reason in self._index.rows(
                "SELECT a.source, a.url, l.frozen FROM look l JOIN article a ON a.id = l.article "
                "WHERE l.frozen != '' AND (?1 = '' OR l.source = ?1) ORDER BY a.source, a.url",
                (source,),
            )
        ]


def _look(row: tuple[Any, ...]) -> SecondLook:
    id_, source, key, url, title, published, precision, section, medium, authors, first_seen, *validators = row
    candidate = Candidate(
        source=source,
        key=key,
        url=url,
        title=title,
        published=moment_from_columns(published, precision, "list", UTC),
        section=section,
        medium=medium,
        authors=tuple(json.loads(authors)),
    )
    return SecondLook(id_, candidate, datetime.fromisoformat(first_seen), Validators(*validators))


def plan(connection: sqlite3.Connection, article: int, source: str, planned: dict[str, str]) -> None:
    """The first look at a new article, in its own commit. ``planned`` is due, etag, last_modified, body_sha256."""
    connection.execute(
        "INSERT OR IGNORE INTO look (article, source, due, etag, last_modified, body_sha256) VALUES (?, ?, ?, ?, ?, ?)",
        (article, source, *(planned[name] for name in ("due", "etag", "last_modified", "body_sha256"))),
    )


def freeze(connection: sqlite3.Connection, article: int, source: str, reason: str) -> None:
    connection.execute(
        "INSERT INTO look (article, source, due, frozen) VALUES (?1, ?2, '', ?3) "
        "ON CONFLICT (article) DO UPDATE SET frozen = ?3",
        (article, source, reason),
    )


def plan_again(connection: sqlite3.Connection, young: datetime, due: datetime) -> None:
    """For an index that was made again: one look at what was first seen after ``young``."""
    connection.execute(
        "INSERT OR IGNORE INTO look (article, source, due, done) "
        "SELECT id, source, ?, 3 FROM article WHERE first_seen >= ? AND source IN (SELECT source FROM list)",
        (due.isoformat(), young.isoformat()),
    )
