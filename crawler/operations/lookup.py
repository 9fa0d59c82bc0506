"""From what a person gives, an address or a document's path, to the articles that are meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from crawler.configuration import Configuration
from crawler.dedup.identity import AddressError, canonical_url, generic_key, key_of
from crawler.discovery.scope import admit
from crawler.errors import UsageError
from crawler.models import ListPage, Source
from crawler.storage import history
from crawler.storage.stored import StoredArticleView


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source file says of an address."""

    source: str
    key: str  # "" if it is no article of this source
    rule: str  # the pattern that lets it in
    reason: str  # why it would be dropped: host, not-an-article, scheme …
    polls: ListPage | None = None  # the address is a list of this source


def claims_on(url: str, configuration: Configuration) -> list[Claim]:
    """What every source says of an address; one that can not be loaded is named on stderr."""
    from crawler.engine.loader import SourceLoader

    loader = SourceLoader(configuration.spiders)
    for stem, why in loader.broken.items():
        click.echo(f"broken: {stem}: {why}", err=True)
    return [_claim(url, spider.source) for spider in loader.spiders.values()]


def _claim(url: str, source: Source) -> Claim:
    admission = admit(url, source)
    rules = (rule for rule in source.articles if key_of(url, replace(source, articles=(rule,))))
    address = _address(url)
    polled = (entry for entry in source.lists if address and _address(entry.url) == address)
    return Claim(
        source.name, admission.key, next(rules, "") if admission.key else "", admission.reason, next(polled, None)
    )


def generic_name(url: str) -> tuple[str, str]:
    """Source and key under which `save` files a page of a site without a source. Raises AddressError."""
    host = urlsplit(canonical_url(url)).hostname or ""
    return host.removeprefix("www."), generic_key(url)


def articles_of(root: Path, configuration: Configuration, asked: str) -> list[StoredArticleView]:
    """The articles of an address or a path; the one whose own address it is comes first. Raises UsageError for none."""
    address = _address(asked)
    if not address:
        return [article_in(root, asked)]
    found = history.articles_at(root, address) or history.articles_known_as(root, [generic_name(asked)])
    if not found:  # the source's own id may stand in another form of the address; asking costs half a second
        names = [(claim.source, claim.key) for claim in claims_on(asked, configuration) if claim.key]
        found = history.articles_known_as(root, names)
    if not found:
        raise UsageError(f"no article of {asked} is in {root}; `why` tells what is known of it")
    return found


def article_in(root: Path, asked: str) -> StoredArticleView:
    """The article of a document, by its path: relative to the collection, or as the shell knows it. Raises UsageError."""
    try:
        canonical_url(asked)
        problem = ""
    except AddressError as error:
        problem = str(error)
    for place in (root / asked, Path(asked)):
        try:
            relative = place.resolve().relative_to(root)
        except (ValueError, OSError):  # not in the collection; no name of a file
            continue
        if found := history.article_in(root, str(relative)):
            return found
    raise UsageError(f"{asked!r} is neither a document of {root} nor an address ({problem})")


def _address(text: str) -> str:
    """Its identity form, "" for what is no address."""
    try:
        return canonical_url(text)
    except AddressError:
        return ""
