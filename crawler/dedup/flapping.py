"""A page whose text goes to and fro is no news: told here, so that it is frozen and named. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RETURNS = 2  # times that an earlier text comes back; once may be a correction taken back
MANY, WITHIN = 8, timedelta(days=2)  # revisions: more than any story that is really being written


@dataclass(frozen=True, slots=True)
class Version:
    """One text of an article as it was filed: ``at`` aware, title and fingerprint."""

    at: datetime
    title: str
    fingerprint: str


def flaps(versions: Sequence[Version], new: Version) -> str:
    """Why a new text is not to be taken, "" if it is. ``versions`` are the filed ones, oldest first."""
    told = [(version.title, version.fingerprint) for version in (*versions, new)]
    returns = sum(text in told[:place] and text != told[place - 1] for place, text in enumerate(told) if place)
    if returns >= RETURNS:
        return f"its text has gone back to an earlier one {returns} times"
    late = sum(new.at - version.at < WITHIN for version in versions[1:])
    if late >= MANY:
        return f"revised {late} times within {WITHIN.days} days"
    return ""
