"""One run: choose the sources, open the session, crawl, judge, report. The exit code is made here."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.engine.guards import named_proxies
from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.engine.process import Job, drive
from crawler.engine.session import Session, use
from crawler.errors import UsageError
from crawler.models import RunReport, Source, SourceReport
from crawler.operations.health import broken, judge, skipped

Watch = Callable[[Session, Sequence[str]], Any]  # makes the display; its ``stop()`` ends it


def crawl(
    options: Options, loader: SourceLoader, names: Sequence[str], *, everything: bool = False, watch: Watch
) -> RunReport:
    """Every source that is due, or those that were named. Raises UsageError before any request."""
    chosen = _chosen(loader, names)
    session = Session(options).open()
    try:
        jobs, left_out = [], []
        for name in chosen:
            source = loader.spiders[name].source
            reason = _why_not(session, source, is_named=bool(names), everything=everything)
            if reason:
                left_out.append(skipped(name, reason, session.library.frontier.owed(name)))
            else:
                jobs.append(Job(loader.spiders[name]))
        left_out += [broken(stem, why) for stem, why in loader.broken.items() if not names or stem in names]
        return _run(session, jobs, left_out, watch)
    finally:
        session.close()


def pages(options: Options, jobs: Sequence[Job], *, watch: Watch) -> tuple[RunReport, Session]:
    """Single pages, stored (`save`) or only looked at (`try`)."""
    session = Session(options).open()
    try:
        return _run(session, list(jobs), [], watch), session
    finally:
        session.close()


def _chosen(loader: SourceLoader, names: Sequence[str]) -> list[str]:
    known = loader.spiders
    for name in names:
        if name not in known and name not in loader.broken:
            raise UsageError(f"unknown source {name!r}; there are {', '.join(sorted(known))}")
    return [name for name in (names or sorted(known)) if name in known]


def _why_not(session: Session, source: Source, *, is_named: bool, everything: bool) -> str:
    """Why a source is left out of this run, "" if it is not."""
    if session.recording is not None:
        if not is_named and not any(host in session.recording.hosts for host in source.hosts):
            return "nothing of it is in the recording"
        return ""
    if is_named or everything:
        return ""
    last = session.library.index.value("SELECT last_run FROM source WHERE name = ?", (source.name,))
    if last is None:
        return ""
    due = datetime.fromisoformat(last) + timedelta(seconds=source.every)
    if session.now() < due:
        return f"not due before {due.astimezone():%Y-%m-%d %H:%M}"
    return ""


def _run(session: Session, jobs: list[Job], left_out: list[SourceReport], watch: Watch) -> RunReport:
    if proxies := named_proxies():
        logging.warning(
            "requests go via proxy %s: it looks the names up, so only literal addresses are checked",
            ", ".join(sorted(proxies)),
        )
    use(session)
    display = watch(session, [job.spider.name for job in jobs])
    try:
        if jobs:
            drive(session, jobs)
    finally:
        display.stop()
        use(None)
    sources = _reports(session, jobs) + left_out
    sources.sort(key=lambda report: report.name)
    exit_code = _exit_code(session, sources)
    finished = session.now() if session.recording else datetime.now(UTC)
    report = RunReport(session.run_id, session.started, finished, exit_code, tuple(sources))
    if session.stores and session.trouble is None:
        polled = {job.spider.name for job in jobs if job.polls}
        _keep(session, report, {job.spider.name: job.spider.source for job in jobs}, polled)
    return report


def _reports(session: Session, jobs: list[Job]) -> list[SourceReport]:
    reports = []
    for job in jobs:
        name = job.spider.name
        owed = session.library.frontier.owed(name) if session.stores and session.trouble is None else 0
        stopped = str(session.trouble) if session.trouble else session.stopping
        reports.append(judge(session.tally(name), job.spider.source, owed=owed, stopped=stopped))
    return reports


def _exit_code(session: Session, sources: Sequence[SourceReport]) -> int:
    if session.trouble is not None:
        return session.trouble.exit_code
    return int(any(report.verdict in ("degraded", "failing") for report in sources))


def _keep(session: Session, report: RunReport, ran: Mapping[str, Source], polled: Collection[str]) -> None:
    """The run and what it says of each source, for `sources` and later looks.

    Single pages of a source do not say when its lists were asked: they leave last run and verdict as they are.
    """
    stamp = report.finished.isoformat()
    with session.library.index.transaction() as connection:
        connection.execute(
            "UPDATE run SET finished = ?, exit_code = ?, report = ? WHERE run_id = ?",
            (stamp, report.exit_code, json.dumps(as_json(report), ensure_ascii=False), report.run_id),
        )
        for each in report.sources:
            if each.name not in ran:
                continue
            connection.execute(
                "INSERT INTO source (name, title, first_run, last_new) VALUES (?1, ?2, ?3, ?4) "
                "ON CONFLICT (name) DO UPDATE SET title = ?2, last_new = coalesce(?4, last_new)",
                (each.name, ran[each.name].title, stamp, stamp if each.saved else None),
            )
            if each.name in polled:
                connection.execute(
                    "UPDATE source SET last_run = ?, last_verdict = ?, last_reason = ? WHERE name = ?",
                    (stamp, each.verdict, each.reason, each.name),
                )


def as_json(report: RunReport) -> dict[str, Any]:
    """The object of `crawl --json`."""
    fields = asdict(report)
    fields["started"], fields["finished"] = report.started.isoformat(), report.finished.isoformat()
    for source in fields["sources"]:
        gap = source["gap"]
        if gap is not None:
            source["gap"] = {"list": gap["list"], "from": gap["since"], "to": gap["until"]}
        source["paths"] = list(source["paths"])
    fields["sources"] = list(fields["sources"])
    return fields
