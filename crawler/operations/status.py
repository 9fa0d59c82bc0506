"""`status`: what is well, what is not, since when, why, and what to do; for a person who comes back after a week.

Only reads, also while a crawl runs.
"""

from __future__ import annotations

import inspect
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from crawler.engine.loader import SourceLoader
from crawler.extraction.text import printable
from crawler.models import Source
from crawler.operations.following import known_health
from crawler.storage.layout import INDEX, STATE
from crawler.storage.lock import RunLock
from crawler.storage.opening import refuse_empty
from crawler.storage.reading import reader

BAD = ("degraded", "failing")
LONG = timedelta(days=2)  # without a run, though nobody has asked for --max-age
SHOWN = 5  # gaps and frozen pages a source that are listed one by one
_ADVICE = {
    "fetch": "does {home} open in a browser? if it has moved, change the address in the source file",
    "list": "compare the list in a browser with `rows` and `articles` of the source file: {file}",
    "article": "look at one: ./run try URL; then compare `body` and its fellows in the source file: {file}",
    "field": "look at one: ./run try URL; then compare `published`, `author` and `drop` in the source file: {file}",
}


@dataclass(frozen=True, slots=True)
class GapShown:
    list: str
    since: str
    until: str
    found: str


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source as it stands now. Times are ISO 8601 in UTC, "" where nothing has happened yet."""

    name: str
    title: str
    state: str  # well, degraded, failing, dormant, broken (its file), new (never run), unknown (no file any more)
    since: str
    stage: str
    reason: str
    advice: str
    last_run: str
    last_verdict: str
    last_good: str
    last_new: str
    next_check: str
    documents: int
    withdrawn: int
    owed: int
    given_up: int
    gaps: tuple[GapShown, ...]
    frozen: tuple[tuple[str, str], ...]  # address and reason

    @property
    def is_bad(self) -> bool:
        return self.state in (*BAD, "broken")


@dataclass(frozen=True, slots=True)
class Status:
    collection: str
    at: str
    last_run: str
    last_exit_code: int | None
    is_running: bool
    root: str
    too_old: str  # why, with --max-age; else ""
    sources: tuple[SourceStatus, ...]

    @property
    def exit_code(self) -> int:
        return int(bool(self.too_old) or any(source.is_bad for source in self.sources))


def status_of(root: Path, loader: SourceLoader, now: datetime, max_age: timedelta | None = None) -> Status:
    """Raises IndexFault for an index that can not be read."""
    if not (root / INDEX).is_file() or not (root / INDEX).stat().st_size:
        refuse_empty(root, "is missing or empty")  # documents without an index are no new collection
        told = "no run yet" if max_age is not None else ""
        return Status("", now.isoformat(), "", None, False, str(root), told, tuple(_unrun(loader)))
    with reader(root / INDEX) as connection:
        sources = tuple(_sources(connection, loader))
        collection = str(connection.execute("SELECT id FROM collection").fetchone()[0])
        last, code = connection.execute(
            "SELECT finished, exit_code FROM run WHERE finished IS NOT NULL ORDER BY finished DESC LIMIT 1"
        ).fetchone() or ("", None)
    is_running = RunLock.is_held(root / STATE)
    return Status(collection, now.isoformat(), last, code, is_running, str(root), _too_old(last, now, max_age), sources)


def _too_old(last: str, now: datetime, max_age: timedelta | None) -> str:
    if max_age is None:
        return ""
    if not last:
        return "no run has ended yet"
    age = now - datetime.fromisoformat(last)
    return f"the last run ended {_span(age)} ago, more than {_span(max_age)}: does cron run?" if age > max_age else ""


def _unrun(loader: SourceLoader) -> Iterator[SourceStatus]:
    for name, spider in sorted(loader.spiders.items()):
        yield _empty(name, spider.source.title, "new")
    for stem, why in sorted(loader.broken.items()):
        yield _empty(stem, stem, "broken", why, "mend the source file; the others run without it")


def _empty(name: str, title: str, state: str, reason: str = "", advice: str = "") -> SourceStatus:
    return SourceStatus(name, title, state, "", "", reason, advice, "", "", "", "", "", 0, 0, 0, 0, (), ())


def _sources(connection: sqlite3.Connection, loader: SourceLoader) -> Iterator[SourceStatus]:
    rows = {
        row[0]: row for row in connection.execute("SELECT name, title, last_run, last_verdict, last_new FROM source")
    }
    for name in sorted({*rows, *loader.spiders}):
        source = loader.spiders[name].source if name in loader.spiders else None
        if name not in rows:
            assert source is not None
            yield _empty(name, source.title, "new")
        else:
            yield _one(connection, rows[name], source, _file_of(loader, name))
    for stem, why in sorted(loader.broken.items()):
        if stem not in rows:
            yield _empty(stem, stem, "broken", why, "mend the source file; the others run without it")


def _file_of(loader: SourceLoader, name: str) -> str:
    return inspect.getsourcefile(loader.spiders[name]) or "" if name in loader.spiders else ""


def _one(
    connection: sqlite3.Connection,
    row: tuple[str, str, str | None, str | None, str | None],
    source: Source | None,
    file: str,
) -> SourceStatus:
    name, title, last_run, last_verdict, last_new = row
    health, _, _ = known_health(connection, name)
    state: str = health.state
    since, stage, reason = health.since, health.stage, health.cause
    if source is None or not source.lists:
        state, reason = ("unknown", "it has no source file") if last_run and source is None else ("well", "")
    elif not last_run and state == "well":
        state = "new"
    elif state == "well" and health.bad:
        reason = "the last run was not well; named when the next one is not, either"
    count = connection.execute(
        "SELECT count(*), coalesce(sum(withdrawn != ''), 0) FROM article WHERE source = ?", (name,)
    ).fetchone()
    owed, given_up = connection.execute(
        "SELECT coalesce(sum(state IN ('owed', 'quarantined')), 0), coalesce(sum(state = 'given-up'), 0) "
        "FROM frontier WHERE source = ?",
        (name,),
    ).fetchone()
    due = connection.execute("SELECT min(due) FROM list WHERE source = ? AND due != ''", (name,)).fetchone()[0]
    gaps = connection.execute(
        "SELECT list, since, until, found FROM gap WHERE source = ? AND closed = '' ORDER BY found DESC", (name,)
    ).fetchall()
    frozen = connection.execute(
        "SELECT a.url, l.frozen FROM look l JOIN article a ON a.id = l.article WHERE l.source = ? AND l.frozen != ''",
        (name,),
    ).fetchall()
    return SourceStatus(
        name=name,
        title=title,
        state=state,
        since=since,
        stage=stage,
        reason=reason,
        advice=_ADVICE.get(stage, "").format(home=source.home, file=file) if source and state in BAD else "",
        last_run=last_run or "",
        last_verdict=last_verdict or "",
        last_good=health.last_good,
        last_new=last_new or health.last_new,
        next_check=due or "",
        documents=count[0],
        withdrawn=count[1],
        owed=owed,
        given_up=given_up,
        gaps=tuple(GapShown(*gap) for gap in gaps),
        frozen=tuple(frozen),
    )


# --- for a person --------------------------------------------------------------------


def show(status: Status, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**asdict(status), "exit_code": status.exit_code}, ensure_ascii=False))
        return
    for line in _lines(status):
        click.echo(printable(line))


def _lines(status: Status) -> Iterator[str]:
    now = datetime.fromisoformat(status.at)
    states = [source.state for source in status.sources]
    counted = ", ".join(
        f"{states.count(state)} {state}"
        for state in ("well", "new", "dormant", "degraded", "failing", "broken", "unknown")
        if state in states
    )
    run = (
        f"last run {_ago(status.last_run, now)}, exit code {status.last_exit_code}" if status.last_run else "no run yet"
    )
    documents = sum(source.documents for source in status.sources)
    yield f"{len(states)} sources: {counted} · {run}{', one is running' if status.is_running else ''} · {documents:,} documents"
    if not status.last_run:
        yield f"looked at {status.root}"
    if status.too_old:
        yield f"! {status.too_old}"
    elif status.last_run and now - datetime.fromisoformat(status.last_run) > LONG:
        yield "! nothing has run for a while: does cron run?"
    bad = [source for source in status.sources if source.is_bad]
    if bad:
        yield ""
        for source in bad:
            yield from _bad(source, now)
    yield from _gaps(status.sources)
    yield from _frozen(status.sources)
    rest = [source for source in status.sources if not source.is_bad]
    if rest:
        yield ""
        width = max(len(source.name) for source in rest)
        for source in rest:
            yield f"{source.state:>8}  {source.name:<{width}}  {_summary(source, now)}"
            if source.reason:
                yield f"{'':>8}  {'':<{width}}  {source.reason}"
    if not status.last_run:
        yield from ("", "begin with: ./run crawl")


def _bad(source: SourceStatus, now: datetime) -> Iterator[str]:
    since = f" since {_local(source.since)} ({_ago(source.since, now, '')})" if source.since else ""
    yield f"{source.state:>8}  {source.name} {source.title}{since}"
    yield f"{'':>8}  why: {source.stage + ': ' if source.stage else ''}{source.reason}"
    if source.advice:
        yield f"{'':>8}  do:  {source.advice}"
    good = f"last well {_ago(source.last_good, now)}" if source.last_good else "never well yet"
    yield f"{'':>8}  {good}, {_summary(source, now)}"


def _summary(source: SourceStatus, now: datetime) -> str:
    parts = [f"last new {_ago(source.last_new, now)}" if source.last_new else "nothing new yet"]
    parts.append(f"{source.documents:,} documents")
    for number, word in ((source.owed, "owed"), (source.given_up, "given up"), (source.withdrawn, "withdrawn")):
        if number:
            parts.append(f"{number} {word}")
    if source.next_check:
        when = datetime.fromisoformat(source.next_check)
        parts.append("due now" if when <= now else f"next check {_local(source.next_check)}")
    return ", ".join(parts)


def _gaps(sources: Sequence[SourceStatus]) -> Iterator[str]:
    with_gaps = [source for source in sources if source.gaps]
    if not with_gaps:
        return
    yield from ("", "possible gaps: a list rolled over between two polls")
    for source in with_gaps:
        for gap in source.gaps[:SHOWN]:
            yield f"          {source.name}  {gap.list}: {gap.since or '?'} to {gap.until or '?'}"
        if len(source.gaps) > SHOWN:
            yield f"          {source.name}  and {len(source.gaps) - SHOWN} more"
        since = min((gap.since[:10] for gap in source.gaps if gap.since), default="")
        yield f"          do:  ./run backfill {source.name} {'--since ' + since if since else '--pages 10'}"


def _frozen(sources: Sequence[SourceStatus]) -> Iterator[str]:
    frozen = [(source.name, url, reason) for source in sources for url, reason in source.frozen]
    if frozen:
        yield from ("", "frozen: pages whose text goes to and fro; `recheck URL` takes one as it is now")
        for name, url, reason in frozen[:SHOWN]:
            yield f"          {name}  {reason.removeprefix(url + ': ')}  {url}"
        if len(frozen) > SHOWN:
            yield f"          and {len(frozen) - SHOWN} more"


def _local(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp).astimezone():%a %d %b %H:%M}" if stamp else "-"


def _ago(stamp: str, now: datetime, word: str = " ago") -> str:
    if not stamp:
        return "never"
    at = datetime.fromisoformat(stamp)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{_span(now - at)}{word}"


def _span(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and word == "min"):
            return f"{seconds // size} {word}"
    return f"{seconds} s"
