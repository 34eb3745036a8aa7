-- Format 4: links to blocks that are gone lead to their page; icons, which other documents show.
CREATE TABLE dead_ends (document_id TEXT NOT NULL, block_id TEXT NOT NULL, PRIMARY KEY (document_id, block_id)) WITHOUT ROWID;
ALTER TABLE objects ADD COLUMN icon TEXT NOT NULL DEFAULT '';
