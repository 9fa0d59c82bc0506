"""A small project with the real `run` and lock/environment.py, for tests of the set-up. Needs no network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
BASE_PYTHON = str(getattr(sys, "_base_executable", sys.executable))

# What ./run starts, as far as these tests care.
CRAWLER = """\
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "cwd": os.getcwd(), "home": __file__, "python": sys.executable}))
print("a log line", file=sys.stderr)
sys.stdin.readline()
"""

# Stands for uv: notes its start and its end, and installs what lock/environment.py imports as a proof.
UV = """\
#!/bin/sh
echo start >>"$UV_NOTES"
sleep "${UV_SECONDS:-0}"
if [ -n "${UV_FAILURES:-}" ] && [ "$(grep -c start "$UV_NOTES")" -le "$UV_FAILURES" ]; then exit 1; fi
cd "${6%/bin/python}"/lib/python3.*/site-packages
mkdir -p lxml/html
for module in lxml/__init__ lxml/html/__init__ lxml/html/clean \
    scrapy trafilatura nh3 yaml regex cryptography sqlite_utils; do : >"$module.py"; done
echo end >>"$UV_NOTES"
"""


def write_script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@dataclass
class Project:
    folder: Path
    tools: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def notes(self) -> list[str]:
        """What the stand-in for uv did, in order."""
        path = self.tools / "notes"
        return path.read_text().split() if path.exists() else []

    def with_uv(self, **settings: str) -> None:
        write_script(self.tools / "uv", UV)
        self.environ |= {
            "PATH": str(self.tools),
            "UV_NOTES": str(self.tools / "notes"),
            "PYTHON": BASE_PYTHON,
        }
        self.environ |= settings

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.run, *arguments],
            env=self.environ,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.popen(*arguments)
        out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def key(self, kind: str = "core") -> str:
        listing = self.folder / "lock" / f"{kind}.txt"
        told = subprocess.run(["cksum", listing], capture_output=True, text=True, check=True).stdout
        return f"{kind}-{told.split()[0]}"

    def finished(self, name: str, python: str, *, place: Path | None = None, wish: str = "") -> Path:
        """A finished environment in .venvs/; its Python is the script `python`."""
        environment = self.folder / ".venvs" / name
        write_script(environment / "bin" / "python", python)
        (environment / ".ready").write_text(f"{place or self.folder}\n/of/{name}\n{wish}\n")
        return environment


@pytest.fixture(name="project")
def make_project(tmp_path: Path) -> Project:
    folder = tmp_path / "新 闻"
    (folder / "lock").mkdir(parents=True)
    for name in ("run", "lock/environment.py"):
        write_script(folder / name, (REPO / name).read_text(encoding="utf-8"))
    for kind in ("core", "test", "lint"):
        (folder / "lock" / f"{kind}.txt").write_text(f"{kind}-package-that-is-nowhere==1 --hash=sha256:{'0' * 64}\n")
    write_script(folder / "crawler" / "__init__.py", "")
    write_script(folder / "crawler" / "__main__.py", CRAWLER)
    return Project(folder, tmp_path / "tools")
