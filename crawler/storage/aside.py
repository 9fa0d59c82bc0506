"""Puts things aside and never deletes them: into .state/quarantine/, under the name they had."""

from __future__ import annotations

from pathlib import PurePosixPath

from crawler.storage.disk import Disk
from crawler.storage.layout import QUARANTINE, STATE


def put_aside(disk: Disk, relative: str, stamp: str) -> str:
    """Move a file to .state/quarantine/<stamp>/; answers its place there."""
    # Not by a rename: between two folders a power cut may take the old name and not give the new one.
    target = copy_aside(disk, relative, stamp)
    disk.remove(relative)
    disk.sync_folders([str(PurePosixPath(relative).parent)])
    return target


def copy_aside(disk: Disk, relative: str, stamp: str) -> str:
    """The same, but the file also stays where it is until something better takes its place."""
    target = _free_place(disk, relative, stamp)
    disk.link(relative, target)
    disk.sync_folders([str(PurePosixPath(target).parent)])
    return target


def _free_place(disk: Disk, relative: str, stamp: str) -> str:
    wanted = PurePosixPath(QUARANTINE, stamp, relative.removeprefix(f"{STATE}/"))
    target, number = wanted, 1
    while disk.path(str(target)).exists():
        number += 1
        target = wanted.with_name(f"{wanted.name}.{number}")
    disk.make_folder(str(target.parent))
    return str(target)
