"""JSON lists, in the wrappings in which the sites send them, and what they send instead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.discovery import api
from crawler.errors import ListError
from crawler.models import Page


def page(body: str | bytes) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page("https://api.example.cn/list", raw, datetime(2026, 8, 3, tzinfo=UTC))


ROWS = '{"code": 1, "message": "success", "data": {"list": [{"title": "甲"}]}}'
VALUE = {"code": 1, "message": "success", "data": {"list": [{"title": "甲"}]}}


@pytest.mark.parametrize(
    "body",
    [
        ROWS,
        b"\xef\xbb\xbf" + ROWS.encode(),
        "\n\n  " + ROWS + "\n",
        ROWS.encode("gb18030"),
        " " * 1_000_000 + ROWS,
        f"({ROWS})",
        f"callback({ROWS})",
        f"jQuery18305_1690000000({ROWS});",
        f"/**/ cb({ROWS});",
        f"typeof_cb && typeof_cb({ROWS});",
        f"var ajaxResult={ROWS}",
        f"var ajaxResult = {ROWS};",
        f"window.result = {ROWS};\n",
    ],
)
def test_wrappings(body: str | bytes) -> None:
    assert api.load(page(body)) == VALUE


def test_an_array() -> None:
    assert api.load(page('var datelist=["20260617","20260618"];')) == ["20260617", "20260618"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "answered with nothing, not JSON"),
        ("<!DOCTYPE html><html><body>{请稍候}</body></html>", "answered with a page, not JSON"),
        ("<script>var x={};</script>", "answered with a page, not JSON"),
        ("Bad Gateway", "answered with text, not JSON"),
        ("x" * 1_000_000, "answered with text, not JSON"),
        (b"%PDF-1.7 {", "answered with a PDF, not JSON"),
        (ROWS[:-10], "damaged or cut off"),
        ('{"a": 1} and {"b": 2}', "answered with a script"),
        ("[" * 100_000, "damaged or cut off"),
        ('{"code":0,"message":"Required parameter \'trace\' is not present"}', "refused: Required parameter"),
        ('{"code":500,"msg":"服务异常","data":{}}', "refused: 服务异常"),
        ('{"status":-1,"message":"频率过高","data":[]}', "refused: 频率过高"),
        ('{"error":{"message":"no such column","code":7}}', "refused: no such column"),
    ],
)
def test_refused_with_a_reason(body: str | bytes, reason: str) -> None:
    with pytest.raises(ListError, match=r".") as caught:
        api.load(page(body))
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        '{"code": 0, "message": "ok", "data": []}',
        '{"code": 200, "msg": "暂无数据", "data": {"list": []}}',
        '{"message": "", "items": []}',
        "[]",
        "{}",
    ],
)
def test_an_empty_list_is_no_error(body: str) -> None:
    api.load(page(body))


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        (VALUE, "data.list", [{"title": "甲"}]),
        ([1, 2], "", [1, 2]),
        ({"result": {"a.b": 1, "rows": []}}, "result.rows", []),
    ],
)
def test_dig(value: Any, path: str, expected: list[Any]) -> None:
    assert api.dig(value, path) == expected


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        (VALUE, "data.rows", "no data.rows (there is: list)"),
        (VALUE, "result.list", "no result (there is: code, message, data)"),
        ({"data": None}, "data.list", "no data.list (there is: null)"),
        ({"data": {"list": None}}, "data.list", "no list at data.list (there is: null)"),
        ({"data": {}}, "data.list", "no data.list (there is: nothing)"),
        ({"data": []}, "data.list", "no data.list (there is: a list)"),
        (7, "", "no list at its top (there is: a number)"),
    ],
)
def test_dig_names_what_is_missing(value: Any, path: str, reason: str) -> None:
    with pytest.raises(ListError) as caught:
        api.dig(value, path)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"code": "202609283884561151"}, "202609283884561151"),
        ({"code": 202609283884561151}, "202609283884561151"),
        ({"code": " 甲\n乙\u200b "}, "甲 乙"),
        ({"code": None}, ""),
        ({"code": True}, ""),
        ({"code": ["x"]}, ""),
        ({}, ""),
        (None, ""),
        (["code"], ""),
    ],
)
def test_text_of(row: Any, expected: str) -> None:
    assert api.text_of(row, "code") == expected
