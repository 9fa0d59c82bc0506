"""What is fuzzed: each parser of Shiyi as a function of bytes, with its seeds, its words and what must hold.

A target answers nothing. It raises AssertionError where a promise is broken, and lets through whatever the parser
raises beyond its documented error.
"""

from __future__ import annotations

import codecs
import contextlib
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import fuzz_seeds
import fuzz_words

from crawler.errors import ExtractionError, ListError, UsageError
from crawler.models import STYLES, Article, Candidate, Extraction, Image, ListPage, ListReading, Moment, Page, Precision

NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")

CHARSETS = ("", "utf-8", "gbk", "big5", "iso-8859-1", "utf-16", "shift_jis", "euc-kr", "iso-2022-jp", "hex", "x" * 80)
ZONES = ("Asia/Shanghai", "America/New_York", "UTC", "Pacific/Apia", "", "No/Where")
CLOCKS = (
    NOW,
    datetime(2024, 2, 29, 0, 5, tzinfo=UTC),
    datetime(1990, 1, 1, tzinfo=UTC),
    datetime(9998, 12, 31, tzinfo=UTC),
)


@dataclass(frozen=True)
class Target:
    """``allowed`` is the parser's documented error. ``longest`` is in bytes."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...]
    allowed: tuple[type[Exception], ...] = ()
    longest: int = 65_536

    @staticmethod
    def patience(size: int) -> float:
        """Seconds of CPU that an input of ``size`` bytes may take; a page's limit in a crawl is 20, whatever its size."""
        return 2.0 + size / 10_000

    def inputs(self) -> list[bytes]:
        found = [seed[: self.longest] for seed in self.seeds()]
        kept = sorted((fuzz_seeds.TESTS / "fuzz_findings" / self.name).glob("*"))
        return list(dict.fromkeys([*found, *(file.read_bytes() for file in kept)]))


# --- what must hold of every answer ---------------------------------------------


