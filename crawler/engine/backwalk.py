"""One list on its way back, and where each walk of a source begins: at the list's first page, or where it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protego import Protego

from crawler.dedup.identity import AddressError, canonical_url, is_own_host
from crawler.engine.options import Options
from crawler.engine.walk import Walk
from crawler.models import Candidate, ListPage, Moment
from crawler.storage.backfill import Reached, WalksBack
from crawler.storage.gaps import Gaps, OpenGap

if TYPE_CHECKING:
    from crawler.engine.spider import NewsSpider


@dataclass(slots=True)
class BackWalk(Walk):
    page: int = 0  # the last that was read, counted from the list's first; of a sitemap each ROWS entries are one
    place: str = ""  # its address, with which the walk can begin again
    whole: tuple[int, str] | None = None  # page and place before the first where --since left something out
    asked: str = ""  # the address by which the page under way was asked for
    is_resumed: bool = False  # the page under way was read before: it has to show something known
    last_rows: tuple[Candidate, ...] = ()  # of the page that was read last
    modified: Mapping[str, Moment] = field(default_factory=dict)
    read_files: list[str] = field(default_factory=list)  # sitemaps that were read to their end
    reached: str = ""  # ISO: all that the list shows and that is younger was met
    gaps: list[tuple[OpenGap, dict[str, Moment | None]]] = field(default_factory=list)  # with what was shown before
    end: str = ""  # why it has ended, for this run

    def resume(self, before: Reached, options: Options) -> None:
        """Go on where the last run has stopped, unless that was as far as is asked for now."""
        self.page, self.place, self.reached = before.page, before.url, before.day
        if options.pages is not None and before.page >= options.pages:
            self.end = f"{options.pages} pages were read before"
        elif options.pages is None and options.since is not None and "" < before.day < options.since.isoformat():
            self.end = f"{options.since} was reached before"
        elif self.entry.kind == "sitemap":
            self.read_files = before.url.split("\n") if before.url else []
            self.files.update(self.read_files)
        elif before.url:
            self.alternatives, self.is_resumed = (before.url,), True
            self.page, self.pages = before.page - 1, 1
            self.has_hopped = self.is_paper

    def begin_anew(self) -> None:
        self.is_resumed, self.has_hopped, self.alternatives = False, False, (self.entry.url,)
        self.page, self.pages = 0, 0


def begin(spider: NewsSpider) -> list[BackWalk]:
    """A walk for each list of the source, its archives, and the sitemaps that are named to robots."""
    source, library = spider.source, spider.session.library
    extra = [replace(entry, optional=True) for entry in (*source.archives, *_sitemaps(spider))]
    entries = {entry.url: entry for entry in reversed((*source.lists, *extra))}
    known = library.lists.open(spider.name, source.zone, entries.values())
    before, gaps = WalksBack(library.index).of(spider.name), Gaps(library.index).open(spider.name)
    walks = []
    for url, entry in reversed(entries.items()):
        walk = BackWalk(entry, known[url], alternatives=(url,))
        if url in before:
            walk.resume(before[url], spider.session.options)
        for gap in gaps:
            if gap.gap.list == url:
                walk.gaps.append((gap, library.lists.shown_before(walk.known, gap.found, source.zone)))
        walks.append(walk)
    return walks


def _sitemaps(spider: NewsSpider) -> Iterator[ListPage]:
    """Those that the robots.txt of the lists' hosts name."""
    for scheme, netloc in sorted({urlsplit(entry.url)[:2] for entry in spider.source.lists}):
        kept = spider.session.library.lists.robots(f"{scheme}://{netloc}")
        if kept is None or kept[1] != 200:
            continue
        for url in Protego.parse(kept[2].decode("utf-8-sig", "replace")).sitemaps:
            try:
                canonical_url(url)
            except AddressError:
                continue
            if is_own_host(url, spider.source):
                yield ListPage(url, kind="sitemap", optional=True)
