"""`sources`, `status`, `verify`, `backup`, `notify`, `schedule`: for who, or what, looks after a collection."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from crawler.commands.parameters import Duration, collection_of, reading
from crawler.commands.running import log_to_stderr, options_of
from crawler.configuration import ROOT
from crawler.errors import UsageError


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def sources(**flags: Any) -> None:
    """List the sources: style, last run and its verdict, last new article, documents, debts."""
    options = options_of("sources", flags)
    from crawler.engine.loader import SourceLoader
    from crawler.operations.overview import show_sources

    show_sources(SourceLoader(options.configuration.spiders), options, as_json=flags["as_json"])


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--subset", default="", metavar="K/N", help="Only the K-th of N slices of the documents, a day's share.")
@click.option("--repair", is_flag=True, help="Mend what can be mended, put the rest into quarantine, delete nothing.")
@click.option("--rebuild-index", is_flag=True, help="Make the index again from documents and journal; keep the old.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
def verify(names: tuple[str, ...], subset: str, repair: bool, rebuild_index: bool, **flags: Any) -> NoReturn:
    """Name every missing, changed, torn and foreign file, damage of index and journal, and what to do."""
    options = options_of("verify", flags)
    from crawler.operations.verify import scope_of, show
    from crawler.operations.verify import verify as run

    log_to_stderr()
    scope = scope_of(names, subset, options.output)
    result = run(options.output, scope, options.configuration, mend=repair, make_again=rebuild_index)
    show(result, as_json=flags["as_json"])
    sys.exit(result.exit_code)


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DEST")
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
def backup(target: Path, **flags: Any) -> NoReturn:
    """Copy the collection to DEST as it is at one moment, also while a crawl runs; again: bring the copy up to date."""
    options = options_of("backup", flags)
    from crawler.operations.verify import copy

    log_to_stderr()
    sys.exit(copy(options.output, target, as_json=flags["as_json"]))


@click.command()
@click.option(
    "--max-age", type=Duration(), help="Exit code 1 also when the last run ended longer ago, for instance 26h."
)
@click.option("--metrics", type=click.Path(path_type=Path), metavar="FILE", help="Also write a Prometheus text file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
@reading
def status(
    max_age: float | None, metrics: Path | None, as_json: bool, output: Path | None, config: Path | None
) -> NoReturn:
    """What is well and what is not, since when, why, and what to do. Exit code 1 if a source is not well."""
    from crawler.engine.loader import SourceLoader
    from crawler.operations.status import show, status_of

    root, configuration = collection_of(output, config)
    span = timedelta(seconds=max_age) if max_age is not None else None
    told = status_of(root, SourceLoader(configuration.spiders), datetime.now(UTC), span)
    show(told, as_json=as_json)
    if metrics is not None:
        from crawler.operations.metrics import write

        write(told, metrics)
    sys.exit(told.exit_code)


@click.command()
@click.option("--test", "is_test", is_flag=True, help="Send a test message instead of what is still to be told.")
@reading
def notify(is_test: bool, output: Path | None, config: Path | None) -> NoReturn:
    """Send the alerts that were not sent yet to the webhook and the Apprise addresses of shiyi.toml."""
    from crawler.operations.notify import Message, send, tell_from

    root, configuration = collection_of(output, config)
    if not configuration.notify:
        raise UsageError(f'nothing to send to: put [notify] with webhook = "https://…" into {ROOT / "shiyi.toml"}')
    if is_test:
        at = datetime.now(UTC).isoformat()
        is_sent = send(configuration.notify, [Message(0, "test", at, "well", "", "a test of notify")], "")
        click.echo("sent" if is_sent else "not sent")
        sys.exit(int(not is_sent))
    number = tell_from(root, configuration.notify)
    click.echo(f"{number} alerts sent")
    sys.exit(0)


@click.command()
@click.option("--every", type=click.IntRange(1, 59), default=5, show_default=True, metavar="MINUTES")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="Of cron's runs (crawl.log beside ./run).")
@reading
def schedule(every: int, log: Path | None, output: Path | None, config: Path | None) -> None:
    """Print the ready lines for this machine: crontab, systemd timer, log rotation. Installs nothing."""
    from crawler.operations import timetable

    root, _ = collection_of(output, config)
    log = (log or ROOT / "crawl.log").resolve()
    click.echo("# crontab -e\n" + timetable.cron(every, root, log))
    click.echo("\n" + timetable.systemd(every, root))
    click.echo("\n" + timetable.logrotate(log))
