"""Date strings of Chinese and other web pages -> ``Moment``, or None.

Pure: the fetch time comes in as ``now``. A string that can be read in two ways, or
that breaks off, is None. Never a guess, never another date, never an exception.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crawler.extraction.text import clean_line
from crawler.models import Moment, Precision

_RAW = 2_000  # characters of raw input that are looked at; templates indent by hundreds
_LONGEST = 200  # characters of a date with its label and what follows it
_BYLINE = 120  # characters of a line in which "3小时前" is a time stamp and not prose
_EARLIEST = 1990
_AHEAD = timedelta(days=1)  # a clock that runs ahead is clamped; more is another date
_SKEW = timedelta(minutes=10)  # the same where the day or the year is inferred from ``now``

# Zone names with one meaning, in hours. Those with several (CST: China, Cuba, US Central) are
# right only where the source's own zone has them; elsewhere the string is ambiguous.
_FIXED_ZONES = dict.fromkeys(("Z", "UT", "UTC", "GMT"), 0) | {"北京时间": 8, "HKT": 8, "SGT": 8}
_FIXED_ZONES |= {"JST": 9, "KST": 9, "MSK": 3, "CET": 1, "CEST": 2}
_LOOSE_ZONES = re.compile("[CEMPA][SD]T|[BI]ST|[EW]ES?T|A[CEW][SD]T|NZ[SD]T")

# --- the grammar; NFKC has made digits, colons, commas and round brackets ASCII ---

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?<![0-9])(?<![0-9][-/.])(?:19|20)[0-9]{2}"
_NTH = r"(?:st|nd|rd|th)?"
_GLUED = r"(?<=[-/.][0-9]{2})(?=[0-9]{2}:[0-9]{2})"  # "10-0812:00": two elements without a blank
_DAY = re.compile(  # the first letter of a group says what it is
    rf"(?P<y1>{_YEAR})(?: ?(?P<same>[-/.]) ?(?P<m1>[0-9]{{1,2}}) ?(?P=same) ?| (?P<m2>[0-9]{{1,2}})/)"
    rf"(?P<d1>[0-9]{{1,2}})(?:日|(?![0-9]|[-/.][0-9])|{_GLUED})"
    rf"|(?P<y2>{_YEAR}) ?年 ?(?P<m3>[0-9]{{1,2}}) ?月 ?(?P<d2>[0-9]{{1,2}}) ?(?:[日号]|(?![0-9]))"
    rf"|(?<![0-9])(?P<d3>[0-9]{{1,2}}){_NTH}[ -](?:of )?(?P<m4>{_MONTH}),?[ -](?P<y3>[0-9]{{4}})(?![0-9])"
    rf"|\b(?P<m5>{_MONTH}) ?(?P<d4>[0-9]{{1,2}}){_NTH},? (?P<y4>[0-9]{{4}})(?![0-9:])",
    re.IGNORECASE,
)
_COMPACT = re.compile(  # 20220704, 20220704T125800Z, 20220704125800
    r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?)?(?![0-9])"
)
_CTIME = re.compile(  # "Jul 4 12:58:00 CST 2022", as Java and date(1) print it
    rf"\b({_MONTH} [0-9]{{1,2}}) ([0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?"
    r"(?: [A-Z]{1,4}\b)?(?: ?[+-][0-9:]{1,5})?) ([0-9]{4})(?![0-9])",
    re.IGNORECASE,
)
_YEARLESS = re.compile(rf"([0-9]{{1,2}}) ?月 ?([0-9]{{1,2}}) ?[日号]|([0-9]{{2}})-([0-9]{{2}})(?:(?![-0-9])|{_GLUED})")
_WEEKDAY = re.compile(
    r" ?,? ?(?:\(?(?:(?:星期|礼拜|周)[一二三四五六日天]"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)\)?|\([一二三四五六日]\)) ?,? ?",
    re.IGNORECASE,
)
_AM, _PM, _NIGHT = "上午|早上|早晨|清晨|早间|凌晨|早", "下午|午后|傍晚", "晚上|晚间|夜间|深夜|晚"
_AMPM = r"[ap]\.?m\b\.?"
_HALF = rf"{_AM}|{_PM}|{_NIGHT}|中午|{_AMPM}"
_CLOCK = re.compile(
    rf"(?P<iso>T)?(?:(?P<half>{_HALF}) ?)?(?P<h>[0-9]{{1,2}}) ?[:时点] ?(?P<mi>[0-9]{{1,2}})(?![0-9]) ?分?"
    r"(?:(?: ?: ?|(?<=分) ?)(?P<s>[0-9]{1,2})(?![0-9])(?:[.,][0-9]{1,9})? ?秒?)?"
    rf"(?: ?(?P<after>{_AMPM}))?",
    re.IGNORECASE,
)
_HOUR = re.compile(rf"(?:{_HALF})? ?(?:[01]?[0-9]|2[0-4]) ?[时点]整?|(?:{_HALF})(?! ?[0-9])", re.IGNORECASE)
_BETWEEN = re.compile(r" ?[,|·] ?| at | ", re.IGNORECASE)
_OFFSET = re.compile(
    r" ?(?P<utc>GMT|UTC)? ?(?P<sign>[+-])(?P<gap> ?)(?P<h>[0-9]{1,2})(?P<colon>:?)(?P<mi>[0-9]{2})?(?![0-9:])"
    r"(?: ?\([^()]{1,40}\))?"
)
_ZONE_NAME = re.compile(r" ?\(?([A-Z]{1,4}\b|z\b|北京时间)\)?")
_AGO = re.compile(
    r"(?:(?P<days>[0-9]{1,5}) ?天 ?)?(?:(?P<half>半) ?个?小时|(?:(?P<hours>[0-9]{1,5}) ?(?:个 ?)?小时 ?)?"
    r"(?:(?P<minutes>[0-9]{1,5}) ?分钟? ?)?(?:(?P<seconds>[0-9]{1,5}) ?秒钟? ?)?)[之以]?前"
    r"|(?P<count>[0-9]{1,5}|an?|one) (?P<unit>second|sec|minute|min|hour|hr|day)s? ago"
    r"|(?P<just>刚刚|刚才|just now)",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(r"今[天日]|今(?=[早晚])|昨[天日]|昨(?=晚)|大前天|前天|today|yesterday", re.IGNORECASE)
_DAYS_BACK = {"今": 0, "t": 0, "昨": 1, "y": 1, "前": 2, "大": 3}  # by the first letter
_LABEL = re.compile(
    r"[\[(【《<|·•*: ]*(?:(?:发布|发表|发稿|发文|出版|刊发|刊登|刊出|上传|创建|添加|录入|撰写|公布|公告"
    r"|新闻|文章|稿件|信息|日期|时间|于|在|publish(?:ed)?|posted|pubdate|date|time|on|at)[ :]*)*",
    re.IGNORECASE,
)
_REST = re.compile(
    r"[ \])】》>|·•*,.;:。、/\\-]*(?:(?:发布|发表|刊发|出版|来源|文章来源|来自|出处|稿源|转载|作者|记者|编辑"
    r"|责编|责任编辑|审核|校对|阅读|浏览|点击|评论|分享|收藏|字号|source\b|from\b|by\b|views?\b).*)?",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"(?:更新|修改|修订|updated?|modified|edited)(?:(?!发布|发表|publish|posted)[^0-9]){0,16}$", re.IGNORECASE
)
_UPDATED_AFTER = re.compile(r" ?(?:更新|修改)")
_NUMERAL = re.compile(r"[〇○零一二两三四五六七八九十廿卅]{1,4}(?= ?(?:[年月日号时点分秒]|天[之以]?前|(?:个 ?)?小时))")
_DIGITS = str.maketrans("〇○零一二两三四五六七八九", "0001223456789")
# Dashes, and traditional characters of the words above.
_SPELLING = str.maketrans("‐‑‒–—―−時間鐘點號發於佈週禮後剛聞來記責編輯", "-------时间钟点号发于布周礼后刚闻来记责编辑")


class _Time(NamedTuple):
    """What stands after a day: time since 00:00, precision, zone if given, and where it ends."""

    since: timedelta
    precision: Precision
    where: tzinfo | None
    end: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """What dates are read against. ``now`` is in the source's zone."""

    tz: ZoneInfo
    now: datetime
    provenance: str

    def moment(self, day: datetime, time: _Time) -> Moment | None:
        """Naive ``day`` and what was read after it; None if out of range."""
        try:
            at = (day + time.since).replace(tzinfo=time.where or self.tz)
            if time.precision is not Precision.DAY:  # by way of UTC an hour that DST skips becomes a real one
                at = at.astimezone(UTC).astimezone(self.tz)
            ahead = at.astimezone(UTC) - self.now.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
        if at.year < _EARLIEST or ahead > _AHEAD:
            return None
        at, clamped = (self.now, "+clamped") if ahead > timedelta(0) else (at, "")
        return Moment(_trim(at, time.precision), time.precision, self.provenance + clamped)

    def has_passed(self, day: datetime, time: _Time) -> bool:
        at = (day + time.since).replace(tzinfo=time.where or self.tz)
        return at.astimezone(UTC) - _SKEW <= self.now.astimezone(UTC)

    def day_back(self, days: int) -> datetime:
        return datetime.combine(self.now.date() - timedelta(days), datetime.min.time())


