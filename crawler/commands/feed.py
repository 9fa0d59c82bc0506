"""`changes` and `export`: what another program reads of a collection."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from crawler.commands.parameters import Day, collection_of, reading

FORMATS = ("jsonl", "parquet", "atom", "jsonfeed")


@click.command()
@click.option("--after", default="0", metavar="CURSOR", help="Only what comes after this line (0: all).")
@click.option("--follow", is_flag=True, help="Wait for more, until SIGINT or SIGTERM.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="End after N lines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@reading
def changes(
    after: str, follow: bool, limit: int | None, as_json: bool, output: Path | None, config: Path | None
) -> None:
    """What has become of the documents, a line a change, in a sequence without a gap; also while a crawl runs."""
    from crawler.operations.changes import show_changes

    root, _ = collection_of(output, config)
    show_changes(root, after, follow=follow, limit=limit, as_json=as_json)


@click.command()
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only this source; may be repeated.")
@click.option("--since", type=Day(), help="Only what was published on or after this day, and what tells no date.")
@click.option("--after", default="0", metavar="CURSOR", help="jsonl, parquet: only what has changed since.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="At most N articles; of a feed the newest (default: 100)."
)
@click.option("--output-file", "target", default="-", metavar="FILE", help="Instead of standard output.")
@reading
def export(
    format_: str,
    sources: tuple[str, ...],
    since: date | None,
    after: str,
    limit: int | None,
    target: str,
    output: Path | None,
    config: Path | None,
) -> None:
    """Articles with all fields, text and HTML for another program, or a feed of the newest; also while a crawl runs."""
    from crawler.operations.export import Wanted, export

    root, _ = collection_of(output, config)
    export(root, Wanted(format_, sources, since, after, limit), target)
