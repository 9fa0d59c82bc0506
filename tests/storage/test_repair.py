"""What an audit names, and what a repair makes of it: mended, or kept aside and owed again; never deleted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from broken_disk import FAULTS, every_call
from conftest import documents, make_article, submission
from full_library import LATER, fill, render_truly
from in_memory import tmp_path as tmp_path

from crawler.errors import StorageError
from crawler.models import Verb
from crawler.storage.audit import Audit, Scope, audit, why_torn
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from crawler.storage.repair import repair

FIRST, REVISED, UNDATED = "cs/2026/10/2026-10-11-1001.md", "cs/2026/10/2026-10-11-1002.md", "cs/undated/1003.md"
INDEX, CHANGES, NOTES = ".state/index.db", ".state/journal/2026-10.ndjson", ".state/notes/2026-10.ndjson"


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


def look(folder: Path, scope: Scope = Scope(), *, is_running: bool = False) -> Audit:  # noqa: B008
    return audit(folder, scope, by_name, is_running=is_running)


def named(folder: Path) -> list[tuple[str, str]]:
    return [(finding.kind, finding.place) for finding in look(folder).findings]


def sql(statement: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        library = Library(Disk(folder))
        library.index.connection.execute("PRAGMA foreign_keys = OFF")
        library.index.connection.execute(statement)
        library.index.close()

    return spoil


def swap_pages(folder: Path) -> None:
    """An index of a table that is another one's: only a full check sees it."""
    library = Library(Disk(folder))
    connection = library.index.connection
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'sighting_poll') "
        "WHERE name = 'article_newest'"
    )
    library.index.close()


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return spoil


def flip(folder: Path) -> None:
    """One bit, and nobody has written: the file's time is the old one."""
    file = folder / FIRST
    time, raw = file.stat().st_mtime_ns, bytearray(file.read_bytes())
    raw[raw.index(b"e")] ^= 4
    file.write_bytes(raw)
    os.utime(file, ns=(time, time))


def remove(*names: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return spoil


def move(folder: Path) -> None:
    (folder / FIRST).rename(folder / "cs/2026/10/2026-10-11-my-own-name.md")


def link(folder: Path) -> None:
    (folder / "cs/2026/10/2026-10-11-9999.md").symlink_to(folder / FIRST)


def line_missing(folder: Path) -> None:
    whole = (folder / CHANGES).read_bytes().splitlines(keepends=True)
    (folder / CHANGES).write_bytes(b"".join(whole[:2] + whole[3:]))


def unfiled(folder: Path) -> None:
    """A document of ours that no row knows."""
    (folder / "cs/2026/10/2026-10-11-5005.md").write_bytes(render_truly(make_article("5005"), "archive"))


NEWEST = ["cs/2026/10/2026-10-11-1004.md", UNDATED, REVISED]
TABLE: dict[str, tuple[Callable[[Path], object], list[tuple[str, str]]]] = {
    "nothing": (lambda folder: None, []),
    # what the disk or a crash did
    "empty document": (write(FIRST, b""), [("torn", FIRST)]),
    "zeros": (write(FIRST, b"---\ntitle: x\n" + b"\0" * 4000), [("torn", FIRST)]),
    "cut in a character": (lambda folder: os.truncate(folder / FIRST, 13), [("torn", FIRST)]),
    "cut in front matter": (write(FIRST, b"---\ntitle: abc\n"), [("torn", FIRST)]),
    "flipped bit": (flip, [("changed", FIRST)]),
    "newest three gone": (remove(*NEWEST), [("missing", name) for name in NEWEST]),
    "unfiled document": (unfiled, [("unindexed", "cs/2026/10/2026-10-11-5005.md")]),
    "leftover": (write(".state/tmp/abc", b"x"), [("leftover", ".state/tmp/abc")]),
    "intent": (
        sql("INSERT INTO intent VALUES (9, 'add', 'cs/x.md', 'y', '.state/tmp/z', '{}')"),
        [("intent", "cs/x.md")],
    ),
    "gap in the change log": (
        sql("DELETE FROM change WHERE seq = 3"),
        [("number", INDEX), ("journal", ".state/journal")],
    ),
    "wrong page": (swap_pages, [("index", INDEX)]),
    "dangling row": (
        sql("INSERT INTO identity VALUES ('cs', 'zz', 77, 'own')"),
        [("index", INDEX), ("journal", ".state/notes")],
    ),
    "lost line": (
        line_missing,
        [("journal", ".state/journal"), ("journal", ".state/notes"), ("journal", ".state/notes")],
    ),
    "torn line": (
        lambda folder: os.truncate(folder / NOTES, 500),
        [("journal", NOTES), *[("journal", ".state/notes")] * 3],
    ),
    "no index": (remove(INDEX), [("index", INDEX)]),
    "empty index": (write(INDEX, b""), [("index", INDEX)]),
    "no database": (write(INDEX, b"x" * 5000), [("index", INDEX)]),
    # what a person did
    "edited": (write(FIRST, b"meine Notiz"), [("edited", FIRST)]),
    "removed": (remove(FIRST), [("removed", FIRST)]),
    "two removed": (remove(*NEWEST[:2]), [("removed", name) for name in NEWEST[:2]]),
    "own file": (write("cs/todo.txt", b"x"), [("foreign", "cs/todo.txt")]),
    "moved": (move, [("removed", FIRST), ("foreign", "cs/2026/10/2026-10-11-my-own-name.md")]),
    "link": (link, [("foreign", "cs/2026/10/2026-10-11-9999.md")]),
}
TOLD = ("edited", "removed", "foreign")


@pytest.mark.parametrize(("spoil", "expected"), TABLE.values(), ids=list(TABLE))
def test_K9_it_is_named_and_looking_changes_nothing(
    folder: Path, spoil: Callable[[Path], object], expected: list[tuple[str, str]]
) -> None:
    spoil(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "index.db-" not in path.name}
    assert named(folder) == sorted(expected, key=lambda each: each[1])
    found = look(folder)
    assert [finding.is_fault for finding in found.findings] == [kind not in TOLD for kind, _ in named(folder)]
    assert all(finding.what and (finding.advice or finding.kind == "index") for finding in found.findings)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "index.db-" not in path.name}
    assert after == before


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_document_that_may_not_be_read_is_named_and_left_where_it_is(folder: Path) -> None:
    (folder / FIRST).chmod(0)
    assert named(folder) == [("unreadable", FIRST)]
    repair(Disk(folder), look(folder).findings, LATER, by_name)
    assert named(folder) == [("unreadable", FIRST)]


