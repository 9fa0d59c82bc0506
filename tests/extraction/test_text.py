"""What may stand in a field, a line, a fingerprint or on a terminal."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.text import TITLE_LIMIT, clean_line, clean_text, clean_title, cut, fold, printable

ANYTHING = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from(
        "a中é e\u0301\u200d\u200c\ufe0f👨👩🏽❤🇨🇳\U000e0067\U000e007f🏴\u3164\x1c\x85\r\n\u3000<b>&amp;#38lt;क्षि하㈱Σİﾊﾞ"
    )
)
# Planes 0 and 1, the special ones of plane 14, and the ends of the others, which hold alike characters only.
POINTS = [p for p in range(sys.maxunicode + 1) if p < 0x20000 or 0xE0000 <= p < 0xE1000 or p & 0xFFFF > 0xFFF0]
ALL_CHARACTERS = "\n".join(f"a{chr(point)}b" for point in POINTS)

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def is_forbidden(character: str) -> bool:
    """Controls, surrogates, noncharacters, and what reorders or hides text."""
    point = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or point & 0xFFFE == 0xFFFE
        or 0xFDD0 <= point <= 0xFDEF
        or character
        in "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u00ad\ufeff"
        or point == 0xE0001
    )


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("  数字金融\u3000\u3000创新 ", "数字金融 创新"),
        ("甲\u00a0乙\u2002丙\u2009丁\u202f戊\u205f己", "甲 乙 丙 丁 戊 己"),
        ("甲\r\n乙\r丙\x85丁\u2028戊\u2029己\x0b庚\x0c辛\t壬", "甲 乙 丙 丁 戊 己 庚 辛 壬"),
        ("警\x00\x07\x1b[31m报\x7f\x9b2J", "警[31m报2J"),
        ("中\x1c文\x1d分\x1e隔\x1f符", "中文分隔符"),
        ("价格\u202e321\u202c元", "价格321元"),
        ("\u2066中\u2069\u200e文\u200f\u061c", "中文"),
        ("零\u200b宽\u2060字\ufeff符\u00ad", "零宽字符"),
        ("半\ud800个\udfff字", "半个字"),
        ("非\ufffe字\uffff符\ufdd0\U0001ffff\U0010fffe", "非字符"),
        ("对象\ufffc\ufff9注\ufffa释\ufffb", "对象注释"),
        ("损\ufffd坏", "损\ufffd坏"),  # damage must show
        ("e\u0301cole", "école"),
        ("\uac00\u11a8", "\uac01"),
        ("全角ＡＢＣ１２：％", "全角ＡＢＣ１２：％"),  # stored text is never folded
        ("葛\U000e0100城", "葛\U000e0100城"),  # a variant of an ideograph is a character
        (f"{FAMILY}\u200d出行", f"{FAMILY}出行"),
        ("👩🏽\u200d⚕\ufe0f 与 ❤\ufe0f\u200d🔥", "👩🏽\u200d⚕\ufe0f 与 ❤\ufe0f\u200d🔥"),
        ("中\u200d文\u200c字", "中文字"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        (f"{ENGLAND}队", f"{ENGLAND}队"),
        ("藏\U000e0041\U000e0042匿", "藏匿"),  # tag letters that nobody sees
        ("\u3164空\uffa0", "空"),
        ("", ""),
        ("\u3000\u200b\x00", ""),
    ],
)
def test_clean_line(raw: str, line: str) -> None:
    assert clean_line(raw) == line


@pytest.mark.parametrize(
    ("raw", "limit", "line"),
    [
        ("一二三四五", 3, "一二三"),
        ("一二 三四五", 3, "一二"),
        ("一二三", 3, "一二三"),
        (f"一{FAMILY}二", 4, "一"),
        (f"一{FAMILY}二", 8, f"一{FAMILY}"),
        ("一👍🏽二", 2, "一"),
        ("🇨🇳🇺🇸", 3, "🇨🇳"),
        ("🇨🇳🇺🇸", 1, "🇨"),  # nothing whole fits
        (f"一{ENGLAND}", 5, "一"),
        ("ab\u0323\u0307c", 2, "a"),
        ("नमस्ते", 4, "नम"),
        ("一葛\U000e0100二", 2, "一"),
        ("\u1112\u1161一", 1, "하"),
        ("กำ", 1, "ก"),
        ("z" + "\u0335" * 500, 10, "z" + "\u0335" * 9),  # an endless cluster is cut hard
    ],
)
def test_a_cut_leaves_whole_characters(raw: str, limit: int, line: str) -> None:
    assert clean_line(raw, limit) == line


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("聚焦<b>数字金融</b>", "聚焦数字金融"),
        ('<font class="keyword-style">北京</font>秋色', "北京秋色"),
        ("上半场<br/>下半场", "上半场 下半场"),
        ("<!-- 头条 -->要闻", "要闻"),
        ("<![CDATA[专访：城市更新]]>", "专访：城市更新"),
        ("A&amp;B 与 C&amp;amp;D", "A&B 与 C&D"),
        ("&lt;i&gt;独家&lt;/i&gt; &quot;观察&quot;", '独家 "观察"'),
        ("第&#20108;批&nbsp;名单&#x2014;&#8212;公布", "第二批 名单——公布"),
        ("警&#x1f;示&#0;", "警示\ufffd"),
        ("如何防住 <script> 注入", "如何防住 <script> 注入"),
        ("List<T> 与 a<b 的写法", "List<T> 与 a<b 的写法"),
        ("?a=1&para=2&copy=3", "?a=1&para=2&copy=3"),
        ("<<b>b>x", "x"),
        ("<\x1fb>&lt;&#x200b;i>x", "x"),
        (" " * 9_000 + "题目", "题目"),
        ("题" * 1_000_000, "题" * TITLE_LIMIT),
        ("题" * 299 + "👍🏽", "题" * 299),
    ],
)
def test_clean_title(raw: str, title: str) -> None:
    assert clean_title(raw) == title


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\u3000\u3000第一段。\r\n\r\n\u3000\u3000第二段。", "第一段。\n第二段。"),
        ("甲\r乙\u2028丙\u2029丁\x85戊\x0b己\x0c庚", "甲\n乙\n丙\n丁\n戊\n己\n庚"),
        ("甲\x1c乙\x1d丙\x1e丁", "甲乙丙丁"),
        ("甲 \t 乙\n \u200b\n\u00a0\n丙", "甲 乙\n丙"),
        ("", ""),
    ],
)
def test_clean_text(raw: str, text: str) -> None:
    assert clean_text(raw) == text


SENTENCE = "本报讯（记者 田野）8月3日，ABC公司发布“星河-7”：售价1,299元！"


@pytest.mark.parametrize(
    "variant",
    [
        SENTENCE.translate({point: point + 0xFEE0 for point in range(0x21, 0x7F)}),
        SENTENCE.replace("（", "(").replace("）", ")").replace("，", ",").replace("：", ":"),
        SENTENCE.replace(" ", "\u3000"),
        SENTENCE.replace(" ", ""),
        " \u00a0".join(SENTENCE),
        SENTENCE.lower(),
        SENTENCE.replace("记者", "记\u200b者"),
        SENTENCE.replace("“", "「").replace("”", "」"),
        clean_line(SENTENCE),
    ],
)
def test_fold_is_equal_for_variants(variant: str) -> None:
    assert fold(variant) == "本报讯记者田野8月3日abc公司发布星河7售价1299元"


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ﾊﾟﾝ と パン", "パンとパン"),
        ("ΑΣ Α", "ασα"),
        ("㈱①½", "株112"),
        ("e\u0301É", "éé"),
        ("二〇二六々", "二〇二六々"),
        ("！？…", ""),
        ("snake_case", "snakecase"),
    ],
)
def test_fold(raw: str, folded: str) -> None:
    assert fold(raw) == folded


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("https://example.com/要闻?a=1", "https://example.com/要闻?a=1"),
        ("\x1b[31m红\x1b[0m", r"\x1b[31m红\x1b[0m"),
        ("行一\n2026-01-01 INFO 伪造\r", r"行一\n2026-01-01 INFO 伪造\r"),
        ("\x07\x7f\x9b\x85\u2028", r"\x07\x7f\x9b\x85\u2028"),
        ("abc\u202etxt.exe", "abctxt.exe"),
        ("\ud83d\ufeff\u200b\U000e0041\ufffe", r"\ud83d\ufeff\u200b\U000e0041\ufffe"),
        (f"{FAMILY}\u3000好", f"{FAMILY}\u3000好"),
        (r"C:\x1b", r"C:\x1b"),
    ],
)
def test_printable(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@pytest.mark.parametrize("clean", [clean_line, clean_title, clean_text, fold, printable])
def test_twice_is_once_for_every_character(clean: Callable[[str], str]) -> None:
    if clean is clean_title:  # it looks at 4,096 characters only
        assert all(clean(once) == once for once in {clean(part) for part in ALL_CHARACTERS.split("\n")})
    else:
        once = clean(ALL_CHARACTERS)
        assert clean(once) == once


@pytest.mark.parametrize("clean", [clean_line, clean_title, clean_text, fold, printable])
@given(raw=ANYTHING)
def test_twice_is_once(clean: Callable[[str], str], raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)


@given(raw=ANYTHING, limit=st.integers(1, 12))
def test_twice_is_once_when_cut(raw: str, limit: int) -> None:
    line = clean_line(raw, limit)
    assert len(line) <= limit
    assert clean_line(line, limit) == line
    assert cut(line, limit) == line


def test_nothing_unseen_gets_through() -> None:
    assert [hex(ord(c)) for c in set(clean_text(ALL_CHARACTERS)) - {"\n"} if is_forbidden(c)] == []
    assert [hex(ord(c)) for c in set(printable(ALL_CHARACTERS)) if is_forbidden(c)] == []


@given(ANYTHING)
def test_fields_are_one_line_of_valid_utf8_in_nfc(raw: str) -> None:
    for line in (clean_line(raw), clean_title(raw), *clean_text(raw).split("\n")):
        assert not any(map(is_forbidden, line))
        assert line == " ".join(line.split())
        assert unicodedata.is_normalized("NFC", line)
        assert line.encode("utf-8").decode("utf-8") == line


@given(ANYTHING)
def test_a_text_is_its_clean_lines(raw: str) -> None:
    lines = [clean_line(line) for line in clean_text(raw).split("\n")]
    assert clean_text(raw) == "\n".join(lines)


@given(ANYTHING)
def test_cleaning_changes_no_fingerprint(raw: str) -> None:
    assert fold(clean_line(raw)) == fold(clean_line(raw.translate({0x20: "\u3000"})))
    assert not any(c.isspace() for c in fold(raw))
    assert all(c.isalnum() for c in fold(raw))
