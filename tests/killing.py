"""A collection under kill -9: the real process, a site that publishes meanwhile, and what must hold after each kill."""

from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass, field

from newsroom import Newsroom, Run, Site, text_of, title_of


@dataclass(slots=True)
class Killed:
    """How it went."""

    kills: int = 0
    runs: int = 0  # in all
    at: list[int] = field(default_factory=list)  # documents that were there at each kill
    last: Run | None = None  # undisturbed
    again: Run | None = None  # with nothing new
    verified: Run | None = None
    is_unchanged: bool = False  # whether that left every byte and every time as it was
    fetched: int = 0  # article pages that the server gave out
    seconds: float = 0.0


def kill_often(room: Newsroom, site: Site, lists: int, per_list: int, kills: int, seed: int) -> Killed:
    """Crawl a site that shows one more list before each run; kill runs at random instants, then let one end.

    A list stays as it is once it is shown, with its ETag: what a killed run has only seen must come from the debts.
    """
    pick, result, start = random.Random(seed), Killed(), time.monotonic()
    shown = 0
    while result.kills < kills:
        if shown < lists * (result.kills + 1) // kills:
            shown += 1
            publish(site, shown, per_list)
        running = room.start("crawl", site.name, *room.flags())
        result.runs += 1
        # A third dies early, wherever that is: at the start, while mending. The others after so many documents.
        is_early, wanted = pick.random() < 1 / 3, len(room.documents()) + pick.randint(1, 2 * per_list)
        while not is_early and running.process.poll() is None and len(room.documents()) < wanted:
            time.sleep(0.01)
        time.sleep(pick.uniform(0, 1.5 if is_early else 0.1))
        running.process.send_signal(signal.SIGKILL)
        if running.wait().code == -signal.SIGKILL:
            result.kills += 1
            result.at.append(len(room.documents()))
        assert_whole(room, site)
    for number in range(shown + 1, lists + 1):
        publish(site, number, per_list)
    result.last = room.start("crawl", site.name, *room.flags()).wait(600)
    stamps = room.stamps(), room.documents()
    result.again = room.crawl(site.name)
    result.is_unchanged = (room.stamps(), room.documents()) == stamps
    result.verified = room.start("verify", *room.flags(allow="", delay="")).wait()
    result.fetched = sum(path.startswith("/a/") for path in site.server.asked())
    result.seconds = time.monotonic() - start
    return result


def keys_of(number: int, per_list: int) -> list[str]:
    return [f"{number:02}{place:03}" for place in range(per_list)]


def publish(site: Site, number: int, per_list: int) -> None:
    keys = keys_of(number, per_list)
    for key in keys:
        site.article(key)
    site.show(f"/list/{number}/", keys, ETag=f'"v{number}"')


def site_of(room: Newsroom, lists: int) -> Site:
    """A site whose lists all show one and the same article, before they are published."""
    site = room.site("soak")
    urls = ", ".join(f'ListPage("{site.url(f"/list/{number}/")}", "要闻")' for number in range(1, lists + 1))
    site.attributes["lists"] = f"({urls},)"
    room.write_source(site)
    [first] = keys_of(1, 1)
    site.article(first)
    for number in range(1, lists + 1):
        site.show(f"/list/{number}/", [first], ETag='"v0"')
    return site


def assert_whole(room: Newsroom, site: Site) -> None:
    """No document is ever seen torn, doubled, or under a second name."""
    for path, raw in room.documents().items():
        text = raw.decode()
        key = path.rpartition("-")[2].removesuffix(".md")
        assert path == site.path_of(key)
        assert title_of(key) in text
        assert all(line in text for line in text_of(key)), path


def assert_complete(room: Newsroom, site: Site, result: Killed, lists: int, per_list: int) -> None:
    """Every article once, nothing owed, nothing wrong, nothing fetched without need."""
    keys = [key for number in range(1, lists + 1) for key in keys_of(number, per_list)]
    assert sorted(room.documents()) == site.paths_of(*keys)
    assert_whole(room, site)
    assert result.last is not None
    assert result.again is not None
    assert result.verified is not None
    assert (result.last.code, result.last.source(site.name)["owed"]) == (0, 0), result.last.stderr
    assert (result.again.code, result.again.source(site.name)["saved"], result.is_unchanged) == (0, 0, True)
    assert result.verified.code == 0, result.verified.stdout
    # A group of documents is filed together: so many may be on their way when the process dies.
    assert result.fetched <= len(keys) + 16 * result.kills
