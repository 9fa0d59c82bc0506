"""How much a source should have given by now, from its own past, and after how much silence it is named. Pure.

The count in a window is taken for negative binomial: a Poisson count whose variance is ``dispersion`` times its mean,
because news comes in bursts. Holidays and 调休 days are in the rhythm's classes already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log, sqrt
from typing import Final
from zoneinfo import ZoneInfo

from crawler.schedule.rhythm import Rhythm, cells

UNLIKELY: Final = 0.001  # the expected-yield window: a healthy source gives nothing in it once in a thousand times
# A silence is named a little before that window ends: while it lasts the rhythm sinks, and polls get rarer. In
# bench/year.py that names redesigns within the window, and false alarms stay far below one per source-month.
NAMED: Final = 0.003
MIN_SEEN: Final = 10.0  # items of the (decayed) past below which nothing is said
MIN_DAYS: Final = 3.0  # working days of it
_MAX_AHEAD: Final = timedelta(days=60)
_NORMAL_ABOVE: Final = 300.0  # mean from which the normal approximation is as good


@dataclass(frozen=True, slots=True)
class Yield:
    """New items in a window: the mean, and the count below which it stays once in a thousand times."""

    mean: float
    low: int


@dataclass(frozen=True, slots=True)
class Silence:
    """``expected`` items since the last new one, and the ``chance`` that none of them came in a healthy source."""

    expected: float
    chance: float
    is_named: bool
    reason: str = ""


def expected(rhythm: Rhythm, start: datetime, end: datetime, zone: ZoneInfo) -> Yield:
    mean = rhythm.mean(start, end, zone)
    return Yield(mean, _low(mean, rhythm.dispersion))


def silence(rhythm: Rhythm, last_new: datetime, now: datetime, zone: ZoneInfo) -> Silence:
    """Whether nothing new since ``last_new`` is more than chance. ``rhythm``: that of the whole source.

    A source with too short a past, or one that has all but ceased, is never named.
    """
    mean = rhythm.mean(last_new, now, zone) if last_new < now else 0.0
    chance = chance_of_none(mean, rhythm.dispersion)
    is_known = rhythm.level_seen >= MIN_SEEN and rhythm.level_expected >= MIN_DAYS
    if not is_known or chance >= NAMED:
        return Silence(mean, chance, False)
    return Silence(mean, chance, True, f"nothing new since {last_new:%Y-%m-%d %H:%M} where {mean:.0f} were expected")


def named_by(rhythm: Rhythm, last_new: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the expected-yield window since ``last_new``, by when its silence is named; None if not in two months."""
    needed = items_needed(rhythm.dispersion)
    at = last_new
    for cell, weekday, hours in cells(last_new, last_new + _MAX_AHEAD, zone):
        due = rhythm.rate(cell, weekday) * hours
        if needed <= due:
            return at + timedelta(hours=hours * needed / due)
        needed -= due
        at += timedelta(hours=hours)
    return None


def chance_of_none(mean: float, dispersion: float) -> float:
    return exp(-mean * _weight(dispersion))


def items_needed(dispersion: float) -> float:
    """How many items must be expected, and not one seen, before that is less likely than ``UNLIKELY``."""
    return -log(UNLIKELY) / _weight(dispersion)


def _weight(dispersion: float) -> float:
    """What one expected item tells: 1 where they come by pure chance, less where they come in bursts."""
    return log(dispersion) / (dispersion - 1) if dispersion > 1.0001 else 1.0


def _low(mean: float, dispersion: float) -> int:
    """The ``UNLIKELY`` quantile of the count."""
    if mean > _NORMAL_ABOVE:
        return max(0, int(mean - 3.09 * sqrt(mean * dispersion)))
    share = chance_of_none(mean, dispersion)
    total, count = share, 0
    while total < UNLIKELY:
        if dispersion > 1.0001:
            size = mean / (dispersion - 1)
            share *= (size + count) / (count + 1) * (1 - 1 / dispersion)
        else:
            share *= mean / (count + 1)
        count += 1
        total += share
    return count
