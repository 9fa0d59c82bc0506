"""Builds the small recorded web that ships with Shiyi from the readable pages in tests/web/.

Same sources, same bytes: no clock, no network. `tests/web/README.md` tells what is in it.

    python tests/build_web.py [--out FILE] [--check]
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import sys
import tomllib
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WEB = Path(__file__).resolve().parent / "web"
BUILT = WEB.parents[1] / "crawler" / "demo.warc.gz"
SOURCES = ("cs", "4hou", "jjckb", "zqrb", "bjwb", "eastmoney", "unsafe")
# The recorded "today": Monday, 16:00 in Beijing. Each record is one second later than the last.
FIRST_RECORD = datetime(2026, 10, 12, 8, 0, 0, tzinfo=UTC)

Record = tuple[str, int, list[tuple[str, str]], bytes, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One `[[page]]` of a pages.toml. `title`, `listed`, … are what lists show of it.

    `lists` names those lists, `slug#2` the second page of one. `also`: other addresses, same bytes.
    """

    url: str
    file: str
    encoding: str = "utf-8"
    type: str = "text/html"
    newline: str = "lf"
    headers: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    title: str = ""
    listed: str = ""
    lists: tuple[str, ...] = ()
    medium: str = ""
    summary: str = ""
    image: str = ""
    np_dst: str = "CMS"


@dataclass(frozen=True, slots=True)
class Listing:
    """One `[[list]]` of a pages.toml: a list page that is rendered, not stored."""

    slug: str
    name: str
    charset: str = "gbk"  # cs: what the page declares and is written in
    headers: dict[str, str] = field(default_factory=dict)
    pager: str = ""  # cs: how page 1 leads to page 2, "link" or "script"
    outside: dict[str, str] = field(default_factory=dict)  # cs: a row that leaves the site
    slides: tuple[dict[str, str], ...] = ()  # cs: the #slideBox
    row: str = "lista"  # zqrb: which of the site's row forms
    code: int | str = 1  # eastmoney: the API says 1 or "1"


Rendered = tuple[str, str, str, str]  # url, content type, encoding, text


def records() -> Iterator[Record]:
    """All recorded answers: url, status, headers, body, WARC-Date. Headers carry no Content-Length."""
    date = FIRST_RECORD
    for url, headers, body in _answers():
        yield url, 200, headers, body, date.strftime("%Y-%m-%dT%H:%M:%SZ")
        date += timedelta(seconds=1)


def _answers() -> Iterator[tuple[str, list[tuple[str, str]], bytes]]:
    for source in SOURCES:
        folder = WEB / source
        index = tomllib.loads((folder / "pages.toml").read_text(encoding="utf-8"))
        pages = [Page(**entry) for entry in index["page"]]
        for listing in (Listing(**entry) for entry in index.get("list", ())):
            for number, shown in _pages_of_list(listing.slug, pages):
                url, kind, encoding, text = RENDER[source](folder, listing, pages, shown, number)
                extra = listing.headers if number == 1 else {}
                yield url, [("Content-Type", kind), *extra.items()], text.encode(encoding)
        for page in pages:
            text = (folder / page.file).read_text(encoding="utf-8")
            if page.newline == "crlf":
                text = text.replace("\n", "\r\n")
            headers = [("Content-Type", page.type), *page.headers.items()]
            for url in (page.url, *page.also):
                yield url, headers, text.encode(page.encoding)


def _pages_of_list(slug: str, pages: list[Page]) -> Iterator[tuple[int, list[Page]]]:
    """The pages of one list, newest rows first: (1, rows), and (2, rows) if there is a second."""
    for number, name in ((1, slug), (2, f"{slug}#2")):
        shown = [page for page in pages if name in page.lists]
        if shown:
            yield number, sorted(shown, key=lambda page: page.listed, reverse=True)
        elif number == 1:
            raise ValueError(f"tests/web: no page is on the list {slug}")


def _fill(template: str, **values: str) -> str:
    for name, value in values.items():
        template = template.replace("{{" + name + "}}", value)
    if "{{" in template:
        raise ValueError(f"unfilled: {template[template.index('{{') :][:40]}")
    return template


# --- 中证网 --------------------------------------------------------------------


def _cs(folder: Path, listing: Listing, pages: list[Page], shown: list[Page], number: int) -> Rendered:
    up = "../" * (listing.slug.count("/") + 1)

    def relative(url: str) -> str:
        path = urlsplit(url).path.lstrip("/")
        own = listing.slug + "/"
        return "./" + path.removeprefix(own) if path.startswith(own) else up + path

    def row(href: str, title: str, listed: str) -> str:
        return (
            f'          <li class="item"><a href="{href}" target="_blank"><div><em>{listed}</em></div>'
            f"<h3>{escape(title)}</h3><span></span></a></li>\n"
        )

    rows = [(page.listed, row(relative(page.url), page.title, page.listed)) for page in shown]
    if listing.outside and number == 1:
        outside = listing.outside
        rows.append((outside["listed"], row(outside["url"], outside["title"], outside["listed"])))
    text = _fill(
        (folder / "list.html").read_text(encoding="utf-8"),
        charset=listing.charset,
        name=listing.name,
        up=up,
        container="ch_type3_list some-list" if listing.slug == "sylm/jsbd" else "ch_type3_list",
        slide=_cs_slides(listing, pages, relative),
        rows="\n".join(text for _, text in sorted(rows, reverse=True)),
        pager=_cs_pager(listing.pager, number),
    )
    url = f"https://www.cs.com.cn/{listing.slug}/" + ("" if number == 1 else f"index_{number - 1}.html")
    return url, "text/html", "gb18030" if listing.charset == "gbk" else listing.charset, text


