"""Text of whole pages, whatever bytes it came in: right, or held back as damaged, never mojibake in a document."""

from __future__ import annotations

import time
import unicodedata
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import article_page, text_of

from crawler.extraction.page import extract
from crawler.extraction.text import TITLE_LIMIT, clean_title, fold
from crawler.formats import Context, render
from crawler.models import STYLES, Article, Extraction, Page, Source

from .dated_pages import NOW

URL = "https://news.example/a/7.html"
SOURCE = Source(
    "news", "示例网", "https://news.example/", ("news.example",), "archive", body=("div.text",), headline=("h1",)
)
TITLE = "朱镕开囍糖铺"
RARE = "铺子在〇七号，二〇二六年全年售出三万盒，每盒售价三€，比上一年多了一半。"
TRADITIONAL = "昨日召開的會議指出，今年以來全市經濟運行總體平穩，企業訂單明顯增加，就業形勢保持穩定。"
JAPANESE = "昨日開かれた会議では、今年に入ってから市の経済は安定しており、企業の受注も増えていると説明された。"
KOREAN = "어제 열린 회의에서는 올해 들어 시의 경제가 안정되어 있으며 기업의 주문도 크게 늘었다고 설명했다."
FRENCH = "Réunis hier soir, les élus ont expliqué que l’économie était restée stable depuis l’été, à 3 € près."


def read(body: bytes, charset: str = "") -> Extraction:
    return extract(Page(URL, body, NOW, charset, "text/html"), SOURCE)


# Row, text, codec of the bytes, charset of the header, of the meta, bytes before it.
ENCODED = {
    "C1-GBK-called-utf-8": (RARE, "gb18030", "utf-8", "utf-8", 0),
    "C1-GBK-called-gb2312": (RARE, "gb18030", "", "gb2312", 0),
    "C1-GBK-called-latin": (RARE, "gb18030", "iso-8859-1", "", 0),
    "C1-GBK-called-nothing": (RARE, "gb18030", "", "", 0),
    "C1-GBK-told-behind-5000-bytes": (RARE, "gb18030", "iso-8859-1", "gbk", 6_000),
    "C2-UTF-8-called-gbk": (RARE, "utf-8", "gbk", "gbk", 0),
    "C2-UTF-8-called-latin": (RARE, "utf-8", "iso-8859-1", "windows-1252", 0),
    "C3-Big5": (TRADITIONAL, "big5", "", "big5", 0),
    "C3-Shift-JIS": (JAPANESE, "shift_jis", "shift_jis", "", 0),
    "C3-EUC-KR": (KOREAN, "euc_kr", "", "euc-kr", 0),
    "C3-windows-1252": (FRENCH, "cp1252", "iso-8859-1", "", 0),
    "C3-UTF-16-with-a-mark": (RARE, "utf-16", "utf-8", "", 0),
    "C3-UTF-16-without": (RARE, "utf-16-le", "", "", 0),
}


