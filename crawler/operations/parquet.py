"""Records as a Parquet file, a row group at a time. Needs pyarrow, which is an extra: it is larger than all the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, datetime
from importlib import import_module
from typing import IO, Any

from crawler.errors import UsageError

ROWS = 5_000  # of a group at most: small news items
SIZE = 16 << 20  # characters of a group at most: what is held in memory
_TIMES = ("fetched", "first_seen", "withdrawn")
_LISTS = ("authors", "images")
_NUMBERS = ("revision", "length")


def write_parquet(out: IO[bytes], records: Iterable[dict[str, Any]]) -> None:
    """Times are UTC timestamps, `day` is a date, both null where nothing is known; `published` stays as it was told."""
    arrow, parquet = _pyarrow()
    schema = _schema(arrow)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        group: list[dict[str, Any]] = []
        size = 0
        for record in records:
            group.append(_typed(record))
            size += len(record["text"]) + len(record["html"])
            if len(group) == ROWS or size > SIZE:
                writer.write_table(arrow.Table.from_pylist(group, schema))
                group, size = [], 0
        if group:
            writer.write_table(arrow.Table.from_pylist(group, schema))


def refuse_without_pyarrow() -> None:
    """Raises UsageError with the command that installs it."""
    _pyarrow()


def _pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise UsageError(
            f"parquet needs pyarrow, which is not installed; say: {sys.executable} -m pip install pyarrow"
        ) from None


def _schema(arrow: Any) -> Any:
    from crawler.operations.export import FIELDS

    text = arrow.string()
    types = dict.fromkeys(_TIMES, arrow.timestamp("us", tz="UTC")) | {
        "day": arrow.date32(),
        "evidence": arrow.map_(text, text),
        **dict.fromkeys(_LISTS, arrow.list_(text)),
        **dict.fromkeys(_NUMBERS, arrow.int32()),
    }
    return arrow.schema([(name, types.get(name, text)) for name in FIELDS])


def _typed(record: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(record[name]) if record[name] else None for name in _TIMES}
    day = date.fromisoformat(record["day"]) if record["day"] else None
    return record | times | {"day": day, "evidence": [(name, str(where)) for name, where in record["evidence"].items()]}
