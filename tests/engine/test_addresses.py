"""What is never fetched: private addresses, other schemes, other hosts, servers that cannot prove their name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from newsroom import DAY, Newsroom, Reply, Run, Site, article_page, list_page, title_of
from server import Server


@dataclass
class Visit:
    room: Newsroom
    private: Server  # on an address that no flag allows
    local: Server  # on localhost
    run: Run = field(init=False)


def links(*urls: str) -> bytes:
    return list_page([(url, title_of(url[-9:-5]), DAY) for url in urls])


def moved(site: Site, key: str, target: str) -> None:
    site.server.set(f"/a/{key}.html", Reply(status=302, headers={"Location": target}))


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """One run; --allow-address names each site that is meant to be reached, and nothing else."""
    folder = tmp_path_factory.mktemp("addresses")
    known, unknown = trustme.CA(), trustme.CA()
    bundle = folder / "authorities.pem"
    known.cert_pem.write_to_path(str(bundle))
    with (
        Newsroom(folder) as room,
        Server("127.0.1.9") as private,
        Server("127.0.0.1") as local,
    ):
        visit = Visit(room, private, local)
        for server in (private, local):
            server.set("/news/", links("/a/1001.html"))
            server.set("/a/1001.html", article_page("1001"))

        def polls(site: Site, address: str) -> None:
            """The list, and so all else, is on that address."""
            site.attributes |= {
                "lists": f'ListPage("{address}/news/")',
                "hosts": f"({urlsplit(address).hostname!r},)",
            }

        port = private.port
        refused: dict[str, Callable[[Site], None]] = {
            "literal": lambda site: polls(site, private.base),
            "decimal": lambda site: polls(site, f"http://{(127 << 24) + 256 + 9}:{port}"),
            "hexadecimal": lambda site: polls(site, f"http://0x7f.0.1.9:{port}"),
            "short": lambda site: polls(site, f"http://127.265:{port}"),
            "local-name": lambda site: polls(site, f"http://localhost:{local.port}"),
            "zero": lambda site: polls(site, f"http://0.0.0.0:{port}"),
            "metadata": lambda site: polls(site, "http://169.254.169.254"),
        }
        for name, change in refused.items():
            site = room.site(name)
            change(site)
            room.write_source(site)
        allowed = []
        for name in ("led-to-private", "led-to-file", "led-to-other-host", "linked", "sound"):
            site = room.site(name)
            site.publish("1003", "1002", "1001")
            allowed.append(site)
        led, to_file, to_other, linked, _ = allowed
        led.attributes["hosts"] = f'("{led.server.host}", "{private.host}")'  # even where the source names it
        moved(led, "1002", private.url("/a/1001.html"))
        moved(led, "1001", f"http://{(127 << 24) + 256 + 9}:{port}/a/1001.html")
        moved(to_file, "1001", "file:///etc/hostname")
        moved(to_file, "1002", "javascript:alert(1)")
        moved(to_other, "1001", private.url("/a/1001.html"))
        linked.server.set(
            "/news/",
            links(
                linked.url("/a/1003.html"),
                private.url("/a/1002.html"),
                f"http://editor@{linked.server.host}:{linked.server.port}/a/1001.html",
                f"http://editor:secret@{linked.server.host}:{linked.server.port}/a/1001.html",
                "file:///a/1001.html",
                "javascript:/a/1001.html",
                "data:text/html,/a/1001.html",
                f"ftp://{linked.server.host}/a/1001.html",
                f"//{private.host}:{private.port}/a/1002.html",
                f"http://{linked.server.host}\\@{private.host}:{private.port}/a/1001.html",
            ),
        )
        for name, authority, certified in (
            ("known-authority", known, ""),
            ("unknown-authority", unknown, ""),
            ("other-name", known, "news.example"),
        ):
            site = room.site(name, authority, certified)
            site.publish("1003", "1002", "1001")
            allowed.append(site)
        for site in allowed:
            room.write_source(site)
        flags = [word for site in allowed for word in ("--allow-address", site.server.host)]
        words = ["crawl", *room.sites, *flags, *room.flags(allow="")]
        visit.run = room.start(*words, env={"SSL_CERT_FILE": str(bundle)}).wait()
        yield visit


@pytest.mark.parametrize("name", ["literal", "decimal", "hexadecimal", "short", "local-name", "zero", "metadata"])
def test_private_address_is_refused(visit: Visit, name: str) -> None:
    source = visit.run.source(name)
    assert (source["verdict"], source["stage"], source["saved"]) == ("failing", "fetch", 0)
    assert "refused" in source["reason"]
    assert "not public" in source["reason"]
    assert "--allow-address" in source["reason"]


def test_private_servers_were_not_asked(visit: Visit) -> None:
    assert [seen.path for seen in visit.private.log + visit.local.log] == []


@pytest.mark.parametrize(("name", "saved", "left"), [("led-to-private", 1, 2), ("led-to-file", 1, 2)])
def test_redirect_out_of_what_is_allowed(visit: Visit, name: str, saved: int, left: int) -> None:
    source = visit.run.source(name)
    assert (source["saved"], source["failed"] + source["rejected"]) == (saved, left)
    assert all(path.startswith(name) for path in source["paths"])


def test_redirect_to_a_foreign_host(visit: Visit) -> None:
    source = visit.run.source("led-to-other-host")
    assert (source["saved"], source["failed"] + source["rejected"]) == (2, 1)


def test_no_local_file_becomes_a_document(visit: Visit) -> None:
    secret = Path("/etc/hostname")
    content = secret.read_bytes().strip() if secret.exists() else b"file:"
    assert [path for path, body in visit.room.documents().items() if content in body.split(b"---")[-1]] == []


def test_links_out_of_scope_are_dropped(visit: Visit) -> None:
    site = visit.room.sites["linked"]
    assert site.server.asked() == ["/news/", "/a/1003.html"]
    source = visit.run.source("linked")
    assert (source["verdict"], source["found"], source["saved"]) == ("ok", 1, 1)


class TestCertificates:
    def test_known_authority(self, visit: Visit) -> None:
        assert visit.run.source("known-authority")["saved"] == 3

    @pytest.mark.parametrize("name", ["unknown-authority", "other-name"])
    def test_refused(self, visit: Visit, name: str) -> None:
        source = visit.run.source(name)
        assert (source["verdict"], source["stage"], source["saved"]) == ("failing", "fetch", 0)
        assert visit.room.sites[name].server.log == []

    @pytest.mark.parametrize("name", ["unknown-authority", "other-name"])
    def test_reason_is_tls(self, visit: Visit, name: str) -> None:
        assert "tls: " in visit.run.source(name)["reason"]


def test_sound_site_is_not_harmed(visit: Visit) -> None:
    assert (visit.run.source("sound")["verdict"], visit.run.source("sound")["saved"]) == ("ok", 3)
