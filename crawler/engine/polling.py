"""Polls the lists of one source: conditional requests, paging until overlap, debts for what is new.

Only lists that are due, unless the user asked for the source. Where a list may have rolled over, the others are
asked as well, at once. Validators are saved at the very end, after the candidates that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from scrapy import Request

from crawler.engine.planning import plan_of
from crawler.engine.walk import Walk
from crawler.engine.walking import ListWalker
from crawler.models import Candidate, Gap, ListPage, ListReading, Page
from crawler.schedule.due import is_due
from crawler.storage.gaps import Gaps
from crawler.storage.lists import KnownList, Validators

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider


PATIENCE = 3  # polls in a row that end on an empty further page before it is taken for the list's end


class ListPoller(ListWalker):
    def __init__(self, spider: NewsSpider):
        super().__init__(spider)
        self._walks: list[Walk] = []
        self._complete: list[Walk] = []
        self._channels: list[tuple[ListPage, KnownList]] = []  # lists that are asked only where another has a gap
        self._found: set[str] = set()  # keys, over all lists of this run
        self.handed: set[str] = set()  # those of them that were given to the fetcher

    def first_requests(self) -> Iterator[Request]:
        spider = self._spider
        source, now = spider.source, spider.session.now()
        archives = [replace(entry, optional=True) for entry in source.archives]
        known = spider.session.library.lists.open(spider.name, source.zone, (*source.lists, *archives))
        for entry in source.lists:
            before = known[entry.url]
            if spider.only_due and before.plan.due and not is_due(before.plan.due, now):
                self._channels.append((entry, before))
                # One that rests after a good poll has had its answer: a source of which one list fails is not lost.
                spider.tally.lists += not entry.optional and not before.errors
                spider.tally.lists_resting += not entry.optional and bool(before.errors)
            else:
                spider.tally.lists += not entry.optional
                yield self._start(entry, before)
        self._channels += [(entry, known[entry.url]) for entry in archives]

    def _start(self, entry: ListPage, known: KnownList, fills_from: str = "") -> Request:
        walk = Walk(entry, known, fills_from=fills_from)
        self._walks.append(walk)
        return self.request(walk, entry.url)

    def conditions(self, walk: Walk) -> Validators:
        return walk.known.validators

    def may_be_empty(self, walk: Walk) -> bool:
        # Not so on a further page: a captcha there must not pass for the list's end. But a list whose
        # pages do end so is not walked for ever.
        return bool(walk.pages) and walk.known.errors >= PATIENCE

    def arrived(self, walk: Walk, page: Page, reading: ListReading) -> Iterator[Request]:
        step = "goes on"
        for rows in walk.slices(reading.candidates):
            step = walk.take(rows)
            self._take(walk, walk.wanted(rows))
            if step != "goes on" or not walk.may_go_on:
                break
        following = self.following(walk, page, reading, walk.pages + 1)
        walk.has_further_pages = walk.has_further_pages or bool(following or walk.children)
        if step != "goes on" or not walk.may_go_on:
            yield from self._finish(walk, reached=step == "reached")
        else:
            walk.alternatives = following
            yield from self.turn(walk)

    def ended(self, walk: Walk) -> Iterator[Request]:
        yield from self._finish(walk, reached=False)

    def unchanged(self, walk: Walk, validators: Validators) -> None:
        self._spider.tally.not_modified += 1
        walk.is_unchanged = True
        walk.validators = replace(validators, body_sha256=walk.known.validators.body_sha256)
        walk.at = walk.at or self._spider.session.now()
        self._complete.append(walk)

    def unrecorded(self, walk: Walk) -> None:
        self._spider.tally.missed += 1
        self._spider.tally.lists_missed += not walk.entry.optional

    def _take(self, walk: Walk, candidates: Sequence[Candidate]) -> None:
        """Make what is new a debt, and remember what the list showed, in one transaction."""
        spider = self._spider
        library, now = spider.session.library, spider.session.now()
        known = library.index.known_keys(spider.name, [row.key for row in candidates])
        first_seen = list({row.key: row for row in candidates if row.key not in self._found}.values())
        fresh = [row for row in first_seen if row.key not in known]
        self._found.update(row.key for row in first_seen)
        with library.index.transaction() as connection:
            library.frontier.owe(connection, fresh, now)
            library.lists.note_shown(connection, walk.known, candidates, now)
        spider.tally.found += len(first_seen)
        spider.tally.new += len(fresh)
        walk.found_new = walk.found_new or bool(fresh)
        walk.fresh.update(row.key for row in fresh)
        wanted = [row for row in fresh if not spider.is_too_old(row.published)]
        self.handed.update(row.key for row in wanted)
        spider.fetcher.enqueue(wanted)
        spider.fetcher.pump()

    def _finish(self, walk: Walk, *, reached: bool) -> Iterator[Request]:
        self._complete.append(walk)
        if not reached:
            walk.end_without_overlap()
        if walk.gap is not None:
            self._spider.tally.gap = self._spider.tally.gap or walk.gap
            yield from self._ask_others(walk.gap)

    def _ask_others(self, gap: Gap) -> Iterator[Request]:
        """What one list has let go by, another of the source may still show."""
        channels, self._channels = self._channels, []
        for entry, known in channels:
            self._spider.tally.lists += not entry.optional and bool(known.errors)
            yield self._start(entry, known, fills_from=gap.since)

    def save_polls(self) -> None:
        """Only completed walks; the others are walked again from their first page."""
        spider, session = self._spider, self._spider.session
        if not self._walks or not session.stores or session.trouble is not None:
            return
        walks, self._walks = self._walks, []
        now, lists, gaps = session.now(), session.library.lists, Gaps(session.library.index)
        first = session.library.index.value("SELECT first_run FROM source WHERE name = ?", (spider.name,))
        first_run = datetime.fromisoformat(first) if first else None
        completed = {id(walk) for walk in self._complete}
        with session.library.index.transaction() as connection:
            for walk in walks:
                if id(walk) in completed:
                    shown = None if walk.is_unchanged else walk.shown
                    plan = plan_of(walk, spider.source, first_run, now, completed=True)
                    lists.complete(
                        connection, walk.known, walk.validators, shown, now, found_new=walk.found_new, plan=plan
                    )
                    if walk.gap is not None:
                        gaps.note(connection, spider.name, walk.gap, session.started, session.run_id)
                elif not walk.was_stopped:
                    plan = plan_of(walk, spider.source, first_run, now, completed=False)
                    lists.failed(connection, walk.known, now, plan)
