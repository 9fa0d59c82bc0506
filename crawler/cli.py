"""The command line: words in, exit code out. The commands stand in ``commands``.

Exit codes: 0 every source is well · 1 a source is degraded or failing · 2 wrong use or
configuration · 3 storage trouble · 75 another run holds the lock.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from crawler import __version__
from crawler.commands import care, collect, feed, lookup, pages
from crawler.errors import ShiyiError, StorageError


class Rooms(click.Group):
    """Shows the commands by what they are for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [str(command.name) for commands in _COMMANDS.values() for command in commands]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for room, commands in _COMMANDS.items():
            with formatter.section(room):
                formatter.write_dl([(str(each.name), each.get_short_help_str(200)) for each in commands])


_COMMANDS = {
    "Collect": (collect.crawl, collect.save, collect.backfill, collect.recheck, collect.demo),
    "Look, without storing": (pages.try_, pages.extract, pages.convert),
    "Look after a collection": (care.status, care.sources, care.schedule, care.notify, care.verify, care.backup),
    "What is known": (lookup.why, lookup.history, lookup.diff, lookup.story, lookup.dedup),
    "Feed other programs": (feed.changes, feed.export),
}


@click.group(
    cls=Rooms,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all is well; 1 a source is degraded or failing; 2 wrong use; 3 storage trouble; "
    "75 another run holds the lock. `./run test` runs the tests, `./run scrapy …` is Scrapy in this project.",
)
@click.version_option(__version__, prog_name="shiyi")
def shiyi() -> None:
    """Shiyi 拾遗 collects news: only what is new, main text only, one front-matter file per article."""


for command in (each for commands in _COMMANDS.values() for each in commands):
    shiyi.add_command(command)


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
