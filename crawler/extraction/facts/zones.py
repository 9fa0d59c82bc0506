"""In which time zone a page of an unknown site tells its dates.

Pure. By language where one country's clock serves it, else by the offset that the page itself states.
"""

from __future__ import annotations

import re

from crawler.extraction.signals import Signals

_BY_LANGUAGE = {"zh": "Asia/Shanghai", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}
_STATED = ("article:published_time", "datepublished", "article:modified_time", "og:updated_time", "datemodified")
_OFFSET = re.compile(r"T\d\d:\d\d.*([+-])(\d\d):?(\d\d)$")
_HALF_HOURS = {
    "+05:30": "Asia/Kolkata",
    "+03:30": "Asia/Tehran",
    "+09:30": "Australia/Darwin",
    "+05:45": "Asia/Kathmandu",
}


def zone_of(language: str, signals: Signals) -> str:
    """An IANA name. "Etc/GMT+5" is five hours behind Greenwich; "UTC" where the page states nothing."""
    if language in _BY_LANGUAGE:
        return _BY_LANGUAGE[language]
    told = [signals.first(name) for name in _STATED]
    for value in (*told, signals.ld("datePublished"), signals.ld("dateModified")):
        found = _OFFSET.search(value.strip())
        if found and (found[2], found[3]) != ("00", "00"):
            sign, hours, minutes = found.groups()
            if minutes != "00":
                return _HALF_HOURS.get(f"{sign}{hours}:{minutes}", "UTC")
            return f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}" if int(hours) <= 12 else "UTC"
    return "UTC"
