"""What servers say about coming again, as they really write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.hints import ServerHints, read_hints

NOW = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

HEADERS = [
    ({}, 200, ServerHints()),
    ({"retry-after": "120"}, 429, ServerHints(retry_after=NOW + 2 * MINUTE)),
    ({"retry-after": "Wed, 04 Mar 2026 08:30:00 GMT"}, 503, ServerHints(retry_after=NOW + 30 * MINUTE)),
    ({"retry-after": "120"}, 200, ServerHints()),
    ({"retry-after": "soon"}, 503, ServerHints()),
    ({"retry-after": "-5"}, 503, ServerHints()),
    ({"retry-after": "999999999999"}, 503, ServerHints(retry_after=NOW + timedelta(days=365))),
    ({"retry-after": "Mon, 02 Mar 2026 08:30:00 GMT"}, 503, ServerHints()),
    ({"cache-control": "public, max-age=600"}, 200, ServerHints(fresh_until=NOW + 10 * MINUTE)),
    ({"cache-control": "max-age=600", "age": "540"}, 200, ServerHints(fresh_until=NOW + MINUTE)),
    ({"cache-control": "max-age=600", "age": "900"}, 200, ServerHints()),
    ({"cache-control": "s-maxage=600"}, 200, ServerHints()),
    ({"cache-control": "no-cache, max-age=600"}, 200, ServerHints()),
    ({"cache-control": "max-age=0", "expires": "Wed, 04 Mar 2026 09:00:00 GMT"}, 200, ServerHints()),
    ({"expires": "Wed, 04 Mar 2026 08:05:00 GMT"}, 304, ServerHints(fresh_until=NOW + 5 * MINUTE)),
    ({"expires": "0"}, 200, ServerHints()),
    ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200, ServerHints()),
]


@pytest.mark.parametrize(("headers", "status", "expected"), HEADERS)
def test_headers(headers: dict[str, str], status: int, expected: ServerHints) -> None:
    assert read_hints(headers, NOW, status=status) == expected


FEEDS = [
    (b"<rss><channel><ttl>30</ttl>", timedelta(minutes=30)),
    (b"<rss><channel><ttl>0</ttl>", None),
    (b"<rss><channel><ttl>soon</ttl>", None),
    (b"<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>\n\t2\t</sy:updateFrequency>", 30 * MINUTE),
    (b"<sy:updatePeriod>daily</sy:updatePeriod>", timedelta(days=1)),
    (b"<updatePeriod>weekly</updatePeriod><updateFrequency>0</updateFrequency>", timedelta(days=7)),
    (b"<rss>" + b" " * 70_000 + b"<ttl>30</ttl>", None),
]


@pytest.mark.parametrize(("feed", "expected"), FEEDS)
def test_feeds(feed: bytes, expected: timedelta | None) -> None:
    assert read_hints({}, NOW, feed=feed).feed_until == (None if expected is None else NOW + expected)


@given(
    st.dictionaries(st.sampled_from(["retry-after", "cache-control", "age", "expires"]), st.text(max_size=40)),
    st.binary(max_size=80),
)
def test_nothing_a_server_writes_raises(headers: dict[str, str], feed: bytes) -> None:
    hints = read_hints(headers, NOW, status=503, feed=feed)
    assert all(at is None or at.tzinfo is not None for at in (hints.retry_after, hints.fresh_until, hints.feed_until))
