"""Faults of a whole run: the network goes, files of a dead run, a moved collection, a page that is a stub by now."""

from __future__ import annotations

import gzip
import re
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import NOW, documents, make_article, submission
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import Newsroom, Run, article_page
from server import Server, html

from crawler.discovery import feed
from crawler.errors import IndexFault, ListError
from crawler.formats import Context, render
from crawler.models import STYLES, ListPage, Page, Source
from crawler.storage.disk import Disk
from crawler.storage.library import Library

from . import misbehaving as bad

KEYS = ("1003", "1002", "1001")
MANY = tuple(f"{number}" for number in range(1016, 1000, -1))


# --- N10: the server goes away in the middle ---------------------------------------


@dataclass(frozen=True)
class Gone:
    first: Run
    kept: set[str]
    second: Run
    paths: list[str]
    at_last: set[str]


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gone]:
    with Newsroom(tmp_path_factory.mktemp("gone")) as room:
        site = room.site("one")
        site.publish(*MANY)
        host, port = site.server.host, site.server.port
        running = room.start("crawl", "one", *room.flags(delay="0.02"))
        while len(site.server.asked()) < 8:
            time.sleep(0.01)
        for key in MANY:  # connections that are open end, new ones are refused
            site.server.set(f"/a/{key}.html", bad.raw())
        site.server.__exit__(None, None, None)
        first, kept = running.wait(), set(room.documents())
        with sqlite3.connect(room.output / ".state" / "index.db") as index:
            index.execute("UPDATE frontier SET due = '2024-05-20'")  # an hour later
        with Server(host, port=port) as again:
            site.server = again
            site.publish(*MANY)
            second = room.crawl()
            yield Gone(first, kept, second, site.paths_of(*MANY), set(room.documents()))
        site.server = Server(host)  # for the room to close
        threading.Thread(target=site.server._http.serve_forever, daemon=True).start()


class TestN10NetworkGoes:
    def test_what_was_saved_stays_and_the_rest_is_owed(self, gone: Gone) -> None:
        source = gone.first.source("one")
        assert 3 <= len(gone.kept) == source["saved"] < 16
        assert (gone.first.code, source["saved"] + source["owed"]) == (1, 16)
        assert "connection: " in source["reason"]

    def test_N8_one_fault_of_a_host_is_told_once_and_then_counted(self, gone: Gone) -> None:
        told = [line for line in gone.first.stderr.splitlines() if "connection: " in line]
        by_name = [line for line in told if "tried again later" in line]
        assert len(by_name) == len({line.split(".html: ")[1] for line in by_name}) < gone.first.source("one")["failed"]
        more = sum(int(number) for number in re.findall(r"html and (\d+) more articles: ", "".join(told)))
        assert len(told) + more == gone.first.source("one")["failed"]

    def test_next_run_gets_the_rest(self, gone: Gone) -> None:
        assert (gone.second.code, gone.second.source("one")["owed"]) == (0, 0)
        assert gone.at_last == set(gone.paths)


# --- lists and feeds ----------------------------------------------------------------

FEED = ListPage("https://news.example/feed", kind="feed")
SOURCE = Source(
    "one", "示例日报", "https://news.example/", ("news.example",), "archive",
    articles=(r"/a/(?P<key>\w+)\.html$",), lists=(FEED,),
)  # fmt: skip


def read(body: bytes) -> list[str]:
    page = Page(FEED.url, body, NOW, "utf-8", "application/xml")
    return [candidate.url for candidate in feed.read(page, SOURCE, FEED).candidates]


@pytest.mark.parametrize("name", ["feed.xml.gz", "sitemap.xml.gz"])
def test_H15_bomb_that_does_not_say_so_is_no_list(name: str) -> None:
    start = time.process_time()
    with pytest.raises(ListError):
        read(bad.gzip_bomb(b"<?xml version='1.0'?><urlset>"))
    assert time.process_time() - start < 5
    with pytest.raises(ListError):
        read(gzip.compress(b"<rss><channel><item>", mtime=0))


