"""Who wrote it: every place that may name authors, in the order of trust.

Pure. Chinese papers name them in lines (`byline`), Western ones in JSON-LD, <meta> and elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from crawler.extraction import selectors
from crawler.extraction.content.headline import is_foreign
from crawler.extraction.facts.context import Context
from crawler.extraction.lines import byline, names
from crawler.extraction.lines.simple import simple
from crawler.extraction.text import clean_line, fold
from crawler.extraction.tree import line as line_of

_METAS = ("author", "parsely-author", "sailthru.author", "dc.creator", "byl", "citation_author", "article:author")
_LABEL = re.compile(r"^.{0,8}?(?:(?:(?:作者|记者)\s*[:：/]?|文\s*[:：/])\s*)+")
_ACCOUNT = re.compile(r"^[\w·-]{2,20}$")  # how a site may name its author otherwise: an account, a desk
_CJK = re.compile(r"[\u4e00-\u9fff]")
_AUTHOR_CLASS = etree.XPath("//*[contains(@class, 'author') or contains(@rel, 'author')][not(*[*])]")
_NAMED = etree.XPath(
    "/descendant::*[@rel='author' or @itemprop='author' or contains(@class, 'uthor') or contains(@class, 'byline') or contains(@class, 'ritten-by')"
    " or contains(@class, 'contributor') or contains(@class, 'by-div') or contains(@class, 'post-user')]"
)
_MARKED = re.compile(r"(?:^|\s)(?:author|fn|url fn n|author-?name)(?:\s|$)")
# The months end a name: "By Jane Roe April 5".
_MONTH = r"(?:January|February|March|April|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b"
_CAPITAL = rf"(?!{_MONTH}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|View\b|Updated\b|Published\b|Posted\b|Read\b|Last\b|On\b|In\b|Share\b)[^\W\d_a-z]"
_PERSON = rf"{_CAPITAL}[\w.'’-]*(?:\s+(?:(?:de|da|di|van|von|der|den|la|le|bin|al)\s+)*{_CAPITAL}[\w.'’-]*){{0,4}}"
_BY = re.compile(
    rf"^(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ww]ords) )?(?:[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]oor):?\s+({_PERSON}(?:(?:,\s*|\s+(?:and|&|und|et|y|e|en)\s+)+{_PERSON}){{0,5}})"
)
_ONLY_NAMES = re.compile(rf"^{_PERSON}(?:(?:,\s*|\s+(?:and|&)\s+)+{_PERSON}){{0,5}}$")
_BY_LABEL = re.compile(
    r"^(?:(?:written|posted|reviewed|published) )?(?:by|von|par|por|di|door|author)[:\s]+", re.IGNORECASE
)
_WESTERN_NAME = re.compile(r"^[^\W\d_][\w .,'’&()/-]{1,59}$")
_NO_NAME = re.compile(
    r"\b(?:min(?:ute)?s? read|view|posts?|all|admin|staff|editors?|team|about|follow|more|read|share|author|home)\b",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"://|@|^(?:admin\w*|staff|editors?|editorial.*|news ?(?:room|desk)|root|webmaster)$", re.IGNORECASE
)
_AND = re.compile(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b)\s*")
_DEGREE = re.compile(
    r"^(?:M\.?[SDAW]\.?|R\.?[DN]\.?|Ph\.?D\.?|MPH|MBA|DVM|CFP|CPA|Jr\.?|Sr\.?|I{2,3}|LDN?|RDN|CNS|MSW|JD|Esq\.?)$",
    re.IGNORECASE,
)
_HEAD, _END = 3, 2  # paragraphs at either end of the body in which an author may be named
_MOST_ELEMENTS = 40  # that are called after the author
_LONGEST = 60  # characters of an element that is nothing but names


def read(page: Context) -> tuple[tuple[str, ...], str]:
    """The names and where they were read; ((), "") where nobody is named."""
    declared, selector = selectors.first(page.tree.root, page.source.author if page.source else ())
    people = byline.authors_in_lines(declared) or tuple(
        dict.fromkeys(name for text in declared for name in names.labelled(_LABEL.sub("", text)))
    )
    if not people:
        people = tuple(text for text in map(clean_line, declared) if _ACCOUNT.match(text) and _CJK.search(text))[:1]
    if people:
        return people, f"declared:{selector}"
    texts = [text for block in page.body.blocks if (text := block.text)]
    readers: tuple[tuple[str, Callable[[], tuple[str, ...]]], ...] = (
        ("json-ld", lambda: _told_by_json(page)),
        ("byline", lambda: byline.authors_in_lines((*page.beside, *page.after))),
        ("element", lambda: _in_element(page)),
        ("lead", lambda: byline.authors_in_prose(texts[:_HEAD], ())),
        ("credit", lambda: byline.authors_in_lines(page.cut)),
        ("closing", lambda: byline.authors_in_prose((), texts[-_END:])),
        ("script", lambda: tuple(name for name in page.record.authors if names.is_person(simple(name)))),
        ("meta", lambda: _twice(page) if _is_eastern(texts) else _western(page)),
        ("list", lambda: page.candidate.authors if page.candidate else ()),
    )
    for where, reader in readers:
        if people := reader():
            return people, where
    return (), ""


def _is_eastern(texts: list[str]) -> bool:
    return any(_CJK.search(text) for text in texts[:5])


def _in_element(page: Context) -> tuple[str, ...]:
    """A person's name that is all there is in an element beside the headline with "author" in its class."""
    for element in _AUTHOR_CLASS(page.tree.root)[:8]:
        text = line_of(element)
        people = byline.as_written(names.plain(simple(text)), text) if len(text) <= _LONGEST else ()
        if people and "".join(people) == re.sub(r"[\s、，,]", "", text) and any(text in one for one in page.beside):
            return people
    return ()


