"""Looks at articles again by ``crawler.schedule.recheck``: what they cost, and which corrections they bring home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import ceil

from year_play import TICK, Played
from year_world import DAY, MACHINE_OFF, START, SimSource, moment

from crawler.dedup.flapping import Version, flaps
from crawler.schedule.recheck import Budget, Looks, next_recheck

GONE = "gone"


@dataclass(slots=True)
class Rechecked:
    looks: int = 0
    busiest_day: int = 0
    put_off: int = 0  # looks that the budget moved to a later run
    changed: int = 0  # corrected articles
    caught: int = 0  # of them: the last text is ours
    withdrawn: int = 0
    withdrawn_seen: int = 0
    flapping: int = 0
    frozen: int = 0
    frozen_wrongly: int = 0
    delays: list[float] = field(default_factory=list)  # minutes from a correction to the look that saw it


def recheck(source: SimSource, played: Played, end: float, budget: Budget) -> Rechecked:
    done = Rechecked()
    looks = {number: Looks(moment(source.published[number]), moment(at)) for number, at in played.found.items()}
    texts = {number: [Version(moment(at), "", _text(source, number, at))] for number, at in played.found.items()}
    frozen: set[int] = set()
    queue: list[tuple[float, int]] = []
    for number in looks:
        _plan(queue, number, looks[number], played.found[number])
    spent: dict[int, int] = {}
    waiting: list[tuple[float, int]] = []  # due, the youngest first
    next_run = 0.0
    put_off: set[tuple[int, datetime]] = set()
    while queue or waiting:
        at = ceil((next_run if waiting else queue[0][0]) / TICK) * TICK
        if MACHINE_OFF[0] <= at < MACHINE_OFF[1]:
            at = MACHINE_OFF[1]
        if at >= end:
            break
        while queue and queue[0][0] <= at:
            number = heappop(queue)[1]
            heappush(waiting, (-source.published[number], number))
        day = int(at // DAY)
        is_out = any(start <= at < stop for start, stop, _ in source.outages)
        for _ in range(min(len(waiting), 0 if is_out else budget.left(spent.get(day, 0)))):
            number = heappop(waiting)[1]
            spent[day] = spent.get(day, 0) + 1
            _look(source, number, at, looks, texts[number], frozen, done)
            if number not in frozen and source.withdrawn.get(number, end) > at:
                _plan(queue, number, looks[number], at)
        # Nothing is looked at before the site answers again, or before the next day's allowance.
        next_run = at + 60 if is_out else at + TICK if budget.left(spent.get(day, 0)) else (day + 1) * DAY
        put_off.update((number, looks[number].last) for _, number in waiting)
    done.put_off = len(put_off)
    done.looks, done.busiest_day = sum(spent.values()), max(spent.values(), default=0)
    _count(source, played, texts, frozen, end, done)
    return done


def _plan(queue: list[tuple[float, int]], number: int, looks: Looks, at: float) -> None:
    due = next_recheck(looks, moment(at))
    if due is not None:
        heappush(queue, ((due - START) / timedelta(minutes=1), number))


def _look(
    source: SimSource,
    number: int,
    at: float,
    looks: dict[int, Looks],
    texts: list[Version],
    frozen: set[int],
    done: Rechecked,
) -> None:
    past, revised = looks[number], looks[number].revised
    version = Version(moment(at), "", GONE if source.withdrawn.get(number, at + 1) <= at else _text(source, number, at))
    if version.fingerprint != texts[-1].fingerprint:
        since = (past.last - START) / timedelta(minutes=1)
        done.delays += [at - each for each in source.changes.get(number, ()) if since < each <= at]
        if flaps(texts, version):
            frozen.add(number)
        texts.append(version)
        revised = (*revised, moment(at))
    looks[number] = Looks(past.start, moment(at), revised)


def _text(source: SimSource, number: int, at: float) -> str:
    if number in source.flapping:
        return "AB"[int(at / 7) % 2]
    return str(sum(each <= at for each in source.changes.get(number, ())))


def _count(
    source: SimSource, played: Played, texts: dict[int, list[Version]], frozen: set[int], end: float, done: Rechecked
) -> None:
    for number in played.found:
        if source.published[number] > end - 10 * DAY:
            continue  # its plan does not end within the year
        last = texts[number][-1].fingerprint
        if number in source.changes:
            done.changed += 1
            done.caught += last in (GONE, _text(source, number, end))
        if source.withdrawn.get(number, end) < end:
            done.withdrawn += 1
            done.withdrawn_seen += last == GONE
        done.flapping += number in source.flapping
        done.frozen += number in frozen and number in source.flapping
        done.frozen_wrongly += number in frozen and number not in source.flapping
