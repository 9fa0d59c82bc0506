"""Recorded pages (a WARC file) opened for look-ups: address -> what the site answered then.

Reads only, knows no Scrapy. One pass makes the index; bodies stay on the disk
until they are asked for.
"""

from __future__ import annotations

import contextlib
import io
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from w3lib.url import canonicalize_url

from crawler.errors import UsageError

# More than the largest page the crawler accepts, so that "too large" is judged in one place, there.
MAX_BODY = 32 * 1024 * 1024
# Query parameters that change with every request and mean nothing.
_CACHE_BUSTERS = {"req_trace", "_", "t", "ts", "callback", "cb", "r", "rnd", "random", "timestamp"}
_OF_TRANSFER = {"transfer-encoding", "content-length"}


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded answer; ``date`` is aware UTC.

    Content and transfer encodings are undone and their headers taken out; an
    encoding that is not known here stays, together with its header.
    """

    url: str
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    date: datetime


@dataclass(frozen=True, slots=True)
class _Place:
    url: str
    offset: int
    date: datetime


class Recording:
    """A WARC file, plain or with one gzip member per record.

    ``first`` and ``last`` are the dates of its pages (UTC), ``hosts`` their hosts.
    ``skipped`` counts answers that cannot be replayed: revisits, 304, no status or date.
    ``warning`` is "" or says which part of the file could not be read.

    Raises UsageError for a file that is missing, no WARC, or without one whole page.
    """

    def __init__(self, path: Path):
        self.path = path
        self.skipped = 0
        self.warning = ""
        places = self._scan()
        if not places:
            raise UsageError(f"recording: {path}: {self.warning or 'no recorded page in it'}")
        self.first = min(place.date for place in places)
        self.last = max(place.date for place in places)
        self.hosts = frozenset(urlsplit(place.url).hostname or "" for place in places)
        newest: dict[str, _Place] = {}
        for place in sorted(places, key=lambda place: (place.date, place.offset)):
            newest[place.url] = place
        self._by_loosest_form: dict[object, list[_Place]] = {}
        for place in newest.values():
            self._by_loosest_form.setdefault(_forms(place.url)[-1], []).append(place)

    def find(self, url: str) -> Record | None:
        """The newest record of an address, or of the nearest form of it.

        Nearest first: the very address; http for https and other percent-encoding;
        with or without a trailing slash; the query as a set without cache-busters.
        """
        wanted = _forms(urldefrag(url).url)

        def nearness(place: _Place) -> tuple[int, datetime]:
            return sum(a == b for a, b in zip(wanted, _forms(place.url), strict=True)), place.date

        place = max(self._by_loosest_form.get(wanted[-1], ()), key=nearness, default=None)
        return self._load(place) if place else None

    def _scan(self) -> list[_Place]:
        """The whole answers in file order; fills ``skipped`` and ``warning``."""
        from warcio.archiveiterator import WARCIterator

        places: list[_Place] = []
        try:
            size = self.path.stat().st_size
            stream = self.path.open("rb")
        except OSError as error:
            raise UsageError(f"recording: {self.path}: {error.strerror}") from None
        with stream, contextlib.redirect_stderr(io.StringIO()):  # warcio prints its complaints
            if not stream.read(5).startswith((b"WARC/", b"\x1f\x8b")):
                raise UsageError(f"recording: {self.path}: not a WARC file; give a .warc or .warc.gz")
            stream.seek(0)
            records, end = WARCIterator(stream), 0
            try:
                for record in records:
                    records.read_to_end()
                    if getattr(record.raw_stream, "limit", 1):  # shorter than its Content-Length
                        break
                    offset = records.get_record_offset()
                    end = max(end, offset + records.get_record_length())
                    if record.rec_type in ("response", "revisit"):
                        self._note(record, offset, places)
            except Exception as error:
                if "non-chunked gzip" in str(error):
                    raise UsageError(
                        f"recording: {self.path}: compressed as a whole, so that no page can be looked up;"
                        " rewrite it with: warcio recompress OLD NEW"
                    ) from None
                # warcio raises whatever its parsers raise; what is left is counted below
            stream.seek(end)
            if end < size and stream.read(64).strip():
                self.warning = f"damaged or torn after {end} of {size} bytes; the rest is left out"
        return places

    def _note(self, record: Any, offset: int, places: list[_Place]) -> None:
        date = _date(record.rec_headers.get_header("WARC-Date") or "")
        usable = record.rec_type == "response" and _status(record) not in (0, 304)
        if not usable or date is None:
            self.skipped += 1
            return
        url = urldefrag(record.rec_headers.get_header("WARC-Target-URI")).url
        places.append(_Place(url, offset, date))

    def _load(self, place: _Place) -> Record:
        from warcio.archiveiterator import WARCIterator

        with self.path.open("rb") as stream:
            stream.seek(place.offset)
            record = next(WARCIterator(stream))
            headers = record.http_headers
            encoding = (headers.get_header("content-encoding") or "").strip().lower()
            transfer = (headers.get_header("transfer-encoding") or "").strip().lower()
            # warcio undoes the chunks; its brotli fails with brotli 1.2, so the rest is done here.
            headers.replace_header("transfer-encoding", transfer)
            plain = [(name, value) for name, value in headers.headers if name.lower() not in _OF_TRANSFER]
            headers.headers = [pair for pair in headers.headers if pair[0].lower() != "content-encoding"]
            body = record.content_stream().read(MAX_BODY)
        undone = _undone(encoding, body)
        if undone is not None:
            body = undone
            plain = [(name, value) for name, value in plain if name.lower() != "content-encoding"]
        kept = [(name.encode(), value.encode()) for name, value in plain]
        kept.append((b"Content-Length", str(len(body)).encode()))
        return Record(place.url, _status(record), kept, body, place.date)


def _undone(encoding: str, body: bytes) -> bytes | None:
    """The decompressed body, cut at MAX_BODY; None for an encoding that is not known here."""
    if encoding not in ("gzip", "x-gzip", "deflate", "br"):
        return None
    import brotli  # type: ignore[import-untyped]

    with contextlib.suppress(zlib.error, brotli.error):
        if encoding == "br":
            return bytes(brotli.Decompressor().process(body, output_buffer_limit=MAX_BODY))
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, MAX_BODY)  # gzip or zlib header
    with contextlib.suppress(zlib.error):
        if encoding == "deflate":  # servers also send it without the zlib header
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, MAX_BODY)
    return body  # some recorders store it undone and keep the header


def _status(record: Any) -> int:
    code = record.http_headers.get_statuscode() if record.http_headers else ""
    return int(code) if code.isascii() and code.isdigit() else 0


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _forms(url: str) -> tuple[object, ...]:
    """An address in four forms, each looser than the one before."""
    try:
        parts = urlsplit(canonicalize_url(url))
    except ValueError:
        return (url,) * 4
    host = parts.netloc.removesuffix(":80").removesuffix(":443")
    pairs = parts.query.split("&") if parts.query else []
    telling = frozenset(pair for pair in pairs if pair.partition("=")[0] not in _CACHE_BUSTERS)
    path = host + parts.path.rstrip("/")
    return url, (host, parts.path, parts.query), (path, parts.query), (path, telling)
