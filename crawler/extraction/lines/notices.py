"""What a single line is, if it is no part of an article: a credit, a notice, a button, a byline, another heading.

Pure. Each answer is about the line as a whole: a sentence that merely holds such words is none of them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from crawler.extraction.lines import byline, western
from crawler.extraction.lines.simple import is_eastern, simple

LONGEST = 120  # characters of a line that can be a credit or a button; notices may be longer
_WAY_OUT_LENGTH = 60  # characters at the end of a line in which it is looked for
_SAID, _WORDS = 10, 4  # characters of a sentence; blanks of a Western one
_HEADING = 30  # characters of a heading
_SENTENCE = re.compile(r"[。！？；]\s*[^\s。！？；”’）)】\]」』]|，.*，.*，")


def _whole(*alternatives: str) -> re.Pattern[str]:
    """Matches a line that is one of them, with or without brackets and bullets round it."""
    return re.compile(
        rf"^[\[【（(〔\s·•*■◆▲|]*(?:{'|'.join(alternatives)})[\]】）)〕\s。.]*$", re.IGNORECASE | re.DOTALL
    )


def _start(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"^[\[【（(〔\s·•*■◆▲|“\"]*(?:{'|'.join(alternatives)})", re.IGNORECASE)


_EDITOR = (
    r"责任编辑|责任校对|责编|编辑|编审|主编|校对|审校|审核|审读|监制|统筹|总监制|终审|复审|初审|排版|运营|制作|出品"
)
_CREDIT = _whole(
    rf"(?:本文|本期|本版|本报|本网|值班|执行|实习|文字|文案|图片|新媒体|美术|视觉|内容)?(?:{_EDITOR})人?\s*[:：/／|︱丨]\s*.{{0,60}}",
    r"(?:责任编辑|责编|编辑|校对)\s+\S{2,4}(?:[\s、]+\S{2,4}){0,3}",
    r"(?:责任编辑|责编)\s*[:：]?",
)
_ORIGIN = _whole(
    r"(?:文章|新闻|本文|信息|稿件|内容)?(?:来源|出处)(?:于|自)?\s*[:：|︱丨]\s*\S.{0,80}",
    r"(?:文章|新闻|本文|稿件)来源于?\s*\S.{0,40}",
    r"(?:本文)?(?:转载自|转自|摘自)\s*[:：]?\s*\S.{0,40}",
    r"(?:本文|文章)(?:来自|首发于?|原载于?|原刊于?|授权转载自?|选自|摘自).{2,110}|(?:本文|文章)由.{2,40}(?:原创|授权|整理|发布|供稿|编译|首发).{0,60}",
    r"稿源\s*[:：]\s*\S.{0,60}",
    r"(?:原标题|原题)\s*[:：]\s*\S.{0,100}",
)
_ADDRESS = re.compile(
    r"^[\[【（(\s]*(?:文章来源|本文来源|来源|原文(?:链接|地址|网址)?|本文(?:链接|地址)|转载自)\s*[:：]?\s*https?://\S+\s*[\]】）)]*$"
)
_NOTICE = _start(
    r"(?:(?:免责|版权|特别|郑重|重要|转载|网站|平台|风险|作者|本[网站报刊])|[\w·]{2,8}网)声明\s*[】\]]?(?:\s*[:：]|\s*$)",
    r"声明\s*[】\]]?\s*[:：].{0,80}(?:版权|转载|观点|立场|投资|侵权|责任|参考|来源|来自网络|网络转载|真实)",
    r"版权说明\s*[】\]]?\s*[:：]",
    r"(?:如若|如需)转载|转载请|欢迎转载",
    r"未经.{0,12}(?:授权|许可|允许|同意).{0,12}(?:不得|禁止|严禁|请勿)",
    r"版权所有|版权归|©|copyright\s*(?:©|\d)|all rights reserved",
    r"本文为.{2,16}(?:原创|独家)(?:文章|稿件|作品)",
    r".{2,40}(?:版权|著作权|权益)归.{2,30}所有",
    r"(?:本文|以上|文中|文章|上述)(?:内容|观点|信息|图片)?.{0,12}(?:仅供参考|不代表.{0,16}(?:观点|立场|意见)|不构成.{0,10}建议)",
    r"(?:以上|本文|文中|部分)?(?:图片|图文|信息|素材|配图)(?:均|及|和)?(?:来源|来自|源)(?:于|自)?(?:网络|互联网)",
    r"如有侵权|侵权(?:请|必)",
    r"(?:举报邮箱|违法和不良信息)",
    r"凡(?:本[网站报刊]|是|.{0,6}注明).{0,30}(?:来源|稿件|作品|转载)",
    r"本文系(?=.{0,16}(?:原创|独家|转载|作者|授权|首发))|本文属于?.{2,20}(?:原创|独家|转载)|(?:举报\s*)?最后编辑于|本(?:内容|资料|信息|文)来(?:源于|自).{2,60}(?:参考|建议|观点|立场)|想和.{2,30}(?:分享|交流)",
    r"notice: the content above",
    r".{0,14}(?:广告合作|商务合作|投稿|爆料|寻求报道).{0,6}请(?:点击|联系|发|加|致电)",
    r"此内容为.{2,16}原创",
    r"(?:reporting|editing|writing|additional reporting) by (?-i:[A-Z])",
    r"(?:the )?associated press writers? .{4,80} contributed",
    r"(?:privacy notice|this (?:article|story) (?:was|is|has been) (?:originally|first) published|we use cookies|by signing up)",
)
_BUTTON = _whole(
    r"(?:分享|转发|转播|收藏|打印|举报|纠错)\s*(?:(?:到|至|给)\s*.{0,16}|[:：].{0,40})",
    r"(?:我要)?(?:分享|评论|纠错|投稿|留言|打印|收藏)",
    r"请?(?:用|使用|打开|长按|点击|识别|扫描).{0,10}(?:微信|右上角|二维码|浏览器|蓝字|扫一扫).{0,24}",
    r"(?:微信|手机|长按|识别|扫码|扫描).{0,12}(?:二维码|扫一扫).{0,16}",
    r"扫码(?:关注|下载|阅读|分享|查看|打开|观看|登录|加入).{0,16}|(?:扫一扫|扫描二维码)[^，。]{0,16}|微信(?:扫码|扫一扫|好友|朋友圈|分享)?|朋友圈|QQ(?:空间|好友)?|新浪微博|腾讯微博",
    r"(?:请|欢迎|敬请)?(?:点击|搜索|添加)?(?:上方|下方|蓝字)?关注.{0,24}(?:公众号|微信|微博|头条号|抖音|专区|客户端|APP).{0,30}",
    r"(?:更多|相关)(?:.{0,16})?(?:请|敬请)(?:关注|下载|点击|登录|查看).{0,24}",
    r"(?:点击|立即|马上)?下载.{0,16}(?:APP|客户端).{0,16}|(?:APP|客户端)下载",
    r"打开微信[，,]?|点击(?:底部|右上角)的.{1,12}",
    r"点击(?:查看|阅读|进入|展开|加载|这里|此处|播放).{0,20}|展开(?:全文|阅读)?|查看更多.{0,8}|加载更多|(?:正在)?加载中?[.。…]*",
    r"(?:字号|字体|大小)(?:减小|增大)?\s*[:：]?[\s大中小+\-A超默认]*|[大中小]\s+[大中小]\s+[大中小]",
    r"打印(?:本?页|[本此]文)|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表).{0,8}",
    r"(?:关键[词字]|标签|tags?)\s*[:：]\s*.{0,60}|[#＃][^#＃\s]{1,20}[#＃]?(?:\s*[#＃][^#＃\s]{1,20}[#＃]?)*",
    r"\d*\s*(?:次?阅读|浏览|点击|点赞|赞|首赞|顶|踩|评论|收藏|分享|喜欢|在看|打赏|参与互动|人参与|人气)(?:数|量|次数)?\s*[:：(（]?\s*(?:[\d.]+\s*[万wk]?\+?)?[)）]?次?|\+\d",
    r"(?:内容|我要)?(?:举报|投诉|反馈|纠错)(?:/反馈)?|(?:IP属地|发布于|发表于|来自)\s*[:：]?\s*[\u4e00-\u9fff]{2,4}(?:省|市)?",
    r"(?:(?:分享到?|QQ空间|QQ好友|QQ|新浪微博|腾讯微博|搜狐微博|网易微博|人民微博|微博|微信好友|微信|朋友圈|人人网?|开心网?|豆瓣网?|百度\S{0,3}|复制链接|Facebook|Twitter|WhatsApp|LINE|Telegram|更多)[\s:：|]*){2,}",
    r"返回\S{2,8}[，,]\s*查看更多|打开.{1,12}(?:客户端|APP)[，,].{2,20}",
    r"(?:(?:您|你)?(?:当前|现在|所在)的?位置|首页)\s*[:：>›»].{2,80}|(?:[^>›»]{1,16}[>›»]+)+\s*正文",
    r"(?:上一篇|下一篇|上一条|下一条|上篇|下篇)\s*[:：]?.{0,60}",
    r"(?:首播(?:频道|时间)|视频简介|来源链接|本文(?:标题|地址|链接|作者)|转载请|原文链接|文章地址)\s*[:：].{0,110}",
    r"(?:advertisement|story continues below|continue reading|scroll to continue|skip (?:past|to)|after newsletter|our standards|suggested topics|purchase licensing|opens? (?:in )?new tab|"
    r"more from|most (?:read|popular)|read next|sign up here|subscribe (?:now|to)|already a subscriber|create (?:a|an) (?:free )?account|listen to this|play\b|min(?:ute)? read|\d+ min(?:ute)?s?(?: read)?$|share this|get the|download the)\b.{0,70}",
    r"图片由\s*AI\s*生成|[（(]?(?:本文)?(?:封面)?(?:图片|题图|头图|配图)(?:来源|来自)?\s*[:：].{2,40}[)）]?|\W*the end\W*",
    r"\[?(?:小|中|大)?字体?\]?|(?:字体|字号)\s*[:：].{0,12}|.{0,6}\d+人已?(?:赞赏|打赏).{0,4}",
    r"_{3,}|[-–—*•·\s]{3,}|#{2,}",
    r"专题\s*[:：]\s*.{2,30}|(?:本[报网台])?.{0,12}(?:报料|爆料|新闻)(?:热线|电话).{0,60}",
    r"(?:更多|海量|精彩|独家|全面|想看|请|快来|立即|马上|点击|关注)?.{0,30}尽在[“\"「《]?.{0,16}(?:APP|客户端)[”\"」》]?.{0,12}|(?:更多.{0,20})?(?:请|快来|立即|马上|点击)?(?:下载|打开|安装|登录)[“\"「《]?.{0,16}(?:APP|客户端)[”\"」》]?.{0,12}|下载[“\"「].{2,12}[”\"」].{0,60}",
    r"更多相关.{2,10}(?:请|敬请).{2,30}|友情提示\s*[:：].{2,40}|AI(?:妙读|摘要|速读|导读)\s*[:：].{2,110}",
    r"(?:周|星期|礼拜)[一二三四五六日天]|\d\d?:\d\d(?::\d\d)?|本文目录|请?继续往下阅读.{0,3}|跳过.{1,30}|.{1,8}结尾|图像来源[，,：:].{2,40}|getty images|article information",
    r"(?:请|立即|马上)?(?:下载|加入|成为).{2,16}(?:手机应用程式|应用程式|会员).{0,40}",
    r"(?:您好，)?这是.{2,12}播客|利好\s*\d+\s*利空\s*\d+|【?原文链接】?",
    r"(?:(?:阅读?|评论|分享|收藏|点赞|转发|在看)\s*[(（]?[\d.]*[WwKk万]?[)）]?\s*){2,}",
    r"(?:打印|关闭|收藏|分享|返回|字号|字体|浏览(?:次数|量)?|点击(?:次数|数|量)?|阅读(?:次数|数|量)?|本页|窗口|大|中|小|[【】\[\]:：|\s\d]){2,40}",
    r"play video|/?\d{1,2}:\d{2}",
    r"(?:share (?:this|on|via)|follow us|sign up|subscribe|advertisement|newsletter|read more|email this)\b.{0,40}",
)
# No two alternatives match alike: nothing to go back for on a long line.
_PAGER_LINE = re.compile(
    r"^(?:[\s\d\[\]【】()（）<>«»‹›|/…·.,，:：-]|上一?[页頁]|下一?[页頁]|[后後前]一?[页頁]|首[页頁]|[尾末]一?[页頁]|最[后後]一?[页頁]|"
    r"[共第]\s*\d+\s*[页頁]|当前|分页(?:阅读)?|本文(?:导航|共)|余下全文|全文阅读|阅读全文|单页阅读|在本页阅读全文|转到第?|"
    r"\b(?:pages?|of|next|prev(?:ious)?|first|last|single|view|all)\b)+$",
    re.IGNORECASE,
)
_NAMED = _whole(
    r"\S{0,12}?(?:记者|通讯员|作者)\s*[:：/／|︱丨]?\s*\S{1,12}(?:[\s、&]+\S{1,12}){0,5}",
    r"(?:文|图|撰文|撰稿|采写|执笔|文字|摄影|图文|出品|图/文|文/图)\s*[:：/／|︱丨]\s*\S{1,20}(?:[\s、&]+\S{1,12}){0,5}",
)
_OF_PICTURE = re.compile(r"^[（(【\[\s]*(?:图|图片|文字|摄影|图文)\s*[:：/／|]")
# How a line begins that asks the reader to do something: only such a sentence may be a button.
_ASKS = re.compile(
    r"^[\s（(【\[“]*(?:欢迎|敬请|请|长按|扫码|扫一扫|微信|打开|点击|关注|下载|更多|返回|本文|文章|来源|责任编辑|版权|未经|转载|如需|举报|尽在|海量|快来|"
    r"友情提示|AI|您好|好内容|感谢|专题|跳过|图像来源|分享)"
)
_LABEL_ALONE = re.compile(r"[:：/／|︱丨]")
_DATED = _whole(
    r".{0,20}(?<!\d)\d\d?(?:[-/]|月)\d\d?日?\s+\d\d?:\d\d.{0,30}|\d+\s*(?:秒|分钟|小时|天)前.{0,20}",
    r".{0,40}(?:19|20)\d\d\s?[-./年]\s?\d\d?\s?[-./月]\s?\d\d?日?(?:\s*\d\d?:\d\d(?::\d\d)?)?.{0,60}",
)
_PAPER = re.compile(r"^[（(]?《[^》]{2,12}》\s*[（(]?\s*(?:19|20)\d\d\s?年.{2,30}版[）)]*。?$")
_OTHER = re.compile(
    r"^[\s【\[（(#*■◆▲|>·]*(?:"
    r"(?:相关|推荐|延伸|热门|更多|精彩|往期|猜你|热点|大家都在|您?可能|你可能|为[你您]|编辑|今日|最新)"
    r"(?:阅读|新闻|报道|文章|推荐|链接|专题|资讯|内容|视频|下载|软件|产品|股票|个股|概念|帖子|游戏|喜欢|感兴趣|看|精选|精彩|回顾|话题|评论|热点|图集)(?:的内容|的文章)?"
    r"|(?:网友|全部|精彩|最新|热门|发表|我要|查看|用户)?(?:评论|跟贴|留言)(?:区|列表|自律公约)?"
    r"|上一篇|下一篇|您?可能(?:还|也)?(?:喜欢|感兴趣)|(?:作者|TA|他|她)的?(?:最近|最新|热门|其他|更多)(?:的)?(?:文章|作品)"
    r"|related (?:articles|stories|posts|content|reading|news)|you (?:may|might) also like|more (?:from|stories)"
    r"|recommended(?: for you)?|read next|comments|leave a (?:reply|comment)|about the author"
    r")[\s】\]）)#*>|]*(?:[:：(（\d].{0,20})?$",
    re.IGNORECASE,
)
_NEIGHBOUR = re.compile(r"^[\s【\[（(<>«»‹›·]*[上下]一[篇条则个]\s*[:：】\]]")
# Behind these only readers speak, at whatever length.
_COMMENTS = re.compile(
    r"^[\s【\[（(#*■◆▲|>·]*(?:"
    r"(?:网友|全部|精彩|最新|最热|热门|发表|我要|查看|用户|读者|热评|文章)\s*(?:评论|跟贴|留言|点评|回复)(?:区|列表|自律公约)?\s*(?:[(（]?\d+[)）]?\s*条?)?"
    r"|(?:评论|留言|跟贴|回复)(?:区|列表|\s*[(（]?\d+[)）]?(?:\s*条)?)"
    r"|(?:共|已有|全部)?\s*\d+\s*条?(?:评论|留言|跟贴|回复)|发表你的(?:看法|评论)|(?:说点|说两)句?什么.{0,6}"
    r"|请先?登录后?(?:再|才能)?发表(?:评论|留言).{0,6}|(?:评论\s*\d*\s*)?文明上网.{0,40}|善意回帖.{0,30}"
    r"|(?:\d+\s+)?comments?(?:\s*\(?\d+\)?)?|leave a (?:reply|comment)|join the (?:conversation|discussion)"
    r"|(?:\d+\s+)?(?:responses?|thoughts?|replies) (?:to|on) .{1,80}"
    r")[\s】\]）)#*>|:：]*$",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"^(?:(?:亮了|赞同?|顶|踩|回复|举报|支持|反对|有用|没用|分享|收藏|推荐|查看回复|reply|like|report|share)(?:\s*[(（]\s*\d*\s*[)）]|\s*\d+)?[\s|·]*)+$",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:(?:19|20)\d\d[-./年]\d\d?[-./月]\d\d?日?|\d\d?[-月]\d\d?日?\s+\d\d?:\d\d|\d+\s*(?:秒|分钟|小时|天|周|个月|年)前|昨天|前天)\s*(?:\d\d?:\d\d(?::\d\d)?)?"
    r"\s*(?:发布于|来自|发表于|IP属地|·|回复|举报|\d+楼|楼).{0,16}$|(?:发表于|发布于)\s*(?:19|20)\d\d-\d\d?-\d\d?\s*(?:\d\d?:\d\d)?$|^.{0,20}网友.{0,20}(?:19|20)\d\d-\d\d?-\d\d?|^第?\d+楼"
)
_TIME = re.compile(r"^(?:.{0,20}\s)?(?:(?:19|20)\d\d[-./年])?\d\d?[-./月]\d\d?日?\s+\d\d?:\d\d(?::\d\d)?$")
# The editor signs last: what stands behind this line is the page's.
_SIGNED = _whole(
    r"(?:[#＃][^#＃\s]{1,20}\s*)*(?:本文|本文来源\S{0,20}|本期|本版|值班|执行)?(?:责任编辑|责编)\s*[:：/／|︱丨]?\s*.{0,40}",
)
_WAY_OUT = re.compile(
    r"(?:返回[^，。！？\s]{2,8}[，,]\s*查看更多|返回[^，。！？\s]{2,8}首页\s*[>»]*"
    r"|[（(]?点击(?:查看|阅读)(?:更多|全文|原文)[）)]?[>»]*)\s*$"
)


def is_notice(text: str) -> bool:
    """Copyright, disclaimer and the like: of any length, but only at the end of an article."""
    text = simple(text)
    return _NOTICE.match(text) is not None


def _is_said(text: str) -> bool:
    """A question, or a sentence that asks the reader for nothing: part of the article, whatever words it holds."""
    bare = text.rstrip("”’」』）)】 \"'")
    if not is_eastern(bare):
        return bare.endswith((".", "!", "?")) and bare.count(" ") >= _WORDS and not western.is_furniture(text)
    return bare.endswith(("？", "?")) or (len(bare) >= _SAID and bare.endswith(("。", "！")) and not _ASKS.match(text))


def is_furniture(text: str) -> bool:
    """An editor's credit, the origin, a button or a share bar."""
    text = simple(text)
    if _ADDRESS.match(text) or is_pager(text):
        return True
    if len(text) > LONGEST or _SENTENCE.search(text) or _is_said(text):
        return False
    return any(pattern.match(text) for pattern in ((_CREDIT, _ORIGIN, _BUTTON) if is_eastern(text) else (_BUTTON,)))


