"""The ``archive`` style: Markdown under a heading, with the address it came from. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.errors import UsageError
from crawler.formats.base import Layout, Value, one_line, plain, stamp, write
from crawler.formats.content import BEIJING, Content, first_image, link_target
from crawler.models import Moment, Precision

LAYOUT = Layout(
    style="archive",
    quoting={"title": plain, "url": plain, "source": plain, "date": stamp, "fetch_date": stamp},
)

_BODY = re.compile(r"(?P<heading># [^\n]*)(?:\n\n(?P<markdown>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ArchivePost:
    title: str
    url: str
    source: str
    date: str  # day of publication
    fetch_date: str  # naive ISO with microseconds
    heading: str  # the line "# title", "" if there is none
    markdown: str

    def to_bytes(self) -> bytes:
        metadata = {key: getattr(self, key) for key in LAYOUT.quoting}
        body = "\n\n".join(part for part in (self.heading, self.markdown) if part)
        return write(LAYOUT, metadata, f"\n{body}")

    def content(self) -> Content:
        from crawler.formats.markdown import plain_text, to_html

        framed = "".join(plain_text(self.heading).split()) == "".join(self.title.split())
        html = to_html(self.markdown if framed else f"{self.heading}\n\n{self.markdown}")
        return Content(
            title=self.title,
            html=html,
            publisher=self.source,
            medium=self.source,
            categories=(self.source,) if self.source else (),
            published=_moment(self.date),
            url=self.url,
            image=first_image(html),
            fetched=self.fetch_date,
            seed=self.url or self.title,
        )


def compose(content: Content) -> bytes:
    from crawler.formats.markdown import escape_heading, to_markdown

    title = one_line(content.title)
    post = ArchivePost(
        title=title,
        url=link_target(content.url),
        source=content.publisher,
        date=content.published.day.isoformat() if content.published else "",
        fetch_date=content.fetched,
        heading=f"# {escape_heading(title.rstrip())}" if title.strip() else "",  # python-frontmatter strips the body
        markdown=to_markdown(content.html),
    )
    return post.to_bytes()


def parse(metadata: Mapping[str, Value], body: str) -> ArchivePost:
    framed = _BODY.fullmatch(body)
    texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
    heading, markdown = (framed["heading"], framed["markdown"] or "") if framed else ("", body)
    post = ArchivePost(**texts, heading=heading, markdown=markdown)
    _moment(post.date)
    return post


def _moment(date: str) -> Moment | None:
    if not date:
        return None
    try:
        day = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise UsageError(f"front matter: date: {date!r} is not a day like 2022-07-04") from error
    return Moment(day, Precision.DAY)
