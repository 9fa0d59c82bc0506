"""What the user asked of a run. Built by the command line without loading Scrapy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crawler.configuration import Configuration
from crawler.models import Copies, Style

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of this run; flags over environment over shiyi.toml."""

    output: Path
    configuration: Configuration = field(default_factory=Configuration)
    command: str = "crawl"
    style: Style | None = None
    copies: Copies | None = None
    limit: int | None = None
    since: date | None = None
    pages: int | None = None  # backfill: of each list, so many from its first
    max_requests: int | None = None  # backfill: a source, for walking back and what that finds
    delay: float | None = None
    allow: tuple[Network, ...] = ()
    replay: Path | None = None
    max_time: float | None = None  # seconds; then the run ends in order
    looks_only: bool = False  # `try`: nothing is stored
    lock_patience: float = 0.0  # seconds
