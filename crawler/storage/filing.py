"""The rows that one change makes in the index: in a run's commit, and again when the journal is replayed.

Both go through here, so that a rebuilt index is equal to the one that was lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.storage.fields import dump
from crawler.storage.layout import COPIES

_COLUMNS = (
    "source", "key", "url", "path", "sha256", "style", "title", "published", "precision", "day", "medium", "section",
    "authors", "images", "original_url", "evidence", "fingerprint", "length", "fetched", "first_seen", "revision",
    "written", "shape", "full_text", "points_to",
)  # fmt: skip
# A new text makes a document a whole one again; only a line that says so makes it a pointer, or moves it.
_WHOLE = {"withdrawn": "", "shape": "", "full_text": "", "points_to": ""}
_KEPT = ("source", "key", "url", "path", "first_seen")  # a document keeps the identity under which it was first filed
HEAD = ("seq", "op", "at", "path", "sha256")  # of a journal line; its fields follow


def file_change(connection: sqlite3.Connection, line: Mapping[str, Any]) -> int:
    """Article, ids, addresses, change log; nothing is owed for it any more. Answers the article's row.

    ``line`` is its line of the journal.
    """
    source, key = line["source"], line["key"]
    row = {name: _plain(line[name]) for name in _COLUMNS if name in line}
    known = connection.execute("SELECT id FROM article WHERE source = ? AND key = ?", (source, key)).fetchone()
    if known is None:
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        article = connection.execute(f"INSERT INTO article ({names}) VALUES ({marks})", row).lastrowid or 0  # noqa: S608
    else:
        article = known[0]
        row = _unsaid(line) | row
        kept = _KEPT if not line.get("moved") else tuple(name for name in _KEPT if name != "path")
        pairs = ", ".join(f"{name} = :{name}" for name in row if name not in kept)
        connection.execute(f"UPDATE article SET {pairs} WHERE id = :id", {**row, "id": article})  # noqa: S608
    keys = dict.fromkeys((key, *line.get("keys", ())))
    for each in keys:
        _identify(connection, source, each, article, "own")
    for url, kind in addresses_of(line, "canonical").items():
        _address(connection, source, url, kind, article, line["at"])
    settle(connection, source, keys)
    log_change(connection, line)
    return int(article)


def _unsaid(line: Mapping[str, Any]) -> dict[str, str]:
    """What becomes of the columns that a change does not tell."""
    if "shape" in line:  # another form of the same text: that says nothing of its site
        return {name: value for name, value in _WHOLE.items() if name != "withdrawn"}
    # A new text of a copy that lies hidden still lies there.
    return _WHOLE | {"shape": "hidden" if line["path"].startswith(f"{COPIES}/") else ""}


def withdraw(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    """The article has gone from its site: its document stays, the log says so."""
    connection.execute(
        "UPDATE article SET withdrawn = ? WHERE source = ? AND key = ?", (line["at"], line["source"], line["key"])
    )
    log_change(connection, line)


def stand_again(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    """A withdrawn article is there again as it was: a change without a new text."""
    connection.execute("UPDATE article SET withdrawn = '' WHERE source = ? AND key = ?", (line["source"], line["key"]))
    log_change(connection, line)


def next_seq(connection: sqlite3.Connection) -> int:
    """Gap-free, as it is asked for inside the writing transaction."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM change").fetchone()[0])


def log_change(connection: sqlite3.Connection, line: Mapping[str, Any]) -> None:
    """The change log alone."""
    fields = {name: value for name, value in line.items() if name not in HEAD}
    connection.execute(
        "INSERT INTO change (seq, op, source, key, url, path, sha256, at, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(line[name] for name in ("seq", "op", "source", "key", "url", "path", "sha256", "at")),
            dump(fields),
        ),
    )


def note_met(
    connection: sqlite3.Connection, source: str, article: int, keys: Iterable[str], rule: str,
    addresses: Mapping[str, str], at: str,
) -> None:  # fmt: skip
    """A known article was met under these ids and addresses; what is new of them has to go into the journal."""
    for key in keys:
        if _identify(connection, source, key, article, rule):
            mark(connection, "alias", source, key)
    for url, kind in addresses.items():
        if _address(connection, source, url, kind, article, at):
            mark(connection, "address", source, url)


def settle(connection: sqlite3.Connection, source: str, keys: Iterable[str]) -> None:
    connection.executemany("DELETE FROM frontier WHERE source = ? AND key = ?", [(source, key) for key in keys])


def mark(connection: sqlite3.Connection, kind: str, scope: str, name: str) -> None:
    """The journal has to tell of this row: it does at the end of the run (``journal.tell``)."""
    connection.execute("INSERT OR IGNORE INTO unwritten VALUES (?, ?, ?)", (kind, scope, name))


def addresses_of(fields: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Each address of an article with its kind; ``kind`` is that of its own one."""
    own, *others = fields["addresses"] or [""]
    rows = {fields["original_url"]: "original"} | dict.fromkeys(others, "met") | {own: kind}
    return {url: why for url, why in rows.items() if url}


def _identify(connection: sqlite3.Connection, source: str, key: str, article: int, rule: str) -> bool:
    return _changed(
        connection.execute(
            "INSERT OR IGNORE INTO identity (source, key, article, rule) VALUES (?, ?, ?, ?)",
            (source, key, article, rule),
        )
    )


def _address(connection: sqlite3.Connection, source: str, url: str, kind: str, article: int, at: str) -> bool:
    # An address that now is another article's own belongs to that one.
    return _changed(
        connection.execute(
            "INSERT INTO address (url, source, article, kind, first_seen) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (url, source) DO UPDATE SET article = excluded.article, kind = excluded.kind "
            "WHERE excluded.kind = 'canonical' AND article != excluded.article",
            (url, source, article, kind, at),
        )
    )


def _changed(cursor: sqlite3.Cursor) -> bool:
    return cursor.rowcount > 0


def _plain(value: Any) -> Any:
    return dump(value) if isinstance(value, (list, dict)) else value
