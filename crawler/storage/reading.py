"""Reads an index without changing anything, beside a running crawl: one consistent moment of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from crawler.errors import IndexFault
from crawler.storage.index_faults import PATIENCE, fault_of, refuse_by_header, refuse_foreign


@contextmanager
def reader(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection inside a read transaction. Raises IndexFault as opening it for writing would."""
    if not path.is_file():
        raise IndexFault(f"the index is missing: {path}")
    refuse_by_header(path)
    try:
        connection = _connect(path)
        try:
            connection.execute("BEGIN")
            refuse_foreign(connection, path)
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise fault_of(path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        # A log can not be opened in a folder that may not be written; nobody writes to it there, either.
        if getattr(error, "sqlite_errorname", "") not in ("SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY"):
            raise
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
    return connection
