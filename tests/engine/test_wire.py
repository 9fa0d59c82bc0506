"""What crosses to the extraction worker comes back the same."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.engine import wire
from crawler.engine.loader import SourceLoader
from crawler.models import Candidate, Extraction, Image, Moment, Page, Precision

BEIJING = ZoneInfo("Asia/Shanghai")
MOMENT = Moment(datetime(2026, 10, 12, 16, 0, tzinfo=BEIJING), Precision.MINUTE, "page:time@datetime")
DAY = Moment(datetime(2026, 10, 12, tzinfo=BEIJING), Precision.DAY, "list")
CANDIDATE = Candidate(
    "cs",
    "1",
    "https://a.example/1",
    "标题\u2028",
    DAY,
    "要闻",
    "示例日报",
    "https://a.example/1.jpg",
    ("张示例", "李示例"),
)
EXTRACTION = Extraction(
    title="标题 \U0001f600",
    html="<p>正文</p>",
    text="正文",
    published=MOMENT,
    authors=("张示例",),
    medium="示例日报",
    section="要闻",
    original_url="https://b.example/",
    images=(Image("https://a.example/1.jpg", "图", "题"), Image("/2.jpg")),
    language="zh",
    evidence={"title": "h1"},
    by_container=True,
    damaged=3,
    problem="captcha",
    detail="…",
)


def crossed(message: dict[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
    frame = wire.pack(message, body)
    text, size = wire.HEAD.unpack(frame[: wire.HEAD.size])
    rest = frame[wire.HEAD.size :]
    assert len(rest) == text + size
    return json.loads(rest[:text].decode("utf-8", "surrogatepass")), rest[text:]


@pytest.mark.parametrize("extraction", [EXTRACTION, Extraction()])
def test_extraction(extraction: Extraction) -> None:
    fields, _ = crossed({"extraction": asdict(extraction)})
    assert wire.extraction_from(fields["extraction"]) == extraction


@pytest.mark.parametrize("candidate", [CANDIDATE, Candidate("cs", "1", "https://a.example/"), None])
def test_candidate(candidate: Candidate | None) -> None:
    fields, _ = crossed({"candidate": asdict(candidate) if candidate else None})
    assert wire.candidate_from(fields["candidate"]) == candidate


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 1000, "正文".encode("gbk")])
def test_page(body: bytes) -> None:
    page = Page("https://a.example/", body, datetime(2026, 10, 12, 8, 0, 0, 1, tzinfo=UTC), "gbk", "text/html")
    fields, received = crossed({"page": {**asdict(page), "body": ""}}, body)
    assert wire.page_from({name: value for name, value in fields["page"].items() if name != "body"}, received) == page


@pytest.mark.parametrize("name", SourceLoader().list())
def test_source(name: str) -> None:
    source = SourceLoader().spiders[name].source
    fields, _ = crossed({"source": wire.source_message(source)})
    assert wire.source_from(fields["source"]) == source


def test_half_a_character_does_not_stop_it() -> None:
    fields, _ = crossed({"title": "\ud800"})
    assert fields == {"title": "\ud800"}


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, lambda: None])
def test_nothing_but_data_crosses(value: object) -> None:
    with pytest.raises(TypeError, match="can not cross to the worker"):
        wire.pack({"value": value})