_DAY_ONLY = _Time(timedelta(0), Precision.DAY, None, 0)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


def parse(raw: str, *, zone: str, now: datetime, provenance: str = "") -> Moment | None:
    """A string that is a date, at most with a label before and a byline after it."""
    frame = _frame(zone, now, provenance)
    line = _plain(raw) if len(raw) <= _RAW else ""
    if frame is None or not 2 <= len(line) <= _LONGEST:
        return None
    line = line[_end(_LABEL, line, 0) :]
    if line.isdecimal() and len(line) in (10, 13):
        return frame.moment(_EPOCH, _Time(timedelta(seconds=int(line[:10])), Precision.SECOND, UTC, 0))
    weekday = _end(_WEEKDAY, line, 0)
    line = _COMPACT.sub(_spread, line[weekday:], count=1)
    for shape, read in _DATES if weekday else (*_DATES, *_RELATIVE, (_CLOCK, _read_clock)):
        if found := shape.match(line):
            moment, end = read(frame, line, found)
            return moment if _REST.fullmatch(line, _end(_WEEKDAY, line, end)) else None
    return _by_dateparser(frame, line, zone)


def first_in(text: str, *, zone: str, now: datetime, provenance: str = "") -> Moment | None:
    """The first date with a year that stands in a short text; in a byline also "3小时前", "昨天 08:10".

    A date that is called an update is passed over.
    """
    frame, line = _frame(zone, now, provenance), _plain(text[:_RAW])
    if frame is None:
        return None
    found = None
    for found in _DAY.finditer(line):
        moment, end = _read_day(frame, line, found)
        if moment and not _is_update(line, found.start(), end):
            return moment
    if found or len(line) > _BYLINE:
        return None
    for shape, read in _RELATIVE:
        for found in shape.finditer(line):
            moment, end = read(frame, line, found)
            if moment and moment.precision is not Precision.DAY and not _is_update(line, found.start(), end):
                return moment
    return None


