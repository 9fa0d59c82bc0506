"""Lines that belong to the page and not to the article: credits, notices, share bars, other stories.

Pure. Cuts only at the head and in the last quarter, never a sentence that merely holds such
words, and never so much that next to nothing is left. What is cut is handed on: it names the
medium, the authors and the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.extraction.blocks import Block, Line
from crawler.extraction.text import fold

_KEPT_BY_STOP = 40  # characters that must stand before a heading that ends the article
_KEPT_BY_LINE = 10  # characters that must be left when a line goes: a flash may be one sentence
_HEAD = 10  # lines that count as the head, if no prose ends it sooner
_TAIL = 0.25  # share of the text that counts as its end
_OPEN, _CLOSE = r"^[\[【（(〔\s·•*■◆▲|]*", r"[\]】）)〕\s。.]*$"

# Whole short lines, with or without brackets round them.
_CREDIT = re.compile(
    _OPEN + r"(?:(?:本(?:文|期|版|报|网|栏目?)|值班|执行|实习|文字|文案|图片|新媒体|美术|视觉|内容)?"
    r"(?:责任编辑|责任校对|责编|编辑|编审|主编|校对|审校|审核|审读|监制|统筹|总监制|终审|复审|初审|排版|运营|制作|出品)(?:人)?)"
    r"\s*[:：/／|︱丨]\s*.{0,60}" + _CLOSE
    + r"|" + _OPEN + r"(?:责任编辑|责编|编辑|校对)\s+\S{2,4}(?:[\s、]+\S{2,4}){0,3}" + _CLOSE
    + r"|" + _OPEN + r"(?:责任编辑|责编)\s*[:：]?" + _CLOSE
)  # fmt: skip
_ORIGIN = re.compile(
    _OPEN
    + r"(?:(?:文章|新闻|本文|信息|稿件|内容)?(?:来源|出处)(?:于|自)?|(?:本文)?(?:转载自|转自|摘自)|稿源|原标题|原题)"
    r"\s*[:：|︱丨于]?\s*\S.{0,80}" + _CLOSE
)
_SENTENCE = re.compile(r"[。！？；]\s*\S|，.*，.*，")  # what looks like prose after all
_NOTICE = re.compile(
    _OPEN
    + r"(?:.{0,12}(?:免责|版权|特别|郑重|重要|本[网站报刊])?声明\s*[】\]]?\s*[:：]|【?(?:免责声明|版权声明|版权说明|特别提醒|风险提示)】?"
    r"|如若转载|如需转载|转载请|未经(?:.{0,12})(?:授权|许可|允许|书面)|版权所有|版权归|©|copyright\b"
    r"|本文为.{2,16}(?:原创|独家)(?:文章|稿件|作品)|【.{2,40}(?:版权|权益)归.{2,40}】"
    r"|(?:本文|以上|文中|文章|上述)(?:内容|观点|信息|图片)?.{0,12}(?:仅供参考|不代表.{0,16}(?:观点|立场|意见)|不构成.{0,10}建议)"
    r"|(?:以上|本文|文中|部分)?(?:图片|图文|信息|素材|内容|配图)(?:均|及|和)?(?:来源|来自|源)(?:于|自)?(?:网络|互联网)"
    r"|如有侵权|侵权(?:请|必)|all rights reserved|(?:编者注|举报邮箱|违法和不良信息)\s*[:：])"
    r".*$",
    re.IGNORECASE,
)
_CHROME = re.compile(
    _OPEN
    + r"(?:(?:分享|转发|转播|收藏|打印|举报|纠错)(?:到|至|给)?\s*[:：]?.{0,16}|分享到[:：].{0,40}|(?:我要)?(?:分享|评论|纠错|投稿|留言)"
    r"|(?:请?(?:用|使用|打开|长按|点击)?\s*(?:手机|微信|右上角|浏览器|支付宝|二维码|上方|下方|蓝字)).{0,8}(?:扫|识别|关注|分享|打开|好友|二维码).{0,24}"
    r"|(?:微信|扫码|扫描|扫一扫|长按|识别).{0,20}(?:二维码|扫一扫|关注|下载|阅读|分享|查看|打开|公众号).{0,20}|微信扫码?|扫一扫.{0,16}"
    r"|(?:请|欢迎|敬请)?(?:点击|搜索|添加)?(?:上方|下方|蓝字)?关注.{0,24}(?:公众号|微信|微博|头条号|抖音|专区|客户端|APP).{0,10}"
    r"|(?:更多|相关)(?:.{0,16})?(?:请|敬请)(?:关注|下载|点击|登录|查看).{0,24}"
    r"|(?:点击|立即|马上)?下载.{0,16}(?:APP|客户端).{0,16}|(?:APP|客户端)下载|打开微信[，,]?|点击(?:底部|右上角)的.{1,12}"
    r"|点击(?:查看|阅读|进入|展开|加载|这里|此处|播放).{0,20}|展开(?:全文|阅读)?|查看更多.{0,8}|加载更多|正在加载[.。…]*|加载中[.。…]*"
    r"|(?:字号|字体|大小)(?:减小|增大)?\s*[:：]?[\s大中小+\-A超默认]*|[大中小]\s+[大中小]\s+[大中小]|打印本?页?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表).{0,8}"
    r"|(?:关键[词字]|标签|tags?|话题)\s*[:：]?\s*.{0,60}|(?:[#＃][^#＃\s]{1,20}[#＃]?\s*)+"
    r"|(?:\d+\s*)?(?:次?阅读|浏览|点赞|赞|评论|收藏|分享|喜欢|在看|打赏|参与互动|人参与)(?:数|量)?\s*[:：(（]?\s*\d*[)）]?"
    r"|play video|0:00|/?\d{1,2}:\d{2}|[|<>«»\s\d]*(?:上一页|下一页|尾页)[|<>«»\s\d]*"
    r"|(?:share (?:this|on|via)|follow us|sign up|subscribe|advertisement|newsletter|read more|print|email this)\b.{0,40})"
    + _CLOSE,
    re.IGNORECASE,
)
_BYLINE = re.compile(
    _OPEN + r"(?:\S{0,12}?(?:记者|通讯员|作者)\s*[:：/／|︱丨]?\s*\S{1,12}(?:[\s、&]+\S{1,12}){0,5}"
    r"|(?:文|图|撰文|撰稿|采写|执笔|文字|摄影|图文|出品|图/文|文/图)\s*[:：/／|︱丨]\s*\S{1,20}(?:[\s、&]+\S{1,12}){0,5}"
    r"|.{0,40}(?:19|20)\d\d\s?[-./年]\s?\d\d?\s?[-./月]\s?\d\d?日?(?:\s*\d\d?:\d\d(?::\d\d)?)?.{0,60})" + _CLOSE
)  # fmt: skip
_PAPER = re.compile(r"^[（(]?《[^》]{2,12}》\s*[（(]?\s*(?:19|20)\d\d\s?年.{2,30}版[）)]*。?$")
# Headings after which only other things follow.
_STOP = re.compile(
    r"^[\s【\[（(#*■◆▲|>·]*(?:(?:相关|推荐|延伸|热门|更多|精彩|往期|猜你|热点|大家都在|您?可能|你可能|为[你您]|编辑|今日|最新)"
    r"(?:阅读|新闻|报道|文章|推荐|链接|专题|资讯|内容|视频|喜欢|感兴趣|看|精选|精彩|回顾|话题|评论|热点|图集)(?:的内容|的文章)?"
    r"|(?:网友|全部|精彩|最新|热门|发表|我要|查看|用户)?(?:评论|跟贴|留言)(?:区|列表|自律公约)?|上一篇|下一篇|您?可能(?:还|也)?(?:喜欢|感兴趣)"
    r"|related (?:articles|stories|posts|content|reading|news)|you (?:may|might) also like|more (?:from|stories)|recommended(?: for you)?"
    r"|read next|comments|leave a (?:reply|comment)|about the author)"
    r"[\s】\]）)#*:：>|]*(?:.{0,20})$",
    re.IGNORECASE,
)
_STOP_LENGTH = 30
_LINE = 120  # characters of a line that can be furniture as a whole
# The end of a last paragraph that leads away.
_WAY_OUT = re.compile(
    r"\s*(?:返回[^，。！？\s]{2,8}[，,]\s*查看更多|返回[^，。！？\s]{2,8}首页\s*[>»]*|[（(]?点击(?:查看|阅读)(?:更多|全文|原文)[）)]?[>»]*)\s*$"
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``cut`` are the lines that went, in order."""

    blocks: list[Block]
    cut: list[Line]


