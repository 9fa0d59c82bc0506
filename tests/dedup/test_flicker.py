"""What a page changes by itself is no revision; what a person corrects is one; and a page that flaps is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.dedup.flapping import Version, flaps
from crawler.dedup.flicker import same_but_for_flicker

BODY = "市工信局昨日通报，前三季度规模以上企业增加值同比增长百分之六。\n负责人表示，四季度将继续扩大有效投资。"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("阅读量：10234", "阅读量：10240"),
        ("阅读 1.2万", "阅读 3.4万"),
        ("评论(12) 点赞(30)", "评论(13) 点赞(31)"),
        ("128人浏览", "256人浏览"),
        ("5分钟前", "2小时前"),
        ("刚刚", "3天前"),
        ("当前时间：2026年3月2日 09:30:00", "当前时间：2026年3月2日 10:45:12"),
        ("1,024 views", "2,048 views"),
        ("3 hours ago", "5 hours ago"),
        ("阅读量：1", ""),
    ],
)
def test_what_flickers(old: str, new: str) -> None:
    assert same_but_for_flicker(f"{BODY}\n{old}", f"{BODY}\n{new}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("百分之六", "百分之九"),
        ("昨日", "今日"),
        ("四季度将继续扩大有效投资。", "四季度将继续扩大有效投资。该活动的阅读量达到12万次，比去年同期多出许多，主办方对此表示满意，并希望明年继续举办这样的活动，吸引更多的读者。"),
        ("负责人表示", "负责人否认"),
    ],
)  # fmt: skip
def test_what_is_a_revision(old: str, new: str) -> None:
    assert not same_but_for_flicker(BODY, BODY.replace(old, new))


def test_a_number_in_a_long_line_is_news() -> None:
    line = "据平台统计，这篇报道发布一天之内的阅读量是{}次，评论数和转发数也都创下了这个栏目开办以来的最高纪录，编辑部昨天为此专门开了一次会，讨论今后的选题。"
    assert len(line) > 60
    assert not same_but_for_flicker(line.format(120), line.format(340))


def play(texts: str, step: timedelta = timedelta(hours=6)) -> list[str]:
    """For each text in turn: "" if it was taken, else why not; one letter a text."""
    filed: list[Version] = []
    told = []
    for number, text in enumerate(texts):
        new = Version(START + step * number, "题", text)
        if filed and filed[-1].fingerprint == text:
            continue
        reason = flaps(filed, new) if filed else ""
        told.append(reason)
        if not reason:
            filed.append(new)
    return told


@pytest.mark.parametrize(
    ("texts", "taken"),
    [("A", 1), ("AB", 2), ("ABC", 3), ("ABCDEFG", 7), ("ABA", 3), ("ABAC", 4), ("ABAB", 3), ("ABCABC", 4), ("ABABABAB", 3)],
)  # fmt: skip
def test_one_return_is_a_correction_taken_back_two_are_a_flapping_page(texts: str, taken: int) -> None:
    assert play(texts).count("") == taken


def test_too_many_revisions_within_two_days() -> None:
    told = play("ABCDEFGHIJKL", timedelta(hours=1))
    assert told.index("revised 8 times within 2 days") == 9
    assert play("ABCDEFGHIJKL", timedelta(days=1)).count("") == 12
