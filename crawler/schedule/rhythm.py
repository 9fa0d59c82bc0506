"""How often a list (or a source) gives something new, by hour and kind of day: what is kept of its past.

A small value, the same size for ever, brought forward by one pure function per poll and kept as JSON in one column.
Times are aware; hours and days are the source's own. Must not know when anything is due: see ``due`` and ``expected``.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawler.schedule.workdays import DayClass, day_class

CLASSES: Final = (DayClass.WORKING, DayClass.WEEKEND, DayClass.HOLIDAY, DayClass.MAKEUP)
# A rare kind of day begins as the common kind it is most like, and departs from it as it is seen.
_LIKE: Final = {2: 1, 3: 0}

# Before anything is known: this many new items a working day, spread as a Chinese newsroom works, weekends at a third.
PRIOR_A_DAY: Final = 12.0
_HOURS: Final = (2, 1, 1, 1, 1, 2, 5, 9, 12, 12, 11, 9, 6, 7, 9, 10, 10, 9, 7, 6, 5, 5, 4, 3)
_PROFILE: Final = tuple(  # an hour of each class as a part of a working day's whole
    tuple(share / sum(_HOURS) * part for share in _HOURS) for part in (1.0, 1 / 3, 1 / 3, 1.0)
)

# Chosen by bench/year.py on its tuning seeds; the results are flat around them.
OCCURRENCES: Final = 15.0  # an hour of a kind of day half forgets after so many of its kind: three weeks
TRUST: Final = 1.0  # hours of watching after which a cell weighs as much as what it was like before
WEEKDAY_HOURS: Final = 24 * 6.0  # a weekday half forgets after it was watched so long: six weeks
WEEKDAY_TRUST: Final = 8.0  # expected items after which a weekday weighs as much as its class
LEVEL_DAYS: Final = 21.0  # half-life of the overall level
MOMENTUM: Final = timedelta(hours=12)  # half-life of what just happened: a day goes better or worse than most
MOMENTUM_TRUST: Final = 20.0  # items after which that weighs as much as habit; with less, mere chance leads astray
_SPREAD_DAYS: Final = 45.0  # half-life of the over-dispersion
_SPREAD_TRUST: Final = 10.0  # expected items after which it weighs as much as the first guess, 2
_HOUR: Final = timedelta(hours=1)
MAX_STRETCH: Final = timedelta(days=7)  # a longer pause in polling tells of its last week only
_FIRST_LOOK: Final = 5  # dated items on the very first page from which a past can be read


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Decayed sums. ``items`` and ``watched`` (hours) have a cell per class of day and hour, 4 x 24.

    ``weekday_*`` say how Monday to Sunday depart from their class, ``recent_*`` how the last hours depart from habit.
    ``poll_*`` and ``day_*`` hold squared errors and expectations: how unevenly the items fall (``dispersion``).
    """

    items: tuple[float, ...] = (0.0,) * 96
    watched: tuple[float, ...] = (0.0,) * 96
    level_seen: float = 0.0
    level_expected: float = 0.0  # in working days
    level_rows: float = 0.0  # as level_seen, with what other lists had shown before
    weekday_seen: tuple[float, ...] = (0.0,) * 7
    weekday_expected: tuple[float, ...] = (0.0,) * 7
    recent_seen: float = 0.0
    recent_expected: float = 0.0
    poll_squares: float = 0.0
    poll_expected: float = 0.0
    day_squares: float = 0.0
    day_expected: float = 0.0
    today: str = ""  # the civil day that is not closed yet
    today_seen: float = 0.0
    today_expected: float = 0.0
    until: datetime | None = None  # watched so far; None before the first poll

    # --- what is expected ----------------------------------------------------

    def rate(self, cell: int, weekday: int) -> float:
        """Expected new items an hour in one cell on one weekday (0 is Monday), by habit alone."""
        factor = (self.weekday_seen[weekday] + WEEKDAY_TRUST) / (self.weekday_expected[weekday] + WEEKDAY_TRUST)
        return self.habit(cell) * factor

    def habit(self, cell: int) -> float:
        """The same, whatever the weekday."""
        kind, hour = divmod(cell, 24)
        if kind in _LIKE:
            before = self.habit(_LIKE[kind] * 24 + hour)
        else:
            a_day = (self.level_seen + PRIOR_A_DAY / 4) / (self.level_expected + 0.25)
            before = a_day * _PROFILE[kind][hour]
        return (self.items[cell] + TRUST * before) / (self.watched[cell] + TRUST)

    def momentum(self, later: timedelta = timedelta(0)) -> float:
        """By what the rate is to be multiplied now, and ``later``: what just happened wears off."""
        decay: float = 0.5 ** (later / MOMENTUM)
        return (self.recent_seen * decay + MOMENTUM_TRUST) / (self.recent_expected * decay + MOMENTUM_TRUST)

    def mean(self, start: datetime, end: datetime, zone: ZoneInfo) -> float:
        """Expected new items between two instants, by habit."""
        return sum(self.rate(cell, weekday) * hours for cell, weekday, hours in cells(start, end, zone))

    @property
    def rows_per_item(self) -> float:
        """How many rows of the list fill up for one item that it is the first to show; 1 or more."""
        return (self.level_rows + 1) / (self.level_seen + 1)

    @property
    def dispersion(self) -> float:
        """Variance over mean of what comes, by poll or by day, whichever is wilder; 1 would be pure chance."""
        ratios = [
            (squares + 2 * _SPREAD_TRUST) / (expected + _SPREAD_TRUST)
            for squares, expected in ((self.poll_squares, self.poll_expected), (self.day_squares, self.day_expected))
        ]
        return max(1.0, *ratios)

    # --- to and from the column ----------------------------------------------

    def to_json(self) -> str:
        def short(value: object) -> object:
            if isinstance(value, datetime):
                return value.astimezone(UTC).isoformat()
            if isinstance(value, float):
                return round(value, 4)
            return [round(each, 4) for each in value] if isinstance(value, tuple) else value

        return json.dumps({name: short(value) for name, value in asdict(self).items()}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Rhythm:
        """An unreadable column is an empty past: it costs some requests, never a run."""
        try:
            kept = json.loads(text) if text else {}
            return cls(**{each.name: _read(kept[each.name], each.default) for each in fields(cls) if each.name in kept})
        except (ValueError, TypeError):
            return cls()


def _read(value: Any, default: object) -> Any:
    """A field of the column, as its default is; raises ValueError or TypeError for anything else."""
    if isinstance(default, tuple):
        numbers = tuple(_read(each, 0.0) for each in value)
        if len(numbers) != len(default):
            raise ValueError(len(numbers))
        return numbers
    if isinstance(default, float):
        if not 0 <= (number := float(value)) < math.inf:
            raise ValueError(value)
        return number
    if default is None:
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)
    return str(value)


