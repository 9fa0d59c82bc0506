"""The real addresses of all seven sources, end to end through a proxy that answers from the recorded web."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import build_web
import pytest
import trustme
from conftest import ROOT, documents
from newsroom import Newsroom, Reply, Run, Running, Site, article_page, title_of, told
from server import NOT_FOUND, Proxy, html
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.engine.loader import SourceLoader

SEVEN = build_web.SOURCES
LIST = "https://www.cs.com.cn/xwzx/hg/"
UNKNOWN = "https://news.example/story.html"


def web() -> dict[str, Reply]:
    """The recorded web. Without the sites' Crawl-delay, which --delay does not undercut: 50 pages take two minutes."""
    return {
        url: Reply(re.sub(rb"(?im)^crawl-delay:.*$", b"", body), status, dict(headers))
        for url, status, headers, body, _ in build_web.records()
    }


def record(path: Path, at: datetime) -> None:
    """The recorded web once more, as if all of it had been fetched at one moment."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for url, status, headers, body, _ in build_web.records():
        http = StatusAndHeaders(f"{status} OK", [*headers, ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
        date = {"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        writer.write_record(
            writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict=date)
        )
    path.write_bytes(out.getvalue())


@dataclass(frozen=True)
class Passage:
    room: Newsroom
    proxy: Proxy
    run: Run
    replayed: Run
    near: Site  # reached without the proxy
    asked: list[str]  # of the proxy, by the first run
    stored: list[tuple[dict[str, bytes], dict[str, int]]]  # documents and mtimes, after the first run and at last
    again: Run
    asked_again: list[str]
    idle: Run
    scrapy: dict[str, Run]  # Scrapy's own commands


@pytest.fixture(scope="module")
def passage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passage]:
    folder = tmp_path_factory.mktemp("proxy")
    authority = trustme.CA()
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    pages = web() | {UNKNOWN: html(article_page("1001"))}
    with Newsroom(folder) as room, Proxy(lambda url: pages.get(url, NOT_FOUND), authority) as proxy:
        near = room.site("near")
        near.publish("1003", "1002", "1001")
        for name, host in (("private", "127.0.9.9"), ("beside-proxy", "127.0.0.1")):
            site = room.site(name)
            site.attributes = {"hosts": f'("{host}",)', "lists": f'ListPage("http://{host}:8080/news/")'}
            room.write_source(site)
        words = ["crawl", *SEVEN, *room.sites, *room.flags(allow=f"{near.server.host}/32")]
        env = {
            "http_proxy": proxy.base,
            "https_proxy": proxy.base,
            "no_proxy": near.server.host,
            "SSL_CERT_FILE": str(bundle),
        }
        started = datetime.now(UTC)
        run = room.start(*words, env=env).wait()
        asked = proxy.asked()
        stored = [(room.documents(), room.stamps())]
        again = room.start("crawl", *SEVEN, *room.flags(allow=""), env=env).wait()
        asked_again = proxy.asked()[len(asked) :]
        idle = told("crawl", *room.flags(allow=""), env=env)  # no names: only what is due, so no reactor
        asked_again += proxy.asked()[len(asked) + len(asked_again) :]
        stored.append((room.documents(), room.stamps()))

        tape = folder / "web.warc.gz"
        record(tape, started)
        replaying = room.start("crawl", "--replay", str(tape), "--output", str(folder / "replayed"), "--json")
        impatient = folder / "impatient.toml"
        impatient.write_text("[source.cs]\ndelay = 0\n")

        def scrapy(*words: str) -> Running:
            own = {"PYTHONPATH": "", "SHIYI_OUTPUT": str(folder / f"scrapy-{words[0]}"), "SHIYI_CONFIG": str(impatient)}
            return Running([sys.executable, "-P", "-m", "scrapy", *words], ROOT, env | own)

        crawling = scrapy("crawl", "cs")
        replayed, crawled = replaying.wait(), crawling.wait()
        shown = "print(response.status, response.css('h1::text, h2::text, title::text').get())"
        commands = {
            "crawl": crawled,
            "list": scrapy("list").wait(),
            "shell": scrapy("shell", LIST, "-c", shown).wait(),
            "shell-unknown": scrapy("shell", UNKNOWN, "-c", shown).wait(),
        }
        yield Passage(room, proxy, run, replayed, near, asked, stored, again, asked_again, idle, commands)


def without_clock(body: bytes) -> bytes:
    """``fetch_date`` is the moment of the fetch."""
    return re.sub(rb"(?m)^fetch_date: .*$", b"fetch_date:", body)


def of_seven(folder: Path) -> dict[str, bytes]:
    kept = documents(folder)
    return {path: without_clock(body) for path, body in kept.items() if path.partition("/")[0] in SEVEN}


@pytest.mark.parametrize("name", SEVEN)
def test_source_is_the_same_as_in_a_replay(passage: Passage, name: str) -> None:
    through, replayed = passage.run.source(name), passage.replayed.source(name)
    for count in ("verdict", "stage", "found", "new", "saved", "duplicates", "quarantined", "paths"):
        assert through[count] == replayed[count], count
    assert through["saved"] >= 4


def test_documents_are_the_same_bytes_as_in_a_replay(passage: Passage) -> None:
    assert of_seven(passage.room.output) == of_seven(passage.room.folder / "replayed")


def test_everything_went_through_the_proxy_once(passage: Passage) -> None:
    assert len(passage.asked) == len(set(passage.asked))
    assert {url.partition(":")[0] for url in passage.asked} == {"http", "https"}


class TestSecondRun:
    def test_asks_for_lists_only(self, passage: Passage) -> None:
        lists = {entry.url for spider in SourceLoader().spiders.values() for entry in spider.source.lists}
        # The entries of the two e-papers lead on to the issue of the day.
        issues = {url for url in passage.asked_again if url.endswith(("20261012_m.html", "/2026-10/12/node_2.htm"))}
        assert set(passage.asked_again) == lists | issues
        assert len(issues) == 2
        assert len(passage.asked_again) == len(set(passage.asked_again))

    def test_is_well_and_finds_nothing_new(self, passage: Passage) -> None:
        assert passage.again.code == 0
        for source in passage.again.report["sources"]:
            assert source["verdict"] == ("dormant" if source["name"] == "unsafe" else "ok")
            assert (source["new"], source["fetched"], source["paths"]) == (0, 0, [])

    def test_writes_nothing(self, passage: Passage) -> None:
        assert passage.stored[1] == passage.stored[0]

    def test_third_run_without_names_finds_nothing_due(self, passage: Passage) -> None:
        rows = {source["name"]: source for source in passage.idle.report["sources"]}
        assert {rows[name]["verdict"] for name in SEVEN} == {"skipped"}
        assert {rows[name]["reason"][:14] for name in SEVEN} == {"not due before"}
        assert passage.idle.code == 0


class TestGuard:
    def test_private_literal_is_refused(self, passage: Passage) -> None:
        source = passage.run.source("private")
        assert (source["verdict"], source["stage"]) == ("failing", "fetch")
        assert "not public" in source["reason"]

    def test_private_literal_of_the_proxys_own_host_is_refused(self, passage: Passage) -> None:
        source = passage.run.source("beside-proxy")
        assert (source["verdict"], source["stage"]) == ("failing", "fetch")
        assert "not public" in source["reason"]

    def test_proxy_was_not_asked_for_it(self, passage: Passage) -> None:
        assert [url for url in passage.asked if ":8080/" in url] == []

    def test_report_says_that_names_were_looked_up_by_the_proxy(self, passage: Passage) -> None:
        assert "via proxy" in passage.run.stderr


def test_no_proxy_is_honoured(passage: Passage) -> None:
    assert passage.run.source("near")["saved"] == 3
    assert len(passage.near.server.asked()) == 4
    assert [url for url in passage.asked if passage.near.server.host in url] == []


class TestScrapy:
    """Scrapy's own commands, started in the checkout."""

    def test_list(self, passage: Passage) -> None:
        listed = passage.scrapy["list"]
        assert (listed.code, listed.stdout.split()) == (0, sorted(SEVEN))

    def test_crawl_gives_the_same_documents(self, passage: Passage) -> None:
        assert passage.scrapy["crawl"].code == 0
        ours = {path: body for path, body in of_seven(passage.room.output).items() if path.startswith("cs/")}
        assert of_seven(passage.room.folder / "scrapy-crawl") == ours
        assert len(ours) >= 10

    def test_shell_on_a_page_of_a_source(self, passage: Passage) -> None:
        shell = passage.scrapy["shell"]
        assert (shell.code, shell.stdout.splitlines()[0]) == (0, "200 财经要闻 - 中证网")

    def test_shell_on_any_other_page(self, passage: Passage) -> None:
        shell = passage.scrapy["shell-unknown"]
        assert (shell.code, shell.stdout.splitlines()[:1]) == (0, [f"200 {title_of('1001')}"])
