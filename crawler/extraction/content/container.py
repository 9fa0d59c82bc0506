"""Which element of a page holds the article.

Pure. The source's own selectors come first; for any other page the element is chosen by where
its prose stands, and, where several parts of the page could be meant, by what the headline says.
The idea of paragraphs that vote for their parents is Arc90's Readability.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import html

from crawler.extraction import selectors
from crawler.extraction.content.headline import Headline
from crawler.extraction.content.prose import Prose
from crawler.extraction.lines.terms import share_of, terms_of
from crawler.extraction.tree import HEADINGS, line

# The element votes for its parent, not for itself.
_LEAVES = frozenset((*HEADINGS, "p", "li", "dd", "dt", "blockquote", "pre", "figcaption", "td", "th"))

# As in `prose`: set in steps of two or more on an evaluation set, none of them is sharp.
_VOTES = (1.0, 0.5, 0.3, 0.2)  # of a paragraph for its parent, its parent's parent, …
_IN_ITEM = 0.3  # weight of a vote that passes out of a list item
_REACH = 12  # levels up that are looked at when a text is spread over sections
_DENSE = 0.5  # share of prose in what a wider element adds
_GAP = 400  # ideographs of labels and links that may stand between two parts of one article
_LOOKED_THROUGH = 8  # elements, from the one with the most votes, among which rivals are looked for
_LEAST = 20  # ideographs of a paragraph that may tell the article by the headline's terms
_LEAD = 300  # characters of it that are looked at
_CLOSE = 60  # the same, where what is added needs no other proof
_RIVAL = 0.1  # share of the most votes that makes a part worth comparing
_NO_TERMS = 0.02  # weight of a part that has none of the headline's terms, where one with all of them weighs 1.02
_SAME_STORY = 0.1  # share of the headline's terms, against the core's, that what is added must have
_STRESS = 1.5  # power of the terms' share: a flash of 37 characters beats 600 that share a word with its headline
_FAR = 1_500  # ideographs between headline and part from which the part weighs half
_LOOKED_AT = 3_000  # characters of a part in which the headline's terms are searched


@dataclass(frozen=True, slots=True)
class Choice:
    """``lead`` is how far ahead of the next likely part it is, 0 (even) to 1 (there is no other)."""

    element: html.HtmlElement
    lead: float


def declared(root: html.HtmlElement, body: tuple[str, ...]) -> tuple[html.HtmlElement, str] | None:
    """The first element with text or a picture that a selector finds, newest template first; and that selector."""
    for selector in body:
        for element in selectors.elements(root, selector):
            if any(text.strip() for text in element.itertext()) or element.find(".//img") is not None:
                return element, selector
    return None


def generic(root: html.HtmlElement, headline: Headline) -> Choice | None:
    """The element that holds the article, or None on a page without prose."""
    prose = Prose(root, headline.element)
    votes = _votes(prose)
    if not votes:
        return None
    terms = terms_of(headline.title)
    rivals = []
    for index in _rivals(prose, votes, terms):
        share = share_of(terms, prose.text(index, _LOOKED_AT))
        rivals.append((votes[index] * (_NO_TERMS + share**_STRESS) * _nearness(prose, index), index))
    rivals.sort(key=lambda one: (-one[0], one[1]))
    weight, core = rivals[0]
    lead = 1 - rivals[1][0] / weight if len(rivals) > 1 else 1.0
    return Choice(_whole(prose.elements[_widened(prose, core, terms)]), lead)


def _whole(element: html.HtmlElement) -> html.HtmlElement:
    """The table of rows that were chosen."""
    if element.tag in ("tbody", "thead", "tr") and (table := next(element.iterancestors("table"), None)) is not None:
        return table
    return element


def _votes(prose: Prose) -> dict[int, float]:
    votes: dict[int, float] = {}
    for block, weight in enumerate(prose.weights):
        if not weight:
            continue
        index = prose.parent[block] if prose.elements[block].tag in _LEAVES else block
        for vote in _VOTES:
            votes[index] = votes.get(index, 0.0) + weight * vote
            if prose.elements[index].tag == "li":
                weight *= _IN_ITEM
            if prose.elements[index].tag == "body" or not index:
                break
            index = prose.parent[index]
    return votes


def _rivals(prose: Prose, votes: dict[int, float], terms: frozenset[str]) -> list[int]:
    """The elements with the most votes, and the one with the most of the headline's terms; none inside another."""
    most = max(votes.values())
    likely = [
        index for index in sorted(votes, key=lambda index: (-votes[index], index)) if votes[index] > _RIVAL * most
    ]
    chosen: list[int] = []
    for index in (*likely[:_LOOKED_THROUGH], *_with_terms(prose, votes, terms)):
        if not any(index < prose.end[other] and other < prose.end[index] for other in chosen):
            chosen.append(index)
    return chosen


def _with_terms(prose: Prose, votes: dict[int, float], terms: frozenset[str]) -> list[int]:
    best, found = 0.0, -1
    for block, weight in enumerate(prose.weights):
        if weight and prose.size(block) > _LEAST:
            share = share_of(terms, line(prose.elements[block])[:_LEAD])
            if share > best:
                best, found = share, block
    if found < 0:
        return []
    parent = prose.parent[found]
    return [parent if prose.elements[found].tag in _LEAVES or votes.get(parent, 0.0) > votes.get(found, 0.0) else found]


def _nearness(prose: Prose, index: int) -> float:
    """1 right behind the headline, one half after `_FAR` ideographs of other things."""
    first = next((block for block in range(index, prose.end[index]) if prose.raw[block]), index)
    if prose.headline < 0 or first < prose.headline:
        return 1.0  # what stands before the headline is discounted already
    between = sum(prose.size(block) for block in range(prose.headline, first))
    return _FAR / (_FAR + between)


def _widened(prose: Prose, index: int, terms: frozenset[str]) -> int:
    """Up to the element that holds all parts of a text that is spread over several."""
    core = share_of(terms, prose.text(index, _LOOKED_AT))
    while index and prose.elements[index].tag != "body":
        wider, least = prose.parent[index], 0.1
        for _ in range(_REACH):
            gain = _gain(prose, index, wider, _GAP)
            if gain > least * prose.native[index] and gain > _DENSE * (prose.total[wider] - prose.total[index]):
                break
            if prose.elements[wider].tag == "body" or not wider:
                return index
            wider, least = prose.parent[wider], 0.5
        else:
            return index
        is_close = _gain(prose, index, wider, _CLOSE) > 0.9 * gain
        if not is_close and share_of(terms, prose.text(wider, _LOOKED_AT, index)) < _SAME_STORY * core:
            return index
        index = wider
    return index


def _gain(prose: Prose, index: int, wider: int, most: int) -> float:
    """Prose that the wider element adds, as far as no more than ``most`` ideographs of other things part it from the rest.

    A date among these things parts it at once: it belongs to another article, or to what a reader said.
    """
    if prose.native[wider] == prose.native[index]:
        return 0.0
    gain, weights, length = 0.0, prose.weights, prose.length
    for blocks in (range(prose.end[index], prose.end[wider]), range(index - 1, wider - 1, -1)):
        gap = 0.0
        for block in blocks:
            if not length[block]:
                continue
            gap += 0.0 if weights[block] else prose.size(block)
            if gap > most or prose.is_dated(block):
                break
            if weights[block]:
                gain += weights[block]
                gap = 0.0
    return gain
