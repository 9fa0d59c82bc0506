"""The library's answers and what it leaves behind: lines that a mutation run found unguarded."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, documents, make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskError, DiskFull, StorageError
from crawler.models import Article, Candidate, Style, Verb
from crawler.storage.disk import Disk
from crawler.storage.library import Library

Open = Callable[..., Library]
LATER = NOW + timedelta(hours=6)
DAY = "cs/2026/10/2026-10-11"


def test_a_run_is_noted_before_it_does_anything(open_library: Open) -> None:
    library = open_library()
    assert not library.index.was_killed()
    library.begin_run("r1", NOW, 42)
    assert library.index.rows("SELECT run_id, started, finished, pid FROM run") == [("r1", NOW.isoformat(), None, 42)]
    assert library.index.was_killed()


def test_the_answers_stand_in_the_order_of_the_questions(open_library: Open) -> None:
    library = open_library()
    library.store([submission(make_article("1"))], NOW)
    twin = make_article("3", title=make_article("2").title, text=make_article("2").text, url="https://www.cs.com.cn/b")
    asked = [make_article("2"), twin, make_article("1"), make_article("4"), make_article("1", text="更正。")]
    outcomes = library.store([submission(article) for article in asked], LATER)
    assert [(each.decision.verb, each.decision.rule, each.path) for each in outcomes] == [
        (Verb.NEW, "nothing-like-it", f"{DAY}-2.md"),
        (Verb.DUPLICATE, "same-text", f"{DAY}-2.md"),
        (Verb.UNCHANGED, "same-key", f"{DAY}-1.md"),
        (Verb.NEW, "nothing-like-it", f"{DAY}-4.md"),
        (Verb.REVISED, "same-key", f"{DAY}-1.md"),
    ]
    assert {each.note for each in outcomes} == {""}
    assert library.store([], LATER) == []


def test_to_decide_is_not_to_store(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1"))], NOW)
    before = documents(tmp_path / "output"), library.index.rows("SELECT * FROM change")
    assert library.decide(make_article("1")).verb is Verb.UNCHANGED
    assert library.decide(make_article("1", text="更正。")).verb is Verb.REVISED
    assert library.decide(make_article("2")).verb is Verb.NEW
    assert (documents(tmp_path / "output"), library.index.rows("SELECT * FROM change")) == before


@pytest.mark.parametrize("together", [True, False], ids=["in one group", "one after the other"])
def test_two_articles_that_want_one_name_get_two(open_library: Open, tmp_path: Path, together: bool) -> None:
    library = open_library()
    asked = [submission(make_article(key), path=f"{DAY}-x.md") for key in ("1", "2", "3")]
    groups = [asked] if together else [[each] for each in asked]
    outcomes = [outcome for group in groups for outcome in library.store(group, NOW)]
    assert [outcome.path for outcome in outcomes] == [f"{DAY}-x.md", f"{DAY}-x-2.md", f"{DAY}-x-3.md"]
    assert len(documents(tmp_path / "output")) == 3


def test_after_a_hundred_names_it_says_so(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    folder = tmp_path / "output" / DAY
    folder.parent.mkdir(parents=True)
    for name in ["x", *(f"x-{number}" for number in range(2, 101))]:
        Path(f"{folder}-{name}.md").write_text("a person's")
    with pytest.raises(StorageError, match=f"no free name for {DAY}-x.md: a hundred files stand there"):
        library.store([submission(make_article("1"), path=f"{DAY}-x.md")], NOW)
    Path(f"{folder}-x-100.md").unlink()
    assert open_library().store([submission(make_article("1"), path=f"{DAY}-x.md")], NOW)[0].path == f"{DAY}-x-100.md"


def test_a_correction_is_written_in_the_style_and_under_the_id_of_the_first(open_library: Open) -> None:
    library, styles = open_library(), []

    def render(article: Article, style: Style) -> bytes:
        styles.append(style)
        return f"---\nstyle: {style}\n---\n{article.text}".encode()

    first = make_article("1", url="https://www.cs.com.cn/a")
    library.store([submission(first, style="archive", render=render)], NOW)
    moved = make_article("2", url="https://www.cs.com.cn/a", text="更正后的正文。", title=first.title)
    [outcome] = library.store([submission(moved, style="hexo", render=render)], LATER)
    assert (outcome.decision.verb, outcome.decision.rule, outcome.path) == (Verb.REVISED, "same-address", f"{DAY}-1.md")
    assert set(styles) == {"archive"}
    [(key, url, fields)] = library.index.rows("SELECT key, url, fields FROM change WHERE seq = 2")
    assert (key, url) == ("1", "https://www.cs.com.cn/a")
    told = json.loads(fields)
    assert (told["keys"], told["style"], told["revision"]) == (["2"], "archive", 2)


def test_the_row_knows_when_the_file_was_written(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1"))], NOW)
    written = (tmp_path / "output" / f"{DAY}-1.md").stat().st_mtime_ns
    assert library.index.value("SELECT written FROM article") == written


def test_what_a_person_did_is_told_with_the_path(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1")), submission(make_article("2"))], NOW)
    (tmp_path / "output" / f"{DAY}-1.md").unlink()
    (tmp_path / "output" / f"{DAY}-2.md").write_text("meine Notiz")
    outcomes = library.store([submission(make_article(key, text="更正。")) for key in ("1", "2")], LATER)
    assert [(each.decision.verb, each.path, each.note) for each in outcomes] == [
        (Verb.DEFERRED, f"{DAY}-1.md", f"{DAY}-1.md was removed by a person: left so"),
        (Verb.DEFERRED, f"{DAY}-2.md", f"{DAY}-2.md was edited by a person: left so"),
    ]
    assert library.index.value("SELECT count(*) FROM change") == 2
    assert library.index.value("SELECT max(revision) FROM article") == 1


def test_the_four_steps_in_their_order(open_library: Open, tmp_path: Path) -> None:
    done: list[str] = []
    watched: list[Library] = []

    class Watched(Disk):
        def _step(self, name: str, path: Path) -> None:
            if not watched:
                return
            library = watched[0]
            intents = library.index.value("SELECT count(*) FROM intent")
            done.append(f"{name} {path.name}: {intents} intents")

        def _write(self, path: Path, content: bytes) -> None:
            self._step("write", Path("temporary"))
            super()._write(path, content)

        def _link(self, existing: Path, new: Path) -> None:
            self._step("link", new)
            super()._link(existing, new)

        def _replace(self, existing: Path, target: Path) -> None:
            self._step("replace", target)
            super()._replace(existing, target)

        def _append(self, path: Path, content: bytes) -> None:
            self._step("append", path)
            super()._append(path, content)

        def _sync_folder(self, path: Path) -> None:
            self._step("sync", path)
            super()._sync_folder(path)

    library = open_library()
    library.store([submission(make_article("0"))], NOW)
    library = open_library(Watched)
    library.store([submission(make_article("0", text="更正。"))], NOW)  # makes the folders, names the journal
    watched.append(library)
    library.store([submission(make_article("1")), submission(make_article("0", text="再更正。"))], LATER)
    assert done == [
        "write temporary: 2 intents",
        "link 2026-10-11-1.md: 2 intents",
        "write temporary: 2 intents",
        "link 2026-10-11-0.r2.md: 2 intents",
        "sync 10: 2 intents",  # the kept revision, before the document is replaced
        "replace 2026-10-11-0.md: 2 intents",
        "sync 10: 2 intents",
        "append 2026-10.ndjson: 0 intents",
    ]


def test_a_nearly_full_disk_takes_nothing_on(open_library: Open, tmp_path: Path) -> None:
    class Small(Disk):
        left = 1 << 40

        def _space(self) -> tuple[int, int]:
            return self.left, 1 << 40

    library = open_library(Small)
    library.store([submission(make_article("1"))], NOW)
    library.disk.left = 1 << 20  # type: ignore[attr-defined]
    with pytest.raises(DiskFull, match="only 1024 KB are left"):
        library.store([submission(make_article("2"))], NOW)
    assert library.index.value("SELECT count(*) FROM intent") == 0
    assert list(documents(tmp_path / "output")) == [f"{DAY}-1.md"]


# --- after a fault, and at the next start ------------------------------------------


class Refusing(Disk):
    """A disk that takes no new file."""

    def _write(self, path: Path, content: bytes) -> None:
        if "tmp" in path.parts:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super()._write(path, content)


def test_after_a_fault_the_journal_is_left_to_the_next_start(open_library: Open, tmp_path: Path) -> None:
    library = open_library(Refusing)
    notes = tmp_path / "output/.state/notes/2026-10.ndjson"
    before = notes.read_bytes()
    library.frontier.close(_candidate("7"), "HTTP 410", NOW, "gone")
    with pytest.raises(DiskError):
        library.store([submission(make_article("1"))], NOW)
    library.close()
    assert notes.read_bytes() == before
    open_library()
    assert b'"key":"7"' in notes.read_bytes()


def test_without_a_fault_the_end_of_the_run_tells(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1"))], NOW)
    library.frontier.close(_candidate("7"), "HTTP 410", NOW, "gone")
    library.close()
    assert b'"key":"7"' in (tmp_path / "output/.state/notes/2026-10.ndjson").read_bytes()


def _candidate(key: str) -> Candidate:
    return Candidate("cs", key, f"https://www.cs.com.cn/{key}.html")


class DyingAfter(Disk):
    """The process dies after so many documents have their names."""

    left = 2

    def _link(self, existing: Path, new: Path) -> None:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        super()._link(existing, new)


def test_recovery_counts_what_it_finished_and_drops_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "output"
    library = Library(DyingAfter(folder))
    library.recover(NOW)
    with pytest.raises(KeyboardInterrupt):
        library.store([submission(make_article(key)) for key in ("1", "2", "3")], NOW)
    library.index.close()
    again = Library(Disk(folder))
    assert again.recover(LATER) == 2
    assert again.index.rows("SELECT key FROM article ORDER BY key") == [("1",), ("2",)]
    at = LATER.isoformat()
    assert again.index.rows("SELECT seq, op, at FROM change ORDER BY seq") == [(1, "add", at), (2, "add", at)]
    assert again.index.rows("SELECT * FROM intent") == []
    assert list((folder / ".state/tmp").iterdir()) == []
    assert again.recover(LATER) == 0
    again.close()


def test_a_revision_that_a_crash_cut_off_is_finished_as_one(tmp_path: Path) -> None:
    class DyingOnce(Disk):
        def _replace(self, existing: Path, target: Path) -> None:
            super()._replace(existing, target)
            raise KeyboardInterrupt

    folder = tmp_path / "output"
    library = Library(DyingOnce(folder))
    library.recover(NOW)
    library.store([submission(make_article("1"))], NOW)
    with pytest.raises(KeyboardInterrupt):
        library.store([submission(make_article("1", text="更正。", url="https://www.cs.com.cn/b"))], NOW)
    library.index.close()
    again = Library(Disk(folder))
    assert again.recover(LATER) == 1
    assert again.index.rows("SELECT op, key FROM change ORDER BY seq") == [("add", "1"), ("revise", "1")]
    assert again.index.rows("SELECT url, revision FROM article") == [(make_article("1").url, 2)]
    assert "更正。" in documents(folder)[f"{DAY}-1.md"].decode()
    again.close()


def test_a_name_that_was_only_reserved_is_free_again(tmp_path: Path) -> None:
    class DyingLinkless(Disk):
        def _link(self, existing: Path, new: Path) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        def _replace(self, existing: Path, target: Path) -> None:
            raise KeyboardInterrupt

    folder = tmp_path / "output"
    library = Library(DyingLinkless(folder))
    library.recover(NOW)
    with pytest.raises(KeyboardInterrupt):
        library.store([submission(make_article("1"))], NOW)
    library.index.close()
    assert documents(folder) == {f"{DAY}-1.md": b""}
    again = Library(Disk(folder))
    assert again.recover(LATER) == 0
    assert documents(folder) == {}
    assert [path.parts[-5] for path in (folder / ".state/quarantine").rglob("*.md")] == ["reserved-20261012T140000"]
    assert again.store([submission(make_article("1"))], LATER)[0].path == f"{DAY}-1.md"
    again.close()


@pytest.mark.parametrize("is_revision", [True, False])
def test_a_document_that_a_person_has_emptied_is_no_reserved_name(tmp_path: Path, is_revision: bool) -> None:
    """The intent of a dead run names it: of a revision that was not begun, or of an addition that was filed."""
    intents: list[tuple[object, ...]] = []

    class Dying(Disk):
        def _replace(self, existing: Path, target: Path) -> None:
            raise KeyboardInterrupt

        def _link(self, existing: Path, new: Path) -> None:
            intents.extend(library.index.rows("SELECT * FROM intent"))
            super()._link(existing, new)

    folder = tmp_path / "output"
    library = Library(Dying(folder))
    library.recover(NOW)
    library.store([submission(make_article("1"))], NOW)
    if is_revision:
        with pytest.raises(KeyboardInterrupt):
            library.store([submission(make_article("1", text="更正。"))], NOW)
    else:
        library.index.connection.execute("INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?)", intents[0])
    library.index.close()
    (folder / f"{DAY}-1.md").write_bytes(b"")
    again = Library(Disk(folder))
    assert again.recover(LATER) == 0
    assert documents(folder) == {f"{DAY}-1.md": b""}
    assert again.index.value("SELECT count(*) FROM intent") == 0
    again.close()


def test_a_spoiled_document_that_was_put_aside_is_written_again(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1"))], NOW)
    (tmp_path / "output" / f"{DAY}-1.md").unlink()
    library.index.connection.execute("UPDATE article SET sha256 = '', fingerprint = ''")  # as verify --repair does
    [outcome] = library.store([submission(make_article("1"))], LATER)
    assert (outcome.decision.verb, outcome.path) == (Verb.REVISED, f"{DAY}-1.md")
    assert list(documents(tmp_path / "output")) == [f"{DAY}-1.md"]
    assert not (tmp_path / "output/.state/revisions").exists()


def test_recovery_leaves_folders_among_the_temporary_files(open_library: Open, tmp_path: Path) -> None:
    open_library()
    stray = tmp_path / "output/.state/tmp"
    (stray / "folder").mkdir()
    (stray / "file").write_bytes(b"left over")
    open_library()
    assert [path.name for path in stray.iterdir()] == ["folder"]
