"""`backfill`: lists, issues and sitemaps walked backwards; fresh news first, within a budget, resumable at any point."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from newsroom import Newsroom, Reply, Run, Site, article_page, told
from server import html

PAGE = 3  # rows of one list page
LAST = 18
ALL = [f"{number:02}" for number in range(LAST, 0, -1)]  # the newest first, three a day


def day(key: str) -> str:
    """18, 17 and 16 are of 20 May, 15 to 13 of 19 May, and so on down to the 15th."""
    return f"2024-05-{20 - (LAST - int(key)) // PAGE:02}"


def serve(site: Site, keys: list[str], *, dated: bool = True) -> None:
    parts = [keys[start : start + PAGE] for start in range(0, len(keys), PAGE)]
    for number, part in enumerate(parts, start=1):
        path = "/news/" if number == 1 else f"/news/{number}"
        following = f"/news/{number + 1}" if number < len(parts) else ""
        site.show(path, {key: day(key) if dated else "" for key in part}, following=following)
    for key in keys:
        site.article(key, time=f"{day(key)} 09:30")


@pytest.fixture
def room(tmp_path: Path) -> Any:
    with Newsroom(tmp_path) as room:
        serve(room.site("one"), ALL)
        yield room


def backfill(room: Newsroom, *words: str) -> Run:
    run = room.start("backfill", "one", *words, *room.flags()).wait()
    assert run.stdout, run.stderr
    return run


def had(room: Newsroom) -> list[str]:
    return sorted((path.rpartition("-")[2].removesuffix(".md") for path in room.documents()), reverse=True)


def asked(room: Newsroom, since: int = 0) -> list[str]:
    return room.sites["one"].server.asked(since)


def lists(paths: list[str]) -> list[str]:
    return [path for path in paths if not path.startswith("/a/")]


# --- how far ----------------------------------------------------------------------------


def test_by_pages_counted_from_the_first_and_again_goes_on(room: Newsroom) -> None:
    first = backfill(room, "--pages", "3")
    assert (first.code, had(room)) == (0, ALL[:9])
    assert "back to 2024-05-18, page 3: 3 pages" in first.stderr
    before = len(room.sites["one"].server.log)
    again = backfill(room, "--pages", "3")
    assert (again.code, again.source("one")["saved"], asked(room, before)) == (0, 0, ["/news/"])
    before = len(room.sites["one"].server.log)
    further = backfill(room, "--pages", "4")
    assert (further.code, had(room)) == (0, ALL[:12])
    assert lists(asked(room, before)) == ["/news/", "/news/3", "/news/4"]


def test_by_date_and_what_is_older_is_neither_fetched_nor_owed(room: Newsroom) -> None:
    run = backfill(room, "--since", "2024-05-18")
    source = run.source("one")
    assert (run.code, had(room), source["owed"], source["verdict"]) == (0, ALL[:9], 0, "ok")
    assert lists(asked(room)) == ["/news/", "/news/", "/news/2", "/news/3", "/news/4"]
    assert "all of page 4 is older than 2024-05-18" in run.stderr
    assert "walked back: 1 x all of page 4" in source["reason"]


@pytest.mark.slow
def test_further_back_than_last_time_and_nothing_between_is_left_out(room: Newsroom) -> None:
    """Pages whose older rows were left out are read again from the first of them on."""
    days = dict(zip(ALL, sorted((day(key) for key in ALL), reverse=True), strict=True))
    site = room.sites["one"]
    for number, start in enumerate(range(1, LAST, PAGE), start=2):  # a page has rows of two days
        site.show(
            f"/news/{number}", {key: days[key] for key in ALL[start : start + PAGE]}, following=f"/news/{number + 1}"
        )
    for since, count in (("2024-05-19", 6), ("2024-05-18", 9), ("2024-05-18", 9), ("2024-05-16", 15)):
        run = backfill(room, "--since", since)
        assert (run.code, had(room)) == (0, ALL[:count])


def test_to_the_end_of_the_list(room: Newsroom) -> None:
    run = backfill(room, "--since", "2000-01-01")
    assert (run.code, had(room)) == (0, ALL)
    assert "page 6: the list has ended" in run.stderr


def test_a_list_without_dates_is_dated_by_its_articles(room: Newsroom) -> None:
    serve(room.sites["one"], ALL, dated=False)
    run = backfill(room, "--since", "2024-05-18")
    assert (run.code, had(room)) == (0, ALL[:9])
    assert lists(asked(room))[-1] == "/news/4"
    assert run.source("one")["owed"] == 3  # they were fetched to learn that they are older


@pytest.mark.slow
def test_further_than_the_ten_pages_of_a_crawl(room: Newsroom) -> None:
    keys = [f"{number:03}" for number in range(150, 0, -1)]
    site = room.sites["one"]
    for start in range(0, 150, 10):
        number = start // 10 + 1
        site.show(f"/news/{number}" if start else "/news/", keys[start : start + 10], following=f"/news/{number + 1}")
    for key in keys[::10]:
        site.article(key)
    run = backfill(room, "--pages", "14", "--limit", "1")
    assert run.source("one")["saved"] == 1
    run = backfill(room, "--pages", "14", "--limit", "500")
    assert lists(asked(room))[-1] == "/news/14"


# --- in which order, and within which budget ----------------------------------------------


def test_what_is_fresh_comes_first_and_then_the_newest(room: Newsroom) -> None:
    room.crawl("one")
    site = room.sites["one"]
    serve(site, ["20", "19", *ALL])
    before = len(site.server.log)
    backfill(room, "--pages", "3")
    # A page was pushed on by the two new ones; each page is fetched before the next one is read.
    assert asked(room, before) == [
        "/news/", "/a/20.html", "/a/19.html", "/news/", "/news/2", "/a/15.html", "/news/3", "/a/14.html", "/a/13.html",
        "/a/12.html",
    ]  # fmt: skip


def test_the_budget_of_documents_leaves_the_rest_owed_and_a_crawl_takes_it(room: Newsroom) -> None:
    run = backfill(room, "--pages", "6", "--limit", "5")
    source = run.source("one")
    assert (run.code, source["saved"], source["owed"], had(room)) == (0, 5, 1, ALL[:5])
    assert "--limit 5 is reached" in run.stderr
    before = len(room.sites["one"].server.log)
    room.crawl("one")
    assert (had(room), asked(room, before)) == (ALL[:6], ["/news/", "/a/13.html"])
    assert (backfill(room, "--pages", "6").code, had(room)) == (0, ALL)


@pytest.mark.slow
def test_the_budget_of_requests_is_for_going_back(room: Newsroom) -> None:
    room.crawl("one")
    before = len(room.sites["one"].server.log)
    run = backfill(room, "--pages", "6", "--max-requests", "6")
    assert run.code == 0
    assert "--max-requests 6 is used up" in run.stderr
    paths = asked(room, before)
    assert (lists(paths)[0], len(paths)) == ("/news/", 7)  # the poll, and six
    for _ in range(9):
        backfill(room, "--pages", "6", "--max-requests", "6")
    assert had(room) == ALL


# --- resumed --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_while_news_comes_in_gives_the_same_documents(room: Newsroom, seed: int) -> None:
    site, pick = room.sites["one"], random.Random(seed)
    keys, kills = list(ALL), 0
    while kills < 4:
        keys.insert(0, f"{len(keys) + 1:02}")
        serve(site, keys)
        running = room.start("backfill", "one", "--since", "2024-05-15", *room.flags(delay="0.03"))
        wanted = len(room.documents()) + pick.randint(0, 4)
        while running.process.poll() is None and len(room.documents()) < wanted:
            time.sleep(0.01)
        time.sleep(pick.uniform(0, 0.3))
        running.process.send_signal(signal.SIGKILL)
        kills += running.wait().code == -signal.SIGKILL
    run = backfill(room, "--since", "2024-05-15")
    assert (run.code, had(room), run.source("one")["owed"]) == (0, keys, 0)
    fetched = [path for path in site.server.asked() if path.startswith("/a/")]
    assert len(fetched) <= len(keys) + 16 * kills


def test_terminated_says_so_and_goes_on_next_time(room: Newsroom) -> None:
    running = room.start("backfill", "one", "--since", "2024-05-15", *room.flags(delay="0.1"))
    while running.process.poll() is None and len(room.documents()) < 5:
        time.sleep(0.01)
    running.process.send_signal(signal.SIGTERM)
    run = running.wait()
    assert (run.code, run.source("one")["reason"].startswith("stopped early: ")) == (1, True)
    assert (backfill(room, "--since", "2024-05-15").code, had(room)) == (0, ALL)


@pytest.mark.parametrize("newer", [4])
def test_pages_that_shift_meanwhile_hide_nothing(room: Newsroom, newer: int) -> None:
    backfill(room, "--pages", "2")
    fresh = [f"{LAST + number:02}" for number in range(newer, 0, -1)]
    serve(room.sites["one"], [*fresh, *ALL])
    backfill(room, "--since", "2000-01-01")
    assert had(room) == sorted([*fresh, *ALL], reverse=True)


@pytest.mark.parametrize("removed", [5])
def test_rows_that_were_removed_meanwhile_hide_nothing(room: Newsroom, removed: int) -> None:
    """What has not been read moves up, here by more than a page: the page where it stood shows nothing known."""
    backfill(room, "--pages", "2")
    serve(room.sites["one"], ALL[removed:])
    backfill(room, "--since", "2000-01-01")
    assert had(room) == ALL


def test_a_page_that_is_gone_where_it_stood(room: Newsroom) -> None:
    backfill(room, "--pages", "3")
    site = room.sites["one"]
    site.server.set("/news/3", Reply(status=404))
    site.show("/news/2", {key: day(key) for key in ALL[3:6]}, following="/old/3")
    site.show("/old/3", {key: day(key) for key in ALL[9:12]})
    assert (backfill(room, "--since", "2024-05-01").code, had(room)) == (0, ALL[:12])


# --- what can go wrong ------------------------------------------------------------------------


def test_a_page_that_fails_is_named_and_read_next_time(room: Newsroom) -> None:
    site = room.sites["one"]
    site.server.set("/news/3", Reply(status=500))
    run = backfill(room, "--pages", "4")
    source = run.source("one")
    assert (run.code, source["verdict"], source["stage"], had(room)) == (1, "degraded", "fetch", ALL[:6])
    assert "page 2: HTTP 500 Internal Server Error" in run.stderr
    serve(site, ALL)
    assert (backfill(room, "--pages", "4").code, had(room)) == (0, ALL[:12])


def test_an_empty_page_is_said_to_be_empty(room: Newsroom) -> None:
    room.sites["one"].show("/news/3", [])
    run = backfill(room, "--pages", "4")
    assert (run.code, had(room)) == (0, ALL[:6])
    assert "nothing on page 3: its end, or a wall" in run.stderr


def test_a_pager_that_turns_in_circles_ends(room: Newsroom) -> None:
    room.sites["one"].show("/news/3", {key: day(key) for key in ALL[6:9]}, following="/news/2")
    run = backfill(room, "--since", "2000-01-01")
    assert (run.code, had(room)) == (0, ALL[:9])
    assert "page 3: the list has ended" in run.stderr


# --- other channels ------------------------------------------------------------------------------


def test_earlier_issues_of_an_e_paper(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.attributes |= {
            "lists": f'ListPage("{site.url("/paper/index.htm")}", kind="paper")',
            "issue": f'"{site.url("/paper/{0:%Y-%m}/{0:%d}/index.html")}"',
            "rows": "()",
        }
        room.write_source(site)
        link = "<html><body><script>window.location.href = '2024-05/20/index.html';</script></body></html>"
        site.server.set("/paper/index.htm", html(link.encode()))
        for number in (20, 17, 16, 15):  # nothing at the weekend
            panel = (
                "<div class='nav-items'><div class='nav-panel-heading'>第1版</div>"
                f"<a data-href='/a/{number}.html'>第{number}号</a></div>"
            )
            site.server.set(f"/paper/2024-05/{number}/index.html", html(f"<html><body>{panel}</body></html>".encode()))
            site.server.set(f"/a/{number}.html", article_page(f"{number}", time=f"2024-05-{number} 09:30"))
        room.crawl()
        assert had(room) == ["20"]
        run = backfill(room, "--since", "2024-05-16")
        assert (run.code, had(room)) == (0, ["20", "17", "16"])
        before = len(site.server.log)
        assert (backfill(room, "--pages", "4").code, had(room)) == (0, ["20", "17", "16", "15"])
        assert "/paper/2024-05/17/index.html" not in asked(room, before)  # it goes on where it stood


def test_earlier_issues_that_have_a_page_for_each_printed_page(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.attributes |= {
            "lists": f'ListPage("{site.url("/paper/")}", kind="node", optional=True)',
            "issue": f'"{site.url("/paper/html/{0:%Y-%m/%d}/node_2.htm")}"',
            "articles": r'r"/(?P<key>content_\d+)\.htm$"',
            "rows": "()",
        }
        room.write_source(site)
        link = "<html><body><script>window.location.href = 'html/2024-05/20/node_2.htm';</script></body></html>"
        site.server.set("/paper/", html(link.encode()))
        for number in (20, 17, 16):
            folder = f"/paper/html/2024-05/{number}/"
            pages = "".join(f"<a id='pageLink' href='{folder}node_{part}.htm'>第{part}版</a>" for part in (2, 3, 4))
            for part in (2, 3, 4):
                key = f"content_{number}{part}"
                row = f"<ul class='ul02_l'><li><a href='{folder}{key}.htm'>第{key}号</a></li></ul>"
                site.server.set(f"{folder}node_{part}.htm", html(f"<html><body>{pages}{row}</body></html>".encode()))
                site.server.set(f"{folder}{key}.htm", article_page(key, time=f"2024-05-{number} 09:30"))
        room.crawl()
        assert had(room) == ["content_204", "content_203", "content_202"]
        run = backfill(room, "--pages", "2")
        assert (run.code, len(had(room)), run.source("one")["gap"]) == (0, 6, None)
        before = len(site.server.log)
        assert (backfill(room, "--pages", "3").code, len(had(room))) == (0, 9)
        assert [path for path in asked(room, before) if "node" in path] == [
            "/paper/html/2024-05/20/node_2.htm",  # the poll
            *(f"/paper/html/2024-05/17/node_{part}.htm" for part in (2, 3, 4)),  # where it stood
            *(f"/paper/html/2024-05/16/node_{part}.htm" for part in (2, 3, 4)),
        ]


def sitemap(site: Site, days: dict[str, str]) -> bytes:
    entries = "".join(
        f"<url><loc>{site.url(f'/a/{key}.html')}</loc><lastmod>{changed}</lastmod></url>"
        for key, changed in days.items()
    )
    return f"<urlset>{entries}</urlset>".encode()


def index_of(site: Site, days: dict[str, str]) -> bytes:
    entries = "".join(
        f"<sitemap><loc>{site.url(path)}</loc><lastmod>{changed}</lastmod></sitemap>" for path, changed in days.items()
    )
    return f"<sitemapindex>{entries}</sitemapindex>".encode()


@pytest.fixture
def mapped(tmp_path: Path) -> Any:
    """A list of one page; robots.txt names an index of two sitemaps, by month, with everything."""
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        serve(site, ALL[:3])
        for key in ALL:
            site.article(key, time=f"{day(key)} 09:30")
        robots = (
            f"User-agent: *\nAllow: /\nSitemap: {site.url('/map.xml')}\nSitemap: https://elsewhere.example/map.xml\n"
        )
        site.server.set("/robots.txt", Reply(robots.encode(), headers={"Content-Type": "text/plain"}))
        site.server.set("/map.xml", index_of(site, {"/map-old.xml": "2024-05-17", "/map-new.xml": "2024-05-20"}))
        site.server.set("/map-new.xml", sitemap(site, {key: day(key) for key in reversed(ALL[:9])}))
        site.server.set("/map-old.xml", sitemap(site, {key: day(key) for key in reversed(ALL[9:])}))
        yield room


def test_sitemaps_that_robots_txt_names(mapped: Newsroom) -> None:
    run = backfill(mapped, "--since", "2024-05-16")
    assert (run.code, had(mapped)) == (0, ALL[:15])
    assert lists(asked(mapped)) == ["/news/", "/news/", "/map.xml", "/map-new.xml", "/map-old.xml"]


def test_a_sitemap_that_is_old_is_not_gone_into(mapped: Newsroom) -> None:
    site = mapped.sites["one"]
    maps = {"/map-old.xml": "2024-05-17", "/map-new.xml": "2024-05-20", "/map-oldest.xml": "2024-01-01"}
    site.server.set("/map.xml", index_of(site, maps))
    assert (backfill(mapped, "--since", "2024-05-18").code, had(mapped)) == (0, ALL[:9])
    assert "/map-oldest.xml" not in asked(mapped)


def test_a_sitemap_that_was_read_is_not_read_again(mapped: Newsroom) -> None:
    backfill(mapped, "--since", "2024-05-18")
    before = len(mapped.sites["one"].server.log)
    assert (backfill(mapped, "--since", "2024-05-10").code, had(mapped)) == (0, ALL)
    assert {path for path in asked(mapped, before) if "map" in path} == {"/map.xml", "/map-old.xml"}


def test_a_sitemap_is_polled_like_any_list(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.attributes["lists"] = f'ListPage("{site.url("/map.xml")}", kind="sitemap")'
        room.write_source(site)
        site.server.set("/map.xml", index_of(site, {"/map-1.xml": "2024-05-18", "/map-2.xml": "2024-05-20"}))
        site.server.set("/map-2.xml", sitemap(site, {"2": "2024-05-20"}))
        for key in "234":
            site.article(key)
        room.crawl()
        assert (had(room), asked(room)) == (["2"], ["/map.xml", "/map-2.xml", "/a/2.html"])
        before = len(site.server.log)
        assert room.crawl().source("one")["not_modified"] == 1
        assert asked(room, before) == ["/map.xml"]
        site.server.set("/map.xml", index_of(site, {"/map-2.xml": "2024-05-20", "/map-3.xml": "2024-05-21"}))
        site.server.set("/map-3.xml", sitemap(site, {"4": "2024-05-21", "3": "2024-05-21"}))
        before = len(site.server.log)
        room.crawl()
        # On from the newest one until what is known.
        assert lists(asked(room, before)) == ["/map.xml", "/map-3.xml", "/map-2.xml"]
        assert had(room) == ["4", "3", "2"]


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["one"], "either --since DATE or --pages N"),
        (["one", "--since", "2024-05-01", "--pages", "3"], "either --since DATE or --pages N"),
        (["one", "--since", "2024-02-30"], "'2024-02-30' is no day"),
        (["one", "--since", "2999-01-01"], "--since 2999-01-01 lies in the future"),
        (["one", "--pages", "0"], "0 is not in the range"),
        (["one", "--pages", "x"], "'x' is not a valid integer"),
        (["one", "--pages", "3", "--max-requests", "0"], "0 is not in the range"),
        (["two", "--pages", "3"], "unknown source 'two'"),
        (["--pages", "3"], "SOURCE"),
    ],
)
def test_bad_input_is_named_before_anything_is_opened(tmp_path: Path, words: list[str], message: str) -> None:
    run = told("backfill", *words, "--output", str(tmp_path / "output"))
    assert (run.code, message in run.stderr) == (2, True), run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_holds_the_lock_is_waited_for(room: Newsroom) -> None:
    first = room.start("crawl", "one", *room.flags(delay="0.3"))
    while not asked(room):
        time.sleep(0.01)
    assert (backfill(room, "--pages", "2").code, first.wait().code) == (0, 0)
    assert had(room) == ALL[:6]
