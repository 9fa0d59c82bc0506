"""Only public addresses are dialled, decided on the very answer that is dialled.

The resolver is the guard, so a second look-up can not give another answer, and
literal, decimal or redirected addresses pass through it too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from zope.interface import implementer

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # all global unicast addresses, RFC 4291 section 2.4


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
            number = ipaddress.ip_address(address)
        except ValueError:
            return f"{address!r} is no address"
        if any(form in network for form in _forms(number) for network in self.allowed):
            return ""
        if all(_is_public(form) for form in _forms(number)):
            return ""
        return f"{host} has the address {address}, which is not public (--allow-address {address} would allow it)"


def _is_public(number: Address) -> bool:
    """By itself; what it stands for has to be public, too."""
    # is_global is True for multicast, 6to4 and NAT64 forms, and for site-local, IPv4-compatible and translated
    # addresses and the NAT64 prefix of a network's own (64:ff9b:1::/48): these lead into private networks.
    if isinstance(number, ipaddress.IPv6Address) and number not in _GIVEN_OUT:
        return number in _NAT64 or number.ipv4_mapped is not None
    # 6to4 is no way to anywhere any more (RFC 7526); Pythons differ about it.
    is_relayed = isinstance(number, ipaddress.IPv6Address) and number.sixtofour is not None
    return number.is_global and not number.is_multicast and not is_relayed


def _forms(number: Address) -> tuple[Address, ...]:
    """The address and what it stands for: mapped, 6to4, NAT64. No Teredo address is public, whatever it stands for."""
    if isinstance(number, ipaddress.IPv4Address):
        return (number,)
    inner = [number.ipv4_mapped, number.sixtofour]
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
    if len(numbers) > 4 or any(number < 0 for number in numbers):
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
    return part.startswith("0") and part.isdigit()


def named_proxies() -> frozenset[str]:
    """Hosts of the proxies that the user's environment names; they may be on any address."""
    proxies = getproxies()
    hosts = {urlsplit(url if "//" in url else f"//{url}").hostname for name, url in proxies.items() if name != "no"}
    return frozenset(host for host in hosts if host)


@implementer(IResolutionReceiver)
class _Allowed:
    """Passes on those addresses of an answer that may be dialled, and remembers why none of them may."""

    def __init__(self, receiver: Any, host: str, policy: AddressPolicy):
        self._receiver, self._host, self._policy = receiver, host, policy
        self._refusals: list[str] = []
        self._passed = False

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if reason := self._policy.refusal(self._host, address.host):
            self._refusals.append(reason)
        else:
            self._passed = True
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        if self._refusals and not self._passed:
            self._policy.refused[self._host] = self._refusals[0]
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver for both kinds of address, without the answers that the run's policy does not allow.

    Twisted tries what is left one after the other, 0.3 s apart (RFC 8305): a dead path costs no more than that.
    """

    policy = AddressPolicy()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        from crawler.engine.session import current

        resolver: GuardedResolver = super().from_crawler(crawler, reactor)
        resolver.policy = current(crawler.settings).policy
        return resolver

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *more: Any, **options: Any) -> IHostResolution:
        guarded: Any = _Allowed(resolutionReceiver, hostName, self.policy)
        return super().resolveHostName(guarded, hostName, *more, **options)
