"""Turns the pages of lists: entry pages of papers, issues in parts, sitemap indexes, addresses that are to be tried.

What is done with a page that was read is another's: ``polling`` for what is new, ``backfill`` for what is old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response

from crawler.discovery import paper
from crawler.engine.handlers import HostClosed, NotRecorded, RunStopped
from crawler.engine.planning import hints_of, silence_until
from crawler.engine.reasons import reason_of_failure, reason_of_status
from crawler.engine.responses import page_of, validators_of
from crawler.engine.tally import ListTrouble
from crawler.engine.walk import Walk
from crawler.errors import ListError
from crawler.models import ListReading, Page, Stage
from crawler.storage.lists import Validators

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider

UNCONDITIONAL = (400, 405, 412, 501)  # a server that can not be asked "only if it has changed" is asked plainly


class ListWalker:
    def __init__(self, spider: NewsSpider):
        self._spider = spider

    # --- what those who walk do with it ---------------------------------------------

    def arrived(self, walk: Walk, page: Page, reading: ListReading) -> Iterator[Request]:
        """A page of the list was read, with all of its parts."""
        raise NotImplementedError

    def unchanged(self, walk: Walk, validators: Validators) -> None:
        """The list is as it was at its last poll."""
        raise NotImplementedError

    def ended(self, walk: Walk) -> Iterator[Request]:
        """A further page is at none of its addresses."""
        raise NotImplementedError

    def conditions(self, walk: Walk) -> Validators:
        """What the list's first page is asked with."""
        return Validators()

    def may_be_empty(self, walk: Walk) -> bool:
        """Whether a page without an article is taken for the list's end."""
        return False

    def unrecorded(self, walk: Walk) -> None:
        """Replay: its first page is not in the file."""

    def trouble(self, walk: Walk, stage: Stage, reason: str) -> None:
        if not walk.entry.optional:
            self._spider.tally.troubles.append(ListTrouble(walk.url, stage, reason))

    # --- turning pages -----------------------------------------------------------------

    def request(self, walk: Walk, url: str, *, plainly: bool = False) -> Request:
        walk.url = url
        self._spider.tally.waiting = url
        headers = {}
        if walk.is_at_start and (walk.has_hopped or not walk.is_paper) and not plainly:
            known = self.conditions(walk)
            if known.etag:
                headers["If-None-Match"] = known.etag
            if known.last_modified:
                headers["If-Modified-Since"] = known.last_modified
        return Request(
            url,
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"walk": walk},
            headers=headers,
            priority=10,  # lists before articles
            dont_filter=True,
        )

    def parse(self, response: Response, walk: Walk) -> Iterator[Request]:
        if walk.is_at_start or response.status >= 400:
            walk.hints = hints_of(response, walk.entry.kind)
        if response.status == 304 and walk.is_at_start:
            self.unchanged(walk, self.conditions(walk))
            return
        asked = response.request.headers if response.request else {}
        if response.status in UNCONDITIONAL and ("If-None-Match" in asked or "If-Modified-Since" in asked):
            yield self.request(walk, walk.url, plainly=True)
            return
        if response.status != 200:
            yield from self._other_status(walk, response.status)
            return
        page = page_of(response)
        walk.at = walk.at or page.fetched
        if walk.is_paper and not walk.has_hopped:
            walk.has_hopped = True
            try:
                yield self.request(walk, paper.entry_target(page))
            except ListError as error:
                self.trouble(walk, "list", str(error))
            return
        if walk.is_at_start:
            walk.validators = validators_of(response)
            if walk.validators.body_sha256 == self.conditions(walk).body_sha256:
                self.unchanged(walk, walk.validators)
                return
        yield from self._read(walk, page)

    def _other_status(self, walk: Walk, status: int) -> Iterator[Request]:
        if status in (404, 410) and (walk.alternatives or walk.children or walk.pages):
            yield from self.turn(walk)
        else:
            self.trouble(walk, "fetch", reason_of_status(status))

    def turn(self, walk: Walk) -> Iterator[Request]:
        """On to the next address that may hold the further page, or to the next sitemap; without any, it has ended."""
        if walk.alternatives:
            url, *rest = walk.alternatives
            walk.alternatives = tuple(rest)
            yield self.request(walk, url)
        elif walk.children:
            url, walk.depth = walk.children.pop(0)
            yield self.request(walk, url)
        else:
            yield from self.ended(walk)

    def _read(self, walk: Walk, page: Page) -> Iterator[Request]:
        spider, entry = self._spider, walk.entry
        try:
            reading = spider.read_list(page, entry)
        except ListError as error:
            self.trouble(walk, "list", str(error))
            return
        if reading.children:
            walk.open_index(reading)
            if not reading.tells_changes:
                walk.validators = Validators()  # the index stays as it is when a sitemap behind it changes
            yield from self.turn(walk)
            return
        if walk.needs_another_part(reading):
            yield self.request(walk, reading.next_url)
            return
        if walk.parts_read:
            reading = replace(reading, candidates=tuple(walk.parts), next_url="")
            walk.parts, walk.parts_read = [], 0
        if not reading.candidates:
            if walk.children:  # a sitemap of sections, or of pictures
                yield from self.turn(walk)
                return
            if not self.may_be_empty(walk):
                self.trouble(walk, "list", "no article found on the list: empty, or redesigned")
                return
        if reading.candidates and not reading.by_selector:
            spider.tally.shapeless += 1
            walk.validators = Validators()  # asked again in full, and named again, until it is well
        yield from self.arrived(walk, page, reading)

    def following(self, walk: Walk, page: Page, reading: ListReading, number: int) -> tuple[str, ...]:
        """Addresses to try for page ``number``; of an index the next sitemap waits in ``walk.children``."""
        if walk.entry.kind == "sitemap":
            return ()
        return tuple(self._spider.next_list_urls(page, walk.entry, number, reading))

    def failed(self, failure: Any) -> Iterator[Request]:
        walk: Walk = failure.request.cb_kwargs["walk"]
        spider, error = self._spider, failure.value
        walk.at = walk.at or spider.session.now()
        if isinstance(error, RunStopped):
            walk.was_stopped = True  # the walk is not complete: it begins anew next time
            return
        if isinstance(error, HostClosed):
            walk.hints = silence_until(error.args[1])
        if not isinstance(error, NotRecorded):
            self.trouble(walk, "fetch", reason_of_failure(error, failure.request.url, spider.session.policy))
        elif walk.alternatives or walk.children or walk.pages:
            yield from self.turn(walk)
        else:
            self.unrecorded(walk)

    def broke(self, walk: Walk, reason: str) -> None:
        """A source's own reading of its list raised an error."""
        self.trouble(walk, "list", reason)
