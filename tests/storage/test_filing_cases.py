"""The rows that one change makes, read as rows: lines that a mutation run found unguarded."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from conftest import NOW, make_article, submission
from in_memory import tmp_path as tmp_path

from crawler.models import Image
from crawler.storage.filing import addresses_of
from crawler.storage.library import Library

Open = Callable[..., Library]
LATER = NOW + timedelta(hours=6)
BASE = "https://www.cs.com.cn"


@pytest.mark.parametrize(
    ("addresses", "original", "expected"),
    [
        (["u"], "", {"u": "canonical"}),
        (["u", "v", "w"], "", {"u": "canonical", "v": "met", "w": "met"}),
        (["u"], "o", {"u": "canonical", "o": "original"}),
        (["u", "v"], "v", {"u": "canonical", "v": "met"}),  # met there: more than to have been named there
        (["u"], "u", {"u": "canonical"}),
        ([], "", {}),
        ([], "o", {"o": "original"}),
    ],
)
def test_what_each_address_of_an_article_is(addresses: list[str], original: str, expected: dict[str, str]) -> None:
    assert addresses_of({"addresses": addresses, "original_url": original}, "canonical") == expected


def test_a_new_articles_row(open_library: Open) -> None:
    library = open_library()
    article = make_article(
        url=f"{BASE}/a",
        authors=("程竹", "王可"),
        images=(Image(f"{BASE}/1.jpg"),),
        evidence={"title": "h1"},
        original_url="https://other.example/x",
        addresses=(f"{BASE}/a", f"{BASE}/a?m=1"),
    )
    library.store([submission(article, settles=("77",))], NOW)
    assert library.index.rows("SELECT authors, images, evidence, first_seen, revision FROM article") == [
        ('["程竹","王可"]', f'["{BASE}/1.jpg"]', '{"title":"h1"}', NOW.isoformat(), 1)
    ]
    assert library.index.rows("SELECT key, rule FROM identity ORDER BY key") == [("1001", "own"), ("77", "own")]
    assert library.index.rows("SELECT url, kind, first_seen FROM address ORDER BY url") == [
        ("https://other.example/x", "original", NOW.isoformat()),
        (f"{BASE}/a", "canonical", NOW.isoformat()),
        (f"{BASE}/a?m=1", "met", NOW.isoformat()),
    ]
    [(seq, op, key, path, fields)] = library.index.rows("SELECT seq, op, key, path, fields FROM change")
    assert (seq, op, key, path) == (1, "add", "1001", "cs/2026/10/2026-10-11-1001.md")
    told = json.loads(fields)
    assert (told["title"], told["keys"], told["authors"]) == (article.title, ["77"], ["程竹", "王可"])
    # What stands in columns of its own is not told twice; what only the intent needs is not told.
    assert not {"seq", "op", "at", "path", "sha256", "settles", "article"} & set(told)


def test_a_revision_changes_what_is_read_and_not_what_it_is_known_by(open_library: Open) -> None:
    library = open_library()
    library.store([submission(make_article(url=f"{BASE}/a"))], NOW)
    revised = make_article(url=f"{BASE}/b", title="更正", text="更正后的正文。", section="要闻")
    library.store([submission(revised)], LATER)
    names = "key, url, path, first_seen, title, section, length, revision"
    assert library.index.rows(f"SELECT {names} FROM article") == [
        ("1001", f"{BASE}/a", "cs/2026/10/2026-10-11-1001.md", NOW.isoformat(), "更正", "要闻", 7, 2)
    ]
    assert library.index.rows("SELECT seq, op, at FROM change ORDER BY seq") == [
        (1, "add", NOW.isoformat()),
        (2, "revise", LATER.isoformat()),
    ]


def test_a_revision_touches_no_other_article(open_library: Open) -> None:
    library = open_library()
    library.store([submission(make_article("1001")), submission(make_article("1002"))], NOW)
    before = library.index.rows("SELECT * FROM article WHERE key = '1002'")
    library.store([submission(make_article("1001", text="更正后的正文。"))], LATER)
    assert library.index.rows("SELECT * FROM article WHERE key = '1002'") == before
    assert library.index.rows("SELECT key, revision FROM article ORDER BY key") == [("1001", 2), ("1002", 1)]


def test_the_same_id_of_two_sources_is_two_articles(open_library: Open) -> None:
    library = open_library()
    mine, theirs = make_article("1001"), make_article("1001", source="zqrb", url="https://www.zqrb.cn/1001.html")
    library.store([submission(mine), submission(theirs)], NOW)
    library.store([submission(make_article("1001", text="更正后的正文。"))], LATER)
    assert library.index.rows("SELECT source, revision FROM article ORDER BY source") == [("cs", 2), ("zqrb", 1)]


def owner(library: Library, url: str) -> tuple[str, str]:
    [row] = library.index.rows(
        "SELECT a.key, d.kind FROM address d JOIN article a ON a.id = d.article WHERE d.url = ?", (url,)
    )
    return row


def test_whose_an_address_is(open_library: Open) -> None:
    """An article's own address goes over to the article that has it as its own now, and for no other reason."""
    library = open_library()
    library.store([submission(make_article("1001", url=f"{BASE}/a", addresses=(f"{BASE}/a", f"{BASE}/m")))], NOW)
    # Another article was met there, or names it as its original: it stays.
    library.store([submission(make_article("1002", url=f"{BASE}/b", addresses=(f"{BASE}/b", f"{BASE}/m")))], LATER)
    assert (owner(library, f"{BASE}/a"), owner(library, f"{BASE}/m")) == (("1001", "canonical"), ("1001", "met"))
    # It is another article's own one now.
    library.store([submission(make_article("1003", url=f"{BASE}/m"))], LATER)
    assert owner(library, f"{BASE}/m") == ("1003", "canonical")
    first_seen = library.index.value("SELECT first_seen FROM address WHERE url = ?", (f"{BASE}/m",))
    assert first_seen == NOW.isoformat()


def test_only_what_is_new_of_a_known_article_has_to_be_told(open_library: Open) -> None:
    library = open_library()
    article = make_article(url=f"{BASE}/a")
    library.store([submission(article)], NOW)
    library.store([submission(article)], LATER)
    assert library.index.rows("SELECT * FROM unwritten") == []
    met = make_article(url=f"{BASE}/b", addresses=(f"{BASE}/b", f"{BASE}/c"))
    library.store([submission(met, settles=("77",))], LATER)
    told = [
        ("address", "cs", f"{BASE}/b"),
        ("address", "cs", f"{BASE}/c"),
        ("alias", "cs", "77"),
    ]
    assert library.index.rows("SELECT kind, scope, name FROM unwritten ORDER BY kind, name") == told
    library.store([submission(met, settles=("77",))], LATER)
    assert library.index.rows("SELECT kind, scope, name FROM unwritten ORDER BY kind, name") == told
    rows = library.index.rows("SELECT url, kind FROM address ORDER BY url")
    assert rows == [(f"{BASE}/a", "canonical"), (f"{BASE}/b", "met"), (f"{BASE}/c", "met")]
    assert library.index.rows("SELECT key, rule FROM identity ORDER BY key") == [("1001", "own"), ("77", "same-key")]
