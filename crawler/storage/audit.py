"""Looks a collection over and names what is missing, changed, torn or foreign, each with what to do.

Reads only, takes no lock. What a person has done (edited, removed, put beside) is told and is no fault.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from crawler.errors import IndexFault, StorageError
from crawler.storage.documents import Identify, adopted
from crawler.storage.index_faults import REBUILD
from crawler.storage.journal_audit import JournalTrouble, look_over_journal
from crawler.storage.layout import DOCUMENT, INDEX, QUARANTINE, REVISIONS, TEMPORARY, visible_files
from crawler.storage.opening import refuse_empty
from crawler.storage.reading import reader
from crawler.storage.schema import SCHEMA_VERSION

Kind = Literal[
    "index", "number", "journal", "intent", "leftover", "torn", "changed", "unreadable", "missing", "unindexed",
    "edited", "removed", "foreign", "owed", "older",
]  # fmt: skip
# What is only told: a person did it, or it mends itself.
TOLD: frozenset[Kind] = frozenset(("edited", "removed", "foreign", "owed", "older"))
NEWEST = 3  # so many of the newest documents gone together are no person's doing


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    place: str  # relative to the collection
    what: str
    advice: str

    @property
    def is_fault(self) -> bool:
        return self.kind not in TOLD


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: all, or the documents of some sources, or the ``part``-th of ``parts`` slices of them."""

    sources: tuple[str, ...] = ()
    part: int = 1
    parts: int = 1

    def covers(self, relative: str, source: str) -> bool:
        """The same slice for the same path on every day and machine."""
        if self.sources and source not in self.sources:
            return False
        return zlib.crc32(relative.encode("utf-8", "surrogateescape")) % self.parts == self.part - 1


@dataclass(slots=True)
class Audit:
    documents: int = 0  # looked at
    findings: list[Finding] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[Finding]:
        return [finding for finding in self.findings if finding.kind in kinds]


@dataclass(frozen=True, slots=True)
class _Row:
    source: str
    path: str
    sha256: str
    written: int


def audit(root: Path, scope: Scope, identify: Identify, *, is_running: bool = False) -> Audit:
    """Look a collection over. ``is_running``: a crawl holds the lock, so what is under way is no leftover."""
    found = Audit()
    try:
        refuse_empty_index(root)
        with reader(root / INDEX) as connection:
            found.findings += _index(connection, scope, is_running=is_running)
            rows = _rows(connection)
            found.findings += [
                Finding("journal", trouble.place, trouble.what, trouble.advice)
                for trouble in _journal(root, connection, scope, is_running=is_running)
            ]
            _documents(found, root, scope, rows)
            found.findings += _strangers(root, scope, rows, connection, identify)
    except IndexFault as error:
        text = str(error)
        found.findings.append(Finding("index", INDEX, text, "" if REBUILD in text else REBUILD))
        found.findings += [
            Finding("journal", trouble.place, trouble.what, REBUILD) for trouble in look_over_journal(root)
        ]
    if not is_running:
        found.findings += _leftovers(root)
    elif suspects := found.of("torn", "changed", "missing", "removed", "edited", "unindexed"):
        found.findings = _still_so(root, found.findings, {finding.place for finding in suspects})
    found.findings.sort(key=lambda finding: finding.place)
    return found


def refuse_empty_index(root: Path) -> None:
    index = root / INDEX
    if not index.is_file() or not index.stat().st_size:
        refuse_empty(root, "is an empty file" if index.is_file() else "is missing")


def _still_so(root: Path, findings: list[Finding], suspects: set[str]) -> list[Finding]:
    """Beside a running crawl: only what is not explained by what was written meanwhile."""
    with reader(root / INDEX) as connection:
        rows = {row.path: row for row in _rows(connection)}
        intended = {row[0] for row in connection.execute("SELECT path FROM intent")}
    kept = []
    for finding in findings:
        row = rows.get(finding.place)
        is_well = row is not None and _judge(root, row) is None
        if finding.place not in suspects or not (is_well or finding.place in intended):
            kept.append(finding)
    return kept


# --- the index ----------------------------------------------------------------


def _index(connection: sqlite3.Connection, scope: Scope, *, is_running: bool) -> Iterator[Finding]:
    pragma = "integrity_check" if scope.parts == 1 else "quick_check"
    problems = [row[0] for row in connection.execute(f"PRAGMA {pragma}(20)") if row[0] != "ok"]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        yield Finding("index", INDEX, f"damaged: {'; '.join(problems[:3])}{more}", REBUILD)
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield Finding("index", INDEX, f"row {row} of {table} points to no {parent}", REBUILD)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < SCHEMA_VERSION:
        yield Finding(
            "older", INDEX, f"schema {version}; this program has {SCHEMA_VERSION}", "the next run upgrades it"
        )
    there = [row[0] for row in connection.execute("SELECT seq FROM change ORDER BY seq")]
    missing = sorted(set(range(1, max(there, default=0))) - set(there))
    if missing:
        shown = ", ".join(map(str, missing[:10])) + (" …" if len(missing) > 10 else "")
        yield Finding("number", INDEX, f"the change log lacks {len(missing)} numbers: {shown}", REBUILD)
    for path, op in [] if is_running else connection.execute("SELECT path, op FROM intent"):
        yield Finding(
            "intent", path, f"a crash has left it half done ({op})", "`verify --repair`, or the next run, ends it"
        )


