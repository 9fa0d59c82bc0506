"""The table itself: what it points to is there, and what is left out is told in the README."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from .table import ELSEWHERE, TITLES, does_not_apply, rows_of

TESTS = ROOT / "tests"


def test_the_list_has_160_rows() -> None:
    assert len(TITLES) == 160
    assert len(set(TITLES.values())) == 160


@pytest.mark.parametrize(("row", "place"), [(row, place) for row, places in ELSEWHERE.items() for place in places])
def test_what_is_pointed_to_is_there(row: str, place: str) -> None:
    file, _, names = place.partition("::")
    text = "".join(path.read_text("utf-8") for path in TESTS.rglob(file))
    assert row in TITLES
    for name in filter(None, names.partition("[")[0].split("::")):
        assert re.search(rf"^ *(?:class|def) {name}", text, re.MULTILINE), name


def test_what_does_not_apply_is_a_row_that_nothing_tries() -> None:
    assert does_not_apply().keys() <= TITLES.keys()
    assert does_not_apply().keys() & ELSEWHERE.keys() == set()
    names = [
        name
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"(?:def|class) (\w+)", file.read_text("utf-8"))
    ]
    tried = set().union(*(rows_of(f"tests/x.py::{name}", {}) for name in names))
    assert does_not_apply().keys() & tried == set()
