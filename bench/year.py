"""A simulated year of sixty sources: Shiyi's schedule beside fixed steps, Miniflux's and CC news-crawl's policies.

    python bench/year.py [--seed 11 --seed 12 …] [--days 365] [--part 1.0] [--policy Shiyi …] [--patience N]

The pure rooms are the product's own: crawler.schedule (due, rhythm, recheck, expected, workdays) and
crawler.discovery.paging (overlap, gap). The world is invented (year_world.py). Constants were tuned on seeds 1, 2, 21 and 22.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from array import array
from dataclasses import dataclass, field
from functools import reduce
from multiprocessing import Pool
from pathlib import Path
from statistics import mean, median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from year_health import Named, watch  # noqa: E402
from year_play import Played, play  # noqa: E402
from year_policies import policies  # noqa: E402
from year_recheck import recheck  # noqa: E402
from year_world import DAY, SimSource, make_names, make_world  # noqa: E402

from crawler.schedule.due import Pace  # noqa: E402
from crawler.schedule.recheck import Budget  # noqa: E402


@dataclass(slots=True)
class Sums:
    """What one policy did, over sources."""

    lists: int = 0
    sources: int = 0
    articles: int = 0
    requests: int = 0
    unchanged: int = 0
    unparsed: int = 0
    not_modified: int = 0
    megabytes: float = 0.0
    lost: int = 0
    lost_untold: int = 0
    duplicates: int = 0
    gaps: int = 0
    gaps_without_loss: int = 0
    true_gaps: int = 0
    true_gaps_told: int = 0
    delays: array = field(default_factory=lambda: array("f"))  # minutes, publication to document
    by_sort: dict[str, array] = field(default_factory=dict)
    requests_by_sort: dict[str, int] = field(default_factory=dict)
    medians: list[float] = field(default_factory=list)  # of each source
    redesigns: list[Named] = field(default_factory=list)
    alarms: int = 0
    false_alarms: int = 0
    false_away: int = 0
    worst_alarms: int = 0  # false ones of one source
    looks: int = 0
    busiest_day: int = 0
    put_off: int = 0
    corrected: int = 0
    caught: int = 0
    withdrawn: int = 0
    withdrawn_seen: int = 0
    flapping: int = 0
    frozen: int = 0
    frozen_wrongly: int = 0
    correction_delays: array = field(default_factory=lambda: array("f"))

    def add(self, other: Sums) -> Sums:
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, dict):
                for key, value in theirs.items():
                    mine[key] = mine[key] + value if key in mine else value
            elif name in ("busiest_day", "worst_alarms"):
                setattr(self, name, max(mine, theirs))
            else:
                setattr(self, name, mine + theirs)
        return self


def judge(source: SimSource, played: Played, days: int, *, is_ours: bool) -> Sums:
    """Articles of the last day are left out, or since a trouble began that lasts until then: nobody can have them yet."""
    end = days * DAY
    last = min((start for start, stop, _ in (*source.outages, *source.redesigns) if stop > end - DAY), default=end)
    counted = [number for number, at in enumerate(source.published) if 0 < at < min(last, end - DAY)]
    delays = array(
        "f", (played.found[number] - source.published[number] for number in counted if number in played.found)
    )
    lost = [number for number in counted if number not in played.found]
    sums = Sums(
        lists=len(source.lists), sources=1, articles=len(counted), requests=played.requests, unchanged=played.unchanged,
        unparsed=played.unparsed, not_modified=played.not_modified, megabytes=played.kilobytes / 1024,
        lost=len(lost), lost_untold=sum(number not in played.told for number in lost), duplicates=played.duplicates,
        gaps=played.gaps, gaps_without_loss=played.gaps_without_loss, true_gaps=played.true_gaps,
        true_gaps_told=played.true_gaps_told, delays=delays, by_sort={source.sort: delays[:]},
        requests_by_sort={source.sort: played.requests}, medians=[median(delays)] if delays else [],
    )  # fmt: skip
    if is_ours:
        health = watch(source, played)
        sums.redesigns, sums.alarms = health.redesigns, health.alarms
        sums.false_alarms, sums.false_away, sums.worst_alarms = (
            health.false_alarms,
            health.of_them_away,
            health.false_alarms,
        )
        again = recheck(source, played, end, Budget())
        sums.looks, sums.busiest_day, sums.put_off = again.looks, again.busiest_day, again.put_off
        sums.corrected, sums.caught = again.changed, again.caught
        sums.withdrawn, sums.withdrawn_seen = again.withdrawn, again.withdrawn_seen
        sums.flapping, sums.frozen, sums.frozen_wrongly = again.flapping, again.frozen, again.frozen_wrongly
        sums.correction_delays = array("f", again.delays)
    return sums


def one(work: tuple[int, tuple[str, int], int, list[str], float]) -> dict[str, Sums]:
    """All policies on one source; worlds are made by source, so that nothing large crosses processes."""
    seed, which, days, names, patience = work
    (source,) = make_world(seed, days, [which])
    results = {}
    for name in names:
        played = play(source, policies(Pace(patience=patience))[name], days)
        results[name] = judge(source, played, days, is_ours=name == "Shiyi")
    return results


def quantile(values: array, part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def table(sums: dict[str, Sums], days: int) -> list[str]:
    base = sums.get("every 15 min")
    lines = [
        f"{'':14}{'recall':>9}{'lost':>7}{'untold':>7}{'twice':>6}{'requests':>10}{'a list, day':>12}{'of 15 min':>10}"
        f"{'unparsed':>9}{'304':>6}{'MB':>9}{'median':>8}{'p95':>8}{'mean':>7}{'source med.':>12}{'gaps':>6}{'told':>6}{'false':>6}"
    ]
    for name, each in sums.items():
        part = f"{each.requests / base.requests:.3f}" if base else "-"
        lines.append(
            f"{name:14}{1 - each.lost / each.articles:9.4%}{each.lost:7}{each.lost_untold:7}{each.duplicates:6}{each.requests:10}"
            f"{each.requests / each.lists / days:12.1f}{part:>10}{each.unparsed / max(1, each.unchanged):9.1%}"
            f"{each.not_modified / each.requests:6.0%}{each.megabytes:9.0f}{quantile(each.delays, 0.5):8.1f}"
            f"{quantile(each.delays, 0.95):8.0f}{mean(min(at, DAY) for at in each.delays):7.1f}{median(each.medians):12.1f}"
            f"{each.true_gaps:6}{each.true_gaps_told:6}{each.gaps_without_loss:6}"
        )
    return lines


def ours(each: Sums, days: int) -> list[str]:
    lines = ["", "Shiyi by sort of source: articles, list requests, delay in minutes (median, p95)"]
    for sort, delays in each.by_sort.items():
        lines.append(
            f"  {sort:8}{len(delays):9}{each.requests_by_sort[sort]:9}{quantile(delays, 0.5):8.1f}{quantile(delays, 0.95):8.0f}"
        )
    for how, word in (("empty", "the list is empty"), ("frozen", "the old page stays, nothing new")):
        cases = [case for case in each.redesigns if case.how == how]
        known = sorted(case.hours for case in cases if case.hours is not None)
        if known:
            late = sum(
                case.hours > case.window + 1 for case in cases if case.hours is not None and case.window is not None
            )
            lines.append(
                f"Redesigns, {word}: {len(cases)}, named {len(known)}; hours: median {median(known):.1f}, "
                f"p90 {known[int(0.9 * len(known))]:.1f}, longest {known[-1]:.1f}; later than the expected-yield window: {late}"
            )
        windows = sorted(case.window for case in cases if case.window is not None)
        if windows:
            lines.append(f"  the window: median {median(windows):.1f} h, p90 {windows[int(0.9 * len(windows))]:.1f} h")
    months = each.sources * days / 30.4
    lines.append(
        f"False alarms: {each.false_alarms} in {months:.0f} source-months ({each.false_alarms / months:.3f}), of them "
        f"{each.false_away} when a source had really stopped for a week; the worst source {each.worst_alarms} in the year"
    )
    lines.append(
        f"Looks again: {each.looks} ({each.looks / max(1, each.articles):.2f} an article), the busiest source and day "
        f"{each.busiest_day}, put off by the budget {each.put_off}; corrections whose last text we have: {each.caught} of "
        f"{each.corrected}, seen after {quantile(each.correction_delays, 0.5) / 60:.1f} h (median); withdrawals seen "
        f"{each.withdrawn_seen} of {each.withdrawn}; flapping pages frozen {each.frozen} of {each.flapping}, wrongly {each.frozen_wrongly}"
    )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--part", type=float, default=1.0, help="part of the sources")
    parser.add_argument("--policy", action="append")
    parser.add_argument("--patience", type=float, default=Pace().patience)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    flags = parser.parse_args()
    names = flags.policy or list(policies(Pace()))
    for seed in flags.seed or [11]:
        begun = time.perf_counter()
        works = [(seed, which, flags.days, names, flags.patience) for which in make_names(flags.part)]
        with Pool(flags.processes) as pool:
            parts = []
            for part in pool.imap(one, works, chunksize=1):
                parts.append(part)
                print(
                    f"{len(parts)} of {len(works)} sources, {time.perf_counter() - begun:.0f} s",
                    file=sys.stderr,
                    end="\r",
                )
        sums = {name: reduce(Sums.add, (part[name] for part in parts), Sums()) for name in names}
        first = next(iter(sums.values()))
        print(
            f"seed {seed}: {first.sources} sources, {first.lists} lists, {flags.days} days, {first.articles} articles; "
            f"{time.perf_counter() - begun:.0f} s"
        )
        print("\n".join(table(sums, flags.days)))
        if "Shiyi" in sums:
            print("\n".join(ours(sums["Shiyi"], flags.days)))
        print(flush=True)


if __name__ == "__main__":
    main()
