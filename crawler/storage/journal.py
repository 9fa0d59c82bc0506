"""The journal: what the index knows, line by line, in files that only grow. Documents and journal are the truth.

``journal/YYYY-MM.ndjson`` has every change of a document, with all fields, numbered without a gap.
``notes/YYYY-MM.ndjson`` has what else was learnt: further ids and addresses, debts and closings,
what the lists showed, runs. Both are written after the commit; what a crash leaves out is
added at the next start, and what the index has lost is taken back from here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from crawler.storage.disk import Disk
from crawler.storage.fields import dump
from crawler.storage.filing import HEAD
from crawler.storage.index import Index
from crawler.storage.journal_files import VERSION, Reading, byte_at, files, read, torn_at
from crawler.storage.layout import CHANGES, NOTES
from crawler.storage.notes import notes_of
from crawler.storage.replay import fill_gaps, replay
from crawler.storage.schema import TELL_ALL

GONE = f"{CHANGES}/gone"  # stands for a file that has lost its lines
BATCH = 500  # lines that are written at once: what is held in memory


class Journal:
    def __init__(self, disk: Disk, index: Index):
        self._disk = disk
        self._index = index
        self._sizes: dict[str, tuple[int, int]] = {}  # file: bytes and highest seq, as far as we have written
        self._named: set[str] = set()  # files whose names are durable
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
        folder = str(PurePosixPath(path).parent)
        self._disk.make_folder(folder)
        self._disk.append(path, content)
        if path not in self._named:  # also one that is there: a run that was killed may not have come to this
            self._disk.sync_folders([folder])
            self._named.add(path)
        size, highest = self._sizes.get(path, (0, 0))
        self._sizes[path] = (size + len(content), max(highest, seq))

    def tell(self, now: datetime) -> None:
        """Write the notes that are due and remember how far the files are known: once a run, not per article."""
        last = self._index.value("SELECT coalesce(max(seq), 0) FROM change")
        due = self._index.rows("SELECT kind, scope, name FROM unwritten ORDER BY kind, scope, name")
        lines = list(notes_of(self._index, due, last))
        # The first line of all tells the collection's id, also where there is nothing else to tell.
        begun = {name for name, (size, _) in self._sizes.items() if size and name.startswith(NOTES)}
        if lines or not begun:
            path = f"{NOTES}/{now.isoformat()[:7]}.ndjson"
            head = {"op": "notes", "version": VERSION, "collection": self._index.value("SELECT id FROM collection")}
            self._append(path, lines if path in begun else [head, *lines], 0)
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
            self._tell_all()
        there = self._known_of(reading)
        events = [event for event in reading.events if event.is_note or event.after not in there]
        taken = 0
        if events:
            with self._index.transaction() as connection:
                taken = replay(connection, self._disk.root, events)
                fill_gaps(connection, now.isoformat())
        if taken:
            logging.warning("the index had lost %d changes: they were taken back from the journal", taken)
        self._cut_broken(reading, recorded)
        return taken

    def _cut_broken(self, reading: Reading, recorded: Mapping[str, tuple[int, int]]) -> None:
        """What the last run had under way may have holes after a power cut: cut there, and told again.

        Only once the index has all that stands behind the hole. A hole in what was durable long ago is verify's.
        """
        first: dict[str, int] = {}
        for path, place in reading.broken:
            first[path] = min(place, first.get(path, place))
        there = self._known_of(reading)
        for path, place in first.items():
            changes = [event for event in reading.events if event.path == path and not event.is_note]
            behind = {event.after for event in changes if event.place > place}
            if place < recorded.get(path, (0, 0))[0] or not behind <= there:
                logging.warning("%s: the line at byte %d can not be read; run verify", path, place)
                continue
            self._disk.truncate(path, place)
            self._sizes[path] = (place, max((event.after for event in changes if event.place < place), default=0))
            self._seqs -= behind
            if path.startswith(NOTES):
                self._tell_all()

    def _tell_all(self) -> None:
        with self._index.transaction() as connection:
            for statement in TELL_ALL:
                connection.execute(statement)

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
            if size > known:  # of a run that was killed: not durable yet, and soon we call it known
                self._disk.sync_file(path)
                self._disk.sync_folders([str(PurePosixPath(path).parent)])
                self._named.add(path)
            if size >= known and (not known or byte_at(self._disk.path(path), known - 1) == b"\n"):
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
        if not first:  # nothing new, as at nearly every start: not a look at every change there is
            return set()
        return {row[0] for row in self._index.rows("SELECT seq FROM change WHERE seq >= ?", (first,))}

    def _cut(self, path: str) -> int:
        """Cut a torn last line; answers the size then."""
        size, whole = torn_at(self._disk.path(path))
        if whole < size:
            self._disk.truncate(path, whole)
        return whole


def line_of(row: tuple[Any, ...]) -> dict[str, Any]:
    """The journal's line of a change: seq, op, at, path, sha256, fields."""
    fields: dict[str, Any] = json.loads(row[5])
    return dict(zip(HEAD, row[:5], strict=True)) | fields
