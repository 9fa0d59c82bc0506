"""Text, title, date, author and source of article pages, and what they cost: Shiyi beside other extractors.

    python bench/extraction.py [--corpus DIR]… [--only NAME]… [--worst N] [--json FILE] [--per-page FILE]
    python bench/extraction.py --check | --raise-floor

Run it with the Python of the project's environment. A corpus is a folder of NAME.html or NAME.html.gz, each with a
NAME.json that tells url, title, date, datetime, author, source, text, lang, and perhaps the CSS `container` of the body.
Every contestant is a process of its own; all get a page, one after the other, before any gets the next. The milliseconds
are CPU of the extraction alone, decoding included for Shiyi and trafilatura; "x" is times trafilatura's on the same
pages. Nothing leaves the machine but the one-time installation of the contestants. Compare within one run only.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import extraction_floor as floors
from children import Child, Unavailable
from contestants import ROOT, environment
from environments import CACHE, python_of
from extraction_results import BASELINE, DECLARED, OURS, Outcome, Results, table, worst, write_json, write_pages
from scoring import Answer, CorpusPage, pages_of, score

OWN = ROOT / "tests" / "extraction" / "corpus"
SHARED = ROOT.parent / "shared" / "eval" / "pages"
WARM_UP = 20  # pages of a corpus, spread over it, before the clock counts: parts that load late are loaded by then
# A port where nobody listens: an extractor that wants to fetch something on its own gets nothing.
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


@dataclass(frozen=True, slots=True)
class Contestant:
    """``program`` of extraction_contestants.py in ``home`` of environments.py; "" is the project's own environment."""

    name: str
    title: str
    program: str
    home: str = ""


CONTESTANTS = (
    Contestant(OURS, "Shiyi", "shiyi"),
    Contestant(DECLARED, "Shiyi, declared container", "shiyi"),
    Contestant(BASELINE, "trafilatura", "trafilatura"),
    Contestant("trafilatura-fast", "trafilatura, fast", "trafilatura-fast"),
    Contestant("trafilatura-precision", "trafilatura, favor_precision", "trafilatura-precision"),
    Contestant("readability-lxml", "readability-lxml", "readability-lxml", "readability-lxml"),
    Contestant("newspaper4k", "newspaper4k, told the language", "newspaper4k", "newspaper4k"),
    Contestant("news-please", "news-please", "news-please", "news-please"),
    Contestant("goose3", "goose3, told the language", "goose3", "goose3"),
    Contestant("justext", "jusText", "justext", "justext"),
    Contestant("resiliparse", "resiliparse", "resiliparse", "resiliparse"),
    Contestant("gne", "GNE", "gne", "gne"),
)


# --- running -----------------------------------------------------------------------


def start(contestants: Sequence[Contestant], cache: Path) -> tuple[dict[str, Child], dict[str, str]]:
    """The children by name, and why the others are none."""
    children: dict[str, Child] = {}
    missing: dict[str, str] = {}
    for contestant in contestants:
        try:
            if contestant.home:
                say(f"{contestant.title}: its own environment")
                python = python_of(contestant.home, cache, os.environ)
                known = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
            else:
                python, known = Path(sys.executable), environment()
            children[contestant.name] = Child(contestant.program, python, known | NO_NETWORK)
        except (OSError, subprocess.SubprocessError, Unavailable) as error:
            missing[contestant.name] = str(error)
    return children, missing


