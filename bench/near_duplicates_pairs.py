"""The held-out pairs: other articles, other furniture, other forms and other mixtures than tests/dedup/labelled has.

They judge the rules and must never be looked at while a rule is written: only sums over kinds are printed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from near_duplicates_prose import Writer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "dedup"))

from labelled import edits, numerals  # noqa: E402
from labelled.make import Base, Label, Pair, Piece, read_articles  # noqa: E402

THINGS = edits.Furniture(
    datelines=("容川新闻网{}日讯（首席记者 詹蔚）", "正午财经获悉，", "本网甘棠消息 ", "记者詹蔚、实习生岑可报道：", "（记者 岑可）", "据宁溪商报微信公众号消息，"),
    bylines=("文/岑可 图/资料", "审核：詹蔚 终审：尚书", "（完）", "本文转自：容川新闻网", "编辑/汤圆"),
    notes=(
        "编者按 这篇报道刊出以后，收到不少来信，今天重新刊登，略有删节。",
        "小编有话说：又到了周末，给大家推荐一篇值得细读的稿子，文末可以留言。",
        "【导语】数字背后是人。请看来自一线的报道。",
    ),
    before=("网站首页/资讯/社会/详情页 发布者：admin 浏览：558", "A+ A- 收藏本文 手机看新闻", "登录 注册 搜索 无障碍 关怀版"),
    behind=(
        "特别声明：以上文章仅代表作者本人观点，不代表本平台立场，平台仅提供信息存储服务。",
        "（投稿邮箱见首页，稿件一经采用即付稿酬，未采用恕不退稿）",
        "猜你喜欢\n十个你不知道的冷知识\n这座小城为什么突然火了",
        "长按识别图中小程序码，参与话题讨论，抽取精美礼品。",
        "网站简介 | 广告服务 | 法律顾问 | 招聘信息 | 站点地图 | 联系我们",
    ),
    advertisements=(
        "容川牌羽绒服，秋冬新款全场七折，点击进店抢券！",
        "——广告——",
        "正在直播：专家教你看懂体检报告，一千人正在观看",
        "【报名】周末亲子采摘活动，名额还剩最后十五组",
    ),
)  # fmt: skip
SITES = ("正午头条", "容川门户", "每日汇", "快读", "甘棠之窗", "资讯通")
START = datetime.strptime("2026-01-05 08:00 +0800", "%Y-%m-%d %H:%M %z")


# --- articles --------------------------------------------------------------------


@cache
def articles() -> tuple[Base, ...]:
    """The ones written by hand and 400 by the writer, of 120 to 3,000 characters."""
    by_hand = read_articles((HERE / "near_duplicates_texts.txt").read_text("utf-8"))
    chance = Random("lengths of the held-out articles")
    written = []
    for number in range(400):
        writer = Writer(f"held out {number}")
        size = int(min(3000, 120 + chance.expovariate(1 / 500)))
        text = edits.joined(writer.paragraphs(size))
        if number % 3 == 0:
            text = numerals.in_characters(text)
        at = START + timedelta(hours=number * 7)
        written.append(Base(f"w{number}", Piece(writer.headline(), text, at, "正午财经", "正午财经")))
    return (*by_hand, *written)


# --- what a reprint does ------------------------------------------------------------


_NUMERIC = frozenset("0123456789.%零〇一二两三四五六七八九十百千万亿点成年月日")


def _misread(text: str, chance: Random) -> str:
    """One sign in a hundred read wrongly or lost; numbers and dates stay."""
    kept = [sign if sign in _NUMERIC or chance.random() > 0.01 else chance.choice(("", "口", "日")) for sign in text]
    return "".join(kept)


def _reworded(text: str, chance: Random) -> str:
    """A house style: other words for some of the everyday ones."""
    words = "表示 说,说 称,已经 已,但是 但,以后 之后,没有 未,还 仍,就 便,主要是 主要因为,一共 总共,大约 约,如今 现在,记者 本报记者,之前 以前"
    for word in words.split(","):
        old, new = word.split()
        if chance.random() < 0.7:
            text = text.replace(old, new)
    return text


def _other_order(text: str, chance: Random) -> str:
    lines = edits.paragraphs(text)
    at = chance.randrange(len(lines) - 1) if len(lines) > 1 else 0
    lines[at : at + 2] = reversed(lines[at : at + 2])
    return edits.joined(lines)


def _between(text: str, chance: Random) -> str:
    """Headings between the paragraphs."""
    heads = ["一、缘起", "二、经过", "三、影响", "背景", "多方回应", "01", "02", "划重点"]
    lines = []
    for line in edits.paragraphs(text):
        lines += [chance.choice(heads), line] if chance.random() < 0.4 else [line]
    return edits.joined(lines)


def _other_lead(lead: str, chance: Random) -> str:
    """The lead's clauses in another order and other words, a few left out: the facts are the same."""
    clauses = [clause for clause in re.split("[，。：；]", _reworded(lead, chance)) if clause]
    kept = [clause for clause in clauses if chance.random() < 0.8] or clauses
    at = chance.randrange(len(kept))
    return "据了解，" + "，".join(kept[at:] + kept[:at]) + "。"


