"""The nouns of Shiyi: frozen data, passed from room to room.

Pure. Nothing here knows Scrapy, SQLite, the disk or the clock. Everything that
crosses into the extraction worker can be turned into JSON and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

Style = Literal["hexo", "archive", "jekyll"]
STYLES: tuple[Style, ...] = ("hexo", "archive", "jekyll")


Copies = Literal["keep", "link", "primary"]  # what becomes of copies of a story that another source has
COPIES: tuple[Copies, ...] = ("keep", "link", "primary")


# --- what is known of a date -------------------------------------------------


class Precision(StrEnum):
    """How much of a publication time the page really told."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Moment:
    """A publication time, as precise as it is known and no more.

    ``at`` is an aware datetime in the source's zone; for ``Precision.DAY`` its
    time of day is 00:00:00 and means nothing. ``provenance`` names where it was
    read, for instance ``page:time@datetime``, ``list``, ``feed``, ``url``.
    """

    at: datetime
    precision: Precision
    provenance: str = ""

    @property
    def day(self) -> date:
        """The day in the source's zone."""
        return self.at.date()


# --- a source ----------------------------------------------------------------

ListKind = Literal["listing", "feed", "api", "paper", "node", "sitemap"]


@dataclass(frozen=True, slots=True)
class ListPage:
    """One address that is polled for new articles.

    ``kind`` picks the reader in ``crawler.discovery``; ``paper`` and ``node`` are the
    entry pages of e-papers, which lead to an issue: on one page, or on a page per
    printed page (方正); a ``sitemap`` may be an index that leads to others. ``section`` is
    the site's own name for it. ``optional`` lists may fail without a word (a second channel).
    """

    url: str
    section: str = ""
    kind: ListKind = "listing"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One news source, checked and frozen: what a spider file declares.

    Selectors are CSS; ``selector@name`` reads an attribute. A tuple holds
    alternatives, newest template first: the first that yields something wins.
    ``articles`` are regular expressions searched in ``host/path?query`` (no
    scheme, host in lower case); the named group ``key`` is the site's own id.
    """

    name: str
    title: str
    home: str
    hosts: tuple[str, ...]
    style: Style
    lists: tuple[ListPage, ...] = ()
    archives: tuple[ListPage, ...] = ()  # lists that are read only to walk back, or to fill a gap
    issue: str = ""  # address of an e-paper's issue by its day, for instance "https://…/{0:%Y%m%d}.html"
    articles: tuple[str, ...] = ()
    zone: str = "Asia/Shanghai"  # "" only for single pages of any site: as the page tells
    category: str = "资讯"  # first category of a hexo document
    key_is_case_sensitive: bool = False
    aggregates: bool = False  # documents are filed under each item's own medium
    dormant_since: str = ""  # "YYYY-MM" of the last known item, else ""
    delay: float = 1.0  # seconds between two requests to one host, at least
    every: float = 300.0  # seconds between two polls of one of its lists, at least
    rechecks: tuple[float, ...] = (3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0)  # seconds after publication; () = none
    # listing pages
    rows: tuple[str, ...] = ()  # a repeated element, one candidate each
    row_link: tuple[str, ...] = ("a[href]@href",)
    row_title: tuple[str, ...] = ()
    row_date: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    # article pages
    body: tuple[str, ...] = ()
    body_may_be_absent: bool = False  # newer templates are not known: the generic way is no fault
    headline: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    original: tuple[str, ...] = ()  # link to the article this page is a copy of
    drop: tuple[str, ...] = ()  # elements cut out of the body
    stop: tuple[str, ...] = ()  # regular expressions: body ends before such a paragraph
    furniture: tuple[str, ...] = ()  # regular expressions: such a paragraph is dropped

    @property
    def recheck_plan(self) -> tuple[timedelta, ...]:
        """How long after its publication an article is looked at again."""
        return tuple(timedelta(seconds=seconds) for seconds in self.rechecks)

    @property
    def declares_body(self) -> bool:
        """Whether an article without a declared container means that the site was redesigned."""
        return bool(self.body) and not self.body_may_be_absent


# --- from a list to a page ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """One article as a list, a feed or an API showed it. Not fetched yet.

    ``key`` is the identity within the source (``dedup.identity``). ``published``
    is what the list says; the page has the last word where it is more precise.
    """

    source: str
    key: str
    url: str
    title: str = ""
    published: Moment | None = None
    section: str = ""
    medium: str = ""
    image: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListReading:
    """What discovery made of one list page.

    ``skipped`` counts entries that could not be used, ``outside`` links to
    foreign hosts or other kinds of page. ``by_selector`` is False when the
    declared rows matched nothing and links were taken by their shape alone.
    ``next_url`` is "" on the last page. ``children`` are the further sitemaps that an
    index names: newest first, unless ``is_in_order`` is False; ``tells_changes`` is False
    when the index does not say which of them have changed. ``modified`` holds, by key, when
    an entry was last changed where its list says that instead of a date: it was published
    no later.
    """

    candidates: tuple[Candidate, ...]
    next_url: str = ""
    skipped: int = 0
    outside: int = 0
    by_selector: bool = True
    children: tuple[str, ...] = ()
    tells_changes: bool = True
    is_in_order: bool = True
    modified: Mapping[str, Moment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one fetched article page, with all that extraction may know.

    ``url`` is the final address, ``fetched`` an aware datetime, ``charset`` what
    the HTTP header claims ("" if nothing).
    """

    url: str
    body: bytes
    fetched: datetime
    charset: str = ""
    content_type: str = ""
    reserved: str = ""  # headers that reserve rights, a line each (``extraction.facts.reservations``)


