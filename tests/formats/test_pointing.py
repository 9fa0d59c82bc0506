"""A document that only points to another: its front matter stays byte for byte, its body is one inert link."""

from __future__ import annotations

import frontmatter
import pytest
from conftest import make_article

from crawler.errors import UsageError
from crawler.formats import Context, render
from crawler.formats.pointing import Target, pointing
from crawler.models import STYLES, Style

TARGET = Target("秋粮收购进度过半", "https://www.jjckb.cn/2026-10/12/c_1.htm", "经济参考网")
CONTEXT = Context("中证网", "资讯", aggregates=False, zone="Asia/Shanghai")


def document(style: Style) -> bytes:
    return render(make_article("1001", medium="经济参考报"), style, CONTEXT)


@pytest.mark.parametrize("style", STYLES)
def test_front_matter_stays_and_the_text_goes(style: Style) -> None:
    before, after = document(style), pointing(document(style), TARGET)
    head = before.index(b"\n---", 4)
    assert after[:head] == before[:head]
    text = frontmatter.loads(after.decode()).content
    assert TARGET.url in text
    assert "同一报道见" in text
    assert make_article("1001").text.splitlines()[0] not in text


def test_the_body_in_each_style() -> None:
    bodies = {style: frontmatter.loads(pointing(document(style), TARGET).decode()).content for style in STYLES}
    link = f'<p>同一报道见：<a href="{TARGET.url}">秋粮收购进度过半</a>（经济参考网）</p>'
    assert link in bodies["hexo"]
    assert bodies["jekyll"].startswith(link + '<p class="em_media">（文章来源：经济参考报）</p>')
    assert bodies["archive"].endswith(f"同一报道见：[秋粮收购进度过半]({TARGET.url})（经济参考网）")


@pytest.mark.parametrize("style", STYLES)
def test_pointed_twice_is_the_same(style: Style) -> None:
    once = pointing(document(style), TARGET)
    assert pointing(once, TARGET) == once


@pytest.mark.parametrize("style", STYLES)
def test_nothing_of_the_other_page_becomes_active(style: Style) -> None:
    bad = Target('<script>alert(1)</script>{{x}}{% y %}"', 'https://x.example/a"><script>', "<img src=x onerror=y>")
    text = frontmatter.loads(pointing(document(style), bad).decode()).content
    assert "<script" not in text
    assert "<img" not in text
    assert "{{" not in text
    assert "{%" not in text


def test_what_is_no_document() -> None:
    with pytest.raises(UsageError):
        pointing(b"no document", TARGET)
