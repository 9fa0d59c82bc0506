"""Every recorded page of the seven sources, against what a careful reader takes from it."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urljoin

import pytest
from build_web import records
from conftest import ROOT

from crawler.engine.loader import SourceLoader
from crawler.extraction.page import extract
from crawler.models import Candidate, Extraction, Page, Precision, Source

NAMES = ("cs", "4hou", "jjckb", "zqrb", "bjwb", "eastmoney", "unsafe")


def expectations() -> list[Any]:
    found = []
    for name in NAMES:
        for row in tomllib.loads((ROOT / f"tests/web/{name}/expected.toml").read_text("utf-8"))["article"]:
            found.append(pytest.param(name, row, id=f"{name}-{row['key']}"))
    return found


ARTICLES = expectations()
READABLE = [each for each in ARTICLES if not each.values[1].get("quarantine")]


@cache
def web() -> dict[str, Any]:
    return {record[0]: record for record in records()}


@cache
def sources() -> dict[str, Source]:
    return {name: spider.source for name, spider in SourceLoader().spiders.items()}


@cache
def read(name: str, url: str, hint: tuple[str, str] = ("", "")) -> Extraction:
    """Extract one recorded page, following a stub as the spider does."""
    from crawler.extraction import charset, stub

    _, _, headers, body, date = web()[url]
    source: Source | None = sources()[name]
    target = stub.redirect_target(charset.decode(body).text, url) if name == "unsafe" else ""
    if target:
        _, _, headers, body, date = web()[target]
        source = None
    content_type = dict(headers).get("Content-Type", "").lower()
    page = Page(
        url=target or url,
        body=body,
        fetched=datetime.fromisoformat(date),
        charset=content_type.partition("charset=")[2],
        content_type=content_type.partition(";")[0],
    )
    return extract(page, source, Candidate(name, "", url), zone=sources()[name].zone)


def fold(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(("name", "expected"), READABLE)
class TestField:
    def test_title(self, name: str, expected: dict[str, Any]) -> None:
        assert expected["title"] == read(name, expected["url"]).title

    def test_published(self, name: str, expected: dict[str, Any]) -> None:
        if expected.get("published_by") in ("feed", "list", "api"):
            pytest.skip("only the list tells the date: see test_demo")
        moment = read(name, expected["url"]).published
        wanted = expected.get("published", "")
        if not wanted:
            assert moment is None
        elif expected["precision"] == "day":
            assert moment is not None
            assert (wanted[:10], Precision.DAY) == (moment.day.isoformat(), moment.precision)
        else:
            assert moment is not None
            assert datetime.fromisoformat(wanted) == moment.at

    def test_authors(self, name: str, expected: dict[str, Any]) -> None:
        assert expected["authors"] == list(read(name, expected["url"]).authors)

    def test_medium(self, name: str, expected: dict[str, Any]) -> None:
        assert expected["medium"] == read(name, expected["url"]).medium

    def test_text_is_whole_and_nothing_else(self, name: str, expected: dict[str, Any]) -> None:
        extraction = read(name, expected["url"])
        optional = {fold(line) for line in expected.get("optional_lines", [])}
        lines = [line for line in extraction.text.split("\n") if fold(line) not in optional]
        assert fold(expected["first"]) == fold(lines[0])
        assert fold(expected["last"]) == fold(lines[-1])
        leaked = [word for word in expected.get("not_in_text", []) if fold(word) in fold(extraction.text)]
        assert leaked == []

    def test_images(self, name: str, expected: dict[str, Any]) -> None:
        found = [urljoin(expected["url"], image.src) for image in read(name, expected["url"]).images]
        assert expected.get("images", []) == found


@pytest.mark.parametrize(("name", "expected"), [each for each in ARTICLES if each.values[1].get("quarantine")])
def test_what_is_no_article_is_told_so(name: str, expected: dict[str, Any]) -> None:
    assert read(name, expected["url"]).problem
