"""Stories in a real index: found by sketch, decided on the texts, the same in any order, and told line by line."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from crawler.dedup.relations import rules_with
from crawler.dedup.sketch import VERSION, Sketch, sketch
from crawler.storage import filing, sketches
from crawler.storage.index import Index
from crawler.storage.sketches import SKETCHES_SCHEMA
from crawler.storage.stories import Regrouped, Stories, file_regroup

NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)
WORDS = [chr(code) for code in range(0x4E00, 0x9000, 7)]


def story(seed: int, sentences: int = 24) -> str:
    """A text of its own, of some 450 characters, in six paragraphs."""
    pick = random.Random(seed)
    said = ["".join(pick.choices(WORDS, k=18)) + "。" for _ in range(sentences)]
    return "\n".join("".join(said[at : at + 4]) for at in range(0, sentences, 4))


class Collection:
    """An index with articles in it, and their texts."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.texts: dict[int, str] = {}
        self.asked: list[int] = []
        self.told: list[Regrouped] = []

    def add(
        self, name: str, text: str, published: str = "", *, medium: str = "", original_url: str = "", url: str = ""
    ) -> int:
        source, _, key = name.partition("/")
        own = url or f"https://{source}.test/{key}"
        with self.index.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO source (name, title, first_run) VALUES (?, ?, '')", (source, source)
            )
            seq = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM change").fetchone()[0]
            filing.file_change(
                connection,
                {
                    "seq": seq,
                    "op": "add",
                    "at": NOW.isoformat(),
                    "path": f"{source}/{key}.md",
                    "sha256": "0",
                    "source": source,
                    "key": key,
                    "url": own,
                    "style": "jekyll",
                    "title": name,
                    "written": 0,
                    "published": published,
                    "precision": "second",
                    "day": published[:10],
                    "medium": medium,
                    "section": "",
                    "authors": [],
                    "images": [],
                    "original_url": original_url,
                    "evidence": {},
                    "fingerprint": str(seq),
                    "length": len(text),
                    "fetched": "",
                    "addresses": [own],
                    "first_seen": f"2026-10-12T{seq:02}:00:00+00:00",
                    "revision": 1,
                },
            )
            [(article,)] = connection.execute("SELECT id FROM article WHERE path = ?", (f"{source}/{key}.md",))
            self.texts[article] = text
            self.told.extend(self.stories().place(article, text))
        return int(article)

    def stories(self) -> Stories:
        return Stories(self.index.connection, self.read)

    def read(self, article: int) -> str | None:
        self.asked.append(article)
        return self.texts.get(article)

    def grouped(self) -> dict[str, list[str]]:
        """Each story with copies: the primary's name, and all members."""
        found = (self.stories().story_of(id_) for id_ in self.texts)
        return {
            each.name: [f"{member.source}/{member.key}" for member in each.members]
            for each in found
            if len(each.members) > 1
        }


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    with closing(Index(tmp_path / "index.db")) as index:
        yield Collection(index)


def test_a_copy_joins_the_earliest(collection: Collection) -> None:
    text = story(1)
    first = collection.add("paper/1", text, "2026-10-12T08:00:00+08:00")
    copy = collection.add("portal/7", "编者按：转载如下。\n" + text, "2026-10-12T09:30:00+08:00")
    found = collection.stories().story_of(copy)
    assert found == collection.stories().story_of(first)
    assert [(each.id, each.rule, each.similarity) for each in found.members] == [
        (first, "", 1.0),
        (copy, "same-normalised-text", 1.0),
    ]
    assert found.name == "paper/1"
    assert found.first_seen == "2026-10-12T01:00:00+00:00"
    assert collection.told == [Regrouped(copy, "portal/7", "paper/1", "same-normalised-text", 1.0)]


def test_an_article_without_a_copy_is_a_story_of_one_and_takes_no_row(collection: Collection) -> None:
    alone = collection.add("paper/1", story(1))
    collection.add("paper/2", story(2))
    assert [each.id for each in collection.stories().story_of(alone).members] == [alone]
    assert collection.index.value("SELECT count(*) FROM story") == 0
    assert collection.told == []
    assert collection.asked == []  # and no document is read for it


