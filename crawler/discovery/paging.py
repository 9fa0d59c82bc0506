"""When a walk through the pages of one list may stop, and what it may have missed.

A list's first run takes its first page. Later runs go on until a page overlaps
with what this very list showed at its last completed poll. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from crawler.models import Candidate, Gap, Moment, Precision

MAX_PAGES = 10
# Known rows above new ones that are taken for pinned where no date tells. The sites pin up to three.
MAX_PINNED = 5

_COMPARABLE = 1_000  # rows that are compared one with another

_COARSE_FIRST = (Precision.DAY, Precision.MINUTE, Precision.SECOND)


def overlaps(
    rows: Sequence[Candidate],
    shown_last: Mapping[str, Moment | None],
    seen_on_earlier_pages: Collection[str],
) -> bool:
    """Whether this page reaches what the list showed last, so that the walk is complete.

    ``shown_last`` holds only what this list itself showed: an item known through
    another list says nothing about this one. When it is empty, the page is enough.

    A known row counts unless it looks pinned: it is older than a new row below it,
    or dates cannot tell (absent, or the same day) and it is one of the first rows of
    the first page. A known row that is newer than the new rows below it counts: a
    deletion at the source has pulled older rows up.
    """
    if not shown_last:
        return True
    fresh = [row for row in rows if row.key not in seen_on_earlier_pages]
    leading = True
    for place, row in enumerate(fresh):
        if row.key not in shown_last:
            leading = False
            continue
        # The date it had: one that was bumped to the top with a new date is no overlap.
        date = shown_last[row.key] or row.published
        below = [_compare(date, other.published) for other in fresh[place + 1 :] if other.key not in shown_last]
        if any(order == -1 for order in below):
            continue  # out of order: pinned
        in_order = bool(below) and all(order == 1 for order in below)
        may_be_pinned = leading and place < MAX_PINNED and not seen_on_earlier_pages
        if not below or in_order or not may_be_pinned:
            return True
    return False


def is_exhausted(rows: Iterable[Candidate], seen_on_earlier_pages: Collection[str]) -> bool:
    """Whether a page shows nothing that the walk has not seen: the list ended, or its pager is broken."""
    return all(row.key in seen_on_earlier_pages for row in rows)


def arrived(rows: Iterable[Candidate], shown_last: Mapping[str, Moment | None]) -> list[Candidate]:
    """Those of the rows that have come since the list was last read: what a rhythm is learnt from.

    Unknown rows that are older than what was shown last have moved up, or stood on a later page; where no date
    tells, what stands below known rows counts as old.
    """
    newest = max((date for date in shown_last.values() if date), key=_instant, default=None)
    came, known = [], 0
    for row in rows:
        if row.key in shown_last:
            known += 1
            continue
        order = _compare(row.published, newest)
        if order == 1 or (order == 0 and known <= MAX_PINNED):
            came.append(row)
    return came


def gap_of(list_url: str, shown_last: Mapping[str, Moment | None], rows_seen_now: Iterable[Candidate]) -> Gap:
    """The stretch that may have rolled by when a walk ended without an overlap.

    From the newest date shown last to the oldest date seen now; "" where no date
    tells. Known rows (pinned ones) and rows older than what was shown last are
    left out, as they say nothing about the end of the stretch.
    """
    since = max((date for date in shown_last.values() if date), key=_instant, default=None)
    now = [row.published for row in rows_seen_now if row.key not in shown_last and row.published]
    until = min((date for date in now if _compare(date, since) != -1), key=_instant, default=None)
    return Gap(list_url, _iso(since), _iso(until))


def covers(
    rows: Sequence[Candidate],
    gap: Gap,
    shown_before: Mapping[str, Moment | None],
    seen_on_earlier_pages: Collection[str],
) -> bool:
    """Whether a walk back from the first page on, which has come to these rows, has passed a gap.

    ``shown_before`` is all that the list had shown before the gap was found.
    """
    if shown_before and len(rows) <= _COMPARABLE and overlaps(rows, shown_before, seen_on_earlier_pages):
        return True
    days = [
        row.published.day.isoformat() if row.published else "" for row in rows if row.key not in seen_on_earlier_pages
    ]
    return bool(gap.since and days and "" not in days) and max(days) < gap.since[:10]


def _compare(one: Moment | None, other: Moment | None) -> int:
    """-1 older, 1 newer, 0 equal or not comparable, at the coarser precision of the two."""
    if one is None or other is None:
        return 0
    precision = min(one.precision, other.precision, key=_COARSE_FIRST.index)
    a, b = _cut(one.at, precision), _cut(other.at, precision)
    return (a > b) - (a < b)


def _cut(at: datetime, precision: Precision) -> datetime:
    if precision is Precision.DAY:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at.replace(second=0, microsecond=0) if precision is Precision.MINUTE else at


def _instant(moment: Moment) -> datetime:
    return moment.at


def _iso(moment: Moment | None) -> str:
    if moment is None:
        return ""
    if moment.precision is Precision.DAY:
        return moment.day.isoformat()
    return moment.at.isoformat(timespec="minutes" if moment.precision is Precision.MINUTE else "seconds")
