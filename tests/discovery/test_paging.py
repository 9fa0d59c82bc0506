"""How far a walk through a list goes: the stop rule case by case, then a simulated list."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.paging import MAX_PAGES, MAX_PINNED, arrived, covers, gap_of, is_exhausted, overlaps
from crawler.models import Candidate, Gap, Moment, Precision

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 8, 3, 12, 0, tzinfo=ZONE)


def moment(when: str) -> Moment | None:
    """ "03" is a day of August 2026, "03 12:30" a minute, "" nothing."""
    if not when:
        return None
    if ":" not in when:
        return Moment(datetime(2026, 8, int(when), tzinfo=ZONE), Precision.DAY)
    return Moment(datetime.strptime(f"2026-08-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE), Precision.MINUTE)


def rows(text: str) -> list[Candidate]:
    """ "k1@03 12:30, u1" -> candidates; k… were shown last time, u… were not."""
    return [
        Candidate("s", key, f"https://a.cn/{key}", published=moment(when))
        for key, _, when in (item.strip().partition("@") for item in text.split(",") if item.strip())
    ]


SHOWN = {f"k{n}": None for n in range(1, 30)}


@pytest.mark.parametrize(
    ("case", "page", "seen", "expected"),
    [
        ("nothing known yet below new ones", "u1@03 12:30, u2@03 12:20", "", False),
        ("new, then known", "u1@03 12:30, k1@03 12:20", "", True),
        ("only known", "k1@03 12:30, k2@03 12:20", "", True),
        ("only known, no dates", "k1, k2, k3", "", True),
        ("empty", "", "", False),
        ("pinned above new ones", "k1@01 09:00, u1@03 12:30, u2@03 12:20", "", False),
        ("pinned above new and known ones", "k1@01 09:00, u1@03 12:30, k2@03 12:20", "", True),
        ("pinned by a few minutes", "k1@03 12:00, u1@03 12:30, u2@03 12:01", "", False),
        ("six pinned, with dates", "k1@01, k2@01, k3@01, k4@01, k5@01, k6@01, u1@03", "", False),
        ("pinned in the middle", "u1@03 12:30, k1@01 09:00, u2@03 12:20", "", False),
        ("a deletion pulls an old one up", "k1@03 12:30, k2@03 12:20, u1@03 08:00", "", True),
        ("the same with days only", "k1@03, k2@03, k3@03, k4@02, u1@01", "", True),
        ("one known newest, the rest older and unseen", "k1@03 12:30, u1@02 08:00, u2@02 07:00", "", True),
        ("a late one, dated back", "u1@03 12:30, k1@03 12:20, u2@01 08:00, k2@03 12:10", "", True),
        ("the same day tells nothing: pinned", "k1@03, u1@03, u2@03", "", False),
        ("the same day, six known first", "k1@03, k2@03, k3@03, k4@03, k5@03, k6@03, u1@03", "", True),
        ("a day against a minute: same day", "k1@03, u1@03 12:30", "", False),
        ("a day against a minute: day before", "k1@02, u1@03 12:30", "", False),
        ("a day against a minute: day after", "k1@03, u1@02 12:30", "", True),
        ("no dates, five known first", "k1, k2, k3, k4, k5, u1, u2", "", False),
        ("no dates, six known first", "k1, k2, k3, k4, k5, k6, u1, u2", "", True),
        ("no dates, known further down", "k1, u1, k2, u2", "", True),
        ("seen on an earlier page does not count", "k1@03 12:30, u2@03 12:20", "k1 u1", False),
        ("seen ones pushed down, then known", "u1@03 12:30, k2@03 12:20", "u1", True),
        ("later pages have no pinned rows", "k1, u9", "u1 u2", True),
        ("the pager repeats itself", "u1@03 12:30, k1@03 12:20", "u1 k1", False),
    ],
)  # fmt: skip
def test_overlaps(case: str, page: str, seen: str, expected: bool) -> None:
    assert overlaps(rows(page), SHOWN, set(seen.split())) is expected, case


def test_the_date_shown_last_stands_in_for_a_missing_one() -> None:
    page = rows("k1, u1@03 12:30")
    assert overlaps(page, {"k1": moment("04 09:00")}, ()) is True
    assert overlaps(page, {"k1": moment("01 09:00")}, ()) is False


def test_a_first_run_takes_its_first_page() -> None:
    assert overlaps(rows("u1@03 12:30, u2@03 12:20"), {}, ()) is True


@pytest.mark.parametrize(
    ("page", "seen", "expected"),
    [("", "", True), ("u1, k1", "u1 k1", True), ("u1, u2", "u1", False), ("u1", "", False)],
)
def test_exhausted(page: str, seen: str, expected: bool) -> None:
    assert is_exhausted(rows(page), set(seen.split())) is expected


@pytest.mark.parametrize(
    ("shown", "now", "since", "until"),
    [
        ("k1@01 09:00, k2@01 08:00", "u1@03, u2@02", "2026-08-01T09:00+08:00", "2026-08-02"),
        ("k1@01", "u1@03 12:30, u2@02 10:00", "2026-08-01", "2026-08-02T10:00+08:00"),
        ("k1@01, k2@01", "u1@03, u2@02", "2026-08-01", "2026-08-02"),
        ("k1@01", "k1@01, u1@03, u2@02", "2026-08-01", "2026-08-02"),  # pinned: no news about the gap
        ("k1@02", "u1@03, u2@01", "2026-08-02", "2026-08-03"),  # older than what was shown: neither
        ("k1, k2@01", "u1, u2@02", "2026-08-01", "2026-08-02"),
        ("k1", "u1", "", ""),
        ("k1@01", "", "2026-08-01", ""),
    ],
)  # fmt: skip
def test_gap(shown: str, now: str, since: str, until: str) -> None:
    shown_last = {row.key: row.published for row in rows(shown)}
    assert gap_of("https://a.cn/list", shown_last, rows(now)) == Gap("https://a.cn/list", since, until)


# --- a simulated list -----------------------------------------------------------


def show(item: int, precision: Precision | None) -> Candidate:
    at = NOON + timedelta(minutes=7 * item)
    if precision is Precision.DAY:
        at = at.replace(hour=0, minute=0)
    date = Moment(at, precision) if precision else None
    return Candidate("s", f"i{item}", f"https://a.cn/{item}", published=date)


def page_of(items: list[int], pinned: list[int], size: int, number: int, on_all: bool) -> list[int]:
    """Page ``number`` of the items, newest first; pinned ones stand on top of the first or of every page."""
    if on_all:
        room = size - len(pinned)
        return pinned + items[number * room : (number + 1) * room]
    line = pinned + items
    return list(dict.fromkeys(line[number * size : (number + 1) * size]))


@given(
    published=st.integers(0, 60),
    pinned=st.integers(0, MAX_PINNED),
    size=st.integers(12, 30),
    deleted=st.integers(0, 3),
    on_all=st.booleans(),
    precision=st.sampled_from([Precision.MINUTE, Precision.DAY, None]),
)
def test_a_walk_collects_everything_and_stops(
    published: int, pinned: int, size: int, deleted: int, on_all: bool, precision: Precision | None
) -> None:
    old = list(range(400))[::-1]
    tops = old[60 : 60 + pinned]  # pinned are older than anything on the first pages
    shown_last = {row.key: row.published for row in (show(i, precision) for i in page_of(old, tops, size, 0, on_all))}
    new = list(range(400, 400 + published))[::-1]
    now = [item for item in new + old if item not in old[1 : 1 + deleted]]

    seen: dict[str, Candidate] = {}
    for number in range(MAX_PAGES):
        page = [show(i, precision) for i in page_of(now, tops, size, number, on_all)]
        complete = overlaps(page, shown_last, seen)
        seen.update((row.key, row) for row in page)
        if complete:
            break
    else:
        raise AssertionError("no overlap in ten pages")
    assert {f"i{item}" for item in new} <= seen.keys()
    newest_known_left = next(item for item in old if f"i{item}" in shown_last and item in now and item not in tops)
    room = size - pinned if on_all else size
    place = now.index(newest_known_left) + (0 if on_all else pinned)
    assert number <= place // room


# --- what has come, and what a walk back has passed ------------------------------------------


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("u1@03 12:30, u2@03 12:20, k1@03 12:00", "u1 u2"),
        ("u1@03 12:30, k1@03 12:00, u2@03 11:50", "u1"),  # below: it has moved up
        ("u1@03, k1@03 12:00, u2@02", "u1"),
        ("u1, u2, k1", "u1 u2"),
        ("k1, k2, k3, k4, k5, u1, k6, u2", "u1"),  # up to five pinned ones
        ("k1@03 12:00, k2@03 11:00", ""),
        ("", ""),
    ],
)
def test_what_has_come_since_last_time(page: str, expected: str) -> None:
    shown = SHOWN | {"k1": moment("03 12:00")}
    assert [row.key for row in arrived(rows(page), shown)] == expected.split()


def test_at_first_everything_has_come() -> None:
    assert [row.key for row in arrived(rows("u1@03, u2"), {})] == ["u1", "u2"]


@pytest.mark.parametrize(
    ("page", "since", "seen", "expected"),
    [
        ("u1@03, u2@02", "2026-08-01", "", False),
        ("u1@03, k1@01", "2026-08-01", "", True),  # what the list had shown before
        ("k1@01, u1@03", "2026-08-01", "", False),  # pinned
        ("u1@01, u2@01", "2026-08-01", "", False),  # of the same day: there may be more of it
        ("u1@01, u2@01", "2026-08-02", "", True),
        ("u1@03, u2@01", "2026-08-02", "u1", True),  # the first one stands on every page
        ("u1@01, u2", "2026-08-02", "", False),
        ("u1@01, u2@01", "", "", False),
        ("k1, k2", "", "", True),
        ("", "2026-08-02", "", False),
    ],
)
def test_a_walk_back_has_passed_a_gap(page: str, since: str, seen: str, expected: bool) -> None:
    assert covers(rows(page), Gap("list", since, ""), SHOWN, set(seen.split())) is expected