def test_an_original_that_comes_late_takes_over_and_every_move_is_told(collection: Collection) -> None:
    text = story(1)
    collection.add("portal/7", text, "2026-10-12T09:30:00+08:00")
    collection.add("portal/8", text + "\n" + story(9, 4), "2026-10-12T10:00:00+08:00")
    collection.told.clear()
    collection.add("paper/1", text, "2026-10-12T08:00:00+08:00")
    assert collection.grouped() == {"paper/1": ["paper/1", "portal/7", "portal/8"]}
    assert {(each.name, each.story) for each in collection.told} == {("portal/7", "paper/1"), ("portal/8", "paper/1")}


def test_the_declared_original_is_primary_though_it_says_a_later_time(collection: Collection) -> None:
    text = story(1)
    copy = collection.add("portal/7", text, "2026-10-12T08:00:00+08:00", original_url="https://paper.test/1")
    original = collection.add("paper/1", text, "2026-10-12T12:00:00+08:00")
    found = collection.stories().story_of(copy)
    assert [(each.id, each.rule) for each in found.members] == [(original, ""), (copy, "declared-original")]
    assert collection.told[-1].originals == ("paper/1",)


def test_so_is_the_one_whose_medium_the_copy_names(collection: Collection) -> None:
    text = story(1)
    collection.add("paper/1", text, "2026-10-12T12:00:00+08:00")
    collection.add("portal/7", text, "2026-10-12T08:00:00+08:00", medium="Paper网")
    assert collection.grouped() == {"paper/1": ["paper/1", "portal/7"]}


def test_a_declaration_finds_a_short_digest_that_no_sketch_finds(collection: Collection) -> None:
    text = story(1)
    digest = text.split("\n")[4] + "\n" + story(5, 4)
    collection.add("portal/7", digest, original_url="https://paper.test/1")
    collection.add("paper/1", text, "2026-10-12T12:00:00+08:00")
    assert collection.grouped() == {"paper/1": ["paper/1", "portal/7"]}


def test_a_date_without_a_time_counts_as_the_end_of_its_day(collection: Collection) -> None:
    collection.add("paper/1", story(1), "2026-10-12")
    collection.add("portal/7", story(1), "2026-10-12T22:00:00+08:00")
    collection.add("portal/8", story(1), "2026-10-13T00:10:00+08:00")
    assert collection.grouped() == {"portal/7": ["portal/7", "paper/1", "portal/8"]}


ARRIVALS = (
    ("a/1", story(1), "2026-10-12T09:00:00+08:00", ""),
    ("b/1", story(1) + "\n" + story(2, 4), "2026-10-12T08:00:00+08:00", ""),
    ("c/1", "\n".join(story(1).split("\n")[:3]), "2026-10-12T10:00:00+08:00", ""),
    ("d/1", story(1), "2026-10-12T11:00:00+08:00", "https://e.test/1"),
    ("e/1", story(1) + "\n" + story(3, 4), "2026-10-12T12:00:00+08:00", ""),
)


@pytest.mark.parametrize("order", list(permutations(range(len(ARRIVALS))))[::5])
def test_any_order_of_arrival_ends_in_the_same_stories(order: tuple[int, ...], collection: Collection) -> None:
    for at in order:
        name, text, published, original_url = ARRIVALS[at]
        collection.add(name, text, published, original_url=original_url)
    assert collection.grouped() == {"e/1": ["e/1", "b/1", "a/1", "c/1", "d/1"]}
    assert list(collection.stories().replay()) == []


def test_a_text_that_changes_leaves_its_story(collection: Collection) -> None:
    collection.add("paper/1", story(1), "2026-10-12T08:00:00+08:00")
    copy = collection.add("portal/7", story(1), "2026-10-12T09:00:00+08:00")
    other = collection.add("portal/8", story(1), "2026-10-12T10:00:00+08:00")
    collection.texts[copy] = story(4)
    with collection.index.transaction():
        changes = collection.stories().place(copy, story(4))
    assert changes == [Regrouped(copy, "portal/7", "portal/7", "", 1.0)]
    assert [each.id for each in collection.stories().story_of(other).members] == [1, other]


def test_a_primary_whose_text_changes_leaves_the_story_to_the_next(collection: Collection) -> None:
    first = collection.add("paper/1", story(1), "2026-10-12T08:00:00+08:00")
    collection.add("portal/7", story(1), "2026-10-12T09:00:00+08:00")
    collection.add("portal/8", story(1), "2026-10-12T10:00:00+08:00")
    collection.texts[first] = story(4)
    with collection.index.transaction():
        collection.stories().place(first, story(4))
    assert collection.grouped() == {"portal/7": ["portal/7", "portal/8"]}


