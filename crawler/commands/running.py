"""From a command's flags to a run, and from its report to the exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crawler.configuration import ROOT, Configuration, load
from crawler.errors import StorageError

if TYPE_CHECKING:
    from crawler.engine.options import Options


def options_of(command: str, flags: dict[str, Any], configuration: Configuration | None = None, **more: Any) -> Options:
    """Flags over environment over file; checked before anything is opened."""
    from crawler.engine.options import Options

    configuration = configuration or load(flags.get("config"))
    replay = flags.get("replay")
    default = ROOT / ("replay-output" if replay else "output")
    own = None if replay else configuration.output
    names = ("style", "copies", "limit", "since", "pages", "max_requests", "delay", "replay", "max_time")
    return Options(
        output=flags.get("output") or own or default,
        configuration=configuration,
        command=command,
        allow=tuple(flags.get("allow") or ()),
        **{name: flags[name] for name in names if flags.get(name) is not None},
        **more,
    )


def run_crawl(
    names: tuple[str, ...],
    everything: bool,
    flags: dict[str, Any],
    configuration: Configuration | None = None,
    command: str = "crawl",
    **more: Any,
) -> Any:
    options = options_of(command, flags, configuration, **more)
    from crawler.engine.loader import SourceLoader
    from crawler.engine.progress import chosen_display
    from crawler.operations.run import crawl as run

    log_to_stderr()
    loader = SourceLoader(options.configuration.spiders)
    loader.check(options.configuration)
    if not options.configuration.contact and not options.replay and sys.stderr.isatty():
        click.echo(
            'no contact is set: put contact = "mailto:…" into shiyi.toml, so that a site can reach you', err=True
        )
    return run(options, loader, names, everything=everything, watch=chosen_display()), options


def log_to_stderr() -> None:
    import logging

    class Stderr(logging.StreamHandler):  # type: ignore[type-arg]
        """Looks stderr up each time, so that a live display can print above itself."""

        def __init__(self) -> None:
            logging.Handler.__init__(self)

        @property
        def stream(self) -> Any:
            return sys.stderr

        def format(self, record: logging.LogRecord) -> str:
            from crawler.extraction.text import masked, printable

            return printable(masked(super().format(record)))

    handler = Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    handler.setLevel(logging.WARNING)
    root.handlers[:] = [handler]


def end(report: Any, folder: Path, as_json: bool) -> NoReturn:
    from crawler.operations.overview import show_report
    from crawler.operations.run import as_json as fields

    if as_json and report.exit_code == StorageError.exit_code:
        reason = next(source.reason for source in report.sources if source.reason)
        click.echo(json.dumps({"exit_code": report.exit_code, "error": reason}, ensure_ascii=False))
    elif as_json:
        click.echo(json.dumps(fields(report), ensure_ascii=False))
    else:
        show_report(report, folder)
    sys.exit(report.exit_code)
