"""A copy of a collection that is one consistent moment of it, also while a crawl writes; updated by running it again.

The index is copied at once by SQLite; the documents follow it: one that has been revised since is copied as the
index knows it, one that is newer is left for the next time. The journal is copied up to that moment.
Nothing is ever deleted from the copy, and no spoiled document replaces a good one there.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from crawler.errors import UsageError
from crawler.storage.audit import copies_of, why_torn
from crawler.storage.disk import Disk
from crawler.storage.journal_files import files, torn_at
from crawler.storage.layout import BESIDE, CHANGES, INDEX, MARK, NOTES, STATE, TEMPORARY, visible_files
from crawler.storage.lock import RunLock
from crawler.storage.opening import mark_of
from crawler.storage.reading import reader

_INDEX_COPY = f"{TEMPORARY}/index-copy.db"
# What of .state is not copied file by file.
_OWN = (INDEX, MARK, f"{STATE}/lock", f"{TEMPORARY}/", f"{CHANGES}/", f"{NOTES}/")


@dataclass(slots=True)
class Copied:
    documents: int = 0  # in the copy, of those that the index knows
    written: int = 0  # files that were new or had changed
    spoiled: list[str] = field(default_factory=list)  # damaged documents: not copied
    gone: list[str] = field(default_factory=list)  # documents that were not there to be copied


def back_up(root: Path, target: Path, make_disk: Callable[[Path], Disk] = Disk) -> Copied:
    """Raises UsageError for a target that must not be written to, LockHeld, StorageError."""
    collection = _collection(root)
    _refuse(root, target, collection)
    disk = make_disk(target)
    disk.make_folder(TEMPORARY)
    lock = RunLock(disk.path(STATE))
    lock.acquire(command="backup", since=f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}")
    try:
        _refuse(root, target, collection)  # again, now that nobody else writes to it
        return _Copying(root, disk, collection).run()
    finally:
        lock.release()


def _collection(root: Path) -> str:
    with reader(root / INDEX) as connection:
        return str(connection.execute("SELECT id FROM collection").fetchone()[0])


def _refuse(root: Path, target: Path, collection: str) -> None:
    place = target.resolve()
    if place == root or place.is_relative_to(root) or root.is_relative_to(place):
        raise UsageError(f"{target}: a backup can not lie in its own collection, or around it; name another folder")
    if not place.exists():
        return
    if not place.is_dir():
        raise UsageError(f"{target} is no folder; name another")
    names = {entry.name for entry in place.iterdir()}
    mark = mark_of(place)
    if mark is None:
        if names - {STATE} or (names and {entry.name for entry in (place / STATE).iterdir()} - _OF_A_START):
            raise UsageError(f"{target} is not empty and no earlier backup; name an empty folder")
        return
    if mark.get("collection") != collection:
        raise UsageError(f"{target} is a backup of another collection; name another folder")
    log = place / f"{INDEX}-wal"
    is_used = mark.get("complete") and (
        _sum(place / INDEX) != mark.get("index") or (log.is_file() and log.stat().st_size)
    )
    if is_used:
        raise UsageError(f"{target} has been used as a collection since the last backup; name another folder")


_OF_A_START = {"tmp", "lock", "lock.holder"}  # what a backup makes before its mark


def _sum(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class _Copying:
    def __init__(self, root: Path, disk: Disk, collection: str):
        self._root = root
        self._disk = disk
        self._collection = collection
        self._copied = Copied()
        self._folders: set[str] = set()  # whose new names are not durable yet

    def run(self) -> Copied:
        disk = self._disk
        self._mark(complete=False)
        # What stands in the journal now was committed before: the index that is copied next knows it all.
        sizes = {path: torn_at(self._root / path)[1] for path in files(self._root)}
        with reader(self._root / INDEX) as connection:
            disk.copy_database(connection, _INDEX_COPY)
        with closing(sqlite3.connect(disk.path(_INDEX_COPY))) as copy:
            rows = dict(copy.execute("SELECT path, sha256 FROM article"))
            written = dict(copy.execute("SELECT path, written FROM article")) if _has_written(copy) else {}
            for path, size in copy.execute("SELECT name, size FROM journal_file") if written else ():
                if (self._root / path).is_file():
                    sizes[path] = max(size, sizes.get(path, 0))
        self._documents(rows, written)
        self._others(rows)
        for ending in BESIDE:
            disk.remove(INDEX + ending)
        disk.replace(_INDEX_COPY, INDEX)
        for path, size in sizes.items():
            with (self._root / path).open("rb") as handle:
                self._put(path, handle.read(size), self._disk_time(path))
        disk.sync_folders({STATE, *self._folders})
        self._mark(complete=True)
        return self._copied

    def _mark(self, *, complete: bool) -> None:
        index = _sum(self._disk.path(INDEX)) if complete else ""
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        mark = {"collection": self._collection, "at": at, "complete": complete, "index": index}
        self._put(MARK, json.dumps(mark).encode(), 0)
        self._disk.sync_folders([STATE])

    def _documents(self, rows: dict[str, str], written: dict[str, int]) -> None:
        """As the index knows them; what a person has edited as it stands."""
        other: list[str] = []
        for path, sha256 in rows.items():
            raw = self._read(path)
            if raw is None:
                if sha256:
                    self._copied.gone.append(path)
            elif hashlib.sha256(raw).hexdigest() != sha256:
                other.append(path)
            else:
                self._put(path, raw, self._disk_time(path))
                self._copied.documents += 1
        if not other:
            return
        with reader(self._root / INDEX) as connection:
            now = dict(connection.execute("SELECT path, sha256 FROM article"))
            # A revision's file stands before its row.
            now |= dict(connection.execute("SELECT path, sha256 FROM intent"))
        for path in other:
            raw, time = self._read(path), self._disk_time(path)
            old = next(copies_of(self._root, path, rows[path]), None) if now.get(path) != rows[path] else None
            if old is not None:
                raw, time = old.read_bytes(), old.stat().st_mtime_ns
            elif raw is None or why_torn(raw) or (time and time == written.get(path)):
                self._copied.spoiled.append(path)
                continue
            self._put(path, raw, time)
            self._copied.documents += 1

    def _others(self, rows: dict[str, str]) -> None:
        """What a person has put beside, old revisions, quarantine; not what is newer than the index."""
        there = [*visible_files(self._root), *self._of_state()]
        # Asked after the look: what was there by then and is an article has its row, or its intent.
        with reader(self._root / INDEX) as connection:
            newer = {row[0] for row in connection.execute("SELECT path FROM article UNION SELECT path FROM intent")}
        for path in there:
            if path not in rows and path not in newer and (raw := self._read(path)) is not None:
                self._put(path, raw, self._disk_time(path))

    def _of_state(self) -> Iterator[str]:
        folder = self._root / STATE
        for file in sorted(folder.rglob("*")):
            relative = str(PurePosixPath(STATE) / file.relative_to(folder))
            is_own = relative.startswith(_OWN)
            if file.is_file() and not file.is_symlink() and not is_own:
                yield relative

    def _read(self, path: str) -> bytes | None:
        file = self._root / path
        if file.is_symlink() or not file.is_file():
            return None
        return Disk.read_file(file)

    def _disk_time(self, path: str) -> int:
        try:
            return (self._root / path).lstat().st_mtime_ns
        except OSError:
            return 0

    def _put(self, path: str, content: bytes, time: int) -> None:
        """Written aside, then named; untouched where the very bytes are there already."""
        disk = self._disk
        if disk.read(path) == content:
            return
        temporary = f"{TEMPORARY}/{hashlib.sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"
        folder = str(PurePosixPath(path).parent)
        disk.make_folder(folder)
        disk.remove(temporary)
        disk.write_new(temporary, content)
        if time:
            disk.stamp(temporary, time)
        disk.replace(temporary, path)
        self._folders.add(folder)
        self._copied.written += path != MARK


def _has_written(copy: sqlite3.Connection) -> bool:
    return any(row[1] == "written" for row in copy.execute("PRAGMA table_info(article)"))
