"""How often a list is asked: Shiyi's pure room, fixed steps, and what peers.md says of Miniflux and CC's news-crawl."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from year_world import DAY, START, SimList, SimSource, moment

from crawler.models import Precision
from crawler.schedule.due import SLACK, ListHistory, Pace, next_check
from crawler.schedule.hints import ServerHints
from crawler.schedule.rhythm import learn

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Poll:
    """What one completed or failed poll told."""

    at: float
    error: str = ""  # "", "fetch" or "list"
    new: int = 0  # to the source
    fresh_rows: int = 0  # new to this list
    rows: int = 0  # on the first page
    known: int = 0  # of them
    complete: bool = True
    published: list[float] = field(default_factory=list)  # of the new ones
    listed: list[float] = field(default_factory=list)  # publication of what is new to this list
    retry_after: float = 0.0


class Policy(Protocol):
    pages_on: bool  # pages on until the overlap
    hashes: bool  # an unchanged body is not parsed

    def after(self, poll: Poll) -> float: ...


def shiyi(source: SimSource, each: SimList, pace: Pace) -> Policy:
    return Shiyi(source, each, pace)


class Shiyi:
    """Keeps of a list what the product keeps of it, and asks ``crawler.schedule.due``."""

    pages_on, hashes = True, True

    def __init__(self, source: SimSource, each: SimList, pace: Pace):
        self._list = each
        self._pace = replace(pace, is_dormant=source.sort == "dormant")
        self._history = ListHistory(each.url, pages=each.further > 0)

    def after(self, poll: Poll) -> float:
        each, now, past = self._list, moment(poll.at), self._history
        before = past.rhythm.until
        if poll.error:
            history = replace(past, errors=past.errors + 1)
            hints = ServerHints(retry_after=now + poll.retry_after * MINUTE if poll.retry_after else None)
        else:
            dated = [moment(at) for at in poll.published] if each.precision is Precision.MINUTE else []
            history = ListHistory(
                address=past.address,
                rhythm=learn(
                    past.rhythm, now, poll.new, ZONE, rows=poll.fresh_rows, published=dated, complete=poll.complete
                ),
                length=poll.rows,
                left=poll.known if poll.fresh_rows and before else None,
                stretch=now - before if before else None,
                pages=past.pages,
                first=past.first or now,
                last_new=now if poll.new else past.last_new,
            )
            hints = ServerHints(
                fresh_until=now + each.max_age * MINUTE if each.max_age else None,
                feed_until=now + each.ttl * MINUTE if each.ttl else None,
            )
        self._history = history
        due = next_check(each.kind, history, hints, now, self._pace)
        return (due.at - START - SLACK) / MINUTE


class Fixed:
    """The same step for ever, errors or not; otherwise the same collector."""

    pages_on, hashes = True, True

    def __init__(self, minutes: float):
        self._minutes = minutes

    def after(self, poll: Poll) -> float:
        return poll.at + self._minutes - 1


class Miniflux:
    """``entry_frequency``: a week over the week's entries, 5 min to 24 h; longest of that, TTL, max-age, Retry-After.

    After three errors in a row it stops until someone presses the button: here, once a week. It does not page.
    Its own clock, an hour by default, is taken as five minutes here, in its favour.
    """

    pages_on, hashes = False, False

    def __init__(self, each: SimList):
        self._list = each
        self._seen: list[float] = []
        self._errors = 0

    def after(self, poll: Poll) -> float:
        if poll.error:
            self._errors += 1
            if self._errors >= 3:
                self._errors = 0
                return poll.at + 7 * DAY
        else:
            self._errors = 0
            self._seen = [at for at in self._seen + poll.listed if at > poll.at - 7 * DAY]
        step = min(max(7 * DAY / len(self._seen) if self._seen else DAY, 5), DAY)
        return poll.at + max(step, self._list.ttl, self._list.max_age, poll.retry_after) - 1


class NewsCrawl:
    """12 h at first, then x 0.8 when changed and x 1.5 when not, 90 min to 90 d; an error waits 48 h. It does not page."""

    pages_on, hashes = False, True

    def __init__(self) -> None:
        self._step = DAY / 2
        self._polled = False

    def after(self, poll: Poll) -> float:
        if poll.error:
            return poll.at + 2 * DAY
        if self._polled:
            self._step = min(max(self._step * (0.8 if poll.fresh_rows else 1.5), 90), 90 * DAY)
        self._polled = True
        return poll.at + self._step - 1


Make = Callable[[SimSource, SimList], Policy]


def policies(pace: Pace) -> dict[str, Make]:
    return {
        "Shiyi": lambda source, each: Shiyi(source, each, pace),
        "every 15 min": lambda source, each: Fixed(15),
        "every 60 min": lambda source, each: Fixed(60),
        "Miniflux": lambda source, each: Miniflux(each),
        "news-crawl": lambda source, each: NewsCrawl(),
    }
