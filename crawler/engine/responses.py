"""From Scrapy's response to our page, and what a server said about its freshness."""

from __future__ import annotations

import hashlib

from scrapy.http import Response

from crawler.engine.handlers import FETCHED
from crawler.extraction.facts.reservations import HEADERS
from crawler.models import Page
from crawler.storage.lists import Validators


def page_of(response: Response) -> Page:
    content_type = header(response, "Content-Type").lower()
    charset = content_type.partition("charset=")[2].split(";")[0].strip("\"' ")
    return Page(
        url=response.url,
        body=response.body,
        fetched=response.meta[FETCHED],
        charset=charset,
        content_type=content_type.split(";")[0].strip(),
        reserved="\n".join(
            f"{name}: {value.decode('latin-1')[:1000]}" for name in HEADERS for value in response.headers.getlist(name)
        ),
    )


def validators_of(response: Response) -> Validators:
    """ETag and Last-Modified as sent, and the body's hash for servers that send neither."""
    return Validators(
        header(response, "ETag")[:500],
        header(response, "Last-Modified")[:100],
        hashlib.sha256(response.body).hexdigest(),
    )


def header(response: Response, name: str) -> str:
    value: bytes | None = response.headers.get(name)
    return (value or b"").decode("latin-1")