@pytest.mark.parametrize("name", ENCODED)
def test_encoding(name: str) -> None:
    text, codec, header, meta, padding = ENCODED[name]
    title = TITLE if text == RARE else text[:12].strip()
    lines = (
        [text, text]
        if codec not in ("utf-8", "gb18030") and not codec.startswith("utf-16")
        else [text, text_of("7")[0]]
    )
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    filler = "<script>var a = 1;</script>" * (padding // 27)
    plain = (
        f"<!DOCTYPE html><html><head>{filler}{declared}<title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='text'>{''.join(f'<p>{number} {line}</p>' for number, line in enumerate(lines))}</div></body></html>"
    )
    found = read(plain.encode(codec), header)
    assert (found.problem, found.title) == ("", title)
    assert found.text.split("\n") == [f"{number} {line}" for number, line in enumerate(lines)]


DAMAGED = {
    "C3-no-text-at-all": bytes(range(128, 256)) * 40,
    "C4-every-tenth-character-is-broken": article_page("7").replace("的".encode(), b"\xff"),
    "C4-private-characters": article_page("7").decode().encode("gbk").replace("的".encode("gbk"), b"\xaa\xa1"),
    "C4-two-encodings-in-one-page": article_page("7").replace(
        b"</div>", "<p>外来的一段话</p></div>".encode("gbk") * 3, 2
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_held_back(name: str) -> None:
    body = DAMAGED[name] if b"<html" in DAMAGED[name] else b"<html><body><h1>x</h1><div class='text'>" + DAMAGED[name]
    assert read(body).problem != ""


@pytest.mark.parametrize("name", ["C4-cut-in-a-character"])
def test_one_lost_character_in_a_long_page_is_no_damage(name: str) -> None:
    body = article_page("7", text=[*text_of("7") * 20, "最后一段的末尾"]).replace("末尾".encode(), "末尾".encode()[:-1])
    assert read(body).problem == ""


@pytest.mark.parametrize("name", ["锟斤拷锟斤拷烫烫烫", "Ã©lus rÃ©unis cafÃ©", "涓枃鏂伴椈鎶ラ亾"])
def test_C5_what_the_site_itself_has_spoilt_is_not_repaired_by_guessing(name: str) -> None:
    found = read(article_page("7", text=[*text_of("7") * 3, f"原文如此：{name}。"]))
    assert found.problem != "" or f"原文如此：{name}。" in found.text


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_C6_C7_C8_C9_no_document_holds_what_is_not_seen(text: str) -> None:
    """Every character of Unicode, half surrogates too, in title and text, by way of a whole page."""
    shown = escape(text)
    body = article_page("7").decode().replace("提前完成", f"提前{shown}完成").replace("负责人", f"负责人{shown}")
    found = read(body.encode("utf-8", "xmlcharrefreplace"), "utf-8")
    article = Article("news", "7", URL, found.title, found.html, found.text, NOW)
    context = Context(source_title="示例网", category="资讯", aggregates=True, zone="Asia/Shanghai")
    for style in STYLES:
        document = render(article, style, context).decode("utf-8", "strict")
        unseen = {f"{ord(one):04X}" for one in document if unicodedata.category(one) in ("Cc", "Cs") and one != "\n"}
        marks = {f"{ord(one):04X}" for one in document if 0x202A <= ord(one) <= 0x202E or 0x2066 <= ord(one) <= 0x2069}
        assert (unseen, marks, "\u2028" in document, "\ufffe" in document) == (set(), set(), False, False)


TITLES = {
    "C6-escape-sequence": ("\x1b[31m红\x1b[0m灯\x07", "[31m红[0m灯"),
    "C6-reference-to-a-control": ("红&#x1F;灯&#7;", "红灯"),
    "C7-every-kind-of-blank": ("红\u3000灯\u00a0亮\u2028了\u0085吗\r好\t", "红 灯 亮 了 吗 好"),
    "C8-direction-override": ("报告\u202egpj.exe\u202c", "报告gpj.exe"),
    "C8-isolates-and-zero-width": ("\u2066红\u2069\u200b灯\ufeff\u00ad", "红灯"),
    "C8-joined-emoji": ("一家 👨\u200d👩\u200d👧 人", "一家 👨\u200d👩\u200d👧 人"),
    "C9-composed": ("Cafe\u0301", "Café"),
    "C9-full-width-stays": ("ＡＢＣ，１２３", "ＡＢＣ，１２３"),
    "C11-emoji-with-modifier": ("👍🏽好", "👍🏽好"),
    "C11-astral": ("𠮷野家𪚥", "𠮷野家𪚥"),
}


@pytest.mark.parametrize("name", TITLES)
def test_title(name: str) -> None:
    raw, expected = TITLES[name]
    assert clean_title(raw) == expected


def test_C9_folding_is_for_comparing_only() -> None:
    assert fold("ＡＢＣ１２３") == fold("abc123")
    assert clean_title("ＡＢＣ１２３") == "ＡＢＣ１２３"


def test_C10_C11_title_of_a_megabyte_is_cut_between_characters() -> None:
    title = clean_title("囍👨\u200d👩\u200d👧" * 200_000)
    assert 0 < len(title) <= TITLE_LIMIT
    assert not title.rstrip("…").endswith("\u200d")


@pytest.mark.parametrize("title", ["", "！！！——", "   "])
def test_C10_page_without_a_title_gets_none_that_is_not_its_own(title: str) -> None:
    found = read(article_page("7").replace("第7号工程提前完成年度目标".encode(), title.encode()))
    assert found.title in ("", title.strip(), text_of("7")[0], text_of("7")[0].split("，")[0])


LONG = {
    "X4-one-node-of-ten-million-characters": "<p>" + RARE * (10**7 // len(RARE)) + "</p>",
    "X4-ten-million-characters-in-many-nodes": ("<p>" + RARE * 20 + "</p>") * (10**7 // len(RARE) // 20),
    "X4-one-word-of-ten-million-letters": "x" * 10**7,
}


@pytest.mark.parametrize("name", LONG)
def test_text_without_measure_is_told_within_seconds(name: str) -> None:
    start = time.process_time()
    told = read(
        f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div class='text'>{LONG[name]}".encode()
    )
    assert (told.problem, told.text) == ("too-complex", "")
    assert "characters of text; 2000000 are read at most" in told.detail
    assert time.process_time() - start < 3


def test_X4_long_scripts_are_no_text() -> None:
    page = article_page("7").replace(b"</body>", b"<script>var a = '" + b"x" * 3_000_000 + b"'</script></body>")
    assert (read(page).problem, read(page).text) == ("", "\n".join(text_of("7")))
