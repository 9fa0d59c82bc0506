"""What is new, by which rule: every combination of what the index may hold."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from conftest import make_article

from crawler.dedup.rules import Evidence, decide
from crawler.models import Verb


@dataclass(frozen=True)
class Row:
    """An article of the index. The one that is looked at is titled 甲, of 2026-10-11, with the print "a"."""

    title: str = "甲"
    fingerprint: str = "a"
    day: str = "2026-10-11"
    id: int = 7


SAME, NEW_TITLE, NEW_TEXT = Row(), Row(title="乙"), Row(fingerprint="b")
OTHER, ANOTHER_DAY, NO_DAY = Row("乙", "b"), Row(day="2026-10-10"), Row(day="")

TABLE: dict[str, tuple[Evidence, Verb, str]] = {
    "nothing": (Evidence(), Verb.NEW, "nothing-like-it"),
    "its id": (Evidence(by_key=SAME), Verb.UNCHANGED, "same-key"),
    "its id, width of the title": (Evidence(by_key=Row(" 甲 ")), Verb.UNCHANGED, "same-key"),
    "its id, new title": (Evidence(by_key=NEW_TITLE), Verb.REVISED, "same-key"),
    "its id, new text": (Evidence(by_key=NEW_TEXT), Verb.REVISED, "same-key"),
    "its id, all new": (Evidence(by_key=OTHER), Verb.REVISED, "same-key"),
    "its address": (Evidence(by_address=SAME), Verb.UNCHANGED, "same-address"),
    "its address, new title": (Evidence(by_address=NEW_TITLE), Verb.REVISED, "same-address"),
    "its address, new text": (Evidence(by_address=NEW_TEXT), Verb.REVISED, "same-address"),
    "its address, all new": (Evidence(by_address=OTHER), Verb.NEW, "nothing-like-it"),
    "its id comes before its address": (Evidence(by_key=OTHER, by_address=SAME), Verb.REVISED, "same-key"),
    "its text": (Evidence(by_text=[SAME]), Verb.DUPLICATE, "same-text"),
    "its text, new title": (Evidence(by_text=[NEW_TITLE]), Verb.NEW, "nothing-like-it"),
    "its text, another day": (Evidence(by_text=[ANOTHER_DAY]), Verb.NEW, "nothing-like-it"),
    "its text, no day": (Evidence(by_text=[NO_DAY]), Verb.NEW, "nothing-like-it"),
    "the second of its texts": (Evidence(by_text=[NEW_TITLE, SAME]), Verb.DUPLICATE, "same-text"),
    "another at its address, and its text": (Evidence(by_address=OTHER, by_text=[SAME]), Verb.DUPLICATE, "same-text"),
}


@pytest.mark.parametrize(("evidence", "verb", "rule"), TABLE.values(), ids=list(TABLE))
def test_decision(evidence: Evidence, verb: Verb, rule: str) -> None:
    decision = decide(make_article(title="甲"), "a", evidence)
    assert (decision.verb, decision.rule) == (verb, rule)
    assert decision.of == (None if verb is Verb.NEW else 7)


def test_without_a_day_only_one_without_a_day_is_the_same() -> None:
    article = make_article(title="甲", published=None)
    assert decide(article, "a", Evidence(by_text=[NO_DAY])).verb is Verb.DUPLICATE
    assert decide(article, "a", Evidence(by_text=[SAME])).verb is Verb.NEW
