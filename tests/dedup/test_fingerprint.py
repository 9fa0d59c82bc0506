"""The fingerprint of a text: what a reader does not see as a change is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.dedup.fingerprint import fingerprint

TEXT = "本报讯（记者 田野）8月3日，两市成交额1.5万亿元，较前一日增长3.2%。\n分析人士表示，ＡＢＣ公司的回购仍在继续。"


@pytest.mark.parametrize(
    "same",
    [
        TEXT.replace("\n", ""),
        TEXT.replace("\n", "\r\n\r\n　　"),
        TEXT.replace("，", ","),
        TEXT.replace("。", ""),
        TEXT.replace("ＡＢＣ", "abc"),
        TEXT.replace("1.5", "１．５"),
        TEXT.replace("（", "【").replace("）", "】"),
        TEXT.replace("记者 田野", "记者\u00a0田\u200b野"),
    ],
)
def test_no_change_for_a_reader(same: str) -> None:
    assert fingerprint(same) == fingerprint(TEXT)


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("8月3日", "8月4日"),
        TEXT.replace("1.5万亿", "15万亿"),
        TEXT.replace("3.2%", "3.3%"),
        TEXT.replace("增长", "下降"),
        TEXT + "完",
        "",
    ],
)
def test_a_change(other: str) -> None:
    assert fingerprint(other) != fingerprint(TEXT)


def test_form_and_version() -> None:
    assert re.fullmatch(r"1:[0-9a-f]{32}", fingerprint(TEXT))
    # Pinned: whoever changes the folding must raise VERSION, or every article becomes a revision.
    assert fingerprint("证券 ABC，1.5%") == "1:2439378580d79437713b8dfd74986def"


_WORDS = st.text(st.sampled_from("市场今日成交增长0123456789ab"), min_size=1, max_size=30)
_NOISE = st.sampled_from(" \t\n\u3000\u00a0\u2002，。；：！“”（）-—…")


@given(_WORDS, st.lists(st.tuples(st.integers(0, 30), _NOISE), max_size=8))
def test_blanks_and_punctuation_do_not_count(words: str, noise: list[tuple[int, str]]) -> None:
    noisy = list(words)
    for place, sign in noise:
        noisy.insert(min(place, len(noisy)), sign)
    assert fingerprint("".join(noisy)) == fingerprint(words)


@given(_WORDS)
def test_width_does_not_count(words: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in words)
    assert fingerprint(wide) == fingerprint(words)


@given(_WORDS, st.integers(0, 29), st.sampled_from("0123456789"))
def test_a_digit_counts(words: str, place: int, digit: str) -> None:
    place %= len(words)
    assume(words[place].isdigit() and words[place] != digit)
    assert fingerprint(words[:place] + digit + words[place + 1 :]) != fingerprint(words)
