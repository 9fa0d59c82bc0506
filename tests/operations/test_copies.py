"""One story on two sites: what lands on disk under each policy, in either order, and what comes back."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frontmatter
import pytest
from newsroom import Newsroom, Run, article_page, told

STORY = (
    "本报讯 示例市发展和改革委员会昨日公布，全市前三季度新开工重点项目一百二十六个，总投资四百八十亿元，比去年同期多出三成。",
    "其中装备制造和新材料两个门类的项目占了一半以上，落户东部新区的就有四十一个，多数将在后年投产。",
    "委员会副主任林间说，下一步会把审批时限再压缩五个工作日，并为缺少用地的企业安排三处标准厂房。",
    "多位企业负责人表示，眼下最盼的是招到熟练工人，市里开办的三所技工学校今年秋天第一次满额招生。",
    "统计部门的数字显示，同一时期全市固定资产投资同比增长百分之七点二，增速连续五个月回升。",
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as newsroom:
        yield newsroom


def put(room: Newsroom, name: str, key: str, time: str, text: tuple[str, ...] = STORY) -> None:
    site = room.sites.get(name) or room.site(name)
    site.publish(key)
    site.server.set(
        f"/a/{key}.html", _html(article_page(key, title="前三季度新开工重点项目一百二十六个", text=text, time=time))
    )


def _html(body: bytes) -> Any:
    from server import html

    return html(body)


def wire(room: Newsroom) -> None:
    put(room, "wire", "1001", "2024-05-20 08:00")


def paper(room: Newsroom) -> None:
    put(room, "paper", "2001", "2024-05-20 11:30", ("据通讯社消息 " + STORY[0][5:], *STORY[1:]))


def crawl(room: Newsroom, policy: str = "") -> Run:
    return room.crawl(flags=["--copies", policy] if policy else [])


def shapes(room: Newsroom) -> dict[str, str]:
    with sqlite3.connect(room.output / ".state" / "index.db") as connection:
        return dict(connection.execute("SELECT source, shape FROM article").fetchall())


def body_of(room: Newsroom, source: str) -> str:
    [name] = [name for name in room.documents() if name.startswith(source)]
    return str(frontmatter.loads(room.documents()[name].decode()).content)


def ops(room: Newsroom) -> list[tuple[str, str]]:
    with sqlite3.connect(room.output / ".state" / "index.db") as connection:
        return connection.execute("SELECT op, source FROM change ORDER BY seq").fetchall()


ORDERS = list(itertools.permutations((wire, paper)))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0].__name__)
class TestEitherOrder:
    def test_keep_leaves_both_documents_and_links_them_in_the_index(self, room: Newsroom, order: tuple) -> None:  # type: ignore[type-arg]
        for act in order:
            act(room)
            assert crawl(room).code == 0
        assert len(room.documents()) == 2
        assert shapes(room) == {"wire": "", "paper": ""}
        story = room.start(
            "story", room.sites["paper"].url("/a/2001.html"), "--json", "--output", str(room.output)
        ).wait()
        told = json.loads(story.stdout)
        assert told["primary"] == room.sites["wire"].url("/a/1001.html")
        assert [member["source"] for member in told["members"]] == ["wire", "paper"]
        assert ("regroup", "paper") in ops(room)

    def test_link_leaves_the_copy_its_front_matter_and_a_pointer(self, room: Newsroom, order: tuple) -> None:  # type: ignore[type-arg]
        for act in order:
            act(room)
            assert crawl(room, "link").code == 0
        assert shapes(room) == {"wire": "", "paper": "pointer"}
        assert f"]({room.sites['wire'].url('/a/1001.html')})" in body_of(room, "paper")
        assert STORY[2] not in body_of(room, "paper")
        assert STORY[2] in body_of(room, "wire")
        [kept] = (room.output / ".state" / "revisions").rglob("*2001*.md")
        assert STORY[2] in kept.read_text(encoding="utf-8")
        out = told("export", "--format", "jsonl", "--source", "paper", "--output", str(room.output)).stdout
        assert (json.loads(out)["document"], STORY[2] in json.loads(out)["text"]) == ("pointer", True)


def test_primary_leaves_out_a_new_copy_and_keeps_its_text(room: Newsroom) -> None:
    for act in (wire, paper):
        act(room)
        run = crawl(room, "primary")
    assert (run.source("paper")["saved"], run.source("paper")["duplicates"]) == (0, 1)
    assert run.source("paper")["paths"] == []
    assert [name.split("/")[0] for name in room.documents()] == ["wire"]
    [hidden] = (room.output / ".state" / "copies").rglob("*2001*.md")
    assert STORY[2] in hidden.read_text(encoding="utf-8")
    again = crawl(room, "primary")
    assert again.source("paper")["new"] == 0  # known: not fetched again


def test_primary_makes_a_pointer_of_a_copy_that_lies_there_already(room: Newsroom) -> None:
    for act in (paper, wire):
        act(room)
        crawl(room, "primary")
    assert shapes(room) == {"wire": "", "paper": "pointer"}
    assert len(room.documents()) == 2


@pytest.mark.parametrize("policy", ["link", pytest.param("primary", marks=pytest.mark.slow)])
def test_back_to_keep_all_documents_come_back_as_they_were(room: Newsroom, policy: str) -> None:
    for act in (wire, paper):
        act(room)
        crawl(room, policy)
    crawl(room, "keep")
    assert shapes(room) == {"wire": "", "paper": ""}
    assert len(room.documents()) == 2
    assert STORY[2] in body_of(room, "paper")


@pytest.mark.parametrize("policy", ["link"])
def test_a_second_run_changes_nothing(room: Newsroom, policy: str) -> None:
    for act in (paper, wire):
        act(room)
        crawl(room, policy)
    before, stamps = ops(room), room.stamps()
    crawl(room, policy)
    assert (ops(room), room.stamps()) == (before, stamps)


def test_a_copy_that_a_person_edited_is_left_so(room: Newsroom) -> None:
    paper(room)
    crawl(room, "link")
    [name] = room.documents()
    (room.output / name).write_text("---\ntitle: 我的\n---\n\n批注\n", encoding="utf-8")
    wire(room)
    crawl(room, "link")
    assert "批注" in (room.output / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("policy", ["primary"])
def test_a_lost_index_is_made_again_with_its_pointers_and_hidden_copies(room: Newsroom, policy: str) -> None:
    for act in (wire, paper):
        act(room)
        crawl(room, policy)
    before, documents = shapes(room), room.documents()
    for file in (room.output / ".state").glob("index.db*"):
        file.unlink()
    made = room.start("verify", "--rebuild-index", "--output", str(room.output), "--config", str(room.config)).wait()
    assert made.code == 0, made.stdout + made.stderr
    assert (shapes(room), room.documents()) == (before, documents)
    assert crawl(room, policy).report["exit_code"] == 0
    assert (shapes(room), room.documents()) == (before, documents)


def test_verify_finds_no_fault_in_pointers_and_hidden_copies(room: Newsroom) -> None:
    for act in (wire, paper):
        act(room)
        crawl(room, "primary")
    run = room.start("verify", "--output", str(room.output), "--config", str(room.config)).wait()
    assert run.code == 0, run.stdout


@pytest.mark.parametrize("policy", ["primary"])
def test_a_full_story_is_never_hidden_behind_the_flash_that_came_first(room: Newsroom, policy: str) -> None:
    put(room, "wire", "1001", "2024-05-20 08:00", STORY[:2])
    crawl(room, policy)
    put(room, "paper", "2001", "2024-05-20 11:30", STORY)
    crawl(room, policy)
    assert STORY[4] in body_of(room, "paper")


class TestWithinASource:
    """Always one document, whatever the policy: but only of what is the same text."""

    def both(self, room: Newsroom, first: tuple[str, ...], second: tuple[str, ...]) -> Run:
        put(room, "wire", "1001", "2024-05-20 08:00", first)
        crawl(room)
        site = room.sites["wire"]
        site.publish("1002", "1001")
        page = article_page("1002", title="全市前三季度新开工项目超百个", text=second, time="2024-05-20 14:00")
        site.server.set("/a/1002.html", _html(page))
        return crawl(room)

    def test_the_same_text_under_another_title_is_one_document(self, room: Newsroom) -> None:
        run = self.both(room, STORY, STORY)
        assert (run.source("wire")["saved"], run.source("wire")["duplicates"]) == (0, 1)
        assert len(room.documents()) == 1

    def test_a_flash_and_the_full_story_are_two(self, room: Newsroom) -> None:
        run = self.both(room, STORY[:1], STORY)
        assert run.source("wire")["saved"] == 1
        assert len(room.documents()) == 2

    def test_an_extended_story_is_another_document(self, room: Newsroom) -> None:
        self.both(room, STORY[:3], STORY)
        assert len(room.documents()) == 2


def test_different_stories_are_never_touched(room: Newsroom) -> None:
    wire(room)
    put(
        room,
        "paper",
        "2002",
        "2024-05-20 12:00",
        tuple(line.replace("一百二十六", "三十七").replace("示例市", "样板县") for line in STORY),
    )
    crawl(room, "primary")
    assert shapes(room) == {"wire": "", "paper": ""}


@pytest.mark.parametrize("value", ["all", "", 3])
def test_a_wrong_policy_is_refused(room: Newsroom, value: object) -> None:
    room.config.write_text(f"copies = {json.dumps(value)}\n", encoding="utf-8")
    run = crawl(room)
    assert run.code == 2
    assert "none of keep, link, primary" in run.report["error"]
