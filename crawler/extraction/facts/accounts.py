"""Who publishes on a site that carries many: the account's name, which stands beside the headline without a label.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree, html

from crawler.extraction.lines import byline, names, notices
from crawler.extraction.lines.simple import simple
from crawler.extraction.tree import line as line_of

_NEAREST = 8  # lines beside the headline among which an account's name may stand
_ACCOUNT = 24  # characters of such a name
_NAME_LIMIT = 120  # characters of classes and id; generated ones tell nothing
_IMAGES_BEHIND = etree.XPath("following::img[@alt][position() <= 6]")
_NAMED = etree.XPath("/descendant::body/descendant::*[@class or @id or @rel or @itemprop][count(descendant::*) < 3]")
_TELLING = re.compile(
    r"author|source|media|account|nick|provider|publisher|js_name|profile|weibo_user|(?:user|column)[-_]?(?:name|info)|origin|from|laiyuan|zuozhe|writer|creator|editor|byline",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"editor|bianji|commen|reply|login|admin", re.IGNORECASE)
_NO_ACCOUNT = re.compile(
    r"^(?:原创|优质|微博|微信|腾讯|新浪微博|博客|转载|关注|已关注|分享|收藏|举报|登录|注册|更多|评论|订阅|主编|认证|官方|企鹅号|百家号|头条号|搜狐号|网易号|国内|国际|社会|财经|科技|体育|娱乐|教育|健康|汽车|房产|文化|军事|时政|历史|旅游|"
    r"图片|视频|专题|快讯|公告|通知|热点|头条|动态|详情|字号|语音|播报|简体|繁体|投稿|编辑部|时间|日期|作者|来源|媒体|个人中心|用户|匿名)|"
    r"(?:新闻|频道|栏目|要闻|资讯|动态|公告|列表|首页|省|市|县)$|[。！？：:]|\d{4}"
)
_COUNT = re.compile(r"^[\d.,]+[万wWkK]?\+?$")
_EASTERN = re.compile(r"[\u4e00-\u9fff]{2}")
_MIXED = re.compile(r"[A-Za-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]")
_FOLLOW = re.compile(r"^\+?\s*(?:关注|已关注|订阅|關注|追蹤)$")
_BY = re.compile(r"^by\s+", re.IGNORECASE)
_FIRST = 6  # lines beside the headline in which the date may stand with an account's name
_SURELY_A_NAME = 4  # characters of a name that only its place tells


@dataclass(frozen=True, slots=True)
class Named:
    """A short text beside the headline that has an element of its own, and what that is called: classes, id, rel."""

    text: str
    name: str


def named_near(
    root: html.HtmlElement, headline: html.HtmlElement | None, body: html.HtmlElement | None, lines: tuple[str, ...]
) -> tuple[Named, ...]:
    """Of the elements whose name tells of authors, media and accounts, those whose text stands in one of the lines;
    and what the logos say that stand between headline and body.
    """
    found = _logos(headline, body) if headline is not None else []
    if not lines:
        return ()
    nearest = "\n".join(lines[:_NEAREST])
    for element in _NAMED(root):
        name = " ".join(filter(None, map(element.get, ("class", "id", "rel", "itemprop"))))
        if len(name) < _NAME_LIMIT and _TELLING.search(name):
            text = line_of(element)
            if 1 < len(text) <= _ACCOUNT and text in nearest:
                found.append(Named(text, name))
    return tuple(found)


def _logos(headline: html.HtmlElement, body: html.HtmlElement | None) -> list[Named]:
    found: list[Named] = []
    inside = body is not None and any(above is body for above in headline.iterancestors())
    for image in _IMAGES_BEHIND(headline):
        if body is not None and not inside and any(above is body for above in image.iterancestors()):
            break
        alt = (image.get("alt") or "").strip()
        around = " ".join(above.get("class") or "" for above in (image, *list(image.iterancestors())[:2]))
        if 1 < len(alt) <= _ACCOUNT and ("logo" in around.lower() or byline.is_medium(alt)):
            found.append(Named(alt, "logo"))
    return found


def account_in(near: Iterable[Named], lines: Sequence[str], said: str) -> str:
    """The account that published it, where a site carries many: named by its element, or alone beside the date.

    Beside the date it must also stand in ``said``, the page's <title>, or mix letters and ideographs: not every word there is a name.
    """
    for name, button in pairwise(lines[:_FIRST]):
        account = byline.clean_medium(name) if _FOLLOW.match(button) else ""
        if _EASTERN.search(account) and not _NO_ACCOUNT.search(simple(account)):
            return account
    for named in near:
        account = _account(named.text)
        if account and not _PERSONAL.search(named.name):
            return account
    for line in lines[:_FIRST]:
        if len(line) <= 60 and byline.is_dated(line):
            parts = [
                part for part in byline.beside_date(line) if not _COUNT.match(part) and not notices.is_furniture(part)
            ]
            account = _account(parts[0]) if len(parts) == 1 else ""
            return account if len(account) >= _SURELY_A_NAME and (account in said or _MIXED.search(account)) else ""
    return ""


def _account(text: str) -> str:
    name = byline.clean_medium(_BY.sub("", " ".join(byline.beside_date(text))))
    if (
        not _EASTERN.search(name)
        or names.is_person(simple(name))
        or notices.is_furniture(name)
        or _NO_ACCOUNT.search(simple(name))
    ):
        return ""
    return name
