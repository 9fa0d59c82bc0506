"""`export`: articles for another program; each format read again by a reader that is not ours."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from conftest import NOW, make_article, submission
from full_library import LATER, fill, render_truly
from newsroom import Run, told

from crawler.models import Moment, Precision, Style
from crawler.operations.export import FIELDS
from crawler.storage.disk import Disk
from crawler.storage.library import Library
from crawler.storage.log import newest

PYARROW = pytest.mark.skipif(not importlib.util.find_spec("pyarrow"), reason="pyarrow is an extra and not installed")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """1001 with all fields, 1002 revised, 1003 without a date, 1004 withdrawn, 1005 known by day."""
    fill(tmp_path / "output")
    library = Library(Disk(tmp_path / "output"))
    library.recover(LATER)
    day = Moment(datetime(2026, 10, 12, tzinfo=UTC), Precision.DAY, "list")
    article = make_article(
        "1005", published=day, title="<b>&\x0b标题</b>", html="<p>A &amp; B &lt;c&gt;</p>", text="A & B <c>"
    )
    library.store([submission(article, style="hexo", render=render_truly)], LATER)
    library.withdraw([(look, "HTTP 404") for look in library.looks.of_key("cs", "1004")], LATER)
    library.close()
    return tmp_path / "output"


def export(folder: Path, format_: str, *words: str) -> Run:
    return told("export", "--format", format_, "--output", str(folder), *words)


def records(folder: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export(folder, "jsonl", *words).stdout.splitlines()]


def keys(folder: Path, *words: str) -> list[str]:
    return [record["key"] for record in records(folder, *words)]


# --- jsonl -----------------------------------------------------------------------


def test_a_line_has_every_field_with_text_and_html(folder: Path) -> None:
    first = records(folder)[0]
    assert tuple(first) == FIELDS
    raw = (folder / first["path"]).read_bytes()
    del first["sha256"], first["fingerprint"]
    assert first == {
        "cursor": f"{newest(folder).collection}:1",
        "source": "cs",
        "key": "1001",
        "url": "https://www.cs.com.cn/xwzx/202610/t20261011_1001.html",
        "path": "cs/2026/10/2026-10-11-1001.md",
        "title": "第1001号公告：示例公司披露季度数据",
        "published": "2026-10-11T09:30:00+00:00",
        "precision": "minute",
        "day": "2026-10-11",
        "medium": "",
        "section": "要闻",
        "authors": ["程竹"],
        "images": [],
        "original_url": "https://other.example/x",
        "evidence": {},
        "style": "archive",
        "revision": 1,
        "withdrawn": "",
        "length": 16,
        "fetched": NOW.isoformat(),
        "first_seen": NOW.isoformat(),
        "document": "stored",
        "text": "示例公司第1001号公告的正文。",
        "html": "<p>示例公司第1001号公告的正文。</p>",
    }
    assert "示例公司第1001号公告的正文。" in raw.decode()


def test_each_article_once_as_it_is_now_in_the_order_of_its_last_change(folder: Path) -> None:
    found = {record["key"]: record for record in records(folder)}
    assert list(found) == ["1001", "1003", "1002", "1005", "1004"]
    assert (found["1002"]["revision"], found["1002"]["text"]) == (2, "更正后的正文。")
    assert (found["1003"]["published"], found["1003"]["day"]) == ("", "")
    assert (found["1005"]["published"], found["1005"]["precision"]) == ("2026-10-12", "day")
    assert found["1005"]["html"] == "<p>A &amp; B &lt;c&gt;</p>"


def test_a_withdrawn_article_is_marked_and_keeps_its_text(folder: Path) -> None:
    [record] = [record for record in records(folder) if record["withdrawn"]]
    assert (record["key"], record["withdrawn"], record["text"]) == ("1004", LATER.isoformat(), "这是另一篇文章。")


def test_what_a_person_has_done_to_a_document_is_told(folder: Path) -> None:
    (folder / "cs/2026/10/2026-10-11-1001.md").unlink()
    edited = folder / "cs/2026/10/2026-10-11-1002.md"
    edited.write_bytes(edited.read_bytes().replace("更正后".encode(), "<script>x</script>我的".encode()))
    (folder / "cs/undated/1003.md").write_text("meine Notiz <b>x</b>\n")
    found = {record["key"]: record for record in records(folder)}
    told_of = [(found[key]["document"], found[key]["text"], found[key]["html"]) for key in ("1001", "1002", "1003")]
    assert told_of == [
        ("missing", "", ""),
        ("edited", found["1002"]["text"], found["1002"]["html"]),
        ("edited", "meine Notiz <b>x</b>", ""),
    ]
    assert "我的的正文" in found["1002"]["text"]
    assert "<script" not in found["1002"]["html"]


@pytest.mark.parametrize("style", ["hexo", "archive", "jekyll"])
def test_text_and_html_are_the_same_in_every_style_and_inert(tmp_path: Path, style: Style) -> None:
    library = Library(Disk(tmp_path / "output"))
    library.recover(NOW)
    article = make_article("1", html="<p>第一段{{x}}</p><p>甲XX<strong>二</strong></p>", text="第一段{{x}}\n甲XX二")
    library.store([submission(article, style=style, render=render_truly)], NOW)
    library.close()
    document = tmp_path / "output/cs/2026/10/2026-10-11-1.md"
    hostile = '<script>alert(1)</script><img src=x onerror=y><a href="javascript:x">XX</a>'
    for _ in range(2):
        [record] = records(tmp_path / "output")
        assert record["text"] == "第一段{{x}}\n甲XX二"
        assert (
            record["html"].replace("&#123;", "{").replace("&#125;", "}")
            == "<p>第一段{{x}}</p>\n<p>甲XX<strong>二</strong></p>"
        )
        document.write_bytes(document.read_bytes().replace(b"XX", hostile.encode()))


def test_which_articles(folder: Path) -> None:
    assert keys(folder, "--source", "cs", "--limit", "2") == ["1001", "1003"]
    assert keys(folder, "--since", "2026-10-12") == ["1003", "1005"]  # one without a date is never too old
    assert keys(folder, "--after", "3") == ["1002", "1005", "1004"]
    assert keys(folder, "--after", str(newest(folder))) == []


def test_the_last_lines_cursor_goes_on_where_this_export_ended(folder: Path) -> None:
    """Until nothing has changed, two articles at a time; then what has changed since, once."""
    seen, cursor = [], "0"
    while batch := records(folder, "--after", cursor, "--limit", "2"):
        seen += [record["key"] for record in batch]
        cursor = batch[-1]["cursor"]
    assert seen == ["1001", "1003", "1002", "1005", "1004"]
    library = Library(Disk(folder))
    library.recover(LATER)
    for text in ("更正一。", "更正二。"):
        revised = make_article("1001", text=text, html=f"<p>{text}</p>")
        library.store([submission(revised, style="archive", render=render_truly)], LATER)
    library.close()
    assert [(record["key"], record["text"]) for record in records(folder, "--after", cursor)] == [("1001", "更正二。")]


def test_wrong_use_is_exit_2_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    cases = [
        (("jsonl", "--source", "nobody"), "nothing of 'nobody' is in"),
        (("jsonl", "--since", "2026-02-30"), "is no day"),
        (("jsonl", "--after", "ffff:1"), "of another collection"),
        (("atom", "--after", "3"), "a feed always has the newest"),
        (("jsonl", "--output-file", str(folder / "cs/x.jsonl")), "lies in the collection"),
        (("jsonl", "--output-file", str(tmp_path)), "is a folder"),
        (("csv",), "'csv' is not one of"),
    ]
    for (format_, *words), sentence in cases:
        refused = export(folder, format_, *words)
        assert (refused.code, refused.stdout, sentence in refused.stderr) == (2, "", True), refused.stderr
    assert not (folder / "cs/x.jsonl").exists()


def test_a_file_is_replaced_only_by_a_whole_one(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.jsonl"
    target.write_text("old")
    assert export(folder, "jsonl", "--output-file", str(target)).stdout == ""
    assert target.read_text() == export(folder, "jsonl").stdout
    library = Library(Disk(folder))
    with library.index.transaction() as connection:
        connection.execute("UPDATE article SET authors = '[' WHERE key = '1002'")  # it breaks in the middle
    library.index.close()
    before = target.read_bytes()
    with pytest.raises(ValueError):
        export(folder, "jsonl", "--output-file", str(target))
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["all.jsonl"]


# --- feeds -------------------------------------------------------------------------


def test_atom_is_read_by_feedparser(folder: Path) -> None:
    raw = export(folder, "atom").stdout
    feed = feedparser.parse(raw.encode())
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert [entry.title for entry in feed.entries] == [
        "第1003号公告：示例公司披露季度数据",  # as new as the moment at which it was found
        "<b>&标题</b>",
        "更正：第二号公告",
        "第1001号公告：示例公司披露季度数据",
    ]  # without the withdrawn one
    undated, by_day, _, first = feed.entries
    assert "published" not in undated
    assert "published" not in by_day  # a day is no time
    assert by_day.content[0].value == "<p>A &amp; B &lt;c&gt;</p>"
    assert (first.author, first.tags[0].term, first.link) == (
        "程竹", "要闻", "https://www.cs.com.cn/xwzx/202610/t20261011_1001.html",
    )  # fmt: skip
    assert (first.published, first.updated) == ("2026-10-11T09:30:00+00:00", NOW.isoformat())
    assert feed.feed.updated == max(entry.updated for entry in feed.entries)


def test_atom_has_what_rfc_4287_asks_for(folder: Path) -> None:
    from lxml import etree

    root = etree.fromstring(export(folder, "atom").stdout.encode())
    nodes = [root, *root.findall(f"{ATOM}entry")]
    for node in nodes:
        assert [len(node.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
    assert len({node.findtext(f"{ATOM}id") for node in nodes}) == len(nodes)
    for entry in nodes[1:]:
        assert entry.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
        assert len(entry.findall(f"{ATOM}author/{ATOM}name")) >= 1
        assert [link.get("rel") for link in entry.findall(f"{ATOM}link")] == ["alternate"]
        assert [content.get("type") for content in entry.findall(f"{ATOM}content")] == ["html"]
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated", "")).tzinfo


def test_ids_of_a_feed_stay_the_same(folder: Path) -> None:
    first, second = (feedparser.parse(export(folder, "atom", "--limit", n).stdout.encode()) for n in ("2", "4"))
    assert [entry.id for entry in second.entries[:2]] == [entry.id for entry in first.entries]
    assert len(second.entries) == 4
    items = json.loads(export(folder, "jsonfeed").stdout)["items"]
    assert [item["id"] for item in items] == [entry.id for entry in second.entries]


def test_json_feed_has_what_its_version_1_1_asks_for(folder: Path) -> None:
    feed = json.loads(export(folder, "jsonfeed", "--source", "cs").stdout)
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "Shiyi: cs")
    assert [item["_shiyi"]["key"] for item in feed["items"]] == ["1003", "1005", "1002", "1001"]
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert ("content_html" in item) != ("content_text" in item)
        assert all(set(author) == {"name"} for author in item["authors"])
        assert datetime.fromisoformat(item["date_modified"]).tzinfo
    assert feed["items"][3]["date_published"] == "2026-10-11T09:30:00+00:00"
    assert feed["items"][3]["tags"] == ["要闻"]


def test_a_feed_without_an_entry_is_still_one(tmp_path: Path) -> None:
    Library(Disk(tmp_path / "output")).close()
    assert feedparser.parse(export(tmp_path / "output", "atom").stdout.encode()).bozo is False
    assert json.loads(export(tmp_path / "output", "jsonfeed").stdout)["items"] == []
    assert export(tmp_path / "output", "jsonl").stdout == ""


# --- parquet -------------------------------------------------------------------------


def test_without_pyarrow_the_command_that_installs_it_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused = export(folder, "parquet", "--output-file", str(tmp_path / "x"))
    assert (refused.code, "-m pip install pyarrow" in refused.stderr) == (2, True)
    assert not (tmp_path / "x").exists()


@PYARROW
def test_parquet_has_the_same_articles_with_types(folder: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    assert export(folder, "parquet", "--output-file", str(tmp_path / "x.parquet")).code == 0
    table = parquet.read_table(tmp_path / "x.parquet")
    rows = {row["key"]: row for row in table.to_pylist()}
    assert (tuple(table.column_names), list(rows)) == (FIELDS, ["1001", "1003", "1002", "1005", "1004"])
    first, undated, withdrawn = rows["1001"], rows["1003"], rows["1004"]
    assert (first["day"], first["first_seen"], first["authors"]) == (date(2026, 10, 11), NOW, ["程竹"])
    assert (first["text"], first["revision"], first["withdrawn"]) == ("示例公司第1001号公告的正文。", 1, None)
    assert (undated["day"], undated["published"], withdrawn["withdrawn"]) == (None, "", LATER)


@PYARROW
def test_parquet_comes_in_row_groups(tmp_path: Path) -> None:
    from pyarrow import parquet

    from crawler.operations.parquet import ROWS, write_parquet

    record = dict.fromkeys(FIELDS, "") | {"authors": [], "images": [], "evidence": {"title": "h1"}}
    record |= {"revision": 1, "length": 0, "html": ""}
    short = (record | {"text": str(number)} for number in range(ROWS + 2))
    with (tmp_path / "short").open("wb") as file:
        write_parquet(file, short)
    with (tmp_path / "long").open("wb") as file:
        write_parquet(file, (record | {"text": "长" * 9_000_000} for _ in range(3)))
    counts = [
        [parquet.ParquetFile(tmp_path / name).metadata.row_group(n).num_rows for n in range(2)]
        for name in ("short", "long")
    ]
    assert counts == [[ROWS, 2], [2, 1]]
