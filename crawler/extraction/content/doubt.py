"""How sure extraction may be of a text: what speaks for it and against it, as one number.

Pure. The number decides whether other opinions are asked for, and goes with the document.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extraction.content import blocks
from crawler.extraction.content.blocks import Block
from crawler.extraction.content.container import Choice
from crawler.extraction.content.headline import Headline
from crawler.extraction.lines.terms import share_of, terms_of

_TERMS = 0.35  # share of the headline's terms from which the text surely is its article
_LENGTH = 60  # characters from which length is no doubt
_LOOKED_AT = 3_000  # characters of the text in which the headline's terms are searched
# What each doubt takes away at most.
_NO_TERMS, _SHORT, _ALONE, _RIVAL, _BROKEN_OFF = 0.35, 0.3, 0.3, 0.15, 0.3


def confidence(kept: Sequence[Block], choice: Choice | None, headline: Headline, agreement: float) -> float:
    """0 to 1. ``choice`` is how the container was found, None if there was none; ``agreement`` the share of the text
    that trafilatura, asked about the same container, also takes for the article.
    """
    text = blocks.to_text(kept)
    if not text:
        return 0.0
    terms = terms_of(headline.title)
    met = min(1.0, share_of(terms, text[:_LOOKED_AT]) / _TERMS) if terms else 0.5
    lead = min(1.0, 2 * choice.lead) if choice else 1.0
    long = min(1.0, len(text) / _LENGTH)
    doubts = _NO_TERMS * (1 - met) + _SHORT * (1 - long) + _ALONE * (1 - agreement) + _RIVAL * (1 - lead)
    return max(0.0, 1.0 - doubts - _BROKEN_OFF * text.endswith(("…", "...")))  # an excerpt


def of_declared(kept: Sequence[Block], agreement: float) -> float:
    """The same where the source declares the container: only trafilatura can speak against it."""
    return 1.0 - _ALONE * (1 - agreement) if blocks.to_text(kept) else 0.0