# --- addresses -----------------------------------------------------------------

_YMD = r"(?P<y>199[0-9]|20[0-9]{2})%s(?P<m>0[1-9]|1[0-2])%s(?P<d>0[1-9]|[12][0-9]|3[01])"
_URL_PATH = re.compile(r"[A-Za-z]+://[^/?#]*([^?#]*)")
_URL_DAYS = (
    re.compile("/" + _YMD % ("[-/]?", "[-/]?") + "(?=/)"),  # /2022-01/05/  /2022/0105/  /20250704/
    re.compile("/" + _YMD % ("[-/]", "[-/]") + "(?=$|[-_.])"),  # /2022/01/05.html  /2022-01-05-title
    re.compile("(?<![0-9])" + _YMD % ("", "") + "(?=_[0-9])"),  # /t20260129_6535715.html
    re.compile("(?<=[/,W])" + _YMD % ("", "") + r"[0-9]{9,10}(?=\.|$)"),  # /a/202201052236968971.html
    re.compile("(?<![0-9])" + _YMD % ("", "") + "(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){1,2}(?![0-9])"),  # 20220105223600
)
_URL_MILLISECONDS = re.compile(r"/A(1[0-9]{12})(?=\.|$)")  # /A1785740390222.html


def from_url(url: str, *, zone: str) -> Moment | None:
    """The day that an address names, if all its dates agree. Not checked against a clock."""
    tz, parts = _zone(zone), _URL_PATH.match(url[:_RAW])
    if tz is None or parts is None:
        return None
    path = parts[1]
    matches = [found for pattern in _URL_DAYS for found in pattern.finditer(path)]
    days = {day for found in matches if (day := _day(found["y"], found["m"], found["d"]))}
    if not matches and (stamp := _URL_MILLISECONDS.search(path)):
        days.add(datetime.fromtimestamp(int(stamp[1]) / 1000, tz).replace(tzinfo=None))
    if len(days) != 1:
        return None
    return Moment(_trim(days.pop().replace(tzinfo=tz), Precision.DAY), Precision.DAY, "url")


# --- shapes: (frame, line, match) -> moment, where it ends -----------------------

