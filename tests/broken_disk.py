"""A disk that fails, or a process that dies, at the Nth call: for every N, until nothing breaks any more."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from crawler.storage.disk import Disk

PRIMITIVES = (
    "_write", "_fsync", "_link", "_replace", "_mkdir", "_remove", "_append", "_truncate", "_stamp", "_copy_database",
)  # fmt: skip
MOST = 400  # calls; more than any test needs


class Died(BaseException):
    """Stands for kill -9: nothing after it runs, not even an except clause for errors."""


class Half(Exception):
    """A write that gets only half of its bytes to the disk before ``fault``."""

    def __init__(self, fault: BaseException):
        super().__init__(repr(fault))
        self.fault = fault


def breaking_disk(number: int, fault: BaseException) -> type[Disk]:
    """A disk whose ``number``-th primitive call ends in ``fault`` before it does anything; later ones work."""
    calls = itertools.count(1)

    class Breaking(Disk):
        pass

    def break_at(name: str) -> Callable[..., Any]:
        original = getattr(Disk, name)

        def call(self: Disk, *arguments: Any) -> Any:
            if next(calls) == number:
                if not isinstance(fault, Half):
                    raise fault
                if name in ("_write", "_append"):
                    path, content = arguments
                    with path.open("xb" if name == "_write" else "ab") as file:
                        file.write(content[: len(content) // 2])
                raise fault.fault
            return original(self, *arguments)

        return call

    for name in PRIMITIVES:
        setattr(Breaking, name, break_at(name))
    return Breaking


FULL, BAD = OSError(28, "No space left on device"), OSError(5, "I/O error")
FAULTS = (Died(), FULL, BAD, Half(FULL), Half(Died()))


def every_call(fault: BaseException, act: Callable[[int, type[Disk]], None]) -> Iterator[tuple[int, bool]]:
    """Call ``act`` with a disk that breaks at 1, 2, 3 …; yields the number and whether it broke, last without a break."""
    from crawler.errors import StorageError

    for number in range(1, MOST):
        try:
            act(number, breaking_disk(number, fault))
        except (Died, StorageError):
            yield number, True
        else:
            yield number, False
            assert number > 5, "the loop ended before it had broken anything"
            return
    raise AssertionError(f"{MOST} calls were not enough")
