"""The README says what the program does: every command, flag, exit code, verdict, setting and style."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from conftest import ROOT

from crawler.cli import shiyi
from crawler.configuration import _KEYS
from crawler.errors import ShiyiError
from crawler.models import STYLES, SourceReport, Stage, Verdict

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(shiyi.commands))
def test_every_command_is_in_the_readme_and_has_a_help_text(name: str) -> None:
    assert f"`{name}" in README
    assert shiyi.commands[name].help


FLAGS = sorted(
    {
        flag
        for command in shiyi.commands.values()
        for option in command.params
        for flag in option.opts
        if flag.startswith("--")
    }
)


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_is_in_the_readme(flag: str) -> None:
    assert flag in README


def _all_errors(error: type[ShiyiError]) -> set[int]:
    return {error.exit_code}.union(*(_all_errors(each) for each in error.__subclasses__()))


def test_every_exit_code_is_in_the_readme() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == _all_errors(ShiyiError) | {0}


@pytest.mark.parametrize("word", [*get_args(Verdict), *filter(None, get_args(Stage)), *STYLES])
def test_every_verdict_stage_and_style_is_in_the_readme(word: str) -> None:
    assert f"`{word}`" in README or f"**{word}**" in README


@pytest.mark.parametrize("key", [key for key in _KEYS if key != "source"])
def test_every_setting_is_in_the_readme(key: str) -> None:
    assert re.search(rf"^({key} +=|\[{key}\])", README, re.MULTILINE)


def test_every_field_of_the_report_is_in_the_readme() -> None:
    told = README.partition("for each source `")[2].partition("`;")[0]
    assert [word.strip() for word in told.split(",")] == [
        name for name in SourceReport.__dataclass_fields__ if name not in ("withdrawn", "rechecked")
    ]


def test_the_example_source_is_valid(tmp_path: object) -> None:
    from crawler.engine.spider import NewsSpider

    code = README.partition("```python\n")[2].partition("```")[0]
    names: dict[str, object] = {}
    exec(code, names)
    example = names["Example"]
    assert isinstance(example, type)
    assert issubclass(example, NewsSpider)
    assert example.source.articles == (r"/\d{4}/\d\d/(?P<key>\d+)\.html$",)
