"""`run` when its environment is there: what it starts, from where, and at what cost."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from small_project import BASE_PYTHON, REPO, Project, make_project, write_script  # noqa: F401 (a fixture)

# Stands for the environment's Python: tells who, where and with what it was started.
TELL = """\
#!/bin/sh
echo "${0%/bin/python}" "$PWD" "${PYTHONPATH-none}" "${SHIYI_OUTPUT-none}"
printf '<%s>' "$@"
"""

# What a shell script may be tempted to call.
LIKELY = [
    *(
        "awk",
        "basename",
        "cat",
        "cksum",
        "cut",
        "date",
        "dirname",
        "env",
        "find",
        "flock",
        "grep",
        "id",
        "ls",
    ),
    *(
        "mkdir",
        "python",
        "python3",
        "readlink",
        "realpath",
        "sed",
        "sha256sum",
        "stat",
        "tail",
        "uname",
        "uv",
    ),
]


def told(project: Project, *arguments: str) -> list[str]:
    """Last part of the environment's folder, current folder, PYTHONPATH, SHIYI_OUTPUT, and the arguments."""
    done = project.start(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    first, rest = done.stdout.split("\n")
    return [*first.removeprefix(f"{project.folder}/.venvs/").split(), rest]


@pytest.mark.parametrize("script", ["run", "lock/update"])
@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "busybox sh"])
def test_every_shell_can_read_it(script: str, shell: str) -> None:
    command = shell.split()
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {shell} here")
    done = subprocess.run([*command, "-n", REPO / script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "kind", "expected"),
    [
        ([], "core", "<-P><-m><crawler><--help>"),
        (["--help"], "core", "<-P><-m><crawler><--help>"),
        (["save", "a b", "", "*", "'"], "core", "<-P><-m><crawler><save><a b><><*><'>"),
        (["test"], "test", "<-P><-m><pytest>"),
        (["test", "-k", "x"], "test", "<-P><-m><pytest><-k><x>"),
        (["scrapy", "crawl", "cs"], "core", "<-P><-m><scrapy><crawl><cs>"),
        (["lint", "mypy"], "lint", "<-P><-m><mypy>"),
    ],
)
def test_first_word_decides(project: Project, arguments: list[str], kind: str, expected: str) -> None:
    project.finished(f"{project.key(kind)}-1", TELL)
    assert told(project, *arguments)[-1] == expected


@pytest.mark.parametrize(
    ("arguments", "inside"),
    [
        (["extract", "page.html"], False),
        (["scrapy", "list"], True),
        (["test"], True),
        (["test", "tests/formats"], True),
        (["test", "/etc/passwd::test_x"], False),  # a path that is there from where the user stands
    ],
)
def test_current_folder(project: Project, arguments: list[str], inside: bool) -> None:
    kind = "test" if arguments[0] == "test" else "core"
    project.environ = {"PYTHONPATH": "/strange", "SHIYI_OUTPUT": "/o"}
    environment = project.finished(f"{project.key(kind)}-1", TELL)
    done = project.start(*arguments)
    expected = f"{environment} {project.folder if inside else '/'} none /o"
    assert done.stdout.splitlines()[0] == expected


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_through_symbolic_links_and_with_closed_streams(project: Project, tmp_path: Path, closed: str) -> None:
    project.finished(f"{project.key()}-1", "#!/bin/sh\nfor fd in 0 1 2; do true 9>&$fd && echo $fd open; done")
    (tmp_path / "bin").mkdir()
    (tmp_path / "hop").symlink_to("新 闻/run")
    (tmp_path / "bin" / "shiyi").symlink_to("../hop")
    done = subprocess.run(
        ["/bin/sh", "-c", f"umask 077; exec ./shiyi status {closed}"],
        cwd=tmp_path / "bin",
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 open\n1 open\n2 open\n", "")


def test_picks_the_environment_of_this_place_and_this_wish(project: Project) -> None:
    key = project.key()
    project.finished(f"{key}-1", TELL, place=Path("/where/it/was/copied/from"))
    project.finished("core-123-2", TELL)  # of an older list
    project.finished(f"{key}-3", TELL, wish="python3.13")
    unfinished = project.finished(f"{key}-0", TELL)
    (unfinished / ".ready").unlink()
    gone = project.finished(f"{key}-00", TELL)
    (gone / "bin" / "python").unlink()
    for wish in ("", "python3.13", f"/of/{key}-3"):
        project.environ = {"PYTHON": wish}
        assert told(project, "status")[0] == f"{key}-3"


def test_a_later_start_is_one_cksum_and_python(project: Project) -> None:
    project.finished(f"{project.key()}-1", TELL)
    notes = project.tools / "notes"
    for name in LIKELY:
        text = f'#!/bin/sh\necho {name} >>"{notes}"\nPATH=/usr/bin:/bin exec {name} "$@"\n'
        write_script(project.tools / name, text)
    project.environ = {"PATH": str(project.tools)}
    project.start("status")
    assert project.notes == ["cksum"]

    began = time.perf_counter()
    for _ in range(5):
        project.start("status")
    assert (time.perf_counter() - began) / 5 < 0.3


def test_a_python_that_will_not_do_is_named(project: Project) -> None:
    old = write_script(project.tools / "python3", '#!/bin/sh\necho "is 3.9.2: CPython 3.11 or newer is needed"\n')
    project.environ = {"PYTHON": str(old)}
    done = project.start("status")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{old} is 3.9.2: CPython 3.11 or newer is needed" in done.stderr
    assert "apt install python3" in done.stderr


def test_a_dead_shim_is_passed_over(project: Project) -> None:
    """As pyenv leaves them: on the PATH, executable, and of no use."""
    project.with_uv()
    shims, real = project.tools / "shims", project.tools / "real"
    write_script(shims / "python3.14", "#!/bin/sh\necho 'pyenv: python3.14: command not found' >&2\nexit 127\n")
    real.mkdir()
    (real / "python3.14").symlink_to(BASE_PYTHON)
    project.environ |= {"PATH": f"{shims}:{real}:{project.tools}", "PYTHON": ""}
    assert project.start("status").returncode == 0
    (environment,) = (project.folder / ".venvs").glob("core-*")
    python = (environment / ".ready").read_text().splitlines()[1]
    assert Path(python).samefile(BASE_PYTHON)
