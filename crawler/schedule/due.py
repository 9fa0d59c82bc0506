"""When a list is looked at next, and why: one pure function over one table of rules.

Wishes say "not later than", bounds say "not sooner than"; the earliest wish holds unless a bound is later. Nothing
is ever put off for more than a day, so that a dead or a dormant list comes back by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Final
from zlib import crc32
from zoneinfo import ZoneInfo

from crawler.models import ListKind
from crawler.schedule.hints import ServerHints
from crawler.schedule.rhythm import Rhythm, cells

LONGEST: Final = timedelta(hours=24)  # no answer, hint or error puts a list off for longer
HINT_CAP: Final = timedelta(hours=1)  # max-age and ttl are set once and for all by whoever set up the server
DEAD_AFTER: Final = timedelta(days=14)  # without one completed poll
QUIET_AFTER: Final = timedelta(days=60)  # without one new item
# Expected items that make a list due however short they have waited: by pure chance one is there nearly every second time.
ENOUGH: Final = 0.6
NEARLY_OVER: Final = 0.3  # a list of which less than this was known at the last poll had nearly rolled over
JITTER: Final = 0.05  # at most this part is taken off, by address: not all lists of a site at the same second
SLACK: Final = timedelta(seconds=60)  # cron starts when it can; what is due within a minute is due
# Requests that one check takes where it is more than one: an e-paper's entry page never tells that nothing is new.
_COST: Final[dict[ListKind, float]] = {"paper": 2, "node": 3}


@dataclass(frozen=True, slots=True)
class Pace:
    """How a source wishes to be looked at.

    ``patience``: a list is due when the items that are expected to stand on it unseen have together waited for so
    many minutes. It is the price of a request in minutes of delay: at constant rate it gives intervals in proportion
    to 1/sqrt(rate), the least mean delay for a number of requests; it makes nights and holidays cheap. Busy lists
    are looked at sooner than that, by ``ENOUGH``: in bench/year.py it takes a sixth off the median delay for the same
    number of requests, and adds a fiftieth to the mean.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    floor: timedelta = timedelta(minutes=5)
    ceiling: timedelta = timedelta(hours=6)
    patience: float = 8.0
    is_dormant: bool = False  # declared: the source has gone silent


@dataclass(frozen=True, slots=True)
class ListHistory:
    """What is kept of one polled address.

    ``length`` counts the rows of its first page, ``left`` those of them that were known at the last poll that showed
    something else than the one before (None: not known), ``stretch`` the time that had gone by between those two.
    ``pages`` says that what rolled off the first page can still be had. ``first`` is the first completed poll;
    what was new then says nothing, so ``last_new`` counts only when it is later.
    """

    address: str
    rhythm: Rhythm = field(default_factory=Rhythm)
    errors: int = 0  # polls in a row that could not be completed
    length: int = 0
    left: int | None = None
    stretch: timedelta | None = None
    pages: bool = False
    first: datetime | None = None
    last_new: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime  # aware, UTC
    reason: str


def next_check(kind: ListKind, history: ListHistory, hints: ServerHints, now: datetime, pace: Pace) -> Due:
    """When the list is due, from what is known ``now``, right after a poll (completed or not).

    The answer lies within [floor, ceiling] from now, where no back-off or hint asks for more, and always within
    [floor, ``LONGEST``]; it is never before Retry-After, as long as that asks for no more than ``LONGEST``. The same
    arguments give the same answer. A list that was never polled is due at once.
    """
    now = now.astimezone(UTC)
    if history.rhythm.until is None and not history.errors:
        return Due(now, "never looked at")
    wishes = [
        *_by_habit(kind, history, now, pace),
        *_by_overlap(history, now),
        (now + pace.ceiling, f"at least every {_span(pace.ceiling)}"),
    ]
    at, reason = min(wishes)
    at -= (at - now) * (JITTER * crc32(history.address.encode()) / 2**32)
    bounds = [
        (now + pace.floor, f"at most every {_span(pace.floor)}"),
        *_after_errors(history, now, pace),
        *_while_dormant(history, now, pace),
        *_as_asked(hints, now),
    ]
    latest, why = max(bounds)
    if latest > at:
        at, reason = latest, why
    return Due(min(at, now + max(LONGEST, pace.floor)), reason)


