"""The hostile documents in the hands of real programs: Hexo and Jekyll build them, a browser opens every page.

Each document becomes one page, no script runs, and nothing is asked for but the pages and the
pictures in them. Skipped, with the reason, where a program is missing: Hexo comes by
``npm ci --prefix tests/renderers``, the others are Debian's jekyll and chromium-headless-shell.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import trustme
from hostile_pages import SLY, Attack
from server import NOT_FOUND, Proxy, Reply, html

from crawler.dedup.identity import AddressError
from crawler.models import STYLES, Style

PARTS = Path(__file__).parent / "renderers"  # configuration and theme of both sites, the page that looks at pages
MODULES = PARTS / "node_modules"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PATIENCE = 120  # seconds for one build, or one look; they take two
AT_ONCE = 120  # pages in one window of the browser
SITE = "site.example"
PICTURES = {"img.example", "news.example"}  # the hosts from which the corpus shows pictures

# What typographers, of both generators, write in another way. A reader sees the same.
_TYPOGRAPHY = re.compile(r"""[\s"'“”‘’„`´–—\-….<>«»]+""")


@dataclass(frozen=True)
class Built:
    """A site that was built: what the program said, its pages, and the attack and style of each by its name."""

    code: int
    said: str
    pages: dict[str, bytes]
    sources: dict[str, tuple[Attack, Style]]


@pytest.fixture(scope="module")
def documents() -> list[tuple[Attack, Style, bytes]]:
    found = []
    for attack in SLY:
        extraction = attack.extract()
        try:
            article = None if extraction.problem else attack.article(extraction)
        except AddressError:
            continue
        if article is not None:
            found += [(attack, style, attack.document(article, style)) for style in STYLES]
    assert len(found) > 600
    return found


@pytest.fixture(scope="module")
def hexo(documents: list[tuple[Attack, Style, bytes]], tmp_path_factory: pytest.TempPathFactory) -> Built:
    node = shutil.which("node")
    if node is None or not (MODULES / "hexo").is_dir():
        pytest.skip("Hexo is not installed: npm ci --prefix tests/renderers")
    folder = tmp_path_factory.mktemp("hexo") / "site"
    shutil.copytree(PARTS / "hexo", folder)
    shutil.copy(PARTS / "package.json", folder)
    (folder / "node_modules").symlink_to(MODULES)
    command = [node, str(MODULES / "hexo" / "bin" / "hexo"), "generate"]
    return build(command, folder, documents, posts="source/_posts", public="public")


