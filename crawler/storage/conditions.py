"""The rows of health and alerts: how each source has fared over many runs, and what is still to be told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

COLUMNS = (
    "source", "state", "since", "stage", "cause", "bad", "first_bad", "last_good", "last_new", "rhythm", "traits",
)  # fmt: skip


def read(connection: sqlite3.Connection, source: str) -> dict[str, Any] | None:
    names = ", ".join(COLUMNS)
    row = connection.execute(f"SELECT {names} FROM health WHERE source = ?", (source,)).fetchone()  # noqa: S608
    return dict(zip(COLUMNS, row, strict=True)) if row else None


def write(connection: sqlite3.Connection, row: Sequence[object]) -> None:
    """``row`` in the order of COLUMNS."""
    marks = ", ".join("?" * len(COLUMNS))
    connection.execute(f"INSERT OR REPLACE INTO health ({', '.join(COLUMNS)}) VALUES ({marks})", tuple(row))  # noqa: S608


def add_alert(connection: sqlite3.Connection, source: str, at: str, state: str, stage: str, text: str) -> None:
    connection.execute(
        "INSERT INTO alert (source, at, state, stage, text) VALUES (?, ?, ?, ?, ?)", (source, at, state, stage, text)
    )


def unsent(connection: sqlite3.Connection, oldest: str) -> list[tuple[int, str, str, str, str, str, str]]:
    """id, source, at, state, stage, text and sent of what was not told everywhere and is no older than ``oldest``.

    ``sent`` is "", or the one place that has taken it: "webhook", "apprise".
    """
    return connection.execute(
        "SELECT id, source, at, state, stage, text, sent FROM alert "
        "WHERE sent IN ('', 'webhook', 'apprise') AND at >= ? ORDER BY id",
        (oldest,),
    ).fetchall()


def mark_sent(connection: sqlite3.Connection, ids: Iterable[int], at: str) -> None:
    connection.executemany("UPDATE alert SET sent = ? WHERE id = ?", [(at, id_) for id_ in ids])
