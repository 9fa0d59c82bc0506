"""The index's tables, and how they came to be, one migration after the other.

A migration is never changed once it has shipped. Contains no business logic.
"""

from __future__ import annotations

import secrets

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x53495931  # "SIY1", tells our index from any other SQLite file
SCHEMA_VERSION = 1  # PRAGMA user_version; raised with each migration

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
