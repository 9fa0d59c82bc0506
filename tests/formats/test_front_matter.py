"""Whatever a page calls itself, the front matter keeps its keys, and every parser reads the same values."""

from __future__ import annotations

import io
from typing import Any

import frontmatter
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import article, context
from ruamel.yaml import YAML

from crawler.formats import render
from crawler.formats.base import double, one_line, plain, single, stamp
from crawler.models import STYLES, Style

KEYS = {
    "hexo": ["title", "categories", "headimg", "author", "comments", "date", "thumbnail"],
    "archive": ["title", "url", "source", "date", "fetch_date"],
    "jekyll": ["layout", "title", "date", "categories", "tags"],
}
# each between two bars
LOOKS_LIKE_YAML = """
yes|no|on|Off|Y|n|null|NULL|~|true|False|none|.inf|.nan|nan|2022-01-05|2022-01-05 12:30:00|12:30|190:20:30|0123
0x1F|0b1|0o17|1e3|-1.5|+1|1_000|1,000|=|<<|-|--|---|...|- a|? a|: a|a:|a: b|a : b|key:value|http://x/y#z|a #b|#a|a#b
@a|*a|&a|!a|!!str a|%a|`a|>a|{a: b}|[a, b]|{{ a }}|{% raw %}|{# a #}|'a'|"a"|it's|a "b" c|a\\b|\\|\\n|'|"|''|a'|,a|?
前言：正文|：冒号开头|“引号”|　全角空格|a　|2022年|１２３|a: 中文|中文: a|中文 #a|中文:|😀|😀: x|🏳️‍🌈|e\u0301|\u200b|\ufffd|\ue000
"""
HOSTILE = [*LOOKS_LIKE_YAML.strip().replace("\n", "|").split("|"), "a|b", "| a", " a", "a ", "", " "]
BROKEN = {
    "a\nlayout: evil": "a layout: evil",
    "a\r\n---\npermalink: /../../x": "a  --- permalink: /../../x",
    "a\tb": "a b",
    "a\x85b\u2028c\u2029d": "a b c d",
    "\ufeffa\x00b\x1b[31mc\x7f\x9f": "ab[31mc",
    "\ud83d half": " half",
    "\ufffea\uffff": "a",
}


def by_every_parser(document: bytes) -> dict[str, Any]:
    """The values, after PyYAML (1.1), libyaml through python-frontmatter, and ruamel (1.2) agreed on them."""
    matter = document.decode().split("---\n")[1]
    values = yaml.safe_load(matter)
    assert frontmatter.loads(document.decode()).metadata == values
    assert YAML(typ="safe", pure=True).load(io.StringIO(matter)) == values
    assert isinstance(values, dict)
    return values


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_that_looks_like_yaml_is_read_as_it_stands(style: Style, text: str) -> None:
    values = by_every_parser(
        render(article(title=text, medium=text, section=text), style, context(source_title=text, category=text))
    )
    assert list(values) == KEYS[style]
    assert values["title"] == (text if text or style != "archive" else None)
    if style == "hexo":
        assert values["author"] == (text or None)
        assert values["categories"] == ([text] * 3 if text.strip() else None)
    if style == "archive":
        assert values["source"] == (text or None)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("text", "expected"), BROKEN.items())
def test_what_yaml_cannot_carry_stays_in_one_line(style: Style, text: str, expected: str) -> None:
    values = by_every_parser(render(article(title=text, medium=text, section=text), style, context()))
    assert list(values) == KEYS[style]
    assert values["title"] == expected


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(title=st.text(), medium=st.text(max_size=30), section=st.text(max_size=30), style=st.sampled_from(STYLES))
def test_any_text_gives_the_same_keys_and_values_everywhere(
    title: str, medium: str, section: str, style: Style
) -> None:
    values = by_every_parser(
        render(article(title=title, medium=medium, section=section), style, context(source_title=medium))
    )
    assert list(values) == KEYS[style]
    assert values["title"] in (one_line(title), None)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.text("0123456789-+.:_eExXnNyYtTfFlLuUaAsSoOrR~#'\"\\ ,[]{}&*!|>%@`")))
def test_each_quoting_gives_the_text_back(text: str) -> None:
    for quote in (single, double, plain):
        written = quote(text)
        assert "\n" not in written
        for value in (yaml.safe_load(f"a: {written}"), YAML(typ="safe", pure=True).load(f"a: {written}")):
            assert value["a"] == (one_line(text) or (None if quote is plain else ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-13", "2026-10-13"),
        ("2026-10-13T01:17:20.628847", "2026-10-13T01:17:20.628847"),
        ("2026-10-13 12:05:06 +0800", "2026-10-13 12:05:06 +0800"),
        ("", ""),
        ("2026-10-13 x: y", '"2026-10-13 x: y"'),
        ("12:30", '"12:30"'),
    ],
)
def test_only_a_date_is_written_as_a_date(text: str, expected: str) -> None:
    assert stamp(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("示例安全 - 日报", "示例安全 - 日报"),
        ("https://www.example.org/a?b=1&c=2#d", "https://www.example.org/a?b=1&c=2#d"),
        ("2026年第三季度通报", "2026年第三季度通报"),
        ("no", '"no"'),
        ('他说: "好"', '"他说: \\"好\\""'),
    ],
)
def test_quotes_stand_only_where_they_are_needed(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("style", STYLES)
def test_long_values_are_bounded(style: Style) -> None:
    document = render(article(title="长" * 50_000, medium="刊" * 50_000, section="栏" * 50_000), style, context())
    assert len(document) < 12_000
    assert list(by_every_parser(document)) == KEYS[style]


@pytest.mark.parametrize("style", STYLES)
def test_a_body_with_fences_of_its_own_leaves_the_header_alone(style: Style) -> None:
    document = render(article(html="<p>---</p><pre>---\ntitle: x\n---</pre><p>---</p>"), style, context())
    assert list(by_every_parser(document)) == KEYS[style]
    start = 1 if style == "hexo" else 0
    assert document[start : start + 4] == b"---\n"
