"""Shiyi 拾遗: a news collector that loses nothing, repeats nothing and invents nothing.

For other programs: ``from crawler import extract, Collection``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.collection import Collection
    from crawler.models import Extraction

__all__ = ["Collection", "__version__", "extract"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for: most programs that import us want a command line that starts at once.
    if name == "Collection":
        from crawler.collection import Collection

        return Collection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def extract(html: bytes | str, url: str = "", *, zone: str = "", fetched: datetime | None = None) -> Extraction:
    """The article of one page, by the generic way: title, text, HTML, date, authors, medium, images, and where each was read.

    ``html`` is best given as the bytes that were served: their character set is found out. ``url`` makes links
    absolute and may hold a date. ``zone`` (IANA) is for dates that name none; "" leaves it to the page. ``fetched``
    (aware; now) is what "3小时前" is reckoned from. A page that is no article has a ``problem``, and is no error.
    Raises ExtractionError for markup that no parser takes.
    """
    from crawler.extraction.page import extract as read
    from crawler.models import Page

    body, charset = (html.encode("utf-8", "replace"), "utf-8") if isinstance(html, str) else (html, "")
    return read(Page(url=url, body=body, fetched=fetched or datetime.now(UTC), charset=charset), zone=zone)
