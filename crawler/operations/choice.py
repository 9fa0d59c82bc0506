"""Which sources a run takes: those that were named, else those of which something is due. Nothing is fetched here."""

from __future__ import annotations

from datetime import datetime

from crawler.engine.session import Session
from crawler.models import Source
from crawler.schedule.due import is_due


def why_not(session: Session, source: Source, *, is_named: bool, everything: bool) -> str:
    """Why a source is left out of this run, "" if it is not."""
    if session.recording is not None:
        if not is_named and not any(host in session.recording.hosts for host in source.hosts):
            return "nothing of it is in the recording"
        return ""
    if is_named or everything:
        return ""
    now = session.now()
    lists, others = _dues(session, source)
    if not lists or any(is_due(due, now) for due in lists) or any(due <= now for due in others):
        return ""
    return f"not due before {min([*lists, *others]):%Y-%m-%d %H:%M}"


def _dues(session: Session, source: Source) -> tuple[list[datetime], list[datetime]]:
    """When each of its lists, and the first of its debts and second looks is due, in the machine's zone."""
    index, known = session.library.index, session.library.lists.due(source.name)
    lists = [known.get(entry.url) or session.now() for entry in source.lists]  # new, or never polled to its end: now
    others = (
        index.value(
            "SELECT min(due) FROM frontier WHERE source = ? AND state IN ('owed', 'quarantined')", (source.name,)
        ),
        index.value("SELECT min(due) FROM look WHERE source = ? AND frozen = ''", (source.name,)),
    )
    return [due.astimezone() for due in lists], [datetime.fromisoformat(due).astimezone() for due in others if due]
