-- Format 3: names that can be read without this file.
ALTER TABLE meta RENAME TO facts;
ALTER TABLE facts RENAME COLUMN key TO name;

CREATE TABLE pictures (asset_sha256 TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO pictures SELECT substr(name, 9), value FROM facts WHERE name LIKE 'picture:%';
DELETE FROM facts WHERE name LIKE 'picture:%';

ALTER TABLE objects RENAME COLUMN created TO created_time;
ALTER TABLE objects RENAME COLUMN edited TO last_edited_time;
ALTER TABLE objects RENAME COLUMN digest TO listing_digest;
ALTER TABLE objects RENAME COLUMN seen TO seen_in_run;
ALTER TABLE objects RENAME COLUMN asked TO asked_in_run;
ALTER TABLE objects RENAME COLUMN read_run TO read_in_run;
ALTER TABLE objects RENAME COLUMN read_edited TO copy_edited_time;
ALTER TABLE objects RENAME COLUMN settled TO copy_is_settled;
ALTER TABLE objects RENAME COLUMN pending TO to_read;
ALTER TABLE objects RENAME COLUMN left_run TO left_in_run;
ALTER TABLE objects RENAME COLUMN place TO folder_id;
ALTER TABLE objects RENAME COLUMN stem TO path;
ALTER TABLE objects RENAME COLUMN rank TO folder_rank;
ALTER TABLE objects RENAME COLUMN nav TO neighbours_digest;
ALTER TABLE objects RENAME COLUMN inside TO contents_digest;
ALTER TABLE objects RENAME COLUMN moved_run TO moved_in_run;
ALTER TABLE objects RENAME COLUMN dirty TO to_render;
DROP INDEX objects_pending;
DROP INDEX objects_dirty;
DROP INDEX objects_place;
CREATE INDEX objects_to_read ON objects (id) WHERE to_read = 1;
CREATE INDEX objects_to_render ON objects (id) WHERE to_render = 1;
CREATE INDEX objects_folder ON objects (folder_id, substr(created_time, 1, 16), id);

ALTER TABLE edges RENAME TO children;
ALTER TABLE children RENAME COLUMN parent TO document_id;
ALTER TABLE children RENAME COLUMN child TO child_id;
DROP INDEX edges_child;
CREATE INDEX children_child ON children (child_id);

ALTER TABLE links RENAME COLUMN src TO document_id;
ALTER TABLE links RENAME COLUMN dst TO target_id;
DROP INDEX links_dst;
CREATE INDEX links_target ON links (target_id);

ALTER TABLE anchors RENAME TO block_links;
ALTER TABLE block_links RENAME COLUMN src TO document_id;
ALTER TABLE block_links RENAME COLUMN doc TO target_id;
ALTER TABLE block_links RENAME COLUMN block TO block_id;
DROP INDEX anchors_doc;
CREATE INDEX block_links_target ON block_links (target_id);
ALTER TABLE dead_anchors RENAME TO lost_blocks;
ALTER TABLE lost_blocks RENAME COLUMN doc TO document_id;
ALTER TABLE lost_blocks RENAME COLUMN block TO block_id;

ALTER TABLE notes RENAME COLUMN doc TO document_id;

ALTER TABLE originals RENAME COLUMN block TO block_id;
ALTER TABLE originals RENAME COLUMN doc TO holder;
DROP INDEX originals_doc;
CREATE INDEX originals_holder ON originals (holder);
ALTER TABLE copies RENAME COLUMN doc TO document_id;
ALTER TABLE copies RENAME COLUMN block TO original_id;
ALTER TABLE copies RENAME COLUMN copy TO copy_id;
DROP INDEX copies_block;
CREATE INDEX copies_original ON copies (original_id);

ALTER TABLE document_assets RENAME COLUMN doc TO document_id;
ALTER TABLE document_assets RENAME COLUMN key TO asset_key;

ALTER TABLE files RENAME COLUMN doc TO document_id;
ALTER TABLE files RENAME COLUMN intent TO intended_sha256;
ALTER TABLE files RENAME COLUMN current TO is_current;
ALTER TABLE files RENAME COLUMN edited TO is_kept;
ALTER TABLE files ADD COLUMN is_provisional INTEGER NOT NULL DEFAULT 0;
DROP INDEX files_doc;
CREATE INDEX files_document ON files (document_id);
