"""`story URL` and `dedup replay`: the group as a table with a diff, as JSON, and what other rules would make of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article, submission
from full_library import render_truly
from newsroom import Run, told

from crawler.models import Article, Moment, Precision
from crawler.storage.disk import Disk
from crawler.storage.library import Library

FIRST = """10月12日，河阳市统计局发布数据，前三季度全市规模以上工业增加值同比增长6.3%，比上半年加快0.4个百分点。装备制造业是主要拉动力。
分行业看，汽车制造业增长11.8%，电气机械制造业增长9.6%，食品加工业增长2.1%。河阳重型机床厂的订单已经排到明年3月，工人增加到315名。
出口方面，前三季度全市工业企业完成出口交货值87.4亿元，增长13.2%。新开通的两趟班列把运到内陆口岸的时间缩短了5天。
也有企业感到吃力。多家纺织厂反映，棉纱价格比去年高出一成，而成衣的报价没有跟上。"""
COPY = "编者按：河阳的做法值得一看。\n" + FIRST.replace("也有企业感到吃力。", "也有不少企业感到吃力。")
ALIKE = (
    FIRST.split("\n")[0]
    + "\n"
    + FIRST.split("\n")[1]
    + "\n"
    + "街边的小店、深夜的货车司机和车间里的师傅，各有各的难处，也各有各的盼头。" * 8
)
PAPER, PORTAL, BLOG = (f"https://{name}.test/1" for name in ("paper", "portal", "blog"))


def article(source: str, text: str, hour: int, **changes: Any) -> Article:
    at = Moment(datetime.fromisoformat(f"2026-10-12T{hour:02}:00:00+08:00"), Precision.SECOND, "page")
    html = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    made = make_article(
        "1", source=source, url=f"https://{source}.test/1", title="河阳工业增长6.3%", text=text, html=html
    )
    return replace(made, published=at, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The copy came first, and the original was published before it."""
    library = Library(Disk(tmp_path / "output"))
    library.recover(NOW)
    for number, each in enumerate(
        (article("portal", COPY, 10), article("paper", FIRST, 8), article("blog", ALIKE, 12))
    ):
        sent = submission(each, style="archive", render=render_truly, path=f"{each.source}/2026/10/2026-10-12-1.md")
        library.store([sent], NOW + timedelta(minutes=number))
    library.close()
    return tmp_path / "output"


def run(folder: Path, *words: str) -> Run:
    return told(*words, "--output", str(folder))


def test_a_story_as_json(folder: Path) -> None:
    for asked in (PAPER, PORTAL, "portal/2026/10/2026-10-12-1.md"):
        answer = json.loads(run(folder, "story", asked, "--json").stdout)
        members = answer.pop("members")
        assert answer == {"story": "paper/1", "primary": PAPER, "first_seen": "2026-10-12T08:00:00+00:00"}
        assert [(each["url"], each["source"], each["published"], each["rule"]) for each in members] == [
            (PAPER, "paper", "2026-10-12T08:00:00+08:00", ""),
            (PORTAL, "portal", "2026-10-12T10:00:00+08:00", "near-duplicate"),
        ]
        assert members[1]["path"] == "portal/2026/10/2026-10-12-1.md"
        assert 0.9 < members[1]["similarity"] < 1


def test_a_story_as_a_table_with_what_the_copy_changed(folder: Path) -> None:
    lines = run(folder, "story", PORTAL).stdout.splitlines()
    assert lines[0] == "paper/1  first seen 2026-10-12 08:00  1 copy"
    assert [line.split()[:4] for line in lines[1:3]] == [
        ["paper", "2026-10-12", "08:00", "primary"],
        ["portal", "2026-10-12", "10:00", "0.99"],
    ]
    assert "+也有不少企业感到吃力。" in lines
    assert "-也有企业感到吃力。" in lines
    assert "+编者按：河阳的做法值得一看。" in lines


def test_an_article_that_nobody_copied(folder: Path) -> None:
    assert run(folder, "story", BLOG).stdout.splitlines()[0] == "blog/1  first seen 2026-10-12 08:02  no copy is known"


def test_an_address_that_is_no_article(folder: Path) -> None:
    answer = run(folder, "story", "https://paper.test/2")
    assert (answer.code, answer.stdout) == (2, "")


def test_a_copy_whose_document_is_gone_is_still_told(folder: Path) -> None:
    (folder / "portal/2026/10/2026-10-12-1.md").unlink()
    assert "there is no text to compare any more" in run(folder, "story", PAPER).stdout


def test_the_regrouping_stands_in_the_change_log_and_in_the_journal(folder: Path) -> None:
    changes = [json.loads(line) for line in (folder / ".state/journal/2026-10.ndjson").read_text().splitlines()]
    assert [(each["seq"], each["op"], each["source"], each.get("story")) for each in changes] == [
        (1, "add", "portal", None),
        (2, "add", "paper", None),
        (3, "regroup", "portal", "paper/1"),
        (4, "add", "blog", None),
    ]
    told_lines = run(folder, "changes", "--after", "0", "--json").stdout.splitlines()
    assert [json.loads(line)["op"] for line in told_lines] == ["add", "add", "regroup", "add"]


def test_the_rules_as_they_are_would_change_nothing(folder: Path) -> None:
    answer = run(folder, "dedup", "replay")
    assert (answer.code, answer.stdout) == (0, "")
    assert "0 of 3 articles would stand elsewhere" in answer.stderr


def test_a_rule_that_is_off_shows_what_it_would_change(folder: Path) -> None:
    answer = json.loads(run(folder, "dedup", "replay", "--rule", "same-start", "--json").stdout)
    assert answer["articles"] == 3
    assert [(each["url"], each["was"], each["would_be"], each["rule"]) for each in answer["changes"]] == [
        (BLOG, "", "paper/1", "same-start")
    ]
    assert json.loads(run(folder, "story", BLOG, "--json").stdout)["story"] == "blog/1"


def test_a_rule_that_there_is_not(folder: Path) -> None:
    answer = run(folder, "dedup", "replay", "--rule", "same-strat")
    assert answer.code == 2
    assert "same-start" in answer.stderr


def test_a_rebuilt_index_has_the_same_stories(folder: Path) -> None:
    before = run(folder, "story", PORTAL, "--json").stdout
    for file in (folder / ".state").glob("index.db*"):
        file.unlink()
    assert run(folder, "verify", "--rebuild-index").code in (0, 1)
    assert run(folder, "story", PORTAL, "--json").stdout == before
    assert "0 of 3" in run(folder, "dedup", "replay").stderr
