"""What lies between two texts, sentence by sentence: Chinese has no lines to compare otherwise."""

from __future__ import annotations

import difflib
import re

import click

# A sentence with the quotes and brackets that close with it.
_SENTENCE = re.compile(r"[^。！？]*[。！？]+[”’」』）》]*|[^。！？]+")
_WESTERN_END = re.compile(r"(?<=[.!?]) +")


def sentences(title: str, text: str) -> list[str]:
    """The title, then the text, a sentence a line."""
    lines = (title, *text.split("\n"))
    parts = (part.strip() for line in lines for each in _SENTENCE.findall(line) for part in _WESTERN_END.split(each))
    return [part for part in parts if part]


def difference(before: list[str], after: list[str], old: str, new: str, around: int = 2) -> list[str]:
    """The lines of a unified diff, the first two its head; none where nothing differs."""
    return list(difflib.unified_diff(before, after, old, new, lineterm="", n=around))


def coloured(line: str, *, is_head: bool) -> str:
    """`click.echo` takes the colours out again where no terminal is."""
    if is_head:
        return click.style(line, bold=True)
    return click.style(line, fg={"+": "green", "-": "red", "@": "cyan"}.get(line[:1]))
