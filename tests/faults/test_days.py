"""What servers do from one day to the next: lists that move, lie about their freshness or turn into something else.

Three runs over the same sites; between them the servers change their minds.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from newsroom import CAPTCHA, DAY, Newsroom, Reply, Run, article_page, list_page, title_of
from server import html

from . import misbehaving as bad

KEYS = ("1003", "1002", "1001")
MORE = ("1004", *KEYS)
# The status of each hop from a list to where it stands now.
MOVED = {
    "for-good-308": (308,), "for-good-twice": (301, 308), "for-now-at-last": (301, 302), "for-now": (302,),
    "for-good-by-way-of-now": (302, 301),
}  # fmt: skip
FORBIDDING = b"User-agent: *\nDisallow: /\n"


def rows(*keys: str) -> bytes:
    return list_page([(f"/a/{key}.html", title_of(key), DAY) for key in keys])


@dataclass(frozen=True)
class Days:
    room: Newsroom
    runs: list[Run]
    logs: list[dict[str, list[str]]]  # "200 /path", by run and site

    def of(self, name: str, field: str) -> list[object]:
        return [run.source(name)[field] for run in self.runs]


def set_age_of_robots(room: Newsroom, age: timedelta) -> None:
    with sqlite3.connect(room.output / ".state" / "index.db") as index:
        index.execute("UPDATE robots SET fetched = ?", ((datetime.now(UTC) - age).isoformat(),))


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    with Newsroom(tmp_path_factory.mktemp("days")) as room:
        names = (
            *(
                "moved",
                "same-etag",
                "new-etag",
                "gone",
                "turned-captcha",
                "picky",
                "robots-503",
                "robots-no",
                "robots-old",
            ),
            *("title", "other", *MOVED),
        )
        sites = {name: room.site(name) for name in names}
        for site in sites.values():
            site.publish(*KEYS)
        moved = sites["moved"]
        moved.server.set("/news/", Reply(status=301, headers={"Location": "/latest/"}))
        moved.show("/latest/", KEYS, ETag='"1"')
        for name, hops in MOVED.items():
            for number, status in enumerate(hops):
                place = "/latest/" if number == len(hops) - 1 else f"/hop/{number + 1}"
                path = f"/hop/{number}" if number else "/news/"
                sites[name].server.set(path, Reply(status=status, headers={"Location": place}))
            sites[name].show("/latest/", KEYS)
        # H6: these servers never answer 304, whatever they are asked.
        sites["same-etag"].server.set("/news/", html(rows(*KEYS), ETag='"1"'))
        sites["new-etag"].server.set("/news/", html(rows(*KEYS), ETag='"1"'))
        sites["turned-captcha"].show("/news/", KEYS, ETag='"7"')
        sites["picky"].show("/news/", KEYS, ETag='"7"')
        for name in ("robots-503", "robots-no", "robots-old"):
            sites[name].server.set("/robots.txt", b"User-agent: *\nDisallow:\n")
        runs, logs = [], []

        def run() -> None:
            before = {name: len(site.server.log) for name, site in room.sites.items()}
            runs.append(room.crawl())
            logs.append(
                {
                    name: [f"{seen.status} {seen.path}" for seen in site.server.log[before[name] :]]
                    for name, site in room.sites.items()
                }
            )

        run()
        set_age_of_robots(room, timedelta(hours=23))
        moved.show("/latest/", MORE, ETag='"2"')
        moved.article("1004")
        for name in ("same-etag", "robots-503", "robots-old"):
            sites[name].publish(*MORE)
        # The header says "the same", the body does not; and the other way round.
        sites["same-etag"].server.set("/news/", bad.answer(rows(*MORE), b'ETag: "1"', bad.length(len(rows(*MORE)))))
        sites["new-etag"].server.set("/news/", html(rows(*KEYS), ETag='"2"'))
        sites["gone"].server.set("/a/1001.html", Reply(status=404))
        sites["gone"].server.set("/a/1002.html", Reply(status=410))
        sites["turned-captcha"].server.set("/news/", CAPTCHA)
        sites["picky"].server.set("/news/", Reply(status=400), html(rows(*MORE), ETag='"8"'))
        sites["picky"].article("1004")
        for name in ("robots-503", "robots-no", "robots-old"):
            sites[name].server.set("/robots.txt", Reply(status=503))
        run()
        set_age_of_robots(room, timedelta(hours=25))
        sites["turned-captcha"].show("/news/", KEYS, ETag='"7"')
        sites["robots-no"].server.set("/robots.txt", FORBIDDING)
        sites["robots-503"].server.set("/robots.txt", b"")
        run()
        yield Days(room, runs, logs)


def test_H1_moved_list_is_followed_and_its_address_is_not_rewritten(days: Days) -> None:
    assert days.of("moved", "saved") == [3, 1, 0]
    assert days.logs[1]["moved"][:2] == ["301 /news/", "200 /latest/"]
    assert days.logs[2]["moved"] == ["404 /robots.txt", "301 /news/", "304 /latest/"]


def test_H1_new_address_is_named_until_the_source_file_is_changed(days: Days) -> None:
    site = days.room.sites["moved"]
    told = f"{site.url('/news/')} has moved for good to {site.url('/latest/')}: change the address in the source file"
    assert days.of("moved", "reason") == [told] * 3
    assert days.of("moved", "verdict") == ["ok"] * 3


@pytest.mark.parametrize(
    ("name", "place"),
    [("for-good-308", "/latest/"), ("for-good-twice", "/latest/"), ("for-now-at-last", "/hop/1"), ("for-now", ""),
     ("for-good-by-way-of-now", "")],
)  # fmt: skip
def test_H1_only_what_has_moved_for_good(days: Days, name: str, place: str) -> None:
    reason = days.runs[0].source(name)["reason"]
    assert (f"has moved for good to {days.room.sites[name].url(place)}: " in reason) if place else (reason == "")
    assert days.of(name, "verdict")[0] == "ok"


def test_H6_body_decides_where_the_header_lies(days: Days) -> None:
    assert days.of("same-etag", "saved") == [3, 1, 0]
    assert days.of("new-etag", "not_modified") == [0, 1, 1]


def test_H8_article_that_is_gone_from_the_site_stays_and_is_not_asked_for(days: Days) -> None:
    kept = set(days.room.documents())
    assert set(days.room.sites["gone"].paths_of(*KEYS)) <= kept
    assert [path for log in days.logs[1:] for path in log["gone"] if "/a/" in path] == []


class TestH13ListThatTurnsIntoACaptcha:
    def test_is_failing_with_its_reason(self, days: Days) -> None:
        assert days.of("turned-captcha", "verdict") == ["ok", "failing", "ok"]
        assert days.of("turned-captcha", "stage")[1] == "list"

    def test_leaves_validators_and_articles_untouched(self, days: Days) -> None:
        assert "304 /news/" in days.logs[2]["turned-captcha"]
        assert set(days.room.sites["turned-captcha"].paths_of(*KEYS)) <= set(days.room.documents())


def test_H19_server_that_knows_no_conditional_request_is_asked_plainly(days: Days) -> None:
    asked = [seen for seen in days.room.sites["picky"].server.log if seen.path == "/news/"]
    assert [(seen.status, "if-none-match" in seen.headers) for seen in asked[1:3]] == [(400, True), (200, False)]
    assert days.of("picky", "verdict") == ["ok", "ok", "ok"]
    assert days.of("picky", "saved")[1] == 1


class TestR1RobotsThatCanNotBeHad:
    def test_copy_of_the_last_day_is_used(self, days: Days) -> None:
        assert [run.source("robots-503")["saved"] for run in days.runs[:2]] == [3, 1]
        assert days.logs[1]["robots-503"] == ["200 /news/", "200 /a/1004.html"]

    def test_older_copy_is_not(self, days: Days) -> None:
        assert days.logs[2]["robots-old"] == ["503 /robots.txt"] * 3
        assert days.runs[2].source("robots-old")["verdict"] == "failing"


def test_R4_robots_that_turns_to_no_stops_the_source(days: Days) -> None:
    source = days.runs[2].source("robots-no")
    assert (source["verdict"], source["stage"]) == ("failing", "fetch")
    assert "robots.txt disallows it" in source["reason"]
    assert days.logs[2]["robots-no"] == ["200 /robots.txt"]


# --- H7: killed between the list and its articles -----------------------------------


def test_H7_list_is_asked_for_in_full_after_a_crash(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Newsroom(tmp_path_factory.mktemp("killed")) as room:
        site = room.site("one")
        site.show("/news/", KEYS, ETag='"1"')
        for key in KEYS:
            site.article(key)
        site.server.set("/a/1003.html", Reply(article_page("1003"), delay=5.0))
        running = room.start("crawl", "one", *room.flags())
        while "/a/1003.html" not in site.server.asked():
            time.sleep(0.02)
        running.process.kill()
        running.wait()
        site.article("1003")
        run = room.crawl()
        polls = [seen for seen in site.server.log if seen.path == "/news/"]
        assert [(seen.status, "if-none-match" in seen.headers) for seen in polls] == [(200, False), (200, False)]
        assert run.source("one")["paths"] == site.paths_of(*KEYS)


# --- D8 and H20: the same address, another page --------------------------------------


def test_H20_D8_variant_of_a_page_is_no_second_document(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another frame, another time in the header ("5 minutes ago"), the same text: nothing changes on disk."""
    with Newsroom(tmp_path_factory.mktemp("variants")) as room:
        site = room.site("one")
        site.publish("1001")
        first = room.crawl()
        stamps = room.stamps()
        page = article_page("1001", time="5分钟前").replace(
            b"<div class='foot'>", b"<aside>mobile</aside><div class='foot'>"
        )
        site.server.set("/a/1001.html", page)
        again = room.start("save", site.url("/a/1001.html"), *room.flags()).wait()
        assert (first.source("one")["saved"], again.source("one")["saved"], again.source("one")["revised"]) == (1, 0, 0)
        assert room.stamps() == stamps
        agents = {(seen.headers["user-agent"], seen.headers["accept-language"]) for seen in site.server.log}
        assert len(agents) == 1
