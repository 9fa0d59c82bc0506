"""Cleaned HTML tokens, in order, laid out as lines: one top-level block a line, nothing outside one.

Pure. What may stay was decided before (``formats.markup``); here is only the form.
"""

from __future__ import annotations

import re


def tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


BLOCKS = tags("p h2 h3 h4 ul ol li blockquote table thead tbody tr th td caption figure figcaption pre")
INLINE = tags("strong em a code sup sub")
DEEPEST = 12  # blocks inside blocks; what is deeper keeps its text
SPACES = re.compile(r"[ \t\n\r\f]+")

_PARENTS = {
    "li": tags("ul ol"),
    "tr": tags("table thead tbody"),
    "td": tags("tr"),
    "th": tags("tr"),
    "thead": tags("table"),
    "tbody": tags("table"),
    "caption": tags("table"),
}
_LISTS = tags("ul ol")
_HOLDS_TEXT_ONLY = tags("p h2 h3 h4 pre caption")
_HOLDS_PARTS_ONLY = tags("ul ol table thead tbody tr")
_ROOM = {"table": 3, "ul": 2, "ol": 2}  # levels that come with it

_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_SPAN = re.compile(r"[1-9][0-9]?")
_ADDRESS = re.compile(r"https?://[^\s]+", re.IGNORECASE)


