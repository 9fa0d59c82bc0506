"""`history`, `diff` and `why`: what is known of one article or address."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.commands.parameters import collection_of, reading

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else.")


@click.command()
@click.argument("url", metavar="URL|PATH")
@_JSON
@reading
def history(url: str, as_json: bool, output: Path | None, config: Path | None) -> None:
    """Every version of an article: when, what was done, title, length, and where that text lies."""
    from crawler.operations.history import show_history

    root, configuration = collection_of(output, config)
    show_history(root, configuration, url, as_json=as_json)


@click.command()
@click.argument("url", metavar="URL|PATH")
@click.option("--from", "old", type=click.IntRange(1), metavar="N", help="Revision to start from (the one before).")
@click.option("--to", "new", type=click.IntRange(1), metavar="N", help="Revision to compare it with (the last one).")
@reading
def diff(url: str, old: int | None, new: int | None, output: Path | None, config: Path | None) -> None:
    """What a revision has changed in an article's text, sentence by sentence."""
    from crawler.operations.history import show_diff

    root, configuration = collection_of(output, config)
    show_diff(root, configuration, url, old, new)


@click.command()
@click.argument("url", metavar="URL|PATH")
@_JSON
@reading
def why(url: str, as_json: bool, output: Path | None, config: Path | None) -> None:
    """All that is known of one address: why it is a document, is owed, was dropped, or was never seen."""
    from crawler.operations.why import show_why

    root, configuration = collection_of(output, config)
    show_why(root, configuration, url, as_json=as_json)


@click.command()
@click.argument("url", metavar="URL|PATH")
@_JSON
@reading
def story(url: str, as_json: bool, output: Path | None, config: Path | None) -> None:
    """Who has copied whom: an article's story, its copies, by which rule, and what they changed."""
    from crawler.operations.stories import show_story

    root, configuration = collection_of(output, config)
    show_story(root, configuration, url, as_json=as_json)


@click.group()
def dedup() -> None:
    """What the rules for copies do; `dedup replay` tries others on the whole collection."""


@dedup.command()
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Try this rule, too; may be repeated.")
@_JSON
@reading
def replay(names: tuple[str, ...], as_json: bool, output: Path | None, config: Path | None) -> None:
    """Show what the rules would change in the stories of the collection; changes nothing."""
    from crawler.operations.stories import show_replay

    root, _ = collection_of(output, config)
    show_replay(root, names, as_json=as_json)
