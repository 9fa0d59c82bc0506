"""`why URL`: one address through all that can have become of it, the verdict first."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, make_article, submission
from full_library import LATER, candidate, fill, render_truly
from newsroom import Newsroom, Reply, Run, told

from crawler.operations.why import allows
from crawler.operations.why_text import local
from crawler.storage.disk import Disk
from crawler.storage.library import Library

URL = "https://www.cs.com.cn/xwzx/202610/t20261011_{}.html"
RULE = r"/\d{6}/t\d{8}_(?P<key>\d+)(?:_\d+)?\.s?html$"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def run(folder: Path, *words: str) -> Run:
    return told("why", *words, "--output", str(folder))


def why(folder: Path, asked: str) -> dict[str, Any]:
    return dict(json.loads(run(folder, asked, "--json").stdout))


@pytest.mark.parametrize(
    ("asked", "verdict", "sentence"),
    [
        (URL.format(1001), "saved", "saved as cs/2026/10/2026-10-11-1001.md"),
        (URL.format(1002), "saved", "saved as cs/2026/10/2026-10-11-1002.md, revision 2"),
        ("cs/undated/1003.md", "saved", "saved as cs/undated/1003.md"),
        ("http://cs.com.cn/xwzx/202610/t20261011_1001.html#top", "saved", "saved as cs/2026/10/2026-10-11-1001.md"),
        (
            URL.format(2002),
            "duplicate",
            "a duplicate of 1001 (same title, day and text), saved as cs/2026/10/2026-10-11-1001.md",
        ),
        (URL.format(33), "saved", "another address of 1003 (same-key), saved as cs/undated/1003.md"),
        ("https://www.cs.com.cn/10.html", "owed", "owed since {now}: not tried yet; the next crawl fetches it"),
        (
            "https://www.cs.com.cn/9.html",
            "quarantined",
            "not published, since {now}, next try with the next crawl: soft-404: no article",
        ),
        ("https://www.cs.com.cn/7.html", "gone", "gone, not asked for again: HTTP 410"),
        ("https://www.cs.com.cn/xwzx/", "list", "a list that cs polls, no article"),
        ("https://other.example/x", "copied", "not collected from here; cs/2026/10/2026-10-11-1001.md (cs) is a copy of it"),
        (URL.format(77), "unseen", f"never seen; would be let in by cs, rule {RULE}"),
        (
            "https://www.cs.com.cn/about.html",
            "dropped",
            "would be dropped: on a host of cs, but no rule of theirs calls it an article",
        ),
        (
            "https://nobody.example/x",
            "dropped",
            "would be dropped: no source has this host; `save` takes a page of any site",
        ),
        ("ftp://www.cs.com.cn/x", "refused", "would be refused: not an http(s) address: ftp"),
        ("https://me@www.cs.com.cn/x", "refused", "would be refused: an address with a user name in it"),
    ],
)  # fmt: skip
def test_the_verdict_comes_first(folder: Path, asked: str, verdict: str, sentence: str) -> None:
    expected = sentence.replace("{now}", local(NOW.isoformat()))
    found, shown = why(folder, asked), run(folder, asked)
    assert (found["verdict"], found["sentence"]) == (verdict, expected)
    assert (shown.code, shown.stdout.splitlines()[0]) == (0, expected)


def test_what_is_neither_an_address_nor_a_document_is_exit_2(folder: Path) -> None:
    for asked in ("gaga", "cs/nothing.md", "", "javascript:alert(1)"):
        refused = run(folder, asked)
        assert (refused.code, "neither a document of" in refused.stderr) == (2, True)


def test_all_that_a_program_gets(folder: Path) -> None:
    found = why(folder, URL.format(1002))
    assert list(found) == [
        "url", "verdict", "sentence", "address", "sources", "other_sources", "robots", "found", "debts", "visits", "articles",
        "copies", "runs",
    ]  # fmt: skip
    assert found["sources"] == [{"source": "cs", "key": "1002", "rule": RULE, "dropped": "", "polls": ""}]
    assert found["other_sources"] == 6
    [sighting] = found["found"]
    assert (sighting["list"], sighting["section"], sighting["still_shown"]) == (
        "https://www.cs.com.cn/xwzx/",
        "要闻",
        False,
    )
    [article] = found["articles"]
    assert (article["path"], article["document"], article["by"]) == ("cs/2026/10/2026-10-11-1002.md", "stored", "own")
    assert [(change["op"], change["place"]) for change in article["history"]] == [("add", "kept"), ("revise", "stands")]
    assert (found["runs"][0]["name"], found["runs"][0]["last_verdict"]) == ("cs", "ok")


def test_ids_and_addresses_with_their_rules(folder: Path) -> None:
    [article] = why(folder, URL.format(2002))["articles"]
    assert [(row["key"], row["rule"]) for row in article["known_as"]] == [("1001", "own"), ("2002", "same-text")]
    [other] = why(folder, "https://www.cs.com.cn/b")["articles"]
    assert (other["key"], other["by"]) == ("1004", "own")
    assert {row["kind"] for row in other["addresses"]} == {"canonical"}


def test_every_state_of_a_debt(folder: Path) -> None:
    library = Library(Disk(folder))
    library.frontier.put_off(candidate("10"), "HTTP 500", LATER)
    for _ in range(5):
        library.frontier.put_off(candidate("11"), "HTTP 404", LATER)
    library.frontier.close(candidate("12"), "not-html: an image", LATER, "rejected")
    library.index.connection.execute("UPDATE frontier SET due = '2999-01-01T00:00:00+00:00' WHERE key = '10'")
    library.index.close()
    found = {key: why(folder, f"https://www.cs.com.cn/{key}.html")["sentence"] for key in ("10", "11", "12")}
    assert found["10"].endswith(", because: HTTP 500")
    assert ", next try 2999-01-01 " in found["10"] or ", next try 2998-12-31 " in found["10"]
    assert found["11"].startswith("given up after 5 tries: HTTP 404")
    assert found["12"] == "rejected, not asked for again: not-html: an image"


def test_what_a_person_and_the_disk_have_done(folder: Path) -> None:
    path = "cs/2026/10/2026-10-11-1001.md"
    (folder / path).write_text("meine Notiz")
    assert f"{path}: edited by a person; never overwritten" in run(folder, path).stdout
    (folder / path).unlink()
    assert why(folder, URL.format(1001))["sentence"] == f"was saved as {path}; a person has removed it, and it stays so"
    library = Library(Disk(folder))
    library.index.connection.execute("UPDATE article SET sha256 = '' WHERE key = '1001'")
    library.index.close()
    assert "lost to the disk; the next crawl fetches it again" in why(folder, URL.format(1001))["sentence"]


def test_withdrawn_looked_at_again_and_frozen(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    library.withdraw([(look, "HTTP 404") for look in library.looks.of_key("cs", "1001")], LATER)
    plan = "INSERT INTO look (article, source, due, done, checked, frozen) SELECT id, source, ?, 2, ?, ? FROM article WHERE key = ?"
    with library.index.transaction() as connection:
        connection.execute("DELETE FROM look")
        connection.execute(plan, (LATER.isoformat(), LATER.isoformat(), "", "1002"))
        connection.execute(plan, ("", "", "flaps between two texts", "1003"))
    library.close()
    gone = why(folder, URL.format(1001))
    assert (gone["verdict"], ", withdrawn from its site since 2026-10-12 " in gone["sentence"]) == ("withdrawn", True)
    assert "withdraw  HTTP 404" in run(folder, URL.format(1001)).stdout
    assert (
        "next look  with the next crawl, after 2 so far, the last 2026-10-12 " in run(folder, URL.format(1002)).stdout
    )
    assert "next look  frozen: flaps between two texts" in run(folder, URL.format(1003)).stdout


def test_an_article_whose_style_carries_no_address_is_found_by_its_path(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    library.store([submission(make_article("5"), style="hexo", render=render_truly)], LATER)
    with library.index.transaction() as connection:  # as an index that was made again from documents alone
        connection.execute("UPDATE article SET url = '' WHERE key = '5'")
        connection.execute("DELETE FROM address WHERE article = (SELECT id FROM article WHERE key = '5')")
    library.close()
    assert why(folder, "cs/2026/10/2026-10-11-5.md")["sentence"] == "saved as cs/2026/10/2026-10-11-5.md"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"User-agent: *\nDisallow: /private/", True),
        (200, b"\xef\xbb\xbfUser-agent: Shiyi\nDisallow: /", False),
        (200, b"User-agent: *\nDisallow: /a/", False),
        (200, b"", True),
        (404, b"User-agent: *\nDisallow: /", True),
        (401, b"", False),
        (403, b"", False),
        (429, b"", False),
        (503, b"", False),
    ],
)
def test_robots_are_read_as_the_crawl_reads_them(status: int, body: bytes, expected: bool) -> None:
    assert allows(status, body, "https://www.example.org/a/1.html") is expected


def test_it_changes_nothing(folder: Path) -> None:
    def state() -> dict[str, str]:
        files = (path for path in folder.rglob("*") if path.is_file() and "db-" not in path.name)
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = state()
    for asked in (URL.format(1002), URL.format(77), "https://www.cs.com.cn/7.html", "cs/undated/1003.md"):
        run(folder, asked)
    assert state() == before


def test_after_a_real_crawl(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.server.set("/robots.txt", b"User-agent: *\nDisallow: /a/1009")
        site.publish("1001", "1002", "1009")
        site.server.set("/a/1002.html", Reply(status=404))
        room.crawl()
        flags = ("--output", str(room.output), "--config", str(room.config))

        def explain(key: str) -> dict[str, Any]:
            return dict(json.loads(told("why", site.url(f"/a/{key}.html"), "--json", *flags).stdout))

        saved, owed, forbidden = explain("1001"), explain("1002"), explain("1009")
        assert (saved["verdict"], saved["articles"][0]["path"]) == ("saved", site.path_of("1001"))
        assert saved["sources"][0]["rule"] == r"/a/(?P<key>\w+)\.html$"
        assert [(row["status"], row["allows"]) for row in saved["robots"]] == [(200, True)]
        assert saved["articles"][0]["evidence"]["title"] == "declared:h1"
        assert saved["articles"][0]["extractor"].startswith("shiyi ")
        assert [(row["status"], row["url"]) for row in saved["visits"]] == [(200, site.url("/a/1001.html"))]
        assert [row["list"] for row in saved["found"]] == [site.url("/news/")]
        assert (owed["verdict"], owed["debts"][0]["tries"], "404" in owed["sentence"]) == ("owed", 1, True)
        assert (forbidden["robots"][0]["allows"], "robots.txt" in forbidden["sentence"]) == (False, True)
        shown = told("why", site.url("/a/1001.html"), *flags).stdout
        assert [line.split()[0] for line in shown.splitlines()][:5] == ["saved", "address", "known", "let", "robots"]
