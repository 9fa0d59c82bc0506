"""Our near-duplicates behind the functions that bench/near_duplicates.py asks for: pairs, and what the index costs.

python bench/near_duplicates_ours.py ARTICLES SKETCHES      is the measured process: one JSON line
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import measure
from near_duplicates_prose import cheap_article

from crawler.dedup.near import sketch
from crawler.dedup.relations import link_of
from crawler.dedup.sketch import KEY_BITS, VERSION
from crawler.storage import sketches

ASKED = 2_000
ON_TOP = 2_000  # articles that are added to synthetic sketches
BATCH = 10  # articles in one transaction, as a run files them
KEYS, POPULAR_SHARE, POPULAR_KEYS = 15, 0.1, 2_000  # of a synthetic sketch
_PARTS = 4_096  # of the key space: a part is sorted in memory, so that the whole can be written in order


@dataclass(frozen=True, slots=True)
class Verdict:
    """``rule`` is "" for another story. ``found`` is whether the index proposes the pair at all."""

    rule: str
    found: bool


@dataclass(frozen=True, slots=True)
class IndexCost:
    articles: int
    add: float  # milliseconds of CPU: sketch and rows, a transaction for every ten
    ask: float  # milliseconds of CPU: sketch and candidates, nothing read of the texts
    look_up: float  # milliseconds of CPU: the candidates alone
    bytes_each: float
    memory: float  # MB, the whole process at its largest


def ours_pairs(pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
    """Each pair by its texts alone, found through an index that holds the first of the two and nothing else."""
    connection = _index(":memory:")
    verdicts = []
    for a, b in pairs:
        sketches.file_sketch(connection, 1, sketch(a))
        found = sketches.candidates(connection, sketch(b)) == [1]
        sketches.forget(connection, 1)
        link = link_of(a, b) if found else None
        verdicts.append(Verdict(link.rule if link else "", found))
    return verdicts


def ours_check(a: str, b: str) -> None:
    """The exact check alone."""
    link_of(a, b)


def ours_index(articles: int, synthetic: int) -> list[tuple[str, IndexCost]]:
    """What invented articles cost, alone and, if wanted, on top of synthetic sketches; each in a process of its own."""
    wanted = [("Shiyi, SQLite file", articles, 0)] if articles else []
    wanted += [("Shiyi, after synthetic sketches", ON_TOP, synthetic)] if synthetic else []
    costs = []
    for title, real, made_up in wanted:
        command = [sys.executable, str(Path(__file__).resolve()), str(real), str(made_up)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        costs.append((title, IndexCost(**json.loads(done.stdout))))
    return costs


def _index(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # as the collection's own
    for statement in sketches.SKETCHES_SCHEMA:
        connection.execute(statement)
    return connection


def _add(connection: sqlite3.Connection, numbers: range) -> float:
    """Milliseconds of CPU for one. Ids are taken from the end on, so that synthetic sketches keep theirs."""
    spent = 0.0
    for first in range(0, len(numbers), BATCH):
        texts = [(number, cheap_article(number)) for number in numbers[first : first + BATCH]]
        start = time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for number, text in texts:
            sketches.file_sketch(connection, number, sketch(text))
        connection.execute("COMMIT")
        spent += time.process_time() - start
    return 1000 * spent / len(numbers)


def _ask(connection: sqlite3.Connection, numbers: range) -> tuple[float, float]:
    """Milliseconds of CPU to ask with a text, and of that to look up. Every other one is a changed copy, the rest new."""
    chance = Random(1)
    whole = looking = 0.0
    for _ in range(ASKED):
        text = cheap_article(numbers.start + chance.randrange(2 * len(numbers)))
        text = text[:300] + "编者按。" + text[300:]
        start = time.process_time()
        wanted = sketch(text)
        between = time.process_time()
        sketches.candidates(connection, wanted)
        whole += time.process_time() - start
        looking += time.process_time() - between
    return 1000 * whole / ASKED, 1000 * looking / ASKED


def _fill(connection: sqlite3.Connection, count: int) -> None:
    """Sketches with random keys, a tenth of them shared by very many; written in order, or ten million take hours."""
    chance = Random(2)
    id_bits = 63 - KEY_BITS
    popular: dict[int, list[int]] = {}
    for _ in range(POPULAR_KEYS):
        key = chance.getrandbits(KEY_BITS)
        popular.setdefault(key * _PARTS >> KEY_BITS, []).append(key)
    width = (1 << KEY_BITS) // _PARTS
    rare, each = round(count * KEYS * (1 - POPULAR_SHARE) / _PARTS), round(count * KEYS * POPULAR_SHARE / POPULAR_KEYS)
    for part in range(_PARTS):
        keys = [part * width + chance.randrange(width) for _ in range(rare)]
        entries = {key << id_bits | chance.randrange(1, count) for key in keys}
        for key in popular.get(part, ()):
            entries.update(key << id_bits | article for article in chance.sample(range(1, count), each))
        _insert(connection, "INSERT INTO sketch_key VALUES (?)", [(entry,) for entry in sorted(entries)])
    for first in range(1, count + 1, 10_000):
        numbers = range(first, min(first + 10_000, count + 1))
        rows = [(number, VERSION, chance.randbytes(KEYS * 5), chance.randbytes(16)) for number in numbers]
        _insert(connection, "INSERT INTO sketch VALUES (?, ?, ?, ?)", rows)


def _insert(connection: sqlite3.Connection, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(sql, rows)
    connection.execute("COMMIT")


def _measure(articles: int, synthetic: int) -> IndexCost:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        connection = _index(str(path))
        if synthetic:
            _fill(connection, synthetic)
        numbers = range(synthetic + 1, synthetic + articles + 1)
        add = _add(connection, numbers)
        ask, look_up = _ask(connection, numbers)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        _, memory = measure.memory(os.getpid())
        count = articles + synthetic
        return IndexCost(count, add, ask, look_up, path.stat().st_size / count, memory)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(int(sys.argv[1]), int(sys.argv[2])))))
