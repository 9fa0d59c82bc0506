"""Pages that only send the reader on, and where to.

Pure.
"""

from __future__ import annotations

import json
import re

from lxml import etree

from crawler.extraction.tree import Tree, absolute, parse

_LONGEST = 60_000  # characters; a stub is a shell of a page
_MOST_TEXT = 600  # visible characters, menus included
_MOST_PROSE = 80  # characters of it in sentences: "页面正在跳转，请稍候" and the like
_SENTENCE = 20
_HINT = re.compile(r"\blocation\b|http-equiv=.?refresh", re.IGNORECASE)
_SHOWN = etree.XPath("//text()[not(ancestor::script or ancestor::style or ancestor::head or ancestor::noscript)]")
_ASSIGNED = re.compile(
    r"(?:window\.|document\.|top\.|self\.|parent\.)?location(?:\.href)?\s*=\s*(?P<a>\"(?:[^\"\\\n]|\\.){1,2000}\"|'(?:[^'\\\n]|\\.){1,2000}')"
    r"|location\.(?:replace|assign)\(\s*(?P<b>\"(?:[^\"\\\n]|\\.){1,2000}\"|'(?:[^'\\\n]|\\.){1,2000}')\s*\)"
)
# Code that runs only when the reader does something.
_HANDLER = re.compile(
    r"\.on(?:click|submit|change|key\w+)\b|addEventListener|\.(?:click|submit|change|on|bind|live)\s*\(|\bif\s*\(|\bcase\b|function\s+\w+\s*\("
)
_IF = re.compile(r"(?:&&|\|\||\?)[^;{}]*$")  # "isMobile && (location.href = …)"
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
_REFRESH = re.compile(r"^\s*\d+(?:\.\d+)?\s*[;,]\s*url\s*=\s*['\"]?(?P<url>[^'\"]+)", re.IGNORECASE)


def redirect_target(html_text: str, url: str) -> str:
    """The http(s) address a 跳转中 page leads to; "" if the page is no such stub."""
    page = parse(html_text, url) if may_be_stub(html_text) else None
    return target_of(page) if page is not None else ""


def may_be_stub(html_text: str) -> bool:
    return len(html_text) <= _LONGEST and _HINT.search(html_text) is not None


def target_of(page: Tree) -> str:
    """As `redirect_target`, for a page that is parsed already.

    The script must set the address by itself: not in a handler, a condition or a named function.
    """
    shown = [text for node in _SHOWN(page.root) if (text := node.strip())]
    prose = sum(len(text) for text in shown if len(text) >= _SENTENCE and re.search(r"[，。,.]", text))
    if sum(map(len, shown)) > _MOST_TEXT or prose > _MOST_PROSE:
        return ""
    for script in page.root.iter("script"):
        code = _COMMENT.sub("", script.text or "")
        handler = _HANDLER.search(code)
        for found in _ASSIGNED.finditer(code):
            if handler is not None and handler.end() <= found.start():
                break
            if not _IF.search(code[max(0, found.start() - 80) : found.start()]):
                target = _elsewhere(_unquoted(found["a"] or found["b"]), page)
                if target:
                    return target
    for meta in page.root.iter("meta"):
        refresh = _REFRESH.match(meta.get("content") or "")
        if refresh and (meta.get("http-equiv") or "").lower() == "refresh":
            return _elsewhere(refresh["url"], page)
    return ""


def _elsewhere(link: str, page: Tree) -> str:
    target = absolute(link, page.base)
    return target if target.partition("#")[0] != page.url.partition("#")[0] else ""


def _unquoted(literal: str) -> str:
    r"""The value of a JavaScript string: ``\/`` and ``\u002f`` as in JSON."""
    inner = literal[1:-1]
    if literal[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    try:
        value = json.loads(f'"{inner}"')
    except ValueError:
        return inner.replace("\\/", "/")
    return value if isinstance(value, str) else ""
