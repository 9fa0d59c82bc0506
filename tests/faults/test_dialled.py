"""Where a name leads: the resolver of these runs says what the test wants, as a hostile or broken name server would.

The names are real to the program, the look-up is its own; only the answers are ours.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT
from newsroom import Newsroom, Reply, Run, Site, article_page
from server import Server

from . import misbehaving as bad

KEYS = ("1003", "1002", "1001")
MANY = tuple(f"{number}" for number in range(1044, 1000, -1))
FOLDER = Path(__file__).parent / "lying_resolver"

# S1: what a name may resolve to, and must not be dialled.
PRIVATE = {
    "loopback": "127.0.0.99",
    "ten": "10.0.0.7",
    "one-seven-two": "172.16.3.4",
    "one-nine-two": "192.168.1.1",
    "metadata": "169.254.169.254",
    "carrier": "100.64.1.1",
    "this-host": "0.0.0.0",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "newer-kind": "fd00::7",
    "newer-kind-mapped": "::ffff:10.0.0.7",
}
UNKNOWN = {"N1-no-such-name": None}
# N7: what a name leads to, of which SITE is the site's own address, OTHER a dead one of the newer kind.
KINDS = {
    "older-only": "SITE",
    "newer-only": "::1",
    "newer-dead": "OTHER SITE",
    "newer-private": "fd00::7 SITE",
    "older-private": "10.0.0.7 ::1",
    "older-dead": "127.0.1.45 ::1",
}


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    run: Run
    seconds: float
    asked_for: list[str]  # of the name server
    other: Server  # on an address that no flag allows
    answers: dict[str, list[str | None]]


def named(room: Newsroom, name: str, host: str, port: int, **attributes: str) -> Site:
    """A site whose source file knows it by a name."""
    site = room.site(name, hosts=f"({host!r},)", lists=f'ListPage("http://{host}:{port}/news/")', **attributes)
    site.publish(*KEYS)
    return site


def moved(target: str) -> Reply:
    return Reply(status=302, headers={"Location": target})


def look_up(room: Newsroom, answers: dict[str, list[str | None]]) -> dict[str, str]:
    return {
        "PYTHONPATH": f"{FOLDER}:{ROOT}",
        "LYING_RESOLVER": json.dumps(answers),
        "LYING_RESOLVER_LOG": str(room.folder / "names"),
    }


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with (
        ExitStack() as open_servers,
        Newsroom(tmp_path_factory.mktemp("dialled")) as room,
        Server("127.0.1.44") as other,
    ):
        other.set("/news/", b"")
        answers: dict[str, list[str | None]] = {}
        for name, address in {**PRIVATE, **UNKNOWN}.items():
            host = f"{name.lower()}.example"
            answers[host] = [address]
            named(room, name.lower(), host, other.port)
        allowed = []

        def reached(name: str, host: str, *more: str | None) -> Site:
            """A site whose name leads to its own address, and later to others."""
            site = named(room, name, host, 0)
            site.attributes["lists"] = f'ListPage("http://{host}:{site.server.port}/news/")'
            room.write_source(site)
            answers[host] = [site.server.host, *more]
            allowed.append(site.server.host)
            return site

        reached("sound", "sound.example")
        for name, addresses in KINDS.items():
            site = reached(name, f"{name}.example")
            if "::1" in addresses:  # the server itself is there, with the same pages
                newer = open_servers.enter_context(Server("::1", port=site.server.port))
                newer._routes = site.server._routes
            answers[f"{name}.example"] = [addresses.replace("SITE", site.server.host).replace("OTHER", "::2")]
        # Public when it is looked at, private when it is dialled.
        reached("rebound", "rebound.example", other.host)
        reached("rebound-soon", "rebound-soon.example", "127.0.0.99", other.host)
        led = reached("led-by-name", "led.example")
        led.attributes["hosts"] = '("led.example", "inside.example")'
        room.write_source(led)
        answers["inside.example"] = [other.host]
        led.server.set("/a/1001.html", moved(f"http://inside.example:{other.port}/a/1001.html"))
        led.server.set("/a/1002.html", moved(f"http://inside.example.:{other.port}/a/1001.html"))
        other.set("/a/1001.html", article_page("1001"))
        homograph = reached("homograph", "news.example")
        # With a Cyrillic letter: another name, which is no host of the source.
        place = f"http://n\u0435ws.example:{other.port}/a/1001.html".encode()
        homograph.server.set("/a/1001.html", bad.answer(b"", b"Location: " + place, bad.length(0), status=b"302 Found"))
        answers["xn--nws-qdd.example"] = answers["inside.example."] = [other.host]

        allowed += ["::1", "::2", "127.0.1.45"]
        flags = [word for host in allowed for word in ("--allow-address", host)]
        start = time.monotonic()
        running = room.start("crawl", *room.sites, *flags, *room.flags(allow=""), env=look_up(room, answers))
        run = running.wait()
        seconds = time.monotonic() - start
        yield Visit(room, run, seconds, (room.folder / "names").read_text().split(), other, answers)


@pytest.mark.parametrize("name", PRIVATE)
def test_S1_name_that_leads_to_a_private_address(visit: Visit, name: str) -> None:
    source = visit.run.source(name)
    assert (source["verdict"], source["stage"], source["saved"]) == ("failing", "fetch", 0)
    assert f"{name}.example has the address {PRIVATE[name]}, which is not public" in source["reason"]


def test_S1_S2_nothing_private_was_reached(visit: Visit) -> None:
    assert [seen.path for seen in visit.other.log] == []


@pytest.mark.parametrize("name", ["rebound", "rebound-soon"])
def test_S2_the_address_that_was_checked_is_the_one_that_is_dialled(visit: Visit, name: str) -> None:
    site = visit.room.sites[name]
    # One look-up, one address: what came by way of it all came from the site itself.
    assert set(visit.run.source(name)["paths"]) <= set(site.paths_of(*KEYS))
    assert visit.run.source(name)["saved"] + visit.run.source(name)["owed"] in (0, 3)
    assert f"{name}.example" in visit.asked_for


def test_S3_letter_of_another_script_is_another_host(visit: Visit) -> None:
    source = visit.run.source("homograph")
    assert (source["saved"], source["failed"]) == (2, 1)
    assert "xn--nws-qdd.example" not in visit.asked_for


def test_S1_S3_redirect_by_name_with_and_without_a_dot_at_its_end(visit: Visit) -> None:
    source = visit.run.source("led-by-name")
    assert (source["saved"], source["failed"]) == (1, 2)
    assert "inside.example has the address 127.0.1.44, which is not public" in source["reason"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_name_that_can_not_be_resolved(visit: Visit, name: str) -> None:
    source = visit.run.source(name.lower())
    assert (source["verdict"], source["stage"], source["saved"]) == ("failing", "fetch", 0)
    assert "dns: the host name can not be resolved" in source["reason"]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("name", KINDS)
def test_N7_whatever_kind_of_address_a_host_has(visit: Visit, name: str) -> None:
    source = visit.run.source(name)
    assert (source["verdict"], source["saved"], source["reason"]) == ("ok", 3, "")


def test_N1_N7_others_go_on_and_nobody_waits_a_minute(visit: Visit) -> None:
    assert (visit.run.source("sound")["verdict"], visit.run.source("sound")["saved"]) == ("ok", 3)
    assert visit.seconds < 20


# --- the whole network is down ---------------------------------------------------


@dataclass(frozen=True)
class Outage:
    first: Run
    down: Run
    plain: list[str]  # what a person reads then
    tries: set[tuple[str, int]]  # of what is owed then
    after: Run


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    """Six sources; a good run that leaves debts, one without a network, one with it again."""
    with Newsroom(tmp_path_factory.mktemp("outage")) as room:
        answers: dict[str, list[str | None]] = {}
        for number in range(6):
            host = f"site-{number}.example"
            site = named(room, f"site-{number}", host, 0)
            site.attributes["lists"] = f'ListPage("http://{host}:{site.server.port}/news/")'
            room.write_source(site)
            answers[host] = [site.server.host]
        large = room.sites["site-0"]
        large.publish(*MANY)
        words = ["crawl", *room.sites, *room.flags()]
        first = room.start(*words, "--limit", "2", env=look_up(room, answers)).wait()
        nobody: dict[str, list[str | None]] = {host: [None] for host in answers}
        down = room.start(*words, env=look_up(room, nobody)).wait()
        plain = room.start(*(word for word in words if word != "--json"), env=look_up(room, nobody)).wait()
        with sqlite3.connect(room.output / ".state" / "index.db") as index:
            tries = set(index.execute("SELECT state, tries FROM frontier"))
            index.execute("UPDATE frontier SET due = '2024-05-20'")  # an hour later
        after = room.start(*words, env=look_up(room, answers)).wait()
        told = [line.split(" in ")[0].strip(" .") for line in plain.stdout.splitlines()]
        yield Outage(first, down, told, tries, after)


def test_N8_is_exit_1_and_every_source_says_why(outage: Outage) -> None:
    assert outage.down.code == 1
    assert {source["verdict"] for source in outage.down.report["sources"]} == {"failing"}
    assert {"dns: " in source["reason"] for source in outage.down.report["sources"]} == {True}


def test_N8_one_line_and_not_one_for_each_article(outage: Outage) -> None:
    told = "no source reachable (dns: the host name can not be resolved): is the network down?"
    assert {source["reason"] for source in outage.down.report["sources"]} == {told}
    assert [line for line in outage.down.stderr.splitlines() if "WARNING" in line] == []
    assert outage.plain == [f"failing  {told} (6 sources, 47 articles stay owed)", "", "0 new documents, 0 duplicates"]


def test_N8_nothing_is_held_against_what_is_owed(outage: Outage) -> None:
    assert [source["owed"] for source in outage.down.report["sources"]] == [42, 1, 1, 1, 1, 1]
    assert outage.tries == {("owed", 0)}


def test_N8_host_that_does_not_answer_is_not_asked_for_all_that_is_owed(outage: Outage) -> None:
    assert outage.down.source("site-0")["requests"] < 30  # its list, and not forty articles


def test_N8_all_is_well_when_it_is_back(outage: Outage) -> None:
    assert [source["saved"] for source in outage.after.report["sources"]] == [42, 1, 1, 1, 1, 1]
    assert outage.after.code == 0
