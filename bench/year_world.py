"""Sixty invented sources over one year: when they publish, what their lists show, what breaks. All by chance from a seed.

Times are minutes since the start of the year (UTC). Shares and rates are guesses after the seven real sites and a
reader's knowledge of Chinese news sites; nothing was measured on the web.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from crawler.models import ListKind, Precision
from crawler.schedule.workdays import DayClass, day_class

START = datetime(
    2025, 10, 31, 16, 0, tzinfo=UTC
)  # midnight of 1 November in Shanghai: all of 2026's holidays but one lie ahead
HOUR, DAY = 60.0, 1440.0
WARM = 10 * DAY  # lists are filled before the year begins
MACHINE_OFF = (250 * DAY, 257 * DAY)  # the week in which the collector's own machine stood still

OFFICE = (0, 0, 0, 0, 0, 0, 0, 1, 6, 12, 11, 8, 3, 4, 9, 11, 10, 7, 3, 1, 0, 0, 0, 0)
DAILY = (1, 0, 0, 0, 0, 1, 4, 9, 11, 10, 9, 7, 4, 5, 8, 9, 9, 8, 6, 5, 4, 4, 3, 2)
WIRE = (3, 1, 1, 1, 1, 2, 5, 11, 13, 13, 12, 10, 6, 8, 11, 13, 11, 9, 8, 8, 8, 7, 6, 4)
EVENING = (0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 4, 4, 2, 2, 3, 5, 7, 8, 9, 9, 8, 5, 2, 1)
ABROAD = (9, 8, 6, 5, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2, 3, 5, 6, 7, 8, 9, 10, 10, 10)  # written in another time zone
BATCH = (0, 0, 0, 0, 1, 5, 9, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)  # an e-paper is put up at once


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of source: how many there are, items a working day, part of it on weekends, on holidays, lists, cluster size."""

    name: str
    count: int
    a_day: tuple[float, float]
    weekend: tuple[float, float]
    holiday: tuple[float, float]
    lists: tuple[int, int]
    cluster: float
    hours: tuple[tuple[int, ...], ...]
    kinds: tuple[ListKind, ...] = ("listing", "listing", "listing", "feed", "api")


