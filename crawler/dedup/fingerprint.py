"""A fingerprint of an article's text: equal means the same text for a reader.

Pure. Exact after folding, as near-duplicates by template (daily prices, weather)
must stay apart: numbers count.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from crawler.extraction.text import fold

# Raised when the folding or the digest changes, so that old rows are not taken for revisions.
VERSION = "1"

# ``fold`` drops punctuation, but 1.5 corrected to 15 is news. U+01C0 is a letter that no text uses.
_DECIMAL_POINT = re.compile(r"(?<=\d)[.．](?=\d)")
_KEPT_POINT = "\u01c0"


def fingerprint(text: str) -> str:
    """``1:`` and 32 hex digits; white space, width and punctuation do not count, numbers do."""
    closed_up = "".join(text.split())
    folded = fold(_DECIMAL_POINT.sub(_KEPT_POINT, closed_up))
    digest = blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{VERSION}:{digest}"
