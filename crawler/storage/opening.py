"""Opens a collection's index, or says why not and what to do. Never starts empty where documents lie.

An older index is upgraded after a copy of it was kept; a broken one is only refused:
``rebuild.py`` makes it again when a person asks for that.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from pathlib import Path
from typing import Any

from crawler.errors import IndexFault
from crawler.storage.disk import Disk
from crawler.storage.index import Index
from crawler.storage.index_faults import REBUILD
from crawler.storage.journal_files import files
from crawler.storage.layout import CHANGES, DOCUMENT, INDEX, MARK, STATE, TEMPORARY, visible_files

# Shared memory, which a write-ahead log needs, does not work across machines (sqlite.org/wal.html).
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "fuse.sshfs", "fuse.glusterfs")
MOUNTS = Path("/proc/self/mounts")


def open_index(disk: Disk) -> Index:
    """The index of the collection, made new only in a folder without one. Raises IndexFault, DiskError."""
    path = disk.path(INDEX)
    if (mark := mark_of(disk.root)) is not None and not mark.get("complete"):
        raise IndexFault(
            f"{disk.root} is a backup that was not completed; run backup again, or remove {disk.path(MARK)} to use it as it is"
        )
    there = path.stat().st_size if path.is_file() else None
    if not there and not path.is_dir():
        refuse_empty(disk.root, "is missing" if there is None else "is an empty file")
    network = network_file_system(disk.root)
    if network:
        logging.warning("%s lies on a network disk (%s): slower, and only one machine may use it", disk.root, network)
    index = Index(path, before_upgrade=lambda old, version: keep_old(disk, old, version), on_network=bool(network))
    try:
        if there and index.is_unused():
            refuse_empty(disk.root, "knows nothing")
        if index.was_killed():
            index.check()
    except BaseException:
        index.close()
        raise
    return index


def mark_of(root: Path) -> dict[str, Any] | None:
    """What says that a folder is a backup, and of what; None for a collection that is none."""
    try:
        mark = json.loads((root / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return mark if isinstance(mark, dict) else None


def refuse_empty(root: Path, what: str) -> None:
    """Raises IndexFault if documents or a journal lie where the index is missing or empty."""
    number = count_documents(root)
    has_journal = any(_tells(root / file) for file in files(root))
    if number or has_journal:
        raise IndexFault(
            f"the index {what}: {root / INDEX}, but there are {number} documents and {'a' if has_journal else 'no'} "
            f"journal; {REBUILD}, or use --output for a new collection"
        )


def _tells(file: Path) -> bool:
    """Whether a file of the journal says more than the head that stands in each file of notes."""
    with file.open("rb") as handle:
        return handle.readline() != b"" and (CHANGES in str(file.parent) or handle.readline() != b"")


def count_documents(root: Path) -> int:
    """How many files have a document's place and look like one; 0 after looking at the names alone if none does."""
    places = [name for name in visible_files(root) if DOCUMENT.fullmatch(name)]
    return len(places) if any(_opens_front_matter(root / name) for name in places) else 0


def _opens_front_matter(file: Path) -> bool:
    try:
        with file.open("rb") as handle:
            return handle.read(64).lstrip(b"\xef\xbb\xbf \r\n").startswith(b"---")
    except OSError:
        return False


def keep_old(disk: Disk, old: sqlite3.Connection, version: int) -> None:
    """A copy of an index before it is upgraded: .state/index-schema-N.db, for the way back."""
    temporary, name = f"{TEMPORARY}/index-schema-{version}.db", f"{STATE}/index-schema-{version}.db"
    disk.make_folder(TEMPORARY)
    disk.copy_database(old, temporary)
    disk.replace(temporary, name)
    disk.sync_folders([STATE])
    logging.warning("the index is upgraded; the old one is kept as %s", disk.path(name))


def network_file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of network disk that a folder lies on, "" for a local one or where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, found = -1, ""
    for line in lines:
        _, point, kind, *_ = [*line.split(" "), "", ""]
        point = point.replace("\\040", " ")
        if len(point) >= best and path.is_relative_to(point):  # of two on one place the last covers the first
            best, found = len(point), kind
    return found if found in _NETWORK else ""
