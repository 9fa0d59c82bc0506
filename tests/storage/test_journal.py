"""The journal tells all that the index knows, at no cost per article, and heals whatever is cut off it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article, submission
from full_library import LATER, candidate, fill
from in_memory import tmp_path as tmp_path

from crawler.errors import IndexFault
from crawler.storage.disk import Disk
from crawler.storage.journal_audit import look_over_journal
from crawler.storage.library import Library
from crawler.storage.rebuild import rebuild

CHANGES, NOTES = ".state/journal/2026-10.ndjson", ".state/notes/2026-10.ndjson"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "output"
    fill(folder)
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "output"))


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def reopen(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    library.close()


def troubles(folder: Path) -> list[str]:
    library = Library(Disk(folder))
    found = [f"{trouble.place}: {trouble.what}" for trouble in look_over_journal(folder, library.index.connection)]
    library.index.close()
    return found


def test_it_tells_everything_that_the_index_knows(folder: Path) -> None:
    assert troubles(folder) == []
    assert Counter(line["op"] for line in lines(folder / CHANGES)) == {"add": 4, "revise": 1}
    assert Counter(line["op"] for line in lines(folder / NOTES)) == {
        "notes": 1, "debt": 4, "settled": 1, "alias": 2, "address": 1, "list": 2, "source": 2, "run": 2, "gap": 2,
    }  # fmt: skip


def test_an_id_that_came_with_an_article_stands_in_its_own_line(folder: Path) -> None:
    assert [line["keys"] for line in lines(folder / CHANGES) if line["key"] == "1004"] == [["44"]]


def test_notes_cost_one_append_a_run_and_none_without_news(folder: Path) -> None:
    appended: list[str] = []

    class Counting(Disk):
        def _append(self, path: Path, content: bytes) -> None:
            appended.append(path.parent.name)
            super()._append(path, content)

    library = Library(Counting(folder))
    library.recover(LATER)
    for number in range(50):
        library.frontier.put_off(candidate(f"5{number}"), "HTTP 500", LATER)
        library.store([submission(make_article("1001", original_url=""), settles=(f"x{number}",))], LATER)
    library.close()
    assert appended == ["notes"]
    reopen(folder)
    assert appended == ["notes"]


def test_a_debt_that_is_paid_in_the_same_run_is_never_told(folder: Path) -> None:
    before = (folder / NOTES).read_bytes()
    library = Library(Disk(folder))
    library.recover(LATER)
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [candidate("1005")], LATER)
    library.store([submission(make_article("1005"))], LATER)
    library.close()
    assert (folder / NOTES).read_bytes() == before


def test_notes_that_a_crash_has_left_out_are_told_at_the_next_start(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    library.frontier.close(candidate("66"), "HTTP 410", LATER, "gone")
    library.index.close()  # no `close`: the process died
    reopen(folder)
    assert [line["state"] for line in lines(folder / NOTES) if line.get("key") == "66"] == ["gone"]


# --- damage -------------------------------------------------------------------------


def cut_line(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        whole = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(whole[:-1]) + whole[-1][:30])

    return spoil


def zeroed_tail(folder: Path) -> None:
    """As a power cut leaves a file that was longer than its data."""
    with (folder / CHANGES).open("ab") as file:
        file.write(b"\0" * 5000)


@pytest.mark.parametrize(
    "spoil",
    [
        cut_line(CHANGES),
        cut_line(NOTES),
        zeroed_tail,
        lambda folder: (folder / CHANGES).unlink(),
        lambda folder: (folder / NOTES).unlink(),
        lambda folder: shutil.rmtree(folder / ".state/journal"),
        lambda folder: (folder / CHANGES).write_bytes(b""),
    ],
    ids=["torn change", "torn note", "zeros", "no changes", "no notes", "no folder", "emptied"],
)
def test_what_is_cut_off_is_written_again_at_the_next_start(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    reopen(folder)
    assert troubles(folder) == []
    assert sorted(line["seq"] for line in lines(folder / CHANGES)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'{"seq":3,', b'{"seq":3;', ["the line at byte", "1 changes of the index are missing: 3"]),
        (b'{"seq":3,', b'{"seq":30,', ["1 changes of the index are missing: 3", "1 changes are not in the index: 30"]),
        (b'cs/undated/1003.md"', b'cs/undated/9999.md"', ["1 changes differ from the index: 3"]),
    ],
    ids=["no JSON", "another number", "another path"],
)
def test_damage_in_the_middle_is_named(folder: Path, old: bytes, new: bytes, told: list[str]) -> None:
    (folder / CHANGES).write_bytes((folder / CHANGES).read_bytes().replace(old, new, 1))
    found = [what for what in troubles(folder) if " ids " not in what and "addresses" not in what]
    assert [part in what for part, what in zip(told, found, strict=True)] == [True] * len(told)


def test_a_journal_of_a_newer_program_is_refused(folder: Path) -> None:
    (folder / NOTES).write_bytes((folder / NOTES).read_bytes().replace(b'"version":1', b'"version":9', 1))
    (folder / ".state/index.db").unlink()
    with pytest.raises(IndexFault, match="version 9, this program knows 1"):
        rebuild(Disk(folder), NOW, lambda source, name, url: name)
