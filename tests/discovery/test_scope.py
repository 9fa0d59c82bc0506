"""What may be fetched as an article of a source, and under which address."""

from __future__ import annotations

import pytest

from crawler.discovery.scope import Admission, admit
from crawler.models import Source

SOURCE = Source(
    name="zqrb",
    title="证券日报",
    home="http://www.zqrb.cn/",
    hosts=("www.zqrb.cn",),
    style="jekyll",
    articles=(r"/\d{4}-\d\d-\d\d/(?P<key>A\d{13})\.html$",),
)
KEY = "A1785740390222"
PATH = f"/stock/redian/2026-08-03/{KEY}.html"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"http://www.zqrb.cn{PATH}", f"http://www.zqrb.cn{PATH}"),  # the scheme the site knows stays
        (f"https://zqrb.cn{PATH}", f"https://zqrb.cn{PATH}"),
        (f"http://www.zqrb.cn{PATH}#comments", f"http://www.zqrb.cn{PATH}"),
        (f"  http://www.zqrb.cn/stock/\n  redian/2026-08-03/{KEY}.html\t", f"http://www.zqrb.cn{PATH}"),
        (f"//www.zqrb.cn{PATH}", f"http://www.zqrb.cn{PATH}"),
        (PATH, f"http://www.zqrb.cn{PATH}"),
        (f"http://www.zqrb.cn{PATH}?b=1&a=甲", f"http://www.zqrb.cn{PATH}?b=1&a=%E7%94%B2"),
    ],
)
def test_admitted(url: str, address: str) -> None:
    assert admit(url, SOURCE) == Admission(KEY, address, "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", Admission("", "", "malformed")),
        ("   ", Admission("", "", "malformed")),
        ("http://[::1/x", Admission("", "", "malformed")),
        (f"http://a.cn\\@www.zqrb.cn{PATH}", Admission("", "", "malformed")),
        (f"http://www.zqrb.cn/\x00{PATH}", Admission("", "", "malformed")),
        ("javascript:void(0)", Admission("", "", "scheme")),
        ("mailto:desk@zqrb.cn", Admission("", "", "scheme")),
        ("file:///etc/hostname", Admission("", "", "scheme")),
        (f"http://www.zqrb.cn@evil.example{PATH}", Admission("", "", "userinfo")),
        (f"http://www.zqrb.cn:0{PATH}", Admission("", "", "port")),
        (f"http://www.zqrb.cn/{'x' * 3000}{PATH}", Admission("", "", "too-long")),
        (f"http://evil.example{PATH}", Admission("", f"http://evil.example{PATH}", "host")),
        (f"http://127.0.0.1{PATH}", Admission("", f"http://127.0.0.1{PATH}", "host")),
        ("#top", Admission("", "http://www.zqrb.cn/", "not-an-article")),
        ("/stock/", Admission("", "http://www.zqrb.cn/stock/", "not-an-article")),
    ],
)
def test_refused(url: str, expected: Admission) -> None:
    assert admit(url, SOURCE) == expected
