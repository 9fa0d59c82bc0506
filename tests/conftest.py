"""What tests of several rooms share: articles made up on the spot, a library on a real disk."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)] if str(ROOT) not in sys.path else []

from crawler.models import Article, Moment, Precision, Style  # noqa: E402
from crawler.storage.disk import Disk  # noqa: E402
from crawler.storage.library import Library, Submission  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also the slow ones, which the gate has no time for")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)


def make_article(key: str = "1001", **changes: Any) -> Article:
    day = datetime(2026, 10, 11, 9, 30).astimezone(UTC)
    fields: dict[str, Any] = {
        "source": "cs",
        "key": key,
        "url": f"https://www.cs.com.cn/xwzx/202610/t20261011_{key}.html",
        "title": f"第{key}号公告：示例公司披露季度数据",
        "html": f"<p>示例公司第{key}号公告的正文。</p>",
        "text": f"示例公司第{key}号公告的正文。",
        "fetched": NOW,
        "published": Moment(day, Precision.MINUTE, "page"),
    }
    known = {**fields, **changes}
    return Article(**{"addresses": (known["url"],), **known})


def render_plainly(article: Article, style: Style) -> bytes:
    return f"---\ntitle: {article.title}\nstyle: {style}\n---\n{article.text}".encode()


def submission(article: Article, **changes: Any) -> Submission:
    fields: dict[str, Any] = {
        "style": "hexo",
        "path": f"{article.source}/2026/10/2026-10-11-{article.key}.md",
        "render": render_plainly,
    }
    return Submission(article, **{**fields, **changes})


@pytest.fixture
def open_library(tmp_path: Path) -> Iterator[Callable[..., Library]]:
    """Open (again and again) the library of one folder, as a run does at its start."""
    opened: list[Library] = []

    def open_(disk: type[Disk] = Disk, folder: Path = tmp_path / "output") -> Library:
        while opened:
            opened.pop().close()
        library = Library(disk(folder))
        opened.append(library)
        library.recover(NOW)
        return library

    yield open_
    while opened:
        opened.pop().close()


def documents(folder: Path) -> dict[str, bytes]:
    """Every document below an output folder, by its relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.md"))
        if ".state" not in path.parts
    }
