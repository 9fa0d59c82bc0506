"""Articles that go on over several pages become one document, whole or not at all."""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import frontmatter
import pytest
from newsroom import CAPTCHA, DAY, Newsroom, Reply, Run, Site, article_page, title_of, told
from server import html
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.dedup.identity import canonical_url, generic_key

LEAD = "本报讯 记者昨日从示例市建设局获悉，工程已经完成全部年度目标，比原计划提前了两个月。"


def paragraphs(key: str, number: int) -> list[str]:
    return [
        f"第{key}号工程的第{number}个阶段从去年春天开始，前后一共用了{number + 3}个月的时间。",
        f"负责人表示，第{number}个阶段结束以后，沿线居民的出行时间又缩短了{number}成左右。",
    ]


def name_of(key: str, number: int) -> str:
    return f"/a/{key}.html" if number == 1 else f"/a/{key}_{number}.html"


def page(key: str, number: int, last: int, *, following: str = "", text: list[str] | None = None) -> bytes:
    """Page ``number`` with the lead and a pager; ``following`` replaces the address of the next page."""
    numbers = [f"<b>{n}</b>" if n == number else f'<a href="{name_of(key, n)}">{n}</a>' for n in range(1, last + 1)]
    back = [f'<a href="{name_of(key, number - 1)}">上一页</a>'] if number > 1 else []
    following = following or (name_of(key, number + 1) if number < last else "")
    on = [f'<a href="{following}">下一页</a>'] if following else []
    pager = f'<div class="pages">{" ".join([*back, *numbers, *on])}</div>'
    body = article_page(key, text=[LEAD, *(paragraphs(key, number) if text is None else text)]).decode()
    return body.replace("<div class='foot'>", f"{pager}<div class='foot'>").encode()


def publish(site: Site, key: str, last: int = 3) -> None:
    for number in range(1, last + 1):
        site.server.set(name_of(key, number), page(key, number, last))


def whole(key: str, last: int = 3) -> list[str]:
    return [f"# {title_of(key)}", LEAD, *(text for n in range(1, last + 1) for text in paragraphs(key, n))]


def content(room: Newsroom, path: str) -> list[str]:
    return frontmatter.loads(room.documents()[path].decode()).content.split("\n\n")


def make_due(room: Newsroom) -> None:
    """The hour after a failed try has passed."""
    with sqlite3.connect(room.output / ".state" / "index.db") as index:
        index.execute("UPDATE frontier SET due = found")
    index.close()


def debts(room: Newsroom) -> list[tuple[str, str, int]]:
    with sqlite3.connect(room.output / ".state" / "index.db") as index:
        rows = index.execute("SELECT key, reason, tries FROM frontier ORDER BY key").fetchall()
    index.close()
    return [(str(key), str(reason or ""), int(tries)) for key, reason, tries in rows]


@dataclass(frozen=True)
class Week:
    """One crawl of many sites, each with its own kind of article, and a second crawl an hour later."""

    room: Newsroom
    first: Run
    asked: dict[str, list[str]]
    documents: dict[str, bytes]
    owed: list[tuple[str, str, int]]
    second: Run
    asked_again: dict[str, list[str]]


