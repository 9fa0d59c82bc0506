"""Authors, medium and original address as Chinese news writes them: in lines, not in tags.

Pure. It reads lines beside the headline, the first and last paragraphs and the lines that were
cut from the body. An editor is no author, and neither is the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from crawler.extraction.lines import names
from crawler.extraction.lines.simple import is_eastern, simple

_FIRST = 6  # lines beside the headline in which a medium and its reporter may stand without a label
_FACTS = 60  # characters of a line that is nothing but medium, name and date
_LEAD = 160  # characters of a paragraph in which "（记者 张三）" is a byline

_AUTHOR_LABEL = re.compile(
    r"(?:原?作者|撰文|撰稿人?|采写|采访|执笔|文字|(?<![\u4e00-\u9fff])文(?=\s*[/／|︱丨:：])|文\s*[/／、]\s*图|图\s*[/／、]\s*文|编译|"
    r"(?:\S{0,8}?(?:见习|实习|特约|特派|驻\S{1,6}?|首席|高级|全媒体|新媒体)?记者))"
    r"\s*[:：/／|︱丨]\s*(?:\S{2,12}(?:专栏作者|特约作者|记者)\s*)?(?P<names>[^:：|（(）)】\]\n]{2,60})"
)
_AUTHOR_BARE = re.compile(
    r"(?:^|[\s】》|])(?:作者|专栏作家|专栏作者|特约撰稿人|撰稿人)\s+(?P<names>[^:：|（(）)\n]{2,40})"
)
# "（记者 张三 李四）", "本报记者 张三", "中新社记者张三"
_REPORTER = re.compile(
    r"[（(【]\s*(?:[^（）()【】\s]{0,14}?)(?:(?:记者|通讯员|作者|图文|执笔|采写)\s*[:：/]?|文/图\s*[:：/]?|文\s*[:：/])\s*(?P<in>[^（）()【】]{2,50})[）)】]"
    r"|(?:^|[\s　。|>])(?:本报|本网|本刊|[^\s，。！？、（）()《》]{2,10}?(?:报|网|社|台|刊|新闻|财经|时报)|(?<![^\s])[\u4e00-\u9fff]{2,4}(?=记者\s))?(?:见习|实习|特约|首席|特派)?(?:记者|通讯员)"
    r"\s+(?P<after>[\u4e00-\u9fff]{2,4}(?:[\s、]+(?!摄影|编辑)[\u4e00-\u9fff]{2,4}){0,5})(?![\u4e00-\u9fff])"
    r"|^(?:[^\s，。！？、（）()《》]{2,10}?)记者(?P<glued>[\u4e00-\u9fff]{2,3}(?:[\s、]+[\u4e00-\u9fff]{2,3}){0,5})$"
)
# "记者张三／台北报导", "记者张三嘉义市13日电", "【本报记者张三报道】"
_FILED = re.compile(
    r"记者\s*(?P<slash>[\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,4})\s*[／/]\s*[\u4e00-\u9fff]{2,8}(?:报导|报道|电)"
    r"|记者(?P<place>[\u4e00-\u9fff]{4,10})\d{1,2}日(?:专|综合)?电"
    r"|[【〔（(［\[](?:[\u4e00-\u9fff]{1,6})?记者(?P<told>[\u4e00-\u9fff]{2,4}(?:[、\s][\u4e00-\u9fff]{2,4}){0,4})(?:报道|报导|综合报道|综合报导)[】〕）)］\]]"
)
_FILED_BY = re.compile(r"^\S{0,10}[讯电]\s*[（(]?(?=\S{0,6}(?:记者|通讯员))(.{4,60})")
_DATELINE = re.compile(r"^\S{2,5}(?:社|网|报)\S{1,14}[电讯]\s*[（(](?P<names>[^（）()]{2,30})[）)]")
_CLOSING = re.compile(r"[（(](?P<names>[\u4e00-\u9fff]{2,4}(?:[\s、][\u4e00-\u9fff]{2,4}){0,3})[）)]\s*$")
_COLUMN = re.compile(r"^[^|｜]{2,20}[|｜][^|｜]*\d[^|｜]*[|｜]\s*(?P<names>[^|｜]{2,30})$")  # paper | date | name
_PICTURED = re.compile(r"(?:摄|供图|提供|图片|影像|翻摄|制图)$")
_NOT_AUTHOR = re.compile(
    r"(?:原创)?作者(?:简介|是|为|系|表示|认为|称|在)|作者观点|作者所有|作者本人|作者无关|编辑\s*[:：/]"
)

_MEDIUM_LABEL = re.compile(
    r"(?:(?<![\u4e00-\u9fff])(?:文章|新闻|信息|稿件|内容|本文)?(?:来源|出处|稿源)(?:于|自)?\s*[:：|︱丨/／]\s*|本文来源于\s+|本文(?:来自|首发于?|原载于?|授权转载自|转载自)(?:微信)?(?:公众号|自媒体)?\s*[:：]?\s*[“「《]?|(?:^|[\s|（(])来源\s+|"
    r"(?:本文)?(?:转载自|转自|摘自)\s*[:：]?\s*)(?P<medium>[^\s|｜（(）)】\]〕,，。;；<>]{2,30}(?:\s(?=[A-Za-z])[A-Za-z.]{2,20})*)"
)
_NAME_AFTER_MEDIUM = re.compile(
    r"来源\s*[:：]\s*[^\s|｜，。]{2,24}[\s|｜]+(?P<names>[\u4e00-\u9fff]{2,4}(?:[\s、]+[\u4e00-\u9fff]{2,4}){0,3})\s*$"
)
_AFTER_MEDIUM = re.compile(
    r"(?:类型|性质|栏目|人气|作者|记者|责任编辑|责编|编辑|时间|发布|发表|更新|字号|字体|阅读|浏览|评论|点击|分享|参与|关注|\d{4}[-年./]|\d\d?:\d\d).*$"
)
_BRACKETED = re.compile(r"(?:\[[^\]]{1,6}\]|©)$")  # "某某网[整理]"
_MEDIUM_NAME = re.compile(r"^[\u4e00-\u9fffA-Za-z0-9《》·・\-－—.&+]{2,24}$")
_MEDIUM_END = re.compile(
    r"(?:网|网站|报|报道|社|刊|台|台网|新闻|财经|时报|日报|晚报|早报|周刊|杂志|在线|客户端|频道|之家|科技|通讯社|广播|卫视|公众号|头条号)$"
)
_NO_MEDIUM = re.compile(
    r"^(?:网络|互联网|综合|本站|本网|本报|本刊|本台|原创|未知|其他|网友|作者|正文|(?:社会|国内|国际|娱乐|体育|财经|科技|军事|时政|本地|热点|最新|今日|即时|综合|民生|图片|视频)(?:新闻|频道)|资料|见文末|--+|无|首页|要闻|新闻|自媒体)$|^\d+$"
)
_URL = re.compile(r"https?://[^\s<>\"'，。；）)】]{4,500}", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"(?:文章来源|原文(?:链接|地址|网址)?|来源(?:链接|地址)?|本文链接|转载自|via|source)\s*[:：]?\s*(?=https?://)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d\d?\s?[-/.月]\s?\d\d?|\d\d?[-/月]\d\d?日?\s+\d\d?:\d\d")
_DATE_PARTS = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d\d?\s?[-/.月]\s?\d\d?日?|\d\d?[-/月]\d\d?日?(?=\s)|\d\d?:\d\d(?::\d\d)?|[上下]午|[週周星期]+[一二三四五六日天]"
)


def authors_in_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """From lines that are nothing but byline: beside the headline, or cut from the body."""
    for line in lines:
        if is_eastern(line) and (people := _in_line(simple(line))):
            return as_written(people, line)
    return ()


def as_written(found: Iterable[str], text: str) -> tuple[str, ...]:
    """Names that were found in the simplified text, with the characters that the page has."""
    looked = simple(text)
    return tuple(text[at : at + len(name)] if (at := looked.find(name)) >= 0 else name for name in found)


def _in_line(line: str) -> tuple[str, ...]:
    if len(line) > 200 or _NOT_AUTHOR.search(line.partition("作者")[1] + line.partition("作者")[2][:6]):
        return ()
    for pattern in (_COLUMN, _AUTHOR_LABEL, _AUTHOR_BARE):
        for found in pattern.finditer(line):
            people = tuple(n for n in names.labelled(_before_label(found["names"])) if not _is_editor(n, line))
            if people:
                return people
    return _reporters(line) or _after_medium(line) or _behind_medium(line) or _nothing_but_names(line)


def _is_editor(name: str, line: str) -> bool:
    """Some sites put the editor's name behind every label of the line."""
    return re.search(rf"(?:责任编辑|责编)\s*[:：]\s*{re.escape(name)}", line) is not None


