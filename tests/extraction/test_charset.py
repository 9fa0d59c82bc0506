"""Bytes to text: every lie about an encoding that a page was seen to tell, and the damage counted."""

from __future__ import annotations

import codecs
import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.charset import Decoded, decode

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

NEWS = (
    "昨日召开的会议指出，今年以来全市经济运行总体平稳，企业订单明显增加，就业形势保持稳定。"
    "记者从有关部门了解到，下一步将继续支持中小企业发展，推动科技创新和产业升级。"
)
RARE = "朱镕为开了一家囍糖铺子，二〇二六年售价三€。"  # 镕 and 囍 are not in GB 2312, € not in GBK
TRADITIONAL = "昨日召開的會議指出，今年以來全市經濟運行總體平穩，企業訂單明顯增加，就業形勢保持穩定。"
JAPANESE = "昨日開かれた会議では、今年に入ってから市の経済は安定しており、企業の受注も増えていると説明された。"
KOREAN = "어제 열린 회의에서는 올해 들어 시의 경제가 안정되어 있으며 기업의 주문도 크게 늘었다고 설명했다."
FRENCH = "Réunis hier soir, les élus ont expliqué que l’économie était restée stable depuis l’été – à 3 € près."
RUSSIAN = "Вчера на заседании сообщили, что экономика города с начала года в целом стабильна."

LABELS = (
    "",
    "utf-8",
    "gbk",
    "gb2312",
    "GB18030",
    "iso-8859-1",
    "big5",
    "shift_jis",
    "euc-kr",
    "windows-1252",
    "nonsense",
)
TRUTHS = [
    pytest.param(text, codec, id=f"{name}-{codec}")
    for name, text, codecs_ in (
        ("news", NEWS, ("utf-8", "gb18030", "gbk")),
        ("rare", RARE, ("utf-8", "gb18030")),
        ("traditional", TRADITIONAL, ("utf-8", "big5", "gbk")),
        ("japanese", JAPANESE, ("utf-8", "shift_jis", "euc_jp")),
        ("korean", KOREAN, ("utf-8", "euc_kr")),
        ("french", FRENCH, ("utf-8", "cp1252")),
    )
    for codec in codecs_
]


