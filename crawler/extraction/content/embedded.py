"""Articles that a page keeps in its scripts and text areas, for a script to show: state objects, escaped markup.

Pure. Nothing is run. What comes out is a guess with its place; who asks decides whether to believe it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from lxml import html

from crawler.extraction.content import writer
from crawler.extraction.content.blocks import Block, to_text
from crawler.extraction.lines.terms import share_of, terms_of
from crawler.extraction.text import clean_line, clean_title, fold
from crawler.extraction.tree import parse

_LONGEST = 4_000_000  # characters of one script that are read
_ASSIGNED = re.compile(r"(?:^|[;\s])(?:(?:var|let|const)\s+)?[\w.$]{1,60}\s*=\s*(?:JSON\.parse\(\s*)?(?=[{\[\"'])")
_MOST_ASSIGNED = 40  # assignments of one script that are tried
_MOST_NODES = 60_000  # values of all objects that are looked at
_DEEPEST = 40
_CONTENT = re.compile(
    r"^(?:article_?)?(?:content|body|text|html|detail|desc_?html|neirong)(?:_?(?:html|text|cn|str|body))?$", re.I
)
_LINE = ("text", "value", "content", "desc", "data", "html", "title")  # of one paragraph among many
_TITLE = ("title", "headline", "article_title", "share_title", "newsTitle")
_DATE = re.compile(
    r"^(?:pub(?:lish(?:ed)?)?_?(?:time|date|at|on)|date_?published|create[d]?_?(?:time|at|date|on)|ctime|pubdate|issue_?time|show_?time|display_?time|release_?(?:time|date)|input_?time|news_?time|date|time)$",
    re.I,
)
_AUTHOR = re.compile(r"^(?:author|authors|author_?name|writers?|reporters?|byline)$", re.I)
_MEDIUM = re.compile(r"^(?:source|source_?name|media|media_?name|copy_?from|origin|catalog_?source|laiyuan)$", re.I)
_MARKUP = re.compile(r"<(?:p|br|div|span|section|img|strong)\b", re.I)
_PREFIX = re.compile(r"^(?:article|news|art|hid|hidden|txt)[-_]?(?=\w)", re.I)
_TIME_SET = re.compile(
    r"(?<![\w.])(?:publish_?time|pub_?time|pub_?date|create_?time|ct|publish_?date|article_?time)\s*[=:]\s*[\"'](\d{10}(?:\d{3})?|(?:19|20)\d\d[-/]\d\d?[-/]\d\d?[ T\d:]*)[\"']",
    re.IGNORECASE,
)
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*(?:undefined|NaN)(?=\s*[,}\]])")  # JavaScript, not JSON
_LATEST = 1e14  # milliseconds
_SAME_TITLE = 0.5  # share of a headline's letters that another form of it has
_MOST_DECODED = 8_000_000  # characters of all scripts of a page
_LEAST = 30  # characters of a text that may be an article's
_TAGS = re.compile(r"<[^>]*>")
_NAMES = ("name", "display_name", "author_name", "authorName", "nickname", "title")


@dataclass(frozen=True, slots=True)
class Record:
    """One object that may describe the article; ``content`` is markup or text, the rest as it stands there."""

    where: str
    title: str
    content: str
    date: str | int | float
    authors: tuple[str, ...]
    medium: str


class Embedded:
    """What a page's scripts hold. Nothing is read before it is asked for: most pages need none of it."""

    def __init__(self, root: html.HtmlElement, base: str) -> None:
        self._root = root
        self._base = base

    @cached_property
    def _records(self) -> list[Record]:
        left = [_MOST_NODES]
        found: list[Record] = []
        for where, data in _data(self._root):
            for node in _nodes(data, left):
                record = _record(where, node)
                if record is not None:
                    found.append(record)
        fields = dict(_fields(self._root))
        if (record := _record("textarea", fields)) is not None:
            found.append(record)
        found += [Record("textarea", "", text, "", (), "") for text in _escaped(self._root)]
        return found

    @cached_property
    def stated_time(self) -> str:
        """The time that scripts set a variable of publication to, if they agree on one."""
        found = {
            match[1]
            for script in self._root.iter("script")
            for match in _TIME_SET.finditer((script.text or "")[:_LONGEST])
        }
        return next(iter(found)) if len(found) == 1 else ""

    def about(self, title: str) -> Record | None:
        """The first object with this headline that tells more than the headline."""
        wanted = fold(title)
        if not wanted:
            return None
        near = [(_nearness(fold(record.title), wanted), record) for record in self._records if record.title]
        same = [one for one in near if one[0] >= _SAME_TITLE]
        best = max(
            same, key=lambda one: (one[0], *map(bool, (one[1].date, one[1].content, one[1].medium))), default=None
        )
        return best[1] if best else None

    def text(self, title: str) -> tuple[list[Block], str]:
        """The text that has most of the headline's terms, as blocks, and where it stood; ([], "") if there is none."""
        terms, wanted = terms_of(title), fold(title)
        best: tuple[float, list[Block], str] = (0.0, [], "")
        seen: set[str] = set()
        for record in self._records:
            if not record.content or record.content in seen:
                continue
            if record.title and _nearness(fold(record.title), wanted) < _SAME_TITLE:
                continue  # another article's
            seen.add(record.content)
            blocks = self._blocks(record.content)
            text = to_text(blocks)
            if len(text) < _LEAST:
                continue
            told = bool(record.title) and fold(record.title) == wanted
            weight = (share_of(terms, text[:3_000]) + told) * len(text) ** 0.5
            if weight > best[0]:
                best = weight, blocks, record.where
        return best[1], best[2]

    def _blocks(self, content: str) -> list[Block]:
        if not _MARKUP.search(content):
            content = "".join(f"<p>{_plain(line)}</p>" for line in content.splitlines() if line.strip())
        page = parse(f"<html><body><div>{content}</div></body></html>", self._base)
        body = page.root.find("body") if page else None
        return writer.write(body, self._base) if body is not None else []


