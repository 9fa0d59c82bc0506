"""E-papers: the way from the entry page to the issue, and the issue itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.discovery import paper
from crawler.errors import ListError
from crawler.models import ListPage, Page, Precision, Source

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
NOW = datetime(2026, 7, 8, 9, 0, tzinfo=UTC)
HOME = "https://bjrbdzb.bjd.com.cn/bjwb/paperindex.htm"
ISSUE = "https://bjrbdzb.bjd.com.cn/bjwb/mobile/2026/20260618/20260618_m.html"
ENTRY = ListPage(HOME, "北京晚报", kind="paper")
BJWB = Source(
    name="bjwb",
    title="北京晚报",
    home=HOME,
    hosts=("bjrbdzb.bjd.com.cn",),
    style="jekyll",
    articles=(r"/(?P<key>\d{8}_\d+/content_\d{8}_\d+_\d+)\.htm$",),
)
NODE = "http://dz.jjckb.cn/www/pages/webpage2009/html/2026-07/08/node_2.htm"
JJCKB = Source(
    name="jjckb",
    title="经济参考网",
    home="http://www.jjckb.cn/",
    hosts=("www.jjckb.cn", "dz.jjckb.cn"),
    style="jekyll",
    articles=(r"/content_(?P<key>\d+)\.htm$",),
)


def page(body: str | bytes, url: str = HOME) -> Page:
    return Page(url, body.encode() if isinstance(body, str) else body, NOW)


@pytest.mark.parametrize(
    "script",
    [
        f'window.location.href = "{ISSUE}";',
        f"location.href='{ISSUE}'",
        f'window.location="{ISSUE}"',
        f'location.replace("{ISSUE}")',
        f"top.location.assign( '{ISSUE}' )",
        'window.location.href = "mobile/2026/20260618/20260618_m.html"',
        'window.location.href = "./mobile/2026/20260618/20260618_m.html"',
        'window.location.href = "/bjwb/mobile/2026/20260618/20260618_m.html"',
        f'window.location.href = "{ISSUE}"'.replace("/", "\\/"),
        f"""// location.href = "/old.html"\nwindow.location.href = "{ISSUE}";""",
        f"""if (m) {{ location.href = "{HOME}" }} else {{ location.href = "{ISSUE}" }}""",
        f"""if (m) {{ location.href = "{HOME}" }} else {{\n location.href = "{ISSUE}" }}""",
        f"""location.href = "/" + day + ".html"\nlocation.href = "{ISSUE}";""",
    ],
)
def test_entry_by_script(script: str) -> None:
    assert paper.entry_target(page(f"<html><script><!--\n{script}\n//--></script></html>")) == ISSUE


@pytest.mark.parametrize(
    "meta",
    [
        f'<meta http-equiv="refresh" content="0; url={ISSUE}">',
        '<META HTTP-EQUIV="REFRESH" CONTENT="0; URL=mobile/2026/20260618/20260618_m.html">',
        f"<meta content=\"0;URL='{ISSUE}'\" http-equiv=refresh>",
    ],
)
def test_entry_by_meta_refresh(meta: str) -> None:
    assert paper.entry_target(page(f"\ufeff<html><head>{meta}</head></html>")) == ISSUE


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><p>403 Forbidden</p></html>",
        '<script>location.href = "javascript:go()"</script>',
        f'<script>location.href = "{HOME}"</script>',
        '{"location": "x"}',
    ],
)
def test_entry_that_leads_nowhere(body: str) -> None:
    with pytest.raises(ListError, match="names no issue"):
        paper.entry_target(page(body))


PANELS = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=GBK"></head><body>
<div class="nav-items"><div class="nav-panel-heading" pdf_href="../x.pdf">第1版
  头版</div><ul class="nav-list-group">
 <li><a data-newid="bjrb2026061800101"
  data-href="./20260618_001/content_20260618_001_1.htm#page0">河畔新桥通车</a></li>
 <li><a data-newid="../../x" data-href="./20260618_001/content_20260618_001_2.htm#page0"> 雨后 见虹 </a></li>
 <li><a data-newid="bjrb2026061800103">没有地址</a></li></ul></div>
<div class="nav-items"><ul class="nav-list-group">
 <li><a data-newid="bjrb2026061800201"
  data-href="./20260618_002/content_20260618_002_1.htm#page1">早市开张</a></li>
 <li><a data-newid="bjrb2026061800299" data-href="https://ad.example/x">广告</a></li></ul></div>
