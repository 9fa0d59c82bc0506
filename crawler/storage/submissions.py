"""What goes into the library and what comes back; and which of it may go in together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crawler.dedup.fingerprint import fingerprint
from crawler.models import Article, Decision, Style

Render = Callable[[Article, Style], bytes]


@dataclass(frozen=True, slots=True)
class Submission:
    """An article that wants in: the style is for a new document, a known one keeps its own."""

    article: Article
    style: Style
    path: str
    render: Render
    settles: tuple[str, ...] = ()  # ids of the frontier that this clears, besides its own
    look: Mapping[str, str] | None = None  # the first look at it if it is new: due, etag, last_modified, body_sha256
    hides_copies: bool = False  # of a story of another source only the primary is wanted among the documents
    by_hand: bool = False  # a person asked for this page: taken also if it flaps
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", fingerprint(self.article.text))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission. ``path`` is the document's, also that of the one it equals."""

    decision: Decision
    path: str = ""
    note: str = ""


def without_twins(
    waiting: list[tuple[int, Submission]],
) -> tuple[list[tuple[int, Submission]], list[tuple[int, Submission]]]:
    group: list[tuple[int, Submission]] = []
    rest: list[tuple[int, Submission]] = []
    seen: set[tuple[str, str]] = set()
    for number, submission in waiting:
        article = submission.article
        marks = {
            (article.source, f"key {article.key}"),
            (article.source, f"text {submission.fingerprint}"),
            *((article.source, f"url {url}") for url in article.addresses),
        }
        (rest if marks & seen else group).append((number, submission))
        seen |= marks
    return group, rest
