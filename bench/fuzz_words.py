"""Words of the grammars that bench/fuzz.py makes its inputs of: one list a format."""

from __future__ import annotations


def words(text: str) -> tuple[bytes, ...]:
    r"""One a line; ``\n``, ``\t`` and ``\xNN`` as in Python."""
    lines = [line.encode() for line in text.strip("\n").split("\n") if line.strip()]
    return tuple(line.decode("unicode_escape").encode("latin-1") if b"\\" in line else line for line in lines)


FEED = words(r"""
<?xml version="1.0" encoding="gbk"?>
<rss version="2.0"><channel>
</channel></rss>
<item>
</item>
<title>
</title>
<link>https://www.4hou.com/posts/r7GB</link>
<link href="/posts/r7GB" rel="alternate"/>
<guid isPermaLink="true">
<pubDate>Sat, 16 May 2026 10:30:00 +0800</pubDate>
<![CDATA[
]]>
<!--
-->
<!DOCTYPE x [<!ENTITY a "b">]>
&nbsp;
&amp;copy=
&#x110000;
&#0;
<feed xmlns="http://www.w3.org/2005/Atom">
<entry>
</entry>
<rdf:RDF
<media:content url="
<itunes:image href="
<georss:point>1 2</georss:point>
<author><name>
xml:base="http://[
<content type="xhtml"><div>
<enclosure url="a" type="image/png" length="x"/>
{"version":"https://jsonfeed.org/version/1",
"items":[
"url":
"\\ud800"
1e999
null
""")
SITEMAP = words(r"""
<?xml version="1.0" encoding="gbk"?>
<!DOCTYPE x [<!ENTITY a "b">]>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
</urlset>
<sitemapindex>
<sitemap><loc>https://www.cs.com.cn/s1.xml</loc></sitemap>
<url>
</url>
<loc>https://www.cs.com.cn/xwzx/202610/t20261011_1.html</loc>
<loc>
</loc>
<lastmod>2026-10-11</lastmod>
<news:publication_date>2026-10-11T10:00:00Z</news:publication_date>
<news:title>
<image:loc>
<![CDATA[
]]>
<!--
-->
&amp;
\x1f\x8b\x08
\n
""")
HTML = words(r"""
<html><head>
</head><body>
<base href="http://[">
<base href="//x/">
<meta charset="gbk">
<meta http-equiv="refresh" content="0;url=
<meta property="article:published_time" content="2026-10-11T10:00:00+08:00">
<meta property="og:title" content="
<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-10-11","author":[{"name":"
<script type="application/ld+json">
"articleBody":"\\ud800"
<script>window.location.href = "
<script>createPageHTML(3, 0, "t20261012_6601188", "html");
var currentPage = 0; var countPage = 3;
</script>
<article class="cont_article"><header><h1>
<section>
<div class="article-t">
<div id="content">
<ul class="ch_type3_list"><li>
<li><a href="./202610/t20261011_1.html">
<a href="http://www.zqrb.cn/finance/2026-10-12/A1785740390222.html" title="
<a href="javascript:
<a class="next" href="
<a title="下一页" href="
<a href="t20261012_6601188_1.html">下一页</a>
<a href="story-of-a-day_1.html">1</a>
<div class="nav-items"><div class="nav-panel-heading">
<a data-newid="ABC123" data-href="content_20261012_1_2.htm">
<a id="pageLink" href="node_2.htm">
<area href="content_117483.htm">
<h1>
</h1>
<p>
</p>
<br>
<table><tr><td>
</table>
<div>
</div>
<span>
<img src="
<img data-src="a.png" src="data:image/png;base64,AAAA">
<iframe src="
<svg><title>
<math><mtext></p><style>
<template>
<noscript>
<![CDATA[
<!--
-->
<?php
&#x110000;
&nbsp;
来源：
作者：
记者 张三
责任编辑：
2026-10-11 09:30
发布时间：
原标题：
相关阅读
上一篇
（完）
\x00
\xff\xfe
\xef\xbb\xbf
\xc2\x85
\xe2\x80\xa8
\xe2\x80\xae
\xf0\x9f\x98\x80
<time datetime="2026-10-11">
itemprop="articleBody"
rel="next"
style="display:none"
<pre><code>
<ul><li>
<blockquote>
<figure><figcaption>
</
<
>
"
'
""")
JSON = words(r"""
{"data":{"list":[
{"code":"202610123990010004","title":"
"showTime":"2026-10-12 08:00:00"
"mediaName":
"np_dst":"CFH"
"message":"x"
"error":{
callback(
});
var x =
/* x */
NaN
-Infinity
1e999
99999999999999999999999999999999
"\\ud800"
null
true
[[[[[[[[
{"a":{"a":{"a":
,
]
}
\xef\xbb\xbf
""")
CHARSET = words(r"""
<meta charset=
<?xml version="1.0" encoding="
utf-8
gbk
gb2312
big5
utf-16le
shift_jis
iso-2022-jp
euc-kr
iso-8859-1
\xef\xbb\xbf
\xff\xfe
\xfe\xff
\xff\xfe\x00\x00
\x00\x00\xfe\xff
\x841\x953
\x841\xa47
\x1b$B
\x1b(B
\xed\xa0\x80
\xf4\x90\x80\x80
\x80
\xe3\x32\x9a\x35
\xef\xbf\xbd
\x00
<!--
-->
""")
DATE = words(r"""
2026-10-12
2022年7月4日
07-04
12:58:00
24:00
23:59:60
下午3:05
晚上12:30
上午
中午
昨天
大前天
今早
3小时前
99999天前
99999小时前
半个小时前
刚刚
2 hours ago
an hour ago
yesterday
February 29
Sept. 31, 2022
Mon, 04 Jul 2022
1656910680
1656910680000
9999999999999
T
Z
+08:00
-12:00
+14:00
GMT
UTC
CST
EST
北京时间
(星期一)
周日
二〇二二
廿三
十
年
月
日
时
分
秒
発布
发布时间：
来源：新华网
更新于
https://x.example/2022/07/04/
/t20220704_1.html
/A1999999999999.html
２０２２
／
：
\xed\xa0\x80
\xc2\xb2
\xd9\xa1
""")
FRONT = words(r"""
---\n
\n---\n
title:
url:
source:
date: 2022-07-04
date: '2022-07-04 10:00:00 +0800'
date: Mon, 04 Jul 2022 12:58:00 GMT
fetch_date:
categories:
\n - x
headimg: ''
author:
comments: false
thumbnail: ''
layout: post
tags:
<div>   \n
  \n</div>\n
<p>
</p>
<p class="em_media">（文章来源：x）</p>
[返回x新闻](/category/x.html)｜[返回首页](/)
<https://x.example/>
#\x20
*\x20
1.\x20
>\x20
```\n
\x20\x20\x20\x20
![a](b "c")
[a](javascript:b)
&lt;
{{
{%
|-\n
>\n
&a
*a
!!python/object:os.system
<<:
?\x20
:\x20
 #
\t
\x00
\r\n
\xc2\x85
\xe2\x80\xa8
\xef\xbb\xbf
"
'
\\
0x1f
1_000
12:30:45
~
=
""")
