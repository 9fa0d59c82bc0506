"""The library: articles become documents here, in an order that no crash can break.

    1 intent    one IMMEDIATE transaction: decide on the index as it is now; note key, path and
                sha256 of what will be written, with all that is needed to finish it later
    2 file      write a temporary file -> fsync -> link (new) or replace (revision) -> fsync folder
    3 commit    one IMMEDIATE transaction: article, all its addresses and ids, change log; debt
                and intent cleared
    4 journal   append the change, with every field, to .state/journal/YYYY-MM.ndjson

Intent before effect: so that a crash is told from a person's edit. A file is durable
before its row: so that an article the index calls saved has its file. A crash at any
point is mended by ``recover``, which runs at every start.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from crawler.dedup.fingerprint import fingerprint
from crawler.dedup.rules import Evidence, decide
from crawler.errors import StorageError
from crawler.models import Article, Decision, Verb
from crawler.storage import filing, looks, revising, visits
from crawler.storage.aside import put_aside
from crawler.storage.disk import Disk
from crawler.storage.fields import article_fields
from crawler.storage.frontier import Frontier
from crawler.storage.index import Index, StoredArticle
from crawler.storage.journal import Journal
from crawler.storage.layout import CHANGES, COPIES, TEMPORARY
from crawler.storage.layout import STATE as STATE
from crawler.storage.lists import Lists
from crawler.storage.looks import Looks, SecondLook
from crawler.storage.opening import open_index
from crawler.storage.placing import Intent, names, note_intent, place
from crawler.storage.pointing import HIDDEN, Rewrite, announce, goes, is_twin
from crawler.storage.stories import place_and_log, text_of, would_be_copy
from crawler.storage.submissions import Outcome as Outcome
from crawler.storage.submissions import Submission as Submission
from crawler.storage.submissions import without_twins
from crawler.storage.visits import Visit


class Library:
    """One collection on disk. Open it only while the run lock is held."""

    def __init__(self, disk: Disk):
        self.disk = disk
        for folder in (STATE, TEMPORARY, CHANGES):
            disk.make_folder(folder)
        self.index: Index = open_index(disk)
        self.frontier = Frontier(self.index)
        self.lists = Lists(self.index)
        self.looks = Looks(self.index)
        self.visits: list[Visit] = []  # of this run, not written yet
        self.journal = Journal(disk, self.index)
        self._recovered: datetime | None = None  # None also after a fault: then the next start has to mend

    def close(self) -> None:
        """Tell the journal what else this run has learnt. That may fail: the next start does it."""
        if self._recovered is not None:
            try:
                if self.visits:
                    with self.index.transaction() as connection:
                        self._note_visits(connection)
                self.journal.tell(self._recovered)
            except StorageError as error:
                logging.warning("%s (the journal is completed at the next start)", error)
        self.index.close()

    def begin_run(self, run_id: str, started: datetime, pid: int) -> None:
        with self.index.transaction() as connection:
            connection.execute(
                "INSERT INTO run (run_id, started, pid) VALUES (?, ?, ?)", (run_id, started.isoformat(), pid)
            )

    # --- the four steps ------------------------------------------------------

    def store(self, submissions: Sequence[Submission], now: datetime) -> list[Outcome]:
        """Take a few articles at once; the answers stand in the same order.

        Raises StorageError where the disk or the index fails: nothing half done is visible,
        and the next start finishes or drops what was begun.
        """
        outcomes: dict[int, Outcome] = {}
        waiting = list(enumerate(submissions))
        with self._in_doubt():
            while waiting:
                # Two that may be one article never share a group: the later one has to be
                # decided on an index that holds the earlier one.
                group, waiting = without_twins(waiting)
                for number, outcome in self._store_group(group, now):
                    outcomes[number] = outcome
        return [outcomes[number] for number in range(len(submissions))]

    @contextmanager
    def _in_doubt(self) -> Iterator[None]:
        """What stops in here leaves the journal to the next start."""
        recovered, self._recovered = self._recovered, None
        yield
        self._recovered = recovered

    def _store_group(self, group: list[tuple[int, Submission]], now: datetime) -> list[tuple[int, Outcome]]:
        self.disk.refuse_low_space()
        outcomes: list[tuple[int, Outcome]] = []
        intents: list[tuple[int, Intent, Decision]] = []
        returned: list[dict[str, Any]] = []  # changes without a new text
        # 1 intent
        with self.index.transaction() as connection:
            for number, submission in group:
                decision, known = self._decide(submission.article, submission.fingerprint)
                note = ""
                if known is not None:
                    decision, note = revising.weigh(self.disk, self.index, submission, decision, known, now)
                if decision.verb is Verb.NEW or decision.verb is Verb.REVISED:
                    intent, note = self._intend(connection, submission, known, now)
                    if intent is None:
                        assert known is not None
                        self._remember(connection, submission, known.id, decision.rule, now)
                        outcomes.append((number, Outcome(replace(decision, verb=Verb.DEFERRED), known.path, note)))
                    else:
                        intents.append((number, intent, decision))
                else:
                    assert known is not None
                    self._remember(connection, submission, known.id, decision.rule, now)
                    if decision.rule == revising.FLAPS:
                        looks.freeze(connection, known.id, known.source, note)
                    elif decision.verb is Verb.UNCHANGED and (line := revising.stand_again(connection, known.id, now)):
                        returned.append(line)
                    outcomes.append((number, Outcome(decision, known.path, note)))
            self._note_visits(connection)
        self.journal.append(returned)
        for (number, _, decision), intent in zip(
            intents, self._carry_out([each for _, each, _ in intents], now), strict=True
        ):
            outcomes.append((number, _outcome(decision, intent)))
        return outcomes

    def _carry_out(self, intents: Sequence[Intent], now: datetime) -> list[Intent]:
        """Steps 2 to 4; answers the intents as they were carried out: a document's name may differ."""
        if not intents:
            return []
        # 2 file
        placed = [place(self.disk, self.index, intent) for intent in intents]
        self.disk.sync_folders(str(PurePosixPath(intent.path).parent) for intent in placed)
        # 3 commit
        with self.index.transaction() as connection:
            changes = [line for intent in placed for line in self._commit(connection, intent, now)]
        # 4 journal
        self.journal.append(changes)
        for intent in placed:
            self.disk.remove(intent.temporary)
        return placed

    def rewrite(self, rewrites: Sequence[Rewrite], now: datetime) -> None:
        """Documents become pointers, or whole again, or visible: the same four steps, the text kept aside before."""
        with self._in_doubt():
            with self.index.transaction() as connection:
                intents = [announce(connection, rewrite, now) for rewrite in rewrites]
            self._carry_out(intents, now)

    def decide(self, article: Article) -> Decision:
        """What would become of it, without storing anything."""
        return self._decide(article, fingerprint(article.text))[0]

    def _decide(self, article: Article, print_: str) -> tuple[Decision, StoredArticle | None]:
        by_key = self.index.article_by_key(article.source, article.key)
        by_address = None if by_key else self._by_address(article)
        by_text = self.index.articles_with_text(article.source, print_)
        decision = decide(article, print_, Evidence(by_key, by_address, by_text))
        known = next((row for row in (by_key, by_address, *by_text) if row and row.id == decision.of), None)
        return decision, known

    def _by_address(self, article: Article) -> StoredArticle | None:
        found = (self.index.article_by_address(article.source, url) for url in article.addresses)
        return next((known for known in found if known), None)

    def _intend(
        self,
        connection: sqlite3.Connection,
        submission: Submission,
        known: StoredArticle | None,
        now: datetime,
    ) -> tuple[Intent | None, str]:
        article = submission.article
        style = known.style if known else submission.style
        hides = known is None and self._hides(connection, submission, now)
        wanted = f"{COPIES}/{submission.path}" if hides else submission.path
        path = known.path if known else self._free_path(connection, wanted)
        if known is not None:
            on_disk = self.disk.read(path)
            if known.sha256 and on_disk is None:
                return None, f"{path} was removed by a person: left so"
            # No sum: the disk had spoiled the document, and verify --repair has put it into quarantine.
            if on_disk is not None and hashlib.sha256(on_disk).hexdigest() != known.sha256:
                return None, f"{path} was edited by a person: left so"
        content = submission.render(article, style)
        shelved = {
            **article_fields(article),
            "fingerprint": submission.fingerprint,
            "style": style,
            "first_seen": now.isoformat(),
            "revision": known.revision + 1 if known else 1,
            "article": known.id if known else None,
            "settles": [article.key, *submission.settles],
            **({"shape": HIDDEN} if hides else {}),
            "look": dict(submission.look) if submission.look else None,
        }
        if known is not None:  # a document keeps the identity under which it was first filed
            shelved.update(key=known.key, url=known.url)
        op = "revise" if known else "add"
        replaced = known if known and known.sha256 else None
        return note_intent(connection, op, path, content, shelved, article.text, replaced), ""

    def _hides(self, connection: sqlite3.Connection, submission: Submission, now: datetime) -> bool:
        """Whether a new article is a copy that the user does not want to see among the documents."""
        article = submission.article
        line = {
            **article_fields(article), "fingerprint": submission.fingerprint, "style": submission.style,
            "seq": filing.next_seq(connection), "op": "add", "at": now.isoformat(), "path": "", "sha256": "",
            "first_seen": now.isoformat(), "revision": 1,
        }  # fmt: skip
        found = would_be_copy(connection, self.disk.root, line, article.text)
        if found is None:
            return False
        source, length, link = found
        if source == article.source:
            return is_twin(link)
        return submission.hides_copies and goes(link, len(article.text), length)

    def _free_path(self, connection: sqlite3.Connection, path: str) -> str:
        """The wanted name, or the next one if another article of ours has it."""
        taken = "SELECT 1 FROM article WHERE path = ?1 UNION ALL SELECT 1 FROM intent WHERE path = ?1"
        for candidate in names(path):
            if not connection.execute(taken, (candidate,)).fetchone():
                return candidate
        raise StorageError(f"no free name for {path}: a hundred documents have it already")

    def _commit(self, connection: sqlite3.Connection, intent: Intent, now: datetime) -> list[dict[str, Any]]:
        """Step 3 for one document: answers its line for the journal, and those of the stories that it changes."""
        fields = intent.shelved
        line = {
            "seq": filing.next_seq(connection),
            "op": intent.op,
            "at": now.isoformat(),
            "path": intent.path,
            "sha256": intent.sha256,
            **{name: value for name, value in fields.items() if name not in ("settles", "article", "look")},
            "keys": [key for key in dict.fromkeys(fields["settles"]) if key != fields["key"]],
            "written": self.disk.written(intent.path),
        }
        article = filing.file_change(connection, line)
        if intent.op == "add" and (look := fields.get("look")):
            looks.plan(connection, article, fields["source"], look)
        connection.execute("DELETE FROM intent WHERE id = ?", (intent.id,))
        if "shape" in fields and intent.op == "revise":  # another form of the same text: its story stays
            return [line]
        text = intent.text or text_of(self.disk.read(intent.path) or b"") or ""
        return [line, *place_and_log(connection, self.disk.root, article, text, now)]

    def _remember(
        self, connection: sqlite3.Connection, submission: Submission, id_: int, rule: str, now: datetime
    ) -> None:
        """A known article was met again, perhaps under another id or address: nothing is owed for it any more."""
        article = submission.article
        keys = dict.fromkeys((article.key, *submission.settles))
        addresses = filing.addresses_of(article_fields(article), "met")
        filing.note_met(connection, article.source, id_, keys, rule, addresses, now.isoformat())
        filing.settle(connection, article.source, keys)

    def _note_visits(self, connection: sqlite3.Connection) -> None:
        seen, self.visits = self.visits, []
        visits.note(connection, seen)

    def withdraw(self, gone: Sequence[tuple[SecondLook, str]], now: datetime) -> int:
        """These have gone from their site, each with the reason; answers how many were not known to be."""
        with self._in_doubt():
            with self.index.transaction() as connection:
                told = [revising.withdraw(connection, look.article, reason, now) for look, reason in gone]
            lines = [line for line in told if line]
            self.journal.append(lines)
        return len(lines)

    # --- recovery --------------------------------------------------------------

    def recover(self, now: datetime) -> int:
        """Finish or drop what a crash left behind; answers how many documents were finished."""
        self._recovered = None
        # First what only the journal knows, if the index has lost its last commits.
        self.journal.take_back(now)
        finished = 0
        rows = self.index.rows("SELECT id, op, path, sha256, temporary, shelved FROM intent ORDER BY id")
        intents = [
            Intent(id_, op, path, sha256, temporary, json.loads(shelved))
            for id_, op, path, sha256, temporary, shelved in rows
        ]
        if intents:
            done = [intent for intent in intents if self._is_placed(intent) and not self._is_filed(intent)]
            self.disk.sync_folders(str(PurePosixPath(intent.path).parent) for intent in done)
            for intent in intents:
                if intent.op == "add" and self.disk.read(intent.path) == b"" and not self._is_filed(intent):
                    put_aside(self.disk, intent.path, f"reserved-{now:%Y%m%dT%H%M%S}")  # see Disk.link
            with self.index.transaction() as connection:
                finished = len([self._commit(connection, intent, now) for intent in done])
                connection.execute("DELETE FROM intent")
        self.journal.complete(now)
        for leftover in sorted(self.disk.path(TEMPORARY).iterdir()):
            if not leftover.is_dir():
                self.disk.remove(f"{TEMPORARY}/{leftover.name}")
        self._recovered = now
        return finished

    def _is_placed(self, intent: Intent) -> bool:
        content = self.disk.read(intent.path)
        return content is not None and hashlib.sha256(content).hexdigest() == intent.sha256

    def _is_filed(self, intent: Intent) -> bool:
        """An index that has lost its last commits still knows the intent; the journal has given it the rest."""
        found = self.index.rows("SELECT 1 FROM article WHERE path = ? AND sha256 = ?", (intent.path, intent.sha256))
        return bool(found)


def _outcome(decision: Decision, intent: Intent) -> Outcome:
    """A copy that the user does not want among the documents counts as a duplicate."""
    if intent.op == "add" and intent.shelved.get("shape") == HIDDEN:
        decision = replace(decision, verb=Verb.DUPLICATE, rule="copy")
    return Outcome(decision, intent.path)
