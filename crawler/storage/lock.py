"""One run at a time: a kernel lock that a killed process can not leave behind.

The holder's name stands in a second file, since opening the lock must not touch it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from crawler.errors import DiskError, LockHeld


class RunLock:
    """Held from ``acquire`` until ``release`` or the end of the process, however it ends."""

    def __init__(self, state: Path):
        self._path = state / "lock"
        self._holder = state / "lock.holder"
        self._descriptor: int | None = None

    def acquire(self, *, command: str, since: str, patience: float = 0.0) -> None:
        """Take the lock, waiting up to ``patience`` seconds; raises LockHeld naming the holder."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DiskError(f"can not open the lock: {self._path}: {error.strerror}") from error
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    raise LockHeld(self._sentence()) from None
                time.sleep(0.1)
        self._descriptor = descriptor
        try:
            self._holder.write_text(json.dumps({"pid": os.getpid(), "since": since, "command": command}))
        except OSError as error:
            self.release()
            raise DiskError(f"can not write {self._holder}: {error.strerror}; see the disk, then run again") from error

    @staticmethod
    def is_held(state: Path) -> bool:
        """Whether a run is under way, without waiting and without making a file."""
        try:
            descriptor = os.open(state / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)  # lets go at once: a crawl that starts now must not meet us
        return False

    def _sentence(self) -> str:
        try:
            holder = json.loads(self._holder.read_text())
            who = f"{holder['command']}, pid {holder['pid']}, since {holder['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            who = "its holder has not said who it is"
        return f"another run holds the lock {self._path}: {who}; wait for it to end, or stop it"

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
