"""Near-duplicates: which pairs are one story, what an index of them costs, and what one article's dedup costs.

    python bench/near_duplicates.py [--set labelled|held-out|both] [--articles N] [--sketches N] [--peer-articles N]
                                    [--no-peers] [--misses]

Run it with the Python of the project's environment. Beside ours stand trafilatura's Simhash, datasketch's MinHashLSH,
rensa's MinHash and a plain 64-bit SimHash, all but ours with the best threshold that can be found for them on the very
pairs that judge them: a gift. "No sibling merged" is the best they reach when no template sibling may be merged.
--misses names the pairs of the labelled set that ours gets wrong; those of the held-out set are never shown.
Nothing leaves the machine but the one-time installation of the contestants. Compare within one run only.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import environments
from contestants import environment
from near_duplicates_ours import Verdict, ours_check, ours_index, ours_pairs
from near_duplicates_pairs import held_out_pairs

from labelled.make import SIBLINGS, Pair, labelled_pairs  # isort: skip

PEERS = Path(__file__).resolve().with_name("near_duplicates_peers.py")
environments.PACKAGES.update(
    {
        "datasketch": (("datasketch",), "datasketch"),
        "rensa": (("rensa",), "rensa"),
    }
)
HOMES = {"trafilatura": "", "simhash": "", "datasketch": "datasketch", "rensa": "rensa"}
TITLES = {
    "ours": "Shiyi",
    "trafilatura": "trafilatura Simhash",
    "simhash": "SimHash 64, 5-grams",
    "datasketch": "datasketch MinHashLSH",
    "rensa": "rensa MinHash",
}


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    siblings: int  # template siblings merged

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def is_sibling(pair: Pair) -> bool:
    return pair.kind in SIBLINGS or pair.kind == "template siblings"


def score(pairs: Sequence[Pair], merged: Sequence[bool]) -> Score:
    """Over "one story or two": duplicate and contained are one."""
    right = sum(found and pair.same_story for pair, found in zip(pairs, merged, strict=True))
    wanted = sum(pair.same_story for pair in pairs)
    siblings = sum(found and is_sibling(pair) for pair, found in zip(pairs, merged, strict=True))
    return Score(right / max(1, sum(merged)), right / max(1, wanted), siblings)


def best(pairs: Sequence[Pair], scores: Sequence[float], allowed: Callable[[Score], bool]) -> tuple[float, Score]:
    """The threshold with the highest F1 of those that are allowed."""
    found = (2.0, Score(0.0, 0.0, 0))
    for threshold in sorted(set(scores)):
        reached = score(pairs, [each >= threshold for each in scores])
        if allowed(reached) and reached.f1 > found[1].f1:
            found = (threshold, reached)
    return found


# --- the contestants ---------------------------------------------------------------


def asked(name: str, pairs: Sequence[Pair], articles: int) -> dict[str, object]:
    """A peer's scores, and what its index costs. Raises OSError or SubprocessError where it cannot be had."""
    home = HOMES[name]
    python = str(environments.python_of(home, environments.CACHE, environment())) if home else sys.executable
    given = {"pairs": [(pair.a.text, pair.b.text) for pair in pairs], "articles": articles, "asked": articles // 10}
    done = subprocess.run(
        [python, str(PEERS), name],
        input=json.dumps(given), capture_output=True, text=True, env=dict(environment()), timeout=3600, check=True,
    )  # fmt: skip
    answer: dict[str, object] = json.loads(done.stdout)
    if "cost" in answer:
        answer["cost"]["articles"] = articles  # type: ignore[index]
    return answer


def print_scores(title: str, reached: Score, note: str = "") -> None:
    print(
        f"{title:<24}{reached.precision:7.3f}{reached.recall:7.3f}{reached.f1:7.3f}{reached.siblings:10d}   {note}".rstrip()
    )


def print_kinds(pairs: Sequence[Pair], merged: dict[str, list[bool]]) -> None:
    """Of each kind: the share merged, which should be 1 above the line and 0 below it."""
    kinds: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        kinds[not pair.same_story, "template siblings" if is_sibling(pair) else pair.kind].append(place)
    print(f"\n{'share merged':<34}{'n':>5}" + "".join(f"{TITLES[name][:13]:>15}" for name in merged))
    negative = False
    for (is_other, kind), places in sorted(kinds.items()):
        if is_other and not negative:
            print("-" * 12 + " should be 1 above, 0 below")
            negative = True
        shares = (sum(found[place] for place in places) / len(places) for found in merged.values())
        print(f"{kind:<34}{len(places):>5}" + "".join(f"{share:15.2f}" for share in shares))


def judge(title: str, pairs: Sequence[Pair], names: Sequence[str], articles: int) -> dict[str, dict[str, float]]:
    """Prints one set's tables; gives back what the peers' indexes cost."""
    verdicts = ours_pairs([(pair.a.text, pair.b.text) for pair in pairs])
    merged = {"ours": [bool(verdict.rule) for verdict in verdicts]}
    costs: dict[str, dict[str, float]] = {}
    positive = sum(pair.same_story for pair in pairs)
    print(f"\n{title}: {len(pairs)} pairs, {positive} of one story, {sum(map(is_sibling, pairs))} of template siblings")
    print(f"{'':<24}{'P':>7}{'R':>7}{'F1':>7}{'siblings':>10}")
    print_scores(TITLES["ours"], score(pairs, merged["ours"]), _sketch_note(pairs, verdicts))
    for name in names:
        try:
            answer = asked(name, pairs, articles)
        except (OSError, subprocess.SubprocessError) as problem:
            print(f"{TITLES[name]:<24}not run: {str(problem)[:150]}")
            continue
        scores: list[float] = answer["scores"]  # type: ignore[assignment]
        threshold, reached = best(pairs, scores, lambda each: True)
        merged[name] = [each >= threshold for each in scores]
        _, careful = best(pairs, scores, lambda each: not each.siblings)
        print_scores(
            TITLES[name],
            reached,
            f"at {threshold:.2f}; no sibling merged: F1 {careful.f1:.3f}, recall {careful.recall:.3f}",
        )
        if "cost" in answer:
            costs[name] = answer["cost"]  # type: ignore[assignment]
    print_kinds(pairs, merged)
    return costs


def _sketch_note(pairs: Sequence[Pair], verdicts: Sequence[Verdict]) -> str:
    unseen = sum(pair.same_story and not verdict.found for pair, verdict in zip(pairs, verdicts, strict=True))
    named = sum(
        pair.label == ("contained" if verdict.rule == "contained" else "duplicate")
        for pair, verdict in zip(pairs, verdicts, strict=True)
        if verdict.rule and pair.same_story
    )
    return f"not proposed by the sketch: {unseen}; duplicate or contained as labelled: {named}"


# --- what it costs -------------------------------------------------------------------


def print_index(articles: int, sketches: int, costs: dict[str, dict[str, float]]) -> None:
    print(f"\n{'index':<36}{'articles':>10}{'add ms':>9}{'ask ms':>9}{'look up':>9}{'bytes each':>12}{'memory MB':>11}")
    for title, cost in ours_index(articles, sketches):
        print(
            f"{title:<36}{cost.articles:>10}{cost.add:>9.3f}{cost.ask:>9.3f}{cost.look_up:>9.3f}{cost.bytes_each:>12.0f}"
            f"{cost.memory:>11.0f}"
        )
    for name, other in costs.items():
        count = int(other["articles"])
        each = other["grown"] * 1024 * 1024 / count
        print(
            f"{TITLES[name] + ', in memory':<36}{count:>10}{other['add']:>9.3f}{other['ask']:>9.3f}{'':>9}{each:>12.0f}"
            f"{other['memory']:>11.0f}"
        )


def print_share_of_extraction(pages: int = 60) -> None:
    """CPU of one article's sketch and one exact check against its generic extraction, page by page."""
    from datetime import datetime

    from generated_site import article

    from crawler.extraction.page import extract
    from crawler.models import Page

    fetched = datetime.fromisoformat("2027-01-01T00:00:00+08:00")
    texts, extracting = [], []
    for number in range(1, pages + 1):
        _, body = article(number)
        start = time.process_time()
        texts.append(extract(Page("https://example.org/", body, fetched), None).text)
        extracting.append(1000 * (time.process_time() - start))
    sketching, checking = [], []
    for text in texts:
        changed = text[: len(text) // 2] + "编者按：略有删节。" + text[len(text) // 2 :]
        start = time.process_time()
        ours_sketch(text)
        sketching.append(1000 * (time.process_time() - start))
        ours_sketch(changed)  # the index has it by then
        start = time.process_time()
        ours_check(text, changed)
        checking.append(1000 * (time.process_time() - start))
    whole = statistics.median(extracting[5:])
    one, check = statistics.median(sketching[5:]), statistics.median(checking[5:])
    print(
        f"\none article's dedup: sketch {one:.2f} ms, an exact check {check:.2f} ms; generic extraction {whole:.1f} ms: "
        f"{100 * one / whole:.0f} % without a candidate, {100 * (one + check) / whole:.0f} % with one (target < 10 %)"
    )


def ours_sketch(text: str) -> object:
    from crawler.dedup.near import sketch

    return sketch(text)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--set", choices=("labelled", "held-out", "both"), default="both")
    options.add_argument("--articles", type=int, default=20_000, help="invented articles in our index; 0: no index")
    options.add_argument(
        "--sketches", type=int, default=0, help="synthetic sketches in another index, to which 2,000 articles are added"
    )
    options.add_argument("--peer-articles", type=int, default=2_000, help="invented articles in the others' indexes")
    options.add_argument("--no-peers", action="store_true")
    options.add_argument("--misses", action="store_true", help="name what ours gets wrong of the labelled set")
    chosen = options.parse_args()
    names = [] if chosen.no_peers else list(HOMES)
    costs: dict[str, dict[str, float]] = {}
    if chosen.set != "held-out":
        judge("labelled set", labelled_pairs(), names, 0)
    if chosen.misses:
        for pair, verdict in zip(
            labelled_pairs(), ours_pairs([(p.a.text, p.b.text) for p in labelled_pairs()]), strict=True
        ):
            if bool(verdict.rule) != pair.same_story:
                print(f"  {pair.id} ({pair.label}): {verdict.rule or ('no rule' if verdict.found else 'not proposed')}")
    if chosen.set != "labelled":
        costs = judge("held-out set", held_out_pairs(), names, chosen.peer_articles)
    if chosen.articles or chosen.sketches:
        print_index(chosen.articles, chosen.sketches, costs)
    print_share_of_extraction()


if __name__ == "__main__":
    main()
