"""A collection in which everything has happened that the index can know, for tests of what is made from it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import NOW, ROOT, make_article, submission

from crawler.formats import Context, render
from crawler.models import Article, Candidate, ListPage, Moment, Precision, Style
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from crawler.storage.lists import Validators

LATER = NOW + timedelta(hours=6)
LIST = ListPage("https://www.cs.com.cn/xwzx/", "要闻")

# Every table that is made again, with the columns that are not: when a list was last asked, and its validators
# (so it is read in full once more). Files of robots.txt are a cache.
TABLES = {
    "collection": "id",
    "article": "*",
    "identity": "*",
    "address": "*",
    "change": "*",
    "frontier": "*",
    "sighting": "*",
    "source": "*",
    "run": "*",
    "sketch": "*",
    "sketch_key": "*",
    "story": "*",
    "declared": "*",
    "gap": "source, list, since, until, found, run_id, closed",
    "list": "id, source, url, section, poll, last_new",
    "intent": "*",
    "unwritten": "*",
    "journal_file": "*",
}


def rows_of(library: Library) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(library.index.rows(f"SELECT {columns} FROM {table}"), key=repr)
        for table, columns in TABLES.items()
    }


def render_truly(article: Article, style: Style) -> bytes:
    return render(article, style, Context("中证网", "资讯", aggregates=False, zone="Asia/Shanghai"))


def candidate(key: str) -> Candidate:
    moment = Moment(datetime(2026, 10, 11, 9, 30, tzinfo=NOW.tzinfo), Precision.MINUTE, "list")
    return Candidate("cs", key, f"https://www.cs.com.cn/{key}.html", title=f"标题{key}", published=moment)


def fill(folder: Path, *, style: Style = "archive") -> None:
    """Two runs: new, revised, same, aliases, duplicates, debts of every kind, polls, run and source rows."""
    library = Library(Disk(folder))
    library.recover(NOW)
    _begin(library, "r1", NOW)
    keep = {"style": style, "render": render_truly}
    with library.index.transaction() as connection:
        library.frontier.owe(connection, [candidate(str(key)) for key in (1001, 1002, 1003, 7, 8, 9, 10)], NOW)
    first = make_article("1001", authors=("程竹",), section="要闻", original_url="https://other.example/x")
    others = [make_article("1002"), make_article("1003", published=None)]
    library.store([submission(each, **keep, **_place(each)) for each in (first, *others)], NOW)
    _poll(library, ["1001", "1002", "1003", "7"], "e1", NOW)
    _note_gap(library, NOW)
    library.frontier.close(candidate("7"), "HTTP 410", NOW, "gone")
    library.frontier.put_off(candidate("8"), "HTTP 500", NOW)
    library.frontier.put_off(candidate("9"), "soft-404: no article", NOW, state="quarantined")
    _end(library, "r1", NOW)
    library.close()

    library = Library(Disk(folder))
    library.recover(LATER)
    _begin(library, "r2", LATER)
    twin = make_article("2002", title=first.title, text=first.text, html=first.html, url="https://www.cs.com.cn/b")
    revised = make_article("1002", text="更正后的正文。", html="<p>更正后的正文。</p>", title="更正：第二号公告")
    taken = make_article(
        "1004", url=twin.url, title="加塞的新闻", text="这是另一篇文章。", html="<p>这是另一篇文章。</p>"
    )
    library.store([submission(twin, **keep)], LATER)
    library.store([submission(revised, **keep)], LATER)
    library.store([submission(make_article("1003", published=None), settles=("33",), **keep)], LATER)
    library.store([submission(taken, settles=("44",), **keep, **_place(taken))], LATER)
    with library.index.transaction() as connection:
        library.frontier.settle(connection, "cs", ["8"])
    _poll(library, ["1004", "1001", "2002"], "e2", LATER)
    _end(library, "r2", LATER)
    library.close()


def _place(article: Article) -> dict[str, str]:
    if article.published is None:
        return {"path": f"cs/undated/{article.key}.md"}
    return {"path": f"cs/2026/10/2026-10-11-{article.key}.md"}


def _begin(library: Library, run_id: str, now: datetime) -> None:
    library.begin_run(run_id, now, 42)


def _end(library: Library, run_id: str, now: datetime) -> None:
    """As `operations.run` ends a run."""
    stamp = now.isoformat()
    keep = (
        "INSERT INTO source (name, title, first_run, last_new) VALUES ('cs', '中证网', ?1, ?1) "
        "ON CONFLICT (name) DO UPDATE SET last_run = ?1, last_verdict = 'ok', last_new = ?1"
    )
    report = json.dumps({"run_id": run_id, "sources": [{"name": "cs", "saved": 3}]}, ensure_ascii=False)
    with library.index.transaction() as connection:
        connection.execute(
            "UPDATE run SET finished = ?, exit_code = 0, report = ? WHERE run_id = ?", (stamp, report, run_id)
        )
        for _ in range(2):
            connection.execute(keep, (stamp,))


def _note_gap(library: Library, now: datetime) -> None:
    with library.index.transaction() as connection:
        for list_ in (LIST.url, "https://www.cs.com.cn/other/"):
            connection.execute(
                "INSERT INTO gap (source, list, since, until, found, run_id) "
                "VALUES ('cs', ?, '2026-10-11T09:30+08:00', '2026-10-11T15:00+08:00', ?, 'r1')",
                (list_, now.isoformat()),
            )
        connection.execute("UPDATE gap SET closed = ? WHERE list = ?", (LATER.isoformat(), LIST.url))


def _poll(library: Library, keys: list[str], etag: str, now: datetime) -> None:
    known = library.lists.open("cs", "Asia/Shanghai", [LIST])[LIST.url]
    rows = [candidate(key) for key in keys]
    with library.index.transaction() as connection:
        library.lists.note_shown(connection, known, rows, now)
        library.lists.complete(connection, known, Validators(etag), keys, now, found_new=True)


KILLED = """
import os, sys; sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from conftest import NOW, ROOT, make_article, submission
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from full_library import render_truly
library = Library(Disk(Path(sys.argv[3])))
library.recover(NOW)
for key in sys.argv[4:]:
    library.store([submission(make_article(key), style="archive", render=render_truly)], NOW)
os._exit(9)
"""


def killed_after(folder: Path, *keys: str) -> None:
    """A process stores these articles, then ends as kill -9 ends it."""
    command = [sys.executable, "-c", KILLED, str(ROOT), str(ROOT / "tests"), str(folder), *keys]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9
