"""Lines of the identity rules that a mutation run found unguarded: each name, each limit, each refusal."""

from __future__ import annotations

import pytest

from crawler.dedup.identity import AddressError, canonical_url, is_own_host, key_of
from crawler.models import Source


def source(hosts: tuple[str, ...], *articles: str) -> Source:
    return Source("a", "a", f"https://{hosts[0]}/", hosts, "hexo", articles=articles)


TRACKING = (
    *("spm", "scm", "chksm", "isappinstalled", "share_token", "share_source", "share_medium", "share_from"),
    *("fbclid", "gclid", "msclkid", "yclid", "mc_cid", "mc_eid", "bd_vid", "hmsr", "hmpl", "hmcu", "hmkw", "hmci"),
    *("utm_source", "UTM_Medium", "Spm"),
)
WAYS_OF_SHARING = (
    *("rss", "feed", "share", "app", "timeline", "singlemessage", "groupmessage"),
    *("wechat", "weixin", "wx", "weibo", "qq", "qzone", "WeChat"),
)


@pytest.mark.parametrize("pair", [f"{name}=7" for name in TRACKING] + [f"from={way}" for way in WAYS_OF_SHARING])
def test_what_says_how_the_reader_came_is_dropped(pair: str) -> None:
    assert canonical_url(f"https://a.cn/x?{pair}&id=1") == "https://a.cn/x?id=1"


@pytest.mark.parametrize("pair", ["to=weixin", "channel=app", "utm=1", "spms=1", "from=", "from=weixin2", "scene=21"])
def test_what_looks_like_it_stays(pair: str) -> None:
    assert canonical_url(f"https://a.cn/x?{pair}") == f"https://a.cn/x?{pair}"


def long(length: int, scheme: str = "https") -> str:
    start = f"{scheme}://a.cn/"
    return start + "x" * (length - len(start))


def test_the_longest_address() -> None:
    assert canonical_url(long(2083)) == long(2083)


@pytest.mark.parametrize(
    "url",
    [
        long(2084),
        long(2083, "http"),  # fits as it stands, not as https
        f"https://a.cn/x#{'f' * 2083}",  # only what is dropped makes it long: data, or a trap
        f"https://a.cn/x?spm={'1' * 2083}",
    ],
)
def test_one_character_more_is_too_long(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        canonical_url(url)
    assert (caught.value.reason, str(caught.value)) == ("too-long", "an address of more than 2083 characters")


@pytest.mark.parametrize(
    "host",
    [
        *("a..cn", ".a.cn", "新..cn", "a。。cn"),
        *("[::1].cn", "[fe80::1%25eth0]", "a%2e.cn"),
        f"{'新' * 70}.cn",
        "\u00ad.cn",
    ],
)
def test_what_is_no_host_name_is_malformed(host: str) -> None:
    with pytest.raises(AddressError) as caught:
        canonical_url(f"http://{host}/x")
    assert caught.value.reason == "malformed"


def test_a_refusal_is_a_sentence() -> None:
    with pytest.raises(AddressError) as caught:
        canonical_url("https://user@a.cn/x")
    assert str(caught.value) == "an address with a user name in it"


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://www.a.cn./x", True),
        ("https://A.CN/x", True),
        ("mailto:editor@a.cn", False),
        ("/x", False),
    ],
)
def test_own_host_however_it_is_spelled(url: str, own: bool) -> None:
    assert is_own_host(url, source(("WWW.A.cn",))) is own


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://a.cn/p/12?id=7", "12"),
        ("https://a.cn/p/?id=7", "7"),  # an empty id is none: the next pattern is asked
        ("https://a.cn/p/", ""),
    ],
)
def test_an_id_that_is_empty_is_none(url: str, key: str) -> None:
    assert key_of(url, source(("a.cn",), r"/p/(?P<key>\d*)", r"[?&]id=(?P<key>\d+)")) == key