def is_byline(text: str, *, is_head: bool) -> bool:
    """A line that only names authors, or the date; a date alone at the end may be a signature."""
    text = simple(text)
    if len(text) > LONGEST or _SENTENCE.search(text) or text.endswith(("？", "?")):
        return False
    if _PAPER.match(text) or (is_head and _DATED.match(text) and not text.endswith(("。", "！", "？"))):
        return True
    if not _NAMED.match(text):
        return False
    if _OF_PICTURE.match(text):  # "图：某某摄", but also a caption
        return bool(byline.authors_in_lines([text]))
    return _LABEL_ALONE.search(text) is not None or bool(byline.authors_in_lines([text]))


def is_other_heading(text: str) -> bool:
    """A heading after which only other stories, comments or links follow."""
    text = simple(text)
    if len(text) <= LONGEST and _NEIGHBOUR.match(text):
        return True
    return 0 < len(text) <= _HEADING and _OTHER.match(text) is not None and not _SENTENCE.search(text)


def is_signature(text: str) -> bool:
    """The responsible editor's name, behind which no article goes on."""
    text = simple(text)
    return len(text) <= LONGEST and _SIGNED.match(text) is not None and not _SENTENCE.search(text)


def is_of_talk(text: str) -> bool:
    """A line that comes with each reader's comment: who and when, or 回复 and 赞."""
    return is_stamp(text) or (len(text) <= _HEADING and _ACTION.match(simple(text)) is not None)


