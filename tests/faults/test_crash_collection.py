"""Rows K and B as a user meets them: something has happened to a collection, and the command line is run on it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mounting import in_namespace, may_mount
from newsroom import Newsroom, Run, Site, told

from crawler.storage.lock import RunLock

KEYS = ["1001", "1002", "1003", "1004", "1005"]
INDEX = ".state/index.db"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Site, Path]]:
    """A collection of five articles, crawled once for all tests of this module."""
    with Newsroom(tmp_path_factory.mktemp("filled")) as room:
        site = room.site("one")
        site.publish(*KEYS)
        run = room.crawl()
        assert run.code == 0, run.stderr
        yield room, site, room.output


@pytest.fixture
def room(filled: tuple[Newsroom, Site, Path], tmp_path: Path) -> Newsroom:
    """A copy of it; as an archive tool makes one, with the files' times."""
    room, site, output = filled
    room.output = Path(shutil.copytree(output, tmp_path / "output"))
    site.publish(*KEYS)
    return room


@pytest.fixture
def site(filled: tuple[Newsroom, Site, Path]) -> Site:
    return filled[1]


def verify(room: Newsroom, *flags: str) -> Run:
    return told("verify", *flags, *room.flags(allow="", delay=""))


def findings(run: Run) -> list[tuple[str, str]]:
    return [(each["kind"], each["place"]) for each in run.report["findings"]]


def fetched(site: Site, since: int) -> list[str]:
    return [path for path in site.server.asked(since) if path.startswith("/a/")]


def without_its_moment(document: bytes) -> list[bytes]:
    return [line for line in document.splitlines() if not line.startswith(b"fetch_date: ")]


# --- K --------------------------------------------------------------------------------


@pytest.mark.skipif(not may_mount(), reason="this user may mount nothing")
def test_K3_a_read_only_disk_is_told_before_any_request(room: Newsroom, site: Site, tmp_path: Path) -> None:
    since = len(site.server.log)
    words = " ".join([sys.executable, "-P", "-m", "crawler", "crawl", "one", *room.flags()])
    ended = in_namespace(f"mount --bind -o ro {room.output} {room.output} || exit 99\n{words}", room.folder)
    assert ended.returncode == 3, ended.stderr
    error = json.loads(ended.stdout)["error"]
    assert (str(room.output) in error, "Read-only file system" in error) == (True, True)
    assert site.server.log[since:] == []


def test_K9_a_rotten_document_is_named_kept_aside_and_fetched_again(room: Newsroom, site: Site) -> None:
    name = site.path_of("1003")
    file, good = room.output / name, (room.output / name).read_bytes()
    moment, bad = file.stat().st_mtime_ns, bytes([good[0] ^ 4]) + good[1:]
    file.write_bytes(bad)
    os.utime(file, ns=(moment, moment))
    assert (verify(room).code, findings(verify(room))) == (1, [("changed", name)])
    assert verify(room, "--repair").code == 0
    assert bad in {kept.read_bytes() for kept in (room.output / ".state/quarantine").rglob("*.md")}
    since = len(site.server.log)
    run = room.crawl()
    assert (run.code, fetched(site, since)) == (0, ["/a/1003.html"])
    assert without_its_moment(file.read_bytes()) == without_its_moment(good)
    assert verify(room).report["information"] == []


def test_K10_what_a_person_has_edited_or_removed_stays_so(room: Newsroom, site: Site) -> None:
    edited, removed = room.output / site.path_of("1001"), room.output / site.path_of("1002")
    edited.write_text("meine Notiz")
    removed.unlink()
    for key in ("1001", "1002"):
        site.article(key, title=f"更正：第{key}号工程")
    run = room.start("save", site.url("/a/1001.html"), site.url("/a/1002.html"), *room.flags()).wait()
    assert "left so" in run.stderr
    assert room.crawl().code == 0
    looked = verify(room, "--repair")
    assert (looked.code, edited.read_text(), removed.exists()) == (0, "meine Notiz", False)
    told_of = {(each["kind"], each["place"]) for each in looked.report["information"]}
    assert told_of == {("edited", site.path_of("1001")), ("removed", site.path_of("1002"))}


def test_K11_leftovers_of_old_crashes_are_named_and_gone_after_the_next_run(room: Newsroom) -> None:
    left = room.output / ".state/tmp/0123456789abcdef"
    left.write_bytes(b"half a docum")
    assert findings(verify(room)) == [("leftover", ".state/tmp/0123456789abcdef")]
    assert room.crawl().code == 0
    assert list(left.parent.iterdir()) == []


