-- Format 5: which files an object shows by itself; nobody asked when an object left.
ALTER TABLE document_assets ADD COLUMN in_object INTEGER NOT NULL DEFAULT 0;
ALTER TABLE objects DROP COLUMN left_in_run;
