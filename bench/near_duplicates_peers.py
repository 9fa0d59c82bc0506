"""What others say of pairs of texts, and what their index costs, behind one small function each.

    python bench/near_duplicates_peers.py NAME

Reads one JSON object: pairs of texts, and how many invented articles to add to an index and to ask for. Prints one back.
At the top only the standard library is imported: this runs in the contestants' own environments.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

PERMUTATIONS = 128
_GRAM = 5  # characters: a fair choice for text without spaces, better than any default of theirs
_THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

Score = Callable[[str, str], float]
Index = tuple[Callable[[int, str], None], Callable[[str], object]]


def grams(text: str) -> list[str]:
    bare = "".join(text.split())
    return list({bare[at : at + _GRAM] for at in range(max(1, len(bare) - _GRAM + 1))})


# --- pairs: the larger the score, the more alike -------------------------------------


def trafilatura_score() -> Score:
    from trafilatura.deduplication import Simhash

    return lambda a, b: float(Simhash(a).similarity(Simhash(b)))


# A byte's bits, each in a lane of 16 bits, so that one addition counts eight votes.
_LANES = [sum((byte >> bit & 1) << 16 * bit for bit in range(8)) for byte in range(256)]


def simhash(text: str) -> int:
    """64 bits: every bit is the majority of the grams' hashes (Charikar 2002)."""
    every = grams(text)[:65_535]
    hashed = b"".join(blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest() for gram in every)
    value = 0
    for place in range(8):
        votes = sum(map(_LANES.__getitem__, hashed[place::8]))
        value |= sum(1 << bit for bit in range(8) if 2 * (votes >> 16 * bit & 0xFFFF) > len(every)) << 8 * place
    return value


def simhash_score() -> Score:
    return lambda a, b: 1 - (simhash(a) ^ simhash(b)).bit_count() / 64


def datasketch_score() -> Score:
    """The highest threshold at which its LSH brings the pair together, and then its own estimate."""
    from datasketch import MinHash, MinHashLSH

    def sketch(text: str) -> Any:
        found = MinHash(num_perm=PERMUTATIONS)
        found.update_batch([gram.encode("utf-8", "surrogatepass") for gram in grams(text)])
        return found

    indexes = {each: MinHashLSH(threshold=each, num_perm=PERMUTATIONS) for each in _THRESHOLDS}

    def score(a: str, b: str) -> float:
        one, two = sketch(a), sketch(b)
        best = 0.0
        for threshold, index in indexes.items():
            index.insert("a", one)
            if index.query(two):
                best = threshold
            index.remove("a")
        return best + one.jaccard(two) / 10

    return score


def rensa_score() -> Score:
    from rensa import RMinHash

    def sketch(text: str) -> Any:
        found = RMinHash(num_perm=PERMUTATIONS, seed=42)
        found.update(grams(text))
        return found

    return lambda a, b: float(sketch(a).jaccard(sketch(b)))


# --- an index of many ---------------------------------------------------------------


def simhash_index() -> Index:
    tables: tuple[dict[int, list[int]], ...] = ({}, {}, {}, {})

    def add(number: int, text: str) -> None:
        value = simhash(text)
        for place, table in enumerate(tables):
            table.setdefault(value >> 16 * place & 0xFFFF, []).append(value)

    def ask(text: str) -> object:
        value = simhash(text)
        return [
            other
            for place, table in enumerate(tables)
            for other in table.get(value >> 16 * place & 0xFFFF, ())
            if (other ^ value).bit_count() <= 3
        ]

    return add, ask


def datasketch_index() -> Index:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.5, num_perm=PERMUTATIONS)

    def sketch(text: str) -> Any:
        found = MinHash(num_perm=PERMUTATIONS)
        found.update_batch([gram.encode("utf-8", "surrogatepass") for gram in grams(text)])
        return found

    return lambda number, text: index.insert(str(number), sketch(text)), lambda text: index.query(sketch(text))


def rensa_index() -> Index:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.5, num_perm=PERMUTATIONS, num_bands=32)

    def sketch(text: str) -> Any:
        found = RMinHash(num_perm=PERMUTATIONS, seed=42)
        found.update(grams(text))
        return found

    return lambda number, text: index.insert(number, sketch(text)), lambda text: index.query(sketch(text))


SCORES = {
    "trafilatura": trafilatura_score,
    "simhash": simhash_score,
    "datasketch": datasketch_score,
    "rensa": rensa_score,
}
INDEXES = {"simhash": simhash_index, "datasketch": datasketch_index, "rensa": rensa_index}


def cost_of(index: Index, articles: int, asked: int) -> dict[str, float]:
    """Milliseconds of CPU to add one and to ask for one, and the MB by which the process grew."""
    from near_duplicates_prose import cheap_article

    add, ask = index
    add(articles, cheap_article(articles))  # what loads late is loaded by then
    before, adding = _megabytes(), 0.0
    for number in range(articles):
        text = cheap_article(number)
        start = time.process_time()
        add(number, text)
        adding += time.process_time() - start
    grown, asking = _megabytes() - before, 0.0
    for number in range(asked):
        text = cheap_article(number * 7 % (2 * articles))  # every other one is new
        start = time.process_time()
        ask(text)
        asking += time.process_time() - start
    return {"add": 1000 * adding / articles, "ask": 1000 * asking / asked, "grown": grown, "memory": _megabytes()}


def _megabytes() -> float:
    """Resident now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2


def main() -> None:
    name, given = sys.argv[1], json.load(sys.stdin)
    score = SCORES[name]()
    answer: dict[str, Any] = {"scores": [score(a, b) for a, b in given["pairs"]]}
    if name in INDEXES and given["articles"]:
        answer["cost"] = cost_of(INDEXES[name](), given["articles"], given["asked"])
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
