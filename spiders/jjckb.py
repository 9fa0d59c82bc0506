"""经济参考网 / 经济参考报. Section pages, two article templates, and the e-paper as a second channel."""

from crawler.engine.spider import NewsSpider
from crawler.models import ListPage


class Jingjicankao(NewsSpider):
    name, title, home = "jjckb", "经济参考网", "http://www.jjckb.cn/"
    hosts = "www.jjckb.cn", "jjckb.xinhuanet.com", "dz.jjckb.cn"
    style = "jekyll"
    lists = (
        ListPage("http://www.jjckb.cn/gzgqyqdt.htm", "央企动态"),
        ListPage("http://www.jjckb.cn/gzgqssgs.htm", "上市公司"),
        ListPage("http://www.jjckb.cn/xhqyzx_list.htm", "新华企业资讯"),
        ListPage("http://dz.jjckb.cn/www/pages/webpage2009/", "经济参考报", kind="node", optional=True),
    )
    issue = "http://dz.jjckb.cn/www/pages/webpage2009/html/{0:%Y-%m/%d}/node_2.htm"
    articles = (
        r"/\d{4}-\d\d/\d\d/c_(?P<key>\d{9,10})\.htm$",
        r"/\d{8}/(?P<key>[0-9a-f]{32})/c\.html$",
        r"/html/\d{4}-\d\d/\d\d/(?P<key>content_\d+)\.htm$",
    )
    rows, row_date = ".box_left ul li", "span"
    body = (
        "#detailContent", "div.mainCon", "#content", "founder-content", "#newsdetail-content-text",
    )  # fmt: skip
    headline = "h1 .title", "div.top_tit", "founder-title", "td.black18", "h1"
    published = (
        "meta[name=publishdate]@content", ".header-time", "div.sj_scro span:nth-child(1)", "td.black12",
    )  # fmt: skip
    author = "span.author", "founder-author", "div.sj_scro span:nth-child(2)", "td.black12"
    medium = "meta[name=source]@content", ".source", "div.sj_scro span:nth-child(3)", "td.black12"
    drop = "#articleEdit", ".editor"
