"""What is learnt from polls, and what must not be learnt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.rhythm import MAX_STRETCH, PRIOR_A_DAY, Rhythm, cells, learn

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI)


def polled(rhythm: Rhythm, start: datetime, days: int, step: timedelta, items: dict[int, int]) -> Rhythm:
    """Polls at even steps; each hour of the day gives its items all at once, on the half hour."""
    rhythm, at = learn(rhythm, start, 0, SHANGHAI), start
    while at < start + days * DAY:
        before, at = at, at + step
        moment, new = before.replace(minute=30, second=0, microsecond=0) - HOUR, 0
        while moment < at:
            new += items.get(moment.hour, 0) if before <= moment else 0
            moment += HOUR
        rhythm = learn(rhythm, at, new, SHANGHAI)
    return rhythm


def test_before_anything_is_known_a_list_gives_a_dozen_on_a_working_day() -> None:
    assert Rhythm().mean(MONDAY, MONDAY + DAY, SHANGHAI) == pytest.approx(PRIOR_A_DAY)
    assert Rhythm().mean(MONDAY - DAY, MONDAY, SHANGHAI) == pytest.approx(PRIOR_A_DAY / 3)


@pytest.mark.parametrize("step", [HOUR / 2, HOUR, 5 * HOUR])
def test_the_hours_of_a_list_are_learnt_also_from_long_steps(step: timedelta) -> None:
    rhythm = polled(Rhythm(), MONDAY, 28, step, {9: 10, 15: 4})
    monday = MONDAY + 28 * DAY
    by_hour = [rhythm.mean(monday + n * HOUR, monday + (n + 1) * HOUR, SHANGHAI) for n in range(24)]
    assert by_hour[9] == max(by_hour)
    assert by_hour[9] > 3  # a step of five hours tells no more
    assert by_hour[15] > 1
    assert max(by_hour[hour] for hour in (0, 1, 2, 3, 4, 22, 23)) < 1
    assert sum(by_hour) == pytest.approx(14, rel=0.15)


def test_published_minutes_find_the_hour_at_once() -> None:
    start = learn(Rhythm(), MONDAY, 0, SHANGHAI)
    times = [MONDAY + 9 * HOUR + n * timedelta(minutes=5) for n in range(10)]
    told = learn(start, MONDAY + DAY, 10, SHANGHAI, published=times)
    guessed = learn(start, MONDAY + DAY, 10, SHANGHAI)
    nine = (MONDAY + DAY + 9 * HOUR, MONDAY + DAY + 10 * HOUR, SHANGHAI)
    assert told.mean(*nine) > 3 > guessed.mean(*nine)


def test_a_date_before_the_last_poll_or_in_the_future_is_not_believed() -> None:
    start = learn(Rhythm(), MONDAY, 0, SHANGHAI)
    odd = [MONDAY - 5 * DAY, MONDAY + 9 * DAY]
    assert learn(start, MONDAY + DAY, 2, SHANGHAI, published=odd) == learn(start, MONDAY + DAY, 2, SHANGHAI)


def test_the_first_page_tells_of_the_days_before() -> None:
    times = [MONDAY + 9 * HOUR + n * timedelta(minutes=20) for n in range(20)] + [MONDAY - 300 * DAY]  # one is pinned
    rhythm = learn(Rhythm(), MONDAY + 16 * HOUR, 21, SHANGHAI, published=times)
    assert rhythm.mean(MONDAY + DAY + 11 * HOUR, MONDAY + DAY + 15 * HOUR, SHANGHAI) > 3 * Rhythm().mean(
        MONDAY + DAY + 11 * HOUR, MONDAY + DAY + 15 * HOUR, SHANGHAI
    )


def test_the_first_poll_without_dates_teaches_nothing_but_its_time() -> None:
    assert learn(Rhythm(), MONDAY, 20, SHANGHAI) == Rhythm(until=MONDAY)


def test_a_list_that_rolled_over_does_not_teach_a_low_rate() -> None:
    usual = polled(Rhythm(), MONDAY, 7, HOUR, dict.fromkeys(range(8, 20), 5))
    late = MONDAY + 9 * DAY
    assert learn(usual, late, 20, SHANGHAI, complete=False).items == usual.items
    assert sum(learn(usual, late, 20, SHANGHAI).items) != sum(usual.items)


def test_months_of_pause_count_as_their_last_week() -> None:
    start = learn(Rhythm(), MONDAY, 0, SHANGHAI)
    rhythm = learn(start, MONDAY + 200 * DAY, 0, SHANGHAI)
    assert rhythm == learn(replace(start, until=MONDAY + 200 * DAY - MAX_STRETCH), MONDAY + 200 * DAY, 0, SHANGHAI)


def test_weekdays_depart_from_their_class() -> None:
    rhythm, at = learn(Rhythm(), MONDAY, 0, SHANGHAI), MONDAY
    for _ in range(24 * 56):
        at += HOUR
        rhythm = learn(rhythm, at, 3 if at.weekday() == 0 and 9 <= at.hour < 17 else 0, SHANGHAI)
    days = [rhythm.mean(at + n * DAY, at + (n + 1) * DAY, SHANGHAI) for n in range(7)]  # at is a Monday
    assert days[0] > 4 * days[1]


def test_a_new_life_is_believed_within_weeks() -> None:
    rhythm = polled(Rhythm(), MONDAY, 28, HOUR, {10: 20})
    later = polled(rhythm, MONDAY + 28 * DAY, 28, HOUR, {20: 4})
    ten, twenty = (
        later.mean(MONDAY + 56 * DAY + n * HOUR, MONDAY + 56 * DAY + (n + 1) * HOUR, SHANGHAI) for n in (10, 20)
    )
    assert 1.5 < twenty < 5
    assert ten < 8


def test_bursts_show_in_the_dispersion() -> None:
    even = polled(Rhythm(), MONDAY, 28, HOUR, dict.fromkeys(range(24), 2))
    at, wild = MONDAY, learn(Rhythm(), MONDAY, 0, SHANGHAI)
    for n in range(24 * 28):
        at += HOUR
        wild = learn(wild, at, 20 if n % 10 == 0 else 0, SHANGHAI)
    assert even.dispersion < 3 < wild.dispersion


def test_the_column_is_small_and_tells_all() -> None:
    rhythm = polled(Rhythm(), MONDAY, 14, HOUR, {9: 10, 15: 4})
    assert len(rhythm.to_json()) < 2500
    again = Rhythm.from_json(rhythm.to_json())
    assert again.until == rhythm.until
    assert again.mean(MONDAY, MONDAY + DAY, SHANGHAI) == pytest.approx(
        rhythm.mean(MONDAY, MONDAY + DAY, SHANGHAI), rel=0.01
    )
    assert Rhythm.from_json(again.to_json()) == again


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "7", '{"items": [1, 2]}', '{"until": "soon"}', '{"level_seen": "x"}']
)
def test_a_damaged_column_is_an_empty_past(text: str) -> None:
    assert Rhythm.from_json(text) == Rhythm()


def test_a_clock_that_went_back_teaches_nothing() -> None:
    rhythm = polled(Rhythm(), MONDAY, 2, HOUR, {9: 3})
    assert learn(rhythm, MONDAY, 5, SHANGHAI) == rhythm


def test_hours_follow_the_clock_of_the_source() -> None:
    spring = datetime(2026, 3, 8, 0, 0, tzinfo=NEW_YORK)  # 02:00 to 03:00 does not exist
    assert [cell % 24 for cell, _, _ in cells(spring, spring + DAY, NEW_YORK)][:4] == [0, 1, 3, 4]
    autumn = datetime(2026, 11, 1, 0, 0, tzinfo=NEW_YORK)  # 01:00 to 02:00 comes twice
    assert [cell % 24 for cell, _, _ in cells(autumn, autumn + DAY, NEW_YORK)][:4] == [0, 1, 1, 2]


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
    st.timedeltas(timedelta(0), timedelta(days=9)),
    st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]),
)
def test_cells_cover_a_stretch_once(start: datetime, span: timedelta, zone: ZoneInfo) -> None:
    begin = start.replace(tzinfo=UTC)
    found = list(cells(begin, begin + span, zone))
    assert sum(hours for _, _, hours in found) == pytest.approx(span / HOUR)
    assert all(0 < hours <= 1 and 0 <= cell < 96 and 0 <= weekday < 7 for cell, weekday, hours in found)


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), timedelta(days=40)), st.integers(0, 10**6)), max_size=12))
def test_no_past_breaks_the_sums(polls: list[tuple[timedelta, int]]) -> None:
    rhythm, at = Rhythm(), MONDAY
    for wait, new in polls:
        at += wait
        rhythm = learn(rhythm, at, new, SHANGHAI)
    assert all(each >= 0 for each in (*rhythm.items, *rhythm.watched, rhythm.mean(at, at + DAY, SHANGHAI)))
    assert rhythm.dispersion >= 1
    assert rhythm.momentum() > 0
    assert Rhythm.from_json(rhythm.to_json()).until == rhythm.until
