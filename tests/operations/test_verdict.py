"""The verdict on a source: every one, with its stage and reason, from the counts of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from crawler.engine.tally import ListTrouble, Tally
from crawler.models import Gap, Source
from crawler.operations.verdict import broken, judge, skipped

SOURCE = Source("one", "示例日报", "https://a.example/", ("a.example",), "archive")
DORMANT = replace(SOURCE, dormant_since="2024-12")
GONE, ODD = ListTrouble("u1", "fetch", "HTTP 404 Not Found"), ListTrouble("u2", "list", "no article found")
REASONS = Counter({"captcha": 2, "HTTP 404": 1})


def tally(**counts: Any) -> Tally:
    return Tally("one", **{"lists": 2, **counts})


CASES: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    # nothing new, all well
    ({}, ("ok", "", "")),
    ({"not_modified": 2}, ("ok", "", "")),
    ({"saved": 5, "duplicates": 2, "revised": 1}, ("ok", "", "")),
    ({"lists": 0, "saved": 1}, ("ok", "", "")),  # `save`
    # fetch
    ({"broken": "the spider did not start"}, ("failing", "fetch", "the spider did not start")),
    ({"troubles": [GONE]}, ("degraded", "fetch", "u1: HTTP 404 Not Found")),
    ({"troubles": [GONE, GONE]}, ("failing", "fetch", "u1: HTTP 404 Not Found (and 1 more lists)")),
    ({"troubles": [GONE, GONE], "saved": 1}, ("degraded", "fetch", "u1: HTTP 404 Not Found (and 1 more lists)")),
    ({"lists_missed": 2}, ("failing", "fetch", "none of its 2 lists is in the recording")),
    ({"lists_missed": 1}, ("ok", "", "")),
    ({"lists_missed": 1, "troubles": [GONE]}, ("failing", "fetch", "u1: HTTP 404 Not Found")),
    # list
    ({"troubles": [ODD]}, ("degraded", "list", "u2: no article found")),
    ({"troubles": [ODD, GONE]}, ("failing", "fetch", "u1: HTTP 404 Not Found")),
    ({"shapeless": 1, "saved": 3}, ("degraded", "list", "1 lists no longer match the declared rows")),
    # article: a fifth is not more than a fifth
    ({"saved": 4, "quarantined": 1}, ("ok", "", "")),
    ({"saved": 3, "quarantined": 1}, ("degraded", "article", "1 of 4 new articles were not had")),
    ({"saved": 3, "failed": 1}, ("degraded", "article", "1 of 4 new articles were not had")),
    ({"saved": 3, "rejected": 1}, ("degraded", "article", "1 of 4 new articles were not had")),
    (
        {"quarantined": 2, "failed": 1, "reasons": REASONS},
        ("failing", "article", "3 of 3 new articles were not had: 2 x captcha; 1 x HTTP 404"),
    ),
    ({"saved": 5, "generic": 1}, ("ok", "", "")),
    ({"saved": 4, "generic": 1}, ("degraded", "article", "1 of 4 articles without the declared body container")),
    # field
    ({"saved": 5, "no_date": 1}, ("ok", "", "")),
    ({"saved": 4, "no_date": 1}, ("degraded", "field", "1 of 4 articles without a date")),
    ({"saved": 4, "no_title": 1}, ("degraded", "field", "1 of 4 articles without a title")),
    # the first thing that breaks is named
    (
        {"saved": 3, "failed": 1, "troubles": [GONE], "shapeless": 1, "no_date": 3},
        ("degraded", "fetch", "u1: HTTP 404"),
    ),
    ({"saved": 3, "failed": 1, "shapeless": 1, "no_date": 3}, ("degraded", "list", "1 lists no longer")),
    ({"saved": 3, "failed": 1, "no_date": 3}, ("degraded", "article", "1 of 4 new")),
]


@pytest.mark.parametrize(("counts", "expected"), CASES, ids=[f"{counts}" for counts, _ in CASES])
def test_verdict(counts: dict[str, Any], expected: tuple[str, str, str]) -> None:
    report = judge(tally(**counts), SOURCE, owed=0)
    verdict, stage, reason = expected
    assert (report.verdict, report.stage) == (verdict, stage)
    assert report.reason.startswith(reason)
    assert bool(report.reason) == bool(reason)


@pytest.mark.parametrize(
    ("counts", "verdict", "reason"),
    [
        ({}, "dormant", "silent since 2024-12"),
        ({"troubles": [GONE, GONE]}, "dormant", "silent since 2024-12; u1: HTTP 404 Not Found (and 1 more lists)"),
        ({"saved": 1}, "ok", ""),  # it speaks again
        ({"failed": 3}, "failing", "3 of 3 new articles were not had"),
    ],
)
def test_dormant_source(counts: dict[str, Any], verdict: str, reason: str) -> None:
    report = judge(tally(**counts), DORMANT, owed=0)
    assert report.verdict == verdict
    assert report.reason.startswith(reason)


@pytest.mark.parametrize("counts", [{}, {"saved": 4}, {"troubles": [GONE]}])
def test_run_that_was_stopped_is_degraded(counts: dict[str, Any]) -> None:
    report = judge(tally(**counts), SOURCE, owed=2, stopped="interrupted")
    assert (report.verdict, report.reason, report.owed) == ("degraded", "stopped early: interrupted", 2)


def test_counts_are_carried_over() -> None:
    gap = Gap("u1", "2024-05-01", "2024-05-20")
    report = judge(
        tally(found=9, new=8, fetched=7, requests=12, gap=gap, paths=["one/b.md", "one/a.md"]), SOURCE, owed=3
    )
    assert (report.found, report.new, report.fetched, report.requests, report.owed) == (9, 8, 7, 12, 3)
    assert (report.gap, report.paths) == (gap, ("one/a.md", "one/b.md"))


def test_sources_that_did_not_run() -> None:
    left_out, torn = skipped("one", "not due", 4), broken("one", "torn.py can not be loaded")
    assert (left_out.verdict, left_out.reason, left_out.owed) == ("skipped", "not due", 4)
    assert (torn.verdict, torn.stage, torn.reason) == ("failing", "fetch", "torn.py can not be loaded")
