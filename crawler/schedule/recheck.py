"""When an article is looked at again, for corrections and withdrawals. Pure.

The plan decays: corrections come early. It has no counter to keep: all follows from when the article came out and
when it was last looked at, so a pause of the crawler merges the looks that it missed into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

PLAN: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
AFTER_REVISION: Final = timedelta(hours=6)  # one correction is often followed by another
_EARLY: Final = 0.9  # a look at this part of a step's time was the step: cron starts when it can


@dataclass(frozen=True, slots=True)
class Looks:
    """What is known of one article. ``start``: publication where it is known to the minute, else the first fetch.

    ``last`` is the last completed look, at first the first fetch; ``revised`` the times at which a look found it
    changed, in order.
    """

    start: datetime
    last: datetime
    revised: tuple[datetime, ...] = ()


def next_recheck(looks: Looks, now: datetime, plan: Sequence[timedelta] = PLAN) -> datetime | None:
    """The next look, or None when all are done; what is overdue is due ``now``.

    A step that lay before the first fetch is done by it, so what a back-fill brings home from years ago is not
    looked at again. A look that found a revision earns one more, ``AFTER_REVISION`` later.
    """
    due = [looks.start + step for step in plan if looks.last < looks.start + step * _EARLY]
    if looks.revised and looks.revised[-1] >= looks.last:
        due.append(looks.last + AFTER_REVISION)
    return max(now, min(due)) if due else None


@dataclass(frozen=True, slots=True)
class Budget:
    """How many looks a source may cost: in one run, so that it ends, and in any 24 hours, so that a site is spared.

    The youngest articles go first, for there a correction is most likely. What is left out stays due, and falls to the
    later steps of its plan, never out of it.
    """

    per_run: int = 60
    per_day: int = 600

    def left(self, spent_today: int) -> int:
        return max(0, min(self.per_run, self.per_day - spent_today))
