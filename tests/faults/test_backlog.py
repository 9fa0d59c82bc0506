"""A list that shows a whole archive on the first day: a part of it a run, and the way to all of it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from newsroom import Newsroom, Reply, Run

from crawler.engine.fetching import BACKLOG

MANY = tuple(f"{number}" for number in range(1220, 1000, -1))


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    runs: list[Run]
    asked: list[list[str]]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Two plain runs, and one that takes it all; of sources that want a delay, if a short one."""
    with Newsroom(tmp_path_factory.mktemp("backlog")) as room:
        site, at_once = room.site("one"), room.site("at-once")
        at_once.show("/news/", MANY[:202])
        for each in (site, at_once):
            for key in MANY:  # gone: that costs next to nothing
                each.server.set(f"/a/{key}.html", Reply(status=410))
            each.article("1220")
        runs, asked = [], []
        for key in ("1221", "1222"):
            site.server.set(f"/a/{key}.html", Reply(status=410))
        for shown in (MANY, ("1222", "1221", *MANY)):
            site.show("/news/", shown)
            before = len(site.server.log)
            runs.append(room.crawl("one", delay="0.001"))
            asked.append([path for path in site.server.asked(before) if path.startswith("/a/")])
        runs.append(room.crawl("at-once", flags=["--limit", "400"], delay="0.001"))
        yield Visit(room, runs, asked)


def test_R8_first_run_takes_the_first_two_hundred(visit: Visit) -> None:
    assert BACKLOG == 200
    assert visit.asked[0] == [f"/a/{key}.html" for key in MANY[:BACKLOG]]
    assert visit.runs[0].source("one")["owed"] == 20


def test_R8_how_to_lift_it_is_told(visit: Visit) -> None:
    told = "20 articles of the backlog are left for the next runs; `crawl one --limit 20` takes them at once"
    assert told in visit.runs[0].source("one")["reason"]


def test_R8_next_run_takes_the_rest_and_all_that_is_new(visit: Visit) -> None:
    source = visit.runs[1].source("one")
    assert (source["owed"], "backlog" in source["reason"]) == (0, False)
    assert sorted(visit.asked[0] + visit.asked[1]) == sorted(f"/a/{key}.html" for key in (*MANY, "1222", "1221"))


def test_R8_limit_lifts_it(visit: Visit) -> None:
    source = visit.runs[2].source("at-once")
    assert (source["saved"] + source["rejected"], source["owed"], "backlog" in source["reason"]) == (202, 0, False)
