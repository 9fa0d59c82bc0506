"""Is it new? The rules, in the order in which they are asked, each with a name.

Pure: sees one article and what the index holds of it, answers a Decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from crawler.extraction.text import fold
from crawler.models import Article, Decision, Verb


class Known(Protocol):
    """An article that the index holds (``storage.index.StoredArticle``)."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def day(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the index holds that could be the same article, all of one source."""

    by_key: Known | None = None
    by_address: Known | None = None
    by_text: Sequence[Known] = ()


def decide(article: Article, fingerprint: str, evidence: Evidence) -> Decision:
    """NEW, REVISED, UNCHANGED or DUPLICATE, and by which rule.

    1 same-key: it is that article; unchanged if title and text are.
    2 same-address: so too, but only where title or text is the same: a site may give an
      article's address to another one (an e-paper's `_001_1` after an insertion on the page).
    3 same-text: equal title, day and text under another address of the source.
    """
    for rule, known in (("same-key", evidence.by_key), ("same-address", evidence.by_address)):
        if known is None:
            continue
        same_text = known.fingerprint == fingerprint
        same_title = fold(known.title) == fold(article.title)
        if same_text and same_title:
            return Decision(Verb.UNCHANGED, rule, known.id)
        if rule == "same-key" or same_text or same_title:
            return Decision(Verb.REVISED, rule, known.id)
    day = article.published.day.isoformat() if article.published else ""
    for known in evidence.by_text:
        if known.day == day and fold(known.title) == fold(article.title):
            return Decision(Verb.DUPLICATE, "same-text", known.id)
    return Decision(Verb.NEW, "nothing-like-it")
