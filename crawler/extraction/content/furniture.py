"""Takes the lines out of a body that belong to the page and not to the article.

Pure. It cuts only at the head and in the last quarter, and never so much that next to nothing
is left. What is cut is handed on: it names the medium, the authors and the original.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from itertools import pairwise

from crawler.extraction.content.blocks import Block, Line
from crawler.extraction.lines import notices, western
from crawler.extraction.lines.terms import share_of, terms_of
from crawler.extraction.text import fold

_KEPT_BY_HEADING = 40  # characters that must stand before a heading that ends the article
_KEPT_BY_LINE = 10  # characters that must be left when a line goes: a flash may be one sentence
_SPEAKERS, _MARKS = 3, 0.25  # comments, and share of their lines that are names, times and buttons
_TRIED = 20  # headings that are asked whether they end the article
_CAPTION = 25  # characters of a line that may be text though it is no sentence
_SPEAKER = re.compile(r"^(\S{1,8}?)\s*[:：]")
_SPEAKS = 3  # lines with the same label
_INSETS = 0.4  # share of a text that may be insets; where they are more, it is a list
_LINKED = 12  # characters of a linked line that is no mere address or name
_SENTENCE_ENDS = ("。", "！", "？", ".", "!", "?", "”", ":", "：")
_LABEL, _LABELS = 14, 0.3  # characters of a line that is no sentence; share of such lines among comments
_SIGNED_AFTER = 1  # lines before a signature
_FOREIGN = 0.35  # share of the headline's terms, against what stands before, below which a text is another one
_HEAD = 10  # lines that count as the head, if no prose ends it sooner
_TAIL = 0.25  # share of the text that counts as its end


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``cut`` are the lines that went, in order."""

    blocks: list[Block]
    cut: list[Line]


def by_rules(blocks: list[Block], stop: Sequence[str], drop: Sequence[str]) -> Cleaned:
    """A source's own rules, which hold everywhere in the body.

    A rule is searched in the line as it stands, and in its letters alone (`text.fold`).
    """
    kept: list[Block] = []
    cut: list[Line] = []
    ended = False
    for block in blocks:
        lines: list[Line] = []
        for line in block.lines:
            ended = ended or _matches(stop, line.text)
            (cut if ended or _matches(drop, line.text) else lines).append(line)
        if lines:
            kept.append(block if len(lines) == len(block.lines) else replace(block, lines=tuple(lines)))
    return Cleaned(kept, cut)


def _matches(expressions: Sequence[str], text: str) -> bool:
    if not expressions or not text:
        return False
    folded = fold(text)
    return any(_compiled(e).search(text) or _compiled(e).search(folded) for e in expressions)


@lru_cache(maxsize=256)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


def clean(blocks: list[Block], title: str, *, bylines: bool) -> Cleaned:
    """The rules for every source. ``bylines``: lines that only name authors or the date go too."""
    lines = [line for block in blocks for line in block.lines]
    gone = _after_signature(lines, title) if bylines else set()
    gone |= _after_heading(lines, title)
    left = sum(len(line.text) for n, line in enumerate(lines) if n not in gone)

    def goes(n: int, *, is_head: bool) -> bool:
        text = lines[n].text
        if n in kept_for_good:
            return False
        if is_head and text and fold(text) == fold(title):
            return True
        if not text or left - len(text) < _KEPT_BY_LINE:
            return False
        text = text[: notices.way_out(text)] or text
        if notices.is_furniture(text) or (not is_head and notices.is_notice(text)):
            return True
        if bylines and (western.is_furniture(text) or (western.is_byline if is_head else western.is_ending)(text)):
            return True
        return bylines and notices.is_byline(text, is_head=is_head)

    gone |= _headline_in_pieces(lines, title)
    kept_for_good = _speakers(lines)
    promoted = False
    for n in range(min(_HEAD, len(lines))):
        if n in gone:
            continue
        if goes(n, is_head=not promoted):
            gone.add(n)
            left -= len(lines[n].text)
        elif is_prose(lines[n].text):
            if promoted or not _is_promotion(lines[n + 1 : n + 4], bylines=bylines):
                break
            promoted = True
    if bylines:
        headings = _headings(blocks)
        insets = {n for n, line in enumerate(lines) if line.text and n not in headings and _is_inset(line)}
        if sum(len(lines[n].text) for n in insets) <= _INSETS * left:
            gone |= insets
    behind = 0  # characters that stay, between here and the end
    for n in range(len(lines) - 1, -1, -1):
        if behind > _TAIL * left:
            break
        if n in gone:
            continue
        if goes(n, is_head=False):
            gone.add(n)
            left -= len(lines[n].text)
        else:
            behind += len(lines[n].text)
    kept = _without(blocks, gone)
    return Cleaned(_without_way_out(kept), [line for n, line in enumerate(lines) if n in gone])


