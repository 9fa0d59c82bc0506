"""The spider that one writes first: Scrapy, trafilatura, a front-matter file and a row each. For bench/pipeline.py.

scrapy runspider bench/naive_spider.py -a output=FOLDER -a lists=FILE | -a pages=FILE
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import frontmatter
import scrapy
import sqlite_utils
import trafilatura


class FrontMatterPipeline:
    def open_spider(self, spider: Any) -> None:
        self.folder = Path(spider.output)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = sqlite_utils.Database(self.folder / "articles.db")

    def process_item(self, item: dict[str, Any], spider: Any) -> dict[str, Any]:
        fields = {name: item[name] or "" for name in ("title", "date", "author", "source", "url")}
        path = self.folder / f"{item['url'].rsplit('/', 1)[-1].removesuffix('.html')}.md"
        path.write_text(frontmatter.dumps(frontmatter.Post(item["text"], None, **fields)), encoding="utf-8")
        self.database.table("articles").insert({**fields, "path": path.name})
        return item


class NaiveSpider(scrapy.Spider):
    name = "naive"
    custom_settings = {  # noqa: RUF012
        "ITEM_PIPELINES": {FrontMatterPipeline: 300},
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
    }

    def __init__(self, output: str = "", lists: str = "", pages: str = "", **options: Any):
        super().__init__(**options)
        self.output, self.lists, self.pages = output, lists, pages

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for file, callback in ((self.lists, self.parse), (self.pages, self.parse_article)):
            for url in Path(file).read_text().split() if file else ():
                yield scrapy.Request(url, callback=callback)

    def parse(self, response: Any) -> Iterator[scrapy.Request]:
        for link in response.css("ul.news-list a"):
            yield response.follow(link, self.parse_article)

    def parse_article(self, response: Any) -> Iterator[dict[str, Any]]:
        found: Any = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        if found is not None:
            yield {
                "url": response.url,
                "title": found.title,
                "date": found.date,
                "author": found.author,
                "source": found.sitename,
                "text": found.text,
            }