def test_X12_no_file_is_read_and_nobody_is_asked(tmp_path: Path) -> None:
    secret = tmp_path / "canary"
    secret.write_text("https://news.example/a/canary.html")
    with Server() as canary:
        for entity in (
            f'SYSTEM "file://{secret}"',
            f'SYSTEM "{canary.url("/canary.dtd")}"',
            f'PUBLIC "x" "{canary.url("/p")}"',
        ):
            for declared in (
                f"<!DOCTYPE rss [<!ENTITY x {entity}>]>",
                f"<!DOCTYPE rss {entity}>",
                f"<!DOCTYPE rss [<!ENTITY % x {entity}> %x;]>",
            ):
                body = f"<?xml version='1.0'?>{declared}<rss><channel><item><title>消息</title><link>&x;</link></item></channel></rss>"
                try:
                    found = read(body.encode())
                except ListError:
                    found = []
                assert [url for url in found if "canary" in url] == []
        assert [seen.path for seen in canary.log] == []


def test_X16_one_guid_for_all_entries_is_no_identity() -> None:
    items = "".join(
        f"<item><guid isPermaLink='false'>7</guid><title>第{key}条</title><link>https://news.example/a/{key}.html</link></item>"
        for key in KEYS
    )
    found = read(f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    assert found == [f"https://news.example/a/{key}.html" for key in KEYS]


# --- pages -----------------------------------------------------------------------------

CANONICAL = {
    "home": "/",
    "other-host": "https://foreign.example/a/1002.html",
    "one-for-all": "/a/9999.html",
    "script": "javascript:alert(1)",
}


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    run: Run
    again: Run
    moved: Run
    stubs: dict[str, Run]
    stamps: list[dict[str, int]]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with Newsroom(tmp_path_factory.mktemp("pages")) as room:
        for name, canonical in CANONICAL.items():
            site = room.site(name)
            site.publish(*KEYS)
            for key in KEYS:
                link = f'<head><link rel="canonical" href="{canonical}">'.encode()
                site.server.set(f"/a/{key}.html", article_page(key).replace(b"<head>", link))
        run = room.crawl()
        leftover = room.output / ".state" / "tmp" / "0123456789abcdef0123456789abcdef"
        leftover.write_bytes(b"half a document")
        stamps = [room.stamps()]
        again = room.crawl("home")
        assert not leftover.exists()
        home = room.sites["home"]
        stubs = {}
        for name, page in {
            "deleted": "<html><head><title>提示</title></head><body><p>该文章已删除</p></body></html>",
            "paywall": "<html><head><title>提示</title></head><body><p>请先登录后阅读全文</p></body></html>",
        }.items():
            home.server.set("/a/1001.html", html(page.encode()))
            stubs[name] = room.start("save", home.url("/a/1001.html"), *room.flags()).wait()
        stamps.append(room.stamps())
        new = room.folder / "moved" / "elsewhere"
        new.parent.mkdir()
        shutil.move(room.output, new)
        room.output = new
        moved = room.crawl("home")
        stamps.append(room.stamps())
        yield Visit(room, run, again, moved, stubs, stamps)


@pytest.mark.parametrize("name", CANONICAL)
def test_X18_canonical_address_that_lies_makes_nothing_one(visit: Visit, name: str) -> None:
    source = visit.run.source(name)
    assert (source["verdict"], source["paths"]) == ("ok", visit.room.sites[name].paths_of(*KEYS))


def test_K11_files_of_a_dead_run_go_and_change_nothing(visit: Visit) -> None:
    assert visit.again.code == 0
    assert visit.stamps[0] == visit.stamps[1]
    assert list((visit.room.output / ".state" / "tmp").iterdir()) == []


def test_K12_moved_collection_works_on(visit: Visit) -> None:
    source = visit.moved.source("home")
    assert (visit.moved.code, source["not_modified"], source["saved"], source["requests"]) == (0, 1, 0, 1)
    assert visit.stamps[2] == visit.stamps[0]


@pytest.mark.parametrize("name", ["deleted", "paywall"])
def test_U8_stub_in_the_place_of_an_article_leaves_the_old_text(visit: Visit, name: str) -> None:
    source = visit.stubs[name].source("home")
    assert (source["revised"], source["saved"], source["quarantined"]) == (0, 0, 1)
    assert visit.stamps[1] == visit.stamps[0]


# --- the collection ----------------------------------------------------------------------


def test_F8_a_run_never_lists_the_folders_of_documents(tmp_path: Path) -> None:
    """Year and month stand in the path, and the index knows what is where."""
    listed: list[str] = []
    watching = [True]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("os.listdir", "os.scandir"):
            listed.append(str(arguments[0]))

    output = tmp_path / "output"
    library = Library(Disk(output))
    library.recover(NOW)
    library.store([submission(make_article("1001"))], NOW)
    library.close()
    sys.addaudithook(watch)
    library = Library(Disk(output))
    library.recover(NOW)
    outcomes = library.store([submission(make_article(key)) for key in ("1001", "1002")], NOW)
    library.close()
    watching.clear()
    assert [outcome.path for outcome in outcomes] == [f"cs/2026/10/2026-10-11-{key}.md" for key in ("1001", "1002")]
    assert [folder for folder in listed if folder.startswith(str(output / "cs"))] == []


def test_B13_sqlite_that_is_too_old_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 7, 17))
    with pytest.raises(IndexFault, match="is too old"):
        Library(Disk(tmp_path / "output"))


