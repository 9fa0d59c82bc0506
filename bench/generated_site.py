"""A news site that is made up on the spot, for bench/pipeline.py: article pages as real ones are built, and lists.

The same number gives the same bytes. `/l/0-100.html` lists the articles 0 to 99, `/a/N.html` is article N (from 60001
on: the pages of a recording, see --recorded), `/served` tells how many articles were asked for.
Elements, attributes, nesting, links, scripts and their share of the bytes are about those of real Chinese news pages of
this size (medians: 300 elements, 440 attributes, 12 deep, 17 scripts).
Runs as a process of its own, so that its CPU time is nobody's:

    python bench/generated_site.py [--recorded FOLDER]      prints its port on the first line
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = "海风财经网"
RECORDED = 60001  # number of the first page that comes from --recorded
PER_LIST = 100  # articles on one list page
PER_COPY = 1000  # 61001 is 60001 under another address
BODY = 1500  # characters of article text, about
SMALLEST, LARGEST = 20_000, 60_000  # bytes of a page


def words(text: str) -> list[str]:
    return text.split("|")


TIMES = words("昨日|近日|上周|本月初|今年以来|一季度|截至三月末|据悉|报告期内|与去年同期相比|当天下午|在随后的发布会上")
SUBJECTS = words(
    "青岚港务集团|远舟物流|示例市统计局|白鹭新能源|多家中小银行|南屿县农业合作社|云杉半导体|业内分析人士|海风研究院|"
    "两家头部券商|河湾水务|一位不愿具名的经销商|长汀纺织园|北坞轨道交通公司|松果医疗|地方商务部门|新材料产业联盟|几家上市公司"
)
VERBS = words("公布|下调|提前完成|重新评估|上调|披露|推迟|扩大|缩减|签下|否认|核准|公开征求|追加|试行")
OBJECTS = words(
    "全年的出货目标|第二批技改项目的预算|对外投资的边界|港口集装箱的吞吐计划|一项为期三年的回购方案|跨区域的供电协议|"
    "冷链仓库的建设进度|面向小微企业的贷款额度|新一代控制芯片的样品|两条生产线的检修安排|社区养老设施的补贴标准|"
    "粮食收储的指导价格|海上风电的并网时间|境外门店的租约|数据中心的能耗指标|客运线路的调整方案"
)
REASONS = words(
    "原因是原料价格连续回落|主要受假期客流带动|这与此前市场的预期并不一致|管理层把它归因于汇率的变化|背后是下游订单的集中释放|"
    "但现金流仍然偏紧|其中出口部分贡献了一半以上|业绩说明会上有投资者对此提出疑问|相关部门尚未作出回应|该数字为近五年来最高|"
    "同行的反应并不相同|短期内难以判断它会持续多久|有关细则预计在下个月出台|不过成本端的压力还在上升"
)
NAMES = words("林晓舟|陈柏年|许知微|周念慈|顾南枝|沈若溪|何以宁|陆清和")
MEDIA = words("海风日报|示例晚报|远舟财经|海风财经网")
SECTIONS = words("市场|公司|产业|宏观|基金|期货|科创|银行")


def title_of(number: int) -> str:
    pick = random.Random(f"title {number}")
    return f"{pick.choice(SUBJECTS)}{pick.choice(VERBS)}{pick.choice(OBJECTS)[:9]} {pick.choice(TIMES)}涨{pick.randint(2, 97)}%"


def published_of(number: int) -> str:
    """Twenty days, newest last, as a site writes it: minutes, no zone."""
    return f"2026-03-{number % 20 + 1:02} {number % 13 + 7:02}:{number % 60:02}"


def marker_of(number: int) -> str:
    """Stands in the last paragraph of the article and nowhere else on the page."""
    return f"HF{number:06}"


def _sentence(pick: random.Random) -> str:
    figure = pick.choice(
        (
            f"，金额约{pick.randint(2, 980)}.{pick.randint(0, 9)}亿元",
            f"，同比增长{pick.randint(1, 60)}.{pick.randint(0, 9)}%",
            f"，涉及{pick.randint(3, 400)}家单位",
            "",
        )
    )
    return (
        f"{pick.choice(TIMES)}，{pick.choice(SUBJECTS)}{pick.choice(VERBS)}了{pick.choice(OBJECTS)}{figure}，"
        f"{pick.choice(REASONS)}。"
    )


def _body(number: int, pick: random.Random) -> str:
    paragraphs = []
    length = 0
    while length < BODY - 100:
        text = "".join(_sentence(pick) for _ in range(pick.randint(2, 4)))
        if pick.random() < 0.15:
            cut = text.find("，")
            text = f"<strong>{text[:cut]}</strong>{text[cut:]}"
        if pick.random() < 0.12:
            text += f'详见<a href="/a/{pick.randint(0, 999)}.html">此前报道</a>。'
        paragraphs.append(f"<p>　　{text}</p>")
        length += len(text)
    if pick.random() < 0.5:
        image = f'<p style="text-align:center"><img src="/img/{number}.jpg" alt="{pick.choice(SUBJECTS)}资料图" /></p>'
        paragraphs.insert(1, image)
    if pick.random() < 0.1:
        rows = "".join(
            f"<tr><td>{pick.choice(SUBJECTS)}</td><td>{pick.randint(1, 900)}.{pick.randint(0, 9)}</td></tr>"
            for _ in range(6)
        )
        paragraphs.insert(-2, f"<table><tbody><tr><th>单位</th><th>金额（亿元）</th></tr>{rows}</tbody></table>")
    paragraphs.append(f"<p>　　{_sentence(pick)}本报道的资料编号为{marker_of(number)}。</p>")
    return "\n".join(paragraphs)


def _href(pick: random.Random) -> str:
    return f"/a/{pick.randint(70000, 99999)}.html?from=art_{pick.randint(100, 999)}&pos={pick.randint(1, 40)}"


def _link(pick: random.Random) -> str:
    title = title_of(pick.randint(70000, 99999))
    return f'<a href="{_href(pick)}" target="_blank" class="link-{pick.randint(1, 9)}" title="{title}">{title}</a>'


def _menu(pick: random.Random, count: int) -> str:
    return "\n".join(
        f'<a href="/channel/{pick.randint(1, 99)}/" target="_self">{pick.choice(SECTIONS)}</a>'
        for number in range(count)
    )


def _rows(pick: random.Random, count: int) -> str:
    return "\n".join(
        f'<li class="row-{number % 2}">{_link(pick)}<span>{published_of(number)[5:]}</span></li>'
        for number in range(count)
    )


def _pictures(pick: random.Random, count: int) -> str:
    return "\n".join(
        f'<div class="pic-item clearfix" data-id="{pick.randint(10**7, 10**8)}"><div class="pic-box">'
        f'<a href="{_href(pick)}" target="_blank"><img src="/img/blank.gif" data-src="/img/2026/03/t{pick.randint(1, 9999)}.jpg" '
        f'width="120" height="80" alt="{title_of(pick.randint(70000, 99999))}"/></a></div>'
        f'<div class="pic-text">{_link(pick)}</div></div>'
        for _ in range(count)
    )


def _comments(pick: random.Random, count: int) -> str:
    return "\n".join(
        f'<div class="comment-item" data-uid="{pick.randint(10**6, 10**7)}"><div class="comment-head">'
        f'<img src="/img/user/{pick.randint(1, 60)}.png" alt=""/><span class="user">网友{pick.randint(1000, 9999)}</span>'
        f'<span class="when">{pick.randint(1, 23)}小时前</span></div>'
        f'<div class="comment-text">{pick.choice(REASONS)}，再看看吧。</div></div>'
        for _ in range(count)
    )


def _script(pick: random.Random, size: int) -> str:
    lines: list[str] = []
    length = 0
    while length < size:
        name = f"_{pick.randint(10**5, 10**6):x}"
        line = (
            f'window.{name}=function(a,b){{var c=document.getElementById("{name}");if(!c||a<{pick.randint(1, 99)})return b;'
            f'c.className="slot-{pick.randint(1, 40)}";return a*{pick.randint(2, 999)}+(b||0)}};'
        )
        lines.append(line)
        length += len(line)
    return '<script type="text/javascript">\n' + "\n".join(lines) + "\n</script>"


def _mobile(number: int) -> str:
    """What four of five real pages hold: a script that may send the reader elsewhere."""
    return (
        "<script>(function(){var u=navigator.userAgent;if(/Android|iPhone|Mobile/i.test(u)&&"
        'location.search.indexOf("pc=1")<0){location.href="/m/' + f'{number}.html"+location.hash;' + "}})();</script>"
    )


def _slot(pick: random.Random) -> str:
    number = pick.randint(1000, 9999)
    return (
        f"<!-- 广告位 {number} 开始 -->\n"
        f'<div id="slot_{number}" class="slot" style="margin:10px auto;width:{pick.randint(300, 700)}px;overflow:hidden">'
        f"{_script(pick, 60)}</div>\n<!-- 广告位 {number} 结束 -->"
    )


PAGE = Path(__file__).with_name("generated_page.html").read_text(encoding="utf-8")


@lru_cache(maxsize=2048)
def article(number: int) -> tuple[str, bytes]:
    """Content type and bytes of one article page."""
    pick = random.Random(f"article {number}")
    charset = "gbk" if number % 3 == 2 else "utf-8"
    wanted = pick.randint(SMALLEST, LARGEST)
    body = _body(number, pick)
    # Furniture until the page is as large as real ones are.
    more: list[str] = []
    length = 16_500 + len(body.encode(charset))  # the frame below with its lists
    while length < wanted:
        more.append(
            f'<div class="more">{_pictures(pick, 1)}<ul class="rows">{_rows(pick, 2)}</ul></div>\n{_script(pick, 1000)}'
        )
        length += len(more[-1].encode(charset))
    text = PAGE.format(
        charset=charset,
        site=SITE,
        number=number,
        where=_mobile(number) if number % 5 else "",
        title=title_of(number),
        section=pick.choice(SECTIONS),
        lead=f"{title_of(number)}。{pick.choice(REASONS)}。",
        published=published_of(number),
        medium=pick.choice(MEDIA),
        author=pick.choice(NAMES),
        editor=pick.choice(NAMES),
        body=body,
        more="\n".join(more),
        nav=_menu(pick, 18),
        related=_rows(pick, pick.randint(4, 8)),
        comments=_comments(pick, pick.randint(0, 5)),
        hot=_rows(pick, 8),
        pictures=_pictures(pick, 4),
        footer=_menu(pick, 8),
        slots=[_slot(pick) for _ in range(5)],
        scripts=[_script(pick, pick.randint(100, 900)) for _ in range(5)],
    )
    # Most servers say nothing of the charset; none says gbk in the header.
    return "text/html; charset=utf-8" if number % 3 == 0 else "text/html", text.encode(charset)


def listing(first: int, end: int) -> bytes:
    rows = "\n".join(
        f'<li><span>{published_of(number)}</span><a href="/a/{number}.html" title="{title_of(number)}">{title_of(number)}</a></li>'
        for number in range(first, end)
    )
    pick = random.Random("listing")
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>市场_{SITE}</title></head><body>'
        f'<div class="nav">{_menu(pick, 30)}</div>'
        f'<div class="box"><h2>市场</h2><ul class="news-list">{rows}</ul></div>'
        f"<p>Copyright &copy; 2009-2026 {SITE}</p></body></html>"
    ).encode()


# --- for those who use the site ----------------------------------------------------


@contextlib.contextmanager
def site(recorded: Path | None = None) -> Iterator[str]:
    """The generated site in a process of its own; yields its address."""
    command = [sys.executable, __file__]
    command += ["--recorded", str(recorded)] if recorded else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.kill()


def addresses(base: str, pages: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    starts = range(0, pages, PER_LIST)
    lists = tuple(f"{base}/l/{start}-{min(start + PER_LIST, pages)}.html" for start in starts)
    return lists, tuple(f"{base}/a/{number}.html" for number in range(pages))


def served(base: str) -> int:
    """How many articles this site was asked for so far."""
    with urllib.request.urlopen(f"{base}/served", timeout=30) as answer:
        return int(json.load(answer))


# --- the server --------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one packet
    disable_nagle_algorithm = True
    served = 0
    recorded: Path | None = None

    def do_GET(self) -> None:
        kind, content = self._answer()
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self) -> tuple[str, bytes]:
        _, room, name = (*self.path.split("?")[0].split("/"), "", "")[:3]
        stem = name.removesuffix(".html")
        if room == "a" and stem.isdigit():
            Handler.served += 1
            if self.recorded is not None and int(stem) >= RECORDED:
                number = int(stem) - RECORDED
                kind, body = (self.recorded / f"{number % PER_COPY}.{part}" for part in ("type", "body"))
                return kind.read_text(), body.read_bytes()
            return article(int(stem))
        if room == "l":
            first, end = stem.split("-")
            return "text/html; charset=utf-8", listing(int(first), int(end))
        if room == "served":
            return "application/json", json.dumps(Handler.served).encode()
        return "", b""

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client that has had enough
            super().handle_one_request()

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recorded", type=Path, help="folder with 0.body, 0.type, 1.body …")
    Handler.recorded = parser.parse_args().recorded
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
