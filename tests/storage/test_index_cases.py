"""What the index answers, and what its transactions leave: lines that a mutation run found unguarded."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskFull, IndexFault
from crawler.models import Candidate, ListPage
from crawler.storage.index import Index
from crawler.storage.index_faults import fault_of
from crawler.storage.library import Library

Open = Callable[..., Library]
BASE = "https://www.cs.com.cn"


def store(library: Library, **changes: object) -> None:
    library.store([submission(make_article(**changes))], NOW)  # type: ignore[arg-type]


# --- articles -----------------------------------------------------------------------


def test_an_article_comes_back_as_it_was_filed(open_library: Open) -> None:
    library = open_library()
    store(library, key="1", url=f"{BASE}/a", title="标题")
    known = library.index.article_by_key("cs", "1")
    assert known is not None
    told = (
        known.id,
        known.source,
        known.key,
        known.url,
        known.title,
        known.day,
        known.path,
        known.style,
        known.revision,
    )
    assert told == (1, "cs", "1", f"{BASE}/a", "标题", "2026-10-11", "cs/2026/10/2026-10-11-1.md", "hexo", 1)
    assert (len(known.sha256), known.fingerprint[:2]) == (64, "1:")


def test_an_id_or_an_address_belongs_to_one_source(open_library: Open) -> None:
    library = open_library()
    store(
        library, key="1", url=f"{BASE}/a", original_url="https://other.example/o", addresses=(f"{BASE}/a", f"{BASE}/b")
    )
    store(library, key="2", url=f"{BASE}/c")
    index = library.index
    found = {key: index.article_by_key("cs", key) for key in ("1", "2", "3")}
    assert {key: row and row.key for key, row in found.items()} == {"1": "1", "2": "2", "3": None}
    assert index.article_by_key("zqrb", "1") is None
    by_address = {
        url: index.article_by_address("cs", url) for url in (f"{BASE}/a", f"{BASE}/b", f"{BASE}/c", f"{BASE}/d")
    }
    assert [row and row.key for row in by_address.values()] == ["1", "1", "2", None]
    assert index.article_by_address("zqrb", f"{BASE}/a") is None
    # Another site's address, which the article only names as its origin, is not its own.
    assert index.article_by_address("cs", "https://other.example/o") is None


def test_articles_of_one_text_the_oldest_first(open_library: Open) -> None:
    library = open_library()
    for key, source in (("2", "cs"), ("1", "cs"), ("3", "zqrb")):
        store(library, key=key, source=source, url=f"{BASE}/{key}", title=f"标题{key}", text="同一段文字。")
    known = library.index.article_by_key("cs", "2")
    assert known is not None
    assert [row.key for row in library.index.articles_with_text("cs", known.fingerprint)] == ["2", "1"]
    assert library.index.articles_with_text("cs", "1:other") == []


def test_a_path_is_taken_by_an_article(open_library: Open) -> None:
    library = open_library()
    store(library, key="1")
    paths = ("cs/2026/10/2026-10-11-1.md", "cs/2026/10/2026-10-11-2.md")
    assert [library.index.path_is_taken(path) for path in paths] == [True, False]


def test_known_keys_however_many_are_asked_for(open_library: Open) -> None:
    library = open_library()
    keys = [f"{number}" for number in range(1001)]
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [Candidate("cs", key, f"{BASE}/{key}") for key in keys[:-1]], NOW)
        library.frontier.owe(connection, [Candidate("zqrb", "1000", f"{BASE}/z")], NOW)
    store(library, key="x", source="zqrb", url=f"{BASE}/x")
    assert library.index.known_keys("cs", [*keys, "x"]) == set(keys[:-1])
    assert library.index.known_keys("zqrb", ["x", "1000", "0"]) == {"x", "1000"}
    assert library.index.known_keys("cs", []) == set()


# --- its state ------------------------------------------------------------------------


def test_whether_the_last_run_was_killed(open_library: Open) -> None:
    library = open_library()
    library.begin_run("r1", NOW, 1)
    with library.index.transaction() as connection:
        connection.execute("UPDATE run SET finished = ?", (NOW.isoformat(),))
    assert not library.index.was_killed()
    library.begin_run("r2", NOW + timedelta(hours=1), 1)
    assert library.index.was_killed()
    with library.index.transaction() as connection:
        connection.execute("UPDATE run SET finished = ? WHERE run_id = 'r2'", (NOW.isoformat(),))
        connection.execute("UPDATE run SET finished = NULL WHERE run_id = 'r1'")
    assert not library.index.was_killed()  # long ago: what it left has been mended since


TRACES: dict[str, Callable[[Library], object]] = {
    "an article": lambda library: store(library, key="1"),
    "a run": lambda library: library.begin_run("r1", NOW, 1),
    "a list": lambda library: library.lists.open("cs", "UTC", [ListPage(f"{BASE}/", "要闻")]),
    "a debt": lambda library: library.frontier.close(Candidate("cs", "1", BASE), "HTTP 404", NOW, "gone"),
    "an intent": lambda library: library.index.connection.execute(
        "INSERT INTO intent VALUES (1, 'add', '', '', '', '')"
    ),
    "a change": lambda library: library.index.connection.execute(
        "INSERT INTO change (seq, op, source, key, url, path, sha256, at, fields) VALUES (1, 'lost', '', '', '', '', '', '', '{}')"
    ),
}


@pytest.mark.parametrize("leave", TRACES.values(), ids=list(TRACES))
def test_it_is_unused_until_something_is_left_in_it(open_library: Open, leave: Callable[[Library], object]) -> None:
    library = open_library()
    assert library.index.is_unused()
    leave(library)
    assert not library.index.is_unused()


def test_a_row_that_refers_to_nothing_is_refused(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    assert index.value("PRAGMA foreign_keys") == 1
    with pytest.raises(IndexFault, match="FOREIGN KEY"), index.transaction() as connection:
        connection.execute("INSERT INTO identity (source, key, article, rule) VALUES ('cs', '1', 99, 'own')")
    assert index.value("SELECT count(*) FROM identity") == 0


def test_an_index_that_was_moved_to_a_network_disk_has_no_log_there(tmp_path: Path) -> None:
    modes = []
    for on_network in (False, True, False):
        index = Index(tmp_path / "index.db", on_network=on_network)
        put(index, f"{on_network} {len(modes)}")
        modes.append((index.value("PRAGMA journal_mode"), (tmp_path / "index.db-wal").exists()))
        index.close()
    assert modes == [("wal", True), ("delete", False), ("wal", True)]


# --- transactions -------------------------------------------------------------------


def host(index: Index) -> str | None:
    return index.value("SELECT host FROM robots")


def put(index: Index, *steps: str | BaseException) -> None:
    with index.transaction() as connection:
        for step in steps:
            if isinstance(step, BaseException):
                raise step
            connection.execute("INSERT INTO robots VALUES (?, '', 200, '')", (step,))


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    with pytest.raises(KeyboardInterrupt):
        put(index, "a", KeyboardInterrupt())
    assert (host(index), index.connection.in_transaction) == (None, False)
    with pytest.raises(IndexFault, match="UNIQUE"):
        put(index, "a", "a")
    assert (host(index), index.connection.in_transaction) == (None, False)
    put(index, "a")
    assert host(index) == "a"
    assert not index.connection.in_transaction


def test_a_commit_that_waits_for_a_reader_is_taken_back(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db", patience=0.1, on_network=True)
    reader = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM robots").fetchall()
    with pytest.raises(IndexFault, match="another program has held it"):
        put(index, "a")
    assert not index.connection.in_transaction
    reader.execute("COMMIT")
    put(index, "b")
    assert index.rows("SELECT host FROM robots") == [("b",)]


def test_a_question_that_fails_is_a_fault_of_the_index(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    with pytest.raises(IndexFault, match="no such table: shelf"):
        index.rows("SELECT * FROM shelf")
    assert index.value("SELECT host FROM robots") is None


# --- beside a running crawl ------------------------------------------------------------


def test_an_overview_of_each_source(open_library: Open, tmp_path: Path) -> None:
    assert Index.overview(tmp_path / "nothing.db") == {}
    library = open_library()
    for key, source in (("1", "cs"), ("2", "cs"), ("3", "zqrb")):
        store(library, key=key, source=source, url=f"{BASE}/{key}")
    for key, state in (("4", "owed"), ("5", "quarantined"), ("6", "gone")):
        library.frontier.put_off(Candidate("cs", key, f"{BASE}/{key}"), "HTTP 500", NOW, state=state)  # type: ignore[arg-type]
    with library.index.transaction() as connection:
        for name in ("cs", "zqrb"):
            connection.execute("INSERT INTO source (name, title, first_run) VALUES (?, ?, '')", (name, name.upper()))
    told = Index.overview(tmp_path / "output/.state/index.db")
    assert {name: (row["documents"], row["owed"]) for name, row in told.items()} == {"cs": (2, 2), "zqrb": (1, 0)}


def test_an_overview_of_what_is_no_index_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "index.db").write_bytes(b"no database at all" * 300)
    with pytest.raises(IndexFault, match="it is no SQLite file"):
        Index.overview(tmp_path / "index.db")


# --- faults ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("SQLITE_FULL", DiskFull, "free some space"),
        ("SQLITE_IOERR_SHMSIZE", DiskFull, "free some space"),
        ("SQLITE_BUSY", IndexFault, "has held it for 7 s; close that program"),
        ("SQLITE_BUSY_SNAPSHOT", IndexFault, "has held it for 7 s; close that program"),
        ("SQLITE_NOTADB", IndexFault, "it is no SQLite file; `verify --rebuild-index`"),
        ("SQLITE_CORRUPT_INDEX", IndexFault, "it is damaged; `verify --rebuild-index`"),
        ("SQLITE_READONLY_DBMOVED", IndexFault, "it may not be written"),
        ("SQLITE_CANTOPEN", IndexFault, "it can not be opened"),
        ("SQLITE_IOERR_FSYNC", IndexFault, "its space and its health"),
        ("SQLITE_CONSTRAINT", IndexFault, "nothing was changed"),
        ("", IndexFault, "(no code); nothing was changed"),
    ],
)
def test_each_fault_has_its_advice(name: str, kind: type[Exception], advice: str) -> None:
    error = sqlite3.OperationalError("it failed")
    if name:
        error.sqlite_errorname = name
    fault = fault_of(Path("/here/index.db"), error, 7.2)
    assert type(fault) is kind
    assert advice in str(fault)
    assert "/here/index.db" in str(fault)
