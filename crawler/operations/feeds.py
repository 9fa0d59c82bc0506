"""Articles as a feed: Atom (RFC 4287) and JSON Feed 1.1 (jsonfeed.org/version/1.1), entry by entry.

A value that is not known is left out: a feed can not say "that day" without a time, so it then says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from crawler.formats.content import link_target

if TYPE_CHECKING:
    from crawler.operations.export import Exported
    from crawler.storage.stored import StoredArticleView

# All but the Char of XML 1.0, section 2.2.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed without an entry: `updated` must be there


def atom(found: Iterable[Exported], collection: str, sources: tuple[str, ...]) -> Iterator[str]:
    # The feed's own `updated` is that of its newest change, so it stands behind the entries: their order is free (4.1.1).
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield f"<id>{_feed_id(collection, sources)}</id>\n<title>{_text(_title(sources))}</title>\n<generator>Shiyi</generator>\n"
    updated = _NEVER
    for exported in found:
        yield _entry(exported)
        updated = max(updated, exported.article.fetched)
    yield f"<updated>{_time(updated)}</updated>\n</feed>\n"


def _entry(exported: Exported) -> str:
    article = exported.article
    parts = [
        f"<id>{_entry_id(article)}</id>",
        f"<title>{_text(_headline(article))}</title>",
        f"<updated>{_time(article.fetched)}</updated>",
    ]
    if article.url:
        parts.append(f'<link rel="alternate" href={quoteattr(_clean(link_target(article.url)))}/>')
    if article.published:
        parts.append(f"<published>{_time(article.published)}</published>")
    parts += [f"<author><name>{_text(name)}</name></author>" for name in _authors(article)]
    if article.section:
        parts.append(f"<category term={quoteattr(_clean(article.section))}/>")
    if exported.html:
        parts.append(f'<content type="html">{_text(exported.html)}</content>')
    else:
        parts.append(f"<content>{_text(exported.text)}</content>")
    return "<entry>\n" + "\n".join(parts) + "\n</entry>\n"


def json_feed(found: Iterable[Exported], collection: str, sources: tuple[str, ...]) -> Iterator[str]:
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(sources),
        "_shiyi": {"id": _feed_id(collection, sources)},
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    for number, exported in enumerate(found):
        yield (",\n" if number else "\n") + json.dumps(_item(exported), ensure_ascii=False)
    yield "\n]}\n"


def _item(exported: Exported) -> dict[str, Any]:
    article = exported.article
    item: dict[str, Any] = {"id": _entry_id(article), "title": _headline(article)}
    if article.url:
        item["url"] = link_target(article.url)
    # One of the two must be there.
    item |= {"content_html": exported.html} if exported.html else {"content_text": exported.text}
    if article.published:
        item["date_published"] = _time(article.published)
    item["date_modified"] = _time(article.fetched)
    item["authors"] = [{"name": name} for name in _authors(article)]
    if article.section:
        item["tags"] = [article.section]
    if article.images:
        item["image"] = article.images[0]
    item["_shiyi"] = {"source": article.source, "key": article.key, "path": article.path, "sha256": article.sha256}
    return item


def _authors(article: StoredArticleView) -> tuple[str, ...]:
    """An entry has to name one: who published it, where the page names nobody."""
    return article.authors or (article.medium or article.source,)


def _headline(article: StoredArticleView) -> str:
    return article.title or article.key


def _title(sources: tuple[str, ...]) -> str:
    return f"Shiyi: {', '.join(sources)}" if sources else "Shiyi"


def _feed_id(collection: str, sources: tuple[str, ...]) -> str:
    return uuid5(NAMESPACE_URL, f"shiyi:{collection}:{','.join(sorted(sources))}").urn


def _entry_id(article: StoredArticleView) -> str:
    """The same for ever, also in a copy of the collection: an article keeps its source and key."""
    return uuid5(NAMESPACE_URL, f"shiyi:{article.source}/{article.key}").urn


def _time(moment: datetime) -> str:
    """RFC 3339."""
    return moment.isoformat(timespec="seconds")


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _text(text: str) -> str:
    return escape(_clean(text))
