"""`changes`: a gap-free sequence that a consumer follows with one cursor, over kills and beside a running crawl."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_article, submission
from full_library import LATER, fill, render_truly
from newsroom import Newsroom, Run, clean_environment, told

from crawler.errors import IndexFault, UsageError
from crawler.storage import filing
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from crawler.storage.log import changes, newest, position
from crawler.storage.replay import fill_gaps

FIELDS = ["cursor", "seq", "op", "source", "key", "url", "path", "sha256", "at"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "output")
    return tmp_path / "output"


def run(folder: Path, *words: str) -> Run:
    return told("changes", "--output", str(folder), *words)


def lines(folder: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(folder, "--json", *words).stdout.splitlines()]


def test_every_change_is_one_line_with_nine_fields(folder: Path) -> None:
    found = lines(folder)
    assert [(line["seq"], line["op"], line["key"]) for line in found] == [
        (1, "add", "1001"), (2, "add", "1002"), (3, "add", "1003"), (4, "revise", "1002"), (5, "add", "1004"),
    ]  # fmt: skip
    assert {tuple(line) for line in found} == {tuple(FIELDS)}
    identity = newest(folder).collection
    assert found[0] == {
        "cursor": f"{identity}:1",
        "seq": 1,
        "op": "add",
        "source": "cs",
        "key": "1001",
        "url": "https://www.cs.com.cn/xwzx/202610/t20261011_1001.html",
        "path": "cs/2026/10/2026-10-11-1001.md",
        "sha256": hashlib.sha256((folder / "cs/2026/10/2026-10-11-1001.md").read_bytes()).hexdigest(),
        "at": "2026-10-12T08:00:00+00:00",
    }


def test_a_cursor_given_back_is_followed_by_the_next_change(folder: Path) -> None:
    cursors = [line["cursor"] for line in lines(folder)]
    for number, cursor in enumerate(cursors, 1):
        assert [line["cursor"] for line in lines(folder, "--after", cursor)] == cursors[number:]
    assert [line["seq"] for line in lines(folder, "--after", "3")] == [4, 5]
    assert [line["seq"] for line in lines(folder, "--after", "0", "--limit", "2")] == [1, 2]
    nothing = run(folder, "--after", cursors[-1])
    assert (nothing.code, nothing.stdout, "nothing has changed" in nothing.stderr) == (0, "", True)


def test_a_person_reads_columns(folder: Path) -> None:
    heads, first, *_ = run(folder).stdout.splitlines()
    assert heads.split() == ["cursor", "op", "at", "source", "key", "sha256", "path", "url"]
    assert [heads.index(word) for word in ("op", "source", "path")] == [
        first.index(word) for word in ("add", "cs ", "cs/2026")
    ]


def test_a_cursor_that_means_no_place_is_exit_2_and_changes_nothing(folder: Path) -> None:
    identity = newest(folder).collection
    cases = {
        "0123456789abcdef:3": "of another collection",
        f"{identity}:6": "beyond the last change, 5: the index was restored from an older backup",
        "6": "beyond the last change",
        "gaga": "is no cursor",
        f"{identity}:": "is no cursor",
        f"{identity}:-1": "is no cursor",
        f"{identity}:٣": "is no cursor",
        "": "is no cursor",
        "1" * 40: "is no cursor",
        "0; DROP TABLE change": "is no cursor",
    }
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "db-" not in path.name}
    for cursor, sentence in cases.items():
        refused = run(folder, "--after", cursor)
        assert (refused.code, refused.stdout, sentence in refused.stderr) == (2, "", True), (cursor, refused.stderr)
    assert {path: path.read_bytes() for path in before} == before


def test_where_there_is_nothing_to_read(tmp_path: Path) -> None:
    nowhere = run(tmp_path / "nowhere")
    assert (nowhere.code, "there is no collection" in nowhere.stderr) == (2, True)
    assert not (tmp_path / "nowhere").exists()
    fill(tmp_path / "output")
    (tmp_path / "output/.state/index.db").write_bytes(b"no SQLite at all" * 100)
    broken = run(tmp_path / "output", "--json")
    assert (broken.code, json.loads(broken.stdout)["exit_code"]) == (3, 3)
    (tmp_path / "output/.state/index.db").write_bytes(b"")
    empty = run(tmp_path / "output")
    assert (empty.code, "is an empty file" in empty.stderr) == (3, True)


# --- what else the log may hold --------------------------------------------------------


def test_a_lost_number_keeps_the_sequence_whole_and_names_no_article(folder: Path) -> None:
    library = Library(Disk(folder))
    with library.index.transaction() as connection:
        line = {"seq": 8, "op": "add", "source": "cs", "key": "9", "url": "", "path": "", "sha256": ""}
        filing.log_change(connection, line | {"at": LATER.isoformat()})
        fill_gaps(connection, LATER.isoformat())
    library.index.close()
    found = lines(folder, "--after", "5")
    assert [(line["seq"], line["op"], line["source"] + line["key"] + line["path"]) for line in found] == [
        (6, "lost", ""), (7, "lost", ""), (8, "add", "cs9"),
    ]  # fmt: skip
    assert list(found[0]) == FIELDS


def test_a_kind_of_change_that_concerns_no_text_brings_its_own_fields(folder: Path) -> None:
    library = Library(Disk(folder))
    with library.index.transaction() as connection:
        line = {"seq": 6, "op": "regroup", "source": "cs", "key": "1001", "url": "u", "path": "p", "sha256": "s"}
        more = {"at": LATER.isoformat(), "story": 7, "primary": "cs/1001", "members": ["cs/1001", "4hou/r7GB"]}
        filing.log_change(connection, line | more)
    library.index.close()
    [found] = lines(folder, "--after", "5")
    assert list(found) == [*FIELDS, "story", "primary", "members"]
    assert (found["op"], found["members"]) == ("regroup", ["cs/1001", "4hou/r7GB"])


def test_a_withdrawal_is_a_change_of_its_own(folder: Path) -> None:
    library = Library(Disk(folder))
    library.recover(LATER)
    library.withdraw([(look, "HTTP 404") for look in library.looks.of_key("cs", "1001")], LATER)
    library.close()
    [found] = lines(folder, "--after", "5")
    assert (found["op"], found["key"], list(found)) == ("withdraw", "1001", FIELDS)
    assert (folder / found["path"]).is_file()


def test_an_index_that_was_made_again_tells_the_same_sequence(folder: Path) -> None:
    before = lines(folder)
    (folder / ".state/index.db").unlink()
    assert told("verify", "--rebuild-index", "--output", str(folder)).code == 0
    assert lines(folder) == before
    assert lines(folder, "--after", before[2]["cursor"]) == before[3:]


# --- following -----------------------------------------------------------------------


class Follower:
    """`changes --follow --json` as a process; ``take`` gives whole lines only."""

    def __init__(self, folder: Path, after: str = "0"):
        command = [sys.executable, "-P", "-m", "crawler", "changes", "--follow", "--json", "--after", after]
        self.process = subprocess.Popen(
            [*command, "--output", str(folder)],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def take(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.endswith(b"\n"):
                return  # torn by a kill: it comes again
            yield json.loads(line)

    def end(self, number: int) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_follow_waits_for_more_and_ends_by_a_signal(folder: Path, number: int) -> None:
    follower = Follower(folder, "4")
    taken = follower.take()
    assert next(taken)["seq"] == 5
    library = Library(Disk(folder))
    library.recover(LATER)
    library.store([submission(make_article("6006"), style="archive", render=render_truly)], LATER)
    assert next(taken)["key"] == "6006"
    library.close()
    assert follower.end(number) == (0, "")


def test_follow_ends_when_nobody_reads_any_more(folder: Path) -> None:
    follower = Follower(folder, "4")
    assert next(follower.take())["seq"] == 5
    assert follower.process.stdout is not None
    follower.process.stdout.close()
    assert follower.process.wait(20) == 0
    assert follower.process.stderr is not None
    assert follower.process.stderr.read() == b""


def test_a_reader_that_takes_only_the_first_line_is_no_error(folder: Path) -> None:
    library = Library(Disk(folder))
    with library.index.transaction() as connection:
        for seq in range(6, 3000):
            line = {"seq": seq, "op": "add", "source": "cs", "key": "9", "url": "u" * 99, "path": "", "sha256": ""}
            filing.log_change(connection, line | {"at": LATER.isoformat()})
    library.index.close()
    command = f"{sys.executable} -P -m crawler changes --json --output {folder} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert (done.stdout.splitlines()[1:], done.stderr) == (["0"], "")


def test_following_an_index_that_became_another_one_stops_with_a_sentence(folder: Path) -> None:
    start = position(folder, 3)

    def follow(what: str) -> None:
        def wait() -> bool:
            library = Library(Disk(folder))
            with library.index.transaction() as connection:
                connection.execute(what)
            library.index.close()
            return True

        for _ in changes(folder, start, wait):
            pass

    with pytest.raises(UsageError, match="beyond the last change, 4"):
        follow("DELETE FROM change WHERE seq > 4")
    with pytest.raises(UsageError, match="of another collection"):
        follow("UPDATE collection SET id = 'another'")
    (folder / ".state/index.db").unlink()
    with pytest.raises(IndexFault, match="missing"):
        list(changes(folder, start))


WRITER = """
import sys; sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from datetime import timedelta
from conftest import NOW, make_article, submission
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from full_library import render_truly
library = Library(Disk(Path(sys.argv[3])))
library.recover(NOW)
print("go", flush=True)
for number in range(1, 61):
    now = NOW + timedelta(minutes=number)
    new = [make_article(f"{number}-{each}") for each in range(7)]
    revised = make_article(f"{max(1, number - 1)}-0", text=f"更正{number}", html=f"<p>更正{number}</p>")
    library.store([submission(each, style="archive", render=render_truly) for each in (*new, revised)], now)
