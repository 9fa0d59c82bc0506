"""Lines of the address guard that a mutation run found unguarded: forms of one address, edges of spellings, proxies."""

from __future__ import annotations

import ipaddress

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.engine.guards import AddressPolicy, _Allowed, literal_address, named_proxies


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::808:808", "::ffff:8.8.8.8", "2400:3200::1%eth0", "64:ff9b::b00:0", "3ffe::1"],
)
def test_public_address_in_another_form_may_be_dialled(address: str) -> None:
    assert AddressPolicy().refusal("news.example", address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "2002:808:808::1",  # 6to4, of whatever address
        *("::127.0.0.1", "::a00:1", "::ffff:0:7f00:1"),  # IPv4-compatible and translated
        *("64:ff9b:1::a00:1", "64:ff9b:0:1::808:808"),  # a network's own NAT64
        *(
            "fec0::1",
            "5f00::1",
            "4000::1",
            "1fff::1",
            "ff0e::1",
        ),  # site-local, segment routing, not given out, multicast
        *("2002:e000:1::1", "64:ff9b::e000:1", "::ffff:224.0.0.1"),
    ],
)
def test_what_python_calls_global_and_is_not_public(address: str) -> None:
    assert "which is not public" in AddressPolicy().refusal("news.example", address)
    named = AddressPolicy([ipaddress.ip_network(address)])
    assert named.refusal("news.example", address) == ""


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        ("192.168.1.7/32", "64:ff9b::c0a8:107", True),
        ("192.168.1.7/32", "64:ff9b::c0a8:106", False),
        ("192.168.1.7/32", "2002:c0a8:107::1", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("0.0.0.0/0", "::1", False),
        ("::/0", "10.0.0.1", False),
        # A Teredo address names two others, of which a stranger chooses one: it is only allowed as itself.
        ("127.0.0.0/8", "2001:0:7f00:1::f5ff:fffe", False),
        ("10.0.0.0/8", "2001:0:7f00:1::f5ff:fffe", False),
        ("2001::/32", "2001:0:7f00:1::f5ff:fffe", True),
    ],
)
def test_what_is_named_is_allowed_in_its_other_forms(network: str, address: str, allowed: bool) -> None:
    policy = AddressPolicy([ipaddress.ip_network(network)])
    assert (policy.refusal("news.example", address) == "") == allowed


def test_the_users_proxy_opens_itself_alone() -> None:
    policy = AddressPolicy(trusted_hosts=["proxy.lan"])
    assert policy.refusal("proxy.lan", "10.0.0.7") == ""
    assert "not public" in policy.refusal("news.example", "10.0.0.7")
    assert "not public" in policy.refusal_of_target("proxy.lan", "10.0.0.7")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("255.255.255.255", "255.255.255.255"),
        ("255.1", "255.0.0.1"),
        ("1.16777215", "1.255.255.255"),
        ("1.16777216", ""),
        ("1.2.65535", "1.2.255.255"),
        ("1.2.65536", ""),
        ("1.2.3.255", "1.2.3.255"),
        ("256.1", ""),
        ("1.2.3.4.0", ""),
        ("1.2.3.4.5.0", ""),
        ("-1.2.3.4", ""),
        ("1.2.3.-4", ""),
        ("010.8.8.8", "8.8.8.8"),
        ("08.8.8.8", ""),
        ("00.0.0.1", "0.0.0.1"),
        ("0.0.0.1", "0.0.0.1"),
    ],
)
def test_edges_of_a_spelled_address(host: str, address: str) -> None:
    assert literal_address(host) == address


def test_a_proxy_without_a_host_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", "http://:3128")
    assert named_proxies() == frozenset()


# --- answers of the resolver -----------------------------------------------------------


class Heard:
    """Takes an answer as Twisted's dialler does."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def resolutionBegan(self, resolution: object) -> None:
        self.told.append("began")

    def addressResolved(self, address: IPv4Address | IPv6Address) -> None:
        self.told.append(address.host)

    def resolutionComplete(self) -> None:
        self.told.append("complete")


@pytest.mark.parametrize(
    ("answer", "dialled", "is_refused"),
    [
        ([], [], False),
        (["8.8.8.8"], ["8.8.8.8"], False),
        (["10.0.0.7"], [], True),
        (["10.0.0.7", "fd00::7"], [], True),
        (["10.0.0.7", "2400:3200::1"], ["2400:3200::1"], False),
        (["2400:3200::1", "8.8.8.8", "127.0.0.1"], ["2400:3200::1", "8.8.8.8"], False),
    ],
)
def test_of_an_answer_only_public_addresses_are_dialled(
    answer: list[str], dialled: list[str], is_refused: bool
) -> None:
    heard, policy = Heard(), AddressPolicy()
    guarded = _Allowed(heard, "news.example", policy)
    guarded.resolutionBegan(None)
    for address in answer:
        kind = IPv6Address if ":" in address else IPv4Address
        guarded.addressResolved(kind("TCP", address, 80))
    guarded.resolutionComplete()
    assert heard.told == ["began", *dialled, "complete"]
    first = f"news.example has the address {answer[0]}" if answer else ""
    assert [reason.startswith(first) for reason in policy.refused.values()] == [True] * is_refused
    assert list(policy.refused) == ["news.example"] * is_refused
