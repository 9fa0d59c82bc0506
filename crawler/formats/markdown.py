"""Sanitised HTML as Markdown in the archive's dialect, and Markdown as sanitised HTML.

Whatever the text holds shows as written: nothing in it becomes markup, HTML or a template.
Imported only when a document needs it, because its two libraries take 0.3 s to load. Pure.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape as escape_html
from html import unescape
from typing import Any
from unicodedata import category

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from markdown_it import MarkdownIt
from markdownify import ATX, MarkdownConverter

from crawler.formats.blocks import BLOCKS, INLINE
from crawler.formats.content import inert, link_target
from crawler.formats.markup import sanitise

# --- text that means nothing ---------------------------------------------------

# A backslash counts before punctuation only; at the end of a piece, markup may follow it.
# Two tildes strike through what is between them, as in "10~20元，30~40元"; two dollars begin a formula to kramdown.
_ACTIVE = re.compile(r"[`*_\[\]<{}~]|\\(?=[!-/:-@\[-`{-~]|\s*\Z)|&(?=#?\w+;)|\$(?=\$)|(?<=\$)\$")
_ENTITIES = {"<": "&lt;", "{": "&#123;", "}": "&#125;", "&": "&amp;"}
_BLOCK_START = re.compile(r"\s*(?:(?=[#>|]|[-+:=](?:\s|$)|[-=]+\s*$|[-:][-:|\s]*$)|\d{1,9}(?=[.)](?:\s|$)))")


# Readers that link bare addresses take them as they are written, escapes and all: such a one must not look like one.
_BARE_ADDRESS = re.compile(
    r"(?:(?<=http)|(?<=https)|(?<=ftp)):(?=//[^\s<]{0,300}\\)|(?<=www)\.(?=[^\s<]{0,300}\\)", re.IGNORECASE
)


def escape(text: str) -> str:
    text = _ACTIVE.sub(lambda match: _ENTITIES.get(match[0]) or f"\\{match[0]}", text)
    return _BARE_ADDRESS.sub(lambda match: f"&#{ord(match[0])};", text) if "\\" in text else text


def _escape_line(text: str) -> str:
    """Escaped text outside a table: to kramdown, Jekyll's reader, one bar makes a line a table."""
    return escape(text).replace("|", "\\|")


def escape_heading(text: str) -> str:
    """Escaped text that follows ``# ``; a ``#`` at its end would not be shown."""
    text = escape(text)
    return f"{text[:-1]}\\#" if text.endswith("#") else text


def _guard_line(text: str) -> str:
    """Escaped text at the start of a line, so that it begins no heading, list, quote or table."""
    found = _BLOCK_START.match(text)
    return f"{found[0]}\\{text[found.end() :]}" if found else text


# --- HTML to Markdown ----------------------------------------------------------

_SIMPLE = re.compile(r"<(p|h2|h3|h4)>(<strong>)?([^<]*)(?(2)</strong>)</\1>")
_TEMPLATE = re.compile(r"\{[{%#]")  # begins one in Liquid or Nunjucks, also inside code
_BALANCED = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*")
_BAR = re.compile(r"(?<!\\)\|")  # between cells; in the text of one it is escaped
_UNIT = re.compile(r"\\.|&#?\w+;|.", re.DOTALL)  # one character of the text, as it was escaped
_HEADINGS = {"p": "", "h2": "## ", "h3": "### ", "h4": "#### "}


def to_markdown(html: str) -> str:
    """Markdown of sanitised HTML. A line that is only text, most of the news, needs no tree."""
    lines = [(line, _SIMPLE.fullmatch(line)) for line in html.split("\n") if line]
    tree = BeautifulSoup("".join(line for line, simple in lines if not simple), "html.parser")
    for numbered in tree.find_all("ol"):
        for number, item in enumerate(numbered.find_all("li", recursive=False), 1):
            item["value"] = str(number)
    others = iter(tree.find_all(True, recursive=False))
    blocks = (_simple_block(simple) if simple else _converter().block(next(others)) for _, simple in lines)
    return "\n\n".join(block for block in blocks if block).strip()