def is_time(text: str) -> bool:
    """A time of day with its date, and at most a name: a byline's, or, where it comes back, that of each comment."""
    return len(text) <= 2 * _HEADING and _TIME.match(text) is not None


def is_stamp(text: str) -> bool:
    """A name with a time, or a time alone."""
    return (
        len(text) <= 2 * _HEADING and _STAMP.search(simple(text)) is not None and not text.endswith(("。", "！", "？"))
    )


def is_pager(text: str) -> bool:
    """Whether a line is nothing but a pager: "上一页 [1] 2 3 下一页", "共3页", "Page 1 of 3"; a lone number is not."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST or _PAGER_LINE.match(text) is None:
        return False
    bare = re.sub(r"\W", "", text)
    if not bare.isdecimal():
        return bool(bare)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    # "4.5" and "4/5" are ratings; a pager without a word counts up, or stands on its first page
    return (len(numbers) == 2 and "/" in text and numbers[0] == 1) or (
        len(numbers) > 1 and all(later == number + 1 for number, later in pairwise(numbers))
    )


def is_comments_heading(text: str) -> bool:
    text = simple(text)
    return 0 < len(text) <= LONGEST and _COMMENTS.match(text) is not None


def way_out(text: str) -> int:
    """Where "返回首页" and the like begin at the end of a line; its length if there is none."""
    end = max(0, len(text) - _WAY_OUT_LENGTH)
    found = _WAY_OUT.search(simple(text[end:]))
    return len(text[: end + found.start()].rstrip()) if found else len(text)
