"""How a run ends before its time, and what the next one finds: lock, SIGTERM, kill -9, a dead worker, a lost folder."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from newsroom import Newsroom, Reply, Run, Running, Site, article_page, told
from server import Seen

KEYS = [f"{number}" for number in range(1006, 1000, -1)]
HELD = "1004"  # the third article: the server does not answer before it is told to


def until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def asked_for(site: Site, key: str) -> bool:
    return f"/a/{key}.html" in site.server.asked()


def counts(log: list[Seen]) -> dict[str, int]:
    paths = [seen.path for seen in log]
    return {key: paths.count(f"/a/{key}.html") for key in KEYS}


def holding(room: Newsroom, name: str, key: str = HELD) -> tuple[Site, Event]:
    """A site of six articles, one of which is answered only once the event is set."""
    site, go_on = room.site(name), Event()
    site.publish(*KEYS)
    site.server.set(f"/a/{key}.html", Reply(article_page(key), hold=go_on))
    return site, go_on


@dataclass(frozen=True)
class Meeting:
    holder: int  # pid
    first: Run
    second: Run
    seconds: float  # that the second took
    listed: Run
    waited: Run  # `save`


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    with Newsroom(tmp_path_factory.mktemp("lock")) as room:
        site, go_on = holding(room, "locked")
        other = room.site("other")
        first = room.start("crawl", site.name, *room.flags())
        until(lambda: asked_for(site, HELD), "the first run")
        waiting = room.start("save", other.article("1001"), *room.flags())
        start = time.monotonic()
        second = told("crawl", other.name, *room.flags())
        seconds = time.monotonic() - start
        listed = told("sources", "--output", str(room.output), "--config", str(room.config), "--json")
        assert waiting.process.poll() is None
        go_on.set()
        yield Meeting(first.process.pid, first.wait(), second, seconds, listed, waiting.wait())


class TestLock:
    def test_second_crawl_ends_with_75_at_once(self, meeting: Meeting) -> None:
        assert (meeting.second.code, json.loads(meeting.second.stdout)["exit_code"]) == (75, 75)
        assert meeting.seconds < 5  # `save` would wait for 30

    def test_it_names_the_holder(self, meeting: Meeting) -> None:
        answer = json.loads(meeting.second.stdout)
        assert list(answer) == ["exit_code", "error"]
        assert f"crawl, pid {meeting.holder}, since 20" in answer["error"]

    def test_sources_does_not_need_the_lock(self, meeting: Meeting) -> None:
        assert meeting.listed.code == 0

    def test_save_waits_for_its_turn(self, meeting: Meeting) -> None:
        assert (meeting.waited.code, meeting.waited.report["sources"][0]["saved"]) == (0, 1)

    def test_first_crawl_is_not_disturbed(self, meeting: Meeting) -> None:
        assert (meeting.first.code, meeting.first.source("locked")["saved"]) == (0, 6)


# --- ended from outside ----------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """A run that was ended from outside, and the next."""

    site: Site
    run: Run
    kept: set[str]  # documents after it
    next: Run | None = None
    kept_at_last: frozenset[str] = frozenset()


def terminated(room: Newsroom) -> Broken:
    site, go_on = holding(room, "one")
    running = room.start("crawl", "one", *room.flags())
    until(lambda: asked_for(site, HELD), "the run")
    running.process.terminate()
    time.sleep(0.3)
    go_on.set()
    run, kept = running.wait(), set(room.documents())
    return Broken(site, run, kept, room.crawl(), frozenset(room.documents()))


def killed(room: Newsroom) -> Broken:
    site, go_on = holding(room, "one")
    running = room.start("crawl", "one", *room.flags())
    first = room.output / site.path_of("1006")
    until(lambda: asked_for(site, HELD) and first.exists(), "the run")
    worker = children(running)
    running.process.kill()
    run = running.wait()
    until(lambda: not any(is_alive(pid) for pid in worker), "the worker's end")
    go_on.set()
    kept = set(room.documents())
    return Broken(site, run, kept, room.crawl(), frozenset(room.documents()))


def with_dead_worker(room: Newsroom) -> Broken:
    """The worker hangs over one page and dies of it."""
    site, go_on = holding(room, "one")
    running = room.start("crawl", "one", *room.flags())
    second = room.output / site.path_of("1005")
    until(lambda: asked_for(site, HELD) and second.exists(), "the run")
    (worker,) = children(running)
    os.kill(worker, signal.SIGSTOP)
    go_on.set()
    until(lambda: asked_for(site, "1001"), "the other pages")  # the held one is with the worker now
    time.sleep(0.2)
    os.kill(worker, signal.SIGKILL)
    run, kept = running.wait(), set(room.documents())
    return Broken(site, run, kept)


def with_lost_folder(room: Newsroom) -> Broken:
    """A file stands where documents have to go, for the rest of the run."""
    site, go_on = holding(room, "one")
    running = room.start("crawl", "one", *room.flags())
    second = room.output / site.path_of("1005")
    until(lambda: asked_for(site, HELD) and second.exists(), "the run")
    second.parent.rename(room.folder / "aside")
    second.parent.write_text("in the way")
    go_on.set()
    run, kept = running.wait(), set(room.documents())
    second.parent.unlink()
    (room.folder / "aside").rename(second.parent)
    return Broken(site, run, kept, room.crawl(), frozenset(room.documents()))


ENDINGS: dict[str, Callable[[Newsroom], Broken]] = {
    "SIGTERM": terminated,
    "SIGKILL": killed,
    "dead-worker": with_dead_worker,
    "lost-folder": with_lost_folder,
}


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Broken]]:
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc to find the worker")
    with ExitStack() as stack, ThreadPoolExecutor(len(ENDINGS)) as pool:
        rooms = {name: stack.enter_context(Newsroom(tmp_path_factory.mktemp(name))) for name in ENDINGS}
        futures = {name: pool.submit(ending, rooms[name]) for name, ending in ENDINGS.items()}
        yield {name: future.result() for name, future in futures.items()}


class TestTerm:
    def test_exit_code_and_verdict(self, endings: dict[str, Broken]) -> None:
        run = endings["SIGTERM"].run
        assert run.code == 1
        assert (run.source("one")["verdict"], run.source("one")["reason"]) == ("degraded", "stopped early: interrupted")

    def test_what_is_under_way_is_finished(self, endings: dict[str, Broken]) -> None:
        broken = endings["SIGTERM"]
        assert set(broken.site.paths_of("1006", "1005", HELD)) <= broken.kept

    def test_nothing_is_lost_from_the_account(self, endings: dict[str, Broken]) -> None:
        source = endings["SIGTERM"].run.source("one")
        assert source["saved"] == len(endings["SIGTERM"].kept) == len(source["paths"])
        assert source["saved"] + source["owed"] == len(KEYS)

    def test_next_run_fetches_nothing_twice(self, endings: dict[str, Broken]) -> None:
        assert counts(endings["SIGTERM"].site.server.log) == dict.fromkeys(KEYS, 1)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "lost-folder"])
def test_next_run_completes(endings: dict[str, Broken], name: str) -> None:
    broken = endings[name]
    assert broken.next is not None
    assert (broken.next.code, broken.next.source("one")["owed"]) == (0, 0)
    assert broken.kept_at_last == set(broken.site.paths_of(*KEYS))


class TestKill:
    def test_what_was_stored_stays(self, endings: dict[str, Broken]) -> None:
        assert endings["SIGKILL"].run.code == -signal.SIGKILL
        assert endings["SIGKILL"].site.path_of("1006") in endings["SIGKILL"].kept

    def test_at_most_what_was_under_way_is_fetched_again(self, endings: dict[str, Broken]) -> None:
        fetched = counts(endings["SIGKILL"].site.server.log)
        assert fetched["1006"] == 1
        assert max(fetched.values()) <= 2


class TestDeadWorker:
    def test_costs_one_page_and_the_run_goes_on(self, endings: dict[str, Broken]) -> None:
        source = endings["dead-worker"].run.source("one")
        assert (source["saved"], source["quarantined"], source["owed"]) == (5, 1, 1)

    def test_page_is_named(self, endings: dict[str, Broken]) -> None:
        sentence = "/a/1004.html: unextractable: the page ended the extraction process ("
        assert sentence in endings["dead-worker"].run.stderr


class TestLostFolder:
    def test_storage_trouble_is_exit_3(self, endings: dict[str, Broken]) -> None:
        assert endings["lost-folder"].run.code == 3

    def test_json_is_an_error_with_the_place(self, endings: dict[str, Broken]) -> None:
        fields = endings["lost-folder"].run.report
        assert (list(fields), fields["exit_code"]) == (["exit_code", "error"], 3)
        assert "one/2024/05" in fields["error"]


def children(running: Running) -> list[int]:
    """The processes that a run has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue  # it has ended meanwhile
        if f"\nPPid:\t{running.process.pid}\n" in text:
            found.append(int(status.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
