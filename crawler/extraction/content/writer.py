"""A tree -> blocks of clean HTML and plain text: our own writer, with its own allow-list.

Pure. Nothing but the tags below, ``href`` and ``title`` on links and ``src``, ``alt`` and
``title`` on images comes out; what a reader cannot see does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html import escape

from lxml import etree, html

from crawler.extraction.content.blocks import Block, Line
from crawler.extraction.content.images import picture
from crawler.extraction.text import clean_line
from crawler.extraction.tree import INLINE, INVISIBLE, absolute
from crawler.models import Image

# What an element becomes. Not named: transparent.
_INLINE_AS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "code": "code"}
_HEADING_AS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_FRAME_AS = {"dl": "ul", "dt": "li", "dd": "li"} | {
    tag: tag for tag in ("ul", "ol", "li", "blockquote", "table", "tr", "th", "td", "pre", "figure")
}
# Rows, cells and items are only taken for such where they belong; elsewhere they are transparent.
_PARENTS = {"tr": ("table",), "td": ("tr",), "th": ("tr",), "li": ("ul", "ol")}
_NESTED = ("<ul>", "<ol>", "<blockquote>", "<table>", "<pre>")  # what may stand inside an item or a cell
_WORDS = re.compile(r"[^ \t\n]+")  # of <pre>, where the blanks between them stay
_CAPTION = re.compile(r"(?:^|[\s_-])(?:wp-)?caption(?:[\s_-]|$)|photo-?credit|image-?credit", re.IGNORECASE)
_LAYOUT_CELL = 3  # block children in one cell from which a table is taken for page layout


@dataclass(slots=True)
class _Frame:
    """An open list, item, table, … and what it has gathered so far."""

    tag: str
    element: etree._Element | None = None
    lines: list[Line] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)  # of a quote, or of the whole text


def write(root: html.HtmlElement, base: str, skip: Collection[html.HtmlElement] = ()) -> list[Block]:
    """The blocks below ``root``; elements in ``skip`` are left out with all they hold."""
    writer = _Writer(base)
    depth = 0  # of the left-out element we are in
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            if depth or tag in INVISIBLE or element in skip:
                depth += 1
            else:
                writer.start(element, tag)
                if element.text:
                    writer.text(element.text)
        else:
            if depth:
                depth -= 1
            else:
                writer.end(element, tag)
            if not depth and element.tail and element is not root:
                writer.text(element.tail)
    return writer.finish()


class _Writer:
    def __init__(self, base: str) -> None:
        self._base = base
        self._frames = [_Frame("")]
        self._inline: list[tuple[etree._Element, str, str]] = []  # element, tag, start tag
        self._written = 0  # how many of them stand in the current line
        self._html: list[str] = []
        self._text: list[str] = []
        self._linked = 0
        self._marked = False  # the line holds tags
        self._images: list[Image] = []
        self._paragraph: list[Line] = []
        self._breaks = 0
        self._heading = ""
        self._captions: list[etree._Element] = []  # the captions that are open

    # --- events --------------------------------------------------------------

    def start(self, element: etree._Element, tag: str) -> None:
        if tag == "br":
            self._break()
        elif tag == "img":
            self._image(element)
        elif tag == "a":
            self._open_link(element)
        elif name := _INLINE_AS.get(tag):
            if self._frame.tag != "pre" and all(name != other for _, other, _ in self._inline):
                self._inline.append((element, name, f"<{name}>"))
        elif tag not in INLINE:
            self._open_block(element, tag)

    def end(self, element: etree._Element, tag: str) -> None:
        if self._inline and any(element is opened for opened, _, _ in self._inline):
            self._close_inline(element)
        elif tag not in INLINE and tag != "br":
            self._close_block(element, tag)

    def text(self, text: str) -> None:
        if self._frame.tag == "pre":
            self._text.append(text)
            return
        if text.isspace():
            if self._text:
                self._html.append(" ")
                self._text.append(" ")
            return
        if self._breaks == 1 and text.startswith(("\u3000", "\xa0\xa0")) and self._paragraph:
            self._end_paragraph()  # <br> and an indent is how old editors part paragraphs
        self._breaks = 0
        self._write_inline()
        self._html.append(escape(text, quote=False))
        self._text.append(text)
        if any(name == "a" for _, name, _ in self._inline):
            self._linked += len(text.strip())

    def finish(self) -> list[Block]:
        self._end_paragraph()
        return self._frames[0].blocks

    # --- inline --------------------------------------------------------------

    def _open_link(self, element: etree._Element) -> None:
        href = absolute(element.get("href") or "", self._base)
        if not href or self._frame.tag == "pre" or any(name == "a" for _, name, _ in self._inline):
            return
        title = clean_line(element.get("title") or "", 300)
        more = f' title="{escape(title)}"' if title else ""
        self._inline.append((element, "a", f'<a href="{escape(href)}"{more}>'))

    def _write_inline(self) -> None:
        """Start tags wait until there is something to enclose."""
        if len(self._inline) > self._written:
            self._html += [start for _, _, start in self._inline[self._written :]]
            self._written = len(self._inline)
            self._marked = True

    def _close_inline(self, element: etree._Element) -> None:
        """Close down to ``element``; the parser has nested them, so it is the last one."""
        while self._inline:
            opened, name, _ = self._inline.pop()
            if self._written > len(self._inline):
                self._html.append(f"</{name}>")
                self._written -= 1
            if opened is element:
                return

    def _image(self, element: etree._Element) -> None:
        image = picture(element, self._base)
        if image is None or self._frame.tag == "pre":
            return
        self._breaks = 0
        self._write_inline()
        self._images.append(image)
        self._marked = True
        more = f' title="{escape(image.title)}"' if image.title else ""
        self._html.append(f'<img src="{escape(image.src)}" alt="{escape(image.alt)}"{more}>')

    # --- lines and blocks ----------------------------------------------------

    @property
    def _frame(self) -> _Frame:
        return self._frames[-1]

    def _end_line(self) -> None:
        while self._written:
            self._written -= 1
            self._html.append(f"</{self._inline[self._written][1]}>")
        if self._frame.tag == "pre":
            text = _WORDS.sub(lambda word: clean_line(word[0]), "".join(self._text).strip("\n").rstrip())
            markup = escape(text, quote=False)
        else:
            text = clean_line("".join(self._text))
            markup = clean_line("".join(self._html)) if self._marked else escape(text, quote=False)
        if text or self._images:
            line = Line(markup, text, min(self._linked, len(text)), tuple(self._images))
            (self._frame.lines if self._frame.tag in ("li", "td", "th", "pre") else self._paragraph).append(line)
        self._html, self._text, self._images, self._linked, self._marked = [], [], [], 0, False

    def _break(self) -> None:
        if self._frame.tag == "pre":
            self.text("\n")
            return
        self._end_line()
        self._breaks += 1
        if self._breaks > 1:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        self._end_line()
        self._breaks = 0
        if self._paragraph:
            pictures = all(line.images and not line.text for line in self._paragraph)
            tag = self._heading or ("figure" if self._frame.tag == "figure" and pictures else "p")
            self._add(Block(tag, tuple(self._paragraph), caption=bool(self._captions)))
            self._paragraph = []

    def _add(self, block: Block) -> None:
        """Hand a finished block to the innermost frame that can hold it."""
        frame = next(
            (f for f in reversed(self._frames) if f.tag in ("", "blockquote", "li", "td", "th")),
            self._frames[0],
        )
        if frame.tag in ("", "blockquote"):
            frame.blocks.append(block)
        else:
            frame.lines.append(Line(block.html, block.text, block.linked, block.images))

    def _open_block(self, element: etree._Element, tag: str) -> None:
        self._end_paragraph()
        if tag == "figcaption" or _CAPTION.search(element.get("class") or ""):
            self._captions.append(element)
        name = _FRAME_AS.get(tag, "")
        if tag in _HEADING_AS:
            self._heading = _HEADING_AS[tag]
        elif name == "table" and _is_layout(element):
            pass  # transparent, and so are its rows and cells
        elif name and self._frame.tag in _PARENTS.get(name, (self._frame.tag,)):
            self._frames.append(_Frame(name, element))

    def _close_block(self, element: etree._Element, tag: str) -> None:
        self._end_paragraph()
        if self._captions and self._captions[-1] is element:
            self._captions.pop()
        if tag in _HEADING_AS:
            self._heading = ""
            return
        if self._frame.element is element:
            self._leave(self._frames.pop())

    def _leave(self, frame: _Frame) -> None:
        tag = frame.tag
        if tag in ("li", "td", "th", "tr"):
            self._leave_part(frame)
        elif tag == "blockquote":
            lines = tuple(Line(b.html, b.text, b.linked, b.images) for b in frame.blocks)
            if lines:
                self._add(Block(tag, lines))
        elif frame.lines:
            self._add(Block(tag, tuple(frame.lines)))

    def _leave_part(self, frame: _Frame) -> None:
        tag, lines = frame.tag, frame.lines
        if tag == "tr":
            joined = "".join(line.html for line in lines)
            text = " ".join(line.text for line in lines if line.text)
        else:
            joined, after_text = "", False
            for line in lines:
                is_block = line.html.startswith(_NESTED)
                joined += ("<br>" if after_text and not is_block else "") + line.html
                after_text = not is_block
            text = ("\n" if tag == "li" else " ").join(line.text for line in lines if line.text)
        images = tuple(image for line in lines for image in line.images)
        if text or images or tag in ("td", "th"):
            whole = Line(f"<{tag}>{joined}</{tag}>", text, sum(line.linked for line in lines), images)
            self._frame.lines.append(whole)


def _is_layout(table: etree._Element) -> bool:
    """Whether a table only arranges the page: one column, nested tables, or whole texts in a cell."""
    if table.find(".//table") is not None or table.get("role") in ("presentation", "none"):
        return True
    rows = list(table.iter("tr"))
    if all(sum(1 for _ in row.iterchildren("td", "th")) < 2 for row in rows):
        return True
    return any(
        sum(1 for _ in cell.iterchildren("p", "div", "h2", "h3", "ul")) >= _LAYOUT_CELL for cell in table.iter("td")
    )
