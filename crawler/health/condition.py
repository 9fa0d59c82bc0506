"""How a source fares over many runs: down after two bad ones, up after one good, one alert a cause. Pure.

Each run's own verdict (``verdict``) is one voice in it; silence and changed articles (``traits``) are others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.health.traits import Finding
from crawler.models import OUTAGE, SourceReport
from crawler.schedule.expected import MIN_SEEN, silence
from crawler.schedule.rhythm import Rhythm

State = Literal["well", "degraded", "failing", "dormant"]
DOWN_AFTER = 2  # bad runs in a row (reliability row G8)
# Of a source whose past is too short, or too thin, for a statistic: so long, or five times its usual pause (row G1).
LONGEST_SILENCE = timedelta(days=14)
PAUSES = 5
STOPPED = "stopped early"  # begins the reason of a run that was cut short: it says nothing of the source


@dataclass(frozen=True, slots=True)
class Health:
    """``since`` is when the state began, for a bad one its first bad run; times are ISO 8601 in UTC, "" = never."""

    source: str
    state: State = "well"
    since: str = ""
    stage: str = ""
    cause: str = ""
    bad: int = 0  # bad runs in a row
    first_bad: str = ""
    last_good: str = ""
    last_new: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    source: str
    state: State
    stage: str
    text: str


def voice(report: SourceReport, found: Sequence[Finding], silent: str) -> Finding | None:
    """The worst that is known of one run: what it had, what its articles were like, whether nothing has come for long."""
    if report.verdict in ("degraded", "failing"):
        return Finding(report.stage, report.reason)
    if silent:
        return Finding("list", silent)
    return found[0] if found else None


def counts(report: SourceReport) -> bool:
    """Whether a run says anything of the source: not so one that was left out, cut short, or had no network."""
    return report.verdict != "skipped" and not report.reason.startswith((STOPPED, OUTAGE))


def silent_since(health: Health, rhythm: Rhythm, now: datetime, zone: str) -> str:
    """Why nothing new until ``now``, the end of a run that could see, is no chance; "" while it may be."""
    if not health.last_new:
        return ""
    last = datetime.fromisoformat(health.last_new)
    told = silence(rhythm, last, now, ZoneInfo(zone or "Asia/Shanghai"))
    if told.is_named:
        return told.reason
    pause = timedelta(days=rhythm.level_expected / max(rhythm.level_seen, 1) * 7 / 5)  # working days as calendar days
    is_thin = rhythm.level_seen < MIN_SEEN
    return f"nothing new since {last:%Y-%m-%d}" if is_thin and now - last > max(LONGEST_SILENCE, PAUSES * pause) else ""


def advance(health: Health, report: SourceReport, bad: Finding | None, at: str) -> tuple[Health, Alert | None]:
    """The state after one run that ``counts``, and what is to be told of it, if anything."""
    if report.new or report.saved:  # as `silent_since` asks: also what is only a copy of another source's
        health = replace(health, last_new=at)
    if bad is None:
        return _good(health, report, at)
    first = health.first_bad if health.bad else at
    health = replace(health, bad=health.bad + 1, first_bad=first)
    if health.bad < DOWN_AFTER:
        return health, None
    # The worst of it until it is over: what goes to and fro between two stages is told once.
    state: State = "failing" if "failing" in (report.verdict, health.state) else "degraded"
    is_told = health.state == state
    since = health.since if health.state == state else first
    health = replace(health, state=state, stage=bad.stage, cause=bad.cause, since=since)
    return health, None if is_told else Alert(health.source, state, bad.stage, bad.cause)


def _good(health: Health, report: SourceReport, at: str) -> tuple[Health, Alert | None]:
    state: State = "dormant" if report.verdict == "dormant" else "well"
    cause = report.reason if state == "dormant" else ""
    was, since = health.state, health.since if health.state == state and health.since else at
    health = replace(health, state=state, since=since, stage="", cause=cause, bad=0, first_bad="", last_good=at)
    if was in ("degraded", "failing"):
        return health, Alert(health.source, state, "", "well again" if state == "well" else cause)
    if was == "dormant" and state == "well":
        return health, Alert(health.source, state, "", "it gives articles again")
    return health, None