def _after_medium(line: str) -> tuple[str, ...]:
    """张三 of "2023-06-15 08:10 来源：某某日报 张三"."""
    found = _NAME_AFTER_MEDIUM.search(line)
    return names.plain(found["names"]) if found else ()


def _behind_medium(line: str) -> tuple[str, ...]:
    """张三 of "2024-08-27 19:02 某某周报 张三" or "某某报道 张三 北京报道"."""
    if len(line) > _FACTS or not (_DATE.search(line) or "报道" in line):
        return ()
    parts = beside_date(line)
    for medium, name in pairwise(parts):
        if _MEDIUM_END.search(simple(medium)) and _MEDIUM_NAME.match(medium) and names.is_person(name):
            return (name,)
    return ()


def _nothing_but_names(line: str) -> tuple[str, ...]:
    """Two or more, or one with a point in it: a single short word may be a section."""
    people = names.plain(line) if len(line) <= _FACTS else ()
    alone = "".join(people) == re.sub(r"[\s、，,和与]", "", line)
    return people if alone and (len(people) > 1 or "·" in line) else ()


def authors_in_prose(first: Iterable[str], last: Iterable[str]) -> tuple[str, ...]:
    """From the first and the last paragraphs: "（记者 张三）", "社北京5月1日电（张三、李四）", "（张三）" at the end."""
    for text in first:
        if not is_eastern(text[:_LEAD]):
            continue
        lead = simple(text[:_LEAD])
        dateline = _DATELINE.match(lead)
        people = (names.plain(dateline["names"]) if dateline else ()) or _reporters(lead) or _behind_dateline(lead)
        if people:
            return as_written(people, text)
    for text in last:
        if not is_eastern(text[-_LEAD:]):
            continue
        tail = simple(text[-_LEAD:])
        closing = _CLOSING.search(tail)
        people = (names.plain(closing["names"]) if closing else ()) or _reporters(tail) or authors_in_lines([tail])
        if people:
            return as_written(people, text)
    return ()


