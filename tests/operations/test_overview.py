"""What a person reads at the end of a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.models import Gap, RunReport, SourceReport
from crawler.operations.overview import PATHS_SHOWN, show_report

START = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)


def shown(capsys: pytest.CaptureFixture[str], *sources: SourceReport, seconds: float = 0.2) -> list[str]:
    show_report(RunReport("run", START, START + timedelta(seconds=seconds), 0, sources), Path("output"))
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (SourceReport("cs"), ["ok  cs  0 found, 0 new, 0 saved"]),
        (SourceReport("cs", found=9, new=3, saved=2, duplicates=1), ["ok  cs  9 found, 3 new, 2 saved, 1 duplicates"]),
        (
            SourceReport("cs", "degraded", "fetch", "u1: HTTP 404", failed=1, owed=4),
            ["degraded  cs  0 found, 0 new, 0 saved, 1 failed, 4 owed", "fetch: u1: HTTP 404"],
        ),
        (
            SourceReport("unsafe", "dormant", reason="silent since 2024-12"),
            ["dormant  unsafe  0 found, 0 new, 0 saved", "silent since 2024-12"],
        ),
        (SourceReport("cs", "skipped", reason="not due before noon"), ["skipped  cs     not due before noon"]),
        (
            SourceReport("cs", gap=Gap("u1", "2026-10-01", "")),
            ["ok  cs  0 found, 0 new, 0 saved", "possible gap in u1: 2026-10-01 to ?"],
        ),
        (SourceReport("cs", not_modified=3), ["ok  cs  0 found, 0 new, 0 saved, 3 lists unchanged"]),
    ],
)
def test_lines_of_a_source(capsys: pytest.CaptureFixture[str], source: SourceReport, lines: list[str]) -> None:
    found = [" ".join(line.split()) for line in shown(capsys, source)]
    assert found[: len(lines)] == [" ".join(line.split()) for line in lines]
    assert found[-1] == f"{source.saved} new documents, {source.duplicates} duplicates."


def test_names_of_what_ran_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, SourceReport("cs"), SourceReport("eastmoney"))
    assert lines[0].index("0 found") == lines[1].index("0 found")


def test_paths_are_listed_up_to_a_limit(capsys: pytest.CaptureFixture[str]) -> None:
    paths = tuple(f"cs/2026/10/{number}.md" for number in range(PATHS_SHOWN + 3))
    lines = shown(capsys, SourceReport("cs", saved=len(paths), paths=paths))
    assert [line for line in lines if line.endswith(".md")] == list(paths[:PATHS_SHOWN])
    assert "… and 3 more" in lines


def test_sum_with_the_time_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, SourceReport("cs", saved=2), SourceReport("zqrb", saved=3, duplicates=1), seconds=61)
    assert lines[-1] == "5 new documents, 1 duplicates in 61 s."
