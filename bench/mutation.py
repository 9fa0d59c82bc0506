"""Takes one piece of behaviour away at a time and asks the tests to notice: what they miss is printed.

    python bench/mutation.py [--module dedup/identity.py]… [--sample N] [--seed S] [--only LINE] [--wide] [--list]

Mutants (``mutants.py``) live in a copy of the tree in a temporary folder, one at a time. Each is shown to the
tests that run its lines, the shortest first. Own code and not mutmut or cosmic-ray (BSD, MIT): neither takes away
a call such as an fsync, nor knows SQL, and on these two the storage rests.

Run it with the Python of the project's tests. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mutants import Mutant, Sites, difference

ROOT = Path(__file__).resolve().parents[1]

# What covers a module most closely; --wide asks all tests of the room.
NEAR = {
    "engine/guards.py": "engine/test_guard engine/test_addresses faults/test_dialled",
    "dedup/fingerprint.py": "dedup/test_fingerprint",
    "dedup/identity.py": "dedup/test_identity",
    "dedup/rules.py": "dedup/test_rules",
    "storage/aside.py": "storage/test_form storage/test_repair",
    "storage/audit.py": "storage/test_repair storage/test_mending operations/test_verify",
    "storage/backup.py": "operations/test_backup",
    "storage/disk.py": "storage/test_disk storage/test_library",
    "storage/fields.py": "storage/test_form storage/test_replay",
    "storage/filing.py": "storage/test_filing storage/test_replay storage/test_library",
    "storage/frontier.py": "storage/test_frontier storage/test_index",
    "storage/index.py": "storage/test_index storage/test_opening",
    "storage/index_faults.py": "storage/test_index storage/test_opening storage/test_rebuild",
    "storage/journal.py": "storage/test_journal storage/test_library_cases storage/test_opening",
    "storage/journal_files.py": "storage/test_journal",
    "storage/layout.py": "storage/test_opening",
    "storage/library.py": "storage/test_library storage/test_filing",
    "storage/lists.py": "storage/test_index storage/test_rebuild",
    "storage/lock.py": "storage/test_form storage/test_index",
    "storage/notes.py": "storage/test_journal storage/test_rebuild",
    "storage/opening.py": "storage/test_opening",
    "storage/placing.py": "storage/test_library",
    "storage/rebuild.py": "storage/test_rebuild",
    "storage/repair.py": "storage/test_repair storage/test_mending",
    "storage/replay.py": "storage/test_replay storage/test_rebuild",
    "storage/submissions.py": "storage/test_form storage/test_library",
}
LIBRARIES = ("hypothesis", "hypothesis.strategies", "lxml.html", "sqlite_utils", "trafilatura", "w3lib.url")
PATIENCE = 20.0  # seconds, and ten times what the tests take without a mutant
MEMORY = 3 << 30  # bytes; a loop without end must not take the machine


@dataclass(frozen=True, slots=True)
class Test:
    name: str
    seconds: float
    lines: dict[str, list[int]]  # of crawler/, by module; none where another process does the work


class Watch:
    """A plugin of pytest: what each test takes, and which lines it runs."""

    def __init__(self, crawler: Path, file: Path):
        self._root, self._file = f"{crawler}/", file
        self._tests: list[dict[str, Any]] = []
        self._lines: dict[str, set[int]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self._lines, started = {}, time.process_time()
        sys.settrace(self._called)
        yield
        sys.settrace(None)
        lines = {module: sorted(found) for module, found in self._lines.items()}
        self._tests.append({"name": item.nodeid, "seconds": time.process_time() - started, "lines": lines})

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(json.dumps(self._tests), encoding="utf-8")

    def _called(self, frame: Any, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(self._root):
            return None
        seen = self._lines.setdefault(name.removeprefix(self._root), set())

        def ran(frame: Any, event: str, argument: Any) -> Any:
            if event == "line":
                seen.add(frame.f_lineno)
            return ran

        return ran


class Only:
    """A plugin of pytest: these tests alone, in this order."""

    def __init__(self, names: list[str]):
        self._places = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._places), key=lambda item: self._places[item.nodeid]
        )


class Bench:
    """A copy of the tree in which one module at a time is another one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._known: dict[tuple[str, ...], list[Test]] = {}
        self._stamp = 1_000_000_000  # every change gets a time of its own: byte code goes by it
        unwanted = shutil.ignore_patterns(".git", "__pycache__", "*-output", ".hypothesis", ".*_cache")
        shutil.copytree(ROOT, folder, dirs_exist_ok=True, symlinks=True, ignore=unwanted)

    def write(self, module: str, source: bytes) -> None:
        path = self.folder / "crawler" / module
        path.write_bytes(source)
        self._stamp += 1
        os.utime(path, (self._stamp, self._stamp))

    def watched(self, files: list[str]) -> list[Test]:
        """The tests of these files, as they run without a mutant."""
        if tuple(files) not in self._known:
            notes = self.folder.parent / f"watched-{len(self._known)}.json"
            if failed := self.run(files, 1800, Watch(self.folder / "crawler", notes)):
                raise SystemExit(f"they fail without any mutant: {failed}")
            self._known[tuple(files)] = with_fixtures([Test(**each) for each in json.loads(notes.read_bytes())])
        return self._known[tuple(files)]

    def run(self, tests: list[str], patience: float, plugin: object) -> str:
        """The first test that failed, "" if all pass."""
        started = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            child = os.fork()
            if not child:
                self._be_tested(tests, output.fileno(), plugin)
            while True:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    break
                if time.monotonic() - started > patience:
                    os.killpg(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                    return "too slow"
                time.sleep(0.05)
            self._end_group(child)
            if os.waitstatus_to_exitcode(status) == pytest.ExitCode.NO_TESTS_COLLECTED:
                raise SystemExit(f"no such tests: {tests[:3]}")
            if status == 0:
                return ""
            output.seek(0)
            found = re.search(r"^(?:FAILED|ERROR) (\S+)", output.read(), re.MULTILINE)
            return found[1] if found else f"status {status}"

    @staticmethod
    def _end_group(leader: int) -> None:
        try:
            os.killpg(leader, signal.SIGKILL)  # what the tests have left running
        except ProcessLookupError:
            return

    def _be_tested(self, tests: list[str], output: int, plugin: object) -> None:
        """Never comes back: the child of a process that has no crawler in it yet."""
        code = 3
        try:
            os.setsid()
            os.chdir(self.folder)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.environ["PYTHONPATH"] = str(self.folder)
            os.environ["TMPDIR"] = str(self.folder.parent / "scratch")
            sys.path[:] = [
                str(self.folder),
                *(path for path in sys.path if Path(path or ".").resolve() != ROOT / "bench"),
            ]
            files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
            code = int(pytest.main(["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", *files], [plugin]))
        finally:
            os._exit(code)


def with_fixtures(tests: list[Test]) -> list[Test]:
    """A test that only looks at what a fixture of its file has made runs what the file's first test was seen to run."""
    first: dict[str, Test] = {}
    shared = []
    for test in tests:
        made = first.setdefault(test.name.partition("::")[0], test)
        shared.append(test if test.lines else Test(test.name, made.seconds, made.lines))
    return shared


def tests_of(module: str, folder: Path, *, wide: bool) -> list[str]:
    room = Path(module).parent
    near = NEAR.get(module, f"{room}/test_")
    patterns = [f"{room}/test_"] if wide else near.split()
    found = [path for pattern in patterns for path in sorted((folder / "tests").glob(f"{pattern}*.py"))]
    return list(dict.fromkeys(str(path.relative_to(folder)) for path in found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append", help="below crawler/; all of dedup/, storage/ and the guards else")
    parser.add_argument("--sample", type=int, default=0, help="so many of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, action="append", help="the mutants of this line")
    parser.add_argument("--seconds", type=float, default=1e9, help="ask no more tests of a mutant, the shortest first")
    parser.add_argument("--wide", action="store_true", help="ask all tests of the module's room, not the nearest ones")
    parser.add_argument("--list", action="store_true", help="count them only")
    flags = parser.parse_args()
    crawler = ROOT / "crawler"
    modules = flags.module or [
        "engine/guards.py",
        *sorted(
            str(path.relative_to(crawler)) for room in ("dedup", "storage") for path in (crawler / room).glob("*.py")
        ),
    ]
    if flags.list:
        for module in modules:
            print(f"{module}: {len(Sites(module, (crawler / module).read_bytes()).found)} sites", flush=True)
        return
    for library in LIBRARIES:
        importlib.import_module(library)
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        bench = Bench(Path(folder) / "tree")
        (Path(folder) / "scratch").mkdir()
        for module in modules:
            try_module(bench, module, flags)


def try_module(bench: Bench, module: str, flags: argparse.Namespace) -> None:
    original = (bench.folder / "crawler" / module).read_bytes()
    sites = [each for each in Sites(module, original).found if not flags.only or each.line in flags.only]
    mutants = sites
    if 0 < flags.sample < len(sites):
        mutants = sorted(random.Random(flags.seed).sample(sites, flags.sample), key=lambda each: each.start)
    tests = bench.watched(tests_of(module, bench.folder, wide=flags.wide))
    slow = survived = 0
    started = time.monotonic()
    for mutant in mutants:
        bench.write(module, mutant.source(original))
        names, seconds = asked_of(mutant, tests, flags.seconds)
        failed = bench.run(names, PATIENCE + 10 * seconds, Only(names)) if names else ""
        slow += failed == "too slow"
        if not failed:
            survived += 1
            print(f"  crawler/{module}:{mutant.line} {mutant.kind}, {len(names)} tests asked", flush=True)
            print(*difference(mutant, original), sep="\n", flush=True)
    bench.write(module, original)
    print(
        f"{module}: {len(sites)} sites, {len(mutants)} tried, {len(mutants) - survived} killed ({slow} by time), "
        f"{survived} survived; {time.monotonic() - started:.0f} s",
        flush=True,
    )


def asked_of(mutant: Mutant, tests: list[Test], most: float) -> tuple[list[str], float]:
    """The tests that run the mutant's lines, and what they take; those that work in another process always."""
    names, seconds = [], 0.0
    for test in sorted(tests, key=lambda test: test.seconds):
        lines = test.lines.get(mutant.module, [])
        if test.lines and not (any(line in mutant.statement for line in lines) if mutant.statement else lines):
            continue
        if names and seconds + test.seconds > most:
            break
        names.append(test.name)
        seconds += test.seconds
    return names, seconds


if __name__ == "__main__":
    main()
