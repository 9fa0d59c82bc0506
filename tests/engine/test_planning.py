"""From a poll that has ended to the list's row: what is learnt, what the server asked for, when it is due."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.engine.handlers import FETCHED
from crawler.engine.planning import hints_of, plan_of
from crawler.engine.walk import Walk
from crawler.models import Candidate, Gap, ListPage, ListReading, Moment, Precision, Source
from crawler.schedule.rhythm import Rhythm
from crawler.storage.lists import KnownList, Plan, Validators

NOON = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)  # of a Tuesday in Beijing: by habit, something is due soon
LIST = ListPage("https://news.example/news/", "要闻")
FEED = ListPage("https://news.example/feed", kind="feed")
UNPLANNED = Plan()
SOURCE = Source("one", "示例日报", "https://news.example/", ("news.example",), "archive", lists=(LIST,), every=60.0)


def rows(*numbers: int, minutes: int = 10) -> tuple[Candidate, ...]:
    """One every ten minutes, the highest number last."""
    start = NOON - timedelta(days=1)
    return tuple(
        Candidate(
            "one", f"{number}", f"https://news.example/a/{number}.html",
            published=Moment(start + timedelta(minutes=minutes * number), Precision.MINUTE, "list"),
        )
        for number in numbers
    )  # fmt: skip


def known(*numbers: int, plan: Plan = UNPLANNED, errors: int = 0) -> KnownList:
    shown = {row.key: row.published for row in rows(*numbers)}
    return KnownList(1, 1 if numbers else 0, Validators(), shown, errors, plan)


def walked(before: KnownList, *shown: int, entry: ListPage = LIST, at: datetime = NOON, **changes: object) -> Walk:
    walk = Walk(entry, before, at=at)
    walk.take(ListReading(rows(*shown)).candidates)
    walk.found_new = True
    walk.fresh = set(walk.shown) - set(before.shown_last)
    for name, value in changes.items():
        setattr(walk, name, value)
    return walk


def unchanged(
    before: KnownList, *, entry: ListPage = LIST, at: datetime = NOON, headers: dict[str, str] | None = None
) -> Walk:
    walk = Walk(entry, before, at=at, is_unchanged=True)
    walk.hints = hints_of(answer(headers or {}, at=at, status=304), entry.kind)
    return walk


def answer(headers: dict[str, str], *, body: bytes = b"", at: datetime = NOON, status: int = 200) -> Response:
    response = Response("https://news.example/feed", status=status, headers=headers, body=body)
    response.request = Request(response.url, meta={FETCHED: at})
    return response


def planned(walk: Walk, *, completed: bool = True, source: Source = SOURCE) -> tuple[timedelta, str]:
    assert walk.at is not None
    plan = plan_of(walk, source, NOON - timedelta(days=30), walk.at, completed=completed)
    assert plan.due is not None
    return plan.due - walk.at, plan.reason


BUSY = plan_of(
    walked(known(), *range(140, 20, -1)), SOURCE, None, NOON, completed=True
)  # one every ten minutes, a day long
LATER = NOON + timedelta(minutes=30)


def test_a_first_poll_learns_from_the_dates_on_the_page() -> None:
    assert BUSY.length == 120
    assert Rhythm.from_json(BUSY.rhythm).rate(9, 1) > 2 > Rhythm().rate(9, 1)  # an hour of Tuesday morning


@pytest.mark.parametrize(
    ("headers", "entry", "body", "expected"),
    [
        ({}, LIST, b"", (0, 30, "")),
        ({"Cache-Control": "max-age=2400"}, LIST, b"", (40, 40, "max-age or Expires")),
        ({"Cache-Control": "max-age=2400", "Age": "600"}, LIST, b"", (30, 30, "max-age or Expires")),
        ({"Cache-Control": "max-age=86400"}, LIST, b"", (60, 60, "max-age or Expires")),
        ({"Cache-Control": "no-cache, max-age=2400"}, LIST, b"", (0, 30, "")),
        ({"Expires": "Tue, 17 Nov 2026 04:50:00 GMT"}, LIST, b"", (50, 50, "max-age or Expires")),
        ({"Expires": "0"}, LIST, b"", (0, 30, "")),
        ({}, FEED, b"<rss><channel><ttl>45</ttl>", (45, 45, "the feed's ttl")),
        ({}, FEED, b"<sy:updatePeriod>hourly</sy:updatePeriod>", (60, 60, "the feed's ttl")),
        ({}, LIST, b"<rss><channel><ttl>45</ttl>", (0, 30, "")),  # no feed: any text may say so
    ],
)
def test_what_a_server_says(
    headers: dict[str, str], entry: ListPage, body: bytes, expected: tuple[int, int, str]
) -> None:
    walk = walked(known(*range(140, 20, -1), plan=BUSY), *range(141, 21, -1), entry=entry)
    walk.hints = hints_of(answer(headers, body=body), entry.kind)
    wait, reason = planned(walk)
    least, most, why = expected
    asked = reason if reason in ("max-age or Expires", "the feed's ttl") else ""
    assert (least <= wait / timedelta(minutes=1) <= most, asked) == (True, why)


def test_a_304_carries_no_feed_and_its_ttl_holds_on() -> None:
    walk = walked(known(*range(140, 20, -1), plan=BUSY), *range(141, 21, -1), entry=FEED)
    walk.hints = hints_of(answer({}, body=b"<rss><channel><ttl>45</ttl>"), "feed")
    plan = plan_of(walk, SOURCE, None, NOON, completed=True)
    again = unchanged(known(*range(141, 21, -1), plan=plan), entry=FEED, at=LATER)
    assert planned(again) == (timedelta(minutes=45), "the feed's ttl")


def test_an_unchanged_list_teaches_that_nothing_came() -> None:
    before = known(*range(140, 20, -1), plan=BUSY)
    plan = plan_of(unchanged(before, at=NOON + timedelta(hours=8)), SOURCE, None, NOON, completed=True)
    then, now = Rhythm.from_json(BUSY.rhythm), Rhythm.from_json(plan.rhythm)
    assert now.momentum() < then.momentum()
    assert (plan.length, plan.overlap) == (120, 0)


def test_the_overlap_that_was_left_is_kept_until_the_list_changes_again() -> None:
    walk = walked(known(*range(140, 20, -1), plan=BUSY), *range(240, 120, -1), at=LATER)  # 20 of 120 were known
    plan = plan_of(walk, SOURCE, None, LATER, completed=True)
    assert (plan.length, plan.overlap, json.loads(plan.hints)["stretch"]) == (120, 20, 1800.0)
    after = plan_of(unchanged(known(*range(240, 120, -1), plan=plan), at=LATER), SOURCE, None, LATER, completed=True)
    assert (after.length, after.overlap, json.loads(after.hints)["stretch"]) == (120, 20, 1800.0)


def test_a_failed_poll_backs_off_and_forgets_nothing() -> None:
    walk = Walk(LIST, known(1, plan=BUSY, errors=9), at=LATER)
    plan = plan_of(walk, SOURCE, None, LATER, completed=False)
    assert (plan.due, plan.reason) == (LATER + timedelta(hours=6), "10 failed in a row")
    assert (Rhythm.from_json(plan.rhythm), plan.length) == (Rhythm.from_json(BUSY.rhythm), 120)


def test_a_list_that_rolled_over_is_learnt_from_as_far_as_it_was_seen() -> None:
    before = known(*range(20, 0, -1), plan=replace(BUSY, rhythm=Rhythm(until=NOON - timedelta(days=1)).to_json()))
    seen = walked(before, *range(144, 120, -1))
    whole = plan_of(seen, SOURCE, None, NOON, completed=True)
    seen.gap = Gap(LIST.url, "", "")
    rolled = plan_of(seen, SOURCE, None, NOON, completed=True)
    # 24 items in the last four hours are a lot; spread over the whole day that was not seen they are few.
    assert Rhythm.from_json(rolled.rhythm).rate(12, 1) > Rhythm.from_json(whole.rhythm).rate(12, 1)


@pytest.mark.parametrize("rhythm", ["", "{", "[]", '{"items": 3}'])
@pytest.mark.parametrize("hints", ["", "{", "[]", '"x"', '{"stretch": "y"}', '{"stretch": null, "pages": 1, "ttl": 0}'])
def test_columns_that_can_not_be_read_cost_nothing_but_memory(rhythm: str, hints: str) -> None:
    plan = Plan(NOON, "", hints, rhythm, 0, 0)
    assert planned(walked(known(*range(140, 20, -1), plan=plan), *range(141, 21, -1)))[0] > timedelta(0)


def test_a_dormant_source_is_asked_once_a_day() -> None:
    source = replace(SOURCE, dormant_since="2024-12")
    assert planned(unchanged(known(1, plan=BUSY), at=LATER), source=source) == (timedelta(days=1), "dormant")
