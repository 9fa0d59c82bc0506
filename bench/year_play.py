"""Plays one policy against the lists of one source, with the product's own rules of overlap and gap."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import ceil, inf

from year_policies import ZONE, Make, Policy, Poll
from year_world import DAY, MACHINE_OFF, SimList, SimSource, moment

from crawler.discovery.paging import MAX_PAGES, gap_of, is_exhausted, overlaps
from crawler.models import Candidate, Gap, Moment, Precision

TICK = 5.0  # cron starts `crawl` every five minutes
FETCH = 3 / 60  # minutes that an article takes to become a document, one after the other

HOPS = {"paper": 2, "node": 3}  # requests until an e-paper's issue is there


@dataclass(slots=True)
class Played:
    """One source under one policy. Times in minutes."""

    found: dict[int, float] = field(default_factory=dict)  # article -> document
    duplicates: int = 0
    requests: int = 0
    unchanged: int = 0
    unparsed: int = 0  # of them: a 304, or the same body hash
    not_modified: int = 0
    kilobytes: float = 0.0
    gaps: int = 0  # reported
    gaps_without_loss: int = 0  # reported where nothing of the list was lost
    true_gaps: int = 0  # polls after which something of a list was lost for it
    true_gaps_told: int = 0
    told: set[int] = field(default_factory=set)  # articles lost by a list, within the bounds of a reported gap
    named_empty: dict[int, float] = field(default_factory=dict)  # redesign -> when two bad polls had been seen
    looked: set[int] = field(default_factory=set)  # hours in which a list was completed


def play(source: SimSource, make: Make, days: int) -> Played:
    """All lists of the source in the order of time, for what one has shown is nothing new on another."""
    played, end = Played(), days * DAY
    lists = [_Polled(source, each, make(source, each)) for each in source.lists]
    queue = [(TICK, place) for place in range(len(lists))]
    while queue:
        at, place = heappop(queue)
        if MACHINE_OFF[0] <= at < MACHINE_OFF[1]:
            at = MACHINE_OFF[1]
        if at < end:
            due = lists[place].poll(at, played)
            heappush(queue, (max(at + TICK, ceil(due / TICK) * TICK), place))
    return played


class _Polled:
    def __init__(self, source: SimSource, each: SimList, policy: Policy):
        self.source, self.list, self.policy = source, each, policy
        self.rows = _Rows(source, each)
        self.shown: dict[str, Moment | None] = {}
        self.calm_until = 0.0
        self.reached = self.polls = self.bad = 0  # ``reached``: how many items had been shown at the last poll

    def poll(self, at: float, played: Played) -> float:
        """One poll; gives when the policy wants the next."""
        source, each = self.source, self.list
        visible = at
        if at >= self.calm_until:
            troubles = [*source.outages, *source.redesigns]
            self.calm_until = min((start for start, _, _ in troubles if start > at), default=inf)
            if any(start <= at < stop for start, stop, _ in troubles):
                self.calm_until = at
        if at >= self.calm_until:
            for start, stop, retry_after in source.outages:
                if start <= at < stop:
                    played.requests += 1
                    return self.policy.after(Poll(at, "fetch", retry_after=retry_after))
            for number, (start, stop, how) in enumerate(source.redesigns):
                if start <= at < stop and how == "empty":
                    played.requests += 1
                    played.kilobytes += each.kilobytes
                    self.bad += 1
                    if self.bad >= 2:
                        played.named_empty.setdefault(number, at)
                    return self.policy.after(Poll(at, "list"))
                if start <= at < stop:
                    visible = start
        self.bad = 0
        played.looked.add(int(at // 60))
        now = bisect_right(each.shown_at, visible, lo=self.reached)
        if self.polls and now == self.reached:
            _unchanged(each, self.policy, played)
            poll = Poll(at, rows=min(now, each.length))
        else:
            poll, self.shown = _changed(
                self.rows, self.policy, at, self.reached, now, self.shown, not self.polls, played
            )
            self.reached, self.polls = now, self.polls + 1
        return self.policy.after(poll)


def _unchanged(each: SimList, policy: Policy, played: Played) -> None:
    played.requests += HOPS.get(each.kind, 1)
    played.unchanged += 1
    is_304 = each.answer == "304"
    played.not_modified += is_304
    played.unparsed += is_304 or (each.answer == "same bytes" and policy.hashes)
    played.kilobytes += 0.3 if is_304 else each.kilobytes


class _Rows:
    """A list's items as Candidates, made once each, and its pages at any time."""

    def __init__(self, source: SimSource, each: SimList):
        self.source, self.list = source, each
        self._made: dict[int, Candidate] = {}
        self._pinned = [self._candidate(f"pinned-{n}", -20 * DAY - n) for n in range(each.pinned)]

    def _candidate(self, key: str, published: float) -> Candidate:
        precision, moment_ = self.list.precision, None
        if precision is not None:
            local = moment(published).astimezone(ZONE)
            cut = {"second": 0, "microsecond": 0}
            if precision is Precision.DAY:
                cut |= {"hour": 0, "minute": 0}
            moment_ = Moment(local.replace(**cut), precision)  # type: ignore[arg-type]
        return Candidate(self.source.name, key, f"{self.list.url}{key}", published=moment_)

    def page(self, number: int, now: int) -> list[Candidate]:
        """The newest first, page 0 with what is pinned; empty beyond the list's end."""
        size = self.list.length
        if number > self.list.further:
            return []
        newest, oldest = now - number * size, max(0, now - (number + 1) * size)
        rows = [] if number else list(self._pinned)
        for place in range(newest - 1, oldest - 1, -1):
            made = self._made.get(place)
            if made is None:
                article = self.list.article[place]
                made = self._made[place] = self._candidate(str(article), self.source.published[article])
            rows.append(made)
        if number == 0 and len(self._made) > 12 * size:
            self._made = {place: each for place, each in self._made.items() if place >= oldest}
        return rows


