"""K1: a disk that is really full, under the real process: exit 3, nothing lost, and it goes on once there is space."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from killing import assert_whole
from mounting import in_namespace, may_mount
from newsroom import Newsroom, Run, clean_environment

KEYS = [f"{number}" for number in range(1001, 1041)]


def started(words: Sequence[str], room: Newsroom, before: str = "") -> Run:
    """Run the command line after a few lines of shell, in the same process group and environment."""
    command = [sys.executable, "-P", "-m", "crawler", *words]
    shell = ["sh", "-c", f'{before}\nexec "$@"', "sh", *command]
    ended = subprocess.run(
        shell, cwd=room.folder, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    return Run(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    "kilobytes", [24, pytest.param(150, marks=pytest.mark.slow)], ids=lambda size: f"{size} KB a file"
)
def test_K1_no_file_may_grow_any_more(tmp_path: Path, kilobytes: int) -> None:
    """Where the system lets us mount nothing: RLIMIT_FSIZE stops the index, its log or the journal in the middle."""
    with Newsroom(tmp_path) as room:
        site = room.site("full")
        site.publish(*KEYS[:4])
        assert room.crawl("full").code == 0
        kept = room.documents()
        site.publish(*KEYS)
        words = ["crawl", "full", *room.flags()]
        limit = f"ulimit -f {kilobytes * 1024 // 512}"
        broken = started(words, room, limit)
        assert broken.code == 3, broken.stderr
        assert (broken.report["exit_code"], "Traceback" in broken.stderr) == (3, False)
        assert_whole(room, site)
        assert kept.items() <= room.documents().items()
        again = room.crawl("full")
        assert (again.code, sorted(room.documents())) == (0, site.paths_of(*KEYS)), again.stderr
        assert room.start("verify", *room.flags(allow="", delay="")).wait().code == 0


LEFT = {  # how the disk is made small, once it has what is there already
    "90 KB": "size=$((used + 90))k",
    "a dozen names": "nr_inodes=$((names + 12))",
}


@pytest.mark.skipif(not may_mount(), reason="this user may mount nothing; the test above stands in")
@pytest.mark.parametrize("left", LEFT.values(), ids=list(LEFT))
def test_K1_no_space_left_on_the_device(tmp_path: Path, left: str) -> None:
    """A disk in memory, in a mount namespace of its own: full in the middle of a run, then with space again."""
    with Newsroom(tmp_path) as room:
        site = room.site("full")
        site.publish(*KEYS[:4])
        assert room.crawl("full").code == 0
        site.publish(*KEYS)
        kept = room.documents()
        crawl = " ".join([sys.executable, "-P", "-m", "crawler", "crawl", "full", *room.flags()])
        script = f"""
            set -u
            mkdir {tmp_path}/aside && cp -a {room.output}/. {tmp_path}/aside/
            mount -t tmpfs -o size=16m tmpfs {room.output} && cp -a {tmp_path}/aside/. {room.output}/ || exit 99
            used=$(df -k --output=used {room.output} | tail -1)
            names=$(df --output=iused {room.output} | tail -1)
            mount -o remount,{left} {room.output} || exit 98
            {crawl} > {tmp_path}/first.out 2> {tmp_path}/first.err
            echo $? > {tmp_path}/first.code
            rm -r {tmp_path}/aside && cp -a {room.output} {tmp_path}/aside
            mount -o remount,size=16m,nr_inodes=2000 {room.output} || exit 97
            {crawl} > {tmp_path}/second.out 2> {tmp_path}/second.err
            echo $? > {tmp_path}/second.code
            cp -a {room.output} {tmp_path}/after
        """
        ended = in_namespace(script, room.folder)
        assert ended.returncode == 0, ended.stderr
        told = (tmp_path / "first.err").read_text()
        assert (tmp_path / "first.code").read_text() == "3\n", told
        assert "free some space, then run again" in told + (tmp_path / "first.out").read_text()
        assert "Traceback" not in told
        for folder, is_all in ((tmp_path / "aside", False), (tmp_path / "after", True)):
            room.output = folder
            assert_whole(room, site)
            assert kept.items() <= room.documents().items()
            assert (sorted(room.documents()) == site.paths_of(*KEYS)) == is_all
        assert (tmp_path / "second.code").read_text() == "0\n", (tmp_path / "second.err").read_text()
        assert room.start("verify", *room.flags(allow="", delay="")).wait().code == 0
