"""Where a page's prose stands: its elements in document order, as parallel lists, and how much each looks like text.

Pure. One pass for each question, whatever the depth; nothing is chosen here.
"""

from __future__ import annotations

import re

from lxml import html

from crawler.extraction.lines import notices
from crawler.extraction.tree import HEADINGS, INLINE, INVISIBLE, line

# Names of parts that are rarely the article. They discount what stands inside; they never remove it.
FOREIGN_NAME = re.compile(
    r"comment|reply|related|recommend|side-?bar(?!-(?:layout|main|page|wrap))|footer|copyright|disclaimer|newsletter|"
    r"subscri(?!ber-(?:only|content))|cookie|popular|rank|hot-?(?:news|list)|teaser|promo|author-?(?:box|bio|card|info)|breadcrumb|\bnav\b|"
    r"\bads?\b|\bad[-_]|banner|modal|popup|statement|gdpr|consent|sponsor",
    re.IGNORECASE,
)
_FOREIGN_TAGS = frozenset(("nav", "footer", "aside", "form", "menu", "dialog"))
_MARKS = re.compile(r"[，。；！？：、…,.;!?:]")

_DATED = re.compile(
    r"^\W*\d\d?:\d\d(?::\d\d)?\W*$|(?:19|20)\d\d\s?[-./年]\s?\d\d?\s?[-./月]\s?\d\d?|\d\d?月\d\d?日|\d+\s*(?:秒|分钟|小時|小时|天|日|周|個月|个月|年)[之以]?前|昨天|前天|"
    r"\d+ (?:second|minute|hour|day|week|month|year)s? ago|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:,? (?:19|20)\d\d)",
    re.IGNORECASE,
)
_LABEL = 40  # characters of a line that may be no more than a name and a time

# All numbers below were set on the 161 pages of an evaluation set, Chinese and English, in steps of two or more:
# none of them is sharp.
_FOREIGN = 0.1  # weight of prose in a part with a foreign name
_TEASER = 0.15  # weight of prose under a heading that is a link: another article's lead
_CELLS, _CELL = 12, 40  # cells of a table of figures, and characters of one
_IN_CELL = 0.5  # weight of what stands in its cells
_LEADS = 3  # such leads make a list
_LINK, _LONGEST_LEAD = 8, 160  # characters of the link and of the lead
_BEFORE = 0.15  # weight of prose that stands before the headline
LATIN = 1 / 3  # a Latin letter says about a third of an ideograph
_MIN_EASTERN, _MIN_LATIN = 10, 30  # characters below which a block is a label, not prose


