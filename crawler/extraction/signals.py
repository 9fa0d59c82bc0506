"""What a page says of itself in its head: ``<title>``, ``<meta>``, JSON-LD.

Pure. Values come out as the page has them, first one first; nothing is believed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import html

_ARTICLE_TYPES = ("article", "posting", "report", "webpage", "video")  # ends of schema.org types, best first
_LD_LIMIT = 300_000  # characters of one JSON-LD script that are read


@dataclass(frozen=True, slots=True)
class Signals:
    page_title: str
    metas: dict[str, str]  # by name, property or itemprop in lower case
    article: dict[str, Any]  # the JSON-LD node that describes the article

    def first(self, *names: str) -> str:
        return next((value for name in names if (value := self.metas.get(name))), "")

    def ld(self, name: str) -> str:
        """A text of the article node; of an object its name, of a list the first."""
        return next(iter(self.ld_all(name)), "")

    def ld_all(self, name: str) -> list[str]:
        return self._texts(name, people=False)

    def ld_people(self, name: str) -> list[str]:
        """The same without what calls itself an organization."""
        return self._texts(name, people=True)

    def _texts(self, name: str, *, people: bool) -> list[str]:
        values = self.article.get(name)
        texts = []
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, dict):
                if people and str(value.get("@type", "")).endswith("Organization"):
                    continue
                value = value.get("name")
            if isinstance(value, str) and value.strip():
                texts.append(value.strip())
        return texts


def read(root: html.HtmlElement) -> Signals:
    title = root.find(".//title")
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        value = (meta.get("content") or "").strip()
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if value and name:
            metas.setdefault(name.strip().lower(), value)
    return Signals("".join(title.itertext()) if title is not None else "", metas, _article(root))


def _article(root: html.HtmlElement) -> dict[str, Any]:
    best: tuple[int, dict[str, Any]] = (len(_ARTICLE_TYPES), {})
    by_id: dict[str, dict[str, Any]] = {}
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text or len(script.text) > _LD_LIMIT:
            continue
        try:
            data = json.loads(script.text, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            if isinstance(node.get("@id"), str) and node.get("name"):
                by_id[node["@id"]] = node
            if node.get("pubDate") and node.get("title"):  # Baidu's own vocabulary, without types
                node = node | {"@type": "Article", "headline": node["title"], "datePublished": node["pubDate"]}
            rank = _rank(node)
            if rank < best[0] and (node.get("headline") or node.get("datePublished")):
                best = rank, node
    return {name: _resolved(value, by_id) for name, value in best[1].items()}


def _resolved(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    """``{"@id": …}`` -> the object that it names, one level deep."""
    if isinstance(value, list):
        return [_resolved(item, by_id) for item in value[:20]]
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return by_id.get(value["@id"], value)
    return value


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """The top objects and those of ``@graph``: deeper ones describe other things."""
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            if isinstance(graph, list):
                yield from (node for node in graph if isinstance(node, dict))


def _rank(node: dict[str, Any]) -> int:
    kinds = node.get("@type")
    names = [str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])]
    return next((i for i, end in enumerate(_ARTICLE_TYPES) if any(name.endswith(end) for name in names)), 99)
