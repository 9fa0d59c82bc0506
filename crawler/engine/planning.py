"""From a poll that has ended to the list's next check: what it has taught, what the server asked for, when it is due.

The rules are pure and stand in ``schedule``; here they get their arguments and their answers become a row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scrapy.http import Response

from crawler.discovery.paging import arrived
from crawler.engine.handlers import FETCHED
from crawler.engine.responses import header
from crawler.engine.walk import Walk
from crawler.models import ListKind, Precision, Source
from crawler.schedule.due import ListHistory, Pace, next_check
from crawler.schedule.hints import ServerHints, read_hints
from crawler.schedule.rhythm import Rhythm, learn
from crawler.storage.lists import KnownList, Plan

_HEADERS = ("Retry-After", "Cache-Control", "Age", "Expires")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is remembered of a list beside its rhythm."""

    stretch: float = 0.0  # seconds between the last two readings that differed
    pages: bool = False  # whether it has further ones
    ttl: float = 0.0  # seconds, as the feed says

    @classmethod
    def of(cls, known: KnownList) -> _Kept:
        """An unreadable column is nothing remembered."""
        try:
            fields = json.loads(known.plan.hints) if known.plan.hints else {}
            return cls(float(fields["stretch"]), bool(fields["pages"]), float(fields["ttl"])) if fields else cls()
        except (ValueError, TypeError, KeyError):
            return cls()


def hints_of(response: Response, kind: ListKind) -> ServerHints:
    headers = {name.lower(): header(response, name) for name in _HEADERS}
    feed = response.body if kind == "feed" else b""
    return read_hints(headers, response.meta[FETCHED], status=response.status, feed=feed)


def silence_until(until: datetime) -> ServerHints:
    return ServerHints(retry_after=until)


def pace_of(source: Source) -> Pace:
    zone = ZoneInfo(source.zone or "Asia/Shanghai")
    return Pace(zone=zone, floor=timedelta(seconds=source.every), is_dormant=bool(source.dormant_since))


def plan_of(walk: Walk, source: Source, first: datetime | None, now: datetime, *, completed: bool) -> Plan:
    """The list's next check. ``first`` is the end of the source's first run, None during that run itself."""
    known, pace, at = walk.known, pace_of(source), walk.at or now
    kept = _Kept.of(known)
    rhythm = Rhythm.from_json(known.plan.rhythm)
    length, left, last_new = known.plan.length, known.plan.overlap, known.last_new
    if completed:
        came = [] if walk.is_unchanged else arrived(walk.shown.values(), known.shown_last)
        if walk.first_rows is not None:
            length, left = walk.first_rows
            stretch = (at - rhythm.until).total_seconds() if rhythm.until and rhythm.until < at else 0.0
            kept = replace(kept, stretch=stretch, pages=walk.has_further_pages)
        new = [row for row in came if row.key in walk.fresh]  # what another list had shown is no reason to come here
        times = [row.published.at for row in new if row.published and row.published.precision is not Precision.DAY]
        rhythm = learn(rhythm, at, len(new), pace.zone, rows=len(came), published=times, complete=walk.gap is None)
        last_new = at if walk.found_new else last_new
    if walk.hints.feed_until is not None or not walk.is_unchanged:
        ttl = (walk.hints.feed_until - at).total_seconds() if walk.hints.feed_until else 0.0
        kept = replace(kept, ttl=ttl)
    # A 304 carries no feed: what the feed said of itself when it was last had still holds.
    hints = replace(walk.hints, feed_until=at + timedelta(seconds=kept.ttl) if kept.ttl > 0 else None)
    history = ListHistory(
        address=walk.entry.url,
        rhythm=rhythm,
        errors=0 if completed else known.errors + 1,
        length=length,
        # An issue of a paper shows nothing of the one before: that is no sign of haste.
        # An unchanged list has not come nearer to rolling over since that was last acted on.
        left=None if walk.is_paper or not length or walk.first_rows is None else left,
        stretch=timedelta(seconds=kept.stretch) if kept.stretch > 0 else None,
        pages=kept.pages,
        first=first or at,
        last_new=last_new,
    )
    due = next_check(walk.entry.kind, history, hints, at, pace)
    return Plan(due.at, due.reason, json.dumps(asdict(kept)), rhythm.to_json(), length, left)
