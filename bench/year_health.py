"""Who is named as silent, and when: ``crawler.schedule.expected`` over the documents that a policy brought home."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta

from year_play import Played
from year_policies import ZONE
from year_world import START, SimSource, moment

from crawler.schedule.expected import named_by, silence
from crawler.schedule.rhythm import Rhythm, learn

AFTER = 24 * 60.0  # an alarm so soon after the repair still belongs to the redesign


@dataclass(slots=True)
class Named:
    """Hours from a redesign to the word for it; ``window``: the expected-yield window as it was known when it began."""

    hours: float | None  # None: never
    window: float | None
    how: str


@dataclass(slots=True)
class Health:
    redesigns: list[Named] = field(default_factory=list)
    alarms: int = 0
    false_alarms: int = 0
    of_them_away: int = 0  # the source had really stopped for a week


def watch(source: SimSource, played: Played) -> Health:
    """One look an hour, in the hours in which a list of the source could be read."""
    health, rhythm = Health(), Rhythm()
    documents = sorted(played.found.values())
    taken, is_named, last_new = 0, False, START
    named: dict[int, float] = {}
    windows: dict[int, float | None] = {}
    for hour in sorted(played.looked):
        now = (hour + 1) * 60.0
        for number, (start, _, _) in enumerate(source.redesigns):
            if start <= now and number not in windows:
                by = named_by(rhythm, max(last_new, moment(start)), ZONE)
                windows[number] = None if by is None else (by - START) / timedelta(hours=1) - start / 60
        count = bisect_right(documents, now)
        if count > taken:
            is_named, last_new = False, moment(now)
        rhythm = learn(rhythm, moment(now), count - taken, ZONE)
        taken = count
        if is_named or not silence(rhythm, last_new, moment(now), ZONE).is_named:
            continue
        is_named = True
        health.alarms += 1
        cause = next((n for n, one in enumerate(source.redesigns) if one[0] <= now < one[1] + AFTER), None)
        if cause is not None:
            named.setdefault(cause, now)
        else:
            health.false_alarms += 1
            health.of_them_away += any(start <= now < stop + AFTER for start, stop in source.away)
    for number, (start, _, how) in enumerate(source.redesigns):
        at = played.named_empty.get(number) if how == "empty" else named.get(number)
        health.redesigns.append(Named(None if at is None else (at - start) / 60, windows.get(number), how))
    return health
