"""The index's tables, and how they came to be, one migration after the other.

A migration is never changed once it has shipped. Contains no business logic.
"""

from __future__ import annotations

import secrets

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x53495931  # "SIY1", tells our index from any other SQLite file
SCHEMA_VERSION = 5  # PRAGMA user_version; raised with each migration

migrations = Migrations("shiyi")

# Times are ISO 8601 in UTC, but for `published`, which keeps the source's zone.
# `day` is the publication day in that zone, "" where nothing is known.
_V1 = """
CREATE TABLE collection (id TEXT NOT NULL);

CREATE TABLE source (
  name TEXT PRIMARY KEY, title TEXT NOT NULL, first_run TEXT NOT NULL,
  last_run TEXT, last_verdict TEXT, last_reason TEXT, last_new TEXT
) WITHOUT ROWID;

CREATE TABLE article (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, style TEXT NOT NULL,
  title TEXT NOT NULL, published TEXT NOT NULL, precision TEXT NOT NULL, day TEXT NOT NULL,
  medium TEXT NOT NULL, section TEXT NOT NULL, authors TEXT NOT NULL, images TEXT NOT NULL,
  original_url TEXT NOT NULL, evidence TEXT NOT NULL,
  fingerprint TEXT NOT NULL, length INTEGER NOT NULL,
  fetched TEXT NOT NULL, first_seen TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1,
  UNIQUE (source, key)
);
CREATE INDEX article_same_text ON article (source, fingerprint);
CREATE INDEX article_newest ON article (source, first_seen);

-- every id under which an article of a source was met: its own, and those of its duplicates
CREATE TABLE identity (
  source TEXT NOT NULL, key TEXT NOT NULL,
  article INTEGER NOT NULL REFERENCES article (id), rule TEXT NOT NULL,
  PRIMARY KEY (source, key)
) WITHOUT ROWID;

-- every address under which it was met, in identity form; kind: canonical, met, original
CREATE TABLE address (
  url TEXT NOT NULL, source TEXT NOT NULL,
  article INTEGER NOT NULL REFERENCES article (id), kind TEXT NOT NULL, first_seen TEXT NOT NULL,
  PRIMARY KEY (url, source)
) WITHOUT ROWID;

-- one polled address; `poll` counts its completed polls, 0 = never
CREATE TABLE list (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, section TEXT NOT NULL,
  etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '', body_sha256 TEXT NOT NULL DEFAULT '',
  poll INTEGER NOT NULL DEFAULT 0, checked TEXT, succeeded TEXT, last_new TEXT,
  errors INTEGER NOT NULL DEFAULT 0, UNIQUE (source, url)
);

-- which list showed which article when; `poll` = the last completed poll that showed it. While a list is
-- unchanged its rows are not touched: `list.succeeded` says until when its last showing has stood.
CREATE TABLE sighting (
  list INTEGER NOT NULL REFERENCES list (id), key TEXT NOT NULL,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, poll INTEGER NOT NULL,
  published TEXT NOT NULL, precision TEXT NOT NULL,
  PRIMARY KEY (list, key)
) WITHOUT ROWID;
CREATE INDEX sighting_poll ON sighting (list, poll);

-- found and not (yet) an article; state: owed, quarantined, rejected, gone, given-up
CREATE TABLE frontier (
  source TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL,
  candidate TEXT NOT NULL, found TEXT NOT NULL, state TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, due TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX frontier_due ON frontier (source, state, due);

-- the change log: gap-free, written in the article's own transaction
CREATE TABLE change (
  seq INTEGER PRIMARY KEY, op TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
  url TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, fields TEXT NOT NULL
);

-- what is about to be written; left over only by a crash
CREATE TABLE intent (
  id INTEGER PRIMARY KEY, op TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
  temporary TEXT NOT NULL, shelved TEXT NOT NULL
);

CREATE TABLE run (
  run_id TEXT PRIMARY KEY, started TEXT NOT NULL, finished TEXT, pid INTEGER NOT NULL,
  exit_code INTEGER, report TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE robots (
  host TEXT PRIMARY KEY, fetched TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
"""


@migrations(name="0001_first")
def _first(db: Database) -> None:
    for statement in _V1.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.table("collection").insert({"id": secrets.token_hex(8)})


def _trigger(name: str, event: str, kind: str, scope: str, key: str) -> str:
    # Not INSERT OR IGNORE: inside a trigger the outer statement's conflict clause would rule.
    return (
        f"CREATE TRIGGER {name} AFTER {event} BEGIN INSERT INTO unwritten SELECT '{kind}', {scope}, {key} WHERE NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM unwritten WHERE kind = '{kind}' AND scope = {scope} AND name = {key}); END"
    )


