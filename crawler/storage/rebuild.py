"""Makes a lost or broken index again from the journal and the documents, equal to the one that was lost.

What the old one can still say is written to the journal first. It is put aside, never deleted.
Not in the journal, so not in the result: when a list was last asked and its validators (it is read in full
once more), cached robots.txt files, fetches, and when articles are looked at again: the young ones are, once.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from crawler.errors import IndexFault
from crawler.storage.aside import put_aside
from crawler.storage.disk import Disk
from crawler.storage.documents import Identify, adopted
from crawler.storage.filing import file_change
from crawler.storage.index import Index
from crawler.storage.index_faults import refuse_newer
from crawler.storage.journal import GONE
from crawler.storage.journal_files import Reading, files, lines_of, read, torn_at
from crawler.storage.layout import BESIDE, DOCUMENT, INDEX, NOTES, STATE, TEMPORARY, visible_files
from crawler.storage.library import Library
from crawler.storage.looks import plan_again
from crawler.storage.replay import fill_gaps, replay
from crawler.storage.stories import Stories, texts_in

YOUNG = timedelta(days=8)  # corrections come early: what is older is not looked at again
_NEW = f"{TEMPORARY}/rebuilt.db"
_TOGETHER = 500  # sketches that are made again at once


@dataclass(frozen=True, slots=True)
class Rebuilt:
    changes: int  # taken from the journal
    adopted: tuple[str, ...]  # documents that the journal did not know
    lost: int  # numbers of the change log of which nothing is known any more
    broken: tuple[tuple[str, int], ...]  # lines of the journal that can not be read: file, byte
    aside: tuple[str, ...] = field(default=())  # where the old files lie now


def rebuild(disk: Disk, now: datetime, identify: Identify) -> Rebuilt:
    """Needs the run lock. Raises StorageError; whatever stops it, running it again is safe."""
    refuse_newer(disk.path(INDEX))
    disk.make_folder(TEMPORARY)
    _ask_the_old_one(disk, now)
    for name in _with_beside(_NEW):
        disk.remove(name)
    with closing(Index(disk.path(_NEW))) as index:
        rebuilt = _fill(index, disk, now, identify)
        index.check("integrity_check")
        index.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        index.rows("PRAGMA journal_mode = DELETE")  # one file, which can be moved
    stamp = f"index-{now:%Y%m%dT%H%M%S}"
    # The old log must be gone before the new file has the name: SQLite would apply it.
    aside = [put_aside(disk, name, stamp) for name in _with_beside(INDEX) if disk.path(name).exists()]
    disk.replace(_NEW, INDEX)
    disk.sync_folders([STATE])
    library = Library(disk)
    library.recover(now)  # the journal gets what came from the documents
    library.close()
    return Rebuilt(rebuilt.changes, rebuilt.adopted, rebuilt.lost, rebuilt.broken, tuple(aside))


def _with_beside(path: str) -> Iterator[str]:
    yield path
    yield from (path + ending for ending in BESIDE)


def _ask_the_old_one(disk: Disk, now: datetime) -> None:
    """If it is well, it finishes what was begun; if not, the journal and the documents have to do."""
    if not disk.path(INDEX).is_file():
        return
    library = None
    try:
        library = Library(disk)
        library.index.check("integrity_check")
        library.recover(now)
    except (IndexFault, ValueError, KeyError) as error:
        logging.warning("the old index can not be asked: %s", error)
        if library is not None:
            library.index.close()
    else:
        library.close()


def _fill(index: Index, disk: Disk, now: datetime, identify: Identify) -> Rebuilt:
    for path in files(disk.root):
        size, whole = torn_at(disk.path(path))
        if whole < size:
            disk.truncate(path, whole)
    reading = read(disk.root, dict.fromkeys(files(disk.root), 0))
    with index.transaction() as connection:
        if collection := _collection(disk):
            connection.execute("UPDATE collection SET id = ?", (collection,))
        changes = replay(connection, disk.root, reading.events)
        # What came from the journal need not be told to it again.
        connection.execute("DELETE FROM unwritten")
        connection.executemany(
            "INSERT INTO journal_file (name, size, seq) VALUES (?, ?, ?)", _read_so_far(disk, reading)
        )
        found = adopt(index, disk, visible_files(disk.root), now, identify)
        lost = fill_gaps(connection, now.isoformat())
        stories = Stories(connection, texts_in(connection, disk.root))
        while stories.renew(_TOGETHER):
            pass
        plan_again(connection, now - YOUNG, now + timedelta(hours=6))
    return Rebuilt(changes, tuple(found), lost, tuple(reading.broken))


def _read_so_far(disk: Disk, reading: Reading) -> list[tuple[str, int, int]]:
    highest: dict[str, int] = {}
    for event in reading.events:
        if not event.is_note:
            highest[event.path] = max(highest.get(event.path, 0), event.after)
    rows = [(path, disk.path(path).stat().st_size, highest.get(path, 0)) for path in files(disk.root)]
    if len(reading.seqs) < max(reading.seqs, default=0):
        rows.append((GONE, 1, 0))  # the next start completes the journal
    return rows


def _collection(disk: Disk) -> str:
    """The collection's own id, which stands at the head of its notes."""
    for path in files(disk.root):
        for _, line in lines_of(disk.path(path)) if path.startswith(NOTES) else ():
            if line and line["op"] == "notes" and isinstance(line.get("collection"), str):
                return str(line["collection"])
            break
    return ""


def adopt(index: Index, disk: Disk, relatives: Iterable[str], now: datetime, identify: Identify) -> list[str]:
    """Documents that no row knows become articles by what they say themselves; answers which. In a transaction.

    A file that is none, or whose article lies elsewhere, stays what it is.
    """
    taken, numbers = [], _free_numbers(index)
    for relative in relatives:
        if DOCUMENT.fullmatch(relative) is None or index.path_is_taken(relative):
            continue
        raw = disk.read(relative)
        fields = adopted(relative, raw, disk.written(relative), identify) if raw is not None else None
        if raw is None or fields is None or is_known(index, fields):
            continue
        line = {"seq": next(numbers), "op": "add", "at": now.isoformat(), "path": relative}
        file_change(index.connection, {**line, "sha256": hashlib.sha256(raw).hexdigest(), **fields})
        taken.append(relative)
    return taken


def _free_numbers(index: Index) -> Iterator[int]:
    """First those of which nothing is known: a lost line may have been this document's own."""
    taken = [row[0] for row in index.rows("SELECT seq FROM change ORDER BY seq")]
    there = set(taken)
    yield from (seq for seq in range(1, max(taken, default=0)) if seq not in there)
    yield from count(max(taken, default=0) + 1)


def is_known(index: Index, fields: dict[str, object]) -> bool:
    source, addresses = str(fields["source"]), fields["addresses"]
    assert isinstance(addresses, list)
    return index.article_by_key(source, str(fields["key"])) is not None or any(
        index.article_by_address(source, url) is not None for url in addresses
    )