_Read = tuple[Moment | None, int]
_UNITS = ("days", "hours", "minutes", "seconds")


def _read_day(frame: _Frame, line: str, found: re.Match[str]) -> _Read:
    fields = {name[0]: value for name, value in found.groupdict().items() if value and name != "same"}
    day = _day(fields["y"], fields["m"], fields["d"])
    time = _time_after(frame, line, found.end(), day) if day else None
    if day is None or time is None:
        return None, found.end()
    return frame.moment(day, time), time.end


def _read_yearless(frame: _Frame, line: str, found: re.Match[str]) -> _Read:
    """The latest year that is not in the future; eight back, for 29 February."""
    month, number = found[1] or found[3], found[2] or found[4]
    for year in range(frame.now.year, frame.now.year - 9, -1):
        day = _day(str(year), month, number)
        time = _time_after(frame, line, found.end(), day) if day else None
        if day and time and frame.has_passed(day, time):
            return frame.moment(day, time), time.end
    return None, found.end()


def _read_named_day(frame: _Frame, line: str, found: re.Match[str]) -> _Read:
    day = frame.day_back(_DAYS_BACK[found[0][0].lower()])
    time = _time_after(frame, line, found.end(), day)
    return (frame.moment(day, time), time.end) if time else (None, found.end())


def _read_ago(frame: _Frame, line: str, found: re.Match[str]) -> _Read:
    if found["unit"]:
        unit = next(unit for unit in _UNITS if unit[0] == found["unit"][0].lower())
        amounts = {unit: int(found["count"]) if found["count"].isdigit() else 1}
    else:
        amounts = {unit: int(found[unit]) for unit in _UNITS if found[unit]}
    if found["half"]:
        amounts["minutes"] = 30
    if not amounts and not found["just"]:
        return None, found.end()
    if amounts.keys() == {"days"}:  # the site has dropped the time of day
        return frame.moment(frame.day_back(amounts["days"]), _DAY_ONLY), found.end()
    utc = frame.now.astimezone(UTC).replace(tzinfo=None)
    return frame.moment(utc, _Time(-timedelta(**amounts), Precision.MINUTE, UTC, 0)), found.end()


def _read_clock(frame: _Frame, line: str, found: re.Match[str]) -> _Read:
    """A time alone is today's, or yesterday's if that is still to come."""
    today = frame.day_back(0)
    time = _time_after(frame, line, found.start(), today)
    if time is None or time.where:
        return None, found.end()
    return frame.moment(today if frame.has_passed(today, time) else frame.day_back(1), time), time.end


_DATES = ((_DAY, _read_day), (_YEARLESS, _read_yearless))
_RELATIVE = ((_NAMED_DAY, _read_named_day), (_AGO, _read_ago))


# --- parts ---------------------------------------------------------------------


def _time_after(frame: _Frame, line: str, at: int, day: datetime) -> _Time | None:
    """What stands at ``line[at]``; ``_DAY_ONLY`` if no time, None if an impossible or ambiguous one."""
    end = _end(_WEEKDAY, line, at)
    begin = _end(_BETWEEN, line, end)
    clock = _CLOCK.match(line, begin)
    if clock is None:
        hour = _HOUR.match(line, begin)  # "15时": no minutes, so no time
        return _DAY_ONLY._replace(end=hour.end() if hour else end)
    since = _since_midnight(clock)
    if since is None:
        return None
    precision = Precision.SECOND if clock["s"] else Precision.MINUTE
    time = _Time(since, precision, None, clock.end())
    if offset := _OFFSET.match(line, clock.end()):
        return _with_offset(time, offset, exact=bool(clock["iso"] or clock["s"]))
    name = _ZONE_NAME.match(line, clock.end())
    if name is None:
        return time
    where = _named_zone(name[1].upper(), frame.tz, day.year)
    if where:
        return time._replace(where=where, end=name.end())
    return None if _LOOSE_ZONES.fullmatch(name[1]) else time  # another word: text that follows


def _since_midnight(clock: re.Match[str]) -> timedelta | None:
    hour, minute, second = int(clock["h"]), int(clock["mi"]), int(clock["s"] or 0)
    half = (clock["half"] or "").lower().replace(".", "")
    after = (clock["after"] or "").lower().replace(".", "")
    if half and after:
        return None
    if second == 60 and minute == 59:  # a leap second
        second = 59
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (half or after or minute or second)):
        return None
    turned = _turned(hour, half or after)
    return None if turned is None else timedelta(hours=turned, minutes=minute, seconds=second)


