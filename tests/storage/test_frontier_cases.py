"""Debts in the order and at the time in which they are paid: lines that a mutation run found unguarded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from conftest import NOW
from in_memory import tmp_path as tmp_path

from crawler.models import Candidate, Moment, Precision
from crawler.storage.frontier import BACKOFF, State
from crawler.storage.library import Library

Open = Callable[..., Library]
HOUR = timedelta(hours=1)


def candidate(key: str, source: str = "cs") -> Candidate:
    return Candidate(source, key, f"https://www.cs.com.cn/{key}.html")


def owe(library: Library, found: datetime, *candidates: Candidate) -> None:
    with library.index.transaction() as connection:
        library.frontier.owe(connection, candidates, found)


def due(library: Library, now: datetime, limit: int = -1) -> list[str]:
    return [each.key for each in library.frontier.due("cs", "UTC", now, limit=limit)]


def row(library: Library, key: str) -> tuple[object, ...]:
    [found] = library.index.rows("SELECT state, tries, due, reason FROM frontier WHERE key = ?", (key,))
    return found


def test_never_tried_ones_first_then_the_newest(open_library: Open) -> None:
    library = open_library()
    owe(library, NOW - 2 * HOUR, candidate("1"), candidate("2"))
    owe(library, NOW - HOUR, candidate("3"))
    owe(library, NOW - HOUR, candidate("9", "zqrb"))
    library.frontier.put_off(candidate("4"), "HTTP 500", NOW - 2 * HOUR)
    assert due(library, NOW) == ["3", "2", "1", "4"]
    assert due(library, NOW, limit=2) == ["3", "2"]
    assert due(library, NOW, limit=0) == []


def test_a_debt_is_due_at_its_very_moment(open_library: Open) -> None:
    library = open_library()
    library.frontier.put_off(candidate("1"), "HTTP 500", NOW)
    assert due(library, NOW + HOUR - timedelta(microseconds=1)) == []
    assert due(library, NOW + HOUR) == ["1"]


def test_seen_again_it_is_the_same_debt(open_library: Open) -> None:
    library = open_library()
    library.frontier.put_off(candidate("1"), "HTTP 500", NOW)
    before = row(library, "1")
    owe(library, NOW + HOUR, candidate("1"))
    assert row(library, "1") == before == ("owed", 1, (NOW + HOUR).isoformat(), "HTTP 500")


@pytest.mark.parametrize(
    ("counts", "tries_before", "until", "expected"),
    [
        (True, 0, None, HOUR),
        (True, 1, None, 6 * HOUR),
        (True, 2, None, 24 * HOUR),
        (True, 3, None, 72 * HOUR),
        (True, 0, 2 * HOUR, 2 * HOUR),  # the server wants us to wait longer
        (True, 1, 2 * HOUR, 6 * HOUR),  # shorter than our own waiting: not used
        (False, 0, None, HOUR),
        (False, 4, None, 72 * HOUR),
    ],
)
def test_how_long_a_debt_is_put_off(
    open_library: Open, counts: bool, tries_before: int, until: timedelta | None, expected: timedelta
) -> None:
    library = open_library()
    for _ in range(tries_before):
        library.frontier.put_off(candidate("1"), "HTTP 500", NOW)
    asked = NOW + until if until else None
    assert library.frontier.put_off(candidate("1"), "HTTP 503", NOW, until=asked, counts=counts) == "owed"
    assert row(library, "1") == ("owed", tries_before + counts, (NOW + expected).isoformat(), "HTTP 503")


@pytest.mark.parametrize("state", ["owed", "quarantined"])
def test_given_up_after_the_fifth_try_in_any_state(open_library: Open, state: State) -> None:
    library = open_library()
    for _ in BACKOFF:
        assert library.frontier.put_off(candidate("1"), "HTTP 500", NOW, state=state) == state
    assert library.frontier.put_off(candidate("1"), "HTTP 500", NOW, state=state) == "given-up"
    assert row(library, "1")[:2] == ("given-up", 5)


STATES: list[tuple[State, int]] = [("owed", 1), ("quarantined", 1), ("rejected", 0), ("gone", 0), ("given-up", 0)]


@pytest.mark.parametrize(("state", "open_ones"), STATES)
def test_what_is_still_to_come(open_library: Open, state: State, open_ones: int) -> None:
    library = open_library()
    owe(library, NOW, candidate("2", "zqrb"))
    library.frontier.put_off(candidate("1"), "a stub", NOW, state=state)
    assert library.frontier.owed("cs") == open_ones
    assert len(due(library, NOW + 99 * HOUR)) == open_ones


def test_what_is_closed_is_remembered_and_leaves_the_others_alone(open_library: Open) -> None:
    library = open_library()
    owe(library, NOW, candidate("1"), candidate("2"), candidate("1", "zqrb"))
    library.frontier.close(candidate("1"), "HTTP 404", NOW, "gone")
    library.frontier.close(candidate("3"), "HTTP 410", NOW, "gone")  # never owed before
    assert row(library, "3") == ("gone", 1, NOW.isoformat(), "HTTP 410")
    assert due(library, NOW) == ["2"]
    assert library.frontier.owed("zqrb") == 1
    states = library.index.rows("SELECT source, key, state, tries FROM frontier ORDER BY source, key")
    assert states == [("cs", "1", "gone", 1), ("cs", "2", "owed", 0), ("cs", "3", "gone", 1), ("zqrb", "1", "owed", 0)]


def test_learning_and_putting_off_touch_one_debt(open_library: Open) -> None:
    library = open_library()
    owe(library, NOW, candidate("1"), candidate("2"), candidate("1", "zqrb"))
    told = Candidate(
        "cs", "1", "https://www.cs.com.cn/1.html", published=Moment(NOW.astimezone(UTC), Precision.MINUTE, "page")
    )
    library.frontier.learn(told)
    library.frontier.put_off(told, "HTTP 500", NOW)
    assert library.frontier.due("cs", "UTC", NOW) == [candidate("2")]
    assert library.frontier.due("zqrb", "UTC", NOW) == [candidate("1", "zqrb")]
    assert library.frontier.due("cs", "UTC", NOW + HOUR) == [candidate("2"), told]


def test_the_tries_of_another_sources_debt_do_not_count(open_library: Open) -> None:
    library = open_library()
    for _ in range(3):
        library.frontier.put_off(candidate("1"), "HTTP 500", NOW)
    library.frontier.put_off(candidate("1", "zqrb"), "HTTP 500", NOW)
    library.frontier.put_off(candidate("2"), "HTTP 500", NOW)
    dues = library.index.rows("SELECT source, key, tries, due FROM frontier ORDER BY source, key")
    later = (NOW + HOUR).isoformat()
    assert dues == [("cs", "1", 3, (NOW + 24 * HOUR).isoformat()), ("cs", "2", 1, later), ("zqrb", "1", 1, later)]
