"""Real captured pages through the product: each must end in a document or in a named reason.

    python bench/real_pages.py [--keep FOLDER]

The pages belong to others and are not part of the project; they are looked for in ../shared beside it. Exit 1 if a
page ends in neither, if a stub page does not yield its target, or if a row of the recorded list is left unanswered.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from contestants import ROOT, environment, shiyi
from measure import run

SHARED = ROOT.parent / "shared"
PAGES = SHARED / "eval" / "pages" / "zh"
STUBS = SHARED / "captures" / "buaq" / "html-redirect"
LIST = SHARED / "captures" / "eastmoney" / "np-listapi_getNewsByColumns_column344_20260928.json"
CAPTURED = "2024-06-01"  # for pages whose date is not known


@dataclass(frozen=True, slots=True)
class RealPage:
    name: str
    file: Path
    body: bytes
    told: dict[str, Any]  # url, title, date, text …, as a reader found them

    @property
    def url(self) -> str:
        return str(self.told.get("url") or "")


def real_pages() -> list[RealPage]:
    pages = []
    for file in sorted(PAGES.glob("*.html.gz")):
        name = file.name.removesuffix(".html.gz")
        told = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
        pages.append(RealPage(name, file, gzip.decompress(file.read_bytes()), told))
    return pages


def write_warc(pages: list[RealPage], file: Path) -> None:
    """A record each, dated the day after its article: no page is older than what it says."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with file.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for page in pages:
            captured = date.fromisoformat(page.told.get("date") or CAPTURED) + timedelta(days=1)
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                page.url,
                "response",
                payload=io.BytesIO(page.body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": f"{captured}T00:00:00Z"},
            )
            writer.write_record(record)


# --- what becomes of them ------------------------------------------------------------


def saved(pages: list[RealPage], folder: Path) -> int:
    """`save --replay` on all at once, a line for each; answers how many ended in nothing."""
    recording, output = folder / "real.warc.gz", folder / "output"
    write_warc(pages, recording)
    urls = [page.url for page in pages]
    cost = run(shiyi("save", "--replay", recording, "--output", output, "--json", *urls), environment())
    print(f"save --replay: {len(pages)} pages, exit {cost.code}")
    fates = _fates(output / ".state" / "index.db")
    lost = 0
    for page in pages:
        fate = fates.get(_identity(page.url), "")
        lost += not fate
        print(f"  {page.name:24} {fate or 'LOST: neither a document nor a reason'}")
    if lost:
        print(cost.err[-3000:], file=sys.stderr)
    return lost


def _identity(url: str) -> str:
    from crawler.dedup.identity import canonical_url

    return canonical_url(url)


def _fates(index: Path) -> dict[str, str]:
    """Address in identity form -> path of the document, or why there is none."""
    if not index.is_file():
        return {}
    with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as connection:
        owed = connection.execute("SELECT url, state || ': ' || reason FROM frontier WHERE reason != ''").fetchall()
        documents = connection.execute(
            "SELECT d.url, a.path FROM address d JOIN article a ON a.id = d.article WHERE d.kind != 'original'"
        ).fetchall()
    return {_identity(url): fate for url, fate in [*owed, *documents]}


def extracted(pages: list[RealPage]) -> int:
    """`extract FILE --json` on pages without an address, a line for each; answers how many ended in nothing."""
    print(f"extract: {len(pages)} pages without an address")
    lost = 0
    for page in pages:
        cost = run(shiyi("extract", page.file, "--json"), environment())
        try:
            found = json.loads(cost.out)
        except ValueError:
            found = {}
        if found.get("problem"):
            fate = f"{found['problem']}: {found['detail']}"
        elif found.get("text"):
            fate = f"{found['date'] or 'no date':25} {len(found['text']):5} characters  {found['title']}"
        else:
            lost += 1
            fate = f"LOST: exit {cost.code}: {cost.err[-300:]}"
        print(f"  {page.name:24} {fate}")
    return lost


def followed() -> int:
    """The stub pages through the stub reader; answers how many yield no target."""
    from crawler.extraction import charset, stub

    files = sorted(STUBS.glob("*.html"))
    targets = {
        file.name: stub.redirect_target(charset.decode(file.read_bytes()).text, f"https://buaq.net/{file.name}")
        for file in files
    }
    print(f"stub pages: {sum(map(bool, targets.values()))} of {len(files)} yield their target")
    for name, target in targets.items():
        print(f"  {name:24} {target or 'NO TARGET'}")
    return sum(not target for target in targets.values())


def listed() -> int:
    """The recorded list API answer through the source's own reader; answers how many rows are left."""
    from crawler.models import Page
    from spiders.eastmoney import Dongfangcaifu

    body = LIST.read_bytes()
    rows = json.loads(body)["data"]["list"]
    spider = Dongfangcaifu()
    entry = spider.source.lists[0]
    reading = spider.read_list(Page(entry.url, body, datetime.now(UTC)), entry)
    print(f"eastmoney list: {len(reading.candidates)} of {len(rows)} rows answered, {reading.skipped} skipped")
    return len(rows) - len(reading.candidates)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="leave recording and documents there, to be read")
    options = parser.parse_args()
    if not PAGES.is_dir():
        print(f"skipped: there is no {SHARED.name}/ beside the project, and the real pages are not part of it")
        return 0
    sys.path.insert(0, str(ROOT))
    pages = real_pages()
    with tempfile.TemporaryDirectory() as folder:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        missing = saved([page for page in pages if page.url], options.keep or Path(folder))
    missing += extracted([page for page in pages if not page.url])
    missing += followed() + listed()
    print("all answered" if not missing else f"{missing} NOT answered")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
