"""What all sources of one run share: lock, library, extraction worker, clock, gate, policy.

`./run` makes the session itself; under plain `scrapy crawl` the first spider makes it
from Scrapy's settings. One process has one session.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.engine.guards import AddressPolicy, named_proxies
from crawler.engine.options import Options
from crawler.engine.politeness import HostGate
from crawler.engine.tally import Tally
from crawler.engine.worker import Worker
from crawler.errors import StorageError, UsageError
from crawler.models import Copies, Document, Extraction, Source, Style
from crawler.storage.disk import Disk
from crawler.storage.library import STATE, Library, Outcome, Submission
from crawler.storage.lock import RunLock

if TYPE_CHECKING:
    from crawler.engine.recording import Recording


@dataclass(frozen=True, slots=True)
class Look:
    """What `try` shows instead of storing: the document a page would become, and why."""

    url: str
    document: Document | None
    extraction: Extraction | None
    reason: str


class Session:
    """Open it before the first request; everything that can be wrong with the folder shows then."""

    def __init__(self, options: Options, disk: Callable[[Path], Disk] = Disk):
        self.options = options
        self.recording: Recording | None = None
        if options.replay is not None:
            from crawler.engine.recording import Recording as Opened

            self.recording = Opened(options.replay)
        self.started = self.now()
        self.run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.policy = AddressPolicy(options.allow, named_proxies())
        self.gate = HostGate()
        self.worker = Worker()
        self.tallies: dict[str, Tally] = {}
        self.looks: list[Look] = []
        self.trouble: StorageError | None = None  # the run must stop: disk or index failed
        self.stopping = ""  # a signal or a deadline asked for an end
        self._stoppers: list[Callable[[], None]] = []
        self._waiting: list[tuple[Submission, asyncio.Future[Outcome]]] = []
        self._flush_due = False
        self.in_flight = 0  # pages between fetch and shelf
        self._disk = disk
        self._lock: RunLock | None = None
        self._library: Library | None = None

    # --- opening and closing ---------------------------------------------------

    def open(self) -> Session:
        """Take the lock, open and mend the library. Raises StorageError, LockHeld."""
        if self.options.looks_only:
            return self
        disk = self._disk(self.options.output)
        disk.make_folder(STATE)
        self._lock = RunLock(disk.path(STATE))
        self._lock.acquire(
            command=self.options.command,
            since=f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}",
            patience=self.options.lock_patience,
        )
        try:
            disk.probe()
            self._library = Library(disk)
            self._mistrust_a_clock_that_was_set_back()
            self._library.recover(self.now())
            self._library.begin_run(self.run_id, self.started, os.getpid())
        except BaseException:
            self._lock.release()
            raise
        return self

    def _mistrust_a_clock_that_was_set_back(self) -> None:
        """A day of 1970 would make every debt wait for decades, and every date on a page one of the future."""
        last = self.library.index.value("SELECT max(started) FROM run")
        if last and self.recording is None and self.now() < datetime.fromisoformat(last) - timedelta(days=1):
            raise StorageError(
                f"the clock says {self.now():%Y-%m-%d %H:%M} UTC, but the last run began at {last[:16]}: set the clock"
            )

    @property
    def library(self) -> Library:
        if self._library is None:
            raise UsageError("this run only looks: it has no library")
        return self._library

    @property
    def stores(self) -> bool:
        return self._library is not None

    def take_back(self) -> None:
        """Wrong use, found after the opening: there was no run, and the next start has nothing to mistrust."""
        with self.library.index.transaction() as connection:
            connection.execute("DELETE FROM run WHERE run_id = ?", (self.run_id,))

    def close(self) -> None:
        self.worker.close()
        if self._library is not None:
            self._library.close()
        if self._lock is not None:
            self._lock.release()

    # --- time --------------------------------------------------------------------

    def now(self) -> datetime:
        """The clock: real, or where the recording ends."""
        return self.recording.last if self.recording else datetime.now(UTC)

    # --- what flags and configuration decide, in one place ------------------------

    def style_for(self, source: Source) -> Style:
        chosen = self.options.configuration.for_source(source.name).style
        return self.options.style or chosen or source.style

    def copies_for(self, name: str) -> Copies:
        """What becomes of a source's copies of other sources' stories."""
        settings = self.options.configuration
        return self.options.copies or settings.for_source(name).copies or settings.copies

    def delay_for(self, source: Source | None) -> float:
        """Seconds between two starts on one host: flag over configuration over the source's own."""
        if self.options.delay is not None:
            return self.options.delay
        settings = self.options.configuration
        if settings.forced_delay is not None:
            return settings.forced_delay
        if source is None:
            return max(1.0, settings.delay or 0.0)
        own = settings.for_source(source.name).delay
        if own is not None:
            return own
        return max(source.delay, settings.delay or 0.0)

    def tally(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally(name))

    # --- the shelf: articles go into the library a few at a time -------------------

    async def shelve(self, submission: Submission) -> Outcome:
        """Store an article together with what arrives meanwhile; raises StorageError.

        A group is closed when nothing else is between fetch and shelf, or when it is
        large: under load fsyncs are shared, without load nothing waits.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((submission, future))
        if len(self._waiting) >= 16:
            self._flush()
        elif not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_later(0.05 if self.in_flight > 1 else 0.0, self._flush)
        return await future

    def _flush(self) -> None:
        self._flush_due = False
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            if self.trouble is not None:
                raise self.trouble
            outcomes = self.library.store([submission for submission, _ in waiting], self.now())
        except BaseException as error:  # also our own mistake: who waits must hear of it
            if isinstance(error, StorageError):
                self.stop(error)
            for _, future in waiting:
                future.set_exception(error)
            return
        for (_, future), outcome in zip(waiting, outcomes, strict=True):
            future.set_result(outcome)

    def source_ended(self, name: str) -> None:
        """Under plain `scrapy crawl` nobody else closes the session: its one source's end does."""
        tally = self.tally(name)
        tally.waiting = ""
        if self.options.command == "scrapy":
            for trouble in tally.troubles:
                logging.getLogger(name).error("%s: %s: %s", trouble.stage, trouble.url, trouble.reason)
            logging.getLogger(name).info(
                "%d found, %d new, %d saved, %d duplicates, %d not had",
                tally.found, tally.new, tally.saved, tally.duplicates, tally.lost,
            )  # fmt: skip
            self.close()

    # --- stopping --------------------------------------------------------------------

    def on_stop(self, stopper: Callable[[], None]) -> None:
        self._stoppers.append(stopper)

    def stop(self, trouble: StorageError) -> None:
        """The disk or the index failed: take no new pages, end every source."""
        if self.trouble is None:
            self.trouble = trouble
            for stopper in self._stoppers:
                stopper()


_current: Session | None = None


def use(session: Session | None) -> None:
    """Make this the process's session (None: there is none any more)."""
    global _current
    _current = session


def current(settings: Any) -> Session:
    """The process's session; made from Scrapy's settings where `scrapy` itself was started."""
    global _current
    if _current is None:
        from crawler.configuration import load

        configuration = load()
        output = configuration.output or Path(__file__).resolve().parents[2] / "output"
        allowed = tuple(ipaddress.ip_network(each, strict=False) for each in settings.getlist("SHIYI_ALLOW_ADDRESS"))
        options = Options(output=output, configuration=configuration, command="scrapy", allow=allowed)
        _current = Session(options).open()
    return _current


def source_of(crawler: Any) -> Source | None:
    """The source of a crawler's spider; None in a `scrapy shell` on a page of no source."""
    return getattr(crawler.spider, "source", None)
