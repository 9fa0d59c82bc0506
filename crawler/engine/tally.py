"""What one source did in one run, counted as it happens; the ground of its verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from crawler.health.traits import Trait
from crawler.models import Gap, Stage


@dataclass(slots=True)
class ListTrouble:
    url: str
    stage: Stage  # fetch or list
    reason: str


@dataclass(slots=True)
class Tally:
    name: str
    found: int = 0
    new: int = 0
    fetched: int = 0
    saved: int = 0
    revised: int = 0
    unchanged: int = 0
    withdrawn: int = 0  # stored articles that their site has taken away
    looked: int = 0  # stored articles that were looked at again
    looks_failed: int = 0
    looks_unanswered: int = 0  # of these, those that got no answer at all
    look_reason: str = ""  # why the last of them failed
    vanished: str = ""  # so many of them were gone at once that it is the site
    duplicates: int = 0
    rejected: int = 0
    quarantined: int = 0
    failed: int = 0
    requests: int = 0
    not_modified: int = 0
    missed: int = 0  # replay: addresses that are not in the file
    lists: int = 0  # polled, or resting after a good poll; without optional ones
    lists_resting: int = 0  # not asked, after a poll that had failed
    lists_missed: int = 0  # replay: not in the file
    troubles: list[ListTrouble] = field(default_factory=list)
    shapeless: int = 0  # lists whose declared rows matched nothing
    generic: int = 0  # articles whose declared body container was not there
    no_title: int = 0
    no_date: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of failed, quarantined, rejected
    untold: dict[str, list[str]] = field(default_factory=dict)  # a host's fault, and the articles the log has not named
    not_asked: int = 0  # articles whose host has not answered for others; they stay owed
    left: int = 0  # a backlog's articles that this run has not begun with
    moved: dict[str, str] = field(default_factory=dict)  # lists that have moved for good, and where to
    has_ended: bool = False  # of its own accord, before the run was stopped
    broken: str = ""  # the source as a whole could not be run, and why
    gap: Gap | None = None
    walked: dict[str, str] = field(default_factory=dict)  # lists that were walked back, and how far
    traits: list[Trait] = field(default_factory=list)  # of the new articles, for the source's health
    published: list[datetime] = field(default_factory=list)  # of these, where known to the minute
    paths: list[str] = field(default_factory=list)
    waiting: str = ""  # what is being waited for, for the display

    @property
    def tried(self) -> int:
        """New articles whose fate is known."""
        return self.saved + self.revised + self.unchanged + self.duplicates + self.lost

    @property
    def lost(self) -> int:
        return self.failed + self.quarantined + self.rejected