def _changed(
    rows: _Rows,
    policy: Policy,
    at: float,
    reached: int,
    now: int,
    shown_last: dict[str, Moment | None],
    is_first: bool,
    played: Played,
) -> tuple[Poll, dict[str, Moment | None]]:
    """The walk of ``engine.walk``: page on until the overlap, ten pages at most, else a gap."""
    each, source = rows.list, rows.source
    seen: dict[str, Candidate] = {}
    number, overlap, known_first, rows_first = 0, False, 0, 0
    while True:
        page = rows.page(number, now)
        played.requests += 1 if number else HOPS.get(each.kind, 1)
        played.kilobytes += each.kilobytes
        if not page:
            break
        if number == 0:
            rows_first = len(page)
            known_first = sum(row.key in shown_last for row in page)
        ended = number > 0 and is_exhausted(page, seen)
        overlap = is_first or overlaps(page, shown_last, set(seen))
        for row in page:
            seen.setdefault(row.key, row)
        number += 1
        if overlap or ended or not policy.pages_on or number >= MAX_PAGES or number > each.further:
            break
    lowest = max(reached, now - number * each.length)
    lost = [] if is_first else each.article[reached:lowest]
    played.true_gaps += bool(lost)
    if policy.pages_on and not overlap:
        gap = gap_of(each.url, shown_last, seen.values())
        played.gaps += 1
        played.gaps_without_loss += not lost
        played.true_gaps_told += bool(lost)
        played.told.update(article for article in lost if _lies_in(gap, source.published[article]))
    listed = each.article[lowest:now]
    new = [article for article in dict.fromkeys(listed) if article not in played.found]
    for place, article in enumerate(new):
        played.found[article] = at + 2 / 60 + (place + 1) * FETCH
    poll = Poll(
        at,
        new=len(new),
        fresh_rows=len(listed),
        rows=rows_first,
        known=known_first,
        complete=overlap or not policy.pages_on,
        published=[source.published[article] for article in new],
        listed=[source.published[article] for article in listed],
    )
    return poll, {key: row.published for key, row in seen.items()}


def _lies_in(gap: Gap, published: float) -> bool:
    """Whether the gap's bounds, as they are written, hold the article; a bound that is not known holds all."""
    stamp = moment(published).astimezone(ZONE).isoformat()
    return gap.since[:16] <= stamp[: len(gap.since[:16])] and (
        not gap.until or stamp[: len(gap.until[:16])] <= gap.until[:16]
    )
