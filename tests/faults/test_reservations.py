"""What a page reserves is recorded in index and change log, never in the document; heeded where the user says so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from newsroom import Newsroom, Run, article_page, told
from server import html

# Headers, what stands in the head, and what is recorded.
PAGES: dict[str, tuple[dict[str, str], str, str]] = {
    "1001": ({}, "", ""),
    "1002": ({"X-Robots-Tag": "noarchive"}, "", "noarchive (header)"),
    "1003": ({}, "<meta name='ROBOTS' content='NOINDEX, follow'>", "noindex (meta)"),
    "1004": ({"X-Robots-Tag": "otherbot: noindex"}, "<meta name='otherbot' content='none'>", ""),
    "1005": ({"X-Robots-Tag": "shiyi: noindex, noarchive"}, "", "noindex (header), noarchive (header)"),
    "1006": ({"TDM-Reservation": "1"}, "", "tdm-reservation (header)"),
    "1007": ({"TDM-Reservation": "0"}, "<meta name='tdm-reservation' content='0'>", ""),
    "1008": ({}, "<meta name='tdm-reservation' content='1'>", "tdm-reservation (meta)"),
    "1009": ({}, "<meta name='robots' content='index,follow'><meta name='robots' content='noai'>", "noai (meta)"),
    "1010": ({"X-Robots-Tag": "unavailable_after: 25 Jun 2030 15:00:00 PST"}, "", ""),
    "1011": ({"X-Robots-Tag": "none"}, "<meta name='robots' content='none'>", "none (header), none (meta)"),
}
RESERVED = {key: recorded for key, (_, _, recorded) in PAGES.items() if recorded}


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    plain: Run
    refusing: Run
    again: Run
    asked_again: list[str]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with Newsroom(tmp_path_factory.mktemp("reserved")) as room:
        one, two = room.site("one"), room.site("two")
        for site in (one, two):
            site.publish(*PAGES)
            for key, (headers, head, _) in PAGES.items():
                page = article_page(key).replace(b"<head>", b"<head>" + head.encode())
                site.server.set(f"/a/{key}.html", html(page, **headers))
        plain = room.crawl("one")
        room.config.write_text(room.config.read_text() + 'reservations = "refuse"\n')
        refusing = room.crawl("two")
        before = len(two.server.log)
        two.show("/news/", [*PAGES, "1000"])
        two.article("1000")
        again = room.crawl("two")
        yield Visit(room, plain, refusing, again, two.server.asked(before))


def test_R7_recorded_in_the_index_and_the_change_log(visit: Visit) -> None:
    with sqlite3.connect(visit.room.output / ".state" / "index.db") as index:
        rows = index.execute("SELECT key, evidence FROM article WHERE source = 'one'").fetchall()
    recorded = {key: json.loads(evidence).get("reservations") for key, evidence in rows}
    assert {key: told for key, told in recorded.items() if told} == RESERVED
    journal = "".join(path.read_text() for path in (visit.room.output / ".state" / "journal").iterdir())
    lines = [json.loads(line) for line in journal.splitlines()]
    logged = {line["key"]: line["evidence"].get("reservations") for line in lines if line["source"] == "one"}
    assert {key: told for key, told in logged.items() if told} == RESERVED


def test_R7_a_reserved_article_is_stored_and_its_document_says_nothing_of_it(visit: Visit) -> None:
    source = visit.plain.source("one")
    assert (source["verdict"], source["saved"]) == ("ok", len(PAGES))
    heads = [body.split(b"---\n")[1] for path, body in visit.room.documents().items() if path.startswith("one/")]
    assert [head for head in heads if b"noarchive" in head or b"reserv" in head] == []


def test_R7_refused_where_the_user_says_so_and_not_asked_for_again(visit: Visit) -> None:
    source = visit.refusing.source("two")
    assert (source["saved"], source["rejected"], source["owed"]) == (len(PAGES) - len(RESERVED), len(RESERVED), 0)
    assert "reserved: noarchive (header)" in visit.refusing.stderr
    assert (visit.again.source("two")["saved"], visit.asked_again) == (1, ["/news/", "/a/1000.html"])


def test_R7_a_policy_that_is_none_is_wrong_use(visit: Visit) -> None:
    config = visit.room.folder / "wrong.toml"
    config.write_text('reservations = "ignore"\n')
    run = told("crawl", "--config", str(config))
    assert (run.code, "reservations: 'ignore' is none of record, refuse" in run.stderr) == (2, True)
