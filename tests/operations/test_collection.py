"""`from crawler import Collection`: what another program gets, typed, beside a running crawl, with flat memory."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article, submission
from full_library import LATER, fill, render_truly
from newsroom import clean_environment

from crawler import Collection
from crawler.errors import IndexFault, UsageError
from crawler.operations.export import Wanted, export
from crawler.storage.disk import Disk
from crawler.storage.library import Library

FIRST = "cs/2026/10/2026-10-11-1001.md"
URL = "https://www.cs.com.cn/xwzx/202610/t20261011_{}.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import crawler, sys; print(sorted(name for name in sys.modules if name in sys.argv))"
    heavy = ["crawler.collection", "sqlite3", "scrapy", "w3lib", "trafilatura", "yaml"]
    done = subprocess.run(
        [sys.executable, "-c", code, *heavy], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_collection_loads_no_scrapy() -> None:
    code = "from crawler import Collection; import sys; print('scrapy' in sys.modules, 'twisted' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "False False\n"


def test_an_article_with_its_types(folder: Path) -> None:
    article = next(Collection(folder).articles())
    assert (article.source, article.key, article.style, article.revision, article.length) == (
        "cs",
        "1001",
        "archive",
        1,
        16,
    )
    assert (article.published, article.precision) == (datetime(2026, 10, 11, 9, 30, tzinfo=UTC), "minute")
    assert (article.day, article.fetched, article.first_seen) == (date(2026, 10, 11), NOW, NOW)
    assert (article.authors, article.images, article.section, article.withdrawn) == (("程竹",), (), "要闻", None)
    assert article.read() == (folder / FIRST).read_bytes()
    assert article.text() == "示例公司第1001号公告的正文。"
    assert article.front_matter()["title"] == "第1001号公告：示例公司披露季度数据"
    assert article.front_matter()["date"] == date(2026, 10, 11)
    assert article.state() == "stored"
    with pytest.raises(FrozenInstanceError):
        article.title = "x"  # type: ignore[misc]


def test_what_is_not_known_is_none(folder: Path) -> None:
    article = Collection(folder).article(URL.format(1003))
    assert article is not None
    assert (article.published, article.day, article.precision) == (None, None, "")


def test_a_document_that_a_person_removed_or_rewrote(folder: Path) -> None:
    first, _, revised, _ = Collection(folder).articles()
    (folder / first.path).unlink()
    (folder / revised.path).write_text("---\ntitle: [\n---\nmeine Notiz\n")
    assert (first.state(), revised.state()) == ("missing", "edited")
    with pytest.raises(FileNotFoundError, match="1001"):
        first.text()
    with pytest.raises(ValueError, match="1002"):
        revised.front_matter()
    assert "meine Notiz" in revised.text()


def test_which_articles(folder: Path) -> None:
    collection = Collection(folder)

    def keys(**wanted: Any) -> list[str]:
        return [article.key for article in collection.articles(**wanted)]

    assert keys() == ["1001", "1003", "1002", "1004"]
    assert keys(source="cs", since=date(2026, 10, 11)) == ["1001", "1003", "1002", "1004"]
    assert keys(since=date(2026, 10, 12)) == ["1003"]
    assert keys(source=["cs"], after=3) == ["1002", "1004"]
    assert keys(after=collection.cursor()) == []
    with pytest.raises(UsageError, match="nothing of 'nobody'"):
        keys(source="nobody")


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (URL.format(1001), "1001"),
        (URL.format(1001).replace("https", "http") + "?utm_source=x#top", "1001"),
        ("https://www.cs.com.cn/b", "1004"),  # met as another article's first, then its own
        (FIRST, "1001"),
        ("https://other.example/x", None),  # only the original of one
        ("https://www.cs.com.cn/nothing", None),
        ("cs/nothing.md", None),
        ("gaga", None),
    ],
)
def test_an_article_by_its_address_or_path(folder: Path, asked: str, key: str | None) -> None:
    article = Collection(folder).article(asked)
    assert (article.key if article else None) == key


def test_the_history_of_an_article(folder: Path) -> None:
    collection = Collection(folder)
    first, second = collection.history(URL.format(1002))
    assert (first.revision, first.text(), second.revision, second.text()) == (
        1, "示例公司第1002号公告的正文。", 2, "更正后的正文。",
    )  # fmt: skip
    assert collection.history(URL.format(77)) == []


def test_changes_from_a_cursor_on(folder: Path) -> None:
    collection = Collection(folder)
    seen = list(collection.changes())
    assert [(change.seq, change.op) for change in seen] == [
        (1, "add"), (2, "add"), (3, "add"), (4, "revise"), (5, "add"),
    ]  # fmt: skip
    assert (seen[-1].cursor, seen[-1].at, seen[-1].fields["title"]) == (collection.cursor(), LATER, "加塞的新闻")
    assert [change.seq for change in collection.changes(seen[2].cursor)] == [4, 5]
    with pytest.raises(UsageError, match="another collection"):
        collection.changes("ffff:1")


def test_following_gives_what_is_written_meanwhile(folder: Path) -> None:
    collection = Collection(folder)
    changes = collection.changes(4, follow=True)
    assert next(changes).seq == 5
    library = Library(Disk(folder))
    library.recover(LATER)
    library.store([submission(make_article("6006"), style="archive", render=render_truly)], LATER)
    assert next(changes).key == "6006"
    library.close()


def test_no_collection_and_an_older_one(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no collection"):
        Collection(tmp_path / "nowhere")
    library = Library(Disk(folder))
    library.index.connection.execute("PRAGMA user_version = 2")
    library.index.close()
    with pytest.raises(IndexFault, match="older Shiyi; the next crawl upgrades it"):
        list(Collection(folder).articles())


def test_it_reads_while_a_writer_holds_its_transaction_and_holds_up_none(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    articles = Collection(folder).articles()
    assert next(articles).key == "1001"
    with library.index.transaction() as connection:
        connection.execute("DELETE FROM unwritten")
        assert [change.seq for change in Collection(folder).changes()] == [1, 2, 3, 4, 5]
    # The log can be emptied: no reader stands in it, though two have begun to read.
    assert library.index.rows("PRAGMA wal_checkpoint(TRUNCATE)") == [(0, 0, 0)]
    assert [article.key for article in articles] == ["1003", "1002", "1004"]
    library.close()


def test_what_a_crawl_writes_meanwhile_is_no_persons_edit(folder: Path) -> None:
    article = Collection(folder).article(URL.format(1001))
    assert article is not None
    library = Library(Disk(folder))
    library.recover(LATER)
    revised = make_article("1001", text="更正。", html="<p>更正。</p>")
    library.store([submission(revised, style="archive", render=render_truly)], LATER)
    assert (article.text(), article.state()) == ("更正。", "stored")
    # A document that lies there already, while its change is not committed yet:
    placed = b"---\ntitle: x\n---\nx\n"
    intent = "INSERT INTO intent (op, path, sha256, temporary, shelved) VALUES ('revise', ?, ?, '', '{}')"
    with library.index.transaction() as connection:
        connection.execute(intent, (FIRST, hashlib.sha256(placed).hexdigest()))
    library.index.close()
    (folder / FIRST).write_bytes(placed)
    assert article.state() == "stored"
    (folder / FIRST).write_bytes(b"meine Notiz")
    assert article.state() == "edited"


# --- flat memory ------------------------------------------------------------------------

MANY = 20_000
BOUND = 10 << 20  # bytes; the rows are over 40 MB


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection whose index knows 20,000 articles; each of twenty paths has a document."""
    folder = tmp_path_factory.mktemp("large") / "output"
    library = Library(Disk(folder))
    library.recover(NOW)
    library.store([submission(make_article("0"), style="archive", render=render_truly)], NOW)
    with library.index.transaction() as connection:
        [row] = _dicts(connection, "SELECT * FROM article")
        [change] = _dicts(connection, "SELECT * FROM change")
        filler = json.dumps({**json.loads(change["fields"]), "evidence": {"body": "div." + "x" * 1500}})
        for number in range(1, MANY):
            key = {"key": f"{number}", "url": URL.format(number), "path": f"cs/2026/10/2026-10-11-{number}.md"}
            _insert(connection, "article", row | key | {"id": number + 1, "evidence": '{"x": "' + "y" * 500 + '"}'})
            _insert(connection, "change", change | key | {"seq": number + 1, "fields": filler})
    library.index.close()
    return folder


