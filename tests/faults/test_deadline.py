"""A run that may not take longer than until the next one: it ends in order, and the next goes on where it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from newsroom import Newsroom, Run, told

KEYS = tuple(f"{number}" for number in range(1012, 1000, -1))
WAIT = 2.0  # seconds between two requests; the twelve articles that wait for their turn would take twenty-four


@dataclass(frozen=True)
class Late:
    room: Newsroom
    run: Run
    seconds: float
    after: Run


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Late]:
    with Newsroom(tmp_path_factory.mktemp("late")) as room:
        slow, quick = room.site("slow", delay=f"{WAIT}"), room.site("quick", delay="0.0")
        slow.publish(*KEYS)
        quick.publish("1002", "1001")
        room.crawl("quick")  # so that it has one request to send
        start = time.monotonic()
        run = room.crawl(flags=["--max-time", "3s"], delay="")
        seconds = time.monotonic() - start
        yield Late(room, run, seconds, room.crawl("slow"))


def test_E3_it_ends_when_its_time_is_up(late: Late) -> None:
    """Nobody waits for the turns that are not taken any more: they alone would be twenty seconds."""
    assert 3 <= late.seconds < 20


def test_E3_what_was_not_reached_stays_owed_and_is_told(late: Late) -> None:
    source = late.run.source("slow")
    assert late.run.code == 1
    assert source["verdict"] == "degraded"
    assert source["reason"] == "stopped early: the time that --max-time allows is up"
    assert (source["failed"], source["saved"] + source["owed"]) == (0, 12)
    assert source["saved"] < 3


def test_E3_a_source_that_was_done_by_then_is_well(late: Late) -> None:
    source = late.run.source("quick")
    assert (source["verdict"], source["reason"], source["requests"]) == ("ok", "", 1)


def test_E3_the_next_run_goes_on_and_nothing_is_fetched_twice(late: Late) -> None:
    site = late.room.sites["slow"]
    assert (late.after.code, late.after.source("slow")["owed"]) == (0, 0)
    assert set(late.room.documents()) >= set(site.paths_of(*KEYS))
    asked = [path for path in site.server.asked() if path.startswith("/a/")]
    assert sorted(asked) == sorted(f"/a/{key}.html" for key in KEYS)


@pytest.mark.parametrize("words", ["0", "-5", "soon", "30 m", "1.5h", "99999999"])
def test_E3_a_time_that_is_none_is_wrong_use(words: str) -> None:
    run = told("crawl", "--max-time", words)
    assert run.code == 2
    assert "is no time; write seconds, or for instance 30m" in run.stderr
