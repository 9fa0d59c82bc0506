"""The journal's files line by line, and what a start makes of them: lines that a mutation run found unguarded."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.errors import IndexFault
from crawler.models import Candidate
from crawler.storage.disk import Disk
from crawler.storage.journal_files import VERSION, Event, byte_at, files, lines_of, read, torn_at
from crawler.storage.library import Library

Open = Callable[..., Library]
CHANGES, NOTES = ".state/journal/2026-10.ndjson", ".state/notes/2026-10.ndjson"


# --- the files as they stand -----------------------------------------------------------


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 1 << 16])
@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"a", 0),
        (b"ab\n", 3),
        (b"ab\nc", 3),
        (b"ab\ncd\nefg", 6),
        (b"\n\n", 2),
        (b"\nabcdefgh", 1),
    ],
)
def test_where_the_last_whole_line_ends(tmp_path: Path, content: bytes, whole: int, step: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert torn_at(file, step) == (len(content), whole)


def test_one_byte(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"ab\n")
    assert [byte_at(tmp_path / "file", place) for place in range(4)] == [b"a", b"b", b"\n", b""]


def test_changes_before_notes_and_the_oldest_first(tmp_path: Path) -> None:
    for name in ("notes/2026-10", "journal/2026-11", "journal/2026-02", "notes/2025-12"):
        file = tmp_path / ".state" / f"{name}.ndjson"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    (tmp_path / ".state/journal/2026-11.ndjson~").write_bytes(b"")
    assert [name.removeprefix(".state/").removesuffix(".ndjson") for name in files(tmp_path)] == [
        *("journal/2026-02", "journal/2026-11", "notes/2025-12", "notes/2026-10"),
    ]


def test_the_order_of_lines_and_what_can_not_be_read(tmp_path: Path) -> None:
    changes = [
        '{"op":"add","seq":1}', '{"op":"add","seq":3}', '{"op":"add","seq":0}', '{"op":"add","seq":"4"}', "[]", "{",
        '{"op":7,"seq":5}', '{"seq":6}', '{"op":"add","seq":2}',
    ]  # fmt: skip
    notes = [
        f'{{"op":"notes","version":{VERSION}}}',
        '{"op":"debt","after":0}',
        '{"op":"debt","after":null}',
        '{"op":"run"}',
    ]
    for name, lines in ((CHANGES, changes), (NOTES, notes)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    places = {name: [0] for name in (CHANGES, NOTES)}
    for name, lines in ((CHANGES, changes), (NOTES, notes)):
        for line in lines:
            places[name].append(places[name][-1] + len(line) + 1)
    reading = read(tmp_path, {CHANGES: 0, NOTES: 0})
    assert reading.seqs == {1, 2, 3}
    assert reading.events == [
        Event(1, False, CHANGES, 0),
        Event(3, False, CHANGES, places[CHANGES][1]),
        Event(2, False, CHANGES, places[CHANGES][8]),
        Event(0, True, NOTES, places[NOTES][1]),
        Event(0, True, NOTES, places[NOTES][3]),
    ]
    assert reading.broken == [*((CHANGES, place) for place in places[CHANGES][2:8]), (NOTES, places[NOTES][2])]
    # A change stands before the notes that came after it.
    assert [event.after for event in sorted(reading.events)] == [0, 0, 1, 2, 3]
    assert sorted([Event(2, True, NOTES, 0), Event(2, False, CHANGES, 9)])[0].is_note is False
    from_the_second = read(tmp_path, {CHANGES: places[CHANGES][1]})
    assert from_the_second.seqs == {2, 3}
    assert [place for place, _ in lines_of(tmp_path / CHANGES, places[CHANGES][7])] == places[CHANGES][7:9]


@pytest.mark.parametrize(("version", "is_newer"), [(VERSION, False), (VERSION + 1, True)])
def test_notes_of_a_newer_program_are_refused(tmp_path: Path, version: int, is_newer: bool) -> None:
    (tmp_path / NOTES).parent.mkdir(parents=True)
    (tmp_path / NOTES).write_text(f'{{"op":"notes","version":{version}}}\n')
    if is_newer:
        with pytest.raises(IndexFault, match=f"version {version}, this program knows {VERSION}"):
            read(tmp_path, {NOTES: 0})
    else:
        assert read(tmp_path, {NOTES: 0}).broken == []


# --- during a run -------------------------------------------------------------------------


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def owe(library: Library, key: str) -> None:
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [Candidate("cs", key, f"https://www.cs.com.cn/{key}")], NOW)


def recorded(library: Library) -> dict[str, tuple[int, int]]:
    return {name: (size, seq) for name, size, seq in library.index.rows("SELECT name, size, seq FROM journal_file")}


def test_each_month_has_its_file_and_the_index_knows_how_far(open_library: Open, tmp_path: Path) -> None:
    folder = tmp_path / "output"
    library = open_library()
    november = datetime(2026, 11, 1, tzinfo=UTC)
    for key, now in (("1", NOW), ("2", november), ("3", NOW), ("4", november)):
        library.store([submission(make_article(key))], now)
    library.close()
    seqs = {
        month: [line["seq"] for line in lines(folder, f".state/journal/{month}.ndjson")]
        for month in ("2026-10", "2026-11")
    }
    assert seqs == {"2026-10": [1, 3], "2026-11": [2, 4]}
    library = open_library()
    sizes = {name: ((folder / name).stat().st_size, seq) for name, (_, seq) in recorded(library).items()}
    assert recorded(library) == sizes
    assert {name: seq for name, (_, seq) in sizes.items()} == {CHANGES: 3, CHANGES.replace("10", "11"): 4, NOTES: 0}


def test_the_head_of_the_notes_names_the_collection_once(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    id_ = library.index.value("SELECT id FROM collection")
    assert lines(tmp_path / "output", NOTES) == [{"op": "notes", "version": VERSION, "collection": id_}]
    owe(library, "7")
    library.close()
    assert [line["op"] for line in lines(tmp_path / "output", NOTES)] == ["notes", "debt"]
    library = open_library()
    owe(library, "8")
    library.journal.tell(NOW + timedelta(days=31))
    in_november = lines(tmp_path / "output", NOTES.replace("10", "11"))
    assert [line["op"] for line in in_november] == ["notes", "debt"]
    assert library.index.rows("SELECT key FROM frontier WHERE noted = 0") == []
    assert library.index.rows("SELECT * FROM unwritten") == []


def test_the_name_of_a_new_file_is_durable_once(tmp_path: Path) -> None:
    synced: list[str] = []

    class Watched(Disk):
        def _sync_folder(self, path: Path) -> None:
            synced.append(path.name)
            super()._sync_folder(path)

    library = Library(Watched(tmp_path / "output"))
    library.recover(NOW)
    for key, expected in (("1", 1), ("2", 0)):
        synced.clear()
        library.store([submission(make_article(key))], NOW)
        assert synced.count("journal") == expected
    library.close()


# --- at the start ---------------------------------------------------------------------------


def test_a_start_tells_what_is_missing_in_the_order_of_the_numbers(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article(f"{key}")) for key in range(3)], NOW)
    library.close()
    (tmp_path / "output" / CHANGES).unlink()
    library = open_library()
    assert [line["seq"] for line in lines(tmp_path / "output", CHANGES)] == [1, 2, 3]
    told = lines(tmp_path / "output", CHANGES)[0]
    assert list(told)[:5] == ["seq", "op", "at", "path", "sha256"]
    assert (told["key"], told["title"], told["op"]) == ("0", make_article("0").title, "add")


def test_many_missing_lines_are_written_in_parts(
    open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library()
    library.store([submission(make_article(f"{key}")) for key in range(5)], NOW)
    library.close()
    (tmp_path / "output" / CHANGES).unlink()
    monkeypatch.setattr("crawler.storage.journal.BATCH", 2)
    open_library()
    assert [line["seq"] for line in lines(tmp_path / "output", CHANGES)] == [1, 2, 3, 4, 5]


def test_what_a_start_takes_back_is_counted(
    open_library: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "output"
    open_library().store([submission(make_article("1"))], NOW)
    open_library().close()
    before = (folder / ".state/index.db").read_bytes()
    library = open_library()
    library.store([submission(make_article("2")), submission(make_article("3"))], NOW)
    library.index.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.index.close()
    (folder / ".state/index.db").write_bytes(before)
    again = Library(Disk(folder))
    with caplog.at_level(logging.WARNING):
        assert again.journal.take_back(NOW) == 2
    assert "the index had lost 2 changes" in caplog.text
    caplog.clear()
    assert again.journal.take_back(NOW) == 0
    assert caplog.text == ""
    again.journal.complete(NOW)
    assert [line["seq"] for line in lines(folder, CHANGES)] == [1, 2, 3]
    again.close()


def test_a_hole_in_what_was_durable_stays_and_its_change_is_told_again(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article(key)) for key in ("1", "2", "3")], NOW)
    library.close()
    file = tmp_path / "output" / CHANGES
    spoiled = file.read_bytes().replace(b'{"seq":2,', b'{"seq":2;', 1)
    file.write_bytes(spoiled)
    library = open_library()
    assert file.read_bytes() == spoiled  # a start reads only what is new
    library.journal.distrust()
    library.recover(NOW)
    assert file.read_bytes().startswith(spoiled)
    assert [json.loads(line)["seq"] for line in file.read_bytes()[len(spoiled) :].splitlines()] == [2]


NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
IN_NOVEMBER = CHANGES.replace("10", "11")


@pytest.fixture
def killed(open_library: Open, tmp_path: Path) -> Path:
    """A run stored 1 to 4 and 5, 6 in the month after, and died: nothing of it is known to be durable."""
    folder = tmp_path / "output"
    library = open_library()
    for keys, now in (("1234", NOW), ("56", NOVEMBER)):
        library.store([submission(make_article(key)) for key in keys], now)
    library.index.close()
    return folder


def spoil(file: Path, *numbers: int) -> None:
    """Lines as a power cut leaves blocks that were never written."""
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(
        b"".join(b"\0" * (len(line) - 1) + b"\n" if at in numbers else line for at, line in enumerate(whole, 1))
    )


@pytest.mark.parametrize("holes", [(2,), (2, 3), (1,), (4,), (1, 4)], ids=str)
def test_a_hole_in_what_a_killed_run_wrote_is_cut_and_told_again(killed: Path, holes: tuple[int, ...]) -> None:
    november = (killed / IN_NOVEMBER).read_bytes()
    spoil(killed / CHANGES, *holes)
    library = Library(Disk(killed))
    library.recover(NOW)
    assert [line["seq"] for line in lines(killed, CHANGES)] == [1, 2, 3, 4]
    assert (killed / IN_NOVEMBER).read_bytes() == november
    assert recorded(library) == {
        CHANGES: ((killed / CHANGES).stat().st_size, 4),
        IN_NOVEMBER: (len(november), 6),
        NOTES: ((killed / NOTES).stat().st_size, 0),
    }
    library.close()


def test_a_hole_in_the_notes_is_cut_and_all_is_told_again(open_library: Open, tmp_path: Path) -> None:
    folder = tmp_path / "output"
    library = open_library()
    for key in ("7", "8", "9"):
        owe(library, key)
        library.journal.tell(NOW)
    library.index.connection.execute("DELETE FROM journal_file")  # as if none of it were known to be durable
    library.index.close()
    spoil(folder / NOTES, 2)
    open_library().close()
    assert {line["key"] for line in lines(folder, NOTES) if line["op"] == "debt"} == {"7", "8", "9"}


def test_nothing_behind_a_hole_is_cut_that_the_index_has_not(killed: Path, caplog: pytest.LogCaptureFixture) -> None:
    spoil(killed / CHANGES, 2)
    with (killed / CHANGES).open("ab") as file:
        file.write(b'{"op":"add","seq":9,"source":"cs","key":"9"}\n')  # says too little to be used
    before = (killed / CHANGES).read_bytes()
    library = Library(Disk(killed))
    with caplog.at_level(logging.WARNING):
        library.recover(NOW)
    assert (killed / CHANGES).read_bytes().startswith(before)
    place = before.index(b"\0")
    assert f"{CHANGES}: the line at byte {place} can not be read; run verify" in caplog.text
    library.close()


def test_a_change_that_only_a_hole_knew_gets_a_stand_in(open_library: Open, tmp_path: Path) -> None:
    folder = tmp_path / "output"
    open_library().store([submission(make_article("1"))], NOW)
    open_library().close()
    before = (folder / ".state/index.db").read_bytes()
    library = open_library()
    library.store([submission(make_article(key)) for key in "234"], NOW)
    library.index.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.index.close()
    (folder / ".state/index.db").write_bytes(before)  # it has lost its last commits,
    spoil(folder / CHANGES, 2)  # and the first of them has lost its line
    again = Library(Disk(folder))
    again.recover(NOW)
    assert again.index.rows("SELECT seq, op, key FROM change ORDER BY seq") == [
        *((1, "add", "1"), (2, "lost", ""), (3, "add", "3"), (4, "add", "4")),
    ]
    assert [(line["seq"], line["op"]) for line in lines(folder, CHANGES)] == [
        *((1, "add"), (2, "lost"), (3, "add"), (4, "add")),
    ]
    again.close()


def test_a_start_without_news_writes_nothing(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1"))], NOW)
    open_library()
    library = open_library()
    library.journal.tell(NOW)
    assert library.index.connection.total_changes == 0


def test_a_file_that_is_as_long_but_ends_in_a_line_is_not_trusted(open_library: Open, tmp_path: Path) -> None:
    """A file that came back shorter and has grown again: the place up to which it is known is inside a line."""
    folder = tmp_path / "output"
    library = open_library()
    library.store([submission(make_article(key)) for key in ("1", "2")], NOW)
    library.close()
    file = folder / CHANGES
    first, second = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + b" " * 10 + second)
    open_library().close()
    assert sorted(line["seq"] for line in lines(folder, CHANGES)) == [1, 2]
    os.truncate(file, len(first))
    open_library().close()
    assert [line["seq"] for line in lines(folder, CHANGES)] == [1, 2]
