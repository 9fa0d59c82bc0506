"""`story`: who has copied whom, and what the copies changed. `dedup replay`: what other rules would make of it all.

Both read only, beside a running crawl.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from crawler.configuration import Configuration
from crawler.dedup.grouping import Place
from crawler.dedup.relations import RULES, Rule, rules_with
from crawler.errors import UsageError
from crawler.extraction.text import printable
from crawler.operations.difference import coloured, difference, sentences
from crawler.operations.lookup import articles_of
from crawler.storage.log import moment
from crawler.storage.stories import SCHEMA, InStory, Stories, Story, texts_in

_DATE = 16  # characters of a time as the table shows it
_CHANGED = 40  # lines of a copy's differences that are shown


def show_story(root: Path, configuration: Configuration, asked: str, *, as_json: bool) -> None:
    """Print the story of the article at an address or path. Raises UsageError if there is none."""
    article = articles_of(root, configuration, asked)[0]
    with moment(root, SCHEMA) as connection:
        read = texts_in(connection, root)
        story = Stories(connection, read).story_of(_id_of(connection, article.source, article.key))
        texts = {} if as_json else {each.id: read(each.id) for each in story.members}
    if as_json:
        click.echo(json.dumps(as_fields(story), ensure_ascii=False))
        return
    for line in table(story):
        click.echo(printable(line))
    for copy in story.members[1:]:
        click.echo()
        for number, line in enumerate(differences(story.primary, copy, texts)):
            click.echo(coloured(printable(line), is_head=number < 2))


def as_fields(story: Story) -> dict[str, Any]:
    """``{story, primary, first_seen, members: [{url, source, path, published, similarity, rule}]}``."""
    names = ("url", "source", "path", "published", "similarity", "rule")
    members = [{name: getattr(each, name) for name in names} for each in story.members]
    return {
        "story": story.name,
        "primary": story.primary.url,
        "first_seen": story.first_seen,
        "members": members,
    }


def table(story: Story) -> Iterator[str]:
    """The primary first, the copies as they were published."""
    copies = len(story.members) - 1
    counted = "no copy is known" if not copies else "1 copy" if copies == 1 else f"{copies} copies"
    yield f"{story.name}  first seen {story.first_seen[:_DATE].replace('T', ' ')}  {counted}"
    widest = max(len(each.source) for each in story.members)
    for each in story.members:
        like = f"{each.similarity:.2f}  {each.rule}" if each.rule else "primary"
        published = each.published[:_DATE].replace("T", " ") or "no date"
        yield f"  {each.source:<{widest}}  {published:<{_DATE}}  {like:<26}  {each.path}  {each.url}"


def differences(primary: InStory, copy: InStory, texts: dict[int, str | None]) -> list[str]:
    """What the copy has changed, sentence by sentence; one line says so where there is nothing to compare."""
    before, after = texts[primary.id], texts[copy.id]
    if before is None or after is None:
        return [f"{(primary if before is None else copy).path}: there is no text to compare any more"]
    lines = difference(sentences(primary.title, before), sentences(copy.title, after), primary.path, copy.path, 1)
    if len(lines) > _CHANGED:
        lines[_CHANGED:] = [f"… {len(lines) - _CHANGED} lines more; both documents have all of it"]
    return lines or [f"{copy.path}: word for word the same"]


# --- dedup replay -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """One article that other rules would place elsewhere."""

    url: str
    was: str  # source/key of its primary, "" if it stood alone or first
    would_be: str
    rule: str
    similarity: float


def show_replay(root: Path, names: Sequence[str], *, as_json: bool) -> None:
    """Print what the rules, and those of these names, would change in the stories. Writes nothing."""
    rules = _rules(names)
    moved, looked_at = 0, 0
    with moment(root, SCHEMA) as connection:
        looked_at = connection.execute("SELECT count(*) FROM sketch").fetchone()[0]
        told: list[dict[str, Any]] = []
        for each in replay(connection, root, rules):
            moved += 1
            if as_json:
                told.append({name: getattr(each, name) for name in Moved.__slots__})
                continue
            was, would_be = each.was or "alone", f"{each.would_be} ({each.rule}, {each.similarity:.2f})"
            click.echo(printable(f"{each.url}: {was} -> {would_be if each.would_be else 'alone'}"))
    if as_json:
        click.echo(json.dumps({"articles": looked_at, "changes": told}, ensure_ascii=False))
    else:
        click.echo(f"{moved} of {looked_at} articles would stand elsewhere; nothing was changed", err=True)


def replay(connection: sqlite3.Connection, root: Path, rules: tuple[Rule, ...]) -> Iterator[Moved]:
    for article, before, after in Stories(connection, texts_in(connection, root), rules).replay():
        [(url,)] = connection.execute("SELECT url FROM article WHERE id = ?", (article,))
        link = after.link
        if before.primary == after.primary:
            continue  # the same story by another rule
        yield Moved(
            url,
            _primary(connection, before, article),
            _primary(connection, after, article),
            link.rule if link else "",
            link.similarity if link else 1.0,
        )


def _rules(names: Sequence[str]) -> tuple[Rule, ...]:
    try:
        return rules_with(names)
    except KeyError as error:
        there = ", ".join(rule.name for rule in RULES)
        raise UsageError(f"--rule: there is no rule {error.args[0]!r}; there are {there}") from None


def _primary(connection: sqlite3.Connection, place: Place, article: int) -> str:
    if place.primary == article:
        return ""
    [(source, key)] = connection.execute("SELECT source, key FROM article WHERE id = ?", (place.primary,))
    return f"{source}/{key}"


def _id_of(connection: sqlite3.Connection, source: str, key: str) -> int:
    [(id_,)] = connection.execute("SELECT id FROM article WHERE source = ? AND key = ?", (source, key))
    return int(id_)
