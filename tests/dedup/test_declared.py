"""Who names whom as the original."""

from __future__ import annotations

import pytest

from crawler.dedup.declared import Told, declares, outlet_name

ORIGINAL = Told("paper", "河阳日报", "", "")


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (Told("portal", "青川网", "河阳日报", ""), True),
        (Told("portal", "青川网", "河阳日报客户端", ""), True),
        (Told("portal", "青川网", "河阳晚报", ""), False),
        (Told("portal", "青川网", "", ""), False),
        (Told("portal", "青川网", "青川网", ""), False),
        (Told("paper", "河阳日报", "河阳日报", ""), False),
        (Told("portal", "青川网", "", "https://paper.test/1"), True),
        (Told("portal", "青川网", "河阳日报", "https://paper.test/2"), False),
    ],
)
def test_a_declaration_is_an_address_or_else_a_medium(copy: Told, expected: bool) -> None:
    assert declares(copy, ORIGINAL, by_address=copy.original_url == "https://paper.test/1") is expected


def test_a_page_that_names_another_medium_is_not_the_original() -> None:
    reprint = Told("paper", "河阳日报", "青川晚报", "")
    assert not declares(Told("portal", "青川网", "河阳日报", ""), reprint, by_address=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("证券日报网", "证券日报"), ("《证券日报》", "证券日报"), ("经济参考网", "经济参考"), ("网", "网"), ("", "")],
)
def test_an_outlet_is_one_in_all_its_editions(name: str, expected: str) -> None:
    assert outlet_name(name) == expected