def test_K12_a_collection_may_be_moved(room: Newsroom, site: Site, tmp_path: Path) -> None:
    before, since = room.documents(), len(site.server.log)
    room.output = room.output.rename(tmp_path / "elsewhere")
    run = room.crawl()
    assert (run.code, run.source("one")["saved"], fetched(site, since)) == (0, 0, [])
    assert (room.documents(), verify(room).code) == (before, 0)


def test_K13_an_index_older_than_the_files_takes_back_what_it_lacks(room: Newsroom, site: Site) -> None:
    shutil.copy(room.output / INDEX, room.folder / "old.db")
    site.publish("2001", "2002", *KEYS)
    assert room.crawl().source("one")["saved"] == 2
    before, since = room.documents(), len(site.server.log)
    shutil.copy(room.folder / "old.db", room.output / INDEX)
    assert "the next run takes them back" in verify(room).stdout
    run = room.crawl()
    assert (run.code, run.source("one")["saved"], fetched(site, since)) == (0, 0, [])
    assert (room.documents(), verify(room).code) == (before, 0)


def test_K13_files_older_than_the_index_are_missed_together(room: Newsroom, site: Site) -> None:
    keys = ["2001", "2002", "2003"]
    site.publish(*keys, *KEYS)
    assert room.crawl().source("one")["saved"] == 3
    for key in keys:
        (room.output / site.path_of(key)).unlink()
    looked = verify(room)
    assert (looked.code, findings(looked)) == (1, [("missing", path) for path in site.paths_of(*keys)])
    assert "restore them from a backup" in looked.stdout


# --- B --------------------------------------------------------------------------------


def test_B1_a_second_run_ends_at_once_and_names_the_first(room: Newsroom) -> None:
    lock = RunLock(room.output / ".state")
    lock.acquire(command="crawl", since="03:00")
    start = time.monotonic()
    run = told("crawl", "one", *room.flags())
    lock.release()
    assert (run.code, time.monotonic() - start < 5) == (75, True)
    assert f"crawl, pid {os.getpid()}, since 03:00" in run.report["error"]


def newer(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "B4 no database": (lambda file: file.write_bytes(b"hello" * 2000), "no SQLite file"),
    "B4 cut off": (lambda file: os.truncate(file, 20000), "cut off"),
    "B4 page garbage": (
        lambda file: file.write_bytes(file.read_bytes()[:4096].ljust(file.stat().st_size, b"\xa5")),
        "damaged",
    ),
    "B5 zero length": (lambda file: os.truncate(file, 0), "there are 5 documents and a journal"),
    "B5 missing": (Path.unlink, "there are 5 documents and a journal"),
}


@pytest.mark.parametrize(("spoil", "sentence"), DAMAGE.values(), ids=list(DAMAGE))
def test_B4_B5_a_broken_index_is_refused_then_made_again_and_nothing_is_fetched_twice(
    room: Newsroom, site: Site, spoil: Callable[[Path], object], sentence: str
) -> None:
    before, since = room.documents(), len(site.server.log)
    spoil(room.output / INDEX)
    broken = sum_of(room.output / INDEX)
    run = told("crawl", "one", *room.flags())
    assert (run.code, run.report["exit_code"], sum_of(room.output / INDEX)) == (3, 3, broken)
    assert (sentence in run.report["error"], "verify --rebuild-index" in run.report["error"]) == (True, True)
    assert verify(room).code == 3
    assert verify(room, "--rebuild-index").code == 0
    again = room.crawl()
    assert (again.code, again.source("one")["saved"], fetched(site, since)) == (0, 0, [])
    assert (room.documents(), verify(room).code) == (before, 0)


def sum_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def test_B7_a_newer_index_is_refused_with_both_versions(room: Newsroom) -> None:
    newer(room.output / INDEX)
    for words in (["crawl", "one", *room.flags()], ["verify", "--rebuild-index", *room.flags(allow="", delay="")]):
        run = told(*words)
        assert (run.code, "use that newer program" in run.stdout) == (3, True)


def test_B9_a_lost_log_costs_nothing(room: Newsroom, site: Site) -> None:
    """The process is killed, and somebody copies the collection without index.db-wal."""
    site.publish("2001", "2002", *KEYS)
    running = room.start("crawl", "one", *room.flags())
    deadline = time.monotonic() + 30
    while len(room.documents()) < 6 and time.monotonic() < deadline:
        time.sleep(0.01)
    running.process.kill()
    running.wait()
    before = room.documents()
    for ending in ("-wal", "-shm"):
        (room.output / (INDEX + ending)).unlink(missing_ok=True)
    run = room.crawl()
    assert run.code == 0, run.stderr
    assert sorted(room.documents()) == site.paths_of("2001", "2002", *KEYS)
    assert before.items() <= room.documents().items()
    assert verify(room).code == 0
