"""`verify` and `backup`: is the collection what its index says, can it be mended, and a copy of it.

The looking takes no lock and changes nothing; `--repair` and `--rebuild-index` wait for the lock.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.configuration import Configuration
from crawler.dedup.identity import key_of
from crawler.errors import StorageError, UsageError
from crawler.extraction.text import printable
from crawler.formats import safe_key
from crawler.storage.audit import Audit, Finding, Scope, audit, known_sources
from crawler.storage.backup import back_up
from crawler.storage.disk import Disk
from crawler.storage.documents import Identify
from crawler.storage.layout import STATE
from crawler.storage.lock import RunLock
from crawler.storage.rebuild import rebuild
from crawler.storage.repair import repair

PATIENCE = 30.0  # seconds for the lock
SHOWN = 20  # findings of one kind


class Result:
    """What was found at the end, and what was done before."""

    def __init__(self, found: Audit, done: tuple[str, ...] = ()):
        self.found = found
        self.done = done

    @property
    def exit_code(self) -> int:
        if self.found.of("index"):
            return StorageError.exit_code
        return int(any(finding.is_fault for finding in self.found.findings))


def scope_of(names: Sequence[str], subset: str, root: Path) -> Scope:
    """The sources named and the slice; raises UsageError for what is not there."""
    if not root.is_dir():
        raise UsageError(f"there is no collection at {root}; crawl makes one, --output names another")
    known = sorted(known_sources(root)) if names else []
    for name in names:
        if name not in known:
            raise UsageError(f"nothing of {name!r} is in {root}; there are {', '.join(known) or 'no documents'}")
    slices = re.fullmatch(r"(\d{1,4})/(\d{1,4})", subset or "1/1")
    part, parts = (int(number) for number in slices.groups()) if slices else (0, 0)
    if not 1 <= part <= parts:
        raise UsageError(f"--subset {subset!r}: write for instance 1/7, the first of seven slices")
    return Scope(tuple(names), part, parts)


def verify(root: Path, scope: Scope, configuration: Configuration, *, mend: bool, make_again: bool) -> Result:
    """Look the collection over; with the lock, mend it or make its index again first. Raises StorageError, LockHeld."""
    root = root.resolve()
    identify = identify_by(configuration)
    if not mend and not make_again:
        is_running = RunLock.is_held(root / STATE)
        return Result(audit(root, scope, identify, is_running=is_running))
    with locked(root, "verify") as disk:
        done: list[str] = []
        now = datetime.now(UTC)
        if make_again:
            made = rebuild(disk, now, identify)
            done.append(f"index: made again from {made.changes} changes and {len(made.adopted)} documents of their own")
            done += [f"{place}: the old index" for place in made.aside]
            done += [f"{place}: the line at byte {byte} can not be read" for place, byte in made.broken]
        if mend:
            done += repair(disk, audit(root, scope, identify).findings, now, identify)
        return Result(audit(root, scope, identify), tuple(done))


@contextmanager
def locked(root: Path, command: str) -> Iterator[Disk]:
    """The collection's disk, with the run lock held."""
    disk = Disk(root)
    disk.make_folder(STATE)
    lock = RunLock(disk.path(STATE))
    lock.acquire(command=command, since=f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}", patience=PATIENCE)
    try:
        yield disk
    finally:
        lock.release()


def identify_by(configuration: Configuration) -> Identify:
    """How a document's file name and address tell its article's id."""
    spiders: dict[str, Any] = {}

    def identify(source: str, name: str, url: str) -> str:
        if not spiders:  # most collections never ask, and Scrapy takes its time to load
            from crawler.engine.loader import SourceLoader

            spiders.update(SourceLoader(configuration.spiders).spiders)
        spider = spiders.get(source)
        if spider is None:
            return name
        is_case_sensitive = spider.source.key_is_case_sensitive
        key = key_of(url, spider.source) if url else ""
        wanted = safe_key(key, case_sensitive=is_case_sensitive) if key else ""
        # A list may know an id that no address spells: then the name has it.
        if wanted and (name == wanted or re.fullmatch(re.escape(wanted) + r"-\d{1,3}", name)):
            return key
        return _with_capitals(name) if is_case_sensitive else name

    return identify


def _with_capitals(name: str) -> str:
    """`r7gb-3` is `r7GB` (``formats.naming``)."""
    stem, _, mask = name.rpartition("-")
    if not stem or not re.fullmatch("[0-9a-f]{1,15}", mask):
        return name
    bits = f"{int(mask, 16):0{len(stem)}b}"
    key = "".join(char.upper() if bit == "1" else char for char, bit in zip(stem, bits, strict=False))
    return key if safe_key(key, case_sensitive=True) == name else name


# --- telling ---------------------------------------------------------------------


def show(result: Result, *, as_json: bool) -> None:
    faults = [finding for finding in result.found.findings if finding.is_fault]
    told = [finding for finding in result.found.findings if not finding.is_fault]
    if as_json:
        fields = {
            "exit_code": result.exit_code,
            "documents": result.found.documents,
            "findings": [asdict(finding) | {"place": _shown(finding.place)} for finding in faults],
            "information": [asdict(finding) | {"place": _shown(finding.place)} for finding in told],
            "done": list(result.done),
        }
        index = result.found.of("index")
        click.echo(json.dumps(({"error": index[0].what} if index else {}) | fields, ensure_ascii=False))
        return
    for line in result.done:
        click.echo(printable(f"done      {line}"))
    _show(faults)
    _show(told)
    counts = Counter(finding.kind for finding in faults)
    summary = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "all is well"
    click.echo(f"{result.found.documents} documents looked at: {summary}.")


def _shown(place: str) -> str:
    """A file's name need not be text."""
    return os.fsencode(place).decode("utf-8", "backslashreplace")


def _show(findings: Sequence[Finding]) -> None:
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.kind] += 1
        if seen[finding.kind] <= SHOWN:
            advice = f"; {finding.advice}" if finding.advice else ""
            click.echo(printable(f"{finding.kind:<9} {_shown(finding.place)}: {finding.what}{advice}"))
    for kind, number in seen.items():
        if number > SHOWN:
            click.echo(f"{kind:<9} … and {number - SHOWN} more; --json lists all")


# --- backup ----------------------------------------------------------------------


def copy(root: Path, target: Path, *, as_json: bool) -> int:
    """A consistent copy, also beside a running crawl; exit code 1 if a document is spoiled. Raises UsageError."""
    root = root.resolve()
    if not (root / STATE).is_dir():
        raise UsageError(f"there is no collection at {root}; crawl makes one, --output names another")
    copied = back_up(root, target)
    code = int(bool(copied.spoiled))
    if as_json:
        click.echo(json.dumps({"exit_code": code, **asdict(copied)}, ensure_ascii=False))
        return code
    for path in copied.spoiled:
        click.echo(printable(f"torn      {path}: not copied; `verify --repair` mends it"))
    click.echo(f"{copied.documents} documents in {target}, {copied.written} files written.")
    return code
