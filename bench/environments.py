"""Environments of the contestants, each its own, made on the first call and kept in a cache folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shiyi-bench"
PATIENCE = 900.0  # seconds for one step

# Name -> what is installed, and the imports that prove it. Some packages forget to name what they need: jieba is asked
# for at the first Chinese page only, and lxml no longer brings its cleaner along.
PACKAGES = {
    "readability-lxml": (("readability-lxml", "lxml-html-clean"), "readability"),
    "newspaper4k": (("newspaper4k[zh]", "jieba", "lxml-html-clean"), "newspaper, jieba"),
    "news-please": (("news-please", "jieba"), "newsplease, jieba"),
    "goose3": (("goose3[chinese]", "jieba"), "goose3, jieba"),
    "justext": (("justext", "lxml-html-clean"), "justext"),
    "resiliparse": (("resiliparse",), "resiliparse.extract.html2text"),
    "gne": (("gne",), "gne"),
}


def python_of(name: str, cache: Path, environment: Mapping[str, str]) -> Path:
    """The environment's Python; raises OSError or SubprocessError with the reason where it cannot be had."""
    packages, imports = PACKAGES[name]
    python = cache / f"{name}-{sys.version_info[0]}.{sys.version_info[1]}" / "bin" / "python"
    proof = [str(python), "-c", f"import {imports}"]
    if python.exists() and subprocess.run(proof, capture_output=True, check=False).returncode == 0:
        return python
    for step in (
        [sys.executable, "-m", "venv", "--clear", str(python.parents[1])],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
        proof,
    ):
        done = subprocess.run(
            step, capture_output=True, text=True, env=dict(environment), timeout=PATIENCE, check=False
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
            raise OSError(f"{' '.join(step[1:5])}: {lines[-1]}")
    return python
