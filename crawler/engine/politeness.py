"""When may a host be asked again? One gate for all sources of a run, so that two sources
that meet on a host share its delay. The largest of source, robots and server hint wins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Host:
    free: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_start: float = 0.0  # time.monotonic()
    crawl_delay: float = 0.0  # from robots.txt


class HostGate:
    """One request at a time per host, and a delay between two starts."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self.waiting_for: dict[str, float] = {}  # host -> monotonic time of its next start, for the display

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        # Capped: a robots.txt that asks for a day between pages would never let a run end.
        self._host(host).crawl_delay = min(max(seconds, 0.0), 120.0)

    def back_off(self, host: str, seconds: float) -> None:
        """The server asked for silence (Retry-After)."""
        state = self._host(host)
        state.next_start = max(state.next_start, time.monotonic() + seconds)

    @asynccontextmanager
    async def turn(self, host: str, delay: float) -> AsyncIterator[None]:
        """Wait for this host's turn, and hold it while the request is under way."""
        state = self._host(host)
        async with state.free:
            while (wait := state.next_start - time.monotonic()) > 0:
                self.waiting_for[host] = state.next_start
                await asyncio.sleep(wait)
            self.waiting_for.pop(host, None)
            state.next_start = time.monotonic() + max(delay, state.crawl_delay)
            yield