def _turned(hour: int, half: str) -> int | None:
    """An hour of the 12-hour clock on the 24-hour clock; None if they contradict each other."""
    if not half:
        return hour
    if half in ("am", *_AM.split("|")):
        return hour % 12 if hour <= 12 else None
    if half in ("pm", *_PM.split("|")):
        return hour if hour >= 12 else hour + 12 if hour else None
    if half == "中午":
        return hour if 11 <= hour <= 14 else hour + 12 if 1 <= hour <= 2 else None
    return hour if hour >= 17 else hour + 12 if 5 <= hour <= 11 else None  # "晚上12:30" is of two days


def _with_offset(time: _Time, offset: re.Match[str], *, exact: bool) -> _Time | None:
    hours, minutes = int(offset["h"]), int(offset["mi"] or 0)
    if len(offset["h"]) == 1 and not offset["utc"]:
        return time  # "- 3 comments"
    if offset["sign"] == "-" and offset["colon"] and (offset["gap"] or not exact):
        return None  # "09:00-11:00" is a span
    total = (hours * 60 + minutes) * (-1 if offset["sign"] == "-" else 1)
    if minutes > 59 or not -12 * 60 <= total <= 14 * 60:
        return None
    return time._replace(where=timezone(timedelta(minutes=total)), end=offset.end())


def _named_zone(name: str, tz: ZoneInfo, year: int) -> tzinfo | None:
    for month in (1, 7):
        season = datetime(year, month, 1, tzinfo=tz)
        if season.tzname() == name:
            return timezone(season.utcoffset() or timedelta(0))
    hours = _FIXED_ZONES.get(name)
    return None if hours is None else timezone(timedelta(hours=hours))


def _day(year: str, month: str, day: str) -> datetime | None:
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return datetime(int(year), number, int(day))  # noqa: DTZ001
    except ValueError:
        return None


def _is_update(line: str, start: int, end: int) -> bool:
    return bool(_UPDATED.search(line[max(0, start - 20) : start]) or _UPDATED_AFTER.match(line, end))


def _trim(at: datetime, precision: Precision) -> datetime:
    if precision is Precision.DAY:
        return at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return at.replace(microsecond=0) if precision is Precision.SECOND else at.replace(second=0, microsecond=0)


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    return found.end() if found else at


def _plain(raw: str) -> str:
    line = unicodedata.normalize("NFKC", clean_line(raw)).translate(_SPELLING)
    return _CTIME.sub(r"\1 \3 \2", _NUMERAL.sub(_arabic, line))


def _arabic(found: re.Match[str]) -> str:
    """二〇二二 -> 2022, 二十五 -> 25, 廿三 -> 23."""
    said = found[0].replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = said.rpartition("十")
    if ten:
        tens, ones = tens or "一", ones or "〇"
    return (tens + ones).translate(_DIGITS)


def _spread(found: re.Match[str]) -> str:
    year, month, day, hour, minute, second = found.groups()
    clock = f"T{hour}:{minute}" + (f":{second}" if second else "") if hour else ""
    return f"{year}-{month}-{day}{clock}"


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _frame(zone: str, now: datetime, provenance: str) -> _Frame | None:
    tz = _zone(zone)
    if tz is None or now.utcoffset() is None or not _EARLIEST < now.year < 9999:
        return None
    return _Frame(tz, now.astimezone(tz), provenance)


# --- the last resort -------------------------------------------------------------

_FALLBACK_MONTH = re.compile(rf"\b{_MONTH}", re.IGNORECASE)


def _by_dateparser(frame: _Frame, line: str, zone: str) -> Moment | None:
    """dateparser for a day with an English month, held to what the string says.

    Left alone it invents days, swaps months and takes CST for US Central, without a word.
    """
    numbers = [int(number) for number in re.findall(r"[0-9]+", line)]
    month = _FALLBACK_MONTH.search(line)
    if len(line) >= 60 or not month or len(numbers) != 2 or max(numbers) < _EARLIEST:
        return None
    import dateparser

    settings = {"STRICT_PARSING": True, "RELATIVE_BASE": frame.now.replace(tzinfo=None), "TIMEZONE": zone}
    try:
        found = dateparser.parse(line, languages=["zh", "en"], settings=settings)
    except Exception:  # it is fed with anything; whatever it raises means "no date"
        return None
    day = found and _day(str(max(numbers)), month[0], str(min(numbers)))
    if not day or found.date() != day.date():
        return None
    return frame.moment(day, _DAY_ONLY)
