"""Servers that can not prove who they are: refused, each with what is wrong; excused by name in shiyi.toml, and only then."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from newsroom import Newsroom, Run, Site

KEYS = ("1002", "1001")
TODAY = datetime.now(UTC)
LAST_WEEK, NEXT_WEEK = TODAY - timedelta(days=7), TODAY + timedelta(days=7)

# What is said of it; HOST is the site's own.
REFUSED = {
    "run-out": f"tls: the certificate of HOST ran out on {LAST_WEEK:%Y-%m-%d}",
    "too-new": f"tls: the certificate of HOST is not valid before {NEXT_WEEK:%Y-%m-%d}",
    "other-names": "tls: the certificate of HOST is for other names: news.example",
    "self-signed": "tls: the certificate of HOST is self-signed",
    "unknown-authority": "tls: the certificate of HOST is signed by an authority that this machine does not know",
}


def self_signed(host: str, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, LAST_WEEK, NEXT_WEEK, [])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    kept = folder / "self-signed.pem"
    forms = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    kept.write_bytes(key.private_bytes(pem, *forms) + certificate.public_bytes(pem))
    return kept


def show(site: Site, certificate: Path | trustme.LeafCert) -> None:
    """From now on the site shows that one."""
    context: ssl.SSLContext = site.server._http.socket.context  # type: ignore[attr-defined]
    if isinstance(certificate, Path):
        context.load_cert_chain(certificate)
    else:
        certificate.configure_cert(context)


@dataclass(frozen=True)
class Visit:
    room: Newsroom
    run: Run
    plain: Run


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("certificates")
    known, unknown = trustme.CA(), trustme.CA()
    bundle = folder / "authorities.pem"
    known.cert_pem.write_to_path(str(bundle))
    with Newsroom(folder) as room:
        for name in REFUSED:
            for site in (room.site(name, known), room.site(f"{name}-excused", known)):
                site.publish(*KEYS)
                host = site.server.host
                if name == "run-out":
                    show(site, known.issue_cert(host, not_before=LAST_WEEK - timedelta(days=9), not_after=LAST_WEEK))
                elif name == "too-new":
                    show(site, known.issue_cert(host, not_before=NEXT_WEEK, not_after=NEXT_WEEK + timedelta(days=9)))
                elif name == "other-names":
                    show(site, known.issue_cert("news.example"))
                elif name == "self-signed":
                    show(site, self_signed(host, folder))
                else:
                    show(site, unknown.issue_cert(host))
        room.site("sound", known).publish(*KEYS)
        excused = "".join(f"[source.{name}-excused]\nverify_tls = false\n" for name in REFUSED)
        room.config.write_text(room.config.read_text() + excused)
        env = {"SSL_CERT_FILE": str(bundle)}
        run = room.start("crawl", *room.sites, *room.flags(), env=env).wait()
        words = [word for word in room.flags() if word != "--json"]
        plain = room.start("crawl", "run-out-excused", "sound", *words, env=env).wait()
        yield Visit(room, run, plain)


@pytest.mark.parametrize("name", REFUSED)
def test_N6_refused_and_the_reason_names_what_is_wrong(visit: Visit, name: str) -> None:
    site, source = visit.room.sites[name], visit.run.source(name)
    assert (source["verdict"], source["stage"], source["saved"]) == ("failing", "fetch", 0)
    assert REFUSED[name].replace("HOST", site.server.host) in source["reason"]
    assert (site.server.log, source["requests"]) == ([], 1)  # not tried again: it would be the same


@pytest.mark.parametrize("name", REFUSED)
def test_N6_excused_by_name_and_said_so_each_time(visit: Visit, name: str) -> None:
    source = visit.run.source(f"{name}-excused")
    assert (source["verdict"], source["saved"]) == ("ok", 2)
    assert source["reason"] == "certificates are not checked (verify_tls = false)"


def test_N6_a_person_reads_it_too(visit: Visit) -> None:
    assert visit.plain.stdout.count("certificates are not checked (verify_tls = false)") == 1


def test_N6_an_excuse_is_for_one_source(visit: Visit) -> None:
    assert (visit.run.source("sound")["verdict"], visit.run.source("sound")["reason"]) == ("ok", "")
