"""证券日报网. Plain http, lists with a 下一页 link, one template since 2018."""

from crawler.engine.spider import NewsSpider, sections

SECTIONS = """
finance/hongguanjingji 宏观经济 | finance/hangyedongtai 产业风向 | finance/guojijingji 国际要闻
finance/minshengxiaofei 民生消费 | gscy/gongsi 上市公司 | gscy/qiyexinxi 企业信息 | stock/gupiaoyaowen 证券要闻
stock/redian 热点关注 | stock/bankuaijujiao 板块聚焦 | stock/zuixinbobao 最新播报 | stock/gegupinglun 个股评论
stock/gongsipingji 公司评级 | stock/gongsiyanjiu 公司研究 | stock/huanqiugushi 环球股市 | stock/bstock B股
stock/zhongxiaoban 中小板 | stock/chuangyeban 创业板 | jrjg/bank 银行 | jrjg/insurance 保险 | ipo/yaowen 新股要闻
ipo/shangshiyuce 上市预测 | shishiywen 时事要闻 | finace/house 房产 | house/hangyedongtai 地产行业
auto/qichedongtai 汽车 | shipin/shipinhangye 食品 | tmt/tmthangye TMT | fund/jijindongtai 基金动态
review/chanjingpinglun 产经评论 | review/guojijujiao 国际聚焦 | meiribidu 四大证券报头条 | money 理财
"""


class Zhengquanribao(NewsSpider):
    name, title, home = "zqrb", "证券日报", "http://www.zqrb.cn/"
    hosts = "www.zqrb.cn", "m.zqrb.cn"
    style = "jekyll"
    lists = sections("http://www.zqrb.cn/{}/index.html", SECTIONS)
    articles = r"/\d{4}-\d\d-\d\d/(?P<key>A\d{10,16})\.html$"
    rows = "div.news_content ul li", "div.listMain li"
    row_title, row_date = ("a@title", "a"), "span.date"
    row_link, next_page = ("a.lista@href", "a[href]@href"), 'a[title="下一页"]@href'

    body = "div.content-lcq", "div.content"
    headline = "div.news_content > h1", "h1"
    published = medium = "div.info_news", "div.info"
    author = "div.info_news span.author", "div.info_news"
