"""Date strings as pages, feeds, APIs and addresses write them; what is no date; what must not be guessed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.extraction.lines.dates import first_in, from_url, parse
from crawler.models import Moment, Precision

ROOT = Path(__file__).resolve().parents[2]
CHINA, NEW_YORK = "Asia/Shanghai", "America/New_York"
NOW = datetime(2026, 10, 12, 8, 30, 45, 678, tzinfo=UTC)  # 16:30:45 in Beijing, a Monday


def shown(moment: Moment | None) -> str:
    """``2026-10-12 16:30 minute``, with the offset where it is not Beijing's."""
    if moment is None:
        return "None"
    form = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}[moment.precision.value]
    offset = moment.at.strftime("%z")
    clamped = " clamped" if moment.provenance.endswith("+clamped") else ""
    return moment.at.strftime(form) + ("" if offset == "+0800" else f" {offset}") + clamped


def read(raw: str, zone: str = CHINA, now: datetime = NOW) -> str:
    return shown(parse(raw, zone=zone, now=now, provenance="page"))


ABSOLUTE = [
    ("2026-08-03 14:59", "2026-08-03 14:59"),
    ("2026-08-03 14:59:50", "2026-08-03 14:59:50"),
    ("2026/08/03 14:59", "2026-08-03 14:59"),
    ("2026.08.03 14:59:50", "2026-08-03 14:59:50"),
    ("2026-8-3 9:05:03", "2026-08-03 09:05:03"),
    ("2026-08-03", "2026-08-03"),
    ("2026/8/3", "2026-08-03"),
    ("2026. 8. 3", "2026-08-03"),
    ("2026—08—03", "2026-08-03"),
    ("20260803", "2026-08-03"),
    ("20260803 14:59", "2026-08-03 14:59"),
    ("202608031459", "2026-08-03 14:59"),
    ("20260803145950", "2026-08-03 14:59:50"),
    ("2026 08/03 14:59:50", "2026-08-03 14:59:50"),  # Xinhua: year, day and time in three elements
    ("2026年8月3日 14:59", "2026-08-03 14:59"),
    ("2026年08月03日14:59", "2026-08-03 14:59"),
    ("2026 年 8 月 3 日 14 : 59", "2026-08-03 14:59"),
    ("2026年8月3日", "2026-08-03"),
    ("2026年8月3号", "2026-08-03"),
    ("2026年08月03日14时59分", "2026-08-03 14:59"),
    ("2026年08月03日14时59分50秒", "2026-08-03 14:59:50"),
    ("2026年8月3日 14点59分", "2026-08-03 14:59"),
    ("2026年8月3日15时", "2026-08-03"),  # an hour is no time of day
    ("2026年8月3日 下午", "2026-08-03"),
    ("2026-08-03 23:59:60", "2026-08-03 23:59:59"),
    ("2026-08-03 24:00", "2026-08-04 00:00"),
    ("2026-08-03 24:00:00", "2026-08-04 00:00:00"),
    ("2026-08-03 00:00", "2026-08-03 00:00"),
    ("2024-02-29", "2024-02-29"),
    ("２０２６－０８－０３　１４：５９", "2026-08-03 14:59"),
    ("\u200e2026\u200e/\u200e8\u200e/\u200e3\u200e 14:59", "2026-08-03 14:59"),
    ("\n\t\t  2026-08-03 \xa0 14:59 \u2002\n", "2026-08-03 14:59"),
    ("2026-08-0314:59", "2026-08-03 14:59"),  # two elements without a blank
    ("二〇二六年八月三日", "2026-08-03"),
    ("二○二六年十月十日", "2026-10-10"),
    ("二零二五年十二月三十一日", "2025-12-31"),
    ("二〇二五年十一月廿三日 十四时五十九分", "2025-11-23 14:59"),
]

