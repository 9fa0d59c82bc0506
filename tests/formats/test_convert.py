"""A document read and written again is the same bytes; in another style it says the same."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from invented import BEIJING, article, context
from markdown_it import MarkdownIt

from crawler.errors import UsageError
from crawler.formats import convert, detect_style, render
from crawler.models import STYLES, Moment, Precision, Style

HERE = Path(__file__).resolve().parent
DOCUMENTS = {path.name: path for path in sorted((HERE / "documents").iterdir())}
SAMPLES = {path.name: path for path in sorted((HERE.parents[2] / "shared" / "samples").glob("*.txt"))}
EVERY = [pytest.param(path, id=name) for name, path in {**DOCUMENTS, **SAMPLES}.items()]


def style_of(path: Path) -> Style:
    return next(style for style in STYLES if path.name.startswith(style))


def shown(document: bytes) -> str:
    """The text of the body as a reader sees it, without white space."""
    body = document.decode().split("---\n", 2)[2]
    body = re.sub(r"\n\n(<http\S+>\n\n)?\[返回.*\Z", "", body, flags=re.DOTALL)
    if detect_style(document) == "archive":
        body = MarkdownIt("commonmark", {"html": True}).enable("table").render(body.split("\n\n", 1)[1])
    return "".join(unescape(re.sub(r"<[^>]*>", "", body)).split())


def test_the_samples_are_here() -> None:
    if not SAMPLES:
        pytest.skip("the samples are not part of the project; documents/ has our own of the same forms")
    assert len(SAMPLES) == 5


@pytest.mark.parametrize("path", EVERY)
def test_a_document_in_its_own_style_is_the_same_bytes(path: Path) -> None:
    content = path.read_bytes()
    assert detect_style(content) == style_of(path)
    assert convert(content, style_of(path)) == content
    assert convert(content, None) == content


@pytest.mark.parametrize("to", STYLES)
@pytest.mark.parametrize("path", EVERY)
def test_a_document_in_another_style_says_the_same(path: Path, to: Style) -> None:
    content = path.read_bytes()
    converted = convert(content, to)
    assert detect_style(converted) == to
    assert convert(converted, None) == converted
    title = re.search(r"^title: ['\"]?(.*?)['\"]?$", content.decode(), re.MULTILINE)
    assert title is not None
    assert title[1] in converted.decode()
    assert shown(converted).removesuffix(credit(converted)) == shown(content).removesuffix(credit(content))


def credit(document: bytes) -> str:
    found = re.search(r"（文章来源：[^<（）]*）", document.decode())
    return "".join(found[0].split()) if found else ""


@pytest.mark.parametrize(
    ("name", "to", "lines"),
    [
        ("hexo.md", "archive", ["url: ", "source: 示例新闻网", "date: 2026-10-13", "fetch_date: "]),
        (
            "hexo.md",
            "jekyll",
            ["date: 2026-10-13 12:05:06 +0800", "categories: shilixinwenwang", "tags: 示例新闻网新闻"],
        ),
        (
            "archive.md",
            "hexo",
            ["date: Tue, 13 Oct 2026 00:00:00 GMT", "headimg: 'https://img.example.org/2026/1.png'"],
        ),
        ("archive.md", "jekyll", ["date: 2026-10-13 00:00:00 +0800", "<https://www.example.org/posts/aB3d>"]),
        ("jekyll-joined.md", "hexo", ["date: Tue, 13 Oct 2026 04:05:06 GMT", " - 示例晚报", "author: 示例晚报"]),
        ("jekyll-spaced.md", "archive", ["date: 2026-10-13", "source: 示例晚报", "**费用如何分担**"]),
        (
            "jekyll-spaced.md",
            "archive",
            ["url: http://news.example.com/NewsShare.html?infoCode=NW202610130000000001", "（文章来源：示例晚报）"],
        ),
    ],
)
def test_fields_go_where_they_belong_and_unknown_ones_stay_empty(name: str, to: Style, lines: list[str]) -> None:
    converted = convert(DOCUMENTS[name].read_bytes(), to).decode().split("\n")
    assert [line for line in lines if line in converted] == lines


def test_a_credit_is_not_repeated_on_the_way_through_other_styles() -> None:
    content = DOCUMENTS["jekyll-spaced.md"].read_bytes()
    for way in (["archive", "jekyll"], ["hexo", "jekyll"], ["archive", "hexo", "archive", "jekyll"]):
        converted = content
        for style in way:
            converted = convert(converted, style)  # type: ignore[arg-type]
        assert converted.decode().count("文章来源") == 1
        assert shown(converted) == shown(content)


def test_raw_html_in_a_document_is_sanitised_on_the_way() -> None:
    content = DOCUMENTS["archive.md"].read_bytes() + b"\n\n<script>alert(1)</script>\n\n<b onclick=x>z</b> {{ y }}"
    for to in ("hexo", "jekyll"):
        converted = convert(content, to).decode()
        assert "<script" not in converted
        assert "<strong>z</strong> &#123;&#123; y &#125;&#125;" in converted


# --- collected documents ---------------------------------------------------------

HTML = (
    "<h2>小题</h2><p>正文 7*24，“<strong>引用：</strong>后”。</p><ul><li>一</li><li>二</li></ul>"
    '<p><img src="https://a.cn/1.png" alt="图"></p><pre>{{ a }}\n&lt;b&gt;</pre><table><tr><td>1</td></tr></table>'
)
PUBLISHED = [
    Moment(datetime(2026, 10, 13, 23, 59, 1, tzinfo=BEIJING), Precision.SECOND),
    Moment(datetime(2026, 10, 13, tzinfo=BEIJING), Precision.DAY),
    None,
]


@pytest.mark.parametrize("published", PUBLISHED, ids=["second", "day", "unknown"])
@pytest.mark.parametrize("style", STYLES)
def test_a_collected_document_comes_back(style: Style, published: Moment | None) -> None:
    document = render(article(html=HTML, published=published, title="it's \"x\": 'y'"), style, context())
    assert detect_style(document) == style
    assert convert(document, None) == document


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("to", STYLES)
def test_the_day_is_kept_in_every_direction(style: Style, to: Style) -> None:
    document = convert(render(article(published=PUBLISHED[1]), style, context()), to)
    assert re.search(r"^date: .*(2026-10-13|13 Oct 2026)", document.decode(), re.MULTILINE)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    title=st.text(max_size=40),
    medium=st.text(max_size=15),
    html=st.lists(st.text(max_size=20), max_size=4).map(lambda texts: "".join(f"<p>{text}</p>" for text in texts)),
    style=st.sampled_from(STYLES),
)
@example(title="", medium="\x1b", html="<p></p>", style="jekyll")  # no text, and nothing to credit
def test_any_collected_document_comes_back(title: str, medium: str, html: str, style: Style) -> None:
    document = render(article(title=title, medium=medium, html=html), style, context())
    assert convert(document, None) == document


@pytest.mark.parametrize("name", DOCUMENTS)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(name: str) -> None:
    content = DOCUMENTS[name].read_bytes()
    foreign = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
    assert convert(foreign, None) == content


# --- what is wrong, and where ------------------------------------------------------

GOOD = DOCUMENTS["archive.md"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no front matter: line 1 is not ---"),
        ("# 标题\n\n正文", "no front matter: line 1 is not ---"),
        ("\n\n正文", "no front matter: line 3 is not ---"),
        ("---\ntitle: 无尾\n\n正文", "no front matter: line 1 opens it, but no line --- closes it"),
        ("---\n---\n正文", "front matter: line 1: no keys and values follow"),
        ("---\n- a\n---\n", "front matter: line 1: no keys and values follow"),
        (
            GOOD.replace("source:", "permalink: /x\nsource:"),
            "front matter: line 4: permalink: not a key of the archive style",
        ),
        (GOOD.replace("url: https", "content: https"), "front matter: line 3: content: not a key of the archive style"),
        (GOOD.replace("date: 2026-10-13\n", ""), "front matter: date: missing; the archive style has title, url,"),
        (
            GOOD.replace("date: 2026-10-13\n", "date: 2026-10-13\ndate: 2026-10-14\n"),
            "line 6: date: stands there twice",
        ),
        (GOOD.replace("date: 2026-10-13\n", "date: 13.10.2026\n"), "date: '13.10.2026' is not a day like 2022-07-04"),
        (GOOD.replace("title: 示", "title: 一: 示"), "front matter: line 2: mapping values are not allowed here"),
        (GOOD.replace("source: 示", "source: [示"), "front matter: line 5"),
        (GOOD.replace("source: 示例安全 - 日报", "source:\n - 一"), "line 4: source: one value is expected"),
        (
            DOCUMENTS["hexo.md"].read_text(encoding="utf-8").replace("\n</div>", ""),
            "body: <div> opens it, but its last line is not </div>",
        ),
        (
            DOCUMENTS["hexo.md"].read_text(encoding="utf-8").replace("13 Oct", "13 Foo"),
            "front matter: date: 'Tue, 13 Foo 2026 04:05:06 GMT' is not like",
        ),
        (
            DOCUMENTS["jekyll-joined.md"].read_text(encoding="utf-8").replace("+0800", ""),
            "front matter: date: '2026-10-13 12:05:06' is not a time like",
        ),
    ],
)
def test_a_damaged_document_is_named_with_the_place(content: str, message: str) -> None:
    for to in (None, "hexo"):
        with pytest.raises(UsageError) as error:
            convert(content.encode(), to)
        assert message in str(error.value)


def test_bytes_that_are_no_text_are_named_with_the_place() -> None:
    with pytest.raises(UsageError, match="not UTF-8: byte 11"):
        detect_style(b"---\ntitle: " + "金融".encode("gb18030"))


def test_an_unknown_target_is_named_before_the_document_is_read() -> None:
    with pytest.raises(UsageError, match="style: docx: not known; one of hexo, archive, jekyll"):
        convert(b"", "docx")  # type: ignore[arg-type]
