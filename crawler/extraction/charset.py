"""Bytes to text, honestly: what a page is encoded in, and how much of it could not be read.

Pure. Declarations lie in both directions, so the bytes speak first: a byte order
mark, then valid UTF-8, then the declaration that decodes well, then a guess.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# Labels of the WHATWG Encoding Standard that occur, by the Python codec that reads them best.
# A table and no codecs.lookup(): a page must not name a Python module.
_CODECS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8",
    "gb18030": "gb18030 gbk gb2312 gb_2312 gb_2312-80 gb2312-80 x-gbk cp936 ms936 windows-936 euc-cn chinese",
    "big5hkscs": "big5 big-5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 cp950 windows-950",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932 csshiftjis",
    "euc_jp": "euc-jp eucjp x-euc-jp",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "cp949": "euc-kr euckr korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 cp949",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 us-ascii ascii windows-1252 cp1252 x-cp1252",
    "iso8859-15": "iso-8859-15 iso8859-15 latin-9",
    "cp1250": "windows-1250 cp1250",
    "iso8859-2": "iso-8859-2 iso8859-2 latin2",
    "cp1251": "windows-1251 cp1251",
    "koi8-r": "koi8-r koi8",
    "koi8-u": "koi8-u",
    "iso8859-5": "iso-8859-5",
    "cp1253": "windows-1253 iso-8859-7",
    "cp1254": "windows-1254 iso-8859-9",
    "cp1255": "windows-1255 iso-8859-8",
    "cp1256": "windows-1256 iso-8859-6",
    "cp874": "windows-874 tis-620 iso-8859-11",
    "cp1258": "windows-1258",
}
_CODEC_OF = {label: codec for codec, labels in _CODECS.items() for label in labels.split()}
_UTF16 = {"utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UTF8_MARKS = re.compile(b"(?:\xef\xbb\xbf)+")  # more than one where included files bring their own
_GUESSES = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1252")
_EAST_ASIAN = frozenset(_GUESSES[:-1])

_HEAD = 32_768  # bytes in which a declaration is looked for; browsers stop at 1,024, sites do not
_SAMPLE = 8_192  # bytes, from the first that is not ASCII, on which candidates are judged
_ENOUGH = 1_500  # characters that are not ASCII and that tell what kind of text it is
_REPLACEMENT = {"utf-8": b"\xef\xbf\xbd", "gb18030": b"\x84\x31\xa4\x37"}  # U+FFFD, written out
_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
_COMMENT = re.compile(rb"<!--.{0,2000}?-->", re.DOTALL)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})")
_XML = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")

# The most frequent ideographs of news in simplified, traditional and Japanese writing. Running
# text holds a third of them, text read in a wrong encoding next to none.
_FREQUENT = re.compile(
    "[的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后"
    "多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合"
    "还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只"
    "没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员位入常文总次品式活设及管特件长求老头基资边流"
    "路级少山统接知较将组见计别她手角期根论运农指几九区强放决西被做必战先回则任取据处理世车市场企报记金融银技投"
    "這國為個們時來會說對發動過產種後學經進電裡現實體機當點從業應開還關係長問題與數氣變條沒無將見計論運強戰處萬"
    "書東門車馬義員報記場資銀總統設團據縣華話話認請讓選議連達"
    "本日国会社年月発間対部東者業政見長時事前後連合議民生自分同出新]"
)
_IDEOGRAPHS = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff]+")
_KANA = re.compile("[\u3041-\u30ff]+")
_MARKS_EAST = re.compile("[·—‘’“”…、。〈-】！（），：；？０-９]")
_HANGUL = re.compile("[\uac00-\ud7a3]+")
_FREQUENT_HANGUL = re.compile(
    "[이다의는에을를가은한고도로지기사하서인시자대어그리해으정나일아보라부수전상장있만주제여과원들구동스국게등했면것된할월년]"
)
_LONE_LATIN = re.compile("(?<![^\x00-\x7f])[\xa0-\xff\u0152-\u0192\u2013-\u20ac\u2122](?![^\x00-\x7f])")
_NOT_PRIVATE = bytes(high for high in range(256) if not 0xE0 <= high <= 0xF8)
_ASCII_RUN = re.compile("[\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """``how``: bom, utf-8, header, meta or guess. ``damaged`` counts characters lost by decoding."""

    text: str
    encoding: str
    how: str
    damaged: int


def decode(body: bytes, header_charset: str = "") -> Decoded:
    """``header_charset`` is what the HTTP header claims, "" if nothing."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], codec, "bom")
    how = "utf-8"
    if marks := _UTF8_MARKS.match(body):  # its word is checked: a template may carry it into a GBK page
        body, how = body[marks.end() :], "bom"
    label = header_charset.strip(" \t\"'").lower()
    if codec := _unmarked_utf16(body, label):
        return _decoded(body, codec, "header" if label in _UTF16 else "guess")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_nearly_utf8(body, error):
            return _decoded(body, "utf-8", how)
        return _decoded(body, *_best(body, _declared(body, label)))
    if len(text) < len(body) or how == "bom":
        return Decoded(text, "utf-8", how, 0)
    if b"\x1b$" in body and (declared_as := _declared(body, label).get("iso2022_jp")):
        return _decoded(body, "iso2022_jp", declared_as)
    return Decoded(text, "ascii", "utf-8", 0)


