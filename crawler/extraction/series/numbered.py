"""Page numbers in addresses: which page of an article an address names, and what it is without the number.

Pure. An article id that counts up (``t20240101_123.html``, ``/post/12``) must never pass for a page number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

_NUMBER = r"(?P<number>0|[1-9]\d?)"  # two digits at most, no leading zero: longer ones are ids and dates
_SUFFIX = re.compile(rf"^(?P<stem>.*/[^/]+?)(?P<mark>[_-]p(?:age)?[_-]?|[_,-]){_NUMBER}(?P<ext>\.[a-z]{{3,5}})?$", re.I)
_SEGMENT = re.compile(rf"^(?P<stem>/[^/].*?)/(?P<mark>p|pg|page[/_-]?|){_NUMBER}(?:\.[a-z]{{3,5}})?/?$", re.I)
_NAMES = frozenset((
    "page", "p", "pn", "pg", "paged", "pageno", "page_no", "pagenum", "page_num", "pageindex", "currentpage",
    "cur_page", "curpage", "ipage", "pageid", "page_id",
))  # fmt: skip
_TRACKING = re.compile(r"^(?:utm_\w+|spm|from|srsltid)$", re.I)
_ENDING = re.compile(r"(?:/(?:index|default)(?:\.[a-z]{3,5})?|\.[a-z]{3,5}|/)$", re.I)
_WHOLE = re.compile(r"^(?P<stem>.*/[^/]+?)(?:[_-](?:all|full|whole|single|s)|/(?:all|full))(?:\.[a-z]{3,5})?/?$", re.I)
_WHOLE_PAIR = re.compile(
    r"^(?:page(?:wanted)?|p|view|show)=(?:all|full|single|0)$|^(?:all|full|single|showall|singlepage)=(?:1|true|yes)$",
    re.I,
)
_TAIL = re.compile(r"(?:^|[_,/-])(?:p(?:g|age)?[/_-]?)?(?:\d\d?|all|full|whole|single|s)(?:\.[a-z]{3,5})?/?$")
_PAIR = re.compile(r"=(?:\d\d?|all|full|single|true|yes)(?:&|$)")
_LAST = 98  # the highest page number that may have a next one
_ID = 12  # characters from which a name without a digit is an article's own, not "news" or "show"; or two hyphens


@dataclass(frozen=True, slots=True)
class Reading:
    """``of`` is the address without its page number; ``number`` is None where the address names none."""

    of: tuple[str, str, frozenset[str]]
    number: int | None = None
    mark: str = ""

    @property
    def is_of_one_article(self) -> bool:
        """Whether ``of`` names an article, and not a section whose articles are counted."""
        _, path, pairs = self.of
        name = path.rpartition("/")[2]
        return len(name) >= _ID or name.count("-") > 1 or any(c.isdigit() for said in (name, *pairs) for c in said)


def may_be_page(link: str) -> bool:
    """A quick look at a link as it is written: most of a page's links are not worth reading."""
    path, _, query = link.partition("#")[0].partition("?")
    return _TAIL.search(path[-16:].lower()) is not None or (query != "" and _PAIR.search(query.lower()) is not None)


@lru_cache(maxsize=64)
def readings(url: str) -> tuple[Reading, ...]:
    """All ways to read an address, the one without a page number first; () for a malformed one."""
    split = _split(url)
    if split is None:
        return ()
    host, path, query = split
    found = [Reading((host, _bare(path), query))]
    if (match := _SUFFIX.match(path)) and (match["ext"] or match["mark"] != "-"):  # `post-2` is another post
        found.append(Reading((host, _bare(match["stem"]), query), int(match["number"]), match["mark"].lower()))
    if match := _SEGMENT.match(path):
        found.append(Reading((host, _bare(match["stem"]), query), int(match["number"]), f"/{match['mark'].lower()}"))
    for pair in sorted(query):
        name, _, value = pair.partition("=")
        plain = name.lower() in _NAMES and re.fullmatch(_NUMBER, value)
        if plain and (name.lower() != "p" or path.strip("/")):  # WordPress: /?p=12 is an id
            found.append(Reading((host, _bare(path), query - {pair}), int(value), f"?{name.lower()}"))
    return tuple(found)


def _split(url: str) -> tuple[str, str, frozenset[str]] | None:
    """Host and port, path, and the pairs of the query that say what is shown; None for a malformed address."""
    try:
        parts = urlsplit(url)
        host = f"{(parts.hostname or '').removeprefix('www.')}:{parts.port or ''}"
    except ValueError:
        return None
    pairs = [pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair.partition("=")[0])]
    return host, unquote(parts.path), frozenset(pairs)


def _bare(path: str) -> str:
    return _ENDING.sub("", path).rstrip("/")


def following(url: str, link: str) -> tuple[Reading, Reading] | None:
    """How ``url`` and ``link`` read as an article's page and its next one; None if they do not."""
    for one in readings(url):
        for other in readings(link):
            if other.number is None or one.of != other.of:
                continue
            if one.number is None:
                # t123.html, t123_1.html is how TRS counts, t123.html, t123_2.html how others do.
                if other.number in (1, 2):
                    return one, other
            elif one.mark == other.mark and other.number == one.number + 1 <= _LAST and one.is_of_one_article:
                return one, other
    return None


def preceding(url: str, link: str) -> Reading | None:
    """How ``link`` reads as an earlier page of the article whose further page is at ``url``; None if it does not."""
    for one in readings(url):
        if not one.number or not one.is_of_one_article:
            continue
        for other in readings(link):
            if other.of == one.of and (
                other.number is None
                or (other.mark == one.mark and other.number in {0, 1, one.number - 1} - {one.number})
            ):
                return other
    return None


def may_be_further(url: str) -> bool:
    """Whether an address could be that of an article's second or later page."""
    return any(one.number and one.is_of_one_article for one in readings(url))


def is_whole_view(url: str, link: str) -> bool:
    """Whether ``link`` shows all pages of the article at ``url`` on one."""
    split, own = _split(link), readings(url)
    if split is None or not own:
        return False
    host, path, query = split
    rest = frozenset(pair for pair in query if not _WHOLE_PAIR.match(pair))
    match = _WHOLE.match(path)
    by_name = match is not None and own[0].of == (host, _bare(match["stem"]), query)
    return by_name or (rest != query and own[0].of == (host, _bare(path), rest))
