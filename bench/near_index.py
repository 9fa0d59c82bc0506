"""What the sketch index costs at a million articles, and at ten: time to add, time to ask, bytes, memory.

Not a test: nothing fails here. Synthetic sketches: half of an article's keys are its own, half are turns of phrase
that follow Zipf's law, one article in eight is a copy, one in sixteen follows a template that thousands have.

    python bench/near_index.py --articles 1000000 --folder /var/tmp/near
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import sys
import tempfile
import time
from array import array
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.dedup.near import compare  # noqa: E402
from crawler.dedup.normal import normalise  # noqa: E402
from crawler.dedup.sketch import KEY_BITS, VERSION, Sketch, sketch, sketch_of  # noqa: E402
from crawler.storage import sketches  # noqa: E402
from crawler.storage.sketches import SKETCHES_SCHEMA  # noqa: E402

KEYS, OWN = 15, 9  # keys of a sketch, and those of them that hardly another article has
PHRASES = 4_000_000
TEMPLATES = 200
GROWN, PARTS = 2_000_000, 256
A_TRANSACTION = 20  # articles that a run files together
SAMPLE = 2_000  # that are asked for, and added at the end


def synthetic(number: int) -> Sketch:
    """The sketch of article ``number``, the same one at any time."""
    pick = random.Random(number)
    if number % 8 == 7:  # a copy of an earlier one, in which a third of the text was changed
        kept = list(synthetic(pick.randrange(number) & ~7).keys)
        for at in pick.sample(range(len(kept)), len(kept) // 3):
            kept[at] = pick.getrandbits(KEY_BITS)
        return Sketch(VERSION, tuple(kept))
    own = [pick.getrandbits(KEY_BITS) for _ in range(OWN)]
    if number % 16 == 6:
        template = random.Random(f"template {pick.randrange(TEMPLATES)}")
        return Sketch(VERSION, (*own[:3], *(template.getrandbits(KEY_BITS) for _ in range(KEYS - 3))))
    phrases = [int(PHRASES ** pick.random()) * 7919 % (1 << KEY_BITS) for _ in range(KEYS - OWN)]
    return Sketch(VERSION, tuple(dict.fromkeys([*own, *phrases])))


def open_index(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sketch'").fetchone():
        for statement in SKETCHES_SCHEMA:
            connection.execute(statement)
    return connection


def fill(path: Path, articles: int) -> None:
    """Up to GROWN it grows as a collection does, so that its pages are as full; beyond, sorted first, or it takes days."""
    with closing(open_index(path)) as connection:
        if connection.execute("SELECT 1 FROM sketch LIMIT 1").fetchone():
            return
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            parts = [(Path(folder) / f"{part:03}").open("wb+") for part in range(PARTS)]
            for start in range(1, articles + 1, 100_000):
                entries = _file_sketches(connection, range(start, min(start + 100_000, articles + 1)))
                if articles <= GROWN:
                    _file_keys(connection, entries)
                else:
                    shares = [array("Q") for _ in parts]
                    for entry in entries:
                        shares[entry * PARTS >> 63].append(entry)
                    for part, share in zip(parts, shares, strict=True):
                        share.tofile(part)
                print(f"  {start + 99_999:,}", file=sys.stderr, flush=True)
            for part in parts:
                entries = array("Q")
                part.seek(0)
                entries.frombytes(part.read())
                part.close()
                _file_keys(connection, entries)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _file_sketches(connection: sqlite3.Connection, numbers: range) -> list[int]:
    connection.execute("BEGIN IMMEDIATE")
    entries = []
    for number in numbers:
        made = synthetic(number)
        keys = b"".join(key.to_bytes(5, "big") for key in made.keys)
        connection.execute(
            "INSERT INTO sketch VALUES (?, ?, ?, ?)", (number, VERSION, keys, number.to_bytes(16, "big"))
        )
        entries.extend(key << 27 | number for key in made.keys)
    connection.execute("COMMIT")
    return entries


def _file_keys(connection: sqlite3.Connection, entries: Iterable[int]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO sketch_key VALUES (?)", ((each,) for each in sorted(entries)))
    connection.execute("COMMIT")


def measure(path: Path) -> None:
    with closing(open_index(path)) as connection:
        articles = connection.execute("SELECT max(article) FROM sketch").fetchone()[0]
        size = path.stat().st_size
        print(f"{articles:,} articles: {size / articles:.0f} bytes each, {size / 1e9:.2f} GB")
        pick = random.Random(7)
        asked = [synthetic(pick.randrange(articles)) for _ in range(SAMPLE)]
        for round_ in ("first", "again"):
            cpu, wall, found, slowest = time.process_time(), time.perf_counter(), 0, 0.0
            for each in asked:
                before = time.perf_counter()
                found += len(sketches.candidates(connection, each))
                slowest = max(slowest, time.perf_counter() - before)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            print(
                f"ask, {round_}: {cpu / SAMPLE * 1e3:.3f} ms CPU, {wall / SAMPLE * 1e3:.3f} ms wall, "
                f"slowest {slowest * 1e3:.1f} ms; {found / SAMPLE:.2f} candidates each"
            )
        new = iter([synthetic(articles + number) for number in range(1, SAMPLE + 1)])
        cpu, wall, added = time.process_time(), time.perf_counter(), articles
        while together := list(islice(new, A_TRANSACTION)):
            connection.execute("BEGIN IMMEDIATE")
            for each in together:
                added += 1
                sketches.file_sketch(connection, added, each)
            connection.execute("COMMIT")
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(
            f"add, {A_TRANSACTION} in a transaction: {cpu / SAMPLE * 1e3:.3f} ms CPU, {wall / SAMPLE * 1e3:.3f} ms wall"
        )
    print(f"memory at the peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def texts() -> None:
    """What a page pays before the index is asked, and for one exact check."""
    pick = random.Random(3)
    words = [chr(code) for code in range(0x4E00, 0x9000, 7)]
    pages = []
    for _ in range(40):
        said = [
            "".join(pick.choices(words, k=pick.randrange(6, 24)))
            + pick.choice(["，", "。", "3.5%，", "12月5日，", "三千万元，", "、"])
            for _ in range(100)
        ]
        page = "".join(said)[:1500]
        pages.append("\n".join(page[at : at + 250] for at in range(0, len(page), 250)))
    normals = [normalise(page) for page in pages]
    for name, work in (
        ("normalise", lambda at: normalise.__wrapped__(pages[at])),
        ("the same text again", lambda at: normalise(pages[at])),
        ("sketch of a normalised text", lambda at: sketch_of(normals[at])),
        ("sketch", lambda at: sketch(pages[at] + " ")),
        ("exact check, both texts new", lambda at: compare(pages[at] + "尾", pages[at - 1] + pages[at][400:])),
    ):
        best = min(_cpu_of(work, len(pages)) for _ in range(5))
        print(f"{name}: {best / len(pages) * 1e3:.3f} ms CPU for 1,500 characters")


def _cpu_of(work, times: int) -> float:  # type: ignore[no-untyped-def]
    before = time.process_time()
    for at in range(times):
        work(at)
    return time.process_time() - before


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the index is made, and kept for the next time"
    )
    parser.add_argument("--step", choices=("all", "fill", "measure", "texts"), default="all")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    file = options.folder / f"near-{options.articles}.db"
    if options.step in ("all", "texts"):
        texts()
    if options.step in ("all", "fill"):
        fill(file, options.articles)
    if options.step in ("all", "measure"):
        measure(file)
