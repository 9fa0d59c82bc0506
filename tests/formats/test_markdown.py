"""Markdown shows what the HTML showed: text as it is written, nothing more."""

from __future__ import annotations

import re
from html import escape as escape_html
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from crawler.formats import sanitise
from crawler.formats.markdown import to_html, to_markdown
from crawler.formats.markup import ALLOWED

# Two readers of it, raw HTML switched on: strict CommonMark, and the dialect of GitHub.
READERS = [
    MarkdownIt("commonmark", {"html": True}).enable("table"),
    MarkdownIt("gfm-like", {"html": True, "linkify": False}),
]


def shown(html: str) -> str:
    return "".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>一</p><p>二</p>", "一\n\n二"),
        ("<h2>题</h2><h3>小题</h3>", "## 题\n\n### 小题"),
        ("<p><strong>小标题</strong></p>", "**小标题**"),
        ("<p>服务7*24小时，a_b</p>", "服务7\\*24小时，a\\_b"),
        ("<ul><li>一<ul><li>二</li></ul></li><li>三</li></ul>", "* 一\n  * 二\n* 三"),
        ("<ol><li>一</li><li>二</li></ol>", "1. 一\n2. 二"),
        ("<blockquote><p>一</p><p>二</p></blockquote>", "> 一\n>\n> 二"),
        (
            '<p><img src="https://a.cn/1.png" alt="图片1.png" title="1.png"></p>',
            '![图片1.png](https://a.cn/1.png "1.png")',
        ),
        ('<p><img src="https://a.cn/1.png"></p>', "![](https://a.cn/1.png)"),
        ('<p>见<a href="https://a.cn/x" title="题">此</a>。</p>', '见[此](https://a.cn/x "题")。'),
        ('<p><a href="https://a.cn/x">https://a.cn/x</a></p>', "<https://a.cn/x>"),
        ('<p><a href="https://a.cn/a_(b)">一</a><a href="https://a.cn/a)">二</a></p>',
         "[一](https://a.cn/a_(b))[二](https://a.cn/a%29)"),
        ("<p>一<br>二</p>", "一  \n二"),
        ("<p>用<code>a`b</code>写</p>", "用`` a`b ``写"),
        ("<pre>a &lt; b\n\nc</pre>", "```\na < b\n\nc\n```"),
        ("<pre>```\n&lt;script&gt;</pre>", "````\n```\n<script>\n````"),
        ("<p>10<sup>3</sup></p>", "10<sup>3</sup>"),
        (
            "<table><tr><th>项</th><th>值</th></tr><tr><td>a|b</td><td>2</td><td>3</td></tr></table>",
            "| 项 | 值 |  |\n| --- | --- | --- |\n| a\\|b | 2 | 3 |",
        ),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "|  |  |\n| --- | --- |\n| 1 | 2 |"),
        # emphasis that CommonMark would not see: the punctuation steps out of it
        ("<p><strong>问：</strong>你好</p>", "**问**：你好"),
        ("<p>他说<strong>“好”</strong>了</p>", "他说“**好**”了"),
        ("<p><strong>一</strong><em>二</em>三</p>", "**一**二三"),
        # text that looks like Markdown, HTML or a template
        ("<p># 一</p><h2>C #</h2>", "\\# 一\n\n## C \\#"),
        ("<p>- 一</p><p>+ 一</p><p>* 一</p><p>2026. 一</p><p>1) 一</p>",
         "\\- 一\n\n\\+ 一\n\n\\* 一\n\n2026\\. 一\n\n1\\) 一"),
        ("<p>一<br>===<br>---<br>- 二</p>", "一  \n\\===  \n\\---  \n\\- 二"),
        ("<p>&gt; 一</p><p>---</p><p>| a | b |</p>", "\\> 一\n\n\\---\n\n\\| a \\| b \\|"),
        ("<p>[a](b) ![c](d) `e` ~~f~~ 10~20</p>", "\\[a\\](b) !\\[c\\](d) \\`e\\` \\~\\~f\\~\\~ 10\\~20"),
        # what one reader alone takes for markup: a table and a formula (kramdown), a strike, a bare address
        ("<p>甲 | 乙</p><p>丙<a href=\"https://a.cn/\">| 丁</a></p>", "甲 \\| 乙\n\n丙[\\| 丁](https://a.cn/)"),
        ("<p>$$x$$ 5$</p>", "\\$\\$x\\$\\$ 5$"),
        ("<p>10~20元，30~40元</p>", "10\\~20元，30\\~40元"),
        ("<p>见http://a.cn/b_c，http://a.cn/b</p>", "见http&#58;//a.cn/b\\_c，http://a.cn/b"),
        ("<p>www.a.cn/b*c</p>", "www&#46;a.cn/b\\*c"),
        ("<p>&lt;script&gt; &amp;lt; A&amp;B</p>", "&lt;script> &amp;lt; A&B"),
        ("<p>C:\\Users\\*</p>", "C:\\Users\\\\\\*"),
        ("<p>{{ a }}{% b %}</p>", "&#123;&#123; a &#125;&#125;&#123;% b %&#125;"),
        ("<p><code>{{ a }}</code></p>", "<code>&#123;&#123; a &#125;&#125;</code>"),
        ("<pre>{{ a }}\n&lt;b&gt;</pre>", "<pre><code>&#123;&#123; a &#125;&#125;\n&lt;b&gt;</code></pre>"),
        ("<p>看!<a href=\"https://a.cn/\">这</a></p>", "看\\![这](https://a.cn/)"),
    ],
)  # fmt: skip
def test_markdown_of_html(html: str, expected: str) -> None:
    clean = sanitise(html)
    assert to_markdown(clean) == expected
    for reader in READERS:
        assert shown(reader.render(expected)) == shown(clean)


