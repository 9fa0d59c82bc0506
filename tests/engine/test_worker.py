"""The extraction process: a page that hangs or kills it costs that page, and the next one is served."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from newsroom import article_page, text_of, title_of

from crawler.engine.worker import Worker
from crawler.errors import ExtractionError
from crawler.extraction.page import extract
from crawler.models import Candidate, Extraction, Page, Source

SOURCE = Source(
    "one", "示例日报", "https://a.example/", ("a.example",), "archive", body=("div.text",), published=("span.time",)
)
LIST_ONLY = Candidate("one", "1001", "https://a.example/a/1001.html", "列表上的标题")


def page(key: str, body: bytes = b"") -> Page:
    fetched = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
    return Page(f"https://a.example/a/{key}.html", body or article_page(key), fetched, "utf-8", "text/html")


class Bench:
    """A worker whose process a test can stop."""

    def __init__(self) -> None:
        self.worker = Worker(patience=0.6)
        self.loop = asyncio.new_event_loop()

    def extract(self, key: str, body: bytes = b"") -> Extraction:
        return self.loop.run_until_complete(self.worker.extract(page(key, body), SOURCE, LIST_ONLY, "Asia/Shanghai"))

    @property
    def pid(self) -> int:
        assert self.worker._process is not None
        return self.worker._process.pid

    def signalled(self, number: int) -> str:
        """What is said of a page during which the process gets a signal."""

        async def meet() -> str:
            os.kill(self.pid, signal.SIGSTOP)  # it has the page and does not answer
            asking = asyncio.create_task(self.worker.extract(page("1"), SOURCE, None, "Asia/Shanghai"))
            await asyncio.sleep(0.1)
            os.kill(self.pid, number)
            with pytest.raises(ExtractionError) as caught:
                await asking
            return str(caught.value)

        return self.loop.run_until_complete(meet())


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.worker.close()
    bench.loop.run_until_complete(asyncio.sleep(0))
    bench.loop.close()


def test_answer_is_that_of_the_extractor(bench: Bench) -> None:
    found = bench.extract("1001")
    assert found == extract(page("1001"), SOURCE, LIST_ONLY)
    assert (found.title, found.text.split("\n"), found.by_container) == (title_of("1001"), text_of("1001"), True)


def test_process_is_kept_for_the_next_page(bench: Bench) -> None:
    bench.extract("1001")
    before = bench.pid
    bench.extract("1002")
    assert bench.pid == before


def test_pages_asked_for_at_once_get_their_own_answers(bench: Bench) -> None:
    async def meet() -> list[Extraction]:
        keys = [str(number) for number in range(2001, 2007)]
        return await asyncio.gather(*(bench.worker.extract(page(key), SOURCE, None, "Asia/Shanghai") for key in keys))

    assert [found.title for found in bench.loop.run_until_complete(meet())] == [
        title_of(str(number)) for number in range(2001, 2007)
    ]


def test_page_that_hangs_is_given_up(bench: Bench) -> None:
    bench.extract("1001")
    before = bench.pid
    assert bench.signalled(0) == "extraction took more than 1 s and was stopped"
    assert bench.extract("1002").title == title_of("1002")
    assert bench.pid != before


def test_page_that_kills_the_process_is_named(bench: Bench) -> None:
    bench.extract("1001")
    assert bench.signalled(signal.SIGKILL).startswith("the page ended the extraction process (")
    assert bench.extract("1002").title == title_of("1002")


def test_process_that_died_between_two_pages_costs_none(bench: Bench) -> None:
    bench.extract("1001")
    os.kill(bench.pid, signal.SIGKILL)
    bench.loop.run_until_complete(asyncio.sleep(0.1))
    assert bench.extract("1002").title == title_of("1002")


def test_process_that_sends_garbage_costs_one_page(bench: Bench) -> None:
    async def meet() -> str:
        assert bench.worker._reader is not None
        bench.worker._reader.feed_data(b"\xff" * 64)
        with pytest.raises(ExtractionError) as caught:
            await bench.worker.extract(page("1"), SOURCE, None, "Asia/Shanghai")
        return str(caught.value)

    bench.extract("1001")
    assert "the page ended the extraction process" in bench.loop.run_until_complete(meet())
    assert bench.extract("1002").title == title_of("1002")


def test_close_ends_the_process(bench: Bench) -> None:
    bench.extract("1001")
    pid = bench.pid
    bench.worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
