"""Small rooms of the storage: forms of values, the lock, twins, what is put aside. Found unguarded by a mutation run."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.errors import DiskError, LockHeld
from crawler.models import Image, Moment, Precision
from crawler.storage.aside import copy_aside, keep_page, put_aside
from crawler.storage.disk import Disk
from crawler.storage.fields import article_fields, dump, moment_columns, moment_from_columns
from crawler.storage.lock import RunLock
from crawler.storage.submissions import without_twins

SHANGHAI = ZoneInfo("Asia/Shanghai")


# --- moments and fields ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "columns"),
    [
        (None, ("", "", "")),
        # The day is that of the source's zone, which in UTC is another one.
        (Moment(datetime(2026, 10, 12, 0, 30, tzinfo=SHANGHAI), Precision.MINUTE, "page"),
         ("2026-10-12T00:30:00+08:00", "minute", "2026-10-12")),
        (Moment(datetime(2026, 10, 12, tzinfo=SHANGHAI), Precision.DAY, "page"), ("2026-10-12", "day", "2026-10-12")),
    ],
)  # fmt: skip
def test_a_moment_goes_into_columns_and_comes_back(moment: Moment | None, columns: tuple[str, str, str]) -> None:
    assert moment_columns(moment) == columns
    assert moment_from_columns(*columns[:2], "page", SHANGHAI) == moment


def test_a_bare_day_is_a_day_however_it_was_written() -> None:
    back = moment_from_columns("2026-10-12T00:00:00+08:00", "day", "list", SHANGHAI)
    assert back == Moment(datetime(2026, 10, 12, tzinfo=SHANGHAI), Precision.DAY, "list")
    assert moment_from_columns("", "day") is None


def test_an_articles_fields_are_all_but_its_text() -> None:
    article = make_article(authors=("程竹",), images=(Image("https://a.cn/1.jpg"),), evidence={"title": "h1"})
    fields = article_fields(article)
    assert fields["images"] == ["https://a.cn/1.jpg"]
    assert (fields["authors"], fields["evidence"], fields["length"]) == (["程竹"], {"title": "h1"}, len(article.text))
    assert json.loads(dump(fields)) == fields
    assert article.text not in dump(fields)


def test_what_goes_into_json() -> None:
    assert dump({"名": [Image("u", alt="x")], "b": None}) == '{"名":["u"],"b":null}'
    with pytest.raises(TypeError, match="can not be kept as JSON"):
        dump({"day": date(2026, 10, 12)})


# --- twins ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "is_twin"),
    [
        ({"key": "2"}, False),
        ({"key": "1", "text": "别的。", "url": "https://a.cn/b"}, True),
        ({"key": "2", "text": make_article("1").text}, True),
        ({"key": "2", "url": make_article("1").url}, True),
        ({"key": "2", "url": "https://a.cn/b", "addresses": ("https://a.cn/b", make_article("1").url)}, True),
        ({"key": "1", "source": "zqrb"}, False),
        ({"key": make_article("1").url}, False),
    ],
)
def test_who_may_be_decided_together(other: dict[str, object], is_twin: bool) -> None:
    first, second = (1, submission(make_article("1"))), (2, submission(make_article(**other)))  # type: ignore[arg-type]
    assert without_twins([first, second]) == (([first], [second]) if is_twin else ([first, second], []))


def test_the_twin_of_one_who_waits_waits_too() -> None:
    asked = [
        (1, submission(make_article("1"))),
        (2, submission(make_article("1", text="二", url="https://a.cn/2"))),
        (3, submission(make_article("3", text="二", url="https://a.cn/3"))),  # of the second alone
        (4, submission(make_article("4"))),
    ]
    assert without_twins(asked) == ([asked[0], asked[3]], [asked[1], asked[2]])


# --- the lock ---------------------------------------------------------------------------


def test_a_lock_is_held_until_it_is_let_go(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    assert not RunLock.is_held(tmp_path)
    lock.release()  # of what was never taken: nothing
    lock.acquire(command="crawl", since="03:00")
    assert json.loads((tmp_path / "lock.holder").read_text()) == {
        "pid": os.getpid(),
        "since": "03:00",
        "command": "crawl",
    }
    assert RunLock.is_held(tmp_path)
    assert RunLock.is_held(tmp_path)
    lock.release()
    lock.release()
    assert not RunLock.is_held(tmp_path)
    lock.acquire(command="crawl", since="03:01")  # looking has not taken it
    lock.release()


@pytest.mark.parametrize("patience", [0.0, 0.35])
def test_how_long_a_held_lock_is_waited_for(tmp_path: Path, patience: float) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    first.acquire(command="crawl", since="03:00")
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    started, busy = time.monotonic(), time.process_time()
    with pytest.raises(LockHeld):
        second.acquire(command="save", since="03:01", patience=patience)
    waited = time.monotonic() - started
    assert time.process_time() - busy < 0.1  # it sleeps meanwhile
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert waited >= patience
    assert waited < patience + 0.9
    assert json.loads((tmp_path / "lock.holder").read_text())["command"] == "crawl"
    first.release()
    second.acquire(command="save", since="03:02", patience=patience)
    second.release()


def test_others_may_look_at_the_lock(tmp_path: Path) -> None:
    before = os.umask(0o022)
    RunLock(tmp_path).acquire(command="crawl", since="03:00")
    os.umask(before)
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("holder", [None, b"", b"[]", b'{"pid":1}', b"\xff"])
def test_a_holder_that_has_not_said_who_it_is(tmp_path: Path, holder: bytes | None) -> None:
    first = RunLock(tmp_path)
    first.acquire(command="crawl", since="03:00")
    (tmp_path / "lock.holder").unlink()
    if holder is not None:
        (tmp_path / "lock.holder").write_bytes(holder)
    with pytest.raises(LockHeld, match="its holder has not said who it is"):
        RunLock(tmp_path).acquire(command="save", since="03:01")
    first.release()


def test_a_lock_that_can_not_be_opened(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(DiskError, match="can not open the lock"):
        RunLock(tmp_path).acquire(command="crawl", since="03:00")


# --- put aside, never deleted --------------------------------------------------------------


def test_each_thing_that_is_put_aside_gets_a_place_of_its_own(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.make_folder("cs/undated")
    disk.make_folder(".state")
    places = []
    for content in (b"1", b"2", b"3"):
        disk.write_new("cs/undated/1.md", content)
        places.append(put_aside(disk, "cs/undated/1.md", "now"))
    disk.write_new(".state/index.db", b"4")
    places.append(copy_aside(disk, ".state/index.db", "now"))
    base = ".state/quarantine/now"
    assert places == [
        *(f"{base}/cs/undated/1.md", f"{base}/cs/undated/1.md.2", f"{base}/cs/undated/1.md.3", f"{base}/index.db"),
    ]
    assert [disk.read(place) for place in places] == [b"1", b"2", b"3", b"4"]
    assert (disk.read("cs/undated/1.md"), disk.read(".state/index.db")) == (None, b"4")


def test_the_new_name_is_durable_before_the_old_one_goes(tmp_path: Path) -> None:
    done: list[str] = []

    class Watched(Disk):
        def _sync_folder(self, path: Path) -> None:
            done.append(f"sync {path.name}")
            super()._sync_folder(path)

        def _link(self, existing: Path, new: Path) -> None:
            done.append("link")
            super()._link(existing, new)

        def _remove(self, path: Path) -> None:
            done.append("remove")
            super()._remove(path)

    disk = Watched(tmp_path)
    disk.make_folder("cs/undated")
    disk.write_new("cs/undated/1.md", b"1")
    put_aside(disk, "cs/undated/1.md", "now")
    assert done[-4:] == ["link", "sync undated", "remove", "sync undated"]


def test_a_doubtful_page_is_kept_once_and_replaced_by_a_newer_one(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.make_folder(".state/tmp")
    path = ".state/quarantine/cs/1001.html"
    assert keep_page(disk, "cs", "1001", b"1") == path
    os.utime(tmp_path / path, ns=(1, 1))
    assert keep_page(disk, "cs", "1001", b"1") == path
    assert disk.written(path) == 1
    keep_page(disk, "cs", "1001", b"2")
    keep_page(disk, "cs", "1002", b"3")
    assert (disk.read(path), disk.read(path.replace("1001", "1002"))) == (b"2", b"3")
    assert list((tmp_path / ".state/tmp").iterdir()) == []


def test_a_page_that_a_dead_run_was_keeping_is_kept_now_and_durable(tmp_path: Path) -> None:
    synced: list[str] = []

    class Dying(Disk):
        dies = True

        def _replace(self, existing: Path, target: Path) -> None:
            if self.dies:
                raise KeyboardInterrupt
            super()._replace(existing, target)

        def _sync_folder(self, path: Path) -> None:
            synced.append(path.name)
            super()._sync_folder(path)

    disk = Dying(tmp_path)
    disk.make_folder(".state/tmp")
    with pytest.raises(KeyboardInterrupt):
        keep_page(disk, "cs", "1001", b"1")
    disk.dies = False
    synced.clear()
    assert disk.read(keep_page(disk, "cs", "1001", b"1")) == b"1"
    assert synced == ["cs"]


def test_the_zone_of_a_moment_is_kept() -> None:
    utc = Moment(datetime(2026, 10, 11, 16, 30, tzinfo=UTC), Precision.MINUTE, "page")
    back = moment_from_columns(*moment_columns(utc)[:2], "page", SHANGHAI)
    assert back is not None
    assert (back.at, back.at.utcoffset(), back.day) == (utc.at, utc.at.utcoffset(), date(2026, 10, 11))
