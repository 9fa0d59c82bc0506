"""Starts Scrapy: one process, one reactor, a crawler for each source of the run."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import __version__
from crawler.engine.session import Session
from crawler.engine.spider import NewsSpider
from crawler.storage.looks import SecondLook


@dataclass(frozen=True, slots=True)
class Job:
    """One spider to run, over its lists, or over single addresses."""

    spider: type[NewsSpider]
    urls: tuple[str, ...] | None = None
    looks: tuple[SecondLook, ...] | None = None  # stored articles to look at again
    only_due: bool = False  # of its lists

    @property
    def polls(self) -> bool:
        """Whether this run says when the source was last asked: single pages of a polled source do not."""
        return (self.urls is None and self.looks is None) or not self.spider.source.lists


def drive(session: Session, jobs: Sequence[Job]) -> None:
    """Run the spiders in one Scrapy process until all have ended."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(run_settings(session), priority="cmdline")
    process = _Process(settings, session)
    # The scraper's tracebacks too: NewsSpider.erred tells of the same error, once, in a line.
    logging.getLogger("scrapy.core.scraper").setLevel(logging.CRITICAL)
    for name, level in (
        ("scrapy", logging.WARNING),
        ("scrapy.core.downloader.tls", logging.ERROR),  # a certificate that the user has excused, with each connection
        ("twisted", logging.ERROR),
        ("asyncio", logging.ERROR),
    ):
        logging.getLogger(name).setLevel(level)  # their running commentary is not for a person
    for job in jobs:
        # The task's errors are the source's own: they are told in its verdict.
        crawler = process.create_crawler(job.spider)
        if not session.options.configuration.for_source(job.spider.name).verify_tls:
            crawler.settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="cmdline")
        task = process.crawl(crawler, urls=job.urls, looks=job.looks, only_due=job.only_due)
        task.add_done_callback(partial(_note_end, session, job.spider.name))
    # What the imports have left behind stays for good: no collection need walk it.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    if session.options.max_time is not None:
        asyncio.get_event_loop().call_later(session.options.max_time, process.end_in_order)
    process.start(install_signal_handlers=True)
    if process.is_late:
        session.stopping = "the time that --max-time allows is up"


class _Process(AsyncCrawlerProcess):
    """Scrapy's, but the first SIGINT or SIGTERM is told, and ends the waiting for hosts' turns at once."""

    def __init__(self, settings: Settings, session: Session):
        super().__init__(settings)
        self._session = session
        self.is_late = False

    def end_in_order(self) -> None:
        """The deadline: as if a person had sent SIGTERM."""
        if not self._session.stopping:
            self.is_late = True
            self._stop_waiting("the time that --max-time allows is up")
            self._ending = asyncio.ensure_future(self.stop())

    def _stop_waiting(self, reason: str) -> None:
        self._session.stopping = reason
        asyncio.get_event_loop().call_soon_threadsafe(self._session.gate.close)
        logging.warning("stopping: what is under way is finished, the rest stays owed; once more stops at once")

    def _signal_shutdown(self, signum: int, _: Any) -> None:
        self._stop_waiting("interrupted")
        super()._signal_shutdown(signum, _)


def run_settings(session: Session) -> dict[str, Any]:
    """What a run lays over ``crawler.settings``."""
    changes: dict[str, Any] = {"LOG_INSTALL_ROOT_HANDLER": False}
    contact = session.options.configuration.contact
    if contact:
        changes["USER_AGENT"] = f"Shiyi/{__version__} (news archive; +{contact})"
    if session.recording is not None:
        handler = "crawler.engine.handlers.ReplayHandler"
        changes["DOWNLOAD_HANDLERS"] = {
            "http": handler, "https": handler, "file": None, "data": None, "ftp": None, "s3": None,
        }  # fmt: skip
    return changes


def _note_end(session: Session, name: str, task: asyncio.Task[None]) -> None:
    session.tally(name).has_ended = not session.stopping
    error = None if task.cancelled() else task.exception()
    if error is not None:
        session.tally(name).broken = f"the spider did not start: {type(error).__name__}: {error}"