HALVES = [
    ("2026-08-03 上午9:05", "2026-08-03 09:05"),
    ("2026-08-03 上午12:05:06", "2026-08-03 00:05:06"),  # as programs write it
    ("2026年8月3日 凌晨0:05", "2026-08-03 00:05"),
    ("2026年8月3日凌晨 3:05", "2026-08-03 03:05"),
    ("2026年8月3日早8:05", "2026-08-03 08:05"),
    ("2026年8月3日 中午12:05", "2026-08-03 12:05"),
    ("2026年8月3日 中午1:05", "2026-08-03 13:05"),
    ("2026年8月3日 下午3:05", "2026-08-03 15:05"),
    ("2026年8月3日 下午15:05", "2026-08-03 15:05"),
    ("2026年8月3日 下午12:05", "2026-08-03 12:05"),
    ("2026年8月3日晚8时05分", "2026-08-03 20:05"),
    ("2026年8月3日 晚上11:05", "2026-08-03 23:05"),
    ("2026-08-03 2:59 PM", "2026-08-03 14:59"),
    ("2026-08-03 12:59 a.m.", "2026-08-03 00:59"),
    ("2026-08-03 12:59 p.m.", "2026-08-03 12:59"),
    ("2026-08-03 上午13:05", "None"),
    ("2026-08-03 下午0:05", "None"),
    ("2026-08-03 晚上12:30", "None"),  # of this day or the next
    ("2026-08-03 晚上2:30", "None"),
    ("2026-08-03 上午9:05 PM", "None"),
    ("2026-08-03 13:05 AM", "None"),
]

AROUND = [
    ("发布时间：2026-08-03 14:59", "2026-08-03 14:59"),
    ("發佈時間：2026-08-03 14:59", "2026-08-03 14:59"),
    ("发布于 2026-08-03", "2026-08-03"),
    ("时间:2026-08-03 14:59", "2026-08-03 14:59"),
    ("日期 2026/08/03", "2026-08-03"),
    ("[2026-08-03]", "2026-08-03"),
    ("（2026-08-03 14:59）", "2026-08-03 14:59"),
    ("| 2026-08-03 14:59 |", "2026-08-03 14:59"),
    ("Published: 2026-08-03", "2026-08-03"),
    ("Posted on August 3, 2026", "2026-08-03"),
    ("2026-08-03 14:59 发布", "2026-08-03 14:59"),
    ("2026-08-03 14:59 来源：示例日报", "2026-08-03 14:59"),
    ("2026-08-03 14:59\u2002来源：示例网\u2002\u00a0李想", "2026-08-03 14:59"),
    ("2026-08-03 14:59　作者：田野　阅读 35", "2026-08-03 14:59"),
    ("2026年8月3日 14:59 星期一", "2026-08-03 14:59"),
    ("2026-08-03 14:59 示例日报", "None"),  # what follows is not known to be a byline: first_in's task
    ("2026-08-03 星期一 14:59", "2026-08-03 14:59"),
    ("2026-08-03 周五 14:59", "2026-08-03 14:59"),  # a wrong weekday is ignored
    ("2026年08月03日（星期一）", "2026-08-03"),
    ("2026年08月03日 (一) 14:59", "2026-08-03 14:59"),
    ("星期一 2026-08-03", "2026-08-03"),
    ("Tuesday, August 3, 2026", "2026-08-03"),
]

