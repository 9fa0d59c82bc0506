"""What the index knows of the polled lists: validators, what each showed last, when it is due, robots.

A list's new state is saved only after the candidates it stands for (DESIGN 4, third order).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from crawler.models import Candidate, ListPage, Moment
from crawler.storage.fields import moment_columns, moment_from_columns
from crawler.storage.index import Index


@dataclass(frozen=True, slots=True)
class Validators:
    """What lets a server, or a hash, say "nothing new"."""

    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """When a list is due next, why, and what that is reckoned from."""

    due: datetime | None = None  # None: now
    reason: str = ""
    hints: str = ""  # JSON of ``engine.planning``
    rhythm: str = ""  # JSON of ``schedule.rhythm``
    length: int = 0  # rows on the first page of the last poll that was not "unchanged"
    overlap: int = 0  # known ones among them


@dataclass(frozen=True, slots=True)
class KnownList:
    """One polled address as it was after its last completed poll."""

    id: int
    polls: int  # completed ones
    validators: Validators
    shown_last: dict[str, Moment | None] = field(default_factory=dict)
    errors: int = 0  # polls in a row that could not be completed
    plan: Plan = Plan()
    last_new: datetime | None = None


class Lists:
    def __init__(self, index: Index):
        self._index = index

    def open(self, source: str, zone: str, entries: Iterable[ListPage]) -> dict[str, KnownList]:
        """The known state of each list by its address; lists never seen get a row."""
        entries = list(entries)
        with self._index.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO list (source, url, section) VALUES (?, ?, ?)",
                [(source, entry.url, entry.section) for entry in entries],
            )
        known = {}
        rows = self._index.rows(
            "SELECT url, id, poll, errors, etag, last_modified, body_sha256, last_new, due, due_reason, hints, rhythm, "
            "length, overlap FROM list WHERE source = ?",
            (source,),
        )
        for url, id_, poll, errors, etag, last_modified, body, last_new, due, *planned in rows:
            known[url] = KnownList(
                id_, poll, Validators(etag, last_modified, body), self._shown(id_, poll, zone), errors,
                Plan(_instant(due), *planned), _instant(last_new),
            )  # fmt: skip
        return known

    def due(self, source: str) -> dict[str, datetime | None]:
        """When each known list is due, by its address; None: now."""
        rows = self._index.rows("SELECT url, due FROM list WHERE source = ?", (source,))
        return {url: _instant(due) for url, due in rows}

    def shown_before(self, known: KnownList, moment: datetime, zone: str) -> dict[str, Moment | None]:
        """What the list had shown before a moment, in whichever poll."""
        rows = self._index.rows(
            "SELECT key, published, precision FROM sighting WHERE list = ? AND first_seen < ?",
            (known.id, moment.isoformat()),
        )
        return {
            key: moment_from_columns(published, precision, "list", ZoneInfo(zone)) for key, published, precision in rows
        }

    def _shown(self, id_: int, poll: int, zone: str) -> dict[str, Moment | None]:
        if not poll:
            return {}
        rows = self._index.rows(
            "SELECT key, published, precision FROM sighting WHERE list = ? AND poll = ?", (id_, poll)
        )
        return {
            key: moment_from_columns(published, precision, "list", ZoneInfo(zone)) for key, published, precision in rows
        }

    def note_shown(
        self, connection: sqlite3.Connection, known: KnownList, rows: Iterable[Candidate], now: datetime
    ) -> None:
        """Remember who was shown, in the transaction that makes them owed; the poll is not complete yet."""
        stamp = now.isoformat()
        connection.executemany(
            "INSERT INTO sighting (list, key, first_seen, last_seen, poll, published, precision) "
            "VALUES (?, ?, ?, ?, 0, ?, ?) ON CONFLICT (list, key) DO UPDATE SET last_seen = excluded.last_seen",
            [(known.id, row.key, stamp, stamp, *moment_columns(row.published)[:2]) for row in rows],
        )

    def complete(
        self,
        connection: sqlite3.Connection,
        known: KnownList,
        validators: Validators,
        shown: Iterable[str] | None,
        now: datetime,
        *,
        found_new: bool,
        plan: Plan = Plan(),
    ) -> None:
        """Save a completed poll. ``shown`` is None when the list had not changed."""
        stamp = now.isoformat()
        poll = known.polls if shown is None else known.polls + 1
        connection.execute(
            "UPDATE list SET etag = ?, last_modified = ?, body_sha256 = ?, poll = ?, checked = ?, succeeded = ?, "
            "last_new = CASE WHEN ? THEN ? ELSE last_new END, errors = 0 WHERE id = ?",
            (
                validators.etag, validators.last_modified, validators.body_sha256,
                poll, stamp, stamp, found_new, stamp, known.id,
            ),
        )  # fmt: skip
        _keep(connection, known.id, plan)
        if shown is not None:
            connection.executemany(
                "UPDATE sighting SET poll = ? WHERE list = ? AND key = ?",
                [(poll, known.id, key) for key in shown],
            )

    def failed(self, connection: sqlite3.Connection, known: KnownList, now: datetime, plan: Plan = Plan()) -> None:
        connection.execute("UPDATE list SET checked = ?, errors = errors + 1 WHERE id = ?", (now.isoformat(), known.id))
        _keep(connection, known.id, plan)

    # --- robots.txt: kept for a day, as RFC 9309 section 2.4 allows -----------

    def robots(self, host: str) -> tuple[datetime, int, bytes] | None:
        rows = self._index.rows("SELECT fetched, status, body FROM robots WHERE host = ?", (host,))
        return (datetime.fromisoformat(rows[0][0]), rows[0][1], rows[0][2]) if rows else None

    def keep_robots(self, host: str, status: int, body: bytes, now: datetime) -> None:
        with self._index.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO robots (host, fetched, status, body) VALUES (?, ?, ?, ?)",
                (host, now.isoformat(), status, body),
            )


def _keep(connection: sqlite3.Connection, id_: int, plan: Plan) -> None:
    due = plan.due.isoformat() if plan.due else ""
    connection.execute(
        "UPDATE list SET due = ?, due_reason = ?, hints = ?, rhythm = ?, length = ?, overlap = ? WHERE id = ?",
        (due, plan.reason, plan.hints, plan.rhythm, plan.length, plan.overlap, id_),
    )


def _instant(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None