# --- from a page to an article -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Image:
    src: str
    alt: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one page says, by fields; empty means "the page does not say".

    ``html`` is the body as clean HTML of the allow-list, ``text`` the same as
    plain text, one paragraph a line. ``evidence`` maps a field to where it came
    from. ``confidence`` (0 to 1) is how sure extraction is of the text
    (``extraction.doubt``). ``next_url`` is where the article goes on, "" on its last
    page. ``problem`` is "" or the reason why this is no publishable article
    (``extraction.quality``), ``detail`` says more for a person.
    """

    title: str = ""
    html: str = ""
    text: str = ""
    published: Moment | None = None
    authors: tuple[str, ...] = ()
    medium: str = ""
    section: str = ""
    original_url: str = ""
    images: tuple[Image, ...] = ()
    language: str = ""
    evidence: dict[str, str] = field(default_factory=dict)
    by_container: bool = False  # the source's declared body container matched
    confidence: float = 0.0
    next_url: str = ""
    damaged: int = 0  # characters that could not be decoded
    problem: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of one source, ready to be decided on and rendered."""

    source: str
    key: str
    url: str  # where it stands, as the site writes it
    title: str
    html: str
    text: str
    fetched: datetime
    published: Moment | None = None
    authors: tuple[str, ...] = ()
    medium: str = ""
    section: str = ""
    original_url: str = ""
    images: tuple[Image, ...] = ()
    addresses: tuple[str, ...] = ()  # identity forms of every address under which it was met, its own first
    evidence: dict[str, str] = field(default_factory=dict)


# --- decisions and documents -------------------------------------------------


class Verb(StrEnum):
    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an article, and by which rule.

    ``of`` is the article id in the index that it equals or is a copy of.
    """

    verb: Verb
    rule: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A front-matter file to be: where it goes, relative to the output folder, and its bytes."""

    path: str
    content: bytes
    style: Style


# --- reports -----------------------------------------------------------------

Verdict = Literal["ok", "degraded", "failing", "dormant", "skipped"]
Stage = Literal["", "fetch", "list", "article", "field"]
OUTAGE = "no source reachable"  # begins the reason of every source of a run that had no network


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of one list that may have rolled by unseen. ISO dates, "" if unknown."""

    list: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source in one run; the counts of ``crawl --json``."""

    name: str
    verdict: Verdict = "ok"
    stage: Stage = ""
    reason: str = ""
    found: int = 0
    new: int = 0
    fetched: int = 0
    saved: int = 0
    revised: int = 0
    withdrawn: int = 0
    rechecked: int = 0
    duplicates: int = 0
    rejected: int = 0
    quarantined: int = 0
    failed: int = 0
    owed: int = 0
    requests: int = 0
    not_modified: int = 0
    gap: Gap | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    run_id: str
    started: datetime
    finished: datetime
    exit_code: int
    sources: tuple[SourceReport, ...]
