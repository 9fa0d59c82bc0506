BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'shiyi','0001_first','2026-11-21 06:40:49.874843+00:00');
CREATE TABLE address (
  url TEXT NOT NULL, source TEXT NOT NULL,
  article INTEGER NOT NULL REFERENCES article (id), kind TEXT NOT NULL, first_seen TEXT NOT NULL,
  PRIMARY KEY (url, source)
) WITHOUT ROWID;
INSERT INTO "address" VALUES('https://www.cs.com.cn/b','cs',1,'met','2026-10-12T08:00:00+00:00');
INSERT INTO "address" VALUES('https://www.cs.com.cn/xwzx/202610/t20261011_1001.html','cs',1,'canonical','2026-10-12T08:00:00+00:00');
INSERT INTO "address" VALUES('https://www.cs.com.cn/xwzx/202610/t20261011_1002.html','cs',2,'canonical','2026-10-12T08:00:00+00:00');
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
INSERT INTO "article" VALUES(1,'cs','1001','https://www.cs.com.cn/xwzx/202610/t20261011_1001.html','cs/2026/10/2026-10-11-1001.md','c95571e39283a7a34c65d78b6e2176fee2e58e0aae325a62e678aa880331cb7e','hexo','第1001号公告：示例公司披露季度数据','2026-10-11T09:30:00+00:00','minute','2026-10-11','','','[]','[]','','{}','1:9b5e575f63c224a2b9e5677a447cca6b',16,'2026-10-12T08:00:00+00:00','2026-10-12T08:00:00+00:00',1);
INSERT INTO "article" VALUES(2,'cs','1002','https://www.cs.com.cn/xwzx/202610/t20261011_1002.html','cs/2026/10/2026-10-11-1002.md','44eef5bf36cb64ecc5b82148c86ae902b7f65c5aab8cf4ff85ace2358c091d13','hexo','第1002号公告：示例公司披露季度数据','2026-10-11T09:30:00+00:00','minute','2026-10-11','','','[]','[]','','{}','1:d96d032ba61065ef24e305e75f4a2ffb',16,'2026-10-12T08:00:00+00:00','2026-10-12T08:00:00+00:00',1);
CREATE TABLE change (
  seq INTEGER PRIMARY KEY, op TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
  url TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, fields TEXT NOT NULL
);
INSERT INTO "change" VALUES(1,'add','cs','1001','https://www.cs.com.cn/xwzx/202610/t20261011_1001.html','cs/2026/10/2026-10-11-1001.md','c95571e39283a7a34c65d78b6e2176fee2e58e0aae325a62e678aa880331cb7e','2026-10-12T08:00:00+00:00','{"source":"cs","key":"1001","url":"https://www.cs.com.cn/xwzx/202610/t20261011_1001.html","title":"第1001号公告：示例公司披露季度数据","published":"2026-10-11T09:30:00+00:00","precision":"minute","day":"2026-10-11","medium":"","section":"","authors":[],"images":[],"original_url":"","evidence":{},"length":16,"fetched":"2026-10-12T08:00:00+00:00","addresses":["https://www.cs.com.cn/xwzx/202610/t20261011_1001.html"],"fingerprint":"1:9b5e575f63c224a2b9e5677a447cca6b","style":"hexo","first_seen":"2026-10-12T08:00:00+00:00","revision":1}');
INSERT INTO "change" VALUES(2,'add','cs','1002','https://www.cs.com.cn/xwzx/202610/t20261011_1002.html','cs/2026/10/2026-10-11-1002.md','44eef5bf36cb64ecc5b82148c86ae902b7f65c5aab8cf4ff85ace2358c091d13','2026-10-12T08:00:00+00:00','{"source":"cs","key":"1002","url":"https://www.cs.com.cn/xwzx/202610/t20261011_1002.html","title":"第1002号公告：示例公司披露季度数据","published":"2026-10-11T09:30:00+00:00","precision":"minute","day":"2026-10-11","medium":"","section":"","authors":[],"images":[],"original_url":"","evidence":{},"length":16,"fetched":"2026-10-12T08:00:00+00:00","addresses":["https://www.cs.com.cn/xwzx/202610/t20261011_1002.html"],"fingerprint":"1:d96d032ba61065ef24e305e75f4a2ffb","style":"hexo","first_seen":"2026-10-12T08:00:00+00:00","revision":1}');
CREATE TABLE collection (id TEXT NOT NULL);
INSERT INTO "collection" VALUES('5a72c92177f97113');
CREATE TABLE frontier (
  source TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL,
  candidate TEXT NOT NULL, found TEXT NOT NULL, state TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, due TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (source, key)
) WITHOUT ROWID;
INSERT INTO "frontier" VALUES('cs','7','https://www.cs.com.cn/7.html','{"source":"cs","key":"7","url":"https://www.cs.com.cn/7.html","title":"标题7","published":["","",""],"section":"","medium":"","image":"","authors":[]}','2026-10-12T08:00:00+00:00','gone',1,'2026-10-12T08:00:00+00:00','HTTP 410');
CREATE TABLE identity (
  source TEXT NOT NULL, key TEXT NOT NULL,
  article INTEGER NOT NULL REFERENCES article (id), rule TEXT NOT NULL,
  PRIMARY KEY (source, key)
) WITHOUT ROWID;
INSERT INTO "identity" VALUES('cs','1001',1,'own');
INSERT INTO "identity" VALUES('cs','1002',2,'own');
INSERT INTO "identity" VALUES('cs','2002',1,'same-text');
INSERT INTO "identity" VALUES('cs','33',2,'same-key');
CREATE TABLE intent (
  id INTEGER PRIMARY KEY, op TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
  temporary TEXT NOT NULL, shelved TEXT NOT NULL
);
CREATE TABLE list (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, section TEXT NOT NULL,
  etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '', body_sha256 TEXT NOT NULL DEFAULT '',
  poll INTEGER NOT NULL DEFAULT 0, checked TEXT, succeeded TEXT, last_new TEXT,
  errors INTEGER NOT NULL DEFAULT 0, UNIQUE (source, url)
);
CREATE TABLE robots (
  host TEXT PRIMARY KEY, fetched TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE run (
  run_id TEXT PRIMARY KEY, started TEXT NOT NULL, finished TEXT, pid INTEGER NOT NULL,
  exit_code INTEGER, report TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE sighting (
  list INTEGER NOT NULL REFERENCES list (id), key TEXT NOT NULL,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, poll INTEGER NOT NULL,
  published TEXT NOT NULL, precision TEXT NOT NULL,
  PRIMARY KEY (list, key)
) WITHOUT ROWID;
CREATE TABLE source (
  name TEXT PRIMARY KEY, title TEXT NOT NULL, first_run TEXT NOT NULL,
  last_run TEXT, last_verdict TEXT, last_reason TEXT, last_new TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX article_same_text ON article (source, fingerprint);
CREATE INDEX article_newest ON article (source, first_seen);
CREATE INDEX sighting_poll ON sighting (list, poll);
CREATE INDEX frontier_due ON frontier (source, state, due);
COMMIT;
PRAGMA application_id = 0x53495931;
PRAGMA user_version = 1;
