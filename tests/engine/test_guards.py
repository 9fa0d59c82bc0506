"""Which addresses may be dialled, and which host names are addresses in disguise."""

from __future__ import annotations

import ipaddress

import pytest

from crawler.engine.guards import AddressPolicy, literal_address, named_proxies

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "114.114.114.114",
    "100.63.255.255",
    "172.32.0.1",
    "192.169.0.1",
    "2606:4700::1111",
    "2400:3200::1",
]
PRIVATE = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback, far end",
    "0.0.0.0": "this host",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "169.254.169.254": "cloud metadata",
    "100.64.0.1": "carrier NAT",
    "100.127.255.255": "carrier NAT, far end",
    "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarking",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local with a zone",
    "fc00::1": "unique local",
    "fd12:3456::1": "unique local",
    "ff02::1": "multicast",
    "2001:db8::1": "documentation",
    "::ffff:127.0.0.1": "mapped loopback",
    "::ffff:10.0.0.1": "mapped private",
    "64:ff9b::7f00:1": "NAT64 of 127.0.0.1",
    "64:ff9b::a9fe:a9fe": "NAT64 of the metadata address",
    "2002:7f00:1::": "6to4 of 127.0.0.1",
    "2002:a00:1::1": "6to4 of 10.0.0.1",
    "2001:0:7f00:1::1": "Teredo server 127.0.0.1",
    "2001:0:808:808:0:0:80ff:fffe": "Teredo client 127.0.0.1",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_may_be_dialled(address: str) -> None:
    assert AddressPolicy().refusal("news.example", address) == ""


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_may_not(address: str) -> None:
    reason = AddressPolicy().refusal("news.example", address)
    assert f"news.example has the address {address}, which is not public" in reason
    assert "--allow-address" in reason


@pytest.mark.parametrize("garbage", ["", "news.example", "1.2.3", "1.2.3.4.5", "[::1]"])
def test_what_is_no_address_may_not(garbage: str) -> None:
    assert AddressPolicy().refusal("news.example", garbage) == f"{garbage!r} is no address"


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        ("127.0.0.0/8", "127.0.0.9", True),
        ("127.0.0.0/8", "::ffff:127.0.0.1", True),
        ("127.0.0.0/8", "::1", False),
        ("127.0.0.0/8", "10.0.0.1", False),
        ("10.1.0.0/16", "10.1.2.3", True),
        ("10.1.0.0/16", "10.2.0.1", False),
        ("192.168.1.7/32", "192.168.1.7", True),
        ("192.168.1.7/32", "192.168.1.8", False),
        ("::1/128", "::1", True),
        ("::1/128", "127.0.0.1", False),
        ("fd00::/8", "fd12::1", True),
    ],
)
def test_only_what_is_named_is_allowed(network: str, address: str, allowed: bool) -> None:
    policy = AddressPolicy([ipaddress.ip_network(network)])
    assert (policy.refusal("news.example", address) == "") == allowed


LITERALS = {
    "127.0.0.1": "127.0.0.1",
    "2130706433": "127.0.0.1",
    "0x7f000001": "127.0.0.1",
    "0x7f.1": "127.0.0.1",
    "0x7F.0x0.0x0.0x1": "127.0.0.1",
    "0177.0.0.1": "127.0.0.1",
    "017700000001": "127.0.0.1",
    "127.1": "127.0.0.1",
    "127.0.1": "127.0.0.1",
    "127.0.0.1.": "127.0.0.1",
    "0": "0.0.0.0",
    "0x0": "0.0.0.0",
    "169.254.43518": "169.254.169.254",
    "10.256": "10.0.1.0",
    "4294967295": "255.255.255.255",
    "[::1]": "::1",
    "::1": "::1",
    "[::ffff:127.0.0.1]": "::ffff:127.0.0.1",
    "[fe80::1%eth0]": "fe80::1",
    "0:0:0:0:0:0:0:1": "::1",
}
NAMES = (
    *("", "news.example", "localhost", "1.news.example", "127.0.0.1.example", "a.1", "256.1.1.1", "1.2.3.256"),
    *("4294967296", "1.2.3.4.5", "0x", "-1", "1..2", "123abc", "face"),
)


@pytest.mark.parametrize(("host", "address"), LITERALS.items())
def test_host_that_spells_an_address(host: str, address: str) -> None:
    # Python spells a mapped address in two ways, by its version.
    assert ipaddress.ip_address(literal_address(host)) == ipaddress.ip_address(address)


@pytest.mark.parametrize("host", NAMES)
def test_host_that_is_a_name(host: str) -> None:
    assert literal_address(host) == ""


def test_proxies_that_the_user_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    assert named_proxies() == frozenset()
    monkeypatch.setenv("http_proxy", "http://user:secret@10.0.0.7:3128")
    monkeypatch.setenv("https_proxy", "proxy.lan:8080")
    monkeypatch.setenv("no_proxy", "intern.example")
    assert named_proxies() == {"10.0.0.7", "proxy.lan"}
