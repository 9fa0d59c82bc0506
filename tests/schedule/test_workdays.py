"""Days that everyone in China remembers, and what lies beyond the table."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.schedule.workdays import ARRANGED_UNTIL, DayClass, day_class, horizon

DAYS = [
    ("2026-02-13", DayClass.WORKING),
    ("2026-02-14", DayClass.MAKEUP),  # a Saturday, worked for Spring Festival
    ("2026-02-16", DayClass.HOLIDAY),  # a Monday: New Year's Eve
    ("2026-02-22", DayClass.HOLIDAY),  # a Sunday within the festival
    ("2026-02-28", DayClass.MAKEUP),
    ("2026-03-01", DayClass.WEEKEND),
    ("2025-10-08", DayClass.HOLIDAY),
    ("2025-10-11", DayClass.MAKEUP),
    ("2026-10-01", DayClass.HOLIDAY),
    ("2026-11-21", DayClass.WEEKEND),
    ("2027-02-05", DayClass.HOLIDAY),  # New Year's Eve, by law
    ("2028-10-02", DayClass.WORKING),  # beyond the table: a Monday
    ("2028-10-01", DayClass.WEEKEND),
]


@pytest.mark.parametrize(("day", "expected"), DAYS)
def test_the_class_of_a_day(day: str, expected: DayClass) -> None:
    assert day_class(date.fromisoformat(day)) == expected


@pytest.mark.parametrize(("year", "days_off", "worked"), [(2024, 28, 8), (2025, 28, 5), (2026, 33, 6)])
def test_each_year_has_the_days_of_its_notice(year: int, days_off: int, worked: int) -> None:
    days = [date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())]
    classes = [day_class(day) for day in days]
    assert (classes.count(DayClass.HOLIDAY), classes.count(DayClass.MAKEUP)) == (days_off, worked)


def test_a_day_worked_for_another_lies_on_a_weekend() -> None:
    days = [date.fromordinal(n) for n in range(date(2024, 1, 1).toordinal(), ARRANGED_UNTIL.toordinal())]
    assert {day.weekday() for day in days if day_class(day) is DayClass.MAKEUP} == {5, 6}


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-11-21", ""),
        ("2026-12-15", "调休 working days are known until 2026-12-31, holidays after it only as the law names them"),
        ("2028-01-01", "public holidays are known until 2027-12-31: every day is now taken for its weekday"),
    ],
)
def test_the_end_of_the_table_is_told(today: str, expected: str) -> None:
    assert horizon(date.fromisoformat(today)) == expected
