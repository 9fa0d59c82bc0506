"""The one gate between an address that a site shows and a request: is it an article of this source?

Pure. Whether the host resolves to a public address is the engine's guard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from w3lib.url import safe_url_string

from crawler.dedup.identity import AddressError, canonical_url, is_own_host, key_of
from crawler.models import Source

_BREAKS = re.compile(r"\s*[\t\r\n]\s*")


@dataclass(frozen=True, slots=True)
class Admission:
    """``reason`` is "" when admitted, and then ``key`` is set.

    Reasons: scheme, userinfo, port, too-long, malformed, host (a foreign one),
    not-an-article. ``url`` is the address to fetch: absolute, quoted, without a
    fragment; "" where nothing may be fetched.
    """

    key: str
    url: str
    reason: str


def admit(url: str, source: Source) -> Admission:
    """Judge an address. A relative one is taken from the source's home page."""
    text = _BREAKS.sub("", url.strip())  # links are broken over lines
    if not text:
        return Admission("", "", "malformed")
    try:
        absolute = urldefrag(urljoin(source.home, text)).url
        identity = canonical_url(absolute)
        fetchable = safe_url_string(absolute)
    except AddressError as error:
        return Admission("", "", error.reason)
    except ValueError:
        return Admission("", "", "malformed")
    if not is_own_host(identity, source):
        return Admission("", fetchable, "host")
    key = key_of(absolute, source)
    return Admission(key, fetchable, "" if key else "not-an-article")
