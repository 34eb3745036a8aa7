-- The state of one job. Times are UTC text, so that text order is time order.
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE objects (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,                           -- page, database, data_source
  title TEXT NOT NULL,
  parent_type TEXT NOT NULL,
  parent_id TEXT,
  created_time TEXT NOT NULL,
  last_edited_time TEXT NOT NULL,
  url TEXT NOT NULL,
  listing_digest TEXT NOT NULL DEFAULT '',      -- of the object as a listing gave it
  status TEXT NOT NULL DEFAULT 'new',           -- see notion_sync_core/status.py
  seen_in_run INTEGER NOT NULL DEFAULT 0,       -- the run that last saw it alive
  asked_in_run INTEGER NOT NULL DEFAULT 0,      -- the run that last looked it up by id
  read_in_run INTEGER NOT NULL DEFAULT 0,       -- the run that last read it completely
  copy_edited_time TEXT,                        -- of the copy in the mirror; NULL: there is no copy
  copy_is_settled INTEGER NOT NULL DEFAULT 0,   -- 0: an edit in the minute of that reading may be missing
  to_read INTEGER NOT NULL DEFAULT 0,           -- 1: it has to be read; 2: a worker has it in hand
  reason TEXT NOT NULL DEFAULT '',
  remedy TEXT NOT NULL DEFAULT '',
  folder_id TEXT,                               -- the object in whose folder it lies; NULL: the sink's root
  path TEXT,                                    -- without suffix; NULL: it has none
  folder_rank INTEGER NOT NULL DEFAULT 0,       -- its place among those in the same folder, as the source shows them
  neighbours_digest TEXT NOT NULL DEFAULT '',   -- of what stands around it
  contents_digest TEXT NOT NULL DEFAULT '',     -- of what stands first inside it
  moved_in_run INTEGER NOT NULL DEFAULT 0,      -- the run that last changed a path which had files
  to_render INTEGER NOT NULL DEFAULT 0,         -- 1: its files have to be made again
  icon TEXT NOT NULL DEFAULT '',                -- as JSON; '': it has none
  content_digest TEXT NOT NULL DEFAULT ''       -- of what was read of its content; '': nobody knows
) WITHOUT ROWID;
CREATE INDEX objects_to_read ON objects (id) WHERE to_read = 1;
CREATE INDEX objects_to_render ON objects (id) WHERE to_render = 1;
CREATE INDEX objects_folder ON objects (folder_id, substr(created_time, 1, 16), id);
CREATE INDEX objects_rank ON objects (folder_id, folder_rank);
CREATE INDEX objects_parent ON objects (parent_id);

CREATE TABLE children (                         -- which document's content shows which object
  document_id TEXT NOT NULL, child_id TEXT NOT NULL,
  kind TEXT NOT NULL,                           -- page, database, data_source; or located: found by asking, not shown
  title TEXT NOT NULL,
  position INTEGER NOT NULL DEFAULT 0,          -- in the document's order
  PRIMARY KEY (document_id, child_id)) WITHOUT ROWID;
CREATE INDEX children_child ON children (child_id);

CREATE TABLE links (                            -- which document's text refers to which object
  document_id TEXT NOT NULL, target_id TEXT NOT NULL, PRIMARY KEY (document_id, target_id)) WITHOUT ROWID;
CREATE INDEX links_target ON links (target_id);

CREATE TABLE block_links (                      -- blocks that links lead to, by their bare ids
  document_id TEXT NOT NULL, target_id TEXT NOT NULL, block_id TEXT NOT NULL,
  PRIMARY KEY (document_id, target_id, block_id)) WITHOUT ROWID;
CREATE INDEX block_links_target ON block_links (target_id);
CREATE TABLE lost_blocks (                      -- those that were not there when the document was rendered
  document_id TEXT NOT NULL, block_id TEXT NOT NULL, PRIMARY KEY (document_id, block_id)) WITHOUT ROWID;
CREATE TABLE dead_ends (                        -- those of them that what links to them knows of
  document_id TEXT NOT NULL, block_id TEXT NOT NULL, PRIMARY KEY (document_id, block_id)) WITHOUT ROWID;

CREATE TABLE notes (                            -- what rendering a document left for the files about all documents
  document_id TEXT NOT NULL, renderer TEXT NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (document_id, renderer)) WITHOUT ROWID;

