"""How alike two texts are: the exact check of a pair, on their normalised forms.

Pure. It measures; ``relations.py`` says which measures make two texts one story. Numbers and names are looked at
where they stand: two siblings of a template share nearly all words, and differ in what stands in the same place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from crawler.dedup.normal import normalise
from crawler.dedup.numerals import NUMBER as _NUMBER
from crawler.dedup.numerals import OF_NUMBERS as _OF_NUMBERS
from crawler.dedup.sketch import Sketch as Sketch
from crawler.dedup.sketch import sketch as sketch

_GRAM = 5  # characters: Chinese has no spaces, and 5 separate well (unrelated 0.01, dateline removed 0.95)
LEAD = 120  # characters at the start, in which a story says what it is about
_SENTENCE = 20  # characters in a row that no two stories share by chance
_ENOUGH_SWAPS = 200
_ENOUGH_WORDING = 400  # character pairs, to see in which words something is said
_WORD, _WORD_OF_LETTERS = 2, 5  # characters: of letters any two texts have the same pairs
_NAME = 3  # characters
_PUT_APART = "\u01c2"  # by a letter that no text uses
_FEW = 30  # so many are looked for in the text itself, before a set of its words is worth it
_FEW_WORDS, _MANY_WORDS = 0.12, 0.35
_CHANGED_REST, _SAME_TOPIC = 0.15, 0.2
_LARGEST_LEAD = 0.3  # of a text; what differs in more is the story, and what both have is boilerplate
# What an editor says of a text that is taken over.
_NOTE = re.compile(r"编者|小编|本[报站网刊]|转载|转发|转自|刊[发登]|摘[编录]|以飨|读者|全文如下|原文|供.{0,6}参考")
_TELLING = 3  # digits of a number that two stories hardly share by chance
_WEIGHTS = (0.0, 0.5, 1.0, 3.0)  # of a number, by its digits
_LONGEST_SWAP = 12  # characters of a name that stands where the other text has another one

_MASK = "\u01c1"  # a letter that no text uses
_ENTITY = re.compile(
    r"^.{0,4}?(?:公司|股份|集团|银行|基金|证券|保险|信托|期货|科技|控股|实业|药业|能源|电子|汽车|地产|置业|医药|生物|"
    r"[市省县区州镇乡村]|大学|学院|医院|中学|小学|俱乐部|先生|女士|法院|协会|机场|高速|铁路)"
)
_DATED = frozenset("年月日号期届轮批周场")
_LONGEST_DATE = 4  # digits: 8500万年 is an age
_NONE: frozenset[str] = frozenset()
# What editors replace throughout: the name of the medium, the day as a word, the verb of saying.
_COMMON = re.compile(
    r"[报网社台刊]|记者|新闻|财经|客户端|编辑|作者|[今昨明当我本该全]|日前|近日|[说称]|表示|指出|认为|介绍|透露"
)
_GENERAL = frozenset(("公司", "企业", "单位", "机构"))
_MOSTLY_ENTITY, _NEARLY_ALL = 0.5, 0.8  # of all changes
_OFTEN_NAMED = 300  # characters; a shorter text may name whom it is about only once
_FIRST_WORDS, _FIRST_SENTENCE = 15, 60


_Gaps = list[tuple[int, int]]  # start and end of what only one text has


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the exact check found. Shares are 0 to 1, of characters of the normalised texts."""

    same: bool = False  # the normalised texts are equal
    similarity: float = 0.0  # what both share, of both together
    containment: float = 0.0  # what the longer one holds of the shorter one
    length: int = 0  # characters of the shorter one
    ratio: float = 0.0  # shorter to longer
    lead: float = 0.0  # what the shorter one holds of the longer one's start
    is_within: bool = False  # the shorter one stands word for word at the start of the longer one
    numbers_same: int = 0  # numbers that stand in the same words in both
    numbers_differ: int = 0  # numbers whose place another number has in the other text
    dates_differ: int = 0  # those of them that are part of a date, an issue or a round
    words_differ: int = 0  # words in whose place the other text has other words
    names_differ: bool = False  # one name stands for another one, again and again
    numbers_new: float = 0.0  # what the shorter one says alone: the weight of its numbers that the longer one lacks
    is_reworded: bool = True  # and whether it says so of the same facts as the longer one, in other words
    # What each says first and the other nowhere, as a share of its text: the news of a follow-up. 0.0 where it says
    # the same in other words.
    news: float = 0.0
    news_of_longer: float = 0.0
    topic: float = 1.0  # of a shorter one from the middle: what of its words comes up again in the rest
    is_in_digest: bool = False  # the longer one is a list of items, each with its heading or date


