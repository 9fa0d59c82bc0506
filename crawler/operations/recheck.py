"""`recheck`: look again, now, at stored articles: those of sources, or single ones by their address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.dedup.identity import AddressError, canonical_url, key_of
from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.engine.process import Job
from crawler.engine.session import Session
from crawler.engine.spider import NewsSpider, page_spider
from crawler.errors import UsageError
from crawler.models import RunReport, Style
from crawler.operations.run import Watch, run_jobs

if TYPE_CHECKING:
    from crawler.storage.looks import SecondLook

YOUNG = timedelta(days=8)  # how far back a source's articles are looked at again without --since
_STYLE: Style = "archive"  # of no consequence: a stored document keeps its own


def recheck(
    options: Options, loader: SourceLoader, words: Sequence[str], since: date | None, *, watch: Watch
) -> RunReport:
    """``words`` are source names or addresses. Raises UsageError, before any request, for one that is not known."""
    for word in words:
        if "/" not in word:
            _refuse_unknown(loader, word)
    session = Session(options).open()
    try:
        found: dict[str, dict[int, SecondLook]] = {}
        for word in words or sorted(loader.spiders):
            looks = _of_address(session, loader, word) if "/" in word else _of_source(session, loader, word, since)
            for look in looks:
                by_hand = replace(look, by_hand="/" in word)
                found.setdefault(look.candidate.source, {})[look.article] = by_hand
        with session.library.index.transaction() as connection:
            session.library.looks.thaw(connection, [id_ for looks in found.values() for id_ in looks])
        jobs = [Job(_spider(loader, name), looks=tuple(looks.values())) for name, looks in found.items()]
    except UsageError:
        session.take_back()
        session.close()
        raise
    except BaseException:
        session.close()
        raise
    try:
        return run_jobs(session, jobs, [], watch)
    finally:
        session.close()


def _refuse_unknown(loader: SourceLoader, name: str) -> None:
    if name not in loader.spiders:
        known = ", ".join(sorted(loader.spiders))
        raise UsageError(f"{name!r} is neither a source nor an address; the sources are {known}")


def _of_source(session: Session, loader: SourceLoader, name: str, since: date | None) -> list[SecondLook]:
    zone = ZoneInfo(loader.spiders[name].source.zone)
    start = datetime(since.year, since.month, since.day, tzinfo=zone) if since else session.now() - YOUNG
    return session.library.looks.of_source(name, start)


def _of_address(session: Session, loader: SourceLoader, word: str) -> list[SecondLook]:
    try:
        url = canonical_url(word)
    except AddressError as error:
        raise UsageError(f"{word!r}: {error}; give a full http or https address") from error
    looks = session.library.looks
    found = looks.of_address(url)
    for name, spider in loader.spiders.items() if not found else ():
        if key := key_of(word, spider.source):
            found = looks.of_key(name, key)
    if not found:
        raise UsageError(f"{word} is not in the collection; `save` stores it")
    return found


def _spider(loader: SourceLoader, name: str) -> type[NewsSpider]:
    return loader.spiders.get(name) or page_spider(name, _STYLE)