def _assert_text(value: Any) -> None:
    """All text in it can be written as UTF-8: a lone surrogate would fail in the index."""
    if isinstance(value, str):
        value.encode("utf-8")
    elif is_dataclass(value) and not isinstance(value, type):
        _assert_text([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, dict):
        _assert_text([*value, *value.values()])
    elif isinstance(value, (tuple, list)):
        for one in value:
            _assert_text(one)


def _assert_title(title: str) -> None:
    assert not _UNSEEN.search(title), f"title with controls: {title!r}"


def _assert_moment(moment: Moment | None, now: datetime) -> None:
    if moment is not None:
        assert moment.at.utcoffset() is not None, "a date without a zone"
        assert moment.at.year >= 1990, f"a date out of range: {moment}"
        assert moment.at <= now + timedelta(days=1), f"a date in the future: {moment}"
        assert moment.precision is not Precision.DAY or (moment.at.hour, moment.at.minute) == (0, 0), moment


def _assert_reading(reading: ListReading, source: Any) -> None:
    from crawler.dedup.identity import canonical_url, is_own_host

    _assert_text(reading)
    for one in reading.candidates:
        assert one.key, "a candidate without a key"
        assert one.url.startswith(("http://", "https://")), f"scheme: {one.url}"
        assert is_own_host(canonical_url(one.url), source), f"foreign host: {one.url}"
        _assert_title(one.title)
        _assert_moment(one.published, NOW)
    if reading.next_url:
        assert is_own_host(canonical_url(reading.next_url), source), f"foreign next page: {reading.next_url}"


# --- lists ----------------------------------------------------------------------


@cache
def _spiders() -> dict[str, Any]:
    """The seven sources, by name."""
    from crawler.engine.loader import SourceLoader

    return SourceLoader().spiders


def _list_page(data: bytes, names: tuple[str, ...], kind: str) -> tuple[Page, Any, ListPage]:
    """The first byte picks the source and what the header says of the encoding."""
    picked = data[0] if data else 0
    spider = _spiders()[names[picked % len(names)]]
    entry = next(entry for entry in spider.source.lists if entry.kind == kind)
    return Page(entry.url, data[1:], NOW, CHARSETS[picked // 16 % len(CHARSETS)]), spider, entry


def _feed(data: bytes) -> None:
    from crawler.discovery import feed

    page, spider, entry = _list_page(data, ("4hou", "unsafe"), "feed")
    _assert_reading(feed.read(page, spider.source, entry), spider.source)


def _sitemap(data: bytes) -> None:
    from crawler.discovery import sitemap

    source = _spiders()["cs"].source
    entry = ListPage("https://www.cs.com.cn/sitemap.xml", kind="sitemap")
    reading = sitemap.read(Page(entry.url, data, NOW), source, entry)
    _assert_reading(reading, source)
    for child in reading.children:
        _assert_text(child)


def _listing(data: bytes) -> None:
    from crawler.discovery import listing

    page, spider, entry = _list_page(data, ("cs", "zqrb", "jjckb"), "listing")
    _assert_reading(listing.read(page, spider.source, entry), spider.source)


def _paper(data: bytes) -> None:
    from crawler.discovery import paper

    for name, kind, read in (("bjwb", "paper", paper.read_issue), ("jjckb", "node", paper.read_node)):
        page, spider, entry = _list_page(data, (name,), kind)
        with contextlib.suppress(ListError):
            assert paper.entry_target(page).startswith(("http://", "https://"))
        _assert_reading(read(page, spider.source, entry), spider.source)


def _api(data: bytes) -> None:
    from crawler.discovery import api

    page, spider, entry = _list_page(data, ("eastmoney",), "api")
    value = api.load(page)
    for path in ("", "data", "items.rows"):
        with contextlib.suppress(ListError):
            for row in api.dig(value, path):
                for name in ("title", "code", "url"):
                    _assert_text(api.text_of(row, name))
    _assert_reading(_reader("eastmoney").read_list(page, entry), spider.source)


@cache
def _reader(name: str) -> Any:
    """The spider itself: it has its own way to read a list."""
    return _spiders()[name]()


# --- bytes, dates, documents ----------------------------------------------------


def _charset(data: bytes) -> None:
    from crawler.extraction.charset import decode

    label = CHARSETS[data[0] % len(CHARSETS)] if data else ""
    found = decode(data[1:], label)
    _assert_text(found.text)
    assert found.how in ("bom", "utf-8", "header", "meta", "guess"), found.how
    assert 0 <= found.damaged <= len(found.text), found.damaged
    codecs.lookup(found.encoding)


def _dates(data: bytes) -> None:
    from crawler.extraction.lines import dates

    picked = data[0] if data else 0
    zone, now = ZONES[picked % len(ZONES)], CLOCKS[picked // 16 % len(CLOCKS)]
    text = data[1:].decode("utf-8", "surrogateescape")
    for read in (dates.parse, dates.first_in):
        moment = read(text, zone=zone, now=now)
        _assert_moment(moment, now)
        assert moment is None or moment == read(text, zone=zone, now=now), "two answers"
    found = dates.from_url(text, zone=zone)
    assert found is None or found.precision is Precision.DAY


def _front_matter(data: bytes) -> None:
    if data[:1] == b"A":
        _written(data[1:])
    else:
        _read_back(data)


def _read_back(content: bytes) -> None:
    """A file of anybody's: in all styles, each of which reads as itself, and the same again when written again."""
    from crawler.formats import convert, detect_style

    own = convert(content, None)
    assert convert(own, None) == own, "written again it is another file"
    for style in STYLES:
        made = convert(content, style)
        assert detect_style(made) == style
        assert convert(made, style) == made, f"{style} written again is another file"
        _assert_keys(made, style)


def _assert_keys(document: bytes, style: str) -> dict[str, object]:
    """python-frontmatter as everybody uses it finds the keys of the style, and no other."""
    import frontmatter

    from crawler.formats.conversion import writer_of

    post = frontmatter.loads(document.decode("utf-8"))
    assert list(post.metadata) == list(writer_of(style).LAYOUT.quoting), (style, list(post.metadata))  # type: ignore[arg-type]
    return dict(post.metadata)


def _written(data: bytes) -> None:
    """An article of hostile fields, divided by NUL."""
    texts = [part.decode("utf-8", "replace") for part in data.split(b"\0")]
    title, html, medium, section, url, image, author = itertools.islice([*texts, *[""] * 7], 7)
    article = Article(
        "cs", "1001", url, title, html, "", NOW, Moment(NOW, Precision.MINUTE), (author,), medium, section,
        images=(Image(image),),
    )  # fmt: skip
    _assert_documents(article)


def _assert_documents(article: Article) -> None:
    from crawler.formats import Context, convert, detect_style, render
    from crawler.formats.base import one_line

    expected = one_line(article.title[:1000])
    for style in STYLES:
        made = render(article, style, Context("中证网", "金融", True, "Asia/Shanghai"))
        keys = _assert_keys(made, style)
        said = keys["title"]
        assert (said or "") == expected.strip() or said == expected, f"{style}: {expected!r} became {said!r}"
        assert detect_style(made) == style
        assert convert(made, style) == made, f"{style} written again is another file"


# --- pages ----------------------------------------------------------------------

PAGE_URLS = (
    "https://www.cs.com.cn/xwzx/202610/t20261012_6601188.html", "https://news.example/2026/1012/story-of-a-day_2.html",
    "https://buaq.net/go-275412.html", "https://news.example/a?id=12345&page=3", "http://[::1]:99999/%zz",
)  # fmt: skip


def _continuation(data: bytes) -> None:
    """Where a page goes on, where it began, and where a stub leads."""
    from crawler.extraction import charset, stub, tree
    from crawler.extraction.series import continuation, joining

    url = PAGE_URLS[data[0] % len(PAGE_URLS)] if data else PAGE_URLS[0]
    text = charset.decode(data[1:]).text
    found = [stub.redirect_target(text, url), continuation.first_of(text, url)]
    parsed = tree.parse(text, url)
    if parsed is not None:
        for body in (None, next(parsed.root.iter("article", "div"), None)):
            found.append(continuation.next_of(parsed, body, url))
        whole = tree.line(parsed.root)
        half = Extraction(title="题", html=f"<p>{whole[:50]}</p>", text=whole)
        joining.adds([half], half)
        _assert_text(joining.joined([half, half]))
    for link in found:
        assert not link or link.startswith(("http://", "https://")), link
        _assert_text(link)


def _page(data: bytes) -> None:
    """A page becomes an extraction, and that a document in each style."""
    from crawler.extraction.page import extract

    picked = data[0] if data else 0
    name = fuzz_seeds.SOURCES[picked % len(fuzz_seeds.SOURCES)]
    source = _spiders()[name].source if name else None
    url = source.home + "202610/t20261012_1.html" if source else PAGE_URLS[picked // 8 % len(PAGE_URLS)]
    candidate = Candidate(name, "1", url, "列表的标题") if name and picked & 8 else None
    page = Page(url, data[1:], NOW, CHARSETS[picked // 16 % len(CHARSETS)], "text/html")
    found = extract(page, source, candidate)
    _assert_text(found)
    _assert_moment(found.published, NOW)
    _assert_title(found.title)
    assert not found.next_url or found.next_url.startswith(("http://", "https://"))
    assert 0.0 <= found.confidence <= 1.0
    if found.problem:
        return
    article = Article(
        "cs", "1", url, found.title, found.html, found.text, NOW, found.published, found.authors, found.medium,
        found.section, found.original_url, found.images, evidence=found.evidence,
    )  # fmt: skip
    _assert_documents(article)


TARGETS = {
    target.name: target
    for target in (
        Target("feed", _feed, fuzz_seeds.feed, fuzz_words.FEED, (ListError,)),
        Target("sitemap", _sitemap, fuzz_seeds.sitemap, fuzz_words.SITEMAP, (ListError,)),
        Target("listing", _listing, fuzz_seeds.listing, fuzz_words.HTML, (ListError,)),
        Target("paper", _paper, fuzz_seeds.paper, fuzz_words.HTML, (ListError,)),
        Target("api", _api, fuzz_seeds.api, fuzz_words.JSON, (ListError,)),
        Target("charset", _charset, fuzz_seeds.charset, fuzz_words.CHARSET),
        Target("dates", _dates, fuzz_seeds.date, fuzz_words.DATE, longest=4_096),
        Target("front-matter", _front_matter, fuzz_seeds.front_matter, fuzz_words.FRONT, (UsageError,), longest=16_384),
        Target("continuation", _continuation, fuzz_seeds.continuation, fuzz_words.HTML),
        Target("page", _page, fuzz_seeds.page, fuzz_words.HTML, (ExtractionError,)),
    )
}
