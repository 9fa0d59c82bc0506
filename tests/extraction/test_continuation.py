"""Which link is an article's next page, which page of it an address is, and how the pages become one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction.lines import notices
from crawler.extraction.series import continuation, numbered
from crawler.extraction.series.joining import adds, joined
from crawler.extraction.tree import parse
from crawler.models import Extraction, Image, Moment, Precision

HOST = "https://news.example.cn"

# --- pairs of addresses --------------------------------------------------------------

NEXT = [
    ("/a/t20240101_123456.html", "/a/t20240101_123456_1.html"),  # TRS counts from 0
    ("/a/t20240101_123456_1.html", "/a/t20240101_123456_2.html"),
    ("/a/123.html", "/a/123_2.html"),  # 帝国CMS, DedeCMS
    ("/a/123_2.html", "/a/123_3.html"),
    ("/a/123_9.html", "/a/123_10.html"),
    ("/a/46900000_0.shtml", "/a/46900000_1.shtml"),
    ("/2024/0101/c1001-28000000.html", "/2024/0101/c1001-28000000-2.html"),
    ("/show-12-3456-1.html", "/show-12-3456-2.html"),  # phpcms
    ("/content/c_1285.htm", "/content/c_1285_2.htm"),  # 方正
    ("/content_123.htm", "/content_123_2.htm"),
    ("/12/0101/ABC1.html", "/12/0101/ABC1_2.html"),
    ("/123", "/123/2"),
    ("/123/", "/123/2/"),
    ("/123/2", "/123/3"),
    ("/123", "/123/p2"),
    ("/123/p2", "/123/p3"),
    ("/2024/05/a-long-post/", "/2024/05/a-long-post/2/"),  # WordPress
    ("/2024/05/a-long-post/2/", "/2024/05/a-long-post/3/"),
    ("/2024/05/a-long-post", "/2024/05/a-long-post/page/2"),
    ("/a/123.html", "/a/123/2.html"),
    ("/a/123.html", "/a/123_p2.html"),
    ("/a/123_p2.html", "/a/123_p3.html"),
    ("/a/index.html", "/a/index_1.html"),
    ("/a/123?page=1", "/a/123?page=2"),
    ("/a/123", "/a/123?page=2"),
    ("/show.asp?id=55", "/show.asp?id=55&page=2"),
    ("/show.asp?page=2&id=55", "/show.asp?id=55&page=3"),
    ("/a/123.html?utm_source=rss", "/a/123.html?p=2"),
    ("/a/123,1.html", "/a/123,2.html"),
    ("http://www.example.cn/a/1.html", "https://example.cn/a/1_2.html"),
]
NOT_NEXT = [
    ("/a/t20240101_123456.html", "/a/t20240101_123457.html"),  # the neighbour's id
    ("/a/t20240101_123.html", "/a/t20240101_124.html"),
    ("/532601.html", "/532602.html"),
    ("/post/12", "/post/13"),
    ("/news/show_12.html", "/news/show_13.html"),
    ("/?p=12", "/?p=13"),
    ("/show.asp?id=1", "/show.asp?id=2"),
    ("/a/123.html", "/a/123_3.html"),  # not the next one
    ("/a/123_2.html", "/a/123_2.html"),
    ("/a/123_2.html", "/a/123_1.html"),
    ("/a/123_2.html", "/a/123-3.html"),
    ("/a/123.html", "/a/123_02.html"),
    ("/a/123.html", "/b/123_2.html"),
    ("/a/123.html", "/a/1234_2.html"),
    ("/a/123.html", "https://wap.example.cn/a/123_2.html"),
    ("/a/123.html", "/a/123_2024.html"),
    ("/my-post/", "/my-post-2/"),
    ("/a/123?id=5", "/a/123?page=2"),
    ("/a/123", "/a/123?cpage=2"),
    ("/a/123", "/a/123/comment-page-2"),
    ("/a/123", "http://[/a/123/2"),
    ("", "/a/2"),
]


def address(path: str) -> str:
    return path if "//" in path or not path else HOST + path


@pytest.mark.parametrize(("url", "link"), NEXT)
def test_next_page_by_address(url: str, link: str) -> None:
    assert numbered.following(address(url), address(link)) is not None


@pytest.mark.parametrize(("url", "link"), NOT_NEXT)
def test_no_next_page_by_address(url: str, link: str) -> None:
    assert numbered.following(address(url), address(link)) is None


@pytest.mark.parametrize(("url", "link"), NEXT)
def test_every_next_page_may_be_one(url: str, link: str) -> None:
    assert numbered.may_be_page(link)


# --- pagers ----------------------------------------------------------------------------

URL = f"{HOST}/a/t20240101_123456.html"


def next_of(markup: str, url: str = URL, head: str = "") -> str:
    """The next page's path (the whole address on another host), the markup standing behind an article."""
    tree = parse(
        f"<html><head>{head}</head><body><div class='main'><h1>题</h1><div id='text'><p>正文。</p></div>{markup}</div>"
        "<div class='foot'><a href='/about/2'>2</a></div></body></html>",
        url,
    )
    assert tree is not None
    return continuation.next_of(tree, tree.root.find(".//div[@id='text']"), url).removeprefix(HOST)