def test_the_lines_make_the_same_stories_in_a_new_index(collection: Collection, tmp_path: Path) -> None:
    for name, text, published, original_url in ARRIVALS:
        collection.add(name, text, published, original_url=original_url)
    lines = [
        each.line(dict(zip(("source", "key"), each.name.split("/"), strict=True)), seq, NOW)
        for seq, each in enumerate(collection.told, 100)
    ]
    with closing(Index(tmp_path / "again.db")) as index:
        again = Collection(index)
        for name, text, published, original_url in ARRIVALS:
            again.add(name, text, published, original_url=original_url)
        with index.transaction() as connection:
            connection.execute("DELETE FROM story")
            connection.execute("DELETE FROM declared")
            for line in lines:
                file_regroup(connection, line)
        for table in ("story", "declared"):
            assert index.rows(f"SELECT * FROM {table} ORDER BY 1, 2") == collection.index.rows(
                f"SELECT * FROM {table} ORDER BY 1, 2"
            )


def test_a_rule_is_tried_over_what_is_stored_before_it_is_switched_on(collection: Collection) -> None:
    start = "\n".join(story(1).split("\n")[:2])
    collection.add("paper/1", start + "\n" + story(2), "2026-10-12T08:00:00+08:00")
    other = collection.add("portal/7", start + "\n" + story(3), "2026-10-12T09:00:00+08:00")
    stories = Stories(collection.index.connection, collection.read, rules_with(["same-start"]))
    [(article, before, after)] = stories.replay()
    assert (article, before.primary, after.primary) == (other, other, 1)
    assert after.link is not None
    assert after.link.rule == "same-start"
    assert collection.grouped() == {}


def test_articles_of_an_earlier_version_are_sketched_again_without_a_regrouping(collection: Collection) -> None:
    for number in range(5):
        collection.add(f"paper/{number}", story(1 + number // 2))
    told = len(collection.told)
    with collection.index.transaction() as connection:
        connection.execute("DELETE FROM sketch")
        connection.execute("DELETE FROM sketch_key")
        for article in collection.texts:
            sketches.file_sketch(connection, article, Sketch(VERSION - 1, (article,)))
        assert [collection.stories().renew(2) for _ in range(4)] == [2, 2, 1, 0]
    assert collection.index.rows("SELECT DISTINCT version FROM sketch") == [(VERSION,)]
    assert collection.index.value("SELECT count(*) FROM sketch_key WHERE entry >> 27 < 9") == 0
    assert len(collection.told) == told
    assert sketches.candidates(collection.index.connection, sketch(story(1))) == [1, 2]


def test_a_key_that_everybody_has_does_not_make_it_slow() -> None:
    """A template: its keys are not read to the end, and what is the article's own still finds the copy."""
    template, steps = story(1, 12), 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in SKETCHES_SCHEMA:
            connection.execute(statement)
        for article in range(1000, 3000):
            sketches.file_sketch(connection, article, sketch(template + story(article, 12)))
        connection.set_progress_handler(count, 1)
        found = sketches.candidates(connection, sketch(template + story(1003, 12)))
    assert found[0] == 1003
    assert len(found) <= sketches.MOST
    assert steps < 15 * sketches.POPULAR * 20  # SQLite's own steps: as many at 2,000 articles as at 200


def test_yesterdays_prices_are_not_read_again_for_todays(collection: Collection) -> None:
    sheet = "河阳市农贸市场今日批发价格：" + "".join(f"{each}每公斤{{}}元，" for each in WORDS[:30])
    for day in range(6):
        prices = [f"{3 + day}.{10 + 7 * day + at}" for at in range(30)]
        collection.add(f"market/{day}", sheet.format(*prices) + story(1, 40))
    assert collection.grouped() == {}
    assert collection.asked == []


def test_two_processes_lose_nothing(collection: Collection, tmp_path: Path) -> None:
    """The second waits for the first: it sees what the first has filed."""
    with closing(Index(tmp_path / "index.db")) as index:
        other = Collection(index)
        collection.add("paper/1", story(1), "2026-10-12T08:00:00+08:00")
        other.texts = collection.texts
        other.add("portal/7", story(1), "2026-10-12T09:00:00+08:00")
        assert collection.grouped() == {"paper/1": ["paper/1", "portal/7"]}


def test_an_id_beyond_the_index_is_refused() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(ValueError, match="134217727"):
        sketches.file_sketch(connection, 1 << 27, sketch(story(1)))
