"""The table of rules, a case each, and what holds whatever the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.models import ListKind
from crawler.schedule.due import HINT_CAP, LONGEST, SLACK, Due, ListHistory, Pace, is_due, next_check
from crawler.schedule.hints import ServerHints
from crawler.schedule.rhythm import Rhythm, learn

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MORNING = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)  # Friday, 10:00 in Shanghai
NIGHT = datetime(2026, 3, 19, 15, 30, tzinfo=UTC)  # 23:30
NONE = ServerHints()


def watched(until: datetime, an_hour: int, *, hours: range = range(8, 20), days: int = 21) -> Rhythm:
    """The past of a list that gave so many items in each of these hours, every day, polled hourly until now."""
    rhythm = learn(Rhythm(), until - days * DAY, 0, SHANGHAI)
    at = until - days * DAY
    while at < until:
        at += HOUR
        rhythm = learn(rhythm, at, an_hour if (at - MINUTE).astimezone(SHANGHAI).hour in hours else 0, SHANGHAI)
    return rhythm


def minutes(history: ListHistory, now: datetime, hints: ServerHints = NONE, pace: Pace | None = None) -> float:
    return (next_check("listing", history, hints, now, pace or Pace()).at - now) / MINUTE


BUSY, USUAL, SLOW = (
    ListHistory("https://example.com/", watched(MORNING, n, hours=hours), length=40, pages=True)
    for n, hours in ((60, range(8, 20)), (2, range(8, 20)), (1, range(15, 16)))
)


def test_a_list_that_was_never_looked_at_is_due_at_once() -> None:
    assert next_check("feed", ListHistory("x"), NONE, MORNING, Pace()) == Due(MORNING, "never looked at")


def test_the_busier_the_sooner() -> None:
    waits = [minutes(history, MORNING) for history in (BUSY, USUAL, SLOW)]
    assert waits == sorted(waits)
    assert waits[0] == 5
    assert 12 < waits[1] < 40
    assert waits[2] > 40


def test_a_night_is_slept_through_to_the_first_items_of_the_morning() -> None:
    history, at, looks = ListHistory("x", watched(NIGHT, 6), length=40, pages=True), NIGHT, []
    while at < NIGHT + 10 * HOUR:
        at = next_check("listing", history, NONE, at, Pace()).at
        looks.append(at.astimezone(SHANGHAI).hour)
        history = replace(history, rhythm=learn(history.rhythm, at, 0, SHANGHAI))
    assert len([hour for hour in looks if hour < 8 or hour > 22]) <= 8
    assert 8 in looks


def test_a_holiday_is_quieter_than_a_working_day() -> None:
    rhythm = learn(Rhythm(), datetime(2026, 2, 1, tzinfo=UTC), 0, SHANGHAI)
    at = datetime(2026, 2, 1, tzinfo=UTC)
    while at < datetime(2026, 4, 3, 1, tzinfo=UTC):  # Spring Festival lies within
        at += HOUR
        local = at.astimezone(SHANGHAI)
        works = local.weekday() < 5 and not datetime(2026, 2, 15, tzinfo=SHANGHAI) <= local < datetime(
            2026, 2, 24, tzinfo=SHANGHAI
        )
        rhythm = learn(rhythm, at, 4 if works and 8 < local.hour < 19 else 0, SHANGHAI)
    working = rhythm.mean(at, at + 8 * HOUR, SHANGHAI)  # Friday 2026-04-03, from 09:00
    monday = at + 3 * DAY  # 清明
    assert rhythm.mean(monday, monday + 8 * HOUR, SHANGHAI) < working / 3
    assert rhythm.mean(monday + DAY, monday + DAY + 8 * HOUR, SHANGHAI) > working / 2  # Tuesday


def test_a_list_that_others_fill_is_looked_at_before_it_is_full() -> None:
    rhythm, shared = USUAL.rhythm, USUAL.rhythm
    for n in range(1, 241):
        rhythm = learn(rhythm, MORNING + n * HOUR / 10, n % 5 == 0, SHANGHAI)
        shared = learn(shared, MORNING + n * HOUR / 10, n % 5 == 0, SHANGHAI, rows=30)
    now = MORNING + DAY
    alone, short = (ListHistory("x", past, length=12) for past in (rhythm, shared))
    assert minutes(short, now) < minutes(alone, now)
    assert "its 12 rows fill up by then" in next_check("listing", short, NONE, now, Pace(floor=MINUTE)).reason


def test_a_list_that_nearly_rolled_over_is_looked_at_in_half_the_time() -> None:
    history = replace(SLOW, left=3, stretch=40 * MINUTE)
    assert minutes(history, MORNING) <= 20
    assert next_check("listing", history, NONE, MORNING, Pace()).reason.startswith("only 3 of 40 rows were known")


def test_what_just_happened_counts() -> None:
    burst = replace(USUAL, rhythm=learn(USUAL.rhythm, MORNING + 20 * MINUTE, 12, SHANGHAI))
    calm = replace(USUAL, rhythm=learn(USUAL.rhythm, MORNING + 20 * MINUTE, 0, SHANGHAI))
    assert minutes(burst, MORNING + 20 * MINUTE) < minutes(calm, MORNING + 20 * MINUTE)


def test_an_e_paper_whose_check_costs_more_is_looked_at_less() -> None:
    assert next_check("paper", SLOW, NONE, MORNING, Pace()).at > next_check("listing", SLOW, NONE, MORNING, Pace()).at


@pytest.mark.parametrize(
    ("hints", "wait", "reason"),
    [
        (ServerHints(retry_after=MORNING + 2 * HOUR), 2 * HOUR + SLACK, "Retry-After"),
        (ServerHints(retry_after=MORNING + 90 * DAY), LONGEST, "Retry-After"),
        (ServerHints(fresh_until=MORNING + 50 * MINUTE), 50 * MINUTE, "max-age or Expires"),
        (ServerHints(fresh_until=MORNING + 365 * DAY), HINT_CAP, "max-age or Expires"),
        (ServerHints(feed_until=MORNING + 45 * MINUTE), 45 * MINUTE, "the feed's ttl"),
        (ServerHints(retry_after=MORNING - HOUR), 5 * MINUTE, "at most every 5 min"),
    ],
)
def test_what_the_server_asks(hints: ServerHints, wait: timedelta, reason: str) -> None:
    assert next_check("listing", BUSY, hints, MORNING, Pace()) == Due(MORNING + wait, reason)


@pytest.mark.parametrize(("errors", "wait"), [(1, 10), (2, 20), (3, 40), (6, 320), (7, 360), (10**6, 360)])
def test_errors_back_off_to_the_ceiling_and_no_further(errors: int, wait: int) -> None:
    due = next_check("listing", replace(BUSY, errors=errors), NONE, MORNING, Pace())
    assert due == Due(MORNING + wait * MINUTE, f"{errors} failed in a row")


DORMANT = [
    ("declared", ListHistory("x", USUAL.rhythm, first=MORNING - DAY, last_new=MORNING - DAY), True, "dormant"),
    ("awake again", replace(USUAL, first=MORNING - 90 * DAY, last_new=MORNING - HOUR), True, ""),
    ("quiet for long", replace(USUAL, last_new=MORNING - 61 * DAY), False, "nothing new since 2026-01-18"),
    ("never gave a thing", replace(USUAL, first=MORNING - 61 * DAY), False, "nothing new since 2026-01-18"),
    ("new", replace(USUAL, first=MORNING - HOUR, last_new=MORNING - HOUR), False, ""),
]


@pytest.mark.parametrize(
    ("history", "declared", "reason"), [row[1:] for row in DORMANT], ids=[row[0] for row in DORMANT]
)
def test_dormant_lists_are_looked_at_daily(history: ListHistory, declared: bool, reason: str) -> None:
    due = next_check("listing", history, NONE, MORNING, Pace(is_dormant=declared))
    assert (due.reason == reason and due.at == MORNING + LONGEST) if reason else due.at < MORNING + HOUR


def test_a_dead_list_is_tried_daily() -> None:
    history = replace(USUAL, errors=40)
    due = next_check("listing", history, NONE, MORNING + 15 * DAY, Pace())
    assert due == Due(MORNING + 16 * DAY, "no answer that could be read since 2026-03-20")


def test_what_is_due_within_a_minute_is_due() -> None:
    assert [is_due(MORNING + seconds * timedelta(seconds=1), MORNING) for seconds in (-5, 0, 59, 61)] == [
        True, True, True, False,
    ]  # fmt: skip


# --- whatever the history ----------------------------------------------------

ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
]
KINDS: tuple[ListKind, ...] = get_args(ListKind)
# around changes of the clock in New York and on Lord Howe Island, Spring Festival, the table's end
INSTANTS = st.one_of(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
    *(
        st.datetimes(day, day + 2 * DAY)
        for day in (datetime(2026, 3, 7), datetime(2026, 10, 31), datetime(2026, 4, 4), datetime(2026, 2, 14))  # noqa: DTZ001
    ),
).map(lambda naive: naive.replace(tzinfo=UTC))
SPANS = st.timedeltas(timedelta(0), timedelta(days=90))
HINTS = st.builds(
    lambda now, a, b, c: (now, a, b, c),
    INSTANTS,
    *(st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=400)) for _ in range(3)),
)


@st.composite
def pasts(draw: st.DrawFn) -> tuple[ListHistory, datetime, Pace]:
    zone = draw(st.sampled_from(ZONES))
    at, rhythm = draw(INSTANTS), Rhythm()
    first = at
    for wait, new, complete in draw(
        st.lists(
            st.tuples(st.timedeltas(timedelta(0), timedelta(days=30)), st.integers(0, 500), st.booleans()), max_size=8
        )
    ):
        at += wait
        rhythm = learn(rhythm, at, new, zone, complete=complete)
    floor = draw(st.timedeltas(MINUTE, timedelta(hours=3)))
    pace = Pace(zone, floor, floor + draw(st.timedeltas(timedelta(0), timedelta(hours=20))), draw(st.floats(0.1, 500)))
    length = draw(st.integers(0, 200))
    history = ListHistory(
        draw(st.text(max_size=9)), rhythm, 0, length, draw(st.none() | st.integers(0, length)), draw(st.none() | SPANS),
        draw(st.booleans()), first, draw(st.none() | st.just(at)),
    )  # fmt: skip
    return history, at + draw(SPANS), replace(pace, is_dormant=draw(st.booleans()))


@given(pasts(), st.sampled_from(KINDS), st.integers(0, 50))
def test_the_answer_lies_between_floor_and_longest(
    past: tuple[ListHistory, datetime, Pace], kind: ListKind, errors: int
) -> None:
    history, now, pace = past
    history = replace(history, errors=errors)
    due = next_check(kind, history, NONE, now, pace)
    assert due.at.tzinfo is not None
    assert due.reason
    assert due == next_check(kind, history, NONE, now, pace)
    if due.reason != "never looked at":
        rests = due.reason.startswith(("dormant", "nothing new", "no answer"))
        assert now + pace.floor <= due.at <= now + (LONGEST if rests else pace.ceiling)


@given(pasts(), st.sampled_from(KINDS), st.integers(0, 30))
def test_one_more_error_is_never_sooner(past: tuple[ListHistory, datetime, Pace], kind: ListKind, errors: int) -> None:
    history, now, pace = past
    fewer, more = (next_check(kind, replace(history, errors=errors + n), NONE, now, pace).at for n in (0, 1))
    assert fewer <= more


@given(pasts(), HINTS)
def test_hints_put_off_only_and_retry_after_is_kept(
    past: tuple[ListHistory, datetime, Pace],
    waits: tuple[datetime, timedelta | None, timedelta | None, timedelta | None],
) -> None:
    history, now, pace = past
    retry, fresh, feed = (None if wait is None else now + wait for wait in waits[1:])
    bare = next_check("feed", replace(history, errors=1), NONE, now, pace).at
    due = next_check("feed", replace(history, errors=1), ServerHints(retry, fresh, feed), now, pace).at
    assert bare <= due <= max(bare, now + LONGEST)
    if retry is not None:
        assert due >= min(retry, now + LONGEST)


@given(pasts(), st.sampled_from(ZONES))
def test_another_zone_or_offset_changes_no_bound(past: tuple[ListHistory, datetime, Pace], zone: ZoneInfo) -> None:
    history, now, pace = past
    moved = replace(pace, zone=zone)
    due = next_check("api", replace(history, errors=1), NONE, now, moved)
    assert now + pace.floor <= due.at <= now + LONGEST
    assert due == next_check("api", replace(history, errors=1), NONE, now.astimezone(zone), moved)


@given(pasts(), st.text(max_size=20))
def test_the_address_moves_it_by_a_tenth_at_most(past: tuple[ListHistory, datetime, Pace], address: str) -> None:
    history, now, pace = past
    one = next_check("listing", replace(history, errors=0), NONE, now, pace)
    other = next_check("listing", replace(history, address=address), NONE, now, pace)
    assert abs(other.at - one.at) <= 0.1 * max(one.at - now, other.at - now) / 0.9
