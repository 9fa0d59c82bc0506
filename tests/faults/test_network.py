"""One article in three, or a list, is answered as no server should: each fault costs what it touches, and is named.

One run for all of them, each on a site of its own; the third article and the sound site show that nothing else is hurt.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from newsroom import Newsroom, Reply, Run, Running, article_page
from server import html

from . import misbehaving as bad

GOOD = article_page("1002")
KEYS = ("1003", "1002", "1001")
HURT = "/a/1002.html"
# Far shorter than the real one: these servers never finish.
IMPATIENT = {"custom_settings": "{'DOWNLOAD_TIMEOUT': 0.6}"}
MOST_MEMORY = 400 * 1024  # kB, of a whole run; it needs about 130 MB without any fault
# A process starts with its parent's peak as its own (getrusage(2)), and the parent here is a large test process: a small
# program stands between, and counts what it has started.
MEASURED = """
import pathlib, resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
pathlib.Path(sys.argv[1]).write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
PDF, PNG, ZIP = b"%PDF-1.4 \n" * 200, b"\x89PNG\r\n\x1a\n" + b"\0" * 2000, b"PK\x03\x04" + b"\0" * 2000
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 2000
COOKIE_WALL = "<html><head><title>提示</title></head><body><p>请启用浏览器的 Cookie 后继续访问本站。</p></body></html>"
CHALLENGE = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


def typed(body: bytes, content_type: str, status: int = 200, **headers: str) -> Reply:
    return Reply(body, status, {"Content-Type": content_type, **headers})


def moved(target: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": target})


@dataclass(frozen=True)
class Case:
    """What the middle article's address answers, one reply after the other, and what comes of it."""

    replies: tuple[Reply, ...]
    asked: int  # times, for that article
    reason: str = ""  # a part of what the run says of it; "": it is saved after all
    fate: str = "failed"  # failed (tried again later), quarantined (too, and kept), rejected (never again)
    attributes: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Reply] = field(default_factory=dict)


CUT, LOST = "connection: the answer was cut off", "connection: "
HOPS = {f"/hop/{number}": moved(f"/hop/{number + 1}") for number in range(1, 9)}