def _headline_in_front(base: Base, text: str) -> str:
    return f"【{base.piece.title}】{text}"


Mild = Callable[[str, Random], str]
MILD: dict[str, Mild] = {
    "dateline": lambda text, chance: edits.dateline(text, THINGS, chance),
    "note": lambda text, chance: edits.editors_note(text, THINGS, chance),
    "boilerplate": lambda text, chance: edits.boilerplate(text, THINGS, chance),
    "advertisements": lambda text, chance: edits.advertisements(text, THINGS, chance),
    "merged": edits.paragraphs_merged,
    "headings": _between,
    "order": _other_order,
    "misread": _misread,
    "reworded": _reworded,
    "punctuation": edits.other_punctuation,
    "residue": edits.html_residue,
    "half width": lambda text, chance: edits.half_width(text),
    "full width": lambda text, chance: edits.full_width(text),
    "traditional": lambda text, chance: edits.traditional(text),
    "taiwanese": lambda text, chance: edits.taiwanese(text),
    "figures": lambda text, chance: numerals.in_figures(text),
    "characters": lambda text, chance: numerals.in_characters(text),
}
# Changed words before furniture, furniture before script and width: the order in which sites do it.
ORDER = ("reworded", "figures", "characters", "misread", "order", "merged", "headings", "advertisements", "dateline", "note",
         "boilerplate", "punctuation", "traditional", "taiwanese", "half width", "full width", "residue")  # fmt: skip


def _mild(text: str, names: list[str], chance: Random) -> str:
    for name in sorted(names, key=ORDER.index):
        text = MILD[name](text, chance)
    return text


