"""What a person reads at the end of a run, and the list of sources."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.models import OUTAGE, RunReport, SourceReport
from crawler.storage.index import Index
from crawler.storage.library import STATE

PATHS_SHOWN = 40


def show_report(report: RunReport, folder: Path) -> None:
    """The summary of a run: verdicts first, then what to look at, then the new documents in ``folder``."""
    unreached = [source for source in report.sources if source.reason.startswith(OUTAGE)]
    if unreached:  # once, not for each of two hundred sources
        owed = sum(source.owed for source in unreached)
        click.echo(f"{'failing':>8}  {unreached[0].reason} ({len(unreached)} sources, {owed} articles stay owed)")
    ran = [source for source in report.sources if source.verdict != "skipped" and source not in unreached]
    width = max((len(source.name) for source in ran), default=6)
    for source in ran:
        click.echo(f"{source.verdict:>8}  {source.name:<{width}}  {_counts(source)}")
        if source.reason:
            where = f"{source.stage}: " if source.stage else ""
            click.echo(f"{'':>8}  {'':<{width}}  {where}{source.reason}")
        if source.gap:
            gap = source.gap
            click.echo(f"{'':>8}  {'':<{width}}  possible gap in {gap.list}: {gap.since or '?'} to {gap.until or '?'}")
    left_out = [source for source in report.sources if source.verdict == "skipped"]
    for source in left_out:
        click.echo(f"{'skipped':>8}  {source.name:<{width}}  {source.reason}")
    paths = [path for source in report.sources for path in source.paths]
    if paths:
        click.echo(f"\n{folder}:")
        for path in paths[:PATHS_SHOWN]:
            click.echo(path)
        if len(paths) > PATHS_SHOWN:
            click.echo(f"… and {len(paths) - PATHS_SHOWN} more")
    saved = sum(source.saved for source in report.sources)
    duplicates = sum(source.duplicates for source in report.sources)
    seconds = (report.finished - report.started).total_seconds()
    took = f" in {seconds:.0f} s" if seconds >= 1 else ""
    click.echo(f"\n{saved} new documents, {duplicates} duplicates{took}.")


def _counts(source: SourceReport) -> str:
    parts = [f"{source.found} found", f"{source.new} new", f"{source.saved} saved"]
    for number, word in (
        (source.revised, "revised"),
        (source.withdrawn, "withdrawn"),
        (source.rechecked, "looked at again"),
        (source.duplicates, "duplicates"),
        (source.quarantined, "quarantined"),
        (source.rejected, "rejected"),
        (source.failed, "failed"),
        (source.owed, "owed"),
        (source.not_modified, "lists unchanged"),
    ):
        if number:
            parts.append(f"{number} {word}")
    return ", ".join(parts)


def show_sources(loader: SourceLoader, options: Options, *, as_json: bool) -> None:
    """Each source with its style, last run and verdict, last new article, documents and debts."""
    known = Index.overview(Path(options.output).resolve() / STATE / "index.db")
    rows = []
    for name in sorted({*loader.spiders, *known}):
        spider = loader.spiders.get(name)
        seen = known.get(name, {})
        chosen = options.configuration.for_source(name).style
        rows.append(
            {
                "name": name,
                "title": spider.source.title if spider else name,
                "style": chosen or (spider.source.style if spider else ""),
                "last_run": seen.get("last_run"),
                "last_verdict": seen.get("last_verdict"),
                "last_new": seen.get("last_new"),
                "documents": seen.get("documents", 0),
                "owed": seen.get("owed", 0),
                "dormant_since": spider.source.dormant_since if spider else "",
            }
        )
    if as_json:
        click.echo(json.dumps({"sources": rows, "broken": loader.broken}, ensure_ascii=False))
        return
    heads = ("name", "style", "last run", "verdict", "last new", "documents", "owed", "title")
    cells = [
        (
            row["name"], row["style"], _local(row["last_run"]), row["last_verdict"] or "-",
            _local(row["last_new"]), str(row["documents"]), str(row["owed"]), row["title"],
        )
        for row in rows
    ]  # fmt: skip
    _table(heads, cells)
    for stem, why in loader.broken.items():
        click.echo(f"broken: {stem}: {why}", err=True)


def _local(stamp: str | None) -> str:
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}" if stamp else "never"


def _table(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (heads, *cells)) for column in range(len(heads))]
    for row in (heads, *cells):
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
