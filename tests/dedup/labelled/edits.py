"""What happens to a text on its way to another site, as plain functions: text and a random source in, text out.

They change words, never the facts. The furniture (datelines, notes, site lines, advertisements) is given by the caller,
so that two sets of pairs can have nothing in common but these functions.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple


class Furniture(NamedTuple):
    datelines: tuple[str, ...]
    bylines: tuple[str, ...]
    notes: tuple[str, ...]
    before: tuple[str, ...]
    behind: tuple[str, ...]
    advertisements: tuple[str, ...]


def paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n\n") if line]


def joined(lines: list[str]) -> str:
    return "\n\n".join(lines)


# --- other lines around the text ---------------------------------------------


def dateline(text: str, things: Furniture, chance: Random) -> str:
    return chance.choice(things.datelines) + text + "\n\n" + chance.choice(things.bylines)


def editors_note(text: str, things: Furniture, chance: Random) -> str:
    return chance.choice(things.notes) + "\n\n" + text


def boilerplate(text: str, things: Furniture, chance: Random) -> str:
    """Site lines before and behind: never longer than the text itself, as an extractor leaves some, not a page of them."""
    lines = [chance.choice(things.before), text, *chance.sample(things.behind, 2)]
    while len(lines) > 2 and sum(map(len, lines)) > 1.6 * len(text):
        lines.pop()
    return joined(lines)


def advertisements(text: str, things: Furniture, chance: Random) -> str:
    lines = paragraphs(text)
    for advertisement in chance.sample(things.advertisements, 2):
        lines.insert(chance.randrange(1, len(lines) + 1), advertisement)
    return joined(lines)


# --- less of it ----------------------------------------------------------------


def paragraphs_dropped(text: str, chance: Random) -> str:
    """At least seven tenths stay."""
    lines = paragraphs(text)
    for index in chance.sample(range(len(lines)), len(lines)):
        without = lines[:index] + lines[index + 1 :]
        if len(joined(without)) >= 0.7 * len(text):
            return joined(without)
    raise ValueError("no paragraph is small enough to be dropped")


def first_half(text: str, chance: Random) -> str:
    """Whole paragraphs from the top, to about half."""
    kept: list[str] = []
    share = chance.uniform(0.42, 0.5)
    for line in paragraphs(text):
        kept.append(line)
        if len(joined(kept)) >= share * len(text):
            break
    return joined(kept)


def excerpt(text: str, chance: Random, least: int) -> str:
    """Neighbouring paragraphs, half the time from the top, no more than needed for ``least`` characters."""
    lines = paragraphs(text)
    start = chance.choice((0, chance.randrange(max(1, len(lines) - 2))))
    kept = []
    for line in lines[start:]:
        kept.append(line)
        if len(joined(kept)) >= least:
            break
    return joined(kept)


def cut_off(text: str, chance: Random) -> str:
    """The first characters and an ellipsis, as teasers do: three to six tenths."""
    return text[: int(len(text) * chance.uniform(0.3, 0.6))] + "……"


# --- other signs ---------------------------------------------------------------


def paragraphs_merged(text: str, chance: Random) -> str:
    lines = paragraphs(text)
    merged = [lines[0]]
    for line in lines[1:]:
        if chance.random() < 0.6:
            merged[-1] += line
        else:
            merged.append(line)
    return joined(merged)


_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_HALF_WIDTH = str.maketrans("，。：；！？（）％“”", ',.:;!?()%""')


def full_width(text: str) -> str:
    """Figures and Latin letters full width."""
    return "".join(chr(_FULL_WIDTH[ord(sign)]) if sign.isascii() and sign.isalnum() else sign for sign in text)


def half_width(text: str) -> str:
    return text.translate(_HALF_WIDTH)


_OTHER_MARKS = str.maketrans({"“": "「", "”": "」", "：": ":", "；": "，", "、": "，", "！": "。", "—": "－"})


def other_punctuation(text: str, chance: Random) -> str:
    """Other quotation marks, commas for semicolons, spaces at the head of paragraphs and between script and figures."""
    spaced = re.sub(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff])", " ", text.translate(_OTHER_MARKS))
    return joined(["\u3000\u3000" + line if chance.random() < 0.8 else line for line in paragraphs(spaced)])


def html_residue(text: str, chance: Random) -> str:
    """Entities, a soft hyphen, an empty tag, a zero-width space: what a poor extractor leaves."""
    lines = [line.replace("“", "&ldquo;").replace("”", "&rdquo;") for line in paragraphs(text)]
    lines = [
        chance.choice(["&nbsp;&nbsp;{}", "{}<br/>", "<p>{}</p>", "{}\u200b", "<span>{}", "{}\xad"]).format(line)
        for line in lines
    ]
    return joined(lines)


# --- other script ----------------------------------------------------------------


@cache
def _signs() -> dict[str, str]:
    """Simplified to traditional for the characters of our own articles, one for one."""
    simple, traditional = Path(__file__).with_name("traditional.txt").read_text("utf-8").split()
    return dict(zip(simple, traditional, strict=True))


# Words that a one-for-one conversion gets wrong, or that are others in Taiwan.
_RIGHTED = "頭發 頭髮,理發 理髮,白發 白髮,公裡 公里,裡程 里程,鐘表 鐘錶,手表 手錶,幾只 幾隻"
_TAIWANESE = (
    "軟件 軟體,網絡 網路,信息 資訊,視頻 影片,數據 資料,質量 品質,出租車 計程車,人工智能 人工智慧,激光 雷射,短信 簡訊,服務器 伺服器,默認 預設,"
    "志願者 志工,公交 公車,地鐵 捷運,摩托車 機車,幼兒園 幼稚園,土豆 馬鈴薯,西紅柿 番茄,打印 列印,程序 程式,屏幕 螢幕,充電樁 充電站,早點 早餐,"
    "塑料 塑膠,水平 水準,納米 奈米,芯片 晶片,硅 矽,導彈 飛彈,航天 航太,宇航員 太空人,渠道 管道,通過 透過,反饋 回饋,高考 大學聯考"
)


def traditional(text: str) -> str:
    signs = _signs()
    text = "".join(signs.get(sign, sign) for sign in text)
    return _replaced(text, _RIGHTED)


def taiwanese(text: str) -> str:
    """Traditional, in the words and marks of Taiwan."""
    return _replaced(traditional(text), _TAIWANESE).translate(str.maketrans("“”‘’", "「」『』"))


def _replaced(text: str, words: str) -> str:
    for word in words.split(","):
        old, new = word.split()
        text = text.replace(old, new)
    return text


# --- English -----------------------------------------------------------------


def english_marks(text: str) -> str:
    """Typewriter quotes to printed ones, dashes without spaces, per cent in two words."""
    text = re.sub(r'"([^"]*)"', r"“\1”", text.replace("'", "’"))
    return text.replace(" — ", "—").replace("percent", "per cent")
