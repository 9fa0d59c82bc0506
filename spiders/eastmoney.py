"""东方财富. The site's own list API; each item carries its medium (经济参考网, 证券日报 …)."""

import re
from typing import Any

from crawler.engine.spider import NewsSpider
from crawler.models import ListPage, ListReading, Page

API = (
    "https://np-listapi.eastmoney.com/comm/web/getNewsByColumns?client=web&biz=web_news_col&column={}"
    "&order=1&needInteractData=0&page_index=1&page_size=20&req_trace=shiyi"
    "&fields=code,showTime,title,mediaName,summary,image,url,uniqueUrl,Np_dst"
)
COLUMNS = "344 财经导读 | 345 资讯精华 | 350 要闻 | 408 板块聚焦 | 1205 晚间要闻 | 1207 财经早餐"


class Dongfangcaifu(NewsSpider):
    name, title, home = "eastmoney", "东方财富", "https://finance.eastmoney.com/"
    hosts = tuple(
        f"{host}.eastmoney.com"
        for host in (
            "np-listapi", "finance", "stock", "futures", "hk", "biz", "enterprise", "global", "wap", "caifuhao",
            "fund", "bond", "forex", "money", "bank", "insurance", "m", "kuaixun", "emdatah5", "choicewzp1", "choicew2z",
        )
    )  # fmt: skip
    style, aggregates = "jekyll", True
    lists = tuple(ListPage(API.format(*row.split()[:1]), row.split()[1], "api") for row in COLUMNS.split("|"))
    articles = (
        r"/a/(?P<key>\d{17,18})\.html",
        r"/news/(?:\d+,)?(?P<key>\d{17,18})(?:\.html)?(?:$|\?)",
        r"/article,[\d,]*,(?P<key>\d{17,18})\.shtml",
        r"NW(?P<key>\d{17,18})",
    )
    body = "#ContentBody"
    headline = "div.contentbox > div.title", "div.title", "div.newsContent h1", "h1"
    published = "div.infos div.item", "div.time-source .time", "div.time"
    section = "#Column_Navigation a:last-of-type"
    author = "div.article-meta a.author"
    medium = "#ContentBody p.em_media", "div.infos div.item:nth-child(2)", ".data-source", ".source img@alt"
    drop = "a.toplink", "div.ad_context3", "script", ".BodyEnd", ".res-edit", "p.em_media"
    furniture = r"^打开微信", r"^点击底部的.?发现", r"^使用.?扫一扫", r"^即可将网页分享", r"^（?责任编辑"

    def read_list(self, page: Page, entry: ListPage) -> ListReading:
        rows = self.json_rows(page, "data.list")
        found = [
            self.candidate(
                page, entry, self.link(row),
                title=row.get("title"), published=row.get("showTime"),
                medium=row.get("mediaName"), image=row.get("image"),
            )
            for row in rows
        ]  # fmt: skip
        candidates = tuple(candidate for candidate in found if candidate is not None)
        return ListReading(candidates, skipped=len(rows) - len(candidates))

    def link(self, row: dict[str, Any]) -> str:
        # The link rule of the site's own script; the row's `url` is an old form.
        if row.get("np_dst") == "CFH":
            return f"http://caifuhao.eastmoney.com/news/{row.get('code')}"
        return f"https://finance.eastmoney.com/a/{row.get('code')}.html"

    def next_list_urls(self, page: Page, entry: ListPage, number: int, reading: ListReading) -> tuple[str, ...]:
        return (re.sub(r"page_index=\d+", f"page_index={number}", entry.url),) if reading.candidates else ()
