"""Only public addresses are dialled, decided on the very answer that is dialled.

The resolver is the guard, so a second look-up can not give another answer, and
literal, decimal or redirected addresses pass through it too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressPolicy:
    """Which addresses may be dialled. ``allowed`` opens private ones that the user named."""

    def __init__(self, allowed: Iterable[Network] = (), trusted_hosts: Iterable[str] = ()):
        self.allowed = tuple(allowed)
        self.trusted_hosts = frozenset(trusted_hosts)  # proxies of the user's own
        self.refused: dict[str, str] = {}  # host -> why, for the report

    def refusal(self, host: str, address: str) -> str:
        """Why this address may not be dialled, "" if it may."""
        return "" if host in self.trusted_hosts else self.refusal_of_target(host, address)

    def refusal_of_target(self, host: str, address: str) -> str:
        """The same for the page itself: that the user's proxy is on an address opens nothing else there."""
        try:
            number = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return f"{address!r} is no address"
        for form in _forms(number):
            if any(form.version == network.version and form in network for network in self.allowed):
                return ""
        # is_global is True for multicast, NAT64 and 6to4 forms of private addresses.
        if all(form.is_global and not form.is_multicast for form in _forms(number)):
            return ""
        return f"{host} has the address {address}, which is not public (--allow-address {address} would allow it)"


def _forms(number: Address) -> tuple[Address, ...]:
    """The address and what it stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(number, ipaddress.IPv4Address):
        return (number,)
    inner = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
    if number in _NAT64:
        inner.append(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
    return (number, *(form for form in inner if form is not None))


def literal_address(host: str) -> str:
    """The address that a host name spells out itself (also decimal, hex, octal), "" for a real name."""
    bare = host.strip("[]")
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        pass
    parts = bare.rstrip(".").split(".")
    try:
        numbers = [int(part, 0) if not _is_octal(part) else int(part, 8) for part in parts]
    except ValueError:
        return ""
    if not 1 <= len(numbers) <= 4 or any(number < 0 for number in numbers):
        return ""
    # inet_aton: the last part fills all bytes that are left.
    *head, tail = numbers
    if any(number > 255 for number in head) or tail >= 256 ** (5 - len(numbers)):
        return ""
    value = tail
    for position, number in enumerate(head):
        value += number << (8 * (3 - position))
    return str(ipaddress.IPv4Address(value))


def _is_octal(part: str) -> bool:
    return len(part) > 1 and part.startswith("0") and part.isdigit()


def named_proxies() -> frozenset[str]:
    """Hosts of the proxies that the user's environment names; they may be on any address."""
    proxies = getproxies()
    hosts = {urlsplit(url if "//" in url else f"//{url}").hostname for name, url in proxies.items() if name != "no"}
    return frozenset(host for host in hosts if host)


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing answers that the run's policy does not allow."""

    policy = AddressPolicy()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        from crawler.engine.session import current

        resolver: GuardedResolver = super().from_crawler(crawler, reactor)
        resolver.policy = current(crawler.settings).policy
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        answer: Deferred[str] = super().getHostByName(name, timeout)
        answer.addCallback(self._check, name)
        return answer

    def _check(self, address: str, name: str) -> str:
        reason = self.policy.refusal(name, address)
        if reason:
            self.policy.refused[name] = reason
            raise DNSLookupError(reason)
        return address
