"""Polls the lists of one source: conditional requests, paging until overlap, debts for what is new.

Validators are saved at the very end, after the candidates that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response

from crawler.discovery import paper
from crawler.engine.handlers import NotRecorded, RunStopped
from crawler.engine.reasons import reason_of_failure, reason_of_status
from crawler.engine.responses import page_of, validators_of
from crawler.engine.tally import ListTrouble
from crawler.engine.walk import Walk
from crawler.errors import ListError
from crawler.models import Candidate, Stage
from crawler.storage.lists import Validators

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider


UNCONDITIONAL = (400, 405, 412, 501)  # a server that can not be asked "only if it has changed" is asked plainly
PATIENCE = 3  # polls in a row that end on an empty further page before it is taken for the list's end


class ListPoller:
    def __init__(self, spider: NewsSpider):
        self._spider = spider
        self._walks: list[Walk] = []
        self._complete: list[Walk] = []
        self._found: set[str] = set()  # keys, over all lists of this run

    def first_requests(self) -> Iterator[Request]:
        spider = self._spider
        source = spider.source
        known = spider.session.library.lists.open(spider.name, source.zone, source.lists)
        for entry in source.lists:
            walk = Walk(entry, known[entry.url])
            self._walks.append(walk)
            spider.tally.lists += not entry.optional
            yield self._request(walk, entry.url)

    def _request(self, walk: Walk, url: str, *, plainly: bool = False) -> Request:
        walk.url = url
        self._spider.tally.waiting = url
        headers = {}
        if walk.is_at_start and (walk.has_hopped or not walk.is_paper) and not plainly:
            known = walk.known.validators
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
        if response.status == 304 and walk.is_at_start:
            self._unchanged(walk, walk.known.validators)
            return
        asked = response.request.headers if response.request else {}
        if response.status in UNCONDITIONAL and ("If-None-Match" in asked or "If-Modified-Since" in asked):
            yield self._request(walk, walk.url, plainly=True)
            return
        if response.status != 200:
            yield from self._other_status(walk, response.status)
            return
        page = page_of(response)
        if walk.is_paper and not walk.has_hopped:
            walk.has_hopped = True
            try:
                yield self._request(walk, paper.entry_target(page))
            except ListError as error:
                self._trouble(walk, "list", str(error))
            return
        if walk.is_at_start:
            walk.validators = validators_of(response)
            if walk.validators.body_sha256 == walk.known.validators.body_sha256:
                self._unchanged(walk, walk.validators)
                return
        yield from self._read(walk, page)

    def _other_status(self, walk: Walk, status: int) -> Iterator[Request]:
        if status in (404, 410) and (walk.alternatives or walk.pages):
            yield from self._next_alternative(walk)
        else:
            self._trouble(walk, "fetch", reason_of_status(status))

    def _next_alternative(self, walk: Walk) -> Iterator[Request]:
        """A further page is not where it was looked for: try its next address, else the list has ended."""
        if walk.alternatives:
            url, *rest = walk.alternatives
            walk.alternatives = tuple(rest)
            yield self._request(walk, url)
        else:
            self._finish(walk, reached=False)

    def _read(self, walk: Walk, page: Any) -> Iterator[Request]:
        spider, entry = self._spider, walk.entry
        try:
            reading = spider.read_list(page, entry)
        except ListError as error:
            self._trouble(walk, "list", str(error))
            return
        if walk.needs_another_part(reading):
            yield self._request(walk, reading.next_url)
            return
        if walk.parts:
            reading, walk.parts = replace(reading, candidates=tuple(walk.parts), next_url=""), []
        if not reading.candidates and (not walk.pages or walk.known.errors < PATIENCE):
            # Also on a further page: a captcha there must not pass for the list's end. But a list whose
            # pages do end so is not walked for ever.
            self._trouble(walk, "list", "no article found on the list: empty, or redesigned")
            return
        if not reading.by_selector:
            spider.tally.shapeless += 1
            walk.validators = Validators()  # asked again in full, and named again, until it is well
        step = walk.take(reading)
        self._take(walk, reading.candidates)
        if step != "goes on":
            self._finish(walk, reached=step == "reached")
            return
        following = spider.next_list_urls(page, entry, walk.pages + 1, reading) if walk.may_go_on else ()
        walk.alternatives = tuple(following)
        yield from self._next_alternative(walk)

    def failed(self, failure: Any) -> Iterator[Request]:
        walk: Walk = failure.request.cb_kwargs["walk"]
        spider = self._spider
        if isinstance(failure.value, RunStopped):
            return  # the walk is not complete: it begins anew next time
        if not isinstance(failure.value, NotRecorded):
            reason = reason_of_failure(failure.value, failure.request.url, spider.session.policy)
            self._trouble(walk, "fetch", reason)
        elif walk.alternatives or walk.pages:
            yield from self._next_alternative(walk)
        else:
            spider.tally.missed += 1
            spider.tally.lists_missed += not walk.entry.optional

    def _take(self, walk: Walk, candidates: tuple[Candidate, ...]) -> None:
        """Make what is new a debt, and remember what the list showed, in one transaction."""
        spider = self._spider
        library, now = spider.session.library, spider.session.now()
        known = library.index.known_keys(spider.name, [row.key for row in candidates])
        first_seen = [row for row in candidates if row.key not in self._found]
        fresh = [row for row in first_seen if row.key not in known]
        self._found.update(row.key for row in first_seen)
        with library.index.transaction() as connection:
            library.frontier.owe(connection, fresh, now)
            library.lists.note_shown(connection, walk.known, candidates, now)
        spider.tally.found += len(first_seen)
        spider.tally.new += len(fresh)
        walk.found_new = walk.found_new or bool(fresh)
        spider.fetcher.enqueue(row for row in fresh if not spider.is_too_old(row.published))
        spider.fetcher.pump()

    def _unchanged(self, walk: Walk, validators: Validators) -> None:
        self._spider.tally.not_modified += 1
        walk.is_unchanged = True
        walk.validators = replace(validators, body_sha256=walk.known.validators.body_sha256)
        self._complete.append(walk)

    def _finish(self, walk: Walk, *, reached: bool) -> None:
        if not reached:
            walk.end_without_overlap()
            self._spider.tally.gap = self._spider.tally.gap or walk.gap
        self._complete.append(walk)

    def _trouble(self, walk: Walk, stage: Stage, reason: str) -> None:
        if not walk.entry.optional:
            self._spider.tally.troubles.append(ListTrouble(walk.url, stage, reason))

    def broke(self, walk: Walk, reason: str) -> None:
        """A source's own reading of its list raised an error."""
        self._trouble(walk, "list", reason)

    def save_polls(self) -> None:
        """Only completed walks; the others are walked again from their first page."""
        session = self._spider.session
        if not self._walks or not session.stores or session.trouble is not None:
            return
        now, lists = session.now(), session.library.lists
        completed = {id(walk) for walk in self._complete}
        with session.library.index.transaction() as connection:
            for walk in self._walks:
                if id(walk) in completed:
                    shown = None if walk.is_unchanged else walk.shown
                    lists.complete(connection, walk.known, walk.validators, shown, now, found_new=walk.found_new)
                else:
                    lists.failed(connection, walk.known, now)
