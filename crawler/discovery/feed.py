"""Reads RSS, Atom and JSON Feed. feedparser gives the structure, never a date: those are silently wrong.

Pure. A DTD is refused before anything is parsed; a bad entry is counted, never fatal.
"""

from __future__ import annotations

import html
import html.entities
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.discovery.harvest import Harvest
from crawler.discovery.markup import FEED_ROOT, decoded, kind_of
from crawler.errors import ListError
from crawler.extraction.lines import dates
from crawler.extraction.text import clean_line
from crawler.extraction.tree import absolute
from crawler.models import ListPage, ListReading, Moment, Page, Source

_OPAQUE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(?:(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,31}));)?")
_PREFIX = re.compile(r"[<\s]/?([A-Za-z_][\w.-]*):[\w.-]+(?=[\s=/>])", re.ASCII)
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "atom": "http://www.w3.org/2005/Atom",
}


def read(page: Page, source: Source, entry: ListPage) -> ListReading:
    """The candidates of a feed, in its order. ListError when it is none.

    Dates are read from the raw text in the source's zone. Of a feed that is cut
    off, the items that are complete are used.
    """
    text = decoded(page)
    kind = kind_of(page, text)
    if kind == "JSON":
        return _read_json(text, page, source, entry)
    root = FEED_ROOT.search(text)
    if root is None:
        raise ListError(f"feed is not a feed: {_describe(kind, text)}")
    return _read_xml(_repaired(text, root), page, source, entry)


