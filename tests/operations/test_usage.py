"""Wrong use is told before any request, with the value and what is allowed: exit 2. A bad folder: exit 3."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom, told


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom(tmp_path_factory.mktemp("usage")) as room:
        room.site("one").publish("1001")
        yield room


@pytest.fixture(autouse=True)
def nothing_is_asked_for(room: Newsroom) -> Iterator[None]:
    log = room.sites["one"].server.log
    before = len(log)
    yield
    assert [seen.path for seen in log[before:]] == []


WORDS = {
    "unknown-source": (["crawl", "nosuch"], ["unknown source 'nosuch'", "there are 4hou, bjwb, cs", "one"]),
    "unknown-among-known": (["crawl", "one", "nosuch"], ["unknown source 'nosuch'"]),
    "names-and-all": (["crawl", "one", "--all"], ["--all"]),
    "style": (["crawl", "one", "--style", "hugo"], ["'hugo'", "'hexo', 'archive', 'jekyll'"]),
    "since-word": (["crawl", "one", "--since", "yesterday"], ["'yesterday'", "YYYY-MM-DD"]),
    "since-no-such-day": (["crawl", "one", "--since", "2026-02-30"], ["'2026-02-30'", "YYYY-MM-DD"]),
    "limit-zero": (["crawl", "one", "--limit", "0"], ["--limit", "0", "x>=1"]),
    "limit-word": (["crawl", "one", "--limit", "many"], ["'many'"]),
    "delay-negative": (["crawl", "one", "--delay", "-1"], ["--delay", "-1.0", "0<=x<=3600"]),
    "allow-address": (["crawl", "one", "--allow-address", "10.0.0.0/99"], ["'10.0.0.0/99'", "192.168.0.0/16"]),
    "allow-name": (["crawl", "one", "--allow-address", "localhost"], ["'localhost'", "no address range"]),
    "flag": (["crawl", "one", "--frobnicate"], ["--frobnicate"]),
    "command": (["collect"], ["'collect'"]),
    "replay-missing": (["crawl", "one", "--replay", "/no/such.warc.gz"], ["/no/such.warc.gz", "No such file"]),
    "replay-no-warc": (["crawl", "one", "--replay", __file__], ["test_usage.py", "not a WARC file"]),
    "save-word": (["save", "hello"], ["'hello'", "full http or https address"]),
    "save-file": (["save", "file:///etc/passwd"], ["file:///etc/passwd", "http"]),
    "save-userinfo": (["save", "http://me:secret@127.0.0.1/a/1001.html"], ["user name", "http"]),
    "save-backslash": (["save", "http://a.example\\@127.0.0.1/"], ["backslash"]),
    "save-long": (["save", "http://a.example/" + "x" * 3000], ["2083"]),
    "save-nothing": (["save"], ["URL"]),
    "try-word": (["try", "hello"], ["'hello'", "full http or https address"]),
}  # fmt: skip


def words_of(room: Newsroom, case: str, output: Path) -> list[str]:
    (command, *rest), _ = WORDS[case]
    return [command, *(room.flags() if command != "collect" else []), "--output", str(output), *rest]


@pytest.mark.parametrize("case", WORDS)
def test_words(room: Newsroom, tmp_path: Path, case: str) -> None:
    output = tmp_path / "output"
    plain = told(*[word for word in words_of(room, case, output) if word != "--json"])
    assert (plain.code, plain.stdout) == (2, "")
    assert [part for part in WORDS[case][1] if part not in plain.stderr] == []
    assert not output.exists()  # nothing is opened before words are checked


def test_delay_that_is_no_number(room: Newsroom, tmp_path: Path) -> None:
    # In a process of its own: taken for a number, it would start the reactor.
    flags = [*room.flags(delay="nan"), "--output", str(tmp_path / "output")]
    run = room.start("crawl", "one", *flags).wait()
    assert (run.code, "nan" in run.stdout) == (2, True)


@pytest.mark.parametrize("case", [case for case, (words, _) in WORDS.items() if words[0] in ("crawl", "save")])
def test_json(room: Newsroom, tmp_path: Path, case: str) -> None:
    answer = told(*words_of(room, case, tmp_path / "output"))
    fields = json.loads(answer.stdout)
    assert (answer.code, list(fields), fields["exit_code"]) == (2, ["exit_code", "error"], 2)
    assert [part for part in WORDS[case][1] if part not in fields["error"]] == []


CONFIGURATIONS: dict[str, tuple[str | bytes, list[str]]] = {
    "key": ('colour = "red"', ["unknown key 'colour'", "allowed are contact, delay"]),
    "source-key": ("[source.one]\nstile = 'hexo'", ["[source.one]", "unknown key 'stile'", "style, delay"]),
    "source-name": ("[source.nosuch]\ndelay = 2", ["[source.nosuch]", "unknown source", "one"]),
    "source-is-no-table": ("source = 3", ["source", "[source.cs]"]),
    "style": ("[source.one]\nstyle = 'hugo'", ["[source.one]", "'hugo'", "hexo, archive, jekyll"]),
    "delay-word": ("delay = 'slow'", ["delay", "'slow'", "from 0 to 3600"]),
    "delay-negative": ("delay = -1", ["delay", "-1", "from 0 to 3600"]),
    "delay-true": ("delay = true", ["delay", "True"]),
    "contact-number": ("contact = 3", ["contact", "3"]),
    "contact-lines": ('contact = "a\\nb: c"', ["contact"]),
    "spiders": ("spiders = 'nowhere'", ["spiders", "nowhere"]),
    "no-toml": ("delay 3", ["no TOML"]),
    "no-utf-8": (b"contact = '\xff'", ["no TOML"]),
}


@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_configuration(room: Newsroom, tmp_path: Path, case: str) -> None:
    text, parts = CONFIGURATIONS[case]
    config = tmp_path / "shiyi.toml"
    spiders = b"" if case == "spiders" else f'spiders = "{room.spiders}"\n'.encode()
    config.write_bytes(spiders + (text if isinstance(text, bytes) else text.encode()))
    answer = told("crawl", "one", "--config", str(config), "--output", str(tmp_path / "output"))
    assert answer.code == 2
    assert [part for part in ["shiyi.toml", *parts] if part not in answer.stderr] == []
    assert not (tmp_path / "output").exists()


def test_configuration_that_is_not_there(room: Newsroom) -> None:
    answer = told("crawl", "one", "--config", "/no/such.toml")
    assert (answer.code, "/no/such.toml" in answer.stderr) == (2, True)


@pytest.mark.parametrize(("name", "value"), [("SHIYI_DELAY", "soon"), ("SHIYI_DELAY", "-3"), ("SHIYI_CONFIG", "/no")])
def test_environment(room: Newsroom, name: str, value: str) -> None:
    words = ["crawl", "one", "--output", str(room.output)]
    answer = told(*words, env={name: value})
    assert answer.code == 2
    assert value in answer.stderr


# --- folders that can not be used: exit 3, before any request --------------------


def a_file(folder: Path) -> Path:
    path = folder / "file"
    path.write_text("mine")
    return path


def below_a_file(folder: Path) -> Path:
    return a_file(folder) / "output"


def read_only(folder: Path) -> Path:
    if os.getuid() == 0:
        pytest.skip("root may write anywhere")
    folder.chmod(0o500)
    return folder / "output"


def state_is_a_file(folder: Path) -> Path:
    (folder / ".state").write_text("mine")
    return folder


def state_is_a_link(folder: Path) -> Path:
    (folder / "elsewhere").mkdir()
    (folder / ".state").symlink_to(folder / "elsewhere")
    return folder


def foreign_index(folder: Path) -> Path:
    (folder / ".state").mkdir()
    with sqlite3.connect(folder / ".state" / "index.db") as index:
        index.execute("CREATE TABLE bookmarks (url TEXT)")
    return folder


def newer_index(folder: Path) -> Path:
    (folder / ".state").mkdir()
    with sqlite3.connect(folder / ".state" / "index.db") as index:
        index.executescript("CREATE TABLE article (id); PRAGMA application_id = 0x53495931; PRAGMA user_version = 99")
    return folder


def garbage_index(folder: Path) -> Path:
    (folder / ".state").mkdir()
    (folder / ".state" / "index.db").write_bytes(b"no database" * 1000)
    return folder


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (a_file, ["file"]),
        (below_a_file, ["file", "Not a directory", "--output"]),
        (read_only, ["Permission denied", "--output"]),
        (state_is_a_file, [".state", "move it away"]),
        (state_is_a_link, [".state", "is not a folder"]),
        (foreign_index, ["index.db", "another program", "--output"]),
        (newer_index, ["index.db", "newer Shiyi", "99"]),
        (garbage_index, ["index.db", "no SQLite file"]),
    ],
)
def test_folder(room: Newsroom, tmp_path: Path, make: Callable[[Path], Path], parts: list[str]) -> None:
    output = make(tmp_path)
    words = ["crawl", "one", "--config", str(room.config), "--output", str(output)]
    before = sorted(tmp_path.rglob("*.db")) and (tmp_path / ".state" / "index.db").read_bytes()
    answer = told(*words, "--json")
    fields = json.loads(answer.stdout)
    assert (answer.code, list(fields), fields["exit_code"]) == (3, ["exit_code", "error"], 3)
    assert [part for part in parts if part not in fields["error"]] == []
    assert (sorted(tmp_path.rglob("*.db")) and (tmp_path / ".state" / "index.db").read_bytes()) == before
