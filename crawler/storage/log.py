"""The change log, read beside a running crawl: a few numbers at a time, each time from a moment of its own.

Numbers are given inside the writing transaction, so what is read is never behind what is to come.
No transaction lasts longer than one batch: a reader that stays would hold up the writer's log. Writes nothing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.errors import IndexFault, UsageError
from crawler.storage.index_faults import REBUILD
from crawler.storage.layout import INDEX
from crawler.storage.reading import reader

BATCH = 500
_CURSOR = re.compile(r"(?:(?P<collection>[^:\s]{1,64}):)?(?P<seq>[0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Change:
    """One number of the log. ``fields`` has what else it tells, by op: the article's fields, a reason, a story.

    An op of "lost" stands for a number whose line was lost with the journal: it names no article.
    """

    cursor: str  # give it back, and the next change follows
    seq: int
    op: str
    source: str
    key: str
    url: str
    path: str
    sha256: str
    at: datetime
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one collection's log: behind the change ``seq``."""

    collection: str
    seq: int

    def __str__(self) -> str:
        return f"{self.collection}:{self.seq}"


@contextmanager
def moment(root: Path, schema: int = 1) -> Iterator[sqlite3.Connection]:
    """One consistent moment of a collection's index. Raises UsageError where there is none, IndexFault.

    ``schema`` is the oldest one that has what is read.
    """
    if not (root / INDEX).parent.is_dir():
        raise UsageError(f"there is no collection at {root}; crawl makes one, --output names another")
    with reader(root / INDEX) as connection:
        there = connection.execute("PRAGMA user_version").fetchone()[0]
        if not there:
            raise IndexFault(f"{root / INDEX} is an empty file; {REBUILD}")
        if there < schema:
            raise IndexFault(f"{root / INDEX} was written by an older Shiyi; the next crawl upgrades it")
        yield connection


def newest(root: Path) -> Position:
    """Behind the last change."""
    with moment(root) as connection:
        return _newest(connection)


def position(root: Path, cursor: str | int) -> Position:
    """The place that a cursor means: ``<collection id>:<seq>``, or the bare number. Raises UsageError."""
    told = _CURSOR.fullmatch(str(cursor))
    if told is None:
        raise UsageError(f"{str(cursor)!r} is no cursor; give the one of the last line you have, or 0 for all")
    with moment(root) as connection:
        there = _newest(connection)
        after = Position(told["collection"] or there.collection, int(told["seq"]))
        _refuse(after, there)
    return after


def changes(root: Path, after: Position, wait: Callable[[], bool] | None = None) -> Iterator[Change]:
    """Every change behind ``after``, in order, none left out; then, as long as ``wait()`` says so, what comes.

    Raises UsageError if the index becomes another one or loses the place, IndexFault.
    """
    while True:
        batch = _read(root, after)
        yield from batch
        if batch:
            after = replace(after, seq=batch[-1].seq)
        if len(batch) < BATCH and (wait is None or not wait()):
            return


def _read(root: Path, after: Position) -> list[Change]:
    with moment(root) as connection:
        _refuse(after, _newest(connection))
        rows = connection.execute(
            "SELECT seq, op, source, key, url, path, sha256, at, fields FROM change WHERE seq > ? ORDER BY seq LIMIT ?",
            (after.seq, BATCH),
        ).fetchall()
    return [
        Change(
            f"{after.collection}:{seq}",
            seq,
            op,
            source,
            key,
            url,
            path,
            sha256,
            datetime.fromisoformat(at),
            json.loads(fields),
        )
        for seq, op, source, key, url, path, sha256, at, fields in rows
    ]


def _newest(connection: sqlite3.Connection) -> Position:
    collection, seq = connection.execute(
        "SELECT id, (SELECT coalesce(max(seq), 0) FROM change) FROM collection"
    ).fetchone()
    return Position(collection, seq)


def _refuse(after: Position, there: Position) -> None:
    if after.collection != there.collection:
        raise UsageError(f"the cursor {after} is of another collection; this one is {there.collection}")
    if after.seq > there.seq:
        raise UsageError(
            f"the cursor {after} is beyond the last change, {there.seq}: the index was restored from an older backup; "
            "read again from 0, or from the last cursor that you had when the backup was made"
        )
