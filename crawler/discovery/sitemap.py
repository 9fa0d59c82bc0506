"""Reads sitemaps: entries or an index of further ones, as XML, gzipped, or as plain lines of addresses.

Pure. Only elements that are closed count, so that a cut address is never taken; no DTD, no parser that
expands anything; a bad entry is counted, never fatal.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from crawler.dedup.identity import AddressError, canonical_url, is_own_host
from crawler.discovery.harvest import Harvest
from crawler.discovery.markup import decoded, kind_of
from crawler.errors import ListError
from crawler.extraction.lines import dates
from crawler.extraction.text import clean_line
from crawler.models import ListPage, ListReading, Moment, Page, Precision, Source

MAX_BYTES = 50 * 1024 * 1024  # unpacked; with MAX_ENTRIES the limits of sitemaps.org
MAX_ENTRIES = 50_000
_LONGEST_ENTRY = 20_000  # characters that are looked at of one entry; a thousand images may follow

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_OPAQUE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]{1,30}:)?(urlset|sitemapindex)[\s>]")
_END = re.compile(r"</(?:[\w.-]{1,30}:)?(?:url|sitemap)\s*>")
_START = re.compile(r"<(?P<prefix>(?:[\w.-]{1,30}:)?)(?:url|sitemap)(?:\s[^<>]{0,500})?>")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3,6})?(?:Z|[+-]\d\d:\d\d)")
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_/]?(0[1-9]|1[0-2])(?:[-_/]?([0-3]\d))?(?!\d)")


@dataclass(frozen=True, slots=True)
class _Entry:
    url: str
    changed: Moment | None  # its lastmod
    published: Moment | None  # of a news sitemap
    title: str


def read(page: Page, source: Source, entry: ListPage) -> ListReading:
    """The candidates of a sitemap, newest first, or the ``children`` of an index. ListError when it is none.

    ``lastmod`` is no publication date: it stands in ``modified``, and orders what bears no other.
    """
    text = _COMMENT.sub("", _text(page))
    root = _ROOT.search(text)
    if root is None:
        return _read_lines(text, page, source, entry)
    if _DTD.search(_OPAQUE.sub("", text)):
        raise ListError("the sitemap carries a DTD, which is refused")
    entries: list[_Entry] = []
    beyond = 0
    for part in _parts(text, root.end()):
        if len(entries) >= MAX_ENTRIES:
            beyond += 1
        elif (one := _entry(part, page, source)) is not None:
            entries.append(one)
        else:
            beyond += 1
    if root[1] == "sitemapindex":
        return _index(entries, page, source)
    return _harvested(entries, source, entry, beyond)


def _text(page: Page) -> str:
    """Unpacked piece by piece: a bomb is met before it has gone off."""
    if page.body.startswith(b"\x1f\x8b"):
        unpacker = zlib.decompressobj(31)
        try:
            body = unpacker.decompress(page.body, MAX_BYTES + 1)
        except zlib.error:
            raise ListError("the sitemap's compression is broken") from None
        if len(body) > MAX_BYTES:
            raise ListError("the sitemap is larger than 50 MB unpacked")
        page = replace(page, body=body)
    return decoded(page)


def _read_lines(text: str, page: Page, source: Source, entry: ListPage) -> ListReading:
    """A sitemap may be a plain text with an address a line; the last one only counts when its line is ended."""
    lines = [line.strip() for line in text.split("\n")]
    whole = lines if text.endswith("\n") or len(lines) == 1 else lines[:-1]
    addresses = [line for line in whole if line]
    if not addresses or not all(re.match(r"https?://\S+$", line) for line in addresses[:20]):
        raise ListError(f"sitemap is not a sitemap: {kind_of(page, text)}")
    entries = [_Entry(line, None, None, "") for line in addresses[:MAX_ENTRIES]]
    return _harvested(entries, source, entry, max(0, len(addresses) - MAX_ENTRIES))


def _parts(text: str, place: int) -> Iterator[tuple[str, str]]:
    """Prefix and inside of every entry that is closed; linear, whatever is left open."""
    for end in islice(_END.finditer(text, place), 2 * MAX_ENTRIES):
        start = max(text.rfind("<url", place, end.start()), text.rfind("<sitemap", place, end.start()))
        if start < 0:
            colon = max(text.rfind(":url", place, end.start()), text.rfind(":sitemap", place, end.start()))
            start = text.rfind("<", place, colon) if colon >= 0 else -1
        opening = _START.match(text, start) if start >= 0 else None
        if opening:
            yield opening["prefix"], text[opening.end() : min(end.start(), opening.end() + _LONGEST_ENTRY)]
        place = end.end()


def _entry(part: tuple[str, str], page: Page, source: Source) -> _Entry | None:
    prefix, inside = part
    url = _value(inside, f"{prefix}loc")
    if not url:
        return None
    published = _value(inside, r"(?:[\w.-]{1,30}:)?publication_date")
    return _Entry(
        url,
        _changed(_value(inside, f"{prefix}lastmod"), page, source),
        _moment(published, page, source),
        clean_line(_value(inside, r"news:title"), 500),
    )


def _value(inside: str, name: str) -> str:
    """The text of the first element of this name. ``image:loc`` is another one than ``loc``."""
    found = re.search(rf"<{name}(?:\s[^<>]{{0,200}})?>", inside)
    end = inside.find("</", found.end()) if found else -1
    if found is None or end < 0:
        return ""
    raw = inside[found.end() : end].strip()
    cdata = _CDATA.fullmatch(raw)
    return (cdata[1] if cdata else html.unescape(raw)).strip()


def _moment(raw: str, page: Page, source: Source) -> Moment | None:
    return dates.parse(raw, zone=source.zone, now=page.fetched, provenance="sitemap") if raw else None


def _changed(raw: str, page: Page, source: Source) -> Moment | None:
    """A lastmod only orders: the form that the protocol asks for is read at once, as there may be 50,000."""
    try:
        at = datetime.fromisoformat(raw) if _W3C.fullmatch(raw) else None
    except ValueError:
        return None
    return Moment(at, Precision.SECOND, "sitemap") if at else _moment(raw, page, source)


def _index(entries: list[_Entry], page: Page, source: Source) -> ListReading:
    """Newest first: by lastmod, else by a day in the name, else as they stand."""
    entries = [one for one in entries if _is_fetchable(one.url, page, source)]
    tells = all(one.changed for one in entries)
    is_named = all(_DAY_IN_NAME.search(one.url) for one in entries)
    if tells:
        entries.sort(key=_age, reverse=True)
    elif is_named:
        entries.sort(key=lambda one: _day_in_name(one.url), reverse=True)
    children = tuple(dict.fromkeys(one.url for one in entries))
    if not children:
        raise ListError("the sitemap index names no sitemap of this site")
    return ListReading((), children=children, tells_changes=tells, is_in_order=tells or is_named)


def _is_fetchable(url: str, page: Page, source: Source) -> bool:
    try:
        identity = canonical_url(url)
    except AddressError:
        return False
    return is_own_host(identity, source) and identity != canonical_url(page.url)


def _day_in_name(url: str) -> tuple[str, ...]:
    found = _DAY_IN_NAME.search(url)
    return tuple(part or "" for part in found.groups()) if found else ()


def _harvested(entries: list[_Entry], source: Source, entry: ListPage, beyond: int) -> ListReading:
    entries.sort(key=_age, reverse=True)  # stable: what bears no date stays as it stood, behind
    harvest, modified = Harvest(source), {}
    for one in entries:
        harvest.add([(one.url, one.title)], published=one.published, section=entry.section)
        if one.changed is not None and one.published is None:
            modified[one.url] = one.changed
    reading = harvest.reading()
    by_key = {row.key: modified[row.url] for row in reading.candidates if row.url in modified}
    return replace(reading, skipped=reading.skipped + beyond, modified=by_key)


def _age(one: _Entry) -> datetime:
    moment = one.published or one.changed
    return moment.at if moment else datetime.min.replace(tzinfo=UTC)
