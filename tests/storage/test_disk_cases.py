"""The seam itself: what really reaches the disk, and how each refusal is named. Found unguarded by a mutation run."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskError, DiskFull
from crawler.storage.disk import Disk


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what the kernel was asked to make durable."""
    names: list[str] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


def _copy(disk: Disk) -> None:
    with closing(sqlite3.connect(":memory:")) as source:
        disk.copy_database(source, "copy.db")


SYNCED: dict[str, tuple[Callable[[Disk], object], list[str]]] = {
    "a new file": (lambda disk: disk.write_new("new", b"x"), ["new"]),
    "an empty new file": (lambda disk: disk.write_new("new", b""), ["new"]),
    "an appended line": (lambda disk: disk.append("old", b"x"), ["old"]),
    "a cut file": (lambda disk: disk.truncate("old", 1), ["old"]),
    "a file of a killed run": (lambda disk: disk.sync_file("old"), ["old"]),
    "names, each folder once": (lambda disk: disk.sync_folders(["b", "a", "b"]), ["a", "b"]),
    "a new folder": (lambda disk: disk.make_folder("c/d"), ["output", "c"]),
    "a folder of a killed run": (lambda disk: disk.make_folder("a"), ["output"]),
    "a folder already made": (lambda disk: (disk.make_folder("c"), disk.make_folder("c")), ["output"]),
    "a copy of the index": (_copy, ["copy.db"]),
}


@pytest.mark.parametrize(("act", "expected"), SYNCED.values(), ids=list(SYNCED))
def test_what_is_made_durable(
    tmp_path: Path, synced: list[str], act: Callable[[Disk], object], expected: list[str]
) -> None:
    root = tmp_path / "output"
    for folder in ("a", "b"):
        (root / folder).mkdir(parents=True)
    (root / "old").write_bytes(b"12")
    act(Disk(root))
    assert synced == expected


@pytest.mark.parametrize("act", [Disk.write_new, Disk.append], ids=["a new file", "an appended line"])
def test_a_write_that_takes_only_a_part_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[Disk, str, bytes], None]
) -> None:
    really = Path.open

    class Short:
        """A file of the system that takes three bytes at a time, as a nearly full disk or a signal may have it."""

        def __init__(self, file: object):
            self._file = file

        def __enter__(self) -> Short:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()  # type: ignore[attr-defined]

        def write(self, content: bytes) -> int:
            return self._file.write(content[:3])  # type: ignore[attr-defined, no-any-return]

        def fileno(self) -> int:
            return self._file.fileno()  # type: ignore[attr-defined, no-any-return]

    monkeypatch.setattr(Path, "open", lambda path, *given, **named: Short(really(path, *given, **named)))
    act(Disk(tmp_path), "file", b"1234567")
    monkeypatch.undo()
    assert (tmp_path / "file").read_bytes() == b"1234567"


@pytest.mark.parametrize("relative", ["", "/etc/passwd", "..", "a/../../b", "a/..", "a\0b"])
def test_a_path_out_of_the_folder(tmp_path: Path, relative: str) -> None:
    with pytest.raises(DiskError, match="outside the output folder"):
        Disk(tmp_path).path(relative)


@pytest.mark.parametrize("there", ["a file", "a link"])
def test_what_stands_in_a_folders_place_is_left_and_named(tmp_path: Path, there: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    if there == "a link":
        (tmp_path / "cs").symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / "cs").write_bytes(b"a person's")
    with pytest.raises(DiskError, match=r"cs is not a folder \(a link or a file stands there\)"):
        Disk(tmp_path).make_folder("cs/2026")
    assert list((tmp_path / "elsewhere").iterdir()) == []


# --- a name is given once, also without hard links ---------------------------------


def without_links(number: int) -> type[Disk]:
    class Linkless(Disk):
        def _link(self, existing: Path, new: Path) -> None:
            raise OSError(number, os.strerror(number))

    return Linkless


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK], ids=errno.errorcode.get)
@pytest.mark.parametrize("there", [None, b"a person's"])
def test_a_file_system_without_links(tmp_path: Path, number: int, there: bytes | None) -> None:
    disk = without_links(number)(tmp_path)
    disk.make_folder(".state/tmp")
    disk.write_new(".state/tmp/1", b"ours")
    if there is not None:
        (tmp_path / "name").write_bytes(there)
    assert disk.link(".state/tmp/1", "name") is (there is None)
    assert (tmp_path / "name").read_bytes() == (there or b"ours")
    assert [path.name for path in (tmp_path / ".state/tmp").iterdir()] == ["1"]


@pytest.mark.parametrize("refused", ["copy-1", "name"])
def test_without_links_a_full_disk_is_a_full_disk(tmp_path: Path, refused: str) -> None:
    class Full(without_links(errno.EPERM)):  # type: ignore[misc]
        def _write(self, path: Path, content: bytes) -> None:
            if path.name == refused:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            super()._write(path, content)

    disk = Full(tmp_path)
    disk.make_folder(".state/tmp")
    disk.write_new(".state/tmp/1", b"ours")
    with pytest.raises(DiskFull, match=f"can not write: {tmp_path}/name"):
        disk.link(".state/tmp/1", "name")
    assert not (tmp_path / "name").exists()


def test_another_fault_of_a_link_is_a_fault(tmp_path: Path) -> None:
    disk = without_links(errno.EACCES)(tmp_path)
    disk.write_new("1", b"ours")
    with pytest.raises(DiskError, match="can not name"):
        disk.link("1", "name")
    assert not (tmp_path / "name").exists()


