"""What the user wants of copies, carried out: documents that only point to their story's primary, or that lie hidden.

`keep`: every document stays. `link`: a copy's document becomes its front matter and a pointer. `primary`: a copy that
is new is filed outside of the visible folders, one that lies there already becomes a pointer. In each case the text is
kept, and comes back when the story is grouped another way or the policy is. Within a source there is always one
document: a twin, which has the same text but for a word here and there, goes the way of `primary`. A flash and the
full story that follows it are no twins: both stay.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.dedup.relations import Link
from crawler.errors import UsageError
from crawler.formats.pointing import Target, pointing
from crawler.models import Copies
from crawler.storage.disk import Disk
from crawler.storage.index import Index, StoredArticle
from crawler.storage.layout import COPIES
from crawler.storage.placing import Intent, kept_name, names, note_intent

POINTER, HIDDEN = "pointer", "hidden"
TOGETHER = 16  # documents that are rewritten at once

_STORED = "a.id, a.source, a.key, a.url, a.title, a.day, a.fingerprint, a.path, a.sha256, a.style, a.revision"
_FIELDS = (
    "source", "key", "url", "title", "published", "precision", "day", "medium", "section", "authors", "images",
    "original_url", "evidence", "length", "fetched", "fingerprint", "style", "first_seen",
)  # fmt: skip


# What of one source is one article: word for word the same, or nearly so.
_TWINS, _ALIKE = "same-normalised-text", 0.95
_TWIN = f"(s.rule = '{_TWINS}' OR (s.rule IN ('near-duplicate', 'declared-original') AND s.similarity >= {_ALIKE}))"


# A full story is "contained" with the flash that came before it, but more than that: it never goes.
_ALL_THERE = "(s.rule != 'contained' OR a.length <= p.length)"


def goes(link: Link, length: int, primary: int) -> bool:
    """As ``_ALL_THERE`` says it in SQL."""
    return link.rule != "contained" or length <= primary


def is_twin(link: Link) -> bool:
    """As ``_TWIN`` says it in SQL."""
    return link.rule == _TWINS or (link.rule in ("near-duplicate", "declared-original") and link.similarity >= _ALIKE)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One document in another form: its text is the same, and so are all of its fields."""

    known: StoredArticle
    content: bytes
    fields: dict[str, Any]  # shape, full_text, points_to; moved if it gets another path
    path: str


def announce(connection: sqlite3.Connection, rewrite: Rewrite, now: datetime) -> Intent:
    """Its intent, as for a revision."""
    known = rewrite.known
    row = connection.execute(f"SELECT {', '.join(_FIELDS)} FROM article WHERE id = ?", (known.id,)).fetchone()  # noqa: S608
    fields = dict(zip(_FIELDS, row, strict=True))
    for name in ("authors", "images", "evidence"):
        fields[name] = json.loads(fields[name])
    own = "SELECT url FROM address WHERE article = ? ORDER BY kind != 'canonical', first_seen, url"
    addresses = [url for (url,) in connection.execute(own, (known.id,))]
    shelved = {
        **fields,
        "addresses": [url for url in addresses if url != fields["original_url"]],
        "revision": known.revision + 1,
        "article": known.id,
        "settles": [],
        **rewrite.fields,
    }
    replaced = None if rewrite.path != known.path else known
    return note_intent(connection, "revise", rewrite.path, rewrite.content, shelved, "", replaced)


def due(disk: Disk, index: Index, policy_of: Callable[[str], Copies]) -> Iterator[Rewrite]:
    """What is not as the user wants it now. A document that a person has edited or removed stays so."""
    sources = [name for (name,) in index.rows("SELECT name FROM source")]
    wanting = [name for name in sources if policy_of(name) != "keep"]
    copies = "JOIN story s ON s.article = a.id JOIN article p ON p.id = s.original"
    # The story's primary is not a document of its own while it is hidden: first it has to come out.
    rows = index.rows(
        f"SELECT {_STORED}, p.title, p.url, p.medium, p.source || '/' || p.key FROM article a {copies} "  # noqa: S608
        f"WHERE {_going(wanting)} AND (a.shape = '' OR (a.shape = 'pointer' AND a.points_to != p.source || '/' || p.key))",
        tuple(wanting),
    )
    for *stored, title, url, medium, name in rows:
        if rewrite := _pointer(disk, index, StoredArticle(*stored), Target(title, url, medium), name):
            yield rewrite
    hiding = [name for name in wanting if policy_of(name) == "primary"]  # under `link` what lies hidden comes out first
    rows = [
        row
        for shape, names in ((POINTER, wanting), (HIDDEN, hiding))
        for row in index.rows(
            f"SELECT {_STORED}, a.shape, a.full_text FROM article a WHERE a.shape = '{shape}' AND NOT EXISTS ("  # noqa: S608
            f"SELECT 1 FROM story s JOIN article p ON p.id = s.original WHERE s.article = a.id AND {_going(names)})",
            tuple(names),
        )
    ]
    for *stored, shape, full_text in rows:
        back = _whole if shape == POINTER else _visible
        if rewrite := back(disk, StoredArticle(*stored), full_text):
            yield rewrite


def _going(wanting: Sequence[str]) -> str:
    marks = ", ".join("?" * len(wanting))
    return f"((p.source != a.source AND a.source IN ({marks}) AND {_ALL_THERE}) OR (p.source = a.source AND {_TWIN}))"


def _pointer(disk: Disk, index: Index, known: StoredArticle, target: Target, name: str) -> Rewrite | None:
    standing = _own(disk, known)
    if standing is None:
        return None
    try:
        content = pointing(standing, target)
    except UsageError as error:
        logging.warning("%s: no pointer can be made of it: %s", known.path, error)
        return None
    [(shape, full_text)] = index.rows("SELECT shape, full_text FROM article WHERE id = ?", (known.id,))
    kept = full_text if shape == POINTER else kept_name(disk, known)
    return Rewrite(known, content, {"shape": POINTER, "full_text": kept, "points_to": name}, known.path)


def _whole(disk: Disk, known: StoredArticle, full_text: str) -> Rewrite | None:
    content = disk.read(full_text)
    if content is None or _own(disk, known) is None:
        return None
    return Rewrite(known, content, {"shape": ""}, known.path)


def _visible(disk: Disk, known: StoredArticle, _: str) -> Rewrite | None:
    content = _own(disk, known)
    if content is None:
        return None
    wanted = known.path.removeprefix(f"{COPIES}/")
    path = next((name for name in names(wanted) if disk.read(name) in (None, content)), "")
    return Rewrite(known, content, {"shape": "", "moved": True}, path) if path else None


def _own(disk: Disk, known: StoredArticle) -> bytes | None:
    """The document as we wrote it; None if a person has changed or removed it."""
    standing = disk.read(known.path)
    return standing if standing is not None and hashlib.sha256(standing).hexdigest() == known.sha256 else None
