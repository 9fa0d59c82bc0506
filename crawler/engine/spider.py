"""NewsSpider: the base of every source file.

A source file declares data (``models.Source``); an odd source overrides one of the
methods under "what an odd source may override". Lists are polled by ``polling``,
articles fetched by ``fetching``; nothing here extracts, decides or writes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, ClassVar

from scrapy import Spider, signals
from scrapy.exceptions import DontCloseSpider

from crawler.dedup.identity import generic_key, key_of
from crawler.discovery import api, feed, listing, paper, sitemap
from crawler.discovery.scope import admit
from crawler.engine.backfill import BackWalker
from crawler.engine.backwalk import BackWalk
from crawler.engine.declaration import declare
from crawler.engine.fetching import ArticleFetcher
from crawler.engine.looking import SecondLooks
from crawler.engine.polling import ListPoller
from crawler.engine.session import Session, current
from crawler.engine.tally import Tally
from crawler.errors import ListError, StorageError
from crawler.extraction import charset, stub
from crawler.extraction.lines import dates
from crawler.extraction.text import clean_line, clean_title
from crawler.models import Candidate, ListPage, ListReading, Moment, Page, Source, Style
from crawler.storage.looks import SecondLook
from crawler.storage.visits import Visit

_READERS = {
    "listing": listing.read,
    "feed": feed.read,
    "paper": paper.read_issue,
    "node": paper.read_node,
    "sitemap": sitemap.read,
}


def sections(address: str, table: str) -> tuple[ListPage, ...]:
    """List pages of a site whose sections differ by a slug: ``address`` with {} for it, and "slug name | slug name …"."""
    pairs = [row.split() for row in table.replace("\n", "|").split("|") if row.strip()]
    return tuple(ListPage(address.format(slug), name) for slug, name in pairs)


class NewsSpider(Spider):
    source: ClassVar[Source]
    session: Session

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "name" in cls.__dict__ and "source" not in cls.__dict__:
            cls.source = declare(cls, NewsSpider)

    # --- what an odd source may override -----------------------------------------

    def read_list(self, page: Page, entry: ListPage) -> ListReading:
        """Bytes of a list page -> candidates. Raises ListError if it is not what it should be."""
        if entry.kind not in _READERS:
            raise ListError(f"a list of kind {entry.kind!r} needs a read_list of its own")
        return _READERS[entry.kind](page, self.source, entry)

    def next_list_urls(self, page: Page, entry: ListPage, number: int, reading: ListReading) -> tuple[str, ...]:
        """Addresses that page ``number`` (2, 3 …) may have, tried in order; () ends the list."""
        if entry.kind in ("paper", "node"):
            return paper.earlier_issues(page.url, self.source)
        return (reading.next_url,) if reading.next_url else ()

    def article_url(self, candidate: Candidate) -> str:
        """Where the article is fetched."""
        return candidate.url

    def forward(self, page: Page) -> str:
        """The address of the real article when this page is only a stub that leads to it."""
        return ""

    # --- what it has at hand for that ---------------------------------------------

    def json_rows(self, page: Page, path: str) -> list[dict[str, Any]]:
        """The rows at ``path`` ("data.list") of a JSON or JSONP answer; raises ListError.

        A row that is no object comes as an empty one, which makes no candidate and is counted as skipped.
        """
        return [row if isinstance(row, dict) else {} for row in api.dig(api.load(page), path)]

    def candidate(
        self,
        page: Page,
        entry: ListPage,
        url: str,
        *,
        title: Any,
        published: Any = "",
        medium: Any = "",
        image: Any = "",
    ) -> Candidate | None:
        """A candidate from the raw values of a row; None if it has no title or is no article of this source."""
        admission = admit(url, self.source)
        heading = clean_title(str(title or ""))
        if not admission.key or not heading:
            return None
        return Candidate(
            source=self.source.name,
            key=admission.key,
            url=admission.url,
            title=heading,
            published=dates.parse(str(published or ""), zone=self.source.zone, now=page.fetched, provenance="list"),
            section=entry.section,
            medium=clean_line(str(medium or ""), 80),
            image=clean_line(str(image or ""), 500),
        )

    def stub_target(self, page: Page) -> str:
        """Where a 跳转中 page leads, "" if it is none."""
        return stub.redirect_target(charset.decode(page.body, page.charset).text, page.url)

    # --- life ----------------------------------------------------------------------

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **options: Any) -> Any:
        spider = super().from_crawler(crawler, *args, **options)
        spider.session = current(crawler.settings)
        if spider.session.options.command == "backfill":
            spider.back = BackWalker(spider)
            crawler.signals.connect(spider.idle, signals.spider_idle)
        crawler.signals.connect(spider.closing, signals.spider_closed)
        crawler.signals.connect(spider.erred, signals.spider_error)
        return spider

    def __init__(
        self,
        *args: Any,
        urls: Iterable[str] | None = None,
        looks: Iterable[SecondLook] | None = None,
        only_due: bool = False,
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.only_due = only_due  # of the lists
        self.looks = None if looks is None else tuple(looks)  # these stored articles instead of the lists
        self._answered: dict[str, tuple[int, int]] = {}  # the last answer for a key: status and bytes
        self.urls = None if urls is None else tuple(urls)  # single pages instead of the lists
        self.fetcher = ArticleFetcher(self)
        self.looker = SecondLooks(self)
        self.poller = ListPoller(self)
        self.back: BackWalker | None = None

    @property
    def tally(self) -> Tally:
        return self.session.tally(self.name)

    async def start(self) -> AsyncIterator[Any]:
        self.session.on_stop(self._stop)
        if self.looks is not None:
            self.looker.enqueue(self.looks)
        elif self.urls is not None:
            for url in self.urls:
                key = key_of(url, self.source) if self.source.articles else ""
                self.fetcher.enqueue([Candidate(self.name, key or generic_key(url), url)])
                self.tally.found += 1
        else:
            for request in self.poller.first_requests():
                yield request
            if self.back is None:  # else it hands them out, within its budget
                self.fetcher.enqueue_debts()
            if self.back is None and self.session.recording is None:
                self.looker.enqueue_due()
        self.fetcher.pump()

    def _stop(self) -> None:
        from scrapy.utils.defer import deferred_from_coro

        deferred_from_coro(self.crawler.engine.close_spider_async(reason="storage trouble"))

    def idle(self) -> None:
        """Nothing is left to do: what is fresh was had, so it may go back."""
        assert self.back is not None
        try:
            goes_on = self.back.go_on()
        except StorageError as error:
            self.session.stop(error)
            return
        except Exception as error:  # Scrapy would log it and end the spider as if all were well
            self.logger.exception("%s: walking back", self.name)
            self.tally.broken = f"internal error: {type(error).__name__}: {error}"
            return
        if goes_on:
            raise DontCloseSpider

    def closing(self, reason: str) -> None:
        if reason == "shutdown":  # SIGINT or SIGTERM: Scrapy lets what is under way end in order
            self.session.stopping = self.session.stopping or "interrupted"
        elif reason != "finished" and self.session.trouble is None:
            self.tally.broken = self.tally.broken or f"the spider ended early: {reason}"
        try:
            self.poller.save_polls()
            if self.back is not None:
                self.back.close()
            self.looker.close()
        except StorageError as error:
            self.session.stop(error)
        self.session.source_ended(self.name)

    def erred(self, failure: Any, response: Any) -> None:
        """An error in a callback, perhaps in a source's own method: it costs that list or page, with its name."""
        error = failure.value
        if isinstance(error, StorageError):
            self.session.stop(error)
            return
        reason = f"internal error: {type(error).__name__}: {error}"
        self.logger.error("%s: %s: %s", self.name, response.url, reason, exc_info=error)
        held = response.request.cb_kwargs
        if "walk" in held:
            walker = self.back if self.back is not None and isinstance(held["walk"], BackWalk) else self.poller
            walker.broke(held["walk"], reason)
        elif "candidate" in held:
            self.fetcher.put_off(held["candidate"], reason)

    # --- what `why` will tell --------------------------------------------------------

    def answered(self, candidate: Candidate, status: int, size: int) -> None:
        self._answered[candidate.key] = (status, size)

    def note_visit(self, candidate: Candidate, outcome: str) -> None:
        """What has become of an article's page; written with the next transaction."""
        status, size = self._answered.pop(candidate.key, (0, 0))
        if self.session.stores:
            at = self.session.now().isoformat()
            self.session.library.visits.append(
                Visit(self.name, candidate.key, candidate.url, at, status, size, outcome)
            )

    def is_too_old(self, published: Moment | None) -> bool:
        """Left out by --since; an article without a date never is."""
        since = self.session.options.since
        return since is not None and published is not None and published.day < since


def page_spider(host: str, style: Style) -> type[NewsSpider]:
    """A spider for single pages of a site without a source file, stored under its host's name."""
    source = Source(name=host, title=host, home=f"https://{host}/", hosts=(host,), style=style, zone="")
    return type("PageSpider", (NewsSpider,), {"name": host, "source": source})
