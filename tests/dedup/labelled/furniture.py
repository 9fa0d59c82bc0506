"""What sites print around a text: datelines, bylines, notes, lines before and behind, advertisements. All invented."""

from __future__ import annotations

from .edits import Furniture

SITES = ("股海拾贝", "轮上消息", "银发生活", "云岚在线", "海川广播", "文摘", "青屿论坛", "早读")

CHINESE = Furniture(
    datelines=(
        "北澜财经海川电（记者 骆青 通讯员 尤晓岚）",
        "本报讯 ",
        "【云岚在线】",
        "中云社青屿11月3日电 ",
        "轮上消息讯，据海川日报消息，",
        "海川日报记者 谷一川 青屿报道：",
    ),
    bylines=(
        "（责任编辑：费长庚）",
        "（作者：骆青 编辑：石榴 校对：左一）",
        "记者 谷一川 实习生 何苗",
        "来源：海川日报客户端",
        "（本文来自合作媒体，经授权转载）",
    ),
    notes=(
        "编者按：今年以来，这个话题一直受到读者关注。本报转发此文，供大家参考，也欢迎来信讨论。",
        "【编者的话】好文章值得多读一遍。本期推荐的这篇报道，我们读了三遍。",
        "导读：全文约需五分钟，建议收藏后慢慢看。以下为正文。",
        "按：本文首发于合作媒体，转载时有少量格式调整，内容没有改动。",
    ),
    before=(
        "首页 > 新闻中心 > 地方 > 正文\n字号：大 中 小 打印 分享到：微博 朋友圈",
        "您的位置：云岚在线 > 要闻\n发布时间 阅读次数：1024 次 我要评论（36）",
        "打开客户端，阅读体验更佳。已有 3.2 万人参与讨论",
    ),
    behind=(
        "免责声明：本文系转载，目的在于传递更多信息，并不代表本网赞同其观点和对其真实性负责。如涉及版权问题，请在三十日内与本网联系，我们将在第一时间删除内容。",
        "相关阅读：\n海川港今年吞吐量创新高\n这些城市的房租又变了\n一图看懂新规",
        "扫描二维码，关注“云岚在线”公众号，每天早上七点，为您送上最新鲜的资讯。",
        "点赞 收藏 举报 上一篇 下一篇 热点推荐 返回顶部",
        "版权所有 云岚在线 未经书面授权禁止复制或建立镜像 违法和不良信息举报电话见首页",
    ),
    advertisements=(
        "广告：云岚矿泉水，来自海拔一千二百米的泉眼，今日下单立减三元。",
        "（延伸阅读：点击查看本周最受欢迎的十篇文章）",
        "下载客户端，新人首单立享八折优惠，数量有限，先到先得>>",
        "【推广】海川理工大学在职研究生春季班正在报名，名额有限。",
        "点击图片进入专题",
    ),
)

ENGLISH = Furniture(
    datelines=("(Courier News Service) — ", "By a staff reporter. ", "HAICHUAN, Friday — "),
    bylines=("Reporting by A. Marsh; editing by J. Coll", "This article first appeared in the Courier."),
    notes=("Editor's note: this story has been reprinted with permission and lightly formatted.",),
    before=("Home > Local > Story\nShare  Tweet  Print", "Listen to this article · 4 min"),
    behind=(
        "Sign up for our morning newsletter and get the day's stories before breakfast.",
        "More on this: Ten things to do this weekend | How we report | Letters",
        "© All rights reserved. This material may not be published, broadcast or rewritten.",
    ),
    advertisements=(
        "Advertisement: Lime Kiln Bakery, fresh from five.",
        "Story continues below the advertisement.",
        "Subscribe now for one dollar a week.",
    ),
)
