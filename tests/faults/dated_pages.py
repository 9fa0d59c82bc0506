"""Pages that tell a date in every form of rows D1 to D11; as a program, their documents in all styles as JSON.

As a program it is started under several TZ: what it prints must not depend on it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)] if str(ROOT) not in sys.path else []

from crawler.discovery import listing  # noqa: E402
from crawler.extraction.page import extract  # noqa: E402
from crawler.formats import Context, render  # noqa: E402
from crawler.models import STYLES, Article, Extraction, ListPage, Moment, Page, Source  # noqa: E402

URL = "https://news.example/a/7.html"
NOW = datetime(2026, 10, 12, 8, 30, 45, tzinfo=UTC)  # 16:30:45 in Beijing
BODY = (
    "<p>本报讯 记者昨日从示例市建设局获悉，新的轻轨线路已经完成全部年度目标，比原计划提前了两个月。</p>"
    "<p>负责人表示，后续工作将在明年春天展开，届时沿线居民的出行时间会缩短一半左右。</p>"
)

# What stands beside the headline, the source's zone, and the date of the article in ISO 8601; "": none.
SHOWN = {
    "D1-no-zone-in-China": ("2026-08-03 14:59", "Asia/Shanghai", "2026-08-03T14:59:00+08:00"),
    "D1-no-zone-in-New-York": ("2026-08-03 14:59", "America/New_York", "2026-08-03T14:59:00-04:00"),
    "D2-CST-is-China's": ("Mon, 03 Aug 2026 14:59:50 CST", "Asia/Shanghai", "2026-08-03T14:59:50+08:00"),
    "D2-EST-is-anybody's": ("2026-08-03 14:59:50 EST", "Asia/Shanghai", ""),
    "D2-BST-is-anybody's": ("2026-08-03 14:59:50 BST", "Asia/Shanghai", ""),
    "D3-Chinese": ("2022年7月4日 12:58", "Asia/Shanghai", "2022-07-04T12:58:00+08:00"),
    "D3-slashes": ("2022/07/04", "Asia/Shanghai", "2022-07-04"),
    "D3-hours-ago": ("3小时前", "Asia/Shanghai", "2026-10-12T13:30:00+08:00"),
    "D3-yesterday": ("昨天 08:10", "Asia/Shanghai", "2026-10-11T08:10:00+08:00"),
    "D3-just-now": ("刚刚", "Asia/Shanghai", "2026-10-12T16:30:00+08:00"),
    "D4-zeros": ("0000-00-00 00:00:00", "Asia/Shanghai", ""),
    "D4-30-February": ("2022-02-30", "Asia/Shanghai", ""),
    "D4-24-hours": ("2026-08-03 24:00", "Asia/Shanghai", "2026-08-04T00:00:00+08:00"),
    "D4-impossible-offset": ("2026-08-03 14:59 +99:99", "Asia/Shanghai", ""),
    "D4-wrong-weekday": ("Fri, 03 Aug 2026 06:59:50 GMT", "Asia/Shanghai", "2026-08-03T14:59:50+08:00"),
    "D4-two-digits-of-a-year": ("26-08-03", "Asia/Shanghai", ""),
    "D5-ten-minutes-ahead": ("2026-10-12 16:40", "Asia/Shanghai", "2026-10-12T16:30:00+08:00"),
    "D5-year-2099": ("2099-01-01 00:00", "Asia/Shanghai", ""),
    "D10-before-summer-time-ends": ("2025-11-02 00:30", "America/New_York", "2025-11-02T00:30:00-04:00"),
    "D10-after-summer-time-ends": ("2025-11-02 03:30", "America/New_York", "2025-11-02T03:30:00-05:00"),
    "D10-last-day-of-a-year": ("2025-12-31 23:59:59", "Asia/Shanghai", "2025-12-31T23:59:59+08:00"),
    "D11-leap-second": ("2016-12-31 23:59:60", "UTC", "2016-12-31T23:59:59+00:00"),
    "D11-year-999": ("0999-01-01 12:00", "Asia/Shanghai", ""),
}
# The same on a list page, which may be shorter: its row's date and that of the candidate.
LISTED = {
    "D3-no-year": ("07-04 12:58", "Asia/Shanghai", "2026-07-04T12:58:00+08:00"),
    "D3-no-year-and-still-to-come": ("12-31 23:59", "Asia/Shanghai", "2025-12-31T23:59:00+08:00"),
    "D4-epoch-seconds": ("1785740390", "Asia/Shanghai", "2026-08-03T14:59:50+08:00"),
    "D4-epoch-milliseconds": ("1785740390222", "Asia/Shanghai", "2026-08-03T14:59:50+08:00"),
}
# D6 and D7: a page with these parts, and its date.
PARTS = {
    "D6-all-agree-but-the-footer": (
        '<meta property="article:published_time" content="2026-08-03T14:59:00+08:00">', "<p>2026-08-03 14:59</p>",
        "© 2005-2025 示例日报", "2026-08-03T14:59:00+08:00",
    ),
    "D7-copyright-only": ("", "", "© 2005-2025 示例日报", ""),
    "D7-in-the-prose-only": ("", "", "公司成立于1998年3月8日", ""),
    "D7-banner-only": ("", "<div class='top'>今天是2025年5月1日 星期四</div>", "", ""),
    "D7-updated-only": ('<meta property="article:modified_time" content="2026-09-09T10:00:00+08:00">', "", "", ""),
}  # fmt: skip


def page(beside: str, head: str = "", foot: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>轻轨提前完工</title>{head}</head><body><h1>轻轨提前完工</h1>{beside}"
        f"<div class='text'>{BODY}</div><div class='foot'>{foot}</div></body></html>"
    ).encode()


def extracted(name: str) -> Extraction:
    if name in SHOWN:
        shown, zone, _ = SHOWN[name]
        body = page(f'<span class="time">{shown}</span>')
    else:
        head, beside, foot, _ = PARTS[name]
        body, zone = page(beside, head, foot), "Asia/Shanghai"
    declared = ("span.time",) if name in SHOWN else ()
    source = Source(
        "news", "示例网", "https://news.example/", ("news.example",), "archive", zone=zone, published=declared
    )
    return extract(Page(URL, body, NOW, "utf-8", "text/html"), source, zone=zone)


def listed(name: str) -> Moment | None:
    shown, zone, _ = LISTED[name]
    body = f"<html><body><ul class='news'><li><a href='/a/7.html'>轻轨提前完工</a><span>{shown}</span></li></ul></body></html>"
    entry = ListPage("https://news.example/news/")
    source = Source(
        "news", "示例网", "https://news.example/", ("news.example",), "archive", zone=zone,
        articles=(r"/a/(?P<key>\d+)\.html$",), lists=(entry,), rows=("ul.news li",), row_date=("span",),
    )  # fmt: skip
    (row,) = listing.read(Page(entry.url, body.encode(), NOW, "utf-8", "text/html"), source, entry).candidates
    return row.published


def documents(name: str) -> dict[str, str]:
    found = extracted(name)
    article = Article(
        "news", "7", URL, found.title, found.html, found.text, NOW + timedelta(microseconds=7), found.published
    )
    context = Context(source_title="示例网", category="资讯", aggregates=True, zone="Asia/Shanghai")
    return {style: render(article, style, context).decode() for style in STYLES}


if __name__ == "__main__":
    told = {name: documents(name) for name in (*SHOWN, *PARTS)} | {name: str(listed(name)) for name in LISTED}
    json.dump(told, sys.stdout, ensure_ascii=False)
