"""The extraction worker's own process: `python -P -m crawler.engine.worker_main FD`.

Reads pages from a socket, answers extractions. Imports no Scrapy. It may be killed at
any time; it holds nothing that matters.
"""

from __future__ import annotations

import gc
import resource
import socket
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from crawler.engine import wire
from crawler.errors import ExtractionError
from crawler.extraction.page import extract
from crawler.models import Source

MEMORY = 2 * 1024**3  # bytes of address space; a page that needs more is a bomb


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    connection = socket.socket(fileno=int(sys.argv[1]))
    sources: dict[str, Source] = {}
    # What import left behind lives as long as the process; not walking it again saves
    # a full collection over some 200,000 objects now and then.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with connection.makefile("rb") as incoming, connection.makefile("wb") as outgoing:
        while (message := _read(incoming)) is not None:
            fields, body = message
            if "source" in fields:
                source = wire.source_from(fields["source"])
                sources[source.name] = source
                continue
            outgoing.write(wire.pack(_answer(fields, body, sources)))
            outgoing.flush()


def _read(incoming: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    import json

    head = incoming.read(wire.HEAD.size)
    if len(head) < wire.HEAD.size:
        return None  # the run has ended
    text, body = wire.HEAD.unpack(head)
    return json.loads(incoming.read(text).decode("utf-8", "surrogatepass")), incoming.read(body)


def _answer(fields: dict[str, Any], body: bytes, sources: dict[str, Source]) -> dict[str, Any]:
    page = wire.page_from(fields["page"], body)
    try:
        extraction = extract(
            page, sources.get(fields["by"]), wire.candidate_from(fields["candidate"]), zone=fields["zone"]
        )
    except (ExtractionError, MemoryError, RecursionError) as error:
        return {"error": f"{type(error).__name__}: {error}" if str(error) else type(error).__name__}
    except Exception as error:
        # One page's surprise must not cost the worker; the run names page and error.
        return {"error": f"{type(error).__name__}: {error}"}
    return {"extraction": asdict(extraction)}


if __name__ == "__main__":
    main()
