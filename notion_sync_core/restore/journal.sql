-- The journal of one restore; see journal.py.
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE document (
  ordinal INTEGER PRIMARY KEY,                  -- the order of the tree
  id TEXT NOT NULL UNIQUE,                      -- as it was
  kind TEXT NOT NULL, parent TEXT NOT NULL,
  is_direct INTEGER NOT NULL, holds INTEGER NOT NULL,
  new TEXT NOT NULL DEFAULT '', step INTEGER NOT NULL DEFAULT 0,
  later TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', remedy TEXT NOT NULL DEFAULT '');
CREATE INDEX document_new ON document (new);
CREATE INDEX document_parent ON document (parent);
CREATE INDEX document_shell ON document (parent) WHERE step = 0 AND (holds OR kind = 'database') AND kind != 'row';
CREATE TABLE original (id TEXT PRIMARY KEY) WITHOUT ROWID;      -- synced blocks, as they were
CREATE TABLE block (id TEXT PRIMARY KEY, new TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX block_new ON block (new);
CREATE TABLE container (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, document TEXT NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL, lists TEXT NOT NULL, width INTEGER NOT NULL,
  written INTEGER NOT NULL, last TEXT NOT NULL, children INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX container_open ON container (document) WHERE NOT done;
CREATE TABLE pending (                          -- writes without an answer
  key TEXT PRIMARY KEY, container TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
  after TEXT NOT NULL, before INTEGER NOT NULL, count INTEGER NOT NULL,
  is_exact INTEGER NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE made (source TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID;
CREATE TABLE upload (
  sha256 TEXT PRIMARY KEY, id TEXT NOT NULL, at REAL NOT NULL, shown INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX upload_id ON upload (id);
CREATE TABLE foreign_child (id TEXT PRIMARY KEY) WITHOUT ROWID; -- what stood there before
CREATE TABLE note (
  number INTEGER PRIMARY KEY, document TEXT NOT NULL, words TEXT NOT NULL, UNIQUE (document, words));
