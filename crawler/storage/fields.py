"""An article's fields as JSON: what intents, journal and candidates carry. Only forms, no effects."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from crawler.models import Article, Image, Moment, Precision


def moment_columns(moment: Moment | None) -> tuple[str, str, str]:
    """published, precision, day: three columns, all "" where nothing is known."""
    if moment is None:
        return "", "", ""
    if moment.precision is Precision.DAY:
        return moment.day.isoformat(), moment.precision.value, moment.day.isoformat()
    return moment.at.isoformat(), moment.precision.value, moment.day.isoformat()


def moment_from_columns(published: str, precision: str, provenance: str = "", zone: Any = None) -> Moment | None:
    """The way back. A bare day becomes midnight in ``zone`` (an aware tzinfo)."""
    if not published:
        return None
    if precision == Precision.DAY.value:
        day = date.fromisoformat(published[:10])
        return Moment(datetime(day.year, day.month, day.day, tzinfo=zone), Precision.DAY, provenance)
    return Moment(datetime.fromisoformat(published), Precision(precision), provenance)


def article_fields(article: Article) -> dict[str, Any]:
    """All fields of an article but its text, as the journal and the index keep them."""
    published, precision, day = moment_columns(article.published)
    return {
        "source": article.source,
        "key": article.key,
        "url": article.url,
        "title": article.title,
        "published": published,
        "precision": precision,
        "day": day,
        "medium": article.medium,
        "section": article.section,
        "authors": list(article.authors),
        "images": [image.src for image in article.images],
        "original_url": article.original_url,
        "evidence": dict(article.evidence),
        "length": len(article.text),
        "fetched": article.fetched.isoformat(),
        "addresses": list(article.addresses),
    }


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Image):
        return value.src
    raise TypeError(f"can not be kept as JSON: {value!r}")
