"""Single pages: `save` stores them, `try` shows what they would become, `extract` reads a saved file."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from crawler.dedup.identity import AddressError, canonical_url, is_own_host, key_of
from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.engine.process import Job
from crawler.engine.session import Look
from crawler.engine.spider import NewsSpider, page_spider
from crawler.errors import ExtractionError, UsageError
from crawler.models import Extraction, Moment, Page, Precision, RunReport, Source, Style

DEFAULT_STYLE: Style = "archive"  # of pages of a site without a source: the one style that carries the address


def jobs_for(urls: Iterable[str], options: Options) -> list[Job]:
    """Each address to its source, or to its host; raises UsageError for what is no address."""
    loader = SourceLoader(options.configuration.spiders)
    loader.check(options.configuration)
    for why in loader.broken.values():
        logging.warning("%s; its pages are read the generic way", why)
    by_name: dict[str, tuple[type[NewsSpider], list[str]]] = {}
    for url in dict.fromkeys(urls):
        try:
            # generic_key does not count a leading www. either: one page, one folder.
            host = (urlsplit(canonical_url(url)).hostname or "").removeprefix("www.")
        except AddressError as error:
            raise UsageError(f"{url!r}: {error}; give a full http or https address") from error
        spider = next((each for each in loader.spiders.values() if key_of(url, each.source)), None)
        polled = [name for name, each in loader.spiders.items() if url in [entry.url for entry in each.source.lists]]
        if polled:
            raise UsageError(f"{url} is a list that {polled[0]} polls, no article; say: crawl {polled[0]}")
        if spider is None:
            near = next((name for name, each in loader.spiders.items() if is_own_host(url, each.source)), "")
            if near:
                logging.warning("%s: on a host of %s, but no article address of it; read the generic way", url, near)
            spider = by_name[host][0] if host in by_name else page_spider(host, DEFAULT_STYLE)
        by_name.setdefault(spider.name, (spider, []))[1].append(url)
    return [Job(spider, tuple(urls)) for spider, urls in by_name.values()]


# --- try ---------------------------------------------------------------------------


def show_look(url: str, looks: Sequence[Look], report: RunReport, *, as_json: bool) -> int:
    """Print what the page would become; exit code 1 if it would become nothing."""
    if not looks:
        reason = next((source.reason for source in report.sources if source.reason), "nothing was fetched")
        click.echo(json.dumps({"url": url, "problem": reason}) if as_json else f"{url}: {reason}", err=not as_json)
        return 1
    look = looks[-1]
    extraction = look.extraction or Extraction()
    if as_json:
        fields = {
            "url": look.url,
            "path": look.document.path if look.document else "",
            **as_fields(extraction),
        }
        if look.document:
            fields["document"] = look.document.content.decode()
        click.echo(json.dumps(fields, ensure_ascii=False))
    elif look.document is None:
        click.echo(f"{look.url}: {look.reason}", err=True)
    else:
        click.echo(look.document.content.decode())
        click.echo(f"\n---- {look.document.path} ({look.document.style}); where it came from ----")
        for name, provenance in extraction.evidence.items():
            click.echo(f"{name:>12}: {provenance}")
    return int(look.document is None)


# --- extract -----------------------------------------------------------------------


def show_extraction(body: bytes, url: str, zone: str, *, as_json: bool) -> int:
    """Print the fields of a saved page; exit code 1 if it is no article."""
    from crawler.extraction.page import extract

    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(f"--zone: {zone!r} is no IANA time zone, for instance Asia/Shanghai") from None
    if body[:2] == b"\x1f\x8b":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"the file is a damaged gzip: {error}") from error
    try:
        source = _source_of(url) if url else None
        extraction = extract(Page(url=url, body=body, fetched=datetime.now(UTC)), source, zone=zone)
    except ExtractionError as error:
        extraction = Extraction(problem="unextractable", detail=str(error))
    if as_json:
        click.echo(json.dumps(as_fields(extraction), ensure_ascii=False))
    else:
        _print_fields(extraction)
    return int(bool(extraction.problem))


def _source_of(url: str) -> Source | None:
    """The source whose article this address is: its declared selectors serve a saved page as well."""
    from crawler.configuration import load

    spiders = SourceLoader(load().spiders).spiders.values()
    return next((spider.source for spider in spiders if key_of(url, spider.source)), None)


# What a field is called there that has another name here.
_FIELD = {"published": "date", "authors": "author", "medium": "source", "body": "text"}


def as_fields(extraction: Extraction) -> dict[str, Any]:
    """The fields that `extract --json` promises to other programs."""
    return {
        "title": extraction.title,
        "date": date_text(extraction.published),
        "author": list(extraction.authors),
        "source": extraction.medium,
        "section": extraction.section,
        "original_url": extraction.original_url,
        "language": extraction.language,
        "text": extraction.text,
        "html": extraction.html,
        "confidence": extraction.confidence,
        "images": [asdict(image) for image in extraction.images],
        "next_url": extraction.next_url,
        "evidence": {_FIELD.get(name, name): where for name, where in extraction.evidence.items()},
        "problem": extraction.problem,
        "detail": extraction.detail,
    }


def date_text(moment: Moment | None) -> str:
    """ISO 8601 with zone; a bare day where only a day is known; "" where nothing is."""
    if moment is None:
        return ""
    return moment.day.isoformat() if moment.precision is Precision.DAY else moment.at.isoformat()


def _print_fields(extraction: Extraction) -> None:
    if extraction.problem:
        click.echo(f"no article: {extraction.problem}: {extraction.detail}", err=True)
        return
    rows = {
        "title": extraction.title,
        "date": date_text(extraction.published),
        "author": "、".join(extraction.authors),
        "source": extraction.medium,
        "section": extraction.section,
    }
    for name, value in rows.items():
        provenance = extraction.evidence.get(
            {"date": "published", "author": "authors", "source": "medium"}.get(name, name)
        )
        click.echo(f"{name:>8}: {value}" + (f"   [{provenance}]" if value and provenance else ""))
    click.echo(f"\n{extraction.text}")
    if extraction.next_url:
        click.echo(f"\ngoes on at {extraction.next_url}, not joined", err=True)
