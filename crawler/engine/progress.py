"""What a person sees while it works: a live table on a terminal, plain lines elsewhere. Stderr only."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from crawler.engine.session import Session
from crawler.engine.tally import Tally
from crawler.extraction.text import masked, printable

PLAIN_EVERY = 10.0  # seconds between two plain lines


class Quiet:
    """No display: for `try`, whose answer is the only thing to see."""

    def __init__(self, session: Session, names: Sequence[str]):
        pass

    def stop(self) -> None:
        pass


class PlainLines:
    """One line every ten seconds, one for each source at its end: for cron, logs and pipes."""

    def __init__(self, session: Session, names: Sequence[str]):
        self._session, self._names = session, names
        self._start = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._thread.start()

    def _tell(self) -> None:
        while not self._ended.wait(PLAIN_EVERY):
            tallies = [self._session.tally(name) for name in self._names]
            print(_sum_line(tallies, time.monotonic() - self._start, self._session), file=sys.stderr, flush=True)

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


class LiveTable:
    """A line per source, redrawn twice a second, and the total with its rate."""

    def __init__(self, session: Session, names: Sequence[str]):
        from rich.console import Console
        from rich.live import Live

        self._session, self._names = session, names
        self._start = time.monotonic()
        self._live = Live(
            get_renderable=self._table, console=Console(stderr=True), refresh_per_second=2, transient=True
        )
        self._live.start()

    def _table(self) -> Any:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, expand=True)
        for heading in ("source", "found", "new", "saved", "dup", "failed", "waiting for"):
            table.add_column(
                heading,
                justify="left" if heading in ("source", "waiting for") else "right",
                no_wrap=True,
                overflow="ellipsis",
                ratio=1 if heading == "waiting for" else None,
            )
        tallies = [self._session.tally(name) for name in self._names]
        for tally in tallies:
            numbers = (tally.found, tally.new, tally.saved, tally.duplicates, tally.lost)
            table.add_row(tally.name, *map(str, numbers), printable(masked(tally.waiting)))
        seconds = time.monotonic() - self._start
        table.caption = _sum_line(tallies, seconds, self._session)
        table.caption_justify = "left"
        return table

    def stop(self) -> None:
        self._live.stop()


def _sum_line(tallies: Sequence[Tally], seconds: float, session: Session) -> str:
    saved = sum(tally.saved for tally in tallies)
    requests = sum(tally.requests for tally in tallies)
    rate = saved / seconds * 60 if seconds else 0.0
    waits = [host for host in session.gate.waiting_for if host]
    waiting = f", waiting for {', '.join(sorted(waits)[:3])}" if waits else ""
    return (
        f"{seconds:.0f} s: {sum(tally.found for tally in tallies)} found, "
        f"{sum(tally.new for tally in tallies)} new, {saved} saved ({rate:.0f}/min), "
        f"{sum(tally.duplicates for tally in tallies)} duplicates, "
        f"{sum(tally.lost for tally in tallies)} failed, {requests} requests{waiting}"
    )


def chosen_display() -> Any:
    return LiveTable if sys.stderr.isatty() else PlainLines