def test_B11_half_characters_and_nul_reach_no_database(tmp_path: Path) -> None:
    from crawler.extraction.text import clean_text, clean_title

    library = Library(Disk(tmp_path / "output"))
    library.recover(NOW)
    article = make_article(title=clean_title("半\ud800个\0字"), text=clean_text("半\udfff个\0字"))
    (outcome,) = library.store([submission(article)], NOW)
    library.close()
    assert (tmp_path / "output" / outcome.path).read_text("utf-8").splitlines()[1] == "title: 半个字"


# --- E9: leaks -----------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files by way of /proc")
def test_E9_open_files_and_threads_stay_flat(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Newsroom(tmp_path_factory.mktemp("leaks")) as room:
        site = room.site("one")
        keys = [f"{number}" for number in range(1200, 1000, -1)]
        site.publish(*keys)
        running = room.start("crawl", "one", *room.flags())
        seen: dict[int, tuple[int, int]] = {}
        process = Path(f"/proc/{running.process.pid}")
        while running.process.poll() is None and len(site.server.log) < 202:
            count = len(site.server.log)
            if count in range(40, 196, 6):
                seen[count] = (len([*(process / "fd").iterdir()]), len([*(process / "task").iterdir()]))
            time.sleep(0.002)
        run = running.wait()
    assert run.source("one")["saved"] == 200
    files, threads = zip(*(seen[count] for count in sorted(seen)), strict=True)
    assert len(seen) >= 5
    assert max(files[-3:]) <= max(files[:3]) + 8
    assert max(threads) <= threads[0] + 4


# --- the clock -------------------------------------------------------------------------------


@pytest.mark.parametrize(("ahead", "code"), [(timedelta(hours=20), 0), (timedelta(days=3), 3)])
def test_D9_clock_that_was_set_back_by_more_than_a_day_stops_the_run(
    tmp_path: Path, ahead: timedelta, code: int
) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.publish("1001")
        room.crawl()
        with sqlite3.connect(room.output / ".state" / "index.db") as index:
            index.execute("UPDATE run SET started = ?", ((datetime.now(UTC) + ahead).isoformat(),))
        asked = len(site.server.log)
        run = room.crawl()
        assert run.code == code
        if code:
            assert "the clock says 20" in run.report["error"]
            assert len(site.server.log) == asked


# --- documents --------------------------------------------------------------------------------


def test_Y8_document_begins_with_its_fence() -> None:
    """Hexo's begin with an empty line, as its sample does."""
    context = Context(source_title="示例网", category="资讯", aggregates=True, zone="Asia/Shanghai")
    begins = {style: render(make_article(), style, context)[:5] for style in STYLES}
    assert begins == {"hexo": b"\n---\n", "archive": b"---\nt", "jekyll": b"---\nl"}


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(6)))
def test_U10_order_of_arrival_changes_no_document(order: list[int]) -> None:
    """Six articles and a reprint of the first under another address: which copy is first may differ."""
    articles = [make_article(f"{1000 + number}") for number in range(6)]
    twin = make_article("2000", title=articles[0].title, text=articles[0].text, html=articles[0].html)
    with TemporaryDirectory() as folder:
        library = Library(Disk(Path(folder) / "output"))
        library.recover(NOW)
        for article in [*(articles[number] for number in order), twin]:
            library.store([submission(article)], NOW)
        library.close()
        bodies = sorted(documents(Path(folder) / "output").values())
    assert bodies == sorted(submission(article).render(article, "hexo") for article in articles)
