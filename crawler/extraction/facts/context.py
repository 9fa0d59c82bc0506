"""What the readers of metadata share: the page's parts, and the lines in which a byline may stand.

Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from lxml import etree, html

from crawler.extraction.content.body import Body
from crawler.extraction.content.embedded import Embedded, Record
from crawler.extraction.content.headline import Headline
from crawler.extraction.facts.accounts import Named
from crawler.extraction.lines import notices
from crawler.extraction.lines.simple import simple
from crawler.extraction.signals import Signals
from crawler.extraction.text import fold
from crawler.extraction.tree import INLINE, INVISIBLE, Tree, line
from crawler.models import Candidate, Source

LABEL = 60  # characters of a line that may be a byline
_ENDS = ("。", "！", "？", ".", "!", "?", "”")  # of sentences, which are no byline
_BESIDE = 25  # lines between the headline and the body that are looked at
_ABOVE = 5  # lines above the headline that may hold its date
_AFTER = 6  # lines after the body
_REPLY = re.compile(r"^(?:作者)?回[复覆]")
_LABEL_ALONE = re.compile(
    r"^(?:信息|文章|稿件|内容)?(?:来\s*源|作\s*者|记\s*者|发布(?:时间|日期|单位|机构)?|时\s*间|日\s*期)\s*[:：]$"
)
_SPACED = re.compile(r"(?<![\u4e00-\u9fff])(来|作|时|日|來|時)\s+(源|者|间|期|間)(?=\s*[:：])")
_CLOCK_ZONE = re.compile(r"(?<=\d)\s+(?:HKT|香港时间|北京时间)\s+(?=\d\d?:\d\d)")
# Dates set in pieces: "2024 05/09 22:27", "2024 / 05 - 09".
_PIECES = re.compile(r"(?<=\d)\s*([/年月.:-])\s*(?=\d)")
_YEAR_APART = re.compile(r"\b((?:19|20)\d\d)\s+(\d\d?)/(\d\d?)\b")


@dataclass(frozen=True, slots=True)
class Context:
    """Lines in which a byline may stand: ``beside`` and ``after`` as the functions of that name find them, ``cut``
    those that were taken out of the body.
    """

    tree: Tree
    signals: Signals
    embedded: Embedded
    title: str
    body: Body
    source: Source | None
    candidate: Candidate | None
    zone: str
    language: str
    now: datetime
    beside: tuple[str, ...]
    after: tuple[str, ...]
    cut: tuple[str, ...]
    near: tuple[Named, ...]

    @property
    def record(self) -> Record:
        """What the page's scripts say of an article with this headline. A source that declares its parts needs none,
        and Western pages say it in JSON-LD.
        """
        found = self.embedded.about(self.title) if self.language == "zh" and not self.body.by_container else None
        return found or Record("", "", "", "", (), "")


def beside(root: html.HtmlElement, headline: Headline, body: Body) -> tuple[str, ...]:
    """Where a byline may stand, likeliest first: between headline and body, in the body's head, above the headline."""
    title = fold(line(headline.elements[0])) if headline.elements else ""
    raw: list[str] = [""]
    start = -1
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element is body.element:
            break
        begins = event == "start"
        if begins and element in headline.elements:
            start = len(raw)
        if element.tag not in INLINE:
            raw.append("")
        text = element.tail if not begins else element.text if element.tag not in INVISIBLE else None
        if text:
            raw[-1] += f" {text}"
    lines: list[str] = []
    above = raw if start < 0 else raw[:start]
    if start >= 0:
        lines += _tidy([text for text in raw[start:] if text and not text.isspace()][:_BESIDE], title)
    elif any(above is body.element for element in headline.elements for above in element.iterancestors()):
        above = []  # the headline stands in the body, and so does the byline
    lines += _tidy(list(takewhile(lambda text: not _ends(text), (cut.text for cut in body.cut))), title)
    first = (block.text for block in body.blocks[:3])
    lines += _tidy([text for text in first if len(text) <= LABEL and not text.endswith(_ENDS)], title)
    nearest = [text for text in above if not text.isspace() and text][-(_BESIDE if start < 0 else _ABOVE) :]
    lines += reversed(_tidy(nearest, title))
    return tuple(lines)


def _ends(text: str) -> bool:
    """Whether what follows was written by readers, or is about other articles."""
    return (
        notices.is_of_talk(text)
        or notices.is_comments_heading(text)
        or notices.is_other_heading(text)
        or notices.is_pager(text)
    )


def after(body: Body) -> tuple[str, ...]:
    """Short lines that follow the body: some templates put 来源 and 作者 there."""
    found: list[str] = []
    above = body.element
    while above is not None and above.tag != "body" and len(found) < _AFTER:
        for element in above.itersiblings():
            text = line(element) if isinstance(element.tag, str) and element.tag not in INVISIBLE else ""
            if _ends(text) or _REPLY.match(text):
                return tuple(found)
            if len(text) > 4 * LABEL:
                return tuple(found)
            found += _tidy([text], "")
        above = above.getparent()
    return tuple(found[:_AFTER])


def _tidy(raw: list[str], title: str) -> list[str]:
    """Without blanks and the headline; a label that stands alone in its line gets its value from the next one."""
    lines: list[str] = []
    label = ""
    for text in raw:
        text = joined(" ".join(text.split()))
        if not text or (title and fold(text) == title):
            continue
        if label and len(text) <= LABEL:
            lines[-1] = text = label + text
        else:
            lines.append(text)
        label = text if _LABEL_ALONE.match(simple(text)) else ""
    return lines


def joined(text: str) -> str:
    """Dates whose parts stand in elements of their own, put together."""
    text = _SPACED.sub(r"\1\2", _CLOCK_ZONE.sub(" ", text))
    return _YEAR_APART.sub(r"\1/\2/\3", _PIECES.sub(r"\1", text))
