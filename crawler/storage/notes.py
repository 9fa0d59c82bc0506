"""What the journal tells beside the changes: the present state of each row that has changed, as one line.

Read from the index when the line is written, so that ten changes of a debt within a run are one line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from crawler.storage.index import Index

Note = dict[str, Any]


def notes_of(index: Index, due: Iterable[tuple[str, str, str]], last: int) -> Iterator[Note]:
    """``due`` is (kind, scope, name) of each row; ``last`` the change after which the lines stand."""
    came: dict[int, list[str]] = {}
    lists: dict[int, bool] = {}  # id: whether its poll was completed
    for kind, scope, name in due:
        if kind == "sighting":
            lists.setdefault(int(scope), False)
            came.setdefault(int(scope), []).append(name)
        elif kind == "list":
            rows = index.rows("SELECT id FROM list WHERE source = ? AND url = ?", (scope, name))
            lists.update((row[0], True) for row in rows)
        elif (line := _READERS[kind](index, scope, name)) is not None:
            yield {"op": line.pop("op", kind), "after": last, **line}
    for id_, is_polled in sorted(lists.items()):
        yield {"op": "list", "after": last, **_list(index, id_, came.get(id_, []), is_polled)}


def _row(index: Index, names: str, rest: str, parameters: tuple[object, ...]) -> Note | None:
    """``names`` and ``rest`` are our own constants."""
    rows = index.rows(f"SELECT {names} {rest}", parameters)
    bare = (name.rpartition(" ")[2].rpartition(".")[2] for name in names.split(", "))
    return dict(zip(bare, rows[0], strict=True)) if rows else None


def _alias(index: Index, source: str, key: str) -> Note | None:
    rest = "FROM identity i JOIN article a ON a.id = i.article WHERE i.source = ? AND i.key = ?"
    return _row(index, "i.source, i.key, a.key AS article, i.rule", rest, (source, key))


def _address(index: Index, source: str, url: str) -> Note | None:
    rest = "FROM address d JOIN article a ON a.id = d.article WHERE d.source = ? AND d.url = ?"
    return _row(index, "d.source, d.url, a.key AS article, d.kind, d.first_seen", rest, (source, url))


def _debt(index: Index, source: str, key: str) -> Note | None:
    names = "source, key, url, candidate, found, state, tries, due, reason"
    line = _row(index, names, "FROM frontier WHERE source = ? AND key = ?", (source, key))
    if line is None:
        return {"op": "settled", "source": source, "key": key}
    return {"op": "debt", **line, "candidate": json.loads(line["candidate"])}


def _list(index: Index, id_: int, came: list[str], is_polled: bool) -> Note:
    line = _row(index, "source, url, section, poll, last_new", "FROM list WHERE id = ?", (id_,)) or {}
    names = "key, first_seen, last_seen, poll, published, precision"
    line["came"] = [
        list(index.rows(f"SELECT {names} FROM sighting WHERE list = ? AND key = ?", (id_, key))[0])  # noqa: S608
        for key in came
    ]
    shown: dict[str, list[str]] = {}
    if is_polled and line["poll"]:
        for key, last_seen in index.rows(
            "SELECT key, last_seen FROM sighting WHERE list = ? AND poll = ? ORDER BY key", (id_, line["poll"])
        ):
            shown.setdefault(last_seen, []).append(key)
    return {**line, "shown": shown}


def _source(index: Index, name: str, _: str) -> Note | None:
    names = "name, title, first_run, last_run, last_verdict, last_reason, last_new"
    return _row(index, names, "FROM source WHERE name = ?", (name,))


def _run(index: Index, run_id: str, _: str) -> Note | None:
    names = "run_id, started, finished, pid, exit_code, report"
    line = _row(index, names, "FROM run WHERE run_id = ?", (run_id,))
    if line and line["report"]:
        line["report"] = json.loads(line["report"])
    return line


def _gap(index: Index, source: str, name: str) -> Note | None:
    found, _, list_ = name.partition(" ")
    names = "source, list, since, until, found, run_id, closed"
    return _row(index, names, "FROM gap WHERE source = ? AND list = ? AND found = ?", (source, list_, found))


def _damaged(index: Index, source: str, key: str) -> Note:
    return {"source": source, "key": key}


_READERS: dict[str, Callable[[Index, str, str], Note | None]] = {
    "alias": _alias,
    "address": _address,
    "frontier": _debt,
    "source": _source,
    "run": _run,
    "gap": _gap,
    "damaged": _damaged,
}
