"""When may a host be asked again? One gate for all sources of a run, so that two sources
that meet on a host share its delay. The largest of source, robots and server hint wins."""

from __future__ import annotations

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LONGEST_WAIT = 60.0  # seconds within one run; a longer Retry-After closes the host for it


@dataclass(slots=True)
class _Host:
    free: asyncio.Lock = field(default_factory=asyncio.Lock)
    last_start: float | None = None  # time.monotonic()
    next_start: float = 0.0
    crawl_delay: float = 0.0  # from robots.txt
    closed_until: datetime | None = None  # a Retry-After that is longer than a run


class HostGate:
    """One request at a time per host, and a delay between two starts."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self.waiting_for: dict[str, float] = {}  # host -> monotonic time of its next start, for the display
        self._closing = asyncio.Event()
        self.has_answered = False  # any host, with anything: then there is a network
        self.silent: dict[str, str] = {}  # hosts that gave no answer, and why

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        state = self._host(host)
        # Capped: a robots.txt that asks for a day between pages would never let a run end.
        state.crawl_delay = min(max(seconds, 0.0), 120.0)
        # It holds for the request behind robots.txt itself, too.
        if state.last_start is not None:
            state.next_start = max(state.next_start, state.last_start + state.crawl_delay)

    def back_off(self, host: str, seconds: float) -> None:
        """The server asked for silence (Retry-After)."""
        state = self._host(host)
        state.next_start = max(state.next_start, time.monotonic() + seconds)

    def heed(self, host: str, value: bytes | None, now: datetime) -> None:
        """A server's Retry-After, noted while the host is still held, so that no waiting request slips past."""
        wait = retry_after(value, now)
        if wait is None:
            return
        if wait > LONGEST_WAIT:
            self._host(host).closed_until = now + timedelta(seconds=wait)
        else:
            self.back_off(host, wait)

    def closed_until(self, host: str) -> datetime | None:
        return self._host(host).closed_until

    def close(self) -> None:
        """The run ends: nobody waits for a turn any longer, and who comes through must not send."""
        self._closing.set()

    @asynccontextmanager
    async def turn(self, host: str, delay: float) -> AsyncIterator[None]:
        """Wait for this host's turn, and hold it while the request is under way."""
        state = self._host(host)
        async with state.free:
            while (wait := state.next_start - time.monotonic()) > 0 and not self._closing.is_set():
                self.waiting_for[host] = state.next_start
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), wait)
            self.waiting_for.pop(host, None)
            state.last_start = time.monotonic()
            state.next_start = state.last_start + max(delay, state.crawl_delay)
            yield


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds to wait, from 0 to one day; None if the header is absent or means nothing."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isdigit():
        return float(min(int(text[:12]), 86400))
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return min(max((date - now).total_seconds(), 0.0), 86400.0)