# `unwritten` is what the journal does not tell yet, beside the changes, whose numbers say that. Triggers see
# every writer, so that no new code can forget the journal; only further ids and addresses of an article are
# marked by hand (`filing.py`), since those that come with a change stand in its own line.
_V2 = (
    # mtime of the document in ns when it was filed, 0 = not known: tells an edit from a damaged disk
    "ALTER TABLE article ADD COLUMN written INTEGER NOT NULL DEFAULT 0",
    # whether the journal has told of this debt
    "ALTER TABLE frontier ADD COLUMN noted INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE unwritten (kind TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, "
    "PRIMARY KEY (kind, scope, name)) WITHOUT ROWID",
    # up to which byte each journal file is known to say nothing new, and the highest change in it
    "CREATE TABLE journal_file (name TEXT PRIMARY KEY, size INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID",
    _trigger("frontier_found", "INSERT ON frontier", "frontier", "new.source", "new.key"),
    _trigger(
        "frontier_changed", "UPDATE OF url, candidate, found, state, tries, due, reason ON frontier",
        "frontier", "new.source", "new.key",
    ),
    _trigger("frontier_settled", "DELETE ON frontier WHEN old.noted", "frontier", "old.source", "old.key"),
    "CREATE TRIGGER frontier_settled_at_once AFTER DELETE ON frontier WHEN NOT old.noted BEGIN "
    "DELETE FROM unwritten WHERE kind = 'frontier' AND scope = old.source AND name = old.key; END",
    _trigger("list_new", "INSERT ON list", "list", "new.source", "new.url"),
    _trigger("list_polled", "UPDATE OF poll ON list WHEN old.poll != new.poll", "list", "new.source", "new.url"),
    _trigger("sighting_new", "INSERT ON sighting", "sighting", "CAST(new.list AS TEXT)", "new.key"),
    _trigger("source_new", "INSERT ON source", "source", "new.name", "''"),
    _trigger("source_changed", "UPDATE ON source", "source", "new.name", "''"),
    _trigger("run_ended", "UPDATE OF finished ON run", "run", "new.run_id", "''"),
)  # fmt: skip

_TELL_V2 = (
    "INSERT OR IGNORE INTO unwritten SELECT 'alias', i.source, i.key FROM identity i JOIN article a ON a.id = i.article "
    "WHERE i.key != a.key",
    "INSERT OR IGNORE INTO unwritten SELECT 'address', source, url FROM address WHERE kind != 'canonical'",
    "INSERT OR IGNORE INTO unwritten SELECT 'frontier', source, key FROM frontier",
    "INSERT OR IGNORE INTO unwritten SELECT 'list', source, url FROM list",
    "INSERT OR IGNORE INTO unwritten SELECT 'sighting', CAST(list AS TEXT), key FROM sighting",
    "INSERT OR IGNORE INTO unwritten SELECT 'source', name, '' FROM source",
    "INSERT OR IGNORE INTO unwritten SELECT 'run', run_id, '' FROM run WHERE finished IS NOT NULL",
    "INSERT OR IGNORE INTO unwritten SELECT 'damaged', source, key FROM article WHERE sha256 = ''",
)


@migrations(name="0002_complete_journal")
def _complete_journal(db: Database) -> None:
    for statement in (*_V2, *_TELL_V2):
        db.execute(statement)


# What a collector that runs for years keeps beside articles and debts: when each list is due and why, what may have
# rolled by unseen, how far back the lists were walked, which articles are looked at again, and what became of them.
# Rows of `look`, `backfill` and `visit` are not told to the journal: they are plans and a log, made anew.
_V3 = (
    "ALTER TABLE list ADD COLUMN due TEXT NOT NULL DEFAULT ''",  # '' = now
    "ALTER TABLE list ADD COLUMN due_reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE list ADD COLUMN hints TEXT NOT NULL DEFAULT ''",  # JSON: what the server said of freshness
    "ALTER TABLE list ADD COLUMN rhythm TEXT NOT NULL DEFAULT ''",  # JSON of schedule.rhythm
    "ALTER TABLE list ADD COLUMN length INTEGER NOT NULL DEFAULT 0",  # rows on the pages of the last poll
    "ALTER TABLE list ADD COLUMN overlap INTEGER NOT NULL DEFAULT 0",  # known ones among them
    # one stretch of one list that may have rolled by; closed when a walk back has covered it
    "CREATE TABLE gap (id INTEGER PRIMARY KEY, source TEXT NOT NULL, list TEXT NOT NULL, since TEXT NOT NULL, "
    "until TEXT NOT NULL, found TEXT NOT NULL, run_id TEXT NOT NULL, closed TEXT NOT NULL DEFAULT '', "
    "UNIQUE (source, list, found))",
    _trigger("gap_new", "INSERT ON gap", "gap", "new.source", "new.found || ' ' || new.list"),
    _trigger("gap_closed", "UPDATE OF closed ON gap", "gap", "new.source", "new.found || ' ' || new.list"),
    # how far a list was walked back: the page to read next, and what was asked for
    "CREATE TABLE backfill (list INTEGER PRIMARY KEY REFERENCES list (id), until TEXT NOT NULL, page INTEGER NOT NULL, "
    "url TEXT NOT NULL, reached TEXT NOT NULL, done TEXT NOT NULL)",
    # withdrawn: when it was found to be gone from the site, '' while it stands there
    "ALTER TABLE article ADD COLUMN withdrawn TEXT NOT NULL DEFAULT ''",
    # articles that are looked at again: a row only while a look is planned, or the article is frozen
    "CREATE TABLE look (article INTEGER PRIMARY KEY REFERENCES article (id), source TEXT NOT NULL, due TEXT NOT NULL, "
    "done INTEGER NOT NULL DEFAULT 0, checked TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '', "
    "last_modified TEXT NOT NULL DEFAULT '', body_sha256 TEXT NOT NULL DEFAULT '', frozen TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX look_due ON look (source, due)",
    # each fetch of an article page: what `why` tells
    "CREATE TABLE visit (id INTEGER PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL, "
    "at TEXT NOT NULL, status INTEGER NOT NULL, bytes INTEGER NOT NULL, outcome TEXT NOT NULL)",
    "CREATE INDEX visit_of ON visit (source, key)",
    "CREATE INDEX change_of ON change (source, key)",  # an article's history
)  # fmt: skip

