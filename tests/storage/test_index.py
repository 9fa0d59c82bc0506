"""The index opens safely or says why not; its writing transactions never lose a row."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOW, ROOT
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskError, IndexFault, LockHeld
from crawler.models import Candidate, ListPage, Moment, Precision
from crawler.storage.disk import Disk
from crawler.storage.frontier import BACKOFF
from crawler.storage.index import Index
from crawler.storage.library import Library
from crawler.storage.lists import Validators
from crawler.storage.lock import RunLock
from crawler.storage.reading import reader
from crawler.storage.schema import SCHEMA_VERSION

Open = Callable[..., Library]


def test_it_is_ours_durable_and_versioned(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    read = {name: index.value(f"PRAGMA {name}") for name in ("application_id", "user_version", "journal_mode")}
    assert read == {"application_id": 0x53495931, "user_version": SCHEMA_VERSION, "journal_mode": "wal"}
    assert index.value("PRAGMA synchronous") == 2  # FULL
    assert len(index.value("SELECT id FROM collection")) == 16


def _other_program(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.execute("PRAGMA application_id = 77")
    connection.close()


def _newer(path: Path) -> None:
    Index(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_other_program, "another program"),
        (_newer, "newer Shiyi"),
        (lambda path: path.write_bytes(b"hello, this is no database at all" * 40), "no SQLite file"),
        (lambda path: path.mkdir(), "can not be opened"),
    ],
    ids=["another program's", "newer", "not a database", "a folder"],
)
def test_what_is_not_our_index_is_refused_with_what_to_do(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "index.db"
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(IndexFault, match=sentence) as raised:
        Index(path)
    assert str(path) in str(raised.value)
    assert before is None or path.read_bytes() == before


def test_B13_a_sqlite_that_is_too_old_is_named_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 23, 1))
    with pytest.raises(IndexFault, match=r"too old: Python's own has to be 3\.24\.0 or newer"):
        Index(tmp_path / "index.db")
    assert list(tmp_path.iterdir()) == []


def test_looking_at_an_index_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexFault, match="the index is missing"), reader(tmp_path / "index.db"):
        pass


WRITER = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from crawler.storage.index import Index
index = Index(Path(sys.argv[2]))
for number in range(300):
    with index.transaction() as connection:
        if not connection.execute("SELECT 1 FROM robots WHERE host = ?", (str(number),)).fetchone():
            connection.execute("INSERT INTO robots VALUES (?, '', 200, '')", (str(number),))
"""


def test_B3_two_processes_that_read_then_write_lose_nothing(tmp_path: Path) -> None:
    Index(tmp_path / "index.db").close()
    command = [sys.executable, "-c", WRITER, str(ROOT), str(tmp_path / "index.db")]
    writers = [subprocess.Popen(command) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert Index(tmp_path / "index.db").value("SELECT count(*) FROM robots") == 300


def test_B1_a_second_holder_is_told_who_has_the_lock(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    first.acquire(command="crawl", since="03:00")
    with pytest.raises(LockHeld, match=r"crawl, pid \d+, since 03:00"):
        second.acquire(command="save", since="03:01")
    first.release()
    second.acquire(command="save", since="03:02")


def candidate(key: str, **changes: object) -> Candidate:
    return Candidate("cs", key, f"https://www.cs.com.cn/{key}.html", title=f"标题{key}", **changes)  # type: ignore[arg-type]


def test_a_debt_survives_with_all_it_knew(open_library: Open) -> None:
    library = open_library()
    moment = Moment(datetime(2026, 10, 11, 17, 30, tzinfo=UTC), Precision.MINUTE, "list")
    owed = candidate("1", published=moment, section="要闻", medium="证券日报", authors=("程竹",))
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [owed], NOW)
    assert open_library().frontier.due("cs", "Asia/Shanghai", NOW) == [owed]


def test_the_newest_debts_are_paid_first_and_within_a_day_those_that_were_never_tried(open_library: Open) -> None:
    library = open_library()
    days = {"1": "10-01", "2": "10-11", "3": "10-11", "4": "10-05"}
    owed = [
        candidate(key, published=Moment(datetime.fromisoformat(f"2026-{day}T09:30:00+00:00"), Precision.MINUTE, "list"))
        for key, day in days.items()
    ]
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [*owed, candidate("5")], NOW)  # which tells no date: found on 12 October
        connection.execute("UPDATE frontier SET tries = 1 WHERE key = '3'")
    assert [row.key for row in library.frontier.due("cs", "UTC", NOW)] == ["5", "2", "3", "4", "1"]
    assert [row.key for row in library.frontier.due("cs", "UTC", NOW, limit=2)] == ["5", "2"]
    assert [library.frontier.day_of(row) for row in (owed[0], candidate("5"), candidate("9"))] == ["2026-10-01", "", ""]


