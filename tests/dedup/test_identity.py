"""Which addresses are one article, and which must never become one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dedup.identity import MAX_LENGTH, AddressError, canonical_url, generic_key, is_own_host, key_of
from crawler.models import Source


def source(name: str, hosts: tuple[str, ...], articles: tuple[str, ...]) -> Source:
    return Source(name, name, f"https://{hosts[0]}/", hosts, "hexo", articles=articles)


SOURCES = {
    "cs": source(
        "cs",
        ("www.cs.com.cn", "webtestone.cs.com.cn", "toujiao.cs.com.cn"),
        (r"/t\d{8}_(?P<key>\d+)(?:_\d+)?\.s?html$",),
    ),
    "4hou": source(
        "4hou",
        ("www.4hou.com",),
        (r"/posts/(?P<key>[0-9A-Za-z]{4})$", r"^www\.4hou\.com/[a-z]+/(?P<key>\d+)\.html$"),
    ),
    "jjckb": source(
        "jjckb",
        ("www.jjckb.cn", "jjckb.xinhuanet.com", "dz.jjckb.cn"),
        (
            r"/\d{8}/(?P<key>[0-9a-f]{32})/c\.html$",
            r"/\d{4}-\d\d/\d\d/c_(?P<key>\d{9,10})\.htm$",
            r"^dz\.jjckb\.cn/.+/content_(?P<key>\d+)\.htm$",
        ),
    ),
    "zqrb": source("zqrb", ("www.zqrb.cn", "m.zqrb.cn"), (r"/\d{4}-\d\d-\d\d/(?P<key>A\d{13})\.html$",)),
    "bjwb": source(
        "bjwb",
        ("bjrbdzb.bjd.com.cn", "www.takefoto.cn", "news.bjd.com.cn"),
        (r"/(?P<key>\d{8}_\d+/content_\d{8}_\d+_\d+)\.htm$", r"/\d{4}/\d\d/\d\d/(?P<key>\d+)\.shtml$"),
    ),
    "eastmoney": source(
        "eastmoney",
        (
            *(f"{sub}.eastmoney.com" for sub in ("finance", "stock", "futures", "hk", "biz", "enterprise")),
            *(f"{sub}.eastmoney.com" for sub in ("global", "wap", "caifuhao", "choicew2z")),
        ),
        (
            r"/a/(?P<key>\d{17,18})\.html$",
            r"/news/(?:\d+,)?(?P<key>\d{17,18})(?:\.html)?$",
            r"/3g/news/article,(?:\d+,)+(?P<key>\d{17,18})\.shtml$",
            r"[?&]infocode=NW(?P<key>\d{17,18})",
        ),
    ),
    "unsafe": source("unsafe", ("buaq.net", "unsafe.sh"), (r"/(?:go|jump)-(?P<key>\d+)\.html?$",)),
}
HEX = "0123456789abcdef0123456789abcdef"
CODE = "202609283884561151"


@pytest.mark.parametrize(
    ("site", "url", "expected"),
    [
        ("cs", "https://www.cs.com.cn/xwzx/hg/202601/t20260129_6535715.html", "6535715"),
        ("cs", "http://cs.com.cn/xwzx/hg/202601/t20260129_6535715.shtml#top", "6535715"),
        ("cs", "http://www.cs.com.cn/gppd/202601/t20260129_6535715_1.html", "6535715"),
        ("cs", "http://webtestone.cs.com.cn/xwzx/202601/t20260129_6535715.html?from=timeline", "6535715"),
        ("cs", "http://WWW.CS.COM.CN:80/xwzx/202601/t20260129_6535715.html/", "6535715"),
        ("cs", "http://www.cs.com.cn/xwzx/202601/t20260129_6535715.html?x=1", "6535715"),
        ("cs", "https://www.cs.com.cn/xwzx/hg/", ""),
        ("cs", "https://video.cs.com.cn/202601/t20260129_6535715.html", ""),
        ("cs", "https://www.cs.com.cn.evil.example/202601/t20260129_6535715.html", ""),
        ("cs", "https://evil.example/www.cs.com.cn/t20260129_6535715.html", ""),
        ("4hou", "https://www.4hou.com/posts/r7GB", "r7GB"),
        ("4hou", "https://www.4hou.com/index.php/posts/R7gb/", "R7gb"),
        ("4hou", "http://www.4hou.com/web/17357.html", "17357"),
        ("4hou", "https://www.4hou.com/category/news?page=2", ""),
        ("jjckb", "http://jjckb.xinhuanet.com/2024-05/21/c_1310775525.htm", "1310775525"),
        ("jjckb", f"https://www.jjckb.cn/20250704/{HEX}/c.html", HEX),
        ("jjckb", "http://dz.jjckb.cn/www/pages/webpage2009/html/2026-07/08/content_117051.htm", "117051"),
        ("zqrb", "http://www.zqrb.cn/stock/redian/2026-08-03/A1785740390222.html", "A1785740390222"),
        ("zqrb", "http://m.zqrb.cn/stock/redian/2026-08-03/A1785740390222.html", "A1785740390222"),
        ("zqrb", "http://zqrb.cn/stock/redian/2026-08-03/A1785740390222.html", "A1785740390222"),
        (
            "bjwb",
            "https://bjrbdzb.bjd.com.cn/bjwb/mobile/2026/20260618/20260618_001/content_20260618_001_1.htm#page0",
            "20260618_001/content_20260618_001_1",
        ),
        ("bjwb", "https://www.takefoto.cn/news/2026/09/21/10087493.shtml", "10087493"),
        ("bjwb", "https://news.bjd.com.cn/2026/09/21/10087493.shtml", "10087493"),
        ("eastmoney", f"https://finance.eastmoney.com/a/{CODE}.html", CODE),
        ("eastmoney", f"http://hk.eastmoney.com/a/{CODE}.html", CODE),
        ("eastmoney", f"http://finance.eastmoney.com/news/1354,{CODE}.html", CODE),
        ("eastmoney", f"http://wap.eastmoney.com/3g/news/article,8,344,1,{CODE}.shtml", CODE),
        ("eastmoney", f"http://caifuhao.eastmoney.com/news/{CODE}", CODE),
        (
            "eastmoney",
            f"https://choicew2z.eastmoney.com/info/information/detail.html?infocode=NW{CODE}",
            CODE,
        ),
        ("eastmoney", "https://finance.eastmoney.com/a/cgnjj_2.html", ""),
        ("unsafe", "https://buaq.net/go-275718.html", "275718"),
        ("unsafe", "https://unsafe.sh/jump-275718.htm", "275718"),
        ("unsafe", "https://buaq.net/cve", ""),
        ("unsafe", "javascript:void(0)", ""),
        ("unsafe", "https://buaq.net@evil.example/go-1.html", ""),
    ],
)
def test_the_sites_own_id(site: str, url: str, expected: str) -> None:
    assert key_of(url, SOURCES[site]) == expected


ONE_PAGE = [
    "https://news.example.cn/a/1.html?a=1&b=2",
    "http://news.example.cn/a/1.html?a=1&b=2",
    "HTTPS://News.Example.CN/a/1.html?b=2&a=1",
    "https://news.example.cn:443/a/1.html?a=1&b=2#comments",
    "https://news.example.cn./a/1.html?a=1&b=2",
    "https://news.example.cn/a/../a/./1.html?a=1&b=2",
    "https://news.example.cn/a/1.html?a=1&utm_source=x&b=2&utm_medium=rss",
    "https://news.example.cn/a/1.html?a=1&b=2&from=timeline&isappinstalled=0",
    "https://news.example.cn/a/1.html?spm=a2.b3&a=1&b=2&chksm=0f",
    "  https://news.example.cn/a/1.html?a=1&b=2\n",
]


@pytest.mark.parametrize("url", ONE_PAGE)
def test_one_page(url: str) -> None:
    assert canonical_url(url) == ONE_PAGE[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.cn/x?id=1", "https://a.cn/x?id=2"),
        ("https://a.cn/x?cid=1", "https://a.cn/x?cid=2"),
        ("https://a.cn/x?eid=1", "https://a.cn/x"),
        ("https://a.cn/x?uid=1", "https://a.cn/x"),
        ("https://a.cn/x?page=1", "https://a.cn/x?page=2"),
        ("https://a.cn/x?session=1", "https://a.cn/x"),
        ("https://a.cn/x?source=1", "https://a.cn/x"),
        ("https://a.cn/x?keyword=1", "https://a.cn/x"),
        ("https://a.cn/x?from=beijing", "https://a.cn/x?from=shanghai"),
        ("https://a.cn/x?scene=1", "https://a.cn/x?scene=2"),
        ("https://a.cn/posts/r7GB", "https://a.cn/posts/r7gb"),
        ("https://a.cn/?q=%B9%FA", "https://a.cn/?q=%B9%FB"),
        ("https://a.cn/x", "https://a.cn:8443/x"),
        ("https://a.cn/x", "https://b.a.cn/x"),
        ("https://a.cn/a%2Fb", "https://a.cn/a/b"),
    ],
)
def test_two_pages(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)
    assert generic_key(one) != generic_key(other)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://新闻.例子.中国/路 径/一.html", "https://xn--efvy88h.xn--fsqu00a.xn--fiqs8s/%E8%B7%AF%20%E5%BE%84/%E4%B8%80.html"),
        ("https://a.cn", "https://a.cn/"),
        ("https://a.cn?", "https://a.cn/"),
        ("https://a.cn/%e4%bd%a0", "https://a.cn/%E4%BD%A0"),
        ("https://ａ.cn/x", "https://a.cn/x"),
        ("http://[2001:DB8::1]:80/x", "https://[2001:db8::1]/x"),
        ("https://mp.weixin.qq.com/s?__biz=b&mid=1&idx=1&sn=s&scene=21", "https://mp.weixin.qq.com/s?__biz=b&idx=1&mid=1&sn=s"),
    ],
)  # fmt: skip
def test_canonical_form(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "scheme"),
        ("/a/1.html", "scheme"),
        ("//a.cn/1.html", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("mailto:a@b.cn", "scheme"),
        ("file:///etc/hostname", "scheme"),
        ("ftp://a.cn/x", "scheme"),
        ("data:text/html,x", "scheme"),
        ("https://user@a.cn/x", "userinfo"),
        ("https://user:secret@a.cn/x", "userinfo"),
        ("http://a.cn\\@b.cn/", "malformed"),
        ("https://a.cn/x\x00y", "malformed"),
        ("https://a.cn/x\ny", "malformed"),
        ("https:///x", "malformed"),
        ("https://.../x", "malformed"),
        ("https://a b.cn/x", "malformed"),
        ("https://%77ww.a.cn/x", "malformed"),
        ("https://[::1/x", "malformed"),
        ("https://a.cn:99999/x", "port"),
        ("https://a.cn:0/x", "port"),
        ("https://a.cn:http/x", "port"),
        ("https://a.cn/" + "x" * MAX_LENGTH, "too-long"),
        ("https://a.cn/" + "字" * 300, "too-long"),
    ],
)
def test_never_fetched(url: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        canonical_url(url)
    assert isinstance(caught.value, AddressError)
    assert caught.value.reason == reason
    assert str(caught.value)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("www.cs.com.cn", True),
        ("cs.com.cn", True),
        ("toujiao.cs.com.cn", True),
        ("www.toujiao.cs.com.cn", True),
        ("m.cs.com.cn", False),
        ("cs.com.cn.evil.example", False),
        ("xcs.com.cn", False),
    ],
)
def test_own_hosts(host: str, own: bool) -> None:
    assert is_own_host(f"https://{host}/", SOURCES["cs"]) is own


def test_generic_key_ignores_www_and_the_last_slash() -> None:
    forms = ["https://www.a.cn/p/1?x=1", "http://a.cn/p/1/?x=1", "https://a.cn/p/1?x=1#c"]
    assert {generic_key(url) for url in forms} == {generic_key(forms[0])}
    assert len(generic_key(forms[0])) == 16


_TEXT = st.text(st.sampled_from("ab1.-_/?&=%#;:+ ~'()[]@中文é％０２．。％Ａ"), max_size=40)


@given(st.sampled_from(["http://", "https://", "HTTP://"]), _TEXT, _TEXT)
def test_canonical_form_is_final(scheme: str, host: str, rest: str) -> None:
    try:
        once = canonical_url(f"{scheme}{host}/{rest}")
    except AddressError:
        return
    assert canonical_url(once) == once
    assert once.isascii()


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    for url in (text, "http://" + text, "https://a.cn/" + text):
        with contextlib.suppress(AddressError):
            assert canonical_url(url).startswith("https://")
