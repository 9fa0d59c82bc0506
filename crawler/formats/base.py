"""Front matter: our handler for python-frontmatter, which reads and writes it, and the quoting of values.

Reading keeps every value the text that stands there. Writing puts each value in one quoted line,
so that nothing from a page becomes a key, and YAML 1.1 and 1.2 read the same. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from crawler.errors import UsageError
from crawler.models import Style

Value = str | tuple[str, ...]

# --- values --------------------------------------------------------------------

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_BREAKS = frozenset("\t\n\x0b\x0c\r\x85\u2028\u2029")

# A plain scalar that no parser takes for anything but a string: it starts with a letter or holds
# something beyond ASCII (numbers, dates and times do not), has no ": ", no " #", no outer space.
_PLAIN = re.compile(
    r"(?:[A-Za-z]|[0-9](?=.*[^\x00-\x7f])|(?!\s)[^\x00-\x7f])"
    r"(?:[^:#]|:(?=\S)|(?<!\s)\#)*"
    r"(?<!\s)"
)
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})?)?")


def one_line(text: str) -> str:
    """The text without what YAML cannot carry; line breaks and tabs become spaces."""
    if not _UNPRINTABLE.search(text):
        return text
    return _UNPRINTABLE.sub(lambda match: " " if match[0] in _BREAKS else "", text)


def single(text: str) -> str:
    return "'" + one_line(text).replace("'", "''") + "'"


def double(text: str) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain(text: str) -> str:
    """Unquoted where that is safe; nothing for an unknown value, which reads as null."""
    text = one_line(text)
    if not text or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS):
        return text
    return double(text)


def stamp(text: str) -> str:
    """A date or time as YAML's own type, anything else as a string."""
    return text if _STAMP.fullmatch(text) else plain(text)


def flag(text: str) -> str:
    return text if text in ("true", "false") else plain(text)


# --- the handler ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layout:
    """The fixed keys of a style in order, each with its quoting; ``lists`` are those that hold a list."""

    style: Style
    quoting: Mapping[str, Callable[[str], str]]
    lists: frozenset[str] = frozenset()
    before: str = ""  # what precedes the first ---


class FrontMatter(YAMLHandler):
    """Writes by its only layout; reads by the one that has the file's keys, and keeps that in ``layout``."""

    _BLOCK = re.compile(r"---[ \t]*\n(?P<matter>.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)

    def __init__(self, *layouts: Layout, first_line: int = 1) -> None:
        super().__init__()
        self.layouts = layouts
        self.layout = layouts[0]
        self.first_line = first_line

    def split(self, text: str) -> tuple[str, str]:
        found = self._BLOCK.match(text)
        if found is None:
            raise UsageError(f"no front matter: line {self.first_line} opens it, but no line --- closes it")
        return found["matter"], text[found.end() :]

    def load(self, fm: str, **_: object) -> dict[str, Value]:
        try:
            node = yaml.compose(fm, Loader=yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or str(error).partition("\n")[0]
            raise UsageError(f"front matter: {self._line(mark)}: {what}") from error
        if not isinstance(node, yaml.MappingNode):
            raise UsageError(f"front matter: line {self.first_line}: no keys and values follow")
        self.layout = self._layout_of([str(key.value) for key, _ in node.value])
        values: dict[str, Value] = {}
        for key, value in node.value:
            place = f"front matter: {self._line(key.start_mark)}: {key.value}"
            if key.value not in self.layout.quoting:
                raise UsageError(f"{place}: not a key of the {self.layout.style} style ({self._keys()})")
            if key.value in values:
                raise UsageError(f"{place}: stands there twice")
            values[key.value] = self._value(value, place, key.value in self.layout.lists)
        if missing := [key for key in self.layout.quoting if key not in values]:
            what = f"missing; the {self.layout.style} style has {self._keys()}"
            raise UsageError(f"front matter: {', '.join(missing)}: {what}")
        return values

    def export(self, metadata: Mapping[str, object], **_: object) -> str:
        lines: list[str] = []
        for key, quote in self.layout.quoting.items():
            value = metadata[key]
            if isinstance(value, tuple):
                lines.append(f"{key}: ")
                lines.extend(f" - {quote(item)}" for item in value)
            else:
                lines.append(f"{key}: {quote(str(value))}")
        return "\n".join(lines)

    def format(self, post: frontmatter.Post, **_: object) -> str:
        return f"{self.layout.before}---\n{self.export(post.metadata)}\n---\n{post.content}"

    def _layout_of(self, keys: list[str]) -> Layout:
        """The style with most of these keys; what does not fit is named afterwards."""
        return max(self.layouts, key=lambda layout: len(layout.quoting.keys() & set(keys)) / len(layout.quoting))

    def _keys(self) -> str:
        return ", ".join(self.layout.quoting)

    def _line(self, mark: yaml.Mark | None) -> str:
        return f"line {self.first_line + 1 + (mark.line if mark else 0)}"

    @staticmethod
    def _value(node: yaml.Node, place: str, is_list: bool) -> Value:
        items = node.value if isinstance(node, yaml.SequenceNode) and is_list else [node]
        if not all(isinstance(item, yaml.ScalarNode) for item in items):
            raise UsageError(f"{place}: {'a flat list' if is_list else 'one value'} is expected")
        texts = tuple(str(item.value) for item in items)
        return texts if is_list else texts[0]


def write(layout: Layout, metadata: Mapping[str, Value], body: str) -> bytes:
    post = frontmatter.Post(body, FrontMatter(layout), **metadata)
    return frontmatter.dumps(post).encode("utf-8", "replace")


def read(content: bytes, layouts: tuple[Layout, ...]) -> tuple[Layout, dict[str, Value], str]:
    """Style, values and body (without outer white space). Raises ``UsageError`` with the place."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8: byte {error.start}: {error.reason}") from error
    blank = len(text) - len(text.lstrip())
    first_line = text.count("\n", 0, blank) + 1
    if not text.startswith("---", blank):
        raise UsageError(f"no front matter: line {first_line} is not ---")
    handler = FrontMatter(*layouts, first_line=first_line)
    post = frontmatter.loads(text, handler=handler)
    return handler.layout, cast("dict[str, Value]", post.metadata), post.content
