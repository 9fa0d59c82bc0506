"""How far each list was walked back, so that a walk that was stopped goes on where it stood."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from crawler.storage.index import Index


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a walk back stands.

    ``page`` and ``url`` are of the page that was read last; of a sitemap ``url`` names every file that was read to
    its end, one a line. ``day`` is ISO: whatever the list shows that is younger was met; "" where no dates tell.
    ``done`` says why it has ended, "" while it has not.
    """

    until: str  # what was asked for: a day, or a number of pages
    page: int
    url: str
    day: str
    done: str = ""


class WalksBack:
    def __init__(self, index: Index):
        self._index = index

    def of(self, source: str) -> dict[str, Reached]:
        """By the list's address."""
        rows = self._index.rows(
            "SELECT l.url, b.until, b.page, b.url, b.reached, b.done FROM backfill b JOIN list l ON l.id = b.list "
            "WHERE l.source = ?",
            (source,),
        )
        return {url: Reached(*rest) for url, *rest in rows}

    def save(self, connection: sqlite3.Connection, list_id: int, reached: Reached) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO backfill (list, until, page, url, reached, done) VALUES (?, ?, ?, ?, ?, ?)",
            (list_id, reached.until, reached.page, reached.url, reached.day, reached.done),
        )
