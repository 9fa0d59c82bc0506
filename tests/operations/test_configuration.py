"""shiyi.toml and SHIYI_*: what is read, and that flags win over environment over file."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.commands.running import options_of
from crawler.configuration import Configuration, SourceSettings, load
from crawler.errors import UsageError

FULL = """\
contact = "https://archive.example/contact"
delay = 2
site = "https://site.example/"
output = "collected"
spiders = "own"

[source.cs]
style = "jekyll"
delay = 0.5

[source.4hou]
delay = 0
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHIYI_CONFIG", "SHIYI_OUTPUT", "SHIYI_CONTACT", "SHIYI_DELAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    path = tmp_path / "shiyi.toml"
    path.write_text(FULL, encoding="utf-8")
    return path


def test_every_setting(file: Path) -> None:
    assert load(file) == Configuration(
        contact="https://archive.example/contact",
        delay=2.0,
        site="https://site.example",
        output=file.parent / "collected",
        spiders=file.parent / "own",
        sources={"cs": SourceSettings("jekyll", 0.5), "4hou": SourceSettings(None, 0.0)},
    )


def test_file_named_by_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIYI_CONFIG", str(file))
    assert load().contact == "https://archive.example/contact"


def test_empty_file_sets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shiyi.toml"
    path.write_text("")
    assert load(path) == Configuration()
    assert load(path).for_source("cs") == SourceSettings()


def test_environment_wins_over_file(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHIYI_CONTACT", "mailto:me@site.example")
    monkeypatch.setenv("SHIYI_DELAY", "4.5")
    monkeypatch.setenv("SHIYI_OUTPUT", str(tmp_path / "elsewhere"))
    found = load(file)
    assert (found.contact, found.forced_delay, found.output) == ("mailto:me@site.example", 4.5, tmp_path / "elsewhere")


def test_flags_win_over_environment(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHIYI_OUTPUT", str(tmp_path / "elsewhere"))
    options = options_of("crawl", {"config": file, "output": tmp_path / "flag", "delay": 9.0})
    assert (options.output, options.delay) == (tmp_path / "flag", 9.0)


def test_replay_keeps_out_of_the_collection(file: Path) -> None:
    options = options_of("crawl", {"config": file, "replay": Path("web.warc.gz")})
    assert options.output.name == "replay-output"


WRONG = [
    ("delay = 3601", "delay: 3601 is no number of seconds from 0 to 3600"),
    ("delay = nan", "delay: nan is no number of seconds"),
    ("delay = inf", "delay: inf is no number of seconds"),
    ("delay = '2'", "delay: '2' is no number of seconds"),
    ("delay = true", "delay: True is no number of seconds"),
    ("contact = ['a']", "contact: ['a'] is no line of text"),
    ('contact = "a\\nInjected: yes"', "contact: 'a\\nInjected: yes' is no line of text"),
    ("site = 3", "site: 3 is no line of text"),
    ("output = 3", "output: 3 is no line of text"),
    ("spiders = 'nowhere'", "spiders: there is no folder"),
    ("proxy = 'x'", "unknown key 'proxy'; allowed are contact, delay, site, output, spiders, source"),
    ("[source]\ncs = 3", "source: write one table a source, for instance [source.cs]"),
    ("[source.cs]\nstyle = 'hugo'", "[source.cs]: style: 'hugo' is none of hexo, archive, jekyll"),
    ("[source.cs]\nlimit = 3", "[source.cs]: unknown key 'limit'; allowed are style, delay"),
    ("[source.cs]\ndelay = -1", "[source.cs]: delay: -1 is no number of seconds"),
    ("delay = ", "the configuration is no TOML"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=[text for text, _ in WRONG])
def test_wrong_value_names_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "shiyi.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SHIYI_DELAY", "soon", "SHIYI_DELAY: 'soon' is no number of seconds"),
        ("SHIYI_DELAY", "-1", "SHIYI_DELAY: -1.0 is no number of seconds"),
        ("SHIYI_DELAY", "nan", "SHIYI_DELAY: nan is no number of seconds"),
        ("SHIYI_CONTACT", "a\nInjected: yes", "SHIYI_CONTACT: 'a\\nInjected: yes' is no line of text"),
        ("SHIYI_CONFIG", "/no/such.toml", "the configuration can not be read: /no/such.toml"),
    ],
)
def test_wrong_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        load()
    assert sentence in str(caught.value)
