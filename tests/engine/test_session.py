"""The shelf: who waits for a document hears of every end, also of our own mistakes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from conftest import make_article, submission

from crawler.engine.options import Options
from crawler.engine.session import Session
from crawler.errors import DiskFull
from crawler.models import Article, Style


def shelve(session: Session, *articles: Article, fault: Exception | None = None) -> list[object]:
    def render(article: Article, style: Style) -> bytes:
        if fault is not None:
            raise fault
        return article.text.encode()

    async def run() -> list[object]:
        waiting = [session.shelve(submission(article, render=render)) for article in articles]
        return list(await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10))

    return asyncio.run(run())


def test_what_arrives_together_is_stored_together(tmp_path: Path) -> None:
    session = Session(Options(tmp_path)).open()
    outcomes = shelve(session, make_article("1"), make_article("2"))
    assert [getattr(outcome, "path", None) for outcome in outcomes] == [
        "cs/2026/10/2026-10-11-1.md",
        "cs/2026/10/2026-10-11-2.md",
    ]
    assert session.library.index.value("SELECT count(*) FROM article") == 2
    session.close()


@pytest.mark.parametrize(("fault", "stops"), [(ValueError("our mistake"), False), (DiskFull("no space"), True)])
def test_a_failure_reaches_everyone_who_waits(tmp_path: Path, fault: Exception, stops: bool) -> None:
    session = Session(Options(tmp_path)).open()
    assert shelve(session, make_article("1"), make_article("2"), fault=fault) == [fault, fault]
    assert (session.trouble is not None) == stops
    assert session.library.index.value("SELECT count(*) FROM intent") == 0
    session.close()
