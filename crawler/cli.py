"""The command line: words in, exit code out. Everything heavy is imported by the command that needs it.

Exit codes: 0 every source is well · 1 a source is degraded or failing · 2 wrong use or
configuration · 3 storage trouble · 75 another run holds the lock.
"""

from __future__ import annotations

import ipaddress
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crawler import __version__
from crawler.configuration import ROOT, Configuration, load
from crawler.errors import ShiyiError, StorageError, UsageError
from crawler.models import STYLES

if TYPE_CHECKING:
    from crawler.engine.options import Options


Address = ipaddress.IPv4Network | ipaddress.IPv6Network


class Day(click.ParamType[date]):
    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day; write YYYY-MM-DD, for instance 2026-10-12", param, ctx)


class Seconds(click.FloatRange):
    def __init__(self) -> None:
        super().__init__(0, 3600)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        if seconds != seconds:  # nan passes every comparison that click makes
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


class Network(click.ParamType[Address]):
    name = "CIDR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        try:
            return ipaddress.ip_network(str(value), strict=False)
        except ValueError:
            self.fail(f"{value!r} is no address range; write for instance 192.168.0.0/16", param, ctx)


def _storing(command: Any) -> Any:
    """The flags of every command that fetches."""
    flags = (
        click.option("--style", type=click.Choice(STYLES), help="Style of new documents (default: the source's own)."),
        click.option(
            "--output",
            type=click.Path(path_type=Path),
            help="Folder of the collection (output/).",
        ),
        click.option(
            "--delay",
            type=Seconds(),
            metavar="SECONDS",
            help="Seconds between requests to one host.",
        ),
        click.option(
            "--replay",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Answer from this WARC file, no network.",
        ),
        click.option(
            "--allow-address",
            "allow",
            type=Network(),
            multiple=True,
            help="Private addresses that may be reached.",
        ),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else."),
    )
    for flag in reversed(flags):
        command = flag(command)
    return command


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all is well; 1 a source is degraded or failing; 2 wrong use; 3 storage trouble; "
    "75 another run holds the lock. `./run test` runs the tests, `./run scrapy …` is Scrapy in this project.",
)
@click.version_option(__version__, prog_name="shiyi")
def shiyi() -> None:
    """Shiyi 拾遗 collects news: only what is new, main text only, one front-matter file per article."""


@shiyi.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="Every source, due or not.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="At most N new documents a source; the rest stays owed.",
)
@click.option("--since", type=Day(), help="Only articles published on or after this day; the rest stays owed.")
@_storing
def crawl(names: tuple[str, ...], everything: bool, **flags: Any) -> NoReturn:
    """Collect what is new: from the sources named, else from all that are due."""
    if names and everything:
        raise UsageError("name sources or say --all, not both")
    report, options = _crawl(names, everything, flags)
    _end(report, options.output, flags["as_json"])


@shiyi.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
def demo(as_json: bool) -> NoReturn:
    """The whole main job on a small recorded web, offline; documents land in demo-output/."""
    flags = {"replay": ROOT / "crawler" / "demo.warc.gz", "output": ROOT / "demo-output"}
    report, options = _crawl((), True, flags, configuration=Configuration())
    _end(report, options.output, as_json)


def _crawl(
    names: tuple[str, ...],
    everything: bool,
    flags: dict[str, Any],
    configuration: Configuration | None = None,
) -> Any:
    options = _options("crawl", flags, configuration)
    from crawler.engine.loader import SourceLoader
    from crawler.engine.progress import chosen_display
    from crawler.operations.run import crawl as run

    _log_to_stderr()
    loader = SourceLoader(options.configuration.spiders)
    loader.check(options.configuration)
    if not options.configuration.contact and not options.replay and sys.stderr.isatty():
        click.echo(
            'no contact is set: put contact = "mailto:…" into shiyi.toml, so that a site can reach you', err=True
        )
    return run(options, loader, names, everything=everything, watch=chosen_display()), options


@shiyi.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@_storing
def save(urls: tuple[str, ...], **flags: Any) -> NoReturn:
    """Turn article pages of any site into documents; a known source's page goes to that source."""
    options = _options("save", flags, lock_patience=30.0)
    from crawler.engine.progress import chosen_display
    from crawler.operations.pages import jobs_for
    from crawler.operations.run import pages

    _log_to_stderr()
    report, _ = pages(options, jobs_for(urls, options), watch=chosen_display())
    _end(report, options.output, flags["as_json"])


@shiyi.command("try")
@click.argument("url")
@_storing
def try_(url: str, **flags: Any) -> NoReturn:
    """Show the document that a page would become and where each field came from; store nothing."""
    options = _options("try", flags, looks_only=True)
    from crawler.engine.progress import Quiet
    from crawler.operations.pages import jobs_for, show_look
    from crawler.operations.run import pages

    _log_to_stderr()
    report, session = pages(options, jobs_for((url,), options), watch=Quiet)
    sys.exit(show_look(url, session.looks, report, as_json=flags["as_json"]))


