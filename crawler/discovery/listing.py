"""Reads an HTML list page: the source's row selectors, or the shape of the links when they fail.

Pure. A bad row is counted, never fatal; an answer that is no page is a ListError.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.dedup.identity import AddressError, canonical_url, is_own_host
from crawler.discovery.harvest import Harvest
from crawler.discovery.markup import page_tree
from crawler.extraction.lines import dates
from crawler.extraction.selectors import elements, first, outermost, texts
from crawler.extraction.tree import Tree, absolute, line
from crawler.models import ListPage, ListReading, Moment, Page, Source

_ROWS_AROUND = 3  # rows that a row may stand in: "li" may be an item of an item


def read(page: Page, source: Source, entry: ListPage) -> ListReading:
    """The candidates of one list page, in page order.

    Of alternative ``rows`` the first that holds an article counts. When none
    does, all links of the page that are articles are taken (``by_selector`` is
    False then, unless the source declares no rows).
    """
    tree = page_tree(page, "the list")
    next_url = _next_url(tree, page, source)
    for rows in source.rows:
        harvest = Harvest(source)
        for row in outermost(elements(tree.root, rows), _ROWS_AROUND):
            harvest.add(_links(row, tree, source), published=_date(row, page, source), section=entry.section)
        if harvest:
            return harvest.reading(next_url)
    harvest = Harvest(source)
    for link in elements(tree.root, "a[href]"):
        url = absolute(link.get("href") or "", tree.base)
        harvest.add([(url, label_of(link))], section=entry.section)
    return harvest.reading(next_url, by_selector=not source.rows)


def label_of(link: HtmlElement) -> str:
    """What a link calls its target: the full title in its attribute, a heading in it, its text."""
    return (link.get("title") or "").strip() or next(iter(texts(link, "h1, h2, h3, h4")), "") or line(link)


def _links(row: HtmlElement, tree: Tree, source: Source) -> list[tuple[str, str]]:
    """Address and title; a title that is not declared comes from a link with that address."""
    declared = first(row, source.row_title)[0]
    labels: dict[str, str] = {}
    for link in elements(row, "a[href]"):
        url = absolute(link.get("href") or "", tree.base)
        labels[url] = labels.get(url) or label_of(link)
    urls = [absolute(link, tree.base) for link in first(row, source.row_link)[0]]
    return [(url, declared[0] if declared else labels.get(url, "")) for url in urls]


def _date(row: HtmlElement, page: Page, source: Source) -> Moment | None:
    for selector in source.row_date:
        for text in texts(row, selector):
            moment = dates.parse(text, zone=source.zone, now=page.fetched, provenance="list")
            if moment:
                return moment
    return None


def _next_url(tree: Tree, page: Page, source: Source) -> str:
    """The next page on one of the source's hosts; "" on the last one, or when it is this page."""
    here = canonical_url(page.url)
    for link in first(tree.root, source.next_page)[0]:
        url = absolute(link, tree.base)
        try:
            identity = canonical_url(url)
        except AddressError:
            continue
        if is_own_host(identity, source) and identity != here:
            return url
    return ""
