"""`backup`: one consistent moment of a collection, taken beside a running crawl; restored, it goes on from there."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest
from broken_disk import FAULTS, Died, every_call
from conftest import ROOT, documents, make_article, submission
from full_library import LATER, fill, render_truly, rows_of
from newsroom import Newsroom, Reply, Run, article_page, told

from crawler.errors import IndexFault, UsageError
from crawler.storage.audit import Scope, audit
from crawler.storage.backup import back_up
from crawler.storage.disk import Disk
from crawler.storage.library import Library

FIRST = "cs/2026/10/2026-10-11-1001.md"


def by_name(source: str, name: str, url: str) -> str:
    return name


def faults(folder: Path) -> list[str]:
    found = audit(folder, Scope(), by_name).findings
    return [f"{finding.kind} {finding.place} {finding.what}" for finding in found if finding.is_fault]


def files(folder: Path) -> dict[str, bytes]:
    """All that a copy has to have: not the index, whose bytes may differ, nor what belongs to a running program."""
    own = ("index.db", "backup.json", "lock", "lock.holder")
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: raw for name, raw in found.items() if not name.rpartition("/")[2].startswith(own)}


def stamps(folder: Path) -> dict[Path, int]:
    """Of every file but what SQLite makes beside a database to read it."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and "db-" not in path.name}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def restored(target: Path) -> dict[str, list[tuple[object, ...]]]:
    library = Library(Disk(target))
    library.recover(LATER)
    rows = rows_of(library)
    library.close()
    return rows


def test_a_restored_copy_is_the_collection(folder: Path, tmp_path: Path) -> None:
    (folder / "cs/my notes.txt").write_text("meine Notiz")
    copied = back_up(folder, tmp_path / "copy")
    assert (copied.documents, copied.spoiled, copied.gone) == (4, [], [])
    assert files(tmp_path / "copy") == files(folder)
    moved = (tmp_path / "copy").rename(tmp_path / "elsewhere")
    assert restored(moved) == restored(folder)
    assert faults(moved) == []


