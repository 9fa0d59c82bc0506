"""One target in a process of its own, so that a parser that dies costs a restart: `python fuzz_child.py ORDERS.json`.

Guided by coverage where atheris can be imported, at random else. Faults are counted here and do not end the run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
sys.setrecursionlimit(1_000)  # Python's own; atheris raises it

from fuzz_mutation import mutated, soup  # noqa: E402

NOTES_EVERY = 1.0  # seconds


class Hang(BaseException):
    """No Exception: no parser may swallow it."""


class Run:
    """Runs one input after the other, and keeps count in ``folder``."""

    def __init__(self, orders: dict[str, Any], target: Any) -> None:
        self.target = target
        self.folder = Path(orders["folder"])
        self.deadline = time.monotonic() + orders["seconds"]
        self.executions = self.refused = 0
        self.slowest = (0.0, 0)  # seconds, bytes
        self.found: dict[str, tuple[int, str]] = {}  # name -> bytes of the smallest input, headline
        self.noted = 0.0
        signal.signal(signal.SIGVTALRM, _hang)

    def one(self, data: bytes) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, self.target.patience(len(data)))
        begin = time.process_time()
        try:
            self.target.run(data)
        except self.target.allowed:
            self.refused += 1
        except (Exception, Hang) as error:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self._keep(data, error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self.executions += 1
        seconds = time.process_time() - begin
        if seconds > self.slowest[0]:
            self.slowest = (seconds, len(data))
            (self.folder / "slowest").write_bytes(data)
        if time.monotonic() - self.noted > NOTES_EVERY:
            self.note()

    def _keep(self, data: bytes, error: BaseException) -> None:
        """The smallest input of each fault; a fault is what was raised and where."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if str(ROOT / "crawler") in frame.filename] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].name}"
        last = frames[-1]
        cause = "" if isinstance(error, Hang) else f"{Path(last.filename).name}:{last.lineno}"
        digest = hashlib.sha1(f"{type(error).__name__} {place} {cause}".encode()).hexdigest()[:8]
        name = f"{type(error).__name__.lower()}-{digest}"
        if name in self.found and len(data) >= self.found[name][0]:
            return
        headline = f"{type(error).__name__} in {place}: {error}".replace("\n", " ")[:300]
        self.found[name] = (len(data), headline)
        (self.folder / "findings").mkdir(exist_ok=True)
        (self.folder / "findings" / name).write_bytes(data)
        trace = "".join(traceback.format_exception(error))
        told = f"{headline}\npython bench/fuzz.py {self.target.name} --reproduce FILE\n\n{trace}"
        (self.folder / "findings" / f"{name}.txt").write_text(told, encoding="utf-8", errors="replace")

    def note(self) -> None:
        self.noted = time.monotonic()
        counted = {
            "executions": self.executions,
            "cpu": time.process_time(),
            "refused": self.refused,
            "slowest": self.slowest,
            "findings": {name: headline for name, (_, headline) in self.found.items()},
        }
        part = self.folder / "notes.part"
        part.write_text(json.dumps(counted), encoding="utf-8")
        part.replace(self.folder / "notes.json")


def _hang(signum: int, frame: FrameType | None) -> None:
    raise Hang("too slow for its size")


def _warm_up(seeds: list[bytes], target: Any) -> None:
    """Imports what the parsers import late, so that no input is charged with it."""
    for seed in seeds[:: max(1, len(seeds) // 40)]:
        with contextlib.suppress(Exception):
            target.run(seed)


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _guided(orders: dict[str, Any]) -> None:
    import atheris

    with atheris.instrument_imports(include=["crawler", "feedparser"]):
        from fuzz_targets import TARGETS

        target = TARGETS[orders["target"]]
        seeds = target.inputs()
        _warm_up(seeds, target)
    run = Run(orders, target)
    corpus, given = run.folder / "corpus", run.folder / "seeds"
    for folder in (corpus, given):
        folder.mkdir(exist_ok=True)
    for seed in seeds:
        (given / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    words = run.folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))

    def change(data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.5:
            return bytes(atheris.Mutate(data, longest))
        return mutated(data, random, target.words, seeds, min(longest, target.longest))

    flags = {
        "max_total_time": max(1, int(orders["seconds"])),
        "max_len": target.longest,
        "dict": words,
        "artifact_prefix": f"{run.folder}/died-",
        "timeout": 300,  # seconds by the wall clock; for what no signal of Python's can interrupt
        "rss_limit_mb": 2048,
        "verbosity": 1,
    }
    arguments = [sys.argv[0], *(f"-{name}={value}" for name, value in flags.items()), str(corpus), str(given)]
    atheris.Setup(arguments, run.one, custom_mutator=change)
    atheris.Fuzz()


def _unguided(orders: dict[str, Any]) -> None:
    from fuzz_targets import TARGETS

    target = TARGETS[orders["target"]]
    seeds = target.inputs()
    _warm_up(seeds, target)
    run = Run(orders, target)
    random = Random(orders["seed"])
    for seed in seeds:
        run.one(seed)
    while time.monotonic() < run.deadline:
        if random.random() < 0.1:
            run.one(soup(random, target.words, target.longest))
        else:
            run.one(mutated(random.choice(seeds), random, target.words, seeds, target.longest))
    run.note()


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    (_guided if given["guided"] else _unguided)(given)
