"""One article from bytes to document: extract, join its pages, judge, submit. One plain chain, one place.

A page is never dropped silently: each way out of ``process_item`` counts somewhere.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import UTC
from typing import Any

from crawler import __version__
from crawler.dedup.identity import AddressError, canonical_url, generic_key, key_of
from crawler.engine.fetching import Fetched
from crawler.engine.session import Look, Session, current
from crawler.engine.spider import NewsSpider
from crawler.errors import ExtractionError, StorageError
from crawler.extraction.series.joining import adds, joined
from crawler.formats import Context, document_path, render
from crawler.health.traits import trait_of
from crawler.models import Article, Candidate, Document, Extraction, Page, Precision, Source, Style, Verb
from crawler.schedule.recheck import Looks, next_recheck
from crawler.storage.aside import keep_page
from crawler.storage.library import Outcome, Submission
from crawler.storage.lists import Validators

# Problems that time does not heal: the address is something else than an article.
FINAL_PROBLEMS = frozenset(("not-html",))
MOST_PAGES = 30  # of one article; a pager without an end must not cost the run


class ArticlePipeline:
    def __init__(self, crawler: Any):
        self.crawler = crawler
        self.session: Session = current(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Any) -> ArticlePipeline:
        return cls(crawler)

    @property
    def spider(self) -> NewsSpider:
        spider: NewsSpider = self.crawler.spider
        return spider

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Fetched):
            return item
        try:
            try:
                await self._process(item)
            except StorageError:
                raise
            except Exception as error:
                # Our own mistake, or something no test has thought of: it costs this page, with its name.
                self.spider.logger.exception("%s: %s", self.spider.name, item.candidate.url)
                self.spider.fetcher.put_off(item.candidate, f"internal error: {type(error).__name__}: {error}")
        except StorageError as error:
            self.session.stop(error)
        finally:
            self.session.in_flight -= 1
        return item

    async def _process(self, item: Fetched) -> None:
        spider, session = self.spider, self.session
        extraction = await self._extract(item, item.page)
        is_look = spider.looker.has(item.candidate)
        is_left_out = not is_look and spider.is_too_old(extraction.published)
        if not extraction.problem and not is_left_out:
            whole = await self._whole(item, extraction)
            if whole is None:
                return
            item, extraction = whole
        if is_look and extraction.problem:
            spider.looker.unreadable(item.candidate, extraction)
            return
        self._count_fields(item, extraction)
        if session.options.looks_only:
            session.looks.append(self._look(item, extraction))
            spider.fetcher.settled()
        elif extraction.problem in FINAL_PROBLEMS:
            spider.fetcher.close(item.candidate, f"{extraction.problem}: {extraction.detail}", "rejected")
        elif extraction.problem:
            self._quarantine(item, extraction)
        elif is_left_out:
            # Left out by --since: it stays owed, and its date is known from now on.
            session.library.frontier.learn(replace(item.candidate, published=extraction.published))
            spider.fetcher.settled()
        elif not is_look and (reserved := self._refused_by(extraction)):
            spider.fetcher.close(item.candidate, f"reserved: {reserved}", "rejected")
        else:
            await self._submit(item, extraction)

    def _refused_by(self, extraction: Extraction) -> str:
        """What the page reserves, where the user wants that to be heeded."""
        heeds = self.session.options.configuration.reservations == "refuse"
        return extraction.evidence.get("reservations", "") if heeds else ""

    async def _extract(self, item: Fetched, page: Page) -> Extraction:
        # To a page of a foreign site our list's date and section say little: they come in where it tells none.
        hint = item.candidate if item.by else replace(item.candidate, published=None, section="", medium="")
        try:
            return await self.session.worker.extract(page, item.by, hint, self.spider.source.zone)
        except ExtractionError as error:
            return Extraction(problem="unextractable", detail=str(error))

    async def _whole(self, item: Fetched, first: Extraction) -> tuple[Fetched, Extraction] | None:
        """The article with all its pages; None if one was not had, and the article is put off for it.

        The pages end where none is linked, where one is linked again, or where one says nothing new.
        """
        spider, parts = self.spider, [first]
        met = {_page_key(item.page.url)}
        further: list[str] = []
        while (url := parts[-1].next_url) and len(parts) < MOST_PAGES:
            page = None
            if _page_key(url) not in met:
                page = await spider.fetcher.further(item, url, len(parts) + 1)
                if page is None:
                    return None
            if page is None or _page_key(page.url) in met:
                parts[-1] = replace(parts[-1], next_url="")
                break
            part = await self._extract(item, page)
            if part.problem:
                told = f"page {len(parts) + 1} of {item.page.url}: {part.problem}: {part.detail}"
                return replace(item, page=page), replace(part, problem="incomplete", detail=told)
            if not adds(parts, part):
                parts[-1] = replace(parts[-1], next_url="")
                break
            met |= {_page_key(url), _page_key(page.url)}
            further += [url, page.url]
            parts.append(part)
        if item.led_from and _page_key(item.led_from) not in met:
            reason = f"it says that it is a further page of {item.page.url}, which does not lead to it"
            spider.fetcher.put_off(item.candidate, reason)
            return None
        if parts[-1].next_url:
            spider.logger.warning(
                "%s: %s: goes on after %d pages; the rest is left", spider.name, item.page.url, len(parts)
            )
        return replace(item, further=tuple(further)), joined(parts)

    def _count_fields(self, item: Fetched, extraction: Extraction) -> None:
        tally, source = self.spider.tally, item.by
        if source is None or extraction.problem:
            return
        tally.generic += source.declares_body and not extraction.by_container
        tally.no_title += not extraction.title
        tally.no_date += bool(source.published) and extraction.published is None

    async def _submit(self, item: Fetched, extraction: Extraction) -> None:
        spider, session = self.spider, self.session
        article = article_of(item, extraction, spider.source)
        pages = {key_of(url, spider.source) or _page_key(url) for url in item.further} - {article.key}
        submission = Submission(
            article,
            session.style_for(spider.source),
            document_path(article, key_is_case_sensitive=spider.source.key_is_case_sensitive),
            self._render,
            settles=(item.candidate.key, *sorted(pages)),
            look=self._first_look(item, article),
            hides_copies=session.copies_for(spider.name) == "primary",
            by_hand=spider.urls is not None
            or (spider.looker.has(item.candidate) and spider.looker.is_by_hand(item.candidate)),
        )
        outcome = await session.shelve(submission)
        self._count(outcome, item.candidate, article)
        spider.note_visit(item.candidate, f"{outcome.decision.verb.value} ({outcome.decision.rule}): {outcome.path}")
        if spider.looker.has(item.candidate):
            spider.looker.stored(item.candidate, outcome, _validators(item))
            return
        spider.fetcher.note_joined(pages - {item.candidate.key})
        spider.fetcher.settled()

    def _first_look(self, item: Fetched, article: Article) -> dict[str, str] | None:
        """When a new article is looked at again, and with which validators; None where its source is not polled."""
        source = self.spider.source
        if not source.lists:
            return None
        is_told = article.published is not None and article.published.precision is not Precision.DAY
        start = article.published.at if is_told and article.published else article.fetched
        due = next_recheck(Looks(start, article.fetched), article.fetched, source.recheck_plan)
        if due is None:
            return None
        return {"due": due.astimezone(UTC).isoformat(), **asdict(_validators(item))}

    def _render(self, article: Article, style: Style) -> bytes:
        return render(article, style, context_of(self.spider.source, self.session))

    def _count(self, outcome: Outcome, candidate: Candidate, article: Article) -> None:
        tally, verb = self.spider.tally, outcome.decision.verb
        if verb is Verb.NEW:
            tally.saved += 1
            tally.traits.append(trait_of(article))
            if article.published is not None and article.published.precision is not Precision.DAY:
                tally.published.append(article.published.at)
            tally.paths.append(outcome.path)
        elif verb is Verb.REVISED:
            tally.revised += 1
            tally.paths.append(outcome.path)
        elif verb is Verb.UNCHANGED:
            tally.unchanged += not self.spider.looker.has(candidate)
        elif verb is Verb.DUPLICATE:
            tally.duplicates += 1
        if outcome.note:
            self.spider.logger.warning("%s: %s", self.spider.name, outcome.note)

    def _quarantine(self, item: Fetched, extraction: Extraction) -> None:
        """A doubtful page: kept aside with its reason, tried again later, never published."""
        spider, session, candidate = self.spider, self.session, item.candidate
        reason = f"{extraction.problem}: {extraction.detail}"
        spider.tally.quarantined += 1
        spider.tally.reasons[extraction.problem] += 1
        name = re.sub(r"[^a-z0-9.-]", "_", candidate.key.lower())[:80].lstrip(".-") or "page"
        kept = keep_page(session.library.disk, spider.name, name, item.page.body)
        spider.note_visit(candidate, f"quarantined: {reason}")
        spider.fetcher.owe(candidate, f"{reason}; the page is kept as {kept}", state="quarantined")
        spider.fetcher.settled()

    def _look(self, item: Fetched, extraction: Extraction) -> Look:
        if extraction.problem:
            return Look(item.page.url, None, extraction, f"{extraction.problem}: {extraction.detail}")
        source = self.spider.source
        article = article_of(item, extraction, source)
        style = self.session.style_for(source)
        path = document_path(article, key_is_case_sensitive=source.key_is_case_sensitive)
        return Look(item.page.url, Document(path, self._render(article, style), style), extraction, "")


def context_of(source: Source, session: Session) -> Context:
    return Context(
        source_title=source.title,
        category=source.category,
        aggregates=source.aggregates,
        zone=source.zone,
        site=session.options.configuration.site,
    )


def article_of(item: Fetched, extraction: Extraction, source: Source) -> Article:
    """Page and list together: the page has the word, the list fills what the page leaves out."""
    candidate = item.candidate
    # A stub's own address stands for the article; the original's is kept beside it.
    final = item.addresses[0] if item.original_url else item.page.url
    there, asked = key_of(final, source), key_of(candidate.url, source)
    # The list's id wins (it may know one that no address spells, such as data-newid),
    # unless a redirect has led to another article.
    key = there if there and asked and there != asked else candidate.key
    if item.led_from:
        key = there or generic_key(final)
    return Article(
        source=source.name,
        key=key,
        url=final.partition("#")[0],
        title=extraction.title or candidate.title,
        html=extraction.html,  # render cleans it: the worker that made it has parsed a hostile page
        text=extraction.text,
        fetched=item.page.fetched,
        published=extraction.published or candidate.published,
        authors=extraction.authors or candidate.authors,
        medium=extraction.medium or candidate.medium,
        section=extraction.section or candidate.section,
        original_url=_canonical_or_empty(item.original_url or extraction.original_url),
        images=extraction.images,
        addresses=tuple(filter(None, map(_canonical_or_empty, dict.fromkeys((final, *item.addresses))))),
        evidence={**extraction.evidence, "extractor": f"shiyi {__version__}"},
    )


def _validators(item: Fetched) -> Validators:
    """Those of the first page say nothing of the further ones: an article of several pages is read in full again."""
    return Validators() if item.further else item.validators


def _page_key(url: str) -> str:
    """Equal for addresses that lead to one page of an article."""
    try:
        return generic_key(url)
    except AddressError:  # the request will be refused, with its reason
        return url


def _canonical_or_empty(url: str) -> str:
    try:
        return canonical_url(url) if url else ""
    except AddressError:
        return ""
