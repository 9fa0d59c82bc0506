"""What a server or a feed says about how soon to come again, read strictly; what can not be read says nothing.

RFC 9111 (Cache-Control, Age, Expires), RFC 9110 10.2.3 (Retry-After), RSS 2.0 <ttl>, the RSS syndication module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_LONGEST: Final = timedelta(days=365)  # what is longer is no less, and must not overflow
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])(s-maxage|max-age)\s*=\s*\"?(\d{1,12})\"?", re.IGNORECASE)
_TTL: Final = re.compile(rb"<ttl>\s*(\d{1,9})\s*</ttl>", re.IGNORECASE)
_PERIOD: Final = re.compile(rb"<(?:\w+:)?updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_TIMES: Final = re.compile(rb"<(?:\w+:)?updateFrequency>\s*(\d{1,6})\s*<", re.IGNORECASE)
_PERIODS: Final = {b"hourly": 1, b"daily": 24, b"weekly": 168, b"monthly": 720, b"yearly": 8760}
_FEED_HEAD: Final = 64 * 1024  # both stand in the channel's head


@dataclass(frozen=True, slots=True)
class ServerHints:
    """Instants before which the server would rather not be asked; None where it says nothing."""

    retry_after: datetime | None = None
    fresh_until: datetime | None = None  # Cache-Control, Expires
    feed_until: datetime | None = None  # ttl, updatePeriod


def read_hints(headers: Mapping[str, str], received: datetime, *, status: int = 200, feed: bytes = b"") -> ServerHints:
    """``headers`` by lower-case name. Retry-After counts on 429, 503 and redirections only, as the RFC has it."""
    asks_to_wait = status in (429, 503) or 300 <= status < 400
    ages = _feed_period(feed)
    return ServerHints(
        retry_after=_retry_after(headers.get("retry-after", ""), received) if asks_to_wait else None,
        fresh_until=_fresh_until(headers, received),
        feed_until=None if ages is None else received + ages,
    )


def _retry_after(value: str, received: datetime) -> datetime | None:
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        return received + min(timedelta(seconds=int(value)), _LONGEST)
    return _http_date(value, received)


def _fresh_until(headers: Mapping[str, str], received: datetime) -> datetime | None:
    control = headers.get("cache-control", "")
    if re.search(r"\bno-(?:cache|store)\b", control, re.IGNORECASE):
        return None
    ages = {name.lower(): int(seconds) for name, seconds in _MAX_AGE.findall(control)}
    if "max-age" in ages:  # s-maxage is for shared caches, which we are not
        age = headers.get("age", "").strip()
        left = ages["max-age"] - (int(age) if re.fullmatch(r"[0-9]{1,9}", age) else 0)
        return received + min(timedelta(seconds=left), _LONGEST) if left > 0 else None
    return _http_date(headers.get("expires", ""), received)


def _http_date(value: str, received: datetime) -> datetime | None:
    """Only what lies ahead; "0" and "-1" are usual for "already over"."""
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(at, received + _LONGEST) if at > received else None


def _feed_period(feed: bytes) -> timedelta | None:
    head = feed[:_FEED_HEAD]
    if found := _TTL.search(head):
        return min(timedelta(minutes=int(found[1])), _LONGEST) or None
    if found := _PERIOD.search(head):
        times = _TIMES.search(head)
        hours = _PERIODS[found[1].lower()] / max(1, int(times[1]) if times else 1)
        return min(timedelta(hours=hours), _LONGEST)
    return None
