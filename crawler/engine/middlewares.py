"""What a request must pass on its way out, and an answer on its way in: scope, robots, retries."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from protego import Protego
from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.dedup.identity import AddressError, canonical_url, is_own_host
from crawler.engine.guards import literal_address
from crawler.engine.handlers import NotRecorded
from crawler.engine.politeness import LONGEST_WAIT, retry_after
from crawler.engine.reasons import reason_of_failure
from crawler.engine.session import Session, current, source_of
from crawler.engine.unpacking import DAMAGED
from crawler.errors import StorageError

OUTSIDE = "shiyi_outside"  # request.meta: a foreign host that the source itself named (a stub's target)
ROBOTS = "shiyi_robots"  # request.meta: this is the request for robots.txt
RETRIES = "shiyi_retries"
RETRY_AT = "shiyi_retry_at"  # response.meta: not before then, said the server


class Refused(IgnoreRequest):
    """This request must not be sent; the message says why."""


class _Middleware:
    def __init__(self, crawler: Any):
        self.crawler = crawler
        self.session: Session = current(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Any) -> Any:
        return cls(crawler)


class ScopeGuard(_Middleware):
    """Only http(s), only the source's hosts, no private literals; redirects pass through here too."""

    def process_request(self, request: Request) -> None:
        try:
            canonical_url(request.url)
        except AddressError as error:
            raise Refused(f"refused: {error}") from None
        host = urlparse_cached(request).hostname or ""
        source = source_of(self.crawler)
        if source and not request.meta.get(OUTSIDE) and not is_own_host(request.url, source):
            raise Refused(f"refused: {host} is no host of {self.crawler.spider.name}")
        literal = literal_address(host)
        # Not the resolver's question: a proxy on 127.0.0.1 is trusted, a page on 127.0.0.1 is not.
        if literal and (reason := self.session.policy.refusal_of_target(host, literal)):
            raise Refused(f"refused: {reason}")


class RobotsPolicy(_Middleware):
    """robots.txt, more careful than RFC 9309 where that costs nothing: unsure means do not fetch.

    2xx is read, 401 and 403 forbid, other 4xx allow; 5xx, no answer and TLS trouble forbid for
    this run, unless a copy of the last day is there.
    """

    FRESH = timedelta(hours=24)  # RFC 9309, 2.4
    READ = 500 * 1024  # bytes; RFC 9309, 2.5

    def __init__(self, crawler: Any):
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[Protego | str]] = {}

    async def process_request(self, request: Request) -> None:
        if request.meta.get(ROBOTS):
            return
        parts = urlparse_cached(request)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._rules:
            waiting: asyncio.Future[Protego | str] = asyncio.get_running_loop().create_future()
            self._rules[place] = waiting
            try:
                waiting.set_result(await self._read(place, parts.hostname or "", request))
            except BaseException as error:  # others wait for this answer: they must get one
                waiting.set_result(f"{parts.hostname}/robots.txt could not be judged: {error}")
                if isinstance(error, StorageError):
                    self.session.stop(error)
                else:
                    raise
        rules = await self._rules[place]
        if isinstance(rules, str):
            raise Refused(rules)
        if not rules.can_fetch(request.url, "Shiyi"):
            raise Refused(f"{parts.hostname}/robots.txt disallows it")

    async def _read(self, place: str, host: str, request: Request) -> Protego | str:
        now = self.session.now()
        kept = self.session.library.lists.robots(place) if self._keeps else None
        if kept and timedelta(0) <= now - kept[0] < self.FRESH:
            return self._judge(host, kept[1], kept[2])
        robots = Request(
            f"{place}/robots.txt",
            callback=NO_CALLBACK,
            priority=1000,
            meta={ROBOTS: True, OUTSIDE: True},  # it may redirect to another host (RFC 9309, 2.3.1.2)
        )
        try:
            response = await self.crawler.engine.download_async(robots)
        except NotRecorded:
            return Protego.parse("")
        except Exception as error:
            reason = reason_of_failure(error, robots.url, self.session.policy)
            return f"{host}/robots.txt could not be had ({reason}), so nothing is fetched from there"
        if self._keeps and not _is_trouble(response.status):
            self.session.library.lists.keep_robots(place, response.status, response.body[: self.READ], now)
        return self._judge(host, response.status, response.body[: self.READ])

    @property
    def _keeps(self) -> bool:
        return self.session.stores and self.session.recording is None

    def _judge(self, host: str, status: int, body: bytes) -> Protego | str:
        if status in (401, 403):
            return f"{host}/robots.txt answers {status}, so nothing is fetched from there"
        if _is_trouble(status):
            return f"{host}/robots.txt answers {status}, so nothing is fetched from there in this run"
        if status >= 400:
            return Protego.parse("")
        rules = Protego.parse(body.decode("utf-8-sig", "replace"))
        delay = rules.crawl_delay("Shiyi")
        if delay:
            self.session.gate.set_crawl_delay(host, float(delay))
        return rules