def _copies() -> Iterator[Pair]:
    chance = Random("held-out copies")
    chinese = [base for base in articles() if not base.id.startswith("h-en")]
    for name in MILD:
        for base in chance.sample(chinese, 18):
            copy = MILD[name](base.piece.text, chance)
            yield _pair(chance, f"one change: {name}", "duplicate", base, copy)
    for number in (2, 3, 4):
        for base in chance.sample(chinese, 70):
            names = chance.sample(list(MILD), number)
            copy = _mild(base.piece.text, names, chance)
            yield _pair(chance, f"{number} changes", "duplicate", base, copy)
    many = [base for base in chinese if len(base.lines) >= 4]
    for base in chance.sample(many, 40):
        text = edits.joined([_other_lead(base.lines[0], chance), *base.lines[1:]])
        yield _pair(chance, "lead rewritten", "duplicate", base, _mild(text, ["dateline", "merged"], chance))
    for base in chance.sample(many, 40):
        lines = base.lines
        dropped = lines.index(min(lines, key=len))
        text = edits.joined(lines[:dropped] + lines[dropped + 1 :])
        yield _pair(chance, "paragraph dropped", "duplicate", base, _mild(text, ["boilerplate"], chance))
    for base in chance.sample(many, 50):
        text = _headline_in_front(base, edits.first_half(base.piece.text, chance))
        yield _pair(chance, "half the text", "contained", base, text)
    for base in chance.sample(many, 50):
        text = edits.excerpt(base.piece.text, chance, 160)
        if len(text) < 0.65 * len(base.piece.text):
            yield _pair(chance, "excerpt", "contained", base, _mild(text, ["dateline"], chance))
    for base in many:
        text = "快讯：" + base.lines[0]
        if 110 < len(text) < 0.65 * len(base.piece.text):
            yield _pair(chance, "flash", "contained", base, text)
    for base in chance.sample([base for base in many if len(base.piece.text) > 400], 40):
        other = chance.choice(many)
        text = edits.joined([base.piece.text, "又讯 " + edits.joined(other.lines[:3])])
        yield _pair(chance, "second story behind", "contained", base, text)
    for base in chance.sample([base for base in chinese if len(base.piece.text) > 300], 60):
        corrected = _one_figure(base.piece.text, chance)
        if corrected:
            yield _pair(chance, "correction", "duplicate", base, corrected)


def _one_figure(text: str, chance: Random) -> str | None:
    """Two neighbouring figures of one number change places: the usual misprint. Dates stay: another day is other news."""
    places = [
        at
        for number in re.finditer(r"\d{2,}(?![\d月日])", text, re.ASCII)
        for at in range(number.start(), number.end() - 1)
        if text[at] != text[at + 1]
    ]
    if not places:
        return None
    at = chance.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


# --- what must not merge --------------------------------------------------------------


def _strangers() -> Iterator[Pair]:
    chance = Random("held-out strangers")
    chinese = [base for base in articles() if not base.id.startswith("h-en")]
    for _ in range(60):
        a, b = chance.sample(chinese, 2)
        yield _pair(chance, "unrelated", "different", a, b.piece.text)
    for number in range(120):  # one event, two writers' texts: names, places and things in common, and one figure
        writer = Writer(f"event {number}")
        one, two = writer.paragraphs(500), writer.paragraphs(500)
        base = Base(f"event{number}", Piece(writer.headline(), edits.joined(one), START, "快读", "快读"))
        yield _pair(chance, "same event", "different", base, edits.joined(two))
    for number in range(80):  # the next day's story: new text, one paragraph of the first as background
        writer = Writer(f"follow-up {number}")
        one, two = writer.paragraphs(700), writer.paragraphs(500)
        background = min(one, key=lambda line: abs(len(line) - 130))
        if len(background) > 0.3 * sum(map(len, two)):
            continue
        two.insert(chance.randrange(1, len(two) + 1), background)
        base = Base(f"follow{number}", Piece(writer.headline(), edits.joined(one), START, "快读", "快读"))
        yield _pair(chance, "follow-up", "different", base, edits.joined(two))
    for number in range(60):
        a, b = Writer(f"a{number}").paragraphs(220), Writer(f"b{number}").paragraphs(220)
        frame = chance.sample(THINGS.behind, 2)
        base = Base(f"frame{number}", Piece("简讯", edits.joined([*a, *frame]), START, "快读", "快读"))
        yield _pair(chance, "same boilerplate", "different", base, edits.joined([*b, *frame]))
    for number in range(40):
        items = [Writer(f"item {number} {place}").paragraphs(110)[0] for place in range(9)]
        base = Base(f"round{number}", Piece("早报", edits.joined(items[:5]), START, "快读", "快读"))
        yield _pair(chance, "round-up", "different", base, edits.joined([items[4], *items[5:]]))
    for number in range(60):
        writer = Writer(f"short {number}")
        noun, place, verb = writer.nouns[0], writer.places[0], chance.choice(("将于", "定于"))
        text = f"{place}{noun}{verb}{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日开工，投资{{}}万元。"
        base = Base(
            f"short{number}", Piece(f"{place}{noun}", text.format(chance.randrange(100, 500)), START, "快读", "快读")
        )
        yield _pair(chance, "short", "different", base, text.format(chance.randrange(500, 999)))
        if number < 30:
            yield _pair(
                chance, "short, the same", "duplicate", base, edits.full_width(base.piece.text).replace("，", ",")
            )


