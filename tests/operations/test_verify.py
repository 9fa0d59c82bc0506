"""`verify` as a person and a program see it: exit codes, sentences, JSON, the lock, slices, rebuilding."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import documents
from full_library import fill
from newsroom import Newsroom, Run, told

from crawler.configuration import Configuration
from crawler.operations.verify import identify_by
from crawler.storage.lock import RunLock

FIRST = "cs/2026/10/2026-10-11-1001.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def verify(folder: Path, *words: str) -> Run:
    return told("verify", "--output", str(folder), *words)


def test_all_is_well(folder: Path) -> None:
    assert (verify(folder).code, verify(folder).stdout) == (0, "4 documents looked at: all is well.\n")


def test_a_fault_is_exit_1_with_the_place_and_what_to_do(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"")
    run = verify(folder)
    assert run.code == 1
    assert run.stdout == (
        f"torn      {FIRST}: is empty; `verify --repair` puts it into quarantine and brings it back, "
        "from a kept copy or from its site\n4 documents looked at: 1 torn.\n"
    )


def test_what_a_person_did_is_told_and_is_exit_0(folder: Path) -> None:
    (folder / FIRST).write_text("meine Notiz")
    (folder / "cs/undated/1003.md").unlink()
    (folder / "cs/mine.txt").write_text("x")
    run = verify(folder)
    assert run.code == 0
    assert [line.split(":")[0] for line in run.stdout.splitlines()] == [
        f"edited    {FIRST}",
        "foreign   cs/mine.txt",
        "removed   cs/undated/1003.md",
        "4 documents looked at",
    ]
    assert verify(folder, "--repair").code == 0
    assert (folder / FIRST).read_text() == "meine Notiz"
    assert not (folder / "cs/undated/1003.md").exists()


def test_json_is_one_object_and_nothing_else(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"")
    (folder / "cs/mine.txt").write_text("x")
    answer = json.loads(verify(folder, "--json").stdout)
    assert list(answer) == ["exit_code", "documents", "findings", "information", "done"]
    assert [(row["kind"], row["place"]) for row in answer["findings"]] == [("torn", FIRST)]
    assert [(row["kind"], row["place"]) for row in answer["information"]] == [("foreign", "cs/mine.txt")]
    assert (answer["exit_code"], answer["documents"], answer["done"]) == (1, 4, [])


@pytest.mark.parametrize(
    "name", [b"\x1b[2J.txt", b"\xff\xfe.txt", b"2026-10-12-\xff.md"], ids=["escape", "bytes", "document"]
)
def test_a_name_that_is_no_text_is_shown_harmless(folder: Path, name: bytes) -> None:
    place = os.fsencode(folder) + b"/cs/2026/10/" + name
    Path(os.fsdecode(place)).write_bytes((folder / FIRST).read_bytes().replace(b"1001", b"7777"))
    run, answer = verify(folder, "--repair"), verify(folder, "--json")
    assert (run.code, "\x1b" in run.stdout) == (0, False)
    assert [row["kind"] for row in json.loads(answer.stdout)["information"]] == ["foreign"]


def test_an_index_that_can_not_be_read_is_exit_3_until_it_is_made_again(folder: Path) -> None:
    before = documents(folder)
    (folder / ".state/index.db").write_bytes(b"no database" * 1000)
    run = verify(folder, "--json")
    assert (run.code, json.loads(run.stdout)["exit_code"]) == (3, 3)
    assert "verify --rebuild-index" in json.loads(run.stdout)["error"]
    repair = verify(folder, "--repair")
    assert (repair.code, "verify --rebuild-index" in repair.stderr) == (3, True)
    made = verify(folder, "--rebuild-index")
    assert (made.code, "made again from 5 changes" in made.stdout) == (0, True)
    assert [path.read_bytes()[:11] for path in (folder / ".state/quarantine").rglob("index.db")] == [b"no database"]
    assert documents(folder) == before


@pytest.mark.parametrize("words", [("--repair",), ("--rebuild-index",), ()], ids=["repair", "rebuild", "look"])
def test_lock(folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    from crawler.operations import verify as command

    monkeypatch.setattr(command, "PATIENCE", 0.3)  # of 30 s
    lock = RunLock(folder / ".state")
    lock.acquire(command="crawl", since="03:00")
    run = verify(folder, *words)
    lock.release()
    assert run.code == (75 if words else 0)
    assert ("crawl, pid" in run.stderr) == bool(words)
    assert verify(folder, *words).code == 0


@pytest.mark.parametrize("subset", ["0/7", "8/7", "1", "1/0", "a/b", "1/7/2", "-1/7"])
def test_a_wrong_slice_is_exit_2(folder: Path, subset: str) -> None:
    run = verify(folder, f"--subset={subset}")
    assert (run.code, "for instance 1/7" in run.stderr) == (2, True)


def test_seven_slices_are_the_whole(folder: Path) -> None:
    counts = [json.loads(verify(folder, "--json", "--subset", f"{part}/7").stdout)["documents"] for part in range(1, 8)]
    assert sum(counts) == 4


def test_sources_are_named_or_refused(folder: Path) -> None:
    assert verify(folder, "cs").stdout.startswith("4 documents")
    run = verify(folder, "nosuch")
    assert (run.code, "nothing of 'nosuch'" in run.stderr, "there are cs" in run.stderr) == (2, True, True)


def test_no_collection_is_exit_2_and_none_is_made(tmp_path: Path) -> None:
    run = verify(tmp_path / "nothing")
    assert (run.code, "there is no collection" in run.stderr) == (2, True)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("source", "name", "url", "key"),
    [
        ("4hou", "r7gb-3", "", "r7GB"),  # the name carries the capitals
        ("4hou", "r7gb-3", "https://www.4hou.com/posts/r7GB", "r7GB"),
        ("4hou", "r7gb-3-2", "https://www.4hou.com/posts/r7GB", "r7GB"),  # a foreign file had the first name
        ("4hou", "r7gb", "", "r7gb"),
        ("cs", "6444444", "", "6444444"),
        ("cs", "6444444", "https://www.cs.com.cn/xwzx/hg/202610/t20261012_6444444.html", "6444444"),
        ("bjwb", "bjwb2026101200101", "https://bjwb.bjd.com.cn/html/2026-10/12/content_1_1.htm", "bjwb2026101200101"),
        ("blog.example", "0123456789abcdef", "https://blog.example/a", "0123456789abcdef"),
    ],
)
def test_a_document_tells_its_articles_id(source: str, name: str, url: str, key: str) -> None:
    assert identify_by(Configuration())(source, name, url) == key


# --- after a real crawl ------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """A crawl, then its index (or all that is not a document) is lost."""

    refused: Run
    made: Run
    again: Run
    asked: int  # articles that the crawl after it fetched
    kept: bool  # the documents are the same bytes


def story(room: Newsroom, what: str) -> Story:
    site = room.site("one", key_is_case_sensitive="True")
    site.publish("r7GB", "k9Zx", "1003")
    room.crawl()
    before = room.documents()
    if what == "index":
        for file in (room.output / ".state").glob("index.db*"):
            file.unlink()
    else:
        shutil.rmtree(room.output / ".state")
    refused = room.crawl()
    flags = ("--output", str(room.output), "--config", str(room.config))
    made = told("verify", "--rebuild-index", *flags)
    site.server.log.clear()
    again = room.crawl()
    asked = sum(path.startswith("/a/") for path in site.server.asked())
    return Story(refused, made, again, asked, room.documents() == before)


@pytest.fixture(scope="module", params=["index", "everything but the documents"])
def lost(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with Newsroom(tmp_path_factory.mktemp("lost")) as room:
        yield story(room, request.param)


class TestLostIndex:
    def test_crawl_does_not_start_empty(self, lost: Story) -> None:
        assert lost.refused.code == 3
        assert "3 documents" in lost.refused.report["error"]
        assert "`verify --rebuild-index`" in lost.refused.report["error"]

    def test_made_again(self, lost: Story) -> None:
        assert lost.made.code == 0

    def test_nothing_is_fetched_again_and_nothing_doubled(self, lost: Story) -> None:
        assert (lost.again.code, lost.asked, lost.again.source("one")["new"]) == (0, 0, 0)
        assert lost.kept
