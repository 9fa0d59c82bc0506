"""An index of sitemaps leads to so many files and so deep, however many it names, and never in circles."""

from __future__ import annotations

from crawler.engine.walk import MAX_DEPTH, MAX_FILES, ROWS, Walk
from crawler.models import Candidate, ListPage, ListReading
from crawler.storage.lists import KnownList, Validators

ENTRY = ListPage("https://news.example/map.xml", kind="sitemap")


def walk() -> Walk:
    return Walk(ENTRY, KnownList(1, 0, Validators()))


def index(*names: str) -> ListReading:
    return ListReading((), children=tuple(f"https://news.example/{name}.xml" for name in names))


def test_S5_no_more_than_two_hundred_files_the_newest_first() -> None:
    one = walk()
    one.open_index(index(*(f"{number}" for number in range(50_000))))
    assert [url for url, _ in one.children] == [f"https://news.example/{number}.xml" for number in range(MAX_FILES)]
    one.open_index(index("more"))
    assert len(one.files) == MAX_FILES


def test_S5_no_file_twice_and_never_the_index_itself() -> None:
    one = walk()
    one.open_index(index("a", "map", "b"))
    one.depth = one.children.pop(0)[1]
    one.open_index(index("a", "map", "c"))
    assert one.children == [("https://news.example/c.xml", 2), ("https://news.example/b.xml", 1)]


def test_S5_no_deeper_than_three() -> None:
    one = walk()
    for depth in range(1, 10):
        one.open_index(index(f"{depth}"))
        if one.children:
            one.depth = one.children.pop(0)[1]
    assert (one.depth, len(one.files)) == (MAX_DEPTH, MAX_DEPTH)


def test_R8_a_first_run_takes_the_newest_hundred_of_a_sitemap() -> None:
    rows = [Candidate("one", f"{number}", f"https://news.example/a/{number}.html") for number in range(50_000)]
    one = walk()
    first, *others = one.slices(rows)
    assert (len(first), one.take(first), len(others)) == (ROWS, "reached", 499)
