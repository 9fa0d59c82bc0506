"""The recorded web that ships with the project, replayed, and laid out for those who need a server."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from contestants import ROOT, environment, shiyi
from measure import Cost, Failed, run

DEMO = ROOT / "crawler" / "demo.warc.gz"


def lay_out(folder: Path) -> int:
    """Lay out the article pages of the recorded web for the server; answers how many there are."""
    from crawler.engine.recording import Recording

    with tempfile.TemporaryDirectory() as output:
        run(shiyi("crawl", "--all", "--replay", DEMO, "--output", output, "--json"), environment())
        lines = [
            json.loads(line)
            for file in Path(output, ".state", "journal").iterdir()
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
    recording, count = Recording(DEMO), 0
    for line in lines:
        record = recording.find(line["original_url"]) or recording.find(line["url"])
        if record is None:
            continue
        kind = next((value for name, value in record.headers if name.lower() == b"content-type"), b"text/html")
        (folder / f"{count}.type").write_bytes(kind)
        (folder / f"{count}.body").write_bytes(record.body)
        count += 1
    return count


def replay(*words: str, output: str = "") -> tuple[Cost, int]:
    """`crawl --all` on the recorded web: its cost, and how many articles' fate is known."""
    with tempfile.TemporaryDirectory() as fresh:
        cost = run(
            shiyi("crawl", "--all", "--replay", DEMO, "--output", output or fresh, "--json", *words), environment()
        )
    counts = counts_of(cost)
    return cost, sum(counts[name] for name in ("saved", "duplicates", "quarantined", "rejected"))


def counts_of(cost: Cost) -> dict[str, int]:
    """The counts of `crawl --json`, over all sources."""
    try:
        sources: list[dict[str, Any]] = json.loads(cost.out)["sources"]
    except (ValueError, KeyError):
        raise Failed(f"crawl --all --replay: exit {cost.code}\n{cost.err[-2000:]}") from None
    names = ("fetched", "saved", "duplicates", "quarantined", "rejected", "requests", "not_modified")
    return {name: sum(source[name] for source in sources) for name in names}