def _read_xml(text: str, page: Page, source: Source, entry: ListPage) -> ListReading:
    import feedparser

    try:
        # Bytes in a stream, because feedparser opens a string that looks like an address or a file.
        parsed = feedparser.parse(
            io.BytesIO(text.encode("utf-8")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception:  # its loose parser raises anything: ValueError, TypeError, AssertionError
        parsed = None
    if parsed is None or not (parsed.entries or parsed.version):
        raise ListError("feed is not a feed: its XML cannot be read")
    harvest = Harvest(source)
    for item in parsed.entries:
        link = item.get("link")
        if not link or link == item.get("id"):
            link = _url_only(item.get("id"))
        # dict.get, because feedparser's own answers another field when the one asked for is absent
        raw_dates = (dict.get(item, name) for name in ("published", "updated", "created"))
        names = (author.get("name") for author in _objects(item, "authors"))
        terms = (tag.get("label") or tag.get("term") for tag in _objects(item, "tags"))
        media = (origin.get("title") for origin in _objects(item, "source"))
        harvest.add(
            [(_address(link, page), str(item.get("title") or ""))],
            published=_date(raw_dates, page, source),
            section=_first_line(terms) or entry.section,
            medium=_first_line(media),
            image=_address(_image(item), page),
            authors=_names(names),
        )
    return harvest.reading()


def _read_json(text: str, page: Page, source: Source, entry: ListPage) -> ListReading:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        raise ListError("feed is not a feed: damaged JSON") from None
    items = feed.get("items") if isinstance(feed, Mapping) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(feed.get("version")):
        raise ListError("feed is not a feed: JSON, but no JSON Feed")
    harvest = Harvest(source)
    for item in items:
        if not isinstance(item, Mapping):
            harvest.skipped += 1
            continue
        link = item.get("url") or item.get("external_url") or _url_only(item.get("id"))
        authors = item.get("authors")
        people = authors if isinstance(authors, list) else [item.get("author")]
        tags = item.get("tags")
        harvest.add(
            [(_address(link, page), str(item.get("title") or ""))],
            published=_date((item.get("date_published"), item.get("date_modified")), page, source),
            section=_first_line(tags if isinstance(tags, list) else ()) or entry.section,
            image=_address(item.get("image") or item.get("banner_image"), page),
            authors=_names(person.get("name") for person in people if isinstance(person, Mapping)),
        )
    return harvest.reading()


def _repaired(text: str, root: re.Match[str]) -> str:
    """The feed from its root element to the end of its last complete item, as well-formed as can be.

    lxml's and libxml2's own recovery drops correct ``&amp;`` after an error, and
    feedparser's loose parser reads ``&copy=`` as a sign: so the text is mended first.
    """
    if _DTD.search(_masked(text)):
        raise ListError("the feed carries a DTD, which is refused")
    name = root[0][1:-1]
    text = text[root.start() :]
    mask = _masked(text)
    closing = mask.rfind(f"</{name}")
    if closing >= 0:
        text = text[:closing] + f"</{name}>"
    else:
        ends = [match.end() for match in _ITEM_END.finditer(mask)]
        if not ends:
            raise ListError("the feed is cut off before its first item ends")
        text = text[: ends[-1]] + ("</channel>" if name == "rss" else "") + f"</{name}>"
    parts, place = [], 0
    for opaque in _OPAQUE.finditer(text):
        parts += [_AMPERSAND.sub(_escaped, text[place : opaque.start()]), opaque[0]]
        place = opaque.end()
    parts.append(_AMPERSAND.sub(_escaped, text[place:]))
    return _with_prefixes(_NO_XML.sub("", "".join(parts)), mask, name)


def _masked(text: str) -> str:
    """CDATA sections and comments blanked out, all else in its place."""
    return _OPAQUE.sub(lambda opaque: " " * len(opaque[0]), text)


def _escaped(ampersand: re.Match[str]) -> str:
    """A reference that XML knows; ``&nbsp;`` and its kin as numbers; any other ``&`` as text."""
    decimal, hexadecimal, name = ampersand.groups()
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return ampersand[0]
    if decimal or hexadecimal:
        number = int(decimal) if decimal else int(hexadecimal, 16)
        sign = chr(number) if number < 0x110000 else "\x00"
        return "" if _NO_XML.match(sign) else f"&#{number};"
    named = html.entities.html5.get(f"{name};") if name else None
    return "".join(f"&#{ord(sign)};" for sign in named) if named else f"&amp;{ampersand[0][1:]}"


def _with_prefixes(text: str, mask: str, name: str) -> str:
    """Declare the prefixes that the feed uses and forgot to declare."""
    used = set(_PREFIX.findall(mask)) - {"xmlns", "xml"}
    missing = sorted(prefix for prefix in used if f"xmlns:{prefix}" not in mask)
    declared = "".join(f' xmlns:{prefix}="{_NAMESPACES.get(prefix, "urn:undeclared")}"' for prefix in missing)
    return text.replace(f"<{name}", f"<{name}{declared}", 1)


def _date(raw_dates: Iterable[Any], page: Page, source: Source) -> Moment | None:
    for raw in raw_dates:
        moment = isinstance(raw, str) and dates.parse(raw, zone=source.zone, now=page.fetched, provenance="feed")
        if moment:
            return moment
    return None


def _address(link: Any, page: Page) -> str:
    # "&amp;" left in an address was escaped twice; no site means it.
    return absolute(link.replace("&amp;", "&"), page.url) if isinstance(link, str) else ""


def _url_only(identifier: Any) -> str:
    """An entry's id where it is an address: "4711" is none, not even a relative one."""
    text = str(identifier).strip()
    return text if text.lower().startswith(("http://", "https://")) else ""


def _image(item: Any) -> str:
    for link in _objects(item, "links") + _objects(item, "media_content"):
        if str(link.get("type", "")).startswith("image/") or link.get("medium") == "image":
            return str(link.get("href") or link.get("url") or "")
    return next((str(image.get("url") or "") for image in _objects(item, "media_thumbnail")), "")


def _objects(item: Any, name: str) -> list[Mapping[str, Any]]:
    """A field of feedparser's that holds objects; an element called <links> or <tags> makes it a text."""
    value = item.get(name)
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, Mapping)]


def _names(names: Iterable[Any]) -> tuple[str, ...]:
    """Persons; an RSS author is often an e-mail address, which is none."""
    lines = [clean_line(name) for name in names if isinstance(name, str) and "@" not in name]
    return tuple(dict.fromkeys(line for line in lines if line))


def _first_line(values: Iterable[Any]) -> str:
    return next((line for value in values if isinstance(value, str) and (line := clean_line(value))), "")


def _describe(kind: str, text: str) -> str:
    title = re.search(r"<title[^>]{0,200}>([^<]{1,200})", text, re.IGNORECASE)
    return f"{kind} titled “{clean_line(html.unescape(title[1]), 60)}”" if title and kind == "a page" else kind
