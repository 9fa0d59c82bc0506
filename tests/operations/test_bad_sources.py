"""Everything that a site can do wrong, all in one run: each fault is named, the sound source is untouched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from newsroom import CAPTCHA, Newsroom, Reply, Run, Site, article_page, list_page, text_of, title_of
from server import closed_port, html

KEYS = ("1003", "1002", "1001")
GOOD = [f"{key}.html" for key in KEYS]


def answers(path: str, *replies: Reply | bytes) -> Callable[[Site], None]:
    return lambda site: site.server.set(path, *replies)


def every_article(change: Callable[[str], Reply | bytes]) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        for key in KEYS:
            site.server.set(f"/a/{key}.html", change(key))

    return spoil


def replaced(old: bytes, new: bytes) -> Callable[[str], bytes]:
    return lambda key: article_page(key).replace(old, new)


def redesigned_list(site: Site) -> None:
    rows = [(f"/a/{key}.html", title_of(key), "2024-05-20") for key in KEYS]
    site.server.set("/news/", list_page(rows).replace(b"class='news'", b"class='cards'"))


def dateless(site: Site) -> None:
    site.show("/news/", dict.fromkeys(KEYS, ""))
    for key in KEYS:
        site.article(key, time="")


def one_in(count: int, reply: Reply) -> Callable[[Site], None]:
    """The newest of ``count`` articles is spoilt."""

    def spoil(site: Site) -> None:
        keys = [f"{number}" for number in range(2000 + count, 2000, -1)]
        site.publish(*keys)
        site.server.set(f"/a/{keys[0]}.html", reply)

    return spoil


def elsewhere(address: str) -> Callable[[Site], None]:
    host = address.partition(":")[0]

    def move(site: Site) -> None:
        site.attributes |= {"hosts": f"({host!r},)", "lists": f'ListPage("http://{address}/news/")'}

    return move


PDF = Reply(b"%PDF-1.4 \n" * 200, headers={"Content-Type": "application/pdf"})
BOMB = html(b"<html><body><h1>x</h1><div class='text'>" + b"<br>" * 200_000 + b"</div></body></html>")
NESTED = html(b"<html><body><h1>x</h1><div class='text'>" + b"<div>" * 30_000 + "深".encode() + b"</body></html>")
LATE = Reply(b"late", delay=3.0)
IMPATIENT = {"custom_settings": "{'DOWNLOAD_TIMEOUT': 0.4}"}
SMALL = {"custom_settings": "{'DOWNLOAD_MAXSIZE': 4096}"}
GONE, SERVER_ERROR = Reply(status=404), Reply(status=500)


@dataclass(frozen=True)
class Case:
    spoil: Callable[[Site], None]
    verdict: str
    stage: str
    reason: str  # a part of the whole reason
    counts: dict[str, int]
    attributes: dict[str, str] | None = None


NOTHING = {"found": 0, "saved": 0}

CASES = {
    # the list does not come
    "list-404": Case(answers("/news/", GONE), "failing", "fetch", "/news/: HTTP 404 Not Found", NOTHING),
    "list-403": Case(answers("/news/", Reply(status=403)), "failing", "fetch", "blocked: HTTP 403 Forbidden", NOTHING),
    "list-500": Case(answers("/news/", SERVER_ERROR), "failing", "fetch", "HTTP 500 Internal Server Error", NOTHING),
    "list-hangs": Case(answers("/news/", LATE), "failing", "fetch", "timeout", NOTHING, IMPATIENT),
    "list-cut-off": Case(
        answers("/news/", Reply(list_page([]) * 20, cut=200)), "failing", "fetch", "connection: the answer was cut off", NOTHING
    ),
    "list-too-large": Case(answers("/news/", b"<li>" * 4096), "failing", "fetch", "too large", NOTHING, SMALL),
    "host-refuses": Case(
        elsewhere(f"127.0.0.1:{closed_port()}"), "failing", "fetch", "connection: refused", NOTHING
    ),
    "host-unknown": Case(elsewhere("no-such-host.invalid"), "failing", "fetch", "dns", NOTHING),
    # the list is no list
    "feed-is-html": Case(
        answers("/feed", html("<html><body>维护中</body></html>".encode())), "failing", "list", "not a feed", NOTHING,
        {"lists": 'ListPage("{base}/feed", kind="feed")'},
    ),
    "feed-is-cut": Case(
        answers("/feed", b"<?xml version='1.0'?><rss><channel>"), "failing", "list", "", NOTHING,
        {"lists": 'ListPage("{base}/feed", kind="feed")'},
    ),
    "list-without-rows": Case(answers("/news/", list_page([])), "failing", "list", "no article found", NOTHING),
    "list-of-no-bytes": Case(answers("/news/", b""), "failing", "list", "the list answered with nothing", NOTHING),
    "list-is-json": Case(answers("/news/", b'{"list": []}'), "failing", "list", "JSON, not a page", NOTHING),
    "list-redesigned": Case(
        redesigned_list, "degraded", "list", "no longer match the declared rows", {"found": 3, "saved": 3}
    ),
    # the articles are none
    "articles-captcha": Case(
        every_article(lambda key: CAPTCHA), "failing", "article", "3 of 3 new articles were not had: 3 x captcha",
        {"saved": 0, "quarantined": 3, "owed": 3},
    ),
    "articles-gone": Case(
        every_article(lambda key: GONE), "failing", "article", "HTTP 404", {"saved": 0, "failed": 3, "owed": 3}
    ),
    "articles-500": Case(
        every_article(lambda key: SERVER_ERROR), "failing", "article", "HTTP 500", {"saved": 0, "failed": 3, "owed": 3}
    ),
    "articles-cut-off": Case(
        every_article(lambda key: Reply(article_page(key), cut=300)), "failing", "article", "cut off",
        {"saved": 0, "failed": 3, "owed": 3},
    ),
    "articles-too-large": Case(
        every_article(lambda key: article_page(key) + b" " * 4096), "failing", "article", "too large",
        {"saved": 0, "failed": 3, "owed": 3}, SMALL,
    ),
    "articles-lead-home": Case(
        every_article(lambda key: Reply(status=302, headers={"Location": "/news/"})), "failing", "article", "is no article",
        {"saved": 0, "rejected": 3, "owed": 0},
    ),
    "articles-loop": Case(
        every_article(lambda key: Reply(status=302, headers={"Location": f"/a/{key}.html"})), "failing", "article",
        "redirect loop", {"saved": 0, "failed": 3},
    ),
    "articles-redesigned": Case(
        every_article(replaced(b"class='text'", b"class='story'")), "degraded", "article",
        "3 of 3 articles without the declared body container", {"saved": 3},
    ),
    "articles-dateless": Case(dateless, "degraded", "field", "3 of 3 articles without a date", {"saved": 3}),
    # some of the articles
    "one-in-four-gone": Case(
        one_in(4, GONE), "degraded", "article", "1 of 4 new articles were not had", {"saved": 3, "failed": 1}
    ),
    "one-in-six-gone": Case(one_in(6, GONE), "ok", "", "", {"saved": 5, "failed": 1, "owed": 1}),
    "one-in-six-is-pdf": Case(one_in(6, PDF), "ok", "", "", {"saved": 5, "rejected": 1, "owed": 0}),
    "one-in-six-is-bomb": Case(one_in(6, BOMB), "ok", "", "", {"saved": 5, "quarantined": 1, "owed": 1}),
    "one-in-six-is-deep": Case(one_in(6, NESTED), "ok", "", "", {"saved": 5, "quarantined": 1, "owed": 1}),
    "sound": Case(lambda site: None, "ok", "", "", {"found": 3, "new": 3, "saved": 3, "requests": 5}),
}  # fmt: skip


@dataclass(frozen=True)
class Disaster:
    room: Newsroom
    run: Run
    documents: dict[str, bytes]
    due: dict[str, list[datetime]]  # of what is owed, by site


@pytest.fixture(scope="module")
def disaster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disaster]:
    with Newsroom(tmp_path_factory.mktemp("disaster")) as room:
        for name, case in CASES.items():
            site = room.site(name)
            site.publish(*KEYS)
            site.attributes |= {
                attribute: value.replace("{base}", site.server.base)
                for attribute, value in (case.attributes or {}).items()
            }
            case.spoil(site)
            room.write_source(site)
        run = room.crawl()
        due: dict[str, list[datetime]] = {}
        with sqlite3.connect(room.output / ".state" / "index.db") as index:
            for name, stamp in index.execute("SELECT source, due FROM frontier WHERE state IN ('owed', 'quarantined')"):
                due.setdefault(name, []).append(datetime.fromisoformat(stamp))
        yield Disaster(room, run, room.documents(), due)


@pytest.mark.parametrize("name", CASES)
class TestCase:
    def test_verdict_and_stage(self, disaster: Disaster, name: str) -> None:
        source, case = disaster.run.source(name), CASES[name]
        assert (source["verdict"], source["stage"]) == (case.verdict, case.stage), source["reason"]

    def test_reason(self, disaster: Disaster, name: str) -> None:
        reason = disaster.run.source(name)["reason"]
        assert CASES[name].reason in reason
        assert bool(reason) == (CASES[name].verdict != "ok")

    def test_counts(self, disaster: Disaster, name: str) -> None:
        source, expected = disaster.run.source(name), CASES[name].counts
        assert {count: source[count] for count in expected} == expected

    def test_nothing_wrong_is_stored(self, disaster: Disaster, name: str) -> None:
        documents = {path: body for path, body in disaster.documents.items() if path.startswith(f"{name}/")}
        assert len(documents) == CASES[name].counts["saved"]
        for path, body in documents.items():
            key = path[:-3].rpartition("-")[2].rpartition("/")[2]
            assert body.decode().endswith("\n\n".join([f"# {title_of(key)}", *text_of(key)]))


def test_exit_code_is_1(disaster: Disaster) -> None:
    assert (disaster.run.code, disaster.run.report["exit_code"]) == (1, 1)


def test_dateless_articles_are_filed_without_a_date(disaster: Disaster) -> None:
    paths = {path for path in disaster.documents if path.startswith("articles-dateless/")}
    assert paths == {f"articles-dateless/undated/{key}.md" for key in KEYS}


def test_requests_are_not_repeated_without_end(disaster: Disaster) -> None:
    tries = {name: disaster.room.sites[name].server.asked().count("/news/") for name in CASES}
    assert tries["list-500"] == 3  # one, and two more
    assert tries["list-hangs"] == 3
    assert tries["list-404"] == tries["list-403"] == 1


@pytest.fixture(scope="module")
def later(disaster: Disaster) -> Run:
    """A run after the time of the quarantined pages has come; the site answers well by then."""
    site = disaster.room.sites["articles-captcha"]
    for key in KEYS:
        site.article(key)
    with sqlite3.connect(disaster.room.output / ".state" / "index.db") as index:
        index.execute("UPDATE frontier SET due = '2024-05-20' WHERE source = ?", (site.name,))
    return disaster.room.crawl(site.name)


class TestQuarantine:
    """What looks like no article is kept aside, tried again when its time comes, and published then."""

    def test_page_is_kept_for_a_look(self, disaster: Disaster) -> None:
        folder = disaster.room.output / ".state" / "quarantine" / "articles-captcha"
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == dict.fromkeys(GOOD, CAPTCHA.body)

    def test_not_asked_for_again_within_the_hour(self, disaster: Disaster) -> None:
        finished = datetime.fromisoformat(disaster.run.report["finished"])
        assert {due - finished > timedelta(minutes=59) for due in disaster.due["articles-captcha"]} == {True}

    def test_published_once_it_is_an_article(self, later: Run) -> None:
        source = later.source("articles-captcha")
        assert (source["verdict"], source["saved"], source["owed"]) == ("ok", 3, 0)