def page(text: str, meta: str = "", padding: int = 0) -> str:
    declaration = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    script = "<script>var a = 1;</script>" * (padding // 27)
    return f"<html><head>{script}{declaration}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("text", "codec"), TRUTHS)
def test_the_header_may_lie(text: str, codec: str, label: str) -> None:
    decoded = decode(page(text).encode(codec), label)
    assert (decoded.text, decoded.damaged) == (page(text), 0)


@pytest.mark.parametrize("padding", [0, 9_000])
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("text", "codec"), TRUTHS)
def test_the_meta_may_lie(text: str, codec: str, label: str, padding: int) -> None:
    decoded = decode(page(text, label, padding).encode(codec), "ISO-8859-1")
    assert (decoded.text, decoded.damaged) == (page(text, label, padding), 0)


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        # a byte order mark is believed before anything else
        (codecs.BOM_UTF8 + page(NEWS, "gbk").encode(), "gbk", Decoded(page(NEWS, "gbk"), "utf-8", "bom", 0)),
        (codecs.BOM_UTF8 * 2 + NEWS.encode(), "", Decoded(NEWS, "utf-8", "bom", 0)),
        (codecs.BOM_UTF8 + NEWS.encode("gbk"), "gbk", Decoded(NEWS, "gb18030", "header", 0)),  # a left-over mark
        (codecs.BOM_UTF16_LE + NEWS.encode("utf-16-le"), "utf-8", Decoded(NEWS, "utf-16-le", "bom", 0)),
        (codecs.BOM_UTF16_BE + NEWS.encode("utf-16-be"), "", Decoded(NEWS, "utf-16-be", "bom", 0)),
        (codecs.BOM_UTF32_LE + NEWS.encode("utf-32-le"), "", Decoded(NEWS, "utf-32-le", "bom", 0)),
        (codecs.BOM_UTF32_BE + NEWS.encode("utf-32-be"), "", Decoded(NEWS, "utf-32-be", "bom", 0)),
        # UTF-16 without a mark
        (page(NEWS).encode("utf-16-le"), "", Decoded(page(NEWS), "utf-16-le", "guess", 0)),
        (page(NEWS).encode("utf-16-be"), "utf-16be", Decoded(page(NEWS), "utf-16-be", "header", 0)),
        # valid UTF-8 wins over every declaration
        (page(NEWS, "gb2312").encode(), "gbk", Decoded(page(NEWS, "gb2312"), "utf-8", "utf-8", 0)),
        # the declaration, by the most trusted place
        (NEWS.encode("gbk"), "GB2312", Decoded(NEWS, "gb18030", "header", 0)),
        (NEWS.encode("gbk"), ' "gbk" ', Decoded(NEWS, "gb18030", "header", 0)),
        (page(NEWS, "gbk").encode("gbk"), "", Decoded(page(NEWS, "gbk"), "gb18030", "meta", 0)),
        (page(NEWS, "gbk").encode("gbk"), "latin1", Decoded(page(NEWS, "gbk"), "gb18030", "meta", 0)),
        (
            page(RUSSIAN, "windows-1251").encode("cp1251"),
            "iso-8859-1",
            Decoded(page(RUSSIAN, "windows-1251"), "cp1251", "meta", 0),
        ),
        (page(RUSSIAN).encode("koi8-r"), "koi8-r", Decoded(page(RUSSIAN), "koi8-r", "header", 0)),
        (
            f'<?xml version="1.0" encoding="GBK"?><rss>{NEWS}</rss>'.encode("gbk"),
            "",
            Decoded(f'<?xml version="1.0" encoding="GBK"?><rss>{NEWS}</rss>', "gb18030", "meta", 0),
        ),
        (
            f"<META CHARSET=GBK>{NEWS}".encode("gbk"),
            "",
            Decoded(f"<META CHARSET=GBK>{NEWS}", "gb18030", "meta", 0),
        ),
        # what is no declaration
        (
            f'<!-- <meta charset="big5"> --><script charset="big5"></script>{NEWS}'.encode("gbk"),
            "",
            Decoded(f'<!-- <meta charset="big5"> --><script charset="big5"></script>{NEWS}', "gb18030", "guess", 0),
        ),
        # Windows' GBK has the euro sign in one byte
        (b"<p>100\x80</p>" + NEWS.encode("gbk"), "gbk", Decoded(f"<p>100€</p>{NEWS}", "gb18030", "header", 0)),
        (JAPANESE.encode("iso2022_jp"), "iso-2022-jp", Decoded(JAPANESE, "iso2022_jp", "header", 0)),
        # other scripts are guessed where nothing is declared
        (page(RUSSIAN * 3).encode("cp1251"), "", Decoded(page(RUSSIAN * 3), "cp1251", "guess", 0)),
        # ASCII is ASCII, whatever is declared
        (b"plain", "gbk", Decoded("plain", "ascii", "utf-8", 0)),
        (b"", "", Decoded("", "ascii", "utf-8", 0)),
        # a page must not choose a Python codec
        (b"cGxhaW4=", "base64", Decoded("cGxhaW4=", "ascii", "utf-8", 0)),
        (b"+ADw-script+AD4-", "utf-7", Decoded("+ADw-script+AD4-", "ascii", "utf-8", 0)),
    ],
)
def test_how_it_was_found(body: bytes, header: str, expected: Decoded) -> None:
    assert decode(body, header) == expected


