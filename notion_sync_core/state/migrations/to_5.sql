-- Format 5: the number of what manifests tell of; when an object left the source is not noted any more.
ALTER TABLE document_assets ADD COLUMN in_object INTEGER NOT NULL DEFAULT 0;
ALTER TABLE objects DROP COLUMN left_in_run;

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
