"""Lists that have rolled over: the gap is recorded, the other channels are asked at once, a walk back closes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from newsroom import Newsroom, Reply, Run, Site
from resting import FAR, let_the_seven_rest, sql

from crawler.storage.gaps import Gaps
from crawler.storage.index import Index


def open_gaps(room: Newsroom) -> list[tuple[str, str, str, str]]:
    index = Index(room.output / ".state" / "index.db")
    try:
        return [(gap.source, gap.gap.list, gap.gap.since, gap.gap.until) for gap in Gaps(index).open()]
    finally:
        index.close()


def show(site: Site, path: str, day: str, *keys: str, following: str = "") -> None:
    site.show(path, dict.fromkeys(keys, day), following=following)
    for key in keys:
        site.article(key, time=f"{day} 09:30")


def backfill(room: Newsroom, *words: str) -> Run:
    return room.start("backfill", "one", *words, *room.flags()).wait()


@pytest.fixture
def rolled(tmp_path: Path) -> Any:
    """/news/ showed 1 and 2 of April; now it shows 7 to 9 of May on two pages, and /local/ is not due."""
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.attributes["lists"] = (
            f'(ListPage("{site.url("/news/")}", "要闻"), ListPage("{site.url("/local/")}", "本地", optional=True))'
        )
        site.attributes["archives"] = f'ListPage("{site.url("/all/")}", "全部")'
        room.write_source(site)
        show(site, "/news/", "2024-04-10", "2", "1")
        show(site, "/local/", "2024-04-10", "1")
        show(site, "/all/", "2024-04-10", "2", "1")
        room.crawl()
        show(site, "/news/", "2024-05-20", "9", "8", following="/news/2")
        show(site, "/news/2", "2024-05-19", "7")
        show(site, "/local/", "2024-05-01", "5", "1")
        show(site, "/all/", "2024-05-20", "9", "8", following="/all/2")
        show(site, "/all/2", "2024-05-02", "6", following="/all/3")
        show(site, "/all/3", "2024-04-01", "0", following="/all/4")
        yield room


def run_what_is_due(room: Newsroom) -> tuple[Run, list[str]]:
    """/news/ is due, /local/ is not: as `crawl` without names has it, for this source alone."""
    let_the_seven_rest(room)
    sql(room, "UPDATE list SET due = ?", FAR)
    sql(room, "UPDATE list SET due = '' WHERE url LIKE '%/news/' AND source = 'one'")
    before = len(room.sites["one"].server.log)
    run = room.start("crawl", *room.flags()).wait()
    return run, room.sites["one"].server.asked(before)


def test_U11_a_gap_is_reported_recorded_and_the_other_channels_are_asked(rolled: Newsroom) -> None:
    run, asked = run_what_is_due(rolled)
    site = rolled.sites["one"]
    assert [path for path in asked if not path.startswith("/a/")] == [
        "/news/", "/news/2", "/local/", "/all/", "/all/2", "/all/3",
    ]  # fmt: skip
    source = run.source("one")
    assert source["gap"] == {"list": site.url("/news/"), "from": "2024-04-10", "to": "2024-05-19"}
    assert open_gaps(rolled) == [("one", site.url("/news/"), "2024-04-10", "2024-05-19")]
    assert (source["verdict"], source["saved"]) == ("ok", 5)  # 9 8 7, 5 by /local/, 6 by the archive, but not 0
    [(run_id, closed)] = sql(rolled, "SELECT run_id, closed FROM gap")
    assert (run_id, closed) == (run.report["run_id"], "")


def test_without_a_gap_no_other_channel_is_asked(rolled: Newsroom) -> None:
    show(rolled.sites["one"], "/news/2", "2024-05-19", "7", "2")
    run, asked = run_what_is_due(rolled)
    assert run.source("one")["gap"] is None
    assert [path for path in asked if not path.startswith("/a/")] == ["/news/", "/news/2"]
    assert open_gaps(rolled) == []


@pytest.mark.slow
def test_a_walk_that_breaks_off_is_no_gap_but_walked_again(rolled: Newsroom) -> None:
    site = rolled.sites["one"]
    site.server.set("/news/2", Reply(status=500))
    rolled.crawl()
    assert open_gaps(rolled) == []
    show(site, "/news/2", "2024-05-19", "7")
    rolled.crawl()
    assert open_gaps(rolled) == [("one", site.url("/news/"), "2024-04-10", "2024-05-19")]


def test_a_walk_back_that_passes_the_gap_closes_it(rolled: Newsroom) -> None:
    site = rolled.sites["one"]
    rolled.crawl()
    assert len(open_gaps(rolled)) == 1
    show(site, "/news/2", "2024-05-19", "7", following="/news/3")  # it goes further back by now
    show(site, "/news/3", "2024-04-20", "4", "3", following="/news/4")
    show(site, "/news/4", "2024-04-10", "2", "1")
    show(site, "/all/", "2024-05-20", "9", "8")  # no other way back
    first = backfill(rolled, "--pages", "3")
    assert (first.code, len(open_gaps(rolled))) == (0, 1)
    assert {site.path_of(key, "2024-04-20") for key in "34"} <= set(rolled.documents())
    second = backfill(rolled, "--pages", "4")
    assert (second.code, open_gaps(rolled)) == (0, [])
    assert sql(rolled, "SELECT count(*) FROM gap WHERE closed != ''") == [(1,)]


def test_a_gap_of_a_list_that_can_not_go_back_closes_when_the_archive_has_passed_it(rolled: Newsroom) -> None:
    rolled.crawl()
    assert len(open_gaps(rolled)) == 1
    run = backfill(rolled, "--since", "2024-04-05")
    assert (run.code, open_gaps(rolled)) == (0, [])


@pytest.mark.slow
def test_a_walk_back_that_was_under_way_begins_anew_after_a_gap(rolled: Newsroom) -> None:
    site = rolled.sites["one"]
    show(site, "/news/2", "2024-05-19", "7", "2", following="/news/3")
    show(site, "/news/3", "2024-04-10", "1", following="/news/4")
    show(site, "/news/4", "2024-03-10", "00")
    assert backfill(rolled, "--pages", "2").code == 0
    assert sql(rolled, "SELECT page FROM backfill b JOIN list l ON l.id = list WHERE l.url LIKE '%/news/'") == [(2,)]
    show(site, "/news/", "2024-06-20", "19", "18")
    rolled.crawl()
    assert len(open_gaps(rolled)) == 1
    assert sql(rolled, "SELECT page FROM backfill b JOIN list l ON l.id = list WHERE l.url LIKE '%/news/'") == []


def test_the_gap_stands_in_the_journal(rolled: Newsroom) -> None:
    rolled.crawl()
    notes = "".join(path.read_text() for path in (rolled.output / ".state" / "notes").iterdir())
    assert notes.count('"op":"gap"') == 1
    verified = rolled.start("verify", "--rebuild-index", *rolled.flags(allow="", delay="")).wait()
    assert (verified.code, len(open_gaps(rolled))) == (0, 1)
