"""What the user asked of a run. Built by the command line without loading Scrapy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crawler.configuration import Configuration
from crawler.models import Style

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of this run; flags over environment over shiyi.toml."""

    output: Path
    configuration: Configuration = field(default_factory=Configuration)
    command: str = "crawl"
    style: Style | None = None
    limit: int | None = None
    since: date | None = None
    delay: float | None = None
    allow: tuple[Network, ...] = ()
    replay: Path | None = None
    looks_only: bool = False  # `try`: nothing is stored
    lock_patience: float = 0.0  # seconds
