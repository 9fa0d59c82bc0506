"""What fuzzing found and was mended, kept as inputs, and a short round of it: bench/fuzz.py is the long one.

A finding is a file in the folder of its target. The target raises what is no documented error of its parser.
"""

from __future__ import annotations

import contextlib
import sys
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parents[1] / "bench"))

from fuzz_mutation import mutated, soup  # noqa: E402
from fuzz_targets import TARGETS  # noqa: E402

from crawler.extraction.tree import parse  # noqa: E402

FINDINGS = [(file.parent.name, file.name) for file in sorted(FOLDER.glob("*/*")) if file.parent.name in TARGETS]
LONGEST = 3_000  # bytes of an input here; the long run takes twenty times that


@cache
def seeds_of(name: str) -> list[bytes]:
    return [seed[:LONGEST] for seed in TARGETS[name].inputs()]


@pytest.mark.parametrize(("target", "name"), FINDINGS)
def test_a_finding_stays_mended(target: str, name: str) -> None:
    data = (FOLDER / target / name).read_bytes()
    begin = process_time()
    with contextlib.suppress(*TARGETS[target].allowed):
        TARGETS[target].run(data)
    assert process_time() - begin < TARGETS[target].patience(len(data)) / 2  # which is for instrumented code


@pytest.mark.parametrize(
    "root", ["<html/>", "<HTML lang='zh' / >", "<html><body/>", "<html></html/>", "<html></body x></html >"]
)
def test_a_root_that_closes_too_early_keeps_what_follows(root: str) -> None:
    tree = parse(f"{root}<h1>题目</h1><p>正文", "https://news.example/1.html")
    assert tree is not None
    assert "题目正文" in tree.root.find("body").text_content()


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 2**32), is_soup=st.booleans())
def test_a_damaged_input_raises_the_documented_error_or_none(name: str, number: int, is_soup: bool) -> None:
    target, seeds, random = TARGETS[name], seeds_of(name), Random(number)
    whole = soup(random, target.words, LONGEST) if is_soup else random.choice(seeds)
    with contextlib.suppress(*target.allowed):
        target.run(mutated(whole, random, target.words, seeds, LONGEST))
