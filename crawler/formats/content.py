"""What a document says, free of its style: the middle between an Article, the styles and a file.

Pure. Here are also the small facts that several styles share: a link that cannot break out
of its place, the first image, a number that stands in for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import blake2b
from html import escape, unescape
from zoneinfo import ZoneInfo

from crawler.models import Article, Moment, Precision

BEIJING = ZoneInfo("Asia/Shanghai")  # the clock of a document that does not tell its zone
LONGEST_TITLE = 1_000  # characters; a page's own title, quoted in one line
LONGEST_NAME = 120  # a medium, a section, an author

_FIRST_IMAGE = re.compile(r'<img src="([^"]+)"')
_UNSAFE_IN_LINK = re.compile(r'[\x00-\x20\x7f-\xa0<>"{}|\\^`\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]')


@dataclass(frozen=True, slots=True)
class Context:
    """What a style needs beyond the article.

    ``site`` is the address of the user's own site for the back links, "" for
    links relative to it. ``aggregates`` files a document under its own medium.
    """

    source_title: str
    category: str
    aggregates: bool
    zone: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One document's content. Empty means unknown.

    ``html`` is sanitised. ``fetched`` is naive local ISO time, ``seed`` tells
    documents apart where a number must be made up.
    """

    title: str
    html: str
    publisher: str  # the site it was collected from
    medium: str  # what it is filed under; the publisher unless that only aggregates
    categories: tuple[str, ...] = ()
    published: Moment | None = None
    url: str = ""
    image: str = ""
    fetched: str = ""
    seed: str = ""
    site: str = ""
    credit: str = ""  # the medium that the page names; "" is the one it is filed under


def content_of(article: Article, context: Context) -> Content:
    from crawler.formats.markup import sanitise

    zone = ZoneInfo(context.zone) if context.zone else article.published.at.tzinfo if article.published else BEIJING
    html = sanitise(article.html or paragraphs(article.text))
    publisher = context.source_title[:LONGEST_NAME]
    medium = article.medium[:LONGEST_NAME] if context.aggregates and article.medium.strip() else publisher
    categories = (context.category, publisher, article.section[:LONGEST_NAME])
    images = (image.src for image in article.images if image.src.lower().startswith(("http://", "https://")))
    return Content(
        title=article.title[:LONGEST_TITLE],
        html=html,
        publisher=publisher,
        medium=medium,
        credit=article.medium[:LONGEST_NAME].strip() or publisher,
        categories=tuple(name for name in categories if name.strip()),
        published=_in_zone(article.published, zone),
        url=article.url,
        image=next(images, "") or first_image(html),
        fetched=article.fetched.astimezone(zone).replace(tzinfo=None).isoformat(timespec="microseconds"),
        seed=f"{article.source}/{article.key}",
        site=context.site,
    )


def _in_zone(moment: Moment | None, zone: tzinfo | None) -> Moment | None:
    """A day stays the day that was read; an instant is shown on the source's own clock."""
    if moment is None:
        return None
    if moment.precision is Precision.DAY:
        return Moment(_midnight(moment.at, zone), Precision.DAY)
    return Moment(moment.at.astimezone(zone), moment.precision)


def _midnight(at: datetime, zone: tzinfo | None) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone)


def paragraphs(text: str) -> str:
    """Plain text, one paragraph a line, as HTML."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())


def first_image(html: str) -> str:
    """Address of the first image in sanitised HTML, "" if there is none."""
    found = _FIRST_IMAGE.search(html)
    return unescape(found[1]) if found else ""


def stand_in_image(seed: str) -> str:
    """A picture for a document without one: the same document always gets the same."""
    number = int.from_bytes(blake2b(seed.encode("utf-8", "replace"), digest_size=8).digest(), "big")
    return f"https://picsum.photos/400/300?random={number % 9999 + 1}"


def link_target(url: str) -> str:
    """The address with every character percent-encoded that could end a link or start a template."""
    if not _UNSAFE_IN_LINK.search(url):
        return url
    return _UNSAFE_IN_LINK.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), url
    )


def inert(html: str) -> str:
    """Braces as entities: neither Nunjucks nor Liquid sees a template, a reader sees the braces."""
    return html.replace("{", "&#123;").replace("}", "&#125;")
