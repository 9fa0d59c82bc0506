"""Fetches the articles of one source: a few at a time, fresh ones first, within the limit.

Every candidate that goes in comes out once: as a page for the pipeline, put off, or closed.
An article's further pages are fetched here as well, for the pipeline that joins them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response

from crawler.dedup.identity import AddressError, canonical_url, generic_key, key_of
from crawler.engine.handlers import HostClosed, NotRecorded, RunStopped
from crawler.engine.middlewares import OUTSIDE, RETRY_AT
from crawler.engine.reasons import is_silence, reason_of_failure, reason_of_status
from crawler.engine.responses import page_of, validators_of
from crawler.extraction import charset
from crawler.extraction.series import continuation, numbered
from crawler.models import Candidate, Page, Source
from crawler.storage.frontier import State
from crawler.storage.lists import Validators

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider

WINDOW = 16  # article requests under way; the rest waits as candidates, which cost little memory
BACKLOG = 200  # articles of a first run, or of old debts, in one run without --limit
IN_VAIN = 5  # articles in a row without any answer, each tried three times: the others are left for the next run


@dataclass(frozen=True, slots=True)
class Fetched:
    """An article page on its way to extraction. ``by`` is None for a page of a foreign site.

    ``led_from`` is the address of the further page that has led to this first one, ``further`` are those
    of the further pages that were joined to it.
    """

    page: Page
    candidate: Candidate
    by: Source | None
    addresses: tuple[str, ...]
    original_url: str = ""
    led_from: str = ""
    further: tuple[str, ...] = ()
    validators: Validators = field(default_factory=Validators)  # for the next look at it

    def __repr__(self) -> str:  # Scrapy logs items whole: not a page of bytes into the log
        return f"<Fetched {self.page.url}>"


class ArticleFetcher:
    def __init__(self, spider: NewsSpider):
        self._spider = spider
        self._fresh: deque[Candidate] = deque()
        self._debts: deque[Candidate] = deque()
        self._asked: set[str] = set()  # keys that this run has queued
        self._joined: set[str] = set()  # keys that further pages of stored articles would have
        self._under_way = 0
        self._in_vain = 0  # articles in a row whose host gave no answer
        self._told: set[str] = set()  # faults of hosts that the log has named
        self._allowance = BACKLOG

    def enqueue(self, candidates: Iterable[Candidate]) -> None:
        """Take in fresh candidates; nobody hands in the same key twice."""
        for candidate in candidates:
            self._asked.add(candidate.key)
            if self._is_first_run and self._is_bounded and not self._allow():
                continue  # a new source may list its whole archive: the rest stays owed
            self._fresh.append(candidate)

    def _allow(self) -> bool:
        self._allowance -= 1
        self._spider.tally.left += self._allowance < 0
        return self._allowance >= 0

    @cached_property
    def _is_first_run(self) -> bool:
        spider = self._spider
        asked = "SELECT last_run FROM source WHERE name = ?"
        return spider.urls is None and spider.session.library.index.value(asked, (spider.name,)) is None

    @cached_property
    def _is_bounded(self) -> bool:
        """Not so where nobody is burdened: a replay, or a server of one's own that wants no delay."""
        session, options = self._spider.session, self._spider.session.options
        is_usual = options.command in ("crawl", "scrapy") and options.limit is None
        return is_usual and session.recording is None and session.delay_for(self._spider.source) > 0

    def enqueue_debts(self) -> None:
        """What earlier runs found and did not get, and whose time has come."""
        spider = self._spider
        frontier = spider.session.library.frontier
        self._debts.extend(frontier.due(spider.name, spider.source.zone, spider.session.now()))

    def pump(self) -> None:
        """Send the next requests: fresh ones first, within window and limit."""
        spider = self._spider
        limit = spider.session.options.limit
        while self._fresh or self._debts:
            if self._under_way >= WINDOW or spider.session.trouble is not None or spider.session.stopping:
                return
            if limit is not None and spider.tally.saved + self._under_way >= limit:
                return
            if self._in_vain >= IN_VAIN and spider.urls is None:
                spider.tally.not_asked += len(self._fresh) + len(self._debts)
                self._fresh.clear()
                self._debts.clear()
                return
            if self._fresh:
                candidate = self._fresh.popleft()
                if candidate.key in self._joined:
                    continue
            else:
                candidate = self._debts.popleft()
                if (
                    candidate.key in self._asked
                    or candidate.key in self._joined
                    or spider.is_too_old(candidate.published)
                ):
                    continue
                if self._is_bounded and not self._allow():
                    continue
                self._asked.add(candidate.key)
            self._under_way += 1
            url = spider.article_url(candidate)
            spider.tally.waiting = url
            spider.crawler.engine.crawl(self._request(url, candidate))

    def _request(self, url: str, candidate: Candidate, stub: str = "", led: tuple[str, ...] = ()) -> Request:
        return Request(
            url,
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"candidate": candidate, "stub": stub, "led": led},
            # A stub's target, and a single page of any site, may lead to another host.
            meta={OUTSIDE: bool(stub) or not self._spider.source.articles},
            dont_filter=True,
        )

    def parse(
        self, response: Response, candidate: Candidate, stub: str = "", led: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """``stub`` is the address of the page that led here, ``led`` those of the article's further pages that did."""
        self._in_vain = 0
        self._spider.answered(candidate, response.status, len(response.body))
        if response.status == 410:
            self.close(candidate, reason_of_status(410), "gone")
            return
        if response.status != 200:
            self._refused(response, candidate)
            return
        yield from self.read(response, candidate, stub, led)

    def read(
        self, response: Response, candidate: Candidate, stub: str = "", led: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """A page that was had: follow it to the article, or hand it to the pipeline."""
        spider = self._spider
        spider.tally.fetched += 1
        page = page_of(response)
        if not stub and spider.source.articles and spider.urls is None and not key_of(page.url, spider.source):
            # A soft delete: the address leads to the home page or another kind of page.
            self.close(candidate, f"leads to {page.url}, which is no article", "gone")
            return
        target = "" if stub else spider.forward(page)
        if target:
            try:
                canonical_url(target)
            except AddressError as error:
                self.close(candidate, f"the stub leads to a refused address: {error}", "rejected")
                return
            yield self._request(target, candidate, stub=page.url)
            return
        # Led here from itself: the first page's own address is not to be had, or sends the reader on to this one.
        first = "" if stub or page.url in led or spider.looker.has(candidate) else self._first_page(page)
        if first:
            key = key_of(first, spider.source) or generic_key(first)
            if key != candidate.key and key in self._asked:
                self.settled()  # this run fetches it from its first page on; it stays owed until that is stored
            else:
                self._asked.add(key)
                yield self._request(first, candidate, led=(*led, page.url))
            return
        spider.session.in_flight += 1
        yield Fetched(
            page=page,
            candidate=candidate,
            by=None if stub else spider.source,
            addresses=(page.url,) if led else tuple(dict.fromkeys((stub or page.url, candidate.url))),
            original_url=page.url if stub else "",
            led_from=led[0] if led else "",
            validators=Validators() if stub or led else validators_of(response),
        )

    def failed(self, failure: Any) -> None:
        self._failed(failure.value, failure.request.url, failure.request.cb_kwargs["candidate"])

    def _refused(self, response: Response, candidate: Candidate, which: str = "") -> None:
        # Also 404: some sites list an article before they publish it.
        self.put_off(
            candidate,
            which + reason_of_status(response.status),
            until=response.meta.get(RETRY_AT),
            counts=response.status < 500 and response.status not in (408, 429),
        )

    def _failed(self, error: BaseException, url: str, candidate: Candidate, which: str = "") -> None:
        spider = self._spider
        if isinstance(error, RunStopped):
            self.settled()  # it stays owed
            return
        if isinstance(error, NotRecorded) and spider.urls is None:
            spider.tally.missed += 1  # a clean miss of a replay: it stays owed, nobody's fault
            self.settled()
            return
        until = error.args[1] if isinstance(error, HostClosed) else None
        reason = reason_of_failure(error, url, spider.session.policy)
        self._in_vain += is_silence(reason)
        self.put_off(candidate, which + reason, until=until, counts=False)

    # --- articles of several pages ------------------------------------------------------

    def _first_page(self, page: Page) -> str:
        """Where the article begins, if this is one of its further pages; else ""."""
        if not numbered.may_be_further(page.url):
            return ""
        first = continuation.first_of(charset.decode(page.body, page.charset).text, page.url)
        source = self._spider.source
        try:
            is_article = bool(key_of(first, source) if source.articles else generic_key(first))
        except AddressError:
            is_article = False
        return first if is_article else ""

    async def further(self, item: Fetched, url: str, number: int) -> Page | None:
        """Page ``number`` of an article. None if it was not had: then the article as a whole is put off, not halved."""
        spider, candidate = self._spider, item.candidate
        which = f"page {number} of {item.page.url}: "
        spider.tally.waiting = url
        try:
            request = Request(url, meta={OUTSIDE: item.by is None or not spider.source.articles}, dont_filter=True)
            if spider.session.trouble is not None:
                raise RunStopped("the library has failed: the article could not be stored")
            response = await spider.crawler.engine.download_async(request)
        except Exception as error:  # as an errback gets them: whatever went wrong, it went wrong with this page
            self._failed(error, url, candidate, which)
            return None
        if response.status != 200:
            self._refused(response, candidate, which)
            return None
        page = page_of(response)
        same = {one.of for one in numbered.readings(url)} & {one.of for one in numbered.readings(page.url)}
        if generic_key(page.url) != generic_key(url) and not same:
            self.put_off(candidate, f"{which}leads to {page.url}")
            return None
        return page

    def note_joined(self, keys: Collection[str]) -> None:
        """Further pages of a stored article are no articles, whatever list has shown them."""
        self._spider.tally.duplicates += len(self._asked.intersection(keys) - self._joined)
        self._joined.update(keys)

    # --- what becomes of a candidate -------------------------------------------------

    def put_off(self, candidate: Candidate, reason: str, until: datetime | None = None, *, counts: bool = True) -> None:
        """Not had this time: owed on, tried again later. ``counts`` is False when the host was at fault."""
        spider = self._spider
        if spider.looker.has(candidate):
            spider.looker.put_off(candidate, reason, until)
            return
        spider.note_visit(candidate, reason)
        spider.tally.failed += 1
        spider.tally.reasons[reason] += 1
        self.owe(candidate, reason, until=until, counts=counts)
        self.settled()

    def close(self, candidate: Candidate, reason: str, state: State) -> None:
        """Will never be an article: remembered, so that it is not asked for again."""
        spider = self._spider
        if spider.looker.has(candidate):
            take = spider.looker.gone if state == "gone" else spider.looker.put_off
            take(candidate, reason)
            return
        spider.note_visit(candidate, reason)
        spider.tally.rejected += 1
        spider.tally.reasons[reason] += 1
        spider.logger.warning("%s: %s: %s; not asked for again", spider.name, candidate.url, reason)
        if self._is_a_debt(candidate):
            spider.session.library.frontier.close(candidate, reason, spider.session.now(), state)
        self.settled()

    def owe(
        self,
        candidate: Candidate,
        reason: str,
        *,
        state: State = "owed",
        until: datetime | None = None,
        counts: bool = True,
    ) -> None:
        """Note the failed try, and tell the log what comes of it."""
        spider = self._spider
        if self._is_a_debt(candidate):
            frontier = spider.session.library.frontier
            now = spider.session.now()
            state = frontier.put_off(candidate, reason, now, state=state, until=until, counts=counts)
            told = "given up" if state == "given-up" else "tried again later"
        else:
            told = "not stored"
        # A host's own fault is the same for all of its articles: named once, and not before it is
        # known that the fault is the host's and not that of the network.
        if counts or (reason not in self._told and spider.session.gate.has_answered):
            self._told.add(reason)
            spider.logger.warning("%s: %s: %s; %s", spider.name, candidate.url, reason, told)
        else:
            spider.tally.untold.setdefault(reason, []).append(candidate.url)

    def _is_a_debt(self, candidate: Candidate) -> bool:
        """Not so: a look, a stopped run, a page of a site that no run polls, and an article that is
        stored already and was only looked at again."""
        session = self._spider.session
        return (
            bool(self._spider.source.lists)
            and session.stores
            and session.trouble is None
            and session.library.index.article_by_key(candidate.source, candidate.key) is None
        )

    def settled(self) -> None:
        """One article's fate is known; the next may start."""
        self._under_way -= 1
        self.pump()
