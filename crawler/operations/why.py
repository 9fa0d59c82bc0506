"""`why`: all that is known of one address, gathered from source files, index and disk. Fetches nothing, changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from urllib.parse import urlsplit

import click

from crawler.configuration import Configuration
from crawler.dedup.identity import AddressError, canonical_url
from crawler.extraction.text import printable
from crawler.operations import why_text
from crawler.operations.export import published_of
from crawler.operations.history import fields_of
from crawler.operations.lookup import Claim, article_in, claims_on, generic_name
from crawler.storage import history, trail
from crawler.storage.log import moment
from crawler.storage.stored import SCHEMA, StoredArticleView
from crawler.storage.trail import Name, Row

AGENT = "Shiyi"  # as robots.txt calls us


def show_why(root: Path, configuration: Configuration, asked: str, *, as_json: bool) -> None:
    """Print it. Raises UsageError for what is neither an address nor a document's path."""
    now = datetime.now().astimezone()
    told = explain(root, configuration, asked, now)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in why_text.lines(told, now):
        click.echo(printable(line))


def explain(root: Path, configuration: Configuration, asked: str, now: datetime) -> dict[str, Any]:
    """The verdict in a word and a sentence, then everything that it rests on."""
    meant = _meant(root, asked)
    url, address = meant.url, meant.address
    claims = [] if meant.problem else claims_on(url, configuration)
    spelled = [(claim.source, claim.key) for claim in claims if claim.key]
    if address:
        spelled.append(generic_name(url))
    found = [*meant.articles, *(history.articles_at(root, address) if address else ())]
    found += history.articles_known_as(root, spelled)
    own = list({_name(article): article for article in found}.values())
    with moment(root, SCHEMA) as connection:
        debts = trail.debts(connection, spelled, [url, address, address.replace("https:", "http:", 1)])
        names = list(dict.fromkeys((*spelled, *map(_name, own), *((row["source"], row["key"]) for row in debts))))
        robots = [_robots(connection, place, url) for place in _places(url, address)]
        runs = [trail.source_row(connection, name) for name in _sources(claims, names)]
        told: dict[str, Any] = {
            "address": address,
            "sources": [_claim(claim) for claim in claims if claim.reason != "host"],
            "other_sources": sum(claim.reason == "host" for claim in claims),
            "robots": list(filter(None, robots)),
            "found": trail.sightings(connection, names),
            "debts": debts,
            "visits": trail.visits(connection, names),
            "articles": [_article(connection, article, address, spelled) for article in own],
            "copies": trail.copies(connection, address) if address else [],
            "runs": list(filter(None, runs)),
        }
    for article in told["articles"]:
        article["history"] = [fields_of(change) for change in history.history(root, article["source"], article["key"])]
    verdict, sentence = _verdict(told, meant.problem, now)
    return {"url": url, "verdict": verdict, "sentence": sentence, **told}


@dataclass(frozen=True, slots=True)
class _Meant:
    url: str  # "" of a document whose style carries none and whose journal is lost
    address: str  # its identity form, "" for what is never fetched
    problem: str = ""  # why it is never fetched
    articles: tuple[StoredArticleView, ...] = ()  # of a document that was asked for by its path


def _meant(root: Path, asked: str) -> _Meant:
    try:
        return _Meant(asked, canonical_url(asked))
    except AddressError as error:
        if error.reason != "malformed" and "://" in asked:
            return _Meant(asked, "", str(error))
    article = article_in(root, asked)
    return _Meant(article.url, canonical_url(article.url) if article.url else "", articles=(article,))


def _name(article: StoredArticleView) -> Name:
    return article.source, article.key


def _sources(claims: Sequence[Claim], names: Sequence[Name]) -> list[str]:
    return list(dict.fromkeys((*(claim.source for claim in claims if claim.polls), *(source for source, _ in names))))


def _claim(claim: Claim) -> Row:
    polls = claim.polls.url if claim.polls else ""
    return {"source": claim.source, "key": claim.key, "rule": claim.rule, "dropped": claim.reason, "polls": polls}


