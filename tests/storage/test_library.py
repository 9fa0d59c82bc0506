"""The four steps, and what is left after a crash at each point of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from broken_disk import FAULTS, Died, breaking_disk
from conftest import NOW, documents, make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskError, DiskFull
from crawler.models import Candidate, Verb
from crawler.storage.disk import Disk
from crawler.storage.library import Library

Open = Callable[..., Library]


def journal(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / ".state/journal").glob("*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_a_new_article_becomes_one_file_one_row_one_change_one_line(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    [outcome] = library.store([submission(make_article())], NOW)
    assert outcome.decision.verb is Verb.NEW
    assert list(documents(tmp_path / "output")) == ["cs/2026/10/2026-10-11-1001.md"]
    assert library.index.value("SELECT count(*) FROM article") == 1
    assert library.index.value("SELECT count(*) FROM intent") == 0
    assert [line["seq"] for line in journal(tmp_path / "output")] == [1]
    assert list((tmp_path / "output/.state/tmp").iterdir()) == []


def test_the_same_again_changes_no_byte_and_no_mtime(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article())], NOW)
    file = tmp_path / "output/cs/2026/10/2026-10-11-1001.md"
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    [outcome] = library.store([submission(make_article())], NOW + timedelta(days=1))
    assert outcome.decision.verb is Verb.UNCHANGED
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert len(journal(tmp_path / "output")) == 1


@pytest.mark.parametrize("together", [True, False], ids=["in one group", "one after the other"])
def test_same_title_day_and_text_under_another_address_is_one_document(
    open_library: Open, tmp_path: Path, together: bool
) -> None:
    library = open_library()
    first = make_article("1001")
    twin = make_article("2002", title=first.title, text=first.text, html=first.html, url="https://www.cs.com.cn/b")
    if together:
        outcomes = library.store([submission(first), submission(twin)], NOW)
    else:
        outcomes = [library.store([submission(each)], NOW)[0] for each in (first, twin)]
    assert [outcome.decision.verb for outcome in outcomes] == [Verb.NEW, Verb.DUPLICATE]
    assert outcomes[1].decision.rule == "same-text"
    assert len(documents(tmp_path / "output")) == 1
    assert library.index.known_keys("cs", ["1001", "2002"]) == {"1001", "2002"}
    known = library.index.article_by_address("cs", "https://www.cs.com.cn/b")
    assert known is not None
    assert known.key == "1001"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "另一条公告"},
        {"text": "示例公司第1001号公告的正文，金额为2亿元。"},
        {"published": None},
    ],
    ids=["another title", "another text", "another day"],
)
def test_what_differs_is_another_document(open_library: Open, tmp_path: Path, change: dict[str, Any]) -> None:
    library = open_library()
    first = make_article("1001")
    other = make_article("2002", **{"title": first.title, "text": first.text, **change})
    library.store([submission(first), submission(other)], NOW)
    assert len(documents(tmp_path / "output")) == 2


def test_a_correction_replaces_the_text_and_keeps_the_old_one(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article())], NOW)
    corrected = make_article(text="更正后的正文。", title="更正：示例公司披露季度数据")
    [outcome] = library.store([submission(corrected, style="jekyll", path="cs/elsewhere.md")], NOW)
    assert outcome.decision.verb is Verb.REVISED
    [(path, content)] = documents(tmp_path / "output").items()
    assert path == "cs/2026/10/2026-10-11-1001.md"  # the name is decided once
    assert "更正后的正文。" in content.decode()
    assert "style: hexo" in content.decode()  # so is the style
    [old] = (tmp_path / "output/.state/revisions").rglob("*.md")
    assert "示例公司第1001号公告的正文。" in old.read_text()
    assert [line["op"] for line in journal(tmp_path / "output")] == ["add", "revise"]
    assert library.index.value("SELECT revision FROM article") == 2


@pytest.mark.parametrize("by_hand", ["edited", "removed"])
def test_K10_a_document_that_a_person_changed_stays_so(open_library: Open, tmp_path: Path, by_hand: str) -> None:
    library = open_library()
    library.store([submission(make_article())], NOW)
    file = tmp_path / "output/cs/2026/10/2026-10-11-1001.md"
    if by_hand == "edited":
        file.write_text("meine Notiz")
    else:
        file.unlink()
    [outcome] = library.store([submission(make_article(text="更正后的正文。"))], NOW)
    assert outcome.decision.verb is Verb.DEFERRED
    assert by_hand in outcome.note
    assert file.exists() == (by_hand == "edited")
    assert not file.exists() or file.read_text() == "meine Notiz"


def test_a_foreign_file_under_the_wanted_name_is_never_overwritten(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    foreign = tmp_path / "output/cs/2026/10/2026-10-11-1001.md"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("not ours")
    [outcome] = library.store([submission(make_article())], NOW)
    assert foreign.read_text() == "not ours"
    assert outcome.path == "cs/2026/10/2026-10-11-1001-2.md"
    assert library.index.value("SELECT path FROM article") == outcome.path


def test_an_address_that_now_is_another_articles_does_not_swallow_it(open_library: Open, tmp_path: Path) -> None:
    # An e-paper puts a new article first: it gets the address that the old one had, and an id of its own.
    library = open_library()
    first = make_article("bjwb2026101200101", url="https://paper.example.org/content_001_1.htm")
    other = make_article(
        "bjwb2026101200102", url=first.url, title="加塞的新闻", text="这是后来放在第一条的另一篇文章。"
    )
    library.store([submission(first)], NOW)
    [outcome] = library.store([submission(other)], NOW)
    assert outcome.decision.verb is Verb.NEW
    assert len(documents(tmp_path / "output")) == 2
    now_there = library.index.article_by_address("cs", first.url)
    assert now_there is not None
    assert now_there.key == other.key


def test_one_article_under_two_ids_at_one_address_is_one_document(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    saved = make_article("content_001_1", url="https://paper.example.org/content_001_1.htm")
    listed = make_article("bjwb2026101200101", url=saved.url, title=saved.title, text=saved.text + "补充一句。")
    library.store([submission(saved)], NOW)
    [outcome] = library.store([submission(listed)], NOW)
    assert (outcome.decision.verb, outcome.decision.rule) == (Verb.REVISED, "same-address")
    assert len(documents(tmp_path / "output")) == 1


def test_nothing_stays_owed_for_what_is_known_already(open_library: Open) -> None:
    """Not for the id that redirected to a known article, nor for a document that a person changed."""
    library = open_library()
    library.store([submission(make_article())], NOW)
    (library.disk.root / "cs/2026/10/2026-10-11-1001.md").write_text("meine Notiz")
    for alias, text in (("77", "示例公司第1001号公告的正文。"), ("88", "更正后的正文。")):
        with library.index.transaction() as connection:
            library.frontier.owe(connection, [Candidate("cs", alias, f"https://www.cs.com.cn/{alias}")], NOW)
        library.store([submission(make_article(text=text), settles=(alias,))], NOW)
        assert library.index.known_keys("cs", [alias]) == {alias}
    assert library.frontier.owed("cs") == 0


def test_the_journal_gets_no_line_twice_when_the_clock_is_set_back(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(make_article("1001"))], NOW)
    library.store([submission(make_article("1002"))], NOW - timedelta(days=400))
    for _ in range(2):
        open_library()
    assert sorted(line["seq"] for line in journal(tmp_path / "output")) == [1, 2]


def test_a_debt_is_cleared_in_the_commit_that_pays_it(open_library: Open) -> None:
    library = open_library()
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [Candidate("cs", "1001", "https://www.cs.com.cn/a")], NOW)
    assert library.frontier.owed("cs") == 1
    library.store([submission(make_article())], NOW)
    assert library.frontier.owed("cs") == 0


# --- faults: the Nth call to the disk fails, or the process dies there -------------


ARTICLES = [make_article(key) for key in ("1001", "1002", "1003")]


def assert_promises(library: Library, folder: Path) -> None:
    """complete · not lost · once: what must hold after any fault, without repair by hand."""
    import hashlib

    files = documents(folder)
    rows = library.index.rows("SELECT path, sha256 FROM article")
    assert {path: hashlib.sha256(content).hexdigest() for path, content in files.items()} == dict(rows)
    sequence = [row[0] for row in library.index.rows("SELECT seq FROM change ORDER BY seq")]
    assert sequence == list(range(1, len(sequence) + 1))
    assert [line["seq"] for line in journal(folder)] == sequence
    assert library.index.value("SELECT count(*) FROM intent") == 0


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_K1_K4_K5_K6_any_fault_at_any_call_loses_nothing_and_doubles_nothing(
    tmp_path: Path, fault: BaseException
) -> None:
    for number in range(1, 200):
        folder = tmp_path / f"{number}"
        broke, library = True, None
        try:
            library = Library(breaking_disk(number, fault)(folder))
            library.recover(NOW)
            library.store([submission(each) for each in ARTICLES], NOW)
            library.store([submission(make_article(text="更正后的正文。"))], NOW)
            broke = False
        except (Died, DiskError):
            pass
        if library is not None:
            library.close()
        again = Library(Disk(folder))
        again.recover(NOW)
        assert_promises(again, folder)
        again.store([submission(each) for each in ARTICLES], NOW)
        again.store([submission(make_article(text="更正后的正文。"))], NOW)
        assert_promises(again, folder)
        assert len(documents(folder)) == len(ARTICLES)
        again.close()
        if not broke:
            assert number > 15, "the loop ended before it had broken anything"
            return
    pytest.fail("200 calls were not enough to store three articles")


def test_K1_a_full_disk_says_so_and_says_what_to_do(tmp_path: Path) -> None:
    library = Library(Disk(tmp_path))
    library.disk = breaking_disk(4, OSError(28, "No space left on device"))(tmp_path)
    with pytest.raises(DiskFull, match="free some space, then run again"):
        library.store([submission(make_article())], NOW)
    library.close()


def test_missing_and_torn_journal_lines_are_mended_at_the_next_start(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.store([submission(each) for each in ARTICLES], NOW)
    [file] = (tmp_path / "output/.state/journal").glob("*.ndjson")
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:20])
    open_library()
    assert file.read_bytes() == whole


def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "output")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "output/cs").symlink_to(tmp_path / "elsewhere")
    for path in ("../x.md", "/etc/x.md", "a/../../x.md", "a\0b", ""):
        with pytest.raises(DiskError, match="outside the output folder"):
            disk.write_new(path, b"")
    with pytest.raises(DiskError, match="not a folder"):
        disk.make_folder("cs/2026")
    assert list((tmp_path / "elsewhere").iterdir()) == []
