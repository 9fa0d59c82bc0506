"""What was found and is not an article yet: owed, quarantined, or given up with a reason.

Nothing leaves this table but by becoming an article (or a duplicate of one), so
nothing that was ever seen on a list can vanish quietly.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.models import Candidate
from crawler.storage import filing
from crawler.storage.fields import dump, moment_columns, moment_from_columns
from crawler.storage.index import Index

State = Literal["owed", "quarantined", "rejected", "gone", "given-up"]
OPEN: tuple[State, ...] = ("owed", "quarantined")  # states that are tried again

# After a failure: 1 h, 6 h, 1 day, 3 days, then given up, counted and named (reliability row H11).
BACKOFF = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))


class Frontier:
    def __init__(self, index: Index):
        self._index = index

    def owe(self, connection: sqlite3.Connection, candidates: Iterable[Candidate], now: datetime) -> None:
        """Make new candidates a debt, before anything else happens to them."""
        stamp = now.isoformat()
        connection.executemany(
            "INSERT OR IGNORE INTO frontier (source, key, url, candidate, found, state, due) "
            "VALUES (?, ?, ?, ?, ?, 'owed', ?)",
            [(row.source, row.key, row.url, _dump(row), stamp, stamp) for row in candidates],
        )

    def due(self, source: str, zone: str, now: datetime, *, limit: int = -1) -> list[Candidate]:
        """Debts whose time has come: the newest day first, by publication where that is known, else by when it was
        found; within a day the never tried ones first."""
        rows = self._index.rows(
            "SELECT candidate, tries, found FROM frontier WHERE source = ? AND state IN ('owed', 'quarantined') "
            "AND due <= ? ORDER BY found DESC, key DESC",
            (source, now.isoformat()),
        )
        owed = [(_load(candidate, zone), tries, found) for candidate, tries, found in rows]
        owed.sort(key=lambda debt: debt[1])
        owed.sort(
            key=lambda debt: debt[0].published.day.isoformat() if debt[0].published else debt[2][:10], reverse=True
        )
        return [candidate for candidate, _, _ in owed][: limit if limit >= 0 else None]

    def day_of(self, candidate: Candidate) -> str:
        """The publication day that is known of a debt, ISO; "" if none is, or it is no debt."""
        raw = self._index.value(
            "SELECT candidate FROM frontier WHERE source = ? AND key = ?", (candidate.source, candidate.key)
        )
        return str(json.loads(raw)["published"][0])[:10] if raw else ""

    def owed(self, source: str) -> int:
        """How many are still to come, due or not."""
        return int(
            self._index.value(
                "SELECT count(*) FROM frontier WHERE source = ? AND state IN ('owed', 'quarantined')",
                (source,),
            )
        )

    def settle(self, connection: sqlite3.Connection, source: str, keys: Iterable[str]) -> None:
        """They have become articles, or duplicates of articles."""
        filing.settle(connection, source, keys)

    def put_off(
        self,
        candidate: Candidate,
        reason: str,
        now: datetime,
        *,
        state: State = "owed",
        until: datetime | None = None,
        counts: bool = True,
    ) -> State:
        """Note a failed try; answers the state it is in now (given up after the last one).

        A try that failed for the host's sake does not count: no outage, however long, makes us
        give up what we owe.
        """
        with self._index.transaction() as connection:
            self.owe(connection, [candidate], now)
            tries = connection.execute(
                "SELECT tries FROM frontier WHERE source = ? AND key = ?", (candidate.source, candidate.key)
            ).fetchone()[0]
            if counts and tries >= len(BACKOFF):
                state = "given-up"
            # A server's short Retry-After must not use up the tries within the hour.
            due = max(until or now, now + BACKOFF[min(tries, len(BACKOFF) - 1)])
            connection.execute(
                "UPDATE frontier SET state = ?, tries = tries + ?, due = ?, reason = ? WHERE source = ? AND key = ?",
                (state, int(counts), due.isoformat(), reason, candidate.source, candidate.key),
            )
        return state

    def learn(self, candidate: Candidate) -> None:
        """What a fetch has told of a debt that is left out for now (its date, for --since)."""
        with self._index.transaction() as connection:
            connection.execute(
                "UPDATE frontier SET candidate = ? WHERE source = ? AND key = ?",
                (_dump(candidate), candidate.source, candidate.key),
            )

    def close(self, candidate: Candidate, reason: str, now: datetime, state: State) -> None:
        """It will never be an article (no longer there, or something else): remembered, not tried again."""
        with self._index.transaction() as connection:
            self.owe(connection, [candidate], now)
            connection.execute(
                "UPDATE frontier SET state = ?, tries = tries + 1, reason = ? WHERE source = ? AND key = ?",
                (state, reason, candidate.source, candidate.key),
            )


def _dump(candidate: Candidate) -> str:
    published, precision, _ = moment_columns(candidate.published)
    provenance = candidate.published.provenance if candidate.published else ""
    return dump({**asdict(candidate), "published": [published, precision, provenance]})


def _load(raw: str, zone: str) -> Candidate:
    fields = json.loads(raw)
    published, precision, provenance = fields.pop("published")
    fields["authors"] = tuple(fields["authors"])
    return Candidate(**fields, published=moment_from_columns(published, precision, provenance, ZoneInfo(zone)))
