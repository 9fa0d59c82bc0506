"""`history` and `diff`: the versions of an article, and what one has changed in its text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crawler.configuration import Configuration
from crawler.errors import UsageError
from crawler.extraction.text import printable
from crawler.operations.difference import coloured, difference, sentences
from crawler.operations.lookup import articles_of
from crawler.storage.history import Revision, history
from crawler.storage.stored import StoredArticleView

_PLACES = {
    "stands": "the document",
    "edited": "the document, edited since by a person",
    "kept": "",
    "lost": "that text is kept nowhere",
}


def show_history(root: Path, configuration: Configuration, asked: str, *, as_json: bool) -> None:
    """Print every change of the articles at an address or path. Raises UsageError if there is none."""
    found = articles_of(root, configuration, asked)
    told = [(article, history(root, article.source, article.key)) for article in found]
    if as_json:
        articles = [
            {"source": article.source, "key": article.key, "url": article.url, "path": article.path, "title": article.title}
            | {"withdrawn": article.withdrawn.isoformat() if article.withdrawn else ""}
            | {"history": [fields_of(revision) for revision in revisions]}
            for article, revisions in told
        ]  # fmt: skip
        click.echo(json.dumps({"articles": articles}, ensure_ascii=False))
        return
    for article, revisions in told:
        click.echo(printable(f"{article.source}/{article.key}  {article.url}"))
        if article.withdrawn:
            click.echo(f"withdrawn since {article.withdrawn.astimezone():%Y-%m-%d %H:%M}; the text is kept")
        for revision in revisions:
            for line in lines_of(revision):
                click.echo(printable(line))


def lines_of(revision: Revision) -> Iterator[str]:
    """One change for a person."""
    number = f"r{revision.revision}" if revision.has_new_text else "–"
    reason = f"  ({revision.reason})" if revision.reason else ""
    at = f"{revision.at.astimezone():%Y-%m-%d %H:%M}"
    yield f"{number:>4}  {at}  {revision.op:<8}  {revision.length:>6} characters  {revision.title}{reason}"
    if revision.has_new_text:
        where = "  ".join(filter(None, (revision.path, _PLACES[revision.place])))
        yield f"{'':>4}  {'':>16}  {revision.sha256[:12]}  {where}"


def fields_of(revision: Revision) -> dict[str, Any]:
    """One change for a program."""
    names = ("seq", "op", "revision", "title", "sha256", "length", "reason", "path", "place")
    return {"at": revision.at.isoformat()} | {name: getattr(revision, name) for name in names}


# --- diff --------------------------------------------------------------------------


def show_diff(root: Path, configuration: Configuration, asked: str, old: int | None, new: int | None) -> None:
    """Print what lies between two revisions; by default what the last one has changed."""
    article = articles_of(root, configuration, asked)[0]
    texts = {each.revision: each for each in history(root, article.source, article.key) if each.has_new_text}
    last = new or max(texts, default=1)
    first = old or max((number for number in texts if number < last), default=last)
    if first == last and not (old and new):
        click.echo(f"{article.path} has no revision before {last}: there is nothing to compare it with", err=True)
        return
    before, after = (_revision(article, texts, number) for number in (first, last))
    lines = difference(
        sentences(before.title, before.text()), sentences(after.title, after.text()), _name(before), _name(after)
    )
    if not lines:
        click.echo(f"revisions {first} and {last} have the same title and text", err=True)
    for number, line in enumerate(lines):
        click.echo(coloured(printable(line), is_head=number < 2))


def _revision(article: StoredArticleView, texts: dict[int, Revision], number: int) -> Revision:
    if number not in texts:
        there = ", ".join(map(str, texts)) or "none"
        raise UsageError(f"{article.path} has no revision {number}; there are {there}")
    if texts[number].place == "lost":
        raise UsageError(f"{article.path}: the text of revision {number} is kept nowhere any more")
    return texts[number]


def _name(revision: Revision) -> str:
    return f"{revision.path} (revision {revision.revision}, {revision.at.astimezone():%Y-%m-%d %H:%M})"