def _told_by_json(page: Context) -> tuple[str, ...]:
    """JSON-LD names persons on Western sites, and desks or the site itself on Chinese ones."""
    site = {fold(page.signals.first("og:site_name")), fold(page.signals.ld("publisher"))}
    told = dict.fromkeys(clean_line(name, 60) for name in page.signals.ld_people("author") if fold(name) not in site)
    if any(_CJK.search(name) for name in told):
        people = tuple(name for name in told if names.is_person(simple(name)))
        return people or byline.authors_in_lines(told)
    parts = (part for name in told for part in _AND.split(_BY_LABEL.sub("", name)))
    return tuple(
        dict.fromkeys(name for name in parts if name and not _NO_PERSON.search(name) and not _DEGREE.match(name))
    )


def _twice(page: Context) -> tuple[str, ...]:
    """A name that <meta> and an element beside the headline agree upon, or one marked as the author's: a blog's."""
    told = clean_line(page.signals.first("author"), 40)
    for named in page.near:
        if _ACCOUNT.match(named.text) and (named.text == told or _MARKED.search(named.name)):
            return (named.text,) if fold(named.text) != fold(page.signals.first("og:site_name")) else ()
    return ()


def _western(page: Context) -> tuple[str, ...]:
    """From <meta>, "By …" beside the headline, and elements that are called after the author.

    On Chinese pages these name the site, an editor or a number.
    """
    site = fold(page.signals.first("og:site_name"))
    for text in _western_places(page):
        name = _BY_LABEL.sub("", clean_line(text, 120))
        if _WESTERN_NAME.match(name) and not _NO_NAME.search(name) and fold(name) != site:
            return tuple(part for part in _AND.split(name) if part and not _DEGREE.match(part))
    return ()


def _western_places(page: Context) -> Iterator[str]:
    yield page.signals.first(*_METAS)
    if "written by" in page.signals.first("twitter:label1").lower():
        yield page.signals.first("twitter:data1")
    yield from (found[1] for text in page.beside if (found := _BY.match(text)))
    for element in _NAMED(page.tree.root)[:_MOST_ELEMENTS]:
        if is_foreign(element):
            continue
        text = line_of(element)
        if (found := _BY.match(text)) is not None and len(text) <= 2 * _LONGEST:
            yield found[1]
        elif len(text) <= _LONGEST and " " in text and _ONLY_NAMES.match(text):
            yield text
    yield from (found[1] for block in page.body.blocks[:1] if (found := _BY.match(block.text)))