</body></html>"""


def test_an_issue() -> None:
    reading = paper.read_issue(page("\ufeff" + PANELS, ISSUE), BJWB, ENTRY)
    base = "https://bjrbdzb.bjd.com.cn/bjwb/mobile/2026/20260618/"
    assert [(c.key, c.title, c.section, c.url.removeprefix(base)) for c in reading.candidates] == [
        ("bjrb2026061800101", "河畔新桥通车", "第1版 头版", "20260618_001/content_20260618_001_1.htm"),
        (
            "20260618_001/content_20260618_001_2",
            "雨后 见虹",
            "第1版 头版",
            "20260618_001/content_20260618_001_2.htm",
        ),
        ("bjrb2026061800201", "早市开张", "北京晚报", "20260618_002/content_20260618_002_1.htm"),
    ]
    assert (reading.skipped, reading.outside, reading.next_url) == (1, 1, "")
    for candidate in reading.candidates:
        published = candidate.published
        assert published is not None
        assert (published.at.isoformat(), published.precision, published.provenance) == (
            "2026-06-18T00:00:00+08:00",
            Precision.DAY,
            "paper",
        )


def test_a_redesigned_issue_is_read_by_its_links() -> None:
    reading = paper.read_issue(page(PANELS.replace("nav-items", "panel"), ISSUE), BJWB, ENTRY)
    assert [c.section for c in reading.candidates] == ["北京晚报"] * 3
    assert reading.by_selector is False


NODE_PAGE = """<html><body><table>
<tr><td><a id=pageLink href="node_2.htm">第A01版：头版</a></td></tr>
<tr><td><a id=pageLink href=./node_2.htm><img src=pdf.gif></a></td></tr>
<tr><td><a id=pageLink href="node_3.htm">第A02版：要闻</a></td></tr></table>
<map><area coords="1,2,3,4" href="content_117051.htm"><area href="content_117052.htm" title="图中短讯"></map>
<ul class="ul02_l"><li><a href="content_117051.htm"><div>港口吞吐量回升</div></a></li>
<li><a href="content_117053.htm#p">春茶上市</a></li></ul>
<a href="http://www.jjckb.cn/">首页</a></body></html>"""


def test_a_node() -> None:
    reading = paper.read_node(page(NODE_PAGE, NODE), JJCKB, ENTRY)
    assert [(c.key, c.title) for c in reading.candidates] == [
        ("117051", "港口吞吐量回升"),
        ("117052", "图中短讯"),
        ("117053", "春茶上市"),
    ]
    assert {c.section for c in reading.candidates} == {"第A01版：头版"}
    days = {c.published.day.isoformat() for c in reading.candidates if c.published}
    assert days == {"2026-07-08"}
    assert reading.next_url == NODE.replace("node_2", "node_3")


def test_the_last_node_has_no_next_one() -> None:
    reading = paper.read_node(page(NODE_PAGE, NODE.replace("node_2", "node_3")), JJCKB, ENTRY)
    assert (reading.next_url, reading.candidates[0].section) == ("", "第A02版：要闻")


@pytest.mark.parametrize("day", ["2026-13/45", "x", "12026-07/08"])
def test_no_day_in_the_address_is_no_date(day: str) -> None:
    reading = paper.read_node(page(NODE_PAGE, NODE.replace("2026-07/08", day)), JJCKB, ENTRY)
    assert {c.published for c in reading.candidates} == {None}


@pytest.mark.parametrize(
    ("name", "url", "first", "last"),
    [
        (
            "bjwb", "https://bjrbdzb.bjd.com.cn/bjwb/mobile/2026/20260301/20260301_m.html",
            "https://bjrbdzb.bjd.com.cn/bjwb/mobile/2026/20260228/20260228_m.html",
            "https://bjrbdzb.bjd.com.cn/bjwb/mobile/2026/20260220/20260220_m.html",
        ),
        (
            "jjckb", NODE.replace("node_2", "node_9"),
            NODE.replace("07/08", "07/07"), NODE.replace("07/08", "06/29"),
        ),
    ],
)  # fmt: skip
def test_the_issue_before_is_looked_for_nine_days_back(name: str, url: str, first: str, last: str) -> None:
    from crawler.engine.loader import SourceLoader

    found = paper.earlier_issues(url, SourceLoader().spiders[name].source)
    assert (len(found), found[0], found[-1]) == (9, first, last)


def test_where_no_day_is_known_there_is_no_issue_before() -> None:
    assert paper.earlier_issues(NODE, JJCKB) == ()
    assert paper.earlier_issues("https://bjrbdzb.bjd.com.cn/bjwb/paperindex.htm", BJWB) == ()


@pytest.mark.parametrize("reader", [paper.read_issue, paper.read_node])
@pytest.mark.parametrize(("body", "kind"), [("", "nothing"), ("{}", "JSON"), ("%PDF-1", "a PDF")])
def test_an_issue_that_is_no_page(reader: object, body: str, kind: str) -> None:
    assert callable(reader)
    with pytest.raises(ListError, match=f"the issue answered with {kind}, not a page"):
        reader(page(body, ISSUE), BJWB, ENTRY)


@pytest.mark.skipif(not (SHARED / "captures").is_dir(), reason="the captures are not on this machine")
def test_an_issue_as_captured() -> None:
    body = (SHARED / "captures/bjd/epaper_issue_fixture_20260618.html").read_bytes()
    reading = paper.read_issue(page(body, ISSUE), BJWB, ENTRY)
    assert [c.key for c in reading.candidates] == [f"bjrb20260618{n}" for n in ("00101", "00102", "00201")]
