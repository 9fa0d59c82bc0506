"""What makes two addresses one article: URL -> canonical URL -> key.

Pure. No clock, no disk, no network. Over-merging loses articles, so everything
that is dropped from an address stands here in a short explicit list
(courlan's cleaner drops ``id``, ``cid`` and ``eid`` and merges what differs).
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import SplitResult, urlsplit

from w3lib.url import canonicalize_url

from crawler.models import Source

MAX_LENGTH = 2083  # the limit of Scrapy and of old browsers; longer ones are traps or data

# Parameters that only say how the reader came to the page.
_TRACKING = {
    *("spm", "scm", "chksm", "isappinstalled"),
    *("share_token", "share_source", "share_medium", "share_from"),
    *("fbclid", "gclid", "msclkid", "yclid", "mc_cid", "mc_eid"),
    *("bd_vid", "hmsr", "hmpl", "hmcu", "hmkw", "hmci"),
}
# ``from`` may also name a collection, so it goes only with a value that names a way of sharing.
_SHARED_FROM = {
    *("rss", "feed", "share", "app", "timeline", "singlemessage", "groupmessage"),
    *("wechat", "weixin", "wx", "weibo", "qq", "qzone"),
}
# ``scene`` is the sharing channel on WeChat's article host and a real parameter elsewhere.
_WECHAT_HOST, _WECHAT_SCENE = "mp.weixin.qq.com", "scene"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]+\]")


class AddressError(ValueError):
    """An address that is never fetched. ``reason`` is one word, ``str()`` a sentence.

    Reasons: malformed, scheme, userinfo, port, too-long.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@lru_cache(maxsize=1024)  # one article's address is asked for on every step of its way
def canonical_url(url: str) -> str:
    """The identity form of an address; equal forms mean the same page.

    https for http, host in lower-case punycode, no default port, no fragment, no
    tracking parameters, query sorted. Not meant for fetching: a site may know
    http only. Raises AddressError (a ValueError) for what must not be fetched.
    """
    parts = _checked(url)
    try:
        clean = urlsplit(canonicalize_url(parts.geturl()))  # without its fragment
        port = clean.port
    except ValueError as error:  # a host that IDNA refuses, a port w3lib refuses
        raise AddressError("malformed", f"malformed address: {error}") from None
    host = (clean.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    if not _HOST.fullmatch(host) or ".." in host:
        raise AddressError("malformed", "an address without a proper host name")
    default = {"http": 80, "https": 443}[clean.scheme]
    netloc = host if port in (None, default) else f"{host}:{port}"
    result = SplitResult("https", netloc, clean.path, _without_tracking(clean.query, host), "").geturl()
    if len(result) > MAX_LENGTH:
        raise AddressError("too-long", f"an address of more than {MAX_LENGTH} characters")
    return result


def key_of(url: str, source: Source) -> str:
    """The site's own id of the article at ``url``; "" if it is no article of this source.

    A malformed address is no article. Patterns are tried in order.
    """
    try:
        clean = canonical_url(url)
    except AddressError:
        return ""
    if not is_own_host(clean, source):
        return ""
    subject = clean.removeprefix("https://")
    path = subject.partition("?")[0]
    for pattern in _compiled(source.articles):
        # A pattern that ends in $ also has to hold for ".html?x=1" and for "/posts/abcd/".
        for form in (subject, path, path.rstrip("/")):
            match = pattern.search(form)
            if match and match["key"]:
                return match["key"]
    return ""


def generic_key(url: str) -> str:
    """16 hex digits for a page of a site without a source; raises AddressError.

    Here a leading ``www.`` and a trailing slash do not count, as no site serves
    two articles that differ in these only.
    """
    bare = canonical_url(url).removeprefix("https://").removeprefix("www.")
    path, mark, query = bare.partition("?")
    return blake2b((path.rstrip("/") + mark + query).encode(), digest_size=8).hexdigest()


def is_own_host(url: str, source: Source) -> bool:
    """Whether the host of a valid absolute URL is one of the source's, or its ``www.`` twin."""
    host = (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    return any(host == own.lower().removeprefix("www.") for own in source.hosts)


def _checked(url: str) -> SplitResult:
    text = url.strip()
    if len(text) > MAX_LENGTH:
        raise AddressError("too-long", f"an address of more than {MAX_LENGTH} characters")
    if _CONTROL.search(text):
        raise AddressError("malformed", "an address with a control character or a backslash")
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise AddressError("malformed", f"malformed address: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise AddressError("scheme", f"not an http(s) address: {parts.scheme or 'no scheme'}")
    if "@" in parts.netloc:
        raise AddressError("userinfo", "an address with a user name in it")
    if not host:
        raise AddressError("malformed", "an address without a host")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise AddressError("port", "an address with an impossible port")
    return parts


def _without_tracking(query: str, host: str) -> str:
    def is_tracking(pair: str) -> bool:
        name, _, value = pair.partition("=")
        name = name.lower()
        return (
            name.startswith("utm_")
            or name in _TRACKING
            or (name == "from" and value.lower() in _SHARED_FROM)
            or (name == _WECHAT_SCENE and host == _WECHAT_HOST)
        )

    return "&".join(pair for pair in query.split("&") if not is_tracking(pair))


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)
