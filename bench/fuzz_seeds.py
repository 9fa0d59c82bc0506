"""What fuzzing starts from: our own recorded pages, lists and documents, and small ones of each dialect."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
SOURCES = ("", "cs", "4hou", "unsafe", "eastmoney", "jjckb", "zqrb", "bjwb")
LONG = 40_000  # bytes; a longer file takes too long to be tried often


def files(*patterns: str) -> Iterator[bytes]:
    for pattern in patterns:
        for file in sorted(TESTS.glob(pattern)):
            data = file.read_bytes()
            if len(data) <= LONG:
                yield data


def each(firsts: Iterable[int], bodies: Iterable[bytes]) -> Iterator[bytes]:
    kept = list(bodies)
    for number in firsts:
        for body in kept:
            yield bytes([number]) + body


def feed() -> Iterator[bytes]:
    made = {"version": "https://jsonfeed.org/version/1.1", "items": [{
        "id": "1", "url": "https://www.4hou.com/posts/r7GB", "title": "题", "date_published": "2026-10-11T10:30:00+08:00",
        "authors": [{"name": "田野"}], "tags": ["漏洞"], "image": "/a.png",
    }]}  # fmt: skip
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://www.4hou.com/x/"><title>嘶吼</title><entry>'
        '<title type="html">年度观察</title><link href="../posts/r7GB"/><published>2026-05-16T02:30:00Z</published>'
        '<author><name>田野</name></author><category term="v" label="漏洞"/></entry></feed>'
    )
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item>'
        "<title>观察</title><link>https://www.4hou.com/posts/r7GB</link><dc:date>2026-05-16</dc:date></item></rdf:RDF>"
    )
    bodies = [json.dumps(made).encode(), atom.encode(), rdf.encode()]
    bodies += files("web/4hou/feed.xml", "web/unsafe/rss.xml")
    return each((0, 1, 32), bodies)


def sitemap() -> Iterator[bytes]:
    """An index, a news sitemap, a plain list, and one packed."""
    article = "https://www.cs.com.cn/xwzx/202610/t20261011_6600903.html"
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    told = "<news:news><news:publication_date>2026-10-11</news:publication_date><news:title>题</news:title></news:news>"
    urls = f"<urlset {space}><url><loc>{article}</loc><lastmod>2026-10-11T10:00:00+08:00</lastmod>{told}</url></urlset>"
    index = f"<sitemapindex {space}><sitemap><loc>https://www.cs.com.cn/s1.xml.gz</loc></sitemap></sitemapindex>"
    yield from (urls.encode(), index.encode(), f"{article}\n{article}?a=1\n".encode(), gzip.compress(urls.encode()))


def api() -> Iterator[bytes]:
    row = {
        "code": "202610123990010004", "title": "题", "showTime": "2026-10-12 08:00:00", "mediaName": "证券日报",
        "image": "https://np.eastmoney.com/a.png", "np_dst": "CMS", "url": "http://finance.eastmoney.com/news/1.html",
    }  # fmt: skip
    answer = json.dumps({"code": "1", "data": {"list": [row, {**row, "np_dst": "CFH"}]}, "message": "success"}).encode()
    shells = (b'{"code":0,"message":"refused","data":null}', b'{"error":{"message":"x"}}', b"var a = [1, 2];", b"[]")
    return each((0, 32), (answer, b"jQuery1(" + answer + b");", b"/**/ typeof cb === 'f' && cb(" + answer, *shells))


def charset() -> Iterator[bytes]:
    text = "<meta charset={}>中国证监会今日发布公告，市场运行平稳。これは日本語の文章です。한국어 기사입니다"
    for number, codec in enumerate(
        ("utf-8", "gb18030", "big5", "shift_jis", "euc_jp", "cp949", "utf-16", "iso2022_jp")
    ):
        for declared in (codec, "utf-8", "gbk"):
            yield bytes([number]) + text.format(declared).encode(codec, "ignore")
    yield from each((0, 2, 4), files("hostile/control/*", "hostile/invisible/*"))


def date() -> Iterator[bytes]:
    texts = (
        "2022-07-04 12:58:00", "发布时间：2022年7月4日 下午3:05 来源：新华网", "Mon, 04 Jul 2022 12:58:00 +0800", "3小时前",
        "昨天 08:10", "二〇二二年七月四日", "July 4, 2022 at 3:05 p.m. EST", "20220704T125800Z", "1656910680000", "07-04 12:58",
        "Jul 4 12:58:00 CST 2022", "2 hours ago", "今早8时30分", "https://x.example/2022/07/04/t20220704_1.html",
        "https://x.example/a/A1785740390222.html", "2022-07-04T12:58:00.123+08:00", "大前天 晚上11点", "29 February 2024",
    )  # fmt: skip
    return each((0, 1, 3, 16, 32, 48), (text.encode() for text in texts))


def front_matter() -> Iterator[bytes]:
    yield from files("formats/documents/*", "sites/*/*/*/*.md")
    yield (
        b"A"
        + "题：“引号”\0<p>正文 {{ x }}</p><ul><li>一</li></ul>\0证券日报\0要闻\0https://a.cn/1\0https://a.cn/b.png\0甲".encode()
    )
    yield b"A" + b"--- [x] \"'\0<h2># - *</h2><pre>```</pre><table><tr><td>|</td></tr></table>\0m\0s\0http://a/(b)\0\0"


def listing() -> Iterator[bytes]:
    return each((0, 1, 2), files("web/*/*list*.html", "web/cs/*.html", "web/zqrb/*.html"))


def paper() -> Iterator[bytes]:
    return each((0, 32), files("web/bjwb/*.html", "web/jjckb/epaper*"))


def continuation() -> Iterator[bytes]:
    return each((0, 1, 2, 3), files("web/*/go-*.html", "web/cs/t*.html"))


def page() -> Iterator[bytes]:
    """Pages of any site, and the recorded ones by their own source, whose number is that of `SOURCES`."""
    yield from each((0,), files("hostile/*/*", "extraction/corpus/*-unseen/*.html"))
    for number, name in enumerate(SOURCES[1:], 1):
        yield from each((number,), files(f"web/{name}/*.html"))
