"""K6, P5: kill -9 of the real process at random instants. ``bench/soak.py`` does the same at length."""

from __future__ import annotations

from pathlib import Path

from killing import assert_complete, kill_often, site_of
from newsroom import Newsroom

LISTS, PER_LIST, KILLS = 5, 12, 5


def test_K6_kill_9_at_random_instants_costs_nothing_but_another_run(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = site_of(room, LISTS)
        result = kill_often(room, site, LISTS, PER_LIST, KILLS, seed=4)
        assert result.kills == KILLS
        assert_complete(room, site, result, LISTS, PER_LIST)
