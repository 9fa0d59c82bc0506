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

from crawler.errors import IndexFault, LockHeld
from crawler.models import Candidate, ListPage, Moment, Precision
from crawler.storage.frontier import BACKOFF
from crawler.storage.index import Index
from crawler.storage.library import Library
from crawler.storage.lists import Validators
from crawler.storage.lock import RunLock

Open = Callable[..., Library]


def test_it_is_ours_durable_and_versioned(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    read = {name: index.value(f"PRAGMA {name}") for name in ("application_id", "user_version", "journal_mode")}
    assert read == {"application_id": 0x53495931, "user_version": 2, "journal_mode": "wal"}
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


def test_two_processes_that_read_then_write_lose_nothing(tmp_path: Path) -> None:
    Index(tmp_path / "index.db").close()
    command = [sys.executable, "-c", WRITER, str(ROOT), str(tmp_path / "index.db")]
    writers = [subprocess.Popen(command) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert Index(tmp_path / "index.db").value("SELECT count(*) FROM robots") == 300


def test_a_second_holder_is_told_who_has_the_lock(tmp_path: Path) -> None:
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