def measure(corpus: str, pages: Sequence[CorpusPage], children: dict[str, Child]) -> Results:
    results = Results(corpus, len(pages), {name: [] for name in children})
    step = max(1, len(pages) // WARM_UP)
    say(f"{corpus}: {len(pages)} pages, first {len(pages[::step])} to warm up")
    for page in pages[::step]:
        for _ in _asked(page, children):
            pass
    for number, page in enumerate(pages, 1):
        for name, outcome in _asked(page, children):
            results.by_contestant[name].append(outcome)
        if not number % 50:
            say(f"{corpus}: {number} of {len(pages)}")
    return results


def _asked(page: CorpusPage, children: dict[str, Child]) -> Iterator[tuple[str, Outcome]]:
    from declared_container import selector_for  # it needs the product

    body = page.body()
    text = ""
    for name, child in children.items():
        container = ""
        if name == DECLARED:
            container = page.told.get("container") or (text and selector_for(body, page.url, text))
            if not container:
                continue
        found = child.ask(page, body, container)
        if name == DECLARED and not found.get("by_container"):
            continue  # neither its cost nor its text is that of the declared way
        outcome = _outcome(page, found, container)
        if name == OURS:
            text = outcome.answer.text
        yield name, outcome


def _outcome(page: CorpusPage, found: dict[str, Any], container: str) -> Outcome:
    answer = Answer(
        text=found.get("text", ""),
        title=found.get("title", ""),
        date=found.get("date", ""),
        authors=tuple(found.get("authors", ())),
        source=found.get("source", ""),
    )
    return Outcome(page, answer, score(page.told, answer), found["ms"], found.get("error", ""), container)


# --- what is printed ---------------------------------------------------------------


def conditions() -> str:
    return (
        f"{date.today()}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "  # noqa: DTZ011
        f"Python {platform.python_version()}"
    )


def say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


# --- the floor ---------------------------------------------------------------------


def check(measured: floors.Floor, file: Path) -> int:
    missed = floors.below(measured, floors.read(file))
    print("\nthe floor holds" if not missed else "\n".join(["", *missed]))
    return int(bool(missed))


def raise_floor(measured: floors.Floor, file: Path) -> int:
    """Writes nothing at all if anything would have to go down: one figure does not pay for another."""
    floor = floors.read(file)
    if missed := floors.below(measured, floor):
        print(
            "\n".join(["", *missed, "refused: the floor is lowered by hand only, with a reason (extraction_floor.py)"])
        )
        return 2
    better = floors.above(measured, floor)
    if better:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(floors.raised(text, better), encoding="utf-8")
    print()
    for corpus, name, value in better:
        print(f"{corpus}: {name} raised to {value}")
    if not better:
        print("nothing to raise")
    return 0


# --- command -----------------------------------------------------------------------


def corpora(folders: Sequence[Path]) -> dict[str, list[CorpusPage]]:
    """By path from the project's folder, as the floor names them."""
    chosen = folders or [folder for folder in (*sorted(OWN.glob("*")), *sorted(SHARED.glob("*"))) if folder.is_dir()]
    names = [Path(os.path.relpath(folder.resolve(), ROOT)).as_posix() for folder in chosen]
    found = {name: list(pages_of(folder, name)) for name, folder in zip(names, chosen, strict=True)}
    return {name: pages for name, pages in found.items() if pages}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, action="append", default=[], help="default: our own and ../shared's")
    parser.add_argument(
        "--only", action="append", choices=[each.name for each in CONTESTANTS], metavar="NAME", help="of: %(choices)s"
    )
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="also our N worst pages of each corpus")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures, in full precision")
    parser.add_argument("--per-page", type=Path, metavar="FILE", help="JSON lines: each answer with its marks")
    parser.add_argument("--check", action="store_true", help="ours against the floor; exit 1 if anything is below it")
    parser.add_argument("--raise-floor", action="store_true", help="write what is better; exit 2 if anything is worse")
    parser.add_argument("--floor", type=Path, default=floors.FILE, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the contestants' environments are kept")
    options = parser.parse_args()

    found = corpora(options.corpus)
    if not found:
        parser.error("no corpus: no folder with NAME.html and NAME.json")
    pinning = options.check or options.raise_floor
    wanted = options.only or ([OURS, DECLARED, BASELINE] if pinning else [each.name for each in CONTESTANTS])
    if DECLARED in wanted:
        wanted = [*wanted, OURS]  # it finds the container
    children, missing = start([each for each in CONTESTANTS if each.name in wanted], options.cache)
    versions = {name: child.version for name, child in children.items()}
    print(conditions())
    print(
        ", ".join(
            f"{name} {number}" for name, number in versions.items() if number and not name.startswith("trafilatura-")
        )
    )
    for name, reason in missing.items():
        print(f"{name}: not available: {reason}")
    everything = [measure(corpus, pages, children) for corpus, pages in found.items()]
    for child in children.values():
        child.close()
    for results in everything:
        table(results, {each.name: each.title for each in CONTESTANTS})
        worst(results, options.worst)
    if options.json:
        write_json(
            options.json, everything, {"conditions": conditions(), "versions": versions, "not available": missing}
        )
    if options.per_page:
        write_pages(options.per_page, everything)
    measured = {results.corpus: results.pinned() for results in everything if OURS in results.by_contestant}
    if pinning and not measured:
        parser.error("without our own figures there is nothing to compare")
    if options.check:
        return check(measured, options.floor)
    return raise_floor(measured, options.floor) if options.raise_floor else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