CASES = {
    "N2-reset-in-the-body": Case((bad.reset(GOOD),), 3, LOST),
    "N2-reset-once": Case((bad.reset(GOOD), html(GOOD)), 2),
    "N3-silence": Case((Reply(GOOD, delay=2.0),), 3, "timeout", attributes=IMPATIENT),
    "N3-one-byte-at-a-time": Case((bad.drip(GOOD),), 3, "timeout", attributes=IMPATIENT),
    "N4-no-end": Case((bad.endless(GOOD),), 1, "too large"),
    "N5-less-than-announced": Case((bad.answer(GOOD, bad.length(len(GOOD) + 100)),), 3, CUT),
    "N5-whole-but-chunk-is-missing": Case((bad.answer(b"%x\r\n%s\r\n" % (len(GOOD), GOOD), b"Transfer-Encoding: chunked"),), 3, CUT),
    "H2-five-hops": Case((moved("/hop/5"), html(GOOD)), 2, more={**HOPS, "/hop/8": moved(HURT)}),
    "H2-six-hops": Case((moved("/hop/3"), html(GOOD)), 1, "redirect loop", more={**HOPS, "/hop/8": moved(HURT)}),
    "H2-loop": Case((moved(HURT),), 6, "redirect loop"),
    "H3-to-a-file": Case((moved("file:///etc/hostname"),), 1, "refused"),
    "H3-to-data": Case((moved("data:text/html,<p>x</p>"),), 1, "refused"),
    "H3-to-a-script": Case((moved("javascript:alert(1)"),), 1, "refused"),
    "H3-to-a-private-address": Case((moved("http://127.0.1.77/a/1002.html"),), 1, "refused"),
    "H4-to-the-home-page": Case((moved("/news/"),), 1, "is no article", "rejected"),
    "H8-410": Case((Reply(status=410),), 1, "HTTP 410", "rejected"),
    "H9-401": Case((Reply(status=401),), 1, "blocked: HTTP 401"),
    "H9-402": Case((Reply(status=402),), 1, "blocked: HTTP 402"),
    "H9-403": Case((Reply(status=403),), 1, "blocked: HTTP 403"),
    "H9-451": Case((Reply(status=451),), 1, "blocked: HTTP 451"),
    "H9-challenge-403": Case((typed(CHALLENGE.encode(), "text/html", 403, **{"cf-mitigated": "challenge"}),), 1, "blocked: HTTP 403"),
    "H9-challenge-200": Case((html(CHALLENGE.encode()),), 1, "captcha", "quarantined"),
    "H11-500": Case((Reply(status=500),), 3, "HTTP 500"),
    "H12-pdf": Case((typed(PDF, "application/pdf"),), 1, "not-html", "rejected"),
    "H12-pdf-called-html": Case((html(PDF),), 1, "not-html", "rejected"),
    "H12-image": Case((typed(PNG, "image/png"),), 1, "not-html", "rejected"),
    "H12-image-called-html": Case((html(PNG),), 1, "not-html", "rejected"),
    "H12-video": Case((typed(MP4, "video/mp4"),), 1, "not-html", "rejected"),
    "H12-zip": Case((typed(ZIP, "application/zip"),), 1, "not-html", "rejected"),
    "H14-gzip-bomb": Case((bad.encoded(b"", "gzip"),), 1, "too large"),
    "H14-deflate-bomb": Case((bad.encoded(b"", "deflate"),), 1, "too large"),
    "H14-brotli-bomb": Case((bad.encoded(b"", "br"),), 1, "too large"),
    "H14-zstandard-bomb": Case((bad.encoded(bad.zstandard_bomb(), "zstd"),), 1, "too large"),
    "H14-encoded-twice-and-said-so": Case((bad.encoded(bad.twice(GOOD), "gzip, gzip"),), 1),
    "H14-encoded-twice-and-said-once": Case((bad.encoded(bad.twice(GOOD), "gzip"),), 1, "not-html", "rejected"),
    "H14-cut-gzip": Case((bad.encoded(gzip.compress(GOOD, mtime=0)[:-40], "gzip"),), 3, "damaged"),
    "H14-cut-deflate": Case((bad.encoded(zlib.compress(GOOD)[:-40], "deflate"),), 3, "damaged"),
    "H14-cut-gzip-once": Case((bad.encoded(gzip.compress(GOOD, mtime=0)[:-40], "gzip"), html(GOOD)), 2),
    "H14-called-gzip": Case((bad.encoded(GOOD, "gzip"),), 3, "damaged"),
    "H14-called-brotli": Case((bad.encoded(GOOD, "br"),), 3, "damaged"),
    "H16-two-lengths": Case((bad.answer(GOOD, bad.length(len(GOOD)), bad.length(7)),), 3, LOST),
    "H16-no-status-line": Case((bad.raw(b"hello\r\n\r\n" + GOOD),), 3, LOST),
    "H16-a-number-too-large": Case((bad.raw(b"HTTP/1.1 99999 OK\r\n\r\n" + GOOD),), 1, "HTTP 99999"),
    "H16-header-of-a-megabyte": Case((bad.answer(GOOD, b"X-Large: " + b"x" * 2**20),), 3, LOST),
    "H16-nul-in-a-header": Case((bad.answer(GOOD, b"X-Odd: a\0b", bad.length(len(GOOD))),), 1),
    "H16-line-break-in-the-location": Case((bad.answer(b"", b"Location: /a/1003\r\n Set-Cookie: x", bad.length(0), status=b"302 Found"),), 1, "HTTP 404"),
    "H17-cookie-wall": Case((html(COOKIE_WALL.encode(), **{"Set-Cookie": "seen=1"}),), 1, "", "quarantined"),
    "X4-article-of-20-MB": Case((html(GOOD + b" " * 20 * 2**20),), 1, "too large"),
    "sound": Case((html(GOOD),), 1),
}  # fmt: skip
BOMBS = {"H14-gzip-bomb": bad.gzip_bomb, "H14-deflate-bomb": bad.deflate_bomb, "H14-brotli-bomb": bad.brotli_bomb}
SAVED = [name for name, case in CASES.items() if not case.reason and case.fate == "failed"]
LOST_ONES = [name for name in CASES if name not in SAVED]


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    run: Run
    memory: int  # kB, the most that any process of the run has used

    def asked(self, name: str) -> int:
        return self.room.sites[name.lower()].server.asked().count(HURT)

    def source(self, name: str) -> dict[str, object]:
        return self.run.source(name.lower())


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with Newsroom(tmp_path_factory.mktemp("network")) as room:
        for name, case in CASES.items():
            site = room.site(name.lower(), **case.attributes)
            site.publish(*KEYS)
            replies = case.replies
            if name in BOMBS:
                replies = (bad.encoded(BOMBS[name](GOOD), replies[0].headers["Content-Encoding"]),)
            site.server.set(HURT, *replies)
            for path, reply in case.more.items():
                site.server.set(path, reply)
        peak = room.folder / "peak"
        program = [sys.executable, "-P", "-m", "crawler", "crawl", *room.sites, *room.flags()]
        run = Running([sys.executable, "-c", MEASURED, str(peak), *program], room.folder, {}).wait()
        yield Visit(room, run, int(peak.read_text()))


@pytest.mark.parametrize("name", LOST_ONES)
class TestFault:
    def test_costs_one_article(self, visit: Visit, name: str) -> None:
        site, source, fate = visit.room.sites[name.lower()], visit.source(name), CASES[name].fate
        assert source["paths"] == site.paths_of("1001", "1003")
        assert (source["saved"], source[fate]) == (2, 1)
        assert source["owed"] == (0 if fate == "rejected" else 1)

    def test_is_named(self, visit: Visit, name: str) -> None:
        source = visit.source(name)
        assert (source["verdict"], source["stage"]) == ("degraded", "article")
        assert "1 of 3 new articles were not had" in str(source["reason"])
        assert CASES[name].reason in str(source["reason"])

    def test_is_tried_as_often_as_it_may_pass(self, visit: Visit, name: str) -> None:
        assert visit.asked(name) == CASES[name].asked

    def test_leaves_no_document(self, visit: Visit, name: str) -> None:
        site = visit.room.sites[name.lower()]
        assert [path for path in visit.room.documents() if path.startswith(f"{site.name}/") and "1002" in path] == []


@pytest.mark.parametrize("name", SAVED)
def test_passes(visit: Visit, name: str) -> None:
    site, source = visit.room.sites[name.lower()], visit.source(name)
    assert (source["verdict"], source["paths"]) == ("ok", site.paths_of(*KEYS)), source["reason"]
    assert visit.asked(name) == CASES[name].asked


def test_N4_H14_memory_stays_flat(visit: Visit) -> None:
    assert visit.memory < MOST_MEMORY


def test_H19_only_plain_gets_are_sent(visit: Visit) -> None:
    assert {seen.method for site in visit.room.sites.values() for seen in site.server.log} == {"GET"}
