-- Format 6: changes of what readers see are numbered, so that they can ask for those since a number.
ALTER TABLE objects ADD COLUMN content_digest TEXT NOT NULL DEFAULT '';
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
INSERT INTO changes SELECT id, '', 1, 1, 0, title, path FROM objects WHERE kind IN ('page', 'database')
  AND status IN ('new', 'read', 'failed') AND path IS NOT NULL AND copy_edited_time IS NOT NULL;
