"""Scrapy's settings by topic, each with its reason. Used by `./run` and by plain `scrapy` alike.

Numbers and reasons: the project's reliability table (hardened settings) and measurements.
"""

from crawler import __version__

BOT_NAME = "shiyi"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
# One broken source file must not stop the others; it is named as failing instead.
SPIDER_LOADER_CLASS = "crawler.engine.loader.SourceLoader"

# --- who we are ---------------------------------------------------------------
USER_AGENT = f"Shiyi/{__version__} (news archive; +mailto:contact-not-set)"  # the contact setting completes it
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}

# --- politeness: one place, crawler.engine.politeness, shared by all sources ----
DOWNLOAD_DELAY = 0  # the gate in the download handler keeps the delay between starts, per host, over all sources
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 16
# Scrapy starts as many tasks as this for the output of every callback; ours yield one item each.
CONCURRENT_ITEMS = 1
ROBOTSTXT_OBEY = False  # obeyed by our own middleware: Scrapy's takes a 503 for "allow all"
AUTOTHROTTLE_ENABLED = False

# --- what may be fetched, and how much ------------------------------------------
DOWNLOAD_HANDLERS = {
    "http": "crawler.engine.handlers.PoliteHandler",
    "https": "crawler.engine.handlers.PoliteHandler",
    # A sitemap with a file: address makes a default spider read local files.
    "file": None, "data": None, "ftp": None, "s3": None,
}  # fmt: skip
TWISTED_DNS_RESOLVER = "crawler.engine.guards.GuardedResolver"
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default accepts any certificate
DOWNLOAD_TIMEOUT = 30  # a total deadline, not one between bytes
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # after decompression too
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
RETRY_ENABLED = False  # crawler.engine.middlewares.RetryPolicy, which knows Retry-After
METAREFRESH_ENABLED = False
URLLENGTH_LIMIT = 2083

# --- what is switched off because it opens a port, keeps state or costs time -----
COOKIES_ENABLED = False  # also keeps Scrapy from fetching the public suffix list
REFERER_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
HTTPCACHE_ENABLED = False
MEMUSAGE_ENABLED = False
LOGSTATS_INTERVAL = 0
DOWNLOADER_STATS = False
STATS_DUMP = False
WARN_ON_GENERATOR_RETURN_VALUE = False  # parses the source of every callback at run time
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier knows what is known
# First in, first out: lists before articles, articles in the order found.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
EXTENSIONS_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE = {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25}
DOWNLOADER_MIDDLEWARES_BASE = {
    "crawler.engine.middlewares.ScopeGuard": 50,
    "crawler.engine.middlewares.RobotsPolicy": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,  # without it DOWNLOAD_TIMEOUT is 10
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "crawler.engine.middlewares.RetryPolicy": 550,
    "crawler.engine.unpacking.Unpacking": 590,
    "crawler.engine.middlewares.Redirects": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}
ITEM_PIPELINES = {"crawler.engine.pipelines.ArticlePipeline": 300}

# --- the log ---------------------------------------------------------------------
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # the default prints the whole article text at WARNING
LOG_VERSIONS: list[str] = []

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
