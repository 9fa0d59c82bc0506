"""A power cut as data: what a disk may hold afterwards, for every moment of a run.

A recording disk keeps, beside the real folder, what is durable and what is only promised. Bytes are durable after
the file's fsync; until then they are lost, torn, zeros, or there. A name (of a new file or folder, of a rename, of a
removal) is durable after the fsync of its folder; until then any part of the names may have got there, in any order.
A commit of SQLite is taken for what it promises under synchronous=FULL: there as a whole, or not at all.
"""

from __future__ import annotations

import itertools
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.storage.disk import Disk

FOLDER = None  # stands for a folder where a file has its bytes
INDEXES = (".state/index.db", ".state/tmp/rebuilt.db")  # written by SQLite, beside our seam
EVERY_SUBSET_OF = 4  # names under way; of more only none, all, each alone, and all but each

Contents = dict[str, bytes | None]


@dataclass(eq=False, slots=True)
class _File:
    content: bytes
    durable: bytes = b""
    is_synced: bool = False
    time: int = 0

    def may_hold(self) -> list[bytes]:
        """What stands there after the cut, the worst first."""
        if self.is_synced or self.content == self.durable:
            return [self.content]
        if not self.content.startswith(self.durable):  # cut off
            return [self.durable, self.content]
        kept, under_way = self.durable, self.content[len(self.durable) :]
        half = len(under_way) // 2
        zeros = b"\0" * len(under_way)
        return [kept + each for each in (b"", under_way[:half], zeros, zeros[:half] + under_way[half:], under_way)]


@dataclass(frozen=True, slots=True)
class Image:
    """A folder as it may be found after the cut, and what had been promised by then."""

    after: str  # the last call
    contents: Contents
    times: dict[str, int]
    promised: dict[str, bytes]

    def lay_out(self, folder: Path) -> Path:
        for path, content in sorted(self.contents.items()):
            if content is FOLDER:
                (folder / path).mkdir(parents=True)
            else:
                (folder / path).write_bytes(content)
                os.utime(folder / path, ns=(self.times[path], self.times[path]))
        return folder


@dataclass(slots=True)
class Recorder:
    """One folder's durable and promised state. ``disk`` records what goes through it."""

    root: Path
    promised: dict[str, bytes] = field(default_factory=dict)  # documents that a finished call has answered for
    is_on: bool = True  # whether images are taken
    _names: dict[str, _File | None] = field(default_factory=dict)
    _durable: dict[str, _File | None] = field(default_factory=dict)
    _under_way: list[tuple[str, _File | None, bool]] = field(default_factory=list)  # name, what, whether it appears
    _images: dict[int, Image] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.root.rglob("*")):
            self._settle(str(path.relative_to(self.root)), path)

    def _settle(self, name: str, path: Path) -> None:
        """Something that is there already, or that SQLite has made durable."""
        file = None if path.is_dir() else _File(path.read_bytes(), path.read_bytes(), True, path.stat().st_mtime_ns)
        self._names[name] = self._durable[name] = file

    def images(self, most: int) -> list[Image]:
        """Every different one; of more than ``most`` always the same sample."""
        found = list(self._images.values())
        return found if len(found) <= most else random.Random(0).sample(found, most)

    def durable(self) -> set[str]:
        """Files that every image from now on would have, whole."""
        return {name for name, file in self._durable.items() if file is not None and file.may_hold() == [file.content]}

    # --- what the disk tells ------------------------------------------------------

    def commits(self) -> None:
        """What SQLite has committed since the last call."""
        for name in INDEXES:
            path = self.root / name
            if not path.is_file() or path.stat().st_size == 0:
                continue
            has_log = path.with_name(path.name + "-wal").exists()
            address = f"{path.as_uri()}?mode=ro{'' if has_log else '&immutable=1'}"  # and no log comes from looking
            try:
                with closing(sqlite3.connect(address, uri=True)) as connection:
                    content = connection.serialize()
            except sqlite3.Error:  # one of the damaged ones that a test has laid there
                continue
            known = self._names.get(name)
            if known is None or known.content != content:
                self._names[name] = self._durable[name] = _File(content, content, True, path.stat().st_mtime_ns)
                self.look(f"commit in {name}")

    def wrote(self, path: Path, content: bytes) -> None:
        name = self._name(path)
        file = self._names.get(name)
        if file is None:
            file = _File(b"")
            self._change(name, file, appears=True)
        file.content, file.is_synced, file.time = content, False, path.stat().st_mtime_ns if path.exists() else 0

    def appended(self, path: Path, content: bytes) -> None:
        file = self._names.get(self._name(path))
        self.wrote(path, (file.content if file else b"") + content)

    def cut(self, path: Path, size: int) -> None:
        file = self._names[self._name(path)]
        assert file is not None
        file.content, file.is_synced = file.content[:size], False

    def linked(self, existing: Path, new: Path) -> None:
        if self._name(existing) not in self._names:  # made by SQLite: a log
            self._settle(self._name(existing), existing)
        self._change(self._name(new), self._names[self._name(existing)], appears=True)

    def replaced(self, existing: Path, target: Path) -> None:
        name = self._name(existing)
        if name not in self._names:  # made by SQLite: a log, a copy
            self._settle(name, target)
        self._change(self._name(target), self._names[name], appears=True)
        self._change(name, None, appears=False)

    def made_folder(self, path: Path) -> None:
        self._change(self._name(path), FOLDER, appears=True)

    def removed(self, path: Path) -> None:
        if self._name(path) in self._names:
            self._change(self._name(path), None, appears=False)

    def synced(self, path: Path) -> None:
        name = self._name(path)
        file = self._names.get(name)
        if file is not None:
            file.durable, file.is_synced = file.content, True
            return
        rest = []
        for change in self._under_way:
            if str(Path(change[0]).parent) == name:
                _apply(self._durable, [change])
            else:
                rest.append(change)
        self._under_way = rest

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _change(self, name: str, file: _File | None, *, appears: bool) -> None:
        _apply(self._names, [(name, file, appears)])
        self._under_way.append((name, file, appears))

    # --- images ---------------------------------------------------------------------

    def look(self, after: str) -> None:
        """Note every image that is possible now."""
        if not self.is_on:
            return
        for changes in self._orders():
            names = dict(self._durable)
            _apply(names, changes)
            # What stands in a folder that is not there can not be reached.
            reached = {name: file for name, file in names.items() if _has_folders(name, names)}
            unsynced = max((len(file.may_hold()) for file in reached.values() if file is not None), default=1)
            for form in range(unsynced):
                contents: Contents = {
                    name: FOLDER if file is None else file.may_hold()[min(form, len(file.may_hold()) - 1)]
                    for name, file in reached.items()
                }
                times = {name: file.time for name, file in reached.items() if file is not None}
                self._images[_sum(contents)] = Image(after, contents, times, dict(self.promised))

    def _orders(self) -> Iterator[list[tuple[str, _File | None, bool]]]:
        changes, number = self._under_way, len(self._under_way)
        sizes = range(number + 1) if number <= EVERY_SUBSET_OF else sorted({0, 1, number - 1, number})
        for size in sizes:
            yield from (list(each) for each in itertools.combinations(changes, size))


