-- Who may run what, when, and what became of it. Times are seconds since the epoch, by the server's clock.
CREATE TABLE notion_sync_fleet.tenant (
    name text PRIMARY KEY,
    weight double precision NOT NULL CHECK (weight > 0),
    most integer NOT NULL CHECK (most > 0),
    served double precision NOT NULL,
    claimed double precision NOT NULL
);
CREATE TABLE notion_sync_fleet.job (
    id text PRIMARY KEY,
    tenant text NOT NULL REFERENCES notion_sync_fleet.tenant (name),
    token text NOT NULL,
    every_s double precision NOT NULL,
    due double precision NOT NULL,
    standing text NOT NULL CHECK (standing IN ('waiting', 'running', 'parked')),
    fence bigint NOT NULL,
    generation bigint NOT NULL CHECK (generation <= fence),
    worker text NOT NULL,
    began double precision NOT NULL,
    lease_until double precision NOT NULL,
    expected_s double precision NOT NULL,
    died integer NOT NULL,
    failed integer NOT NULL,
    tries integer NOT NULL,
    version integer[] NOT NULL,
    exit integer,
    reason text NOT NULL,
    remedy text NOT NULL
);
CREATE INDEX job_waiting ON notion_sync_fleet.job (tenant, due, id) WHERE standing = 'waiting';
CREATE INDEX job_running ON notion_sync_fleet.job (tenant, token, lease_until) WHERE standing = 'running';
-- One row. Whoever changes anything above has it locked: what is decided is decided one at a time.
CREATE TABLE notion_sync_fleet.desk (floor double precision NOT NULL);
INSERT INTO notion_sync_fleet.desk VALUES (0);
-- One row a token: what is taken of its budget.
CREATE TABLE notion_sync_fleet.ledger (name text PRIMARY KEY, data jsonb NOT NULL);
