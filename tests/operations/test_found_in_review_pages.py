"""What a review found broken and was mended: single pages, settings, damaged files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from newsroom import Newsroom, Reply, Run, Site, article_page, text_of, title_of, told
from resting import let_the_seven_rest

from crawler.configuration import load
from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.engine.session import Session
from crawler.operations.pages import jobs_for


@dataclass(frozen=True)
class Desk:
    known: Site
    old: Site
    saved: Run
    documents: dict[str, bytes]
    listed: Run
    plain: Run  # `crawl` without a name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Newsroom(tmp_path_factory.mktemp("desk")) as room:
        known, old, new = room.site("known"), room.site("old"), room.site("new")
        for name in ("old", "new"):
            (room.spiders / f"{name}.py").unlink()
        known.publish("1002", "1001")
        old.server.set("/a/2001.html", Reply(status=301, headers={"Location": new.article("2001")}))
        saved = room.start("save", known.url("/a/1001.html"), old.url("/a/2001.html"), *room.flags()).wait()
        documents = room.documents()
        listed = told("sources", "--output", str(room.output), "--config", str(room.config), "--json")
        let_the_seven_rest(room)
        yield Desk(known, old, saved, documents, listed, room.start("crawl", *room.flags()).wait())


class TestSave:
    def test_does_not_make_its_source_not_due(self, desk: Desk) -> None:
        source = desk.plain.source("known")
        assert (source["verdict"], source["reason"]) == ("ok", "")
        assert source["paths"] == [desk.known.path_of("1002")]
        assert [each["name"] for each in desk.plain.report["sources"] if each["verdict"] != "skipped"] == ["known"]

    def test_its_documents_are_counted(self, desk: Desk) -> None:
        row = next(row for row in desk.listed.report["sources"] if row["name"] == "known")
        assert (row["documents"], row["last_run"]) == (1, None)

    def test_page_that_leads_to_another_host_is_stored(self, desk: Desk) -> None:
        source = desk.saved.source(desk.old.server.host)
        assert (source["verdict"], source["saved"]) == ("ok", 1)
        body = desk.documents[source["paths"][0]].decode()
        assert body.endswith("\n\n".join([f"# {title_of('2001')}", *text_of("2001")]))


def test_address_with_and_without_www_is_one_job(tmp_path: Path) -> None:
    urls = ("http://www.news.example/a/1.html", "http://news.example/a/1.html")
    jobs = jobs_for(urls, Options(tmp_path))
    assert [(job.spider.name, job.urls) for job in jobs] == [("news.example", urls)]


# --- wrong use -------------------------------------------------------------------


@pytest.mark.parametrize("kept", [5, 60, -1], ids=["header", "half", "last byte"])
def test_damaged_gzip_is_told_in_a_sentence(kept: int) -> None:
    answer = told("extract", "-", stdin=gzip.compress(article_page("1001"))[:kept])
    assert (answer.code, answer.stdout) == (2, "")
    assert "the file is a damaged gzip: " in answer.stderr


# None of these may reach the web where the settings are not looked at: hence a source that is not there.
@pytest.mark.parametrize("words", ["save http://127.0.0.1/", "try http://127.0.0.1/", "crawl nowhere"])
def test_settings_of_an_unknown_source_are_wrong_use(tmp_path: Path, words: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[source.nope]\ndelay = 1\n")
    answer = told(*words.split(), "--config", str(file), "--output", str(tmp_path / "output"))
    assert (answer.code, answer.stdout) == (2, "")
    assert f"{file}: [source.nope]: unknown source" in answer.stderr


@pytest.mark.parametrize(("environment", "delay"), [("0", 0.0), ("0.25", 0.25), ("", 7.0)])
def test_delay_of_the_environment_wins_over_that_of_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str, delay: float
) -> None:
    file = tmp_path / "shiyi.toml"
    file.write_text("delay = 3\n[source.cs]\ndelay = 7\n")
    monkeypatch.setenv("SHIYI_DELAY", environment)
    session = Session(Options(tmp_path, load(file)))
    assert session.delay_for(SourceLoader().spiders["cs"].source) == delay