ZONES = [
    ("2026-08-03T06:59:50Z", "2026-08-03 14:59:50"),
    ("2026-08-03t06:59:50z", "2026-08-03 14:59:50"),
    ("2026-08-03T06:59:50.123456789Z", "2026-08-03 14:59:50"),
    ("2026-08-03T14:59:50,5+08:00", "2026-08-03 14:59:50"),
    ("2026-08-03T14:59:50.000+0800", "2026-08-03 14:59:50"),
    ("2026-08-03T14:59+08", "2026-08-03 14:59"),
    ("2026-08-03T14:59:50", "2026-08-03 14:59:50"),
    ("2026-08-03 02:59:50 -0400", "2026-08-03 14:59:50"),
    ("2026-08-03T02:59:50-04:00", "2026-08-03 14:59:50"),
    ("2026-08-03 12:29:50 +05:30", "2026-08-03 14:59:50"),
    ("20260803T065950Z", "2026-08-03 14:59:50"),
    ("2026-08-03 06:59 UTC", "2026-08-03 14:59"),
    ("2026-08-03 14:59 GMT+8", "2026-08-03 14:59"),
    ("2026-08-03 14:59（北京时间）", "2026-08-03 14:59"),
    ("2026-08-03 15:59 JST", "2026-08-03 14:59"),
    ("2026-08-03 14:59:50 CST", "2026-08-03 14:59:50"),
    ("2026-08-02T18:59:50Z", "2026-08-03 02:59:50"),
    ("Mon, 03 Aug 2026 06:59:50 GMT", "2026-08-03 14:59:50"),
    ("Mon, 03 Aug 2026 14:59:50 +0800", "2026-08-03 14:59:50"),
    ("Mon, 03 Aug 2026 14:59:50 +0800 (CST)", "2026-08-03 14:59:50"),
    ("Mon, 03 Aug 2026 14:59:50 CST", "2026-08-03 14:59:50"),
    ("3 Aug 2026 14:59 +0800", "2026-08-03 14:59"),
    ("Fri, 03 Aug 2026 06:59:50 Z", "2026-08-03 14:59:50"),  # a wrong weekday again
    ("Mon Aug 03 14:59:50 CST 2026", "2026-08-03 14:59:50"),  # Java
    ("Mon Aug  3 06:59:50 UTC 2026", "2026-08-03 14:59:50"),
    ("Mon Aug 03 14:59:50 +0800 2026", "2026-08-03 14:59:50"),
    ("Mon Aug 03 2026 14:59:50 GMT+0800 (中国标准时间)", "2026-08-03 14:59:50"),  # JavaScript
    ("1785740390", "2026-08-03 14:59:50"),
    ("1785740390222", "2026-08-03 14:59:50"),
    ("Mon, 03 Aug 2026 14:59:50 EST", "None"),  # New York or Sydney
    ("Mon, 03 Aug 2026 14:59:50 BST", "None"),
    ("2026-08-03 14:59 XYZ", "None"),
    ("2026-08-03 14:59 +99:99", "None"),
    ("2026-08-03 14:59 +14:30", "None"),
    ("2026-08-03 14:59 -13:00", "None"),
    ("2026-08-03 09:00-11:00", "None"),  # a span
    ("2026-08-03 09:00 - 11:00", "None"),
]

ENGLISH = [
    ("August 3, 2026", "2026-08-03"),
    ("Aug. 3, 2026, 2:59 p.m.", "2026-08-03 14:59"),
    ("3 August 2026 14:59", "2026-08-03 14:59"),
    ("3rd of August 2026", "2026-08-03"),
    ("03-Aug-2026 14:59", "2026-08-03 14:59"),
    ("Sept 3 2026 at 14:59", "2026-09-03 14:59"),
    ("2026 August 3", "2026-08-03"),  # by dateparser
    ("2026-Aug-03", "2026-08-03"),
    ("August 2026", "None"),
    ("2026 August", "None"),
    ("2026 Augst 3", "None"),
    ("August 31, 2026 and September 1", "None"),
    ("Feb 30, 2026", "None"),
]

