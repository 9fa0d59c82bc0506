"""The labelled pairs judge the rules: hardly a copy missed, no two fillings of one form merged."""

from __future__ import annotations

import sqlite3
from functools import cache

import pytest
from labelled.make import SIBLINGS, Pair, bases, labelled_pairs

from crawler.dedup.near import compare, sketch
from crawler.dedup.relations import link_of
from crawler.storage import sketches


@cache
def merged() -> dict[str, str]:
    """Pair -> the rule that links it, "" for none; found as the index finds it, decided by both texts."""
    connection = sqlite3.connect(":memory:")
    for statement in sketches.SKETCHES_SCHEMA:
        connection.execute(statement)
    rules = {}
    for pair in labelled_pairs():
        sketches.file_sketch(connection, 1, sketch(pair.a.text))
        found = sketches.candidates(connection, sketch(pair.b.text)) == [1]
        sketches.forget(connection, 1)
        link = link_of(pair.a.text, pair.b.text) if found else None
        rules[pair.id] = link.rule if link else ""
    return rules


def wrong(pair: Pair) -> bool:
    return bool(merged()[pair.id]) != pair.same_story


def test_the_set_is_what_it_says() -> None:
    pairs = labelled_pairs()
    assert len(pairs) >= 300
    assert len({pair.id for pair in pairs}) == len(pairs)
    assert len(bases()) >= 60
    labels = {label: sum(pair.label == label for pair in pairs) for label in ("duplicate", "contained", "different")}
    assert min(labels.values()) >= 50, labels


def test_the_same_pairs_every_time() -> None:
    first = labelled_pairs()
    labelled_pairs.cache_clear()
    assert labelled_pairs() == first


def test_pair_f1() -> None:
    pairs = labelled_pairs()
    right = sum(pair.same_story and not wrong(pair) for pair in pairs)
    f1 = 2 * right / (sum(pair.same_story for pair in pairs) + sum(bool(rule) for rule in merged().values()))
    assert f1 >= 0.97, [(pair.id, merged()[pair.id]) for pair in pairs if wrong(pair)]


def test_no_template_sibling_is_merged() -> None:
    assert [pair.id for pair in labelled_pairs() if pair.kind in SIBLINGS and merged()[pair.id]] == []


@pytest.mark.parametrize("kind", ["same event", "follow-up", "round-up", "unrelated", "same title", "short"])
def test_other_news_stays_apart(kind: str) -> None:
    assert [
        pair.id for pair in labelled_pairs() if pair.kind == kind and not pair.same_story and merged()[pair.id]
    ] == []


def test_the_order_of_the_two_does_not_count() -> None:
    uneven = [
        pair.id for pair in labelled_pairs() if compare(pair.a.text, pair.b.text) != compare(pair.b.text, pair.a.text)
    ]
    assert uneven == []
