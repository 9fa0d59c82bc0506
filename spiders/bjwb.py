"""北京晚报. The e-paper: entry page -> issue of the day -> articles; earlier issues are its further pages."""

from crawler.engine.spider import NewsSpider
from crawler.models import ListPage


class Beijingwanbao(NewsSpider):
    name, title, home = "bjwb", "北京晚报", "https://bjrbdzb.bjd.com.cn/bjwb/"
    hosts = "bjrbdzb.bjd.com.cn", "www.bjd.com.cn", "news.bjd.com.cn", "www.takefoto.cn"
    style = "jekyll"
    lists = ListPage("https://bjrbdzb.bjd.com.cn/bjwb/paperindex.htm", kind="paper")
    issue = "https://bjrbdzb.bjd.com.cn/bjwb/mobile/{0:%Y}/{0:%Y%m%d}/{0:%Y%m%d}_m.html"
    articles = (
        r"/(?P<key>content_\d{8}_\d+_\d+)\.htm$",
        r"/\d{4}/\d\d/\d\d/(?P<key>\d+)\.shtml$",
    )
    body = "#content", "div.bjd-article-centent", "div.article-text", "div.text"
    headline = "#main-title", "div.bjd-article-title", "div.article h1"
    published = "#date", "p[style*='float: right']", "div.info span:nth-child(2)"
    author = "#author", "div.info span:nth-child(5)"
    medium = "div.bjd-article-source p a", "div.info span:nth-child(1)"
    section = "p.mianbaoxie a:nth-child(2)"