@shiyi.command()
@click.argument("file", type=click.File("rb"))
@click.option("--url", default="", help="The page's address: for relative links and dates in it.")
@click.option(
    "--zone",
    default="",
    help="Time zone of dates that name none, for instance Asia/Shanghai; else by the page's language.",
)
@click.option("--json", "as_json", is_flag=True, help="All fields as one JSON object.")
def extract(file: Any, url: str, zone: str, as_json: bool) -> NoReturn:
    """Extract an article from a saved page (FILE, or - for standard input); store nothing."""
    from crawler.operations.pages import show_extraction

    sys.exit(show_extraction(file.read(), url, zone, as_json=as_json))


@shiyi.command()
@click.argument("file", type=click.File("rb"))
@click.option("--to", "style", type=click.Choice(STYLES), help="The style to print (default: the document's own).")
def convert(file: Any, style: Any) -> None:
    """Print a collected document in its own or another style."""
    from crawler import formats

    try:
        content = formats.convert(file.read(), style)
    except UsageError as error:
        raise UsageError(f"{file.name}: {error}") from error
    sys.stdout.buffer.write(content)


@shiyi.command()
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def sources(**flags: Any) -> None:
    """List the sources: style, last run and its verdict, last new article, documents, debts."""
    options = _options("sources", flags)
    from crawler.engine.loader import SourceLoader
    from crawler.operations.overview import show_sources

    show_sources(SourceLoader(options.configuration.spiders), options, as_json=flags["as_json"])


@shiyi.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--subset", default="", metavar="K/N", help="Only the K-th of N slices of the documents, a day's share.")
@click.option("--repair", is_flag=True, help="Mend what can be mended, put the rest into quarantine, delete nothing.")
@click.option("--rebuild-index", is_flag=True, help="Make the index again from documents and journal; keep the old.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
def verify(names: tuple[str, ...], subset: str, repair: bool, rebuild_index: bool, **flags: Any) -> NoReturn:
    """Name every missing, changed, torn and foreign file, damage of index and journal, and what to do."""
    options = _options("verify", flags)
    from crawler.operations.verify import scope_of, show
    from crawler.operations.verify import verify as run

    _log_to_stderr()
    scope = scope_of(names, subset, options.output)
    result = run(options.output, scope, options.configuration, mend=repair, make_again=rebuild_index)
    show(result, as_json=flags["as_json"])
    sys.exit(result.exit_code)


@shiyi.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DEST")
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")
def backup(target: Path, **flags: Any) -> NoReturn:
    """Copy the collection to DEST as it is at one moment, also while a crawl runs; again: bring the copy up to date."""
    options = _options("backup", flags)
    from crawler.operations.verify import copy

    _log_to_stderr()
    sys.exit(copy(options.output, target, as_json=flags["as_json"]))


# --- from flags to options -------------------------------------------------------


def _options(command: str, flags: dict[str, Any], configuration: Configuration | None = None, **more: Any) -> Options:
    """Flags over environment over file; checked before anything is opened."""
    from crawler.engine.options import Options

    configuration = configuration or load(flags.get("config"))
    replay = flags.get("replay")
    default = ROOT / ("replay-output" if replay else "output")
    own = None if replay else configuration.output
    names = ("style", "limit", "since", "delay", "replay")
    return Options(
        output=flags.get("output") or own or default,
        configuration=configuration,
        command=command,
        allow=tuple(flags.get("allow") or ()),
        **{name: flags[name] for name in names if flags.get(name) is not None},
        **more,
    )


def _log_to_stderr() -> None:
    import logging

    class Stderr(logging.StreamHandler):  # type: ignore[type-arg]
        """Looks stderr up each time, so that a live display can print above itself."""

        def __init__(self) -> None:
            logging.Handler.__init__(self)

        @property
        def stream(self) -> Any:
            return sys.stderr

        def format(self, record: logging.LogRecord) -> str:
            from crawler.extraction.text import printable

            return printable(super().format(record))

    handler = Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    handler.setLevel(logging.WARNING)
    root.handlers[:] = [handler]


# --- ends ------------------------------------------------------------------------


def _end(report: Any, folder: Path, as_json: bool) -> NoReturn:
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


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command; every expected error becomes one line and its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        shiyi.main(args=words, prog_name=_called(), standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        _fail("interrupted", 1, words)
    except click.ClickException as error:
        _fail(error.format_message(), 2, words, hint=_usage(error))
    except ShiyiError as error:
        _fail(str(error), error.exit_code, words)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as `head` does
        sys.exit(0)
    except OSError as error:
        click.echo(f"shiyi: {error.strerror or error}: {error.filename or 'standard output'}", err=True)
        sys.exit(StorageError.exit_code)
    sys.exit(0)


def _called() -> str:
    """By the name that the person typed."""
    return "shiyi" if Path(sys.argv[0]).name == "shiyi" else "./run"


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"try: {context.command_path} --help" if context else ""


def _fail(message: str, code: int, words: list[str], hint: str = "") -> NoReturn:
    if "--json" in words:
        click.echo(json.dumps({"exit_code": code, "error": message}, ensure_ascii=False))
    else:
        click.echo(f"shiyi: {message}", err=True)
        if hint:
            click.echo(hint, err=True)
    sys.exit(code)
