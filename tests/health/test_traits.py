"""What has changed in a source's articles: rows G2 and G3, from histories made here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import make_article

from crawler.health.traits import LATE, WINDOW, Trait, add, findings, from_json, to_json, trait_of

GOOD = [Trait(2000 + number, True, True, 0.97, (number * 2, number * 2 + 1)) for number in range(100)]


def after(count: int, **changes: object) -> list[str]:
    """What is found when the newest ``count`` articles of fifty are so."""
    late = [replace(trait, **changes) for trait in GOOD[WINDOW : WINDOW + count]]  # type: ignore[arg-type]
    return [finding.cause for finding in findings(add(GOOD[:WINDOW], late))]


def test_good_articles_are_well() -> None:
    assert findings(add((), GOOD)) == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"length": 240}, "body length 2,024 -> 240 characters (median of 20)"),
        ({"is_dated": False}, "articles with a date: 100% -> 0%"),
        ({"is_signed": False}, "articles with an author: 100% -> 0%"),
        ({"han": 0.01}, "the language has changed from Chinese to another language: another site?"),
    ],
)
def test_G2_what_disappears_is_named_within_20_articles(changes: dict[str, object], cause: str) -> None:
    told = after(LATE, **changes)
    assert [each.split()[0] for each in told] == [cause.split()[0]]
    assert told[0].partition(":")[0].split(" ->")[0][:12] == cause.partition(":")[0].split(" ->")[0][:12]


def test_a_few_short_ones_are_none() -> None:
    assert after(8, length=60) == []


def test_a_source_that_never_tells_an_author_has_lost_none() -> None:
    window = [replace(trait, is_signed=False) for trait in GOOD]
    assert findings(add((), window)) == []


def test_G3_boilerplate_in_most_articles() -> None:
    window = [replace(trait, paragraphs=(*trait.paragraphs, 7777777)) for trait in GOOD]
    [finding] = findings(add((), window))
    assert (finding.stage, finding.cause) == ("field", "the same paragraph in 100% of the last 50 articles")


def test_G3_boilerplate_in_half_of_them_is_a_column() -> None:
    window = [replace(trait, paragraphs=(7777777,)) if number % 2 else trait for number, trait in enumerate(GOOD)]
    assert findings(add((), window)) == []


def test_the_window_stays_small_and_goes_through_json() -> None:
    window = add((), GOOD)
    assert len(window) == WINDOW
    assert from_json(to_json(window)) == window
    assert from_json("no json") == from_json('[["x"]]') == ()


def test_of_a_real_article() -> None:
    trait = trait_of(make_article("1", text="这是一段足够长的正文内容。\n短\n这是一段足够长的正文内容。"))
    assert (trait.is_dated, trait.is_signed, trait.han, len(trait.paragraphs)) == (True, False, 1.0, 1)