def _speakers(lines: list[Line]) -> set[int]:
    """The lines of an interview: a label that opens three or more is a speaker's, and no credit."""
    said: dict[str, list[int]] = {}
    for n, line in enumerate(lines):
        if found := _SPEAKER.match(line.text):
            said.setdefault(found[1], []).append(n)
    return {n for places in said.values() if len(places) >= _SPEAKS for n in places}


def _headings(blocks: list[Block]) -> set[int]:
    """Lines of headings with a text behind them: they may be links, as in a list of places."""
    found: set[int] = set()
    n = 0
    for block, behind in pairwise(blocks):  # the last one has nothing behind it
        if block.tag in ("h2", "h3", "h4") and is_prose(behind.text):
            found.update(range(n, n + len(block.lines)))
        n += len(block.lines)
    return found


def _after_heading(lines: list[Line], title: str) -> set[int]:
    """All lines from 相关阅读, 网友评论, a pager and the like on, unless the article goes on behind."""
    total = sum(len(line.text) for line in lines)
    before = 0
    talk, tried = _talk(lines), 0
    for n, line in enumerate(lines):
        if before >= _KEPT_BY_HEADING:
            if n == talk and _is_foreign(lines, n, title):
                return set(range(n, len(lines)))
            if notices.is_comments_heading(line.text) and _is_talk(lines[n + 1 :]):
                return set(range(n, len(lines)))
            if tried < _TRIED and (notices.is_other_heading(line.text) or notices.is_pager(line.text)):
                tried += 1
                after = total - before
                linked = sum(rest.linked for rest in lines[n:])
                prose = sum(len(r.text) for r in lines[n:] if is_prose(r.text) and r.linked < len(r.text) / 2)
                if after <= _TAIL * total or linked > after / 2 or prose < after / 4 or _is_foreign(lines, n, title):
                    return set(range(n, len(lines)))
        before += len(line.text) if _is_text(line.text) else 0
    return set()


def _is_text(text: str) -> bool:
    """A sentence, or a longer line that is no byline: a caption, a row of a table."""
    return (len(text) >= _CAPTION or is_prose(text)) and not notices.is_byline(text, is_head=True)


def _is_foreign(lines: list[Line], at: int, title: str) -> bool:
    """Whether the sentences from ``at`` on, but for links, have next to none of the headline's terms, and those before have them."""
    terms = terms_of(title)
    before = "\n".join(line.text for line in lines[:at])
    after = "\n".join(line.text for line in lines[at:] if is_prose(line.text) and line.linked < len(line.text) / 2)
    return share_of(terms, after) < _FOREIGN * share_of(terms, before)


def _after_signature(lines: list[Line], title: str) -> set[int]:
    """All lines behind the responsible editor's, unless most of the text is still to come."""
    total = sum(len(line.text) for line in lines if is_prose(line.text) and line.linked < len(line.text) / 2)
    before = 0
    for n, line in enumerate(lines):
        if before >= _KEPT_BY_HEADING and n >= _SIGNED_AFTER and notices.is_signature(line.text):
            is_last = total - before < before or _is_foreign(lines, n, title)
            return set(range(n, len(lines))) if is_last else set()
        if is_prose(line.text) and line.linked < len(line.text) / 2:
            before += len(line.text)
    return set()


