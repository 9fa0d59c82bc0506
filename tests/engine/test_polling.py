"""Walking the pages of a list: how far, what a failed page means, what limits leave for later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from newsroom import Newsroom, Reply, Run, Site

PAGE = 5  # rows of one list page


def serve_pages(site: Site, keys: list[str], days: dict[str, str] | None = None) -> None:
    """Spread a list over /news/, /news/2, /news/3 …"""
    parts = [keys[start : start + PAGE] for start in range(0, len(keys), PAGE)]
    for number, part in enumerate(parts, start=1):
        path = "/news/" if number == 1 else f"/news/{number}"
        shown = {key: (days or {}).get(key, "2024-05-20") for key in part}
        site.show(path, shown, following=f"/news/{number + 1}" if number < len(parts) else "")
    for key in keys:
        site.article(key)


def numbers(first: int, last: int) -> list[str]:
    """Keys from the newest down to the oldest, both included."""
    return [f"{number}" for number in range(last, first - 1, -1)]


def list_pages(asked: list[str]) -> list[str]:
    return [path for path in asked if path.startswith("/news/")]


@dataclass(frozen=True)
class Walks:
    room: Newsroom
    runs: list[Run]
    asked: list[dict[str, list[str]]]


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walks]:
    """A first run, a later one with much news, and a third after a page that had failed."""
    with Newsroom(tmp_path_factory.mktemp("walks")) as room:
        grown, pinned, rolled, broken, ended = map(room.site, ("grown", "pinned", "rolled", "broken", "ended"))
        old_notice = {"100": "2024-01-02"}
        april = dict.fromkeys(numbers(1001, 1010), "2024-04-10")
        may = dict.fromkeys(numbers(2001, 2099), "2024-05-20")
        for site in room.sites.values():
            serve_pages(site, numbers(1001, 1010), april)
        serve_pages(pinned, ["100", *numbers(1001, 1009)], april | old_notice)

        runs, asked = [], []

        def run() -> None:
            before = {name: len(site.server.log) for name, site in room.sites.items()}
            runs.append(room.crawl())
            asked.append({name: site.server.asked(before[name]) for name, site in room.sites.items()})

        run()
        serve_pages(grown, numbers(2001, 2012) + numbers(1001, 1010), april | may)
        serve_pages(pinned, ["100", *numbers(2001, 2009), *numbers(1001, 1009)], april | may | old_notice)
        serve_pages(rolled, numbers(2001, 2060), may)  # twelve pages
        serve_pages(broken, numbers(2001, 2012) + numbers(1001, 1010), april | may)
        broken.server.set("/news/2", Reply(status=500))
        serve_pages(ended, numbers(2001, 2007), may)  # two pages, and nothing of last time
        run()
        serve_pages(broken, numbers(2001, 2012) + numbers(1001, 1010), april | may)
        run()
        yield Walks(room, runs, asked)


def test_first_run_takes_the_first_page_only(walks: Walks) -> None:
    assert {name: list_pages(paths) for name, paths in walks.asked[0].items()} == {
        name: ["/news/"] for name in walks.room.sites
    }
    assert walks.runs[0].source("grown")["saved"] == PAGE


def test_later_run_goes_on_until_the_page_that_overlaps(walks: Walks) -> None:
    assert list_pages(walks.asked[1]["grown"]) == ["/news/", "/news/2", "/news/3"]
    source = walks.runs[1].source("grown")
    # 2001-2012 are new; page 3 reaches 1010-1008, which the first run has seen.
    assert (source["verdict"], source["saved"], source["gap"]) == ("ok", 12, None)


def test_pinned_row_does_not_stop_the_walk(walks: Walks) -> None:
    assert list_pages(walks.asked[1]["pinned"]) == ["/news/", "/news/2", "/news/3"]
    source = walks.runs[1].source("pinned")
    assert (source["new"], source["gap"]) == (9 + 1, None)  # 1005 was on page 2 of the first run


def test_walk_ends_after_ten_pages_and_reports_the_gap(walks: Walks) -> None:
    rolled = walks.room.sites["rolled"]
    assert list_pages(walks.asked[1]["rolled"]) == ["/news/", *(f"/news/{number}" for number in range(2, 11))]
    source = walks.runs[1].source("rolled")
    assert source["saved"] == 10 * PAGE
    assert source["gap"] == {"list": rolled.url("/news/"), "from": "2024-04-10", "to": "2024-05-20"}


def test_list_that_ends_without_overlap_reports_the_gap(walks: Walks) -> None:
    ended = walks.room.sites["ended"]
    assert list_pages(walks.asked[1]["ended"]) == ["/news/", "/news/2"]
    assert walks.runs[1].source("ended")["gap"] == {
        "list": ended.url("/news/"),
        "from": "2024-04-10",
        "to": "2024-05-20",
    }


class TestFailedPage:
    def test_verdict_names_page_and_stage(self, walks: Walks) -> None:
        source = walks.runs[1].source("broken")
        assert (source["verdict"], source["stage"]) == ("degraded", "fetch")
        assert source["reason"] == f"{walks.room.sites['broken'].url('/news/2')}: HTTP 500 Internal Server Error"
        assert walks.runs[1].code == 1

    def test_what_page_one_showed_is_kept(self, walks: Walks) -> None:
        assert walks.runs[1].source("broken")["saved"] == PAGE

    def test_next_run_walks_again_and_nothing_is_lost(self, walks: Walks) -> None:
        broken = walks.room.sites["broken"]
        assert list_pages(walks.asked[2]["broken"]) == ["/news/", "/news/2", "/news/3"]
        kept = {path for path in walks.room.documents() if path.startswith("broken/")}
        assert kept == set(broken.paths_of(*numbers(2001, 2012), *numbers(1006, 1010)))
        source = walks.runs[2].source("broken")
        assert (source["verdict"], source["gap"], source["owed"]) == ("ok", None, 0)


# --- what is left out stays owed ---------------------------------------------------


@pytest.fixture(scope="module")
def limits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walks]:
    """A run with --limit and --since, then a plain one; the lists answer 304 by then."""
    with Newsroom(tmp_path_factory.mktemp("limits")) as room:
        many, dated, undated = map(room.site, ("many", "dated", "undated"))
        many.show("/news/", numbers(1001, 1006), ETag='"1"')
        dated.show("/news/", {"2": "2024-05-20", "1": "2024-05-01"}, ETag='"1"')
        undated.show("/news/", {"2": "", "1": ""}, ETag='"1"')  # only the page tells the day
        for key in numbers(1001, 1006):
            many.article(key)
        for site in (dated, undated):
            site.article("2", time="2024-05-20 10:00")
            site.article("1", time="2024-05-01 10:00")
        runs, asked = [], []
        for flags in (["--limit", "2", "--since", "2024-05-15"], []):
            before = {name: len(site.server.log) for name, site in room.sites.items()}
            runs.append(room.crawl(flags=flags))
            asked.append({name: site.server.asked(before[name]) for name, site in room.sites.items()})
        yield Walks(room, runs, asked)


@pytest.mark.parametrize(("name", "saved", "owed"), [("many", 2, 4), ("dated", 1, 1), ("undated", 1, 1)])
def test_limit_and_since_leave_the_rest_owed(limits: Walks, name: str, saved: int, owed: int) -> None:
    source = limits.runs[0].source(name)
    assert (source["verdict"], source["saved"], source["owed"]) == ("ok", saved, owed)
    assert limits.runs[0].code == 0


def test_limit_fetches_the_newest_and_no_more(limits: Walks) -> None:
    assert limits.asked[0]["many"] == ["/news/", "/a/1006.html", "/a/1005.html"]


def test_since_does_not_fetch_what_the_list_calls_older(limits: Walks) -> None:
    assert limits.asked[0]["dated"] == ["/news/", "/a/2.html"]


@pytest.mark.parametrize(("name", "saved"), [("many", 4), ("dated", 1), ("undated", 1)])
def test_next_plain_run_gets_the_rest_though_the_list_answers_304(limits: Walks, name: str, saved: int) -> None:
    source = limits.runs[1].source(name)
    assert (source["not_modified"], source["saved"], source["owed"]) == (1, saved, 0)


def test_what_was_left_out_is_filed_under_its_own_day(limits: Walks) -> None:
    paths = set(limits.room.documents())
    assert {f"{name}/2024/05/2024-05-01-1.md" for name in ("dated", "undated")} <= paths
