"""A lost index is made again from journal and documents, equal to the lost one; nothing is fetched or filed twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from broken_disk import FAULTS, every_call
from conftest import documents, make_article, submission
from full_library import LATER, TABLES, fill, killed_after, render_truly, rows_of
from in_memory import tmp_path as tmp_path

from crawler.errors import IndexFault
from crawler.models import Style, Verb
from crawler.storage.disk import Disk
from crawler.storage.journal_files import read
from crawler.storage.library import Library
from crawler.storage.rebuild import rebuild

Rows = dict[str, list[tuple[Any, ...]]]
INDEX = ".state/index.db"


def by_name(source: str, name: str, url: str) -> str:
    return name


def lose_index(folder: Path) -> None:
    for file in (folder / ".state").glob("index.db*"):
        file.unlink()


def state_of(folder: Path) -> Rows:
    library = Library(Disk(folder))
    rows = rows_of(library)
    library.index.close()
    return rows


def lines(folder: Path) -> dict[str, bytes]:
    return {file.name + file.parent.name: file.read_bytes() for file in (folder / ".state").rglob("*.ndjson")}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "output"
    fill(folder)
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """A collection of its own for each test."""
    return Path(shutil.copytree(filled, tmp_path / "output"))


@pytest.fixture(scope="module")
def lost_and_made_again(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, Rows]:
    folder = Path(shutil.copytree(filled, tmp_path_factory.mktemp("rebuilt") / "output"))
    before = state_of(folder)
    lose_index(folder)
    rebuild(Disk(folder), LATER, by_name)
    return before, state_of(folder)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_equal_to_the_lost_one(lost_and_made_again: tuple[Rows, Rows], table: str) -> None:
    before, after = lost_and_made_again
    assert after[table] == before[table]
    assert before[table] or table in ("intent", "unwritten", "story", "declared")  # stories: test_stories


def test_it_changes_no_document_and_no_line_of_the_journal(folder: Path) -> None:
    before = documents(folder), lines(folder)
    lose_index(folder)
    rebuild(Disk(folder), LATER, by_name)
    assert (documents(folder), lines(folder)) == before


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garble(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[4096:] = b"\xa5" * (len(raw) - 4096)
    file.write_bytes(raw)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "not a database": lambda file: file.write_bytes(b"no database at all" * 300),
    "cut off": cut,
    "page garbage": garble,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
def test_B4_B5_any_damage_ends_in_the_same_index_and_the_broken_one_is_kept(folder: Path, damage: Any) -> None:
    before = state_of(folder)
    damage(folder / INDEX)
    broken = (folder / INDEX).read_bytes() if (folder / INDEX).exists() else None
    made = rebuild(Disk(folder), LATER, by_name)
    assert state_of(folder) == before
    assert [(folder / place).read_bytes() for place in made.aside] == ([broken] if broken is not None else [])


def test_what_a_sound_index_has_not_told_yet_is_told_first(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    twin = make_article("3003", title=make_article("1001").title, text=make_article("1001").text)
    library.store([submission(twin)], LATER)
    library.index.close()  # as a crash leaves it: the alias is not in the journal
    rebuild(Disk(folder), LATER, by_name)
    assert Library(Disk(folder)).index.known_keys("cs", ["3003"]) == {"3003"}


def test_the_order_is_that_of_the_numbers_not_of_the_files(folder: Path) -> None:
    """A clock that was set back writes into the file of an earlier month."""
    library = Library(Disk(folder))
    long_ago = LATER - timedelta(days=400)
    library.recover(long_ago)
    revised = make_article("1001", text="又一次更正。", html="<p>又一次更正。</p>")
    library.store([submission(revised, style="archive", render=render_truly)], long_ago)
    library.close()
    before = state_of(folder)
    lose_index(folder)
    rebuild(Disk(folder), LATER, by_name)
    assert state_of(folder) == before


def test_the_log_of_the_old_index_never_meets_the_new_one(folder: Path) -> None:
    killed_after(folder, "2001", "2002")
    (folder / INDEX).unlink()
    log = (folder / f"{INDEX}-wal").read_bytes()
    made = rebuild(Disk(folder), LATER, by_name)
    assert log in [(folder / place).read_bytes() for place in made.aside]
    library = Library(Disk(folder))
    library.index.check("integrity_check")
    assert library.index.known_keys("cs", ["2001", "2002"]) == {"2001", "2002"}
    library.close()


def test_a_newer_index_is_never_replaced_by_an_older_program(folder: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(folder / INDEX)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (folder / INDEX).read_bytes()
    with pytest.raises(IndexFault, match="newer Shiyi \\(schema 99"):
        rebuild(Disk(folder), LATER, by_name)
    assert (folder / INDEX).read_bytes() == before


# --- documents without a journal ---------------------------------------------------


@pytest.mark.parametrize("style", ["hexo", "archive", "jekyll"])
def test_documents_alone_are_enough_to_know_what_is_there(tmp_path: Path, style: Style) -> None:
    folder = tmp_path / "output"
    fill(folder, style=style)
    before = documents(folder)
    shutil.rmtree(folder / ".state")
    made = rebuild(Disk(folder), LATER, by_name)
    assert sorted(made.adopted) == sorted(before)
    library = Library(Disk(folder))
    library.recover(LATER)
    known = {row[0] for row in library.index.rows("SELECT key FROM article WHERE source = 'cs'")}
    assert known == {"1001", "1002", "1003", "1004"}
    assert library.index.known_keys("cs", ["1001", "1004"]) == {"1001", "1004"}
    assert documents(folder) == before
    again = make_article("1001", authors=("程竹",), section="要闻", original_url="https://other.example/x")
    [outcome] = library.store([submission(again, style=style, render=render_truly)], LATER)
    assert outcome.decision.verb is Verb.UNCHANGED
    assert documents(folder) == before
    library.close()


def test_what_was_adopted_stands_in_the_journal_afterwards(folder: Path) -> None:
    shutil.rmtree(folder / ".state")
    rebuild(Disk(folder), LATER, by_name)
    before = state_of(folder)
    lose_index(folder)
    made = rebuild(Disk(folder), LATER, by_name)
    assert (made.adopted, state_of(folder)) == ((), before)


def test_a_document_whose_line_is_lost_takes_its_number(folder: Path) -> None:
    file = folder / ".state/journal/2026-10.ndjson"
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([whole[0], b'{"seq":2,"op":"a\n', *whole[2:]]))
    lose_index(folder)
    made = rebuild(Disk(folder), LATER, by_name)
    # 1002 was revised later (seq 4), so its row is whole; nothing but the number 2 is lost.
    assert (made.adopted, made.lost, made.broken) == ((), 1, ((".state/journal/2026-10.ndjson", len(whole[0])),))
    rows = state_of(folder)
    assert [row[0] for row in rows["change"]] == [1, 2, 3, 4, 5]
    assert len(rows["article"]) == 4
    reading = read(folder, {".state/journal/2026-10.ndjson": 0})
    assert reading.seqs == {1, 2, 3, 4, 5}  # a stand-in for the lost one is written, too


def test_foreign_files_and_copies_are_not_adopted(folder: Path) -> None:
    shutil.copy(folder / "cs/2026/10/2026-10-11-1001.md", folder / "cs/2026/10/2026-10-11-1001 copy.md")
    (folder / "cs/2026/10/2026-10-12-note.md").write_text("meine Notiz")
    (folder / "README.md").write_text("---\ntitle: x\n---\n")
    lose_index(folder)
    assert rebuild(Disk(folder), LATER, by_name).adopted == ()


# --- faults --------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
@pytest.mark.parametrize("with_journal", [True, False], ids=["journal", "documents alone"])
def test_K8_any_fault_at_any_call_costs_nothing_but_running_it_again(
    filled: Path, tmp_path: Path, fault: BaseException, with_journal: bool
) -> None:
    before = state_of(filled)
    kept = documents(filled)

    def act(number: int, disk: type[Disk]) -> None:
        folder = Path(shutil.copytree(filled, tmp_path / f"{number}"))
        if with_journal:
            garble(folder / INDEX)
        else:
            shutil.rmtree(folder / ".state")
        rebuild(disk(folder), LATER, by_name)

    for number, broke in every_call(fault, act):
        folder = tmp_path / f"{number}"
        if broke:
            rebuild(Disk(folder), LATER, by_name)
        rows = state_of(folder)
        assert documents(folder) == kept
        if with_journal:
            assert rows == before
            assert list((folder / ".state/quarantine").rglob("index.db")) != []
        else:
            assert len(rows["article"]) == 4
        assert rows["unwritten"] == []
        shutil.rmtree(folder)
