"""Reads e-papers: the entry page that leads to today's issue, and the pages of an issue.

Pure. Two systems: 北京晚报's mobile issue, and 方正's classic node pages (经济参考报).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.discovery.harvest import Harvest
from crawler.discovery.listing import label_of
from crawler.discovery.markup import decoded, kind_of, page_tree
from crawler.errors import ListError
from crawler.extraction.selectors import elements, outermost
from crawler.extraction.text import clean_line
from crawler.extraction.tree import absolute, line, parse
from crawler.models import ListPage, ListReading, Moment, Page, Precision, Source

_SCRIPTED = re.compile(
    r"""\blocation (?:\.href)? \s*
        (?: =\s* | \.(?:replace|assign)\s*\(\s* ) (["']) ([^"'\n]{1,2083}) \1 (?!\s*\+)""",
    re.VERBOSE,
)
_COMMENT_LINE = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_REFRESH = re.compile(r"""[\d.\s]*[;,]?\s*url\s*=\s*["']?\s*([^"'\s]{1,2083})""", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(20\d\d)(?:(\d\d)(\d\d)|-(\d\d)[-/](\d\d))(?!\d)")
_NEWID = re.compile(r"[A-Za-z0-9]{6,40}")
_WITHOUT_ISSUE = 9  # days that are looked through for the issue before; the longest holidays have eight
_NODE_ARTICLE = re.compile(r"content_\d+\.html?$")


def entry_target(page: Page) -> str:
    """Where an e-paper's entry page sends its reader: by script or by meta refresh. ListError if nowhere."""
    text = decoded(page)
    links = [match[2] for match in _SCRIPTED.finditer(_COMMENT_LINE.sub("", text))]
    tree = parse(text, page.url)
    for meta in elements(tree.root, "meta[content]") if tree else ():
        if (meta.get("http-equiv") or "").lower() == "refresh":
            links += _REFRESH.findall(meta.get("content") or "")
    for link in links:
        target = absolute(link.replace("\\/", "/"), page.url)
        if target and target != page.url:
            return target
    raise ListError(f"the e-paper's entry page names no issue (it is {kind_of(page, text)})")


def read_issue(page: Page, source: Source, entry: ListPage) -> ListReading:
    """A mobile issue: one panel per printed page (the section), one link per article.

    ``data-newid`` is the key, as an article keeps it when it moves on the page.
    Without panels all links are read (``by_selector`` is False then).
    """
    tree = page_tree(page, "the issue")
    harvest = Harvest(source)
    panels = outermost(elements(tree.root, ".nav-items"))
    for panel in panels or [tree.root]:
        headings = outermost(elements(panel, ".nav-panel-heading")) if panels else []
        heading = clean_line(" ".join(map(line, headings)))
        for link in elements(panel, "a[data-newid], a[data-href], a[href]"):
            url = absolute(link.get("data-href") or link.get("href") or "", tree.base)
            newid = (link.get("data-newid") or "").strip()
            harvest.add(
                [(url, label_of(link))],
                published=_published(url, source, page),
                key=newid if _NEWID.fullmatch(newid) else "",
                section=heading or entry.section,
            )
    return harvest.reading(by_selector=bool(panels))


def read_node(page: Page, source: Source, entry: ListPage) -> ListReading:
    """One printed page: every ``content_N.htm`` link of its list or its image map.

    ``next_url`` is the issue's next page.
    """
    tree = page_tree(page, "the issue")
    pages = [(absolute(link.get("href") or "", tree.base), link) for link in elements(tree.root, "a#pageLink")]
    section, next_url = _neighbours(pages, page)
    harvest = Harvest(source)
    for link in elements(tree.root, "a[href], area[href]"):
        url = absolute(link.get("href") or "", tree.base).partition("#")[0]
        if _NODE_ARTICLE.search(url):
            published = _published(url, source, page)
            harvest.add([(url, label_of(link))], published=published, section=section or entry.section)
    return harvest.reading(next_url)


def earlier_issues(url: str, source: Source) -> tuple[str, ...]:
    """Addresses that the issue before the one at ``url`` may have, the latest day first; () where that is not known."""
    shown = _day(url, source)
    if shown is None or not source.issue:
        return ()
    days = (shown.day - timedelta(days=back) for back in range(1, _WITHOUT_ISSUE + 1))
    return tuple(source.issue.format(day) for day in days)


def _neighbours(pages: list[tuple[str, HtmlElement]], page: Page) -> tuple[str, str]:
    """This printed page's name and the address of the one after it."""
    urls = [url for url, _ in pages]
    if page.url not in urls:
        return "", ""
    place = urls.index(page.url)
    following = [url for url in urls[place + 1 :] if url and url != page.url]
    return clean_line(label_of(pages[place][1])), following[0] if following else ""


def _published(url: str, source: Source, page: Page) -> Moment | None:
    """The day of issue that the article's address tells, or the issue's; tomorrow's at the latest."""
    days = (_day(address, source) for address in (url, page.url))
    return next((day for day in days if day and day.at <= page.fetched + timedelta(days=1)), None)


def _day(url: str, source: Source) -> Moment | None:
    """The day of issue, which stands in the address as 20260618 or 2026-07/08."""
    for match in _DAY.finditer(url):
        year, month, day = [int(number) for number in match.groups() if number]
        try:
            at = datetime(year, month, day, tzinfo=ZoneInfo(source.zone))
        except ValueError:
            continue
        return Moment(at, Precision.DAY, "paper")
    return None