def _article(connection: Connection, article: StoredArticleView, address: str, spelled: Sequence[Name]) -> Row:
    source, key = _name(article)
    known_as = trail.known_as(connection, source, key)
    addresses = trail.addresses(connection, source, key)
    evidence = dict(article.evidence)
    return {
        "source": source,
        "key": key,
        "url": article.url,
        "path": article.path,
        "document": article.state() if article.sha256 else "lost",
        "by": _by(article, address, spelled, known_as, addresses),
        "title": article.title,
        "published": published_of(article),
        "precision": article.precision,
        "first_seen": article.first_seen.isoformat(),
        "fetched": article.fetched.isoformat(),
        "revision": article.revision,
        "withdrawn": article.withdrawn.isoformat() if article.withdrawn else "",
        "original_url": article.original_url,
        "extractor": str(evidence.pop("extractor", "")),
        "evidence": evidence,
        "known_as": known_as,
        "addresses": addresses,
        "next_look": trail.next_look(connection, source, key),
    }


def _by(
    article: StoredArticleView, address: str, spelled: Sequence[Name], known_as: Sequence[Row], addresses: Sequence[Row]
) -> str:
    """How the address leads to the article: "own", or the rule by which it is another one of it."""
    if _name(article) in spelled or address in ("", _canonical_of(addresses)):
        return "own"
    rules = (row["rule"] for row in known_as if (row["source"], row["key"]) in spelled)
    return str(next(rules, "met"))


def _canonical_of(addresses: Sequence[Row]) -> str:
    return next((row["url"] for row in addresses if row["kind"] == "canonical"), "")


# --- robots.txt --------------------------------------------------------------------


def _places(url: str, address: str) -> Iterator[str]:
    if address:
        netloc = urlsplit(url.strip()).netloc
        yield from (f"{scheme}://{netloc}" for scheme in ("https", "http"))


def _robots(connection: Connection, place: str, url: str) -> Row | None:
    """What the file that was read last says of the address; None if none was read."""
    kept = trail.robots(connection, place)
    if kept is None:
        return None
    fetched, status, body = kept
    return {"place": f"{place}/robots.txt", "read": fetched, "status": status, "allows": allows(status, body, url)}


def allows(status: int, body: bytes, url: str) -> bool:
    """As the crawl judges (``engine.middlewares.RobotsPolicy``): 401, 403, 429 and 5xx forbid, other 4xx allow."""
    if status in (401, 403, 429) or status >= 500:
        return False
    if status >= 400:
        return True
    from protego import Protego

    answer: bool = Protego.parse(body.decode("utf-8-sig", "replace")).can_fetch(url, AGENT)
    return answer


# --- the verdict ---------------------------------------------------------------------


def _verdict(told: dict[str, Any], problem: str, now: datetime) -> tuple[str, str]:
    """What holds now, the strongest first: a document, a debt, a copy, then what would become of it."""
    for article in told["articles"]:
        return _verdict_on(article)
    for debt in told["debts"]:
        return debt["state"], why_text.debt(debt, now)
    if problem:
        return "refused", f"would be refused: {problem}"
    polled = next((claim for claim in told["sources"] if claim["polls"]), None)
    if polled:
        return "list", f"a list that {polled['source']} polls, no article"
    for copy in told["copies"]:
        return "copied", f"not collected from here; {copy['path']} ({copy['source']}) is a copy of it"
    admitted = next((claim for claim in told["sources"] if claim["key"]), None)
    if admitted:
        forbids = any(not robots["allows"] for robots in told["robots"])
        more = ", but robots.txt disallows it" if forbids else ""
        return "unseen", f"never seen; would be let in by {admitted['source']}, rule {admitted['rule']}{more}"
    near = [claim["source"] for claim in told["sources"]]
    if near:
        return "dropped", f"would be dropped: on a host of {', '.join(near)}, but no rule of theirs calls it an article"
    return "dropped", "would be dropped: no source has this host; `save` takes a page of any site"


def _verdict_on(article: Row) -> tuple[str, str]:
    path = article["path"]
    if article["document"] == "missing":
        return "removed", f"was saved as {path}; a person has removed it, and it stays so"
    if article["document"] == "lost":
        return "saved", f"was saved as {path} and lost to the disk; the next crawl fetches it again"
    gone = f", withdrawn from its site since {why_text.local(article['withdrawn'])}" if article["withdrawn"] else ""
    if article["by"] == "same-text":
        return "duplicate", f"a duplicate of {article['key']} (same title, day and text), saved as {path}{gone}"
    if article["by"] != "own":
        return "saved", f"another address of {article['key']} ({article['by']}), saved as {path}{gone}"
    revision = f", revision {article['revision']}" if article["revision"] > 1 else ""
    return "withdrawn" if gone else "saved", f"saved as {path}{revision}{gone}"
