"""Every page of tests/hostile/ through extraction and the three styles: nothing of it comes to life.

Nothing from a page becomes a key, a tag, a script, a template, a path or a terminal code, and
none costs more than a few seconds. ``test_renderers.py`` asks the real site generators.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

import frontmatter
import pytest
import yaml
from hostile_pages import ATTACKS, FETCHED, FOLDER, SLY, SOURCE, UNSEEN, Attack, path_of
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from crawler.dedup.identity import AddressError, key_of
from crawler.formats import convert, detect_style
from crawler.formats.markup import ALLOWED
from crawler.models import STYLES, Article, Style

MOST_CPU = 5.0  # seconds for one page, from its bytes to a document
MOST_READ = 60_000  # characters of a document that is read by every reader; what is longer is a bomb, only long
KEYS = {
    "hexo": ["title", "categories", "headimg", "author", "comments", "date", "thumbnail"],
    "archive": ["title", "url", "source", "date", "fetch_date"],
    "jekyll": ["layout", "title", "date", "categories", "tags"],
}
ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
    "p": {"class"}, "ol": {"start"},
}  # fmt: skip
# What our frames and a Markdown reader add to the allow-list.
TAGS = ALLOWED | {"div", "h1"}
TEMPLATE = re.compile(r"\{[{%#]|[}%#]\}")
# Readers of Markdown with raw HTML switched on: strict, and the dialect of GitHub.
READERS = (
    MarkdownIt("commonmark", {"html": True}).enable("table"),
    MarkdownIt("gfm-like", {"html": True, "linkify": False}),
)


@dataclass(frozen=True)
class Result:
    """What became of one page, by one way of extraction."""

    outcome: str  # article, refused or problem:WORD
    cpu: float
    article: Article | None = None
    documents: dict[Style, bytes] | None = None


def outcome_of(attack: Attack, *, declared: bool) -> Result:
    """A run makes one document of a page, so the style that takes longest counts."""
    start = time.process_time()
    found = attack.extract(SOURCE if declared else None)
    cpu = time.process_time() - start
    if found.problem:
        return Result(f"problem:{found.problem}", cpu)
    try:
        article = attack.article(found)
    except AddressError:
        return Result("refused", cpu)
    documents: dict[Style, bytes] = {}
    costs = []
    for style in STYLES:
        start = time.process_time()
        documents[style] = attack.document(article, style)
        costs.append(time.process_time() - start)
    return Result("article", cpu + max(costs), article, documents)


@pytest.fixture(scope="module", params=ATTACKS, ids=lambda attack: attack.name)
def attack(request: pytest.FixtureRequest) -> Iterator[Attack]:
    yield request.param
    request.param.forget()


@pytest.fixture(scope="module")
def results(attack: Attack) -> tuple[Result, Result]:
    return outcome_of(attack, declared=True), outcome_of(attack, declared=False)


@pytest.fixture(scope="module")
def documents(results: tuple[Result, Result]) -> list[tuple[Style, str]]:
    found = [(style, document) for result in results for style, document in (result.documents or {}).items()]
    return [(style, document.decode("utf-8")) for style, document in dict.fromkeys(found)]


class Active(HTMLParser):
    """What a browser might act on: (tag, attribute) pairs beyond the allow-list, addresses that are none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if (
                name not in ATTRIBUTES.get(tag, ())
                or (tag == "p" and value != "em_media")
                or (name in ("href", "src") and not re.match(r"(?:https?://[^\s<>\"']|/)", value or ""))
            ):
                self.found.append(f"<{tag} {name}={value!r}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data[:40]}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl[:40]}")

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data[:40]}")

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


def read(html: str) -> Active:
    parser = Active()
    parser.feed(html)
    parser.close()
    return parser


def body_of(document: str) -> str:
    return re.split(r"^---\n", document, maxsplit=2, flags=re.MULTILINE)[2]


def pages_of(style: Style, body: str) -> list[str]:
    """The HTML that a site generator may make of a body: by each reader of Markdown; Hexo's also as it stands."""
    return [*([body] if style == "hexo" else []), *(reader.render(body) for reader in READERS)]


# --- each page ---------------------------------------------------------------


@pytest.mark.timeout(120)
def test_comes_out_as_expected(attack: Attack, results: tuple[Result, Result]) -> None:
    declared, generic = results
    slowest = max(declared.cpu, generic.cpu)
    if slowest > MOST_CPU:  # a busy machine counts against us: once more
        slowest = max(outcome_of(attack, declared=declared).cpu for declared in (True, False))
    if attack.expect != "any":
        assert declared.outcome == attack.expect
    if attack.title:
        assert declared.article is not None
        assert declared.article.title == attack.title
    assert slowest < MOST_CPU


