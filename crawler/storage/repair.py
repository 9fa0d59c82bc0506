"""Mends what an audit has found, as far as that can be done without guessing; the rest goes into quarantine.

Never deletes, never touches what a person has edited, removed or put beside. Each step may be cut short:
running it again goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from crawler.models import Candidate
from crawler.storage import filing
from crawler.storage.aside import copy_aside, put_aside
from crawler.storage.audit import Finding, copies_of
from crawler.storage.disk import Disk
from crawler.storage.documents import Identify
from crawler.storage.fields import moment_from_columns
from crawler.storage.journal_audit import look_over_journal
from crawler.storage.layout import TEMPORARY
from crawler.storage.library import Library
from crawler.storage.rebuild import adopt


def repair(disk: Disk, findings: Sequence[Finding], now: datetime, identify: Identify) -> list[str]:
    """Needs the run lock. Answers what was done, a line each. Raises StorageError."""
    stamp = f"repair-{now:%Y%m%dT%H%M%S}"
    library = Library(disk)
    try:
        # Looked for first: `recover` clears away what lies half placed, and that may be the only good copy.
        good = {
            finding.place: _good_copy(library, finding.place)
            for finding in findings
            if finding.kind in ("torn", "changed")
        }
        done = list(_mend_journal(library, stamp, now))
        library.recover(now)
        for finding in findings:
            if finding.kind in ("intent", "leftover"):
                done.append(f"{finding.place}: {'ended' if finding.kind == 'intent' else 'removed'}")
            elif finding.kind in ("torn", "changed"):
                done.append(_bring_back(library, finding.place, good[finding.place], stamp, now))
        unindexed = [finding.place for finding in findings if finding.kind == "unindexed"]
        with library.index.transaction():
            done += [f"{path}: filed" for path in adopt(library.index, disk, unindexed, now, identify)]
        library.recover(now)  # the journal gets what was filed
    finally:
        library.close()
    return done


def _mend_journal(library: Library, stamp: str, now: datetime) -> Iterator[str]:
    """Prepares it: `recover` then writes what is missing."""
    disk, is_incomplete = library.disk, False
    troubles = list(look_over_journal(disk.root, library.index.connection))
    if any(trouble.remedy == "take back" for trouble in troubles):
        # Before a file is put aside: what only the journal knows would be gone with it.
        library.journal.distrust()
        library.journal.take_back(now)
    for trouble in troubles:
        if trouble.remedy == "rewrite" and disk.path(trouble.place).exists():
            yield f"{trouble.place}: kept as {put_aside(disk, trouble.place, stamp)}, written again from the index"
        elif trouble.remedy != "rewrite":
            yield f"{trouble.place}: {trouble.what}: mended"
        is_incomplete = is_incomplete or trouble.remedy != "cut"
    if is_incomplete:
        library.journal.distrust()


def _good_copy(library: Library, path: str) -> bytes | None:
    sha256 = library.index.value("SELECT sha256 FROM article WHERE path = ?", (path,))
    copy = next(copies_of(library.disk.root, path, sha256), None) if sha256 else None
    return copy.read_bytes() if copy else None


def _bring_back(library: Library, path: str, good: bytes | None, stamp: str, now: datetime) -> str:
    """A spoiled document: from a kept copy of its very bytes, else it is owed again."""
    disk = library.disk
    [(id_, source, key, url, title, published, precision)] = library.index.rows(
        "SELECT id, source, key, url, title, published, precision FROM article WHERE path = ?", (path,)
    )
    kept = copy_aside(disk, path, stamp)
    if good is not None:
        temporary = f"{TEMPORARY}/{hashlib.sha256(path.encode()).hexdigest()[:32]}"
        disk.remove(temporary)
        disk.write_new(temporary, good)
        disk.replace(temporary, path)
        disk.sync_folders([str(PurePosixPath(path).parent)])
        with library.index.transaction() as connection:
            connection.execute("UPDATE article SET written = ? WHERE id = ?", (disk.written(path), id_))
        return f"{path}: brought back from a kept copy; the spoiled one is {kept}"
    moment = moment_from_columns(published, precision, "index", ZoneInfo("UTC"))
    with library.index.transaction() as connection:
        connection.execute("UPDATE article SET sha256 = '', fingerprint = '' WHERE id = ?", (id_,))
        filing.mark(connection, "damaged", source, key)
        if url:
            library.frontier.owe(connection, [Candidate(source, key, url, title=title, published=moment)], now)
    disk.remove(path)
    disk.sync_folders([str(PurePosixPath(path).parent)])
    again = "the next crawl fetches it again" if url else "its address is not known: it can not be fetched again"
    return f"{path}: put into quarantine as {kept}; {again}"
