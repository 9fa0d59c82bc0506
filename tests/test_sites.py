"""Every recorded page of the seven sources, against what a careful reader takes from it.

Text, title and images are read from the page alone; date, authors, medium and section as
they stand in the index after the whole way through the crawler, where the list has a say.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from build_web import records
from conftest import ROOT

from crawler.engine.loader import SourceLoader
from crawler.extraction import charset, stub
from crawler.extraction.page import extract
from crawler.models import Extraction, Page, Source

NAMES = ("cs", "4hou", "jjckb", "zqrb", "bjwb", "eastmoney", "unsafe")
GOLDEN = ROOT / "tests/sites"
DEMO = ROOT / "crawler/demo.warc.gz"


def expectations(*, quarantined: bool) -> list[Any]:
    found = []
    for name in NAMES:
        for row in tomllib.loads((ROOT / f"tests/web/{name}/expected.toml").read_text("utf-8"))["article"]:
            if bool(row.get("quarantine")) == quarantined:
                found.append(pytest.param(name, row, id=f"{name}-{row['key']}"))
    return found


ARTICLES = expectations(quarantined=False)


@cache
def web() -> dict[str, Any]:
    return {record[0]: record for record in records()}


@cache
def sources() -> dict[str, Source]:
    return {name: spider.source for name, spider in SourceLoader().spiders.items()}


@cache
def read(name: str, url: str) -> Extraction:
    """Extract one recorded page, following a stub as the spider does."""
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
    return extract(page, source, zone=sources()[name].zone)


def replay(output: Path) -> dict[str, Any]:
    """`crawl --all` on the recorded web, in a process of its own; the report."""
    command = [sys.executable, "-P", "-m", "crawler", "crawl", "--all", "--json", "--replay", str(DEMO)]
    done = subprocess.run(
        [*command, "--output", str(output)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    report: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == report["exit_code"]
    return report


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, replay(folder)


@pytest.fixture(scope="module")
def stored(collected: tuple[Path, dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The journal's last word on each article, by source and key."""
    folder, _ = collected
    [journal] = (folder / ".state/journal").glob("*.ndjson")
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    return {(line["source"], line["key"]): line for line in lines if line["op"] != "regroup"}


def fold(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(("name", "expected"), ARTICLES)
class TestPage:
    def test_title(self, name: str, expected: dict[str, Any]) -> None:
        assert expected["title"] == read(name, expected["url"]).title

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


@pytest.mark.parametrize(("name", "expected"), [each for each in ARTICLES if not each.values[1].get("not_listed")])
class TestStored:
    def row(self, stored: Any, name: str, expected: dict[str, Any]) -> dict[str, Any]:
        row = stored.get((name, expected["key"]))
        if row is None and (expected.get("same_as") or name == "bjwb"):
            pytest.skip("a duplicate of another page, or on no list: it has no document of its own")
        assert row is not None
        found: dict[str, Any] = row
        return found

    def test_published(self, stored: Any, name: str, expected: dict[str, Any]) -> None:
        row = self.row(stored, name, expected)
        wanted = expected.get("published", "")
        if not wanted:
            assert row["published"] == ""
        elif expected["precision"] == "day":
            assert (wanted[:10], "day") == (row["published"], row["precision"])
        else:
            found = datetime.fromisoformat(row["published"])
            if expected["precision"] == "minute":  # a list may know the second, too
                found = found.replace(second=0, microsecond=0)
            assert datetime.fromisoformat(wanted) == found

    def test_authors(self, stored: Any, name: str, expected: dict[str, Any]) -> None:
        assert expected["authors"] == self.row(stored, name, expected)["authors"]

    def test_medium_and_section(self, stored: Any, name: str, expected: dict[str, Any]) -> None:
        row = self.row(stored, name, expected)
        assert expected["medium"] == row["medium"]
        if expected["section"]:  # else the section is the list's, where the page has none
            assert expected["section"] == row["section"]

    def test_original(self, stored: Any, name: str, expected: dict[str, Any]) -> None:
        assert expected.get("original_url", "") == self.row(stored, name, expected)["original_url"]


@pytest.mark.parametrize(("name", "expected"), expectations(quarantined=True))
def test_what_is_no_article_is_told_so(name: str, expected: dict[str, Any]) -> None:
    assert read(name, expected["url"]).problem


def test_the_demo_is_well_and_complete(collected: tuple[Path, dict[str, Any]]) -> None:
    _, report = collected
    assert report["exit_code"] == 0
    assert {source["name"]: source["verdict"] for source in report["sources"]} == dict.fromkeys(NAMES, "ok")
    assert min(source["saved"] for source in report["sources"]) >= 5
    counts = {word: sum(source[word] for source in report["sources"]) for word in ("duplicates", "quarantined")}
    assert counts == {"duplicates": 1, "quarantined": 1}


def test_every_document_is_the_golden_one(collected: tuple[Path, dict[str, Any]]) -> None:
    """Golden documents are read by eye; `python tests/golden.py` writes them anew, and the diff is the review."""
    folder, _ = collected
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("[!.]*/**/*.md")}
    golden = {str(path.relative_to(GOLDEN)): path.read_bytes() for path in GOLDEN.rglob("*.md")}
    assert sorted(golden) == sorted(found)
    assert [path for path in golden if golden[path] != found[path]] == []


def test_a_second_run_changes_nothing(collected: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = collected

    def state() -> dict[str, tuple[bytes, int]]:
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("[!.]*/**/*.md")}

    before = state()
    report = replay(folder)
    assert state() == before
    assert report["exit_code"] == 0
    assert sum(source["fetched"] for source in report["sources"]) == 0
    assert sum(source["saved"] for source in report["sources"]) == 0


def test_the_recorded_web_is_what_its_sources_say() -> None:
    from build_web import is_current

    assert is_current(DEMO), "run: python tests/build_web.py"
