"""Where a command writes what other programs read: standard output, or a file that is there when it is whole.

A reader that goes away, and a signal, end it between two lines and without a word.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import FrameType
from typing import IO, Any

from crawler.errors import UsageError

STDOUT = "-"


@contextmanager
def standard_output() -> Iterator[IO[bytes]]:
    """Standard output, flushed at the end; a reader that has gone is no error."""
    out = sys.stdout.buffer
    try:
        yield out
        out.flush()
    except OSError as error:
        # What could not be written would be tried once more when Python ends, with an exit code of its own
        # (docs.python.org, signal: "Note on SIGPIPE").
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


@contextmanager
def new_file(path: Path, collection: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of an old one only when it is complete. Raises UsageError for one in the collection."""
    place = path.resolve()
    if place.is_relative_to(collection):
        raise UsageError(f"{path} lies in the collection: name a file outside {collection}")
    if place.is_dir():
        raise UsageError(f"{path} is a folder; name a file")
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def opened(target: str, collection: Path) -> Any:
    """One of the two."""
    return standard_output() if target == STDOUT else new_file(Path(target), collection)


class Ending:
    """Whether SIGINT or SIGTERM has come; a second one ends the program at once."""

    def __init__(self) -> None:
        self._came = Event()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Ending:
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came.set()
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def has_come(self) -> bool:
        return self._came.is_set()

    def comes_within(self, seconds: float) -> bool:
        return self._came.wait(seconds)


def reader_has_gone(out: IO[bytes]) -> bool:
    """Whether nobody will read what is written: told without writing anything."""
    try:
        poll = select.poll()
        poll.register(out.fileno(), 0)  # errors and hang-ups are told always
        return bool(poll.poll(0))
    except (OSError, ValueError):  # no file of the system's
        return False
