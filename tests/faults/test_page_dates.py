"""Dates of whole pages: never another one than the page tells, none where it tells none, on every machine the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from newsroom import clean_environment

from crawler.models import Moment, Precision

from . import dated_pages as pages

ZONES = ("UTC", "Asia/Shanghai", "America/New_York")


def shown(moment: Moment | None) -> str:
    if moment is None:
        return ""
    return moment.day.isoformat() if moment.precision is Precision.DAY else moment.at.isoformat()


@pytest.mark.parametrize("name", pages.SHOWN)
def test_date_beside_the_headline(name: str) -> None:
    assert shown(pages.extracted(name).published) == pages.SHOWN[name][2]


@pytest.mark.parametrize("name", pages.LISTED)
def test_date_of_a_row(name: str) -> None:
    assert shown(pages.listed(name)) == pages.LISTED[name][2]


@pytest.mark.parametrize("name", pages.PARTS)
def test_which_of_several_dates(name: str) -> None:
    assert shown(pages.extracted(name).published) == pages.PARTS[name][3]


def test_D5_clamped_date_says_so() -> None:
    found = pages.extracted("D5-ten-minutes-ahead").published
    assert found is not None
    assert found.provenance.endswith("+clamped")


def test_D7_document_without_a_date_invents_none() -> None:
    for style, document in pages.documents("D7-copyright-only").items():
        assert [line for line in document.splitlines() if line.startswith("date:")] == ["date: "], style


@pytest.fixture(scope="module")
def told() -> dict[str, bytes]:
    """What the same program says of the same bytes on machines in three zones."""
    script = Path(pages.__file__)
    running = {
        zone: subprocess.Popen(
            [sys.executable, "-P", str(script)],
            env={**os.environ, "TZ": zone, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
        )
        for zone in ZONES
    }
    return {zone: process.communicate(timeout=60)[0] for zone, process in running.items()}


@pytest.mark.parametrize("row", ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D10", "D11"])
def test_documents_are_the_same_in_every_zone_of_the_machine(told: dict[str, bytes], row: str) -> None:
    found = [
        {name: documents for name, documents in json.loads(text).items() if name.startswith(f"{row}-")}
        for text in told.values()
    ]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) >= 1


def test_D10_demo_writes_the_same_bytes_in_every_zone_of_the_machine(tmp_path: Path) -> None:
    running = {
        zone: subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "crawler", "crawl", "--all", "--json"),
                *("--replay", str(ROOT / "crawler" / "demo.warc.gz"), "--output", str(tmp_path / zone.replace("/", "-"))),
            ],
            env=clean_environment() | {"TZ": zone}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=tmp_path,
        )
        for zone in ZONES
    }  # fmt: skip
    codes = {process.wait(timeout=100) for process in running.values() if process.communicate(timeout=100)}
    assert codes == {0}
    trees = [
        {
            str(file.relative_to(folder)): file.read_bytes()
            for file in folder.rglob("*.md")
            if ".state" not in file.parts
        }
        for folder in sorted(tmp_path.iterdir())
    ]
    assert trees[0] == trees[1] == trees[2]
    assert len(trees[0]) > 20
