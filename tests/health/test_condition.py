"""Health over many runs: down after two bad ones, up after one good, one alert a cause and one when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.health.condition import Health, advance, counts, silent_since, voice
from crawler.health.traits import Finding
from crawler.models import SourceReport
from crawler.schedule.rhythm import Rhythm, learn

MONDAY = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
OK = SourceReport("cs", saved=1)
QUIET = SourceReport("cs")
FETCH = SourceReport("cs", "failing", "fetch", "HTTP 500")
LIST = SourceReport("cs", "degraded", "list", "no article found")
DORMANT = SourceReport("cs", "dormant", reason="silent since 2024-12")


def play(*reports: SourceReport) -> tuple[list[str], list[str]]:
    """The state after each run, and what was told."""
    health, states, told = Health("cs"), [], []
    for number, report in enumerate(reports):
        bad = voice(report, (), "")
        health, alert = advance(health, report, bad, f"2026-03-02T{number:02}:00:00+00:00")
        states.append(health.state)
        told += [f"{alert.state} {alert.stage}".strip()] if alert else []
    return states, told


@pytest.mark.parametrize(
    ("reports", "states", "told"),
    [
        ((OK, OK), ["well", "well"], []),
        ((OK, FETCH, OK), ["well", "well", "well"], []),
        ((OK, FETCH, FETCH), ["well", "well", "failing"], ["failing fetch"]),
        ((FETCH, FETCH, FETCH, FETCH), ["well", "failing", "failing", "failing"], ["failing fetch"]),
        ((FETCH, FETCH, QUIET), ["well", "failing", "well"], ["failing fetch", "well"]),
        ((FETCH, OK, FETCH, OK, FETCH), ["well"] * 5, []),
        ((LIST, LIST, FETCH), ["well", "degraded", "failing"], ["degraded list", "failing fetch"]),
        ((FETCH, FETCH, OK, FETCH, FETCH), ["well", "failing", "well", "well", "failing"], ["failing fetch", "well", "failing fetch"]),
        ((DORMANT, DORMANT), ["dormant", "dormant"], []),
        ((DORMANT, OK), ["dormant", "well"], ["well"]),
    ],
    ids=lambda value: " ".join(getattr(each, "verdict", str(each)) for each in value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_G8_states_and_alerts(reports: tuple[SourceReport, ...], states: list[str], told: list[str]) -> None:
    assert play(*reports) == (states, told)


def test_it_knows_since_when_and_when_it_was_last_well() -> None:
    health = Health("cs")
    for number, report in enumerate((OK, FETCH, FETCH, FETCH)):
        health, _ = advance(health, report, voice(report, (), ""), f"day {number}")
    assert (health.since, health.last_good, health.last_new, health.bad) == ("day 1", "day 0", "day 0", 3)


@pytest.mark.parametrize("reason", ["stopped early: interrupted", "no source reachable (dns): is the network down?"])
def test_a_run_that_saw_nothing_says_nothing(reason: str) -> None:
    assert not counts(SourceReport("cs", "degraded", "", reason))
    assert not counts(SourceReport("cs", "skipped"))
    assert counts(FETCH)


def test_silence_and_changed_articles_are_bad_though_the_run_was_ok() -> None:
    assert voice(QUIET, (), "nothing new") == Finding("list", "nothing new")
    assert voice(OK, (Finding("field", "no dates"),), "") == Finding("field", "no dates")
    assert voice(OK, (), "") is None


def watched(days: int, a_day: int) -> tuple[Rhythm, datetime]:
    """A rhythm after so many days of polls every two hours; items come from nine to eighteen on working days."""
    rhythm, at = Rhythm(), MONDAY
    for _ in range(days * 12):
        at += timedelta(hours=2)
        new = a_day // 5 if at.weekday() < 5 and 9 < at.hour <= 19 else 0
        rhythm = learn(rhythm, at, new, ZoneInfo("Asia/Shanghai"))
    return rhythm, at


class TestSilence:
    def silent(self, rhythm: Rhythm, last: datetime, now: datetime) -> str:
        return silent_since(Health("cs", last_new=last.astimezone(UTC).isoformat()), rhythm, now, "Asia/Shanghai")

    def test_G1_a_busy_source_is_named_the_same_day(self) -> None:
        rhythm, _ = watched(28, 60)
        monday = MONDAY + timedelta(days=28)
        assert self.silent(rhythm, monday, monday + timedelta(minutes=20)) == ""
        assert "were expected" in self.silent(rhythm, monday, monday + timedelta(hours=10))

    def test_a_weekend_is_no_silence(self) -> None:
        rhythm, _ = watched(28, 30)
        friday = MONDAY + timedelta(days=25, hours=10)
        assert self.silent(rhythm, friday, friday + timedelta(hours=60)) == ""

    def test_a_source_of_short_past_is_given_two_weeks(self) -> None:
        assert self.silent(Rhythm(), MONDAY, MONDAY + timedelta(days=13)) == ""
        assert self.silent(Rhythm(), MONDAY, MONDAY + timedelta(days=15)) == "nothing new since 2026-03-02"

    def test_nothing_is_said_of_a_source_that_never_had_anything(self) -> None:
        assert silent_since(Health("cs"), Rhythm(), MONDAY + timedelta(days=90), "Asia/Shanghai") == ""