PAGERS = {
    "words": ("<a href='t20240101_123456_2.html'>下一页</a>", URL, "/a/t20240101_123456_2.html"),
    "words in brackets": ("<p>[<a href='/a/t20240101_123456_2.html'>下页</a>]</p>", URL, "/a/t20240101_123456_2.html"),
    "words with an arrow": ("<a href='/a/123_3.html'>下一页 &gt;&gt;</a><a href='/a/123_1.html'>上一页</a>", f"{HOST}/a/123_2.html", "/a/123_3.html"),
    "words with a heading": ("<a href='/a/123_2.html'>下一页：续航与充电</a>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "words before it": ("<p>上一页：没有了 下一页：<a href='/a/123_2.html'>雨季里的工地</a></p>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "traditional": ("<a href='/a/123_2.html'>下一頁</a>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "numbers": ("<b>1</b> <a href='/a/123_2.html'>2</a> <a href='/a/123_3.html'>3</a>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "numbers, counted from 0": (
        "<span>1</span><a href='t20240101_123456_1.html'>2</a><a href='t20240101_123456_2.html'>3</a>",
        URL, "/a/t20240101_123456_1.html",
    ),
    "numbers, in the middle": (
        "<a href='/a/123.html'>1</a><a href='/a/123_2.html'>2</a><b>3</b><a href='/a/123_4.html'>4</a>",
        f"{HOST}/a/123_3.html", "/a/123_4.html",
    ),
    "numbers, counted from 0, in the middle": (
        "<a href='t1234_0.shtml'>1</a><b>2</b><a href='t1234_2.shtml'>3</a>", f"{HOST}/a/t1234_1.shtml", "/a/t1234_2.shtml",
    ),
    "第2页": ("<li><a href='/a/123_2.html'>第2页：外观</a></li><li><a href='/a/123_3.html'>第3页：内部</a></li>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "帝国CMS": (
        "<p align=center class=epages><a title='Page'>&nbsp;<b>1</b>/<b>3</b></a>&nbsp;<b>1</b>&nbsp;"
        "<a href='/news/123_2.html'>2</a>&nbsp;<a href='/news/123_3.html'>3</a>&nbsp;<a href='/news/123_2.html'>下一页</a></p>",
        f"{HOST}/news/123.html", "/news/123_2.html",
    ),
    "DedeCMS": (
        "<ul class='pagelist'><li><a>共3页: </a></li><li><a href='#'>上一页</a></li><li class='thisclass'><a href='#'>1</a></li>"
        "<li><a href='123_2.html'>2</a></li><li><a href='123_3.html'>3</a></li><li><a href='123_2.html'>下一页</a></li></ul>",
        f"{HOST}/a/2012/0101/123.html", "/a/2012/0101/123_2.html",
    ),
    "方正": (
        "<center><founder-pages><font>【1】</font><a href='c_1285_2.htm'>【2】</a><a href='c_1285_3.htm'>【3】</a></founder-pages></center>",
        f"{HOST}/2012-01/01/c_1285.htm", "/2012-01/01/c_1285_2.htm",
    ),
    "TRS, called": (
        "<script>createPageHTML(3, 0, 't20240101_123456', 'html');</script>", URL, "/a/t20240101_123456_1.html",
    ),
    "TRS, called on its second page": (
        '<script>createPageHTML(3, 1, "t20240101_123456", "html");</script>', f"{HOST}/a/t20240101_123456_1.html", "/a/t20240101_123456_2.html",
    ),
    "TRS, called on its last page": (
        '<script>createPageHTML(3, 2, "t20240101_123456", "html");</script>', f"{HOST}/a/t20240101_123456_2.html", "",
    ),
    "TRS, one page": ("<script>createPageHTML(1, 0, 't20240101_123456', 'html');</script>", URL, ""),
    "TRS, of a list": ("<script>createPageHTML(9, 0, 'index', 'html');</script>", URL, ""),
    "TRS, older": (
        "<script>var currentPage = 0;//从0开始\nvar countPage = 2;\ndocument.write(\"<a href=\\\"t20240101_123456\"+\"_\" + nextPage + \".\"+\"html\\\">下一页</a>\");</script>",
        URL, "/a/t20240101_123456_1.html",
    ),
    "TRS, older, one page": (
        "<script>var currentPage = 0;var countPage = 1;document.write(\"<a href=\\\"t20240101_123456\"+\"_\");</script>", URL, "",
    ),
    "WordPress": (
        '<div class="page-links">Pages: <span class="current">1</span> <a href="/2024/05/a-long-post/2/" class="post-page-numbers">2</a></div>',
        f"{HOST}/2024/05/a-long-post/", "/2024/05/a-long-post/2/",
    ),
    "WordPress, last": (
        '<div class="page-links"><a href="/2024/05/a-long-post/">1</a> <span class="current">2</span></div>',
        f"{HOST}/2024/05/a-long-post/2/", "",
    ),
    "English": ('<a href="/story/x1?page=2" class="btn">Next page »</a>', f"{HOST}/story/x1", "/story/x1?page=2"),
    "a short link": ('<a href="?page=2">Next</a>', f"{HOST}/story/x1", "/story/x1?page=2"),
    "a shorter link": ('<a href="2/">Next</a>', f"{HOST}/a-long-story/", "/a-long-story/2/"),
    "an address in Chinese": ('<a href="/长江水位/2">2</a>', f"{HOST}/%E9%95%BF%E6%B1%9F%E6%B0%B4%E4%BD%8D", "/长江水位/2"),
    "an arrow": ('<div class="pager"><a href="/story/x1?page=2">›</a></div>', f"{HOST}/story/x1", "/story/x1?page=2"),
    "a picture": ("<a href='/a/123_2.html'><img src='next.gif' alt='下一页'></a>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "an article's picture": ("<a href='/a/123_2.html' title='点击进入下一页'><img src='1.jpg'></a>", f"{HOST}/a/123.html", "/a/123_2.html"),
    "a class": ('<a class="page-next" href="/a/123_2.html"><i></i></a>', f"{HOST}/a/123.html", "/a/123_2.html"),
    "rel": ('<a rel="next" href="/a/123_2.html"><i></i></a>', f"{HOST}/a/123.html", "/a/123_2.html"),
    "a script's link beside a real one": (
        "<span>1</span><a href='/a/123_2.shtml'>2</a><a class=next onclick=\"location.href='/a/123_2.shtml'\">下一页</a>",
        f"{HOST}/a/123.shtml", "/a/123_2.shtml",
    ),
    "all on one page, with a pager": (
        "<a href='/a/123_2.shtml'>2</a><a href='/a/123_s.shtml'>余下全文</a>", f"{HOST}/a/123.shtml", "/a/123_2.shtml",
    ),
    "all on one page, without": ("<a href='/a/123_all.html'>余下全文</a>", f"{HOST}/a/123.html", "/a/123_all.html"),
    "all on one page, by parameter": ("<a href='/a/123.html?pagewanted=all'>Single page</a>", f"{HOST}/a/123.html", "/a/123.html?pagewanted=all"),
    "all on one page, from its end": ("<a href='/a/123_all.html'>全文阅读</a>", f"{HOST}/a/123_3.html", ""),
}  # fmt: skip

TRAPS = {
    "the next article": "<a href='t20240101_123457.html'>下一篇：雨季</a>",
    "the next article, called a page": "<a href='t20240101_123457.html'>下一页</a>",
    "the next article, with a page's address": "<a href='t20240101_123456_2.html'>下一篇</a>",
    "another article's second page": "<a href='t20240101_123450_2.html'>下一页</a>",
    "javascript": "<a href='javascript:goPage(2)'>下一页</a><a href='#'>2</a><a href='javascript:;' data-page='2'>2</a>",
    "another host": "<a href='https://wap.example.cn/a/t20240101_123456_2.html'>下一页</a>",
    "a headline": "<a href='t20240101_123456_2.html'>第二批名单公布</a>",
    "comments": "<div class='comments'><a href='?page=2'>下一页</a></div>",
    "comments, by fragment": "<a href='?page=2#comments'>2</a>",
    "a list beside it": "<div class='related-list'><a href='?page=2'>2</a></div>",
    "a list below it": "<nav class='article-list-pagination'><a href='?p=2'>2</a></nav>",
    "an aside": "<aside><a href='?page=2'>2</a></aside>",
    "a number too far": "<a href='t20240101_123456_3.html'>3</a>",
    "a note": "<sup><a href='#2'>2</a></sup>",
    "itself": "<a href='t20240101_123456.html'>1</a><a href='t20240101_123456_1.html'>1</a>",
    "an app": "<a href='https://app.example.cn/open'>阅读全文</a><a href='/download/all'>查看全文</a>",
}


@pytest.mark.parametrize("name", PAGERS)
def test_pager(name: str) -> None:
    markup, url, expected = PAGERS[name]
    assert next_of(markup, url) == expected


@pytest.mark.parametrize("name", TRAPS)
def test_what_is_no_pager(name: str) -> None:
    assert next_of(TRAPS[name]) == ""


@pytest.mark.parametrize(
    ("url", "link", "expected"),
    [
        ("/a/123.html", "/a/123_2.html", "/a/123_2.html"),
        ("/2024/a-long-post/", "/2024/a-long-post/2/", "/2024/a-long-post/2/"),
        ("/2024/a-long-post/", "/2024/another-post/", ""),
        ("/my-post.html", "/my-post-2.html", ""),  # the next post of the same name
        ("/532601.html", "/532602.html", ""),
    ],
)
def test_link_in_the_head(url: str, link: str, expected: str) -> None:
    assert next_of("", HOST + url, f"<link rel='next' href='{link}'>") == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<a href='/ep/c2024_001_3.htm'>下一页</a>", ""),  # an e-paper: the third article of the page
        ("<a href='/ep/c2024_001_1.htm'>上一篇</a><a href='/ep/c2024_001_3.htm'>下一篇</a>", ""),
        ("<a href='/ep/c2024_001_1.htm'>上一页</a><a href='/ep/c2024_001_3.htm'>下一页</a>", "/ep/c2024_001_3.htm"),
    ],
)
def test_a_number_that_may_be_an_id_needs_a_way_back(markup: str, expected: str) -> None:
    assert next_of(markup, f"{HOST}/ep/c2024_001_2.htm") == expected


def test_base_of_the_page_counts() -> None:
    head = f"<base href='{HOST}/a/'>"
    assert next_of("<a href='123_2.html'>下一页</a>", f"{HOST}/a/123.html", head) == "/a/123_2.html"


# --- from a further page back to the first -----------------------------------------------

FIRST = [
    ("/a/123_2.html", "<a href='123.html'>上一页</a>", "/a/123.html"),
    ("/a/123_3.html", "<a href=123.html>1</a> <a href='123_2.html'>2</a> <b>3</b>", "/a/123.html"),
    ("/a/123_3.html", "<a href='123_2.html'>上一页</a>", "/a/123_2.html"),  # which leads on
    ("/a/123_2.html", "<a href='123_1.html'><span>1</span></a>", "/a/123_1.html"),
    ("/a/t1234_1.html", "<a href='t1234.html'>上一页</a>", "/a/t1234.html"),
    ("/a/123_2.html", "<a href='123_1.html'>上一篇</a>", ""),
    ("/a/123_2.html", "<a href='123.html'>重磅新闻</a>", ""),
    ("/a/123_2.html", "<a href='/a/124.html'>上一页</a>", ""),
    ("/a/123_2.html", "<p>第一页</p>", ""),
    ("/a/t1234_1.html", "<a href='t1234_1.html'>1</a><a href='t1234_2.html'>2</a>", ""),
    ("/a/123.html", "<a href='123.html'>1</a>", ""),
    ("/2024/a-long-post/2/", "<link rel='prev' href='/2024/a-long-post/'>", "/2024/a-long-post/"),
    ("/story/x1?id=1&amp;page=2", "<a href='/story/x1?id=1&amp;page=1'>Previous</a>", ""),
    ("/story/x1?id=1&page=2", "<a href='/story/x1?id=1&amp;page=1'>Previous</a>", "/story/x1?id=1&page=1"),
    ("/post/12", "<a href='/post/11'>上一页</a>", ""),
    ("/a/t3714581_2.htm", '<script>createPageHTML(3, 2, "t3714581", "htm")</script>', "/a/t3714581.htm"),
    ("/a/t20240101_2.htm", '<script>createPageHTML(3, 0, "t20240101_2", "htm")</script>', ""),
]


@pytest.mark.parametrize(("url", "markup", "expected"), FIRST)
def test_first_page(url: str, markup: str, expected: str) -> None:
    assert continuation.first_of(f"<html><body>{markup}</body></html>", HOST + url).removeprefix(HOST) == expected


# --- joined -----------------------------------------------------------------------------


def part(*paragraphs: str, **fields: object) -> Extraction:
    """An extraction of these paragraphs; one that begins with "img:" is a picture."""
    html = [f'<p><img src="{p[4:]}" alt=""></p>' if p.startswith("img:") else f"<p>{p}</p>" for p in paragraphs]
    images = tuple(Image(p[4:]) for p in paragraphs if p.startswith("img:"))
    text = "\n".join(p.replace("<br>", "\n") for p in paragraphs if not p.startswith("img:"))
    given = {"confidence": 1.0, "images": images, **fields}
    return Extraction(html="\n".join(html), text=text, **given)  # type: ignore[arg-type]


LEAD = "本报讯 记者昨日从市建设局获悉，工程已经完成全部年度目标。"
ONE, TWO, THREE = ("第一部分讲的是开工之前的各种准备。", "第二部分讲的是施工当中的种种困难。", "第三部分讲的是完工以后的验收。")  # fmt: skip

JOINED = {
    "in order": ([[ONE], [TWO], [THREE]], [ONE, TWO, THREE]),
    "lead on each page": ([[LEAD, ONE], [LEAD, TWO]], [LEAD, ONE, TWO]),
    "headline on each page": ([["工程完工", ONE], ["工程完工（2）", TWO]], ["工程完工", ONE, TWO]),
    "last paragraph again": ([[LEAD, ONE], [ONE, TWO]], [LEAD, ONE, TWO]),
    "credit on each page": ([[ONE, "（责任编辑：张三）"], [TWO, "（责任编辑：张三）"]], [ONE, TWO, "（责任编辑：张三）"]),
    "a short line said twice": ([[LEAD, ONE, TWO, THREE, "起。", "问：", LEAD, ONE, "答：是。", "完。"], ["问：", "那么，以后还会有这样的工程吗？"]],
                                [LEAD, ONE, TWO, THREE, "起。", "问：", LEAD, ONE, "答：是。", "完。", "问：", "那么，以后还会有这样的工程吗？"]),
    "a paragraph again in the middle": ([[LEAD, ONE], [TWO, LEAD]], [LEAD, ONE, TWO, LEAD]),
    "pagers": ([[ONE, "[1] [2] 下一页"], ["上一页 [1] [2]", TWO, "共2页 上一页 1 2"]], [ONE, TWO]),
    "a pager that is a list": ([[ONE, "共2页：<br>1<br>2<br>下一页"], [TWO]], [ONE, TWO]),
    "the same picture on top": ([["img:a.jpg", ONE], ["img:a.jpg", TWO]], ["img:a.jpg", ONE, TWO]),
    "another picture on top": ([["img:a.jpg", ONE], ["img:b.jpg", TWO]], ["img:a.jpg", ONE, "img:b.jpg", TWO]),
    "all on one page": ([[LEAD, ONE], [LEAD, ONE, TWO, THREE]], [LEAD, ONE, TWO, THREE]),
}  # fmt: skip


@pytest.mark.parametrize("name", JOINED)
def test_joined_body(name: str) -> None:
    pages, expected = JOINED[name]
    whole, wanted = joined([part(*page, title="工程完工") for page in pages]), part(*expected)
    assert (whole.html, whole.text) == (wanted.html, wanted.text)


def test_joined_blocks_of_several_lines_stay_whole() -> None:
    first = Extraction(
        html="<p>甲<br>乙</p>\n<pre>一\n\n二</pre>\n<ul><li>丙</li><li>丁 &amp; 戊</li></ul>",
        text="甲\n乙\n一\n\n二\n丙\n丁 & 戊",
    )
    second = Extraction(html="<p>甲<br>乙</p>\n<p>己</p>", text="甲\n乙\n己")
    whole = joined([first, second])
    assert (whole.html, whole.text) == (first.html + "\n<p>己</p>", first.text + "\n己")


def test_joined_fields() -> None:
    day = Moment(datetime(2024, 5, 20, tzinfo=UTC), Precision.DAY, "page")
    pages = [
        part(ONE, title="题", medium="甲报", evidence={"title": "heading", "body": "generic", "medium": "line"}, confidence=0.9, by_container=True),
        part(TWO, title="题（2）", authors=("张三",), evidence={"authors": "line", "body": "declared", "medium": "x"}, confidence=0.5, medium="乙报", damaged=2),
        part(THREE, published=day, evidence={"published": "page"}, damaged=1),
    ]  # fmt: skip
    whole = joined(pages)
    assert (whole.title, whole.medium, whole.authors, whole.published) == ("题", "甲报", ("张三",), day)
    assert (whole.confidence, whole.damaged, whole.by_container, whole.next_url) == (0.5, 3, True, "")
    assert whole.evidence == {
        "title": "heading", "body": "generic", "medium": "line", "authors": "line", "published": "page",
        "pages": "3 pages joined",
    }  # fmt: skip


def test_joined_images_are_united() -> None:
    whole = joined([part("img:a.jpg", ONE), part("img:b.jpg", "img:a.jpg", TWO)])
    assert [image.src for image in whole.images] == ["a.jpg", "b.jpg"]


def test_problem_of_the_first_page_wins() -> None:
    pages = [part(ONE), part(TWO, problem="login", detail="x"), part(THREE, problem="captcha")]
    assert (joined(pages).problem, joined(pages).detail) == ("login", "x")


def test_joined_says_that_it_is_not_all() -> None:
    whole = joined([part(ONE), part(TWO, next_url="https://a.cn/3")])
    assert (whole.next_url, whole.evidence["pages"]) == (
        "https://a.cn/3",
        "2 pages joined; it goes on at https://a.cn/3",
    )


def test_one_page_stays_as_it_is() -> None:
    only = part(ONE, next_url="https://a.cn/2")
    assert joined([only]) == only


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        (part(TWO), True),
        (part(LEAD, TWO), True),
        (part(LEAD, ONE), False),  # the first page again
        (part("上一页 1 2 下一页", LEAD, ONE), False),
        (part("第2页", ONE), False),
        (part("img:b.jpg"), True),
        (part("img:a.jpg", ONE), False),
        (part(LEAD, ONE, LEAD, ONE, LEAD, ONE, "阅读 9"), False),  # the first page again, and its count
        (part(), False),
    ],
)
def test_what_a_further_page_adds(further: Extraction, expected: bool) -> None:
    assert adds([part("img:a.jpg", LEAD, ONE)], further) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上一页 1 2 3 下一页", True),
        ("[1] [2] [3] 下一页", True),
        ("【1】 【2】", True),
        ("1 2 3", True),
        ("共3页 1 2 3 下一页 尾页", True),
        ("第1页 共3页", True),
        ("首页 上一页 下一页 末页 当前第1页", True),
        ("1/3", True),
        ("Page 1 of 3", True),
        ("Pages: 1 2", True),
        ("‹ Prev 1 2 Next ›", True),
        ("余下全文", True),
        ("共3页：", True),
        ("page: " * 20 + "!", False),
        ("2024", False),
        ("***", False),
        ("", False),
        ("下一页将讲述工程的由来。", False),
        ("第3页的数字有误。", False),
        ("All of the above", False),
    ],
)
def test_pager_line(text: str, expected: bool) -> None:
    assert notices.is_pager(text) is expected
