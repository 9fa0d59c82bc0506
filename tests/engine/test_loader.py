"""The user's own folder of source files: what is found, and what one bad file costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from newsroom import Newsroom, Run, told

from crawler.engine.loader import SourceLoader
from crawler.errors import SourceError

SOURCE = """\
from crawler.engine.spider import NewsSpider


class Example(NewsSpider):
    name, title, home, hosts, style = "{name}", "示例", "https://a.example/", "a.example", "archive"
{more}
"""


def write(folder: Path, file: str, name: str = "example", more: str = "") -> None:
    (folder / file).write_text(SOURCE.format(name=name, more=more), encoding="utf-8")


def test_own_sources_join_the_seven(tmp_path: Path) -> None:
    write(tmp_path, "example.py")
    write(tmp_path, "_draft.py", name="draft")
    (tmp_path / "notes.txt").write_text("no source")
    assert SourceLoader(tmp_path).list() == ["4hou", "bjwb", "cs", "eastmoney", "example", "jjckb", "unsafe", "zqrb"]


def test_base_class_of_the_users_own_is_no_source(tmp_path: Path) -> None:
    write(tmp_path, "example.py")
    with (tmp_path / "example.py").open("a") as file:
        file.write(
            "\n\nclass Base(NewsSpider):\n    body = 'div.text'\n\n\nclass Other(Base):\n    name, title = 'other', '别'\n"
        )
        file.write("    home, hosts, style = 'https://b.example/', 'b.example', 'archive'\n")
    loader = SourceLoader(tmp_path)
    assert {"example", "other"} <= set(loader.list())
    assert loader.spiders["other"].source.body == ("div.text",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("class Broken(\n", "SyntaxError"),
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "SystemExit"),
        ("\x00", "null bytes"),
    ],
    ids=["syntax", "import", "error", "exit", "nul"],
)
def test_broken_file_is_named_and_costs_itself(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "broken.py").write_text(text)
    write(tmp_path, "example.py")
    loader = SourceLoader(tmp_path)
    assert "example" in loader.spiders
    assert list(loader.broken) == ["broken"]
    assert "broken.py" in loader.broken["broken"]
    assert reason in loader.broken["broken"]


@pytest.mark.parametrize("name", ["cs", "example"])
def test_two_sources_of_one_name_stop_the_program(tmp_path: Path, name: str) -> None:
    write(tmp_path, "example.py")
    write(tmp_path, "second.py", name=name)
    with pytest.raises(SourceError, match=f"two sources are named '{name}'") as caught:
        SourceLoader(tmp_path)
    assert caught.value.exit_code == 2


def test_typo_stops_the_program_with_file_attribute_and_suggestion(tmp_path: Path) -> None:
    write(tmp_path, "example.py", more="    boby = 'div.text'")
    config = tmp_path / "shiyi.toml"
    config.write_text('spiders = "."\n')
    answer = told("crawl", "example", "--config", str(config), "--output", str(tmp_path / "output"))
    assert answer.code == 2
    assert "/example.py: Example: unknown attribute 'boby'; did you mean 'body'?" in answer.stderr
    assert not (tmp_path / "output").exists()


# --- a run with broken files ---------------------------------------------------


@dataclass(frozen=True)
class Mixed:
    run: Run
    alone: Run
    again: Run  # what "rash" could not do is owed by now


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mixed]:
    with Newsroom(tmp_path_factory.mktemp("mixed")) as room:
        for name in ("sound", "careless", "rash"):
            room.site(name).publish("1003", "1002", "1001")
        (room.spiders / "torn.py").write_text("class Torn(\n")
        for name, text in (
            ("careless", "    def read_list(self, page, entry):\n        return self.nothing\n"),
            ("rash", "    def article_url(self, candidate):\n        raise KeyError(candidate.key)\n"),
        ):
            with (room.spiders / f"{name}.py").open("a") as file:
                file.write(f"\n{text}")
        run = room.crawl("sound", "careless", "rash", "torn")
        alone = told("crawl", "torn", *room.flags())  # nothing to crawl: no reactor
        yield Mixed(run, alone, room.crawl("rash"))


def test_other_sources_run(mixed: Mixed) -> None:
    assert (mixed.run.source("sound")["verdict"], mixed.run.source("sound")["saved"]) == ("ok", 3)


def test_broken_file_is_a_failing_source(mixed: Mixed) -> None:
    source = mixed.run.source("torn")
    assert (source["verdict"], source["stage"]) == ("failing", "fetch")
    assert "torn.py can not be loaded: SyntaxError" in source["reason"]
    assert mixed.run.code == 1


def test_broken_file_named_alone_is_told_too(mixed: Mixed) -> None:
    assert (mixed.alone.code, mixed.alone.source("torn")["verdict"]) == (1, "failing")


@pytest.mark.parametrize(("name", "reason"), [("careless", "AttributeError"), ("rash", "KeyError")])
def test_method_that_raises_is_a_failing_source(mixed: Mixed, name: str, reason: str) -> None:
    source = mixed.run.source(name)
    assert (source["verdict"], source["saved"]) == ("failing", 0)
    assert reason in source["reason"]


def test_method_that_raises_over_a_debt_is_told_too(mixed: Mixed) -> None:
    source = mixed.again.source("rash")
    assert (source["verdict"], source["owed"]) == ("failing", 3)