@pytest.fixture(scope="module")
def jekyll(documents: list[tuple[Attack, Style, bytes]], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Not of ``hexo`` documents: to Jekyll a file that begins with an empty line has no front matter."""
    program = shutil.which("jekyll")
    if program is None:
        pytest.skip("Jekyll is not installed: Debian's package jekyll")
    folder = tmp_path_factory.mktemp("jekyll") / "site"
    shutil.copytree(PARTS / "jekyll", folder)
    ours = [document for document in documents if document[1] != "hexo"]
    return build(
        [program, "build", "--disable-disk-cache"], folder, ours, posts="_posts", public="_site", day="2024-05-20-"
    )


def build(
    command: Sequence[str],
    folder: Path,
    documents: list[tuple[Attack, Style, bytes]],
    *,
    posts: str,
    public: str,
    day: str = "",
) -> Built:
    (folder / posts).mkdir(parents=True)
    sources: dict[str, tuple[Attack, Style]] = {}
    for attack, style, content in documents:
        name = f"{style}-{attack.name.replace('/', '-')}"
        sources[f"{name}.html"] = attack, style
        (folder / posts / f"{day}{name}.md").write_bytes(content)
    ended = subprocess.run(
        list(command), cwd=folder, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
    )
    pages = {path.name: path.read_bytes() for path in (folder / public).rglob("*.html")}
    return Built(ended.returncode, ended.stdout + ended.stderr, pages, sources)


@pytest.fixture(params=["hexo", "jekyll"])
def built(request: pytest.FixtureRequest) -> Built:
    site: Built = request.getfixturevalue(request.param)
    return site


def test_build_succeeds_and_each_document_is_one_page(built: Built) -> None:
    assert built.code == 0, built.said
    assert re.findall(r"(?i)\b(?:error|warning|fatal)\b.*", built.said) == []
    assert sorted(built.pages) == sorted(built.sources)


def test_a_document_that_is_not_ours_breaks_the_build(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The builds above can fail: a template that is not made inert does it."""
    attack = next(attack for attack in SLY if attack.name == "template/unknown-tag")
    broken: list[tuple[Attack, Style, bytes]] = [(attack, "archive", b"---\ntitle: a\n---\n{% nosuchtag %}\n")]
    request.getfixturevalue("jekyll")
    folder = tmp_path / "site"
    shutil.copytree(PARTS / "jekyll", folder)
    program = shutil.which("jekyll")
    assert program is not None
    assert (
        build(
            [program, "build", "--disable-disk-cache"],
            folder,
            broken,
            posts="_posts",
            public="_site",
            day="2024-05-20-",
        ).code
        != 0
    )


# --- the browser ---------------------------------------------------------------


@dataclass(frozen=True)
class Looked:
    """What the browser made of the pages, by name, and every address that it asked for."""

    pages: dict[str, dict[str, Any]]
    asked: list[str]


Look = Callable[[dict[str, bytes]], Looked]


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Look]:
    """The proxy is the browser's whole web: whatever it asks for, by http or https, is in the log."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no browser is installed: Debian's package chromium-headless-shell")
    served: dict[str, bytes] = {}

    def web(url: str) -> Reply:
        parts = urlsplit(url)
        body = served.get(parts.path.lstrip("/")) if parts.hostname == SITE else None
        return html(body) if body is not None else NOT_FOUND

    def look_at(pages: dict[str, bytes]) -> Looked:
        served.clear()
        served.update(pages, look=(PARTS / "look.html").read_bytes())
        start = len(proxy.log)
        seen: dict[str, dict[str, Any]] = {}
        for first in range(0, len(pages), AT_ONCE):
            names = ",".join(list(pages)[first : first + AT_ONCE])
            seen |= seen_by(browser, proxy.port, f"http://{SITE}/look?{quote(names)}", profile)
        return Looked(seen, [each.path for each in proxy.log[start:]])

    profile = tmp_path_factory.mktemp("browser")
    with Proxy(web, trustme.CA()) as proxy:
        yield look_at


def seen_by(browser: str, proxy: int, url: str, profile: Path) -> dict[str, dict[str, Any]]:
    flags = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
        *(f"--user-data-dir={profile}", f"--proxy-server=http://127.0.0.1:{proxy}", "--proxy-bypass-list=<-loopback>"),
        *("--ignore-certificate-errors", "--virtual-time-budget=5000", "--dump-dom", url),
    ]
    ended = subprocess.run([browser, *flags], capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    dump = ended.stdout.decode()
    found = re.search(r'<pre id="seen">(.+?)</pre>', dump, re.DOTALL)
    assert found is not None, ended.stderr.decode()[-2000:]
    return dict(json.loads(unescape(found[1])))


@pytest.fixture(scope="module")
def looks() -> dict[int, Looked]:
    """One look for each site, kept for all tests of it."""
    return {}


@pytest.fixture
def looked(built: Built, look: Look, looks: dict[int, Looked]) -> Looked:
    return looks.setdefault(id(built), looks.get(id(built)) or look(built.pages))


def test_nothing_in_a_page_is_active(built: Built, looked: Looked) -> None:
    assert {name: page.get("active", page) for name, page in looked.pages.items() if page.get("active") != []} == {}
    assert sorted(looked.pages) == sorted(built.sources)
    assert {page["articles"] for page in looked.pages.values()} == {1}


def test_browser_asks_for_pages_and_pictures_only(built: Built, looked: Looked) -> None:
    pictures = {address for page in looked.pages.values() for address in page["images"]}
    pages = {f"http://{SITE}/{name}" for name in built.pages}
    others = [url for url in looked.asked if url not in pages | pictures and not url.startswith(f"http://{SITE}/look?")]
    assert others == []
    assert {urlsplit(address).hostname for address in pictures} == PICTURES
    assert pages <= set(looked.asked)


def test_reader_sees_what_the_page_said(built: Built, looked: Looked) -> None:
    for name, (attack, _) in built.sources.items():
        page = looked.pages[name]
        assert [text for text in attack.present if bare(text) not in bare(page["shown"])] == [], name
        if attack.title:
            assert (page["title"].split(), page["heading"].split()) == (attack.title.split(), attack.title.split()), (
                name
            )


def bare(text: str) -> str:
    return _TYPOGRAPHY.sub("", text)


def test_browser_would_notice(look: Look) -> None:
    """The looks above can fail: here is a page on which everything comes to life."""
    body = (
        b"<title>x</title><h1>x</h1><article><script>fetch('http://canary.example/script')</script>"
        b"<img src=x onerror=\"fetch('https://canary.example/handler')\"><a href='javascript:alert(1)'>y</a>"
        b"<iframe src='http://canary.example/frame'></iframe><link rel=stylesheet href='http://canary.example/css'></article>"
    )
    found = look({"live.html": body})
    assert found.pages["live.html"]["active"] == [
        "<script>", "<img onerror=fetch('https://canary.example/handler')>", "<a href=javascript:alert(1)>",
        "<iframe>", "<link>", "<link rel=stylesheet>",
    ]  # fmt: skip
    asked = {url for url in found.asked if "canary" in url}
    assert asked == {f"{s}://canary.example/{p}" for s, p in
                     [("http", "script"), ("https", "handler"), ("http", "frame"), ("http", "css")]}  # fmt: skip
