"""What became of one article, and where each of its texts lies. Reads only."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from crawler.storage.layout import REVISIONS
from crawler.storage.log import moment
from crawler.storage.stored import SCHEMA, StoredArticleView, said, select

Place = Literal["stands", "edited", "kept", "lost"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of an article. ``place`` says what lies at ``path`` now.

    stands: this very text, as the document; edited: the document, with what a person has made of this text;
    kept: this very text, set aside when the next one came; lost: nothing, and ``path`` is "".
    """

    seq: int
    op: str  # add, revise, withdraw, …
    at: datetime
    revision: int  # 1 is the first text
    title: str
    sha256: str
    length: int  # characters of the text
    reason: str  # of a withdrawal; "stands again" of an article that has come back
    path: str  # relative to the collection
    place: Place
    root: Path = field(repr=False, compare=False)

    @property
    def has_new_text(self) -> bool:
        return self.op in ("add", "revise") and not self.reason

    def read(self) -> bytes:
        """The document of that revision. Raises FileNotFoundError where it is lost."""
        if not self.path:
            raise FileNotFoundError(f"revision {self.revision} is kept nowhere")
        return (self.root / self.path).read_bytes()

    def text(self) -> str:
        """Its text, one paragraph a line."""
        return said(self.read())[0]


def articles_at(root: Path, address: str) -> list[StoredArticleView]:
    """The articles, of whatever source, that stand or were met under an address in identity form."""
    where = (
        "JOIN address d ON d.article = a.id WHERE d.url = ? AND d.kind != 'original' "
        "ORDER BY d.kind = 'canonical' DESC, a.id"
    )
    with moment(root, SCHEMA) as connection:
        return select(connection, root, where, (address,))


def articles_known_as(root: Path, names: Sequence[tuple[str, str]]) -> list[StoredArticleView]:
    """Those of these ids (source, key), be it an article's own or that of a duplicate; each once."""
    where = "JOIN identity i ON i.article = a.id WHERE i.source = ? AND i.key = ?"
    with moment(root, SCHEMA) as connection:
        found = [article for name in names for article in select(connection, root, where, name)]
    return list({(article.source, article.key): article for article in found}.values())


def article_in(root: Path, path: str) -> StoredArticleView | None:
    """The article of the document at a path relative to the collection."""
    with moment(root, SCHEMA) as connection:
        return next(iter(select(connection, root, "WHERE a.path = ?", (path,))), None)


def history(root: Path, source: str, key: str) -> list[Revision]:
    """Every change of an article, the oldest first."""
    with moment(root, SCHEMA) as connection:
        rows = connection.execute(
            "SELECT seq, op, at, sha256, fields FROM change WHERE source = ? AND key = ? ORDER BY seq",
            (source, key),
        ).fetchall()
        path = _path(connection, source, key)
    texts = _Texts(root, path)
    found: list[Revision] = []
    for seq, op, at, sha256, raw in rows:
        fields: Mapping[str, Any] = json.loads(raw)
        before = found[-1] if found else None
        place, where = texts.of(sha256, is_current=sha256 == rows[-1][3])
        found.append(
            Revision(
                seq=seq,
                op=op,
                at=datetime.fromisoformat(at),
                # A change without a new text tells no length, one of a kind that we do not know perhaps nothing.
                revision=int(fields.get("revision") or (before.revision if before else 1)),
                title=str(fields.get("title") or (before.title if before else "")),
                sha256=sha256,
                length=int(fields.get("length") or (before.length if before else 0)),
                reason=str(fields.get("reason", "")),
                path=where,
                place=place,
                root=root,
            )
        )
    return found


def _path(connection: sqlite3.Connection, source: str, key: str) -> str:
    row = connection.execute("SELECT path FROM article WHERE source = ? AND key = ?", (source, key)).fetchone()
    return str(row[0]) if row else ""


class _Texts:
    """The files that may hold a text of one article, each read once."""

    def __init__(self, root: Path, path: str):
        self._path = path
        name = PurePosixPath(path)
        kept = sorted((root / REVISIONS / name.parent).glob(f"{name.stem}.r*.md")) if path else []
        self._now = _sum(root / path) if path else ""
        self._kept = {_sum(file): str(file.relative_to(root)) for file in reversed(kept)}

    def of(self, sha256: str, *, is_current: bool) -> tuple[Place, str]:
        if self._now and self._now == sha256:
            return "stands", self._path
        if sha256 in self._kept:
            return "kept", self._kept[sha256]
        if is_current and self._now:
            return "edited", self._path
        return "lost", ""


def _sum(file: Path) -> str:
    if not file.is_file() or file.is_symlink():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()