def set_up(room: Newsroom) -> None:
    plain = room.site("plain")
    plain.show("/news/", ["1002", "1001"])
    publish(plain, "1001")
    plain.article("1002")

    broken = room.site("broken")
    broken.show("/news/", ["1101"])
    publish(broken, "1101")
    broken.server.set("/a/1101_3.html", *[Reply(status=503)] * 3, html(page("1101", 3, 3)))

    missing = room.site("missing")
    missing.show("/news/", ["1201"])
    publish(missing, "1201")
    missing.server.set("/a/1201_2.html", Reply(status=404), html(page("1201", 2, 3)))

    forbidden = room.site("forbidden")
    forbidden.show("/news/", ["1301"])
    publish(forbidden, "1301")
    forbidden.server.set("/robots.txt", Reply(b"User-agent: *\nDisallow: /a/1301_3.html\n"))

    walled = room.site("walled")
    walled.show("/news/", ["1401"])
    publish(walled, "1401")
    walled.server.set("/a/1401_2.html", CAPTCHA, html(page("1401", 2, 3)))

    moved = room.site("moved")
    moved.show("/news/", ["1451"])
    publish(moved, "1451")
    moved.server.set("/a/1451_3.html", Reply(status=302, headers={"Location": "/"}), html(page("1451", 3, 3)))
    moved.server.set("/", b"<html><body><h1>x</h1></body></html>")

    cycle = room.site("cycle")
    cycle.show("/news/", ["1502", "1501"])
    cycle.server.set("/a/1501.html", page("1501", 1, 2))
    cycle.server.set("/a/1501_2.html", page("1501", 2, 2, following="/a/1501.html"))
    cycle.server.set("/a/1502.html", page("1502", 1, 2))  # any number shows the first page
    cycle.server.set("/a/1502_2.html", page("1502", 2, 3, text=paragraphs("1502", 1)))

    endless = room.site("endless")
    endless.show("/news/", ["1601"])
    publish(endless, "1601", last=40)

    listed = room.site("listed")  # a list shows further pages as well
    listed.show("/news/", ["1701_2", "1701", "1702", "1702_3", "1703_3", "1703_2"])
    for key in ("1701", "1702", "1703"):
        publish(listed, key)

    crowd = room.site("crowd")  # its further page is found long after it was joined
    crowd.show("/news/", [*(str(key) for key in range(4001, 4046)), "4001_2"])
    publish(crowd, "4001", last=2)
    for key in range(4002, 4046):
        crowd.article(str(key))

    alias = room.site("alias")  # the first page sends its readers on to an address with a number
    alias.show("/news/", ["1751"])
    alias.server.set("/a/1751.html", Reply(status=302, headers={"Location": "/a/1751_1.html"}))
    alias.server.set("/a/1751_1.html", page("1751", 1, 2).replace(b"<b>1</b>", b"<a href='/a/1751.html'>1</a>"))
    alias.server.set("/a/1751_2.html", page("1751", 2, 2))

    torn = room.site("torn")  # the first page knows nothing of the second
    torn.show("/news/", ["1771_2"])
    torn.server.set("/a/1771.html", page("1771", 1, 1))
    torn.server.set("/a/1771_2.html", page("1771", 2, 2))

    neighbours = room.site("neighbours")
    neighbours.show("/news/", ["1801", "1802"])
    for key, other in (("1801", "1802"), ("1802", "1803")):
        neighbours.server.set(f"/a/{key}.html", page(key, 1, 1, following=f"/a/{other}.html"))


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    with Newsroom(tmp_path_factory.mktemp("week")) as room:
        set_up(room)
        first = room.crawl()
        asked = {name: site.server.asked() for name, site in room.sites.items()}
        documents, owed = room.documents(), debts(room)
        make_due(room)
        second = room.crawl()
        again = {name: site.server.asked()[len(asked[name]) :] for name, site in room.sites.items()}
        yield Week(room, first, asked, documents, owed, second, again)


def test_three_pages_are_one_document(week: Week) -> None:
    site = week.room.sites["plain"]
    assert content(week.room, site.path_of("1001")) == whole("1001")
    assert week.first.source("plain")["paths"] == site.paths_of("1001", "1002")


def test_each_page_is_asked_for_once(week: Week) -> None:
    pages = ["/a/1001.html", "/a/1001_2.html", "/a/1001_3.html", "/a/1002.html", "/news/"]
    assert sorted(week.asked["plain"]) == pages
    source = week.first.source("plain")
    assert (source["requests"], source["fetched"], source["saved"]) == (len(pages) + 1, 2, 2)  # and robots.txt


@pytest.mark.parametrize(
    ("name", "key", "reason", "tries"),
    [
        ("broken", "1101", "page 3 of {}: HTTP 503 Service Unavailable", 0),
        ("missing", "1201", "page 2 of {}: HTTP 404 Not Found", 1),
        ("forbidden", "1301", "page 3 of {}: 127.0.0.{}/robots.txt disallows it", 0),
        ("walled", "1401", "incomplete: page 2 of {}: captcha: ", 1),
        ("moved", "1451", "page 3 of {}: leads to ", 1),
        ("torn", "1771_2", "it says that it is a further page of {}, which does not lead to it", 1),
    ],
)
def test_one_page_missing_is_all_owed(week: Week, name: str, key: str, reason: str, tries: int) -> None:
    site = week.room.sites[name]
    assert [path for path in week.documents if path.startswith(f"{name}/")] == []
    (found,) = [debt for debt in week.owed if debt[0] == key]
    wanted = reason.format(site.url(f"/a/{key[:4]}.html"), site.server.host.rpartition(".")[2])
    assert (found[1].startswith(wanted), found[2]) == (True, tries), found
    source = week.first.source(name)
    assert (source["saved"], source["owed"]) == (0, 1)
    assert source["failed"] + source["quarantined"] == 1


