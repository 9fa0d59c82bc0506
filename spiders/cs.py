"""中证网 (China Securities Journal online). Lists reach back ten pages; no feed that works."""

from crawler.engine.spider import NewsSpider, sections
from crawler.models import ListPage, ListReading, Page

SECTIONS = """
xwzx 要闻 | xwzx/hg 财经要闻 | xwzx/jr 观点评论 | xwzx/msxf 民生消费
ssgs 公司 | ssgs/gsxw 公司要闻 | ssgs/gssd 公司深度 | ssgs/gsxl 公司巡礼
gppd 市场 | gppd/gsyj A股市场 | gppd/ggzx 港股资讯 | gppd/zqxw 债市研究 | gppd/hwbd 海外报道 | gppd/qhbd 期货报道
tzjj 基金 | tzjj/jjdt 基金动态 | tzjj/jjks 基金视点 | tzjj/jjcs 基金持仓 | tzjj/smjj 私募基金 | tzjj/tjdh 基民学苑
5g 科创 | cj2020 产经 | zzqh2020 期货 | hw2020 海外 | qs 券商 | yh 银行 | bx 保险
sylm/jsbd 中证快讯 | yc/ipojz IPO鉴真 | yc/gsnjd 公司能见度
"""


class Zhongzhengwang(NewsSpider):
    name, title, home = "cs", "中证网", "https://www.cs.com.cn/"
    hosts = ("www.cs.com.cn", "webtestone.cs.com.cn", "toujiao.cs.com.cn")
    style, category = "hexo", "金融"
    lists = sections("https://www.cs.com.cn/{}/", SECTIONS)
    articles = r"/\d{6}/t\d{8}_(?P<key>\d+)(?:_\d+)?\.s?html$"
    rows = "ul.ch_type3_list li", "#slideBox .bd ul li", "ul.list-lm li"
    row_title, row_date = ("h3", "a@title", "a"), ("em", "span.date", "span")

    body = (
        "article.cont_article section", "div.article-t", ".Custom_UnionStyle", "div.Dtext.z_content", "div.Dtext",
    )  # fmt: skip
    headline = "article.cont_article header h1", "div.article > h1", "h1"
    published = "article.cont_article time@datetime", "div.artc_info time", "div.info"
    author = "div.artc_info div em:first-of-type", "div.info"
    medium = "div.artc_info div em:nth-of-type(2)", "div.info"
    section = "div.artc_route div a:last-of-type"
    drop = "style", "div.page", "div.bdsharebuttonbox"

    def next_list_urls(self, page: Page, entry: ListPage, number: int, reading: ListReading) -> tuple[str, ...]:
        # The pager is written by script. Ten pages at most; the suffix has changed over the years.
        if reading.next_url:
            return (reading.next_url,)
        return (f"{entry.url}index_{number - 1}.html", f"{entry.url}index_{number - 1}.shtml")
