"""The verdict on one source in one run. Pure: counts in, report out.

Health over many runs (hysteresis, alerts) is another thing, and built on this: ``health``.
"""

from __future__ import annotations

from collections import Counter

from crawler.engine.tally import Tally
from crawler.models import Source, SourceReport, Stage, Verdict

SHARE = 5  # more than one in five new articles lost, or read another way than declared, is degraded


def judge(tally: Tally, source: Source, *, owed: int, stopped: str = "") -> SourceReport:
    """ok, degraded, failing or dormant, with the stage that broke and the reason."""
    verdict, stage, reason = _verdict(tally, source, stopped)
    return SourceReport(
        name=tally.name,
        verdict=verdict,
        stage=stage,
        reason=reason,
        found=tally.found,
        new=tally.new,
        fetched=tally.fetched,
        saved=tally.saved,
        revised=tally.revised,
        withdrawn=tally.withdrawn,
        rechecked=tally.looked,
        duplicates=tally.duplicates,
        rejected=tally.rejected,
        quarantined=tally.quarantined,
        failed=tally.failed,
        owed=owed,
        requests=tally.requests,
        not_modified=tally.not_modified,
        gap=tally.gap,
        paths=tuple(sorted(tally.paths)),
    )


def skipped(name: str, reason: str, owed: int = 0) -> SourceReport:
    return SourceReport(name=name, verdict="skipped", reason=reason, owed=owed)


def broken(name: str, reason: str) -> SourceReport:
    """A source file that could not even be loaded."""
    return SourceReport(name=name, verdict="failing", stage="fetch", reason=reason)


def _verdict(tally: Tally, source: Source, stopped: str) -> tuple[Verdict, Stage, str]:
    if tally.broken:
        return "failing", "fetch", tally.broken
    if stopped:
        return "degraded", "", f"stopped early: {stopped}"
    troubles = _troubles(tally)
    got_something = tally.saved + tally.revised + tally.unchanged + tally.duplicates > 0
    if source.dormant_since and not got_something and not tally.lost:
        since = f"silent since {source.dormant_since}"
        return "dormant", "", f"{since}; {troubles[0][2]}" if troubles else since
    asked = tally.looked + tally.looks_unanswered
    if not tally.lists and asked and tally.looks_failed * SHARE > asked:  # `recheck`: nothing else was asked
        what = f"{tally.looks_failed} of {asked} stored articles could not be looked at again: {tally.look_reason}"
        return ("failing" if tally.looks_failed == asked else "degraded"), "fetch", what
    answered = tally.lists - tally.lists_missed
    if tally.lists and not answered:
        return "failing", "fetch", f"none of its {tally.lists} lists is in the recording"
    if answered and len(tally.troubles) >= answered and not got_something:
        return "failing", troubles[0][1], troubles[0][2]
    if tally.tried and tally.lost == tally.tried:
        return "failing", "article", _lost(tally)
    return troubles[0] if troubles else ("ok", "", "")


def _troubles(tally: Tally) -> list[tuple[Verdict, Stage, str]]:
    """What is wrong, in the order in which an article flows."""
    found: list[tuple[Verdict, Stage, str]] = []
    for stage in ("fetch", "list"):
        these = [trouble for trouble in tally.troubles if trouble.stage == stage]
        if these:
            first = these[0]
            more = f" (and {len(these) - 1} more lists)" if len(these) > 1 else ""
            found.append(("degraded", first.stage, f"{first.url}: {first.reason}{more}"))
    if tally.shapeless:
        found.append(
            (
                "degraded",
                "list",
                f"{tally.shapeless} lists no longer match the declared rows; links were taken by their shape",
            )
        )
    if tally.tried and tally.lost * SHARE > tally.tried:
        found.append(("degraded", "article", _lost(tally)))
    if tally.vanished:
        found.append(("degraded", "article", tally.vanished))
    read = tally.tried - tally.lost
    if read and tally.generic * SHARE > read:
        found.append(
            (
                "degraded",
                "article",
                f"{tally.generic} of {read} articles without the declared body container; read the generic way",
            )
        )
    for count, name in ((tally.no_title, "title"), (tally.no_date, "date")):
        if read and count * SHARE > read:
            found.append(("degraded", "field", f"{count} of {read} articles without a {name}"))
    return found


def _lost(tally: Tally) -> str:
    reasons: Counter[str] = tally.reasons
    top = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
    return f"{tally.lost} of {tally.tried} new articles were not had: {top}"
