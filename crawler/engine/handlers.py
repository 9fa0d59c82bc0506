"""Where a request leaves the machine, or does not: the polite handler and the replaying one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.engine.certificates import CertificateRefused, Observed
from crawler.engine.reasons import is_silence, reason_of_failure
from crawler.engine.session import Session, current, source_of

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider

FETCHED = "shiyi_fetched"  # request.meta: when the answer was had (aware datetime)


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler behind the run's host gate. Every request counts, robots.txt too."""

    def __init__(self, crawler: Any):
        super().__init__(crawler)
        self._session: Session = current(crawler.settings)
        self._certificates = Observed(self._contextFactory)
        self._contextFactory: Any = self._certificates

    async def download_request(self, request: Request) -> Response:
        session, spider = self._session, cast("NewsSpider", self._crawler.spider)
        host = urlparse_cached(request).hostname or ""
        async with session.gate.turn(host, session.delay_for(source_of(self._crawler))):
            if session.stopping:
                raise RunStopped("the run was stopped before its turn came")
            if until := session.gate.closed_until(host):
                raise HostClosed(f"the host asked for silence until {until.astimezone():%Y-%m-%d %H:%M}", until)
            session.tally(spider.name).requests += 1
            try:
                response = await super().download_request(request)
            except Exception as error:
                reason = reason_of_failure(error, request.url, session.policy)
                if reason.startswith("tls: ") and (fault := self._certificates.fault(host, error)):
                    session.gate.has_answered = True
                    raise CertificateRefused(fault) from error
                if is_silence(reason):
                    session.gate.silent[host] = reason
                raise
            session.gate.has_answered = True
            request.meta[FETCHED] = session.now()
            if response.status >= 400:
                session.gate.heed(host, response.headers.get("Retry-After"), session.now())
            return response


class RunStopped(IgnoreRequest):
    """SIGINT or SIGTERM: nothing new is sent."""


class HostClosed(IgnoreRequest):
    """The server's Retry-After is longer than this run; ``args[1]`` is its end."""


class NotRecorded(Exception):
    """Replay: this address is not in the file."""


class ReplayHandler(BaseDownloadHandler):
    """Answers from a recording. No address is looked up, nothing leaves the machine."""

    def __init__(self, crawler: Any):
        super().__init__(crawler)
        self._session: Session = current(crawler.settings)

    async def download_request(self, request: Request) -> Response:
        recording = self._session.recording
        assert recording is not None
        record = recording.find(request.url)
        if record is None:
            raise NotRecorded(request.url)
        self._session.tally(cast("NewsSpider", self.crawler.spider).name).requests += 1
        self._session.gate.has_answered = True
        request.meta[FETCHED] = record.date
        headers = Headers(record.headers)
        if record.status == 200 and _is_unchanged(request.headers, headers):
            return Response(request.url, status=304, headers=headers, request=request)
        return Response(request.url, status=record.status, headers=headers, body=record.body, request=request)


def _is_unchanged(asked: Headers, recorded: Headers) -> bool:
    """What the server would have said to these validators (RFC 9110, 13.2.2: If-None-Match first)."""
    wanted = asked.get("If-None-Match")
    if wanted is not None:
        return bool(wanted == recorded.get("ETag"))
    since = asked.get("If-Modified-Since")
    return since is not None and bool(since == recorded.get("Last-Modified"))