def cells(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, int, float]]:
    """The hours between two instants on the source's clock: cell, weekday, and how much of the hour (in hours).

    Steps are taken in real time, so that a clock that is put forward or back skips or repeats an hour as life does.
    """
    at, end = start.astimezone(UTC), end.astimezone(UTC)
    while at < end:
        local = at.astimezone(zone)
        into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        following = min(end, at + (_HOUR - into_hour))
        first_cell, weekday = _of_day(local.date())
        yield first_cell + local.hour, weekday, (following - at) / _HOUR
        at = following


@lru_cache(maxsize=1024)
def _of_day(day: date) -> tuple[int, int]:
    return CLASSES.index(day_class(day)) * 24, day.weekday()


def learn(
    rhythm: Rhythm,
    now: datetime,
    new: int,
    zone: ZoneInfo,
    *,
    rows: int | None = None,
    published: Sequence[datetime] = (),
    complete: bool = True,
) -> Rhythm:
    """The past after one completed poll at ``now`` that found ``new`` items since the last.

    New means new to the source: what another list had shown already is no reason to look at this one; ``rows`` counts
    those too (None: as many). ``published`` are the times of the new items that are known to the minute; one that lies
    in the stretch goes into its hour, all others are spread over the stretch as the habit so far would have them.
    ``complete`` is False when the list had rolled over: then only the stretch that the seen items themselves span is
    learnt from. The first poll learns from the dates on the page, if there are some. A clock that went back teaches
    nothing.
    """
    now = now.astimezone(UTC)
    start, rows = rhythm.until, max(new, rows or 0)
    if start is not None and start >= now:
        return rhythm
    times = sorted(at for at in (each.astimezone(UTC) for each in published) if at <= now)
    if start is None or not complete:
        if len(times) < _FIRST_LOOK:
            return replace(rhythm, until=now)
        # A fifth of the rows may be pinned, or old ones that were bumped.
        begin = times[len(times) // 5]
        start = begin if start is None else max(begin, start)
        new = len(times) - bisect_left(times, start)
        rows = max(new, rows)
    start = max(start, now - MAX_STRETCH)
    return _advance(rhythm, start, now, new, rows, times, zone)


def _advance(
    rhythm: Rhythm, start: datetime, now: datetime, new: int, rows: int, times: Sequence[datetime], zone: ZoneInfo
) -> Rhythm:
    stretch = list(cells(start, now, zone))
    by_habit = [rhythm.rate(cell, weekday) * hours for cell, weekday, hours in stretch]
    expected = sum(by_habit)
    shares = _shares(stretch, by_habit, start, new, times)

    items, watched = list(rhythm.items), list(rhythm.watched)
    weekday_seen, weekday_expected = list(rhythm.weekday_seen), list(rhythm.weekday_expected)
    level = 0.0
    for (cell, weekday, hours), share in zip(stretch, shares, strict=True):
        level += _PROFILE[cell // 24][cell % 24] * hours
        decay = 0.5 ** (hours / OCCURRENCES)
        fade = 0.5 ** (hours / WEEKDAY_HOURS)
        # Against the class alone: what is left over is the weekday's own.
        weekday_expected[weekday] = weekday_expected[weekday] * fade + rhythm.habit(cell) * hours
        weekday_seen[weekday] = weekday_seen[weekday] * fade + share
        items[cell] = items[cell] * decay + share
        watched[cell] = watched[cell] * decay + hours

    elapsed = (now - start) / timedelta(days=1)
    slow, wide = 0.5 ** (elapsed / LEVEL_DAYS), 0.5 ** (elapsed / _SPREAD_DAYS)
    quick = 0.5 ** ((now - start) / MOMENTUM)
    # A poll belongs to the day on which it ended; the next day's first poll closes that day.
    today = now.astimezone(zone).date().isoformat()
    closes = today != rhythm.today
    fade = 0.5 ** (1 / _SPREAD_DAYS) if closes else 1.0
    off = (rhythm.today_seen - rhythm.today_expected) ** 2 if closes else 0.0
    return Rhythm(
        items=tuple(items),
        watched=tuple(watched),
        weekday_seen=tuple(weekday_seen),
        weekday_expected=tuple(weekday_expected),
        level_seen=rhythm.level_seen * slow + new,
        level_expected=rhythm.level_expected * slow + level,
        level_rows=rhythm.level_rows * slow + rows,
        recent_seen=rhythm.recent_seen * quick + new,
        recent_expected=rhythm.recent_expected * quick + expected,
        poll_squares=rhythm.poll_squares * wide + (new - expected) ** 2,
        poll_expected=rhythm.poll_expected * wide + expected,
        day_squares=rhythm.day_squares * fade + off,
        day_expected=rhythm.day_expected * fade + (rhythm.today_expected if closes else 0.0),
        today=today,
        today_seen=new + (0.0 if closes else rhythm.today_seen),
        today_expected=expected + (0.0 if closes else rhythm.today_expected),
        until=now,
    )


def _shares(
    stretch: Sequence[tuple[int, int, float]],
    by_habit: Sequence[float],
    start: datetime,
    new: int,
    times: Sequence[datetime],
) -> list[float]:
    """How many of the new items fell into each hour of the stretch: one step of expectation-maximisation."""
    shares = [0.0] * len(stretch)
    if not new:
        return shares
    dated = [at for at in times if at >= start][:new]
    for at in dated:
        passed, place = (at - start) / timedelta(hours=1), 0
        while place < len(stretch) - 1 and passed >= stretch[place][2]:
            passed -= stretch[place][2]
            place += 1
        shares[place] += 1
    rest, expected = new - len(dated), sum(by_habit)
    for place, weight in enumerate(by_habit):
        shares[place] += rest * weight / expected if expected else rest / len(stretch)
    return shares
