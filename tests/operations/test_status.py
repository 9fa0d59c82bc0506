"""What a person, a monitor and a webhook are told of sources over many runs: real runs, a real server for both."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from newsroom import Newsroom, Reply, Run, told
from server import Server, html

PARKED = html(
    b"<html lang='en'><head><title>paper.example is for sale</title></head><body><h1>This domain is for sale</h1>"
    b"<p>Buy now! Best casino bonus of the year.</p><a href='/casino/1'>Casino</a></body></html>"
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as newsroom:
        for name in ("paper", "other"):
            newsroom.site(name).publish("1003", "1002", "1001")
        yield newsroom


def break_list(room: Newsroom, name: str = "paper") -> None:
    room.sites[name].server.set("/news/", html("<html><body><p>改版中</p></body></html>".encode()))


def mend_list(room: Newsroom, name: str = "paper") -> None:
    room.sites[name].publish("1004", "1003", "1002", "1001")


def status(room: Newsroom, *flags: str) -> Run:
    return told("status", "--output", str(room.output), "--config", str(room.config), *flags)


def source(room: Newsroom, name: str) -> dict[str, Any]:
    run = status(room, "--json")
    return next(each for each in run.report["sources"] if each["name"] == name)


class TestStatus:
    def test_before_any_run(self, room: Newsroom) -> None:
        run = status(room)
        assert run.code == 0
        assert "no run yet" in run.stdout
        assert "begin with: ./run crawl" in run.stdout

    def test_all_well(self, room: Newsroom) -> None:
        room.crawl()
        run = status(room)
        assert run.code == 0
        assert run.stdout.startswith("9 sources: 2 well, 7 new · last run 0 s ago, exit code 0 · 6 documents")
        assert re.search(r"well  paper +last new \d+ s ago, 3 documents", run.stdout)

    def test_one_bad_run_is_none_yet_two_are_named_with_reason_since_and_advice(self, room: Newsroom) -> None:
        room.crawl()
        break_list(room)
        first = room.crawl()
        assert (first.code, source(room, "paper")["state"]) == (1, "well")
        room.crawl()
        bad = source(room, "paper")
        assert (bad["state"], bad["stage"]) == ("failing", "list")
        assert "no article found on the list" in bad["reason"]
        assert "rows" in bad["advice"]
        assert datetime.fromisoformat(bad["since"]) == datetime.fromisoformat(first.report["finished"])
        run = status(room)
        assert run.code == 1
        assert "why: list: " in run.stdout
        assert "do:  compare the list in a browser" in run.stdout
        assert "last well" in run.stdout

    def test_one_good_run_makes_it_well_again(self, room: Newsroom) -> None:
        for act in (None, break_list, None, mend_list):
            if act:
                act(room)
            room.crawl()
        assert (source(room, "paper")["state"], status(room).code) == ("well", 0)

    def test_G4_another_site_under_the_address_is_failing_and_nothing_of_it_is_saved(self, room: Newsroom) -> None:
        room.crawl()
        before = room.documents()
        server = room.sites["paper"].server
        for path in ("/news/", "/", "/a/1004.html", "/a/1003.html", "/a/1002.html", "/a/1001.html"):
            server.set(path, PARKED)
        for _ in range(2):
            assert room.crawl().source("paper")["verdict"] == "failing"
        assert room.documents() == before
        assert source(room, "paper")["state"] == "failing"

    def test_gaps_and_frozen_pages_are_listed_with_what_to_do(self, room: Newsroom) -> None:
        room.crawl()
        with sqlite3.connect(room.output / ".state" / "index.db") as connection:
            connection.execute(
                "INSERT INTO gap (source, list, since, until, found, run_id) VALUES "
                "('paper', 'http://x/news/', '2026-11-01T10:00+08:00', '2026-11-01T12:00+08:00', '2026-11-01', 'r')"
            )
            connection.execute(
                "INSERT OR REPLACE INTO look (article, source, due, frozen) "
                "SELECT id, source, '', 'its text has gone back' FROM article WHERE key = '1001' AND source = 'other'"
            )
        connection.close()
        run = status(room)
        assert "paper  http://x/news/: 2026-11-01T10:00+08:00 to 2026-11-01T12:00+08:00" in run.stdout
        assert "./run backfill paper --since 2026-11-01" in run.stdout
        assert "other  its text has gone back" in run.stdout
        assert run.code == 0

    def test_a_broken_source_file_is_named_and_the_others_are_not_hurt(self, room: Newsroom) -> None:
        room.crawl()
        (room.spiders / "third.py").write_text("this is no Python\n", encoding="utf-8")
        run = status(room)
        assert run.code == 1
        assert "broken  third" in run.stdout

    def test_no_terminal_codes_from_a_page_reach_the_terminal(self, room: Newsroom) -> None:
        room.crawl()
        with sqlite3.connect(room.output / ".state" / "index.db") as connection:
            connection.execute("UPDATE health SET cause = 'x\x1b[31mred', state = 'failing', stage = 'list'")
        connection.close()
        assert "\x1b" not in status(room).stdout


class TestMaxAge:
    @pytest.mark.parametrize(("age", "code"), [(timedelta(hours=25), 0), (timedelta(hours=27), 1)])
    def test_G9_a_collector_that_no_longer_runs(self, room: Newsroom, age: timedelta, code: int) -> None:
        room.crawl()
        with sqlite3.connect(room.output / ".state" / "index.db") as connection:
            connection.execute("UPDATE run SET finished = ?", ((datetime.now(UTC) - age).isoformat(),))
        connection.close()
        run = status(room, "--max-age", "26h")
        assert run.code == code
        assert ("does cron run?" in run.stdout) == bool(code)

    def test_no_run_at_all(self, room: Newsroom) -> None:
        assert status(room, "--max-age", "26h").code == 1

    @pytest.mark.parametrize("span", ["26 hours", "26x", "-1h", "h", "1w"])
    def test_what_is_no_span(self, room: Newsroom, span: str) -> None:
        run = status(room, f"--max-age={span}")
        assert run.code == 2
        assert span in run.stderr


class TestWebhook:
    @pytest.fixture
    def hook(self, room: Newsroom) -> Iterator[Server]:
        with Server("127.0.0.250") as server:
            server.set("/hook", Reply(b"ok"))
            room.config.write_text(
                room.config.read_text() + f'[notify]\nwebhook = "{server.url("/hook")}"\n', encoding="utf-8"
            )
            yield server

    def posts(self, hook: Server) -> list[dict[str, Any]]:
        return [json.loads(seen.body) for seen in hook.log if seen.method == "POST"]

    def test_G8_one_alert_a_cause_and_one_when_it_is_over(self, room: Newsroom, hook: Server) -> None:
        room.crawl()
        break_list(room)
        for _ in range(4):
            room.crawl()
        mend_list(room)
        for _ in range(2):
            room.crawl()
        told_ = [[(each["source"], each["state"]) for each in post["alerts"]] for post in self.posts(hook)]
        assert told_ == [[("paper", "failing")], [("paper", "well")]]
        first = self.posts(hook)[0]
        assert first["text"].startswith("paper failing: list: ")
        assert first["collection"] == status(room, "--json").report["collection"]

    def test_what_was_not_taken_is_sent_with_the_next_run(self, room: Newsroom, hook: Server) -> None:
        hook.set("/hook", Reply(status=500))
        room.crawl()
        break_list(room)
        room.crawl()
        run = room.crawl()
        assert "the webhook of shiyi.toml did not take 1 alerts" in run.stderr
        hook.set("/hook", Reply(b"ok"))
        hook.log.clear()
        room.crawl()
        room.crawl()
        assert len(self.posts(hook)) == 1

    def test_a_test_message(self, room: Newsroom, hook: Server) -> None:
        run = told("notify", "--test", "--output", str(room.output), "--config", str(room.config))
        assert (run.code, run.stdout) == (0, "sent\n")
        assert len(self.posts(hook)) == 1

    def test_by_apprise(self, room: Newsroom, hook: Server) -> None:
        pytest.importorskip("apprise", reason="the extra `notify` is not installed")
        address = hook.url("/hook").replace("http://", "json://")
        room.config.write_text(f'spiders = "sources"\n[notify]\napprise = ["{address}"]\n', encoding="utf-8")
        run = told("notify", "--test", "--output", str(room.output), "--config", str(room.config))
        assert (run.code, run.stdout) == (0, "sent\n")
        [post] = self.posts(hook)
        assert "a test of notify" in post["message"]

    def test_by_hand(self, room: Newsroom, hook: Server) -> None:
        room.crawl()
        run = told("notify", "--output", str(room.output), "--config", str(room.config))
        assert (run.code, run.stdout) == (0, "0 alerts sent\n")

    def test_nothing_to_send_to(self, room: Newsroom) -> None:
        run = told("notify", "--output", str(room.output), "--config", str(room.config))
        assert run.code == 2
        assert "[notify]" in run.stderr


def test_metrics_are_a_whole_prometheus_file_that_others_may_read(room: Newsroom, tmp_path: Path) -> None:
    target = tmp_path / "shiyi.prom"
    run = room.start("crawl", *room.sites, *room.flags(), "--metrics", str(target)).wait()
    assert run.code == 0
    lines = target.read_text(encoding="utf-8").splitlines()
    form = r'shiyi_[a-z_]+(\{source="[^"]+"(,state="[a-z]+")?\})? -?\d+|# (HELP|TYPE) shiyi_[a-z_]+ .+'
    assert [line for line in lines if not re.fullmatch(form, line)] == []
    assert 'shiyi_source_documents{source="paper"} 3' in lines
    assert 'shiyi_source_state{source="paper",state="well"} 1' in lines
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert [file.name for file in tmp_path.glob(".shiyi*")] == []


def test_metrics_into_a_folder_that_is_not_there_are_named(room: Newsroom, tmp_path: Path) -> None:
    run = room.start("crawl", *room.sites, *room.flags(), "--metrics", str(tmp_path / "no" / "m.prom")).wait()
    assert run.code == 3
    assert "--metrics" in run.report["error"]
    assert len(room.documents()) == 6


class TestSchedule:
    def test_the_lines_name_this_machine(self) -> None:
        run = told("schedule", "--output", "/srv/the news/50%", "--every", "10")
        cron = run.stdout.split("\n\n")[0].splitlines()
        assert run.code == 0
        assert cron[0] == "# crontab -e"
        assert re.fullmatch(
            r"\*/10 \* \* \* \* +\S+/run crawl --output '/srv/the news/50\\%' >>\S+/crawl.log 2>&1", cron[1]
        )
        assert "status --output '/srv/the news/50\\%' --max-age 26h" in cron[2]
        assert "ExecStart=" in run.stdout
        assert "OnUnitActiveSec=10min" in run.stdout
        assert "copytruncate" in run.stdout
