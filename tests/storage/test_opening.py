"""Opening a collection: every broken, foreign, older or newer index is refused or upgraded, with what to do."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from broken_disk import Died, every_call
from conftest import NOW, ROOT, documents, make_article, submission
from full_library import fill, killed_after
from in_memory import tmp_path as tmp_path

from crawler.errors import IndexFault
from crawler.storage.disk import Disk
from crawler.storage.index import Index
from crawler.storage.library import Library
from crawler.storage.opening import network_file_system
from crawler.storage.schema import SCHEMA_VERSION

INDEX = ".state/index.db"
OLD = (Path(__file__).parent / "schema_1.sql").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def at(place: int, what: bytes) -> Callable[[Path], None]:
    def spoil(file: Path) -> None:
        raw = bytearray(file.read_bytes())
        raw[place : place + len(what)] = what
        file.write_bytes(raw)

    return spoil


def set_pragma(name: str, value: int) -> Callable[[Path], None]:
    def spoil(file: Path) -> None:
        connection = sqlite3.connect(file)
        connection.execute(f"PRAGMA {name} = {value}")
        connection.close()

    return spoil


def drop_all(file: Path) -> None:
    file.unlink()
    Index(file).close()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "is missing: .* there are 4 documents and a journal; `verify --rebuild-index`"),
    "zero length": (lambda file: file.write_bytes(b""), "is an empty file: .* 4 documents"),
    "made new by someone": (drop_all, "knows nothing: .* 4 documents"),
    "not a database": (lambda file: file.write_bytes(b"hello" * 2000), "no SQLite file; `verify --rebuild-index`"),
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:20000]), "cut off: .*20000 of .*rebuild-index"),
    "page garbage": (at(4096, b"\xa5" * 40960), "damaged; `verify --rebuild-index`"),
    "another program's": (set_pragma("application_id", 77), "another program .*0x4d"),
    "newer": (set_pragma("user_version", 99), rf"newer Shiyi \(schema 99, this program knows {SCHEMA_VERSION}\)"),
}


@pytest.mark.parametrize(("spoil", "sentence"), DAMAGE.values(), ids=list(DAMAGE))
def test_B4_B5_B7_B8_it_is_refused_with_the_place_and_what_to_do_and_nothing_is_touched(
    folder: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    spoil(folder / INDEX)
    before = documents(folder), {path: path.read_bytes() for path in (folder / ".state").rglob("*.ndjson")}
    index = (folder / INDEX).read_bytes() if (folder / INDEX).exists() else None
    with pytest.raises(IndexFault, match=sentence) as raised:
        Library(Disk(folder))
    assert raised.value.exit_code == 3
    assert str(folder / INDEX) in str(raised.value)
    assert (documents(folder), {path: path.read_bytes() for path in (folder / ".state").rglob("*.ndjson")}) == before
    assert ((folder / INDEX).read_bytes() if (folder / INDEX).exists() else None) == index


def test_an_index_that_a_killed_run_left_is_looked_through(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(NOW)
    library.begin_run("r9", NOW, 42)
    library.index.close()  # the run has no end
    size = (folder / INDEX).stat().st_size
    at(size - 4096 * 2, b"\xa5" * 4096)(folder / INDEX)
    with pytest.raises(IndexFault, match="rebuild-index"):
        Library(Disk(folder))


@pytest.mark.parametrize(
    "name",
    ["README.md", "notes/2026/10/2026-10-11-1.md", "photos/1.jpg", ".git/config"],
)
def test_a_folder_with_other_things_in_it_may_become_a_collection(tmp_path: Path, name: str) -> None:
    file = tmp_path / "output" / name
    file.parent.mkdir(parents=True)
    file.write_text("nothing of ours")
    Library(Disk(tmp_path / "output")).close()


# --- one after the other, and at once -----------------------------------------------


def test_B2_a_reader_that_holds_the_file_is_waited_for_then_named(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db", patience=0.2)
    other = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(IndexFault, match="another program has held it"), index.transaction():
        pass
    other.execute("ROLLBACK")
    with index.transaction() as connection:
        connection.execute("INSERT INTO robots VALUES ('a', '', 200, '')")
    assert index.value("SELECT count(*) FROM robots") == 1


OPENER = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from crawler.storage.index import Index
print(Index(Path(sys.argv[2])).value("SELECT id FROM collection"))
"""


def test_two_processes_that_make_the_same_index_at_once_agree(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPENER, str(ROOT), str(tmp_path / "index.db")]
    openers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {opener.communicate(timeout=60)[0] for opener in openers}
    assert (len(said), [opener.returncode for opener in openers]) == (1, [0, 0, 0])


# --- a lost -wal ------------------------------------------------------------------


