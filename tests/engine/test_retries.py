"""What is tried again within a run, when, and what waits for a later one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from newsroom import Newsroom, Reply, Run, Site, article_page
from server import html

from crawler.engine.middlewares import retry_after
from crawler.models import Candidate
from crawler.storage.library import Library

NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
GOOD = html(article_page("1001"))


def busy(status: int = 503, **headers: str) -> Reply:
    return Reply(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


ANSWERS: dict[str, list[Reply]] = {
    "recovers": [busy(), busy(), GOOD],
    "recovers-from-429": [busy(429), GOOD],
    "recovers-from-break": [Reply(article_page("1001"), cut=0), GOOD],
    "stays-bad": [busy()],
    "is-forbidden": [busy(403)],
    "asks-for-a-second": [busy(429, Retry_After="1"), GOOD],
    "asks-for-the-past": [busy(503, Retry_After="Mon, 20 May 2024 01:30:00 GMT"), GOOD],
    "asks-for-an-hour": [busy(503, Retry_After="3600")],
}


@dataclass(frozen=True)
class Tries:
    room: Newsroom
    run: Run
    due: dict[str, datetime]  # by site, what is owed

    def asked(self, name: str) -> int:
        return self.room.sites[name].server.asked().count("/a/1001.html")


@pytest.fixture(scope="module")
def tries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tries]:
    with Newsroom(tmp_path_factory.mktemp("tries")) as room:
        for name, replies in ANSWERS.items():
            site = room.site(name)
            site.show("/news/", ["1001"])
            site.server.set("/a/1001.html", *replies)
        host = room.site("host-asks-for-a-second")
        host.publish("1002", "1001")
        host.server.set("/a/1002.html", busy(429, Retry_After="1"), html(article_page("1002")))
        run = room.crawl()
        with sqlite3.connect(room.output / ".state" / "index.db") as index:
            rows = index.execute("SELECT source, due FROM frontier").fetchall()
        yield Tries(room, run, {name: datetime.fromisoformat(due) for name, due in rows})


@pytest.mark.parametrize(
    ("name", "asked", "saved"),
    [
        ("recovers", 3, 1),
        ("recovers-from-429", 2, 1),
        ("recovers-from-break", 2, 1),
        ("stays-bad", 3, 0),
        ("is-forbidden", 1, 0),
        ("asks-for-a-second", 2, 1),
        ("asks-for-the-past", 2, 1),
        ("asks-for-an-hour", 1, 0),
    ],
)
def test_tries_within_a_run(tries: Tries, name: str, asked: int, saved: int) -> None:
    source = tries.run.source(name)
    assert (tries.asked(name), source["saved"], source["owed"]) == (asked, saved, 1 - saved)


def test_each_try_waits_longer(tries: Tries) -> None:
    _, _, *starts = [seen.at for seen in tries.room.sites["stays-bad"].server.log]
    first, second = starts[1] - starts[0], starts[2] - starts[1]
    assert 0.05 < first < second


def test_retry_after_in_seconds_is_waited_for(tries: Tries) -> None:
    first, second = (seen for seen in tries.room.sites["asks-for-a-second"].server.log if "/a/" in seen.path)
    assert 1.0 <= second.at - first.at < 3.0


def test_retry_after_holds_for_all_of_the_host(tries: Tries) -> None:
    refused, following = [seen for seen in tries.room.sites["host-asks-for-a-second"].server.log if "/a/" in seen.path][
        :2
    ]
    assert refused.status == 429
    assert following.at - refused.at >= 1.0


@pytest.mark.parametrize("name", ["stays-bad", "is-forbidden", "asks-for-an-hour"])
def test_owed_for_an_hour_from_now(tries: Tries, name: str) -> None:
    finished = datetime.fromisoformat(tries.run.report["finished"])
    assert timedelta(minutes=59) < tries.due[name] - finished <= timedelta(minutes=60)


def test_long_retry_after_closes_the_host_for_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A server that asks for an hour is not asked again after a minute."""
    with Newsroom(tmp_path_factory.mktemp("hour")) as room:
        site: Site = room.site("hour")
        site.publish("1003", "1002", "1001")
        for key in ("1003", "1002", "1001"):
            site.server.set(f"/a/{key}.html", busy(429, Retry_After="3600"))
        running = room.start("crawl", "hour", *room.flags())
        run = running.wait(10)
        assert site.server.asked() == ["/news/", "/a/1003.html"]
        assert run.source("hour")["owed"] == 3


def test_short_retry_after_does_not_use_up_the_tries(open_library: Callable[..., Library]) -> None:
    """Two hours of maintenance, a run each quarter: nothing is given up."""
    frontier, now = open_library().frontier, NOW
    candidate = Candidate("one", "1001", "https://a.example/a/1001.html")
    for _ in range(8):
        now += timedelta(minutes=15)
        if frontier.due("one", "Asia/Shanghai", now) or frontier.owed("one") == 0:
            frontier.put_off(candidate, "HTTP 503", now, until=now + timedelta(seconds=60))
    assert frontier.owed("one") == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        (b"", None),
        (b"0", 0.0),
        (b"7", 7.0),
        (b" 120 ", 120.0),
        (b"86401", 86400.0),
        (b"315360000", 86400.0),  # ten years
        (b"9" * 400, 86400.0),
        (b"-5", None),
        (b"1.5", None),
        (b"soon", None),
        (b"\xff\xfe", None),
        ("٣".encode(), None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True).encode(), 90.0),
        (format_datetime(NOW - timedelta(days=9), usegmt=True).encode(), 0.0),
        (format_datetime(NOW + timedelta(days=9), usegmt=True).encode(), 86400.0),
        (b"Mon, 12 Oct 2026 08:01:00", 60.0),  # without a zone
        (b"Mon, 99 Oct 2026 08:01:00 GMT", None),
        (b"Mon, 12 Oct 99999 08:01:00 GMT", None),
    ],
)
def test_retry_after(value: bytes | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds
