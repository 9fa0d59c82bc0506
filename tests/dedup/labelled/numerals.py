"""Numbers of a Chinese text written the other way: 12000 and 一万二千, 30% and 三成, 11月 and 十一月."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")


def spelled(number: int) -> str:
    """A whole number below 10**12 in characters."""
    if number == 0:
        return "零"
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            continue
        if words and group < 1000:
            words += "零"
        words += _group(group) + ("", "万", "亿")[place]
    return words[1:] if words.startswith("一十") else words


def _group(group: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words


def _decimal(figures: str) -> str:
    whole, _, rest = figures.partition(".")
    return spelled(int(whole)) + ("点" + "".join(_DIGITS[int(digit)] for digit in rest) if rest else "")


def in_characters(text: str) -> str:
    """Figures that stand alone become characters; times, codes and long decimals stay."""
    text = re.sub(r"(?<![\d.])(\d{4})年", lambda m: "".join("〇一二三四五六七八九"[int(d)] for d in m[1]) + "年", text)
    text = re.sub(r"(?<![\d.:-])([1-9])0%", lambda m: _DIGITS[int(m[1])] + "成", text)
    text = re.sub(r"(?<![\d.,:-])(\d{1,3}(?:\.\d{1,2})?)%", lambda m: "百分之" + _decimal(m[1]), text)
    return re.sub(r"(?<![\w.,:/-])(\d{1,8})(?![\d.,:/%a-zA-Z-])", lambda m: spelled(int(m[1])), text)


_WORDS = re.compile(r"[一二两三四五六七八九十][零一二两三四五六七八九十百千万亿]+")
_VALUES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def value(words: str) -> int | None:
    """The number, or None where it is not written as numbers are."""
    total = section = digit = 0
    for sign in words:
        if sign in _VALUES:
            digit = _VALUES[sign]
        elif sign in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
        elif sign == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        else:
            total = (total + section + digit) * 10**8
            section = digit = 0
    number = total + section + digit
    return number if number < 10**12 and spelled(number) == words.replace("两", "二") else None


def in_figures(text: str) -> str:
    """Numbers in characters become figures where they are plain: at least two characters, written in full."""
    text = re.sub(
        r"([一二三四五六七八九])成(?![为了本功立绩员果长都一二三四五六七八九])", lambda m: f"{_VALUES[m[1]]}0%", text
    )
    text = re.sub(
        r"百分之([一二三四五六七八九十百]+)(?![点零])",
        lambda m: m[0] if (number := _small(m[1])) is None else f"{number}%",
        text,
    )
    return _WORDS.sub(_figure, text)


def _small(words: str) -> int | None:
    return _VALUES[words] if words in _VALUES else value(words)


def _figure(match: re.Match[str]) -> str:
    words = match[0]
    number = value(words)
    if number is None:
        return words
    if number >= 10**8 and number % 10**6 == 0:
        return f"{number / 10**8:g}亿"
    if number >= 10**5 and number % 1000 == 0:
        return f"{number / 10**4:g}万"
    return str(number)
