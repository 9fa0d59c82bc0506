"""The journal: what the index knows, line by line, in files that only grow. Documents and journal are the truth.

``journal/YYYY-MM.ndjson`` has every change of a document, with all fields, numbered without a gap.
``notes/YYYY-MM.ndjson`` has what else was learnt: further ids and addresses, debts and closings,
what the lists showed, runs. Both are written after the commit; what a crash leaves out is
added at the next start, and what the index has lost is taken back from here.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from crawler.errors import IndexFault
from crawler.storage.disk import Disk
from crawler.storage.filing import HEAD
from crawler.storage.index import Index, dump
from crawler.storage.layout import CHANGES, NOTES
from crawler.storage.notes import notes_of
from crawler.storage.replay import fill_gaps, replay_change, replay_note
from crawler.storage.schema import TELL_ALL

GONE = f"{CHANGES}/gone"  # stands for a file that has lost its lines
BATCH = 500  # lines that are written at once: what is held in memory
VERSION = 1  # of the lines' form; it stands in the first line of each file of notes


class Event(NamedTuple):
    """A line and its place in the order of things: a note stands after the change that was the last then."""

    after: int
    is_note: bool
    path: str
    place: int


@dataclass(slots=True)
class Reading:
    """What stands in the files, or in a part of them."""

    events: list[Event] = field(default_factory=list)
    broken: list[tuple[str, int]] = field(default_factory=list)  # lines that can not be read: file, byte
    seqs: set[int] = field(default_factory=set)


class Journal:
    def __init__(self, disk: Disk, index: Index):
        self._disk = disk
        self._index = index
        self._sizes: dict[str, tuple[int, int]] = {}  # file: bytes and highest seq, as far as we have written
        self._known = 0  # every change up to this one is in the files,
        self._seqs: set[int] = set()  # and these are, too

    # --- during a run -----------------------------------------------------------

    def append(self, changes: Iterable[Mapping[str, Any]]) -> None:
        by_month: dict[str, list[Mapping[str, Any]]] = {}
        for change in changes:
            by_month.setdefault(change["at"][:7], []).append(change)
        for month, lines in by_month.items():
            self._append(f"{CHANGES}/{month}.ndjson", lines, max(line["seq"] for line in lines))

    def _append(self, path: str, lines: Iterable[Mapping[str, Any]], seq: int) -> None:
        content = "".join(dump(line) + "\n" for line in lines).encode()
        is_new = not self._disk.path(path).exists()
        if is_new:
            self._disk.make_folder(str(PurePosixPath(path).parent))
        self._disk.append(path, content)
        if is_new:
            self._disk.sync_folders([str(PurePosixPath(path).parent)])
        size, highest = self._sizes.get(path, (0, 0))
        self._sizes[path] = (size + len(content), max(highest, seq))

    def tell(self, now: datetime) -> None:
        """Write the notes that are due and remember how far the files are known: once a run, not per article."""
        last = self._index.value("SELECT coalesce(max(seq), 0) FROM change")
        due = self._index.rows("SELECT kind, scope, name FROM unwritten ORDER BY kind, scope, name")
        lines = list(notes_of(self._index, due, last))
        # The first line of all tells the collection's id, also where there is nothing else to tell.
        if lines or not any(name.startswith(NOTES) for name in self._sizes):
            path = f"{NOTES}/{now.isoformat()[:7]}.ndjson"
            head = {"op": "notes", "version": VERSION, "collection": self._index.value("SELECT id FROM collection")}
            self._append(path, lines if self._disk.path(path).exists() else [head, *lines], 0)
        recorded = {name: (size, seq) for name, size, seq in self._recorded()}
        if not due and recorded == self._sizes:
            return
        with self._index.transaction() as connection:
            connection.execute("DELETE FROM unwritten")
            connection.execute("UPDATE frontier SET noted = 1 WHERE NOT noted")
            connection.execute("DELETE FROM journal_file")
            connection.executemany(
                "INSERT INTO journal_file (name, size, seq) VALUES (?, ?, ?)",
                [(name, size, seq) for name, (size, seq) in self._sizes.items()],
            )

    def _recorded(self) -> list[tuple[str, int, int]]:
        return self._index.rows("SELECT name, size, seq FROM journal_file")

    def distrust(self) -> None:
        """Have the next start read every line and write what is missing: after damage in the middle."""
        with self._index.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO journal_file VALUES (?, 1, 0)", (GONE,))

    # --- at the start -------------------------------------------------------------

    def take_back(self, now: datetime) -> int:
        """Cut torn last lines; give the index what only the journal knows. Answers how many changes that were."""
        recorded = {name: (size, seq) for name, size, seq in self._recorded()}
        reading, has_shrunk = self._read_on(recorded)
        self._seqs = reading.seqs
        self._known = 0 if has_shrunk else max((seq for _, seq in recorded.values()), default=0)
        if has_shrunk:
            logging.warning("the journal has lost lines since the last run: they are written again from the index")
            with self._index.transaction() as connection:
                for statement in TELL_ALL:
                    connection.execute(statement)
        for path, place in reading.broken:
            logging.warning("%s: the line at byte %d can not be read; run verify", path, place)
        there = self._known_of(reading)
        events = [event for event in reading.events if event.is_note or event.after not in there]
        if not events:
            return 0
        with self._index.transaction() as connection:
            taken = replay(connection, self._disk.root, events)
            fill_gaps(connection, now.isoformat())
        if taken:
            logging.warning("the index had lost %d changes: they were taken back from the journal", taken)
        return taken

    def complete(self, now: datetime) -> None:
        """Append the changes that are missing, and the notes that are due."""
        seqs = self._index.rows("SELECT seq FROM change WHERE seq > ? ORDER BY seq", (self._known,))
        missing = [seq for (seq,) in seqs if seq not in self._seqs]
        wanted = "SELECT seq, op, at, path, sha256, fields FROM change WHERE seq = ?"
        for start in range(0, len(missing), BATCH):
            self.append([line_of(self._index.rows(wanted, (seq,))[0]) for seq in missing[start : start + BATCH]])
        self._seqs = set()
        self.tell(now)

    def _read_on(self, recorded: Mapping[str, tuple[int, int]]) -> tuple[Reading, bool]:
        """What the files say beyond what the index knows of them, and whether they have lost anything."""
        starts: dict[str, int] = {}
        self._sizes = {}
        for path in files(self._disk.root):
            size = self._cut(path)
            known, seq = recorded.get(path, (0, 0))
            self._sizes[path] = (size, seq)
            if size >= known and (not known or _byte_at(self._disk.path(path), known - 1) == b"\n"):
                starts[path] = known
        has_shrunk = set(recorded) | set(self._sizes) != set(starts)
        reading = read(self._disk.root, starts)
        if has_shrunk:  # which changes are there has to be seen from the start; notes are told again
            whole = read(self._disk.root, dict.fromkeys(self._sizes, 0))
            reading.seqs = whole.seqs
            notes = [event for event in reading.events if event.is_note]
            reading.events = notes + [event for event in whole.events if not event.is_note]
        for event in reading.events:
            if not event.is_note:
                size, highest = self._sizes[event.path]
                self._sizes[event.path] = (size, max(highest, event.after))
        return reading, has_shrunk

    def _known_of(self, reading: Reading) -> set[int]:
        """The changes of a reading that the index has."""
        first = min((event.after for event in reading.events if not event.is_note), default=0)
        return {row[0] for row in self._index.rows("SELECT seq FROM change WHERE seq >= ?", (first,))}

    def _cut(self, path: str) -> int:
        """Cut a torn last line; answers the size then."""
        size, whole = torn_at(self._disk.path(path))
        if whole < size:
            self._disk.truncate(path, whole)
        return whole


# --- reading, also by those who may not write -------------------------------------


def files(root: Path) -> list[str]:
    """All files of the journal, changes first, oldest first; paths relative to the collection."""
    return [f"{folder}/{file.name}" for folder in (CHANGES, NOTES) for file in sorted((root / folder).glob("*.ndjson"))]


def read(root: Path, starts: Mapping[str, int]) -> Reading:
    """The order of the lines, from a place in each file on."""
    reading = Reading()
    for path, start in starts.items():
        is_note = path.startswith(NOTES)
        for place, line in lines_of(root / path, start):
            after = line.get("after" if is_note else "seq", 0) if line is not None else 0
            if line is None or not isinstance(after, int) or (not is_note and after < 1):
                reading.broken.append((path, place))
                continue
            if not is_note:
                reading.seqs.add(after)
            if line["op"] != "notes":
                reading.events.append(Event(after, is_note, path, place))
    return reading


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
            try:
                if event.is_note:
                    replay_note(connection, line)
                else:
                    taken += replay_change(connection, line)
            except (LookupError, TypeError, ValueError, AttributeError, sqlite3.Error) as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise  # the disk, not the line
                logging.warning("%s: the line at byte %d can not be used: %s", event.path, event.place, error)
    return taken


def lines_of(file: Path, start: int = 0) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Each line with its first byte's place; None for one that is no JSON object."""
    place = start
    with file.open("rb") as handle:
        handle.seek(start)
        for raw in handle:
            yield place, _object(raw)
            place += len(raw)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(line, dict) or not isinstance(line.get("op"), str):
        return None
    if line["op"] == "notes" and line.get("version", 0) > VERSION:
        raise IndexFault(
            f"the journal was written by a newer Shiyi (version {line['version']}, this program knows {VERSION}); "
            "use that newer program"
        )
    return line


def torn_at(file: Path, step: int = 1 << 16) -> tuple[int, int]:
    """The size of a file, and where its last whole line ends."""
    with file.open("rb") as handle:
        size = end = handle.seek(0, 2)
        while end:
            start = max(0, end - step)
            handle.seek(start)
            found = handle.read(end - start).rfind(b"\n")
            if found >= 0:
                return size, start + found + 1
            end = start
    return size, 0


def _byte_at(file: Path, place: int) -> bytes:
    with file.open("rb") as handle:
        handle.seek(place)
        return handle.read(1)


def line_of(row: tuple[Any, ...]) -> dict[str, Any]:
    """The journal's line of a change: seq, op, at, path, sha256, fields."""
    fields: dict[str, Any] = json.loads(row[5])
    return dict(zip(HEAD, row[:5], strict=True)) | fields
