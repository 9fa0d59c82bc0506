"""Step 2 of the library: one document gets its file, durable, and nothing that stands there is ever overwritten."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from crawler.errors import StorageError
from crawler.storage.disk import Disk
from crawler.storage.documents import is_same_article
from crawler.storage.fields import dump
from crawler.storage.index import Index, StoredArticle
from crawler.storage.layout import REVISIONS, TEMPORARY


@dataclass(frozen=True, slots=True)
class Intent:
    """One document that is about to be written; everything needed to commit it later."""

    id: int
    op: str  # add, revise
    path: str
    sha256: str
    temporary: str
    shelved: dict[str, Any]
    content: bytes = b""
    text: str = ""  # the article's; after a crash the document has to tell it
    replaced: StoredArticle | None = None


def note_intent(
    connection: sqlite3.Connection, op: str, path: str, content: bytes, shelved: dict[str, Any], text: str,
    replaced: StoredArticle | None,
) -> Intent:  # fmt: skip
    """Step 1 for one document: what is about to be written, with all that is needed to finish it after a crash."""
    sha256 = hashlib.sha256(content).hexdigest()
    temporary = f"{TEMPORARY}/{sha256[:32]}"
    cursor = connection.execute(
        "INSERT INTO intent (op, path, sha256, temporary, shelved) VALUES (?, ?, ?, ?, ?)",
        (op, path, sha256, temporary, dump(shelved)),
    )
    return Intent(cursor.lastrowid or 0, op, path, sha256, temporary, shelved, content, text, replaced)


def kept_name(disk: Disk, old: StoredArticle) -> str:
    """Where ``place`` will keep the document that is to be replaced."""
    return next((name for name in _kept_names(old) if disk.read(name) in (None, disk.read(old.path))), "")


def _kept_names(old: StoredArticle) -> list[str]:
    folder = f"{REVISIONS}/{PurePosixPath(old.path).parent}"
    return names(f"{folder}/{PurePosixPath(old.path).stem}.r{old.revision}.md")


def place(disk: Disk, index: Index, intent: Intent) -> Intent:
    """Step 2 for one document. Answers the intent as it was carried out (the name may differ)."""
    disk.make_folder(str(PurePosixPath(intent.path).parent))
    disk.remove(intent.temporary)
    disk.write_new(intent.temporary, intent.content)
    if intent.replaced is not None:
        _keep_old(disk, intent.replaced)
        disk.replace(intent.temporary, intent.path)
        return intent
    for path in names(intent.path) if intent.op == "add" or intent.shelved.get("moved") else [intent.path]:
        if path != intent.path:
            # A file that is not ours has the name. It stays; we announce the next name first.
            with index.transaction() as connection:
                if connection.execute("SELECT 1 FROM article WHERE path = ?", (path,)).fetchone():
                    continue
                connection.execute("UPDATE intent SET path = ? WHERE id = ?", (path, intent.id))
        if disk.link(intent.temporary, path):
            return replace(intent, path=path)
        standing = disk.read(path)
        if standing is None:
            continue
        sha256 = hashlib.sha256(standing).hexdigest()
        if sha256 != intent.sha256 and is_same_article(standing, intent.shelved):
            with index.transaction() as connection:
                connection.execute("UPDATE intent SET sha256 = ? WHERE id = ?", (sha256, intent.id))
            intent = replace(intent, sha256=sha256)
        if sha256 == intent.sha256:
            # A run before a lost index wrote it: it is filed as it stands, not doubled.
            return replace(intent, path=path)
    raise StorageError(f"no free name for {intent.path}: a hundred files stand there")


def _keep_old(disk: Disk, old: StoredArticle) -> None:
    folder = f"{REVISIONS}/{PurePosixPath(old.path).parent}"
    disk.make_folder(folder)
    for name in _kept_names(old):
        # An index made from documents alone counts from 1 again: what was kept before stays.
        if disk.link(old.path, name) or disk.read(name) == disk.read(old.path):
            break
    else:
        raise StorageError(f"no free name to keep {old.path} under: a hundred files stand in {folder}")
    disk.sync_folders([folder])


def names(path: str) -> list[str]:
    stem = path.removesuffix(".md")
    return [path, *(f"{stem}-{number}.md" for number in range(2, 101))]