RELATIVE = [
    ("刚刚", "2026-10-12 16:30"),
    ("刚刚发布", "2026-10-12 16:30"),
    ("30秒前", "2026-10-12 16:30"),
    ("50秒前", "2026-10-12 16:29"),
    ("3分钟前", "2026-10-12 16:27"),
    ("3 分鐘前", "2026-10-12 16:27"),
    ("半小时前", "2026-10-12 16:00"),
    ("三小时前", "2026-10-12 13:30"),
    ("19小时 前发布", "2026-10-11 21:30"),
    ("2个小时前", "2026-10-12 14:30"),
    ("1小时30分钟前", "2026-10-12 15:00"),
    ("1天2小时前", "2026-10-11 14:30"),
    ("5天前", "2026-10-07"),
    ("两天前 来源：示例网", "2026-10-10"),
    ("3 hours ago", "2026-10-12 13:30"),
    ("an hour ago", "2026-10-12 15:30"),
    ("5 days ago", "2026-10-07"),
    ("2周前", "None"),
    ("3个月前", "None"),
    ("1年前", "None"),
    ("3日前", "None"),
    ("前", "None"),
    ("99999天前", "None"),
    ("99999小时前", "2015-05-17 01:30"),
    ("今天 16:25", "2026-10-12 16:25"),
    ("今天", "2026-10-12"),
    ("今早8:05", "2026-10-12 08:05"),
    ("今天 23:00", "2026-10-12 16:30 clamped"),
    ("昨天 08:10", "2026-10-11 08:10"),
    ("昨日08时10分", "2026-10-11 08:10"),
    ("昨晚8:10", "2026-10-11 20:10"),
    ("昨天", "2026-10-11"),
    ("前天 08:10", "2026-10-10 08:10"),
    ("大前天", "2026-10-09"),
    ("yesterday", "2026-10-11"),
    ("明天 08:10", "None"),
    ("昨天 25:00", "None"),
    ("16:25", "2026-10-12 16:25"),
    ("16:25:26", "2026-10-12 16:25:26"),
    ("下午3:05", "2026-10-12 15:05"),
    ("16:38", "2026-10-12 16:30 clamped"),  # a clock some minutes ahead, not yesterday's
    ("16:45", "2026-10-11 16:45"),
    ("23:59", "2026-10-11 23:59"),
    ("周一 16:25", "None"),
    ("16:25 GMT", "None"),
    ("10-12 16:25", "2026-10-12 16:25"),
    ("10-12 16:38", "2026-10-12 16:30 clamped"),
    ("10-12 18:00", "2025-10-12 18:00"),
    ("10-13 08:00", "2025-10-13 08:00"),
    ("12-31 23:59", "2025-12-31 23:59"),
    ("08-03", "2026-08-03"),
    ("[08-03]", "2026-08-03"),
    ("08-0314:59", "2026-08-03 14:59"),
    ("8月3日 14:59", "2026-08-03 14:59"),
    ("8月3日", "2026-08-03"),
    ("八月三日", "2026-08-03"),
    ("10月13日", "2025-10-13"),
    ("2月29日", "2024-02-29"),
    ("8月3日 周一 14:59", "2026-08-03 14:59"),
    ("2月30日", "None"),
    ("13-01 14:59", "None"),
    ("8-3", "None"),
    ("08/03", "None"),
    ("08.03", "None"),
    ("8月", "None"),
    ("上周五", "None"),
    ("周一", "None"),
]

