"""What an independent review found: sentences that are no furniture, patterns that hung, scripts that lied."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from crawler import extract
from crawler.extraction.content import furniture
from crawler.extraction.content.blocks import Block, Line
from crawler.extraction.lines import notices, western

NOW = datetime(2026, 10, 12, 1, 30, tzinfo=UTC)
LEAD = "黄河流域今日入汛，沿线各站水位缓慢上涨，三千名巡堤人员已经到岗。"
NEXT = "水文部门表示，未来三天上游仍有降雨，两岸居民无需恐慌，注意防范即可。"


def page(body: str, head: str = "") -> str:
    return f"<html><head><title>黄河流域今日入汛_青禾在线</title>{head}</head><body><h1>黄河流域今日入汛</h1>{body}</body></html>"


@pytest.mark.parametrize(
    "line",
    [
        "Related companies, such as suppliers, also saw their shares fall.",
        "Print sales of local papers fell 20 percent in a year.",
        "Other news organisations declined to comment on the report.",
        "Trending upward, the index closed at a record.",
        "See also chapter 3 of the report, he told them.",
        "Email records show that the board knew.",
        "Play resumed at 3pm after the rain.",
        "Get the vaccine now, doctors say again.",
    ],
)
def test_a_western_sentence_is_no_furniture(line: str) -> None:
    assert not western.is_furniture(line)
    assert not notices.is_furniture(line)


@pytest.mark.parametrize(
    "line", ["Read more: Ferry stays in port", "Advertisement", "Sign up to our weekly newsletter."]
)
def test_western_furniture_still_is(line: str) -> None:
    assert western.is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "文章由浅入深，讲述了黄河的变迁。",
        "本文由三部分组成，第一部分谈水文。",
        "居民可下载“浙里办”APP进行申领。",
        "市民可拨打举报电话12345反映问题。",
        "扫描二维码即可报名参加。",
        "声明：双方同意在平等互利的基础上发展关系。",
        "记者：您怎么看待这次入汛？",
    ],
)
def test_a_chinese_sentence_is_no_furniture(line: str) -> None:
    assert not notices.is_furniture(line)
    assert not notices.is_notice(line)
    assert not notices.is_byline(line, is_head=False)


def test_an_interview_keeps_its_questions() -> None:
    lines = [
        f"{who}：{text}" for n in range(4) for who, text in (("记者", f"第{n}次入汛时您在哪里"), ("周晓明", "在堤上"))
    ]
    blocks = [Block("p", (Line(text, text),)) for text in lines]
    assert furniture.clean(blocks, "标题", bylines=True).blocks == blocks


@pytest.mark.parametrize(
    "name", ["paywall", "subscriber-only", "has-share", "commentary", "no-ads", "statement", "comment-text"]
)
def test_a_class_on_every_paragraph_takes_none_away(name: str) -> None:
    text = "".join(f"<div class='{name}'><p>{sentence}</p></div>" for sentence in (LEAD, NEXT) * 3)
    assert extract(page(f"<div>{text}</div>"), fetched=NOW).text.count("黄河流域今日入汛，") == 3


def test_a_marked_word_stays_in_its_sentence() -> None:
    body = (
        "<div><p>植树造林后，<span class='share-hl'>植被覆盖率</span>稳步提高，黄河流域今日入汛时泥沙减少。</p></div>"
    )
    assert "植被覆盖率稳步提高" in extract(page(body), fetched=NOW).text


@pytest.mark.parametrize(
    "state",
    [
        '{"recommend":[{"title":"长江流域昨日入汛","content":"<p>长江流域昨日入汛，荆江段水位上涨，多地启动应急响应，巡查人员全部到岗。</p>"}]}',
        '{"tags":[{"name":"黄河","create_time":"2019-01-01 08:00:00","source":"电脑端","author":"王小明"}]}',
    ],
)
def test_another_object_of_a_script_is_not_the_article(state: str) -> None:
    found = extract(page("<p>黄河流域今日入汛。</p>", f"<script>window.STATE={state}</script>"), fetched=NOW)
    assert found.text in ("黄河流域今日入汛。", "")
    assert (found.published, found.authors, found.medium) == (None, (), "")


@pytest.mark.parametrize("value", ["Infinity", "1e999", "NaN", "-5"])
def test_a_time_that_is_none(value: str) -> None:
    state = f'{{"title":"黄河流域今日入汛","time":{value}}}'
    found = extract(page(f"<p>{LEAD}</p><p>{NEXT}</p>", f"<script>var d={state};</script>"), fetched=NOW)
    assert (found.problem, found.published) == ("", None)


def test_text_of_json_ld_is_characters_only() -> None:
    told = (
        '{"@type":"NewsArticle","headline":"黄河流域今日入汛","articleBody":"'
        + LEAD * 3
        + '\\ud800\\u001b[31m\\u202e"}'
    )
    found = extract(page("<p>短</p>", f"<script type='application/ld+json'>{told}</script>"), fetched=NOW)
    found.text.encode()
    assert not {"\ud800", "\x1b", "\u202e"} & set(found.text + found.html)


def test_the_neighbours_line_is_not_ours() -> None:
    body = f"<div><p>{LEAD}</p><p>{NEXT}</p></div><div>下一篇：长江 2024-05-30 来源：新华网</div>"
    found = extract(page(body), fetched=NOW)
    assert (found.published, found.medium) == (None, "")


@pytest.mark.parametrize(
    "body",
    [
        "<p>" + " » ".join("ABCDEFGHIJKLMN") + "</p>",
        f"<p>{LEAD}</p><p>{NEXT}</p><p>{'#' * 60}</p>",
        f"<p>{LEAD}</p><p>{'赞 ' * 14}x</p>",
        f"<p>{LEAD}</p><pre>x{' ' * 50_000}y</pre>",
        "<script>" + "location='#';" * 4_400 + "</script>",
        f"<p>{LEAD}</p><p>相关阅读</p>" * 2_000,
        "<div class='related'>" * 1_500 + LEAD * 200 + "</div>" * 1_500,
        "<script>x='" * 40 + ":undefined," * 100_000 + "</script>",
    ],
    ids=["breadcrumb", "number signs", "buttons", "blanks", "assignments", "headings", "nested boxes", "undefined"],
)
def test_no_page_hangs(body: str) -> None:
    start = time.process_time()
    extract(page(f"<div>{body}</div>"), fetched=NOW)
    assert time.process_time() - start < 8  # seconds; the worst of them took more than 40


@pytest.mark.parametrize("tag", ["h1", "h2", "h3", "h4", "h5", "b"])
def test_any_heading_may_be_the_headline(tag: str) -> None:
    markup = page(f"<div><p>{LEAD}</p><p>{NEXT}</p></div>").replace("<h1>", f"<{tag}>").replace("</h1>", f"</{tag}>")
    found = extract(markup, fetched=NOW)
    assert (found.title, found.evidence["title"]) == ("黄河流域今日入汛", "heading")
