"""One list, read from its first page until it overlaps with what it showed last time.

Holds the state of the walk; the rules are pure and stand in ``discovery.paging``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from crawler.discovery.paging import MAX_PAGES, gap_of, is_exhausted, overlaps
from crawler.models import Candidate, Gap, ListPage, ListReading
from crawler.storage.lists import KnownList, Validators

MAX_PARTS = 60  # printed pages of one issue; far above any daily paper


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
    alternatives: tuple[str, ...] = ()  # further addresses to try for the page that is under way
    shown: dict[str, Candidate] = field(default_factory=dict)
    validators: Validators = field(default_factory=Validators)
    found_new: bool = False
    gap: Gap | None = None
    is_unchanged: bool = False

    @property
    def is_first_run(self) -> bool:
        return self.known.polls == 0

    def take(self, reading: ListReading) -> Step:
        """Take in one page; says whether the walk has reached what it knows, has ended, or goes on."""
        self.pages += 1
        earlier = set(self.shown)
        ended = is_exhausted(reading.candidates, earlier) and self.pages > 1
        reached = self.is_first_run or overlaps(reading.candidates, self.known.shown_last, earlier)
        for candidate in reading.candidates:
            self.shown.setdefault(candidate.key, candidate)
        return "reached" if reached else "ended" if ended else "goes on"

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

    @property
    def is_at_start(self) -> bool:
        return self.pages == 0 and not self.parts_read

    @property
    def is_paper(self) -> bool:
        return self.entry.kind in ("paper", "node")

    @property
    def may_go_on(self) -> bool:
        return self.pages < MAX_PAGES
