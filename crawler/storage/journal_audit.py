"""Compares the journal with the index: whatever the index knows must stand there, line by line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crawler.storage.journal_files import files, lines_of, torn_at
from crawler.storage.layout import CHANGES, NOTES

Remedy = Literal["cut", "rewrite", "complete", "take back"]
_ADVICE: dict[Remedy, str] = {
    "cut": "`verify --repair`, or the next run, cuts it and writes it again",
    "rewrite": "`verify --repair` writes the file again from the index and keeps the damaged one",
    "complete": "`verify --repair` adds them from the index",
    "take back": "the next run takes them back into the index; if it can not, `verify --rebuild-index`",
}


@dataclass(frozen=True, slots=True)
class JournalTrouble:
    place: str
    what: str
    remedy: Remedy

    @property
    def advice(self) -> str:
        return _ADVICE[self.remedy]


@dataclass(slots=True)
class _Told:
    """What the journal tells, as far as it can be compared."""

    changes: dict[int, str] = field(default_factory=dict)  # seq: path and sha256
    places: dict[int, str] = field(default_factory=dict)  # seq: its file
    ids: set[tuple[str, str]] = field(default_factory=set)
    addresses: set[tuple[str, str]] = field(default_factory=set)
    debts: dict[tuple[str, str], str] = field(default_factory=dict)  # state
    sightings: set[tuple[str, str, str]] = field(default_factory=set)


def look_over_journal(
    root: Path, connection: sqlite3.Connection | None = None, *, is_running: bool = False
) -> Iterator[JournalTrouble]:
    """Lines that can not be read; with an index also what is missing, too much or different."""
    told = _Told()
    for path in files(root):
        size, whole = torn_at(root / path)
        if whole < size and not is_running:
            yield JournalTrouble(path, f"its last line is torn at byte {whole}", "cut")
        for place, line in lines_of(root / path):
            if place >= whole:
                break
            try:
                if line is None:
                    raise ValueError
                _take(told, line, path)
            except (KeyError, TypeError, ValueError, AttributeError):
                yield JournalTrouble(path, f"the line at byte {place} can not be read", "rewrite")
    if connection is not None and connection.execute("PRAGMA user_version").fetchone()[0] > 1:
        yield from _differences(told, connection, is_running=is_running)


def _take(told: _Told, line: dict[str, Any], path: str) -> None:
    op, source = line["op"], line.get("source", "")
    if not path.startswith(NOTES):
        told.places[int(line["seq"])] = path
        told.changes[int(line["seq"])] = f"{line['path']} {line['sha256']}"
        keys = {(source, key) for key in (line["key"], *line.get("keys", ()))}
        told.ids |= keys
        told.addresses |= {(source, url) for url in (*line.get("addresses", ()), line.get("original_url", ""))}
        for key in keys:
            told.debts.pop(key, None)
    elif op == "alias":
        told.ids.add((source, line["key"]))
        told.debts.pop((source, line["key"]), None)
    elif op == "address":
        told.addresses.add((source, line["url"]))
    elif op == "debt":
        told.debts[source, line["key"]] = line["state"]
    elif op == "settled":
        told.debts.pop((source, line["key"]), None)
    elif op == "list":
        told.sightings |= {(source, line["url"], row[0]) for row in line["came"]}


def _differences(told: _Told, connection: sqlite3.Connection, *, is_running: bool) -> Iterator[JournalTrouble]:
    rows = {seq: f"{path} {sha256}" for seq, path, sha256 in connection.execute("SELECT seq, path, sha256 FROM change")}
    last = max(rows, default=0)
    missing = [seq for seq in rows if seq not in told.changes]
    ahead = [seq for seq in told.changes if seq not in rows]
    if missing and not is_running:  # a running crawl commits first
        yield JournalTrouble(CHANGES, f"{len(missing)} changes of the index are missing: {_few(missing)}", "complete")
    if ahead and not (is_running and min(ahead) > last):
        what = f"{len(ahead)} changes are not in the index: {_few(ahead)}"
        yield JournalTrouble(CHANGES, what, "take back")
    different = [seq for seq, row in rows.items() if told.changes.get(seq, row) != row]
    for path in sorted({told.places[seq] for seq in different}):
        numbers = [seq for seq in different if told.places[seq] == path]
        yield JournalTrouble(path, f"{len(numbers)} changes differ from the index: {_few(numbers)}", "rewrite")
    for what, lacking in _lacking(told, connection):
        if lacking:
            yield JournalTrouble(NOTES, f"{lacking} {what} of the index are missing", "complete")


def _lacking(told: _Told, connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    waiting = set(connection.execute("SELECT kind, scope, name FROM unwritten"))
    ids = connection.execute("SELECT source, key FROM identity")
    yield "ids", sum((*row,) not in told.ids and ("alias", *row) not in waiting for row in ids)
    addresses = connection.execute("SELECT source, url FROM address")
    yield "addresses", sum(row not in told.addresses and ("address", *row) not in waiting for row in addresses)
    debts = connection.execute("SELECT source, key, state FROM frontier")
    yield (
        "debts",
        sum(
            told.debts.get((source, key)) != state and ("frontier", source, key) not in waiting
            for source, key, state in debts
        ),
    )
    sightings = connection.execute("SELECT l.source, l.url, s.key, l.id FROM sighting s JOIN list l ON l.id = s.list")
    yield (
        "sightings",
        sum(
            (source, url, key) not in told.sightings and ("sighting", str(id_), key) not in waiting
            for source, url, key, id_ in sightings
        ),
    )


def _few(numbers: list[int]) -> str:
    return ", ".join(map(str, sorted(numbers)[:5])) + (" …" if len(numbers) > 5 else "")
