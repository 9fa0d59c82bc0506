"""K7: after a power cut at any moment, whatever of the unsynced has got to the disk, nothing is lost or doubled."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from broken_disk import PRIMITIVES, Died
from conftest import NOW, documents, make_article, submission
from full_library import LATER, fill, render_truly, rows_of
from in_memory import tmp_path as tmp_path
from power_cut import Image, Recorder, Unsynced, recording_disk

from crawler.errors import IndexFault
from crawler.storage.audit import Scope, audit
from crawler.storage.disk import Disk
from crawler.storage.library import Library, Submission
from crawler.storage.rebuild import rebuild
from crawler.storage.repair import repair

MOST = 160  # images of one test that are tried
FIRST, REVISED = "cs/2026/10/2026-10-11-1001.md", "cs/2026/10/2026-10-11-1002.md"
INDEX = ".state/index.db"
JOURNAL = (".state/journal/2026-10.ndjson", ".state/notes/2026-10.ndjson")
REVISION = ".state/revisions/cs/2026/10/2026-10-11-1001.r1.md"


def by_name(source: str, name: str, url: str) -> str:
    return name


def wanted(number: int, **changes: str) -> Submission:
    return submission(make_article(str(1000 + number), **changes), style="archive", render=render_truly, by_hand=True)


STEPS = (
    [wanted(1), wanted(2)],
    [wanted(1, text="更正后的正文。", html="<p>更正后的正文。</p>")],
    [wanted(3)],
)


def run(disk: Disk, keep: Callable[[], None] = lambda: None) -> None:
    library = Library(disk)
    try:
        library.recover(NOW)
        keep()
        for step in STEPS:
            library.store(step, NOW)
            keep()
        library.close()
    finally:
        library.index.close()


def faults(folder: Path) -> list[str]:
    return [f"{each.place}: {each.what}" for each in audit(folder, Scope(), by_name).findings if each.is_fault]


def assert_nothing_lost(image: Image, folder: Path, later: Iterable[dict[str, bytes]]) -> None:
    """Start once; what was answered for stands there (or a later state), and index, journal and files tell the same."""
    library = Library(Unsynced(folder))
    library.recover(NOW)
    there = documents(folder)
    for name, raw in image.promised.items():
        assert there.get(name) in (raw, *(each.get(name) for each in later)), f"{image.after}: {name} is lost"
        assert name in there
    rows = library.index.rows("SELECT path, sha256 FROM article")
    assert {name: hashlib.sha256(raw).hexdigest() for name, raw in there.items()} == dict(rows)
    library.close()
    assert faults(folder) == []


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """The documents of a run that nothing has disturbed, after each of its steps."""
    folder, found = tmp_path_factory.mktemp("undisturbed") / "output", []
    run(Disk(folder), lambda: found.append(documents(folder)))
    return found


def after_each(recorder: Recorder, folder: Path, most: int = MOST) -> Iterator[tuple[Image, Path]]:
    images = recorder.images(most)
    assert len(images) >= min(8, most)
    for image in images:
        place = image.lay_out(folder / "image")
        yield image, place
        shutil.rmtree(place)


def promising(recorder: Recorder) -> Callable[[], None]:
    def keep() -> None:
        recorder.promised = documents(recorder.root)

    return keep


def test_K7_a_cut_while_articles_are_stored(tmp_path: Path, states: list[dict[str, bytes]]) -> None:
    recorder = Recorder(tmp_path / "output")
    run(recording_disk(recorder)(recorder.root), promising(recorder))
    kept = {name for name in recorder.durable() if not name.startswith(INDEX)}
    assert kept == {*states[-1], *JOURNAL, REVISION}  # at the end nothing hangs on luck
    for image, folder in after_each(recorder, tmp_path):
        assert_nothing_lost(image, folder, states[-1:])
        run(Unsynced(folder))
        assert (image.after, documents(folder)) == (image.after, states[-1])
        assert faults(folder) == []


def dying_disk(disk: type[Disk], number: int) -> type[Disk]:
    """The process dies before the ``number``-th call; what it has written stays in the machine's memory."""
    calls = itertools.count(1)

    def die_at(name: str) -> Callable[..., object]:
        def call(self: Disk, *arguments: object) -> object:
            if next(calls) == number:
                raise Died
            return getattr(disk, name)(self, *arguments)

        return call

    return type("Dying", (disk,), {name: die_at(name) for name in PRIMITIVES if name != "_stamp"})


