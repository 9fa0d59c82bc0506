"""What a page changes by itself between two looks: counters, "3 minutes ago". Not a revision. Pure.

Only short lines are seen so: in a sentence of an article the number of comments may be the news.
"""

from __future__ import annotations

import re

from crawler.extraction.text import fold

LONGEST = 60  # characters of a line that may be nothing but furniture

_COUNTED = "阅读量?|浏览量?|点击量?|播放量?|评论数?|点赞数?|分享|收藏|转发|热度|人气|围观|views?|reads?|comments?|likes?|shares?"
_NUMBER = r"[\d,.，]+\s*(?:万|亿|[kKmMwW]\+?)?\+?"
_FLICKER = re.compile(
    rf"(?:{_COUNTED})(?:次数)?[\s:：()（）|]*{_NUMBER}\s*[次人条个]?"
    rf"|{_NUMBER}\s*[次人条个]?\s*(?:已)?(?:{_COUNTED})"
    r"|(?:\d+|刚|几)\s*(?:秒钟?|分钟|个?小时|天|个?月|年)?(?:前|刚)"
    r"|\b\d+\s+(?:second|minute|hour|day|week|month)s?\s+ago\b"
    r"|(?:更新|刷新|当前)时间[\s:：]*[\d年月日时分秒:：/.\-\sT]+",
    re.IGNORECASE,
)


def same_but_for_flicker(old: str, new: str) -> bool:
    """Whether two texts, a paragraph a line, differ only in what flickers."""
    return _still(old) == _still(new)


def _still(text: str) -> list[str]:
    lines = (_FLICKER.sub("", line) if len(line) <= LONGEST else line for line in text.splitlines())
    return [folded for line in lines if (folded := fold(line))]
