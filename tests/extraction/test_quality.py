"""Which pages are no articles, and which only look like it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extraction.page import extract
from crawler.extraction.stub import redirect_target
from crawler.models import Extraction, Page, Source

URL = "https://news.example.cn/yw/3001.html"
NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SOURCE = Source(
    "qh",
    "青禾在线",
    "https://news.example.cn/",
    ("news.example.cn",),
    "jekyll",
    body=("div.text",),
    published=(".time",),
)

MENU = "<ul>" + "".join(f"<li><a href='/c{i}'>栏目{i}</a></li>" for i in range(40)) + "</ul>"
HOT = (
    "<div class='hot'>"
    + "".join(f"<li><a href='/h{i}'>热门新闻的标题排在这里第{i}条</a></li>" for i in range(30))
    + "</div>"
)
PROSE = "<p>青禾市轻轨三号线周一早晨开通，首日客流超过十二万人次，沿线商铺提前两小时开门迎客。</p>" * 6


def extracted(
    body: str | bytes,
    title: str = "轻轨三号线开通",
    *,
    source: Source | None = None,
    content_type: str = "text/html",
) -> Extraction:
    if isinstance(body, str):
        body = f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()
    return extract(Page(URL, body, NOW, content_type=content_type), source)


def article(inner: str, title: str = "轻轨三号线开通", around: str = MENU) -> str:
    return f"{around}<h1>{title}</h1><div class='time'>2026-10-12 07:30</div><div class='text'>{inner}</div>{HOT}"


# --- pages that pass ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "inner",
    [
        "<p>央行十二日开展七天期逆回购操作一百亿元，利率维持不变，市场反应平稳，资金面宽松。</p>",
        "<p>（记者 张三）十二日午间，大桥恢复通行。</p>",
        "<p>图为轻轨首班车。</p><img src='/1.jpg'>",
        "<table><tr><th>代码</th><th>名称</th></tr><tr><td>000001</td><td>青禾股份</td></tr><tr><td>000002</td><td>南湖股份</td></tr></table>",
        "<p>登录后查看更多的说法并不准确，验证码也不需要，页面不存在的问题已经解决，404不再出现。</p>",
        "<ul><li>南湖站</li><li>老城站</li><li>会展站</li></ul>",
        PROSE,
    ],
)
@pytest.mark.parametrize("source", [SOURCE, None], ids=["declared", "generic"])
def test_good_articles_pass_however_short(inner: str, source: Source | None) -> None:
    found = extracted(article(inner), source=source)
    assert (found.problem, found.title) == ("", "轻轨三号线开通")
    assert found.text


def test_a_photo_page_passes_where_its_container_is_declared() -> None:
    assert extracted(article("<img src='/1.jpg'><img src='/2.jpg'>"), source=SOURCE).problem == ""


@pytest.mark.parametrize(
    "title",
    ["验证码为何越来越难？", "404页面背后的故事", "请登录：一场关于注册的战争", "访问异常增多 平台回应"],
)
def test_articles_about_walls_pass(title: str) -> None:
    assert extracted(article(PROSE, title), title).problem == ""


def test_real_pages_all_pass() -> None:
    pages = sorted((SHARED / "eval" / "pages" / "zh").glob("*.html.gz"))
    if not pages:
        pytest.skip("the evaluation pages are not on this machine")
    problems = {}
    for path in pages:
        url = json.loads(path.with_name(path.name.replace(".html.gz", ".json")).read_text("utf-8")).get("url") or URL
        found = extract(Page(url, gzip.decompress(path.read_bytes()), NOW))
        if found.problem:
            problems[path.name] = found.problem
    assert problems == {}


# --- pages that do not --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "body", "title"),
    [
        (
            "captcha",
            "<div><p>请完成安全验证后继续访问。</p><p>请拖动下方滑块完成拼图。</p></div>",
            "安全验证",
        ),
        (
            "captcha",
            "<h1>访问过于频繁</h1><p>您的访问过于频繁，请输入验证码。</p><form><input></form>",
            "青禾在线",
        ),
        (
            "captcha",
            "<h1>Just a moment...</h1><p>Checking your browser before accessing the site.</p>",
            "Just a moment...",
        ),
        (
            "captcha",
            "<h1>Access Denied</h1><p>You don't have permission to access this page.</p>",
            "Access Denied",
        ),
        (
            "javascript",
            "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div><script src='/m.js'></script>",
            "青禾在线",
        ),
        ("javascript", "<p>请开启浏览器的JavaScript后再访问本页。</p>", "轻轨三号线开通"),
        ("javascript", "<div id='app'></div><script src='/app.js'></script>", "轻轨三号线开通"),
        ("login", "<h1>轻轨三号线开通</h1><p>本文为付费内容，请先登录。</p>", "轻轨三号线开通"),
        ("login", "<h1>轻轨三号线开通</h1><p>轻轨三号线周一开通。登录后可查看全文。</p>", "轻轨三号线开通"),
        ("login", "<h1>用户中心</h1><form><input name='u'><input type='password'></form>", "用户中心"),
        ("soft-404", "<h1>404</h1><p>您访问的页面不存在。</p><a href='/'>返回首页</a>", "404 Not Found"),
        ("soft-404", "<p>抱歉，该文章已被删除。</p>", "青禾在线"),
        ("soft-404", "<p>找不到您要的页面，三秒后返回首页。</p>", "提示信息"),
        ("soft-404", "<h1>Page not found</h1><p>The article is no longer available.</p>", "Oops"),
        ("list-page", MENU + HOT + "<p>共三十条。</p>", "要闻_青禾在线"),
        (
            "list-page",
            "".join(
                f"<div><h3><a href='/a{i}'>另一条消息的标题在此</a></h3><p>摘要说，某地某日发生了一件事，详情见内文。</p></div>"
                for i in range(20)
            ),
            "要闻_青禾在线",
        ),
        ("empty", "", "轻轨三号线开通"),
        ("empty", "<h1>轻轨三号线开通</h1><div class='text'></div>", "轻轨三号线开通"),
        ("empty", f"<div>{PROSE}</div>", ""),
    ],
)
def test_pages_in_the_place_of_an_article(word: str, body: str, title: str) -> None:
    found = extracted(body, title)
    assert found.problem == word, found.detail
    assert found.detail


@pytest.mark.parametrize(
    ("word", "body", "content_type"),
    [
        ("empty", b"", "text/html"),
        ("empty", b" \r\n\t ", "text/html"),
        ("empty", b"\xef\xbb\xbf", "text/html"),
        ("not-html", b"%PDF-1.7\n%...", "text/html"),
        ("not-html", b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "text/html"),
        ("not-html", b"\xff\xd8\xff\xe0" + b"<" * 99, "text/html"),
        ("not-html", b"PK\x03\x04" + b"\x00" * 99, "text/html"),
        ("not-html", b"\x1f\x8b\x08" + b"\x00" * 99, "text/html"),
        ("not-html", b"\x00\x00\x00\x20ftypisom" + b"\x00" * 99, ""),
        ("not-html", b'{"code": 0, "html": "<p>x</p>"}', "application/json; charset=utf-8"),
        ("not-html", b"a,b\n1,2", "text/csv"),
        ("not-html", b"just words, no markup at all", "text/plain"),
        ("not-html", b"x", ""),
        ("too-complex", b"<html><body>" + b"<br>" * 60_000, "text/html"),
        (
            "too-complex",
            b"<html><title>T</title><body>" + b"<div>" * 9_000 + "<p>深处的一句话，无人能读到。</p>".encode(),
            "text/html",
        ),
    ],
)
def test_bytes_that_are_no_readable_page(word: str, body: bytes, content_type: str) -> None:
    assert extracted(body, content_type=content_type).problem == word


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/plain", "application/xhtml+xml", ""])
def test_html_is_known_by_its_bytes(content_type: str) -> None:
    page = f"<html><head><title>轻轨三号线开通</title></head><body>{article(PROSE)}</body></html>".encode()
    assert extracted(page, content_type=content_type).problem == ""


def test_damaged_text_is_not_published() -> None:
    page = f"<html><head><title>轻轨三号线开通</title></head><body>{article(PROSE)}</body></html>".encode()
    broken = page.replace("商铺".encode(), b"\xe5\x95")
    found = extracted(broken)
    assert (found.problem, found.damaged) == ("damaged", 6)
    assert extracted(page).damaged == 0


@pytest.mark.parametrize(
    ("end", "word"),
    [
        ("</body></html>", ""),
        ("", ""),
        ("</body></html", ""),
        ("</body></html><!-- 0.012s -->", ""),
        ("</body></html>\n0.012s", ""),
        ("<script>var a = 1 < 2;</script>", ""),
        ("<div class='foo", "truncated"),
        ("<script>var a = [1, 2", "truncated"),
        ("<!-- related", "truncated"),
        ("<p>a < b", ""),
    ],
)
def test_a_page_that_breaks_off(end: str, word: str) -> None:
    page = f"<html><head><title>轻轨三号线开通</title></head><body>{article(PROSE)}{end}".encode()
    assert extracted(page).problem == word


# --- stubs that lead on --------------------------------------------------------------------


def stub(script: str, text: str = "<h1>跳转中</h1>") -> str:
    return f"<!DOCTYPE><html><head><title>某站</title></head><body><a href='/'>某站</a>{text}<script>{script}</script></body></html>"


@pytest.mark.parametrize(
    ("script", "target"),
    [
        (
            r'setTimeout(() => { window.location.href = "https:\/\/a.example.org\/p\/7"; }, 5000);',
            "https://a.example.org/p/7",
        ),
        ("location.href='https://a.example.org/p/7'", "https://a.example.org/p/7"),
        (r'window.location = "https:\/\/a.example.org\/\u6587?a=1&b=2";', "https://a.example.org/文?a=1&b=2"),
        ("location.replace('/p/7')", "https://news.example.cn/p/7"),
        ('top.location.href = "20261012_m.html";', "https://news.example.cn/yw/20261012_m.html"),
        (
            "document.getElementById('b').onclick = function () { location.href = 'https://a.example.org/'; }",
            "",
        ),
        ("$('#b').click(function () { location.href = 'https://a.example.org/'; })", ""),
        ("function go() { location.href = 'https://a.example.org/'; }", ""),
        ("if (screen.width < 480) location.href = 'https://m.example.org/';", ""),
        ("// location.href = 'https://a.example.org/';", ""),
        ("location.href = 'javascript:x()';", ""),
        (f"location.href = '{URL}#a';", ""),
        ("var here = location.href;", ""),
        ("", ""),
    ],
)
def test_where_a_stub_leads(script: str, target: str) -> None:
    assert redirect_target(stub(script), URL) == target


def test_refresh_leads_on_too() -> None:
    page = "<html><head><meta http-equiv='Refresh' content='0; url=/p/7'></head><body></body></html>"
    assert redirect_target(page, URL) == "https://news.example.cn/p/7"


def test_a_page_with_text_is_no_stub() -> None:
    assert redirect_target(stub("location.href = 'https://a.example.org/'", PROSE), URL) == ""


def test_a_stub_is_a_problem_that_names_its_target() -> None:
    found = extracted(stub("location.href = 'https://a.example.org/p'").encode())
    assert (found.problem, found.original_url) == ("stub", "https://a.example.org/p")


def test_real_stubs_all_yield_their_target() -> None:
    stubs = sorted((SHARED / "captures" / "buaq" / "html-redirect").glob("*.html"))
    if not stubs:
        pytest.skip("the captured pages are not on this machine")
    targets = [redirect_target(path.read_text("utf-8"), f"https://buaq.net/{path.name}") for path in stubs]
    assert [target.startswith("http") and "buaq.net" not in target for target in targets] == [True] * len(stubs)
