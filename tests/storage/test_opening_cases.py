"""When a folder is opened as a collection and when it is refused: lines that a mutation run found unguarded."""

from __future__ import annotations

import logging
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from conftest import NOW, make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.errors import IndexFault
from crawler.storage.disk import Disk
from crawler.storage.index import Index
from crawler.storage.layout import DOCUMENT, visible_files
from crawler.storage.library import Library
from crawler.storage.opening import MOUNTS, count_documents, keep_old, mark_of, network_file_system, open_index

DOCUMENT_NAME = "cs/2026/10/2026-10-11-1.md"
HEAD = b'{"op":"notes","version":1}\n'


def lay(root: Path, name: str, content: bytes) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content)


# --- what lies there ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "number"),
    [
        ({}, 0),
        ({DOCUMENT_NAME: b"---\ntitle: x\n"}, 1),
        ({DOCUMENT_NAME: b"\xef\xbb\xbf\r\n---\n"}, 1),
        ({DOCUMENT_NAME: b"meine Notiz ---"}, 0),
        ({DOCUMENT_NAME: b""}, 0),
        ({DOCUMENT_NAME: b"---", "cs/undated/2.md": b"eine Notiz"}, 2),  # one that is ours: then all that look so
        ({"cs/2026/10/2026-10-11-1.txt": b"---", "cs/2026/1.md": b"---", "README.md": b"---"}, 0),
        ({".state/quarantine/cs/2026/10/2026-10-11-1.md": b"---", ".cs/undated/1.md": b"---"}, 0),
    ],
)
def test_how_many_documents_there_are(tmp_path: Path, files: dict[str, bytes], number: int) -> None:
    for name, content in files.items():
        lay(tmp_path, name, content)
    assert count_documents(tmp_path) == number


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (DOCUMENT_NAME, ("cs", "2026-10-11", "1", None)),
        ("cs/undated/1-a.md", ("cs", None, None, "1-a")),
        ("a.b/undated/1.md", ("a.b", None, None, "1")),
        ("cs/2026/10/1.md", None),
        ("cs/2026/10/2026-10-11-.md", None),
        ("cs/undated/.md", None),
        ("cs/undated/a/1.md", None),
        ("cs/2026/10/2026-10-11-1.md.bak", None),
        ("x/cs/undated/1.md", None),
        (".cs/undated/1.md", None),
        ("/undated/1.md", None),
        ("cs/undated/\udc80.md", None),
    ],
)
def test_the_place_of_a_document(name: str, parts: tuple[str | None, ...] | None) -> None:
    match = DOCUMENT.fullmatch(name)
    assert (match and match.group("source", "day", "name", "undated")) == parts


def test_links_are_files_and_hidden_things_are_not_ours(tmp_path: Path) -> None:
    for name in ("c/1.md", "a/1.md", "b/2.md", "b/1.md", "b/3.md", "0.md", ".hidden", ".state/index.db", "b/.hidden"):
        lay(tmp_path, name, b"")
    (tmp_path / "b/link").symlink_to(tmp_path / "a")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "a/.link").symlink_to(tmp_path)
    assert list(visible_files(tmp_path)) == [
        "0.md",
        "a/1.md",
        "a/loop",
        "b/1.md",
        "b/2.md",
        "b/3.md",
        "b/link",
        "c/1.md",
    ]


# --- a folder without an index, or with an empty one -------------------------------------


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({DOCUMENT_NAME: b"---\n"}, "1 documents and no journal"),
        ({".state/journal/2026-10.ndjson": b'{"op":"add"}\n'}, "0 documents and a journal"),
        ({".state/notes/2026-10.ndjson": HEAD + b'{"op":"run"}\n'}, "0 documents and a journal"),
        ({".state/notes/2026-10.ndjson": HEAD}, ""),  # says nothing but that a run began
        ({".state/notes/2026-10.ndjson": b"", ".state/journal/2026-10.ndjson": b""}, ""),
        ({DOCUMENT_NAME: b"eine Notiz"}, ""),
    ],
    ids=["a document", "a change", "a note", "a head alone", "empty files", "a person's file"],
)
@pytest.mark.parametrize("index", ["is missing", "is an empty file", "knows nothing"])
def test_never_an_empty_index_where_something_was(
    tmp_path: Path, files: dict[str, bytes], told: str, index: str
) -> None:
    for name, content in files.items():
        lay(tmp_path, name, content)
    if index != "is missing":
        lay(tmp_path, ".state/index.db", b"")
    if index == "knows nothing":
        Index(tmp_path / ".state/index.db").close()
    (tmp_path / ".state").mkdir(exist_ok=True)
    if told:
        with pytest.raises(IndexFault, match=f"the index {index}: {tmp_path}/.state/index.db, but there are {told}"):
            open_index(Disk(tmp_path))
    else:
        open_index(Disk(tmp_path)).close()


