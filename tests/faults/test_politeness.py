"""How often a host is asked, read from the servers' own logs: never more than robots.txt, Retry-After and delay allow.

All delays are small enough for a test and large enough to be told from a busy machine.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import combinations

import pytest
from newsroom import Newsroom, Reply, Run, Site, article_page
from server import Seen, html

from . import misbehaving as bad

KEYS = ("1005", "1004", "1003", "1002", "1001")
SLACK = 0.3  # seconds that a busy machine may log a request late; a window of several requests shows far more


def robots(delay: float) -> bytes:
    return f"User-agent: *\nCrawl-delay: {delay}\n".encode()


def in_seconds(number: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=number), usegmt=True)


@dataclass(frozen=True)
class Pace:
    delay: float  # the source's own
    crawl: float = 0.0  # robots.txt's
    after: Mapping[str, float] | None = None  # an article's first answer is 503 with this Retry-After, in seconds
    sources: int = 1  # on one host

    @property
    def wanted(self) -> float:
        return max(self.delay, self.crawl)


PACES = {
    "R5-own-delay-is-the-longest": Pace(0.4, 0.2),
    "R5-crawl-delay-is-the-longest": Pace(0.1, 0.4),
    "R5-retry-after-is-the-longest": Pace(0.2, 0.3, {"1003": 1}),
    "R5-retry-after-is-shorter-than-the-delay": Pace(0.1, 1.2, {"1004": 1}),
    "R5-two-retry-afters": Pace(0.2, 0.0, {"1004": 1, "1002": 1}),
    "R6-three-sources-on-one-host": Pace(0.3, 0.0, sources=3),
    "R6-three-sources-and-a-crawl-delay": Pace(0.25, 0.4, sources=3),
    "R6-three-sources-and-a-retry-after": Pace(0.2, 0.0, {"1003": 1}, sources=3),
}

DATE = -1.0  # until that date, not for a time

# H10: a value, how long the host is left alone within the run; None: for the rest of it.
RETRY_AFTER: dict[str, tuple[str, float | None]] = {
    "seconds": ("1", 1.0),
    "zero": ("0", 0.0),
    "date": ("+6", DATE),
    "past-date": ("-86400", 0.0),
    "negative": ("NEG", 0.0),
    "word": ("soon", 0.0),
    "an-hour": ("3600", None),
    "ten-years": ("315360000", None),
    "date-in-ten-years": ("+315360000", None),
    "many-digits": ("9" * 400, None),
}

# R3: a robots.txt and whether /a/1001.html may be fetched by it; None: nothing may.
MEGABYTES = b"# nothing\n" * 10**6
ROBOTS: dict[str, tuple[Reply, bool | None]] = {
    "html": (html(b"<html><body>Disallow: everything</body></html>"), True),
    "ten-megabytes-rule-first": (Reply(b"User-agent: *\nDisallow: /a/1001\n" + MEGABYTES), False),
    "ten-megabytes-rule-last": (Reply(MEGABYTES + b"User-agent: *\nDisallow: /a/1001\n"), True),
    "six-redirects": (Reply(status=302, headers={"Location": "/r/1"}), None),
    "bom": (Reply(b"\xef\xbb\xbfUser-agent: *\nDisallow: /a/1001\n"), False),
    "crlf": (Reply(b"User-agent: *\r\nDisallow: /a/1001\r\n"), False),
    "cr": (Reply(b"User-agent: *\rDisallow: /a/1001\r"), False),
    "star-and-dollar": (Reply(b"User-agent: *\nDisallow: /*/1001.html$\n"), False),
    "longest-rule-wins": (Reply(b"User-agent: *\nDisallow: /a/\nAllow: /a/100\n"), True),
    "bad-bytes": (Reply(b"\xff\xfe\x00\nUser-agent: *\nDisallow: /a/1001\n# \xb0\xa1\n"), False),
    "endless": (bad.endless(b"User-agent: *\n"), None),
    "bomb": (bad.encoded(bad.zstandard_bomb(), "zstd"), None),
    "cut-gzip": (bad.encoded(bad.gzip.compress(b"User-agent: *\nDisallow: /a/1001\n", mtime=0)[:-9], "gzip"), None),
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    run: Run
    due: dict[str, datetime]
    begun: float  # time.monotonic()


def value_of(form: str) -> str:
    if form == "NEG":
        return "-5"
    return in_seconds(float(form)) if form[0] in "+-" else form


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with Newsroom(tmp_path_factory.mktemp("pace")) as room:
        begun = time.monotonic()
        for name, pace in PACES.items():
            site = room.site(name.lower(), delay=repr(pace.delay))
            site.publish(*KEYS)
            if pace.crawl:
                site.server.set("/robots.txt", robots(pace.crawl))
            for key, seconds in (pace.after or {}).items():
                busy = Reply(status=503, headers={"Retry-After": str(seconds)})
                site.server.set(f"/a/{key}.html", busy, html(article_page(key)))
            for number in range(2, pace.sources + 1):
                twin = Site(f"{site.name}-{number}")
                twin.server = site.server
                path = f"/news-{number}/"
                twin.attributes = {"delay": repr(pace.delay), "lists": f'ListPage("{site.url(path)}")'}
                site.publish(*(f"{number}{key}" for key in KEYS[:3]), path=path)
                room.sites[twin.name] = twin
                room.write_source(twin)
        for name, (form, _) in RETRY_AFTER.items():
            site = room.site(f"h10-{name}", delay="0.0")
            site.publish("1002", "1001")
            busy = Reply(status=429, headers={"Retry-After": value_of(form)})
            site.server.set("/a/1002.html", busy, html(article_page("1002")))
        for name, (reply, _) in ROBOTS.items():
            site = room.site(f"r3-{name}", delay="0.0")
            site.publish("1002", "1001")
            site.server.set("/robots.txt", reply)
            for number in range(1, 7):
                site.server.set(f"/r/{number}", Reply(status=302, headers={"Location": f"/r/{number + 1}"}))
        run = room.crawl(delay="")
        with sqlite3.connect(room.output / ".state" / "index.db") as index:
            due = dict(index.execute("SELECT source, max(due) FROM frontier GROUP BY source"))
        yield Visit(room, run, {name: datetime.fromisoformat(at) for name, at in due.items()}, begun)


def pauses(log: list[Seen], pace: Pace) -> list[float]:
    """After each request, how long the host must be left alone; what robots.txt asks for holds from its answer on."""
    wanted = []
    for seen in log:
        asked = (pace.after or {})[seen.path[3:7]] if seen.status == 503 else 0.0
        wanted.append(max(pace.wanted, asked))
    return wanted


@pytest.mark.parametrize("name", PACES)
def test_no_window_holds_more_requests_than_are_allowed(visit: Visit, name: str) -> None:
    log, pace = visit.room.sites[name.lower()].server.log, PACES[name]
    assert len(log) >= 7  # robots.txt, a list, five articles
    wanted = pauses(log, pace)
    early = [
        (log[first].path, log[last].path, log[last].at - log[first].at, sum(wanted[first:last]))
        for first, last in combinations(range(len(log)), 2)
        if log[last].at - log[first].at < sum(wanted[first:last]) - SLACK
    ]
    assert early == []


@pytest.mark.parametrize("name", PACES)
def test_it_is_not_slower_than_it_has_to_be(visit: Visit, name: str) -> None:
    """Else a run that asks for nothing would pass for a polite one."""
    log, pace = visit.room.sites[name.lower()].server.log, PACES[name]
    assert log[-1].at - log[0].at < 1.5 * sum(pauses(log, pace)[:-1]) + 2.0
    for number in range(1, pace.sources + 1):
        source = visit.run.source(name.lower() + (f"-{number}" if number > 1 else ""))
        assert (source["verdict"], source["saved"]) == ("ok", 5 if number == 1 else 3)


@pytest.mark.parametrize("name", RETRY_AFTER)
def test_H10_every_form_of_retry_after(visit: Visit, name: str) -> None:
    pause = RETRY_AFTER[name][1]
    log = [seen for seen in visit.room.sites[f"h10-{name}"].server.log if "/a/" in seen.path]
    source = visit.run.source(f"h10-{name}")
    if pause is None:
        assert [seen.path for seen in log] == ["/a/1002.html"]
        assert (source["saved"], source["owed"]) == (0, 2)
        finished = datetime.fromisoformat(visit.run.report["finished"])
        assert timedelta(minutes=59) <= visit.due[f"h10-{name}"] - finished <= timedelta(days=1)
    else:
        assert [seen.path for seen in log[:1]] == ["/a/1002.html"]
        # A date is told in whole seconds.
        until = visit.begun + 5.0 if pause == DATE else log[0].at + pause
        assert log[0].at < until or not pause
        assert log[1].at >= until - SLACK
        assert (source["saved"], source["owed"]) == (2, 0)


@pytest.mark.parametrize("name", ROBOTS)
def test_R3_robots_however_it_is_written(visit: Visit, name: str) -> None:
    site, allowed = visit.room.sites[f"r3-{name}"], ROBOTS[name][1]
    if allowed is None:
        assert site.server.asked() in ([], [f"/r/{number}" for number in range(1, 6)])
        assert "so nothing is fetched from there" in visit.run.source(site.name)["reason"]
    else:
        expected = ["/news/", "/a/1002.html"] + ["/a/1001.html"] * allowed
        assert site.server.asked() == expected
        assert visit.run.source(site.name)["saved"] == 1 + allowed