def kept(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in (folder / ".state/quarantine").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name", [name for name, (_, found) in TABLE.items() if ("index", INDEX) not in found and name not in ("nothing",)]
)
def test_K9_K10_after_a_repair_no_fault_is_left_and_nothing_of_a_person_is_touched(folder: Path, name: str) -> None:
    spoil, expected = TABLE[name]
    spoil(folder)
    before = documents(folder)
    repair(Disk(folder), look(folder).findings, LATER, by_name)
    left = [finding for finding in look(folder).findings if finding.is_fault]
    if name == "newest three gone":  # only a backup has them
        assert len(left) == 3
    else:
        assert left == []
    after = documents(folder)
    for kind, place in expected:
        if kind in TOLD:
            assert after.get(place) == before.get(place)
        if kind in ("torn", "changed"):
            assert place not in after
            assert before[place] in kept(folder)
    spoiled = {place for kind, place in expected if kind in ("torn", "changed")}
    assert {path: raw for path, raw in after.items() if path not in spoiled} == {
        path: raw for path, raw in before.items() if path not in spoiled
    }


def test_a_spoiled_document_is_brought_back_from_a_kept_copy(folder: Path) -> None:
    good = (folder / FIRST).read_bytes()
    write(".state/quarantine/earlier/2026-10-11-1001.md", good)(folder)
    os.truncate(folder / FIRST, 13)
    [done] = repair(Disk(folder), look(folder).findings, LATER, by_name)
    assert "brought back" in done
    assert (folder / FIRST).read_bytes() == good
    assert named(folder) == []


def test_a_spoiled_document_without_a_copy_is_fetched_and_filed_again(folder: Path) -> None:
    good = (folder / FIRST).read_bytes()
    flip(folder)
    repair(Disk(folder), look(folder).findings, LATER, by_name)
    assert [(finding.kind, finding.place) for finding in look(folder).findings] == [("owed", FIRST)]
    library = Library(Disk(folder))
    library.recover(LATER)
    assert [row.key for row in library.frontier.due("cs", "Asia/Shanghai", LATER)] == ["1001", "10", "9"]
    article = make_article("1001", authors=("程竹",), section="要闻", original_url="https://other.example/x")
    [outcome] = library.store([submission(article, style="archive", render=render_truly)], LATER)
    assert (outcome.decision.verb, outcome.path) == (Verb.REVISED, FIRST)
    assert (folder / FIRST).read_bytes() == good
    assert library.index.value("SELECT count(*) FROM frontier WHERE key = '1001'") == 0
    library.close()
    assert named(folder) == []


def test_a_number_that_the_log_had_lost_does_not_bring_back_an_old_state(folder: Path) -> None:
    library = Library(Disk(folder))
    before = library.index.rows("SELECT * FROM article ORDER BY id")
    library.index.close()
    sql("DELETE FROM change WHERE seq = 2")(folder)  # 1002 was revised as number 4
    repair(Disk(folder), look(folder).findings, LATER, by_name)
    library = Library(Disk(folder))
    assert library.index.rows("SELECT * FROM article ORDER BY id") == before
    assert library.index.rows("SELECT seq FROM change ORDER BY seq") == [(1,), (2,), (3,), (4,), (5,)]
    library.index.close()
    assert named(folder) == []


