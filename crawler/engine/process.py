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


@dataclass(frozen=True, slots=True)
class Job:
    """One spider to run, over its lists, or over single addresses."""

    spider: type[NewsSpider]
    urls: tuple[str, ...] | None = None

    @property
    def polls(self) -> bool:
        """Whether this run says when the source was last asked: single pages of a polled source do not."""
        return self.urls is None or not self.spider.source.lists


def drive(session: Session, jobs: Sequence[Job]) -> None:
    """Run the spiders in one Scrapy process until all have ended."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(run_settings(session), priority="cmdline")
    process = _Process(settings, session)
    # The scraper's tracebacks too: NewsSpider.erred tells of the same error, once, in a line.
    logging.getLogger("scrapy.core.scraper").setLevel(logging.CRITICAL)
    for name, level in (("scrapy", logging.WARNING), ("twisted", logging.ERROR), ("asyncio", logging.ERROR)):
        logging.getLogger(name).setLevel(level)  # their running commentary is not for a person
    for job in jobs:
        # The task's errors are the source's own: they are told in its verdict.
        task = process.crawl(job.spider, urls=job.urls)
        task.add_done_callback(partial(_note_end, session, job.spider.name))
    # What the imports have left behind stays for good: no collection need walk it.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    process.start(install_signal_handlers=True)


class _Process(AsyncCrawlerProcess):
    """Scrapy's, but the first SIGINT or SIGTERM is told, and ends the waiting for hosts' turns at once."""

    def __init__(self, settings: Settings, session: Session):
        super().__init__(settings)
        self._session = session

    def _signal_shutdown(self, signum: int, _: Any) -> None:
        self._session.stopping = "interrupted"
        logging.warning("stopping: what is under way is finished, the rest stays owed; once more stops at once")
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
    error = None if task.cancelled() else task.exception()
    if error is not None:
        session.tally(name).broken = f"the spider did not start: {type(error).__name__}: {error}"
