"""From the attributes of a source file to one frozen, checked Source.

A typo stops the program with file, attribute and what is allowed, before any request.
"""

from __future__ import annotations

import difflib
import inspect
import re
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import SelectorError
from cssselect.xpath import HTMLTranslator

from crawler.errors import SourceError
from crawler.models import STYLES, ListKind, ListPage, Source

_FIELDS = {each.name: each for each in fields(Source)}
_TUPLES = {name for name, each in _FIELDS.items() if str(each.type).startswith("tuple[str")}
_SELECTORS = (
    "rows", "row_link", "row_title", "row_date", "next_page",
    "body", "headline", "published", "author", "medium", "section", "original", "drop",
)  # fmt: skip
_PATTERNS = ("articles", "stop", "furniture")
_SCRAPY = {"custom_settings", "start_urls", "allowed_domains", "handle_httpstatus_list"}


def declare(spider: type, base: type) -> Source:
    """The Source that a spider class declares; raises SourceError."""
    declared = dict(_attributes(spider, base))
    place = _place(spider)
    for name in declared:
        if name not in _FIELDS:
            close = difflib.get_close_matches(name, _FIELDS, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(sorted(_FIELDS))}"
            raise SourceError(f"{place}: unknown attribute {name!r}; {hint}")
    missing = [
        name for name, each in _FIELDS.items()
        if each.default is MISSING and each.default_factory is MISSING and name not in declared
    ]  # fmt: skip
    if missing:
        raise SourceError(f"{place}: {missing[0]!r} is missing")
    values = {name: _shaped(name, value, place) for name, value in declared.items()}
    source = Source(**values)
    _check(source, place)
    return source


def _attributes(spider: type, base: type) -> Any:
    inherited = set(dir(base)) - set(_FIELDS)
    for name in dir(spider):
        if name.startswith("_") or name in inherited or name in _SCRAPY:
            continue
        value = inspect.getattr_static(spider, name)
        if callable(value) or isinstance(value, (property, classmethod, staticmethod)):
            continue
        if hasattr(base, name) and name in _FIELDS and value is inspect.getattr_static(base, name):
            continue  # Scrapy's own placeholder, not a declaration
        yield name, value


def _place(spider: type) -> str:
    try:
        file = inspect.getsourcefile(spider) or spider.__module__
    except (OSError, TypeError):
        file = spider.__module__
    return f"{'/'.join(file.split('/')[-2:])}: {spider.__name__}"


def _shaped(name: str, value: Any, place: str) -> Any:
    """A single string stands for a tuple of one; anything else must have the field's type."""
    if name in ("lists", "archives"):
        entries = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        if not all(isinstance(entry, ListPage) for entry in entries):
            raise SourceError(f"{place}: {name}: each must be a ListPage(url, section), not {value!r}")
        return entries
    if name in _TUPLES:
        alternatives = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        if not all(isinstance(each, str) and each for each in alternatives):
            raise SourceError(f"{place}: {name}: must be a string or several, not {value!r}")
        return alternatives
    if name == "rechecks":
        if not isinstance(value, (list, tuple)) or not all(_is_span(each) for each in value):
            raise SourceError(
                f"{place}: rechecks: must be seconds after publication, for instance (3600, 86400), not {value!r}"
            )
        return tuple(sorted(float(each) for each in value))
    wanted = {"float": (int, float), "bool": (bool,)}.get(str(_FIELDS[name].type), (str,))
    if not isinstance(value, wanted):
        raise SourceError(f"{place}: {name}: must be {wanted[-1].__name__}, not {value!r}")
    return value


def _is_span(value: Any) -> bool:
    """A minute to a year, in seconds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 60 <= value <= 366 * 86400


def _check(source: Source, place: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,60}", source.name):
        raise SourceError(f"{place}: name: {source.name!r} must be a short lower-case word (a folder is named so)")
    if source.style not in STYLES:
        raise SourceError(f"{place}: style: {source.style!r} is none of {', '.join(STYLES)}")
    try:
        ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise SourceError(f"{place}: zone: {source.zone!r} is no IANA time zone, for instance Asia/Shanghai") from None
    for name, seconds, longest in (("delay", source.delay, 3600.0), ("every", source.every, 366 * 86400.0)):
        if not 0 <= seconds <= longest:
            raise SourceError(f"{place}: {name}: {seconds!r} is no number of seconds from 0 to {longest:.0f}")
    if source.dormant_since and not re.fullmatch(r"\d{4}-\d\d", source.dormant_since):
        raise SourceError(f"{place}: dormant_since: {source.dormant_since!r} is no month; write YYYY-MM")
    if not re.match(r"https?://\w", source.home):
        raise SourceError(f"{place}: home: {source.home!r} is no http(s) address")
    _check_lists("lists", source.lists, source, place)
    _check_lists("archives", source.archives, source, place)
    if source.issue:
        _check_issue(source, place)
    for name in _PATTERNS:
        for pattern in getattr(source, name):
            try:
                groups = re.compile(pattern).groupindex
            except re.error as error:
                raise SourceError(f"{place}: {name}: {pattern!r} is no regular expression: {error}") from None
            if name == "articles" and "key" not in groups:
                raise SourceError(f"{place}: articles: {pattern!r} has no group (?P<key>…)")
    for name in _SELECTORS:
        for selector in getattr(source, name):
            try:
                HTMLTranslator().css_to_xpath(selector.rpartition("@")[0] or selector)
            except SelectorError as error:
                raise SourceError(f"{place}: {name}: {selector!r} is no CSS selector: {error}") from None


def _check_lists(name: str, entries: tuple[ListPage, ...], source: Source, place: str) -> None:
    own = {host.removeprefix("www.") for host in source.hosts}
    for entry in entries:
        parts = urlsplit(entry.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(f"{place}: {name}: {entry.url!r} is no http(s) address")
        if entry.kind not in get_args(ListKind):
            raise SourceError(f"{place}: {name}: kind {entry.kind!r} is none of {', '.join(get_args(ListKind))}")
        if parts.hostname.removeprefix("www.") not in own:
            raise SourceError(f"{place}: {name}: {entry.url} is on none of the hosts {', '.join(source.hosts)}")


def _check_issue(source: Source, place: str) -> None:
    try:
        days = [source.issue.format(date(2026, 1, day)) for day in (1, 2)]
    except (ValueError, IndexError, KeyError, AttributeError):
        days = ["", ""]
    if days[0] == days[1] or not re.match(r"https?://\w", days[0]):
        raise SourceError(
            f"{place}: issue: {source.issue!r} is no address with a day; write https://…/{{0:%Y%m%d}}.html"
        )
