"""What `why` knows, as lines for a person: the verdict first, then what it rests on. Only forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from crawler.storage.trail import Row

_DOCUMENT = {
    "stored": "as it was written",
    "edited": "edited by a person; never overwritten",
    "missing": "removed by a person; it stays so",
    "lost": "lost to the disk; the next crawl fetches it again",
}
_DROPPED = {"not-an-article": "no rule lets it in"}


def local(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}" if stamp else "never"


def _when(due: str, now: datetime) -> str:
    return "with the next crawl" if datetime.fromisoformat(due) <= now else local(due)


def debt(row: Row, now: datetime) -> str:
    """One row of the frontier, as a sentence."""
    since, reason = local(row["found"]), row["reason"] or "no reason is noted"
    times = f"{row['tries']} {'try' if row['tries'] == 1 else 'tries'}"
    if row["state"] == "owed" and not row["reason"]:
        return f"owed since {since}: not tried yet; the next crawl fetches it"
    if row["state"] == "owed":
        return f"owed since {since}, next try {_when(row['due'], now)}, because: {reason}"
    if row["state"] == "quarantined":
        return f"not published, since {since}, next try {_when(row['due'], now)}: {reason}"
    if row["state"] == "given-up":
        return f"given up after {times}: {reason}"
    return f"{row['state']}, not asked for again: {reason}"


def lines(told: dict[str, Any], now: datetime) -> Iterator[str]:
    yield told["sentence"]
    rows = [("address", told["url"])] if told["url"] else []
    if told["address"] not in ("", told["url"]):
        rows.append(("known by", told["address"]))
    rows += [*_claims(told), *_robots(told), *_found(told)]
    rows += [("owed", debt(row, now)) for row in told["debts"] if debt(row, now) != told["sentence"]]
    rows += [("fetched", _visit(row, told["url"])) for row in told["visits"]]
    for article in told["articles"]:
        rows += _article(article, now)
    rows += [("copy", f"{row['path']} ({row['source']}) names this address as its original") for row in told["copies"]]
    rows += [("last run", _run(row)) for row in told["runs"]]
    last = ""
    for label, value in rows:
        yield f"{'' if label == last else label:>11}  {value}"
        last = label


def _claims(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for claim in told["sources"]:
        if claim["polls"]:
            yield "list", f"{claim['source']} polls it"
        elif claim["key"]:
            yield "let in", f"by {claim['source']} as {claim['key']}, rule {claim['rule']}"
        else:
            yield "dropped", f"by {claim['source']}: {_DROPPED.get(claim['dropped'], claim['dropped'])}"
    if not told["sources"] and told["other_sources"]:
        yield "dropped", f"by all {told['other_sources']} sources: no host of theirs"


def _robots(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for row in told["robots"]:
        yield (
            "robots",
            f"{'allows' if row['allows'] else 'forbids'} it: {row['place']}, {row['status']}, read {local(row['read'])}",
        )
    if told["address"] and not told["robots"]:
        yield "robots", "no robots.txt of this host is kept"


def _found(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    has_several = len({row["key"] for row in told["found"]}) > 1
    for row in told["found"]:
        key = f", as {row['key']}" if has_several else ""
        section = f" {row['section']}" if row["section"] else ""
        until = "still there" if row["still_shown"] else "last"
        yield "found", f"{local(row['first_seen'])}, {until} {local(row['last_seen'])}, on {row['list']}{section}{key}"


def _visit(row: Row, asked: str) -> str:
    # No status: nothing was asked, or nothing answered; the outcome says which.
    answer = f"{row['status']}, {row['bytes']:,} bytes: " if row["status"] else ""
    where = f"  {row['url']}" if row["url"] != asked else ""
    return f"{local(row['at'])}  {answer}{row['outcome']}{where}"


def _run(row: Row) -> str:
    reason = f": {row['last_reason']}" if row["last_reason"] else ""
    return f"{row['name']} {row['title']}, {local(row['last_run'] or '')}, {row['last_verdict'] or 'not ended'}{reason}"


def _article(article: Row, now: datetime) -> Iterator[tuple[str, str]]:
    yield "document", f"{article['path']}: {_DOCUMENT[article['document']]}"
    yield "title", article["title"]
    if article["published"]:
        yield "published", f"{article['published']} (known to the {article['precision']})"
    yield "extracted", f"{local(article['fetched'])} by {article['extractor'] or 'a version that is not noted'}"
    yield from (("field", f"{name:<9} from {where}") for name, where in article["evidence"].items())
    if article["original_url"]:
        yield "copy of", article["original_url"]
    yield from _names(article["source"], article["key"], article["known_as"], article["addresses"])
    for change in article["history"]:
        what = f"revision {change['revision']}" if change["op"] in ("add", "revise") else ""
        told = ", ".join(filter(None, (what, change["reason"], change["path"] if change["place"] == "kept" else "")))
        yield "changes", f"{local(change['at'])}  {change['op']:<8}  {told}"
    yield "next look", _look(article["next_look"], now)


def _names(source: str, key: str, known_as: Iterable[Row], addresses: Iterable[Row]) -> Iterator[tuple[str, str]]:
    yield "identity", f"{source}/{key}"
    yield from (("also as", f"{row['key']} ({row['rule']})") for row in known_as if row["key"] != key)
    yield from (("also at", f"{row['url']} ({row['kind']})") for row in addresses if row["kind"] == "met")


def _look(row: Row | None, now: datetime) -> str:
    if row is None:
        return "none is planned"
    if row["frozen"]:
        return f"frozen: {row['frozen']}"
    checked = f", the last {local(row['checked'])}" if row["checked"] else ""
    return f"{_when(row['due'], now)}, after {row['done']} so far{checked}"
