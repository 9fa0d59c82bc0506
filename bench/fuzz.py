"""Fuzzing of every parser that reads what comes from outside, or from a person's editor.

    python bench/fuzz.py [TARGET…] [--seconds 600] [--jobs 1] [--findings FOLDER]
    python bench/fuzz.py TARGET --reproduce FILE

Targets: feed, sitemap, listing, paper, api, charset, dates, front-matter, continuation, page.
atheris guides it by coverage; it is installed into an environment of its own, beside the project's packages. Where it
cannot be had, inputs are made at random from the same seeds and words. Prints a table; exit 1 if anything was found:
an exception that is not the parser's documented error, a promise broken, an input slower than its size allows
(2 s of CPU and 0.1 ms a byte), or the end of the process. Each finding is kept with its trace; a mended one goes to
tests/fuzz_findings/TARGET/, where the tests and the next run read it. Run it with the Python of the project's tests.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from environments import CACHE, PACKAGES, python_of  # noqa: E402
from fuzz_targets import TARGETS  # noqa: E402

PACKAGES["atheris"] = (("atheris",), "atheris")
_COVERAGE = re.compile(r"\bcov: (\d+) .*?\bcorp: (\d+)")
_MOST_DEATHS = 5  # of one target; then it is left


@dataclass
class Result:
    name: str
    executions: int = 0
    refused: int = 0
    seconds: float = 0.0  # by the wall clock
    cpu: float = 0.0  # seconds
    coverage: str = "-"
    slowest: tuple[float, int] = (0.0, 0)
    findings: dict[str, str] = field(default_factory=dict)

    def row(self) -> str:
        slow = f"{self.slowest[0] * 1000:.0f} ms of {self.slowest[1]} B"
        return (
            f"{self.name:<14} {self.seconds:>6.0f} {self.cpu:>6.0f} {self.executions:>11,} {self.refused:>11,}"
            f" {self.coverage:>8} {slow:>22} {len(self.findings):>9}"
        )


HEADER = f"{'target':<14} {'s':>6} {'s CPU':>6} {'executions':>11} {'refused':>11} {'coverage':>8} {'slowest':>22} {'findings':>9}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all where none is named"
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    parser.add_argument("--findings", type=Path, default=CACHE / "fuzz", help="where inputs and findings are kept")
    parser.add_argument(
        "--seed", type=int, default=0, help="where nothing guides it, the same seed tries the same inputs"
    )
    parser.add_argument("--reproduce", type=Path, metavar="FILE", help="run one target on one kept input")
    options = parser.parse_args()
    if unknown := sorted(set(options.targets) - set(TARGETS)):
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    if options.reproduce:
        if len(options.targets) != 1:
            parser.error("--reproduce needs one TARGET")
        TARGETS[options.targets[0]].run(options.reproduce.read_bytes())
        print("it passes")
        return 0
    packages = _atheris()
    folder = options.findings.resolve()

    def fuzz(name: str) -> Result:
        result = _fuzz(name, folder / name, options.seconds, options.seed, packages)
        print(result.row(), flush=True)
        return result

    print(f"{'guided by atheris' if packages else 'at random'}, {options.seconds:.0f} s each; kept in {folder}")
    print(HEADER, flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(fuzz, options.targets or TARGETS))
    for result in results:
        for name, headline in result.findings.items():
            print(f"{result.name}/findings/{name}: {headline}")
    return 1 if any(result.findings for result in results) else 0


def _atheris() -> Path | None:
    """The packages of its environment; None, with the reason on stderr, where it cannot be had."""
    try:
        python = python_of("atheris", CACHE, os.environ)
        told = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        return Path(subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip())
    except (OSError, subprocess.SubprocessError) as error:
        print(f"atheris: {error}; going on at random", file=sys.stderr)
        return None


def _fuzz(name: str, folder: Path, seconds: float, seed: int, packages: Path | None) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("died-*"), *folder.glob("findings/*"), folder / "notes.json"):
        old.unlink(missing_ok=True)
    result = Result(name)
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(packages or ""), "PYTHONHASHSEED": "0"}
    begin = time.monotonic()
    for attempt in range(_MOST_DEATHS):
        left = seconds - (time.monotonic() - begin)
        if left < 1:
            break
        orders = folder / "orders.json"
        told = {
            "target": name,
            "folder": str(folder),
            "seconds": left,
            "seed": seed + attempt,
            "guided": packages is not None,
        }
        orders.write_text(json.dumps(told), encoding="utf-8")
        log = folder / "log.txt"
        with log.open("wb") as output:
            code = subprocess.run(
                [sys.executable, str(HERE / "fuzz_child.py"), str(orders)],
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd=folder,
                check=False,
            ).returncode
        _count(result, folder, log)
        if code == 0:
            break
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        result.findings[f"../died ({attempt + 1})"] = f"the process ended with {code}: {lines[-1] if lines else ''}"
    result.seconds = time.monotonic() - begin
    return result


def _count(result: Result, folder: Path, log: Path) -> None:
    notes = folder / "notes.json"
    if notes.exists():
        counted: dict[str, Any] = json.loads(notes.read_text(encoding="utf-8"))
        notes.unlink()
        result.executions += counted["executions"]
        result.cpu += counted["cpu"]
        result.refused += counted["refused"]
        result.slowest = max(result.slowest, tuple(counted["slowest"]))
        result.findings |= counted["findings"]
    if found := _COVERAGE.findall(log.read_text(errors="replace")):
        result.coverage = found[-1][0]


if __name__ == "__main__":
    sys.exit(main())