def test_B9_what_a_lost_wal_held_is_taken_back_from_the_journal(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    killed_after(folder, "2001", "2002")
    before = documents(folder)
    assert (folder / f"{INDEX}-wal").stat().st_size
    for ending in ("-wal", "-shm"):
        (folder / f"{INDEX}{ending}").unlink()
    library = Library(Disk(folder))
    with caplog.at_level(logging.WARNING):
        library.recover(NOW)
    assert "the index had lost 2 changes" in caplog.text
    assert library.index.known_keys("cs", ["2001", "2002"]) == {"2001", "2002"}
    library.store([submission(make_article(key)) for key in ("2001", "2002")], NOW)
    assert documents(folder) == before
    assert library.index.value("SELECT count(*) = max(seq) FROM change")
    library.close()


def test_an_intent_whose_change_came_back_from_the_journal_is_not_carried_out_twice(folder: Path) -> None:
    """The log that was lost held the commit, not the intent."""
    intents: list[tuple[object, ...]] = []

    class Watched(Disk):
        def _link(self, existing: Path, new: Path) -> None:
            intents.extend(library.index.rows("SELECT * FROM intent"))
            super()._link(existing, new)

    library = Library(Watched(folder))
    library.recover(NOW)
    library.store([submission(make_article("2001"))], NOW)
    changes = library.index.value("SELECT count(*) FROM change")
    library.index.connection.execute("INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?)", intents[0])
    library.index.close()
    again = Library(Disk(folder))
    assert again.recover(NOW) == 0
    assert again.index.value("SELECT count(*) FROM change") == changes
    assert again.index.value("SELECT count(*) FROM intent") == 0
    again.close()


def test_a_document_without_row_and_line_is_filed_as_it_stands_when_its_article_is_met(folder: Path) -> None:
    """What is left of a lost -wal if the process died between commit and journal."""
    killed_after(folder, "2001")
    before = documents(folder)
    for file in [*(folder / ".state").glob("index.db-*"), folder / ".state/journal/2026-10.ndjson"]:
        if file.suffix == ".ndjson":
            file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
        else:
            file.unlink()
    library = Library(Disk(folder))
    library.recover(NOW)
    assert library.index.known_keys("cs", ["2001"]) == set()
    [outcome] = library.store([submission(make_article("2001"), style="archive")], NOW)
    assert outcome.path == "cs/2026/10/2026-10-11-2001.md"
    assert documents(folder) == before
    library.close()


# --- upgrades -----------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A collection as schema 1 left it."""
    folder = tmp_path / "old"
    (folder / ".state").mkdir(parents=True)
    connection = sqlite3.connect(folder / INDEX)
    connection.executescript(OLD)
    connection.close()
    return folder


def test_B6_an_older_index_is_upgraded_and_the_old_one_kept(old: Path) -> None:
    library = Library(Disk(old))
    library.recover(NOW)
    assert library.index.value("PRAGMA user_version") == SCHEMA_VERSION
    assert library.index.known_keys("cs", ["1001", "1002", "2002", "33", "7"]) == {"1001", "1002", "2002", "33", "7"}
    library.close()
    kept = sqlite3.connect(old / ".state/index-schema-1.db")
    assert kept.execute("PRAGMA user_version").fetchone()[0] == 1
    assert kept.execute("SELECT count(*) FROM article").fetchone()[0] == 2
    kept.close()
    notes = (old / ".state/notes/2026-10.ndjson").read_text()
    assert [key in notes for key in ('"key":"2002"', '"key":"33"', '"state":"gone"')] == [True] * 3


def test_B6_any_fault_during_the_upgrade_leaves_the_old_index(old: Path) -> None:
    import shutil

    def act(number: int, disk: type[Disk]) -> None:
        folder = shutil.copytree(old, old.parent / f"{number}")
        library = Library(disk(folder))
        library.recover(NOW)
        library.close()

    for number, _ in every_call(Died(), act):
        library = Library(Disk(old.parent / f"{number}"))
        library.recover(NOW)
        assert library.index.value("SELECT count(*) FROM article") == 2
        assert (old.parent / f"{number}/.state/index-schema-1.db").exists()
        library.close()


DIES_INSIDE = """
import os, sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from crawler.storage.index import Index
from crawler.storage.schema import migrations
migrations(name="9999_dies")(lambda db: os._exit(9))
Index(Path(sys.argv[2]))
"""


def test_a_process_that_dies_inside_the_upgrade_leaves_the_old_schema_whole(old: Path) -> None:
    command = [sys.executable, "-c", DIES_INSIDE, str(ROOT), str(old / INDEX)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9
    connection = sqlite3.connect(old / INDEX)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
    assert "written" not in [row[1] for row in connection.execute("PRAGMA table_info(article)")]
    connection.close()


# --- network disks ---------------------------------------------------------------

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /home nfs4 rw 0 0
/dev/sdb1 /home/local\\040disk ext4 rw 0 0
//nas/share /mnt/nas cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/output", ""),
        ("/home/user/output", "nfs4"),
        ("/home/local disk/output", ""),
        ("/mnt/nas", "cifs"),
        ("/mnt/nasty", ""),
    ],
)
def test_B10_network_disks_are_told_by_their_mount(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    assert network_file_system(Path(path), tmp_path / "mounts") == kind
    assert network_file_system(Path(path), tmp_path / "no such file") == ""


def test_B10_no_write_ahead_log_on_a_network_disk(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db", on_network=True)
    assert index.value("PRAGMA journal_mode") == "delete"
