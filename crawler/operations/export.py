"""`export`: articles for another program, one after the other; never more than a page of rows in memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click

from crawler.errors import UsageError
from crawler.operations.streaming import STDOUT, Ending, opened
from crawler.storage import log, stored
from crawler.storage.stored import State, StoredArticleView

FEED_LENGTH = 100
_OF_INDEX = (
    "cursor", "source", "key", "url", "path", "title", "published", "precision", "day", "medium", "section", "authors",
    "images", "original_url", "evidence", "style", "revision", "withdrawn", "fingerprint", "length", "fetched",
    "first_seen", "sha256",
)  # fmt: skip
_OF_DOCUMENT = ("document", "text", "html")
FIELDS = (*_OF_INDEX, *_OF_DOCUMENT)  # of each article, in jsonl and parquet


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: a format, and which articles."""

    format: str
    sources: tuple[str, ...] = ()
    since: date | None = None
    after: str = "0"
    limit: int | None = None

    @property
    def is_feed(self) -> bool:
        return self.format in ("atom", "jsonfeed")


@dataclass(frozen=True, slots=True)
class Exported:
    """An article with what its document says now; text and HTML are "" where a person has removed it."""

    article: StoredArticleView
    document: State
    text: str
    html: str  # of the allow-list


def export(root: Path, wanted: Wanted, target: str) -> None:
    """Write the articles to ``target``. Raises UsageError before anything is written."""
    write = _writer(wanted.format)
    if wanted.is_feed and wanted.after != "0":
        raise UsageError("--after is for jsonl and parquet: a feed always has the newest")
    if wanted.format == "parquet" and target == STDOUT and sys.stdout.isatty():
        raise UsageError("parquet is no text for a terminal; give --output-file FILE")
    stored.refuse_unknown(root, wanted.sources)
    start = log.position(root, wanted.after)
    selection = stored.Selection(wanted.sources, wanted.since)
    if wanted.is_feed:
        found = stored.newest_articles(root, selection, wanted.limit or FEED_LENGTH)
    else:
        found = islice(stored.articles(root, selection, start.seq), wanted.limit)
    with Ending() as ending, opened(target, root) as out:
        write(out, map(with_text, _until(ending, found)), _Collection(start.collection, wanted.sources))


def _until(ending: Ending, found: Iterable[StoredArticleView]) -> Iterator[StoredArticleView]:
    """Raises click.Abort between two articles: what is not all of it must not look as if it were."""
    for article in found:
        if ending.has_come():
            raise click.Abort
        yield article


@dataclass(frozen=True, slots=True)
class _Collection:
    id: str
    sources: tuple[str, ...]


Write = Callable[[IO[bytes], Iterable[Exported], _Collection], None]


def _writer(format_: str) -> Write:
    if format_ == "parquet":
        from crawler.operations.parquet import refuse_without_pyarrow, write_parquet

        refuse_without_pyarrow()
        return lambda out, found, _: write_parquet(out, map(record, found))
    if format_ == "jsonl":
        return lambda out, found, _: _write_lines(out, found)
    from crawler.operations import feeds

    write = feeds.atom if format_ == "atom" else feeds.json_feed
    return lambda out, found, of: _write_all(out, write(found, of.id, of.sources))


def with_text(article: StoredArticleView) -> Exported:
    try:
        raw = article.read()
    except FileNotFoundError:
        return Exported(article, "missing", "", "")
    state = article.state_of(raw)
    if state == "stored" and article.shape:  # of a copy that the user wants only linked, or left out
        try:
            raw = article.whole()
        except FileNotFoundError:
            return Exported(article, "missing", "", "")
        state = "pointer" if article.shape == "pointer" else "hidden"
    return Exported(article, state, *stored.said(raw))


def record(exported: Exported) -> dict[str, Any]:
    """One article under the names of ``FIELDS``; "" where nothing is known, times in ISO 8601."""
    article = exported.article
    of_index = {name: _plain(getattr(article, name)) for name in _OF_INDEX}
    of_index["published"] = published_of(article)
    return of_index | {name: getattr(exported, name) for name in _OF_DOCUMENT}


def published_of(article: StoredArticleView) -> str:
    """With its zone; a bare day where only the day is known."""
    return str(_plain(article.published or article.day))


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return "" if value is None else value


def _write_lines(out: IO[bytes], found: Iterable[Exported]) -> None:
    for exported in found:
        out.write(f"{json.dumps(record(exported), ensure_ascii=False)}\n".encode("utf-8", "replace"))


def _write_all(out: IO[bytes], parts: Iterator[str]) -> None:
    for part in parts:
        out.write(part.encode("utf-8", "replace"))