def _reporters(text: str) -> tuple[str, ...]:
    """All of them: "通讯员 张三 记者 李四"."""
    people: list[str] = []
    for found in _FILED.finditer(text):
        by = found["slash"] or found["told"]
        people += names.plain(by) if by else _before_place(found["place"])
    if people:
        return tuple(dict.fromkeys(people))
    for found in _REPORTER.finditer(text):
        inside = found["in"]
        if inside and _PICTURED.search(inside):
            continue
        people += names.labelled(inside) if inside else names.plain(found["after"] or found["glued"])
    return tuple(dict.fromkeys(people))


def _behind_dateline(lead: str) -> tuple[str, ...]:
    """ "本报讯 记者张三 通讯员李四 花三千元…" """
    found = _FILED_BY.match(lead)
    return names.plain(found[1]) if found else ()


def _before_place(text: str) -> tuple[str, ...]:
    """张三丰 of "张三丰嘉义市": three characters are a name more often than two."""
    return next(((text[:n],) for n in (3, 2) if names.is_person(text[:n])), ())


def _before_label(text: str) -> str:
    """ "张三 责任编辑" -> "张三 ": the next label has been met."""
    return re.split(
        r"责任编辑|责编|编辑|来源|时间|发布|字号|阅读|评论|摄影|校对|人气|本文|链接|版权|浏览|打印|字体|收藏|\d", text
    )[0]


def medium_in(lines: Iterable[str]) -> str:
    """What follows 来源： and the like."""
    for line in lines:
        if not is_eastern(line):
            continue
        for found in _MEDIUM_LABEL.finditer(simple(line[:400])):
            medium = clean_medium(line[slice(*found.span("medium"))])
            if medium:
                return medium
    return ""


def clean_medium(raw: str) -> str:
    """A medium's name without what runs on behind it; "" if it is none."""
    raw = _BRACKETED.sub("", raw.strip())
    after = _AFTER_MEDIUM.search(simple(raw := raw.strip(" 　:：|")))
    text = raw[: after.start() if after else None].strip(" 　:：|[]【】()（）\"'")
    text = re.sub(r"(?:官方账号|官方帐号|微信公众号[:：]?|公众号[:：]?)", "", text)
    text = re.sub(r"^[A-Z]_(?=[\u4e00-\u9fff])", "", text)
    if _URL.match(raw) or not _MEDIUM_NAME.match(text.replace(" ", "")) or _NO_MEDIUM.match(simple(text)):
        return ""
    return text


def medium_beside_date(lines: Sequence[str], people: tuple[str, ...]) -> str:
    """A medium without a label, known by its ending: in the line of the date, else in the short line before it."""
    for line in lines[:_FIRST]:  # "某某报道 张三 北京报道", "某某報／記者 張三"
        parts = _DATE_PARTS.sub(" ", line).replace("／", " ").split() if len(line) <= _FACTS else []
        if len(parts) > 1 and _MEDIUM_END.search(simple(parts[0])) and parts[1].startswith((*people, "记者", "記者")):
            return clean_medium(parts[0])
    for n, line in enumerate(lines):
        if len(line) > 80 or not _DATE.search(line):
            continue
        for part in beside_date(line):
            medium = clean_medium(part)
            if medium and _MEDIUM_END.search(simple(medium)) and medium not in people:
                return medium
        medium = clean_medium(lines[n - 1]) if n and len(lines[n - 1]) <= 16 else ""
        return medium if medium and _MEDIUM_END.search(simple(medium)) and medium not in people else ""
    return ""


def is_dated(line: str) -> bool:
    return _DATE.search(line) is not None


def is_medium(text: str) -> bool:
    """Whether a name ends as those of papers, agencies and sites do."""
    return _MEDIUM_END.search(simple(text)) is not None and clean_medium(text) == text


def beside_date(line: str) -> list[str]:
    """What else stands in a line with a date, in pieces."""
    rest = _DATE_PARTS.sub(" ", line)
    return [part for part in re.split(r"[\s|｜]+", rest) if part]


def address_in(text: str) -> str:
    found = _URL.search(text)
    return found[0].rstrip(".,;") if found else ""


def original_in(lines: Iterable[str]) -> str:
    """The address after 文章来源: and the like, "" if none."""
    for line in lines:
        if found := _ORIGINAL.search(line):
            return address_in(line[found.end() :])
    return ""
