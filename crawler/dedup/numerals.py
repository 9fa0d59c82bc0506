"""Numbers in one writing: 三千五百万, 3,500万 and 35000000 are one, and so are 二〇二二年 and 2022年.

Pure. Every numeral is read, also that of a word (统一 is 统1): both sides of a comparison go through it, so that the
same word gives the same, and nobody has to know what is counted. What can not be read as one number stays (十四五).
"""

from __future__ import annotations

import re
from functools import lru_cache

KEPT_POINT = "\u01c0"  # a letter that no text uses, as in ``fingerprint``
_ZEROS, _MANY = "\u01c3", 4  # another one: 3500万 is 35, it and 6, or all large sums would look alike

_DIGITS = {each: value for value, chars in enumerate(("零〇○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for each in chars}  # fmt: skip
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GREAT = {"万": 4, "亿": 8}  # decimal places

_LONGEST = 40  # characters of a number; 亿亿亿… without end is none, and would be a huge one
_OF_A_HUNDRED = ("百分之", "千分之")
# The sign goes with the punctuation in the end, but until then it keeps 百分之六。2026年 from being read as 6.2026.
_HUNDREDTHS = "\u01c4"  # a letter that no text uses
_SIGN_BEHIND = re.compile(_HUNDREDTHS + r"([0-9]+(?:[.·•・‧][0-9]+)?)")
_FRACTION = re.compile("([0-9]+)分之([0-9]+)")
_TENTHS = re.compile("([0-9])成(?:([0-9])(?![0-9.]))?")  # 三成 is 30 %, 三成一 31 %
_MONEY = re.compile("(?<=[0-9])[元块]([0-9])[角毛](?:([0-9])分)?")  # 2元6角5分 is 2.65元

# 三点二十分 is a time of day, no decimal. One run of characters, as the search for a set is fast; what it means is looked at in ``_read``.
_CHINESE = re.compile(
    "[零〇○一二三四五六七八九两十][零〇○一二三四五六七八九两十百千万亿]*(?:点[零〇○一二三四五六七八九]+(?![十刻]))?"
)
# The decimal point comes in every shape that a site's own conversion of punctuation can give it.
_ARABIC = re.compile(
    r"([0-9][0-9]*(?:,[0-9]{3}(?![0-9]))*)(?:[.。·•・‧]([0-9]+))?([百千]?(?:万亿|万|亿)千?(?!里)|[百千])?"
)
NUMBER = re.compile(rf"[0-9][0-9{KEPT_POINT}{_ZEROS}]*")
OF_NUMBERS = frozenset(f"0123456789{KEPT_POINT}{_ZEROS}")
# Some sites put a blank between figures and characters: 10 月 12 日.
_BEFORE = re.compile(r" (?<![0-9] )(?=[0-9])")
_BEHIND = re.compile(r"([0-9%]) +(?=[\u2e80-\uffef])")
_HUNDREDS = {"百": 2, "千": 3}


def arabic(text: str) -> str:
    """The text with its numbers in plain digits; a decimal point is KEPT_POINT."""
    if " " in text:
        text = _BEHIND.sub(r"\1", _BEFORE.sub("", text))
    for words in _OF_A_HUNDRED:
        text = text.replace(words, _HUNDREDTHS)
    text = _CHINESE.sub(_read, text)
    if _HUNDREDTHS in text:
        text = _SIGN_BEHIND.sub(r"\1%", text).replace(_HUNDREDTHS, "%")
    text = _MONEY.sub(_in_full, _TENTHS.sub(_percent, text))
    if "分之" in text:
        text = _FRACTION.sub(r"\2/\1", text)
    return _ARABIC.sub(_plain, text)


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers of a text that went through ``arabic``, in their order."""
    return tuple(NUMBER.findall(text))


def _read(found: re.Match[str]) -> str:
    run = found[0]
    if len(run) > _LONGEST:
        return run
    whole, point, decimals = run.partition("点")
    unit = ""
    while not point and len(whole) > 1 and whole[-1] in _HUNDREDS and whole[-2] not in _DIGITS:
        whole, unit = whole[:-1], whole[-1] + unit  # 五十万千瓦: the last is the unit's
    if len(whole) > 1 and all(each in _DIGITS for each in whole):
        value = "".join(str(_DIGITS[each]) for each in whole)  # 二〇二六
    elif (number := _value(whole)) is not None:
        value = str(number)
    else:
        return run
    return f"{value}.{''.join(str(_DIGITS[each]) for each in decimals)}" if point else value + unit


def _percent(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2] or 0}%"


def _in_full(found: re.Match[str]) -> str:
    return f".{found[1]}{found[2] or ''}元"


@lru_cache(maxsize=1024)
def _value(word: str) -> int | None:
    """三千五百万 as 35000000; None for what is no number. 三万五 is 35000, as one says it."""
    total = section = digit = 0
    scale = 1
    for place, each in enumerate(word):
        if each in _DIGITS:
            if digit and word[place - 1] in _DIGITS and word[place - 1] not in "零〇○":
                return None  # two digits side by side: 十四五
            digit = _DIGITS[each]
        elif each in _SCALES:
            scale = _SCALES[each]
            section += (digit or (1 if scale == 10 and not section else 0)) * scale
            digit = 0
        else:
            scale = 10 ** _GREAT[each]
            if each == "亿":
                total = (total + section + digit) * scale
            else:
                total += (section + digit) * scale
            section = digit = 0
    if digit and scale > 10 and word[-2:-1] not in ("零", "〇", "○"):
        digit *= scale // 10
    return total + section + digit


def _plain(found: re.Match[str]) -> str:
    whole, decimals, scale = found[1].replace(",", ""), found[2] or "", found[3] or ""
    places = 0
    if scale:
        places = sum(_HUNDREDS.get(each, 0) + _GREAT.get(each, 0) for each in scale)
        decimals = decimals.ljust(places, "0")
    whole = (whole + decimals[:places]).lstrip("0") or "0"
    if decimals := decimals[places:].rstrip("0"):
        return f"{whole}{KEPT_POINT}{decimals}"
    few = whole.rstrip("0")
    zeros = len(whole) - len(few)
    return f"{few}{_ZEROS}{zeros}" if few and zeros >= _MANY else whole
