"""Sitemaps as they are served: entries, indexes, news, gzip, plain text; cut off, hostile, and things that are none."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import sitemap
from crawler.errors import ListError
from crawler.models import Candidate, ListPage, ListReading, Page, Precision, Source

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENTRY = ListPage("https://news.example/sitemap.xml", "地图", kind="sitemap")
SOURCE = Source(
    name="one",
    title="示例日报",
    home="https://news.example/",
    hosts=("news.example", "maps.news.example"),
    style="archive",
    articles=(r"/a/(?P<key>\w+)\.html$",),
)
BASE = "https://news.example/a/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read(body: str | bytes) -> ListReading:
    raw = body.encode() if isinstance(body, str) else body
    return sitemap.read(Page(ENTRY.url, raw, NOW), SOURCE, ENTRY)


def url(key: str, more: str = "") -> str:
    return f"<url><loc>{BASE}{key}.html</loc>{more}</url>"


def urlset(*entries: str) -> str:
    return f"{HEAD}<urlset {XMLNS}>{''.join(entries)}</urlset>"


def index(*addresses: str, more: str = "") -> str:
    entries = "".join(f"<sitemap><loc>{address}</loc>{more}</sitemap>" for address in addresses)
    return f"{HEAD}<sitemapindex {XMLNS}>{entries}</sitemapindex>"


def changed(day: str) -> str:
    return f"<lastmod>{day}</lastmod>"


def keys(reading: ListReading) -> list[str]:
    return [candidate.key for candidate in reading.candidates]


def only(body: str) -> Candidate:
    (candidate,) = read(body).candidates
    return candidate


NEWS = (
    "<news:news><news:publication><news:name>示例日报</news:name><news:language>zh</news:language></news:publication>"
    "<news:publication_date>2026-11-20T09:30:00+08:00</news:publication_date>"
    "<news:title>年度目标 &amp; 工程</news:title></news:news>"
)


# --- entries ---------------------------------------------------------------------------


def test_entries_in_the_protocols_own_form() -> None:
    assert read(urlset(url("1"), url("2"))) == ListReading(
        (
            Candidate("one", "1", f"{BASE}1.html", section="地图"),
            Candidate("one", "2", f"{BASE}2.html", section="地图"),
        )
    )


def test_a_news_sitemap_tells_date_and_title() -> None:
    candidate = only(urlset(url("1", NEWS)))
    assert candidate.title == "年度目标 & 工程"
    assert candidate.published is not None
    assert candidate.published.at.isoformat() == "2026-11-20T09:30:00+08:00"
    assert (candidate.published.precision, candidate.published.provenance) == (Precision.SECOND, "sitemap")


@pytest.mark.parametrize(
    ("lastmod", "day"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20T23:30:00+08:00", "2026-11-20"),
        ("2026-11-20T15:30:00Z", "2026-11-20"),
        ("2026-11-20T15:30:00.123Z", "2026-11-20"),
        ("2026-02-30T15:30:00Z", ""),
        ("yesterday or so", ""),
    ],
)
def test_the_last_change_is_no_publication_date(lastmod: str, day: str) -> None:
    reading = read(urlset(url("1", changed(lastmod))))
    assert reading.candidates[0].published is None
    assert {key: moment.day.isoformat() for key, moment in reading.modified.items()} == ({"1": day} if day else {})


def test_newest_first_and_what_has_no_date_behind_as_it_stood() -> None:
    entries = (
        url("undated1"), url("old", changed("2026-01-02")), url("undated2"), url("new", changed("2026-11-20T01:00:00Z")),
        url("news", NEWS), url("middle", changed("2026-11-19")),
    )  # fmt: skip
    assert keys(read(urlset(*entries))) == ["news", "new", "middle", "old", "undated1", "undated2"]


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        (f"<url>\n <loc>\n  {BASE}1.html\t</loc>\n</url>", f"{BASE}1.html"),
        (f"<url><loc><![CDATA[{BASE}1.html?a=1&b=2]]></loc></url>", f"{BASE}1.html?a=1&b=2"),
        (f"<url><loc>{BASE}1.html?a=1&amp;b=2</loc></url>", f"{BASE}1.html?a=1&b=2"),
        (f"<url><loc>{BASE}1.html?a=1&b=2</loc></url>", f"{BASE}1.html?a=1&b=2"),
        (f"<url><image:image><image:loc>{BASE}9.html</image:loc></image:image><loc>{BASE}1.html</loc></url>", f"{BASE}1.html"),
        (f"<sm:url><sm:loc>{BASE}1.html</sm:loc></sm:url>", f"{BASE}1.html"),
        (f'<url id="7"><loc x="y">{BASE}1.html</loc></url >', f"{BASE}1.html"),
        (f"<!-- <url><loc>{BASE}9.html</loc></url> --><url><loc>{BASE}1.html</loc></url>", f"{BASE}1.html"),
        (f"<url><priority>1</priority><url><loc>{BASE}1.html</loc></url>", f"{BASE}1.html"),
    ],
    ids=["blanks", "cdata", "escaped", "not escaped", "image", "prefix", "attributes", "comment", "left open"],
)  # fmt: skip
def test_where_the_address_stands(entry: str, address: str) -> None:
    assert only(urlset(entry)).url == address


def test_bad_entries_cost_themselves() -> None:
    reading = read(
        urlset(
            url("1"),
            "<url></url>",
            "<url><loc></loc></url>",
            "<url><loc>file:///etc/hostname</loc></url>",
            "<url><loc>https://other.example/a/2.html</loc></url>",
            "<url><loc>https://news.example/about/</loc></url>",
            url("1"),
        )
    )
    assert (keys(reading), reading.skipped, reading.outside) == (["1"], 3, 2)


FULL = urlset(*(url(f"{number}", changed("2026-11-20")) for number in range(1, 4)))
THIRD = FULL.index(f"{BASE}3")


@given(st.integers(THIRD - 5, len(FULL) - len("</url></urlset>")))
def test_X13_a_cut_address_is_never_taken(cut: int) -> None:
    assert keys(read(FULL[:cut])) == ["1", "2"]


@pytest.mark.parametrize("end", ["", "\n", "</url>"])
def test_X13_the_whole_entries_of_what_is_cut_off(end: str) -> None:
    assert (
        keys(read(FULL.removesuffix("</urlset>").removesuffix("</url>") + end))
        == ["1", "2", "3"][: 2 + bool(end.strip())]
    )


# --- indexes ---------------------------------------------------------------------------

MAPS = tuple(f"https://maps.news.example/{name}" for name in ("a.xml", "b.xml.gz", "c.xml"))


def test_S5_an_index_that_leads_to_itself_or_away_leads_to_the_others_only() -> None:
    addresses = (
        ENTRY.url,
        "http://news.example/sitemap.xml",
        MAPS[0],
        MAPS[0],
        "https://other.example/x.xml",
        "file:///x",
        MAPS[1],
    )
    assert read(index(*addresses)).children == (MAPS[0], MAPS[1])


def test_newest_sitemap_first_by_its_last_change() -> None:
    days = ("2026-11-01", "2026-11-21T08:00:00Z", "2026-11-20")
    entries = "".join(f"<sitemap><loc>{a}</loc>{changed(day)}</sitemap>" for a, day in zip(MAPS, days, strict=True))
    reading = read(f"{HEAD}<sitemapindex {XMLNS}>{entries}</sitemapindex>")
    assert reading.children == (MAPS[1], MAPS[2], MAPS[0])
    assert (reading.tells_changes, reading.is_in_order) == (True, True)


def test_newest_sitemap_first_by_a_day_in_its_name() -> None:
    addresses = [f"https://news.example/map-{month}.xml" for month in ("2025-12", "2026-11", "2026-02")]
    reading = read(index(*addresses))
    assert reading.children == (addresses[1], addresses[2], addresses[0])
    assert (reading.tells_changes, reading.is_in_order) == (False, True)


def test_an_index_that_tells_nothing_is_in_no_order() -> None:
    reading = read(index(*MAPS))
    assert (reading.children, reading.tells_changes, reading.is_in_order) == (MAPS, False, False)


# --- other forms -----------------------------------------------------------------------


def test_gzip() -> None:
    assert keys(read(gzip.compress(FULL.encode()))) == ["1", "2", "3"]


def test_X15_a_plain_text_of_addresses() -> None:
    assert keys(read(f"{BASE}1.html\r\n\r\n{BASE}2.html\n")) == ["1", "2"]


def test_X13_the_last_line_of_a_plain_text_counts_when_it_is_ended() -> None:
    assert keys(read(f"{BASE}1.html\n{BASE}2.htm")) == ["1"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "sitemap is not a sitemap: nothing"),
        (" \n ", "sitemap is not a sitemap: nothing"),
        ("not found", "sitemap is not a sitemap: text"),
        ("<html><body>404</body></html>", "sitemap is not a sitemap: a page"),
        ("<rss><channel></channel></rss>", "sitemap is not a sitemap: a feed"),
        ('{"urls": []}', "sitemap is not a sitemap: JSON"),
        (b"%PDF-1.7", "sitemap is not a sitemap: a PDF"),
        (b"\x1f\x8bnot gzip at all", "the sitemap's compression is broken"),
        (f'<!DOCTYPE urlset [<!ENTITY x "y">]>{urlset(url("1"))}', "the sitemap carries a DTD, which is refused"),
        (f"<!DOCTYPE urlset SYSTEM 'file:///etc/hostname'>{urlset(url('1'))}", "the sitemap carries a DTD"),
        (index("https://other.example/x.xml"), "the sitemap index names no sitemap of this site"),
    ],
)
def test_X15_what_is_no_sitemap(body: str | bytes, reason: str) -> None:
    with pytest.raises(ListError) as caught:
        read(body)
    assert str(caught.value).startswith(reason)


def test_an_empty_sitemap_is_no_error() -> None:
    assert read(urlset()) == ListReading(())


# --- without end -----------------------------------------------------------------------


def test_S5_no_more_entries_than_the_protocol_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MAX_ENTRIES", 3)
    reading = read(urlset(*(url(f"{number}") for number in range(5))))
    assert (keys(reading), reading.skipped) == (["0", "1", "2"], 2)


def test_H15_a_bomb_is_met_before_it_goes_off() -> None:
    body = gzip.compress(b"<urlset>" + b" " * (60 * 1024 * 1024))
    with pytest.raises(ListError, match="larger than 50 MB"):
        read(body)


OPEN = {
    "entries": "<url>" * 400_000,
    "ends": "</url>" * 400_000,
    "addresses": "<url><loc>" * 200_000,
    "comments": "<!--" * 500_000,
    "prefixes": "<url>" + "<x:" * 500_000 + "</url>",
    "names": ("<url>" + "<loc " * 4_000 + "</url>") * 100,
    "colons": "<:url" * 300_000 + "</url>" * 20_000,
    "cdata": "<url><loc><![CDATA[" * 100_000 + "</url>",
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_left_open_costs_no_time(name: str) -> None:
    started = time.process_time()
    assert read(f"<urlset>{OPEN[name]}</urlset>").candidates == ()
    assert time.process_time() - started < 3


@given(st.text(alphabet="<>/!-[]&;:ursletiocmapDAT \n\x00\ufeff例", max_size=300), st.booleans())
def test_whatever_comes_is_read_or_refused(inside: str, is_index: bool) -> None:
    name = "sitemapindex" if is_index else "urlset"
    try:
        reading = read(f"<{name}>{inside}</{name}>")
    except ListError:
        return
    assert reading.candidates == ()
