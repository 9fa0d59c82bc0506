"""robots.txt, the delay between two requests, and who we say we are: read from the servers' logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from newsroom import Newsroom, Reply, Run, Site, article_page

KEYS = ("1003", "1002", "1001")
FORBIDDING = b"User-agent: *\nDisallow: /\n"
ROBOTS: dict[str, Reply] = {
    "absent": Reply(status=404),
    "empty": Reply(b""),
    "gone": Reply(status=410),
    "open": Reply(b"User-agent: *\nDisallow:\n"),
    "for-others": Reply(b"User-agent: *\nAllow: /\n\nUser-agent: OtherBot\nDisallow: /\n"),
    "moved": Reply(status=301, headers={"Location": "/robots-2.txt"}),
    "all": Reply(FORBIDDING),
    "for-us": Reply(b"User-agent: *\nAllow: /\n\nUser-agent: Shiyi\nDisallow: /\n"),
    "with-bom": Reply(b"\xef\xbb\xbf" + FORBIDDING),
    "articles": Reply(b"User-agent: *\nDisallow: /a/1002\n"),
    "status-401": Reply(status=401),
    "status-403": Reply(status=403),
    "status-429": Reply(status=429),
    "status-500": Reply(status=500),
    "status-503": Reply(status=503),
    "cut-off": Reply(FORBIDDING * 50, cut=10),
    "slow": Reply(b"User-agent: *\nCrawl-delay: 0.5\n"),
}
ALLOWED = ("absent", "empty", "gone", "open", "for-others", "moved")
REFUSED = {
    "all": "robots.txt disallows it",
    "for-us": "robots.txt disallows it",
    "with-bom": "robots.txt disallows it",
    "status-401": "robots.txt answers 401",
    "status-403": "robots.txt answers 403",
    "status-429": "robots.txt answers 429",
    "status-500": "robots.txt answers 500",
    "status-503": "robots.txt answers 503",
    "cut-off": "robots.txt could not be had",
}
FOR_THIS_RUN_ONLY = ("status-429", "status-500", "status-503", "cut-off")


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    first: Run
    second: Run
    requests: dict[str, int]  # by site, in the first run


def starts(site: Site) -> list[float]:
    return [seen.at for seen in site.server.log]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Two runs without --delay; in the second the servers that had trouble answer well."""
    with Newsroom(tmp_path_factory.mktemp("robots")) as room:
        room.config.write_text('spiders = "sources"\ncontact = "https://archive.example/contact"\n')
        for name, reply in ROBOTS.items():
            site = room.site(name, delay="0.0")
            site.publish(*KEYS)
            site.server.set("/robots.txt", reply)
            site.server.set("/robots-2.txt", b"User-agent: *\nDisallow: /b/\n")
        room.site("patient", delay="0.4").publish(*KEYS)
        busy = room.site("busy", delay="0.0")
        busy.publish(*KEYS)
        for key in KEYS:
            busy.server.set(f"/a/{key}.html", Reply(article_page(key), delay=0.15))
        shared = room.site("shared", delay="0.3")
        shared.publish("1001", "1002")
        twin = Site("twin")
        twin.server = shared.server
        twin.attributes = {"delay": "0.3", "lists": f'ListPage("{shared.url("/more/")}")'}
        shared.publish("2001", "2002", path="/more/")
        room.sites["twin"] = twin
        room.write_source(twin)

        first = room.crawl(delay="")
        counted = {name: len(site.server.log) for name, site in room.sites.items()}
        for name in FOR_THIS_RUN_ONLY:
            room.sites[name].server.set("/robots.txt", b"")
        second = room.crawl(*ALLOWED, *FOR_THIS_RUN_ONLY, delay="")
        yield Visit(room, first, second, counted)


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(visit: Visit, name: str) -> None:
    source = visit.first.source(name)
    assert (source["verdict"], source["saved"]) == ("ok", 3)


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_refused(visit: Visit, name: str, reason: str) -> None:
    source = visit.first.source(name)
    assert (source["verdict"], source["stage"], source["found"]) == ("failing", "fetch", 0)
    assert reason in source["reason"]
    log = visit.room.sites[name].server.log[: visit.requests[name]]
    assert {seen.path for seen in log} == {"/robots.txt"}


def test_single_pages_may_be_refused(visit: Visit) -> None:
    site = visit.room.sites["articles"]
    assert site.server.asked() == ["/news/", "/a/1003.html", "/a/1001.html"]
    source = visit.first.source("articles")
    assert (source["saved"], source["failed"], source["owed"]) == (2, 1, 1)


@pytest.mark.parametrize("name", FOR_THIS_RUN_ONLY)
def test_trouble_refuses_for_this_run_only(visit: Visit, name: str) -> None:
    assert visit.second.source(name)["saved"] == 3


@pytest.mark.parametrize("name", ALLOWED)
def test_robots_is_kept_for_a_day(visit: Visit, name: str) -> None:
    assert len(visit.room.sites[name].robots_requests()) == 1


class TestDelay:
    @pytest.mark.parametrize(("name", "seconds"), [("patient", 0.4), ("shared", 0.3)])
    def test_between_two_starts(self, visit: Visit, name: str, seconds: float) -> None:
        gaps = [later - sooner for sooner, later in pairwise(starts(visit.room.sites[name]))]
        assert len(gaps) >= 4
        assert sum(gaps) >= seconds * len(gaps) - 0.1
        assert min(gaps) >= seconds * 0.75  # on a busy machine a request may reach the log late

    def test_of_robots_counts_where_it_is_longer(self, visit: Visit) -> None:
        _, *rest = starts(visit.room.sites["slow"])
        assert len(rest) == 4
        assert rest[-1] - rest[0] >= 3 * 0.5 - 0.1
        assert min(later - sooner for sooner, later in pairwise(rest)) >= 0.4

    def test_two_sources_share_it_on_a_common_host(self, visit: Visit) -> None:
        assert sorted(visit.room.sites["shared"].server.asked()) == sorted(
            ["/news/", "/more/", *(f"/a/{key}.html" for key in ("1001", "1002", "2001", "2002"))]
        )

    def test_one_request_at_a_time(self, visit: Visit) -> None:
        _, _, *articles = starts(visit.room.sites["busy"])
        # Each answer takes 0.15 s, and the next request waits for its end.
        assert min(later - sooner for sooner, later in pairwise(articles)) >= 0.15


def test_we_say_who_we_are_and_whom_to_ask(visit: Visit) -> None:
    agents = {seen.headers["user-agent"] for site in visit.room.sites.values() for seen in site.server.log}
    assert len(agents) == 1
    agent = agents.pop()
    assert agent.startswith("Shiyi/")
    assert "https://archive.example/contact" in agent