def test_K7_K8_a_cut_while_the_next_run_mends_what_a_killed_one_left(
    tmp_path: Path, states: list[dict[str, bytes]]
) -> None:
    """Two faults: what the killed process had not synced is still not durable when the second run goes on."""
    died = 0
    for number in range(1, 100, 2):
        recorder = Recorder(tmp_path / f"{number}" / "output", is_on=False)
        recording = recording_disk(recorder)
        try:
            run(dying_disk(recording, number)(recorder.root), promising(recorder))
        except Died:
            died += 1
        else:
            break
        recorder.is_on = True
        run(recording(recorder.root), promising(recorder))
        for image, folder in after_each(recorder, tmp_path, 8):
            assert_nothing_lost(image, folder, states)  # the second run revises back and forth
            run(Unsynced(folder))
            assert (image.after, documents(folder)) == (image.after, states[-1])
            assert faults(folder) == []
    assert died > 10


def test_K7_what_a_killed_run_has_only_written_is_durable_before_it_is_called_known(tmp_path: Path) -> None:
    for number in range(1, 200):
        recorder = Recorder(tmp_path / f"{number}" / "output", is_on=False)
        recording = recording_disk(recorder)
        is_whole = False
        with suppress(Died):
            run(dying_disk(recording, number)(recorder.root))
            is_whole = True
        library = Library(recording(recorder.root))
        library.recover(NOW)
        known = {name for (name,) in library.index.rows("SELECT name FROM journal_file")}
        library.close()
        assert (number, known - recorder.durable()) == (number, set())
        if is_whole:
            assert known == set(JOURNAL)
            return
    pytest.fail("200 calls were not enough")


# --- rebuild and repair ---------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "output"
    fill(folder)
    return folder


def everything(image: Image) -> set[bytes]:
    return {content for content in image.contents.values() if content is not None}


@pytest.mark.parametrize("has_journal", [True, False], ids=["journal", "documents alone"])
def test_K7_a_cut_while_the_index_is_made_again(filled: Path, tmp_path: Path, has_journal: bool) -> None:
    before = documents(filled)
    library = Library(Disk(filled))
    rows = rows_of(library)
    library.index.close()
    folder = Path(shutil.copytree(filled, tmp_path / "output"))
    broken = (folder / INDEX).read_bytes()[:4096] + b"\xa5" * 20000
    if has_journal:
        (folder / INDEX).write_bytes(broken)
    else:
        shutil.rmtree(folder / ".state")
    recorder = Recorder(folder)
    rebuild(recording_disk(recorder)(folder), LATER, by_name)
    for image, each in after_each(recorder, tmp_path):
        if has_journal:
            assert broken in everything(image), f"{image.after}: the old index is nowhere"
        try:
            library = Library(Unsynced(each))
        except IndexFault:
            rebuild(Unsynced(each), LATER, by_name)
            library = Library(Unsynced(each))
        library.recover(LATER)
        library.close()
        assert faults(each) == []
        assert documents(each) == before
        again = Library(Unsynced(each))
        found = rows_of(again)
        again.index.close()
        if has_journal:
            assert {name: found[name] for name in rows if name != "journal_file"} == {
                name: rows[name] for name in rows if name != "journal_file"
            }
        assert len(found["article"]) == 4


def test_K7_a_cut_while_a_collection_is_repaired(filled: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(filled, tmp_path / "output"))
    for name in (FIRST, REVISED):
        os.truncate(folder / name, 13)
    (folder / "cs/undated/1003.md").write_bytes(b"meine Notiz")
    good = documents(filled)[FIRST]
    (folder / ".state/quarantine/earlier").mkdir(parents=True)
    (folder / ".state/quarantine/earlier/2026-10-11-1001.md").write_bytes(good)
    lines = (folder / ".state/journal/2026-10.ndjson").read_bytes().splitlines(keepends=True)
    (folder / ".state/journal/2026-10.ndjson").write_bytes(b"".join([lines[0], b"x\n", *lines[2:]]))
    torn = {(folder / name).read_bytes() for name in (FIRST, REVISED)}
    recorder = Recorder(folder)
    repair(recording_disk(recorder)(folder), audit(folder, Scope(), by_name).findings, LATER, by_name)
    for image, each in after_each(recorder, tmp_path):
        assert torn <= everything(image), f"{image.after}: a spoiled document was deleted"
        repair(Unsynced(each), audit(each, Scope(), by_name).findings, LATER, by_name)
        assert faults(each) == []
        kept = {path.read_bytes() for path in (each / ".state/quarantine").rglob("*") if path.is_file()}
        assert torn <= kept
        assert (each / "cs/undated/1003.md").read_text() == "meine Notiz"
        assert (each / FIRST).read_bytes() == good
        assert not (each / REVISED).exists()  # owed
