"""When an article was published: every place that tells it, in the order of trust.

Pure. Never a date from the prose, never a copyright year, never a time of change alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from crawler.extraction import selectors
from crawler.extraction.facts.context import LABEL, Context, joined
from crawler.extraction.lines import dates
from crawler.extraction.lines.simple import simple
from crawler.extraction.tree import line
from crawler.models import Moment, Precision

_METAS = (
    "article:published_time", "publishdate", "pubdate", "publish-date", "publish_date", "publishtime", "publish_time",
    "og:published_time", "og:release_date", "weibo:article:create_at", "datepublished", "apub:time", "bytedance:published_time",
    "article.published", "dc.date", "dcterms.created", "dc.date.issued", "sailthru.date", "parsely-pub-date", "date", "ptime",
)  # fmt: skip
_CHANGED = ("dateupdate", "article:modified_time", "datemodified", "lastmodified")
_FINENESS = {Precision.DAY: 0, Precision.MINUTE: 1, Precision.SECOND: 2}
_YEAR_ALONE = re.compile(r"^(?:19|20)\d\d年?$")
_YEARLESS = re.compile(r"(?<![\d./-])(\d\d?)\s?[-/月]\s?(\d\d?)(?=日?(?:\s+\d\d?:\d\d|\s*$))")
_LABELLED = re.compile(r"来源|作者|发布|发表|时间|日期|记者|出处|编辑|publi|posted|updated|by\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"(?:发布|發布|发表|刊发|公布)(?:时间|時間|日期)?|首发")
_WEEKDAY = re.compile(r"\s*(?:星期|周|週).$")
_CLOCK_ALONE = re.compile(r"^\d\d?:\d\d(?::\d\d)?$")
_DAY_ALONE = re.compile(r"^(?:19|20)\d\d\s?[-/.年]\s?\d\d?\s?[-/.月]\s?\d\d?日?(?:\s*(?:星期|周|週).)?$")
_TODAY = re.compile(r"今天是|农历|(?:星期|礼拜|周)[一二三四五六日天](?!.*\d:\d\d)")  # the day of the visit, in a banner
_RELATIVE = re.compile(r"(?:小时|分钟|天|周)\s*前")  # rounded: the list's own time is the better one
_UPDATED = re.compile(r"更新(?:时间|日期)?\s*[:：]?")
_LONGEST = 300  # characters of a line in which a date is looked for


@dataclass(frozen=True, slots=True)
class _Told:
    declared: list[Moment]
    head: list[Moment]
    listed: list[Moment]
    byline: list[Moment]
    address: list[Moment]
    script: list[Moment]


def read(page: Context) -> Moment | None:
    """Declared, then what the page's head says, the list, the byline, the day in the address.

    The list stands before the byline: it tells of this article, while a date near a heading may be
    another article's. Of the same day the byline's time of day is believed before the head's, which often is that of the last
    change. A finer moment that agrees with the chosen one replaces it.
    """
    told = _told(page)
    found = [*told.declared, *told.head, *told.listed, *told.byline, *told.script, *told.address]
    if not found:
        return None
    chosen = found[0]
    if not told.declared and told.byline:
        beside = told.byline[0]
        if beside.day == chosen.day and beside.precision is not Precision.DAY:
            chosen = beside
    for moment in found:
        if _FINENESS[moment.precision] > _FINENESS[chosen.precision] and _agree(moment, chosen):
            chosen = moment
    return chosen


def _agree(fine: Moment, coarse: Moment) -> bool:
    if coarse.precision is Precision.DAY:
        return fine.day == coarse.day
    return fine.at.replace(second=0, microsecond=0) == coarse.at.replace(second=0, microsecond=0)


def _told(page: Context) -> _Told:
    zone, now = page.zone, page.now
    listed = page.candidate.published if page.candidate else None
    declared: list[Moment | None] = []
    for selector in page.source.published if page.source else ():
        texts = selectors.texts(page.tree.root, selector)
        if len(texts) > 1:  # year, day and time may have elements of their own
            texts.append(" ".join(texts))
        where = f"declared:{selector}"
        # What a source declares as its publication time is that, also where the page labels it 更新时间.
        plain = [_UPDATED.sub("", joined(text)) for text in texts if not (listed and _RELATIVE.search(simple(text)))]
        declared += [dates.first_in(text, zone=zone, now=now, provenance=where) for text in plain]
    head = [
        dates.parse(value, zone=zone, now=now, provenance=f"meta:{name}")
        for name in _METAS
        if (value := page.signals.first(name))
    ]
    head.append(dates.parse(page.signals.ld("datePublished"), zone=zone, now=now, provenance="json-ld"))
    byline = _known([_in_time(page), _in_byline(page), _by_change(page), _by_update(page)])
    return _Told(
        _known(declared),
        _known(head),
        _known([listed]),
        byline,
        _known([dates.from_url(page.tree.url, zone=zone)]),
        [] if any((*declared, *head, listed, *byline)) else _known([_in_script(page)]),
    )


def _known(moments: list[Moment | None]) -> list[Moment]:
    return [moment for moment in moments if moment is not None]


def _in_byline(page: Context) -> Moment | None:
    """The first date beside 来源, 作者, 发布 and the like; else the first in a line that is nearly only a date."""
    lines = page.beside
    labelled = [text for text in lines if _LABELLED.search(simple(text))]
    behind = [text for text in page.after if len(text) <= LABEL and _LABELLED.search(simple(text))]
    pieces = [joined(" ".join(lines[n : n + 3])) for n, text in enumerate(lines) if _YEAR_ALONE.match(text)]
    pieces += [
        f"{_WEEKDAY.sub('', lines[n])} {clock}"
        for n in range(len(lines))
        if _DAY_ALONE.match(lines[n]) and (clock := _clock(lines[n + 1 : n + 4]))
    ]
    short = [text for text in lines if len(text) <= LABEL and (text in page.cut or not _TODAY.search(text))]
    better = (page.candidate and page.candidate.published) or (
        any(_is_relative(text) for text in lines) and _in_script(page)
    )
    pieces += [f"{a} {b}" for a, b in pairwise(lines) if len(a) <= 8 and _PUBLISHED.search(simple(a))]
    for text in (*_published_first(labelled, pieces), *short, *behind):
        if better and _is_relative(text):
            continue
        moment = dates.first_in(text[:_LONGEST], zone=page.zone, now=page.now, provenance="byline")
        if moment is not None:
            return moment
    return None


def _in_time(page: Context) -> Moment | None:
    """The first <time> beside the headline, whose attribute tells more than its text."""
    lines = [text for text in page.beside if len(text) <= _LONGEST]
    for element in page.tree.root.iter("time"):
        value, text = (element.get("datetime") or "").strip(), line(element)
        if value and text and any(text in one for one in lines) and not _UPDATED.search(simple(text)):
            moment = dates.parse(value, zone=page.zone, now=page.now, provenance="time@datetime")
            if moment is not None:
                return moment
    return None


def _is_relative(text: str) -> bool:
    return _RELATIVE.search(simple(text)) is not None


def _published_first(labelled: list[str], pieces: list[str]) -> list[str]:
    """发布日期 before 成文日期, also where label and date stand in lines of their own."""
    return sorted((*labelled, *pieces), key=lambda text: _PUBLISHED.search(simple(text)) is None)


def _clock(lines: tuple[str, ...]) -> str:
    return next((text for text in lines if _CLOCK_ALONE.match(text)), "")


def _in_script(page: Context) -> Moment | None:
    if page.body.by_container:
        return None
    record = page.embedded.about(page.title)
    date = (record.date if record else "") or page.embedded.stated_time
    if not date:
        return None
    raw = date if isinstance(date, str) else str(int(date))
    return dates.parse(
        raw, zone=page.zone, now=page.now, provenance=record.where if record and record.date else "script"
    )


def _by_update(page: Context) -> Moment | None:
    """ "更新时间：…" in the byline, where nothing else tells the time: many editors write it for the publication."""
    for text in page.beside:
        if len(text) <= LABEL and _UPDATED.search(simple(text)):
            moment = dates.first_in(_UPDATED.sub("", text), zone=page.zone, now=page.now, provenance="byline:updated")
            if moment is not None:
                return moment
    return None


def _by_change(page: Context) -> Moment | None:
    """The day of the last change, where the byline gives the same month and day without a year."""
    value = page.signals.first(*_CHANGED)
    changed = dates.parse(value, zone=page.zone, now=page.now, provenance="byline+changed") if value else None
    if changed is None:
        return None
    for text in page.beside:
        for month, day in _YEARLESS.findall(text):
            if (int(month), int(day)) == (changed.day.month, changed.day.day):
                return changed
    return None
