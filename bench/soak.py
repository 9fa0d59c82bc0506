"""2,000 articles under 20 times kill -9, at random instants; ends with exactly 2,000 documents and a clean verify.

    python bench/soak.py [--articles 2000] [--kills 20] [--seed N]

Run it with the Python of the project's tests. Sites are on loopback; nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from killing import assert_complete, kill_often, site_of  # noqa: E402
from newsroom import Newsroom  # noqa: E402

LISTS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    flags = parser.parse_args()
    per_list = flags.articles // LISTS
    with tempfile.TemporaryDirectory() as folder, Newsroom(Path(folder)) as room:
        site = site_of(room, LISTS)
        result = kill_often(room, site, LISTS, per_list, flags.kills, flags.seed)
        assert_complete(room, site, result, LISTS, per_list)
        expected = LISTS * per_list
        print(f"seed {flags.seed}: {len(room.documents())} documents of {expected} articles, verify clean")
        print(f"{result.kills} kills in {result.runs} runs, with {', '.join(map(str, result.at))} documents there")
        print(f"{result.fetched - expected} pages fetched again; {result.seconds:.0f} s")


if __name__ == "__main__":
    main()
