"""The corpus of tests/hostile/: one attack a file, and what must come out in the file's first comment.

``<!--x 200000-->TEXT<!--/x-->`` stands for that many TEXTs (``¤`` in it is the number of each),
``<!--bytes 1b 5b-->`` for bytes that no editor shows; so a page of 10 MB is a file of 1 kB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

from crawler.dedup.identity import canonical_url, generic_key, key_of
from crawler.extraction.page import extract
from crawler.formats import Context, document_path, render
from crawler.models import Article, Extraction, Image, Page, Source, Style

FOLDER = Path(__file__).parent / "hostile"
FETCHED = datetime(2024, 5, 20, 4, 0, tzinfo=UTC)
HOME = "http://news.example/"
SOURCE = Source(
    "hostile",
    "示例日报",
    HOME,
    ("news.example",),
    "archive",
    articles=(r"/a/(?P<key>.*)\.html$",),
    aggregates=True,
    body=("div.text",),
    headline=("h1",),
    published=("span.time",),
    author=("span.author",),
    medium=("span.source",),
)
CONTEXT = Context(SOURCE.title, SOURCE.category, SOURCE.aggregates, SOURCE.zone)

# No control but the line feed, nothing that turns text around, no noncharacter: in no document, on no terminal.
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)

_FIELD = re.compile(r"(?:^|; )(id|tries|url|expect|title|absent|present): ")
_TIMES = re.compile(r"<!--x (\d+)-->(.*?)<!--/x-->", re.DOTALL)
_BYTES = re.compile(rb"<!--bytes ([0-9a-f ]+)-->")


@dataclass(frozen=True)
class Attack:
    """``expect`` is article, refused (the address), problem:WORD or any: whatever, as long as it is inert.

    ``title`` is the whole title, ``present`` what a reader must be shown, ``absent`` are
    regular expressions that may match nowhere in a document. ``id`` is a row of the list of faults.
    """

    name: str
    id: str
    tries: str
    expect: str
    url: str
    title: str
    absent: tuple[str, ...]
    present: tuple[str, ...]
    source: str

    @cached_property
    def body(self) -> bytes:
        return _expand_bytes(_expand(self.source))

    @cached_property
    def page(self) -> Page:
        return Page(self.url, self.body, FETCHED, "utf-8", "text/html")

    def forget(self) -> None:
        """Give the megabytes back."""
        self.__dict__.pop("body", None)
        self.__dict__.pop("page", None)

    def extract(self, source: Source | None = SOURCE) -> Extraction:
        """By the source's own selectors, or as a page of an unknown site."""
        return extract(self.page, source, zone=SOURCE.zone)

    def article(self, found: Extraction) -> Article:
        """The article as the pipeline makes it. Raises AddressError for an address that is never fetched."""
        canonical_url(self.url)
        return Article(
            source=SOURCE.name,
            key=key_of(self.url, SOURCE) or generic_key(self.url),
            url=self.url.partition("#")[0],
            title=found.title,
            html=found.html,
            text=found.text,
            fetched=FETCHED,
            published=found.published,
            authors=found.authors,
            medium=found.medium,
            section=found.section,
            images=found.images,
        )

    def raw_article(self) -> Article:
        """What an extraction in the page's own hands might answer: nothing cleaned, the page in every field."""
        page = self.body.decode("utf-8", "surrogatepass" if b"\xed\xa0\x80" in self.body else "replace")
        title = unescape(_first(r"<title>(.*?)</title>", page))
        name = unescape(_first(r'<span class="(?:source|author)">..：(.*?)</span>', page)) or title
        return Article(
            source=SOURCE.name,
            key=self.url,
            url=self.url,
            title=title,
            html=page,
            text=page,
            fetched=FETCHED,
            medium=name,
            section=name,
            images=tuple(Image(unescape(src)) for src in re.findall(r"""<img [^>]*?src=["']([^"']*)""", page)),
        )

    def document(self, article: Article, style: Style) -> bytes:
        return render(article, style, CONTEXT)


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    return found[1] if found else ""


def path_of(article: Article) -> str:
    return document_path(article, key_is_case_sensitive=SOURCE.key_is_case_sensitive)


def _read(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    header = text.partition("\n")[0]
    assert header.startswith("<!-- "), path
    assert header.endswith(" -->"), path
    parts = _FIELD.split(_expand(unescape(header[5:-4])))
    fields = list(zip(parts[1::2], parts[2::2], strict=True))
    known = dict(fields)
    name = f"{path.parent.name}/{path.stem}"
    return Attack(
        name=name,
        id=known["id"],
        tries=known["tries"],
        expect=known["expect"],
        url=urljoin(HOME, "/a/1.html") if "url" not in known else HOME.rstrip("/") + known["url"],
        title=known.get("title", ""),
        absent=tuple(value for key, value in fields if key == "absent"),
        present=tuple(value for key, value in fields if key == "present"),
        source=text,
    )


def _expand(text: str) -> str:
    def times(found: re.Match[str]) -> str:
        count, unit = int(found[1]), found[2]
        if "¤" not in unit:
            return unit * count
        return "".join(unit.replace("¤", str(number)) for number in range(count))

    return _TIMES.sub(times, text)


def _expand_bytes(text: str) -> bytes:
    return _BYTES.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())


ATTACKS = tuple(_read(path) for path in sorted(FOLDER.glob("*/*.html")))
# Without the bombs, which are long and nothing more.
SLY = tuple(attack for attack in ATTACKS if not attack.name.startswith(("bomb/", "backtrack/")))
