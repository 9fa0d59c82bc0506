"""`try`, `extract`, `convert`: what only looks at a page or a document, and stores nothing."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from crawler.commands.parameters import storing
from crawler.commands.running import log_to_stderr, options_of
from crawler.errors import UsageError
from crawler.models import STYLES


@click.command("try")
@click.argument("url")
@storing
def try_(url: str, **flags: Any) -> NoReturn:
    """Show the document that a page would become and where each field came from; store nothing."""
    options = options_of("try", flags, looks_only=True)
    from crawler.engine.progress import Quiet
    from crawler.operations.pages import jobs_for, show_look
    from crawler.operations.run import pages

    log_to_stderr()
    report, session = pages(options, jobs_for((url,), options), watch=Quiet)
    sys.exit(show_look(url, session.looks, report, as_json=flags["as_json"]))


@click.command()
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


@click.command()
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
