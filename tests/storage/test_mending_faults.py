"""Faults in the mending itself (K8), disks of other kinds, and losses that need two faults at once."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from broken_disk import BAD, FULL, Died, Half, breaking_disk
from conftest import NOW, documents, make_article, submission
from full_library import LATER, fill, killed_after, render_truly
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskFull, StorageError
from crawler.models import Verb
from crawler.storage.audit import Scope, audit
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from crawler.storage.rebuild import rebuild
from crawler.storage.repair import repair

INDEX, CHANGES, NOTES = ".state/index.db", ".state/journal/2026-10.ndjson", ".state/notes/2026-10.ndjson"
FIRST = "cs/2026/10/2026-10-11-1001.md"
CORRECTED = {"text": "更正后的正文。", "html": "<p>更正后的正文。</p>"}


def by_name(source: str, name: str, url: str) -> str:
    return name


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "output"
    fill(folder)
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "output"))


def faults(folder: Path) -> list[str]:
    return [f"{each.place}: {each.what}" for each in audit(folder, Scope(), by_name).findings if each.is_fault]


def lose_index(folder: Path) -> None:
    for file in (folder / ".state").glob("index.db*"):
        file.unlink()


def store(library: Library) -> None:
    keep: dict[str, Any] = {"style": "archive", "render": render_truly, "by_hand": True}  # taken to and fro
    library.store([submission(make_article(key), **keep) for key in ("1001", "1002", "1003")], NOW)
    library.store([submission(make_article("1001", **CORRECTED), **keep)], NOW)


def run(disk: type[Disk], folder: Path) -> bool:
    """One run; whether it came to its end. What dies leaves the index as kill -9 does: without its last words."""
    library = None
    try:
        library = Library(disk(folder))
        library.recover(NOW)
        store(library)
        library.close()
    except (Died, StorageError):
        return False
    finally:
        if library is not None:
            library.index.close()
    return True


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed") / "output"
    assert run(Disk, folder)
    return documents(folder)


def revised_and_first(folder: Path) -> set[str]:
    """Every text of the article that was revised, wherever it is kept."""
    return {file.read_text() for file in folder.rglob("*1001*.md")}


FIRST_FAULTS = range(8, 60, 9)  # in the folders, a temporary file, a link, the journal, the revision


@pytest.mark.parametrize("fault", [Died(), FULL, Half(BAD), Half(Died())], ids=repr)
def test_K8_a_fault_at_any_call_of_the_next_run_is_mended_by_the_one_after(
    tmp_path: Path, expected: dict[str, bytes], fault: BaseException
) -> None:
    both = 0
    for first in FIRST_FAULTS:
        spoiled = tmp_path / f"{first}"
        if run(breaking_disk(first, fault), spoiled):
            break
        for number in range(1, 120, 4):
            folder = Path(shutil.copytree(spoiled, tmp_path / f"{first}-{number}"))
            is_whole = run(breaking_disk(number + first % 4, fault), folder)
            both += not is_whole
            assert run(Disk, folder)
            assert (first, number, documents(folder)) == (first, number, expected)
            assert faults(folder) == []
            assert list((folder / ".state/tmp").iterdir()) == []
            shutil.rmtree(folder)
            if is_whole:
                break
    assert both > 40


@pytest.mark.parametrize("fault", [Died(), FULL], ids=repr)
def test_a_document_that_got_another_name_than_it_wanted_is_known_by_that_name(
    tmp_path: Path, fault: BaseException
) -> None:
    """A person's file has the name. The next one is announced before it is taken."""
    for number in range(1, 100):
        folder = tmp_path / f"{number}"
        (folder / FIRST).parent.mkdir(parents=True)
        (folder / FIRST).write_text("not ours")
        is_whole = run(breaking_disk(number, fault), folder)
        library = Library(Disk(folder))
        library.recover(NOW)
        rows = {path for (path,) in library.index.rows("SELECT path FROM article")}
        library.close()
        assert (number, set(documents(folder)) - {FIRST}) == (number, rows)
        if is_whole:
            assert FIRST.replace("1001", "1001-2") in rows
            return
    pytest.fail("100 calls were not enough")


# --- disks of other kinds ---------------------------------------------------------------


@pytest.mark.parametrize("fault", [Died(), FULL, Half(Died())], ids=repr)
def test_without_hard_links_nothing_torn_gets_a_name_and_nothing_is_doubled(
    tmp_path: Path, expected: dict[str, bytes], fault: BaseException
) -> None:
    """FAT, exFAT, some network shares."""
    for number in range(1, 200):
        folder = tmp_path / f"{number}"
        broken = breaking_disk(number, fault)

        def refuse(self: Disk, existing: Path, new: Path) -> None:
            raise OSError(95, "Operation not supported")

        broken._link = refuse  # type: ignore[method-assign]
        is_whole = run(broken, folder)
        torn = {path: raw for path, raw in documents(folder).items() if raw and raw not in whole_texts(expected)}
        assert torn == {}
        again = type("Again", (Disk,), {"_link": refuse})
        assert run(again, folder)
        assert (number, documents(folder)) == (number, expected)
        assert faults(folder) == []
        if is_whole:
            assert number > 40
            return
    pytest.fail("200 calls were not enough")


