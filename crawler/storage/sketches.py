"""The sketches in the index: which articles may tell the same story. It proposes; ``stories.py`` has both texts read.

One row for each article, and one for each of its keys: an integer that holds key and article, so that the row is the
B-tree entry and nothing else. Nothing is loaded at the start.
"""

from __future__ import annotations

import sqlite3
from collections import Counter

from crawler.dedup.sketch import KEY_BITS, SAMPLE, VERSION, Sketch, are_siblings
from crawler.storage.schema import STORIES_SCHEMA

SKETCHES_SCHEMA = tuple(each for each in STORIES_SCHEMA if each.startswith("CREATE TABLE sketch"))

_ID_BITS = 63 - KEY_BITS  # of an entry, which is key * 2^27 + article: 134 million articles
_ID = (1 << _ID_BITS) - 1
_KEY_BYTES, _NUMBER_BYTES = 5, 2

# A key that more articles have is part of a template or a turn of phrase. It takes no longer than this to see, in a
# collection of any size; the other keys of the sketch have to do.
POPULAR = 40
MOST = 12  # articles that are worth an exact check, of about 1.5 ms each
_ENOUGH = 2  # shared keys


def file_sketch(connection: sqlite3.Connection, article: int, new: Sketch) -> None:
    """An article's sketch, in place of the one it had. In the transaction that files the article."""
    if article > _ID:
        raise ValueError(f"article {article}: the sketch index holds {_ID}")
    forget(connection, article)
    keys = b"".join(key.to_bytes(_KEY_BYTES, "big") for key in new.keys)
    numbers = b"".join(each.to_bytes(_NUMBER_BYTES, "big") for each in new.numbers)
    connection.execute("INSERT INTO sketch VALUES (?, ?, ?, ?)", (article, new.version, keys, numbers))
    connection.executemany("INSERT INTO sketch_key VALUES (?)", [(key << _ID_BITS | article,) for key in new.keys])


def forget(connection: sqlite3.Connection, article: int) -> None:
    if old := sketch_in(connection, article):
        entries = [(key << _ID_BITS | article,) for key in old.keys]
        connection.executemany("DELETE FROM sketch_key WHERE entry = ?", entries)
        connection.execute("DELETE FROM sketch WHERE article = ?", (article,))


def sketch_in(connection: sqlite3.Connection, article: int) -> Sketch | None:
    """An article's stored sketch, of whatever version."""
    row = connection.execute("SELECT version, keys, numbers FROM sketch WHERE article = ?", (article,)).fetchone()
    if row is None:
        return None
    version, keys, numbers = row
    return Sketch(version, _integers(keys, _KEY_BYTES), _integers(numbers, _NUMBER_BYTES))


def candidates(connection: sqlite3.Connection, wanted: Sketch, besides: int = 0) -> list[int]:
    """The articles that share enough of a sketch, those that share most first; MOST at most, without ``besides``.

    Two copies find each other whoever came first, as sharing is symmetric. Only where so many articles share a key
    that it is not looked at to the end may a later one see less.
    """
    hits: Counter[int] = Counter()
    popular: Counter[int] = Counter()
    for place, key in enumerate(wanted.keys):
        first = key << _ID_BITS
        entries = connection.execute(
            "SELECT entry FROM sketch_key WHERE entry BETWEEN ? AND ? ORDER BY entry DESC LIMIT ?",
            (first, first | _ID, POPULAR),
        ).fetchall()
        # The whole text is enough alone, and popular only for those who have it in common.
        weight = _ENOUGH if place == 0 else 1
        into = popular if len(entries) == POPULAR and place else hits
        into.update({entry & _ID: weight for (entry,) in entries})
    hits.pop(besides, None)
    popular.pop(besides, None)
    found = [article for article, count in hits.items() if count + popular[article] >= _ENOUGH]
    if not found:  # a template, or a story that everybody has: then only what shares nearly everything
        found = [article for article, count in popular.items() if 2 * count >= SAMPLE]
        hits = popular
    found.sort(key=lambda article: (-hits[article] - popular[article], article))
    alike = (article for article in found[: 4 * MOST] if not _are_siblings(connection, wanted, article))
    return [article for article, _ in zip(alike, range(MOST), strict=False)]


def _are_siblings(connection: sqlite3.Connection, wanted: Sketch, article: int) -> bool:
    stored = sketch_in(connection, article)
    return stored is None or are_siblings(wanted, stored)


def outdated(connection: sqlite3.Connection, limit: int) -> list[int]:
    """Articles that have no sketch of the present version yet, the newest first: until then none is like them."""
    row = connection.execute("SELECT below FROM sketch_renewal WHERE version = ?", (VERSION,)).fetchone()
    if row is None:
        below = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM article").fetchone()[0]
    else:
        below = row[0]
    rows = connection.execute("SELECT id FROM article WHERE id < ? ORDER BY id DESC LIMIT ?", (below, limit))
    return [id_ for (id_,) in rows]


def renewed(connection: sqlite3.Connection, below: int) -> None:
    """From ``below`` on every article has its sketch."""
    connection.execute("INSERT OR REPLACE INTO sketch_renewal VALUES (?, ?)", (VERSION, below))


def _integers(content: bytes, width: int) -> tuple[int, ...]:
    return tuple(int.from_bytes(content[at : at + width], "big") for at in range(0, len(content), width))
