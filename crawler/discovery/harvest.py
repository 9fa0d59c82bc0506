"""Collects the candidates of one list: the gate is asked, duplicates collapse, the rest is counted.

Pure. A bad entry costs itself, never the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crawler.discovery.scope import admit
from crawler.extraction.text import clean_title
from crawler.models import Candidate, ListReading, Moment, Source

# Reasons of ``scope.admit`` that speak of a sound link to somewhere else.
_ELSEWHERE = ("host", "not-an-article")


class Harvest:
    def __init__(self, source: Source):
        self._source = source
        self._by_key: dict[str, Candidate] = {}
        self.skipped = 0
        self.outside = 0

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def add(
        self,
        links: Iterable[tuple[str, str]],
        *,
        published: Moment | None = None,
        key: str = "",
        section: str = "",
        medium: str = "",
        image: str = "",
        authors: tuple[str, ...] = (),
    ) -> None:
        """Take an entry by its ``links``, pairs of absolute address and title.

        The first that is an article counts. ``key`` replaces the key that the
        address holds. Of two entries with one key the first stays in its place
        and takes from the later one what it lacks.
        """
        judged = [(admit(url, self._source), title) for url, title in links]
        admitted = next(((admission, title) for admission, title in judged if not admission.reason), None)
        if admitted is None:
            if any(admission.reason in _ELSEWHERE for admission, _ in judged):
                self.outside += 1
            else:
                self.skipped += 1
            return
        admission, title = admitted
        new = Candidate(
            source=self._source.name,
            key=key or admission.key,
            url=admission.url,
            title=clean_title(title),
            published=published,
            section=section,
            medium=medium,
            image=image,
            authors=authors,
        )
        old = self._by_key.setdefault(new.key, new)
        if old is not new:
            self._by_key[new.key] = replace(old, title=old.title or new.title, published=old.published or new.published)

    def reading(self, next_url: str = "", by_selector: bool = True) -> ListReading:
        return ListReading(tuple(self._by_key.values()), next_url, self.skipped, self.outside, by_selector)