def _nearness(title: str, wanted: str) -> float:
    """1 for the same headline; the share that one is of the other; 0 where neither holds the other."""
    if not title or not wanted or not (title in wanted or wanted in title):
        return 0.0
    return min(len(title), len(wanted)) / max(len(title), len(wanted))


def _plain(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;")


def _data(root: html.HtmlElement) -> Iterator[tuple[str, Any]]:
    """The objects that scripts hold as JSON, or assign as what also is JSON."""
    left = _MOST_DECODED
    for script in root.iter("script"):
        text = (script.text or "").strip()
        left -= len(text)
        if left < 0:
            return
        kind = (script.get("type") or "").lower()
        if len(text) < _LEAST or len(text) > _LONGEST:
            continue
        where = clean_line(script.get("id") or "", 60)
        if "json" in kind or text[:1] in "{[":
            if "ld+json" in kind:
                continue  # read by `signals`
            data = _decoded(unquote(text) if text.startswith("%7B") else text)
            if data is not None:
                yield f"script:{where or 'json'}", data
            continue
        for n, found in enumerate(_ASSIGNED.finditer(text)):
            if n == _MOST_ASSIGNED:
                break
            data = _decoded(text[found.end() :])
            if isinstance(data, str) and data[:1] in "{[%" and len(data) > _LEAST:
                data = _decoded(unquote(data) if data.startswith("%") else data)
            if isinstance(data, (dict, list)):
                yield f"script:{found[0].strip(' ;=').split()[0].removesuffix('=JSON.parse(')}", data


def _decoded(text: str) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except RecursionError:
        return None
    except ValueError:
        if text[:1] not in "{[" or not _UNDEFINED.search(text):
            return None
        try:
            return json.JSONDecoder(strict=False).raw_decode(_UNDEFINED.sub("null", text))[0]
        except (ValueError, RecursionError):
            return None


def _nodes(data: Any, left: list[int]) -> Iterator[dict[str, Any]]:
    """All objects inside, outer ones first."""
    stack: list[tuple[Any, int]] = [(data, 0)]
    while stack and left[0] > 0:
        value, depth = stack.pop()
        left[0] -= 1
        if depth > _DEEPEST:
            continue
        if isinstance(value, dict):
            yield value
            stack += [(inner, depth + 1) for inner in reversed(value.values()) if isinstance(inner, (dict, list))]
        elif isinstance(value, list):
            stack += [(inner, depth + 1) for inner in reversed(value) if isinstance(inner, (dict, list))]


def _record(where: str, node: dict[str, Any]) -> Record | None:
    content = max((_content(value) for name, value in node.items() if _CONTENT.match(name)), key=len, default="")
    title = next((clean_title(node[name]) for name in _TITLE if isinstance(node.get(name), str) and node[name]), "")
    if len(content) < _LEAST:
        content = ""
    if not content and not title:
        return None
    date = next((v for k, v in node.items() if _DATE.match(k) and _is_time(v)), "")
    medium = next((_name(v) for k, v in node.items() if _MEDIUM.match(k) and _name(v)), "")
    authors = next((_names(v) for k, v in node.items() if _AUTHOR.match(k) and _names(v)), ())
    return Record(where, title, content, date, authors, medium)


def _is_time(value: Any) -> bool:
    return (isinstance(value, str) and bool(value)) or (isinstance(value, int | float) and 0 < value < _LATEST)


def _content(value: Any, depth: int = 0) -> str:
    """Text, {"text": …}, or a list of such: paragraphs."""
    if isinstance(value, str):
        return value
    if depth > 3:
        return ""
    if isinstance(value, dict):
        return next((text for name in _LINE if (text := _content(value.get(name), depth + 1))), "")
    if isinstance(value, list):
        parts = [_content(item, depth + 1) for item in value[:2_000]]
        return "\n".join(part if _MARKUP.search(part) else f"<p>{_plain(part)}</p>" for part in parts if part.strip())
    return ""


def _name(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[name] for name in _NAMES if isinstance(value.get(name), str)), "")
    return _TAGS.sub("", value).strip() if isinstance(value, str) and len(value) < 300 else ""


def _names(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(name for item in values[:8] if (name := _name(item)))


def _fields(root: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Hidden fields of the article, named by class or id: ``article-source-name`` is its source_name."""
    for element in root.iter("textarea", "input"):
        name = (element.get("class") or element.get("id") or element.get("name") or "").strip()
        value = (element.get("value") or "") if element.tag == "input" else "".join(element.itertext())
        if name and value.strip() and (element.tag == "textarea" or element.get("type") == "hidden"):
            yield _PREFIX.sub("", name).replace("-", "_"), value.strip()


def _escaped(root: html.HtmlElement) -> Iterator[str]:
    """Markup that stands as text in a text area or a template."""
    for element in root.iter("textarea", "script", "noscript", "template", "xmp"):
        kind = (element.get("type") or "").lower()
        if element.tag == "script" and "template" not in kind and "html" not in kind:
            continue
        if next(element.iterancestors("template", "textarea", "xmp"), None) is not None:
            continue  # the outer one holds it: of 1,000 never closed each holds all that follows
        text = "".join(element.itertext()) if element.tag != "noscript" else element.text or ""
        if element.tag == "template":  # the parser has read its markup
            text = "".join(html.tostring(inner, encoding="unicode") for inner in element)
        if _LEAST < len(text) < _LONGEST and _MARKUP.search(text):
            yield text