IMPOSSIBLE = [
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0001-01-01T00:00:00Z",
    "2026-02-30",
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-08-32",
    "2026-08-03 25:00",
    "2026-08-03 24:01",
    "2026-08-03 14:60",
    "2026-08-03 14:59:61",
    "2026-08-03 14:58:60",
    "2026年13月3日",
    "1989-12-31",
    "1066-10-14",
    "0",
    "1",
    "42",
    "2026",
    "202608",
    "2026083",
    "20261301",
    "12345678",
    "123456789",
    "12345678901",
    "631151999",
    "04/07/2026",
    "13/07/2026",
    "04-07-2026",
    "04.07.2026",
    "26-08-03",
    "26年8月3日",
    "03 Aug 26 14:59:50 GMT",
    "2026-W32-1",
    "2026-215",
    "2025-2026",
    "2026年8月",
    "2026年",
    "© 2005-2026 Example",
    "v2026.08.03.1",
    "192.168.20.26",
    "400-660-0108",
    "8:30-22:00",
    "公司成立于2005年3月8日",
    "2026-08-03 至 2026-08-09",
    "2026-08-03 - 2026-08-09",
    "更新时间：2026-08-03 14:59",
    "2026-08-03 14:59 更新",
    "Last updated: August 3, 2026",
    "未知",
    "None",
    "null",
    "Invalid Date",
    "NaN",
    "",
    " ",
    "\x00",
    "\ud800",
    "二〇二六",
    "十",
]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [*ABSOLUTE, *HALVES, *AROUND, *ZONES, *ENGLISH, *RELATIVE, *((raw, "None") for raw in IMPOSSIBLE)],
)
def test_in_beijing(raw: str, expected: str) -> None:
    assert read(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-10-12 16:30:46", "2026-10-12 16:30:45 clamped"),
        ("2026-10-12 16:30", "2026-10-12 16:30"),
        ("2026-10-13 16:30", "2026-10-12 16:30 clamped"),
        ("2026-10-13 16:31", "None"),
        ("2026-10-12", "2026-10-12"),
        ("2026-10-13", "2026-10-12 clamped"),  # tomorrow's paper
        ("2026-10-14", "None"),
        ("2099-01-01", "None"),
        ("1791793845", "2026-10-12 16:30:45"),
        ("1791880245", "2026-10-12 16:30:45 clamped"),
        ("1791880246", "None"),
        ("4102444800", "None"),
    ],
)
def test_the_future_is_clamped_or_refused(raw: str, expected: str) -> None:
    assert read(raw) == expected


def test_a_moment_in_full() -> None:
    beijing = ZoneInfo(CHINA)
    assert parse("2026-08-03 14:59", zone=CHINA, now=NOW, provenance="list") == Moment(
        datetime(2026, 8, 3, 14, 59, tzinfo=beijing), Precision.MINUTE, "list"
    )
    assert parse("2026-10-13 09:00:00", zone=CHINA, now=NOW, provenance="feed") == Moment(
        datetime(2026, 10, 12, 16, 30, 45, tzinfo=beijing), Precision.SECOND, "feed+clamped"
    )
    assert parse("2026-08-03", zone=CHINA, now=NOW) == Moment(datetime(2026, 8, 3, tzinfo=beijing), Precision.DAY, "")


@pytest.mark.parametrize(
    ("zone", "raw", "expected"),
    [
        (NEW_YORK, "2026-07-04 12:58", "2026-07-04 12:58 -0400"),
        (NEW_YORK, "2026-01-04 12:58", "2026-01-04 12:58 -0500"),
        (NEW_YORK, "2026-03-08 02:30", "2026-03-08 03:30 -0400"),  # an hour that was skipped
        (NEW_YORK, "2025-11-02 01:30", "2025-11-02 01:30 -0400"),  # an hour that came twice: the first
        (NEW_YORK, "Sun, 02 Nov 2025 01:30:00 EST", "2025-11-02 01:30:00 -0500"),
        (NEW_YORK, "Sun, 02 Nov 2025 01:30:00 EDT", "2025-11-02 01:30:00 -0400"),
        (NEW_YORK, "2025-11-02T06:30:00Z", "2025-11-02 01:30:00 -0500"),
        (NEW_YORK, "Sat, 04 Jul 2026 11:58:00 EST", "2026-07-04 12:58:00 -0400"),  # EST said in summer
        (NEW_YORK, "2026-07-04 12:58 CST", "None"),
        (NEW_YORK, "2026-07-04 23:58（北京时间）", "2026-07-04 11:58 -0400"),
        (NEW_YORK, "3小时前", "2026-10-12 01:30 -0400"),
        (NEW_YORK, "06:00", "2026-10-11 06:00 -0400"),
        ("America/Chicago", "2026-01-04 12:58 CST", "2026-01-04 12:58 -0600"),
        ("Europe/London", "2026-07-04 12:58 BST", "2026-07-04 12:58 +0100"),
        ("Europe/London", "2026-07-04 12:58 GMT", "2026-07-04 13:58 +0100"),
        ("America/Sao_Paulo", "2017-10-15", "2017-10-15 -0300"),  # a day without a midnight
        ("Asia/Kolkata", "2026-07-04 12:58 IST", "2026-07-04 12:58 +0530"),
        ("Asia/Hong_Kong", "2026-07-04 12:58", "2026-07-04 12:58"),
        (CHINA, "1991-07-04 12:58", "1991-07-04 12:58 +0900"),  # China had summer time until 1991
        ("UTC", "2026-07-04 12:58 +0800", "2026-07-04 04:58 +0000"),
    ],
)
def test_other_zones(zone: str, raw: str, expected: str) -> None:
    assert read(raw, zone) == expected