def test_a_failing_article_is_tried_later_and_later_then_given_up_but_never_forgotten(
    open_library: Open,
) -> None:
    library, now = open_library(), NOW
    states = []
    for wait in (*BACKOFF, BACKOFF[-1]):
        states.append(library.frontier.put_off(candidate("1"), "HTTP 500", now))
        assert library.frontier.due("cs", "UTC", now) == []
        now += wait
    assert states == ["owed"] * 4 + ["given-up"]
    assert library.frontier.due("cs", "UTC", now + timedelta(days=99)) == []
    assert library.index.known_keys("cs", ["1"]) == {"1"}
    assert library.index.value("SELECT reason FROM frontier") == "HTTP 500"


def test_no_outage_however_long_makes_us_give_up_what_we_owe(open_library: Open) -> None:
    library, now = open_library(), NOW
    for _ in range(50):
        assert library.frontier.put_off(candidate("1"), "connection: refused", now, counts=False) == "owed"
        now += timedelta(days=1)
    assert library.frontier.due("cs", "UTC", now) == [candidate("1")]


def test_a_list_remembers_what_its_last_completed_poll_showed(open_library: Open) -> None:
    library = open_library()
    entry = ListPage("https://www.cs.com.cn/xwzx/", "要闻")
    shown = [candidate("1"), candidate("2")]
    known = library.lists.open("cs", "Asia/Shanghai", [entry])[entry.url]
    with library.index.transaction() as connection:
        library.lists.note_shown(connection, known, shown, NOW)
    again = library.lists.open("cs", "Asia/Shanghai", [entry])[entry.url]
    assert (again.polls, again.shown_last) == (0, {})  # the poll was not completed
    with library.index.transaction() as connection:
        library.lists.complete(connection, again, Validators("e1", "lm", "hash"), ["1", "2"], NOW, found_new=True)
    after = library.lists.open("cs", "Asia/Shanghai", [entry])[entry.url]
    assert (after.polls, after.shown_last, after.validators.etag) == (1, {"1": None, "2": None}, "e1")
    with library.index.transaction() as connection:
        library.lists.note_shown(connection, after, [candidate("3")], NOW)
        library.lists.complete(connection, after, Validators(), ["3"], NOW, found_new=True)
    assert library.lists.open("cs", "Asia/Shanghai", [entry])[entry.url].shown_last == {"3": None}


def test_what_a_fetch_has_told_of_a_debt_is_kept(open_library: Open) -> None:
    library, moment = open_library(), Moment(datetime(2026, 10, 11, 17, 30, tzinfo=UTC), Precision.MINUTE, "page")
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [candidate("1")], NOW)
    library.frontier.learn(candidate("1", published=moment))
    assert open_library().frontier.due("cs", "UTC", NOW) == [candidate("1", published=moment)]


def test_a_lock_whose_holder_can_not_be_named_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "lock.holder").mkdir()
    with pytest.raises(DiskError, match=r"lock\.holder"):
        RunLock(tmp_path).acquire(command="crawl", since="03:00")
    assert not RunLock.is_held(tmp_path)


def test_the_proof_that_a_folder_takes_files_leaves_none(tmp_path: Path) -> None:
    Disk(tmp_path).probe()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
