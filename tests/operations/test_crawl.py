"""`crawl` on live sites, through the real reactor: what is new, and on the second day nothing but that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import frontmatter
import pytest
from newsroom import Newsroom, Run, text_of, title_of

STAMPS = {"ETag": '"7-1"', "Last-Modified": "Mon, 20 May 2024 01:30:00 GMT"}
CACHES = {
    "etag": {"ETag": '"7-1"'},
    "modified": {"Last-Modified": "Mon, 20 May 2024 01:30:00 GMT"},
    "both": STAMPS,
    "neither": {},
}
FIVE = tuple(f"/{name}/" for name in ("news", "local", "money", "world", "sport"))


@dataclass(frozen=True)
class Days:
    """Three runs of the same sites: a first, one with nothing new, one with news."""

    room: Newsroom
    runs: tuple[Run, Run, Run]
    asked: tuple[dict[str, list[str]], ...]  # by run and site
    documents: tuple[dict[str, bytes], ...]  # after each run
    stamps: tuple[dict[str, int], ...]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    with Newsroom(tmp_path_factory.mktemp("days")) as room:
        for name, headers in CACHES.items():
            site = room.site(name)
            site.show("/news/", ["1003", "1002", "1001"], **headers)
            for key in ("1001", "1002", "1003"):
                site.article(key)
        five = room.site("five")
        five.attributes["lists"] = ", ".join(f'ListPage("{five.url(path)}", "{path[1:-1]}")' for path in FIVE)
        room.write_source(five)
        for path in FIVE:
            five.show(path, ["2001"])
        five.show("/sport/", ["2003", "2002", "2001"])
        five.article("2001")
        five.article("2002")
        five.article("2003", title=title_of("2002"), text=text_of("2002"))

        runs, asked, kept, stamps = [], [], [], []
        for day in range(3):
            if day == 2:
                for name, site in room.sites.items():
                    site.show("/news/", ["3001"] if name == "five" else ["3001", "1003", "1002", "1001"])
                    site.article("3001")
                five.show("/sport/", ["3001", "2003", "2002"])
            before = {name: len(site.server.log) for name, site in room.sites.items()}
            runs.append(room.crawl())
            asked.append({name: site.server.asked(before[name]) for name, site in room.sites.items()})
            kept.append(room.documents())
            stamps.append(room.stamps())
        first, second, third = runs
        yield Days(room, (first, second, third), tuple(asked), tuple(kept), tuple(stamps))


@pytest.mark.parametrize("name", CACHES)
class TestOneSite:
    def test_first_run_saves_every_article(self, days: Days, name: str) -> None:
        site = days.room.sites[name]
        source = days.runs[0].source(name)
        assert source["paths"] == site.paths_of("1001", "1002", "1003")
        assert (source["verdict"], source["found"], source["new"], source["saved"]) == ("ok", 3, 3, 3)
        assert days.asked[0][name] == ["/news/", "/a/1003.html", "/a/1002.html", "/a/1001.html"]

    def test_document_says_what_the_page_says(self, days: Days, name: str) -> None:
        site = days.room.sites[name]
        document = frontmatter.loads(days.documents[0][site.path_of("1002")].decode())
        assert document["title"] == title_of("1002")
        assert str(document["date"]) == "2024-05-20"
        assert document["source"] == f"{name}日报"
        assert document["url"] == site.url("/a/1002.html")
        assert document.content == "\n\n".join([f"# {title_of('1002')}", *text_of("1002")])

    def test_second_run_asks_for_the_list_only(self, days: Days, name: str) -> None:
        assert days.asked[1][name] == ["/news/"]
        source = days.runs[1].source(name)
        assert (source["verdict"], source["not_modified"], source["requests"]) == ("ok", 1, 1)

    def test_second_run_sends_the_validators_it_was_given(self, days: Days, name: str) -> None:
        polls = [seen for seen in days.room.sites[name].server.log if seen.path == "/news/"]
        sent = {
            header: polls[1].headers[asked]
            for asked, header in (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified"))
            if asked in polls[1].headers
        }
        assert sent == CACHES[name]
        assert polls[1].status == (304 if CACHES[name] else 200)

    def test_third_run_fetches_the_news_and_nothing_else(self, days: Days, name: str) -> None:
        assert days.asked[2][name] == ["/news/", "/a/3001.html"]
        assert days.runs[2].source(name)["paths"] == [days.room.sites[name].path_of("3001")]


def test_second_run_changes_no_byte_and_no_mtime(days: Days) -> None:
    assert days.documents[1] == days.documents[0]
    assert days.stamps[1] == days.stamps[0]
    assert len(days.documents[0]) == 3 * len(CACHES) + 2


def test_third_run_leaves_old_documents_alone(days: Days) -> None:
    old = days.stamps[0]
    assert {name: stamp for name, stamp in days.stamps[2].items() if name in old} == old


@pytest.mark.parametrize("run", [0, 1, 2])
def test_all_well_is_exit_0(days: Days, run: int) -> None:
    assert (days.runs[run].code, days.runs[run].report["exit_code"]) == (0, 0)


class TestJson:
    COUNTS = (
        *("found", "new", "fetched", "saved", "revised", "duplicates", "rejected"),
        *("quarantined", "failed", "owed", "requests", "not_modified"),
    )

    def test_stdout_is_one_object_on_one_line(self, days: Days) -> None:
        assert re.fullmatch(r"\{.*\}\n", days.runs[0].stdout)

    def test_keys_of_the_run(self, days: Days) -> None:
        report = days.runs[0].report
        assert list(report) == ["run_id", "started", "finished", "exit_code", "sources"]
        assert isinstance(report["run_id"], str)
        started, finished = (datetime.fromisoformat(report[name]) for name in ("started", "finished"))
        assert started.tzinfo is not None
        assert started < finished

    def test_keys_and_types_of_a_source(self, days: Days) -> None:
        for source in days.runs[0].report["sources"]:
            assert list(source) == ["name", "verdict", "stage", "reason", *self.COUNTS, "gap", "paths"]
            assert {type(source[name]) for name in self.COUNTS} == {int}
            assert {type(source[name]) for name in ("name", "verdict", "stage", "reason")} == {str}
            assert source["gap"] is None
            assert all(isinstance(path, str) for path in source["paths"])

    def test_sources_are_sorted(self, days: Days) -> None:
        names = [source["name"] for source in days.runs[0].report["sources"]]
        assert names == sorted(days.room.sites)


class TestSeveralSections:
    def test_article_in_five_sections_is_fetched_once(self, days: Days) -> None:
        assert sorted(days.asked[0]["five"]) == sorted([*FIVE, "/a/2001.html", "/a/2002.html", "/a/2003.html"])

    def test_same_article_under_another_address_is_a_duplicate(self, days: Days) -> None:
        source = days.runs[0].source("five")
        assert (source["saved"], source["duplicates"], source["owed"]) == (2, 1, 0)
        texts = [body for path, body in days.documents[0].items() if path.startswith("five/")]
        assert sum(title_of("2002").encode() in text for text in texts) == 1

    def test_duplicate_is_never_fetched_again(self, days: Days) -> None:
        assert "/a/3001.html" in days.asked[2]["five"]
        assert [path for path in days.asked[2]["five"] if path.startswith("/a/2")] == []