def _siblings() -> Iterator[Pair]:
    """Every form filled in again and again: the same place and company two times out of three, as a series has them."""
    for form in (HERE / "near_duplicates_forms.txt").read_text("utf-8").splitlines():
        kind, title, text = (part.strip() for part in form.split("|", 2))
        for number in range(30):
            chance = Random(f"{kind} {number}")
            fixed = {name: _value(name, chance) for name in ("place", "company", "person", "year")}
            filled = []
            for row in range(2):
                again = fixed if number % 3 and row else {name: _value(name, chance) for name in fixed}
                again = fixed if row == 0 else again
                filled.append(tuple(_filled(part, again, chance) for part in (title, text)))
            (one, first), (two, second) = filled
            a = Piece(one, edits.joined(first.split("/")), START, "正午财经", "正午财经")
            b = replace(a, title=two, text=edits.joined(second.split("/")), published=START + timedelta(days=1))
            yield Pair(f"{kind}-{number}", "template siblings", "different", "the form again", a, b)


def _value(name: str, chance: Random) -> str:
    writer = Writer(f"{name} {chance.random()}")
    match name:
        case "place":
            return writer.places[0]
        case "person":
            return writer.people[0]
        case "company":
            return writer.places[0] + chance.choice(("纺织", "船舶", "种业", "水泥", "药业", "电缆")) + "股份"
        case "year":
            return str(chance.randrange(2019, 2026))
        case "y":
            return str(chance.randrange(19, 27))
        case "d":
            return str(chance.randrange(1, 10))
        case "n":
            return str(chance.randrange(11, 999))
        case "pct":
            return f"{chance.randrange(10, 990) / 10}%"
        case "date":
            return f"{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日"
        case "updown":
            return chance.choice(("上升", "下降"))
        case "use":
            return chance.choice(("住宅", "商业", "工业", "仓储"))
        case "reason":
            return chance.choice(("雷雨", "流控", "买卖合同", "民间借贷", "偏紧", "宽松", "劳务合同"))
        case "place_en":
            return chance.choice(("Ebbfleet", "Saltmarsh", "Coldharbour", "Millgate", "Oxley Bridge"))
        case "day_en":
            return chance.choice(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"))
        case "above":
            return chance.choice(("above", "below"))
    raise ValueError(f"no such place in a form: {name}")


def _filled(text: str, fixed: dict[str, str], chance: Random) -> str:
    pieces = text.split("{")
    written = [pieces[0]]
    seen: set[str] = set()
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        first = name in fixed and name not in seen
        seen.add(name)
        same = first or name in ("company", "year")
        written.append((fixed[name] if same and name in fixed else _value(name, chance)) + rest)
    return "".join(written)


def _pair(chance: Random, kind: str, label: Label, base: Base, text: str) -> Pair:
    at = base.piece.published + timedelta(minutes=chance.randrange(15, 3000))
    copy = replace(base.piece, text=text, published=at, source=chance.choice(SITES))
    return Pair(f"{kind} {base.id}", kind, label, kind, base.piece, copy)


@cache
def held_out_pairs() -> tuple[Pair, ...]:
    every = (*_copies(), *_strangers(), *_siblings())
    return tuple(pair for pair in every if pair.a.text != pair.b.text)  # some changes find nothing to change
