"""`history` and `diff`: every version of an article, where its text lies, and what one has changed in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article, submission
from full_library import LATER, fill, render_truly
from newsroom import Newsroom, Run, told

from crawler.operations.difference import sentences
from crawler.storage.disk import Disk
from crawler.storage.history import history
from crawler.storage.library import Library

URL = "https://www.cs.com.cn/xwzx/202610/t20261011_{}.html"
SECOND = "cs/2026/10/2026-10-11-1002.md"
KEPT = ".state/revisions/cs/2026/10/2026-10-11-1002.r1.md"
LONG = "央行昨日表示，政策取向不变。记者问：“会降息吗？”发言人说不予置评！市场平静（早盘除外。）午后回升。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def store(folder: Path, key: str, text: str, **changes: Any) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    article = make_article(key, text=text, html=f"<p>{text}</p>", **changes)
    library.store([submission(article, style="archive", render=render_truly)], LATER)
    library.close()


def run(command: str, folder: Path, *words: str) -> Run:
    return told(command, *words, "--output", str(folder))


def entries(folder: Path, asked: str) -> list[dict[str, Any]]:
    [article] = json.loads(run("history", folder, asked, "--json").stdout)["articles"]
    return list(article["history"])


# --- history -------------------------------------------------------------------------


def test_every_version_with_the_place_of_its_text(folder: Path) -> None:
    first, second = entries(folder, URL.format(1002))
    assert list(first) == ["at", "seq", "op", "revision", "title", "sha256", "length", "reason", "path", "place"]
    assert (first["op"], first["revision"], first["length"], first["path"], first["place"]) == (
        "add",
        1,
        16,
        KEPT,
        "kept",
    )
    assert (second["op"], second["revision"], second["path"], second["place"]) == ("revise", 2, SECOND, "stands")
    assert (first["title"], second["title"]) == ("第1002号公告：示例公司披露季度数据", "更正：第二号公告")
    assert (first["at"], second["at"]) == (NOW.isoformat(), LATER.isoformat())


@pytest.mark.parametrize(
    "asked",
    [
        URL.format(1002),
        "http://cs.com.cn/xwzx/202610/t20261011_1002.html?utm_source=x",  # another form of it: by the source's own id
        SECOND,
        "{folder}/" + SECOND,
    ],
)
def test_an_article_is_asked_for_by_address_or_path(folder: Path, asked: str) -> None:
    assert [entry["seq"] for entry in entries(folder, asked.format(folder=folder))] == [2, 4]


def test_a_person_reads_it(folder: Path) -> None:
    run_ = run("history", folder, SECOND)
    head, first, first_place, second, second_place = run_.stdout.splitlines()
    assert head == f"cs/1002  {URL.format(1002)}"
    assert (first.split()[0], first.split()[3:]) == (
        "r1", ["add", "16", "characters", "第1002号公告：示例公司披露季度数据"],
    )  # fmt: skip
    assert first_place.split()[1] == KEPT
    assert second.split()[0] == "r2"
    assert second_place.split()[1:] == [SECOND, "the", "document"]


def test_a_withdrawal_and_a_return_are_told_and_have_no_text_of_their_own(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    library.withdraw([(look, "HTTP 410") for look in library.looks.of_key("cs", "1002")], LATER)
    library.close()
    assert "withdrawn since 2026-10-12" in run("history", folder, SECOND).stdout
    store(folder, "1002", "更正后的正文。", title="更正：第二号公告")
    found = entries(folder, SECOND)[2:]
    assert [(entry["op"], entry["reason"], entry["revision"], entry["length"], entry["path"]) for entry in found] == [
        ("withdraw", "HTTP 410", 2, 7, SECOND), ("revise", "stands again", 2, 7, SECOND),
    ]  # fmt: skip
    told_of = run("history", folder, SECOND).stdout
    assert "withdrawn since" not in told_of
    assert "–  2026-10-12" in told_of
    assert "(stands again)" in told_of


def test_where_a_text_lies_is_found_by_its_bytes(folder: Path) -> None:
    """Not by its name: an index that was made again counts its revisions from 1."""
    kept = folder / KEPT
    kept.rename(kept.with_name("2026-10-11-1002.r1-2.md"))
    kept.write_text("another text that was kept under this name before")
    assert entries(folder, SECOND)[0]["path"] == KEPT.replace("r1.md", "r1-2.md")


def test_what_a_person_has_done_to_the_texts(folder: Path) -> None:
    (folder / SECOND).write_text("meine Notiz")
    (folder / KEPT).unlink()
    assert [(entry["place"], entry["path"]) for entry in entries(folder, SECOND)] == [("lost", ""), ("edited", SECOND)]
    (folder / SECOND).unlink()
    assert [entry["place"] for entry in entries(folder, SECOND)] == ["lost", "lost"]


@pytest.mark.parametrize("command", ["history", "diff"])
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (URL.format(77), "no article of"),
        ("https://nobody.example/x", "no article of"),
        ("https://other.example/x", "no article of"),  # the original of one
        ("cs/2026/10/nothing.md", "neither a document of"),
        ("../../etc/passwd", "neither a document of"),
        ("", "neither a document of"),
        ("ftp://www.cs.com.cn/x", "not an http(s) address"),
    ],
)
def test_what_is_no_article_is_exit_2(folder: Path, command: str, asked: str, sentence: str) -> None:
    refused = run(command, folder, asked)
    assert (refused.code, refused.stdout, sentence in refused.stderr) == (2, "", True), refused.stderr


def test_pages_of_a_site_without_a_source_are_found_as_well(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        (room.spiders / "one.py").unlink()
        url = site.article("77")
        assert room.start("save", url, *room.flags()).wait().code == 0
        [article] = json.loads(run("history", room.output, f"{url}?from=rss", "--json").stdout)["articles"]
        assert (article["source"], [entry["op"] for entry in article["history"]]) == (site.server.host, ["add"])


# --- diff ----------------------------------------------------------------------------


def test_a_long_chinese_line_is_compared_by_sentences(folder: Path) -> None:
    store(folder, "3003", LONG)
    store(folder, "3003", LONG.replace("不变", "有变"), title="更正：央行表态")
    done = run("diff", folder, URL.format(3003))
    assert done.code == 0
    heads, lines = done.stdout.splitlines()[:2], done.stdout.splitlines()[2:]
    assert [head.split()[0] for head in heads] == ["---", "+++"]
    assert "(revision 1, 2026-10-12" in heads[0]
    assert lines == [
        "@@ -1,4 +1,4 @@",
        "-第3003号公告：示例公司披露季度数据",
        "-央行昨日表示，政策取向不变。",
        "+更正：央行表态",
        "+央行昨日表示，政策取向有变。",
        " 记者问：“会降息吗？”",
        " 发言人说不予置评！",
    ]


def test_any_two_revisions_in_either_direction(folder: Path) -> None:
    store(folder, "1002", "第三稿。", title="更正：第二号公告")
    texts = {1: "示例公司第1002号公告的正文。", 2: "更正后的正文。", 3: "第三稿。"}
    for words, old, new in (
        ((), 2, 3),
        (("--from", "1"), 1, 3),
        (("--to", "2"), 1, 2),
        (("--from", "3", "--to", "1"), 3, 1),
    ):
        lines = run("diff", folder, SECOND, *words).stdout.splitlines()
        assert (f"-{texts[old]}" in lines, f"+{texts[new]}" in lines) == (True, True), words


def test_where_there_is_nothing_to_compare(folder: Path) -> None:
    single = run("diff", folder, URL.format(1001))
    assert (single.code, single.stdout, "no revision before 1" in single.stderr) == (0, "", True)
    same = run("diff", folder, SECOND, "--from", "2", "--to", "2")
    assert (same.code, same.stdout, "have the same title and text" in same.stderr) == (0, "", True)
    unknown = run("diff", folder, SECOND, "--to", "7")
    assert (unknown.code, "has no revision 7; there are 1, 2" in unknown.stderr) == (2, True)
    (folder / KEPT).unlink()
    lost = run("diff", folder, SECOND)
    assert (lost.code, "the text of revision 1 is kept nowhere" in lost.stderr) == (2, True)


def test_a_text_can_not_speak_to_the_terminal(folder: Path) -> None:
    store(folder, "1001", "x", title="\x1b[31m红\x1b[0m")
    for command in ("history", "diff"):
        assert "\x1b" not in run(command, folder, URL.format(1001)).stdout


def test_sentences_keep_every_character(folder: Path) -> None:
    store(folder, "3003", f"{LONG}\nThe bank said no. It did! “不。”）完")
    [revision] = history(folder, "cs", "3003")
    assert sentences(revision.title, revision.text())[1:] == [
        "央行昨日表示，政策取向不变。", "记者问：“会降息吗？”", "发言人说不予置评！", "市场平静（早盘除外。）", "午后回升。",
        "The bank said no.", "It did!", "“不。”）", "完",
    ]  # fmt: skip
