"""What stands in the sqlite file of a history."""

from __future__ import annotations

from notion_sync_core.mirror.sqlite_file import Purpose

FORMAT = 1
_SCHEMA = """
PRAGMA auto_vacuum = NONE;
CREATE TABLE run (                              -- runs in which something changed
  number INTEGER PRIMARY KEY,                   -- the state's generation
  began REAL NOT NULL,                          -- Unix time
  ended REAL,                                   -- NULL: it was cut short
  mode TEXT NOT NULL,
  facts TEXT NOT NULL DEFAULT '{}');            -- of the state, as it was then
CREATE TABLE version (                          -- a row for each change of an object; no row: it is what it was
  object_id TEXT NOT NULL,
  run INTEGER NOT NULL,
  sha256 TEXT NOT NULL,                         -- '': there is none, for it is gone, or was never read
  size INTEGER NOT NULL,                        -- bytes on the disk
  kind TEXT NOT NULL,                           -- page, database, data_source; synced_block: read for a copy
  title TEXT NOT NULL,
  parent_type TEXT NOT NULL, parent_id TEXT,
  created_time TEXT NOT NULL, last_edited_time TEXT NOT NULL, url TEXT NOT NULL,
  status TEXT NOT NULL,                         -- see notion_sync_core/status.py
  has_copy INTEGER NOT NULL,                    -- 1: it has a file
  folder_id TEXT, path TEXT,                    -- where it stands; path without suffix
  listing_digest TEXT NOT NULL, content_digest TEXT NOT NULL,
  PRIMARY KEY (object_id, run)) WITHOUT ROWID;
CREATE TABLE asset (                            -- which files a version shows
  version_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (version_sha256, sha256)) WITHOUT ROWID;
CREATE INDEX asset_sha256 ON asset (sha256);
CREATE TABLE frame (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL);         -- versions that are small, compressed
CREATE TABLE copied (                           -- what lies in the copy of this history as well
  kind TEXT NOT NULL,                           -- versions, files
  sha256 TEXT NOT NULL, PRIMARY KEY (kind, sha256)) WITHOUT ROWID;
CREATE TABLE copy (place TEXT NOT NULL, run INTEGER NOT NULL);            -- where that is; the last run it tells of
CREATE TABLE person (id TEXT NOT NULL, run INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (id, run)) WITHOUT ROWID;
"""


PURPOSE = Purpose(
    "history",
    FORMAT,
    _SCHEMA,
    if_newer="Install a newer version of this program, or choose another deployment.state_dir.",
    if_damaged="Put the folder history back from a backup; or move it away, and history begins anew.",
)