def test_an_update_copies_only_what_is_new(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    back_up(folder, target)
    stamps = {path: path.stat().st_mtime_ns for path in target.rglob("*.md")}
    assert back_up(folder, target).written == 0
    library = Library(Disk(folder))
    library.recover(LATER)
    library.store([submission(make_article("5005"), style="archive", render=render_truly)], LATER)
    library.close()
    assert back_up(folder, target).written == 2  # the document and its month's journal
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*.md") if path in stamps} == stamps
    assert restored(target) == restored(folder)


def test_a_persons_edit_is_copied_and_a_spoiled_document_replaces_no_good_one(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    back_up(folder, target)
    good = (target / FIRST).read_bytes()
    (folder / FIRST).write_bytes(b"\0" * 100)
    (folder / "cs/undated/1003.md").write_text("meine Notiz")
    copied = back_up(folder, target)
    assert (copied.spoiled, (target / FIRST).read_bytes()) == ([FIRST], good)
    assert (target / "cs/undated/1003.md").read_text() == "meine Notiz"


def test_an_update_deletes_nothing(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    back_up(folder, target)
    good = (folder / FIRST).read_bytes()
    (folder / FIRST).unlink()
    assert back_up(folder, target).gone == [FIRST]
    assert (target / FIRST).read_bytes() == good


def test_where_it_refuses_to_write(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(folder)
    fill(tmp_path / "other")
    back_up(tmp_path / "other", tmp_path / "copy of other")
    back_up(folder, tmp_path / "used")
    restored(tmp_path / "used")
    cases = {
        folder: "in its own collection",
        folder / "backup": "in its own collection",
        tmp_path: "in its own collection, or around it",
        tmp_path / "link": "in its own collection",
        tmp_path / "full": "not empty and no earlier backup",
        tmp_path / "other": "not empty and no earlier backup",
        tmp_path / "file": "no folder",
        tmp_path / "copy of other": "backup of another collection",
        tmp_path / "used": "used as a collection since",
    }
    for target, sentence in cases.items():
        before = stamps(tmp_path)
        with pytest.raises(UsageError, match=sentence):
            back_up(folder, target)
        assert stamps(tmp_path) == before


@pytest.mark.parametrize(
    "fault", [FAULTS[0], *(pytest.param(fault, marks=pytest.mark.slow) for fault in FAULTS[1:])], ids=repr
)
def test_any_fault_at_any_call_leaves_the_collection_alone_and_the_copy_refused_until_it_is_whole(
    folder: Path, tmp_path: Path, fault: BaseException
) -> None:
    before = files(folder)

    def act(number: int, disk: type[Disk]) -> None:
        back_up(folder, tmp_path / f"{number}", disk)

    for number, broke in every_call(fault, act):
        target = tmp_path / f"{number}"
        assert files(folder) == before
        if broke and (target / ".state/backup.json").exists() and (target / ".state/index.db").exists():
            mark = json.loads((target / ".state/backup.json").read_text())
            if not mark["complete"]:
                with pytest.raises(IndexFault, match="was not completed"):
                    Library(Disk(target))
        back_up(folder, target)
        assert files(target) == before
        assert faults(target) == []
        shutil.rmtree(target)


def test_whatever_a_writer_does_after_the_index_was_copied_the_copy_is_of_that_moment(tmp_path: Path) -> None:
    """The writer begins right then and stops at each of its steps."""

    def act(number: int, disk: type[Disk]) -> None:
        folder, died = tmp_path / f"{number}", []
        fill(folder)

        class Overtaken(Disk):
            def _copy_database(self, source: sqlite3.Connection, path: Path) -> None:
                super()._copy_database(source, path)
                library = Library(Disk(folder))
                library.recover(LATER)
                library.disk = disk(folder)
                revised = make_article("1001", text="更正后的正文。", html="<p>更正后的正文。</p>")
                articles = [make_article("5005"), revised]
                try:
                    library.store([submission(each, style="archive", render=render_truly) for each in articles], LATER)
                except Died as error:
                    died.append(error)
                library.index.close()

        back_up(folder, tmp_path / f"copy {number}", Overtaken)
        if died:
            raise died[0]

    for number, _ in every_call(Died(), act):
        target = tmp_path / f"copy {number}"
        assert b"\xe6\x9b\xb4\xe6\xad\xa3" not in (target / FIRST).read_bytes()  # 更正
        rows = restored(target)
        assert len(documents(target)) == len(rows["article"]) == 4
        assert [finding.kind for finding in audit(target, Scope(), by_name).findings] == []


# --- beside a writer ------------------------------------------------------------------

WRITER = """
import sys; sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from datetime import timedelta
from conftest import NOW, make_article, submission
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from full_library import render_truly
library = Library(Disk(Path(sys.argv[3])))
library.recover(NOW)
for number in range(1, 100_000):
    now = NOW + timedelta(minutes=number)
    new = [make_article(f"{number}-{each}") for each in range(3)]
    revised = make_article(f"{max(1, number - 1)}-0", text=f"更正{number}", html=f"<p>更正{number}</p>")
    library.store([submission(each, style="archive", render=render_truly) for each in (*new, revised)], now)
    if number == 3:
        print("go", flush=True)
"""


def test_every_copy_that_is_taken_beside_a_busy_writer_is_consistent(tmp_path: Path) -> None:
    folder, target = tmp_path / "output", tmp_path / "copy"
    command = [sys.executable, "-c", WRITER, str(ROOT), str(ROOT / "tests"), str(folder)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "go\n"
        for round_ in range(4):
            copied = back_up(folder, target)
            assert (copied.spoiled, copied.gone) == ([], [])
            trial = Path(shutil.copytree(target, tmp_path / f"restored {round_}"))
            rows = restored(trial)
            assert len(documents(trial)) == len(rows["article"]) == copied.documents
            assert faults(trial) == []
            told_ = {finding.kind for finding in audit(trial, Scope(), by_name).findings}
            assert told_ == set()
    finally:
        writer.kill()
        writer.wait()


@pytest.fixture(scope="module")
def restored_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run, list[str], dict[str, bytes]]:
    """A backup in the middle of a real crawl, and a crawl from the restored copy."""
    with Newsroom(tmp_path_factory.mktemp("backup")) as room:
        site, go_on = room.site("one"), Event()
        keys = [f"{number}" for number in range(1006, 1000, -1)]
        site.publish(*keys)
        site.server.set("/a/1004.html", Reply(article_page("1004"), hold=go_on))
        running = room.start("crawl", "one", *room.flags())
        deadline = time.monotonic() + 20
        while not (room.output / site.path_of("1005")).exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        target = room.folder / "copy"
        run = told("backup", str(target), "--output", str(room.output), "--config", str(room.config), "--json")
        go_on.set()
        running.wait()
        saved = sorted(documents(target))
        site.server.log.clear()
        room.output = target
        again = room.crawl()
        fetched = sorted(site.path_of(path[3:-5]) for path in site.server.asked() if path.startswith("/a/"))
        assert not set(saved) & set(fetched)
        return run, again, saved, room.documents()


def test_backup_during_a_crawl_has_what_was_stored(restored_run: tuple[Run, Run, list[str], dict[str, bytes]]) -> None:
    run, _, saved, _ = restored_run
    assert (run.code, run.report["documents"]) == (0, len(saved))
    assert len(saved) >= 2


def test_crawl_from_the_restored_copy_completes_it(restored_run: tuple[Run, Run, list[str], dict[str, bytes]]) -> None:
    _, again, _, kept = restored_run
    assert (again.code, len(kept)) == (0, 6)


def test_it_says_what_it_did_and_refuses_with_2(folder: Path, tmp_path: Path) -> None:
    run = told("backup", str(tmp_path / "copy"), "--output", str(folder))
    assert (run.code, run.stdout.startswith("4 documents in ")) == (0, True)
    refused = told("backup", str(folder / "copy"), "--output", str(folder))
    assert (refused.code, "can not lie in its own collection" in refused.stderr) == (2, True)
    nothing = told("backup", str(tmp_path / "copy"), "--output", str(tmp_path / "nothing"))
    assert (nothing.code, "there is no collection" in nothing.stderr) == (2, True)
    assert not (tmp_path / "nothing").exists()
    (folder / FIRST).write_bytes(b"")
    spoiled = told("backup", str(tmp_path / "copy"), "--output", str(folder))
    assert (spoiled.code, FIRST in spoiled.stdout) == (1, True)
