"""Extraction in a process of its own that can be killed: a page that hangs or breaks the
parser costs that page, never the run. Started with the first page, so an idle run never
pays for importing the extractor."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler.engine import wire
from crawler.errors import ExtractionError
from crawler.models import Candidate, Extraction, Page, Source

PATIENCE = 20.0  # seconds for one page; the worst real page took 0.3
FIRST_PATIENCE = 60.0  # seconds for a new worker's first page, which includes its start

_ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """One extraction process, replaced when it dies. Pages are served one after the other."""

    def __init__(self, patience: float = PATIENCE):
        self._patience = patience
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._told: set[str] = set()  # sources that this process knows
        self._is_fresh = True
        self.replaced = 0

    async def extract(self, page: Page, source: Source | None, candidate: Candidate | None, zone: str) -> Extraction:
        """Raises ExtractionError when this page could not be extracted."""
        async with self._turn:
            await self._start()
            patience = FIRST_PATIENCE if self._is_fresh else self._patience
            try:
                answer = await asyncio.wait_for(self._ask(page, source, candidate, zone), patience)
            except TimeoutError:
                self._kill()
                raise ExtractionError(f"extraction took more than {patience:.0f} s and was stopped") from None
            except (OSError, asyncio.IncompleteReadError, ValueError):
                how = self._kill()
                raise ExtractionError(f"the page ended the extraction process ({how})") from None
            except BaseException:
                self._kill()  # an answer may be on its way: it must not meet the next question
                raise
            self._is_fresh = False
        if "error" in answer:
            raise ExtractionError(str(answer["error"]))
        return wire.extraction_from(answer["extraction"])

    async def _ask(self, page: Page, source: Source | None, candidate: Candidate | None, zone: str) -> dict[str, Any]:
        assert self._writer is not None
        assert self._reader is not None
        if source is not None and source.name not in self._told:
            self._writer.write(wire.pack({"source": wire.source_message(source)}))
            self._told.add(source.name)
        fields = {name: getattr(page, name) for name in ("url", "fetched", "charset", "content_type", "reserved")}
        self._writer.write(
            wire.pack(
                {
                    "page": fields,
                    "by": source.name if source else "",
                    "candidate": asdict(candidate) if candidate else None,
                    "zone": zone,
                },
                page.body,
            )
        )
        await self._writer.drain()
        text, body = wire.HEAD.unpack(await self._reader.readexactly(wire.HEAD.size))
        if text > wire.LIMIT or body:
            raise ValueError("a frame that no worker of ours sends")
        answer: dict[str, Any] = json.loads((await self._reader.readexactly(text)).decode("utf-8", "surrogatepass"))
        return answer

    async def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            self._kill()
        ours, theirs = socket.socketpair()
        with theirs:
            environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "crawler.engine.worker_main", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # a Ctrl-C at the terminal is for the run, which then ends the worker
            )
        ours.setblocking(False)
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=2**20)
        self._told = set()
        self._is_fresh = True

    def _kill(self) -> str:
        """End the process at once; answers how it ended."""
        process, self._process = self._process, None
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
        self.replaced += 1
        if process is None:
            return "it was gone"
        code = process.poll()
        if code is None:
            process.kill()
            process.wait()
            return "stopped"
        return f"exit {code}" if code >= 0 else f"signal {-code}"

    def close(self) -> None:
        if self._process is not None:
            self._kill()
