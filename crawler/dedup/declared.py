"""What an article declares about itself: that another one is its original, by address or by the medium's name.

Pure. A declaration alone makes no copy (a comment links what it is about): ``relations.py`` asks both texts, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extraction.text import fold

# 证券日报网 and 证券日报客户端 are 证券日报
_EDITION = re.compile(r"(?:网站?|客户端|官网|官微|app|微信公众号|公众号|微博|新媒体|电子报)+$")


@dataclass(frozen=True, slots=True)
class Told:
    source: str
    outlet: str  # the source's own name, for instance 经济参考网
    medium: str  # what its page names as 来源
    original_url: str  # the address that it names, "" for none


def declares(copy: Told, original: Told, *, by_address: bool) -> bool:
    """Whether ``copy`` names ``original``, or the medium that it appeared in, as where it comes from.

    ``by_address``: the address that it names is one of the original's.
    """
    if copy.original_url:
        return by_address
    medium = outlet_name(copy.medium)
    return (
        copy.source != original.source
        and bool(medium)
        and medium != outlet_name(copy.outlet)
        and medium == outlet_name(original.outlet)
        and outlet_name(original.medium) in ("", medium)
    )


def outlet_name(name: str) -> str:
    """Folded, without the kind of edition; "" for no name."""
    bare = fold(name)
    return _EDITION.sub("", bare) or bare