def test_ago_crosses_a_change_of_summer_time() -> None:
    after = datetime(2025, 11, 2, 7, 15, tzinfo=UTC)  # 02:15 EST
    assert read("1小时前", NEW_YORK, after) == "2025-11-02 01:15 -0500"
    assert read("2小时前", NEW_YORK, after) == "2025-11-02 01:15 -0400"


@pytest.mark.parametrize(
    "zone", ["", "Asia/Nowhere", "../../etc/passwd", "/etc/passwd", "Asia", "上海", "x" * 10_000, "\0"]
)
def test_a_wrong_zone_is_no_date(zone: str) -> None:
    assert (read("2026-08-03", zone), from_url("https://a.cn/2026-08/03/", zone=zone)) == ("None", None)


@pytest.mark.parametrize(
    "now",
    [datetime(2026, 10, 12), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)],  # noqa: DTZ001
)
def test_a_now_that_is_none_is_no_date(now: datetime) -> None:
    assert (read("2026-08-03", now=now), read("99999天前", now=now)) == ("None", "None")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-03 14:59 来源：示例日报", "2026-08-03 14:59"),
        ("来源：示例日报 2026-08-03 14:59:50 字号", "2026-08-03 14:59:50"),
        ("示例日报2026年08月03日14:59", "2026-08-03 14:59"),
        ("作者：田野 | 二〇二六年八月三日 | 第3版", "2026-08-03"),
        ("2026-08-03 14:59IT之声", "2026-08-03 14:59"),
        ("2026-08-03 14:59 CCTV", "2026-08-03 14:59"),
        ("2026-08-03 06:59 UTC 示例", "2026-08-03 14:59"),
        ("News • Aug 3, 2026 · 4 min read", "2026-08-03"),
        ("Mon Aug 03 14:59:50 CST 2026 by Li", "2026-08-03 14:59:50"),
        ("2026-08-03 14:59 - 3评论", "2026-08-03 14:59"),
        ("2026-02-30 后改为 2026-03-01 09:00", "2026-03-01 09:00"),
        ("开始 2026-08-03 25:00，结束 2026-08-04 01:00", "2026-08-04 01:00"),
        ("更新时间：2026-08-05 10:00 发布时间：2026-08-03 14:59", "2026-08-03 14:59"),
        ("2026-08-05更新，发布于 2026-08-03 14:59", "2026-08-03 14:59"),
        ("更新：2026-08-05", "None"),
        ("Last updated on Monday, August 3, 2026", "None"),
        ("2026-08-03 14:59 EST", "None"),
        ("嘶声 19小时 前发布 收藏", "2026-10-11 21:30"),
        ("示例财经·8 小時前", "2026-10-12 08:30"),
        ("田野 昨天 08:10 阅读 35", "2026-10-11 08:10"),
        ("3小时前更新", "None"),
        ("昨天召开的会议", "None"),  # a day named in prose
        ("5天前他们来过", "None"),
        ("目前已有三天前景", "None"),
        ("记者三小时前到达现场，" + "他们仍在等待。" * 20, "None"),
        ("08-03 14:59 来源：示例日报", "None"),  # not complete
        ("电话 2026-08-031234", "None"),
        ("编号12026-08-03", "None"),
        ("版本 2026.08.03.1", "None"),
        ("© 2005-2026 示例", "None"),
        ("", "None"),
    ],
)
def test_first_in(text: str, expected: str) -> None:
    assert shown(first_in(text, zone=CHINA, now=NOW, provenance="byline")) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/finance/2026-08-03/A1785740390222.html", "2026-08-03"),
        ("/A1785740390222.html", "2026-08-03"),  # milliseconds
        ("/finance/2026-08-04/A1785740390222.html", "2026-08-04"),  # made before, published after midnight
        ("/xwzx/hg/202608/t20260803_6535715.html", "2026-08-03"),
        ("/a/202608033236968971.html?from=1", "2026-08-03"),
        ("/news/1354,202608032206972753.html", "2026-08-03"),
        ("/html_News/NW202608032236968971", "2026-08-03"),
        ("/a/20180803123456789.html", "2018-08-03"),  # 17 digits in 2018
        ("/2026-08/03/c_1310775525.htm", "2026-08-03"),
        ("/20260803/da12000000000000000000000000ff00/c.html", "2026-08-03"),
        ("/bjwb/mobile/2026/20260803/20260803_001/content_20260803_001_2.htm", "2026-08-03"),
        ("/news/2026/08/03/10087493.shtml", "2026-08-03"),
        ("/n1/2026/0803/c1004-32466251.html", "2026-08-03"),
        ("/2026-08-03-title.html", "2026-08-03"),
        ("/2026/08/03", "2026-08-03"),
        ("/x_20260803145950.html", "2026-08-03"),
        ("/posts/r7GB", "None"),
        ("/go-275718.html", "None"),
        ("/20260803.html", "None"),  # perhaps a number
        ("/202608/12345.html", "None"),
        ("/2026/08/index.html", "None"),
        ("/2026-13/03/x.html", "None"),
        ("/2026-02/30/x.html", "None"),
        ("/1989-08/03/x.html", "None"),
        ("/20260803/t20260804_1.html", "None"),  # two days
        ("/?date=2026-08-03", "None"),
        ("/#/2026-08/03/", "None"),
        ("/a/712345678901234567.html", "None"),
        ("/posts/1785740390222.html", "None"),
    ],
)
def test_from_url(path: str, expected: str) -> None:
    moment = from_url(f"https://20250101.2025-01-01.example.cn{path}", zone=CHINA)
    assert shown(moment) == expected
    assert moment is None or (moment.precision, moment.provenance) == (Precision.DAY, "url")


