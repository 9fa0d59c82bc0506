"""A document's path: safe, bounded, and one for each article."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from invented import article

from crawler.formats import document_path, safe_key
from crawler.models import Moment, Precision

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
KEYS = st.one_of(
    st.text(max_size=200),
    st.text("aAbB01-._", min_size=1, max_size=8),
    st.text("abcdef0123456789-", min_size=15, max_size=24),
    st.sampled_from(
        [
            "CON",
            "nul.txt",
            "com1",
            "lpt9",
            "..",
            ".",
            "/etc/passwd",
            "a/../b",
            "-rf",
            ".git",
            "k",
            "\u212a",
            "é",
            "e\u0301",
        ]
    ),
)


@pytest.mark.parametrize(
    ("key", "case_sensitive", "expected"),
    [
        ("6116434", False, "6116434"),
        ("NW202201052236968971", False, "nw202201052236968971"),
        ("go-139691", False, "go-139691"),
        ("r7GB", True, "r7gb-3"),
        ("KEDG", True, "kedg-f"),
        ("kedg", True, "kedg-0"),
        ("kedg-f", True, "kedg-f-0"),
        ("zhuanlan.A_b", False, "zhuanlan.a_b"),
        ("a b/c", False, "a-b-c-5b2b711a42d27981"),
        ("con", False, "con-c1d864bd0e40e57d"),
        ("新闻", False, "x-8e797fcfef246ed5"),
        ("", False, "x-e4a6a0577479b2b4"),
        ("../../etc/passwd", False, "etc-passwd-e5e710ea784151b5"),
        ("-rf", False, "rf-59d16df881c8005a"),
        (".git", False, "git-b184e98b03ef116d"),
        ("a.", False, "a-a16980d558d9869a"),
        ("a-0123456789abcdef", False, "a-0123456789abcdef-3949e1ef8ddf8380"),
    ],
)
def test_the_name_of_an_id(key: str, case_sensitive: bool, expected: str) -> None:
    assert safe_key(key, case_sensitive=case_sensitive) == expected


@given(KEYS, st.booleans())
def test_a_name_is_safe(key: str, case_sensitive: bool) -> None:
    name = safe_key(key, case_sensitive=case_sensitive)
    assert NAME.fullmatch(name)
    assert len(name) <= 120
    assert not name.endswith(".")
    assert name.partition(".")[0] not in ("con", "prn", "aux", "nul", "com1", "lpt9")


@given(KEYS, KEYS)
@example("KEDG", "kedg-f")
@example("\u212a1", "k1")
@example("a" * 200, "a" * 201)
@example("aB", "Ab")
def test_two_case_sensitive_ids_never_share_a_name(one: str, other: str) -> None:
    assume(one != other)
    assert safe_key(one, case_sensitive=True) != safe_key(other, case_sensitive=True)


@given(KEYS, KEYS)
@example("a b", "a-b")
@example("\u212a1", "k1")
@example("foo!", "foo?")
def test_two_other_ids_share_a_name_only_when_their_capitals_differ(one: str, other: str) -> None:
    def lower(key: str) -> bytes:
        return key.encode("utf-8", "surrogatepass").lower()  # A to Z only

    assume(lower(one) != lower(other))
    assert safe_key(one, case_sensitive=False) != safe_key(other, case_sensitive=False)


@given(KEYS)
def test_a_hashed_name_is_not_the_name_of_another_id(key: str) -> None:
    name = safe_key(key, case_sensitive=False)
    again = safe_key(name, case_sensitive=False)
    assert again == name if name == key.lower() else again != name


BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (Moment(datetime(2026, 10, 13, 0, 30, tzinfo=BEIJING), Precision.MINUTE), "2026/10/2026-10-13-1.md"),
        (Moment(datetime(2026, 1, 2, tzinfo=BEIJING), Precision.DAY), "2026/01/2026-01-02-1.md"),
        (Moment(datetime(2026, 10, 12, 20, 0, tzinfo=UTC), Precision.SECOND), "2026/10/2026-10-12-1.md"),
        (None, "undated/1.md"),
    ],
)
def test_the_path_of_an_article(published: Moment | None, expected: str) -> None:
    path = document_path(article(published=published, key="1"), key_is_case_sensitive=False)
    assert path == f"example/{expected}"


@pytest.mark.parametrize(
    ("source", "folder"),
    [("cs", "cs"), ("www.example.com", "www.example.com"), ("xn--fiqs8s.cn", "xn--fiqs8s.cn")],
)
def test_a_source_or_a_host_is_a_folder(source: str, folder: str) -> None:
    assert document_path(article(source=source), key_is_case_sensitive=False).startswith(f"{folder}/")


@given(st.text(max_size=40), KEYS, st.booleans())
@example(".state", "index.db", False)
@example("..", "..", True)
@example("/etc", "cron.d/x", False)
def test_no_path_leaves_the_output_folder_or_enters_the_state(source: str, key: str, case_sensitive: bool) -> None:
    output = Path("/output")
    path = document_path(article(source=source, key=key), key_is_case_sensitive=case_sensitive)
    whole = (output / path).resolve()
    assert whole.is_relative_to(output)
    assert not path.startswith((".", "/"))
    assert path == path.lower()
    assert path.isascii()
