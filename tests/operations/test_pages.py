"""Single pages and looks: save, try, extract, convert, sources."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass

import frontmatter
import pytest
from conftest import documents
from newsroom import DAY, Newsroom, Reply, Run, Site, article_page, text_of, title_of, told

from crawler.dedup.identity import generic_key

FIELDS = (
    *("title", "date", "author", "source", "section", "original_url", "language"),
    *("text", "html", "confidence", "images", "next_url", "evidence", "problem", "detail"),
)


@dataclass(frozen=True)
class Desk:
    room: Newsroom
    known: Site  # has a source file
    foreign: Site  # has none
    first: Run
    after_first: dict[str, bytes]
    stamps: dict[str, int]
    second: Run
    after_second: dict[str, bytes]
    stamps_after_second: dict[str, int]


def generic_path(url: str) -> str:
    host = re.split("[:/]+", url)[1]
    return f"{host}/{DAY[:4]}/{DAY[5:7]}/{DAY}-{generic_key(url)}.md"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Newsroom(tmp_path_factory.mktemp("desk")) as room:
        known, foreign = room.site("known"), room.site("foreign")
        (room.spiders / "foreign.py").unlink()
        pages = [known.article("1001"), foreign.article("2001"), foreign.article("2002")]
        foreign.server.set("/missing.html", Reply(status=404))
        foreign.server.set("/a/2001.html?utm_source=letter", article_page("2001"))
        first = room.start("save", *pages, foreign.url("/missing.html"), *room.flags()).wait()
        after_first, stamps = room.documents(), room.stamps()
        # once more, under other spellings of the same addresses, and one new page in a style of choice
        again = [pages[0] + "#top", pages[1] + "?utm_source=letter", foreign.article("2003")]
        second = room.start("save", *again, "--style", "hexo", *room.flags()).wait()
        yield Desk(room, known, foreign, first, after_first, stamps, second, room.documents(), room.stamps())


class TestSave:
    def test_known_page_goes_to_its_source(self, desk: Desk) -> None:
        assert desk.first.source("known")["paths"] == [desk.known.path_of("1001")]

    def test_foreign_page_goes_under_its_host(self, desk: Desk) -> None:
        urls = [desk.foreign.url(f"/a/{key}.html") for key in ("2001", "2002")]
        source = desk.first.source(desk.foreign.server.host)
        assert source["paths"] == sorted(map(generic_path, urls))

    def test_document_of_a_foreign_page(self, desk: Desk) -> None:
        document = frontmatter.loads(desk.after_first[generic_path(desk.foreign.url("/a/2001.html"))].decode())
        assert (document["title"], str(document["date"])) == (title_of("2001"), DAY)
        assert document.content == "\n\n".join([f"# {title_of('2001')}", *text_of("2001")])

    def test_missing_page_is_told(self, desk: Desk) -> None:
        source = desk.first.source(desk.foreign.server.host)
        assert desk.first.code == 1
        assert (source["found"], source["saved"], source["failed"]) == (3, 2, 1)
        assert "HTTP 404" in source["reason"]

    def test_saved_again_is_unchanged(self, desk: Desk) -> None:
        assert {path: desk.after_second[path] for path in desk.after_first} == desk.after_first
        assert {path: desk.stamps_after_second[path] for path in desk.stamps} == desk.stamps
        assert desk.second.source("known")["saved"] == 0

    def test_style_is_for_the_new_document(self, desk: Desk) -> None:
        (path,) = set(desk.after_second) - set(desk.after_first)
        assert path == generic_path(desk.foreign.url("/a/2003.html"))
        document = frontmatter.loads(desk.after_second[path].decode().lstrip("\n"))
        assert {"categories", "headimg", "thumbnail"} <= set(document.keys())

    def test_second_run_is_well(self, desk: Desk) -> None:
        assert desk.second.code == 0


@pytest.fixture(scope="module")
def looks(desk: Desk) -> dict[str, Run]:
    """Three looks at once: they need no lock."""
    json_flags = [*desk.room.flags(), "--output", str(desk.room.folder / "never")]
    flags = [flag for flag in json_flags if flag != "--json"]
    running = {
        "plain": desk.room.start("try", desk.known.url("/a/1001.html"), *flags),
        "json": desk.room.start("try", desk.foreign.url("/a/2001.html"), *json_flags, "--style", "jekyll"),
        "missing": desk.room.start("try", desk.foreign.url("/missing.html"), *json_flags),
    }
    return {name: each.wait() for name, each in running.items()}


class TestTry:
    def test_prints_the_document_that_would_be_stored(self, desk: Desk, looks: dict[str, Run]) -> None:
        printed, _, _ = looks["plain"].stdout.partition("\n---- ")
        stored = desk.after_first[desk.known.path_of("1001")].decode()
        clock = re.compile(r"(?m)^fetch_date: .*$")
        assert clock.sub("", printed.rstrip("\n")) == clock.sub("", stored.rstrip("\n"))

    def test_says_where_each_field_came_from(self, desk: Desk, looks: dict[str, Run]) -> None:
        _, _, notes = looks["plain"].stdout.partition("\n---- ")
        assert notes.startswith(f"{desk.known.path_of('1001')} (archive)")
        assert {"title:", "body:", "published:"} <= set(notes.split())

    def test_json(self, desk: Desk, looks: dict[str, Run]) -> None:
        fields = looks["json"].report
        assert list(fields) == ["url", "path", *FIELDS, "document"]
        assert fields["path"] == generic_path(desk.foreign.url("/a/2001.html"))
        assert (looks["json"].code, fields["title"], fields["problem"]) == (0, title_of("2001"), "")

    def test_style(self, looks: dict[str, Run]) -> None:
        assert looks["json"].report["document"].startswith("---\nlayout: ")

    def test_what_is_no_article_is_exit_1_with_the_reason(self, looks: dict[str, Run]) -> None:
        assert looks["missing"].code == 1
        assert "HTTP 404" in looks["missing"].report["problem"]

    def test_stores_nothing(self, desk: Desk, looks: dict[str, Run]) -> None:
        assert not (desk.room.folder / "never").exists()
        assert documents(desk.room.output) == desk.after_second


class TestSources:
    def test_json(self, desk: Desk) -> None:
        answer = told("sources", "--output", str(desk.room.output), "--config", str(desk.room.config), "--json")
        rows = {row["name"]: row for row in answer.report["sources"]}
        assert set(rows) == {
            "4hou",
            "bjwb",
            "cs",
            "eastmoney",
            "jjckb",
            "unsafe",
            "zqrb",
            "known",
            desk.foreign.server.host,
        }
        known = rows["known"]
        assert (known["style"], known["documents"], known["owed"], known["last_verdict"]) == ("archive", 1, 0, None)
        assert known["last_run"] is None  # its lists were never asked
        assert known["last_new"] > "2024"
        assert rows["cs"]["last_run"] is None
        assert rows["unsafe"]["dormant_since"] == "2024-12"

    def test_table(self, desk: Desk) -> None:
        answer = told("sources", "--output", str(desk.room.output), "--config", str(desk.room.config))
        lines = answer.stdout.splitlines()
        assert lines[0].split()[:2] == ["name", "style"]
        assert re.search(r"(?m)^cs +hexo +never +- +never +0 +0 +中证网$", answer.stdout)
        assert [line for line in lines if line.startswith("known ")]


class TestExtract:
    PAGE = article_page("1001")

    @pytest.mark.parametrize("body", [PAGE, gzip.compress(PAGE)], ids=["plain", "gzip"])
    def test_json(self, body: bytes) -> None:
        answer = told("extract", "-", "--json", stdin=body)
        fields = answer.report
        assert (answer.code, tuple(fields)) == (0, FIELDS)
        assert (fields["title"], fields["date"]) == (title_of("1001"), "2024-05-20T09:30:00+08:00")
        assert fields["text"].split("\n") == text_of("1001")
        assert {name: type(fields[name]) for name in ("author", "images", "evidence")} == {
            "author": list,
            "images": list,
            "evidence": dict,
        }

    def test_zone(self) -> None:
        answer = told("extract", "-", "--zone", "Europe/Berlin", "--json", stdin=self.PAGE)
        assert answer.report["date"] == "2024-05-20T09:30:00+02:00"

    def test_text(self) -> None:
        answer = told("extract", "-", stdin=self.PAGE)
        assert answer.code == 0
        assert answer.stdout.startswith(f"   title: {title_of('1001')}")
        assert answer.stdout.endswith("\n".join(["", *text_of("1001"), ""]))

    @pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"plain words"])
    def test_what_is_no_article_is_exit_1(self, body: bytes) -> None:
        answer = told("extract", "-", "--json", stdin=body)
        assert (answer.code, answer.report["text"]) == (1, "")
        assert answer.report["problem"]

    def test_unknown_zone_is_exit_2(self) -> None:
        answer = told("extract", "-", "--zone", "Mars/Base", stdin=self.PAGE)
        assert (answer.code, "'Mars/Base'" in answer.stderr) == (2, True)

    def test_missing_file_is_exit_2(self) -> None:
        assert told("extract", "/no/such/page.html").code == 2


class TestConvert:
    def test_own_style_gives_the_same_bytes(self, desk: Desk) -> None:
        for path, body in desk.after_second.items():
            answer = told("convert", str(desk.room.output / path))
            assert (answer.code, answer.stdout) == (0, body.decode()), path

    @pytest.mark.parametrize("style", ["hexo", "archive", "jekyll"])
    def test_other_style_keeps_title_and_text(self, desk: Desk, style: str) -> None:
        answer = told("convert", str(desk.room.output / desk.known.path_of("1001")), "--to", style)
        document = frontmatter.loads(answer.stdout.lstrip("\n"))
        assert document["title"] == title_of("1001")
        assert [line for line in text_of("1001") if line not in document.content] == []

    @pytest.mark.parametrize("body", [b"", b"no front matter", b"---\ntitle: x\n---\nbody", b"\xff\xfe"])
    def test_what_is_no_document_is_exit_2(self, body: bytes) -> None:
        answer = told("convert", "-", stdin=body)
        assert (answer.code, answer.stdout) == (2, "")
        assert answer.stderr

    def test_unknown_style_is_exit_2(self, desk: Desk) -> None:
        answer = told("convert", str(desk.room.output / desk.known.path_of("1001")), "--to", "hugo")
        assert (answer.code, "'hugo'" in answer.stderr) == (2, True)
