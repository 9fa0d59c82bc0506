"""Who runs in bench/pipeline.py: for each contestant the command that turns addresses into documents."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent

SOURCE = '''"""The generated site, as a source of Shiyi."""

from crawler.engine.spider import NewsSpider
from crawler.models import ListPage


class Bench(NewsSpider):
    name, title, home = "bench", "海风财经网", "{site}/"
    hosts, style = ("127.0.0.1",), "{style}"
    lists = tuple(ListPage(url, "市场") for url in {lists!r})
    articles = r"/a/(?P<key>\\d+)\\.html$"
{declared}'''
DECLARED = """\
    rows, row_title, row_date = "ul.news-list > li", "a", "span"
    body, headline, published = "div.content", "h1", "div.info span.time"
"""


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of a contestant: all articles behind ``lists``, which are ``pages``, into ``folder``."""

    folder: Path  # of its own, empty; documents go to its `output`
    site: str
    lists: tuple[str, ...]
    pages: tuple[str, ...]

    @property
    def output(self) -> Path:
        return self.folder / "output"


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    command: Callable[[Task], list[str]]
    target: float = 0.0  # times the naive spider, at most; 0 for none
    share: float = 1.0  # of the pages, for the slow
    is_us: bool = False


def shiyi(*words: str | Path) -> list[str]:
    return [sys.executable, "-P", "-m", "crawler", *map(str, words)]


def environment() -> dict[str, str]:
    """Ours for every measured command: no proxy in the way, byte code kept, no settings of the user's."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONOPTIMIZE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith("SHIYI_") and not name.lower().endswith("_proxy")
    }
    return kept | {"PYTHONPATH": str(ROOT)}


def us(style: str, *, declared: bool) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        sources = task.folder / "sources"
        sources.mkdir()
        text = SOURCE.format(site=task.site, style=style, lists=task.lists, declared=DECLARED if declared else "")
        (sources / "bench_source.py").write_text(text, encoding="utf-8")
        (task.folder / "shiyi.toml").write_text('spiders = "sources"\n')
        return shiyi(
            "crawl", "bench", "--config", task.folder / "shiyi.toml", "--output", task.output,
            "--allow-address", "127.0.0.0/8", "--delay", "0", "--json",
        )  # fmt: skip

    return command


def naive(*more: str) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        kind, urls = ("lists", task.lists) if task.lists else ("pages", task.pages)
        return [
            sys.executable, "-m", "scrapy", "runspider", str(BENCH / "naive_spider.py"), *more,
            "-a", f"output={task.output}", "-a", f"{kind}={_file(task, urls)}",
        ]  # fmt: skip

    return command


def trafilatura(task: Task) -> list[str]:
    # Without these two it would wait 5 s between two pages of a host, and refuse this one.
    (task.folder / "settings.cfg").write_text("[DEFAULT]\nSLEEP_TIME = 0\nSSRF_PROTECTION = off\n")
    return [
        sys.executable, "-c", "from trafilatura.cli import main; main()",
        "-i", str(_file(task, task.pages)), "-o", str(task.output), "--parallel", "1",
        "--markdown", "--with-metadata", "--config-file", str(task.folder / "settings.cfg"),
    ]  # fmt: skip


def news_please(python: Path) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        return [str(python), str(BENCH / "newsplease_pages.py"), str(_file(task, task.pages)), str(task.output)]

    return command


def _file(task: Task, urls: tuple[str, ...]) -> Path:
    file = task.folder / "addresses.txt"
    file.write_text("\n".join(urls) + "\n")
    return file