def _rows(connection: sqlite3.Connection) -> list[_Row]:
    columns = {row[1] for row in connection.execute("PRAGMA table_info(article)")}
    written = "written" if "written" in columns else "0"
    return [
        _Row(*row)
        for row in connection.execute(f"SELECT source, path, sha256, {written} FROM article ORDER BY id")  # noqa: S608
    ]


def _journal(root: Path, connection: sqlite3.Connection, scope: Scope, *, is_running: bool) -> Iterator[JournalTrouble]:
    if scope.parts == 1:
        yield from look_over_journal(root, connection, is_running=is_running)


# --- documents ----------------------------------------------------------------


def _documents(found: Audit, root: Path, scope: Scope, rows: list[_Row]) -> None:
    gone: list[Finding] = []
    newest_gone, is_unbroken = 0, True
    for row in reversed(rows):
        if not scope.covers(row.path, row.source):
            continue
        found.documents += 1
        finding = _judge(root, row)
        if finding is not None and finding.kind == "removed":
            gone.append(finding)
            newest_gone += is_unbroken
            continue
        is_unbroken = False
        if finding is not None:
            found.findings.append(finding)
    for number, finding in enumerate(gone):
        if newest_gone >= NEWEST and number < newest_gone:
            advice = "restore them from a backup; if it was you who removed them, they stay removed"
            finding = replace(finding, kind="missing", what="the newest documents are gone together", advice=advice)
        found.findings.append(finding)


def _judge(root: Path, row: _Row) -> Finding | None:
    file = root / row.path
    try:
        is_file = file.is_file() and not file.is_symlink()
        raw = file.read_bytes() if is_file else None
    except OSError as error:
        advice = "see the disk and the file's owner and mode"
        return Finding("unreadable", row.path, f"can not be read: {error.strerror}", advice)
    if raw is None and not row.sha256:
        return Finding("owed", row.path, "lost to the disk, kept in quarantine", "the next crawl fetches it again")
    if raw is None:
        return Finding("removed", row.path, "removed by a person, or moved", "nothing: it stays so")
    if hashlib.sha256(raw).hexdigest() == row.sha256:
        return None
    advice = "`verify --repair` puts it into quarantine and brings it back, from a kept copy or from its site"
    if torn := why_torn(raw):
        return Finding("torn", row.path, torn, advice)
    if row.written and file.stat().st_mtime_ns == row.written:
        return Finding("changed", row.path, "its bytes have changed and nobody has written to it", advice)
    return Finding("edited", row.path, "edited by a person", "nothing: it is never overwritten")


_OPEN_MATTER = re.compile(rb"\A\s*---[ \t]*\n(?!(?:.*\n)*?---[ \t]*(?:\n|\Z))")


def why_torn(raw: bytes) -> str:
    """What no person does to a document, "" if a person may have written these bytes."""
    if not raw.strip():
        return "is empty"
    if b"\0" in raw:
        return "holds NUL bytes, as after a power cut"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"is no text at byte {error.start}"
    if _OPEN_MATTER.match(raw):
        return "ends within its front matter"
    if b"\n<div>   \n" in raw and b"</div>" not in raw:
        return "ends before its body does"
    return ""


def copies_of(root: Path, relative: str, sha256: str) -> Iterator[Path]:
    """Kept files that hold the very bytes of a document: under revisions, in quarantine, half placed."""
    name = PurePosixPath(relative)
    places = [root / TEMPORARY / sha256[:32]]
    places += sorted((root / REVISIONS / name.parent).glob(f"{name.stem}.r*.md"))
    places += sorted((root / QUARANTINE).rglob(f"{name.name}*"))
    for place in places:
        if place.is_file() and not place.is_symlink() and hashlib.sha256(place.read_bytes()).hexdigest() == sha256:
            yield place


# --- what the index does not know -----------------------------------------------


def _strangers(
    root: Path, scope: Scope, rows: list[_Row], connection: sqlite3.Connection, identify: Identify
) -> Iterator[Finding]:
    known = {row.path for row in rows}
    for relative in visible_files(root):
        source = relative.partition("/")[0]
        if relative in known or not scope.covers(relative, source):
            continue
        place = DOCUMENT.fullmatch(relative)
        if place is not None and _is_unindexed(root, relative, connection, identify):
            advice = "`verify --repair` files it, so that it is not fetched a second time"
            yield Finding("unindexed", relative, "a document of ours that the index does not know", advice)
        else:
            yield Finding("foreign", relative, "not ours", "nothing: it is left alone")


def _is_unindexed(root: Path, relative: str, connection: sqlite3.Connection, identify: Identify) -> bool:
    file = root / relative
    if file.is_symlink():
        return False
    try:
        fields = adopted(relative, file.read_bytes(), 0, identify)
    except OSError:
        return False
    if fields is None:
        return False
    places = [("identity WHERE source = ? AND key = ?", fields["key"])]
    places += [("address WHERE source = ? AND url = ? AND kind != 'original'", url) for url in fields["addresses"]]
    return not any(
        connection.execute(f"SELECT 1 FROM {where}", (fields["source"], value)).fetchone()  # noqa: S608
        for where, value in places
    )


def _leftovers(root: Path) -> Iterator[Finding]:
    folder = root / TEMPORARY
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        place = f"{TEMPORARY}/{file.name}"
        yield Finding("leftover", place, "left by a crash", "`verify --repair`, or the next run, removes it")


def known_sources(root: Path) -> Collection[str]:
    """Names that a scope may have: those of the index, and the folders that stand there."""
    names = {path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")}
    try:
        with reader(root / INDEX) as connection:
            names |= {row[0] for row in connection.execute("SELECT DISTINCT source FROM article")}
    except StorageError:
        pass
    return names