class Flow:
    """Takes text and tags, each start with its end except br, hr and img; ``finish`` gives the lines.

    ``stack`` holds each open element; one that is not kept is "" or, where it
    separates its text from the rest, "|". ``blocks`` are the kept blocks in it.
    """

    __slots__ = ("blocks", "broken", "edge", "filled", "implied", "lines", "parts", "stack")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stack: list[str] = []
        self.blocks: list[str] = []
        self._new_line()

    def _new_line(self) -> None:
        self.parts: list[str] = []
        self.edge = True  # white space means nothing here
        self.broken = False  # a line break is owed before the next text
        self.implied = ""  # the block that text without one is put into
        self.filled = False  # the line shows something

    def paragraph(self, text: str) -> None:
        if self.stack:
            self.start("p", "")
            self.text(text)
            self.end()
            return
        self._flush()
        text = SPACES.sub(" ", text).strip(" ")
        if _shows(text):
            self.lines.append(f"<p>{text}</p>")

    def text(self, text: str) -> None:
        if self._preformatted():
            text = text.replace("\r", "")
            if self.parts[-1] == "<pre>":
                text = text.lstrip("\n")  # a parser drops the first one
                if not text:
                    return
            self.parts.append(text.replace("\n", "&#10;"))
            self.filled = self.filled or bool(text.strip())
            return
        text = SPACES.sub(" ", text)
        if self.edge or (self.parts and self.parts[-1][-1] == " "):
            text = text.lstrip(" ")
        if not text:
            return
        self._open_line()
        self.parts.append(text)
        self.edge = False
        if not self.filled:
            self.filled = _shows(text)

    def start(self, tag: str, attributes: str) -> None:
        if tag == "br":
            self._line_break()
        elif tag == "hr":
            self._separate()
        elif tag == "img":
            self._image(attributes)
        elif tag in INLINE:
            self._inline(tag, attributes)
        elif tag in BLOCKS and self._fits(tag):
            self._block(tag, attributes)
        else:
            self._separate()
            self.stack.append("|")

    def end(self) -> None:
        tag = self.stack.pop()
        if tag in INLINE:
            self._end_inline(tag)
        elif tag == "|":
            self._separate()
        elif tag:
            self._end_block(tag)

    def finish(self) -> str:
        self._flush()
        return "\n".join(self.lines)

    def _block(self, tag: str, attributes: str) -> None:
        if self.blocks:
            self._close_text()
        else:
            self._flush()
        spans = ""
        if attributes:  # only cells have any
            spans = "".join(f' {name}="{n}"' for name, n in _ATTRIBUTE.findall(attributes) if _SPAN.fullmatch(n))
        self.parts.append(f"<{tag}{spans}>")
        self.stack.append(tag)
        self.blocks.append(tag)
        self.edge = True
        self.broken = False

    def _end_block(self, tag: str) -> None:
        self._close_text()
        self.blocks.pop()
        if self.parts[-1] == f"<{tag}>" and tag not in ("td", "th"):
            self.parts.pop()  # it was empty
        else:
            self.parts.append(f"</{tag}>")
        if self.blocks:
            self.edge = True
            self.broken = False
        else:
            self._flush()

    def _inline(self, tag: str, attributes: str) -> None:
        if tag in self.stack:
            self.stack.append("")
            return
        if tag == "a":
            known = dict(_ATTRIBUTE.findall(attributes))
            if not _ADDRESS.fullmatch(known.get("href", "").strip()):
                self.stack.append("")
                return
            attributes = _attributes(known, ("href", "title"))
        self._open_line()
        if self.parts[-1] == f"</{tag}>" and tag != "a":
            self.parts.pop()  # two in a row are one
        else:
            self.parts.append(f"<{tag}{attributes}>")
        self.stack.append(tag)

    def _end_inline(self, tag: str) -> None:
        if self.parts[-1] == "<br>":
            self.parts.pop()
            self._line_break()
        if self._opens(tag, 1):
            self.parts.pop()  # it was empty
        elif self._opens(tag, 2) and not _shows(self.parts[-1]):
            blank = self.parts.pop()
            self.parts.pop()
            if self.parts and self.parts[-1].endswith(" "):
                blank = blank.lstrip(" ")
            if blank:
                self.parts.append(blank)
        else:
            self.parts.append(f"</{tag}>")

    def _opens(self, tag: str, back: int) -> bool:
        part = self.parts[-back] if len(self.parts) >= back else ""
        return part == f"<{tag}>" or part.startswith(f"<{tag} ")

    def _image(self, attributes: str) -> None:
        known = dict(_ATTRIBUTE.findall(attributes))
        if _ADDRESS.fullmatch(known.get("src", "").strip()):
            self._open_line()
            self.parts.append(f"<img{_attributes(known, ('src', 'alt', 'title'))}>")
            self.edge = False
            self.filled = True

    def _line_break(self) -> None:
        if self._preformatted():
            if self.parts[-1] != "<pre>":
                self.parts.append("&#10;")
        elif not self.edge:
            self.broken = True
            self.edge = True
        elif self.broken and self.stack == ["p"]:  # two in a row: a new paragraph
            self.parts.append("</p>")
            self._flush()
            self.parts.append("<p>")

    def _separate(self) -> None:
        """An element that is not kept begins or ends: what follows is apart from what was."""
        if not self.blocks:
            self._flush()
        elif self.implied:
            self._close_text()
        else:
            self._line_break()

    def _open_line(self) -> None:
        """Text, a picture or an inline element is about to come."""
        if self.broken:
            self._trim()
            self.parts.append("<br>")
            self.broken = False
        elif not self.implied and (not self.blocks or self.blocks[-1] in _LISTS) and not self._preformatted():
            self.implied = "li" if self.blocks else "p"
            self.parts.append(f"<{self.implied}>")

    def _close_text(self) -> None:
        """Ends what is open inside the innermost block; the end tags, when they come, mean nothing."""
        for place in range(len(self.stack) - 1, -1, -1):
            tag = self.stack[place]
            if tag in BLOCKS:
                break
            if tag in INLINE:
                self._end_inline(tag)
                self.stack[place] = ""
        self._trim()
        if self.implied:
            if self.parts[-1] == f"<{self.implied}>":
                self.parts.pop()
            else:
                self.parts.append(f"</{self.implied}>")
            self.implied = ""
            self.edge = True
            self.broken = False

    def _trim(self) -> None:
        """Drops white space and line breaks before the end of a line."""
        while self.parts and not self._preformatted():
            last = self.parts.pop()
            if last != "<br>" and (last := last.rstrip(" ")):
                self.parts.append(last)
                return

    def _flush(self) -> None:
        if not self.parts:
            return
        self._close_text()
        if self.filled:
            self.lines.append("".join(self.parts))
        self._new_line()

    def _preformatted(self) -> bool:
        return bool(self.blocks) and self.blocks[-1] == "pre"

    def _fits(self, tag: str) -> bool:
        inside = self.blocks[-1] if self.blocks else ""
        if tag in _PARENTS:
            return inside in _PARENTS[tag]
        if inside in _HOLDS_TEXT_ONLY or inside in _HOLDS_PARTS_ONLY:
            return False
        return len(self.blocks) + _ROOM.get(tag, 1) <= DEEPEST


def _shows(text: str) -> bool:
    return bool(text.replace("&nbsp;", " ").strip())


def _attributes(known: dict[str, str], names: tuple[str, ...]) -> str:
    return "".join(f' {name}="{SPACES.sub(" ", known[name]).strip()}"' for name in names if name in known)
