"""Lines of the journal back into rows, one by one: what a mutation run found unguarded."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article
from in_memory import tmp_path as tmp_path

from crawler.storage import filing
from crawler.storage.fields import article_fields
from crawler.storage.index import Index
from crawler.storage.journal_files import files, read
from crawler.storage.replay import fill_gaps, replay, replay_change, replay_note

AT, LATER = NOW.isoformat(), "2026-10-12T14:00:00+00:00"
LIST = "https://www.cs.com.cn/xwzx/"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as index:
        yield index


def change(seq: int, key: str = "1", **changes: Any) -> dict[str, Any]:
    article = make_article(key)
    line = {
        "seq": seq,
        "op": "add",
        "at": AT,
        "path": f"cs/{key}.md",
        "sha256": f"{seq}",
        **article_fields(article),
        "fingerprint": "1:x",
        "style": "hexo",
        "first_seen": AT,
        "revision": 1,
        "keys": [],
        "written": 7,
    }
    return {**line, **changes}


def add(index: Index, *lines: dict[str, Any]) -> list[bool]:
    with index.transaction() as connection:
        return [replay_change(connection, line) for line in lines]


def note(index: Index, *lines: dict[str, Any]) -> None:
    with index.transaction() as connection:
        for line in lines:
            replay_note(connection, line)


def owe(index: Index, source: str, key: str) -> None:
    index.connection.execute(
        "INSERT INTO frontier (source, key, url, candidate, found, state, due) VALUES (?, ?, '', '', '', 'owed', '')",
        (source, key),
    )


def debts(index: Index) -> list[tuple[Any, ...]]:
    return index.rows("SELECT source, key FROM frontier ORDER BY source, key")


# --- changes ------------------------------------------------------------------------------


def test_a_change_is_taken_once(index: Index) -> None:
    assert add(index, change(1), change(1, "2"), change(2, "2")) == [True, False, True]
    assert index.rows("SELECT key, title FROM article ORDER BY key") == [
        ("1", make_article("1").title),
        ("2", make_article("2").title),
    ]


def test_a_change_that_was_lost_in_the_middle_does_not_undo_a_later_one(index: Index) -> None:
    add(index, change(1), change(3, op="revise", title="更正", revision=3), change(4, "2"))
    add(index, change(2, op="revise", title="旧", revision=2), change(5, "1", source="zqrb", path="zqrb/1.md"))
    assert index.rows("SELECT source, title, revision FROM article WHERE key = '1' ORDER BY source") == [
        ("cs", "更正", 3),
        ("zqrb", make_article("1").title, 1),
    ]
    assert index.rows("SELECT seq, op FROM change ORDER BY seq") == [
        *((1, "add"), (2, "revise"), (3, "revise"), (4, "add"), (5, "add")),
    ]


def test_a_change_that_was_lost_in_the_middle_is_filed_if_nothing_later_is_known_of_its_article(index: Index) -> None:
    add(index, change(1), change(3, "3"), change(4, "2", source="zqrb", path="zqrb/2.md"))
    add(index, change(2, "2"))
    assert index.rows("SELECT source, key FROM article ORDER BY path") == [
        *(("cs", "1"), ("cs", "2"), ("cs", "3"), ("zqrb", "2")),
    ]


def test_numbers_without_lines_get_stand_ins(index: Index) -> None:
    add(index, change(2), change(5, "2"))
    with index.transaction() as connection:
        assert fill_gaps(connection, LATER) == 3
        assert fill_gaps(connection, LATER) == 0
    assert index.rows("SELECT seq, op, at, source, key FROM change ORDER BY seq") == [
        (1, "lost", LATER, "", ""),
        (2, "add", AT, "cs", "1"),
        (3, "lost", LATER, "", ""),
        (4, "lost", LATER, "", ""),
        (5, "add", AT, "cs", "2"),
    ]
    assert index.value("SELECT count(*) FROM article") == 2
    with closing(sqlite3.connect(":memory:")) as nothing:
        nothing.execute("CREATE TABLE change (seq)")
        assert fill_gaps(nothing, LATER) == 0


def test_a_stand_in_is_read_back_as_one(index: Index) -> None:
    line = {"seq": 1, "op": "lost", "at": LATER, "source": "", "key": "", "url": "", "path": "", "sha256": ""}
    assert add(index, line) == [True]
    assert index.rows("SELECT seq, op, at FROM change") == [(1, "lost", LATER)]
    assert index.value("SELECT count(*) FROM article") == 0


def test_what_its_site_took_away_and_what_stands_again(index: Index) -> None:
    add(index, change(1), change(2, "2"), change(3, "1", source="zqrb", path="zqrb/1.md"))
    gone = {
        name: value for name, value in change(4, "1", op="withdraw", at=LATER).items() if name in ("seq", "op", "at")
    }
    told = {"path": "cs/1.md", "sha256": "1", "source": "cs", "key": "1", "url": "", "reason": "HTTP 410"}
    withdrawn = "SELECT source, key, withdrawn FROM article ORDER BY id"
    assert add(index, {**gone, **told}) == [True]
    assert index.rows(withdrawn) == [("cs", "1", LATER), ("cs", "2", ""), ("zqrb", "1", "")]
    add(index, {**gone, **told, "seq": 5, "key": "2"}, {**gone, **told, "seq": 6, "source": "zqrb"})
    add(index, {**gone, **told, "seq": 7, "op": "revise"})  # it is there again, with the text that it had
    assert index.rows(withdrawn) == [("cs", "1", ""), ("cs", "2", LATER), ("zqrb", "1", LATER)]
    add(index, change(8, "2", op="revise", title="更正"))  # so is this, with a new one
    assert index.rows(withdrawn) == [("cs", "1", ""), ("cs", "2", ""), ("zqrb", "1", LATER)]
    assert index.rows("SELECT seq, op FROM change WHERE seq > 3") == [
        *((4, "withdraw"), (5, "withdraw"), (6, "withdraw"), (7, "revise"), (8, "revise")),
    ]


# --- notes ----------------------------------------------------------------------------------


def test_further_ids_and_addresses(index: Index) -> None:
    add(index, change(1), change(2, "2"))
    owe(index, "cs", "77")
    owe(index, "cs", "88")
    owe(index, "zqrb", "77")
    alias = {"op": "alias", "source": "cs", "key": "77", "article": "1", "rule": "same-text"}
    address = {"op": "address", "source": "cs", "url": f"{LIST}b", "article": "1", "kind": "met", "first_seen": AT}
    note(index, alias, address, {**address, "article": "2", "kind": "canonical"}, alias)
    assert index.rows(
        "SELECT i.key, a.key, i.rule FROM identity i JOIN article a ON a.id = i.article ORDER BY i.key"
    ) == [
        *(("1", "1", "own"), ("2", "2", "own"), ("77", "1", "same-text")),
    ]
    assert index.rows(
        "SELECT a.key, d.kind, d.first_seen FROM address d JOIN article a ON a.id = d.article WHERE d.url = ?",
        (f"{LIST}b",),
    ) == [("2", "canonical", AT)]
    assert debts(index) == [("cs", "88"), ("zqrb", "77")]
    for line in (alias, address):
        for wrong in ({"source": "zqrb"}, {"article": "9"}):
            with pytest.raises(KeyError):
                replay_note(index.connection, line | wrong)


def test_debts_and_what_settles_them(index: Index) -> None:
    debt = {
        "op": "debt",
        "source": "cs",
        "key": "7",
        "url": f"{LIST}7",
        "candidate": {"key": "7", "title": "标题"},
        "found": AT,
        "state": "quarantined",
        "tries": 2,
        "due": LATER,
        "reason": "HTTP 500",
    }
    note(index, debt, {**debt, "key": "8"}, {**debt, "source": "zqrb"}, {**debt, "tries": 3})
    row = "SELECT candidate, found, state, tries, due, reason, noted FROM frontier WHERE source = 'cs' AND key = '7'"
    assert index.rows(row) == [('{"key":"7","title":"标题"}', AT, "quarantined", 3, LATER, "HTTP 500", 1)]
    note(index, {"op": "settled", "source": "cs", "key": "7"})
    assert debts(index) == [("cs", "8"), ("zqrb", "7")]


def test_what_lists_showed(index: Index) -> None:
    line = {"op": "list", "source": "cs", "url": LIST, "section": "要闻", "poll": 1, "last_new": AT}
    came = [["1", AT, AT, 1, "2026-10-11", "day"], ["2", AT, AT, 1, "", ""], ["3", AT, AT, 1, "", ""]]
    note(index, {**line, "url": f"{LIST}other", "came": [came[0]], "shown": {AT: ["1"]}})
    note(index, {**line, "came": came, "shown": {AT: ["1", "2", "3"]}})
    note(
        index,
        {
            **line,
            "poll": 2,
            "last_new": LATER,
            "came": [["1", LATER, LATER, 2, "", ""]],
            "shown": {LATER: ["1"], AT: ["2"]},
        },
    )
    assert index.rows("SELECT url, section, poll, last_new FROM list ORDER BY url") == [
        (LIST, "要闻", 2, LATER),
        (f"{LIST}other", "要闻", 1, AT),
    ]
    shown = (
        "SELECT key, first_seen, last_seen, s.poll, published, precision FROM sighting s JOIN list l ON l.id = s.list"
    )
    assert index.rows(f"{shown} WHERE l.url = ? ORDER BY key", (LIST,)) == [
        ("1", AT, LATER, 2, "2026-10-11", "day"),
        ("2", AT, AT, 2, "", ""),
        ("3", AT, AT, 1, "", ""),
    ]
    assert index.rows(f"{shown} WHERE l.url != ?", (LIST,)) == [("1", AT, AT, 1, "2026-10-11", "day")]


def test_runs_and_sources(index: Index) -> None:
    run = {"op": "run", "run_id": "r1", "started": AT, "finished": None, "pid": 42, "exit_code": None, "report": ""}
    report = {"run_id": "r1", "sources": [{"name": "中证网"}]}
    note(index, run, {**run, "run_id": "r2"}, {**run, "finished": LATER, "exit_code": 0, "report": report})
    assert index.rows("SELECT run_id, finished, pid, exit_code, report FROM run ORDER BY run_id") == [
        ("r1", LATER, 42, 0, json.dumps(report, ensure_ascii=False)),
        ("r2", None, 42, None, ""),
    ]
    source = {
        "op": "source",
        "name": "cs",
        "title": "中证网",
        "first_run": AT,
        "last_run": AT,
        "last_verdict": "ok",
        "last_reason": "",
        "last_new": AT,
    }
    note(index, source, {**source, "last_verdict": "failing", "last_reason": "timeout"})
    assert index.rows("SELECT name, title, last_verdict, last_reason FROM source") == [
        ("cs", "中证网", "failing", "timeout")
    ]


def test_a_spoiled_document_is_known_to_be_none(index: Index) -> None:
    add(index, change(1), change(2, "2"), change(3, "1", source="zqrb", path="zqrb/1.md"))
    note(index, {"op": "damaged", "source": "cs", "key": "1"})
    assert index.rows("SELECT source, key, sha256, fingerprint FROM article ORDER BY id") == [
        *(("cs", "1", "", ""), ("cs", "2", "2", "1:x"), ("zqrb", "1", "3", "1:x")),
    ]


def test_a_note_of_a_kind_that_is_not_known_is_left_out(index: Index) -> None:
    before = index.rows("SELECT name FROM sqlite_master"), index.connection.total_changes
    note(index, {"op": "weather", "source": "cs"})
    assert (index.rows("SELECT name FROM sqlite_master"), index.connection.total_changes) == before


# --- whole files ------------------------------------------------------------------------------


def write(root: Path, name: str, *lines: dict[str, Any]) -> None:
    file = root / ".state" / f"{name}.ndjson"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_lines_are_taken_in_their_order_and_a_bad_one_alone_is_left_out(
    index: Index, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alias = {"op": "alias", "after": 2, "source": "cs", "key": "77", "article": "2", "rule": "own"}
    # The second has no title column's worth of fields, the third wants a path that is taken: half of it is done by then.
    no_fields = {"seq": 3, "op": "add", "source": "cs", "key": "3", "fetched": AT}
    write(tmp_path, "journal/2026-10", change(2, "2"), no_fields, change(5, "5", path="cs/2.md"), change(6, "6"))
    write(tmp_path, "journal/2026-09", change(1))
    write(tmp_path, "notes/2026-09", {**alias, "after": 1, "article": "nothing"}, alias)
    reading = read(tmp_path, dict.fromkeys(files(tmp_path), 0))
    with index.transaction() as connection, caplog.at_level(logging.WARNING):
        assert replay(connection, tmp_path, reversed(reading.events)) == 3
    assert index.rows("SELECT key FROM article ORDER BY key") == [("1",), ("2",), ("6",)]
    assert index.rows("SELECT seq FROM change ORDER BY seq") == [(1,), (2,), (6,)]
    assert index.rows("SELECT key FROM identity ORDER BY key") == [("1",), ("2",), ("6",), ("77",)]
    assert caplog.text.count("can not be used") == 3
    assert ".state/notes/2026-09.ndjson: the line at byte 0 can not be used" in caplog.text


def test_a_fault_of_the_disk_is_not_taken_for_a_bad_line(index: Index, tmp_path: Path) -> None:
    write(tmp_path, "journal/2026-10", change(1))
    reading = read(tmp_path, dict.fromkeys(files(tmp_path), 0))
    index.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        replay(index.connection, tmp_path, reading.events)


def test_a_change_pays_the_debt_that_the_notes_told_before(index: Index, tmp_path: Path) -> None:
    owe(index, "cs", "1")
    owe(index, "cs", "2")
    add(index, change(1, keys=["2"]))
    assert debts(index) == []
    assert filing.addresses_of(change(1), "canonical") != {}
    assert index.rows("SELECT key, rule FROM identity ORDER BY key") == [("1", "own"), ("2", "own")]
