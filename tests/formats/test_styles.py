"""The exact bytes of the three styles; ``rendered/`` holds one document of each, to be read by eye."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from invented import BEIJING, article, context

from crawler.errors import UsageError
from crawler.formats import render
from crawler.formats.base import plain
from crawler.models import STYLES, Image, Moment, Precision, Style

BODY = (
    "<p>示例区启动计划，首批涉及四十二个单元。</p>"
    "<p><b>费用如何分担</b></p>"
    '<p>由居民与区财政共同承担。<img src="https://img.example.org/1.png" alt="图1" title="现场"></p>'
)
ARTICLE = article(
    source="example",
    key="6116434",
    url="https://www.example.org/a/t20261013_6116434.html",
    title="示例区启动计划 “首批”四十二个单元",
    html=BODY,
    medium="示例晚报",
    section="要闻",
    published=Moment(datetime(2026, 10, 13, 4, 5, 6, tzinfo=UTC), Precision.SECOND),
    fetched=datetime(2026, 10, 13, 4, 30, tzinfo=UTC),
)
CONTEXT = context(source_title="示例网", category="金融", aggregates=False)
RENDERED = Path(__file__).parent / "rendered"


def rendered(style: Style, **changes: object) -> str:
    return render(article(**changes), style, context()).decode()


def line(document: str, key: str) -> str:
    found = re.search(rf"^{key}: .*$", document, re.MULTILINE)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("style", STYLES)
def test_a_document_is_these_bytes(style: Style) -> None:
    assert render(ARTICLE, style, CONTEXT) == (RENDERED / f"{style}.md").read_bytes()


@pytest.mark.parametrize("style", STYLES)
def test_rendering_is_deterministic(style: Style) -> None:
    assert render(ARTICLE, style, CONTEXT) == render(ARTICLE, style, CONTEXT)


def test_an_unknown_style_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"style: html: not known; one of hexo, archive, jekyll"):
        render(ARTICLE, "html", CONTEXT)  # type: ignore[arg-type]


DAY = Moment(datetime(2026, 10, 13, tzinfo=BEIJING), Precision.DAY)
MINUTE = Moment(datetime(2026, 10, 13, 7, 30, tzinfo=BEIJING), Precision.MINUTE)


@pytest.mark.parametrize(
    ("published", "hexo", "archive", "jekyll"),
    [
        (MINUTE, "Mon, 12 Oct 2026 23:30:00 GMT", "2026-10-13", "2026-10-13 07:30:00 +0800"),
        (DAY, "Tue, 13 Oct 2026 00:00:00 GMT", "2026-10-13", "2026-10-13 00:00:00 +0800"),
        (None, "", "", ""),
    ],
)
def test_a_date_is_written_as_far_as_it_is_known(
    published: Moment | None, hexo: str, archive: str, jekyll: str
) -> None:
    assert line(rendered("hexo", published=published), "date") == f"date: {hexo}"
    assert line(rendered("archive", published=published), "date") == f"date: {archive}"
    assert line(rendered("jekyll", published=published), "date") == f"date: {jekyll}"


def test_the_offset_is_the_one_of_the_zone_at_that_instant() -> None:
    new_york = context(zone="America/New_York")
    summer = article(published=Moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), Precision.SECOND))
    winter = article(published=Moment(datetime(2026, 12, 1, 12, 0, tzinfo=UTC), Precision.SECOND))
    assert line(render(summer, "jekyll", new_york).decode(), "date") == "date: 2026-07-01 08:00:00 -0400"
    assert line(render(winter, "jekyll", new_york).decode(), "date") == "date: 2026-12-01 07:00:00 -0500"


def test_microseconds_of_the_fetch_are_always_written() -> None:
    fetched = datetime(2026, 10, 13, 4, 30, 0, 628847, tzinfo=UTC)
    assert line(rendered("archive", fetched=fetched), "fetch_date") == "fetch_date: 2026-10-13T12:30:00.628847"


@pytest.mark.parametrize(
    ("section", "categories"),
    [
        ("要闻", " - 资讯\n - 示例网\n - 要闻\n"),
        ("", " - 资讯\n - 示例网\n"),
        ("yes", ' - 资讯\n - 示例网\n - "yes"\n'),
    ],
)
def test_hexo_leaves_out_a_section_that_is_not_known(section: str, categories: str) -> None:
    assert f"categories: \n{categories}headimg" in rendered("hexo", section=section)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("it's", "title: 'it''s'"),
        ("{{ page }} {% x %}", "title: '{{ page }} {% x %}'"),
        ("a\\b: c", "title: 'a\\b: c'"),
    ],
)
def test_hexo_titles_keep_their_characters(title: str, written: str) -> None:
    assert line(rendered("hexo", title=title), "title") == written


@pytest.mark.parametrize(
    ("images", "html", "expected"),
    [
        ((Image("https://a.example/1.png"),), '<img src="https://a.example/2.png">', "https://a.example/1.png"),
        ((), '<p><img src="https://a.example/2.png?a=1&amp;b=2"></p>', "https://a.example/2.png?a=1&b=2"),
        ((Image("data:image/png;base64,AA"),), "<p>无图</p>", None),
        ((Image("https://a.example/{{x}}'\n---.png"),), "<p>无图</p>", "https://a.example/%7B%7Bx%7D%7D''%0A---.png"),
    ],
)
def test_the_hexo_image(images: tuple[Image, ...], html: str, expected: str | None) -> None:
    document = rendered("hexo", images=images, html=html)
    shown = line(document, "headimg").removeprefix("headimg: ")
    assert shown == line(document, "thumbnail").removeprefix("thumbnail: ")
    if expected is None:
        assert re.fullmatch(r"'https://picsum\.photos/400/300\?random=[1-9]\d{0,3}'", shown)
    else:
        assert shown == f"'{expected}'"


def test_the_number_of_the_stand_in_image_belongs_to_the_article() -> None:
    def numbers(**changes: object) -> str:
        return line(rendered("hexo", **changes), "headimg")

    assert numbers() == numbers(title="改了的标题", html="<p>改了。</p>")
    assert len({numbers(key=str(key)) for key in range(50)}) > 40
    # Written down: a number that changes would change every document.
    assert numbers(source="example", key="1") == "headimg: 'https://picsum.photos/400/300?random=2177'"


@pytest.mark.parametrize(
    ("aggregates", "medium", "filed"),
    [
        (True, "证券示例报", ("zhengquanshilibao", "证券示例报")),
        (True, "", ("shiliwang", "示例网")),
        (False, "证券示例报", ("shiliwang", "示例网")),
        (True, "廿一世纪", ("nianyishiji", "廿一世纪")),
        (True, "Example Times", ("exampletimes", "Example Times")),
        (True, "Ведомости", ("900af7a3", "Ведомости")),
    ],
)
def test_jekyll_files_under_the_medium_only_when_the_source_aggregates(
    aggregates: bool, medium: str, filed: tuple[str, str]
) -> None:
    category, name = filed
    document = render(article(medium=medium), "jekyll", context(aggregates=aggregates)).decode()
    assert line(document, "categories") == f"categories: {plain(category)}"
    assert line(document, "tags") == f"tags: {name}新闻"
    # The credit is always the page's own word.
    assert f'<p class="em_media">（文章来源：{medium or name}）</p>\n\n<https://' in document
    assert document.endswith(f"[返回{name}新闻](/category/{category}.html)｜[返回首页](/)")


@pytest.mark.parametrize(
    ("site", "link"),
    [("", ""), ("//posts.example.com", "//posts.example.com"), ("https://x.example/blog/", "https://x.example/blog")],
)
def test_jekyll_links_back_to_the_site_that_is_set(site: str, link: str) -> None:
    document = render(article(), "jekyll", context(site=site)).decode()
    assert document.endswith(f"[返回示例网新闻]({link}/category/shiliwang.html)｜[返回首页]({link}/)")


@pytest.mark.parametrize("credit", ["（文章来源：示例网）", "（文章来源：另一家）"])
def test_jekyll_does_not_repeat_a_credit_that_the_page_has(credit: str) -> None:
    document = rendered("jekyll", html=f'<p>正文。</p><p class="em_media">{credit}</p>')
    assert f'<p>正文。</p><p class="em_media">{credit}</p>\n\n<' in document
    assert document.count("文章来源") == 1


def test_jekyll_a_hostile_medium_stays_text() -> None:
    medium = "x](javascript:alert(1))<script>{{ a }}"
    document = render(article(medium=medium), "jekyll", context()).decode()
    body = document.split("---\n")[2]
    assert "<script" not in body
    assert "{" not in body
    assert "[返回x&#93;(javascript:alert(1))&#60;script&#62;&#123;&#123; a &#125;&#125;新闻](/category/" in body


@pytest.mark.parametrize("style", STYLES)
def test_no_template_is_left_in_a_body(style: Style) -> None:
    html = (
        "<p>{{ a }} {% b %} {# c #} {{{{ d }}}}</p><pre>{{ e }}\n{% endraw %}</pre><p><code>{{ f }}</code></p>"
        '<p><a href="https://x.example/{{g}}" title="{{ h }}">{{ i }}</a><img src="https://x.example/{%j%}" alt="{{ k }}"></p>'
        "<table><tr><td>{{ l }}<pre>{{ m }}</pre></td></tr></table>"
    )
    document = rendered(style, html=html, url="https://x.example/{{n}}{%o%}", title="标题")
    assert re.findall(r"\{[{%#]|[}%#]\}", document.split("---\n", 2)[2]) == []


@pytest.mark.parametrize("style", STYLES)
def test_a_body_is_sanitised_whatever_was_done_before(style: Style) -> None:
    document = rendered(
        style, html="<script>alert(1)</script><p onclick=x>正文<iframe src=//x></iframe><svg/onload=x></p>"
    )
    assert re.findall(r"<(?:script|iframe|svg)|onclick|onload|alert", document) == []
    assert "正文" in document


def test_an_article_that_has_only_text_gets_its_paragraphs() -> None:
    document = rendered("jekyll", html="", text="第一段 <b>\n\n第二段")
    assert '---\n<p>第一段 &lt;b&gt;</p>\n <p>第二段</p><p class="em_media">' in document


@pytest.mark.parametrize("style", STYLES)
def test_the_text_is_never_cut(style: Style) -> None:
    document = rendered(style, html="".join(f"<p>第{n}段，{'很长的一段。' * 20}</p>" for n in range(300)))
    assert "第299段" in document
    assert "..." not in document
