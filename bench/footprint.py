"""What the program costs before, between and beside the pages: start-up, an idle run, memory."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from contestants import Task, environment, shiyi, us
from generated_site import addresses, served
from measure import cpu_to_first_connection, run
from recorded_web import DEMO, counts_of, replay

# A run on the recorded web that tells on stderr what it had cost when the first request was due.
MARKED = """
import sys, time
from crawler.engine.handlers import ReplayHandler
answer = ReplayHandler.download_request
async def first_answer(self, request):
    ReplayHandler.download_request = answer
    print("first request:", time.process_time(), file=sys.stderr)
    return await answer(self, request)
ReplayHandler.download_request = first_answer
from crawler.cli import main
main(sys.argv[1:])
"""


def start_up_and_idle() -> None:
    starts, idles, above = [], [], []
    with tempfile.TemporaryDirectory() as output:
        replay(output=output)
        command = shiyi("crawl", "--all", "--replay", DEMO, "--output", output, "--json")
        command[command.index("-m") : command.index("crawl")] = ["-c", MARKED]
        for _ in range(7):
            cost = run(command, environment())
            reached = float(cost.err.partition("first request:")[2].split()[0])
            idles.append(cost)
            above.append(cost.cpu - reached)
            with tempfile.TemporaryDirectory() as fresh:
                words = shiyi("crawl", "--all", "--delay", "0", "--output", fresh)
                starts.append(cpu_to_first_connection(words, environment()))
    counts = counts_of(idles[-1])
    worker = "a worker was started" if any(cost.had_children for cost in idles) else "no worker was started"
    verdict = "NOT IDLE" if counts["fetched"] or worker.startswith("a") else "nothing was parsed"
    print(f"start-up to the first request, all seven sources: {judged(statistics.median(starts), 1.2, 's CPU')}")
    print(
        f"idle second run, all seven sources: {statistics.median(cost.cpu for cost in idles):.2f} s CPU in all; "
        f"above start-up: {judged(statistics.median(above), 0.3, 's CPU')}"
    )
    print(
        f"  {counts['requests']} requests, {counts['not_modified']} lists unchanged, {counts['fetched']} pages fetched, "
        f"{worker}: {verdict}"
    )


def judged(value: float, target: float, unit: str) -> str:
    digits = 2 if target < 10 else 0
    return f"{value:.{digits}f} {unit} (target < {target:g}: {'reached' if value < target else 'NOT reached'})"


def memory(base: str, pages: int) -> None:
    """Resident MB of the main process as the pages pass."""
    before = served(base)
    seen: dict[int, float] = {}

    def watch(resident: float) -> None:
        seen[served(base) - before] = resident

    with tempfile.TemporaryDirectory() as folder:
        task = Task(Path(folder), base, *addresses(base, pages))
        cost = run(us("hexo", declared=True)(task), environment(), watch=watch, every=0.25)
    steps = [pages * part // 10 for part in range(1, 11)]
    levels = {step: seen[min(seen, key=lambda page: abs(page - step))] for step in steps}
    print(f"memory of the main process, {pages} pages, hexo, declared container (exit {cost.code}):")
    print("  " + "  ".join(f"{step}: {level:.0f} MB" for step, level in levels.items()))
    growth = levels[steps[-1]] - levels[steps[1]]
    print(f"  from page {steps[1]} to page {pages}: {growth:+.1f} MB; peak {judged(cost.peak, 200, 'MB')}")