# Everything that the journal tells beside the changes: for one that has lost lines, or never had them.
TELL_ALL = (*_TELL_V2, "INSERT OR IGNORE INTO unwritten SELECT 'gap', source, found || ' ' || list FROM gap")


@migrations(name="0003_years")
def _years(db: Database) -> None:
    for statement in _V3:
        db.execute(statement)


# How each source has fared over many runs, and what was told of it. Not in the journal: it forms again within days.
_V4 = (
    # state: well, degraded, failing, dormant; since when; bad and good runs in a row; rhythm (schedule.rhythm) and
    # traits of the newest articles (operations.traits) as JSON
    "CREATE TABLE health (source TEXT PRIMARY KEY, state TEXT NOT NULL, since TEXT NOT NULL, stage TEXT NOT NULL, "
    "cause TEXT NOT NULL, bad INTEGER NOT NULL, first_bad TEXT NOT NULL, last_good TEXT NOT NULL, "
    "last_new TEXT NOT NULL, rhythm TEXT NOT NULL, traits TEXT NOT NULL) WITHOUT ROWID",
    # what is to be told, once a cause; sent '' = not yet
    "CREATE TABLE alert (id INTEGER PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, "
    "stage TEXT NOT NULL, text TEXT NOT NULL, sent TEXT NOT NULL DEFAULT '')",
)


@migrations(name="0004_health")
def _health(db: Database) -> None:
    for statement in _V4:
        db.execute(statement)


# Which articles tell one story. The sketches are made again from the documents, the rest from the journal.
STORIES_SCHEMA = (
    # `keys` and `numbers` as in `dedup.sketch`, big-endian
    "CREATE TABLE sketch (article INTEGER PRIMARY KEY REFERENCES article (id), version INTEGER NOT NULL, "
    "keys BLOB NOT NULL, numbers BLOB NOT NULL)",
    # key * 2^27 + article; the version is part of the key
    "CREATE TABLE sketch_key (entry INTEGER PRIMARY KEY)",
    # how far back the articles have sketches of this version
    "CREATE TABLE sketch_renewal (version INTEGER PRIMARY KEY, below INTEGER NOT NULL)",
    # the copies; an article that is not in it is a primary. `similarity` and `rule` as in `dedup.relations`
    "CREATE TABLE story (article INTEGER PRIMARY KEY REFERENCES article (id), "
    "original INTEGER NOT NULL REFERENCES article (id), rule TEXT NOT NULL, similarity REAL NOT NULL)",
    "CREATE INDEX story_copies ON story (original)",
    # who names whom as its original, where both texts bear it out
    "CREATE TABLE declared (original INTEGER NOT NULL, copy INTEGER NOT NULL, PRIMARY KEY (original, copy)) "
    "WITHOUT ROWID",
    "CREATE INDEX declared_by ON declared (copy)",
    # what stands in an article's document: '' its text, `pointer` a line that leads to its story's primary,
    # `hidden` its text, but outside of the visible folders; and where the text of a pointer lies
    "ALTER TABLE article ADD COLUMN shape TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE article ADD COLUMN full_text TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE article ADD COLUMN points_to TEXT NOT NULL DEFAULT ''",  # source/key of that primary
    "CREATE INDEX article_shaped ON article (shape) WHERE shape != ''",
)


@migrations(name="0005_stories")
def _stories(db: Database) -> None:
    for statement in STORIES_SCHEMA:
        db.execute(statement)