@pytest.mark.parametrize(
    ("name", "key"), [("broken", "1101"), ("missing", "1201"), ("walled", "1401"), ("moved", "1451")]
)
def test_next_run_completes_it(week: Week, name: str, key: str) -> None:
    site = week.room.sites[name]
    assert (week.second.source(name)["saved"], week.second.source(name)["owed"]) == (1, 0)
    assert content(week.room, site.path_of(key)) == whole(key)


def test_retries_are_those_of_any_page(week: Week) -> None:
    assert week.asked["broken"].count("/a/1101_3.html") == 3
    assert week.asked["forbidden"].count("/a/1301_3.html") == 0


def test_a_pager_that_leads_back_ends(week: Week) -> None:
    site = week.room.sites["cycle"]
    assert content(week.room, site.path_of("1501")) == whole("1501", 2)
    assert sorted(week.asked["cycle"]) == [*(name_of(key, n) for key in ("1501", "1502") for n in (1, 2)), "/news/"]


def test_a_page_that_says_nothing_new_ends_it(week: Week) -> None:
    assert content(week.room, week.room.sites["cycle"].path_of("1502")) == whole("1502", 1)


def test_thirty_pages_are_enough(week: Week) -> None:
    site = week.room.sites["endless"]
    assert content(week.room, site.path_of("1601")) == whole("1601", 30)
    assert len(week.asked["endless"]) == 31
    assert "goes on after 30 pages" in week.first.stderr


def test_listed_further_pages_are_no_articles(week: Week) -> None:
    site = week.room.sites["listed"]
    assert sorted(path for path in week.documents if path.startswith("listed/")) == site.paths_of(
        "1701", "1702", "1703"
    )
    for key in ("1701", "1702", "1703"):
        assert content(week.room, site.path_of(key)) == whole(key)
    source = week.first.source("listed")
    assert (source["found"], source["saved"], source["duplicates"], source["owed"]) == (6, 3, 3, 0)
    assert week.asked_again["listed"] == ["/news/"]


def test_a_joined_page_is_not_asked_for_again(week: Week) -> None:
    assert week.asked["crowd"].count("/a/4001_2.html") == 1
    source = week.first.source("crowd")
    assert (source["found"], source["saved"], source["duplicates"], source["owed"]) == (46, 45, 1, 0)


def test_first_page_under_a_number(week: Week) -> None:
    site = week.room.sites["alias"]
    assert week.first.source("alias")["paths"] == [site.path_of("1751_1")]
    assert content(week.room, site.path_of("1751_1")) == whole("1751", 2)
    assert week.asked_again["alias"] == ["/news/"]


def test_neighbours_stay_two_articles(week: Week) -> None:
    site = week.room.sites["neighbours"]
    assert week.first.source("neighbours")["paths"] == site.paths_of("1801", "1802")
    assert content(week.room, site.path_of("1801")) == whole("1801", 1)


def test_second_run_asks_for_nothing_that_is_had(week: Week) -> None:
    assert {name: week.asked_again[name] for name in ("plain", "cycle", "endless", "neighbours")} == {
        name: ["/news/"] for name in ("plain", "cycle", "endless", "neighbours")
    }


