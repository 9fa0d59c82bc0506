"""The decaying plan of looks, what earns another, and what they may cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.recheck import PLAN, Budget, Looks, next_recheck

OUT = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)


def after(**time: float) -> datetime:
    return OUT + timedelta(**time)


NEXT = [
    ("just fetched", Looks(OUT, after(minutes=5)), after(minutes=5), after(hours=1)),
    ("the first look is done", Looks(OUT, after(hours=1)), after(hours=1), after(hours=6)),
    ("cron was a little early", Looks(OUT, after(minutes=58)), after(minutes=58), after(hours=6)),
    ("looked at by hand in between", Looks(OUT, after(minutes=30)), after(minutes=31), after(hours=1)),
    ("missed steps are one look", Looks(OUT, after(minutes=5)), after(days=3), after(days=3)),
    ("and then the plan goes on", Looks(OUT, after(days=3)), after(days=3), after(days=7)),
    ("all done", Looks(OUT, after(days=7)), after(days=7), None),
    ("a back-fill of old things", Looks(OUT, after(days=900)), after(days=900), None),
    ("revised: one more", Looks(OUT, after(days=1), (after(days=1),)), after(days=1), after(days=1, hours=6)),
    ("revised at the last look", Looks(OUT, after(days=7), (after(days=7),)), after(days=7), after(days=7, hours=6)),
    ("that one found nothing", Looks(OUT, after(days=7, hours=6), (after(days=7),)), after(days=8), None),
    (
        "revised early: the plan is sooner",
        Looks(OUT, after(hours=1), (after(hours=1),)),
        after(hours=1),
        after(hours=6),
    ),
]


@pytest.mark.parametrize(("looks", "now", "expected"), [case[1:] for case in NEXT], ids=[case[0] for case in NEXT])
def test_the_next_look(looks: Looks, now: datetime, expected: datetime | None) -> None:
    assert next_recheck(looks, now) == expected


@given(st.lists(st.floats(0, 40 * 24 * 60), max_size=20), st.booleans())
def test_an_article_that_does_not_change_is_looked_at_four_times_at_most(delays: list[float], late: bool) -> None:
    looks, taken = Looks(OUT, OUT), 0
    for delay in [*delays, 0, 0, 0, 0, 0]:
        due = next_recheck(looks, looks.last)
        if due is None:
            break
        assert due >= looks.last
        looks, taken = Looks(OUT, due + timedelta(minutes=delay) * late), taken + 1
    assert taken <= len(PLAN)


@pytest.mark.parametrize(("spent", "expected"), [(0, 60), (570, 30), (600, 0), (900, 0)])
def test_the_budget(spent: int, expected: int) -> None:
    assert Budget().left(spent) == expected
