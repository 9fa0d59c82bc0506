"""A sample of the simulated year with the real crawler, against a real server: what the pure rules promise, on disk.

    python bench/year_real.py [--polls 60] [--seed 1]

Between two polls a site publishes now and then, corrects and withdraws an article, lets its list roll over, has an
outage, and is redesigned at last. Loopback only. Printed: recall, duplicates, polls ended by a 304 or one body hash,
gaps reported against gaps that were, corrections seen, polls until the outage and the redesign are named.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import closing
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from newsroom import Newsroom, Site, article_page, list_page, title_of  # noqa: E402
from server import Reply, html  # noqa: E402

LENGTH, PAGES = 12, 4  # rows on a page of the list, pages it has


class Paper:
    """A site with a list of several pages and validators; ``shown`` is what was ever on it."""

    def __init__(self, site: Site, chance: random.Random):
        self.site, self.chance = site, chance
        self.keys: list[str] = []
        self.truth: dict[str, str] = {}

    def publish(self, number: int) -> None:
        for _ in range(number):
            key = str(1000 + len(self.keys))
            self.keys.append(key)
            self.site.article(key)
        self.lay_out()

    def lay_out(self) -> None:
        newest = self.keys[::-1]
        for page in range(PAGES):
            rows = [
                (f"/a/{key}.html", title_of(key), "2024-05-20") for key in newest[page * LENGTH : (page + 1) * LENGTH]
            ]
            more = f"/news/{page + 1}/" if page + 1 < PAGES and len(newest) > (page + 1) * LENGTH else ""
            body = list_page(rows, more)
            self.site.server.set(
                f"/news/{page}/" if page else "/news/", html(body, ETag=f'"{sha256(body).hexdigest()[:16]}"')
            )

    def correct(self, key: str) -> None:
        text = (f"更正：第{key}号工程的完工时间应为明年六月，特此说明，并向读者致歉。",)
        self.site.server.set(f"/a/{key}.html", html(article_page(key, text=text)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--polls", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    chance = random.Random(flags.seed)
    with tempfile.TemporaryDirectory() as folder, Newsroom(Path(folder)) as room:
        paper = Paper(room.site("paper"), chance)
        paper.publish(20)
        told: Counter[str] = Counter()
        missed: set[str] = set()
        room.crawl("paper")
        missed |= {key for key in paper.keys if key not in stored(room)}  # a first run takes the first page only
        for poll in range(flags.polls):
            number = chance.choice((0, 0, 0, 1, 1, 2, 5)) if poll % 20 != 10 else LENGTH * PAGES + 5
            before = set(paper.keys)
            if number:
                paper.publish(number)
            source = room.crawl("paper").source("paper")
            told["polls"] += 1
            told["unchanged"] += not number
            told["304 or one hash"] += bool(source["not_modified"])
            rolled = set(paper.keys) - before - set(paper.keys[-LENGTH * PAGES :])
            missed |= rolled
            told["gaps that were"] += bool(rolled)
            told["gaps reported"] += source["gap"] is not None
        fixed, gone = paper.keys[-1], paper.keys[-2]
        paper.correct(fixed)
        paper.site.server.set(f"/a/{gone}.html", Reply(status=410))
        room.start("recheck", "paper", *room.flags()).wait()
        print(f"{len(paper.keys)} articles; recall of what could be seen: {recall(room, paper, missed)}")
        print(f"documents twice: {len(room.documents()) - len(set(stored(room)))}")
        print(", ".join(f"{name} {number}" for name, number in told.items()))
        print("change log:", ", ".join(f"{op} {number}" for op, number in ops(room)))
        paper.site.server.set("/news/", Reply(status=500))
        print(f"an outage is named after {polls_until_named(room)} polls")
        paper.lay_out()
        room.crawl("paper")
        paper.site.server.set("/news/", html(b"<html><body><div class='app'></div></body></html>"))
        print(f"a redesign is named after {polls_until_named(room)} polls")


def stored(room: Newsroom) -> list[str]:
    return [key for (key,) in rows(room, "SELECT key FROM article")]


def recall(room: Newsroom, paper: Paper, missed: set[str]) -> str:
    wanted = set(paper.keys) - missed
    return f"{len(wanted & set(stored(room)))} of {len(wanted)}"


def ops(room: Newsroom) -> list[tuple[str, int]]:
    return rows(room, "SELECT op, count(*) FROM change GROUP BY op")


def polls_until_named(room: Newsroom) -> int:
    for number in range(1, 9):
        room.crawl("paper")
        if rows(room, "SELECT state FROM health WHERE source = 'paper'") != [("well",)]:
            return number
    return 0


def rows(room: Newsroom, sql: str) -> list:  # type: ignore[type-arg]
    with closing(sqlite3.connect(room.output / ".state" / "index.db")) as index:
        return index.execute(sql).fetchall()


if __name__ == "__main__":
    main()
