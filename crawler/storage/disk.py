"""The only module that writes files: the one seam where a disk can fail.

Every primitive (write, fsync, link, replace, folder sync, append, remove, truncate,
copy of the index) is a method of its own, so that a test can break the Nth call. Paths are relative to
the output folder and can not leave it, not even through a symbolic link.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath

from crawler.errors import DiskError, DiskFull

# Heritrix stops on low space, too; a hundredth on disks so small that this would be too much.
LEAST_SPACE = 200 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Disk:
    """Durable writes below one folder. ``root`` itself may be a link: it is what the user named."""

    def __init__(self, root: Path):
        try:
            root.mkdir(parents=True, exist_ok=True)
            self.root = root.resolve(strict=True)
        except OSError as error:
            raise _fault("can not make the output folder", root, error) from error
        self._folders: set[str] = set()  # known to exist and to be real folders

    # --- primitives: each is one call that a fault test counts ---------------

    def _write(self, path: Path, content: bytes) -> None:
        """Write a new file completely and make its bytes durable."""
        with path.open("xb", buffering=0) as file:
            view = memoryview(content)
            while view:
                view = view[file.write(view) :]
            self._fsync(file.fileno())

    def _fsync(self, descriptor: int) -> None:
        # A failed fsync is final: the kernel may have dropped the page, so asking
        # again would report a success that is none (PostgreSQL's lesson of 2018).
        os.fsync(descriptor)

    def _link(self, existing: Path, new: Path) -> None:
        os.link(existing, new)

    def _replace(self, existing: Path, target: Path) -> None:
        existing.replace(target)

    def _mkdir(self, path: Path) -> None:
        path.mkdir()

    def _remove(self, path: Path) -> None:
        path.unlink()

    def _truncate(self, path: Path, size: int) -> None:
        with path.open("r+b") as file:
            file.truncate(size)
            self._fsync(file.fileno())

    def _append(self, path: Path, content: bytes) -> None:
        with path.open("ab", buffering=0) as file:
            view = memoryview(content)
            while view:
                view = view[file.write(view) :]
            self._fsync(file.fileno())

    def _space(self) -> tuple[int, int]:
        """Bytes that we may still write, and the size of the disk; both 0 where it does not tell."""
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize

    def _stamp(self, path: Path, time: int) -> None:
        os.utime(path, ns=(time, time))

    def _copy_database(self, source: sqlite3.Connection, path: Path) -> None:
        with closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        with path.open("rb") as file:
            self._fsync(file.fileno())

    # --- what the library uses ----------------------------------------------

    def path(self, relative: str) -> Path:
        """The place below the root; raises DiskError for anything that points out of it."""
        parts = PurePosixPath(relative).parts
        if not parts or relative.startswith("/") or ".." in parts or "\0" in relative:
            raise DiskError(f"refused to use a path outside the output folder: {relative!r}")
        return self.root.joinpath(*parts)

    def make_folder(self, relative: str) -> None:
        """Make a folder and its parents, durable, refusing links on the way."""
        if relative in self._folders or relative in ("", "."):
            return
        parent = str(PurePosixPath(relative).parent)
        self.make_folder(parent)
        path = self.path(relative)
        try:
            try:
                self._mkdir(path)
            except FileExistsError:
                if not stat.S_ISDIR(path.lstat().st_mode):
                    raise DiskError(
                        f"{path} is not a folder (a link or a file stands there): move it away, then run again"
                    ) from None
            # Also one that was there: the run that made it may have been killed before its name was durable.
            self._sync_folder(path.parent)
        except OSError as error:
            raise _fault("can not make the folder", path, error) from error
        self._folders.add(relative)

    def write_new(self, relative: str, content: bytes) -> None:
        """Write a file that must not exist yet; its bytes are durable, its name not yet."""
        path = self.path(relative)
        try:
            self._write(path, content)
        except OSError as error:
            raise _fault("can not write", path, error) from error

    def link(self, existing: str, new: str) -> bool:
        """Give a written file its final name; False if that name is taken. Never overwrites."""
        source, target = self.path(existing), self.path(new)
        try:
            self._link(source, target)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
                raise _fault("can not name", target, error) from error
            return self._exclusive_copy(source, target)
        return True

    def _exclusive_copy(self, source: Path, target: Path) -> bool:
        # File systems without hard links (FAT, some network shares): an empty file, made with O_EXCL, takes the name
        # (so nothing is ever overwritten), then a whole copy takes its place (so nothing torn is ever seen).
        copy = self.root / ".state/tmp" / f"copy-{source.name}"
        try:
            with suppress(FileNotFoundError):
                self._remove(copy)
            self._write(copy, source.read_bytes())
            try:
                self._write(target, b"")
            except FileExistsError:
                self._remove(copy)
                return False
            self._replace(copy, target)
        except OSError as error:
            raise _fault("can not write", target, error) from error
        return True

    def replace(self, existing: str, target: str) -> None:
        path = self.path(target)
        try:
            self._replace(self.path(existing), path)
        except OSError as error:
            raise _fault("can not replace", path, error) from error

    def sync_folders(self, relatives: Iterable[str]) -> None:
        """Make names durable: each folder once, however many files it got."""
        for relative in sorted(set(relatives)):
            self._sync_folder(self.path(relative))

    def _sync_folder(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                self._fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _fault("can not make durable", path, error) from error

    def sync_file(self, relative: str) -> None:
        """Make durable what a killed process may only have written."""
        path = self.path(relative)
        try:
            with path.open("rb") as file:
                self._fsync(file.fileno())
        except OSError as error:
            raise _fault("can not make durable", path, error) from error

    def append(self, relative: str, content: bytes) -> None:
        path = self.path(relative)
        try:
            self._append(path, content)
        except OSError as error:
            raise _fault("can not append to", path, error) from error

    def truncate(self, relative: str, size: int) -> None:
        path = self.path(relative)
        try:
            self._truncate(path, size)
        except OSError as error:
            raise _fault("can not truncate", path, error) from error

    def remove(self, relative: str) -> None:
        """Remove a file of our own (temporary or superseded); silent if it is gone already."""
        path = self.path(relative)
        try:
            self._remove(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _fault("can not remove", path, error) from error

    def read(self, relative: str) -> bytes | None:
        """The bytes of a file, None if there is none (or a link stands there)."""
        return self.read_file(self.path(relative))

    @staticmethod
    def read_file(path: Path) -> bytes | None:
        """The same for a file anywhere."""
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return None
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _fault("can not read", path, error) from error

    def stamp(self, relative: str, time: int) -> None:
        """Set when a file was last written, in ns: a copy is as old as its original."""
        path = self.path(relative)
        try:
            self._stamp(path, time)
        except OSError as error:
            raise _fault("can not set the time of", path, error) from error

    def written(self, relative: str) -> int:
        """When a file was last written, in ns; 0 if it is not there."""
        path = self.path(relative)
        try:
            return path.lstat().st_mtime_ns
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _fault("can not read", path, error) from error

    def copy_database(self, source: sqlite3.Connection, relative: str) -> None:
        """A consistent copy of an open index as a new file, while others write to it; durable, its name not yet."""
        for ending in ("", "-wal", "-shm", "-journal"):  # of an earlier try: SQLite would take a stray log for its own
            self.remove(relative + ending)
        path = self.path(relative)
        try:
            self._copy_database(source, path)
        except sqlite3.Error as error:
            is_full = getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
            number = errno.ENOSPC if is_full else 0
            raise _fault("can not copy the index to", path, OSError(number, str(error))) from error
        except OSError as error:
            raise _fault("can not copy the index to", path, error) from error

    def refuse_low_space(self) -> None:
        """Raises DiskFull while there still is room to end in good order."""
        try:
            free, size = self._space()
        except OSError as error:
            raise _fault("can not look at", self.root, error) from error
        least = min(LEAST_SPACE, size // 100)
        if free < least:
            told = f"only {free >> 10} KB are left, {least >> 10} KB have to be"
            raise _fault("will not fill the disk", self.root, OSError(errno.ENOSPC, told))

    def probe(self) -> None:
        """Prove before the first request that this folder takes files; raises DiskError."""
        self.refuse_low_space()
        self.make_folder(".state/tmp")
        name = f".state/tmp/probe-{os.getpid()}"
        self.remove(name)
        self.write_new(name, b"")
        self.remove(name)


def _fault(what: str, path: Path, error: OSError) -> DiskError:
    kind = DiskFull if error.errno in _FULL else DiskError
    advice = {
        errno.ENOSPC: "free some space, then run again: nothing is lost",
        errno.EDQUOT: "the quota is used up; free some space, then run again: nothing is lost",
        errno.EFBIG: "the file size limit is reached (ulimit -f)",
        errno.EACCES: f"user {os.getuid()} may not write there; change its owner or use --output",
        errno.EPERM: f"user {os.getuid()} may not write there; change its owner or use --output",
        errno.EROFS: "the file system is read-only; use --output",
        errno.ENOTDIR: "a file stands where a folder should be; move it away or use --output",
        errno.EEXIST: "a file stands where a folder should be; move it away or use --output",
    }.get(error.errno or 0, "see the disk, then run again")
    return kind(f"{what}: {path}: {error.strerror or error}; {advice}")
