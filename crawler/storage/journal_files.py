"""The journal's files as they stand: their lines, the order of these, torn ends. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from crawler.errors import IndexFault
from crawler.storage.layout import CHANGES, NOTES

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


def byte_at(file: Path, place: int) -> bytes:
    with file.open("rb") as handle:
        handle.seek(place)
        return handle.read(1)
