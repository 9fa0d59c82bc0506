"""The extractors of bench/extraction.py behind one small function each, run as a process of its own:

    python -P bench/extraction_contestants.py NAME

It prints a line when it is ready, then an answer for each line that it reads, with the CPU milliseconds of the extraction
alone. Up here only the standard library is imported: this file runs in the contestants' own environments, and an
environment with one under the GPL never holds anything of ours.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

PATIENCE = 60.0  # seconds for one page
FETCHED = "2027-01-01T00:00:00+08:00"  # of all pages: later than any of them, and the same in every run
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_ENDS_LINE = (
    "p",
    "div",
    "br",
    "li",
    "tr",
    "td",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "section",
    "figcaption",
)


@dataclass(frozen=True, slots=True)
class Given:
    """One page. ``text`` is for those who leave the decoding to their caller: a gift, no clock runs.

    ``language`` is that of the article, for those who must be told; ``container`` a CSS selector, "" for none.
    """

    url: str
    body: bytes
    text: str
    language: str = "en"
    container: str = ""


Run = Callable[[Given], dict[str, Any]]


def fields(text: Any, title: Any = "", date: Any = "", authors: Any = (), source: Any = "") -> dict[str, Any]:
    names = [authors] if isinstance(authors, str) else authors or ()
    return {
        "text": text or "",
        "title": title or "",
        "date": str((date.isoformat() if hasattr(date, "isoformat") else date) or ""),
        "authors": [str(name) for name in names if name],
        "source": source or "",
    }


def decoded(body: bytes) -> str:
    """As UTF-8 if it is that, else as the page declares."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _CHARSET.search(body[:2048])
        name = declared[1].decode().lower() if declared else "utf-8"
        try:
            return body.decode("gb18030" if name.startswith("gb") else name, "replace")
        except LookupError:
            return body.decode("utf-8", "replace")


# --- the contestants ---------------------------------------------------------------


def shiyi() -> Run:
    from datetime import datetime

    from crawler.extraction.page import extract
    from crawler.models import Page, Precision, Source

    fetched = datetime.fromisoformat(FETCHED)

    def run(given: Given) -> dict[str, Any]:
        source = Source("bench", "", "", (), "archive", body=(given.container,)) if given.container else None
        found = extract(Page(given.url or "https://example.org/", given.body, fetched), source)
        published = found.published
        date = published and (published.day if published.precision == Precision.DAY else published.at)
        answer = fields(found.text, found.title, date, found.authors, found.medium)
        return answer | {"by_container": found.by_container}

    return run


def trafilatura(**options: bool) -> Run:
    from trafilatura import bare_extraction

    def run(given: Given) -> dict[str, Any]:
        found = bare_extraction(given.body, url=given.url or None, with_metadata=True, **options)
        return fields(found.text, found.title, found.date, found.author) if found else fields("")

    return run


def readability() -> Run:
    from lxml import html
    from readability import Document

    def run(given: Given) -> dict[str, Any]:
        document = Document(given.text)
        body = html.fromstring(document.summary())
        for element in body.iter(*_ENDS_LINE):
            element.tail = "\n" + (element.tail or "")
        return fields(body.text_content(), document.short_title())

    return run


def newspaper() -> Run:
    from newspaper import Article

    def run(given: Given) -> dict[str, Any]:
        article = Article(given.url or "https://example.org/", language=given.language, fetch_images=False)
        article.download(input_html=given.text, ignore_read_more=True)
        article.parse()
        return fields(article.text, article.title, article.publish_date, article.authors)

    return run


def news_please() -> Run:
    from newsplease import NewsPlease

    def run(given: Given) -> dict[str, Any]:
        article = NewsPlease.from_html(given.text, url=given.url or None, fetch_images=False)
        return fields(article.maintext, article.title, article.date_publish, article.authors)

    return run


def goose() -> Run:
    from goose3 import Goose
    from goose3.text import StopWords, StopWordsChinese

    readers: dict[str, Any] = {}

    def run(given: Given) -> dict[str, Any]:
        if given.language not in readers:
            words = StopWordsChinese if given.language == "zh" else StopWords
            settings = {"target_language": given.language, "use_meta_language": False, "stopwords_class": words}
            readers[given.language] = Goose(settings)
        article = readers[given.language].extract(raw_html=given.text)
        return fields(article.cleaned_text, article.title, article.publish_date, article.authors)

    return run


def justext() -> Run:
    from justext import get_stoplist, justext

    english = get_stoplist("English")
    # It has no stop list for Chinese; its documentation says what to do then. Its lengths are in letters, and an
    # ideograph says what three of them say: with a third of its lengths it reaches 0.88 instead of 0.55.
    chinese = {"stopwords_low": 0, "stopwords_high": 0, "length_low": 23, "length_high": 66}

    def run(given: Given) -> dict[str, Any]:
        if given.language == "zh":
            paragraphs = justext(given.text, frozenset(), **chinese)
        else:
            paragraphs = justext(given.text, english)
        return fields("\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate))

    return run


def resiliparse() -> Run:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def run(given: Given) -> dict[str, Any]:
        tree = HTMLTree.parse(given.text)
        return fields(extract_plain_text(tree, main_content=True, alt_texts=False), tree.title)

    return run


def gne() -> Run:
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()

    def run(given: Given) -> dict[str, Any]:
        found = extractor.extract(given.text)
        return fields(found["content"], found["title"], found["publish_time"], found["author"])

    return run


# Program -> the package whose version is told, and what loads it.
PROGRAMS: dict[str, tuple[str, Callable[[], Run]]] = {
    "shiyi": ("", shiyi),
    "trafilatura": ("trafilatura", trafilatura),
    "trafilatura-fast": ("trafilatura", lambda: trafilatura(fast=True)),
    "trafilatura-precision": ("trafilatura", lambda: trafilatura(favor_precision=True)),
    "readability-lxml": ("readability-lxml", readability),
    "newspaper4k": ("newspaper4k", newspaper),
    "news-please": ("news-please", news_please),
    "goose3": ("goose3", goose),
    "justext": ("justext", justext),
    "resiliparse": ("resiliparse", resiliparse),
    "gne": ("gne", gne),
}


# --- the process -------------------------------------------------------------------


class TooSlow(BaseException):
    """Not an Exception: some contestants swallow all of those."""


def _give_up(*_: object) -> None:
    raise TooSlow


def answer(run: Run, given: Given) -> dict[str, Any]:
    """What the contestant says of a page, or {"error": why}; and the milliseconds."""
    if given.container:
        # A source's selectors are compiled once in a process's life, not for each page.
        run(replace(given, body=b"<html><body><p>.</p></body></html>"))
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    signal.setitimer(signal.ITIMER_PROF, 2 * PATIENCE)  # ends the process: C code does not listen to the other
    start = time.process_time()
    try:
        found = run(given)
    except TooSlow:
        found = {"error": f"not done after {PATIENCE:.0f} s"}
    except Exception as error:  # whatever strangers raise is their result
        found = {"error": f"{type(error).__name__}: {error}"[:200]}
    finally:
        spent = time.process_time() - start
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found | {"ms": spent * 1000}


def main() -> None:
    # Some print as they work: what they print must not be taken for an answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _give_up)
    package, load = PROGRAMS[sys.argv[1]]
    run = load()
    print(json.dumps({"version": version(package) if package else ""}), file=out, flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        body = base64.b64decode(told["body"])
        given = Given(told["url"], body, decoded(body), told["language"], told["container"])
        print(json.dumps(answer(run, given), default=str), file=out, flush=True)


if __name__ == "__main__":
    main()
