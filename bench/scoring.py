"""Marks for what an extractor made of a page, against what a reader found; for bench/extraction.py and the floor's test.

Text is compared as scrapinghub's article-extraction-benchmark does it: bags of four tokens in a row, precision and
recall averaged over pages, F1 of these two averages. One change: each ideograph, kana and hangul is a token of its own,
because Chinese has no spaces. Knows no extractor; opens no file but those of a corpus.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN = 4  # tokens in one piece of the comparison
GOOD, LOST = 0.95, 0.5  # page F1 from which a page counts as right, and below which as lost

# Kana, hangul, ideographs with their extensions A to F and the compatibility block.
_EASTERN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff"
_TOKEN = re.compile(rf"[{_EASTERN}]|[^\W{_EASTERN}]+")
_PLAIN = str.maketrans(
    dict.fromkeys("“”„«»", '"') | dict.fromkeys("‘’`", "'") | dict.fromkeys("—–‑−", "-") | {"…": "..."}
)
_DAYS = (
    re.compile(r"((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})"),
    re.compile(r"\b((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)"),
)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")
_CREDIT = re.compile(r"\s*(?:by|von|par|作者|记者|文)\s*[:：/／|\s]\s*", re.IGNORECASE)
_AND = re.compile(r"\s*[;,、|/&]\s*|\s+(?:and|und|et)\s+")
_WESTERN = re.compile(r"[A-Za-z·.]")
_SPACED_NAME = re.compile(r"(?<![一-鿿])([一-鿿])\s+([一-鿿])(?![一-鿿])")  # 王 博 is one person
# What surrounds an article on its page. Met more often in a result than in the article, it has leaked.
_LEAKS = re.compile(
    "责任编辑|(?:责编|编辑|文章来源|本文来源)[:：]|扫一扫|扫码|免责声明|郑重声明|版权(?:所有|归)|转载请注明|未经授权|分享[到至]|"
    "相关(?:阅读|新闻|推荐)|热门推荐|猜你喜欢|打印本页|关闭窗口|上一篇|下一篇|点击查看更多|网友评论|我要评论|跟贴|返回搜狐|字号|"
    "share this|read more|related (?:articles|stories)|sign up|newsletter|cookie|all rights reserved|follow us|advertisement",
    re.IGNORECASE,
)


# --- text --------------------------------------------------------------------------


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text))


def _pieces(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    """All runs of four; a text shorter than that is one piece."""
    starts = range(max(len(words) - RUN + 1, 1 if words else 0))
    return Counter(tuple(words[start : start + RUN]) for start in starts)


def compare(truth: str, text: str) -> tuple[float, float]:
    """Precision and recall of ``text``."""
    wanted, given = _pieces(tokens(truth)), _pieces(tokens(text))
    if not wanted and not given:
        return 1.0, 1.0
    common = (wanted & given).total()
    return common / given.total() if given else 0.0, common / wanted.total() if wanted else 1.0


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def leaks(truth: str, text: str) -> list[str]:
    allowed = Counter(word.lower() for word in _LEAKS.findall(truth))
    return sorted(Counter(word.lower() for word in _LEAKS.findall(text)) - allowed)


# --- fields ------------------------------------------------------------------------


def title_form(title: str) -> str:
    """Quotes, dashes, widths, capitals and white space make no other title."""
    return " ".join(unicodedata.normalize("NFKC", title.translate(_PLAIN)).translate(_PLAIN).split()).casefold()


def bare(text: str) -> str:
    return "".join(tokens(text)).casefold()


def day(date: str) -> str:
    """YYYY-MM-DD; "" for no date, and what it is for something that cannot be read as one."""
    text = unicodedata.normalize("NFKC", date)
    for form in _DAYS:
        found = form.search(text)
        if found and 1 <= int(found[2]) <= 12 and 1 <= int(found[3]) <= 31:
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    try:
        return email.utils.parsedate_to_datetime(text).date().isoformat()
    except ValueError:
        return text


def minute(date: str) -> str:
    """YYYY-MM-DD HH:MM as written, whatever the zone; "" where no time of day is told."""
    clock = _CLOCK.search(unicodedata.normalize("NFKC", date))
    return f"{day(date)} {int(clock[1]):02}:{clock[2]}" if clock else ""


def people(names: Iterable[str]) -> set[str]:
    """Each person of a list of names or bylines, in a form that can be compared."""
    found: set[str] = set()
    for name in names:
        name = unicodedata.normalize("NFKC", name)
        credit = _CREDIT.match(name)
        for one in _AND.split(name[credit.end() :] if credit else name):
            chinese = re.search("[一-鿿]", one) and not _WESTERN.search(one)
            found |= {bare(part) for part in (_SPACED_NAME.sub(r"\1\2", one).split() if chinese else [one])}
    return found - {""}


# --- a page ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What an extractor says of a page. ``date`` is as it writes it."""

    text: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """``told`` is what a reader found; a key that is absent or null is not judged."""

    corpus: str
    name: str
    file: Path
    told: Mapping[str, Any]

    @property
    def url(self) -> str:
        return str(self.told.get("url") or "")

    def body(self) -> bytes:
        content = self.file.read_bytes()
        return gzip.decompress(content) if self.file.suffix == ".gz" else content


