"""Every trace that an address has left in the index beside its article: where it was shown, what is owed, each visit.

Reads only, within one moment that the caller opens. Rows come as they are, for `why` to tell.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
Name = tuple[str, str]  # source, key


def debts(connection: sqlite3.Connection, names: Sequence[Name], urls: Sequence[str]) -> list[Row]:
    """Rows of the frontier with one of these ids, or found at one of these addresses (a list may know ids of its own)."""
    columns = "SELECT source, key, url, candidate, found, state, tries, due, reason FROM frontier"
    marks = ", ".join("?" * len(urls))
    rows = [
        *(row for name in names for row in _rows(connection, f"{columns} WHERE source = ? AND key = ?", name)),
        *_rows(connection, f"{columns} WHERE url IN ({marks})", urls),
    ]
    found = {(row["source"], row["key"]): row for row in rows}
    return [row | {"candidate": json.loads(row["candidate"])} for row in found.values()]


def sightings(connection: sqlite3.Connection, names: Sequence[Name]) -> list[Row]:
    """Which lists have shown these ids, from when to when. A list that has not changed since still shows them."""
    sql = (
        "SELECT l.source, l.url AS list, l.section, s.key, s.first_seen, s.published, "
        "CASE WHEN s.poll = l.poll AND l.succeeded > s.last_seen THEN l.succeeded ELSE s.last_seen END AS last_seen, "
        "s.poll != 0 AND s.poll = l.poll AS still_shown "
        "FROM list l JOIN sighting s ON s.list = l.id AND s.key = ? WHERE l.source = ? ORDER BY s.first_seen, l.id"
    )
    rows = [row for source, key in names for row in _rows(connection, sql, (key, source))]
    return [row | {"still_shown": bool(row["still_shown"])} for row in rows]


def visits(connection: sqlite3.Connection, names: Sequence[Name]) -> list[Row]:
    """The last fetches of these ids' pages, the oldest first."""
    sql = "SELECT id, source, key, url, at, status, bytes, outcome FROM visit WHERE source = ? AND key = ?"
    rows = [row for name in names for row in _rows(connection, sql, name)]
    return [{name: row[name] for name in row if name != "id"} for row in sorted(rows, key=lambda row: row["id"])]


def known_as(connection: sqlite3.Connection, source: str, key: str) -> list[Row]:
    """Every id under which an article was met, with the rule that said so; its own among them."""
    sql = (
        "SELECT i.source, i.key, i.rule FROM identity i JOIN article a ON a.id = i.article "
        "WHERE a.source = ? AND a.key = ? ORDER BY i.key != a.key, i.key"
    )
    return _rows(connection, sql, (source, key))


def addresses(connection: sqlite3.Connection, source: str, key: str) -> list[Row]:
    sql = (
        "SELECT d.url, d.kind, d.first_seen FROM address d JOIN article a ON a.id = d.article "
        "WHERE a.source = ? AND a.key = ? ORDER BY d.kind, d.url"
    )
    return _rows(connection, sql, (source, key))


def next_look(connection: sqlite3.Connection, source: str, key: str) -> Row | None:
    """The plan to look at an article again; None where there is none (any more)."""
    sql = (
        "SELECT l.due, l.done, l.checked, l.frozen FROM look l JOIN article a ON a.id = l.article "
        "WHERE a.source = ? AND a.key = ?"
    )
    return next(iter(_rows(connection, sql, (source, key))), None)


def copies(connection: sqlite3.Connection, address: str) -> list[Row]:
    """Articles elsewhere that name this address as their original."""
    sql = (
        "SELECT a.source, a.key, a.path FROM address d JOIN article a ON a.id = d.article "
        "WHERE d.url = ? AND d.kind = 'original' ORDER BY a.source, a.key"
    )
    return _rows(connection, sql, (address,))


def robots(connection: sqlite3.Connection, place: str) -> tuple[str, int, bytes] | None:
    """When robots.txt of a scheme and host was read last, the status, and what it said."""
    row = connection.execute("SELECT fetched, status, body FROM robots WHERE host = ?", (place,)).fetchone()
    return (row[0], row[1], row[2]) if row else None


def source_row(connection: sqlite3.Connection, name: str) -> Row | None:
    sql = "SELECT name, title, first_run, last_run, last_verdict, last_reason FROM source WHERE name = ?"
    return next(iter(_rows(connection, sql, (name,))), None)


def _rows(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> list[Row]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
