"""The article's body: which element holds it, and which of its blocks belong to it.

Pure. trafilatura judges what is article and what is page; the blocks themselves are
written by `writer`, because trafilatura's own output loses spaces, lists and captions.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from lxml import etree, html

from crawler.extraction import selectors
from crawler.extraction.content import blocks, doubt, furniture, writer
from crawler.extraction.content import container as containers
from crawler.extraction.content.blocks import Block, Line
from crawler.extraction.content.embedded import Embedded
from crawler.extraction.content.headline import Headline
from crawler.extraction.signals import Signals
from crawler.extraction.text import clean_text
from crawler.extraction.tree import Tree, shell
from crawler.extraction.tree import line as line_of
from crawler.models import Source

_LOG = logging.getLogger(__name__)
_MOSTLY_LINKS = 0.6  # share of a block's characters from which it is a list of links
_TRUSTED = 0.5  # share of the element's text that trafilatura must have kept to be believed
_SAME = 0.6  # share of a list's or table's lines it must have kept for the block to count as kept
_GUESSED = 0.8  # agreement that a text from a script is granted
_CLEARLY = 0.15  # confidence by which a shorter text must be ahead
_SURE = 0.75  # confidence from which nothing else on the page is asked for the text
_MOST_JUDGED = 8_000  # elements; trafilatura's time grows with their square, 29,000 spans cost it 8 s
# trafilatura walks what is in a table once for each table around it: 680 nested ones took 12 s.
_DEEP_TABLES = etree.XPath("boolean(.//table[ancestor::table[20]])")
_LEAD = 60  # characters of a paragraph that is kept without trafilatura's word
_TEASER = 15  # letters from which a repeated beginning is no coincidence
_MIN_SIZE = "50"  # characters; with trafilatura's 250 a Chinese flash counts as a failure
_HIDDEN = etree.XPath(
    "descendant::*[@hidden or contains(translate(@style, 'DISPLAYNOE ', 'displaynoe'), 'display:none')]"
)
_FOLDED = re.compile(
    r"(?:展开|展開|阅读|閱讀|查看|余下|显示|顯示)(?:全文|全部|更多|剩余)|(?:show|read) (?:more|full)", re.IGNORECASE
)
_REST = 100  # characters of sentences in a part that is shown on demand
_BOX = 0.2  # share of the container's text that a foreign part may be
_BOX_TAGS = frozenset(("div", "section", "aside", "p", "ul", "form", "nav", "footer", "blockquote"))
_BOX_CLASS = re.compile(
    r"newsletter|promo|related|read-?more|pull-?quote|advert|sponsor|breadcrumb|qr-?code", re.IGNORECASE
)
_BOXES = 0.45  # the same, of all of them together
_BOX_NAME = re.compile(
    r"newsletter|subscri(?:be(?!r)|ption)|sign-?up|promo|related|recirc|recommend|read-?more|more-?(?:on|from|stories)|share(?!d)|social|"
    r"author-?(?:bio|box|card|info|profile)|about-?(?:the-)?author|comment|advert|\bads?\b|\bad[-_]|sponsor|paywall|trending|most-?(?:read|popular)|"
    r"breadcrumb|toolbar|taboola|outbrain|disclaimer|donat|skip-?(?:link|to)|sr-only|visually-?hidden|screen-?reader|pull-?quote|pagination|\bpager\b|"
    r"qr-?code|erweima|copyright|editor-?(?:name|info)|\bzebian\b|statement",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"\s*附件\s*\d*\s*[:：.、]")  # of an official notice
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Body:
    """``cut`` are lines taken out; ``element`` is where the article was found, None if in no element;
    ``confidence`` is that of `doubt`.
    """

    blocks: list[Block]
    cut: list[Line]
    element: html.HtmlElement | None
    by_container: bool
    evidence: str
    confidence: float


def find(tree: Tree, signals: Signals, headline: Headline, source: Source | None, embedded: Embedded) -> Body:
    container = containers.declared(tree.root, source.body) if source else None
    if source is not None and container is not None:
        return _from_declared(tree, container, headline, source)
    shown = _from_generic(tree, headline, source)
    if shown.confidence >= _SURE:
        return shown
    others = (_told(signals), "json-ld"), embedded.text(headline.title)
    best = max((_told_elsewhere(*other, headline, source) for other in others), key=lambda other: other.confidence)
    return best if _is_better(best, shown) else shown


def _from_generic(tree: Tree, headline: Headline, source: Source | None) -> Body:
    choice = containers.generic(tree.root, headline)
    if choice is None:
        body = tree.root.find("body")
        element = tree.root if body is None else body
    else:
        element = choice.element
    skip = _left_out(tree.root, element, source) | _boxes(element)
    found = writer.write(element, tree.base, skip)
    judged = _judged(element, skip)
    kept = _believed(found, judged)
    cleaned = _cleaned(kept, headline.title, source, bylines=True)
    cleaned = furniture.Cleaned(_without_teaser(cleaned.blocks), cleaned.cut)
    believed = {id(block) for block in kept}
    left = [line for block in found if id(block) not in believed and not _is_links(block) for line in block.lines]
    confidence = doubt.confidence(cleaned.blocks, choice, headline, _agreement(cleaned.blocks, judged))
    return Body(cleaned.blocks, left + cleaned.cut, element, False, "generic", confidence)


def _told_elsewhere(told: list[Block], where: str, headline: Headline, source: Source | None) -> Body:
    """A text that stands in no element of the page, cleaned as any other."""
    cleaned = _cleaned(told, headline.title, source, bylines=True)
    return Body(
        cleaned.blocks,
        cleaned.cut,
        None,
        False,
        where,
        doubt.confidence(cleaned.blocks, None, headline, 1.0 if where == "json-ld" else _GUESSED),
    )


def _is_better(told: Body, shown: Body) -> bool:
    """Longer than what the page shows, of which it may be the whole; or as long, and more likely the article."""
    size, seen = (len(blocks.to_text(body.blocks)) for body in (told, shown))
    if size > 2 * seen and told.confidence >= shown.confidence:
        return True
    return told.confidence > shown.confidence + (0 if size >= seen else _CLEARLY)


def _from_declared(tree: Tree, container: tuple[html.HtmlElement, str], headline: Headline, source: Source) -> Body:
    """Nothing of it may be lost: what trafilatura leaves out stays, unless it is a list of links at the end."""
    element, selector = container
    skip = _left_out(tree.root, element, source)
    found = writer.write(element, tree.base, skip)
    kept = _judged(element, skip)
    end = len(found)
    while kept is not None and end and _is_links(found[end - 1]) and not _is_in(found[end - 1], kept):
        end -= 1
    cleaned = _cleaned(found[:end] or found, headline.title, source, bylines=False)
    confidence = doubt.of_declared(cleaned.blocks, _agreement(cleaned.blocks, kept))
    return Body(cleaned.blocks, cleaned.cut, element, True, f"declared:{selector}", confidence)


def _cleaned(found: list[Block], title: str, source: Source | None, *, bylines: bool) -> furniture.Cleaned:
    first = furniture.by_rules(found, source.stop, source.furniture) if source else furniture.Cleaned(found, [])
    then = furniture.clean(first.blocks, title, bylines=bylines)
    return furniture.Cleaned(then.blocks, first.cut + then.cut)


def _left_out(root: html.HtmlElement, element: html.HtmlElement, source: Source | None) -> set[html.HtmlElement]:
    """What the source drops and what a reader does not see, unless that is nearly all."""
    skip = {e for selector in (source.drop if source else ()) for e in selectors.elements(root, selector)}
    skip.discard(element)
    hidden = [e for e in _HIDDEN(element) if not any(above in skip for above in e.iterancestors())]
    if hidden:
        whole = element.text_content()
        folded = _FOLDED.search(whole) is not None
        skip.update(e for e in hidden if len(e.text_content()) < len(whole) / 2 and not (folded and _is_text(e)))
    return skip


def _is_text(element: html.HtmlElement) -> bool:
    """Whether a hidden part may be the rest of an article that is shown on demand."""
    return sum(len(text) for e in element.iter("p") if furniture.is_prose(text := line_of(e))) >= _REST


def _boxes(element: html.HtmlElement) -> set[html.HtmlElement]:
    """Small parts inside a generic container that are named as something else: newsletters, shares, other articles."""
    named: list[html.HtmlElement] = []
    walk = etree.iterwalk(element, events=("start",))
    for _, e in walk:
        if e is not element and e.tag in _BOX_TAGS and _is_box(e):
            named.append(e)
            walk.skip_subtree()
    if not named:
        return set()
    size = len(element.text_content())
    boxes = {e: len(e.text_content()) for e in named}
    small = {e: length for e, length in boxes.items() if length <= _BOX * size}
    # Where most of the text stands in such parts, the name means something else.
    return set(small) if sum(small.values()) <= _BOXES * size else set()


def _is_box(element: html.HtmlElement) -> bool:
    if element.tag in ("form", "nav"):
        return True
    if element.tag in ("p", "blockquote"):  # a part of the text, unless its class is very plain about it
        return _BOX_CLASS.search(element.get("class") or "") is not None
    own = "" if element.tag == "section" else element.get("id") or ""  # sections take their ids from their headings
    return _BOX_NAME.search(f"{element.get('class') or ''} {own} {element.get('data-component') or ''}") is not None


# --- trafilatura ----------------------------------------------------------------


@cache
def _configuration() -> Any:
    from trafilatura.settings import use_config

    # It warns of each page without text; ours comes back with a problem that says so.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", _MIN_SIZE)
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    return config


def _judged(element: html.HtmlElement, skip: Collection[html.HtmlElement]) -> str | None:
    """The letters of what trafilatura takes for the article inside ``element``; None where it cannot be asked.

    It works on a copy in a page of its own, so that none of its rules can choose another part.
    """
    from trafilatura.core import bare_extraction

    page, article = shell()
    article.append(_copy(element, skip))
    if sum(1 for _ in article.iter()) > _MOST_JUDGED or _DEEP_TABLES(article):
        return None
    try:
        document: Any = bare_extraction(
            page,
            fast=True,
            with_metadata=False,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            config=_configuration(),
        )
    except Exception as error:  # it loses its opinion, not the page; RecursionError on 2,000 nested lists, for one
        _LOG.debug("trafilatura failed: %r", error)
        return None
    return _letters(document.text or "") if document is not None else None


def _copy(element: html.HtmlElement, skip: Collection[html.HtmlElement]) -> html.HtmlElement:
    twin = copy.deepcopy(element)
    twin.tail = None
    if skip:
        places = {n for n, e in enumerate(element.iter()) if e in skip}
        for gone in [e for n, e in enumerate(twin.iter()) if n in places]:
            gone.clear(keep_tail=True)  # not drop_tree(): lxml refuses to move a tail that holds a control character
            gone.tag = "span"
    if twin.tag in ("html", "body"):
        twin.tag = "div"
    twin.attrib.clear()
    return twin


def _believed(found: list[Block], kept: str | None) -> list[Block]:
    """The blocks from the first to the last that trafilatura kept, but for lists of links it did not.

    Where it kept less than half it has lost its way: then every block that is no list of links.
    """
    plain = [block for block in found if not _is_links(block)]
    confirmed = [kept is not None and _is_in(block, kept) for block in found]
    size = sum(len(block.text) for block in plain)
    if sum(len(block.text) for block, yes in zip(found, confirmed, strict=True) if yes) < _TRUSTED * size:
        return plain
    places = [n for n, yes in enumerate(confirmed) if yes]
    if not places:
        return plain
    first, last = places[0], places[-1]
    # It is quick to drop a lead that stands in a box, or before an advertisement.
    first = next((n for n in range(first) if _is_lead(found[n])), first)
    while first and not found[first - 1].text:  # pictures before and after
        first -= 1
    while last + 1 < len(found) and not found[last + 1].text:
        last += 1
    return [
        block
        for n, block in enumerate(found[first : last + 1], first)
        if confirmed[n] or not block.text or not _is_links(block)
    ]


def _is_lead(block: Block) -> bool:
    return len(block.text) >= _LEAD and furniture.is_prose(block.text) and not block.linked


def _without_teaser(found: list[Block]) -> list[Block]:
    """The blocks without a first one that only repeats how the text behind it begins (an excerpt, cut short)."""
    for n, block in enumerate(found[:3]):
        teaser = _letters(block.text)
        if len(teaser) >= _TEASER and _letters("".join(after.text for after in found[n + 1 :])).startswith(teaser):
            return found[:n] + found[n + 1 :]
    return found


def _is_links(block: Block) -> bool:
    return bool(block.text) and not _ATTACHED.match(block.text) and block.linked >= _MOSTLY_LINKS * len(block.text)


def _is_in(block: Block, kept: str) -> bool:
    whole = _letters(block.text)
    if not whole:
        return False
    if whole in kept:
        return True
    parts = [_letters(line.text) for line in block.lines]
    return sum(len(part) for part in parts if part and part in kept) > _SAME * len(whole)


def _agreement(kept: list[Block], judged: str | None) -> float:
    """Share of the text that trafilatura takes for the article, too; 0 to 1. Not asked is half."""
    if judged is None:
        return 0.5
    size = sum(len(block.text) for block in kept)
    return sum(len(block.text) for block in kept if _is_in(block, judged)) / size if size else 0.0


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text)


def _told(signals: Signals) -> list[Block]:
    """The article text that JSON-LD gives, as paragraphs. It is text: what looks like markup stays text."""
    lines = clean_text(signals.ld("articleBody")).splitlines()
    return [Block("p", (Line(escape(line, quote=False), line),)) for line in lines]