@dataclass(frozen=True, slots=True)
class _Profile:
    text: str
    numbers: frozenset[str]
    before: dict[str, set[str]]  # what stands before a number, numbers masked: the numbers
    after: dict[str, set[str]]
    places: tuple[tuple[str, str, str], ...]  # number, before, after
    is_digest: bool


@lru_cache(maxsize=64)
def _profile(text: str) -> _Profile:
    normal = normalise(text)
    bare = normal.text
    pieces = _NUMBER.split(bare)
    numbers = _NUMBER.findall(bare)
    masked = _MASK.join(pieces)
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    places, at = [], 0
    for piece, number in zip(pieces, numbers, strict=False):
        at += len(piece)
        left, right = masked[max(0, at - _GRAM) : at], masked[at + 1 : at + 1 + _GRAM]
        before.setdefault(left, set()).add(number)
        after.setdefault(right, set()).add(number)
        places.append((number, left, right))
        at += 1
    return _Profile(bare, frozenset(numbers), before, after, tuple(places), normal.is_digest)


def compare(a_text: str, b_text: str) -> Likeness:
    """Symmetric: the order of the two does not count."""
    shorter, longer = sorted((_profile(a_text), _profile(b_text)), key=lambda each: (len(each.text), each.text))
    length = len(shorter.text)
    if shorter.text == longer.text:
        return Likeness(length > 0, 1.0, 1.0, length, 1.0, 1.0, is_within=True, numbers_same=len(shorter.places))
    if not length:
        return Likeness()
    is_within = shorter.text in longer.text[: length + LEAD]
    lacking = _lacking(shorter.text, longer.text)
    if len(lacking) == max(0, length - _GRAM + 1):
        return Likeness(length=length, ratio=length / len(longer.text), is_within=is_within, is_reworded=False)
    shorter_gaps = _gaps(lacking, length)
    longer_gaps = _gaps(_lacking(longer.text, shorter.text), len(longer.text))
    shared = length - _size(shorter_gaps)
    shared_of_longer = len(longer.text) - _size(longer_gaps)
    lead = min(LEAD, len(longer.text))
    missing = sum(min(end, lead) - start for start, end in longer_gaps if start < lead)
    same, differ, dates = _numbers(shorter, longer)
    swaps = _swaps(shorter.text, longer.text, shorter_gaps)
    own = [_whole(shorter.text, start, end) for start, end in shorter_gaps]
    new, _ = _new_and_known(own, longer)
    is_from_middle = 2 * missing > lead and shared >= _NEARLY_ALL * length  # the only one that is asked for its topic
    rest = [longer.text[start:end] for start, end in longer_gaps]
    news, news_of_longer = _news((shorter, shorter_gaps), (longer, longer_gaps))
    return Likeness(
        similarity=(shared + shared_of_longer) / (length + len(longer.text)),
        containment=shared / length,
        length=length,
        ratio=length / len(longer.text),
        lead=1 - missing / lead,
        is_within=is_within,
        numbers_same=same,
        numbers_differ=differ,
        dates_differ=dates,
        words_differ=sum(not _OF_NUMBERS.issuperset(each.one + each.other) for each in swaps),
        names_differ=_names_differ(swaps, sum(end < length for _, end in shorter_gaps), length),
        numbers_new=new,
        is_reworded=_is_reworded(own, longer),
        news=news,
        news_of_longer=news_of_longer,
        topic=_topic(shorter.text, rest) if is_from_middle else 1.0,
        is_in_digest=longer.is_digest,
    )


@lru_cache(maxsize=32)
def _grams(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """In their order, and as a set: a string that is kept is hashed once, however often it is looked up."""
    ordered = tuple([text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)])
    return ordered, frozenset(ordered)


