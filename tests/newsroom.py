"""News sites of our own on loopback, their source files, and the command line run on them.

Each site has an address of its own (127.0.0.2, 127.0.0.3 …), so that no site waits for another.
"""

from __future__ import annotations

import io
import itertools
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import trustme
from conftest import ROOT, documents
from server import Reply, Seen, Server, html

DAY = "2024-05-20"
PATIENCE = 60  # seconds for one run; the slowest takes six

# Each site has an address of its own, as hosts on the web have: 127.0.0.2 to .249 (but .99, which a lying name server
# of tests/faults gives out), then 127.2.0.1 and so on.
_HOSTS = (
    f"127.0.0.{number}" if number < 250 else f"127.2.{number // 250}.{number % 250 + 1}"
    for number in itertools.count(2)
    if number != 99
)

_SOURCE = """\
from crawler.engine.spider import NewsSpider
from crawler.models import ListPage


class {class_name}(NewsSpider):
    name, title, home = {name!r}, "{name}日报", "{base}/"
    hosts, style = ("{host}",), "archive"
    articles = r"/a/(?P<key>\\w+)\\.html$"
    rows, row_date, next_page = "ul.news li", "span", "a.next@href"
    body, headline, published = "div.text", "h1", "span.time"
"""


class Site:
    """One news site: articles and lists as routes of a server of its own."""

    def __init__(self, name: str, authority: trustme.CA | None = None, certified: str = ""):
        self.name = name
        self.server = Server(next(_HOSTS), authority, certified)
        self.attributes: dict[str, str] = {}  # of its source file, as Python source

    def url(self, path: str) -> str:
        return self.server.url(path)

    def article(self, key: str, **changes: Any) -> str:
        """Serve an article; answers its address."""
        path = f"/a/{key}.html"
        self.server.set(path, article_page(key, **changes))
        return self.url(path)

    def show(self, path: str, keys: Mapping[str, str] | Iterable[str], *, following: str = "", **headers: str) -> None:
        """Serve a list of articles (which need not exist), newest first; a mapping tells the day of each."""
        days = keys if isinstance(keys, Mapping) else dict.fromkeys(keys, DAY)
        rows = [(f"/a/{key}.html", title_of(key), day) for key, day in days.items()]
        self.server.set(path, html(list_page(rows, following), **headers))

    def publish(self, *keys: str, path: str = "/news/") -> None:
        """Serve a list and all of its articles."""
        self.show(path, keys)
        for key in keys:
            self.article(key)

    def path_of(self, key: str, day: str = DAY) -> str:
        return f"{self.name}/{day[:4]}/{day[5:7]}/{day}-{key}.md"

    def paths_of(self, *keys: str) -> list[str]:
        return sorted(self.path_of(key) for key in keys)

    def robots_requests(self) -> list[Seen]:
        return [seen for seen in self.server.log if seen.path == "/robots.txt"]

    def source_file(self) -> str:
        lists = self.attributes.get("lists", f'ListPage("{self.url("/news/")}", "要闻")')
        text = _SOURCE.format(
            class_name=self.name.title().replace("-", ""), name=self.name, base=self.server.base, host=self.server.host
        )
        more = {"lists": lists} | self.attributes
        return text + "".join(f"    {name} = {value}\n" for name, value in more.items())


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.stdout))

    def source(self, name: str) -> dict[str, Any]:
        return next(source for source in self.report["sources"] if source["name"] == name)


