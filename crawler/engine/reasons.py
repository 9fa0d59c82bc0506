"""Why something could not be fetched, in words that a person can act on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from crawler.engine.guards import AddressPolicy

_BLOCKED = {401, 402, 403, 407, 451}

# by the name of Scrapy's and Twisted's exceptions
_NETWORK = {
    "CannotResolveHostError": "dns: the host name can not be resolved",
    "DNSLookupError": "dns: the host name can not be resolved",
    "DownloadTimeoutError": "timeout: no complete answer in time",
    "TimeoutError": "timeout: no complete answer in time",
    "TCPTimedOutError": "timeout: no connection in time",
    "DownloadConnectionRefusedError": "connection: refused",
    "ConnectionRefusedError": "connection: refused",
    "ResponseDataLossError": "connection: the answer was cut off",
    "DownloadCancelledError": "too large: the answer is over the size limit",
    "TunnelError": "proxy: it opened no tunnel",
    "NotRecorded": "replay: the address is not in the recording",
}


def reason_of_status(status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    blocked = "blocked: " if status in _BLOCKED else ""
    return f"{blocked}HTTP {status} {phrase}"


def reason_of_failure(error: BaseException, url: str, policy: AddressPolicy) -> str:
    refused = policy.refused.get(urlsplit(url).hostname or "")
    if refused:
        return f"refused: {refused}"
    if isinstance(error, IgnoreRequest):
        text = str(error)
        if "redirection" in text:
            return "redirect loop: more than 5 redirects"
        return str(error.args[0]) if error.args else "refused"
    name = type(error).__name__
    text = f"{error}"
    if name == "CertificateRefused":
        return text
    if any(word in text for word in ("certificate", "SSL", "TLS", "service_identity")):
        return f"tls: {_one_line(text)}"
    if name in _NETWORK:
        return _NETWORK[name]
    return f"connection: {name}: {_one_line(text)}" if text else f"connection: {name}"


def is_silence(reason: str) -> bool:
    """Whether it says that the host gave no answer at all, or not to its end."""
    return reason.startswith(("dns: ", "timeout: ", "connection: ", "proxy: "))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
