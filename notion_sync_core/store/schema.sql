-- The state of one job. Times are UTC text, so that text order is time order.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE objects (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,                  -- page, database, data_source
  title TEXT NOT NULL,
  parent_type TEXT NOT NULL,
  parent_id TEXT,
  created TEXT NOT NULL,
  edited TEXT NOT NULL,
  url TEXT NOT NULL,
  digest TEXT NOT NULL DEFAULT '',     -- of the object as a listing gave it
  status TEXT NOT NULL DEFAULT 'new',  -- new, read, failed, unreadable, view, outside, missing, trashed, aside
  seen INTEGER NOT NULL DEFAULT 0,     -- the run that last saw it alive
  asked INTEGER NOT NULL DEFAULT 0,    -- the run that last looked it up by id
  read_run INTEGER NOT NULL DEFAULT 0, -- the run that last read it completely
  read_edited TEXT,                    -- its edit time at that reading; NULL: there is no copy
  settled INTEGER NOT NULL DEFAULT 0,  -- 0: an edit in the minute of that reading may be missing
  pending INTEGER NOT NULL DEFAULT 0,  -- it has to be read
  left_run INTEGER NOT NULL DEFAULT 0, -- the run in which it left the source, if it was ever read
  reason TEXT NOT NULL DEFAULT '',
  remedy TEXT NOT NULL DEFAULT '',
  place TEXT,                          -- the object whose folder it lies in; NULL: the sink's root
  stem TEXT,                           -- its path without suffix; NULL: it has none
  rank INTEGER NOT NULL DEFAULT 0,     -- its place among those in the same folder, as Notion shows them
  nav TEXT NOT NULL DEFAULT '',        -- digest of what stands around it
  inside TEXT NOT NULL DEFAULT '',     -- digest of what stands first inside it
  moved_run INTEGER NOT NULL DEFAULT 0,-- the run that last changed a stem which had files
  dirty INTEGER NOT NULL DEFAULT 0     -- its files have to be made again
) WITHOUT ROWID;
CREATE INDEX objects_pending ON objects (id) WHERE pending = 1;
CREATE INDEX objects_dirty ON objects (id) WHERE dirty = 1;
CREATE INDEX objects_place ON objects (place, substr(created, 1, 16), id);
CREATE INDEX objects_rank ON objects (place, rank);
CREATE INDEX objects_parent ON objects (parent_id);

CREATE TABLE edges (                   -- which document's content shows which child
  parent TEXT NOT NULL, child TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
  position INTEGER NOT NULL DEFAULT 0, -- in the document's order
  PRIMARY KEY (parent, child)) WITHOUT ROWID;
CREATE INDEX edges_child ON edges (child);

CREATE TABLE links (src TEXT NOT NULL, dst TEXT NOT NULL, PRIMARY KEY (src, dst)) WITHOUT ROWID;
CREATE INDEX links_dst ON links (dst);

CREATE TABLE anchors (                 -- blocks that links lead to, by their bare ids
  src TEXT NOT NULL, doc TEXT NOT NULL, block TEXT NOT NULL,
  PRIMARY KEY (src, doc, block)) WITHOUT ROWID;
CREATE INDEX anchors_doc ON anchors (doc);
CREATE TABLE dead_anchors (            -- those that were not there when the document was rendered
  doc TEXT NOT NULL, block TEXT NOT NULL, PRIMARY KEY (doc, block)) WITHOUT ROWID;

CREATE TABLE notes (                   -- what rendering a document left for the files about all documents
  doc TEXT NOT NULL, renderer TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (doc, renderer)) WITHOUT ROWID;

CREATE TABLE originals (block TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX originals_doc ON originals (doc);
CREATE TABLE copies (
  doc TEXT NOT NULL, block TEXT NOT NULL, copy TEXT NOT NULL,
  PRIMARY KEY (doc, block)) WITHOUT ROWID;
CREATE INDEX copies_block ON copies (block);

CREATE TABLE assets (
  key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, suffix TEXT NOT NULL,
  media_type TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE document_assets (doc TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (doc, key)) WITHOUT ROWID;

CREATE TABLE users (id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE files (                   -- what each sink holds of ours
  sink TEXT NOT NULL,
  path TEXT NOT NULL,
  doc TEXT NOT NULL,                   -- '' for assets and the manifest
  renderer TEXT NOT NULL,
  sha256 TEXT NOT NULL DEFAULT '',     -- of the bytes we know to be there; '': none yet
  intent TEXT NOT NULL DEFAULT '',     -- of the bytes we are about to put there
  size INTEGER NOT NULL DEFAULT 0,
  stamp TEXT NOT NULL DEFAULT '',
  current INTEGER NOT NULL DEFAULT 1,  -- 0: it stands for nothing any more
  edited INTEGER NOT NULL DEFAULT 0,   -- 1: somebody else changed it
  PRIMARY KEY (sink, path)) WITHOUT ROWID;
CREATE INDEX files_doc ON files (doc);
