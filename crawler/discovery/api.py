"""Reads JSON lists: JSON, JSONP or a script's one variable -> Python values.

Pure. What the rows mean is the source's business; here is only what they share.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from crawler.discovery.markup import decoded, kind_of
from crawler.errors import ListError
from crawler.extraction.text import clean_line
from crawler.models import Page

# What may stand around the value: cb( … ), ({ … }), var x = …;, a comment against content sniffing.
_BEFORE = re.compile(
    r"""\s* (?:/\*.*?\*/)? \s*
        (?: (?:(?:var|let|const)\s+)? [\w$.]+ \s*=\s* )?
        (?: [\w$.]+ \s*&&\s* )? [\w$.]* \s* \(? \s*""",
    re.VERBOSE | re.DOTALL,
)
_LONGEST_BEFORE = 200  # characters; keeps the pattern from pondering a page of text
_AFTER = re.compile(r"[\s);]*")

_MESSAGES = ("message", "msg", "error_msg", "errmsg", "errorMessage", "error", "Message")
_CODES = ("code", "status", "errcode", "error_code", "ret", "Code")
_SUCCESS = {"", "0", "1", "200", "true", "ok", "success"}


def load(page: Page) -> Any:
    """The JSON value of an answer; ListError, with the API's own words, if it is an error or no JSON."""
    text = decoded(page).lstrip()
    start = re.search(r"[{\[]", text[:_LONGEST_BEFORE])
    if not start or not _BEFORE.fullmatch(text, 0, start.start()):
        raise ListError(f"the API answered with {kind_of(page, text)}, not JSON")
    try:
        value, end = json.JSONDecoder().raw_decode(text, start.start())
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "") or type(error).__name__
        raise ListError(f"the API's JSON is damaged or cut off: {reason}") from None
    if not _AFTER.fullmatch(text, end):
        raise ListError("the API answered with a script, not JSON")
    complaint = _complaint(value)
    if complaint:
        raise ListError(f"the API refused: {complaint}")
    return value


def dig(value: Any, path: str) -> list[Any]:
    """The list at a dotted path ("" for the value itself); ListError names what is missing."""
    place = value
    gone = []
    for name in path.split(".") if path else ():
        gone.append(name)
        if not isinstance(place, Mapping) or name not in place:
            there = ", ".join(list(map(str, place))[:8]) if isinstance(place, Mapping) else _name_of(place)
            raise ListError(f"the API's answer has no {'.'.join(gone)} (there is: {there or 'nothing'})")
        place = place[name]
    if not isinstance(place, list):
        raise ListError(f"the API's answer has no list at {path or 'its top'} (there is: {_name_of(place)})")
    return place


def text_of(row: Any, name: str) -> str:
    """A row's field as one clean line; "" for None, nested values and rows that are no objects."""
    value = row.get(name) if isinstance(row, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return clean_line(str(value))


def _complaint(value: Any) -> str:
    """The message of an error shell: a message, no data, and a code that is no success."""
    if not isinstance(value, Mapping):
        return ""
    inner = value.get("error")
    if isinstance(inner, Mapping):
        value = {**inner, "code": inner.get("code", "error")}
    containers = [part for part in value.values() if isinstance(part, (list, Mapping))]
    message = next((text for name in _MESSAGES if (text := text_of(value, name))), "")
    code = next((str(value[name]).lower() for name in _CODES if name in value), "")
    if any(containers) or (containers and code in _SUCCESS):
        return ""
    return message[:200]


def _name_of(value: Any) -> str:
    names = {type(None): "null", str: "a text", list: "a list", dict: "an object", bool: "true or false"}
    return names.get(type(value), "a number")
