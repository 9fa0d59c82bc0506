"""The stories of a collection: which articles are copies of which, in the index; and what a newcomer changes in it.

An article without a row is its own story. Everything here can be made again: sketches from the documents, places
from the journal's ``regroup`` lines. The rules are in ``dedup.relations``, the shape of a story in ``dedup.grouping``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.dedup.grouping import Place, group, regroup
from crawler.dedup.relations import Link, Rule, rules_with
from crawler.dedup.sketch import sketch
from crawler.storage import filing, sketches
from crawler.storage.disk import Disk
from crawler.storage.documents import read_back
from crawler.storage.neighbours import Neighbours, TextOf, place_in

SCHEMA = 5  # the first schema of the index that has stories
REGROUP = "regroup"  # the op in the change log
Line = dict[str, Any]  # of the journal


@dataclass(frozen=True, slots=True)
class Regrouped:
    """One article that has another place now: what the change log tells."""

    article: int
    name: str  # source/key
    story: str  # the name of its primary
    rule: str  # "" of a primary
    similarity: float
    originals: tuple[str, ...] = ()  # names of those that it declares

    def line(self, fields: Mapping[str, Any], seq: int, at: datetime) -> Line:
        """Its line of the journal; ``fields`` are the article's source, key, url, path and sha256."""
        told = {"story": self.story, "rule": self.rule, "similarity": self.similarity, "originals": [*self.originals]}
        return {"seq": seq, "op": REGROUP, "at": at.isoformat(), **fields, **told}


@dataclass(frozen=True, slots=True)
class InStory:
    id: int
    source: str
    key: str
    url: str
    path: str
    title: str
    published: str
    first_seen: str
    rule: str  # "" of the primary
    similarity: float


@dataclass(frozen=True, slots=True)
class Story:
    """``members`` begins with the primary, the others as they were published."""

    first_seen: str
    members: tuple[InStory, ...]

    @property
    def primary(self) -> InStory:
        return self.members[0]

    @property
    def name(self) -> str:
        return f"{self.primary.source}/{self.primary.key}"


class Stories:
    """All that writes needs the caller's transaction (``Index.transaction``), so that two processes see one order."""

    def __init__(self, connection: sqlite3.Connection, text_of: TextOf, rules: Iterable[Rule] | None = None) -> None:
        self._connection = connection
        self._read = text_of
        self._rules = rules_with() if rules is None else tuple(rules)

    def place(self, article: int, text: str) -> list[Regrouped]:
        """A filed article that is new or has another text finds its story; answers what that changes."""
        sketches.file_sketch(self._connection, article, sketch(text))
        return self._settle(Neighbours(self._connection, self._read, self._rules, {article: text}), article)

    def renew(self, limit: int) -> int:
        """Sketch articles that have none of the present version; answers how many. Moves nothing: no flood."""
        waiting = sketches.outdated(self._connection, limit)
        for article in waiting:
            if text := self._read(article):
                sketches.file_sketch(self._connection, article, sketch(text))
            else:
                sketches.forget(self._connection, article)
        if waiting:
            sketches.renewed(self._connection, waiting[-1])
        return len(waiting)

    def story_of(self, article: int) -> Story:
        primary = place_in(self._connection, article).primary
        rows = self._connection.execute(
            "SELECT a.id, a.source, a.key, a.url, a.path, a.title, a.published, a.first_seen, "
            "coalesce(s.rule, ''), coalesce(s.similarity, 1.0) FROM article a LEFT JOIN story s ON s.article = a.id "
            "WHERE a.id = ?1 OR a.id IN (SELECT article FROM story WHERE original = ?1)",
            (primary,),
        )
        view = Neighbours(self._connection, self._read, self._rules, {})
        members = sorted((InStory(*row) for row in rows), key=lambda each: view.member(each.id).rank)
        members.sort(key=lambda each: each.id != primary)
        return Story(min(each.first_seen for each in members), tuple(members))

    def replay(self) -> Iterator[tuple[int, Place, Place]]:
        """What these rules would change: article, where it stands, where it would. Reads every story, writes nothing."""
        view = Neighbours(self._connection, self._read, self._rules, {})
        links: dict[tuple[int, int], Link] = {}
        articles = [id_ for (id_,) in self._connection.execute("SELECT article FROM sketch ORDER BY article")]
        for article in articles:
            for other in view.candidates(article):
                if other < article and (link := view.link(other, article)):
                    links[other, article] = link
        grouped: dict[int, Place] = {}
        for together in _components(links):
            grouped |= group([view.member(each) for each in together], links)
        for article in articles:
            before, after = view.place(article), grouped.get(article, Place(article))
            if before is not None and before != after:
                yield article, before, after

    def _settle(self, view: Neighbours, article: int) -> list[Regrouped]:
        connection = self._connection
        before = {row[0] for row in connection.execute("SELECT original FROM declared WHERE copy = ?", (article,))}
        named = {each for each in view.candidates(article) if view.declares(article, each) and view.link(article, each)}
        naming = [
            each for each in view.candidates(article) if view.declares(each, article) and view.link(each, article)
        ]
        touched = {article, *(before ^ named)}
        was_original = {each: view.is_original(each) for each in {*touched, *naming}}
        connection.execute("DELETE FROM declared WHERE copy = ?1 OR original = ?1", (article,))
        pairs = [(each, article) for each in named] + [(article, each) for each in naming]
        connection.executemany("INSERT OR IGNORE INTO declared VALUES (?, ?)", pairs)
        view.member.cache_clear()
        dirty = [
            article,
            *(each for each, was in was_original.items() if each != article and was != view.is_original(each)),
        ]
        changes = regroup(dirty, view.ask())
        for id_, place in changes.items():
            store_place(connection, id_, place)
        news = [id_ for id_ in sorted(changes) if id_ != article or changes[id_].link or not view.is_fresh(id_)]
        if named != before and article not in news:
            news.append(article)
        return [self._regrouped(view, id_) for id_ in news]

    def _regrouped(self, view: Neighbours, article: int) -> Regrouped:
        place = place_in(self._connection, article)
        link = place.link or Link("", 1.0)
        originals = self._connection.execute("SELECT original FROM declared WHERE copy = ?", (article,))
        names = sorted(view.member(id_).name for (id_,) in originals)
        name, story = view.member(article).name, view.member(place.primary).name
        return Regrouped(article, name, story, link.rule, link.similarity, tuple(names))