def _is_trouble(status: int) -> bool:
    """The server could not say: nothing is known for longer than this run."""
    return status >= 500 or status == 429


class Redirects(RedirectMiddleware):
    """Scrapy's, without its warning: no request of ours carries a Referer to be handled.

    What leads to no web address is refused by name; Scrapy takes it for a page.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            answer: Request | Response = super().process_response(request, response)
        except ValueError:  # it has no scheme, or one without a host
            answer = response
        place = response.headers.get("Location")
        if isinstance(answer, Request) and (walk := request.cb_kwargs.get("walk")) and walk.is_at_start:
            self._note_move(walk.entry.url, answer)
        if answer is response and response.status in (301, 302, 303, 307, 308) and place:
            shown = place.decode("utf-8", "replace")[:200]
            raise Refused(f"refused: leads to {shown!r}, which is no web address")
        return answer

    def _note_move(self, list_url: str, following: Request) -> None:
        """A list that has moved for good is named with its new address; the source file is the user's to change."""
        if set(following.meta["redirect_reasons"]) <= {301, 308} and following.meta["redirect_urls"][0] == list_url:
            spider = self.crawler.spider
            assert spider is not None
            current(self.crawler.settings).tally(spider.name).moved[list_url] = following.url

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)

    def _engine_started(self) -> None:
        pass


class RetryPolicy(_Middleware):
    """Two more tries for what may pass, later each time; a server's Retry-After has the last word."""

    STATUSES = frozenset((408, 429, 500, 502, 503, 504, 522, 524))
    TRIES = 2
    FINAL = (
        "CannotResolveHostError",
        "UnsupportedURLSchemeError",
        "DownloadCancelledError",
        "CertificateRefused",
    )

    def process_response(self, request: Request, response: Response) -> Response | Request:
        if DAMAGED in response.flags:
            again = self._again(request, None)
            if again is None:
                raise Refused(DAMAGED)
            return again
        if response.status not in self.STATUSES:
            return response
        wait = retry_after(response.headers.get("Retry-After"), self.session.now())
        if wait is not None:
            request.meta[RETRY_AT] = self.session.now() + timedelta(seconds=wait)
        if wait is not None and wait > LONGEST_WAIT:
            return response
        return self._again(request, wait) or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if isinstance(exception, (IgnoreRequest, NotRecorded)) or type(exception).__name__ in self.FINAL:
            return None
        return self._again(request, None)

    def _again(self, request: Request, wait: float | None) -> Request | None:
        tries = request.meta.get(RETRIES, 0)
        if tries >= self.TRIES or self.session.recording is not None:
            return None
        delay = max(self.session.delay_for(source_of(self.crawler)), 0.05)
        if wait is None:  # the gate knows a Retry-After already
            self.session.gate.back_off(urlparse_cached(request).hostname or "", delay * 2 ** (tries + 1))
        again: Request = request.copy()
        again.meta[RETRIES] = tries + 1
        again.dont_filter = True
        return again