def test_a_folder_in_the_place_of_the_index_is_not_called_missing(tmp_path: Path) -> None:
    lay(tmp_path, DOCUMENT_NAME, b"---\n")
    (tmp_path / ".state/index.db").mkdir(parents=True)
    with pytest.raises(IndexFault, match="it can not be opened"):
        open_index(Disk(tmp_path))


# --- backups -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (b'{"complete":true}', {"complete": True}),
        (b"{}", {}),
        (b"[]", None),
        (b"{", None),
        (b"\xff", None),
        (None, None),
    ],
)
def test_the_mark_of_a_backup(tmp_path: Path, mark: bytes | None, expected: dict[str, bool] | None) -> None:
    if mark is not None:
        lay(tmp_path, ".state/backup.json", mark)
    assert mark_of(tmp_path) == expected


@pytest.mark.parametrize(
    ("mark", "is_refused"), [(b'{"complete":true}', False), (b'{"complete":false}', True), (b"{}", True)]
)
def test_a_backup_that_was_not_completed_is_no_collection(tmp_path: Path, mark: bytes, is_refused: bool) -> None:
    lay(tmp_path, ".state/backup.json", mark)
    if is_refused:
        with pytest.raises(IndexFault, match="is a backup that was not completed"):
            Library(Disk(tmp_path))
        assert not (tmp_path / ".state/index.db").exists()
    else:
        Library(Disk(tmp_path)).close()


# --- the copy before an upgrade, and network disks -------------------------------------------


def test_the_old_index_is_kept_whole_and_durable(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    synced: list[str] = []

    class Watched(Disk):
        def _sync_folder(self, path: Path) -> None:
            synced.append(path.name)
            super()._sync_folder(path)

    disk = Watched(tmp_path)
    with closing(Index(_in(tmp_path))) as old, caplog.at_level(logging.WARNING):
        old.connection.execute("INSERT INTO robots VALUES ('a', '', 200, '')")
        keep_old(disk, old.connection, 3)
    kept = tmp_path / ".state/index-schema-3.db"
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("SELECT host FROM robots").fetchall() == [("a",)]
    assert synced[-1] == ".state"
    assert list((tmp_path / ".state/tmp").iterdir()) == []
    assert f"the old one is kept as {kept}" in caplog.text


def _in(root: Path) -> Path:
    (root / ".state").mkdir()
    return root / ".state/index.db"


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("", ""),
        ("server:/ / nfs rw\n", "nfs"),
        ("auto /data autofs rw\nserver:/ /data nfs rw\n", "nfs"),
        ("server:/ / nfs rw\n/dev/sda /data ext4 rw\n", ""),
        ("/dev/sda /data ext4 rw\nserver:/ / nfs rw\n", ""),
        ("/dev/sda / ext4 rw\nserver:/ /data/output smb3 rw\n", "smb3"),
        ("/dev/sda / ext4 rw\nserver:/ /data/output/more cifs rw\n", ""),
        ("nonsense\n\nserver:/ /data 9p\n", "9p"),
    ],
)
def test_the_nearest_mount_tells(tmp_path: Path, mounts: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(mounts)
    assert network_file_system(Path("/data/output"), tmp_path / "mounts") == kind


KINDS = {
    True: "nfs nfs4 cifs smb3 smbfs afs ceph 9p fuse.sshfs fuse.glusterfs",
    False: "ext4 xfs btrfs zfs tmpfs overlay fuse.ntfs-3g vfat NFS",
}


@pytest.mark.parametrize(
    ("kind", "is_network"), [(kind, known) for known, names in KINDS.items() for kind in names.split()]
)
def test_which_file_systems_are_on_other_machines(tmp_path: Path, kind: str, is_network: bool) -> None:
    (tmp_path / "mounts").write_text(f"x /data {kind} rw\n")
    assert network_file_system(Path("/data/output"), tmp_path / "mounts") == (kind if is_network else "")


@pytest.mark.skipif(sys.platform != "linux", reason="mounts are told elsewhere")
def test_the_system_tells_its_mounts() -> None:
    assert " / " in MOUNTS.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "mode"), [("nfs4", "delete"), ("ext4", "wal")])
def test_an_index_on_a_network_disk_has_no_log_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str, mode: str
) -> None:
    (tmp_path / "mounts").write_text(f"server:/ {tmp_path} {kind} rw 0 0\n")
    monkeypatch.setattr(network_file_system, "__defaults__", (tmp_path / "mounts",))
    with caplog.at_level(logging.WARNING):
        library = Library(Disk(tmp_path / "output"))
    library.recover(NOW)
    library.store([submission(make_article("1"))], NOW)
    assert library.index.value("PRAGMA journal_mode") == mode
    assert ("lies on a network disk (nfs4)" in caplog.text) == (kind == "nfs4")
    library.close()
