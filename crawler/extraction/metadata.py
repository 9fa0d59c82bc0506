"""Who wrote it, when, for whom: from declared selectors, the head of the page and the lines beside the headline.

Pure. Each value says where it was read. A value that the page does not give stays empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree, html

from crawler.extraction import byline, dates, names, selectors
from crawler.extraction.body import Body
from crawler.extraction.signals import Signals
from crawler.extraction.text import clean_line, fold
from crawler.extraction.tree import INLINE, INVISIBLE, Tree, absolute, line
from crawler.models import Candidate, Moment, Precision, Source

_PUBLISHED = (
    "article:published_time", "publishdate", "pubdate", "publish-date", "publish_date", "publishtime", "publish_time",
    "og:published_time", "og:release_date", "weibo:article:create_at", "datepublished", "apub:time", "bytedance:published_time",
    "article.published", "dc.date", "dcterms.created", "dc.date.issued", "sailthru.date", "parsely-pub-date", "date", "ptime",
)  # fmt: skip
_CHANGED = ("dateupdate", "article:modified_time", "datemodified", "lastmodified")
_MEDIUM = ("mediaid", "source", "og:article:source", "article:source", "bytedance:source")
_ABOVE = 8  # lines above the headline that may hold its date
_AFTER = 6  # lines after the body
_LABEL = 60  # characters of a line that may be a byline
_BESIDE = 25  # lines between the headline and the body that may hold a byline
_FINENESS = {Precision.DAY: 0, Precision.MINUTE: 1, Precision.SECOND: 2}
# Dates set in pieces: "2024 05/09 22:27", "2024 / 05 - 09".
_PIECES = re.compile(r"(?<=\d)\s*([/年月.:-])\s*(?=\d)")
_YEAR_APART = re.compile(r"\b((?:19|20)\d\d)\s+(\d\d?)/(\d\d?)\b")
_YEAR_ALONE = re.compile(r"^(?:19|20)\d\d年?$")
_YEARLESS = re.compile(r"(?<![\d./-])(\d\d?)\s?[-/月]\s?(\d\d?)(?=日?(?:\s+\d\d?:\d\d|\s*$))")
_DATE_LABEL = re.compile(r"来源|作者|发布|发表|时间|日期|记者|出处|编辑|publi|posted|updated|by\b", re.IGNORECASE)
_BY = re.compile(r"^(?:written |posted |published )?by:?\s+([A-Z][\w.'’-]+(?:\s+[A-Z][\w.'’-]*){0,4})", re.IGNORECASE)
_WESTERN = re.compile(r"^[^\W\d_][\w .,'’&()/-]*$")
_AUTHOR_LINKS = etree.XPath("//*[@rel='author' or @itemprop='author' or contains(@class, 'author-name') or contains(@class, 'author__name')]")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_CRUMB = re.compile(r"^(?:首页|主页|正文|当前位置.*|您的位置.*|home|[>›»/\s]*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """Fields with their evidence, by the names of ``Extraction``."""

    published: Moment | None
    authors: tuple[str, ...]
    medium: str
    section: str
    original_url: str
    language: str
    evidence: dict[str, str]


@dataclass(frozen=True, slots=True)
class Context:
    tree: Tree
    signals: Signals
    headlines: tuple[html.HtmlElement, ...]
    body: Body
    source: Source | None
    candidate: Candidate | None
    zone: str
    now: datetime


def read(page: Context) -> Found:
    cut = [line.text for line in page.body.cut if line.text]
    beside = _lines_beside(page, cut)
    evidence: dict[str, str] = {}
    published = _published(page, beside)
    authors = _authors(page, beside, cut, evidence)
    medium = _medium(page, beside, cut, authors, evidence)
    section = _section(page, evidence)
    original = _original(page, cut, evidence)
    if published is not None:
        evidence["published"] = published.provenance
    return Found(published, authors, medium, section, original, _language(page), evidence)


# --- time ------------------------------------------------------------------------


def _published(page: Context, beside: list[str]) -> Moment | None:
    """Declared, then what the page's head says, then the byline, the list, the day in the address.

    Of the same day the byline's time of day is believed before the head's, which often is that of the last
    change. A finer moment that agrees with the chosen one replaces it.
    """
    declared, head, byline_, other = _moments(page, beside)
    found = [*declared, *head, *byline_, *other]
    if not found:
        return None
    chosen = found[0]
    if not declared and byline_ and byline_[0].day == chosen.day and byline_[0].precision is not Precision.DAY:
        chosen = byline_[0]
    for moment in found:
        if _FINENESS[moment.precision] > _FINENESS[chosen.precision] and _agree(moment, chosen):
            chosen = moment
    return chosen


def _agree(fine: Moment, coarse: Moment) -> bool:
    if coarse.precision is Precision.DAY:
        return fine.day == coarse.day
    return fine.at.replace(second=0) == coarse.at.replace(second=0)


def _moments(page: Context, beside: list[str]) -> tuple[list[Moment], list[Moment], list[Moment], list[Moment]]:
    zone, now, root = page.zone, page.now, page.tree.root
    declared: list[Moment | None] = []
    for selector in page.source.published if page.source else ():
        texts = selectors.texts(root, selector)
        if len(texts) > 1:  # year, day and time may have elements of their own
            texts.append(" ".join(texts))
        where = f"declared:{selector}"
        declared += [dates.first_in(_joined(text), zone=zone, now=now, provenance=where) for text in texts]
    head = [
        dates.parse(value, zone=zone, now=now, provenance=f"meta:{name}")
        for name in _PUBLISHED
        if (value := page.signals.first(name))
    ]
    head.append(dates.parse(page.signals.ld("datePublished"), zone=zone, now=now, provenance="json-ld"))
    beside_ = [_in_byline(page, beside), _by_change(page, beside)]
    other = [page.candidate.published if page.candidate else None, dates.from_url(page.tree.base, zone=zone)]
    known = tuple([moment for moment in group if moment is not None] for group in (declared, head, beside_, other))
    return known[0], known[1], known[2], known[3]


def _in_byline(page: Context, beside: list[str]) -> Moment | None:
    """The first date beside 来源, 作者, 发布 and the like; else the first in a line that is nearly only a date."""
    labelled = [text for text in beside if _DATE_LABEL.search(text)]
    short = [text for text in beside if len(text) <= 60]
    pieces = [_joined(" ".join(beside[n : n + 3])) for n, text in enumerate(beside) if _YEAR_ALONE.match(text)]
    for text in (*labelled, *pieces, *short):
        moment = dates.first_in(text[:300], zone=page.zone, now=page.now, provenance="byline")
        if moment is not None:
            return moment
    return None


def _by_change(page: Context, beside: list[str]) -> Moment | None:
    """The day of the last change, where the byline gives the same month and day without a year."""
    changed = dates.parse(page.signals.first(*_CHANGED), zone=page.zone, now=page.now, provenance="meta:changed")
    if changed is None:
        return None
    for text in beside:
        for month, day in _YEARLESS.findall(text):
            if (int(month), int(day)) == (changed.day.month, changed.day.day):
                return changed
    return None


def _joined(text: str) -> str:
    return _YEAR_APART.sub(r"\1/\2/\3", _PIECES.sub(r"\1", text))


# --- people and media --------------------------------------------------------------


def _authors(page: Context, beside: list[str], cut: list[str], evidence: dict[str, str]) -> tuple[str, ...]:
    declared, selector = selectors.first(page.tree.root, page.source.author if page.source else ())
    people = byline.authors_in_lines(declared) or tuple(
        name for text in declared for name in names.labelled(re.sub(r"^.{0,8}?(?:作者|记者|文)\s*[:：/]?\s*", "", text))
    )
    if people:
        evidence["authors"] = f"declared:{selector}"
        return tuple(dict.fromkeys(people))
    texts = [text for block in page.body.blocks if (text := block.text)]
    for where, people in (
        ("json-ld", _ld_authors(page)),
        ("byline", byline.authors_in_lines(beside)),
        ("lead", byline.authors_in_prose(texts[:3], ())),
        ("credit", byline.authors_in_lines(cut)),
        ("closing", byline.authors_in_prose((), texts[-2:])),
        ("meta", _western_authors(page, beside)),
    ):
        if people:
            evidence["authors"] = where
            return people
    if page.candidate and page.candidate.authors:
        evidence["authors"] = "list"
        return page.candidate.authors
    return ()


def _ld_authors(page: Context) -> tuple[str, ...]:
    """JSON-LD names persons on Western sites and desks or the site itself on Chinese ones."""
    told = [clean_line(name, 60) for name in page.signals.ld_all("author")]
    if any(_CJK.search(name) for name in told):
        return tuple(name for name in told if names.is_person(name))
    return tuple(name for name in dict.fromkeys(told) if name and "://" not in name)


def _medium(
    page: Context, beside: list[str], cut: list[str], authors: tuple[str, ...], evidence: dict[str, str]
) -> str:
    declared, selector = selectors.first(page.tree.root, page.source.medium if page.source else ())
    for text in declared:
        medium = byline.medium_in([text]) or byline.clean_medium(_without_author(text))
        if medium:
            evidence["medium"] = f"declared:{selector}"
            return medium
    metas = [byline.clean_medium(page.signals.first(name)) for name in _MEDIUM]
    for where, medium in (
        ("byline", byline.medium_in(beside)),
        ("credit", byline.medium_in(cut)),
        ("meta", next(filter(None, metas), "")),
        ("byline", byline.medium_beside_date(beside, authors)),
    ):
        if medium:
            evidence["medium"] = where
            return medium
    if page.candidate and page.candidate.medium:
        evidence["medium"] = "list"
        return page.candidate.medium
    return ""


def _without_author(text: str) -> str:
    """ "证券日报网 张三" -> "证券日报网": what follows the name of the medium after a blank."""
    return re.sub(r"^.{0,4}来源\s*[:：]\s*", "", text).split(" ")[0] if _CJK.search(text) else text


# --- the rest ----------------------------------------------------------------------


def _section(page: Context, evidence: dict[str, str]) -> str:
    """The last crumb that is neither the home page nor 正文."""
    crumbs, selector = selectors.first(page.tree.root, page.source.section if page.source else ())
    parts = [clean_line(part, 60) for crumb in crumbs for part in re.split(r"[>›»]", crumb)]
    known = [part for part in parts if part and not _CRUMB.match(part)]
    if known:
        evidence["section"] = f"declared:{selector}"
        return known[-1]
    told = clean_line(page.signals.first("article:section"), 60)
    if told:
        evidence["section"] = "meta:article:section"
        return told
    if page.candidate and page.candidate.section:
        evidence["section"] = "list"
        return page.candidate.section
    return ""


def _original(page: Context, cut: list[str], evidence: dict[str, str]) -> str:
    for selector in page.source.original if page.source else ():
        bare = selector if "@" in selector else f"{selector}@href"
        for value in selectors.texts(page.tree.root, bare) or selectors.texts(page.tree.root, selector):
            address = absolute(byline.original_in([f"via: {value}"]) or value, page.tree.base)
            if address:
                evidence["original_url"] = f"declared:{selector}"
                return address
    address = absolute(byline.original_in(cut), page.tree.base)
    if address:
        evidence["original_url"] = "credit"
    return address


def _language(page: Context) -> str:
    """By the letters of the text; a page's ``lang`` is often its template's, so it only names the variant."""
    text = "".join(block.text for block in page.body.blocks)[:2000]
    said = (page.tree.root.get("lang") or page.signals.first("og:locale")).replace("_", "-").strip().lower()
    letters = sum(1 for c in text if c.isalpha())
    if letters and len(_CJK.findall(text)) > 0.3 * letters and not said.startswith(("ja", "ko")):
        return "zh"
    return said.split("-")[0] if said and not (said.startswith("zh") and letters) else ""


def _lines_beside(page: Context, cut: list[str]) -> list[str]:
    """Where a byline may stand, likeliest first: between headline and body, in the body's first short lines,
    above the headline, after the body.
    """
    body, title = page.body.element, fold(line(page.headlines[0])) if page.headlines else ""
    raw: list[str] = [""]
    start = -1
    for event, element in etree.iterwalk(page.tree.root, events=("start", "end")):
        if element is body:
            break
        if event == "start" and element in page.headlines:
            start = len(raw)
        if element.tag not in INLINE:
            raw.append("")
        text = element.text if event == "start" and element.tag not in INVISIBLE else element.tail if event == "end" else None
        if text:
            raw[-1] += f" {text}"
    short = [text for block in page.body.blocks[:3] if 0 < len(text := block.text) <= _LABEL]
    inside = _tidy([*cut, *short], title)
    if start >= 0:
        below, above = _tidy(raw[start:], title)[:_BESIDE], _tidy(raw[:start], title)[-_ABOVE:]
    elif body is not None and any(body in headline.iterancestors() for headline in page.headlines):
        below, above = [], []  # the headline stands in the body
    else:
        below, above = [], _tidy(raw, title)[-_BESIDE:]
    return [*below, *inside, *reversed(above), *_lines_after(body, title)]


def _lines_after(body: html.HtmlElement | None, title: str) -> list[str]:
    """Short lines that follow the body: some templates put 来源 and 作者 there."""
    found: list[str] = []
    above = body
    while above is not None and above.tag != "body" and len(found) < _AFTER:
        for element in above.itersiblings():
            text = line(element) if isinstance(element.tag, str) and element.tag not in INVISIBLE else ""
            if len(text) > 4 * _LABEL:
                return found
            found += _tidy([text], title)
        above = above.getparent()
    return found[:_AFTER]


def _tidy(raw: list[str], title: str) -> list[str]:
    lines = (_joined(" ".join(text.split())) for text in raw)
    return [text for text in lines if text and (not title or fold(text) != title)]
