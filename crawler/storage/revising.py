"""What may become of an article that is there already: revised, only flickering, flapping, withdrawn, standing again."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawler.dedup.flapping import Version, flaps
from crawler.dedup.flicker import same_but_for_flicker
from crawler.models import Decision, Verb
from crawler.storage import filing
from crawler.storage.disk import Disk
from crawler.storage.documents import read_back
from crawler.storage.index import Index, StoredArticle
from crawler.storage.submissions import Submission

FLICKER, FLAPS, SAME_PAGE = "flicker", "flaps", "same-page"  # rules of a decision


def weigh(
    disk: Disk, index: Index, submission: Submission, decision: Decision, known: StoredArticle, now: datetime
) -> tuple[Decision, str]:
    """A revision, looked at once more: perhaps the page only flickers, or flaps. Answers what to say of it, too."""
    if decision.verb is not Verb.REVISED:
        return decision, ""
    if known.title == submission.article.title and _only_flickers(disk, submission, known):
        return replace(decision, verb=Verb.UNCHANGED, rule=FLICKER), ""
    others = [each for each in index.articles_with_text(known.source, submission.fingerprint) if each.id != known.id]
    if others and not submission.by_hand:
        note = f"{known.url}: now shows the text of {others[0].url}: taken for a fault of the site, the document stays"
        return replace(decision, verb=Verb.DEFERRED, rule=SAME_PAGE), note
    new = Version(now, submission.article.title, submission.fingerprint)
    if not submission.by_hand and (reason := flaps(_versions(index, known), new)):
        return replace(decision, verb=Verb.DEFERRED, rule=FLAPS), f"{known.url}: {reason}: frozen, not looked at again"
    return decision, ""


def _only_flickers(disk: Disk, submission: Submission, known: StoredArticle) -> bool:
    standing = disk.read(known.path)
    if standing is None or hashlib.sha256(standing).hexdigest() != known.sha256:
        return False
    # Both as they are read from a document: the page's own text has another form.
    old, new = read_back(standing), read_back(submission.render(submission.article, known.style))
    return old is not None and new is not None and same_but_for_flicker(old.text, new.text)


def _versions(index: Index, known: StoredArticle) -> list[Version]:
    rows = index.rows(
        "SELECT at, fields FROM change WHERE source = ? AND key = ? AND op IN ('add', 'revise') ORDER BY seq",
        (known.source, known.key),
    )
    told = [(datetime.fromisoformat(at), json.loads(fields)) for at, fields in rows]
    # Not a pointer, nor one that stands again: those are the same text.
    texts = [
        (at, fields)
        for at, fields in told
        if "reason" not in fields and ("shape" not in fields or fields["revision"] == 1)
    ]
    return [Version(at, fields.get("title", ""), fields.get("fingerprint", "")) for at, fields in texts]


def withdraw(connection: sqlite3.Connection, article: int, reason: str, now: datetime) -> dict[str, Any] | None:
    """The site has taken it away: noted, its document stays. Answers the journal's line, None if that is known."""
    return _note(connection, article, "withdraw", reason, now, "withdrawn = ''", filing.withdraw)


def stand_again(connection: sqlite3.Connection, article: int, now: datetime) -> dict[str, Any] | None:
    """A withdrawn article is there again, with the text that it had."""
    return _note(connection, article, "revise", "stands again", now, "withdrawn != ''", filing.stand_again)


def _note(
    connection: sqlite3.Connection,
    article: int,
    op: str,
    reason: str,
    now: datetime,
    condition: str,
    file: Callable[[sqlite3.Connection, dict[str, Any]], None],
) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT path, sha256, source, key, url, title, fingerprint, revision FROM article "  # noqa: S608
        f"WHERE id = ? AND {condition}",
        (article,),
    ).fetchone()
    if row is None:
        return None
    names = ("path", "sha256", "source", "key", "url", "title", "fingerprint", "revision")
    head = {"seq": filing.next_seq(connection), "op": op, "at": now.isoformat()}
    line = {**head, **dict(zip(names, row, strict=True)), "reason": reason}
    file(connection, line)
    return line
