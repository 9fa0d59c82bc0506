"""Hostile pages through the real program: one hostile page costs one page, which is named.

The extraction process hangs or is killed; a run over the corpus of tests/hostile/ stores what is an
article and nothing else, and says so in a log that holds no control character.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hostile_pages import FETCHED, HOME, SLY, SOURCE, UNSEEN
from newsroom import DAY, Newsroom, Run, Site, article_page, list_page, title_of
from w3lib.url import safe_url_string

from crawler.engine.worker import Worker
from crawler.errors import ExtractionError
from crawler.models import Page

# Not of the corpus: the pattern is the source's own, the page only meets it. It takes longer than anybody waits.
ENDLESS = r"(?:甲+)+$"
HANGS = article_page("1", text=("甲" * 60 + "乙",))
# The parser compares each attribute with all before it: more than half an hour.
MANY_ATTRIBUTES = article_page("1").replace(b"<h1>", b"<h1 " + b" ".join(b"a%d" % n for n in range(1_000_000)) + b">")


@pytest.mark.parametrize(
    ("hostile", "patterns", "expected"),
    [
        (HANGS, (ENDLESS,), {"extraction took more than 2 s and was stopped"}),
        (MANY_ATTRIBUTES, (), {"extraction took more than 2 s and was stopped", "too-complex"}),
    ],
    ids=["pattern", "attributes"],
)
def test_page_that_hangs_is_stopped_and_the_next_one_is_read(
    hostile: bytes, patterns: tuple[str, ...], expected: set[str]
) -> None:
    source = replace(SOURCE, furniture=patterns)

    async def meet() -> tuple[str, str, str]:
        worker = Worker(patience=2.0)

        async def told(body: bytes) -> str:
            page = Page("http://news.example/a/1.html", body, FETCHED, "utf-8", "text/html")
            try:
                found = await worker.extract(page, source, None, "Asia/Shanghai")
            except ExtractionError as error:
                return str(error)
            return found.problem or found.title

        try:
            return await told(article_page("1001")), await told(hostile), await told(article_page("1002"))
        finally:
            worker.close()
            await asyncio.sleep(0)

    before, hung, after = asyncio.run(meet())
    assert (before, after) == (title_of("1001"), title_of("1002"))
    assert hung in expected


@dataclass(frozen=True)
class Survivors:
    run: Run
    site: Site
    documents: dict[str, bytes]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survivors]:
    """A run in which the extraction process is killed, as by the kernel when memory is short."""
    with Newsroom(tmp_path_factory.mktemp("killed")) as room:
        site = room.site("one", furniture=repr((ENDLESS,)))
        site.publish("1003", "1002", "1001")
        site.server.set("/a/1002.html", HANGS)
        running = room.start("crawl", "one", *room.flags())
        os.kill(busy_child(running.process.pid), signal.SIGKILL)
        run = running.wait()
        yield Survivors(run, site, room.documents())


def busy_child(parent: int) -> int:
    """The extraction process, once it has used more CPU than its start and a few pages take."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent and int(fields[11]) > 4 * os.sysconf("SC_CLK_TCK"):
                return int(stat.parent.name)
        time.sleep(0.1)
    raise AssertionError("no page kept the extraction process busy")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found by way of /proc")
class TestPageThatKillsTheWorker:
    def test_costs_one_page(self, killed: Survivors) -> None:
        assert sorted(killed.documents) == killed.site.paths_of("1001", "1003")

    def test_is_named(self, killed: Survivors) -> None:
        source = killed.run.source("one")
        assert (source["found"], source["saved"], source["quarantined"] + source["failed"]) == (3, 2, 1)
        assert "unextractable" in source["reason"]
        told = [line for line in killed.run.stderr.splitlines() if "the page ended the extraction process (" in line]
        assert [killed.site.url("/a/1002.html") in line for line in told] == [True]


