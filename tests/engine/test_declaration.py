"""From a source file's attributes to a Source: every mistake is told with file, attribute and what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.engine.loader import SourceLoader
from crawler.engine.spider import NewsSpider
from crawler.errors import SourceError
from crawler.models import ListPage, Source

GOOD: dict[str, Any] = {
    "name": "one",
    "title": "示例日报",
    "home": "https://news.example/",
    "hosts": ("news.example",),
    "style": "archive",
    "lists": ListPage("https://news.example/news/", "要闻"),
    "articles": r"/a/(?P<key>\d+)\.html$",
}


def declared(**changes: Any) -> Source:
    attributes = {name: value for name, value in (GOOD | changes).items() if value is not None}
    spider: type[NewsSpider] = type("Example", (NewsSpider,), attributes)
    return spider.source


def test_all_attributes_arrive() -> None:
    source = declared(body="div.text", delay=2, dormant_since="2024-12", aggregates=True, zone="Europe/Berlin")
    assert (source.name, source.title, source.style) == ("one", "示例日报", "archive")
    assert (source.lists, source.articles) == ((GOOD["lists"],), (GOOD["articles"],))
    assert (source.body, source.delay, source.dormant_since) == (("div.text",), 2, "2024-12")
    assert (source.aggregates, source.zone) == (True, "Europe/Berlin")


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"hosts": "news.example"}, "hosts", ("news.example",)),
        ({"hosts": ["news.example", "m.news.example"]}, "hosts", ("news.example", "m.news.example")),
        ({"lists": []}, "lists", ()),
        ({"lists": [GOOD["lists"], GOOD["lists"]]}, "lists", (GOOD["lists"], GOOD["lists"])),
        ({"lists": ListPage("http://www.news.example/")}, "lists", (ListPage("http://www.news.example/"),)),
        ({"archives": ListPage("http://www.news.example/")}, "archives", (ListPage("http://www.news.example/"),)),
        ({"issue": "http://news.example/{0:%Y/%m%d}/"}, "issue", "http://news.example/{0:%Y/%m%d}/"),
        ({"articles": None}, "articles", ()),
        ({"body": ("a", "b")}, "body", ("a", "b")),
        ({"published": "time@datetime"}, "published", ("time@datetime",)),
        ({"delay": 0}, "delay", 0),
        ({"delay": None}, "delay", 1.0),
        ({"custom_settings": {"DOWNLOAD_TIMEOUT": 5}}, "delay", 1.0),
    ],
)
def test_short_forms(changes: dict[str, Any], name: str, value: Any) -> None:
    assert getattr(declared(**changes), name) == value


MISTAKES = [
    ({"boby": "div"}, "unknown attribute 'boby'; did you mean 'body'?"),
    ({"publisched": "time"}, "unknown attribute 'publisched'; did you mean 'published'?"),
    ({"list": GOOD["lists"]}, "unknown attribute 'list'; did you mean 'lists'?"),
    ({"xyzzy": 1}, "unknown attribute 'xyzzy'; allowed are aggregates, archives, articles, author"),
    ({"title": None}, "'title' is missing"),
    ({"home": None}, "'home' is missing"),
    ({"hosts": None}, "'hosts' is missing"),
    ({"style": None}, "'style' is missing"),
    ({"name": "No Good"}, "name: 'No Good' must be a short lower-case word"),
    ({"name": "../up"}, "name: '../up' must be a short lower-case word"),
    ({"name": "x" * 70}, "must be a short lower-case word"),
    ({"style": "hugo"}, "style: 'hugo' is none of hexo, archive, jekyll"),
    ({"zone": "Mars/Base"}, "zone: 'Mars/Base' is no IANA time zone, for instance Asia/Shanghai"),
    ({"zone": "../etc"}, "zone: '../etc' is no IANA time zone"),
    ({"title": 3}, "title: must be str, not 3"),
    ({"delay": "2"}, "delay: must be float, not '2'"),
    ({"aggregates": "yes"}, "aggregates: must be bool, not 'yes'"),
    ({"hosts": (3,)}, "hosts: must be a string or several, not (3,)"),
    ({"body": ("",)}, "body: must be a string or several, not ('',)"),
    ({"body": 3}, "body: must be a string or several, not 3"),
    ({"lists": "https://news.example/"}, "lists: each must be a ListPage(url, section)"),
    ({"lists": ListPage("news.example/list")}, "lists: 'news.example/list' is no http(s) address"),
    ({"lists": ListPage("file:///etc/passwd")}, "lists: 'file:///etc/passwd' is no http(s) address"),
    (
        {"lists": ListPage("https://news.example/", kind="rss")},  # type: ignore[arg-type]
        "lists: kind 'rss' is none of listing, feed, api, paper, node",
    ),
    (
        {"lists": ListPage("https://other.example/")},
        "lists: https://other.example/ is on none of the hosts news.example",
    ),
    ({"archives": "https://news.example/"}, "archives: each must be a ListPage(url, section)"),
    ({"archives": ListPage("https://other.example/")}, "archives: https://other.example/ is on none of the hosts"),
    (
        {"issue": "https://news.example/paper/index.htm"},
        "issue: 'https://news.example/paper/index.htm' is no address with",
    ),
    ({"issue": "https://news.example/{0:%Y}.htm"}, "is no address with a day; write https://…/{0:%Y%m%d}.html"),
    ({"issue": "https://news.example/{day}.htm"}, "issue: 'https://news.example/{day}.htm' is no address with a day"),
    ({"issue": "/paper/{0:%Y%m%d}.htm"}, "issue: '/paper/{0:%Y%m%d}.htm' is no address with a day"),
    ({"articles": r"/a/(\d+)"}, r"articles: '/a/(\\d+)' has no group (?P<key>…)"),
    ({"articles": r"/a/(?P<key>\d+"}, "is no regular expression: missing )"),
    ({"stop": "("}, "stop: '(' is no regular expression"),
    ({"furniture": "*"}, "furniture: '*' is no regular expression"),
    ({"body": "div["}, "body: 'div[' is no CSS selector"),
    ({"rows": "li::first"}, "rows: 'li::first' is no CSS selector"),
    ({"published": ">>@x"}, "published: '>>@x' is no CSS selector"),
    ({"delay": -1.0}, "delay: "),
    ({"every": -1.0}, "every: "),
    ({"delay": float("nan")}, "delay: "),
    ({"dormant_since": "last year"}, "dormant_since: "),
    ({"home": "news.example"}, "home: "),
]


@pytest.mark.parametrize(("changes", "sentence"), MISTAKES, ids=[sentence[:40] for _, sentence in MISTAKES])
def test_mistakes(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SourceError) as caught:
        declared(**changes)
    assert ": Example: " in str(caught.value)
    assert sentence in str(caught.value)


def test_methods_and_private_names_are_no_declarations() -> None:
    source = declared(article_url=lambda self, candidate: candidate.url, _note="mine")
    assert source.name == "one"


def test_each_of_the_seven_is_well_declared() -> None:
    loader = SourceLoader()
    assert loader.list() == ["4hou", "bjwb", "cs", "eastmoney", "jjckb", "unsafe", "zqrb"]
    assert loader.broken == {}


@pytest.mark.parametrize("name", ["4hou", "bjwb", "cs", "eastmoney", "jjckb", "unsafe", "zqrb"])
def test_link_selectors_read_an_attribute(name: str) -> None:
    """``a.next`` alone reads the text of the link, and asks for a page called 下一页."""
    source = SourceLoader().spiders[name].source
    assert [selector for selector in (*source.next_page, *source.row_link) if "@" not in selector] == []