def _declared(body: bytes, label: str) -> dict[str, str]:
    """Codec -> where it was declared, the most trusted first."""
    head = body[:_HEAD].lower()
    if b"<!--" in head:
        head = _COMMENT.sub(b"", head)
    said = [("header", label)]
    said += [("meta", name.decode("ascii", "replace")) for name in _META.findall(head)[:3]]
    if xml := _XML.match(head):
        said.append(("meta", xml[1].decode("ascii", "replace")))
    found: dict[str, str] = {}
    for how, name in said:
        codec = _CODEC_OF.get(name, "")
        # Servers send iso-8859-1 when nobody set anything: it says nothing.
        if codec and not (how == "header" and codec == "cp1252"):
            found.setdefault(codec, how)
    return found


def _unmarked_utf16(body: bytes, label: str) -> str:
    """Markup in UTF-16 has a NUL in every other byte."""
    start = body[:1024]
    if b"\x00" not in start:
        return ""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 40 < len(start) or min(even, odd) * 8 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_nearly_utf8(body: bytes, error: UnicodeDecodeError) -> bool:
    """Whether this is UTF-8 that was cut or damaged, and not another encoding.

    Without its ASCII a UTF-8 text is still UTF-8, so a look at the rest is enough.
    """
    high = body.translate(None, _ASCII)
    if error.reason == "unexpected end of data" and len(high) > 3:
        return True
    sample = high if len(high) <= 4096 else high[:2048] + high[-2048:]
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return len(text) - bad > 3 * bad


def _best(body: bytes, declared: dict[str, str]) -> tuple[str, str]:
    """Codec and how it was found, for bytes that are not UTF-8.

    A declaration, and GB 18030 as the likeliest of all, are given an advance over the other candidates.
    The weights were tried on texts of 20 characters and more in six scripts, under eleven labels.
    """
    first = _HIGH.search(body)
    start = first.start() if first else 0
    sample = body[max(0, start - 1) : start + _SAMPLE]
    scores: dict[str, float] = {}
    for codec in dict.fromkeys((*declared, *_GUESSES)):
        if codec == "utf-8":
            continue
        lost, fit = _fit(sample, codec)
        if lost == 0 and fit > 0.3 and (codec in declared or codec == "gb18030"):
            return codec, declared.get(codec, "guess")
        bonus = 0.25 if codec in declared else 0.1 if codec == "gb18030" else 0.0
        scores[codec] = fit + bonus - 10 * lost
    best = max(scores, key=lambda codec: scores[codec])
    if scores[best] < 0.1:
        best = _foreign(sample) or best
    return best, declared.get(best, "guess")


def _fit(sample: bytes, codec: str) -> tuple[float, float]:
    """Share of lost characters, and how much the rest looks like a text in some script: 0 to 1."""
    text = sample.decode(codec, "replace")
    if len(sample) >= _SAMPLE:  # the sample was cut, perhaps inside a character
        text = text[:-2]
    wide = _ASCII_RUN.sub("", text)
    latin = len(_LONE_LATIN.findall(text)) / len(wide) if codec == "cp1252" and wide else 0.0
    lost = _lost(wide) / len(wide) if wide else 0.0
    wide = wide[:_ENOUGH]
    ideographs, kana = _length(_IDEOGRAPHS, wide), _length(_KANA, wide)
    hangul, marks = _length(_HANGUL, wide), len(_MARKS_EAST.findall(wide))
    chinese = korean = 0.0
    if ideographs + kana:
        frequent = len(_FREQUENT.findall(wide)) / ideographs if ideographs else 0.5
        chinese = frequent * (ideographs + kana + marks) / len(wide)
    if hangul:
        korean = len(_FREQUENT_HANGUL.findall(wide)) / hangul * (hangul + marks) / len(wide)
    return lost, max(chinese, korean, latin if latin > 0.6 else 0.0)


def _lost(text: str) -> int:
    """U+FFFD and the private use area, where codecs put what has no character. Three times a regex's speed."""
    high_bytes = text.encode("utf-16-be", "surrogatepass")[::2]
    return text.count("\ufffd") + len(high_bytes.translate(None, _NOT_PRIVATE))


def _length(runs: re.Pattern[str], text: str) -> int:
    return sum(map(len, runs.findall(text)))


def _foreign(sample: bytes) -> str:
    """The last resort, for pages in other scripts that declare nothing."""
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    return _CODEC_OF.get(match.encoding.replace("_", "-"), "") if match else ""


def _decoded(body: bytes, codec: str, how: str) -> Decoded:
    text = body.decode(codec, "replace")
    if codec == "gb18030" and "\ufffd" in text and b"\x80" in body:
        text = body.decode(codec, "shiyi-cp936")
    damaged = _lost(text) if codec in _EAST_ASIAN else text.count("\ufffd")
    if codec in _REPLACEMENT:
        damaged = max(0, damaged - body.count(_REPLACEMENT[codec]))  # these stood on the page
    return Decoded(text, codec, how, damaged)


def _euro_at_80(error: UnicodeError) -> tuple[str, int]:
    """Windows' GBK has the euro sign at 0x80, where GB 18030 has nothing."""
    assert isinstance(error, UnicodeDecodeError)
    return "\u20ac" if error.object[error.start] == 0x80 else "\ufffd", error.start + 1


codecs.register_error("shiyi-cp936", _euro_at_80)