def test_a_stopped_run_halves_nothing(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site, go_on = room.site("one"), Event()
        site.show("/news/", ["1901"])
        publish(site, "1901")
        site.server.set("/a/1901_2.html", Reply(page("1901", 2, 3), hold=go_on))
        running = room.start("crawl", "one", *room.flags())
        deadline = time.monotonic() + 20
        while "/a/1901_2.html" not in site.server.asked() and time.monotonic() < deadline:
            time.sleep(0.02)
        running.process.terminate()
        time.sleep(0.3)
        go_on.set()
        stopped = running.wait()
        assert (stopped.source("one")["saved"], stopped.source("one")["owed"]) == (0, 1)
        assert stopped.source("one")["reason"] == "stopped early: interrupted"
        assert (room.documents(), "/a/1901_3.html" in site.server.asked()) == ({}, False)
        assert room.crawl().source("one")["paths"] == [site.path_of("1901")]
        assert content(room, site.path_of("1901")) == whole("1901")


# --- single pages --------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    room: Newsroom
    known: Site
    foreign: Site
    saved: Run
    documents: dict[str, bytes]
    again: Run  # by the addresses of further pages
    look: Run
    failed_look: Run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Newsroom(tmp_path_factory.mktemp("desk")) as room:
        known, foreign = room.site("known"), room.site("foreign")
        (room.spiders / "foreign.py").unlink()
        publish(known, "2001")
        publish(foreign, "2101")
        publish(foreign, "2102")
        publish(foreign, "2103")
        foreign.server.set("/a/2103_3.html", Reply(status=404))
        saved = room.start("save", known.url("/a/2001.html"), foreign.url("/a/2101.html"), *room.flags()).wait()
        documents = room.documents()
        further = [known.url("/a/2001_2.html"), foreign.url("/a/2101_3.html"), foreign.url("/a/2102_2.html")]
        again = room.start("save", *further, *room.flags()).wait()
        look = room.start("try", foreign.url("/a/2101.html"), *room.flags()).wait()
        failed = room.start("try", foreign.url("/a/2103.html"), *room.flags()).wait()
        yield Desk(room, known, foreign, saved, documents, again, look, failed)


def generic_path(url: str) -> str:
    host = url.split("/")[2].partition(":")[0]
    return f"{host}/{DAY[:4]}/{DAY[5:7]}/{DAY}-{generic_key(url)}.md"


def test_save_joins(desk: Desk) -> None:
    path = generic_path(desk.foreign.url("/a/2101.html"))
    assert sorted(desk.documents) == sorted([path, desk.known.path_of("2001")])
    assert content(desk.room, path) == whole("2101")
    assert content(desk.room, desk.known.path_of("2001")) == whole("2001")


def test_save_of_a_further_page_saves_the_article(desk: Desk) -> None:
    path = generic_path(desk.foreign.url("/a/2102.html"))
    assert desk.again.code == 0
    assert set(desk.room.documents()) - set(desk.documents) == {path}
    assert content(desk.room, path) == whole("2102")
    assert {name: body for name, body in desk.room.documents().items() if name in desk.documents} == desk.documents


def test_only_the_first_page_has_the_articles_address(desk: Desk) -> None:
    with sqlite3.connect(desk.room.output / ".state" / "index.db") as index:
        rows = index.execute("SELECT url FROM address").fetchall()
    index.close()
    firsts = [desk.known.url("/a/2001.html"), desk.foreign.url("/a/2101.html"), desk.foreign.url("/a/2102.html")]
    assert sorted(url for (url,) in rows) == sorted(canonical_url(url) for url in firsts)


def test_try_joins(desk: Desk) -> None:
    report = desk.look.report
    assert (desk.look.code, report["evidence"]["pages"], report["next_url"]) == (0, "3 pages joined", "")
    assert report["text"].split("\n") == whole("2101")[1:]


def test_try_of_what_is_not_whole_says_why(desk: Desk) -> None:
    assert desk.failed_look.code == 1
    assert f"page 3 of {desk.foreign.url('/a/2103.html')}: HTTP 404" in desk.failed_look.report["problem"]


def test_extract_names_the_next_page() -> None:
    url = "https://example.cn/a/1001.html"
    fields = told("extract", "-", "--url", url, "--json", stdin=page("1001", 1, 3)).report
    assert fields["next_url"] == "https://example.cn/a/1001_2.html"
    spoken = told("extract", "-", "--url", url, stdin=page("1001", 1, 3))
    assert spoken.stderr == "\ngoes on at https://example.cn/a/1001_2.html, not joined\n"


# --- recorded pages ---------------------------------------------------------------------


def record(path: Path, pages: dict[str, bytes]) -> None:
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, body in pages.items():
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), http_headers=http,
                    warc_headers_dict={"WARC-Date": "2024-05-21T00:00:00Z"},
                )
            )  # fmt: skip


def test_replay(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("tape")
        site.show("/news/", ["3002", "3001"])
        pages = {site.url("/news/"): site.server.reply_to("/news/").body}
        pages |= {site.url(name_of(key, n)): page(key, n, 3) for key in ("3001", "3002") for n in (1, 2, 3)}
        gone = pages.pop(site.url("/a/3002_3.html"))
        tape = tmp_path / "tape.warc.gz"
        record(tape, pages)
        first = room.crawl("tape", flags=["--replay", str(tape)])
        assert (first.source("tape")["paths"], first.source("tape")["owed"]) == (site.paths_of("3001"), 1)
        assert (first.source("tape")["failed"], first.source("tape")["verdict"]) == (0, "ok")
        assert content(room, site.path_of("3001")) == whole("3001")
        record(tape, pages | {site.url("/a/3002_3.html"): gone})
        second = room.crawl("tape", flags=["--replay", str(tape)])
        assert (second.source("tape")["paths"], second.source("tape")["owed"]) == (site.paths_of("3002"), 0)
        assert content(room, site.path_of("3002")) == whole("3002")
        assert site.server.log == []