def pages_of(folder: Path, corpus: str) -> Iterator[CorpusPage]:
    """NAME.html or NAME.html.gz, with NAME.json beside it."""
    for truth in sorted(folder.glob("[!_]*.json")):
        for file in (truth.with_suffix(".html"), truth.with_suffix(".html.gz")):
            if file.exists():
                yield CorpusPage(corpus, truth.stem, file, json.loads(truth.read_text(encoding="utf-8")))
                break


def score(told: Mapping[str, Any], answer: Answer) -> dict[str, float]:
    """The marks of one page, by figure; only those that the truth allows."""
    marks = {"empty": float(not answer.text.strip())}
    if told.get("text") is not None:
        marks["P"], marks["R"] = compare(told["text"], answer.text)
        marks["page_f1"] = f1(marks["P"], marks["R"])
        marks["right"], marks["lost"] = float(marks["page_f1"] >= GOOD), float(marks["page_f1"] < LOST)
        marks["leak"] = float(bool(leaks(told["text"], answer.text)))
        if not tokens(answer.text):
            del marks["P"]  # nothing given is nothing wrong
    if told.get("title"):
        marks["title"] = float(title_form(answer.title) in map(title_form, _each(told, "title")))
    if told.get("date") == "":
        marks["false_date"] = float(bool(answer.date))
    elif told.get("date") is not None:
        found = day(answer.date) if answer.date else ""
        # "2024-05" is all that is known of some pages.
        marks["day"] = float(
            any(
                found == (day(date) if len(date) > 7 else date) or (len(date) < 8 and found.startswith(date))
                for date in _each(told, "date")
            )
        )
        if told.get("datetime"):
            marks["minute"] = float(minute(answer.date) == minute(told["datetime"]))
    if told.get("author") is not None:
        wanted, given = people(told["author"]), people(answer.authors)
        if wanted:
            marks["author_f1"] = 2 * len(wanted & given) / (len(wanted) + len(given))
        else:
            marks["false_author"] = float(bool(given))
    if told.get("source") == "":
        marks["false_source"] = float(bool(answer.source))
    elif told.get("source") is not None:
        marks["source"] = float(bare(answer.source) in map(bare, _each(told, "source")))
    return marks


def _each(told: Mapping[str, Any], key: str) -> list[str]:
    """The truth and what else may stand for it."""
    return [told[key], *(told.get(f"{key}_alt") or ())]


# --- many pages --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    heading: str
    digits: int = 2
    more_is_better: bool = True


FIGURES = {
    "P": Figure("P", 3),
    "R": Figure("R", 3),
    "F1": Figure("F1", 3),
    "page_f1": Figure("page F1", 3),
    "right": Figure("≥.95"),
    "lost": Figure("<.5", more_is_better=False),
    "leak": Figure("leak", more_is_better=False),
    "title": Figure("title"),
    "day": Figure("day"),
    "minute": Figure("minute"),
    "false_date": Figure("false dates", more_is_better=False),
    "author_f1": Figure("author F1"),
    "false_author": Figure("false authors", more_is_better=False),
    "source": Figure("source"),
    "false_source": Figure("false sources", more_is_better=False),
    "empty": Figure("empty", more_is_better=False),
}


def summary(marks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure over the pages that have it; F1 of the means of P and R."""
    means: dict[str, float] = {}
    for name in FIGURES:
        values = [each[name] for each in marks if name in each]
        if values:
            means[name] = statistics.fmean(values)
    if "R" in means:
        means["F1"] = f1(means.setdefault("P", 0.0), means["R"])
    return {name: means[name] for name in FIGURES if name in means}
