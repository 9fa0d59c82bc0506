"""CPU from fetch to durable document: Shiyi beside other ways to do it, on a recorded and a generated web.

    python bench/pipeline.py [--quick] [--pages 1000] [--rounds 3] [--memory] [--cache FOLDER]

Run it with the Python of the project's environment, on Linux. Nothing leaves the machine but the one-time
installation of news-please. Trust the ratios: CPU times of one machine on one day are no facts about another.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

from contestants import ROOT, Contestant, Task, environment, naive, news_please, trafilatura, us
from environments import CACHE, python_of
from footprint import judged, memory, start_up_and_idle
from generated_site import PER_COPY, RECORDED, addresses, marker_of, site
from measure import Cost, Failed, run
from recorded_web import lay_out, replay

COPIES = 3  # how often the recorded pages are repeated for those who read them from a server
MARKER = re.compile(re.sub(r"\d+", r"\\d+", marker_of(1)))

US = [
    Contestant("Shiyi, declared container, hexo", us("hexo", declared=True), 0.35, is_us=True),
    Contestant("Shiyi, declared container, jekyll", us("jekyll", declared=True), 0.35, is_us=True),
    Contestant("Shiyi, declared container, archive", us("archive", declared=True), 0.45, is_us=True),
    Contestant("Shiyi, the generic way, hexo", us("hexo", declared=False), 0.6, is_us=True),
    Contestant("Shiyi, the generic way, archive", us("archive", declared=False), 0.6, is_us=True),
]
NAIVE = Contestant("naive Scrapy spider", naive())
OTHERS = [
    Contestant("naive, its log at INFO", naive("-s", "LOG_LEVEL=INFO")),
    Contestant("trafilatura CLI", trafilatura),
]


@dataclass(slots=True)
class Result:
    contestant: Contestant
    pages: int = 0
    ms: list[float] = field(default_factory=list)  # CPU a page, one a round
    start_up: list[float] = field(default_factory=list)  # CPU seconds
    peaks: list[float] = field(default_factory=list)  # MB, main process
    documents: int = 0
    whole: int = -1  # documents that reach to the article's last sentence; -1: not looked for


# --- rounds ------------------------------------------------------------------------


def measure(
    contestant: Contestant, base: str, lists: Sequence[str], pages: Sequence[str], articles: int = 0
) -> tuple[Cost, int, int]:
    """One run: its cost, how many documents came out, and how many of them are whole.

    ``articles`` is how many different ones stand behind the pages, if not as many.
    """
    with tempfile.TemporaryDirectory() as folder:
        task = Task(Path(folder), base, tuple(lists), tuple(pages))
        # Not in the project's folder: Scrapy would find our settings there.
        cost = run(contestant.command(task), environment(), cwd=task.folder)
        files = [
            path
            for path in task.output.rglob("*")
            if path.suffix in (".md", ".txt", ".json") and ".state" not in path.parts
        ]
        markers = {found for path in files for found in MARKER.findall(path.read_text(encoding="utf-8"))}
    if cost.code or len(files) < (1 if contestant.is_us else 0.9) * (articles or len(pages)):
        raise Failed(
            f"{contestant.name}: exit {cost.code}, {len(files)} documents from {len(pages)} pages\n{cost.err[-2000:]}"
        )
    return cost, len(files), len(markers)


def generated(contestants: Sequence[Contestant], base: str, pages: int, rounds: int) -> list[Result]:
    results = [Result(contestant) for contestant in contestants]
    for number in range(rounds):
        for result in results:
            say(f"round {number + 1} of {rounds}: {result.contestant.name}")
            result.pages = max(10, int(pages * result.contestant.share))
            if not number:  # byte code, file caches
                measure(result.contestant, base, *addresses(base, 1))
            start_up, _, _ = measure(result.contestant, base, *addresses(base, 1))
            cost, result.documents, result.whole = measure(result.contestant, base, *addresses(base, result.pages))
            result.ms.append((cost.cpu - start_up.cpu) * 1000 / (result.pages - 1))
            result.start_up.append(start_up.cpu)
            result.peaks.append(cost.peak)
    return results


def recorded(contestants: Sequence[Contestant], rounds: int) -> list[Result]:
    """Ours by --replay over all seven sources; the others from a server that gives them the same pages."""
    ours = Result(Contestant("Shiyi, all seven sources (--replay)", us("", declared=True), is_us=True))
    results = [ours, *(Result(contestant) for contestant in contestants)]
    with tempfile.TemporaryDirectory() as folder:
        pages = lay_out(Path(folder))
        with site(Path(folder)) as base:
            copies = [
                [f"{base}/a/{RECORDED + copy * PER_COPY + number}.html" for number in range(pages)]
                for copy in range(COPIES + 1)
            ]
            for number in range(rounds):
                say(f"recorded web: round {number + 1} of {rounds}")
                few, first = replay("--limit", "1")
                all_, tried = replay()
                ours.pages = ours.documents = tried
                ours.ms.append((all_.cpu - few.cpu) * 1000 / (tried - first))
                ours.start_up.append(few.cpu)
                ours.peaks.append(all_.peak)
                for result in results[1:]:
                    # Start-up is all pages once: these pages load parts that one page alone does not need.
                    once, result.documents, _ = measure(result.contestant, base, (), copies[0])
                    more, _, _ = measure(result.contestant, base, (), [url for copy in copies for url in copy], pages)
                    result.pages = pages
                    result.ms.append((more.cpu - once.cpu) * 1000 / (pages * COPIES))
                    result.start_up.append(once.cpu)
                    result.peaks.append(more.peak)
    return results


# --- what is printed ---------------------------------------------------------------


def table(results: Sequence[Result], baseline: Result) -> None:
    naive_ms = statistics.median(baseline.ms)
    print(
        f"{'':38} {'ms/page':>7} {'rounds':>16} {'x naive':>7} {'target':>7}  {'':11} {'start-up':>8} {'MB':>4}  documents"
    )
    for result in results:
        ms = statistics.median(result.ms)
        ratio, target = ms / naive_ms, result.contestant.target
        verdict = ("reached" if ratio <= target else "NOT reached") if target else ""
        spread = f"{min(result.ms):.1f}-{max(result.ms):.1f}"
        whole = "" if result.whole < 0 else f", {result.whole} whole"
        print(
            f"{result.contestant.name:38} {ms:7.1f} {spread:>16} {ratio:7.2f} {f'<= {target}' if target else '':>7}  "
            f"{verdict:11} {statistics.median(result.start_up):6.2f} s {max(result.peaks):4.0f}  "
            f"{result.documents} of {result.pages}{whole}"
        )


def say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def conditions() -> str:
    names = ("scrapy", "trafilatura", "lxml", "sqlite-utils", "python-frontmatter")
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{date.today()}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "  # noqa: DTZ011
        f"Python {platform.python_version()}; {packages}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200 pages, one round")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--memory", action="store_true", help="also 5,000 pages (or five times --pages) for the memory's sake"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where news-please's environment is kept")
    options = parser.parse_args()
    pages, rounds = (200, 1) if options.quick else (options.pages, options.rounds)
    sys.path.insert(0, str(ROOT))

    others = list(OTHERS)
    print(conditions())
    try:
        say("news-please: its own environment")
        python = python_of("news-please", options.cache, os.environ)
        # A fifth of the pages: it is slow, and its cost a page does not depend on their number.
        others.append(Contestant("news-please", news_please(python), share=0.2))
    except (OSError, subprocess.SubprocessError) as error:
        print(f"news-please: skipped, it can't be installed here: {error}")
    try:
        with site() as base:
            results = generated([NAIVE, *US, *others], base, pages, rounds)
            print(
                f"\ngenerated site: {pages} pages, {rounds} rounds, medians; CPU without start-up; MB: main process at its peak"
            )
            table(results, results[0])
            peak = max(max(result.peaks) for result in results if result.contestant.is_us)
            print(f"peak memory of our main process: {judged(peak, 200, 'MB')}")
            # Few pages and much start-up: more rounds, so that the median says something.
            more = rounds if options.quick else rounds + 4
            web = recorded([NAIVE, *others], more)
            print(f"\nrecorded web: {web[0].pages} articles of seven sources, {more} rounds")
            table(web, web[1])
            print()
            start_up_and_idle()
            if options.memory:
                memory(base, 5 * pages)
    except Failed as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
