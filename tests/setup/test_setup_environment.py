"""lock/environment.py: faults of the first start, with a stand-in for uv and real venvs. No network."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from pathlib import Path

import pytest
from small_project import Project, make_project  # noqa: F401 (a fixture)


def only_environment(root: Path) -> Path:
    (environment,) = root.glob("core-*")
    return environment


def wait_until_noted(project: Project, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(project.notes) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_first_start_then_later_start(project: Project) -> None:
    project.with_uv()
    first, later = project.start("status", "--json"), project.start("status", "--json")
    environment = only_environment(project.folder / ".venvs")
    assert json.loads(first.stdout) == {
        "arguments": ["status", "--json"],
        "cwd": "/",
        "home": str(project.folder / "crawler" / "__main__.py"),
        "python": str(environment / "bin" / "python"),
    }
    assert "first start: installing lock/core.txt" in first.stderr
    assert (later.returncode, later.stdout, later.stderr) == (0, first.stdout, "a log line\n")
    assert project.notes == ["start", "end"]


def test_a_changed_list_makes_a_new_environment(project: Project) -> None:
    project.with_uv()
    project.start("status")
    (project.folder / "lock" / "core.txt").write_text("another\n")
    project.start("status")
    assert project.notes == ["start", "end"] * 2


def test_a_moved_project_runs_its_own_code(project: Project, tmp_path: Path) -> None:
    project.with_uv()
    project.start("status")
    project.folder = project.folder.rename(tmp_path / "elsewhere")
    assert json.loads(project.start("status").stdout)["home"] == str(tmp_path / "elsewhere/crawler/__main__.py")


def test_a_failed_download_is_tried_again(project: Project) -> None:
    project.with_uv(UV_FAILURES="1", PIP_NO_INDEX="1")
    done = project.start("status")
    assert done.returncode == 0
    assert "uv could not do it (attempt 1 of 3)" in done.stderr
    assert project.notes == ["start", "start", "end"]


def test_an_unfinished_environment_is_begun_again(project: Project) -> None:
    project.with_uv()
    project.start("status")
    environment = only_environment(project.folder / ".venvs")
    (environment / ".ready").unlink()
    (environment / "half").write_text("written")
    assert project.start("status").returncode == 0
    assert (environment / ".ready").exists()
    assert not (environment / "half").exists()


def test_two_at_once(project: Project) -> None:
    project.with_uv(UV_SECONDS="0.5")
    both = [project.popen("one"), project.popen("two")]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert project.notes == ["start", "end"]
    assert sum("waiting for it" in err for _, err in said) == 1


def test_killed_midway_while_the_installer_lives_on(project: Project) -> None:
    project.with_uv(UV_SECONDS="0.5")
    killed = project.popen("one")
    wait_until_noted(project, 1)
    children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children")
    if not children.exists():
        killed.communicate()
        pytest.skip("this system does not tell a process's children")
    for pid in map(int, children.read_text().split()):
        os.kill(pid, signal.SIGKILL)  # lock/environment.py; the stand-in for uv goes on writing
    killed.kill()
    killed.wait()
    done = project.start("two")
    assert done.returncode == 0
    assert project.notes == ["start", "end"] * 2  # one after the other


@pytest.mark.parametrize("cache", [True, False])
def test_a_project_that_cannot_be_written_to(project: Project, tmp_path: Path, cache: bool) -> None:
    project.with_uv(XDG_CACHE_HOME=str(tmp_path / "cache"))
    (project.folder / ".venvs").write_text("a file where the folder should be")
    if not cache:
        (tmp_path / "cache").write_text("here too")
    first, later = project.start("status"), project.start("status")
    if cache:
        environment = only_environment(tmp_path / "cache" / "shiyi")
        assert json.loads(later.stdout)["python"] == str(environment / "bin" / "python")
        assert project.notes == ["start", "end"]
    else:
        assert (first.returncode, first.stdout, project.notes) == (2, "", [])
        assert "Set XDG_CACHE_HOME" in first.stderr


def test_old_environments_go_unless_they_are_in_use(project: Project) -> None:
    project.with_uv()
    cases = {
        "core-1-old": 2,
        "core-1-in-use": 2,
        "core-1-young": 0.5,
        "test-1-of-another-kind": 2,
        "core-1-unfinished": 0.0,
    }
    for name, days in cases.items():
        ready = project.finished(name, "") / ".ready"
        os.utime(ready, (time.time() - days * 86_400,) * 2)
    (project.folder / ".venvs" / "core-1-unfinished" / ".ready").unlink()
    with (project.folder / ".venvs" / "core-1-in-use" / ".ready").open() as ready_file:
        fcntl.flock(ready_file, fcntl.LOCK_SH)
        project.start("status")
    left = sorted(path.name for path in (project.folder / ".venvs").glob("*-1-*"))
    assert left == ["core-1-in-use", "core-1-young", "test-1-of-another-kind"]


def test_a_running_process_marks_its_environment(project: Project) -> None:
    project.with_uv()
    running = project.popen("crawl")
    assert running.stderr is not None
    while running.stderr.readline() != "a log line\n":
        assert running.poll() is None
    ready = only_environment(project.folder / ".venvs") / ".ready"
    with ready.open() as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        running.communicate("")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
