"""A collection for other programs: its articles, its changes, what became of one. ``from crawler import Collection``.

Reads only, also beside a running crawl; needs no lock. Memory is flat however large the collection is.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from crawler.dedup.identity import AddressError, canonical_url
from crawler.storage import history, log, stored
from crawler.storage.history import Revision as Revision
from crawler.storage.log import Change as Change
from crawler.storage.stored import StoredArticleView as StoredArticleView

POLL = 1.0  # seconds between two looks for new changes; each costs a fraction of a millisecond


class Collection:
    """One output folder. Every call may raise UsageError (no collection, a wrong cursor) and StorageError (the index)."""

    def __init__(self, path: str | Path):
        self.path = Path(path).resolve()
        self.id = log.newest(self.path).collection

    def cursor(self) -> str:
        """Behind the last change: where a program begins that wants only what is new from now on."""
        return str(log.newest(self.path))

    def articles(
        self, source: str | Iterable[str] = (), *, since: date | None = None, after: str | int = 0
    ) -> Iterator[StoredArticleView]:
        """Each article once, in the order of their last changes; withdrawn ones are marked, not left out.

        ``source`` is one name or several; ``since`` leaves out what was published before that day (never what tells no
        date); ``after`` leaves out what has not changed since: give the ``cursor`` of the last article that you had.
        """
        names = (source,) if isinstance(source, str) else tuple(source)
        stored.refuse_unknown(self.path, names)
        return stored.articles(self.path, stored.Selection(names, since), log.position(self.path, after).seq)

    def changes(self, after: str | int = 0, *, follow: bool = False) -> Iterator[Change]:
        """Every change behind a cursor, in order; with ``follow`` waits for more and never ends by itself.

        Keep ``change.cursor`` with what you made of the change, and give it back next time: none is missed, none comes twice.
        """

        def wait() -> bool:
            time.sleep(POLL)
            return True

        return log.changes(self.path, log.position(self.path, after), wait if follow else None)

    def article(self, url: str) -> StoredArticleView | None:
        """The article at an address, or whose document has this path relative to the collection; None if there is none."""
        return next(iter(self.articles_at(url)), None)

    def articles_at(self, url: str) -> list[StoredArticleView]:
        """The same for all sources that have it: the one whose own address it is comes first."""
        try:
            return history.articles_at(self.path, canonical_url(url))
        except AddressError:
            found = history.article_in(self.path, url)
            return [found] if found else []

    def history(self, url: str) -> list[Revision]:
        """Every change of that article, the oldest first; [] if there is no such article."""
        found = self.article(url)
        return history.history(self.path, found.source, found.key) if found else []
