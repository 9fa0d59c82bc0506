"""嘶吼 RoarTalk. The feed is the list; class names after 2020 are not known, so articles of a
newer template are read by the generic way, with the site's fixed order of text."""

from crawler.engine.spider import NewsSpider, sections
from crawler.models import ListPage, ListReading, Page

CATEGORIES = """
news 新闻 | industry 行业 | technology 技术 | vulnerable 漏洞 | observation 趋势 | info 资讯
people 访谈 | xactivity 活动专区 | financing 投融资 | attitude 话题
"""


class Sihou(NewsSpider):
    name, title, home = "4hou", "嘶吼 RoarTalk – 网络安全行业综合服务平台,4hou.com", "https://www.4hou.com/"
    hosts = ("www.4hou.com",)
    style, category = "archive", "网络安全"
    key_is_case_sensitive = True
    lists = ListPage("https://www.4hou.com/feed", kind="feed")
    articles = (
        r"/(?:index\.php/)?posts/(?P<key>[0-9A-Za-z]{4})$",
        r"4hou\.com/[a-z]+/(?P<key>\d+)\.html$",  # before 2020
    )
    # the feed has no further pages: the way back, and what fills a gap
    archives = sections("https://www.4hou.com/category/{}", CATEGORIES)
    rows = "div.main-box", "#container > li", "div.new_con"
    row_title, row_date = ("h1", "a@title"), ("div.newtime span", "li div span")

    body, body_may_be_absent = "div.article_cen", True
    headline = "h1.art_title", ".art_title"
    published = "div.art_time span:nth-child(3)", "div.art_time"
    author = "span.sir", ".article_author_name", "h1 ~ div a[href*='/member/']", "h1 + a[href*='/member/']"
    section = "span.lei", ".art_nav a:nth-child(2)", "h1 ~ div a[href*='/category/']", "h1 ~ a[href*='/category/']"
    stop = r"^如若转载，?请注明", r"^分享至", r"^感谢您的支持", r"^发表评论"

    def next_list_urls(self, page: Page, entry: ListPage, number: int, reading: ListReading) -> tuple[str, ...]:
        # "Load more" is written by script; what it asks for is ?page=N.
        if entry.kind == "feed" or not reading.candidates:
            return ()
        return (f"{entry.url}?page={number}",)