@pytest.mark.parametrize(
    "url", ["", "x", "/2026-08/03/", "http://[", "http://a", "http://a/" + "2026-08/03/" * 100_000]
)
def test_from_url_never_raises(url: str) -> None:
    from_url(url, zone=CHINA)


def test_from_url_takes_milliseconds_in_the_zone() -> None:
    late = "https://a.cn/A1785780000000.html"  # 2026-08-03 18:00 UTC
    assert (shown(from_url(late, zone=CHINA)), shown(from_url(late, zone="UTC"))) == ("2026-08-04", "2026-08-03 +0000")


PIECES = st.lists(
    st.sampled_from(
        [
            *"0123456789-/.: 年月日时点分秒天前上下午晚TZ+,[|(",
            "2026",
            "08",
            "14:59",
            "小时",
            "今天",
            "周一",
            "Aug ",
            "CST",
            "+0800",
        ]
    )
    | st.sampled_from(
        ["二〇二六", "十二", "廿", "２０２６", "\u3000", "ago", "半", "9999", "24:00", "1785740390", "更新", "来源："]
    )
).map("".join)


@given(raw=st.text(max_size=80) | PIECES, zone=st.sampled_from([CHINA, NEW_YORK, "America/Sao_Paulo", "UTC"]))
@example(raw="4 July 9999 24:00", zone=NEW_YORK)
@example(raw="31 December 9999 23:59 -1200", zone=CHINA)
def test_never_an_exception_and_never_out_of_range(raw: str, zone: str) -> None:
    for moment in (parse(raw, zone=zone, now=NOW), first_in(raw, zone=zone, now=NOW)):
        if moment:
            assert datetime(1990, 1, 1, tzinfo=ZoneInfo(zone)) <= moment.at
            assert moment.at.astimezone(UTC) <= NOW
            assert str(moment.at.tzinfo) == zone
            assert moment.precision is not Precision.DAY or moment.at.time() == datetime.min.time()