def _cs_slides(listing: Listing, pages: list[Page], relative: Callable[[str], str]) -> str:
    if not listing.slides:
        return ""
    items = ""
    for slide in listing.slides:
        page = next(page for page in pages if page.file == slide["file"])
        items += (
            f'<li><a href="{relative(page.url)}" target="_blank"><img src="./pic/{page.listed[:10]}.jpg" />'
            f"<section><h3>{escape(page.title)}</h3><span>{slide['lead']}</span></section></a></li>\n"
        )
    return f'<div id="slideBox" class="slideBox"><div class="bd">\n<ul>\n{items}</ul>\n</div></div>\n'


def _cs_pager(kind: str, number: int) -> str:
    if kind == "link":
        target, label = ("index_1.html", "下一页") if number == 1 else ("index.html", "上一页")
        return f'<div class="z_list_page"><a href="{target}" target="_self">{label}</a></div>'
    if kind == "script":
        return (
            '<div class="z_list_page"><SCRIPT LANGUAGE="JavaScript">\n'
            f"var currentPage = {number - 1};//本页的序号\nvar countPage = 2//总页数\n"
            "if(currentPage<(countPage-1))\n"
            '\tdocument.write("<a href=\\"index"+"_"+(currentPage+1)+"."+"html\\">下一页</a>");\n'
            "</SCRIPT></div>"
        )
    return ""


# --- 证券日报 ------------------------------------------------------------------


def _zqrb(folder: Path, listing: Listing, pages: list[Page], shown: list[Page], number: int) -> Rendered:
    link = '·<a title="{title}"' if listing.row == "plain" else '<a class="lista" title="{title}"'
    rows = "\n".join(
        f'<li><span class="date">{page.listed}</span>{link.format(title=escape(page.title))}'
        f' href="{page.url}" target="_blank">{escape(page.title)}</a></li>'
        for page in shown
    )
    more = any(f"{listing.slug}#2" in page.lists for page in pages)
    step = ("下一页", "index_p2.html") if number == 1 else ("上一页", "index_p1.html")
    text = _fill(
        (folder / "list.html").read_text(encoding="utf-8"),
        slug=listing.slug,
        name=listing.name,
        container="listMain" if listing.row == "listMain" else "news_content",
        rows=rows,
        pager=f'<div class="pages"><a title="{step[0]}" href="{step[1]}">{step[0]}</a></div>' if more else "",
    )
    name = "index.html" if number == 1 else f"index_p{number}.html"
    return f"http://www.zqrb.cn/{listing.slug}/{name}", "text/html", "utf-8", text


# --- 东方财富 ------------------------------------------------------------------

API = (
    "https://np-listapi.eastmoney.com/comm/web/getNewsByColumns?client=web&biz=web_news_col&column={column}"
    "&order=1&needInteractData=0&page_index={number}&page_size=20&req_trace=shiyi"
    "&fields=code,showTime,title,mediaName,summary,image,url,uniqueUrl,Np_dst"
)


def _eastmoney(folder: Path, listing: Listing, pages: list[Page], shown: list[Page], number: int) -> Rendered:
    rows: list[dict[str, Any]] = []
    for page in shown:
        code = page.url.rsplit("/", 1)[-1].removesuffix(".html")
        foreign = page.np_dst == "CFH"
        old_url = f"http://finance.eastmoney.com/news/1{listing.slug},{code}.html"
        rows.append(
            {
                "code": code,
                "np_dst": page.np_dst,
                "showTime": page.listed,
                "title": page.title,
                "mediaName": page.medium,
                "summary": page.summary,
                "image": page.image,
                "url": page.url if foreign else old_url,
                "uniqueUrl": "" if foreign else f"http://finance.eastmoney.com/a/{code}.html",
            }
        )
    more = any(f"{listing.slug}#2" in page.lists for page in pages)
    total = 21 if more else len(rows)  # 21 tells that there is a second page
    data = {"page_index": number, "page_size": 20, "totle_hits": total, "list": rows}  # totle: sic
    answer = {"req_trace": "shiyi", "code": listing.code, "message": "success", "data": data}
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    url = API.format(column=listing.slug, number=number)
    return url, "application/json;charset=UTF-8", "utf-8", text


RENDER: dict[str, Callable[[Path, Listing, list[Page], list[Page], int], Rendered]] = {
    "cs": _cs,
    "zqrb": _zqrb,
    "eastmoney": _eastmoney,
}


# --- the WARC ------------------------------------------------------------------


def warc() -> bytes:
    """All records as one gzipped WARC, a member each, without a time stamp in the gzip headers."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for url, status, headers, body, date in records():
        http = StatusAndHeaders(f"{status} OK", [*headers, ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
        identity = {
            "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}>",
            "WARC-Date": date,
        }
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict=identity
        )
        writer.write_record(record)
    return out.getvalue()


def is_current(path: Path) -> bool:
    """Whether the file holds these records. Compared unpacked: zlib builds pack differently."""
    try:
        return gzip.decompress(path.read_bytes()) == gzip.decompress(warc())
    except (OSError, EOFError, zlib.error):  # absent, or cut short
        return False


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=BUILT, help="default: crawler/demo.warc.gz")
    parser.add_argument("--check", action="store_true", help="only tell whether the file is up to date")
    options = parser.parse_args(argv)
    if options.check:
        current = is_current(options.out)
        print(f"{options.out.name}: {'up to date' if current else 'out of date; run tests/build_web.py'}")
        return 0 if current else 1
    size = options.out.write_bytes(warc())
    print(f"{options.out.name}: {sum(1 for _ in records())} records, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
