"""What can be wrong with an index file, as sentences that say where, why and what to do. Opens nothing for writing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from crawler.errors import DiskFull, IndexFault
from crawler.storage.schema import APPLICATION_ID, SCHEMA_VERSION

PATIENCE = 30.0  # seconds to wait for a reader that holds the file
REBUILD = "`verify --rebuild-index` makes it again from the documents and the journal, and keeps the broken file"


def _header(path: Path) -> tuple[int, ...]:
    """Page size, pages, schema, application id and the file's size; () for what is no SQLite file."""
    try:
        with path.open("rb") as file:
            header, size = file.read(100), file.seek(0, 2)
    except OSError:
        return ()  # SQLite says it better
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return ()
    places = ((16, 18), (28, 32), (60, 64), (68, 72))  # sqlite.org/fileformat2.html, section 1.3
    return *(int.from_bytes(header[start:end], "big") for start, end in places), size


def refuse_newer(path: Path) -> None:
    """Raises IndexFault for an index whose content a newer program knows better."""
    header = _header(path)
    if header and header[3] == APPLICATION_ID and header[2] > SCHEMA_VERSION:
        raise _newer(path, header[2])


def refuse_by_header(path: Path) -> None:
    """What the first bytes tell, before SQLite touches the file. Raises IndexFault."""
    header = _header(path)
    if not header:
        return
    page_size, pages, _, application, size = header
    if application not in (0, APPLICATION_ID):
        raise _foreign(path, application)
    log = path.with_name(path.name + "-wal")
    has_log = log.is_file() and log.stat().st_size
    whole = pages * (65536 if page_size == 1 else page_size)
    if not has_log and size < whole:
        raise IndexFault(f"the index is cut off: {path}: {size} of {whole} bytes are there; {REBUILD}")


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> int:
    """Answers the schema of the index, 0 for a new one."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables:
        return 0
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID:
        raise _foreign(path, application)
    if version > SCHEMA_VERSION:
        raise _newer(path, version)
    return version


def _newer(path: Path, version: int) -> IndexFault:
    return IndexFault(
        f"{path} was written by a newer Shiyi (schema {version}, this program knows {SCHEMA_VERSION}); "
        "use that newer program"
    )


def _foreign(path: Path, application: int) -> IndexFault:
    return IndexFault(
        f"{path} is a SQLite file of another program (application id {application:#x}); "
        "move it away, or use --output for another folder"
    )


def fault_of(path: Path, error: sqlite3.Error, patience: float = PATIENCE) -> IndexFault | DiskFull:
    name = getattr(error, "sqlite_errorname", "")
    # The second: the log's shared memory can not grow, as on a full tmpfs.
    if name in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):
        return DiskFull(f"no space left for the index: {path}; free some space, then run again: nothing is lost")
    advice = {
        "SQLITE_BUSY": f"another program has held it for {patience:.0f} s; close that program, then run again",
        "SQLITE_NOTADB": f"it is no SQLite file; {REBUILD}",
        "SQLITE_CORRUPT": f"it is damaged; {REBUILD}",
        "SQLITE_READONLY": "it may not be written; see its owner and mode",
        "SQLITE_CANTOPEN": "it can not be opened; see its owner and mode",
        "SQLITE_IOERR": "the disk does not do what it should; see its space and its health, then run again",
    }
    hint = next((text for start, text in advice.items() if name.startswith(start)), "nothing was changed")
    return IndexFault(f"the index can not be used: {path}: {error} ({name or 'no code'}); {hint}")
