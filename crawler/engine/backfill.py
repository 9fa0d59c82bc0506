"""Walks the lists of one source backwards: further pages, earlier issues, archives, sitemaps.

Begins when everything fresh was fetched. A page of each list in turn; what it shows becomes a debt, and the debts are
fetched, newest first, before the next pages are asked for. Each page is remembered in the transaction that makes its
candidates owed, so that a walk goes on where it was stopped, however that was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from scrapy import Request

from crawler.discovery.paging import covers, is_exhausted
from crawler.engine.backwalk import BackWalk, begin
from crawler.engine.walk import ROWS, Walk
from crawler.engine.walking import ListWalker
from crawler.models import Candidate, ListReading, Page, Stage
from crawler.storage.backfill import Reached, WalksBack
from crawler.storage.gaps import Gaps, OpenGap

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider

BATCH = 64  # articles at most that are handed out before the budget is looked at again


class BackWalker(ListWalker):
    def __init__(self, spider: NewsSpider):
        super().__init__(spider)
        self._walks: list[BackWalk] | None = None  # None: not begun
        self._handed: set[str] = set()  # keys that were given to the fetcher
        self._met: set[str] = set()  # keys, over all lists
        self._before = 0  # requests that went to what is fresh, which are not counted

    # --- the course of it: called whenever the spider has nothing left to do ------------

    def go_on(self) -> bool:
        """Hand out what comes next; False when there is nothing more to do in this run."""
        spider, session, options = self._spider, self._spider.session, self._spider.session.options
        if session.trouble is not None or session.stopping:
            return False
        if self._walks is None:
            spider.poller.save_polls()  # a walk of hours must not put at risk what the polls have learnt
            self._before = spider.tally.requests
            self._walks = begin(spider)
        while True:
            left = None if options.max_requests is None else self._before + options.max_requests - spider.tally.requests
            if options.limit is not None and spider.tally.saved >= options.limit:
                return self._stop(f"--limit {options.limit} is reached")
            if left is not None and left <= 0:
                return self._stop(f"--max-requests {options.max_requests} is used up")
            if self._hand_out_debts(left):
                return True
            for walk in self._walks:
                self._look_back(walk)
            if self._turn_pages(left):
                return True
            if all(walk.end for walk in self._walks):
                return self._stop("")

    def close(self) -> None:
        """The spider ends, whatever for."""
        session = self._spider.session
        if self._walks and session.trouble is None:
            self._stop(session.stopping or "the run has ended")

    def _hand_out_debts(self, left: int | None) -> bool:
        spider = self._spider
        met = self._handed | spider.poller.handed
        due = spider.session.library.frontier.due(spider.name, spider.source.zone, spider.session.now())
        owed = [row for row in due if row.key not in met and not spider.is_too_old(row.published)]
        # An article may take more than one request: near its end the budget is spent with care.
        batch = owed[: BATCH if left is None else max(1, min(BATCH, left // 2))]
        self._handed.update(row.key for row in batch)
        spider.fetcher.enqueue(batch)
        spider.fetcher.pump()
        return bool(batch)

    def _turn_pages(self, left: int | None) -> bool:
        """Ask for the next page of each list, first of those that have had the fewest; False if no request came of it."""
        engine = self._spider.crawler.engine
        assert engine is not None
        walks = sorted((walk for walk in self._walks or () if not walk.end), key=lambda walk: walk.pages)
        requests = [request for walk in walks[:left] for request in self.turn(walk)]
        for request in requests:
            engine.crawl(request)
        return bool(requests)

    def _stop(self, reason: str) -> bool:
        """Say of each list how far it got; what is not done goes on next time."""
        walks, tally = self._walks or [], self._spider.tally
        for walk in walks:
            self._look_back(walk)
            walk.end = walk.end or reason
            to = f"back to {walk.reached}, page {walk.page}" if walk.reached else f"page {walk.page}"
            tally.walked[walk.entry.url] = f"{to}: {walk.end}"
        self._remember([walk for walk in walks if walk.shown], self._passed_by_channels(walks))
        self._walks = []
        return False

    # --- a page was read ------------------------------------------------------------------

    def request(self, walk: Walk, url: str, *, plainly: bool = False) -> Request:
        assert isinstance(walk, BackWalk)
        if not walk.parts_read and (walk.has_hopped or not walk.is_paper):
            walk.asked = url
        return super().request(walk, url, plainly=plainly)

    def may_be_empty(self, walk: Walk) -> bool:
        return True

    def arrived(self, walk: Walk, page: Page, reading: ListReading) -> Iterator[Request]:
        assert isinstance(walk, BackWalk)
        if not reading.candidates:
            walk.end = f"nothing on page {walk.page + 1}: its end, or a wall"
        elif walk.is_resumed and not self._knows_any(reading.candidates):
            walk.begin_anew()
        elif is_exhausted(reading.candidates, set(walk.shown)):
            walk.end = "the list has ended"
        elif walk.entry.kind == "sitemap":
            self._take_file(walk, reading)
        else:
            self._take_page(walk, page, reading)
        yield from ()

    def _knows_any(self, rows: Sequence[Candidate]) -> bool:
        """New items push known ones to later pages. If items were removed, unread ones may have moved up before it."""
        return bool(self._known([row.key for row in rows]))

    def _known(self, keys: list[str]) -> set[str]:
        return self._spider.session.library.index.known_keys(self._spider.name, keys)

    def _take_page(self, walk: BackWalk, page: Page, reading: ListReading) -> None:
        wanted = self._spider.session.options.pages
        walk.last_rows = tuple(row for row in reading.candidates if row.key not in walk.shown)
        older = [row.key for row in walk.last_rows if self._is_older(walk, row)]
        if not self._known(older).issuperset(older):
            walk.whole = walk.whole or (walk.page, walk.place)
        walk.is_resumed = False
        walk.page += 1
        walk.pages += 1
        walk.place = walk.asked
        self._owe(walk, walk.last_rows)
        walk.alternatives = self.following(walk, page, reading, walk.page + 1)
        if wanted is not None and walk.page >= wanted:
            walk.end = f"{wanted} pages"
        elif not walk.alternatives:
            walk.end = "the list has ended"

    def _take_file(self, walk: BackWalk, reading: ListReading) -> None:
        """A sitemap counts as a page for every ROWS entries that were not known, newest first."""
        wanted = self._spider.session.options.pages
        walk.pages += 1
        walk.modified = reading.modified
        known = self._known([row.key for row in reading.candidates])
        unknown = [row for row in reading.candidates if row.key not in known]
        young = [row for row in unknown if not self._is_older(walk, row)]
        taken = young if wanted is None else young[: (wanted - walk.page) * ROWS]
        walk.page += -(-len(taken) // ROWS)
        walk.last_rows = reading.candidates if len(taken) == len(young) else tuple(taken)
        if len(taken) == len(unknown):
            walk.read_files.append(walk.asked)
        walk.place = "\n".join(walk.read_files)
        self._owe(walk, taken)
        if wanted is not None and walk.page >= wanted:
            walk.end = f"{wanted} pages of {ROWS} entries"
        elif not walk.children:
            walk.end = "the sitemap has ended"

    def _owe(self, walk: BackWalk, rows: Sequence[Candidate]) -> None:
        """Candidates, what the list has shown, and how far the walk has come: in one transaction."""
        spider, session = self._spider, self._spider.session
        library, now = session.library, session.now()
        rows = [row for row in rows if not self._is_older(walk, row)]
        known = self._known([row.key for row in rows])
        fresh = [row for row in rows if row.key not in known]
        since = session.options.since.isoformat() if session.options.since else ""
        passed = [
            gap
            for gap, before in walk.gaps
            if since <= (gap.gap.since[:10] or since) and covers(walk.last_rows, gap.gap, before, set(walk.shown))
        ]
        walk.shown.update((row.key, row) for row in walk.last_rows)
        with library.index.transaction() as connection:
            library.frontier.owe(connection, fresh, now)
            library.lists.note_shown(connection, walk.known, rows, now)
            self._note(connection, [walk], passed)
        spider.tally.found += sum(row.key not in self._met for row in rows)
        spider.tally.new += sum(row.key not in self._met for row in fresh)
        self._met.update(row.key for row in rows)

    # --- how far back that was --------------------------------------------------------------

    def _look_back(self, walk: BackWalk) -> None:
        """When the articles of the last page were fetched: what its list did not date is dated by them."""
        since = self._spider.session.options.since
        days = [self._day_of(walk, row) or self._stored_day(row) for row in walk.last_rows]
        walk.last_rows = ()
        if not days or "" in days or not walk.is_in_order:
            return
        newest = max(days)
        if since is not None:  # what is older was left out
            newest = max(newest, (since - timedelta(days=1)).isoformat())
        walk.reached = min(walk.reached or newest, newest)
        if not walk.end and since is not None and newest < since.isoformat():
            walk.end = f"all of page {walk.page} is older than {since}"
        self._remember([walk], [])

    def _is_older(self, walk: BackWalk, row: Candidate) -> bool:
        since = self._spider.session.options.since
        return since is not None and "" < self._day_of(walk, row) < since.isoformat()

    def _day_of(self, walk: BackWalk, row: Candidate) -> str:
        """As the list tells it; of a sitemap perhaps the day of the last change, which is no earlier."""
        moment = row.published or walk.modified.get(row.key)
        return moment.day.isoformat() if moment else ""

    def _stored_day(self, row: Candidate) -> str:
        library = self._spider.session.library
        article = library.index.article_by_key(row.source, row.key)
        return article.day if article else library.frontier.day_of(row)

    def _passed_by_channels(self, walks: list[BackWalk]) -> list[OpenGap]:
        """Of lists that can not be walked back far enough: closed when every other channel has passed them."""
        own = {entry.url for entry in self._spider.source.lists if entry.kind != "sitemap"}
        channels = [walk for walk in walks if walk.entry.url not in own]
        return [
            gap
            for walk in walks
            for gap, _ in walk.gaps
            if channels and all("" < each.reached < gap.gap.since[:10] for each in channels)
        ]

    def _remember(self, walks: Iterable[BackWalk], passed: Iterable[OpenGap]) -> None:
        with self._spider.session.library.index.transaction() as connection:
            self._note(connection, walks, passed)

    def _note(self, connection: sqlite3.Connection, walks: Iterable[BackWalk], passed: Iterable[OpenGap]) -> None:
        session = self._spider.session
        index, since = session.library.index, session.options.since
        asked = since.isoformat() if since else f"{session.options.pages} pages"
        for walk in walks:
            page, place = walk.whole or (walk.page, walk.place)
            WalksBack(index).save(connection, walk.known.id, Reached(asked, page, place, walk.reached, walk.end))
        for gap in passed:
            Gaps(index).close(connection, gap, session.now())
            for walk in walks:
                walk.gaps = [(each, before) for each, before in walk.gaps if each is not gap]

    # --- ends -------------------------------------------------------------------------------

    def ended(self, walk: Walk) -> Iterator[Request]:
        assert isinstance(walk, BackWalk)
        if walk.is_resumed:  # the page where it stood is gone
            walk.begin_anew()
        else:
            walk.end = walk.end or "the list has ended"
        yield from ()

    def unrecorded(self, walk: Walk) -> None:
        assert isinstance(walk, BackWalk)
        walk.end = "not in the recording"

    def trouble(self, walk: Walk, stage: Stage, reason: str) -> None:
        assert isinstance(walk, BackWalk)
        walk.end = reason
        super().trouble(walk, stage, reason)
