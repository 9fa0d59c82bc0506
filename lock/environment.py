"""Makes the environment that ./run starts in: a venv with exactly the packages of one list in lock/.

Called by ./run when it finds no finished one. Standard library only. Everything is told on stderr; stdout
gets one line, the environment's folder. Names no package index: uv and pip know theirs from their own
configuration. An environment counts once its file .ready is there. That is written last, so a set-up that
was killed is simply begun again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

ATTEMPTS = 3
DAY = 86_400  # seconds

# No dependencies: the list is complete, and pip before 23.3 would lose lxml[html_clean] by following them.
OPTIONS = ["--require-hashes", "--no-deps", "-r"]

# Settings of the user that would send the packages elsewhere than into the environment.
ELSEWHERE = {
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_PYTHON",
}

# What has compiled parts or was once found missing. If these can be imported, the environment is whole.
PROOF = "import crawler, scrapy, trafilatura, lxml.html.clean, nh3, yaml, regex, cryptography, sqlite_utils"

# Runs whenever a Python of the environment starts. The project comes first on sys.path: no package may stand
# in its way. The shared lock lasts as long as the process; `remove_old` sees by it what is in use.
AT_START = '''\
"""Made by lock/environment.py: finds the project, and marks this environment as in use."""
import fcntl, os, sys

sys.path.insert(0, os.fsdecode({project!r}))
try:
    fcntl.flock(os.open(os.path.join(sys.prefix, ".ready"), os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)
except OSError:
    pass
'''


class SetupError(Exception):
    """Nothing can be started. The text says what to do."""


def main(key: str, packages: Path) -> Path:
    """A finished environment for this Python. ``key`` is the list's kind and checksum: ``core-123``."""
    project = packages.parent.parent
    tag = zlib.crc32(os.fsencode(f"{project}\n{sys.executable}\n{sys.version}"))
    for root in places(project):
        environment = root / f"{key}-{tag}"
        if is_finished(environment):
            return environment
    root, lock = writable_place(project)
    environment = root / f"{key}-{tag}"
    with lock:
        wait_for(lock)
        if not is_finished(environment):
            make(environment, project, packages, lock)
            remove_old(root, key.partition("-")[0], environment)
    return environment


def is_finished(environment: Path) -> bool:
    return (environment / ".ready").exists() and os.access(environment / "bin" / "python", os.X_OK)


# --- where -------------------------------------------------------------------


def places(project: Path) -> Iterator[Path]:
    """The project's own folder; for a project that cannot be written to, the user's cache."""
    yield project / ".venvs"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 (never raises)
    if cache.is_absolute():
        yield cache / "shiyi"


def writable_place(project: Path) -> tuple[Path, IO[bytes]]:
    refusals = []
    for root in places(project):
        try:
            root.mkdir(parents=True, exist_ok=True)
            return root, (root / ".lock").open("ab")
        except OSError as error:
            refusals.append(str(error))
    raise SetupError(f"no folder for the environment: {'; '.join(refusals)}. Set XDG_CACHE_HOME to one")


def wait_for(lock: IO[bytes]) -> None:
    """Takes the lock. Installers inherit it: one that outlives a killed set-up still keeps others out."""
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start is making an environment here; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        say(f"this disk knows no locks ({error}): do not start twice until the set-up is done")


# --- making ------------------------------------------------------------------


def make(environment: Path, project: Path, packages: Path, lock: IO[bytes]) -> None:
    version = sys.version.split()[0]
    say(f"first start: installing lock/{packages.name} for Python {version} into {environment}")
    began = time.monotonic()
    # Without pip: Debian's Python cannot put one in unless python3-venv is installed.
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(environment)
    install(environment, packages, lock)

    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    at_start = AT_START.format(project=os.fsencode(project))
    (site / "shiyi_environment.py").write_text(at_start, encoding="ascii")
    (site / "shiyi.pth").write_text("import shiyi_environment\n", encoding="ascii")
    if not works([python_of(environment), "-P", "-c", PROOF], lock, quiet=False):
        raise SetupError("the packages are installed but do not work with this Python: see the message above")

    os.sync()  # a power cut must not leave .ready beside empty files
    told = (os.fsencode(project), os.fsencode(sys.executable), os.fsencode(os.environ.get("PYTHON", "")))
    (environment / ".ready").write_bytes(b"".join(line + b"\n" for line in told))
    say(f"ready after {time.monotonic() - began:.0f} s; later starts need no network")


def install(environment: Path, packages: Path, lock: IO[bytes]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        command = None
        for command in installers(environment, lock):
            if works([*command, *OPTIONS, str(packages)], lock, quiet=False):
                return
            say(f"{command[0]} could not do it (attempt {attempt} of {ATTEMPTS})")
        if command is None:
            raise SetupError(
                f"{sys.executable} has neither pip nor ensurepip, and no other pip and no uv is on the PATH. "
                "Install one (Debian: apt install python3-venv)"
            )
        if attempt < ATTEMPTS:
            time.sleep(attempt)
    raise SetupError("the packages could not be installed: see above. The first start needs the network")


def installers(environment: Path, lock: IO[bytes]) -> Iterator[list[str]]:
    """What can install into the environment: uv; where it fails, the first pip that works."""
    python = python_of(environment)
    if uv := shutil.which("uv"):
        yield [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    for pip in ([sys.executable, "-P", "-m", "pip"], ["pip3"], ["pip"]):
        if works([*pip, "--python", python, "--version"], lock):
            yield [*pip, "--python", python, "install", "-qq", "--no-user", "--retries=2", "--progress-bar=off"]
            return
    if works([python, "-P", "-m", "ensurepip"], lock):
        yield [python, "-P", "-m", "pip", "install", "-qq", "--no-user", "--retries=2", "--progress-bar=off"]


def python_of(environment: Path) -> str:
    return str(environment / "bin" / "python")


def works(command: list[str], lock: IO[bytes], *, quiet: bool = True) -> bool:
    output = subprocess.DEVNULL if quiet else sys.stderr
    with contextlib.suppress(FileNotFoundError):
        done = subprocess.run(  # noqa: S603 (the commands above, nothing from outside)
            command,
            env={name: value for name, value in os.environ.items() if name not in ELSEWHERE},
            cwd=Path(lock.name).parent,
            pass_fds=[lock.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
        return done.returncode == 0
    return False


# --- tidying -----------------------------------------------------------------


def remove_old(root: Path, kind: str, keep: Path) -> None:
    """Removes this kind's unfinished environments, and those over a day old that no process uses."""
    for environment in root.glob(f"{kind}-*"):
        ready = environment / ".ready"
        if environment != keep and is_unused(ready):
            ready.unlink(missing_ok=True)  # first, so that nobody starts in a half-removed one
            shutil.rmtree(environment, ignore_errors=True)


def is_unused(ready: Path) -> bool:
    try:
        if time.time() - ready.stat().st_mtime < DAY:
            return False
        with ready.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True  # unfinished, and nobody else is making one: we hold the lock
    except OSError:
        return False
    return True


def say(message: str) -> None:
    print(f"shiyi: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        made = main(sys.argv[1], Path(sys.argv[2]))
    except (SetupError, OSError) as error:
        say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.stdout.buffer.write(os.fsencode(made) + b"\n")
