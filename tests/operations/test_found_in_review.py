"""What a review found broken and was mended: three days of sites whose lists and addresses mislead."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from newsroom import CAPTCHA, DAY, Newsroom, Reply, Run, Site, article_page, list_page, text_of, title_of
from server import html

BEFORE = "2024-05-19"
SINCE = ["--since", "2024-05-01"]  # of the first two days
EDITED = "---\ntitle: 改过\n---\n编辑亲手改过的正文。\n".encode()

# What a row of a JSON list has besides address and title (None: the row is null), and the articles it makes.
ODD_ROWS: dict[str, tuple[dict[str, str] | None, tuple[str, ...]]] = {
    "nulls": (None, ()),
    "surrogates": ({"image": "\ud800"}, ("1004",)),
}

READ_LIST = """
    def read_list(self, page, entry):
        from crawler.models import ListReading

        rows = self.json_rows(page, "data.list")
        found = [
            self.candidate(
                page, entry, str(row.get("url")),
                title=row.get("title"), published=row.get("time"), image=row.get("image"),
            )
            for row in rows
        ]
        candidates = tuple(filter(None, found))
        return ListReading(candidates, skipped=len(rows) - len(candidates))
"""


def leads_to(key: str) -> Reply:
    return Reply(status=302, headers={"Location": f"/a/{key}.html"})


def redesigned(*keys: str) -> Reply:
    """A list whose links are still there, in other rows than those declared."""
    page = list_page([(f"/a/{key}.html", title_of(key), DAY) for key in keys])
    return html(page.replace(b"class='news'", b"class='cards'"), ETag='"1"')


def change_index(room: Newsroom, statement: str, *values: str) -> None:
    with sqlite3.connect(room.output / ".state" / "index.db") as index:
        index.execute(statement, values)


@dataclass(frozen=True)
class Days:
    """Three runs; the first two with --since."""

    room: Newsroom
    runs: list[Run]
    asked: list[dict[str, list[str]]]  # by run and site
    documents: list[dict[str, bytes]]
    polls: list[dict[str, int]]  # completed ones, by run and site

    def of(self, name: str, count: str) -> list[object]:
        return [run.source(name)[count] for run in self.runs]


def completed_polls(room: Newsroom) -> dict[str, int]:
    with sqlite3.connect(room.output / ".state" / "index.db") as index:
        return dict(index.execute("SELECT source, poll FROM list"))


def open_sites(room: Newsroom) -> None:
    """As they are on the first day."""
    for name in ("captcha", "looped", "moved", "edited", "undated", "cards", "late"):
        room.site(name)
    sites = room.sites
    sites["captcha"].publish("1003", "1002", "1001")
    sites["looped"].publish("1002", "1001")
    sites["looped"].show("/news/", {"1002": BEFORE, "1001": BEFORE})
    sites["moved"].publish("3", "2")
    sites["edited"].publish("3", "2")
    sites["undated"].show("/news/", {"2": "", "1": ""})  # only the page tells the day
    sites["undated"].article("2")
    sites["undated"].article("1", time="2024-04-10 09:30")
    sites["cards"].publish("1002", "1001")
    sites["cards"].server.set("/news/", redesigned("1002", "1001"))
    sites["late"].publish("1002", "1001")
    sites["late"].server.set("/a/1002.html", Reply(status=404), html(article_page("1002")))
    for name, (odd, _) in ODD_ROWS.items():
        open_interface(room, room.site(name), odd)


def open_interface(room: Newsroom, site: Site, odd: dict[str, str] | None) -> None:
    """A JSON list with an odd row amid sound ones."""
    first, *rest, last = (
        {"url": site.article(key), "title": title_of(key), "time": DAY} for key in ("1003", "1002", "1001", "1004")
    )
    rows = [first, odd and last | odd, *rest]
    body = json.dumps({"data": {"list": rows}}).encode()  # pure ASCII: a lone surrogate stands as its escape
    site.server.set("/api", Reply(body, headers={"Content-Type": "application/json"}))
    site.attributes["lists"] = f'ListPage("{site.url("/api")}", "要闻", "api")'
    room.write_source(site)
    with (room.spiders / f"{site.name}.py").open("a", encoding="utf-8") as file:
        file.write(READ_LIST)


def second_day(room: Newsroom) -> None:
    captcha, looped, moved, edited = (room.sites[name] for name in ("captcha", "looped", "moved", "edited"))
    captcha.publish("2006", "2005", "2004")
    captcha.show("/news/", ["2006", "2005", "2004"], following="/news/2")
    captcha.server.set("/news/2", CAPTCHA)
    looped.publish("2002", "2001")
    for path in ("/news/", "/news/2"):
        looped.show(path, ["2002", "2001"], following="/news/2")
    moved.show("/news/", ["1", "3", "2"])
    moved.server.set("/a/1.html", leads_to("2"))
    (room.output / edited.path_of("2")).write_bytes(EDITED)
    edited.article("2", text=text_of("22"))
    edited.show("/news/", ["9", "3", "2"])
    edited.server.set("/a/9.html", leads_to("2"))
    change_index(room, "UPDATE frontier SET due = ? WHERE source = ?", DAY, "late")


def third_day(room: Newsroom) -> None:
    captcha, moved, edited = (room.sites[name] for name in ("captcha", "moved", "edited"))
    captcha.publish("2003", "2002", path="/news/2")
    captcha.show("/news/2", ["2003", "2002", "1003"])
    moved.publish("4")
    moved.show("/news/", ["4", "1", "3", "2"])
    edited.publish("4")
    edited.show("/news/", ["4", "9", "3", "2"])
    room.sites["cards"].show("/news/", ["1002", "1001"], ETag='"2"')


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    with Newsroom(tmp_path_factory.mktemp("days")) as room:
        seen = Days(room, [], [], [], [])
        changes: list[tuple[Callable[[Newsroom], None], list[str]]] = [
            (open_sites, SINCE),
            (second_day, SINCE),
            (third_day, []),
        ]
        for change, flags in changes:
            change(room)
            before = {name: len(site.server.log) for name, site in room.sites.items()}
            seen.runs.append(room.crawl(flags=flags))
            seen.asked.append({name: site.server.asked(before.get(name, 0)) for name, site in room.sites.items()})
            seen.documents.append(room.documents())
            seen.polls.append(completed_polls(room))
        yield seen


class TestCaptchaOnPageTwo:
    def test_is_no_end_of_the_list(self, days: Days) -> None:
        source = days.runs[1].source("captcha")
        assert (source["verdict"], source["stage"], source["saved"]) == ("degraded", "list", 3)
        assert source["reason"].startswith(days.room.sites["captcha"].url("/news/2"))

    def test_leaves_the_poll_open(self, days: Days) -> None:
        assert [polls["captcha"] for polls in days.polls] == [1, 1, 2]

    def test_next_run_gets_the_rows_of_page_two(self, days: Days) -> None:
        assert days.asked[2]["captcha"] == ["/news/", "/news/2", "/a/2003.html", "/a/2002.html"]
        source = days.runs[2].source("captcha")
        assert (source["verdict"], source["saved"], source["gap"]) == ("ok", 2, None)


def test_page_two_that_repeats_page_one_is_a_gap(days: Days) -> None:
    url = days.room.sites["looped"].url("/news/")
    assert days.asked[1]["looped"][:2] == ["/news/", "/news/2"]
    assert days.of("looped", "gap") == [None, {"list": url, "from": BEFORE, "to": DAY}, None]


def test_address_that_leads_to_a_known_article_is_fetched_once(days: Days) -> None:
    assert days.asked[1]["moved"] == ["/news/", "/a/1.html", "/a/2.html"]
    assert days.asked[2]["moved"] == ["/news/", "/a/4.html"]
    assert days.of("moved", "owed") == [0, 0, 0]


class TestEditedDocumentMetThroughAnotherAddress:
    def test_stays_as_it_was_edited(self, days: Days) -> None:
        path = days.room.sites["edited"].path_of("2")
        assert days.asked[1]["edited"] == ["/news/", "/a/9.html", "/a/2.html"]
        assert [kept[path] == EDITED for kept in days.documents] == [False, True, True]

    def test_leaves_nothing_owed(self, days: Days) -> None:
        assert days.of("edited", "owed") == [0, 0, 0]

    def test_is_not_fetched_again(self, days: Days) -> None:
        assert days.asked[2]["edited"] == ["/news/", "/a/4.html"]


@pytest.mark.parametrize("name", ODD_ROWS)
def test_odd_row_of_a_json_list_costs_no_other_row(days: Days, name: str) -> None:
    source = days.runs[0].source(name)
    assert (source["verdict"], source["reason"], days.polls[0][name]) == ("ok", "", 1)
    assert source["paths"] == days.room.sites[name].paths_of("1003", "1002", "1001", *ODD_ROWS[name][1])


class TestSinceWithoutDateOnTheList:
    def test_old_article_is_fetched_once(self, days: Days) -> None:
        assert [asked["undated"] for asked in days.asked[:2]] == [["/news/", "/a/2.html", "/a/1.html"], ["/news/"]]
        assert days.of("undated", "owed") == [1, 1, 0]

    def test_comes_with_a_plain_run(self, days: Days) -> None:
        assert days.runs[2].source("undated")["paths"] == [days.room.sites["undated"].path_of("1", "2024-04-10")]


def test_redesigned_list_is_degraded_until_it_is_well(days: Days) -> None:
    found = list(zip(days.of("cards", "verdict"), days.of("cards", "stage"), strict=True))
    assert found == [("degraded", "list"), ("degraded", "list"), ("ok", "")]


def test_article_that_is_listed_before_it_is_published_is_had(days: Days) -> None:
    path = days.room.sites["late"].path_of("1002")
    assert [path in kept for kept in days.documents] == [False, True, True]
    assert days.of("late", "owed") == [1, 0, 0]