class Prose:
    """The elements in document order, as parallel lists: one pass each, whatever the depth."""

    def __init__(self, root: html.HtmlElement, headline: html.HtmlElement | None) -> None:
        self.elements = list(root.iter())
        count = len(self.elements)
        self.parent = [0] * count
        self.length = [0] * count  # characters that stand in the element itself or in inline children
        self.linked = [0] * count
        self.marks = [0] * count
        self.eastern = [False] * count
        self.led = [False] * count  # its text begins with a link
        self._scan()
        self.end = [index + 1 for index in range(count)]  # of the element's descendants, exclusive
        for index in range(count - 1, 0, -1):
            self.end[self.parent[index]] = max(self.end[self.parent[index]], self.end[index])
        self.headline = self.elements.index(headline) if headline is not None else -1
        self._discount(self._weigh())

    def _scan(self) -> None:
        place = {element: index for index, element in enumerate(self.elements)}
        owner = [-1] * len(place)  # the block that an element's text belongs to; -1: nobody sees it
        in_link = [False] * len(place)
        for index, element in enumerate(self.elements):
            tag = element.tag
            above = element.getparent()
            parent = place[above] if index and above is not None else 0
            outer, linked = (owner[parent], in_link[parent]) if index else (-1, False)
            own, link = index, linked
            if tag in INVISIBLE or (index and outer < 0) or not isinstance(tag, str):
                own, link = -1, False
            elif index and tag in INLINE:
                own, link = outer, linked or tag == "a"
            self.parent[index] = parent
            owner[index] = own
            in_link[index] = link
            if own >= 0 and element.text:
                self._add(own, element.text, link)
            if outer >= 0 and element.tail:
                self._add(outer, element.tail, linked)

    def _add(self, block: int, text: str, link: bool) -> None:
        text = text.strip()
        if not text:
            return
        if link and not self.length[block]:
            self.led[block] = True
        self.length[block] += len(text)
        if link:
            self.linked[block] += len(text)
        self.marks[block] += len(_MARKS.findall(text))
        if not self.eastern[block]:
            self.eastern[block] = max(text[:8]) > "\u2e80"

    def _weigh(self) -> list[float]:
        """How much each block looks like prose, in ideographs."""
        weights = [0.0] * len(self.elements)
        teasers = 0  # blocks to come that belong to a linked heading
        leads = self._leads()
        for block, length in enumerate(self.length):
            if not length:
                continue
            if self.elements[block].tag in HEADINGS:
                teasers = 2 if self.linked[block] >= 0.8 * length and block != self.headline else 0
                continue
            shortest = _MIN_EASTERN if self.eastern[block] else _MIN_LATIN
            if length < shortest or not self.marks[block] or self.linked[block] > length / 2:
                continue
            if notices.is_notice((self.elements[block].text or "").lstrip()):
                continue
            weight = (length - 2 * self.linked[block]) * min(1.0, 0.3 + 0.25 * self.marks[block])
            if not self.eastern[block]:
                weight *= LATIN
            if block < self.headline:
                weight *= _BEFORE
            if teasers or block in leads:
                weight *= _TEASER
                teasers -= bool(teasers)
            weights[block] = weight
        self._weigh_tables(weights)
        return weights

    def _leads(self) -> set[int]:
        """First sentences of other articles, each behind the link to it: as one block, or as two; three or more of a kind."""
        found: list[int] = []
        before = -1  # the last block with text
        for block, length in enumerate(self.length):
            if not length:
                continue
            if length <= _LONGEST_LEAD:
                inside = self.led[block] and self.linked[block] >= _LINK and self.elements[block].tag != "p"
                behind = (
                    before >= 0
                    and _LINK <= self.length[before] <= self.linked[before] + 2
                    and not self.linked[block]
                    and self._are_near(before, block)
                )
                if inside or behind:
                    found.append(block)
            before = block
        return set(found) if len(found) >= _LEADS else set()

    def _are_near(self, first: int, second: int) -> bool:
        """Whether one item may hold both: a link and the lead behind it."""
        above, parent = self.parent[first], self.parent[second]
        return parent in (first, above, self.parent[above]) or self.parent[parent] == above

    def _weigh_tables(self, weights: list[float]) -> None:
        """Rows of figures have no commas: the cells of a table with many count as half of what they hold."""
        cells: dict[int, list[int]] = {}
        for block, length in enumerate(self.length):
            if length and self.elements[block].tag in ("td", "th"):
                table = self.parent[self.parent[block]]
                if self.elements[table].tag in ("tbody", "thead"):
                    table = self.parent[table]
                cells.setdefault(table, []).append(block)
        for found in cells.values():
            size, linked = (sum(column[block] for block in found) for column in (self.length, self.linked))
            if len(found) >= _CELLS and linked < size / 4 and all(self.length[block] <= _CELL for block in found):
                for block in found:
                    weights[block] = _IN_CELL * self.size(block)

    def _discount(self, weights: list[float]) -> None:
        """Less weight for comments, sidebars and the like, unless the headline or most of the prose is in there."""
        raw = self._sums(weights)
        around = self.ancestors(self.headline) if self.headline >= 0 else set()
        factor = [1.0] * len(self.elements)
        for index in range(1, len(factor)):
            factor[index] = factor[self.parent[index]]
            if factor[index] == 1.0 and raw[index] and index not in around and self._is_foreign(index):
                mostly = raw[index] > raw[0] / 2 and self.headline < 0
                factor[index] = 1.0 if mostly else _FOREIGN
        self.raw = weights
        self.weights = [weight * factor[index] for index, weight in enumerate(weights)]
        self.native = self._sums(self.weights)
        self.total = self._sums([self.size(block) for block in range(len(self.length))])

    def _is_foreign(self, index: int) -> bool:
        element = self.elements[index]
        if element.tag in _FOREIGN_TAGS:
            return True
        if element.tag in ("p", "body"):
            return False
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        return FOREIGN_NAME.search(names) is not None

    def text(self, index: int, limit: int, without: int = -1) -> str:
        """The prose inside an element, but for another one inside that, up to about ``limit`` characters: no labels, no links."""
        parts: list[str] = []
        size = 0
        for block in range(index, self.end[index]):
            if self.raw[block] and not without <= block < (self.end[without] if without >= 0 else 0):
                parts.append(line(self.elements[block])[:limit])
                size += len(parts[-1])
                if size > limit:
                    break
        return "\n".join(parts)

    def is_dated(self, block: int) -> bool:
        """Whether a label tells a day, or how long ago something was."""
        if not 0 < self.length[block] <= _LABEL:
            return False
        text = line(self.elements[block])[: 2 * _LABEL]
        return _DATED.search(text) is not None and not text.endswith(("。", "！", "？", ".", "!", "?"))

    def ancestors(self, index: int) -> set[int]:
        """With the element itself."""
        found = {index}
        while index:
            index = self.parent[index]
            found.add(index)
        return found

    def size(self, block: int) -> float:
        """Its characters, in ideographs."""
        return self.length[block] * (1.0 if self.eastern[block] else LATIN)

    def _sums(self, values: list[float]) -> list[float]:
        """Each element's own value and those of all below it."""
        sums = list(values)
        for index in range(len(sums) - 1, 0, -1):
            sums[self.parent[index]] += sums[index]
        return sums
