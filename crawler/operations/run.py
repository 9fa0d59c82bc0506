"""One run: choose the sources, open the session, crawl, judge, report. The exit code is made here."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from crawler.engine.guards import named_proxies
from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.engine.process import Job, drive
from crawler.engine.session import Session, use
from crawler.engine.tally import Tally
from crawler.errors import UsageError
from crawler.extraction.text import masked
from crawler.models import OUTAGE, RunReport, Source, SourceReport
from crawler.operations.choice import why_not
from crawler.operations.following import follow
from crawler.operations.notify import tell
from crawler.operations.verdict import broken, judge, skipped
from crawler.storage import pointing
from crawler.storage.stories import Stories, texts_in

REWRITTEN = 2000  # documents that take another form in one run; the rest in the next ones
RENEWED = 200  # sketches that are made again in one run

Watch = Callable[[Session, Sequence[str]], Any]  # makes the display; its ``stop()`` ends it


def crawl(
    options: Options, loader: SourceLoader, names: Sequence[str], *, everything: bool = False, watch: Watch
) -> RunReport:
    """Every source that is due, or those that were named. Raises UsageError before any request."""
    chosen = _chosen(loader, names)
    session = Session(options).open()
    only_due = not names and not everything and session.recording is None
    try:
        jobs, left_out = [], []
        for name in chosen:
            source = loader.spiders[name].source
            reason = why_not(session, source, is_named=bool(names), everything=everything)
            if reason:
                left_out.append(skipped(name, reason, session.library.frontier.owed(name)))
            else:
                jobs.append(Job(loader.spiders[name], only_due=only_due))
        left_out += [broken(stem, why) for stem, why in loader.broken.items() if not names or stem in names]
        return run_jobs(session, jobs, left_out, watch)
    finally:
        session.close()


def pages(options: Options, jobs: Sequence[Job], *, watch: Watch) -> tuple[RunReport, Session]:
    """Single pages, stored (`save`) or only looked at (`try`)."""
    session = Session(options).open()
    try:
        return run_jobs(session, list(jobs), [], watch), session
    finally:
        session.close()


def _chosen(loader: SourceLoader, names: Sequence[str]) -> list[str]:
    known = loader.spiders
    for name in names:
        if name not in known and name not in loader.broken:
            raise UsageError(f"unknown source {name!r}; there are {', '.join(sorted(known))}")
    return [name for name in (names or sorted(known)) if name in known]


def run_jobs(session: Session, jobs: list[Job], left_out: list[SourceReport], watch: Watch) -> RunReport:
    """Crawl, judge, report, in an open session."""
    if proxies := named_proxies():
        logging.warning(
            "requests go via proxy %s: it looks the names up, so only literal addresses are checked",
            ", ".join(sorted(proxies)),
        )
    use(session)
    _introduce(session, jobs)
    display = watch(session, [job.spider.name for job in jobs])
    try:
        if jobs:
            drive(session, jobs)
    finally:
        display.stop()
        use(None)
    outage = _outage(session)
    reports = _reports(session, jobs)
    if outage:
        reports = [_without_network(each, outage) for each in reports]
    else:
        _tell_what_was_folded(session)
    sources = reports + left_out
    sources.sort(key=lambda report: report.name)
    exit_code = _exit_code(session, sources)
    finished = session.now() if session.recording else datetime.now(UTC)
    report = RunReport(session.run_id, session.started, finished, exit_code, tuple(sources))
    if session.stores and session.trouble is None:
        polled = {job.spider.name for job in jobs if job.polls}
        _keep(session, report, {job.spider.name: job.spider.source for job in jobs}, polled)
        _settle_copies(session, report.finished)
        if session.recording is None:
            tell(session.library.index, session.options.configuration.notify, report.finished)
    return report


def _reports(session: Session, jobs: list[Job]) -> list[SourceReport]:
    reports = []
    for job in jobs:
        name = job.spider.name
        owed = session.library.frontier.owed(name) if session.stores and session.trouble is None else 0
        has_ended = session.tally(name).has_ended
        stopped = str(session.trouble) if session.trouble else "" if has_ended else session.stopping
        report = judge(session.tally(name), job.spider.source, owed=owed, stopped=stopped)
        told = filter(None, (report.reason, *_hints(session, session.tally(name))))
        gap = replace(report.gap, list=masked(report.gap.list)) if report.gap else None
        reports.append(replace(report, reason=masked("; ".join(told)), gap=gap))
    return reports


def _hints(session: Session, tally: Tally) -> list[str]:
    """What is no fault, and should be known."""
    hints = []
    if tally.moved:
        old, new = next(iter(tally.moved.items()))
        more = f" (and {len(tally.moved) - 1} more lists)" if len(tally.moved) > 1 else ""
        hints.append(f"{old} has moved for good to {new}{more}: change the address in the source file")
    if tally.walked:
        ends = Counter(end.partition(": ")[2] for end in tally.walked.values())
        hints.append("walked back: " + ", ".join(f"{count} x {end}" for end, count in ends.most_common(3)))
    if tally.not_asked:
        hints.append(f"no answer to several articles in a row, so {tally.not_asked} more were not asked for")
    if tally.left:
        hints.append(
            f"{tally.left} articles of the backlog are left for the next runs; "
            f"`crawl {tally.name} --limit {tally.left}` takes them at once"
        )
    if not session.options.configuration.for_source(tally.name).verify_tls:
        hints.append("certificates are not checked (verify_tls = false)")
    return hints


def _outage(session: Session) -> str:
    """Why nothing at all was reached; "" if anything answered, or if only one host was asked."""
    gate = session.gate
    if gate.has_answered or session.stopping or len(gate.silent) < 2:
        return ""
    reason, _ = Counter(gate.silent.values()).most_common(1)[0]
    return f"{OUTAGE} ({reason}): is the network down?"


def _without_network(report: SourceReport, outage: str) -> SourceReport:
    return replace(report, stage="fetch", reason=outage) if report.verdict == "failing" else report


def _tell_what_was_folded(session: Session) -> None:
    for name, tally in session.tallies.items():
        for url, end in tally.walked.items():
            logging.warning("%s: %s: walked %s", name, masked(url), end)
        for reason, (url, *more) in tally.untold.items():
            logging.warning("%s: %s%s: %s", name, url, f" and {len(more)} more articles" if more else "", reason)


def _exit_code(session: Session, sources: Sequence[SourceReport]) -> int:
    if session.trouble is not None:
        return session.trouble.exit_code
    return int(any(report.verdict in ("degraded", "failing") for report in sources))


def _introduce(session: Session, jobs: Sequence[Job]) -> None:
    """A copy names its original by the source's title: it has to be known before the first article is placed."""
    if not session.stores:
        return
    rows = [(job.spider.name, job.spider.source.title) for job in jobs]
    known = {name for (name,) in session.library.index.rows("SELECT name FROM source")}
    if new := [row for row in rows if row[0] not in known]:
        with session.library.index.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO source (name, title, first_run) VALUES (?, ?, '')", new)


def _settle_copies(session: Session, now: datetime) -> None:
    """What the user wants of copies: known only when all of the run is grouped."""
    library, waiting = session.library, []
    for rewrite in islice(pointing.due(library.disk, library.index, session.copies_for), REWRITTEN):
        waiting.append(rewrite)
        if len(waiting) == pointing.TOGETHER:
            library.rewrite(waiting, now)
            waiting = []
    library.rewrite(waiting, now)
    # An index of an older version, or another sketch: a few old articles a run, until all can be found again.
    with library.index.transaction() as connection:
        Stories(connection, texts_in(connection, library.disk.root)).renew(RENEWED)


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
                "ON CONFLICT (name) DO UPDATE SET title = ?2, last_new = coalesce(?4, last_new), "
                "first_run = CASE WHEN first_run = '' THEN ?3 ELSE first_run END",
                (each.name, ran[each.name].title, stamp, stamp if each.saved else None),
            )
            if each.name in polled:
                follow(connection, each, session.tally(each.name), ran[each.name], report.finished)
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
        for name in ("withdrawn", "rechecked"):  # told by the change log and the summary
            del source[name]
    fields["sources"] = list(fields["sources"])
    return fields
