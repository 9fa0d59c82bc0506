"""The index: a SQLite file that knows every article, address, list and debt.

This module opens it safely and reads and writes articles. Lists and the frontier
have modules of their own. No business logic: `library.py` decides what is written when.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from crawler.errors import IndexFault
from crawler.models import Style
from crawler.storage.index_faults import PATIENCE, REBUILD, fault_of, refuse_by_header, refuse_foreign
from crawler.storage.schema import APPLICATION_ID, SCHEMA_VERSION, migrations

OLDEST_SQLITE = (3, 24, 0)  # ON CONFLICT … DO UPDATE
BeforeUpgrade = Callable[[sqlite3.Connection, int], None]  # the old index and its schema


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """What a decision needs to know of an article that the index holds."""

    id: int
    source: str
    key: str
    url: str
    title: str
    day: str  # ISO, "" where no date is known
    fingerprint: str
    path: str
    sha256: str
    style: Style
    revision: int


# Column lists are our own constants, never input: S608 does not apply to them.
_STORED = "id, source, key, url, title, day, fingerprint, path, sha256, style, revision"


class Index:
    """One open index. Every writing transaction is IMMEDIATE: see ``transaction``."""

    def __init__(
        self, path: Path, *, patience: float = PATIENCE, before_upgrade: BeforeUpgrade | None = None,
        on_network: bool = False,
    ) -> None:  # fmt: skip
        """Open it, or make it; an older one is upgraded in one transaction, after ``before_upgrade``.

        Raises IndexFault for a file that is no index, damaged, of another program or of a newer one.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            needed = ".".join(map(str, OLDEST_SQLITE))
            raise IndexFault(f"SQLite {sqlite3.sqlite_version} is too old: Python's own has to be {needed} or newer")
        self.path = path
        self.patience = patience
        refuse_by_header(path)
        try:
            self.connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise fault_of(path, error, patience) from error
        try:
            self._prepare(before_upgrade, "DELETE" if on_network else "WAL")
        except sqlite3.Error as error:
            self.connection.close()
            raise fault_of(path, error, patience) from error
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self, before_upgrade: BeforeUpgrade | None, journal_mode: str) -> None:
        connection = self.connection
        version = refuse_foreign(connection, self.path)
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        # FULL: an intent must be on the disk before the file it announces (DESIGN 4).
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        self.db = Database(connection, execute_plugins=False)
        if not migrations.pending(self.db):
            return
        if version and before_upgrade:
            before_upgrade(connection, version)
        with self.transaction():  # one, also around several migrations: a crash leaves the old schema
            migrations.apply(self.db)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One writing transaction. IMMEDIATE, since read-then-write in a deferred one loses rows
        when two processes meet (measured: 309-508 of 1,500)."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise fault_of(self.path, error, self.patience) from error

    def is_unused(self) -> bool:
        """Whether no run has ever left anything in it."""
        return not self.value(
            "SELECT EXISTS (SELECT 1 FROM article) OR EXISTS (SELECT 1 FROM change) OR EXISTS (SELECT 1 FROM run) "
            "OR EXISTS (SELECT 1 FROM intent) OR EXISTS (SELECT 1 FROM list) OR EXISTS (SELECT 1 FROM frontier)"
        )

    def was_killed(self) -> bool:
        """Whether the last run did not come to its end."""
        finished = self.rows("SELECT finished FROM run ORDER BY run_id DESC LIMIT 1")
        return bool(finished) and finished[0][0] is None

    def check(self, pragma: str = "quick_check") -> None:
        """Raises IndexFault if a page of it is damaged."""
        problems = [row[0] for row in self.rows(f"PRAGMA {pragma}") if row[0] != "ok"]
        if problems:
            raise IndexFault(f"the index is damaged: {self.path}: {'; '.join(problems[:3])}; {REBUILD}")

    def rows(self, sql: str, parameters: tuple[object, ...] | dict[str, object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise fault_of(self.path, error, self.patience) from error

    def value(self, sql: str, parameters: tuple[object, ...] = ()) -> Any:
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    @staticmethod
    def overview(path: Path) -> dict[str, dict[str, Any]]:
        """What is known of each source, read beside a running crawl; {} where there is no index yet."""
        if not path.is_file():
            return {}
        try:
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
            with closing(connection):
                connection.row_factory = sqlite3.Row
                rows = connection.execute(
                    "SELECT s.name, s.last_run, s.last_verdict, s.last_reason, s.last_new, "
                    "(SELECT count(*) FROM article a WHERE a.source = s.name) AS documents, "
                    "(SELECT count(*) FROM frontier f WHERE f.source = s.name "
                    " AND f.state IN ('owed', 'quarantined')) AS owed FROM source s"
                ).fetchall()
                return {row["name"]: dict(row) for row in rows}
        except sqlite3.Error as error:
            raise fault_of(path, error) from error

    # --- articles ------------------------------------------------------------

    def article_by_key(self, source: str, key: str) -> StoredArticle | None:
        """The article with this id, be it its own or that of a duplicate."""
        return self._stored(
            f"SELECT {_prefixed('a')} FROM identity i JOIN article a ON a.id = i.article "  # noqa: S608
            "WHERE i.source = ? AND i.key = ?",
            (source, key),
        )

    def article_by_address(self, source: str, url: str) -> StoredArticle | None:
        return self._stored(
            f"SELECT {_prefixed('a')} FROM address d JOIN article a ON a.id = d.article "  # noqa: S608
            "WHERE d.url = ? AND d.source = ? AND d.kind != 'original'",
            (url, source),
        )

    def articles_with_text(self, source: str, fingerprint: str) -> list[StoredArticle]:
        rows = self.rows(
            f"SELECT {_STORED} FROM article WHERE source = ? AND fingerprint = ? ORDER BY id",  # noqa: S608
            (source, fingerprint),
        )
        return [StoredArticle(*row) for row in rows]

    def _stored(self, sql: str, parameters: tuple[object, ...]) -> StoredArticle | None:
        rows = self.rows(sql, parameters)
        return StoredArticle(*rows[0]) if rows else None

    def path_is_taken(self, path: str) -> bool:
        return bool(self.value("SELECT 1 FROM article WHERE path = ?", (path,)))

    def known_keys(self, source: str, keys: list[str]) -> set[str]:
        """Those of ``keys`` that need no fetch: articles, duplicates, and what was found to be none."""
        known: set[str] = set()
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            known.update(
                row[0]
                for row in self.rows(
                    f"SELECT key FROM identity WHERE source = ? AND key IN ({marks}) "  # noqa: S608
                    f"UNION SELECT key FROM frontier WHERE source = ? AND key IN ({marks})",
                    (source, *part, source, *part),
                )
            )
        return known


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in _STORED.split(", "))