HOSTILE = [
    '<img src="https://a.cn/1.png" alt="x](http://b.cn) &lt;script&gt;alert(1)&lt;/script&gt; ![y" title="t&quot;) &lt;script&gt;">',
    '<a href="https://a.cn/" title="a&quot;) &lt;script&gt;alert(1)&lt;/script&gt; `">文</a>',
    "<code>a`b</code><code>&lt;script&gt;alert(1)&lt;/script&gt;</code>",
    "<em>一<code>``</code></em><code>&lt;script&gt;alert(1)&lt;/script&gt;</code>",
    "<p><code>a\n\n&lt;script&gt;alert(1)&lt;/script&gt;</code></p>",
    "<p><code>a<br>- &lt;script&gt;alert(1)&lt;/script&gt;</code></p>",
    "<table><tr><td><code>a | &lt;script&gt;alert(1)&lt;/script&gt;</code></td></tr></table>",
    "<table><tr><td><pre>``` | \n&lt;script&gt;alert(1)&lt;/script&gt;</pre></td></tr></table>",
    "<ul><li><pre>```\n```\n&lt;script&gt;alert(1)&lt;/script&gt;</pre></li></ul>",
    "<blockquote><pre>{{ a }}\n\n&lt;script&gt;alert(1)&lt;/script&gt;</pre></blockquote>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<p>&lt;<b>script</b>&gt;alert(1)</p>",
    "<p>&amp;lt;script&amp;gt;</p>",
    '<p>看<strong>!</strong><a href="https://a.cn/">这</a></p>',
    "<p>[x]: javascript:alert(1)</p><p>[x]</p><p>&lt;javascript:alert(1)&gt;</p>",
    "<p>\\&lt;script&gt;\\</p><p>\\</p>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_no_text_becomes_active(html: str) -> None:
    markdown = to_markdown(sanitise(html))
    for reader in READERS:
        rendered = reader.render(markdown)
        assert re.findall(r"<(?:script|iframe|svg)|javascript:[^<]*\"", rendered) == []
        assert shown(rendered) == shown(sanitise(html))
    assert not re.search(r"\{[{%#]", markdown)


LOOKS_LIKE_MARKDOWN = r"""
金融 ， “ ： a === --- * ** _ ` ``` ~~ [a](b) ![ ] ( < <script> </p> {{x}} {%raw%} {# \ | |---| :-- &lt; & ! $$
http://a.cn/c_d ^ ' " 😀 é
"""
TEXTS = st.one_of(
    st.sampled_from(
        [*LOOKS_LIKE_MARKDOWN.split(), " ", "\n", "　　", "\xa0", "1. x", "# h", "- y", "{{ x }}", "| --- |"]
    ),
    st.text(max_size=4),
)
INLINE = st.recursive(
    st.lists(TEXTS, min_size=1, max_size=4).map("".join).map(escape_html),
    lambda inner: st.one_of(
        st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["strong", "em", "code", "sup", "a"]), inner),
        st.builds('<a href="https://a.cn/(x" title="{0}">{1}</a>'.format, TEXTS.map(escape_html), inner),
        st.builds("{}{}".format, inner, inner),
        st.just("<br>"),
    ),
    max_leaves=5,
)
BLOCKS = st.recursive(
    st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["p", "p", "h2", "h3", "pre", "blockquote", "figure"]), INLINE),
    lambda inner: st.one_of(
        st.builds("<ul><li>{}</li><li>{}</li></ul>".format, inner, inner),
        st.builds("<ol><li>{}{}</li></ol>".format, INLINE, inner),
        st.builds("<blockquote>{}{}</blockquote>".format, inner, inner),
        st.builds("<table><tr><td>{}</td><td>{}</td></tr><tr><td>{}</td></tr></table>".format, inner, INLINE, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS)
def test_markdown_shows_the_same_text_and_only_known_tags(html: str) -> None:
    clean = sanitise(html)
    markdown = to_markdown(clean)
    rendered = READERS[0].render(markdown)
    assert shown(rendered) == shown(clean)
    assert shown(to_html(markdown)) == shown(clean)
    assert set(re.findall(r"<([a-z0-9]+)", rendered)) <= ALLOWED
    assert not re.search(r"\{[{%#]", markdown)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6).map("".join), st.sampled_from(["p", "h2", "p><strong"]))
def test_the_quick_way_for_plain_lines_shows_the_same(text: str, tag: str) -> None:
    from bs4 import BeautifulSoup

    from crawler.formats.markdown import _converter

    close = tag.replace("><", "></").split("></")
    line = sanitise(f"<{tag}>{escape_html(text)}" + "".join(f"</{name}>" for name in reversed(close)))
    by_tree = "\n\n".join(
        _converter().block(block) for block in BeautifulSoup(line, "html.parser").find_all(True, recursive=False)
    )
    for reader in READERS:
        assert shown(reader.render(to_markdown(line))) == shown(reader.render(by_tree)) == shown(line)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("一  \n二\n三", "<p>一<br>二 三</p>"),
        ("# 一\n\n---\n\n* 二", "<h2>一</h2>\n<ul><li>二</li></ul>"),
        (
            "|  |\n| --- |\n| 一 |",
            "<table><thead><tr><th></th></tr></thead><tbody><tr><td>一</td></tr></tbody></table>",
        ),
        ("<script>alert(1)</script>\n\n<b>一</b>", "<p><strong>一</strong></p>"),
        ("[一](javascript:a) [二](https://a.cn/) ![]()", '<p>[一](javascript:a) <a href="https://a.cn/">二</a></p>'),
    ],
)
def test_html_of_markdown(markdown: str, expected: str) -> None:
    assert to_html(markdown) == expected
