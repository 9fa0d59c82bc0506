"""unSafe.sh. Copies of security articles, or stubs that lead to the original. Silent since 2024-12."""

from crawler.engine.spider import NewsSpider
from crawler.models import ListPage, Page


class Unsafe(NewsSpider):
    name, title, home = "unsafe", "unSafe.sh - 不安全", "https://buaq.net/"
    hosts = "buaq.net", "unsafe.sh"
    style, category = "archive", "网络安全"
    dormant_since = "2024-12"
    every = 7 * 86400.0
    lists = ListPage("https://buaq.net/rss.xml", kind="feed")
    articles = (r"/(?:go|jump)-(?P<key>\d+)\.html?$",)
    published = "i", "em"  # the line under the excerpt: time / Author: host / 阅读量
    drop = (
        "p:has(a[href*='/jump-'])",
        "i:has(a[href*='/jump-'])",
    )  # that line, and the excerpt where it shares a paragraph
    stop = r"^文章来源: ?https?://", r"^如有侵权请联系"

    def forward(self, page: Page) -> str:
        return self.stub_target(page) if b"window.location.href" in page.body else ""
