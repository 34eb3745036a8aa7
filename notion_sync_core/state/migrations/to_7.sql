-- Format 7: what history has to look at.
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
INSERT INTO unkept SELECT id FROM objects;
