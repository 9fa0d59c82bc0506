"""Which two articles tell one story: the rules for a pair in one list, in the order in which they are asked.

Pure. Before them come the two of ``rules.py``, which find the same article of a source: same identity, same text.
A wrong link hides an article, a missing one shows a copy: in doubt there is none.

What is a copy and what is not was decided so:
- A number, a date or a name in the place of another one makes another story: daily prices, weather, the notices of
  two companies. Only where all else is equal word for word, in a text of some length, is one number (or one in
  twenty) a correction; never a date.
- A follow-up that repeats the background begins with news that the other text has nowhere. A rewritten start uses
  the other's words and numbers.
- An excerpt from the middle stands there word for word, and the rest of the story speaks of the same; the items of a
  round-up do not.
- A short text is the same or it is not. Word for word at the start of a longer one it is that one's flash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crawler.dedup.near import LEAD, Likeness, compare

SHORT = 100  # characters of normalised text
_SHORTEST_FLASH = 40

# Chosen on changed copies of invented and of real articles; what they part lies well to either side.
_ALIKE = 0.72  # copies with a quarter of the text dropped and edited: 0.8 and more; follow-ups: up to 0.65
_SHORT_ALIKE, _SHORTISH = 0.8, 150
_REWRITTEN, _OWN_NUMBERS = 0.5, 1.5  # less is shared, but what is not says the same in other words
_NEWS = 0.15  # of a text, at its start: more that the other one has nowhere is a follow-up
_INSIDE, _INSIDE_ANYWHERE = 0.8, 0.9  # of an excerpt; one that does not begin like the whole has to be larger
# Word for word it may be small and from the middle. Such excerpts had 0.02 to 0.13 but for one in four, the items of
# round-ups of written texts 0 and of a few up to 0.07.
_VERBATIM, _SAME_TOPIC = 0.95, 0.02
_COVERED_LEAD, _LARGE_PART = 0.5, 0.4
_FLASH_PART = 0.5  # a flash is at most so much of the story, and so much of it stands where the story begins
_DECLARED_SHARE = 0.3  # a page that names another one as its source, but shares less, is about it
_CORRECTED_LENGTH, _CORRECTED_ALIKE, _CORRECTED_SHARE, _CORRECTED_NUMBERS = 200, 0.9, 0.05, 4


@dataclass(frozen=True, slots=True)
class Pair:
    likeness: Likeness
    declared: bool = False  # one names the other as its original: by its address or as its medium


@dataclass(frozen=True, slots=True)
class Link:
    """Why two articles are one story. ``similarity`` is 0 to 1; of an excerpt the share that the whole has of it."""

    rule: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    holds: Callable[[Pair], bool]
    is_on: bool = True  # one that is off is only tried, by ``dedup replay --rule NAME``


def _is_declared(pair: Pair) -> bool:
    return pair.declared and pair.likeness.containment >= _DECLARED_SHARE and _facts_agree(pair.likeness)


def _is_same_text(pair: Pair) -> bool:
    return pair.likeness.same


def _is_near(pair: Pair) -> bool:
    it = pair.likeness
    if it.length < SHORT or max(it.news, it.news_of_longer) >= _NEWS or not _facts_agree(it):
        return False
    if it.similarity >= (_ALIKE if it.length >= _SHORTISH else _SHORT_ALIKE):
        return True
    return it.length >= _SHORTISH and it.similarity >= _REWRITTEN and it.is_reworded


def _is_contained(pair: Pair) -> bool:
    it = pair.likeness
    if it.length < SHORT:
        return it.length >= _SHORTEST_FLASH and (it.is_within or _is_flash(it))
    if it.news >= _NEWS or it.numbers_new > _OWN_NUMBERS or not _facts_agree(it):
        return False
    if it.lead >= _COVERED_LEAD:
        return it.containment >= _INSIDE
    if it.containment >= _VERBATIM and it.topic >= _SAME_TOPIC and not (it.numbers_new or it.is_in_digest):
        return True
    return it.containment >= _INSIDE_ANYWHERE and it.ratio >= _LARGE_PART


def _is_flash(it: Likeness) -> bool:
    """The first words of a much longer text, perhaps with a sentence from further on, and nothing of its own."""
    says_nothing_else = it.containment >= _INSIDE_ANYWHERE and not it.numbers_new and not it.numbers_differ
    return says_nothing_else and it.ratio <= _FLASH_PART and it.lead * LEAD >= _FLASH_PART * it.length


def _begins_alike(pair: Pair) -> bool:
    it = pair.likeness
    return it.length >= SHORT and it.lead >= _INSIDE_ANYWHERE and it.news == 0 and _facts_agree(it)


# The first that holds is stored with the copy.
RULES = (
    Rule("declared-original", _is_declared),
    Rule("same-normalised-text", _is_same_text),
    Rule("near-duplicate", _is_near),
    Rule("contained", _is_contained),
    Rule("same-start", _begins_alike, is_on=False),  # would take what goes on differently after one lead
)


def rules_with(names: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules that are on, and those of these names. Raises KeyError for a name that there is not."""
    wanted = set(names)
    if unknown := wanted - {rule.name for rule in RULES}:
        raise KeyError(min(unknown))
    return tuple(rule for rule in RULES if rule.is_on or rule.name in wanted)


def link_of(a_text: str, b_text: str, *, declared: bool = False, rules: Iterable[Rule] | None = None) -> Link | None:
    """Why two texts are one story, None if they are not. Symmetric."""
    pair = Pair(compare(a_text, b_text), declared)
    for rule in rules_with() if rules is None else rules:
        if rule.holds(pair):
            it = pair.likeness
            share = it.containment if rule.name == "contained" else it.similarity
            return Link(rule.name, round(share, 3))
    return None


def _facts_agree(it: Likeness) -> bool:
    return not it.names_differ and (not it.numbers_differ or _is_correction(it))


def _is_correction(it: Likeness) -> bool:
    return (
        it.length >= _CORRECTED_LENGTH
        and it.similarity >= _CORRECTED_ALIKE
        and it.numbers_same >= _CORRECTED_NUMBERS
        and it.numbers_differ <= max(1, _CORRECTED_SHARE * it.numbers_same)
        and not it.dates_differ
        and not it.words_differ
    )