CREATE TABLE originals (                        -- synced blocks, and who holds them or was read for them (copy:ID)
  block_id TEXT PRIMARY KEY, holder TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX originals_holder ON originals (holder);
CREATE TABLE copies (                           -- which document shows a copy of which synced block
  document_id TEXT NOT NULL, original_id TEXT NOT NULL, copy_id TEXT NOT NULL,
  PRIMARY KEY (document_id, original_id)) WITHOUT ROWID;
CREATE INDEX copies_original ON copies (original_id);

CREATE TABLE assets (
  key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, suffix TEXT NOT NULL,
  media_type TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pictures (                         -- what is shown in place of an SVG
  asset_sha256 TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL) WITHOUT ROWID;          -- '': it cannot be shown
CREATE TABLE document_assets (
  document_id TEXT NOT NULL, asset_key TEXT NOT NULL,
  in_object INTEGER NOT NULL DEFAULT 0,         -- 1: the object shows it by itself, as its icon or in a property
  PRIMARY KEY (document_id, asset_key)) WITHOUT ROWID;

CREATE TABLE users (id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE changes (                          -- what each document looked like to readers when that last changed
  document_id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,                         -- of all that they see of it; '': nobody has looked at that yet
  number INTEGER NOT NULL,                      -- of its last change, counting up over all documents
  first_number INTEGER NOT NULL,                -- of the change with which it came
  is_gone INTEGER NOT NULL DEFAULT 0,           -- 1: its last change was that it went
  title TEXT NOT NULL, path TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX changes_number ON changes (number);
CREATE TABLE eras (                             -- from which number on what was written is of one history
  first_number INTEGER PRIMARY KEY, token TEXT NOT NULL);
INSERT INTO eras VALUES (0, lower(hex(randomblob(6))));

CREATE TABLE files (                            -- what each sink holds of ours
  sink TEXT NOT NULL,
  path TEXT NOT NULL,
  document_id TEXT NOT NULL,                    -- '' for assets, the manifest and files about all documents
  renderer TEXT NOT NULL,
  sha256 TEXT NOT NULL DEFAULT '',              -- of the bytes we know to be there; '': none yet
  intended_sha256 TEXT NOT NULL DEFAULT '',     -- of the bytes we are about to put there
  size INTEGER NOT NULL DEFAULT 0,
  stamp TEXT NOT NULL DEFAULT '',
  is_current INTEGER NOT NULL DEFAULT 1,        -- 0: it stands for nothing any more
  is_kept INTEGER NOT NULL DEFAULT 0,           -- 1: what lies there is somebody else's, and is kept
  is_provisional INTEGER NOT NULL DEFAULT 0,    -- 1: an unfinished run placed it
  PRIMARY KEY (sink, path)) WITHOUT ROWID;
CREATE INDEX files_document ON files (document_id);

-- What manifests tell of is numbered: the number grows with each change of it, whoever makes it. Nothing else has to
-- remember that a manifest is out of date, and where the number is the same none has to be made to find that out.
INSERT OR IGNORE INTO facts VALUES ('contents_number', '0');
CREATE TRIGGER objects_come AFTER INSERT ON objects BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER objects_go AFTER DELETE ON objects BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER objects_change
  AFTER UPDATE OF kind, title, parent_id, last_edited_time, url, status, copy_edited_time ON objects
  WHEN (OLD.title, OLD.last_edited_time, OLD.parent_id, OLD.status, OLD.url, OLD.kind, OLD.copy_edited_time)
    IS NOT (NEW.title, NEW.last_edited_time, NEW.parent_id, NEW.status, NEW.url, NEW.kind, NEW.copy_edited_time) BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER files_come AFTER INSERT ON files WHEN NEW.path IS NOT '.notion-sync/manifest.jsonl' BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER files_go AFTER DELETE ON files WHEN OLD.path IS NOT '.notion-sync/manifest.jsonl' BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER files_change AFTER UPDATE OF path, document_id, renderer, sha256, is_current ON files
  WHEN NEW.path IS NOT '.notion-sync/manifest.jsonl' AND (OLD.sha256, OLD.is_current, OLD.document_id, OLD.renderer, OLD.path)
    IS NOT (NEW.sha256, NEW.is_current, NEW.document_id, NEW.renderer, NEW.path) BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER assets_come AFTER INSERT ON assets BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER assets_change AFTER UPDATE ON assets BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER assets_go AFTER DELETE ON assets BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER pictures_come AFTER INSERT ON pictures BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER pictures_go AFTER DELETE ON pictures BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER document_assets_come AFTER INSERT ON document_assets BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER document_assets_go AFTER DELETE ON document_assets BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER facts_come AFTER INSERT ON facts WHEN NEW.name IN ('job', 'scope', 'workspace', 'assets_folder') BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;
CREATE TRIGGER facts_change AFTER UPDATE OF value ON facts
  WHEN NEW.name IN ('job', 'scope', 'workspace', 'assets_folder') AND NEW.value IS NOT OLD.value BEGIN
  UPDATE facts SET value = value + 1 WHERE name = 'contents_number'; END;

CREATE TABLE unkept (                           -- what history has to look at: it changed since that did
  object_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER objects_to_keep AFTER INSERT ON objects BEGIN
  INSERT OR IGNORE INTO unkept VALUES (NEW.id); END;
CREATE TRIGGER objects_to_keep_again
  AFTER UPDATE OF kind, title, parent_type, parent_id, created_time, last_edited_time, url, status, listing_digest,
    content_digest, copy_edited_time, folder_id, path ON objects
  WHEN (OLD.path, OLD.last_edited_time, OLD.status, OLD.content_digest, OLD.listing_digest, OLD.copy_edited_time,
      OLD.title, OLD.folder_id, OLD.parent_id, OLD.parent_type, OLD.created_time, OLD.url, OLD.kind)
    IS NOT (NEW.path, NEW.last_edited_time, NEW.status, NEW.content_digest, NEW.listing_digest, NEW.copy_edited_time,
      NEW.title, NEW.folder_id, NEW.parent_id, NEW.parent_type, NEW.created_time, NEW.url, NEW.kind) BEGIN
  INSERT OR IGNORE INTO unkept VALUES (NEW.id); END;