def test_front_matter_is_the_same_to_every_reader(documents: list[tuple[Style, str]]) -> None:
    for style, document in documents:
        matter = re.split(r"^---\n", document, maxsplit=2, flags=re.MULTILINE)[1]
        values: dict[str, Any] = yaml.safe_load(matter)  # YAML 1.1
        assert list(values) == KEYS[style]
        assert YAML(typ="safe", pure=True).load(io.StringIO(matter)) == values  # YAML 1.2
        loaded = frontmatter.loads(document)
        assert loaded.metadata == values
        assert loaded.content == body_of(document).strip()
        assert all(isinstance(value, str) for value in flat(values) if not hasattr(value, "year") and value)
        assert detect_style(document.encode()) == style
        assert convert(document.encode(), None).decode() == document  # our own reader


def flat(values: dict[str, Any]) -> Iterator[Any]:
    for key, value in values.items():
        if key != "comments":
            yield from value if isinstance(value, list) else [value]


def test_title_is_the_page_s_own(attack: Attack, results: tuple[Result, Result]) -> None:
    for result in results:
        for document in (result.documents or {}).values():
            assert result.article is not None
            assert frontmatter.loads(document.decode()).metadata["title"] == result.article.title


def test_holds_nothing_absent_and_nothing_unseen(attack: Attack, documents: list[tuple[Style, str]]) -> None:
    for style, document in documents:
        assert UNSEEN.findall(document) == [], style
        assert [pattern for pattern in attack.absent if re.search(pattern, document)] == [], style
        assert TEMPLATE.findall(body_of(document)) == [], style
        assert len(document) < 7 * len(attack.body) + 10_000, style  # a brace takes six


def test_is_inert_in_every_reading(attack: Attack, documents: list[tuple[Style, str]]) -> None:
    for style, document in documents:
        for page in pages_of(style, body_of(document)) if len(document) <= MOST_READ else []:
            assert read(page).found == [], style


def test_shows_what_the_page_shows(attack: Attack, results: tuple[Result, Result]) -> None:
    for style, document in (results[0].documents or {}).items():
        readings = pages_of(style, body_of(document.decode())) if attack.present else []
        for page in readings:
            shown = squeezed("".join(read(page).shown))
            assert [text for text in attack.present if squeezed(text) not in shown] == [], style
        if style == "archive":
            assert results[0].article is not None
            heading = READERS[0].render(body_of(document.decode()).strip().partition("\n")[0])
            assert squeezed("".join(read(heading).shown)) == squeezed(results[0].article.title)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_extraction_alone_lets_nothing_in(results: tuple[Result, Result]) -> None:
    articles = [result.article for result in results if result.article is not None]
    assert [tag for article in articles if len(article.html) <= MOST_READ for tag in read(article.html).found] == []
    assert [image for article in articles for image in article.images if not image.src.startswith("http")] == []


@pytest.mark.parametrize("attack", SLY, ids=lambda attack: attack.name)
def test_styles_alone_keep_it_out_too(attack: Attack) -> None:
    """Two walls: the styles do not count on what extraction has cleaned."""
    article = attack.raw_article()
    for style in STYLES:
        document = attack.document(article, style).decode()
        assert list(frontmatter.loads(document).metadata) == KEYS[style]
        assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f]", document) == []
        assert TEMPLATE.findall(body_of(document)) == [], style
        for page in pages_of(style, body_of(document)):
            assert read(page).found == [], style


def test_lies_below_the_output_folder(results: tuple[Result, Result], tmp_path: Path) -> None:
    for result in results:
        if result.article is not None:
            path = path_of(result.article)
            parts = PurePosixPath(path).parts
            undated = PurePosixPath(path_of(replace(result.article, published=None))).name
            assert re.fullmatch(r"hostile/(?:undated|2024/05)/[a-z0-9-][a-z0-9._-]*\.md", path)
            assert (tmp_path / path).resolve() == tmp_path.resolve().joinpath(*parts)
            assert max(len(part.encode()) for part in parts) <= 160
            assert not re.match(r"(?:con|prn|aux|nul|com\d|lpt\d)\.", undated)


# --- the corpus itself --------------------------------------------------------


def test_corpus_is_one_attack_a_file() -> None:
    files = sorted(FOLDER.rglob("*"))
    assert [path for path in files if path.is_file() and path.suffix != ".html"] == []
    assert len(ATTACKS) > 300
    for attack in ATTACKS:
        assert re.fullmatch(r"[A-Z]\d+", attack.id), attack.name
        assert re.fullmatch(r"article|refused|any|problem:[a-z0-9-]+", attack.expect), attack.name
        assert attack.tries, attack.name
    rows = {attack.id for attack in ATTACKS}
    assert rows >= {f"Y{n}" for n in (*range(1, 8), 9, 10)} | {"X1", "X2", "X3", "X4", "X11", "X17", "X19", "F1", "F2"}


def test_different_hostile_ids_get_different_names() -> None:
    keys = {key for attack in ATTACKS if (key := key_of(attack.url, SOURCE))}
    paths = [PurePosixPath(path).name.lower() for path in (path_of(named(key)) for key in keys)]
    assert len(set(paths)) == len({key.lower() for key in keys})


def named(key: str) -> Article:
    return Article("hostile", key, "http://news.example/", "示例", "<p>甲</p>", "甲", FETCHED)
