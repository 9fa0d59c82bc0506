"""`from crawler import extract`: what another program gets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler import extract
from crawler.models import Precision

HTML = """<html lang="zh"><head><meta charset="gb2312"><title>三号线周一开通_青禾在线</title></head><body><h1>三号线周一开通</h1>
<p>来源：青禾日报　记者：周晓明　3小时前</p><div><p>青禾市轻轨三号线周一早晨开通，全长二十一公里，设十六座车站。</p>
<p>首班车六点从三号线北站发出，票价两元起，市民可以刷卡进站。</p></div></body></html>"""
NOW = datetime(2026, 10, 12, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("html", [HTML, HTML.encode("gb18030"), HTML.encode()], ids=["str", "gb2312", "utf-8"])
def test_a_page_as_text_or_bytes(html: str | bytes) -> None:
    found = extract(html, "https://www.example.org/news/1.html", fetched=NOW)
    assert found.title == "三号线周一开通"
    assert found.text.splitlines()[0] == "青禾市轻轨三号线周一早晨开通，全长二十一公里，设十六座车站。"
    assert (found.medium, found.authors, found.problem) == ("青禾日报", ("周晓明",), "")
    assert found.published is not None
    assert found.published.at.isoformat() == "2026-10-12T06:30:00+08:00"
    assert found.published.precision is not Precision.DAY
    assert found.confidence > 0.7
    assert set(found.evidence) >= {"title", "body", "published", "authors", "medium"}


def test_no_article_is_no_error() -> None:
    assert extract(b"").problem == "empty"
