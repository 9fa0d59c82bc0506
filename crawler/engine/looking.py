"""Second looks at stored articles, for corrections and withdrawals: few, conditional, after everything that is new.

A look ends as nothing changed, revised, gone, or put off. What it needs of an article's reading it shares with
``fetching`` and the pipeline, which ask here whether a candidate is such a look.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response

from crawler.engine.handlers import HostClosed, NotRecorded, RunStopped
from crawler.engine.middlewares import OUTSIDE, RETRY_AT
from crawler.engine.reasons import reason_of_failure, reason_of_status
from crawler.engine.responses import validators_of
from crawler.models import Candidate, Extraction, Verb
from crawler.schedule.recheck import Budget, Looks, next_recheck
from crawler.storage.library import Outcome
from crawler.storage.lists import Validators
from crawler.storage.looks import SecondLook

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider

WINDOW = 4
MISSED = "missed"  # in the place of a body's hash: the last look did not find the article
PUT_OFF = timedelta(hours=6)
# When so many at once are gone, it is the site that has changed, not its articles: nothing is called withdrawn.
MANY_GONE, SHARE_GONE = 3, 2

_PASSING = re.compile("升级|维护|繁忙|错误|开小差|50[0-9]")  # a page in the article's place that will go again


class SecondLooks:
    def __init__(self, spider: NewsSpider):
        self._spider = spider
        self._waiting: deque[SecondLook] = deque()
        self._under_way: dict[str, SecondLook] = {}  # by key
        self._gone: list[tuple[SecondLook, str]] = []
        self._had: list[tuple[SecondLook, datetime | None, Validators | None, bool]] = []  # to be noted at the end

    # --- asking ------------------------------------------------------------------------

    def enqueue_due(self) -> None:
        """What the plan asks for now, within the budget of one run and of a day."""
        spider, looks, now = self._spider, self._spider.session.library.looks, self._spider.session.now()
        left = Budget().left(looks.count_had(spider.name, now - timedelta(days=1)))
        self.enqueue(looks.due(spider.name, now, left))

    def enqueue(self, looks: Iterable[SecondLook]) -> None:
        self._waiting.extend(looks)
        self.pump()

    def pump(self) -> None:
        spider = self._spider
        while self._waiting and len(self._under_way) < WINDOW:
            if spider.session.trouble is not None or spider.session.stopping:
                return
            look = self._waiting.popleft()
            if look.candidate.key in self._under_way:
                continue
            self._under_way[look.candidate.key] = look
            spider.crawler.engine.crawl(self._request(look))

    def _request(self, look: SecondLook) -> Request:
        known, headers = look.validators, {}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return Request(
            self._spider.article_url(look.candidate),
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"candidate": look.candidate},
            headers=headers,
            meta={OUTSIDE: not self._spider.source.articles},
            priority=-10,  # after lists and new articles
            dont_filter=True,
        )

    def parse(self, response: Response, candidate: Candidate) -> Iterator[Any]:
        spider, look = self._spider, self._under_way[candidate.key]
        spider.tally.looked += 1
        spider.answered(candidate, response.status, len(response.body))
        if response.status == 304:
            spider.note_visit(candidate, "looked again: not modified")
            self._settle(look, look.validators)
        elif response.status in (404, 410):
            self.gone(candidate, reason_of_status(response.status), is_sure=response.status == 410)
        elif response.status != 200:
            self.put_off(candidate, reason_of_status(response.status), response.meta.get(RETRY_AT))
        else:
            answer = validators_of(response)
            if answer.body_sha256 == look.validators.body_sha256:
                spider.note_visit(candidate, "looked again: the same bytes")
                self._settle(look, answer)
                return
            yield from spider.fetcher.read(response, candidate)

    def failed(self, failure: Any) -> None:
        candidate: Candidate = failure.request.cb_kwargs["candidate"]
        if isinstance(failure.value, (RunStopped, NotRecorded)):
            self._under_way.pop(candidate.key, None)  # as if it had not been asked: it stays due
            self.pump()
            return
        until = failure.value.args[1] if isinstance(failure.value, HostClosed) else None
        self._spider.tally.looks_unanswered += 1
        self.put_off(
            candidate, reason_of_failure(failure.value, failure.request.url, self._spider.session.policy), until
        )

    # --- what becomes of a look ------------------------------------------------------------

    def has(self, candidate: Candidate) -> bool:
        return candidate.key in self._under_way

    def is_by_hand(self, candidate: Candidate) -> bool:
        return self._under_way[candidate.key].by_hand

    def stored(self, candidate: Candidate, outcome: Outcome, answer: Validators) -> None:
        """Its page was read and decided on."""
        look = self._under_way[candidate.key]
        self._settle(look, answer, is_revised=outcome.decision.verb is Verb.REVISED)

    def unreadable(self, candidate: Candidate, extraction: Extraction) -> None:
        """Another page stands in its place: gone, or for now."""
        if extraction.problem == "soft-404" and not _PASSING.search(extraction.detail):
            self.gone(candidate, extraction.detail, is_sure=True)
        else:
            self.put_off(candidate, f"{extraction.problem}: {extraction.detail}")

    def gone(self, candidate: Candidate, reason: str, *, is_sure: bool = False) -> None:
        """Not there any more. A planned look believes a 404, or a way elsewhere, only when it comes a second time."""
        look, now = self._under_way[candidate.key], self._spider.session.now()
        is_planned = self._spider.looks is None
        if is_planned and not is_sure and look.validators.body_sha256 != MISSED:
            self._spider.note_visit(candidate, f"looked again: {reason}: asked once more before it is called withdrawn")
            self._had.append((look, now + PUT_OFF, Validators(body_sha256=MISSED), False))
            self._leave(look)
            return
        self._spider.note_visit(candidate, f"looked again: gone: {reason}")
        self._gone.append((look, reason))
        self._leave(look)

    def put_off(self, candidate: Candidate, reason: str, until: datetime | None = None) -> None:
        """Not had: nothing is known to have changed. Looked at again some hours later."""
        spider, look = self._spider, self._under_way[candidate.key]
        later = max(spider.session.now() + PUT_OFF, until or spider.session.now())
        spider.tally.looks_failed += 1
        spider.tally.look_reason = reason
        spider.note_visit(candidate, f"looked again: {reason}")
        spider.logger.warning("%s: %s: second look: %s; the document stays", spider.name, candidate.url, reason)
        self._had.append((look, later, None, False))
        self._leave(look)

    def _settle(self, look: SecondLook, answer: Validators, *, is_revised: bool = False) -> None:
        now = self._spider.session.now()
        plan = self._spider.source.recheck_plan
        due = next_recheck(Looks(look.start, now, (now,) if is_revised else ()), now, plan)
        self._had.append((look, due, answer, True))
        self._leave(look)

    def _leave(self, look: SecondLook) -> None:
        self._under_way.pop(look.candidate.key, None)
        self.pump()

    # --- at the end --------------------------------------------------------------------------

    def close(self) -> None:
        """Withdraw what is gone, and note all looks, in few transactions. Raises StorageError."""
        spider, session = self._spider, self._spider.session
        if not session.stores or session.trouble is not None or not (self._had or self._gone):
            return
        gone, now = self._gone, session.now()
        planned = [look for look, _ in gone if not look.by_hand]
        if len(planned) > MANY_GONE and len(planned) * SHARE_GONE > len(self._had) + len(gone):
            first = f"{gone[0][0].candidate.url}: {gone[0][1]}"
            spider.tally.vanished = (
                f"{len(gone)} of {len(self._had) + len(gone)} articles that were looked at again are gone, "
                f"as {first}; taken for a fault of the site: their documents stay"
            )
            self._had += [(look, now + PUT_OFF, None, False) for look, _ in gone]
            gone = []
        spider.tally.withdrawn += session.library.withdraw(gone, now)
        with session.library.index.transaction() as connection:
            for look, due, answer, counts in self._had:
                session.library.looks.note(connection, look, now, due, answer, counts=counts)
            for look, _ in gone:  # looked at to the end of its plan: it may come back
                due = next_recheck(Looks(look.start, now), now, spider.source.recheck_plan)
                session.library.looks.note(connection, look, now, due, Validators())