def whole_texts(expected: dict[str, bytes]) -> set[bytes]:
    return {*expected.values(), render_truly(make_article("1001"), "archive")}


def test_a_name_that_is_taken_is_not_overwritten_without_hard_links_either(tmp_path: Path) -> None:
    def refuse(self: Disk, existing: Path, new: Path) -> None:
        raise OSError(1, "Operation not permitted")

    library = Library(type("NoLinks", (Disk,), {"_link": refuse})(tmp_path))
    library.recover(NOW)
    (tmp_path / FIRST).parent.mkdir(parents=True)
    (tmp_path / FIRST).write_text("not ours")
    [outcome] = library.store([submission(make_article())], NOW)
    library.close()
    assert ((tmp_path / FIRST).read_text(), outcome.path) == ("not ours", FIRST.replace("1001", "1001-2"))


def test_K5_a_disk_that_takes_seven_bytes_at_a_time_gets_all_of_them(
    tmp_path: Path, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Drip(io.FileIO):
        def write(self, content: Any) -> int:
            return super().write(bytes(content)[:7])

    opened: Callable[..., Any] = Path.open

    def drip(self: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        return Drip(self, mode) if mode in ("xb", "ab") else opened(self, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", drip)
    assert run(Disk, tmp_path / "output")
    assert documents(tmp_path / "output") == expected
    assert faults(tmp_path / "output") == []


SPACE: dict[str, tuple[int, int, bool]] = {  # bytes left, size of the disk, whether there is room
    "199 MB of a terabyte": (199 << 20, 1 << 40, False),
    "200 MB of a terabyte": (200 << 20, 1 << 40, True),
    "a hundredth of 1 GB": (10 << 20, 1000 << 20, True),
    "less than a hundredth of 1 GB": ((10 << 20) - 1, 1000 << 20, False),
    "nothing": (0, 4 << 20, False),
    "a disk that does not tell": (0, 0, True),
}


@pytest.mark.parametrize(("free", "size", "has_room"), SPACE.values(), ids=list(SPACE))
def test_K2_a_run_stops_before_the_disk_is_full(tmp_path: Path, free: int, size: int, has_room: bool) -> None:
    disk = type("Small", (Disk,), {"_space": lambda self: (free, size)})
    if has_room:
        disk(tmp_path).probe()
        assert run(disk, tmp_path)
        return
    with pytest.raises(DiskFull, match=r"only \d+ KB are left.*free some space, then run again: nothing is lost"):
        disk(tmp_path).probe()  # before any request
    assert not run(disk, tmp_path)  # also when it has become so during a run
    assert documents(tmp_path) == {}


# --- holes in the journal -----------------------------------------------------------------


def hole(file: Path, place: int, size: int) -> None:
    raw = bytearray(file.read_bytes())
    raw[place : place + size] = b"\0" * size
    file.write_bytes(raw)


def test_a_hole_in_what_a_killed_run_has_appended_is_filled_at_the_next_start(folder: Path) -> None:
    before = (folder / CHANGES).stat().st_size
    killed_after(folder, "2001", "2002", "2003")
    hole(folder / CHANGES, before + 10, 300)
    library = Library(Disk(folder))
    library.recover(NOW)
    library.close()
    assert faults(folder) == []
    lines = [json.loads(line) for line in (folder / CHANGES).read_text().splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_hole_in_notes_that_were_not_known_yet_is_filled(folder: Path) -> None:
    before = (folder / NOTES).stat().st_size
    told = (folder / NOTES).read_bytes()
    library = Library(Disk(folder))
    library.recover(LATER)
    aliases = [submission(make_article("1001", original_url=""), settles=(f"x{number}",)) for number in range(9)]
    for alias in aliases:
        library.store([alias], LATER)
    recorded = library.index.rows("SELECT * FROM journal_file")
    library.close()
    # The power went between the notes and the commit that says how far they are known.
    library = Library(Disk(folder))
    library.index.connection.execute("DELETE FROM journal_file")
    library.index.connection.executemany("INSERT INTO journal_file VALUES (?, ?, ?)", recorded)
    library.index.close()
    hole(folder / NOTES, before + 10, 40)
    library = Library(Disk(folder))
    library.recover(LATER)
    library.close()
    assert (folder / NOTES).read_bytes().startswith(told)
    assert faults(folder) == []


@pytest.mark.parametrize("left", [b"", b"\0" * 900, b'{"op":"no'], ids=["nothing", "zeros", "half a line"])
def test_notes_that_a_power_cut_has_emptied_get_the_collections_id_again(folder: Path, left: bytes) -> None:
    head = (folder / NOTES).read_bytes().splitlines()[0]
    (folder / NOTES).write_bytes(left)
    library = Library(Disk(folder))
    library.recover(LATER)
    library.close()
    assert (folder / NOTES).read_bytes().splitlines()[0] == head
    assert faults(folder) == []


def test_damage_in_what_was_durable_long_ago_is_left_for_verify(folder: Path) -> None:
    hole(folder / CHANGES, 10, 30)
    spoiled = (folder / CHANGES).read_bytes()
    library = Library(Disk(folder))
    library.recover(LATER)
    library.close()
    assert (folder / CHANGES).read_bytes() == spoiled
    assert "the line at byte 0 can not be read" in " ".join(faults(folder))


def test_a_line_that_can_not_be_used_leaves_nothing_half_filed(folder: Path) -> None:
    whole = (folder / CHANGES).read_text().splitlines()
    line = json.loads(whole[0])
    del line["addresses"]  # the article's row is written before they are asked for
    (folder / CHANGES).write_text("\n".join([json.dumps(line, ensure_ascii=False), *whole[1:], ""]))
    lose_index(folder)
    made = rebuild(Disk(folder), LATER, by_name)
    assert made.adopted == (FIRST,)  # by what its document says
    library = Library(Disk(folder))
    library.recover(LATER)
    again = make_article("1001", authors=("程竹",), section="要闻", original_url="https://other.example/x")
    [outcome] = library.store([submission(again, style="archive", render=render_truly)], LATER)
    library.close()
    assert (outcome.decision.verb, outcome.path) == (Verb.UNCHANGED, FIRST)


# --- two faults at once -----------------------------------------------------------------------


def test_what_only_the_journal_knows_is_taken_back_before_a_damaged_file_is_put_aside(folder: Path) -> None:
    """A log was lost, and in the same month's file a line is spoiled."""
    killed_after(folder, "2001")
    for ending in ("-wal", "-shm"):
        (folder / f"{INDEX}{ending}").unlink()
    hole(folder / CHANGES, 10, 30)
    repair(Disk(folder), audit(folder, Scope(), by_name).findings, LATER, by_name)
    assert faults(folder) == []
    library = Library(Disk(folder))
    [(evidence, sha256)] = library.index.rows("SELECT evidence, sha256 FROM article WHERE key = '2001'")
    library.index.close()
    assert ("adopted" in evidence, len(sha256)) == (False, 64)


def test_a_document_that_is_owed_again_stays_owed_through_lost_notes_and_a_lost_index(folder: Path) -> None:
    """Else it would be taken for one that a person has removed, and never come back."""
    good = (folder / FIRST).read_bytes()
    (folder / FIRST).write_bytes(b"")
    repair(Disk(folder), audit(folder, Scope(), by_name).findings, LATER, by_name)
    (folder / NOTES).unlink()
    Library(Disk(folder)).recover(LATER)
    lose_index(folder)
    rebuild(Disk(folder), LATER, by_name)
    library = Library(Disk(folder))
    library.recover(LATER)
    again = make_article("1001", authors=("程竹",), section="要闻", original_url="https://other.example/x")
    [outcome] = library.store([submission(again, style="archive", render=render_truly)], LATER)
    library.close()
    assert outcome.decision.verb is Verb.REVISED
    assert (folder / FIRST).read_bytes() == good


def test_old_texts_are_kept_also_when_a_new_index_counts_from_one_again(folder: Path) -> None:
    keep: dict[str, Any] = {"style": "archive", "render": render_truly}
    texts = ["更正一。", "更正二。", "更正三。"]
    for text in texts[:2]:
        library = Library(Disk(folder))
        library.recover(LATER)
        library.store([submission(make_article("1001", text=text, html=f"<p>{text}</p>"), **keep)], LATER)
        library.close()
    shutil.rmtree(folder / ".state/journal")
    shutil.rmtree(folder / ".state/notes")
    lose_index(folder)
    rebuild(Disk(folder), LATER, by_name)
    library = Library(Disk(folder))
    library.recover(LATER)
    library.store([submission(make_article("1001", text=texts[2], html=f"<p>{texts[2]}</p>"), **keep)], LATER)
    library.close()
    told = "".join(revised_and_first(folder))
    assert [text in told for text in ("示例公司第1001号公告的正文。", *texts)] == [True] * 4
