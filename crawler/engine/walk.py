"""One list, read from its first page until it overlaps with what it showed last time.

Holds the state of the walk; the rules are pure and stand in ``discovery.paging``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crawler.discovery.paging import MAX_PAGES, gap_of, is_exhausted, overlaps
from crawler.models import Candidate, Gap, ListPage, ListReading
from crawler.schedule.hints import ServerHints
from crawler.storage.lists import KnownList, Validators

MAX_PARTS = 60  # printed pages of one issue; far above any daily paper
MAX_FILES = 200  # sitemaps that one index may lead to in one walk
MAX_DEPTH = 3  # indexes that lead to indexes
ROWS = 100  # of a sitemap, which may hold 50,000, so many are taken for a page


Step = Literal["reached", "ended", "goes on"]


@dataclass(slots=True)
class Walk:
    entry: ListPage
    known: KnownList
    url: str = ""  # of the page that is under way
    pages: int = 0  # read
    has_hopped: bool = False  # an e-paper's entry page is behind us: this is the issue
    parts: list[Candidate] = field(default_factory=list)  # of an issue that is spread over several pages
    parts_read: int = 0
    children: list[tuple[str, int]] = field(default_factory=list)  # sitemaps still to read, and how deep they lie
    files: set[str] = field(default_factory=set)  # sitemaps that an index has led to
    depth: int = 0  # of the sitemap that is under way
    is_in_order: bool = True  # its sitemaps get older from one to the next
    alternatives: tuple[str, ...] = ()  # further addresses to try for the page that is under way
    shown: dict[str, Candidate] = field(default_factory=dict)
    validators: Validators = field(default_factory=Validators)
    found_new: bool = False
    gap: Gap | None = None
    fills_from: str = ""  # ISO: it is asked for the sake of another list's gap, which begins there
    is_unchanged: bool = False
    was_stopped: bool = False  # with the run, which says nothing about the list
    at: datetime | None = None  # when its first page was had, or failed
    hints: ServerHints = field(default_factory=ServerHints)
    fresh: set[str] = field(default_factory=set)  # keys that no list of the source had shown before
    first_rows: tuple[int, int] | None = None  # of the first page: how many, and known ones among them
    has_further_pages: bool = False

    @property
    def is_first_run(self) -> bool:
        return self.known.polls == 0

    def take(self, rows: Sequence[Candidate]) -> Step:
        """Take in one page; says whether the walk has reached what it knows, has ended, or goes on."""
        self.pages += 1
        earlier = set(self.shown)
        if self.first_rows is None:
            self.first_rows = (len(rows), sum(row.key in self.known.shown_last for row in rows))
        ended = is_exhausted(rows, earlier) and self.pages > 1
        if self.is_first_run:
            reached = not self._fills_on(rows)
        else:
            reached = overlaps(rows, self.known.shown_last, earlier)
        for candidate in rows:
            self.shown.setdefault(candidate.key, candidate)
        return "reached" if reached else "ended" if ended else "goes on"

    def _fills_on(self, rows: Sequence[Candidate]) -> bool:
        """A first run takes the first page. But to fill a gap it goes back to where that begins, if dates tell."""
        days = [row.published.day.isoformat() for row in rows if row.published]
        return bool(self.fills_from and days) and min(days) >= self.fills_from[:10]

    def wanted(self, rows: Sequence[Candidate]) -> Sequence[Candidate]:
        """Of an archive that is opened to fill a gap, what is older than the gap is not asked for."""
        start = self.fills_from[:10] if self.is_first_run else ""
        return [row for row in rows if not (start and row.published) or row.published.day.isoformat() >= start]

    def end_without_overlap(self) -> None:
        """Ten pages, or the list's end, and nothing of last time: something may have rolled by.

        Not so for a second channel: each issue of a paper shows nothing of the one before.
        """
        if not self.is_first_run and not self.entry.optional:
            self.gap = gap_of(self.entry.url, self.known.shown_last, self.shown.values())

    def needs_another_part(self, reading: ListReading) -> bool:
        """An issue of several printed pages is one page of the list: all of it belongs together."""
        if self.entry.kind != "node":
            return False
        self.parts.extend(reading.candidates)
        self.parts_read += 1
        return bool(reading.next_url) and self.parts_read < MAX_PARTS

    def open_index(self, reading: ListReading) -> None:
        """Queue the sitemaps that an index names, before those that wait already; none twice."""
        self.is_in_order = self.is_in_order and reading.is_in_order
        if self.depth >= MAX_DEPTH:
            return
        fresh = [url for url in reading.children if url not in self.files and url != self.entry.url]
        fresh = fresh[: MAX_FILES - len(self.files)]
        self.files.update(fresh)
        self.children[:0] = [(url, self.depth + 1) for url in fresh]

    def slices(self, rows: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
        if self.entry.kind != "sitemap":
            yield rows
            return
        for start in range(0, len(rows), ROWS):
            yield rows[start : start + ROWS]

    @property
    def is_at_start(self) -> bool:
        return self.pages == 0 and not self.parts_read and not self.files

    @property
    def is_paper(self) -> bool:
        return self.entry.kind in ("paper", "node")

    @property
    def may_go_on(self) -> bool:
        return self.pages < MAX_PAGES