def _is_inset(line: Line) -> bool:
    """An advertisement's label, "read more", or a link to another article as a paragraph of its own."""
    if western.is_furniture(line.text):
        return True
    long = len(line.text) >= (_LINKED if max(line.text[:4], default="") > "\u2e80" else 3 * _LINKED)
    return (
        long
        and line.linked >= 0.95 * len(line.text)
        and not line.text.endswith(_SENTENCE_ENDS)
        and line.html.startswith("<a ")
    )


def _is_promotion(behind: list[Line], *, bylines: bool) -> bool:
    """Whether the first sentence stands above the byline: then it is the site's own, or a lead."""
    return bylines and any(
        notices.is_furniture(line.text) or notices.is_byline(line.text, is_head=False) for line in behind if line.text
    )


def _headline_in_pieces(lines: list[Line], title: str) -> set[int]:
    """The headline over two or three lines at the head, as official papers set it."""
    whole = fold(title)
    for first in range(min(3, len(lines))):
        text = ""
        for n in range(first, min(first + 3, len(lines))):
            text += fold(lines[n].text)
            if n > first and text == whole:
                return set(range(first, n + 1))
    return set()


def _talk(lines: list[Line]) -> int:
    """Where readers begin to speak, known by what comes back with each of them: a name and a time, 回复 and 赞; -1 if nowhere."""
    marks = [n for n, line in enumerate(lines) if notices.is_of_talk(line.text) or notices.is_time(line.text)]
    if len(marks) < _SPEAKERS or len(marks) < _MARKS * (marks[-1] - marks[0] + 1):
        return -1
    first = marks[0]
    # A name stands before the time, or before the text that a time or a button closes.
    short = [n for n in (first - 1, first - 2) if n >= 0 and 0 < len(lines[n].text) <= _LABEL]
    if not lines[first].text[:1].isdigit() and (
        notices.is_stamp(lines[first].text) or notices.is_time(lines[first].text)
    ):
        return first
    return short[0] if short else max(0, first - 1)


def _is_talk(lines: list[Line]) -> bool:
    """Whether readers speak: between what they say stand their names, the time, 回复 and 赞."""
    texts = [text for line in lines for text in line.text.splitlines()]
    return sum(1 for text in texts if len(text) <= _LABEL) >= _LABELS * len(texts)


def is_prose(text: str) -> bool:
    """Whether a line is made of sentences."""
    return len(text) >= 40 or (len(text) >= 15 and text.rstrip("”’\"')）】").endswith(tuple("。！？.!?…")))


def _without(blocks: list[Block], gone: set[int]) -> list[Block]:
    kept: list[Block] = []
    n = 0
    for block in blocks:
        lines = tuple(line for k, line in enumerate(block.lines, n) if k not in gone)
        n += len(block.lines)
        if lines:
            kept.append(block if len(lines) == len(block.lines) else replace(block, lines=lines))
    return kept


def _without_way_out(blocks: list[Block]) -> list[Block]:
    """ "返回首页" and the like, glued to the end of the last line."""
    if not blocks or blocks[-1].tag != "p":
        return blocks
    *others, last = blocks[-1].lines
    end = notices.way_out(last.text)
    if end == len(last.text) or end < _KEPT_BY_LINE:
        return blocks
    words = r"\s*".join(re.escape(escape(word, quote=False)) for word in last.text[end:].split())
    markup = re.sub(rf"(?:\s*<(?:a|strong|em)\b[^>]*>)*\s*{words}\s*(?:</(?:a|strong|em)>)*\s*$", "", last.html)
    if markup == last.html:
        return blocks
    line = Line(markup, last.text[:end], min(last.linked, end), last.images)
    return [*blocks[:-1], Block("p", (*others, line))]
