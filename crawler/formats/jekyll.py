"""The ``jekyll`` style: HTML that ends with its medium, its address and the links back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from html import escape

from crawler.errors import UsageError
from crawler.formats.base import Layout, Value, double, one_line, plain, stamp, write
from crawler.formats.content import Content, first_image, inert, link_target
from crawler.formats.markup import sanitise
from crawler.models import Moment, Precision

LAYOUT = Layout(
    style="jekyll",
    quoting={"layout": plain, "title": double, "date": stamp, "categories": plain, "tags": plain},
)

_CREDIT = re.compile(r"<p>(（文章来源：[^<]*）)</p>\Z")
_TAIL = re.compile(
    r"(?:\A|(?<!\n)\n+)(?:<(?P<url>[^<>\s]+)>\n+)?"
    r"\[返回(?P<label>[^\n]*)新闻\]\((?P<category_link>[^()\s]*)\)｜\[返回首页\]\((?P<home_link>[^()\s]*)\)\Z"
)
_MARKS = re.compile(r"[\\`*_\[\]<>&]")  # what could close a link's text or open something else


@dataclass(frozen=True, slots=True)
class JekyllPost:
    layout: str
    title: str
    date: str  # local time with offset
    categories: str
    tags: str
    html: str  # with the paragraph that names the medium
    url: str
    label: str  # the medium, in the link back
    category_link: str
    home_link: str

    def to_bytes(self) -> bytes:
        metadata = {key: getattr(self, key) for key in LAYOUT.quoting}
        parts = [self.html] if self.html else []
        if self.url:
            parts.append(f"<{self.url}>")
        if self.home_link:
            parts.append(f"[返回{self.label}新闻]({self.category_link})｜[返回首页]({self.home_link})")
        return write(LAYOUT, metadata, "\n\n".join(parts))

    def content(self) -> Content:
        from crawler.formats.markdown import to_html

        html = sanitise(self.html) if self.html.startswith("<") else to_html(self.html)
        medium = self.tags.removesuffix("新闻")
        return Content(
            title=self.title,
            html=html,
            publisher=medium,
            medium=medium,
            categories=(medium,) if medium else (),
            published=_moment(self.date),
            url=self.url,
            image=first_image(html),
            seed=self.url or self.title,
        )


def compose(content: Content) -> bytes:
    medium = one_line(content.medium)
    category = pinyin(medium)
    site = link_target(content.site.rstrip("/"))
    post = JekyllPost(
        layout="post",
        title=content.title,
        date=_date(content.published),
        categories=category,
        tags=f"{medium}新闻" if medium else "",
        html=inert(_with_credit(content.html, one_line(content.credit) or medium)),
        url=link_target(content.url),
        label=inert(_MARKS.sub(lambda match: f"&#{ord(match[0])};", medium)),
        category_link=f"{site}/category/{category}.html" if category else f"{site}/",
        home_link=f"{site}/",
    )
    return post.to_bytes()


def parse(metadata: Mapping[str, Value], body: str) -> JekyllPost:
    tail = _TAIL.search(body)
    texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
    post = JekyllPost(
        **texts,
        html=body[: tail.start()] if tail else body,
        url=(tail["url"] or "") if tail else "",
        label=tail["label"] if tail else "",
        category_link=tail["category_link"] if tail else "",
        home_link=tail["home_link"] if tail else "",
    )
    _moment(post.date)
    return post


@lru_cache(maxsize=4096)
def pinyin(medium: str) -> str:
    """The medium as letters and digits for an address: 经济参考网 is jingjicankaowang."""
    from pypinyin import lazy_pinyin

    letters = "".join(lazy_pinyin(medium)).lower()
    slug = re.sub(r"[^a-z0-9]", "", letters)
    # A name in a third script leaves no letter: it still needs a page of its own.
    return slug or (blake2b(medium.encode(), digest_size=4).hexdigest() if medium else "")


_CREDITED = re.compile(r'<p class="em_media">[^<]*</p>\Z')


def credit_of(html: str) -> str:
    """The last paragraph of a document, which names the medium; "" if it has none."""
    found = _CREDITED.search(html)
    return found[0] if found else ""


def _with_credit(html: str, medium: str) -> str:
    """Paragraphs joined as in the samples, the last one naming the medium."""
    found = _CREDIT.search(html)
    credit = found[1] if found else f"（文章来源：{escape(medium, quote=False)}）" if medium else ""
    paragraphs = (html[: found.start()] if found else html).rstrip("\n").replace("\n", "\n ")
    return paragraphs + (f'<p class="em_media">{credit}</p>' if credit else "")


def _date(published: Moment | None) -> str:
    if published is None:
        return ""
    at = published.at.replace(microsecond=0, tzinfo=None)
    return f"{at.isoformat(' ')} {published.at.strftime('%z')}"


def _moment(date: str) -> Moment | None:
    """A time of 00:00:00 is how a day without a time is written, so it is read as one."""
    if not date:
        return None
    try:
        at = datetime.strptime(date, "%Y-%m-%d %H:%M:%S %z")
    except ValueError as error:
        form = "a time like 2022-01-05 13:31:14 +0800"
        raise UsageError(f"front matter: date: {date!r} is not {form}") from error
    midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    return Moment(at, Precision.DAY if midnight else Precision.SECOND)
