"""Why a server's certificate was refused: run out, self-signed, for other names, by an unknown authority.

OpenSSL says no more than that the check has failed. The check itself stays Twisted's: nothing here lets anything pass.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

SHOWN = 3  # names of a certificate that a reason lists


class CertificateRefused(Exception):
    """The message is the reason, for a person."""


@implementer(IPolicyForHTTPS)
class Observed:
    """A policy whose connections can be asked afterwards what the server has shown."""

    def __init__(self, policy: Any):
        self._policy = policy
        self._connections: dict[str, SSL.Connection] = {}  # the last one to each host

    def creatorForNetloc(self, hostname: bytes, port: int) -> _Creator:
        return _Creator(self._policy.creatorForNetloc(hostname, port), hostname.decode("ascii"), self._connections)

    def fault(self, host: str, error: BaseException, now: datetime | None = None) -> str:
        """What is wrong with the certificate that ``host`` has just shown; "" if it has shown none."""
        connection = self._connections.pop(host, None)
        chain = connection.get_peer_cert_chain() if connection else None
        if not chain:
            return ""
        return f"tls: the certificate of {host} {_fault(chain[0].to_cryptography(), error, now or datetime.now(UTC))}"


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    def __init__(self, creator: Any, host: str, connections: dict[str, SSL.Connection]):
        self._creator, self._host, self._connections = creator, host, connections

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        connection: SSL.Connection = self._creator.clientConnectionForTLS(protocol)
        self._connections[self._host] = connection
        return connection


def _fault(certificate: x509.Certificate, error: BaseException, now: datetime) -> str:
    if certificate.not_valid_after_utc < now:
        return f"ran out on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if certificate.not_valid_before_utc > now:
        return f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}"
    if "Mismatch" in str(error):
        return f"is for other names: {', '.join(_names(certificate)[:SHOWN]) or 'none at all'}"
    if certificate.issuer == certificate.subject:
        return "is self-signed"
    return "is signed by an authority that this machine does not know"


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    # The server has written them: nothing goes into a log that is no name.
    return [name for name in (str(each.value)[:100] for each in names) if re.fullmatch(r"[\w.*:-]+", name, re.ASCII)]
