"""Where a document lies: a path of safe lower-case ASCII, decided by source, day and id alone.

Pure. Two ids never get one name, also not on a disk that ignores case; no name leaves its folder.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from crawler.models import Article

LONGEST = 120  # bytes of a key; 255 is a file system's limit, and day and suffix come on top

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?")
_UNSAFE = re.compile(r"[^a-z0-9]+")
_LOOKS_HASHED = re.compile(r"-[0-9a-f]{16}$")
_LONGEST_MASK = 60  # a longer id would get a mask of 16 digits, which reads like a hash
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul"]  # devices of Windows, also with an ending
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)


def document_path(article: Article, *, key_is_case_sensitive: bool) -> str:
    """Path relative to the output folder, with ``/``. The day is the one in the source's zone."""
    folder = safe_key(article.source, case_sensitive=False)
    name = safe_key(article.key, case_sensitive=key_is_case_sensitive)
    if article.published is None:
        return f"{folder}/undated/{name}.md"
    day = article.published.day.isoformat()
    return f"{folder}/{day[:4]}/{day[5:7]}/{day}-{name}.md"


def safe_key(key: str, *, case_sensitive: bool) -> str:
    """The id as a file name of at most 120 bytes; different ids, different names.

    A case-sensitive id always gets a suffix with its capitals as a bit mask in
    hexadecimal, the last character being bit 0: ``r7GB`` is ``r7gb-3``. An id
    that is no safe name, or could be mistaken for one made here, gets a hash.
    """
    lower = key.encode("utf-8", "surrogatepass").lower()  # bytes: only A-Z, "K" (Kelvin) stays apart
    name = lower.decode("ascii", "replace")
    if _is_plain(name) and not (case_sensitive and len(key) > _LONGEST_MASK):
        if not case_sensitive:
            return name
        capitals = int("".join("1" if char.isupper() else "0" for char in key), 2)
        return f"{name}-{capitals:x}"
    exact = key.encode("utf-8", "surrogatepass") if case_sensitive else lower
    stem = _UNSAFE.sub("-", name)[: LONGEST - 17].strip("-") or "x"
    return f"{stem}-{blake2b(exact, digest_size=8).hexdigest()}"


def _is_plain(name: str) -> bool:
    return (
        len(name) <= LONGEST
        and _PLAIN.fullmatch(name) is not None
        and name.partition(".")[0] not in _RESERVED
        and not _LOOKS_HASHED.search(name)
    )
