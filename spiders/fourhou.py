"""嘶吼 RoarTalk. The feed is the list; class names after 2020 are not known, so articles of a
newer template are read by the generic way, with the site's fixed order of text."""

from crawler.engine.spider import NewsSpider
from crawler.models import ListPage


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
    # the category pages, for back-fill
    rows = "div.main-box", "#container > li", "div.new_con"
    row_title, row_date = ("h1", "a@title"), ("div.newtime span", "li div span")
    next_page = "a[rel=next]@href", ".post-read-more-new a@href"

    body, body_may_be_absent = "div.article_cen", True
    headline = "h1.art_title", ".art_title"
    published = "div.art_time span:nth-child(3)", "div.art_time"
    author = "span.sir", ".article_author_name", "h1 ~ div a[href*='/member/']", "h1 + a[href*='/member/']"
    section = "span.lei", ".art_nav a:nth-child(2)", "h1 ~ div a[href*='/category/']", "h1 ~ a[href*='/category/']"
    stop = r"^如若转载，?请注明", r"^分享至", r"^感谢您的支持", r"^发表评论"
