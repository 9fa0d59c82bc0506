"""What kind of day it is in mainland China: the official public holidays and the 调休 working days that pay for them.

Our own dated table, for the arrangement comes once a year (the State Council Office, in November) and is some thirty
days. No library knew 2027's in November 2026, and a pinned one is as old as its lock: chinesecalendar 1.11 (MIT) ends
with 2026, holidays 0.108 (MIT, 4.8 MB) has next year's statutory days only. Ours agrees with both where they speak.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class DayClass(StrEnum):
    WORKING = "working day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "调休 working day"  # a Saturday or Sunday that is worked


ARRANGED_UNTIL: Final = date(2026, 12, 31)  # the last day of which the arrangement was known when this was written
STATUTORY_UNTIL: Final = date(2027, 12, 31)  # until here the days that the law itself names, without any 调休

# 国务院办公厅关于2024年/2025年/2026年部分节假日安排的通知: first and last day off, and the weekend days worked
_OFF: Final = (
    ("2024-01-01", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"), ("2024-06-10", "2024-06-10"), ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
    # 全国年节及纪念日放假办法 (2024-11): the statutory days alone; the arrangement for 2027 was not out
    ("2027-01-01", "2027-01-01"), ("2027-02-05", "2027-02-08"), ("2027-04-05", "2027-04-05"),
    ("2027-05-01", "2027-05-02"), ("2027-06-09", "2027-06-09"), ("2027-09-15", "2027-09-15"),
    ("2027-10-01", "2027-10-03"),
)  # fmt: skip
_WORKED: Final = (
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)  # fmt: skip


def _table() -> dict[date, DayClass]:
    days = {date.fromisoformat(day): DayClass.MAKEUP for day in _WORKED}
    for first, last in _OFF:
        day, end = date.fromisoformat(first), date.fromisoformat(last)
        while day <= end:
            days[day] = DayClass.HOLIDAY
            day += timedelta(days=1)
    return days


_KNOWN: Final = _table()


def day_class(day: date) -> DayClass:
    """The class of a civil day; outside the table it is told from the weekday alone."""
    return _KNOWN.get(day) or (DayClass.WEEKEND if day.weekday() > 4 else DayClass.WORKING)


def horizon(today: date) -> str:
    """What to say of the table's end, "" while this year's and next month's arrangement are known."""
    if today + timedelta(days=31) <= ARRANGED_UNTIL:
        return ""
    if today <= STATUTORY_UNTIL:
        return f"调休 working days are known until {ARRANGED_UNTIL}, holidays after it only as the law names them"
    return f"public holidays are known until {STATUTORY_UNTIL}: every day is now taken for its weekday"
