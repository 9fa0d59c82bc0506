"""One normalisation of a text, for comparing it with others: what a reprint changes without changing the story.

Pure. For comparing only, never shown or stored. Width, script, case, punctuation and the writing of numbers are
folded; datelines, bylines, editor's notes and site boilerplate are dropped. Numbers stay: they tell two stories
of one template apart.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crawler.dedup.han import simplified
from crawler.dedup.numerals import arabic, numbers_in

# Raised when a normalised text can come out differently, so that sketches of two forms are never mixed.
VERSION = 1

_LONGEST_LABEL = 60  # characters of a byline or a button; a longer line that begins so is a sentence
_SENTENCE = 30
_LONGEST_NOTICE = 600
_KEPT_SHARE, _ENOUGH_KEPT = 0.3, 40  # less of a text, and fewer characters: it is compared with its boilerplate
_TITLE_IN_FRONT = 30  # characters that must follow a 【headline】 for it to be one

_WIDE = (*zip("，：；（）！？％\u3000", ",:;()!?% ", strict=True), ("…", "..."))
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]+")  # some sites hide them in words
_UNITS = (("°c", "摄氏度"), ("m2", "平方米"), ("km", "公里"), ("千米", "公里"), ("千克", "公斤"), ("kg", "公斤"))
_NOT_WORD = re.compile(r"[\W_]+")
_BETWEEN_NUMBERS = re.compile(r"([0-9])[\W_]+(?=[0-9])")
_PUT_APART = "\\1\u01c2"  # by a letter that no text uses

_PERSON = (
    r"(?:(?:本报|本刊|本网|本台|特约|见习|实习|首席|驻.{1,6})*(?:记者|通讯员|评论员|撰稿人?|作者|编译|编辑|实习生))"
)
# Who reports from where, at the start of a paragraph: "xx社北京1月5日电 (记者 甲)", "本报讯", "xx财经app获悉,".
_DATELINE = re.compile(
    r"^\s*(?:据)?[^,。:;!?()\n]{0,24}?(?:社|网|报|台|刊|新闻|财经|快讯|客户端|app|中心|早知道)[^,。:;!?()\n]{0,18}?"
    r"(?:电|讯|消息|报道|获悉|快讯)\s*(?:[(\[]{1}[^)\]\n]{0,60}[)\]]\s*[,:]?|[,:]|\s(?=\S)|$)"
    rf"|^\s*[(\[]\s*{_PERSON}[^)\]\n]{{0,50}}[)\]]\s*"
    rf"|^\s*{_PERSON}[\s:·/|]{{1,3}}[^,。:;!?()\n]{{2,30}}?(?:报道|摄影报道|电|发自\S{{2,8}})\s*(?:[,:]|\s|$)"
    rf"|^\s*{_PERSON}[^,。:;!?()\n]{{2,16}}(?:报道|电)\s*(?:[,:]|\s|$)"
)
_HEADLINE = re.compile(r"^\s*【[^】\n]{2,80}】\s*")
_SIGNED_OFF = re.compile(
    r"[(【\[]\s*(?:完\b|完\s*[)】\]]|记者|责任?编|责任|编辑|编审|来源|文章来源|稿源|本文|见习|实习|通讯员|作者|校对|审核|"
    r"转载|转自|原标题|更多|点击|图文?[:/]|文[:/])[^)】\]\n]{0,80}[)】\]]?\s*$"
)
_OPENING = r"^[\s\[(【<《■◆▲▼●|·•*>“\"]*"
_LABEL = re.compile(
    _OPENING + r"(?:(?:本报|本刊|本网|本台|特约|见习|实习|首席)*(?:记者|通讯员|评论员)(?:[\s:/|]|$)"
    r"|(?:本文|文章|新闻|稿件|信息|内容|资料|数据|图片|本期|本版|值班|执行|责任|新媒体)?(?:作者|来源|稿源|出处|编辑|责编|校对|审核|审校|监制|"
    r"主编|统筹|排版|出品|制作|摄影|编译|翻译|撰文|撰稿|供稿|文|图|文案|设计|终审|复审|初审|值班)(?:人|人员|员)?\s*[:/|·]"
    r"|(?:责任编辑|责编|编辑|校对|来源|作者|摄影)\s+\S{2,14}(?:\s+\S{2,6}){0,3}\s*$"
    r"|(?:发布|发表|更新|编辑|出版|刊发)?(?:时间|日期)\s*[:|]|\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?[\s\d:时分秒]*(?:来源|作者|编辑|字|浏览|阅读|$)"
    r"|(?:字号|字体|字数|浏览|阅读|点击|评论|人气|收藏|打印|举报|纠错|点赞|分享|转发)(?:量|数|次数|到|至|给|本文|文章|此文)?\s*(?:[:|\d(]|$)"
    r"|(?:分享到|打印本页|关闭窗口|返回顶部|返回首页|返回列表|查看更多|展开全文|阅读全文|阅读原文|点击查看|点击进入|加载更多|发表评论|我要评论)"
    r"|(?:关键词|关键字|标签|分类|栏目|专题|原标题|原题|原文链接|原文地址|本文链接|文章链接|链接|原文)\s*[:|]"
    r"|(?:上一篇|下一篇|上一条|下一条|上一页|下一页)"
    r"|(?:相关|延伸|推荐|热点|热门|精彩|更多|往期|最新)(?:阅读|新闻|推荐|文章|资讯|报道|链接|专题|内容|回顾|精彩|排行)"
    r"|猜你喜欢|大家都在看|(?:当前|您的|你的|您现在的)位置|首页\s*[>»/]"
    r"|(?:请|欢迎|敬请|长按|微信|手机|打开|使用|用)?(?:扫码|扫一扫|扫描|识别|微信|关注|搜索|添加|下载|打开)[^。]{0,30}"
    r"(?:二维码|公众号|微信|微博|客户端|app|扫一扫|朋友圈|头条号|小程序|账号|官微)"
    r"|(?:电话|热线|新闻热线|邮箱|电子邮箱|地址|投稿|爆料|联系我们|广告|商务)(?:热线|邮箱|电话|合作)?\s*[:|]|copyright|©|\(c\)|all rights reserved"
    r"|(?:京|沪|粤|浙|苏|闽|鲁|川|渝|津)?icp(?:备|证)|本文(?:来自|来源|转自|转载|选自|摘自|首发|刊于|原载|由)|(?:转载自|转自|摘自|转载于|转载来源)"
    r"|(?:微信|微博|朋友圈|qq|新浪微博|qq空间|腾讯微博|复制链接|打印|收藏|分享|评论|点赞|举报|返回|关闭|投诉|广告|赞|推荐|首页|登录|注册|全文完|完|end|the end)\W*$)"
)
# A row of buttons and counters: "点赞 收藏 举报 上一篇", "发布时间 阅读次数：1024 次 我要评论（36）".
_BUTTON = (
    r"(?:(?:发布|更新)?时间|阅读(?:次数|量|数)?|浏览(?:次数|量|数)?|点击(?:次数|量|数)?|(?:我要|发表)?评论(?:数)?|点赞|收藏|举报|纠错|投诉|"
    r"分享(?:到|至)?|转发|打印|字号|朋友圈|微信|微博|qq空间|复制链接|上一篇|下一篇|上一页|下一页|(?:热点|热门|相关|精彩)推荐|"
    r"返回(?:顶部|首页|列表)|首页|登录|注册|搜索|关闭|赞|share|tweet|print|email)"
)
_BUTTONS = re.compile(rf"(?:{_BUTTON}|[0-9次条人字大中小]|[\W_])++$")
_A_BUTTON = re.compile(_BUTTON)
# What follows these is a list of other articles' headlines.
_OTHERS = re.compile(
    _OPENING
    + r"(?:(?:相关|延伸|推荐|热点|热门|精彩|更多|往期|最新)(?:阅读|新闻|推荐|文章|资讯|报道|链接|内容|回顾|排行)"
    r"|猜你喜欢|大家都在看)\W*$"
)
_LONGEST_HEADLINE = 40
_ITEM = re.compile(r"(?:【[^】]{2,40}】|[■◆▲▼●▶★·•]|(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[、.)])")
# A story says once when it happened, a round-up in each of its items.
_DATED_ITEM = re.compile(r".{0,30}?(?:[0-9]日|[一二三四五六七八九十]日|今天|昨天|日前|近日)")
_FEWEST_ITEMS, _ITEMS_SHARE = 4, 1 / 3  # of the lines of a digest
_NOTICE = re.compile(
    _OPENING
    + r"(?:(?:编者按|编者的话|编者注|编者语|编按|编辑按|编辑注|编辑提示|编辑说明|小编按|小编注|小编说|按语|导读|导语|摘要|核心提示|"
    r"内容提要|内容摘要|提要|阅读提示|本站注|本站按|本网注|本站编辑注|转载说明|本报编者按|写在前面)(?:[\s:】\])|>”]|$)"
    r"|(?:(?:免责|版权|特别|郑重|重要|转载|网站|平台|风险|作者|法律|权利|本[网站报刊]|[\w·]{2,8}网?)?(?:声明|提示))\s*[】\])]?\s*(?::|$)"
    r"|(?:如若|如需|若需|欢迎)?转载(?:请|须|需|时)|未经[^。]{0,20}(?:授权|许可|允许|同意)|版权(?:所有|归)|著作权"
    r"|(?:本文|以上|文中|文章|上述|本页)(?:所述|所载|刊载|发布)?的?(?:内容|观点|信息|图片|言论)?[^。]{0,16}"
    r"(?:仅供参考|仅代表|不代表|不构成|与本[网站]|来自网络|来源于网络|据此)"
    r"|凡(?:本[网站报刊]|是|注明|来源|.{0,6}注明)|如有侵权|如涉及?(?:侵权|版权)|侵权|若有侵权|投资(?:者)?(?:有风险|据此|需谨慎)|市场有风险|股市有风险"
    r"|(?:关于|about)\s*([^。:.\n]{2,40}?)\s*[:.]\s*\1"  # "关于甲公司：甲公司成立于", at the foot of all its releases
    r"|(?:部分|文中|本文)?(?:图片|图文|素材|配图)(?:均|及|和)?(?:来源|来自|源)|违法和?不良信息|举报(?:邮箱|电话)|本[站网](?:转载|所有|不|仅|刊|登|发布)"
    r"|更多[^。]{0,24}(?:请|敬请|尽在|欢迎)|海量资讯)"
)


@dataclass(frozen=True, slots=True)
class Normal:
    """``text`` holds letters, ideographs and numbers only."""

    text: str
    numbers: tuple[str, ...]  # in their order, as written in ``text``
    is_digest: bool = False  # many items, each with its own heading, bullet or date


@lru_cache(maxsize=64)  # a candidate is compared with several texts, and decided on twice: it costs once
def normalise(text: str) -> Normal:
    """What is compared of a text. Lines are paragraphs, as ``Extraction.text`` has them."""
    for wide, narrow in _WIDE:  # the common ones first: NFKC is quick only where it finds nothing to do
        text = text.replace(wide, narrow)
    whole = simplified(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())
    for sign, word in _UNITS:
        whole = whole.replace(sign, word)
    lines = [line.strip() for line in whole.splitlines()]
    telling = [(line, told) for line in _without_links(lines) if (told := _told(line))]
    kept = [told for _, told in telling]
    bare = _bare(kept)
    everything = _bare(lines) if len(kept) < len(lines) else bare
    if len(bare) < min(_KEPT_SHARE * len(everything), _ENOUGH_KEPT):
        bare = everything
    return Normal(bare, numbers_in(bare), _is_digest(telling))


def _without_links(lines: list[str]) -> list[str]:
    """Without the headlines under "相关阅读": they change with the day and the site."""
    kept, are_links = [], False
    for line in lines:
        are_links = (are_links and _is_headline(line)) or bool(_OTHERS.match(line))
        if not are_links:
            kept.append(line)
    return kept


def _is_digest(lines: list[tuple[str, str]]) -> bool:
    """Of the lines as they are (a 【headline】 is no part of what is told) and what they tell."""
    heads = sum(bool(_ITEM.match(line) or _DATED_ITEM.match(told)) or _is_headline(told) for line, told in lines)
    return heads >= _FEWEST_ITEMS and heads >= _ITEMS_SHARE * len(lines)


def _is_headline(line: str) -> bool:
    return len(line) <= _LONGEST_HEADLINE and not line.endswith(("。", "!", "?"))


def _bare(lines: list[str]) -> str:
    # The decimal point is a letter by now (``numerals``): 1.5 that is corrected to 15 is news. Nor may two
    # numbers become one: "上涨0.3%，2024年".
    return _NOT_WORD.sub("", _BETWEEN_NUMBERS.sub(_PUT_APART, arabic("\n".join(lines))))


def _told(line: str) -> str:
    """What a line says of the story, "" if nothing."""
    is_sentence = len(line) > _SENTENCE and line.endswith(("。", "!", "?"))
    if len(line) <= _LONGEST_LABEL and not is_sentence and _LABEL.match(line):
        return ""
    if len(line) <= _LONGEST_LABEL and _BUTTONS.match(line) and len(_A_BUTTON.findall(line)) > 1:
        return ""
    if len(line) <= _LONGEST_NOTICE and _NOTICE.match(line):
        return ""
    headline = _HEADLINE.match(line)
    if headline and len(line) - headline.end() >= _TITLE_IN_FRONT:
        line = line[headline.end() :]
    for _ in range(2):  # "xx社北京1月5日电" and then "记者 甲 报道"
        dateline = _DATELINE.match(line)
        if dateline is None or (dateline.end() == len(line) and len(line) > _LONGEST_LABEL):
            break
        line = line[dateline.end() :]
    for _ in range(2):
        signed = _SIGNED_OFF.search(line)
        if signed is None:
            break
        line = line[: signed.start()].rstrip()
    return line
