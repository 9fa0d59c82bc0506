"""When a silence is named, and that a healthy source is left alone."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.expected import (
    UNLIKELY,
    chance_of_none,
    expected,
    items_needed,
    named_by,
    silence,
)  # fmt: skip
from crawler.schedule.rhythm import Rhythm, learn
from crawler.schedule.workdays import DayClass, day_class

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI)


def source(a_working_hour: float, *, burst: int = 1, seed: int = 4, weeks: int = 8) -> tuple[Rhythm, datetime]:
    """Eight weeks of chance, mornings to evenings on working days; gives the past and the time of the last new item."""
    dice, at = random.Random(seed), MONDAY
    rhythm, last_new = learn(Rhythm(), at, 0, SHANGHAI), at
    while at < MONDAY + weeks * 7 * DAY + 10 * HOUR:
        at += HOUR
        new = 0
        if day_class((at - HOUR).date()) in (DayClass.WORKING, DayClass.MAKEUP) and 8 < at.hour <= 20:
            new = sum(dice.random() < a_working_hour / burst / 20 for _ in range(20)) * burst
        rhythm = learn(rhythm, at, new, SHANGHAI)
        last_new = at if new else last_new
    return rhythm, last_new


def test_a_busy_source_is_named_within_a_few_working_hours() -> None:
    rhythm, _ = source(5)
    noon = MONDAY + 56 * DAY + 10 * HOUR
    assert not silence(rhythm, noon, noon + HOUR, SHANGHAI).is_named
    found = silence(rhythm, noon, noon + 4 * HOUR, SHANGHAI)
    assert found.is_named
    assert found.reason.startswith("nothing new since 2026-04-27 10:00 where")


def test_bursts_make_it_patient() -> None:
    noon = MONDAY + 56 * DAY + 10 * HOUR
    calm, wild = (named_by(source(5, burst=burst)[0], noon, SHANGHAI) for burst in (1, 10))
    assert calm is not None
    assert wild is not None
    assert calm < wild


def test_a_weekend_is_no_silence_and_a_holiday_neither() -> None:
    rhythm, _ = source(5)
    friday = datetime(2026, 4, 30, 20, 0, tzinfo=SHANGHAI)  # 1 to 5 May are off
    assert not silence(rhythm, friday, datetime(2026, 5, 6, 7, 0, tzinfo=SHANGHAI), SHANGHAI).is_named
    assert silence(rhythm, friday, datetime(2026, 5, 6, 16, 0, tzinfo=SHANGHAI), SHANGHAI).is_named


@pytest.mark.parametrize("rhythm", [Rhythm(), source(5, weeks=0)[0], source(0)[0]], ids=["new", "a day old", "ceased"])
def test_without_a_past_nothing_is_named(rhythm: Rhythm) -> None:
    assert not silence(rhythm, MONDAY, MONDAY + 300 * DAY, SHANGHAI).is_named


def test_a_silence_is_named_before_its_window_ends() -> None:
    rhythm, last_new = source(2, burst=2)
    by = named_by(rhythm, last_new, SHANGHAI)
    assert by is not None
    assert silence(rhythm, last_new, by, SHANGHAI).chance == pytest.approx(UNLIKELY)
    assert silence(rhythm, last_new, by, SHANGHAI).is_named
    assert not silence(rhythm, last_new, last_new + (by - last_new) / 2, SHANGHAI).is_named


def test_what_a_window_should_give() -> None:
    rhythm, _ = source(5)
    day = MONDAY + 57 * DAY
    working, sunday = (
        expected(rhythm, day, day + DAY, SHANGHAI),
        expected(rhythm, day + 5 * DAY, day + 6 * DAY, SHANGHAI),
    )
    assert working.mean == pytest.approx(60, rel=0.2)
    assert 15 < working.low < 45
    assert sunday.mean < 5
    assert sunday.low == 0


@given(st.floats(0.01, 5000), st.floats(1, 60))
def test_the_tail(mean: float, dispersion: float) -> None:
    assert 0 <= chance_of_none(mean, dispersion) <= 1
    assert chance_of_none(items_needed(dispersion), dispersion) == pytest.approx(UNLIKELY)
    assert chance_of_none(mean, dispersion) >= chance_of_none(mean, 1) * 0.999999
