"""The journal's lines back into rows of an index: after a lost -wal, and for an index that is made again.

Every line tells a state, so that a line that is read twice does no harm.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from crawler.storage import filing
from crawler.storage.fields import dump
from crawler.storage.filing import file_change
from crawler.storage.journal_files import Event
from crawler.storage.stories import REGROUP, file_regroup

LOST = "lost"  # the change of a seq whose line was lost with the journal: the log stays gap-free


def replay(connection: sqlite3.Connection, root: Path, events: Iterable[Event]) -> int:
    """The lines' states into an index, in their order; answers how many changes were new to it."""
    taken = 0
    with ExitStack() as stack:
        handles: dict[str, BinaryIO] = {}
        for event in sorted(events):
            if event.path not in handles:
                handles[event.path] = stack.enter_context((root / event.path).open("rb"))
            handles[event.path].seek(event.place)
            line = json.loads(handles[event.path].readline())
            connection.execute("SAVEPOINT line")
            try:
                if event.is_note:
                    replay_note(connection, line)
                else:
                    taken += replay_change(connection, line)
            except (LookupError, TypeError, ValueError, AttributeError, sqlite3.Error) as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise  # the disk, not the line
                connection.execute("ROLLBACK TO line")  # half a change is worse than none
                logging.warning("%s: the line at byte %d can not be used: %s", event.path, event.place, error)
            connection.execute("RELEASE line")
    return taken


def replay_change(connection: sqlite3.Connection, line: Mapping[str, Any]) -> bool:
    """One change; False if the index has it already. Raises KeyError, sqlite3.Error for a line that is none."""
    if connection.execute("SELECT 1 FROM change WHERE seq = ?", (line["seq"],)).fetchone():
        return False
    # Its place in a story is not the article's text: each of the two is as its own last line says.
    later = f"SELECT 1 FROM change WHERE source = ? AND key = ? AND seq > ? AND (op = '{REGROUP}') = ?"  # noqa: S608
    if line["op"] == LOST:
        _lose(connection, line["seq"], line["at"])
    elif connection.execute(later, (line["source"], line["key"], line["seq"], line["op"] == REGROUP)).fetchone():
        filing.log_change(connection, line)  # a number that was lost in the middle: the article is further on
    elif line["op"] == REGROUP:
        file_regroup(connection, line)
        filing.log_change(connection, line)
    elif line["op"] == "withdraw":
        filing.withdraw(connection, line)
    elif "fetched" not in line:  # a change without a text
        filing.stand_again(connection, line)
    else:
        file_change(connection, line)
    return True


def _lose(connection: sqlite3.Connection, seq: int, at: str) -> None:
    connection.execute(
        "INSERT INTO change (seq, op, source, key, url, path, sha256, at, fields) "
        """VALUES (?, ?, '', '', '', '', '', ?, '{"source":"","key":"","url":""}')""",
        (seq, LOST, at),
    )


def fill_gaps(connection: sqlite3.Connection, at: str) -> int:
    """Stand-ins for changes whose lines are lost; answers how many."""
    there = {row[0] for row in connection.execute("SELECT seq FROM change")}
    missing = [seq for seq in range(1, max(there, default=0)) if seq not in there]
    for seq in missing:
        _lose(connection, seq, at)
    return len(missing)


def replay_note(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    """What the journal tells beside the changes. Lines of a kind that we do not know are left out."""
    if note := _NOTES.get(line["op"]):
        note(connection, line)


def _article(connection: sqlite3.Connection, source: str, key: str) -> int:
    row = connection.execute("SELECT id FROM article WHERE source = ? AND key = ?", (source, key)).fetchone()
    if row is None:
        raise KeyError(f"{source}/{key}")
    return int(row[0])


def _alias(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    article = _article(connection, line["source"], line["article"])
    connection.execute(
        "INSERT OR REPLACE INTO identity (source, key, article, rule) VALUES (?, ?, ?, ?)",
        (line["source"], line["key"], article, line["rule"]),
    )
    filing.settle(connection, line["source"], [line["key"]])


def _address(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    article = _article(connection, line["source"], line["article"])
    connection.execute(
        "INSERT OR REPLACE INTO address (url, source, article, kind, first_seen) VALUES (?, ?, ?, ?, ?)",
        (line["url"], line["source"], article, line["kind"], line["first_seen"]),
    )


def _debt(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    names = ("source", "key", "url", "candidate", "found", "state", "tries", "due", "reason")
    _put(
        connection,
        "frontier",
        {name: line[name] for name in names} | {"candidate": dump(line["candidate"]), "noted": 1},
    )


def _settled(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    filing.settle(connection, line["source"], [line["key"]])


def _list(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    connection.execute(
        "INSERT INTO list (source, url, section, poll, last_new) VALUES (:source, :url, :section, :poll, :last_new) "
        "ON CONFLICT (source, url) DO UPDATE SET poll = :poll, last_new = :last_new",
        {name: line[name] for name in ("source", "url", "section", "poll", "last_new")},
    )
    [(id_,)] = connection.execute("SELECT id FROM list WHERE source = :source AND url = :url", dict(line)).fetchall()
    connection.executemany(
        "INSERT OR IGNORE INTO sighting (list, key, first_seen, last_seen, poll, published, precision) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(id_, *row) for row in line["came"]],
    )
    for last_seen, keys in line["shown"].items():
        connection.executemany(
            "UPDATE sighting SET poll = ?, last_seen = ? WHERE list = ? AND key = ?",
            [(line["poll"], last_seen, id_, key) for key in keys],
        )


def _source(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    names = ("name", "title", "first_run", "last_run", "last_verdict", "last_reason", "last_new")
    _put(connection, "source", {name: line[name] for name in names})


def _run(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    names = ("run_id", "started", "finished", "pid", "exit_code")
    report = json.dumps(line["report"], ensure_ascii=False) if line["report"] else ""
    _put(connection, "run", {name: line[name] for name in names} | {"report": report})


def _gap(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    names = ("source", "list", "since", "until", "found", "run_id", "closed")
    connection.execute(
        "INSERT INTO gap (source, list, since, until, found, run_id, closed) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (source, list, found) DO UPDATE SET closed = excluded.closed",
        tuple(line[name] for name in names),
    )


def _damaged(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    connection.execute(
        "UPDATE article SET sha256 = '', fingerprint = '' WHERE source = ? AND key = ?", (line["source"], line["key"])
    )


def _put(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", dict(row))  # noqa: S608


_NOTES: dict[str, Callable[[sqlite3.Connection, Mapping[str, Any]], None]] = {
    "alias": _alias,
    "address": _address,
    "debt": _debt,
    "settled": _settled,
    "list": _list,
    "source": _source,
    "run": _run,
    "gap": _gap,
    "damaged": _damaged,
}
