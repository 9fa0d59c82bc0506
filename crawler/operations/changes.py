"""`changes`: the change log as lines, for a person or another program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crawler.extraction.text import printable
from crawler.operations.streaming import Ending, reader_has_gone, standard_output
from crawler.storage import log
from crawler.storage.log import Change

POLL = 1.0  # seconds between two looks for more
_FIELDS = ("cursor", "seq", "op", "source", "key", "url", "path", "sha256", "at")
_OF_ARTICLES = ("add", "revise", "withdraw")  # what else these tell is the article's, and stands in the index
_HEADS = ("cursor", "op", "at", "source", "key", "sha256", "path", "url")


def show_changes(root: Path, after: str, *, follow: bool, limit: int | None, as_json: bool) -> None:
    """Print what follows a cursor. Raises UsageError for one that means no place in this log."""
    start = log.position(root, after)
    with standard_output() as out, Ending() as ending:

        def wait() -> bool:
            out.flush()
            return not (reader_has_gone(out) or ending.comes_within(POLL))

        shown = 0
        for change in log.changes(root, start, wait if follow else None):
            line = json.dumps(fields_of(change), ensure_ascii=False) if as_json else _line(change, with_heads=not shown)
            out.write(f"{line}\n".encode())
            shown += 1
            if shown == limit or ending.has_come():
                break
    if not shown and not as_json:
        click.echo(f"nothing has changed after {start}", err=True)


def fields_of(change: Change) -> dict[str, Any]:
    """One line for a program. An op that is not about one article's text brings its own fields along."""
    line = {name: getattr(change, name) for name in _FIELDS} | {"at": change.at.isoformat()}
    if change.op in _OF_ARTICLES:
        return line
    return line | {name: value for name, value in change.fields.items() if name not in line}


def _line(change: Change, *, with_heads: bool) -> str:
    cells = (
        change.cursor, change.op, f"{change.at.astimezone():%Y-%m-%d %H:%M:%S}", change.source, change.key,
        change.sha256[:12], change.path, change.url,
    )  # fmt: skip
    line = printable(_aligned(cells))
    return f"{_aligned(_HEADS)}\n{line}" if with_heads else line


def _aligned(cells: tuple[str, ...]) -> str:
    widths = (26, 8, 19, 10, 16, 12, 44, 0)  # known beforehand: nothing is held back to measure it
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