class Newsroom:
    """A folder with a configuration, source files and an output; sites are closed at the end."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.output = folder / "output"
        self.spiders = folder / "sources"
        self.spiders.mkdir(parents=True, exist_ok=True)
        self.config = folder / "shiyi.toml"
        self.config.write_text('spiders = "sources"\n')
        self.sites: dict[str, Site] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def site(self, name: str, authority: trustme.CA | None = None, certified: str = "", **attributes: str) -> Site:
        """A running site and its source file; ``attributes`` as they stand in Python source."""
        site = Site(name, authority, certified)
        site.attributes = attributes
        self._open.enter_context(site.server)
        self.sites[name] = site
        self.write_source(site)
        return site

    def write_source(self, site: Site) -> None:
        (self.spiders / f"{site.name.replace('-', '_')}.py").write_text(site.source_file(), encoding="utf-8")

    def flags(self, allow: str = "127.0.0.0/8", delay: str = "0") -> list[str]:
        wanted = ["--output", str(self.output), "--config", str(self.config), "--json"]
        return [*wanted, *(["--allow-address", allow] if allow else []), *(["--delay", delay] if delay else [])]

    def crawl(self, *names: str, flags: Sequence[str] = (), delay: str = "0") -> Run:
        """Run all our sources, or those named; with their own delay if ``delay`` is ""."""
        return self.start("crawl", *(names or self.sites), *flags, *self.flags(delay=delay)).wait()

    def start(self, *words: str, env: dict[str, str] | None = None) -> Running:
        return Running([sys.executable, "-P", "-m", "crawler", *words], self.folder, env or {})

    def documents(self) -> dict[str, bytes]:
        return documents(self.output)

    def stamps(self) -> dict[str, int]:
        """The mtime of every document, in ns."""
        return {name: (self.output / name).stat().st_mtime_ns for name in self.documents()}


class Running:
    """A command under way, in an environment of our own making."""

    def __init__(self, words: Sequence[str], folder: Path, env: dict[str, str]):
        self.process = subprocess.Popen(
            list(words),
            cwd=folder,
            env=clean_environment() | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self, patience: float = PATIENCE) -> Run:
        try:
            out, err = self.process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"still running after {patience} s:\n{err}") from None
        return Run(self.process.returncode, out, err)


class _Stdin(io.BytesIO):
    name = "<stdin>"


def told(*words: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Run:
    """The command line called within this process: for what ends before any reactor starts."""
    from crawler.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    handlers = logging.getLogger().handlers[:]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "stdin", io.TextIOWrapper(_Stdin(stdin)))
        for name in os.environ:
            if name.startswith("SHIYI_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(list(words))
    logging.getLogger().handlers[:] = handlers
    code = ended.value.code
    assert isinstance(code, int)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err) if isinstance(stream.buffer, io.BytesIO)]
    return Run(code, *texts)


def clean_environment() -> dict[str, str]:
    """No proxy, no certificates and no setting of the machine's own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


def title_of(key: str) -> str:
    return f"第{key}号工程提前完成年度目标"


def text_of(key: str) -> list[str]:
    return [
        f"本报讯 记者昨日从示例市建设局获悉，第{key}号工程已经完成全部年度目标，比原计划提前了两个月。",
        f"负责人表示，第{key}号工程的后续工作将在明年春天展开，届时沿线居民的出行时间会缩短一半左右。",
    ]


def article_page(key: str, *, title: str = "", text: Sequence[str] = (), time: str = f"{DAY} 09:30") -> bytes:
    """An article as our sites show it; ``time`` may be ""."""
    paragraphs = "".join(f"<p>{line}</p>\n" for line in text or text_of(key))
    shown = f'<span class="time">{time}</span>' if time else ""
    return (
        f"<!DOCTYPE html><html><head><title>{title or title_of(key)}</title></head><body>"
        f"<div class='nav'><a href='/'>首页</a><a href='/news/'>要闻</a></div><h1>{title or title_of(key)}</h1>{shown}"
        f"<div class='text'>\n{paragraphs}</div><div class='foot'>示例日报社版权所有</div></body></html>"
    ).encode()


def list_page(rows: Sequence[tuple[str, str, str]], following: str = "") -> bytes:
    """``rows`` are address, title and day; ``following`` is the address of the next page."""
    items = "".join(f'<li><a href="{url}">{title}</a><span>{day}</span></li>\n' for url, title, day in rows)
    more = f'<a class="next" href="{following}">下一页</a>' if following else ""
    return (
        "<!DOCTYPE html><html><head><title>要闻</title></head><body>"
        f"<ul class='news'>\n{items}</ul>{more}</body></html>"
    ).encode()


CAPTCHA = html("<html><head><title>安全验证</title></head><body><p>请完成安全验证后继续访问</p></body></html>".encode())
__all__ = ["CAPTCHA", "DAY", "Newsroom", "Reply", "Run", "Running", "Site", "article_page", "list_page", "title_of"]
