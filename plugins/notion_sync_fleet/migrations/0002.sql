-- The file of each job, as TOML; beside the jobs, for whoever looks at all of them needs none.
CREATE TABLE notion_sync_fleet.config (
    job text PRIMARY KEY REFERENCES notion_sync_fleet.job (id),
    config text NOT NULL
);
-- Whether anything is due at all.
CREATE INDEX job_due ON notion_sync_fleet.job (due) WHERE standing = 'waiting';
