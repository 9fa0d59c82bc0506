"""Pages that only send the reader on, and where to.

Pure.
"""

from __future__ import annotations

import json
import re

from crawler.extraction.tree import absolute, parse

_LONGEST = 60_000  # characters; a stub is a shell of a page
_MOST_TEXT = 600  # visible characters, menus included
_MOST_PROSE = 60  # characters of the longest text without a link
_ASSIGNED = re.compile(
    r"(?:window\.|document\.|top\.|self\.|parent\.)?location(?:\.href)?\s*=\s*(?P<a>\"(?:[^\"\\\n]|\\.){1,2000}\"|'(?:[^'\\\n]|\\.){1,2000}')"
    r"|location\.(?:replace|assign)\(\s*(?P<b>\"(?:[^\"\\\n]|\\.){1,2000}\"|'(?:[^'\\\n]|\\.){1,2000}')\s*\)"
)
# Code that runs only when the reader does something.
_HANDLER = re.compile(
    r"\.on(?:click|submit|change|key\w+)\b|addEventListener|\.(?:click|submit|change|on|bind|live)\s*\(|\bif\s*\(|\bcase\b|function\s+\w+\s*\("
)
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
_REFRESH = re.compile(r"^\s*\d+(?:\.\d+)?\s*[;,]\s*url\s*=\s*['\"]?(?P<url>[^'\"]+)", re.IGNORECASE)


def redirect_target(html_text: str, url: str) -> str:
    """The http(s) address a 跳转中 page leads to; "" if the page is no such stub.

    The script must set the address by itself: not in a handler, a condition or a named function.
    """
    if len(html_text) > _LONGEST or ("location" not in html_text and "http-equiv" not in html_text.lower()):
        return ""
    page = parse(html_text, url)
    if page is None:
        return ""
    prose, total = 0, 0
    for element in page.root.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "head", "title", "noscript", "a"):
            length = 0
        else:
            length = len((element.text or "").strip())
        length_of_tail = len((element.tail or "").strip())
        prose = max(prose, length, length_of_tail)
        total += length + length_of_tail + (len((element.text or "").strip()) if element.tag == "a" else 0)
    if prose > _MOST_PROSE or total > _MOST_TEXT:
        return ""
    for script in page.root.iter("script"):
        code = _COMMENT.sub("", script.text or "")
        for found in _ASSIGNED.finditer(code):
            if _HANDLER.search(code[: found.start()]):
                continue
            target = absolute(_unquoted(found["a"] or found["b"]), page.base)
            if target and target.split("#")[0] != url.split("#")[0]:
                return target
    for meta in page.root.iter("meta"):
        refresh = _REFRESH.match(meta.get("content") or "")
        if refresh and (meta.get("http-equiv") or "").lower() == "refresh":
            target = absolute(refresh["url"], page.base)
            if target and target.split("#")[0] != url.split("#")[0]:
                return target
    return ""


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
