"""Articles become front-matter documents, in three styles, and documents become other documents.

Pure. No disk, no clock. What is heavy is imported when the first document needs it.
"""

from __future__ import annotations

from crawler.formats.content import Context, content_of
from crawler.formats.naming import document_path, safe_key
from crawler.models import Article, Style

__all__ = ["Context", "convert", "detect_style", "document_path", "render", "safe_key", "sanitise"]


def render(article: Article, style: Style, context: Context) -> bytes:
    """The bytes of the article's document. The body is sanitised here, whatever was done before."""
    from crawler.formats.conversion import writer_of

    return writer_of(style).compose(content_of(article, context))


def convert(content: bytes, to: Style | None) -> bytes:
    """The same document in another style; ``None`` or its own style gives its own bytes again.

    Raises ``UsageError`` with the place when ``content`` is not a document of one of the styles.
    """
    from crawler.formats.conversion import convert_document

    return convert_document(content, to)


def detect_style(content: bytes) -> Style:
    """The style that these bytes are written in. Raises ``UsageError`` with the place."""
    from crawler.formats.conversion import style_of

    return style_of(content)


def sanitise(html: str) -> str:
    """Any HTML as clean, inert blocks of the allow-list, one a line (see ``formats.markup``)."""
    from crawler.formats.markup import sanitise as clean

    return clean(html)