@given(at=st.datetimes(datetime(1992, 1, 1), datetime(2026, 10, 11)))  # noqa: DTZ001
def test_every_form_of_a_moment_is_that_moment(at: datetime) -> None:
    beijing = at.replace(microsecond=0, tzinfo=ZoneInfo(CHINA))
    utc = beijing.astimezone(UTC)
    forms = [
        beijing.strftime("%Y-%m-%d %H:%M:%S"),
        beijing.strftime("%Y年%m月%d日 %H时%M分%S秒"),
        f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute}:{at.second}",
        beijing.isoformat(),
        utc.isoformat(),
        beijing.strftime("%Y%m%d%H%M%S"),
        utc.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        beijing.strftime("%a %b %d %H:%M:%S CST %Y"),
        beijing.strftime("%B %d, %Y %I:%M:%S %p"),
        f"发布时间：{beijing:%Y-%m-%d %H:%M:%S} 来源：示例日报",
    ]
    if utc.timestamp() >= 1_000_000_000:
        forms += [f"{utc.timestamp():.0f}", f"{utc.timestamp():.0f}678"]
    assert [parse(form, zone=CHINA, now=NOW) for form in forms] == [Moment(beijing, Precision.SECOND)] * len(forms)


@pytest.mark.parametrize(
    "raw",
    [
        *("1" * 1_000_000, " " * 1_000_000, "2026-" * 200_000, "一" * 1_999, "(" * 1_999, "12:" * 600, "1天" * 500),
        *("Aug " * 400, "9 " * 900, "二" * 1_900 + "年", "发布" * 90, "2026-08-03 12:58 " * 100, "星期三 " * 400),
    ],
    ids=lambda raw: raw[:6],
)
def test_rubbish_is_refused_quickly(raw: str) -> None:
    start = time.process_time()
    assert read(raw) == "None"
    first_in(raw, zone=CHINA, now=NOW)
    assert time.process_time() - start < 0.1


def test_a_date_costs_little() -> None:
    start = time.process_time()
    for _ in range(200):
        read("2026年8月3日 14:59 来源：示例日报")
    assert (time.process_time() - start) / 200 < 0.001  # measured at 0.00003


LISTING = """
import sys
from datetime import UTC, datetime
sys.path.insert(0, sys.argv[1])
from crawler.extraction.lines.dates import parse
now = datetime(2026, 10, 12, 8, 30, 45, tzinfo=UTC)
for raw in sys.stdin.read().split("|"):
    for zone in ("Asia/Shanghai", "America/New_York"):
        print(raw, zone, parse(raw, zone=zone, now=now))
"""


def test_the_machine_has_no_say() -> None:
    strings = "|".join(
        ["2026 August 3", *(raw for raw, _ in (*ABSOLUTE[:9], *ZONES[:24], *RELATIVE[:60])), "2025-11-02 01:30"]
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", LISTING, str(ROOT)],
            input=strings,
            env={**os.environ, "TZ": machine, "LC_ALL": "C", "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for machine in ("UTC", "Asia/Shanghai", "America/New_York")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("Moment(") > 100


def test_now_may_come_in_any_zone() -> None:
    for zone in (CHINA, NEW_YORK, "Asia/Kolkata"):
        there = NOW.astimezone(ZoneInfo(zone)) + timedelta(0)
        assert read("3分钟前", now=there) == read("3分钟前")