def _simple_block(line: re.Match[str]) -> str:
    tag, strong, html = line.groups()
    text = unescape(html).strip()
    if strong:
        text = f"**{_escape_line(text)}**"
    else:
        text = escape_heading(text) if _HEADINGS[tag] else _guard_line(_escape_line(text))
    return _HEADINGS[tag] + text


@cache
def _converter() -> _Dialect:
    return _Dialect(heading_style=ATX, bullets="*", sup_symbol="<sup>", sub_symbol="<sub>")


_Markdownify: Any = MarkdownConverter  # its stub leaves out the methods that are meant to be overridden


class _Dialect(_Markdownify):  # type: ignore[misc]
    """markdownify with its gaps closed: texts, titles and addresses that it would take over as they are."""

    def block(self, tag: Tag) -> str:
        return str(self.process_tag(tag, parent_tags=set())).strip("\n")

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return escape(text) if {"td", "th"} & parent_tags else _escape_line(text)

    def title(self, title: str, parent_tags: set[str]) -> str:
        return ' "' + self.escape(title, parent_tags).replace('"', '\\"') + '"' if title else ""

    def process_text(self, el: NavigableString, parent_tags: set[str]) -> str:
        text = str(super().process_text(el, parent_tags))
        if "_noformat" in parent_tags:
            return text
        if text.endswith("!") and (el.next_sibling or (el.parent and el.parent.name in INLINE)):
            text = f"{text[:-1]}\\!"  # before a link it would make an image
        return _guard_line(text) if "_inline" not in parent_tags and _starts_line(el) else text

    def convert_strong(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasis(el, text, "**", parent_tags)

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasis(el, text, "*", parent_tags)

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        shown = text.strip()
        if "_noformat" in parent_tags or not shown:
            return text
        address, title = str(el["href"]), str(el.get("title") or "")
        if not title and el.get_text() == address == link_target(address):
            return f"<{address}>"
        return text.replace(shown, f"[{shown}]({_destination(address)}{self.title(title, parent_tags)})")

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        alt, title = str(el.get("alt") or ""), str(el.get("title") or "")
        if "_noformat" in parent_tags:
            return alt
        return f"![{self.escape(alt, parent_tags)}]({_destination(str(el['src']))}{self.title(title, parent_tags)})"

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return " " if {"_inline", "_noformat"} & parent_tags else "  \n"

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" not in parent_tags and (_TEMPLATE.search(text) or not _between_texts(el)):
            return f"<code>{escape(text)}</code>"
        return str(super().convert_code(el, text, parent_tags))

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = text.strip("\n")
        if "_inline" in parent_tags:
            return f" <code>{escape(text)}</code> "
        if _TEMPLATE.search(text):
            return f"\n\n<pre><code>{inert(escape_html(text, quote=False))}</code></pre>\n\n"
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        return f"\n\n{fence}\n{text}\n{fence}\n\n"

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return f" {text.strip()} "
        if text.endswith("#"):
            text = f"{text[:-1]}\\#"
        return str(super().convert_hN(n, el, text, parent_tags))

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, text.replace("|", "\\|"), parent_tags))

    convert_th = convert_td

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"|{text}\n"

    def convert_ul(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = str(super().convert_ul(el, text, parent_tags))
        after = el.next_sibling
        glued = "li" in parent_tags and after is not None and getattr(after, "name", None) not in BLOCKS
        return f"{text}\n\n" if glued else text

    convert_ol = convert_ul

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = text.strip()
        if "_inline" in parent_tags:  # a list in a cell is its text
            return f" {text} "
        bullet = f"{el['value']}. " if el.get("value") else "* "
        return bullet + re.sub(r"\n(?=[^\n])", "\n" + " " * len(bullet), text) + "\n"

    def convert_figcaption(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f" {text.strip()} " if "_inline" in parent_tags else f"\n\n{text.strip()}\n\n"

    convert_figure = _Markdownify.convert_div

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """The header is as wide as the widest row: a cell beyond it would not be shown."""
        lines = [line for line in text.split("\n") if line]
        rows = [line for line in lines if line.startswith("|")]
        caption = "\n".join(line for line in lines if not line.startswith("|"))
        if "_inline" in parent_tags:  # a table in a cell is its text
            return f" {caption} {_BAR.sub(' ', ' '.join(rows))} "
        widths = [len(_BAR.findall(row)) - 1 for row in rows]
        if el.thead is None and el.tr is not None and el.tr.td is not None:  # no header row
            rows.insert(0, "|")
            widths.insert(0, 0)
        rows[0] += "  |" * (max(widths) - widths[0])
        rows.insert(1, "|" + " --- |" * max(widths))
        return "\n\n" + "\n\n".join(filter(None, (caption, "\n".join(rows)))) + "\n\n"


def _starts_line(el: PageElement) -> bool:
    before, parent = el.previous_sibling, el.parent
    if before is None and parent is not None and parent.name in INLINE:
        return _starts_line(parent)
    return before is None or (isinstance(before, Tag) and (before.name == "br" or before.name in BLOCKS))


def _between_texts(el: Tag) -> bool:
    """Whether backticks of this element can not run together with those of another."""
    beside = (el.previous_sibling, el.next_sibling)
    marked = el.parent is not None and el.parent.name in ("strong", "em")
    return not marked and not any(isinstance(sibling, Tag) for sibling in beside)


def _destination(address: str) -> str:
    target = re.sub(r"&(?=#?\w+;)", "&amp;", link_target(address))
    return target if _BALANCED.fullmatch(target) else target.replace("(", "%28").replace(")", "%29")


def _emphasis(el: Tag, text: str, mark: str, parent_tags: set[str]) -> str:
    """``text`` between marks that CommonMark sees as such.

    A mark between punctuation and a letter, ``**问：**答``, is none by its rules
    for scripts with spaces; the punctuation is taken out of it: ``**问**：答``.
    """
    core = text.strip()
    if not core or {"_noformat", "strong", "em"} & parent_tags:
        return text
    if isinstance(el.previous_sibling, Tag) and el.previous_sibling.name in ("strong", "em"):
        return text  # two marks in a row would read as one
    head, _, tail = text.partition(core)
    units = _UNIT.findall(core)
    start, end = 0, len(units)
    if _is_word(head[-1:] or _shown(el.previous_sibling)[-1:]):
        while start < end and _is_punctuation(units[start]):
            start += 1
    if _is_word(tail[:1] or _shown(el.next_sibling)[:1]):
        while end > start and _is_punctuation(units[end - 1]):
            end -= 1
    if start == end or ((start, end) != (0, len(units)) and el.find(True)):
        return text
    head, inner, tail = head + "".join(units[:start]), "".join(units[start:end]), "".join(units[end:]) + tail
    return f"{head}{mark}{inner}{mark}{tail}"


def _shown(sibling: PageElement | None) -> str:
    """What stands beside an emphasis; the marks of other elements are punctuation, which is harmless."""
    if isinstance(sibling, Tag):
        return sibling.get_text() if sibling.name in ("strong", "em") else ""
    return str(sibling or "")


def _is_word(char: str) -> bool:
    return bool(char) and not char.isspace() and category(char)[0] != "P"


def _is_punctuation(unit: str) -> bool:
    return len(unit) > 1 or unit.isspace() or category(unit)[0] in "PS"


# --- Markdown to HTML ----------------------------------------------------------


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 100}).enable("table")


def to_html(markdown: str) -> str:
    """Sanitised HTML: raw HTML in the Markdown is parsed and goes through the allow-list too."""
    return sanitise(_parser().render(markdown))


def plain_text(markdown: str) -> str:
    return unescape(re.sub(r"<[^<>]*>", "", _parser().render(markdown)))
