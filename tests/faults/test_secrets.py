"""Addresses that carry a secret: used as they are, shown without it in log, report and index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from newsroom import DAY, Newsroom, Reply, Run, list_page, title_of
from server import html

from crawler.extraction.text import masked

SECRET = "s3cr3t-9f8e7d"
TABLE = {
    f"https://a.example/l?token={SECRET}": "https://a.example/l?token=…",
    f"https://a.example/l?page=2&access_token={SECRET}&key=77": "https://a.example/l?page=2&access_token=…&key=77",
    f"https://a.example/l?api_key={SECRET}#top": "https://a.example/l?api_key=…#top",
    f"https://a.example/l?X-Amz-Signature={SECRET}; tried": "https://a.example/l?X-Amz-Signature=…; tried",
    f"https://a.example/l?Password={SECRET}: HTTP 500": "https://a.example/l?Password=…: HTTP 500",
    f"https://a.example/l?sign={SECRET} (and 2 more)": "https://a.example/l?sign=… (and 2 more)",
    f"proxy http://me:{SECRET}@proxy.example:80/ said no": "proxy http://…@proxy.example:80/ said no",
    "https://a.example/a?id=5&sid=6&key=7&cid=8&design=9": "https://a.example/a?id=5&sid=6&key=7&cid=8&design=9",
    "a@b.example wrote 5=5: https://a.example/@me": "a@b.example wrote 5=5: https://a.example/@me",
}


@pytest.mark.parametrize("raw", TABLE)
def test_E8_secrets_are_masked_and_article_ids_are_not(raw: str) -> None:
    assert masked(raw) == TABLE[raw]


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    run: Run
    plain: Run
    asked: list[str]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with Newsroom(tmp_path_factory.mktemp("secrets")) as room:
        site = room.site("one")
        path = f"/news/?token={SECRET}"
        site.attributes["lists"] = f'(ListPage("{site.url(path)}"), ListPage("{site.url(path)}&page=2"))'
        site.attributes["articles"] = r'r"/a/(?P<key>\w+)\.html"'  # whatever follows
        room.write_source(site)
        broken = Reply(status=500)
        article = f"/a/1002.html?sign={SECRET}"
        rows = [("/a/1001.html", title_of("1001"), DAY), (article, title_of("1002"), DAY)]
        site.server.set(path, html(list_page(rows)))
        site.server.set(f"{path}&page=2", broken)
        site.article("1001")
        site.server.set(article, broken)
        run = room.crawl()
        words = [word for word in room.flags() if word != "--json"]
        plain = room.start("crawl", "one", *words).wait()
        yield Visit(room, run, plain, site.server.asked())


def test_E8_the_server_gets_the_address_as_it_is(visit: Visit) -> None:
    assert {f"/news/?token={SECRET}", f"/a/1002.html?sign={SECRET}"} < set(visit.asked)
    assert visit.run.source("one")["saved"] == 1


def test_E8_nobody_else_does(visit: Visit) -> None:
    assert "/news/?token=…&page=2: HTTP 500" in visit.run.source("one")["reason"]
    told = visit.run.stdout + visit.run.stderr + visit.plain.stdout + visit.plain.stderr
    assert told.count(SECRET) == 0
    assert "?token=…" in visit.plain.stdout
    assert "/a/1002.html?sign=…: HTTP 500" in visit.run.stderr
