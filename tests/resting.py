"""`crawl` without names on sites of our own: the seven that ship are not due, so that no test asks the real ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from newsroom import Newsroom

from crawler.engine.loader import SourceLoader

FAR = "2999-01-01T00:00:00+00:00"


def sql(room: Newsroom, statement: str, *parameters: object) -> list[Any]:
    """Read or change the index of a collection that no run holds."""
    with closing(sqlite3.connect(room.output / ".state" / "index.db")) as index, index:
        return index.execute(statement, parameters).fetchall()


def let_the_seven_rest(room: Newsroom) -> None:
    """After a first run of the room's own sources, which has made the index."""
    for spider in SourceLoader().spiders.values():
        for entry in spider.source.lists:
            sql(
                room,
                "INSERT OR IGNORE INTO list (source, url, section, due) VALUES (?, ?, '', ?)",
                *(spider.name, entry.url, FAR),
            )