@lru_cache(maxsize=256)
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


def matches(expressions: Sequence[str], text: str) -> bool:
    """Whether a source's own rule finds something in a line as it stands, or in its letters alone."""
    return any(_pattern(e).search(text) or _pattern(e).search(fold(text)) for e in expressions)


def by_rules(blocks: list[Block], stop: Sequence[str], drop: Sequence[str]) -> Cleaned:
    """The source's own rules; they hold everywhere in the body."""
    kept: list[Block] = []
    cut: list[Line] = []
    ended = False
    for block in blocks:
        lines: list[Line] = []
        for line in block.lines:
            ended = ended or (bool(stop) and bool(line.text) and matches(stop, line.text))
            gone = ended or (bool(drop) and bool(line.text) and matches(drop, line.text))
            (cut if gone else lines).append(line)
        if lines:
            kept.append(block if len(lines) == len(block.lines) else Block(block.tag, tuple(lines)))
    return Cleaned(kept, cut)


def clean(blocks: list[Block], title: str, *, bylines: bool) -> Cleaned:
    """``bylines``: lines that only name authors or the date go too (the page is no declared container)."""
    flat = [(b, n) for b, block in enumerate(blocks) for n in range(len(block.lines))]
    lines = [blocks[b].lines[n] for b, n in flat]
    sizes = [len(line.text) for line in lines]
    total = sum(sizes)
    gone = _after_stop(blocks, flat, lines, total)
    left = total - sum(sizes[i] for i in gone)
    for order, is_head in ((range(min(_HEAD, len(lines))), True), (range(len(lines) - 1, -1, -1), False)):
        passed = 0  # characters of text between here and the start or end
        for i in order:
            if i in gone:
                continue
            line = lines[i]
            fits = passed <= (0 if is_head else _TAIL * left)
            if not fits:
                break
            if line.text and left - sizes[i] >= _KEPT_BY_LINE and _is_furniture(line.text, title, bylines, is_head):
                gone.add(i)
                left -= sizes[i]
            elif not is_head or _is_prose(line.text):
                passed += sizes[i]
    return _without(blocks, flat, gone)