def _apply(names: dict[str, _File | None], changes: list[tuple[str, _File | None, bool]]) -> None:
    for name, file, appears in changes:
        if appears:
            names[name] = file
        else:
            names.pop(name, None)


def _has_folders(name: str, names: dict[str, _File | None]) -> bool:
    return all(str(parent) in names for parent in Path(name).parents if str(parent) != ".")


def _sum(contents: Contents) -> int:
    return hash(frozenset(contents.items()))  # of bytes it is kept, so that an index is read through only once


def recording_disk(recorder: Recorder) -> type[Disk]:
    """A disk that does what it is told and tells the recorder, before and after each call."""

    class Recording(Disk):
        def _write(self, path: Path, content: bytes) -> None:
            recorder.commits()
            recorder.wrote(path, content)
            recorder.look(f"write {path.name}")
            super()._write(path, content)
            recorder.wrote(path, content)  # its time is known now
            recorder.synced(path)
            recorder.look(f"written {path.name}")

        def _append(self, path: Path, content: bytes) -> None:
            recorder.commits()
            recorder.appended(path, content)
            recorder.look(f"append {path.name}")
            super()._append(path, content)
            recorder.look(f"appended {path.name}")

        def _truncate(self, path: Path, size: int) -> None:
            recorder.commits()
            recorder.cut(path, size)
            recorder.look(f"truncate {path.name}")
            super()._truncate(path, size)
            recorder.look(f"truncated {path.name}")

        def _fsync(self, descriptor: int) -> None:
            recorder.commits()
            super()._fsync(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            recorder.synced(path)
            recorder.look(f"fsync {path.name}")

        def _link(self, existing: Path, new: Path) -> None:
            recorder.commits()
            super()._link(existing, new)
            recorder.linked(existing, new)
            recorder.look(f"link {new.name}")

        def _replace(self, existing: Path, target: Path) -> None:
            recorder.commits()
            super()._replace(existing, target)
            recorder.replaced(existing, target)
            recorder.look(f"replace {target.name}")

        def _mkdir(self, path: Path) -> None:
            recorder.commits()
            super()._mkdir(path)
            recorder.made_folder(path)
            recorder.look(f"mkdir {path.name}")

        def _remove(self, path: Path) -> None:
            recorder.commits()
            super()._remove(path)
            recorder.removed(path)
            recorder.look(f"remove {path.name}")

        def _copy_database(self, source: sqlite3.Connection, path: Path) -> None:
            recorder.commits()
            super()._copy_database(source, path)

    return Recording


class Unsynced(Disk):
    """For looking at images: nobody cuts the power a second time."""

    def _fsync(self, descriptor: int) -> Any:
        pass
