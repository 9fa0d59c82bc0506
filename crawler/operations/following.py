"""After a run: what it says of each source goes into its health, its rhythm and the traits of its articles."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo

from crawler.engine.tally import Tally
from crawler.health import traits
from crawler.health.condition import Health, advance, counts, silent_since, voice
from crawler.models import Source, SourceReport
from crawler.schedule.rhythm import Rhythm, learn
from crawler.storage import conditions

_FIELDS = ("source", "state", "since", "stage", "cause", "bad", "first_bad", "last_good", "last_new")


def known_health(connection: sqlite3.Connection, source: str) -> tuple[Health, Rhythm, tuple[traits.Trait, ...]]:
    row = conditions.read(connection, source)
    if row is None:
        return Health(source), Rhythm(), ()
    health = Health(**{name: row[name] for name in _FIELDS})
    return health, Rhythm.from_json(row["rhythm"]), traits.from_json(row["traits"])


def follow(connection: sqlite3.Connection, report: SourceReport, tally: Tally, source: Source, now: datetime) -> None:
    """In the transaction that keeps the run. ``now`` is its end."""
    if not counts(report):
        return
    health, rhythm, window = known_health(connection, source.name)
    zone = ZoneInfo(source.zone or "Asia/Shanghai")
    if tally.lists > len(tally.troubles):  # what no list could tell is no sign of a slow day
        rhythm = learn(rhythm, now, tally.new, zone, published=tally.published, complete=tally.gap is None)
    window = traits.add(window, tally.traits)
    found = traits.findings(window) if tally.traits else []
    bad = voice(report, found, "" if tally.new else silent_since(health, rhythm, now, source.zone))
    alert = None
    # Nothing to judge by: the list that has failed was not asked, what was wrong with the articles still is.
    if bad is not None or not (tally.lists_resting or (not tally.traits and traits.findings(window))):
        health, alert = advance(health, report, bad, now.isoformat())
    row = [getattr(health, name) for name in _FIELDS]
    conditions.write(connection, [*row, rhythm.to_json(), traits.to_json(window)])
    if alert is not None:
        conditions.add_alert(connection, alert.source, now.isoformat(), alert.state, alert.stage, alert.text)
