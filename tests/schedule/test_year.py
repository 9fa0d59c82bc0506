"""Four weeks of the simulated year (bench/year.py), small enough for every day: what must hold in it holds."""

from __future__ import annotations

import sys
from statistics import median

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "bench"))

from year import Sums, judge
from year_play import play
from year_policies import policies
from year_world import make_world

from crawler.schedule.due import Pace

DAYS = 28
WORLD = [("wire", 0), *((sort, n) for sort in ("daily", "office", "blog") for n in (0, 1)), ("paper", 0), ("weekly", 0)]
WORLD += [("trade", n) for n in range(4)]


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sums() -> dict[str, Sums]:
    world = make_world(23, DAYS, WORLD)
    results = {}
    for name in ("Shiyi", "every 15 min"):
        results[name] = Sums()
        for source in world:
            results[name].add(judge(source, play(source, policies(Pace())[name], DAYS), DAYS, is_ours=name == "Shiyi"))
    return results


def test_a_third_of_the_requests_and_no_worse_a_median(sums: dict[str, Sums]) -> None:
    ours, fixed = sums["Shiyi"], sums["every 15 min"]
    assert ours.requests <= fixed.requests / 3
    assert median(ours.delays) <= median(fixed.delays)


def test_nothing_is_lost_without_a_word(sums: dict[str, Sums]) -> None:
    ours = sums["Shiyi"]
    assert (ours.lost_untold, ours.duplicates, ours.true_gaps_told) == (0, 0, ours.true_gaps)
    assert ours.articles > 5000


def test_false_alarms_are_rare(sums: dict[str, Sums]) -> None:
    assert sums["Shiyi"].worst_alarms <= 1


def test_corrections_are_brought_home_within_the_budget(sums: dict[str, Sums]) -> None:
    ours = sums["Shiyi"]
    assert ours.caught >= 0.98 * ours.corrected > 0
    assert ours.busiest_day <= 600
    assert ours.frozen_wrongly == 0
