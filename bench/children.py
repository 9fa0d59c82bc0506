"""A contestant of bench/extraction.py as a child process: one JSON line to it, one back. A child that dies is replaced."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring import CorpusPage

PROGRAM = Path(__file__).resolve().with_name("extraction_contestants.py")


_CODE = re.compile(r"([a-z]{2})(?:[-_]\w+)?")


class Unavailable(Exception):
    """The contestant does not start; the text is its last word."""


class Child:
    """``version`` is that of its package, as it stands in its own environment."""

    def __init__(self, name: str, python: Path, environment: Mapping[str, str]) -> None:
        self._command = [str(python), "-P", str(PROGRAM), name]
        self._environment = dict(environment)
        # Some leave caches where they stand, and their words are wanted only if they do not start.
        self._folder = tempfile.TemporaryDirectory()
        self._start()

    def _start(self) -> None:
        log = Path(self._folder.name) / "stderr"
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self._environment,
                cwd=self._folder.name,
            )
        ready = self._read()
        if ready is None:
            lines = log.read_text(errors="replace").split("\n")
            raise Unavailable(next((line for line in reversed(lines) if line.strip()), "it says nothing"))
        self.version: str = ready["version"]

    def ask(self, page: CorpusPage, body: bytes, container: str = "") -> dict[str, Any]:
        """Its answer, with the milliseconds; {"error": why, "ms": 0} if it died of the page."""
        told = {
            "url": page.url,
            "body": base64.b64encode(body).decode(),
            "language": _language(page),
            "container": container,
        }
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(told).encode() + b"\n")
            self._process.stdin.flush()
            found = self._read()
        except BrokenPipeError:
            found = None
        if found is None:
            self.close()
            code = self._process.returncode
            self._start()
            return {"error": f"its process ended with {code}", "ms": 0.0}
        return found

    def _read(self) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return dict(json.loads(line)) if line else None

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        self._process.wait()


def _language(page: CorpusPage) -> str:
    """Two letters: some know nothing else. English where the corpus names none, or only "other"."""
    code = _CODE.fullmatch(str(page.told.get("lang") or ""))
    return code[1] if code else "en"