library.close()
"""


def test_a_consumer_that_keeps_one_cursor_misses_nothing_and_sees_nothing_twice(tmp_path: Path) -> None:
    """It is killed again and again while a writer is at work; what it has taken is what the journal tells."""
    folder, pick = tmp_path / "output", random.Random(5)
    command = [sys.executable, "-c", WRITER, str(ROOT), str(ROOT / "tests"), str(folder)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    seen: list[tuple[int, str, str]] = []
    cursor, kills = "0", 0
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "go\n"
        deadline = time.monotonic() + 90
        while writer.poll() is None or cursor != str(newest(folder)):
            assert time.monotonic() < deadline
            follower, wanted = Follower(folder, cursor), pick.randint(1, 90)
            for line in follower.take():
                seen.append((line["seq"], line["op"], line["sha256"]))
                cursor, wanted = line["cursor"], wanted - 1
                if wanted == 0 or (writer.poll() is not None and cursor == str(newest(folder))):
                    break
            kills += follower.end(signal.SIGKILL)[0] == -signal.SIGKILL
    finally:
        writer.kill()
        writer.wait()
    assert kills > 3
    journal = [json.loads(line) for file in (folder / ".state/journal").iterdir() for line in file.open()]
    assert seen == [(line["seq"], line["op"], line["sha256"]) for line in journal]
    assert [seq for seq, _, _ in seen] == list(range(1, len(journal) + 1))


def test_a_follower_beside_a_real_crawl_gets_every_document(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        site = room.site("one")
        site.publish("1001", "1002")
        assert room.crawl().code == 0
        follower = Follower(room.output)
        keys = [f"{number}" for number in range(1012, 1000, -1)]
        site.publish(*keys)
        assert room.crawl("one").code == 0
        taken = follower.take()
        found = {line["path"]: line["sha256"] for line in (next(taken) for _ in keys)}
        assert follower.end(signal.SIGTERM)[0] == 0
        assert found == {path: hashlib.sha256(raw).hexdigest() for path, raw in room.documents().items()}
