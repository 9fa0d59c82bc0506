"""Puts things aside and never deletes them: into .state/quarantine/, under the name they had."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from crawler.storage.disk import Disk
from crawler.storage.layout import QUARANTINE, STATE, TEMPORARY


def keep_page(disk: Disk, source: str, name: str, body: bytes) -> str:
    """Keep a doubtful page's bytes for a person to look at; answers the path."""
    folder = f"{QUARANTINE}/{source}"
    path = f"{folder}/{name}.html"
    if disk.read(path) != body:
        disk.make_folder(folder)
        temporary = f"{TEMPORARY}/quarantined-{hashlib.sha256(path.encode()).hexdigest()[:16]}"
        disk.remove(temporary)
        disk.write_new(temporary, body)
        disk.replace(temporary, path)
        disk.sync_folders([folder])
    return path


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