def is_due(at: datetime, now: datetime) -> bool:
    return at <= now + SLACK


# --- wishes: not later than --------------------------------------------------

Rule = tuple[datetime, str]


def _by_habit(kind: ListKind, history: ListHistory, now: datetime, pace: Pace) -> Iterator[Rule]:
    """When enough is expected to wait there, or the list to have filled up with new items.

    What came since the last completed poll has waited already, so after an error there is less to wait for.
    """
    rhythm, end = history.rhythm, now + pace.ceiling
    start = max(rhythm.until or now, now - LONGEST)
    patience = pace.patience / 60 * _COST.get(kind, 1)  # in item-hours
    room = _room(history) / rhythm.rows_per_item
    waited = waiting = 0.0
    for cell, weekday, hours in cells(start, end, pace.zone):
        rate = rhythm.rate(cell, weekday) * rhythm.momentum(start - (rhythm.until or start))
        # waited + waiting t + rate t^2 / 2 = patience
        short = patience - waited
        wait, reason = min(
            (2 * short / (waiting + sqrt(waiting * waiting + 2 * rate * short)), "have waited enough by then"),
            ((ENOUGH - waiting) / rate, "one may well be there by then"),
            ((room - waiting) / rate, f"its {history.length} rows fill up by then"),
        )
        if wait <= hours:
            yield max(now, start + timedelta(hours=wait)), f"{_per_hour(rate)} expected: {reason}"
            return
        waited += waiting * hours + rate * hours * hours / 2
        waiting += rate * hours
        start += timedelta(hours=hours)


def _room(history: ListHistory) -> float:
    """How many new items may be expected on the list before two standard deviations more would roll it over."""
    if not history.length:
        return 10.0
    rows = history.length * (2.0 if history.pages else 0.7)
    wildness = history.rhythm.dispersion
    return (sqrt(wildness + rows) - sqrt(wildness)) ** 2


def _by_overlap(history: ListHistory, now: datetime) -> Iterator[Rule]:
    if history.left is not None and history.stretch is not None and history.left < NEARLY_OVER * history.length:
        yield (
            now + history.stretch / 2,
            f"only {history.left} of {history.length} rows were known: it nearly rolled over",
        )


# --- bounds: not sooner than -------------------------------------------------


def _after_errors(history: ListHistory, now: datetime, pace: Pace) -> Iterator[Rule]:
    if history.errors:
        pause = min(pace.floor * 2.0 ** min(history.errors, 20), pace.ceiling)
        yield now + pause, f"{history.errors} failed in a row"


def _while_dormant(history: ListHistory, now: datetime, pace: Pace) -> Iterator[Rule]:
    until, first, last_new = history.rhythm.until, history.first, history.last_new
    if first is not None and last_new is not None and last_new <= first:
        last_new = None
    quiet = last_new or first
    if pace.is_dormant and (last_new is None or now - last_new > DEAD_AFTER):
        yield now + LONGEST, "dormant"
    elif history.errors and until is not None and now - until > DEAD_AFTER:
        yield now + LONGEST, f"no answer that could be read since {until:%Y-%m-%d}"
    elif quiet is not None and now - quiet > QUIET_AFTER:
        yield now + LONGEST, f"nothing new since {quiet:%Y-%m-%d}"


def _as_asked(hints: ServerHints, now: datetime) -> Iterator[Rule]:
    if hints.retry_after is not None:
        yield min(hints.retry_after.astimezone(UTC) + SLACK, now + LONGEST), "Retry-After"
    for until, name in ((hints.fresh_until, "max-age or Expires"), (hints.feed_until, "the feed's ttl")):
        if until is not None:
            yield min(until.astimezone(UTC), now + HINT_CAP), name


def _span(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:g} h"


def _per_hour(rate: float) -> str:
    return f"{rate:.1f} an hour" if rate >= 0.1 else f"{rate * 24:.2g} a day"
