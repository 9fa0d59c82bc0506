"""Frames between the run and its extraction worker: JSON and bytes, never pickle.

The worker has parsed hostile pages, so nothing that comes back from it may carry code.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from datetime import datetime
from typing import Any

from crawler.models import Candidate, Extraction, Image, ListPage, Moment, Page, Precision, Source

HEAD = struct.Struct(">II")  # length of the JSON part, length of the bytes behind it
LIMIT = 64 * 1024 * 1024  # bytes of one part; more is a broken worker


def pack(message: dict[str, Any], body: bytes = b"") -> bytes:
    text = json.dumps(message, ensure_ascii=False, default=_encode).encode("utf-8", "surrogatepass")
    return HEAD.pack(len(text), len(body)) + text + body


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Precision):
        return value.value
    raise TypeError(f"can not cross to the worker: {value!r}")


def source_message(source: Source) -> dict[str, Any]:
    return asdict(source)


def source_from(fields: dict[str, Any]) -> Source:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    for name in ("lists", "archives"):
        values[name] = tuple(ListPage(**entry) for entry in fields[name])
    return Source(**values)


def moment_from(fields: dict[str, Any] | None) -> Moment | None:
    if fields is None:
        return None
    return Moment(datetime.fromisoformat(fields["at"]), Precision(fields["precision"]), fields["provenance"])


def candidate_from(fields: dict[str, Any] | None) -> Candidate | None:
    if fields is None:
        return None
    return Candidate(**{**fields, "published": moment_from(fields["published"]), "authors": tuple(fields["authors"])})


def page_from(fields: dict[str, Any], body: bytes) -> Page:
    return Page(**{**fields, "fetched": datetime.fromisoformat(fields["fetched"])}, body=body)


def extraction_from(fields: dict[str, Any]) -> Extraction:
    return Extraction(
        **{
            **fields,
            "published": moment_from(fields["published"]),
            "authors": tuple(fields["authors"]),
            "images": tuple(Image(**image) for image in fields["images"]),
        }
    )