def _dicts(connection: Any, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    return [dict(zip([column[0] for column in cursor.description], row, strict=True)) for row in cursor]


def _insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _peak(act: Callable[[], int]) -> tuple[int, int]:
    tracemalloc.start()
    try:
        return act(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _count(rows: Iterator[Any]) -> int:
    return sum(1 for _ in rows)


def _exported(folder: Path, wanted: Wanted, mark: bytes) -> int:
    """How many articles were written, read with flat memory as well."""
    target = folder.parent / "exported"
    export(folder, wanted, str(target))
    with target.open("rb") as file:
        return sum(line.startswith(mark) for line in file)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda folder: _count(Collection(folder).articles(source="cs", since=date(2026, 1, 1))), MANY),
        (lambda folder: _count(Collection(folder).changes()), MANY),
        (lambda folder: _exported(folder, Wanted("jsonl", limit=5000), b"{"), 5000),
        (lambda folder: _exported(folder, Wanted("atom", limit=5000), b"<entry>"), 5000),
    ],
    ids=["articles", "changes", "jsonl", "atom"],
)
def test_memory_is_flat(large: Path, folder: Path, act: Callable[[Path], int], expected: int) -> None:
    act(folder)  # what is imported, is imported once
    number, peak = _peak(lambda: act(large))
    assert number == expected
    assert peak < BOUND


@pytest.mark.slow
def test_memory_is_flat_however_long_the_documents_are(tmp_path: Path) -> None:
    folder, long = tmp_path / "output", "长" * 100_000
    library = Library(Disk(folder))
    library.recover(NOW)
    for number in range(60):  # 18 MB, and as much again as HTML
        article = make_article(f"{number}", text=f"{number}{long}", html=f"<p>{number}{long}</p>")
        library.store([submission(article, render=render_truly)], NOW)
    library.close()
    _exported(folder, Wanted("jsonl", limit=1), b"{")
    number, peak = _peak(lambda: _exported(folder, Wanted("jsonl"), b"{"))
    assert number == 60
    assert peak < BOUND


def test_a_signal_leaves_no_half_file(large: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.jsonl"
    words = ["export", "--format", "jsonl", "--output", str(large), "--output-file", str(target)]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "crawler", *words], env=clean_environment(), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not list(tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err, list(tmp_path.iterdir())) == (1, "shiyi: interrupted\n", [])