def _after_stop(blocks: list[Block], flat: list[tuple[int, int]], lines: list[Line], total: int) -> set[int]:
    before = 0
    for i, line in enumerate(lines):
        text = line.text
        if before >= _KEPT_BY_STOP and 0 < len(text) <= _STOP_LENGTH and _STOP.match(text) and not _is_prose(text):
            rest = lines[i:]
            after = sum(len(r.text) for r in rest)
            linked = sum(r.linked for r in rest)
            prose = sum(len(r.text) for r in rest if _is_prose(r.text) and r.linked < len(r.text) / 2)
            if before >= (1 - _TAIL) * total or linked > after / 2 or prose < after / 4:
                return set(range(i, len(lines)))
        before += len(text)
    return set()


def _is_furniture(text: str, title: str, bylines: bool, is_head: bool) -> bool:
    if is_head and fold(text) == fold(title):
        return True
    if not is_head and _NOTICE.match(text):
        return True
    if len(text) > _LINE or _SENTENCE.search(text):
        return False
    if _CREDIT.match(text) or _CHROME.match(text) or _ORIGIN.match(text):
        return True
    return bylines and bool(_BYLINE.match(text) or _PAPER.match(text))


def _is_prose(text: str) -> bool:
    return len(text) >= 40 or (
        len(text) >= 15 and text.rstrip("”’\"')）】").endswith(("。", "！", "？", ".", "!", "?", "…"))
    )


def _without(blocks: list[Block], flat: list[tuple[int, int]], gone: set[int]) -> Cleaned:
    kept: list[Block] = []
    cut: list[Line] = []
    lines: list[Line] = []
    for i, (b, n) in enumerate(flat):
        line = blocks[b].lines[n]
        (cut if i in gone else lines).append(line)
        if n == len(blocks[b].lines) - 1:
            if lines:
                kept.append(Block(blocks[b].tag, tuple(lines)))
            lines = []
    return Cleaned(_without_way_out(kept), cut)


def _without_way_out(blocks: list[Block]) -> list[Block]:
    """ "返回首页" and the like at the end of the last line."""
    if not blocks or blocks[-1].tag != "p":
        return blocks
    *others, last = blocks[-1].lines
    found = _WAY_OUT.search(last.text)
    if not found or found.start() < _KEPT_BY_LINE:
        return blocks
    plain = re.escape(found[0].strip()).replace(r"\ ", r"\s*")
    markup = re.sub(rf"(?:\s*<(?:a|strong|em)\b[^>]*>)*\s*{plain}\s*(?:</(?:a|strong|em)>)*\s*$", "", last.html)
    if markup == last.html:
        return blocks
    line = Line(markup, last.text[: found.start()], last.linked, last.images)
    return [*blocks[:-1], Block("p", (*others, line))]


def texts(lines: Sequence[Line]) -> Iterator[str]:
    return (line.text for line in lines if line.text)
