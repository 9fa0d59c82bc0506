"""What bench/extraction.py found: each contestant on each page, its figures, the table and the files they go to."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scoring import FIGURES, Answer, CorpusPage, summary

OURS, DECLARED, BASELINE = "shiyi", "shiyi-declared", "trafilatura"
TARGETS = {OURS: 1.0, DECLARED: 0.3}  # times the baseline's CPU
# Field of an answer -> the figures that judge it.
GIVEN = {
    "title": ("title",),
    "date": ("day", "minute", "false_date"),
    "authors": ("author_f1", "false_author"),
    "source": ("source", "false_source"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One contestant on one page. ``container`` is the selector it was given, ``error`` why it has no answer."""

    page: CorpusPage
    answer: Answer
    marks: dict[str, float]
    ms: float
    error: str = ""
    container: str = ""


@dataclass(slots=True)
class Results:
    """Of one corpus. A contestant has no outcome for a page that it was not given."""

    corpus: str
    pages: int
    by_contestant: dict[str, list[Outcome]] = field(default_factory=dict)

    def figures(self, name: str) -> dict[str, float]:
        outcomes = self.by_contestant[name]
        found = {"n": float(len(outcomes))} | summary([outcome.marks for outcome in outcomes])
        found["errors"] = float(sum(bool(outcome.error) for outcome in outcomes))
        spent = sorted(outcome.ms for outcome in outcomes)
        if spent:
            found |= {"ms": statistics.fmean(spent), "p95": spent[min(int(len(spent) * 0.95), len(spent) - 1)]}
        if ratio := self.ratio(name):
            found["x"] = ratio
        return found

    def ratio(self, name: str) -> float:
        """CPU as times the baseline's on the same pages; 0 if that is not known."""
        base = {outcome.page.name: outcome.ms for outcome in self.by_contestant.get(BASELINE, ())}
        pairs = [(outcome.ms, base[outcome.page.name]) for outcome in self.by_contestant[name] if base]
        return sum(ms for ms, _ in pairs) / total if (total := sum(ms for _, ms in pairs)) else 0.0

    def pinned(self) -> dict[str, float]:
        """What the floor knows of: our own figures, and what they cost."""
        figures = self.figures(OURS)
        speeds = {"cpu": self.ratio(OURS)} | (
            {"declared cpu": self.ratio(DECLARED)} if self.by_contestant.get(DECLARED) else {}
        )
        return {name: figures[name] for name in FIGURES if name in figures} | {n: x for n, x in speeds.items() if x}


# --- what is printed ---------------------------------------------------------------


def table(results: Results, titles: Mapping[str, str]) -> None:
    columns = {name: (figure.heading, figure.digits) for name, figure in FIGURES.items()}
    columns = (
        {"n": ("n", 0)} | columns | {"errors": ("errors", 0), "ms": ("CPU ms", 1), "p95": ("p95", 1), "x": ("x", 2)}
    )
    print(f"\n{results.corpus}: {results.pages} pages")
    print(f"{'':30}", *(f"{heading:>{max(5, len(heading))}}" for heading, _ in columns.values()))
    for name, outcomes in results.by_contestant.items():
        if not outcomes:
            continue
        figures = results.figures(name)
        # Not every extractor looks for every field: what it never gives is no mistake of its.
        for key, marks in GIVEN.items():
            if not any(getattr(outcome.answer, key) for outcome in outcomes):
                figures = {figure: value for figure, value in figures.items() if figure not in marks}
        cells = (
            f"{f'{figures[key]:.{digits}f}' if key in figures else '-':>{max(5, len(heading))}}"
            for key, (heading, digits) in columns.items()
        )
        print(f"{titles[name]:30}", *cells)
    declared = results.by_contestant.get(DECLARED, ())
    told = sum(bool(outcome.page.told.get("container")) for outcome in declared)
    if declared:
        print(f"container: {told} told by the corpus, {len(declared) - told} where the generic way found the text")
    for name, target in TARGETS.items():
        if results.by_contestant.get(name) and (ratio := results.ratio(name)):
            print(
                f"{titles[name]}: {ratio:.2f} x {BASELINE} (target <= {target}: {'' if ratio <= target else 'NOT '}reached)"
            )


def worst(results: Results, count: int) -> None:
    """Our worst pages, with the baseline's page F1 beside ours."""
    base = {outcome.page.name: outcome.marks for outcome in results.by_contestant.get(BASELINE, ())}
    ours = [outcome for outcome in results.by_contestant.get(OURS, ()) if "page_f1" in outcome.marks]
    for outcome in sorted(ours, key=lambda outcome: outcome.marks["page_f1"])[:count]:
        marks = outcome.marks
        theirs = base.get(outcome.page.name, {}).get("page_f1")
        print(
            f"  {marks['page_f1']:.3f} P {marks.get('P', 0):.2f} R {marks['R']:.2f}"
            f"{'' if theirs is None else f' ({BASELINE} {theirs:.3f})'} {outcome.page.name} {outcome.page.url} {outcome.error}"
        )


def write_json(file: Path, everything: Sequence[Results], told: Mapping[str, object]) -> None:
    scores = {
        results.corpus: {name: results.figures(name) for name, outcomes in results.by_contestant.items() if outcomes}
        for results in everything
    }
    file.write_text(json.dumps({**told, "corpora": scores}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_pages(file: Path, everything: Sequence[Results]) -> None:
    """A line for each page and contestant."""
    with file.open("w", encoding="utf-8") as stream:
        for results in everything:
            for name, outcomes in results.by_contestant.items():
                for outcome in outcomes:
                    answer = outcome.answer
                    line = {
                        "corpus": results.corpus,
                        "page": outcome.page.name,
                        "contestant": name,
                        "ms": outcome.ms,
                        "error": outcome.error,
                        "container": outcome.container,
                        "marks": outcome.marks,
                        "answer": {key: getattr(answer, key) for key in Answer.__slots__},
                    }
                    stream.write(json.dumps(line, ensure_ascii=False) + "\n")