def _lacking(one: str, other: str) -> list[int]:
    """Where the grams of one text begin that the other has nowhere."""
    start = _same_at_start(one, other)
    end = len(one) - min(_same_at_start(one[::-1], other[::-1]), len(one) - start)
    places = range(max(0, start - _GRAM + 1), min(end, len(one) - _GRAM + 1))
    if len(places) <= _FEW:  # most copies differ in one place: nothing has to be made of the rest
        return [at for at in places if one[at : at + _GRAM] not in other]
    grams = _grams(other)[1]
    return [at for at, gram in enumerate(_grams(one)[0]) if gram not in grams]


def _same_at_start(one: str, other: str) -> int:
    """How many characters, by halves: a slice is compared faster than its characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _gaps(lacking: list[int], length: int) -> _Gaps:
    """The stretches of a text of this length that no shared gram covers."""
    gaps, place = [], 0
    # A run of lacking grams from first to last: the shared one before it ends behind its start, the next begins after.
    while place < len(lacking):
        first = last = lacking[place]
        while place + 1 < len(lacking) and lacking[place + 1] == last + 1:
            place, last = place + 1, last + 1
        place += 1
        start = first + _GRAM - 1 if first else 0
        end = last + 1 if last + _GRAM < length else length
        if start < end:
            gaps.append((start, end))
    return gaps


def _size(gaps: _Gaps) -> int:
    return sum(end - start for start, end in gaps)


def _numbers(a: _Profile, b: _Profile) -> tuple[int, int, int]:
    """How many numbers stand in the same place in both, how many have another one's place there, and dates of them.

    A paragraph more on one side is no difference: the lesser side counts.
    """
    (same, differ, dates), (same_back, differ_back, dates_back) = _one_way(a, b), _one_way(b, a)
    return min(same, same_back), min(differ, differ_back), min(dates, dates_back)


def _one_way(a: _Profile, b: _Profile) -> tuple[int, int, int]:
    same = differ = dates = 0
    for number, left, right in a.places:
        there = b.before.get(left, _NONE) | b.after.get(right, _NONE)
        dated = right[:1] in _DATED and len(number) <= _LONGEST_DATE and number.isdecimal()
        if number in there:
            same += 1
        elif there and (dated or len(number) < _TELLING or number not in b.numbers):  # else it moved with its sentence
            differ += 1
            dates += dated
    return same, differ, dates


@dataclass(frozen=True, slots=True)
class _Swap:
    one: str
    other: str  # stands in its place in the other text
    after: str  # what follows in both
    at: int


def _swaps(a: str, b: str, gaps: _Gaps) -> list[_Swap]:
    swaps = []
    for start, end in gaps[:_ENOUGH_SWAPS]:  # each is looked for in all of ``b``
        if not 0 < end - start <= _LONGEST_SWAP or 0 < start < _GRAM or end > len(a) - _GRAM:
            continue
        left = b.find(a[start - _GRAM : start]) + _GRAM if start else 0
        right = b.find(a[end : end + _GRAM], left)
        if (left >= _GRAM or not start) and left < right <= left + _LONGEST_SWAP:
            swaps.append(_Swap(a[start:end], b[left:right], a[end : end + _GRAM], start))
    return swaps


def _names_differ(swaps: list[_Swap], gaps: int, length: int) -> bool:
    """Whether a name has been replaced throughout: the notices of two companies. An edited copy has many changes.

    A short notice may name whom it is about only once, in its first words.
    """
    named = [each for each in swaps if not (_COMMON.search(each.one + each.other) or {each.one, each.other} & _GENERAL)]
    for each in named:
        first_words = each.at < _FIRST_WORDS and length < _OFTEN_NAMED
        if first_words and (_ENTITY.match(each.one + each.after) or _ENTITY.match(each.other + each.after)):
            return True
    for (one, other), times in Counter((each.one, each.other) for each in named).most_common(2):
        places = [each for each in named if (each.one, each.other) == (one, other)]
        if any(_ENTITY.match(one + each.after) for each in places):
            is_name, share = True, _MOSTLY_ENTITY
        else:  # whatever it is, it is what the text is about
            is_name, share = min(len(one), len(other)) > 1 and places[0].at < _FIRST_SENTENCE, _NEARLY_ALL
        if is_name and times > 1 and times >= share * gaps:
            return True
    return False


def _wording(own: Iterable[str], other: str) -> float:
    width = _WORD_OF_LETTERS if other.isascii() else _WORD
    pairs = [each[at : at + width] for each in own for at in range(min(len(each) - width + 1, _ENOUGH_WORDING))]
    if not pairs:
        return 1.0
    if len(pairs) <= _FEW:
        return sum(pair in other for pair in pairs) / len(pairs)
    there = _words(other, width)
    return sum(pair in there for pair in pairs) / len(pairs)


@lru_cache(maxsize=16)
def _words(text: str, width: int) -> frozenset[str]:
    return frozenset([text[at : at + width] for at in range(len(text) - width + 1)])


def _topic(text: str, rest: Iterable[str]) -> float:
    """Names come up again in the rest of their story; the items of a round-up have hardly a word in common."""
    words = {text[at : at + _NAME] for at in range(len(text) - _NAME + 1)}
    words = {word for word in words if _OF_NUMBERS.isdisjoint(word)}
    there = _PUT_APART.join(rest)
    return sum(word in there for word in words) / len(words) if words else 0.0


def _new_and_known(own: Iterable[str], other: _Profile) -> tuple[float, float]:
    """The numbers that ``other`` lacks and has, by weight: it tells little that a 3 or a 12 stands in both."""
    told = {number for each in own for number in _NUMBER.findall(each)}
    weights = {number: _WEIGHTS[min(len(number), 3)] for number in told}
    known = sum(weights[number] for number in told & other.numbers)
    return sum(weights.values()) - known, known


def _is_reworded(own: Iterable[str], other: _Profile) -> bool:
    """Whether these sentences tell what ``other`` tells, too, rather than something new.

    The character pairs that both have do not decide alone: they were 0.21 to 0.67 of rewritten starts and 0.10 to
    0.52 of follow-ups. But what is rewritten keeps the numbers, and news brings new ones.
    """
    own = list(own)
    new, known = _new_and_known(own, other)
    wording = _wording(own, other.text)
    return (known > new and known >= _WEIGHTS[3] and wording >= _FEW_WORDS) or (not new and wording >= _MANY_WORDS)


def _news(one: tuple[_Profile, _Gaps], other: tuple[_Profile, _Gaps]) -> tuple[float, float]:
    """For each text the share before the first sentence that both have; 0.0 of one that tells nothing new.

    That is an editor's note, the other's start reworded, or a start without a fact of its own before the same rest.
    """
    starts = [_start_of(gaps) for _, gaps in (one, other)]
    shares, is_empty, is_same_rest = [], False, True
    for (profile, gaps), (against, _), end in ((one, other, starts[0]), (other, one, starts[1])):
        told = _whole(profile.text, 0, end)
        if end and _is_reworded([told], against):
            return 0.0, 0.0
        has_new = _new_and_known([told], against)[0] >= _WEIGHTS[3]
        if end and not has_new:
            is_empty = is_empty or _wording([told], against.text) >= _SAME_TOPIC
        missing = _size([gap for gap in gaps if gap[0] >= end])
        is_same_rest = is_same_rest and missing <= _CHANGED_REST * (len(profile.text) - end)
        shares.append(0.0 if not has_new and _NOTE.search(told) else end / len(profile.text))
    if is_same_rest and is_empty and max(shares) <= _LARGEST_LEAD:
        return 0.0, 0.0
    return shares[0], shares[1]


def _start_of(gaps: _Gaps) -> int:
    end = 0
    for start, stop in gaps:
        if start - end >= _SENTENCE:
            break
        end = stop
    return end if end >= _SENTENCE else 0


def _whole(text: str, start: int, end: int) -> str:
    """A stretch with all of the numbers at its edges: half a number is another number."""
    while start > 0 and text[start] in _OF_NUMBERS and text[start - 1] in _OF_NUMBERS:
        start -= 1
    while end < len(text) and text[end - 1] in _OF_NUMBERS and text[end] in _OF_NUMBERS:
        end += 1
    return text[start:end]
