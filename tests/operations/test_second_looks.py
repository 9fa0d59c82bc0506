"""Stored articles are looked at again: corrections become revisions, what is gone is withdrawn, nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, Reply, Run, Site, article_page
from server import html

PLAN = timedelta(hours=2)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as newsroom:
        yield newsroom


@pytest.fixture
def site(room: Newsroom) -> Site:
    site = room.site("paper", rechecks="(3600, 21600)")
    site.publish("1003", "1002", "1001")
    assert room.crawl().source("paper")["saved"] == 3
    return site


def path(key: str) -> str:
    return f"/a/{key}.html"


def corrected(key: str, text: str = "更正：本报此前报道的数字有误，特此说明。") -> bytes:
    return article_page(key).replace(b"</p>", f"</p><p>{text}</p>".encode(), 1)


def index(room: Newsroom) -> sqlite3.Connection:
    return sqlite3.connect(room.output / ".state" / "index.db")


def rows(room: Newsroom, sql: str) -> list[tuple[object, ...]]:
    with index(room) as connection:
        return connection.execute(sql).fetchall()


def let_time_pass(room: Newsroom, by: timedelta = PLAN) -> None:
    """All that is planned was planned that much earlier: the one way to move the clock of a real process."""
    with index(room) as connection:
        for table, columns in (("look", ("due",)), ("article", ("first_seen", "fetched", "published"))):
            for column in columns:
                found = connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {column} LIKE '____-__-__T%'")
                for rowid, at in found.fetchall():
                    earlier = (datetime.fromisoformat(at) - by).isoformat()
                    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (earlier, rowid))
    connection.close()


def again(room: Newsroom, *words: str) -> Run:
    return room.start("recheck", *words, *room.flags()).wait()


def ops(room: Newsroom) -> list[tuple[object, ...]]:
    return rows(room, "SELECT op, key FROM change WHERE seq > 3 ORDER BY seq")


def test_a_correction_is_a_revision_and_the_old_text_stays_readable(room: Newsroom, site: Site) -> None:
    before = room.documents()
    site.server.set(path("1002"), html(corrected("1002")))
    run = again(room, "paper")
    assert (run.code, run.source("paper")["revised"]) == (0, 1)
    after = room.documents()
    [changed] = [name for name in after if after[name] != before[name]]
    assert "更正：本报此前报道的数字有误" in after[changed].decode()
    kept = list((room.output / ".state" / "revisions").rglob("*1002.r1.md"))
    assert [file.read_bytes() for file in kept] == [before[changed]]
    assert ops(room) == [("revise", "1002")]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_withdrawn_and_its_text_stays(room: Newsroom, site: Site, status: int) -> None:
    before = room.documents()
    site.server.set(path("1002"), Reply(status=status))
    run = again(room, "paper")
    assert (run.code, run.source("paper")["failed"]) == (0, 0)
    assert room.documents() == before
    assert ops(room) == [("withdraw", "1002")]
    assert again(room, "paper").code == 0
    assert ops(room) == [("withdraw", "1002")]  # told once


def test_a_page_that_says_that_it_is_deleted_is_withdrawn(room: Newsroom, site: Site) -> None:
    site.server.set(
        path("1002"), html("<html><head><title>提示</title></head><body><p>该文章已删除</p></body></html>".encode())
    )
    again(room, "paper")
    assert ops(room) == [("withdraw", "1002")]


def test_a_withdrawn_article_that_returns_stands_again(room: Newsroom, site: Site) -> None:
    page = article_page("1002")
    site.server.set(path("1002"), Reply(status=404), html(page))
    again(room, "paper")
    again(room, "paper")
    assert ops(room) == [("withdraw", "1002"), ("revise", "1002")]
    assert rows(room, "SELECT withdrawn FROM article WHERE key = '1002'") == [("",)]


def test_a_site_that_loses_everything_has_withdrawn_nothing(room: Newsroom) -> None:
    site = room.site("large")
    keys = [str(number) for number in range(1001, 1009)]
    site.publish(*keys)
    room.crawl("large")
    for key in keys:
        site.server.set(path(key), Reply(status=404))
    run = again(room, "large")
    source = run.source("large")
    assert (run.code, source["verdict"], source["stage"]) == (1, "degraded", "article")
    assert "taken for a fault of the site" in str(source["reason"])
    assert rows(room, "SELECT count(*) FROM change WHERE op = 'withdraw'") == [(0,)]


def test_looks_that_fail_change_nothing_and_are_the_verdict(room: Newsroom, site: Site) -> None:
    before = room.documents()
    for key, status in (("1001", 500), ("1002", 403), ("1003", 429)):
        site.server.set(path(key), Reply(status=status))
    run = again(room, "paper")
    assert (run.code, run.source("paper")["verdict"], run.source("paper")["stage"]) == (1, "failing", "fetch")
    assert "3 of 3 stored articles could not be looked at again" in run.source("paper")["reason"]
    assert (room.documents(), ops(room)) == (before, [])
    assert rows(room, "SELECT count(*) FROM frontier") == [(0,)]


def test_one_page_at_several_addresses_is_a_fault_of_the_site(room: Newsroom, site: Site) -> None:
    before = room.documents()
    for key in ("1001", "1002", "1003"):
        site.server.set(path(key), html(article_page("9999", title="今日停机公告", time="2024-05-20 09:30")))
    run = again(room, "paper")
    changed = [name for name, raw in room.documents().items() if raw != before[name]]
    assert len(changed) <= 1
    assert "taken for a fault of the site, the document stays" in run.stderr


def test_a_planned_look_believes_a_404_only_the_second_time(room: Newsroom, site: Site) -> None:
    young(room)
    let_time_pass(room)
    site.server.set(path("1002"), Reply(status=404))
    room.crawl()
    assert ops(room) == []
    let_time_pass(room, timedelta(hours=7))
    room.crawl()
    assert ops(room) == [("withdraw", "1002")]


def test_a_captcha_in_its_place_changes_nothing(room: Newsroom, site: Site) -> None:
    before = room.documents()
    site.server.set(
        path("1002"), html(b"<html><title>Just a moment...</title><body>Checking your browser</body></html>")
    )
    again(room, "paper")
    assert (room.documents(), ops(room)) == (before, [])


def test_counters_are_no_revision(room: Newsroom, site: Site) -> None:
    before = room.documents()
    site.server.set(path("1002"), html(corrected("1002", "阅读量：10234　5分钟前")))
    again(room, "paper")
    site.server.set(path("1002"), html(corrected("1002", "阅读量：99999　2小时前")))
    run = again(room, "paper")
    assert run.source("paper")["revised"] == 0
    assert (room.documents(), ops(room)) == (before, [])


def test_a_page_that_flaps_is_frozen_and_named(room: Newsroom, site: Site) -> None:
    first, second = article_page("1002"), corrected("1002")
    runs = []
    for body in (second, first, second, first):
        site.server.set(path("1002"), html(body))
        runs.append(again(room, "paper"))
    assert [run.source("paper")["revised"] for run in runs] == [1, 1, 0, 0]
    assert "gone back to an earlier one 2 times: frozen" in runs[2].stderr
    [(reason,)] = rows(room, "SELECT frozen FROM look WHERE frozen != ''")
    assert "gone back" in str(reason)


def test_a_document_edited_by_hand_is_never_overwritten(room: Newsroom, site: Site) -> None:
    [name] = [name for name in room.documents() if "1002" in name]
    (room.output / name).write_text("---\ntitle: 我的\n---\n\n我的批注\n", encoding="utf-8")
    edited = room.documents()
    site.server.set(path("1002"), html(corrected("1002")))
    run = again(room, "paper")
    assert room.documents() == edited
    assert "was edited by a person: left so" in run.stderr


def test_a_single_address_is_looked_at_now_and_the_others_are_not(room: Newsroom, site: Site) -> None:
    site.server.log.clear()
    run = again(room, site.url(path("1002")))
    assert run.code == 0
    assert [asked for asked in site.server.asked() if asked.startswith("/a/")] == [path("1002")]


@pytest.mark.parametrize("word", ["papr", "http://127.0.0.1/unknown/1.html", "https://"])
def test_an_unknown_word_is_refused_before_any_request(room: Newsroom, site: Site, word: str) -> None:
    site.server.log.clear()
    run = again(room, word)
    assert run.code == 2
    assert word in run.report["error"]
    assert site.server.asked() == []


class TestPlan:
    def test_nothing_is_looked_at_before_its_time(self, room: Newsroom, site: Site) -> None:
        site.server.log.clear()
        room.crawl()
        assert [asked for asked in site.server.asked() if asked.startswith("/a/")] == []

    def test_then_each_article_is_asked_once_and_conditionally(self, room: Newsroom, site: Site) -> None:
        young(room)
        let_time_pass(room)
        site.server.log.clear()
        assert room.crawl().code == 0
        asked = [seen for seen in site.server.log if seen.path.startswith("/a/")]
        assert sorted(seen.path for seen in asked) == [path("1001"), path("1002"), path("1003")]
        room.crawl()
        assert len([seen for seen in site.server.log if seen.path.startswith("/a/")]) == 3

    def test_when_the_plan_is_done_it_is_not_looked_at_any_more(self, room: Newsroom, site: Site) -> None:
        young(room)
        for _ in range(3):
            let_time_pass(room, timedelta(hours=10))
            room.crawl()
        assert rows(room, "SELECT count(*) FROM look") == [(0,)]

    def test_what_is_new_comes_first(self, room: Newsroom, site: Site) -> None:
        young(room)
        let_time_pass(room)
        site.publish("1004", "1003", "1002", "1001")
        site.server.log.clear()
        room.crawl()
        asked = [seen.path for seen in site.server.log if seen.path.startswith("/a/")]
        assert set(asked) == {path(key) for key in ("1001", "1002", "1003", "1004")}


def young(room: Newsroom) -> None:
    """The articles were published just now: the fixtures' own day lies far back, where no plan reaches."""
    now = datetime.now(UTC)
    with index(room) as connection:
        connection.execute(
            "UPDATE article SET published = ?, precision = 'minute', first_seen = ?1", (now.isoformat(),)
        )
        connection.execute("DELETE FROM look")
        connection.execute(
            "INSERT INTO look (article, source, due) SELECT id, source, ? FROM article",
            ((now + timedelta(hours=1)).isoformat(),),
        )
    connection.close()
