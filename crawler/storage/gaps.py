"""Stretches of lists that may have rolled by unseen: noted when a walk ends without an overlap, closed by a walk back."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from crawler.models import Gap
from crawler.storage.index import Index


@dataclass(frozen=True, slots=True)
class OpenGap:
    """One that no walk back has covered yet. ``found`` is the start of the run that found it."""

    id: int
    source: str
    gap: Gap
    found: datetime


class Gaps:
    def __init__(self, index: Index):
        self._index = index

    def note(self, connection: sqlite3.Connection, source: str, gap: Gap, found: datetime, run_id: str) -> None:
        """In the transaction that completes the poll. A walk back that was under way begins anew, to pass here too."""
        connection.execute(
            "INSERT OR IGNORE INTO gap (source, list, since, until, found, run_id) VALUES (?, ?, ?, ?, ?, ?)",
            (source, gap.list, gap.since, gap.until, found.isoformat(), run_id),
        )
        connection.execute(
            "DELETE FROM backfill WHERE list = (SELECT id FROM list WHERE source = ? AND url = ?)", (source, gap.list)
        )

    def open(self, source: str = "") -> list[OpenGap]:
        """Of one source, or of all; the oldest first."""
        rows = self._index.rows(
            "SELECT id, source, list, since, until, found FROM gap WHERE closed = '' AND (?1 = '' OR source = ?1) "
            "ORDER BY found, list",
            (source,),
        )
        return [
            OpenGap(id_, name, Gap(list_, since, until), datetime.fromisoformat(found))
            for id_, name, list_, since, until, found in rows
        ]

    def close(self, connection: sqlite3.Connection, gap: OpenGap, now: datetime) -> None:
        connection.execute("UPDATE gap SET closed = ? WHERE id = ?", (now.isoformat(), gap.id))
