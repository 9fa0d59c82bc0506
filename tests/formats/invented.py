"""Articles and contexts made up for the tests of the styles."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crawler.formats import Context
from crawler.models import Article, Moment, Precision

BEIJING = ZoneInfo("Asia/Shanghai")


def article(**fields: Any) -> Article:
    known: dict[str, Any] = {
        "source": "example",
        "key": "1",
        "url": "https://www.example.org/1.html",
        "title": "标题",
        "html": "<p>正文。</p>",
        "text": "正文。",
        "fetched": datetime(2026, 10, 13, 8, 0, tzinfo=BEIJING),
        "published": Moment(datetime(2026, 10, 13, 7, 30, tzinfo=BEIJING), Precision.MINUTE),
    }
    return Article(**{**known, **fields})


def context(**fields: Any) -> Context:
    known: dict[str, Any] = {
        "source_title": "示例网",
        "category": "资讯",
        "aggregates": True,
        "zone": "Asia/Shanghai",
    }
    return Context(**{**known, **fields})
