-- Format 4: icons, which other documents show.
ALTER TABLE objects ADD COLUMN icon TEXT NOT NULL DEFAULT '';
