"""`crawl`, `backfill`, `recheck`, `save`, `demo`: what fetches, and stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from crawler.commands.parameters import Day, Duration, storing
from crawler.commands.running import end, log_to_stderr, options_of, run_crawl
from crawler.configuration import ROOT, Configuration
from crawler.errors import UsageError


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="Every source, due or not.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="At most N new documents a source; the rest stays owed.",
)
@click.option(
    "--max-time", type=Duration(), help="End in order after that time, 30m for instance; the rest stays owed."
)
@click.option("--since", type=Day(), help="Only articles published on or after this day; the rest stays owed.")
@click.option("--metrics", type=click.Path(path_type=Path), metavar="FILE", help="Also write a Prometheus text file.")
@storing
def crawl(names: tuple[str, ...], everything: bool, metrics: Path | None, **flags: Any) -> NoReturn:
    """Collect what is new: from the sources named, else from all that are due."""
    if names and everything:
        raise UsageError("name sources or say --all, not both")
    report, options = run_crawl(names, everything, flags)
    if metrics is not None:
        from crawler.operations.metrics import write_now

        write_now(options, metrics)
    end(report, options.output, flags["as_json"])


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--since", type=Day(), help="Back to this day.")
@click.option("--pages", type=click.IntRange(1), metavar="N", help="So many pages of each list, its first included.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N new documents a source.")
@click.option("--max-requests", type=click.IntRange(1), metavar="N", help="At most N requests a source for going back.")
@click.option("--max-time", type=Duration(), help="End in order after that time, 30m for instance.")
@storing
def backfill(names: tuple[str, ...], **flags: Any) -> NoReturn:
    """Collect what is new, then walk lists, issues and sitemaps back. What is left over stays owed; again: goes on."""
    since = flags["since"]
    if (since is None) == (flags["pages"] is None):
        raise UsageError("say how far to go back: either --since DATE or --pages N")
    if since is not None and since > datetime.now(UTC).date() + timedelta(
        days=1
    ):  # it may be tomorrow already at the site
        raise UsageError(f"--since {since} lies in the future")
    report, options = run_crawl(names, False, flags, command="backfill", lock_patience=30.0)
    end(report, options.output, flags["as_json"])


@click.command()
@click.argument("words", nargs=-1, metavar="[SOURCE|URL]...")
@click.option("--since", type=Day(), help="Of sources: what was first seen on or after this day (the last eight days).")
@storing
def recheck(words: tuple[str, ...], **flags: Any) -> NoReturn:
    """Look again, now, at stored articles: what has changed is revised, what has gone is marked withdrawn."""
    since = flags.pop("since")
    options = options_of("recheck", flags, lock_patience=30.0)
    from crawler.engine.loader import SourceLoader
    from crawler.engine.progress import chosen_display
    from crawler.operations.recheck import recheck as run

    log_to_stderr()
    loader = SourceLoader(options.configuration.spiders)
    loader.check(options.configuration)
    end(run(options, loader, words, since, watch=chosen_display()), options.output, flags["as_json"])


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@storing
def save(urls: tuple[str, ...], **flags: Any) -> NoReturn:
    """Turn article pages of any site into documents; a known source's page goes to that source."""
    options = options_of("save", flags, lock_patience=30.0)
    from crawler.engine.progress import chosen_display
    from crawler.operations.pages import jobs_for
    from crawler.operations.run import pages

    log_to_stderr()
    report, _ = pages(options, jobs_for(urls, options), watch=chosen_display())
    end(report, options.output, flags["as_json"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
def demo(as_json: bool) -> NoReturn:
    """The whole main job on a small recorded web, offline; documents land in demo-output/."""
    flags = {"replay": ROOT / "crawler" / "demo.warc.gz", "output": ROOT / "demo-output"}
    report, options = run_crawl((), True, flags, configuration=Configuration())
    end(report, options.output, as_json)