# --- the whole corpus ----------------------------------------------------------

# The bombs cost seconds each, and tests/test_hostile.py has met them.
CHEAP = [attack for attack in SLY if not attack.name.startswith("path/")]
KEYED = {attack.name.replace("/", "_").replace("-", "_"): attack for attack in CHEAP}
# Without a title the page is no article; the list has one for it.
REFUSED = {key for key, attack in KEYED.items() if attack.expect.startswith("problem")} - {"yaml_title_empty"}
# Hostile addresses. What leads out of /a/, and what no client would ask for, is not fetched.
PATHS = [attack for attack in SLY if attack.name.startswith("path/") and attack.url != f"{HOME}a/1.html"]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, dict[str, bytes], Path]]:
    with Newsroom(tmp_path_factory.mktemp("corpus")) as room:
        site = room.site("hostile", medium='"span.source"', author='"span.author"', aggregates="True")
        site.attributes |= {
            "articles": 'r"/a/(?P<key>.+)\\.html$"',
            "lists": f'(ListPage("{site.url("/news/")}"), ListPage("{site.url("/paths/")}"))',
        }
        room.write_source(site)
        site.publish("1001", "1002")
        for key, attack in KEYED.items():
            site.server.set(f"/a/{key}.html", attack.body)
        site.show("/news/", ["1001", *KEYED, "1002"])
        rows = [(attack.url.removeprefix(HOME.rstrip("/")), attack.name, DAY) for attack in PATHS]
        site.server.set("/paths/", list_page([(escape(path), title, day) for path, title, day in rows]))
        for attack, (path, _, _) in zip(PATHS, rows, strict=True):
            asked = urlsplit(safe_url_string(site.url(path)))
            site.server.set(f"{asked.path}?{asked.query}" if asked.query else asked.path, attack.body)
        yield room.crawl(), room.documents(), room.folder


class TestRunOverTheCorpus:
    def test_stores_what_is_an_article(self, crawled: tuple[Run, dict[str, bytes], Path]) -> None:
        stored = {re.sub(r"^\d{4}-\d\d-\d\d-", "", Path(path).stem) for path in crawled[1]}
        wanted = {key for key, attack in KEYED.items() if attack.expect == "article"} | {"1001", "1002"}
        assert (wanted - stored, REFUSED & stored) == (set(), set())

    def test_hostile_ids_get_safe_names(self, crawled: tuple[Run, dict[str, bytes], Path]) -> None:
        others = {Path(path).name for path in crawled[1]} - {f"{DAY}-{key}.md" for key in (*KEYED, "1001", "1002")}
        others = {name for name in others if name.removesuffix(".md") not in KEYED}
        assert len(others) >= 15
        assert [name for name in others if not re.fullmatch(r"[a-z0-9-]([a-z0-9._-]*[a-z0-9_-])?\.md", name)] == []

    def test_writes_nothing_elsewhere(self, crawled: tuple[Run, dict[str, bytes], Path]) -> None:
        _, documents, folder = crawled
        assert {Path(path).parts[0] for path in documents} == {"hostile"}
        assert sorted(path.name for path in folder.iterdir()) == ["output", "shiyi.toml", "sources"]
        assert sorted(path.name for path in folder.joinpath("output").iterdir()) == [".state", "hostile"]

    def test_names_each_page_that_is_no_article(self, crawled: tuple[Run, dict[str, bytes], Path]) -> None:
        said = crawled[0].stderr
        assert len(REFUSED) == 2
        assert [key for key in REFUSED if f"/a/{key}.html" not in said] == []

    def test_no_document_and_no_line_of_the_log_holds_a_control(
        self, crawled: tuple[Run, dict[str, bytes], Path]
    ) -> None:
        run, documents, _ = crawled
        assert {path for path, content in documents.items() if UNSEEN.search(content.decode())} == set()
        assert UNSEEN.findall(run.stdout + run.stderr) == []