@pytest.mark.parametrize("declared", ["", "utf-8", "gbk", "gb2312"])
@pytest.mark.parametrize(
    ("body", "text", "damaged"),
    [
        (NEWS.encode()[:-1], NEWS[:-1] + "\ufffd", 1),  # cut inside a character
        (NEWS.encode()[:-2], NEWS[:-1] + "\ufffd", 1),
        ("中国".encode()[:-1], "中\ufffd", 1),
        (NEWS.encode().replace("今".encode(), b"\xff"), NEWS.replace("今", "\ufffd"), 1),
        (NEWS.encode() + b"\xfe\xff" + NEWS.encode(), f"{NEWS}\ufffd\ufffd{NEWS}", 2),
        (NEWS.encode() + "损\ufffd坏".encode(), f"{NEWS}损\ufffd坏", 0),  # it stood on the page
        (NEWS.encode() + "损\ufffd坏".encode() + b"\xff", f"{NEWS}损\ufffd坏\ufffd", 1),
        (NEWS.encode() * 9 + "外来".encode("gbk"), f"{NEWS * 9}\ufffd\ufffd\ufffd\ufffd", 4),  # a foreign part
    ],
)
def test_damaged_utf8_stays_utf8(body: bytes, text: str, damaged: int, declared: str) -> None:
    assert decode(body, declared) == Decoded(text, "utf-8", "utf-8", damaged)


@pytest.mark.parametrize("declared", ["", "utf-8", "gbk", "iso-8859-1"])
@pytest.mark.parametrize(
    ("body", "text", "damaged"),
    [
        (NEWS.encode("gbk")[:-1], NEWS[:-1] + "\ufffd", 1),
        (NEWS.encode("gbk") + b"\xff<br>" + NEWS.encode("gbk"), f"{NEWS}\ufffd<br>{NEWS}", 1),
        (NEWS.encode("gbk") + b"\xaa\xa1", f"{NEWS}\ue000", 1),  # a character of somebody's own font
    ],
)
def test_damaged_gbk_stays_gbk(body: bytes, text: str, damaged: int, declared: str) -> None:
    decoded = decode(body, declared)
    assert (decoded.text, decoded.encoding, decoded.damaged) == (text, "gb18030", damaged)


def test_bytes_that_are_no_text_are_damaged() -> None:
    assert decode(bytes(range(256)) * 20).damaged > 50


@given(st.binary(max_size=300), st.sampled_from(LABELS))
def test_never_an_exception(body: bytes, label: str) -> None:
    assert isinstance(decode(body, label).text, str)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), min_size=1), st.sampled_from(LABELS))
def test_utf8_is_always_right(text: str, label: str) -> None:
    assert (decode(text.encode(), label).text, decode(text.encode(), label).damaged) == (text, 0)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (page(NEWS * 400, "gbk").encode("gbk"), 0.05),  # 60 kB; measured at 0.0006
        (page(NEWS * 260).encode(), 0.05),  # measured at 0.00005
        (b"<meta " * 100_000 + b"\xff", 2.0),
        (b"<!--" * 100_000 + b"-->\xff", 2.0),
        (b"\x80" * 1_000_000, 2.0),
        (b"\xef\xbb\xbf" * 300_000, 2.0),
    ],
    ids=["gbk page", "utf-8 page", "metas", "comments", "0x80", "marks"],
)
def test_is_quick(body: bytes, seconds: float) -> None:
    start = time.process_time()
    decode(body)
    assert time.process_time() - start < seconds


REAL = sorted((SHARED / "eval" / "pages" / "zh").glob("*.html.gz"))


@pytest.mark.skipif(not REAL, reason="the recorded pages in shared/ are not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_pages_in_gbk_under_every_label(path: Path) -> None:
    text = gzip.decompress(path.read_bytes()).decode()
    icons = sum("\ue000" <= character <= "\uf8ff" for character in text)
    for label in ("", "utf-8", "iso-8859-1", "big5", "gb2312"):
        decoded = decode(text.encode("gb18030"), label)
        assert (decoded.text, decoded.damaged) == (text, icons)
