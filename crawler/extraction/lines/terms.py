"""What of a headline can be met again in its article: how one tells the article from the rest of a page.

Pure.
"""

from __future__ import annotations

import re

from crawler.extraction.text import fold

_WORD = re.compile(r"[a-z\u00c0-\u024f\u0400-\u04ff]{3,}|[0-9]{2,}")


def terms_of(title: str) -> frozenset[str]:
    """Pairs of ideographs, words and numbers."""
    folded = fold(title)
    pairs = {folded[n : n + 2] for n in range(len(folded) - 1) if min(folded[n], folded[n + 1]) > "\u2e80"}
    return frozenset(pairs | set(_WORD.findall(title.lower())))


def share_of(terms: frozenset[str], text: str) -> float:
    """Which share of the terms the text has, 0 to 1; 0 if there are none to look for."""
    if not terms:
        return 0.0
    folded, lower = fold(text), text.lower()
    return sum(1 for term in terms if term in folded or term in lower) / len(terms)
