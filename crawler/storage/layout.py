"""Where things lie in a collection. Paths are relative to its folder; only names, no effects."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

STATE = ".state"
INDEX = f"{STATE}/index.db"
TEMPORARY = f"{STATE}/tmp"  # noqa: S108
CHANGES = f"{STATE}/journal"
NOTES = f"{STATE}/notes"
QUARANTINE = f"{STATE}/quarantine"
REVISIONS = f"{STATE}/revisions"
COPIES = f"{STATE}/copies"  # copies of stories of which the user wants one document only
MARK = f"{STATE}/backup.json"  # says that a folder is a backup, and whether it was completed

# What SQLite puts beside a database; a stray one must never meet another database.
BESIDE = ("-wal", "-shm", "-journal")

# Not a name of bytes that are no text: no row could hold it.
DOCUMENT = re.compile(
    r"(?P<source>[^/.\ud800-\udfff][^/\ud800-\udfff]*)/"
    r"(?:\d{4}/\d\d/(?P<day>\d{4}-\d\d-\d\d)-(?P<name>[^/\ud800-\udfff]+)|undated/(?P<undated>[^/\ud800-\udfff]+))\.md"
)


def visible_files(root: Path) -> Iterator[str]:
    """Every file of the collection outside .state, in order; links are files, and hidden ones are not ours."""
    for folder, folders, names in os.walk(root):
        below = Path(folder).relative_to(root)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in links)
        yield from (str(below / name) for name in sorted(names + links) if not name.startswith("."))
