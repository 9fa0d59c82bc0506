"""The gate: one request at a time per host, and a delay between two starts."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from crawler.engine.politeness import HostGate


async def visit(gate: HostGate, host: str, delay: float, starts: list[float], busy: float = 0.0) -> None:
    async with gate.turn(host, delay):
        starts.append(time.monotonic())
        await asyncio.sleep(busy)


def gaps(starts: list[float]) -> list[float]:
    return [later - sooner for sooner, later in pairwise(starts)]


async def several(gate: HostGate, count: int, delay: float, busy: float = 0.0) -> list[float]:
    starts: list[float] = []
    await asyncio.gather(*(visit(gate, "a.example", delay, starts, busy) for _ in range(count)))
    return starts


def test_delay_between_two_starts() -> None:
    found = gaps(asyncio.run(several(HostGate(), 4, 0.1)))
    assert [gap >= 0.1 for gap in found] == [True] * 3
    assert sum(found) < 0.6


def test_delay_counts_from_start_to_start() -> None:
    found = gaps(asyncio.run(several(HostGate(), 3, 0.1, busy=0.08)))
    assert sum(found) < 0.3


def test_one_at_a_time_though_there_is_no_delay() -> None:
    assert min(gaps(asyncio.run(several(HostGate(), 3, 0.0, busy=0.05)))) >= 0.05


def test_hosts_do_not_wait_for_each_other() -> None:
    async def meet() -> float:
        gate, starts = HostGate(), list[float]()
        await asyncio.gather(*(visit(gate, f"{name}.example", 5.0, starts) for name in "abc"))
        return max(starts) - min(starts)

    assert asyncio.run(meet()) < 0.5


@pytest.mark.parametrize(
    ("own", "robots", "hint", "expected"),
    [
        (0.1, 0.0, 0.0, 0.1),
        (0.0, 0.15, 0.0, 0.15),
        (0.1, 0.05, 0.0, 0.1),
        (0.0, 0.0, 0.2, 0.2),
        (0.15, 0.1, 0.05, 0.15),
    ],
)
def test_longest_delay_wins(own: float, robots: float, hint: float, expected: float) -> None:
    async def meet() -> float:
        gate, starts = HostGate(), list[float]()
        gate.set_crawl_delay("a.example", robots)
        await visit(gate, "a.example", own, starts)
        gate.back_off("a.example", hint)
        await visit(gate, "a.example", own, starts)
        return starts[1] - starts[0]

    assert expected <= asyncio.run(meet()) < expected + 0.1


def test_shorter_hint_does_not_shorten_a_longer_one() -> None:
    async def meet() -> float:
        gate, starts = HostGate(), list[float]()
        begin = time.monotonic()
        gate.back_off("a.example", 0.2)
        gate.back_off("a.example", 0.01)
        await visit(gate, "a.example", 0.0, starts)
        return starts[0] - begin

    assert asyncio.run(meet()) >= 0.2


def test_hint_counts_for_those_who_wait_already() -> None:
    async def meet() -> list[float]:
        gate, starts = HostGate(), list[float]()
        await visit(gate, "a.example", 0.1, starts)
        waiting = asyncio.create_task(visit(gate, "a.example", 0.1, starts))
        await asyncio.sleep(0.02)
        gate.back_off("a.example", 0.25)
        await waiting
        return gaps(starts)

    assert asyncio.run(meet())[0] >= 0.25


@pytest.mark.parametrize(("asked", "kept"), [(86400.0, 120.0), (-5.0, 0.0), (3.0, 3.0)])
def test_crawl_delay_is_bounded(asked: float, kept: float) -> None:
    async def meet() -> float:
        gate, starts = HostGate(), list[float]()
        gate.set_crawl_delay("a.example", asked)
        await visit(gate, "a.example", 0.0, starts)
        waiting = asyncio.create_task(visit(gate, "a.example", 0.0, starts))
        await asyncio.sleep(0.01)
        until = gate.waiting_for.get("a.example", starts[0])  # for the display, too
        waiting.cancel()
        return until - starts[0]

    assert asyncio.run(meet()) == pytest.approx(kept, abs=0.01)


def test_failure_frees_the_host() -> None:
    async def meet() -> int:
        gate, starts = HostGate(), list[float]()
        with pytest.raises(OSError, match="reset"):
            async with gate.turn("a.example", 0.0):
                raise OSError("reset")
        await visit(gate, "a.example", 0.0, starts)
        return len(starts)

    assert asyncio.run(meet()) == 1