def test_a_name_that_is_taken_stays(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write_new("1", b"ours")
    disk.write_new("name", b"a person's")
    assert disk.link("1", "name") is False
    assert disk.link("1", "free") is True
    assert disk.read("name") == b"a person's"


# --- what is read ------------------------------------------------------------------


def test_what_can_not_be_read_as_a_file_is_none(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    (tmp_path / "target").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "folder").mkdir()
    assert [disk.read(name) for name in ("target", "link", "folder", "nothing")] == [b"x", None, None, None]


def test_when_a_file_was_written(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write_new("file", b"x")
    disk.stamp("file", 1_700_000_000_123_456_789)
    assert (disk.written("file"), disk.written("nothing")) == (1_700_000_000_123_456_789, 0)


def test_removing_twice_is_silent_and_a_folder_is_none_of_ours(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write_new("file", b"x")
    disk.remove("file")
    disk.remove("file")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DiskError, match="can not remove"):
        disk.remove("folder")


# --- space ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "size", "enough"),
    [
        (200 << 20, 1 << 40, True),
        ((200 << 20) - 1, 1 << 40, False),
        (10 << 10, 1000 << 10, True),  # a small disk: a hundredth
        ((10 << 10) - 1, 1000 << 10, False),
        (0, 0, True),  # a disk that does not tell
    ],
)
def test_the_least_space(tmp_path: Path, free: int, size: int, enough: bool) -> None:
    class Sized(Disk):
        def _space(self) -> tuple[int, int]:
            return free, size

    disk = Sized(tmp_path)
    if enough:
        disk.probe()
    else:
        with pytest.raises(DiskFull, match=rf"only {free >> 10} KB are left, {min(200 << 20, size // 100) >> 10} KB"):
            disk.probe()


def test_the_space_is_that_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Told:
        f_bavail, f_bfree, f_blocks, f_frsize, f_bsize = 3, 5, 7, 1024, 1 << 20

    monkeypatch.setattr(os, "statvfs", lambda _: Told)
    assert Disk(tmp_path)._space() == (3 << 10, 7 << 10)


# --- faults: their kind and what to do ------------------------------------------------


@pytest.mark.parametrize(
    ("number", "kind", "advice"),
    [
        (errno.ENOSPC, DiskFull, "free some space"),
        (errno.EDQUOT, DiskFull, "quota"),
        (errno.EFBIG, DiskFull, "ulimit"),
        (errno.EACCES, DiskError, "may not write there"),
        (errno.EPERM, DiskError, "may not write there"),
        (errno.EROFS, DiskError, "read-only"),
        (errno.ENOTDIR, DiskError, "a file stands"),
        (errno.EEXIST, DiskError, "a file stands"),
        (errno.EIO, DiskError, "see the disk"),
    ],
    ids=lambda value: errno.errorcode.get(value) if isinstance(value, int) else None,
)
def test_a_fault_says_what_failed_where_why_and_what_to_do(
    tmp_path: Path, number: int, kind: type[DiskError], advice: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    class Broken(Disk):
        _write = _replace = _append = _truncate = _remove = _stamp = _mkdir = _fsync = _copy_database = fail

        def _space(self) -> tuple[int, int]:
            raise OSError(number, os.strerror(number))

    disk = Broken(tmp_path)
    (tmp_path / "there").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    acts: dict[str, Callable[[], object]] = {
        "can not write": lambda: disk.write_new("file", b"x"),
        "can not replace": lambda: disk.replace("there", "file"),
        "can not append to": lambda: disk.append("file", b"x"),
        "can not truncate": lambda: disk.truncate("file", 1),
        "can not remove": lambda: disk.remove("file"),
        "can not set the time of": lambda: disk.stamp("file", 1),
        "can not make durable": lambda: disk.sync_file("there"),
        "can not look at": disk.refuse_low_space,
    }
    for what, act in acts.items():
        with pytest.raises(DiskError) as raised:
            act()
        assert type(raised.value) is kind
        assert str(raised.value).startswith(f"{what}: {tmp_path}")
        assert f": {os.strerror(number)}; " in str(raised.value)
        assert advice in str(raised.value)
    with pytest.raises(DiskError, match="can not make durable"):
        disk.sync_folders(["folder"])


# --- copies of the index -----------------------------------------------------------------


def test_a_copy_is_one_file_of_its_own(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    for ending in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f"copy.db{ending}").write_bytes(b"of an earlier try")
    with closing(sqlite3.connect(tmp_path / "index.db")) as source:
        source.execute("PRAGMA journal_mode = WAL")
        source.execute("CREATE TABLE t (a)")
        source.execute("INSERT INTO t VALUES (7)")
        source.commit()
        disk.copy_database(source, "copy.db")
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db"]
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT a FROM t").fetchall() == [(7,)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.parametrize(
    ("error", "kind"), [("SQLITE_FULL", DiskFull), ("SQLITE_IOERR", DiskError)], ids=["full", "broken"]
)
def test_a_copy_that_fails(tmp_path: Path, error: str, kind: type[DiskError]) -> None:
    class Failing(Disk):
        def _copy_database(self, source: sqlite3.Connection, path: Path) -> None:
            raised = sqlite3.OperationalError("it failed")
            raised.sqlite_errorname = error
            raise raised

    with (
        closing(sqlite3.connect(":memory:")) as source,
        pytest.raises(DiskError, match="can not copy the index to") as raised,
    ):
        Failing(tmp_path).copy_database(source, "copy.db")
    assert type(raised.value) is kind


def test_the_root_is_made_with_its_parents_and_may_be_a_link(tmp_path: Path) -> None:
    assert Disk(tmp_path / "a/b").root == tmp_path / "a/b"
    assert Disk(tmp_path / "a/b").root.is_dir()
    (tmp_path / "link").symlink_to(tmp_path / "a/b")
    assert Disk(tmp_path / "link").root == tmp_path / "a/b"
