"""Articles as the index holds them, read beside a running crawl with flat memory. Writes nothing.

Pages are taken by number (``seq > the last one``), each from a moment of its own: an offset would
skip and repeat while a crawl writes, and one long transaction would hold up the writer's log.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from crawler.errors import UsageError
from crawler.models import Style
from crawler.storage.log import moment, newest

SCHEMA = 5  # has article.shape
PAGE = 500
State = Literal["stored", "edited", "missing", "pointer", "hidden"]

_CREDIT = re.compile(r"\s*<p>（文章来源：[^<]*）</p>\s*\Z")  # the jekyll style's own last paragraph, as in documents.py
_COLUMNS = (
    "cursor, source, key, url, path, sha256, style, title, published, precision, day, medium, section, authors, images, "
    "original_url, evidence, fingerprint, length, fetched, first_seen, revision, withdrawn, shape, full_text"
)
_OF_A = ", ".join(f"a.{name}" for name in _COLUMNS.split(", ")[1:])
_LAST = "(SELECT max(seq) FROM change WHERE source = a.source AND key = a.key)"
_CURSOR = "(SELECT id FROM collection) || ':' || "


@dataclass(frozen=True, slots=True)
class StoredArticleView:
    """One article of a collection, as its index knows it; the document is read when it is asked for.

    "" and () mean that the page did not tell. ``published`` is set only where a time of day is known, in the source's
    zone; ``day`` also where no more than the day is.
    """

    cursor: str  # behind its last change
    source: str
    key: str
    url: str
    path: str  # of the document, relative to the collection
    sha256: str  # of the document as it was written; "" where the disk had spoiled it
    style: Style
    title: str
    published: datetime | None
    precision: str  # second, minute, day, ""
    day: date | None
    medium: str
    section: str
    authors: tuple[str, ...]
    images: tuple[str, ...]
    original_url: str
    evidence: Mapping[str, str]  # field: where it was read
    fingerprint: str  # of the text
    length: int  # characters of the text
    fetched: datetime
    first_seen: datetime
    revision: int
    withdrawn: datetime | None  # since when it is gone from its site
    shape: str  # of the document: "" its text, "pointer" a line that leads to its story's primary, "hidden" not visible
    full_text: str  # where the text of a pointer lies, relative to the collection
    root: Path = field(repr=False, compare=False)

    def read(self) -> bytes:
        """The document as it lies there now. Raises FileNotFoundError where a person has removed it."""
        return self._read(self.path)

    def whole(self) -> bytes:
        """The document with the article's text, also of one that only points to another. Raises FileNotFoundError."""
        return self._read(self.full_text or self.path)

    def _read(self, path: str) -> bytes:
        from crawler.storage.disk import Disk

        file = self.root / path
        raw = Disk.read_file(file)
        if raw is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
        return raw

    def text(self) -> str:
        """The article's text, one paragraph a line."""
        return said(self.whole())[0]

    def front_matter(self) -> dict[str, Any]:
        """The document's keys and values, as YAML types them. Raises ValueError where a person has broken them."""
        import frontmatter
        import yaml

        try:
            return dict(frontmatter.loads(self.read().decode("utf-8-sig")).metadata)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ValueError(f"{self.path}: {error}") from error

    def state(self) -> State:
        """Whether the document lies there as it was written."""
        try:
            return self.state_of(self.read())
        except FileNotFoundError:
            return "missing"

    def state_of(self, raw: bytes) -> State:
        """Whether these bytes of it are as they were written."""
        sha256 = hashlib.sha256(raw).hexdigest()
        if sha256 == self.sha256:
            return "stored"
        # A crawl that runs meanwhile may have revised it since, or be about to.
        now = "SELECT 1 FROM {} WHERE path = ? AND sha256 = ?"
        with moment(self.root, SCHEMA) as connection:
            is_ours = any(
                connection.execute(now.format(table), (self.path, sha256)).fetchone() for table in ("article", "intent")
            )
        return "stored" if is_ours else "edited"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles: of some sources (none: of all), published on or after a day. Those without a date always are."""

    sources: tuple[str, ...] = ()
    since: date | None = None

    def where(self, table: str) -> tuple[str, list[object]]:
        """A condition on the article table of this name, and its values."""
        conditions, values = ["1"], list[object](self.sources)
        if self.sources:
            conditions.append(f"+{table}.source IN ({', '.join('?' * len(self.sources))})")
        if self.since is not None:
            conditions.append(f"({table}.day = '' OR {table}.day >= ?)")
            values.append(self.since.isoformat())
        return " AND ".join(conditions), values


def known_sources(root: Path) -> list[str]:
    with moment(root, SCHEMA) as connection:
        rows = connection.execute("SELECT name FROM source UNION SELECT source FROM article").fetchall()
    return sorted(row[0] for row in rows)


def refuse_unknown(root: Path, names: Sequence[str]) -> None:
    """Raises UsageError for a source that this collection has never had."""
    known = known_sources(root) if names else []
    for name in names:
        if name not in known:
            raise UsageError(f"nothing of {name!r} is in {root}; there are {', '.join(known) or 'no documents'}")


# Each article at its last change up to the end: once, however often it has changed.
_PAGE = (
    f"SELECT c.seq, {_CURSOR} c.seq, {_OF_A} FROM change c JOIN article a ON a.source = c.source AND a.key = c.key "  # noqa: S608
    "WHERE c.seq > ? AND c.seq <= ? AND NOT EXISTS (SELECT 1 FROM change d WHERE d.source = c.source AND "
    f"d.key = c.key AND d.seq > c.seq AND d.seq <= ?) AND {{}} ORDER BY c.seq LIMIT {PAGE}"
)


def articles(root: Path, wanted: Selection, after: int = 0) -> Iterator[StoredArticleView]:
    """Each that has changed since ``after``, once, as it is now, in the order of their last changes.

    What changes meanwhile may come as it is then, and has a later number: it comes again to whoever asks
    with the cursor of the last one.
    """
    until = newest(root).seq
    condition, values = wanted.where("a")
    while True:
        with moment(root, SCHEMA) as connection:
            rows = connection.execute(_PAGE.format(condition), [after, until, until, *values]).fetchall()
        for row in rows:
            yield _view(root, row[1:])
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def newest_articles(root: Path, wanted: Selection, number: int) -> Iterator[StoredArticleView]:
    """The newest by publication that stand on their sites; undated ones by when they were found."""
    condition, values = wanted.where("a")
    # A page that dates itself into the future is as new as the moment at which it was found, no newer.
    order = "min(coalesce(datetime(nullif(a.published, '')), datetime(a.first_seen)), datetime(a.first_seen))"
    with moment(root, SCHEMA) as connection:
        ids = connection.execute(
            f"SELECT a.id FROM article a WHERE a.withdrawn = '' AND {condition} ORDER BY {order} DESC, a.id DESC LIMIT ?",  # noqa: S608
            [*values, number],
        ).fetchall()
    for start in range(0, len(ids), PAGE):
        with moment(root, SCHEMA) as connection:
            page = [select(connection, root, "WHERE a.id = ?", row) for row in ids[start : start + PAGE]]
        yield from (article for found in page for article in found)


def select(connection: sqlite3.Connection, root: Path, where: str, values: Sequence[object]) -> list[StoredArticleView]:
    """``where`` is our own constant: what follows FROM article a."""
    rows = connection.execute(f"SELECT {_CURSOR} {_LAST}, {_OF_A} FROM article a {where}", values)  # noqa: S608
    return [_view(root, row) for row in rows]


def _view(root: Path, row: Sequence[Any]) -> StoredArticleView:
    fields = dict(zip(_COLUMNS.split(", "), row, strict=True))
    has_time = fields["precision"] not in ("", "day")
    return StoredArticleView(
        **fields
        | {
            "published": datetime.fromisoformat(fields["published"]) if has_time else None,
            "day": date.fromisoformat(fields["day"]) if fields["day"] else None,
            "authors": tuple(json.loads(fields["authors"])),
            "images": tuple(json.loads(fields["images"])),
            "evidence": json.loads(fields["evidence"]),
            "fetched": datetime.fromisoformat(fields["fetched"]),
            "first_seen": datetime.fromisoformat(fields["first_seen"]),
            "withdrawn": datetime.fromisoformat(fields["withdrawn"]) if fields["withdrawn"] else None,
        },
        root=root,
    )


def said(raw: bytes) -> tuple[str, str]:
    """A document's text, one paragraph a line, and its HTML, cut down to the allow-list.

    Of one that a person has made something else of: all of it, and "".
    """
    from crawler.storage.documents import read_back

    document = read_back(raw)
    if document is None:
        return raw.decode("utf-8", "replace").strip(), ""
    return re.sub(r"\n\s*\n", "\n", document.text), _CREDIT.sub("", document.content.html)