def text_of(raw: bytes) -> str | None:
    document = read_back(raw)
    return document.text if document else None


def place_and_log(connection: sqlite3.Connection, root: Path, article: int, text: str, now: datetime) -> list[Line]:
    """A filed article finds its story, and the change log tells what that moves. Answers the journal's lines."""
    lines = []
    for moved in Stories(connection, texts_in(connection, root)).place(article, text):
        names = ("source", "key", "url", "path", "sha256")
        [row] = connection.execute(f"SELECT {', '.join(names)} FROM article WHERE id = ?", (moved.article,))  # noqa: S608
        line = moved.line(dict(zip(names, row, strict=True)), filing.next_seq(connection), now)
        filing.log_change(connection, line)
        lines.append(line)
    return lines


def would_be_copy(connection: sqlite3.Connection, root: Path, line: Line, text: str) -> tuple[str, int, Link] | None:
    """Of what one that is not filed yet would be a copy: source, length, why. ``line`` as for ``filing.file_change``."""
    if not sketches.candidates(connection, sketch(text), 0) and not line["original_url"]:
        return None  # nothing is like it: most articles
    connection.execute("SAVEPOINT peek")
    try:
        article = filing.file_change(connection, line)
        Stories(connection, texts_in(connection, root)).place(article, text)
        place = place_in(connection, article)
        if place.link is None:
            return None
        [(source, length)] = connection.execute("SELECT source, length FROM article WHERE id = ?", (place.primary,))
        return str(source), int(length), place.link
    finally:
        connection.execute("ROLLBACK TO peek")
        connection.execute("RELEASE peek")


def texts_in(connection: sqlite3.Connection, root: Path) -> TextOf:
    """Reads an article's text from its document; None where a person has removed it, or made something else of it."""

    def read(article: int) -> str | None:
        whole = "CASE WHEN full_text != '' THEN full_text ELSE path END"
        row = connection.execute(f"SELECT {whole} FROM article WHERE id = ?", (article,)).fetchone()  # noqa: S608
        raw = Disk.read_file(root / row[0]) if row else None
        return text_of(raw) if raw is not None else None

    return read


def store_place(connection: sqlite3.Connection, article: int, place: Place) -> None:
    connection.execute("DELETE FROM story WHERE article = ?", (article,))
    if place.link:
        row = (article, place.primary, place.link.rule, place.link.similarity)
        connection.execute("INSERT INTO story VALUES (?, ?, ?, ?)", row)


def file_regroup(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    """What a ``regroup`` line of the journal tells, into an index that is made again."""
    article, primary = _named(connection, f"{line['source']}/{line['key']}"), _named(connection, line["story"])
    link = Link(line["rule"], line["similarity"]) if line["rule"] else None
    store_place(connection, article, Place(primary, link))
    connection.execute("DELETE FROM declared WHERE copy = ?", (article,))
    for name in line["originals"]:
        connection.execute("INSERT INTO declared VALUES (?, ?)", (_named(connection, name), article))


def _named(connection: sqlite3.Connection, name: str) -> int:
    source, _, key = name.partition("/")
    row = connection.execute("SELECT id FROM article WHERE source = ? AND key = ?", (source, key)).fetchone()
    if row is None:
        raise KeyError(name)
    return int(row[0])


def _components(links: Iterable[tuple[int, int]]) -> list[list[int]]:
    roots: dict[int, int] = {}

    def root(id_: int) -> int:
        while roots.setdefault(id_, id_) != id_:
            roots[id_] = roots[roots[id_]]
            id_ = roots[id_]
        return id_

    for one, other in links:
        roots[root(one)] = root(other)
    together: dict[int, list[int]] = {}
    for id_ in roots:
        together.setdefault(root(id_), []).append(id_)
    return list(together.values())