def test_a_file_that_takes_the_place_at_the_last_moment_is_not_overwritten_and_no_second_name_is_made(
    folder: Path,
) -> None:
    flip(folder)
    repair(Disk(folder), look(folder).findings, LATER, by_name)

    class Overtaken(Disk):
        def _link(self, existing: Path, new: Path) -> None:
            new.write_bytes(b"my own")
            super()._link(existing, new)

    library = Library(Disk(folder))
    library.recover(LATER)
    library.disk = Overtaken(folder)
    with pytest.raises(StorageError, match="no free name"):
        library.store([submission(make_article("1001", original_url=""), style="archive")], LATER)
    library.close()
    Library(Disk(folder)).recover(LATER)
    assert (folder / FIRST).read_bytes() == b"my own"
    assert sorted(documents(folder)) == sorted({FIRST, *NEWEST})


def test_a_file_that_took_the_place_of_a_spoiled_document_is_a_persons(folder: Path) -> None:
    flip(folder)
    repair(Disk(folder), look(folder).findings, LATER, by_name)
    write(FIRST, b"my own")(folder)
    library = Library(Disk(folder))
    library.recover(LATER)
    [outcome] = library.store([submission(make_article("1001", original_url=""), style="archive")], LATER)
    library.close()
    assert (outcome.decision.verb, (folder / FIRST).read_bytes()) == (Verb.DEFERRED, b"my own")


# --- slices, and beside a run ---------------------------------------------------------


def test_slices_cover_every_document_once_and_are_the_same_each_time(folder: Path) -> None:
    for name in (FIRST, REVISED, UNDATED):
        (folder / name).write_bytes(b"")
    found = [[finding.place for finding in look(folder, Scope(part=part, parts=3)).findings] for part in (1, 2, 3)]
    assert sorted(chain.from_iterable(found)) == sorted([FIRST, REVISED, UNDATED])
    again = [[finding.place for finding in look(folder, Scope(part=part, parts=3)).findings] for part in (1, 2, 3)]
    assert again == found
    assert sum(look(folder, Scope(part=part, parts=3)).documents for part in (1, 2, 3)) == 4


def test_only_the_sources_named_are_looked_at(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"")
    assert look(folder, Scope(("jjckb",))).findings == []
    assert [finding.place for finding in look(folder, Scope(("cs",))).findings] == [FIRST]


def test_what_a_running_crawl_has_under_way_is_no_finding(folder: Path) -> None:
    sql("INSERT INTO intent VALUES (9, 'add', 'cs/2026/10/2026-10-11-5005.md', 'y', '.state/tmp/z', '{}')")(folder)
    unfiled(folder)
    write(".state/tmp/z", b"x")(folder)
    os.truncate(folder / CHANGES, (folder / CHANGES).stat().st_size - 10)
    assert [finding.kind for finding in look(folder, is_running=True).findings if finding.kind != "journal"] == []
    assert {finding.kind for finding in look(folder).findings} == {"intent", "unindexed", "leftover", "journal"}


@pytest.mark.parametrize(
    ("raw", "is_torn"),
    [
        (b"", True),
        (b"\n \n", True),
        (b"---\ntitle: a\n", True),
        (b"---\ntitle: a\n---", False),
        (b"---\ntitle: a\n---\ntext", False),
        (b"\n---\ntitle: a\n---\n\n<div>   \n<p>text", True),
        ("不是文档".encode()[:-1], True),
        ("---\ntitle: 我的\nmine: true\n---\n随便".encode(), False),
        (b"# my own heading", False),
    ],
)
def test_what_no_person_does_to_a_document(raw: bytes, is_torn: bool) -> None:
    assert bool(why_torn(raw)) == is_torn


# --- faults --------------------------------------------------------------------------


def spoil_everything(folder: Path) -> None:
    flip(folder)
    os.truncate(folder / REVISED, 13)
    unfiled(folder)
    line_missing(folder)
    os.truncate(folder / NOTES, 500)
    write(".state/tmp/abc", b"x")(folder)
    write("cs/undated/1003.md", b"meine Notiz")(folder)
    write("cs/todo.txt", b"mine")(folder)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_K8_K9_any_fault_at_any_call_of_a_repair_is_mended_by_the_next(
    filled: Path, tmp_path: Path, fault: BaseException
) -> None:
    spoiled: set[bytes] = set()

    def act(number: int, disk: type[Disk]) -> None:
        folder = Path(shutil.copytree(filled, tmp_path / f"{number}"))
        spoil_everything(folder)
        spoiled.update((folder / name).read_bytes() for name in (FIRST, REVISED))
        repair(disk(folder), look(folder).findings, LATER, by_name)

    for number, broke in every_call(fault, act):
        folder = tmp_path / f"{number}"
        if broke:
            repair(Disk(folder), look(folder).findings, LATER, by_name)
        assert [finding for finding in look(folder).findings if finding.is_fault] == []
        assert spoiled <= kept(folder)
        assert ((folder / UNDATED).read_text(), (folder / "cs/todo.txt").read_text()) == ("meine Notiz", "mine")
        assert (folder / "cs/2026/10/2026-10-11-5005.md").exists()
        shutil.rmtree(folder)