SORTS = (
    Sort("wire", 4, (120, 300), (0.35, 0.6), (0.3, 0.5), (1, 3), 1.3, (WIRE,), ("api", "listing", "listing")),
    Sort("daily", 12, (35, 120), (0.25, 0.7), (0.15, 0.5), (2, 6), 2.0, (DAILY, DAILY, EVENING)),
    Sort("trade", 17, (8, 35), (0.0, 0.35), (0.0, 0.25), (1, 3), 1.6, (OFFICE, DAILY, OFFICE)),
    Sort(
        "blog",
        11,
        (0.4, 6),
        (0.2, 0.9),
        (0.05, 0.6),
        (1, 2),
        1.1,
        (OFFICE, DAILY, EVENING, ABROAD),
        ("feed", "listing"),
    ),
    Sort("paper", 6, (25, 70), (0.0, 1.0), (0.0, 1.0), (1, 1), 0.0, (BATCH,), ("paper", "node")),
    Sort("office", 5, (2, 9), (0.0, 0.1), (0.0, 0.05), (1, 3), 1.5, (OFFICE,), ("listing",)),
    Sort("weekly", 3, (6, 18), (0.0, 0.0), (0.0, 0.0), (1, 1), 3.0, (OFFICE,), ("listing", "feed")),
    Sort("dormant", 2, (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (1, 1), 1.0, (OFFICE,), ("feed", "listing")),
)


@dataclass(slots=True)
class SimList:
    url: str
    kind: ListKind
    length: int
    further: int  # pages behind the first
    answer: str  # to an unchanged list: "304", "same bytes", or "noise"
    precision: Precision | None
    pinned: int
    max_age: float = 0.0  # minutes; 0: the server says nothing
    ttl: float = 0.0
    shown_at: list[float] = field(default_factory=list)
    article: list[int] = field(default_factory=list)
    kilobytes: float = 40.0


@dataclass(slots=True)
class SimSource:
    name: str
    sort: str
    lists: list[SimList]
    published: list[float] = field(default_factory=list)
    outages: list[tuple[float, float, float]] = field(default_factory=list)  # start, end, Retry-After in minutes
    redesigns: list[tuple[float, float, str]] = field(default_factory=list)  # start, repaired, "empty" or "frozen"
    away: list[tuple[float, float]] = field(default_factory=list)  # weeks in which it published nothing
    changes: dict[int, list[float]] = field(default_factory=dict)  # article -> its corrections
    withdrawn: dict[int, float] = field(default_factory=dict)
    flapping: set[int] = field(default_factory=set)


def make_names(part: float = 1.0) -> list[tuple[str, int]]:
    """``part`` of each sort's sources, one at least; the slowest to play first."""
    return [(sort.name, number) for sort in SORTS for number in range(max(1, round(sort.count * part)))]


def make_world(seed: int, days: int, names: Sequence[tuple[str, int]]) -> list[SimSource]:
    sorts = {sort.name: sort for sort in SORTS}
    return [
        _source(random.Random(f"{seed}/{name}/{number}"), sorts[name], f"{name}-{number}", days)
        for name, number in names
    ]


def _source(dice: random.Random, sort: Sort, name: str, days: int) -> SimSource:
    lists = [_list(dice, sort, name, number) for number in range(dice.randint(*sort.lists))]
    source = SimSource(name, sort.name, lists)
    end = days * DAY
    _trouble(dice, source, end)
    a_day = dice.uniform(*sort.a_day) if sort.a_day[1] < 3 * sort.a_day[0] else _log_uniform(dice, *sort.a_day)
    parts = {
        DayClass.WORKING: 1.0,
        DayClass.MAKEUP: dice.uniform(0.8, 1.0),
        DayClass.WEEKEND: dice.uniform(*sort.weekend),
        DayClass.HOLIDAY: dice.uniform(*sort.holiday),
    }
    hours, weekday = dice.choice(sort.hours), dice.randrange(5)
    first = (START - timedelta(minutes=WARM) + timedelta(hours=8)).date()
    times: list[float] = []
    drift = 1.0
    for number in range(days + int(WARM / DAY)):
        day = first + timedelta(days=number)
        midnight = number * DAY - WARM
        drift *= dice.lognormvariate(0, 0.02)  # a source grows and shrinks over the year
        level = a_day * parts[day_class(day)] * drift * dice.lognormvariate(-0.03, 0.25)
        if sort.name == "weekly":
            level = level if day.weekday() == weekday and parts[day_class(day)] else 0.0
        if dice.random() < 0.01:
            level *= dice.uniform(2, 4)  # great news
        if any(start <= midnight < stop for start, stop in source.away):
            continue
        times += (
            _paper(dice, hours, level, midnight) if sort.name == "paper" else _day(dice, sort, hours, level, midnight)
        )
    if sort.name == "dormant":
        times += [dice.uniform(-WARM, -WARM / 2) for _ in range(40)]
        if name.endswith("-0"):
            times += [dice.uniform(0.6 * end, end) for _ in range(days // 3)]  # it wakes up
    times = sorted(at for at in times if at < end)
    source.published = times
    _show(dice, source)
    _change(dice, source)
    return source


def _list(dice: random.Random, sort: Sort, name: str, number: int) -> SimList:
    kind = dice.choice(sort.kinds)
    if kind == "feed":
        length, further = dice.choice((10, 20, 20, 30, 50)), 0
    elif kind == "api":
        length, further = dice.choice((20, 30, 50)), 9
    elif sort.name == "paper":
        length, further = 200, 0
    else:
        length, further = dice.choice((12, 20, 20, 25, 30, 40)), dice.choice((0, 2, 9, 9, 9))
    return SimList(
        url=f"https://{name}.example/{number}/",
        kind=kind,
        length=length,
        further=further,
        answer=dice.choices(("304", "same bytes", "noise"), (50, 44, 6))[0],
        precision=dice.choices((Precision.MINUTE, Precision.DAY, None), (55, 35, 10))[0],
        pinned=dice.choice((0, 0, 0, 1, 2, 3)),
        max_age=dice.choice((0,) * 17 + (1, 5, 10)),
        ttl=dice.choice((0, 0, 15, 60)) if kind == "feed" else 0,
        kilobytes=dice.uniform(15, 90),
    )


def _log_uniform(dice: random.Random, low: float, high: float) -> float:
    return low * (high / low) ** dice.random() if low else 0.0


def _day(dice: random.Random, sort: Sort, hours: tuple[int, ...], level: float, midnight: float) -> list[float]:
    """Clusters at random instants; an editor releases what has been read in one go."""
    times = []
    for _ in range(_poisson(dice, level / sort.cluster)):
        hour = dice.choices(range(24), hours)[0]
        at = midnight + hour * HOUR + dice.uniform(0, HOUR)
        times.append(at)
        while dice.random() < 1 - 1 / sort.cluster:
            at += dice.expovariate(1 / 2.0)
            times.append(at)
    return times


def _paper(dice: random.Random, hours: tuple[int, ...], level: float, midnight: float) -> list[float]:
    if level < 5:
        return []
    at = midnight + dice.choices(range(24), hours)[0] * HOUR + dice.uniform(0, HOUR)
    return [at + dice.uniform(0, 3) for _ in range(_poisson(dice, level))]


def _poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, mean
    while (left := left - dice.expovariate(1)) > 0:
        count += 1
    return count


def _trouble(dice: random.Random, source: SimSource, end: float) -> None:
    for _ in range(_poisson(dice, 10 * end / (365 * DAY))):
        start = dice.uniform(0, end)
        length = dice.choices((dice.uniform(5, 60), dice.uniform(60, 600), dice.uniform(600, 4000)), (70, 25, 5))[0]
        source.outages.append((start, start + length, dice.choice((0, 0, 10, 60))))
    if source.sort == "dormant":
        return
    for _ in range(_poisson(dice, 0.8 * end / (365 * DAY))):
        start = dice.uniform(min(45 * DAY, end / 2), end - 10 * DAY)
        # Five days until someone has mended the source file, whoever was told and when: the same for every policy.
        source.redesigns.append((start, start + 5 * DAY, dice.choice(("empty", "frozen"))))
    if dice.random() < 0.15 * end / (365 * DAY):
        start = int(dice.uniform(0.2, 0.9) * end / DAY) * DAY
        source.away.append((start, start + 7 * DAY))
    source.outages.sort()
    source.redesigns = [
        one for one, other in pairwise([*sorted(source.redesigns), (end * 2, 0.0, "")]) if one[1] < other[0]
    ]


def _show(dice: random.Random, source: SimSource) -> None:
    """Each article stands on one or two of the source's lists, a moment after the time it bears, at times much later."""
    for number, at in enumerate(source.published):
        shown = at + (dice.expovariate(1 / 0.5) if dice.random() < 0.95 else dice.uniform(2, 30))
        main = dice.randrange(len(source.lists))
        also = {0} if dice.random() < 0.4 else set()
        for place in {main} | also:
            source.lists[place].article.append(number)
            source.lists[place].shown_at.append(shown)
    for each in source.lists:
        order = sorted(range(len(each.article)), key=each.shown_at.__getitem__)
        each.shown_at = [each.shown_at[n] for n in order]
        each.article = [each.article[n] for n in order]


def _change(dice: random.Random, source: SimSource) -> None:
    for number, at in enumerate(source.published):
        roll = dice.random()
        if roll < 0.05:  # corrected, mostly within hours
            source.changes[number] = [at + dice.lognormvariate(4.8, 1.6)]
            while dice.random() < 0.2:
                source.changes[number].append(source.changes[number][-1] + dice.lognormvariate(4.8, 1.6))
        elif roll < 0.053:
            source.withdrawn[number] = at + dice.lognormvariate(6.0, 1.5)
        elif roll < 0.054:
            source.flapping.add(number)


def moment(at: float) -> datetime:
    return START + timedelta(minutes=at)
