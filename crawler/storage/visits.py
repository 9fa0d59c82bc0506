"""What each fetch of an article's page came to, the newest few of each article: for `why`. A log, nothing rests on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import astuple, dataclass

KEPT = 10  # of each article


@dataclass(frozen=True, slots=True)
class Visit:
    """``status`` is 0 where no answer came, ``at`` ISO 8601 in UTC."""

    source: str
    key: str
    url: str
    at: str
    status: int
    bytes: int
    outcome: str


def note(connection: sqlite3.Connection, visits: Iterable[Visit]) -> None:
    """In whatever transaction comes next: it is worth no fsync of its own."""
    for visit in visits:
        connection.execute(
            "INSERT INTO visit (source, key, url, at, status, bytes, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)",
            astuple(visit),
        )
        connection.execute(
            "DELETE FROM visit WHERE source = ?1 AND key = ?2 AND id NOT IN "
            "(SELECT id FROM visit WHERE source = ?1 AND key = ?2 ORDER BY id DESC LIMIT ?3)",
            (visit.source, visit.key, KEPT),
        )
