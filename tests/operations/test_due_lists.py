"""When lists are asked: each when it is due, with the reason, unless the user asks for its source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, Reply, Run, Site
from resting import let_the_seven_rest, sql
from server import closed_port

from crawler.schedule.due import LONGEST

THREE = ("news", "local", "money")
LONG_AGO = "2024-01-01T00:00:00+00:00"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """A source with three lists that was crawled once, by name."""
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.attributes["lists"] = ", ".join(f'ListPage("{site.url(f"/{name}/")}", "{name}")' for name in THREE)
        room.write_source(site)
        for name in THREE:
            site.publish(f"{name}2", f"{name}1", path=f"/{name}/")
        room.crawl("one")
        let_the_seven_rest(room)
        yield room


def site_of(room: Newsroom) -> Site:
    return room.sites["one"]


def make_due(room: Newsroom, name: str) -> None:
    sql(room, "UPDATE list SET due = ? WHERE section = ?", LONG_AGO, name)


def as_cron_does(room: Newsroom) -> tuple[Run, list[str]]:
    """``crawl`` without names, and what it has asked for."""
    before = len(site_of(room).server.log)
    run = room.start("crawl", *room.flags()).wait()
    assert run.stdout, run.stderr
    return run, sorted(site_of(room).server.asked(before))


def planned(room: Newsroom, name: str = "news") -> tuple[timedelta, str]:
    """In how much time a list is due, and why."""
    [(due, reason)] = sql(room, "SELECT due, due_reason FROM list WHERE section = ?", name)
    return datetime.fromisoformat(due) - datetime.now(UTC), reason


# --- what is due ---------------------------------------------------------------------


def test_after_a_poll_every_list_knows_when_it_is_due_and_why(room: Newsroom) -> None:
    for name in THREE:
        wait, reason = planned(room, name)
        assert timedelta(minutes=2) < wait <= LONGEST
        assert reason
    assert sql(room, "SELECT length, overlap, rhythm != '' FROM list WHERE source = 'one'") == [(2, 0, 1)] * 3


def test_nothing_due_is_skipped_and_asks_for_nothing(room: Newsroom) -> None:
    run, asked = as_cron_does(room)
    source = run.source("one")
    assert (run.code, source["verdict"], asked) == (0, "skipped", [])
    assert source["reason"].startswith("not due before 20")
    assert {each["verdict"] for each in run.report["sources"]} == {"skipped"}


def test_only_the_list_that_is_due_is_asked(room: Newsroom) -> None:
    make_due(room, "local")
    run, asked = as_cron_does(room)
    assert (run.source("one")["verdict"], asked) == ("ok", ["/local/"])
    assert planned(room, "local")[0] > timedelta(minutes=2)


@pytest.mark.parametrize("word", ["one", "--all"])
def test_asking_for_the_source_asks_for_all_of_its_lists(room: Newsroom, word: str) -> None:
    site = site_of(room)
    nowhere = f"http://127.0.0.1:{closed_port()}"  # with --all the seven are asked, too: none may be reached
    proxies = {"http_proxy": nowhere, "https_proxy": nowhere, "no_proxy": site.server.host}
    before = len(site.server.log)
    room.start("crawl", word, *room.flags(), env=proxies).wait()
    assert sorted(site.server.asked(before)) == ["/local/", "/money/", "/news/"]


def test_a_list_that_is_new_in_the_source_file_is_due(room: Newsroom) -> None:
    site = site_of(room)
    site.publish("world1", path="/world/")
    site.attributes["lists"] += f', ListPage("{site.url("/world/")}", "world")'
    room.write_source(site)
    run, asked = as_cron_does(room)
    assert (run.source("one")["saved"], asked) == (1, ["/a/world1.html", "/world/"])


def test_a_debt_that_is_due_is_paid_without_asking_any_list(room: Newsroom) -> None:
    site = site_of(room)
    site.show("/news/", ["news3", "news2", "news1"])
    site.server.set("/a/news3.html", Reply(status=500))
    room.crawl("one")
    site.article("news3")
    assert as_cron_does(room)[0].source("one")["verdict"] == "skipped"  # tried again after an hour
    sql(room, "UPDATE frontier SET due = ?", LONG_AGO)
    run, asked = as_cron_does(room)
    assert (run.source("one")["verdict"], run.source("one")["saved"], asked) == ("ok", 1, ["/a/news3.html"])


def test_a_second_look_that_is_due_makes_the_source_run(room: Newsroom) -> None:
    assert as_cron_does(room)[0].source("one")["verdict"] == "skipped"
    sql(
        room,
        "INSERT OR REPLACE INTO look (article, source, due) SELECT id, source, ? FROM article WHERE key = 'news1'",
        LONG_AGO,
    )
    run, asked = as_cron_does(room)
    assert (run.source("one")["verdict"], asked) == ("ok", ["/a/news1.html"])


# --- what moves it --------------------------------------------------------------------


@pytest.mark.parametrize("status", [503, 429])
def test_a_list_is_left_alone_as_long_as_its_server_asks(room: Newsroom, status: int) -> None:
    site_of(room).server.set("/news/", Reply(status=status, headers={"Retry-After": "72000"}))  # 20 hours
    room.crawl("one")
    wait, why = planned(room)
    assert (timedelta(hours=19) < wait < timedelta(hours=21), why) == (True, "Retry-After")
    assert planned(room, "local") > (timedelta(hours=19), "")  # the host asked, so it holds for all that stands there


def test_the_source_files_every_is_the_floor(room: Newsroom) -> None:
    site_of(room).attributes["every"] = "3 * 86400.0"
    room.write_source(site_of(room))
    room.crawl("one")
    wait, reason = planned(room)
    assert timedelta(days=2, hours=23) < wait <= timedelta(days=3)
    assert reason == "at most every 72 h"


def test_a_dead_source_is_asked_rarely_but_never_given_up_and_comes_back(room: Newsroom) -> None:
    site = site_of(room)
    for name in THREE:
        site.server.set(f"/{name}/", Reply(status=404))
    sql(room, "UPDATE list SET errors = 40 WHERE source = 'one'")
    for name in THREE:
        make_due(room, name)
    run, asked = as_cron_does(room)
    assert (run.code, run.source("one")["verdict"], len(asked)) == (1, "failing", 3)
    wait, reason = planned(room)
    assert (timedelta(hours=5) < wait <= LONGEST, reason) == (True, "41 failed in a row")
    for name in THREE:
        site.show(f"/{name}/", [f"{name}3", f"{name}2", f"{name}1"])
        site.article(f"{name}3")
        make_due(room, name)
    run, _ = as_cron_does(room)
    assert (run.code, run.source("one")["saved"]) == (0, 3)
    assert sql(room, "SELECT DISTINCT errors FROM list WHERE source = 'one'") == [(0,)]


def test_one_list_that_fails_alone_is_not_a_source_that_fails(room: Newsroom) -> None:
    """The others rest after a good poll: they were not asked, which is no failure."""
    site_of(room).server.set("/news/", Reply(status=404))
    make_due(room, "news")
    run, asked = as_cron_does(room)
    assert (run.code, run.source("one")["verdict"], asked) == (1, "degraded", ["/news/"])
