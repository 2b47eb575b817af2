-- threadline: schema=1
-- What is installed on which table. `since` is the audit horizon: before it nothing is known.
CREATE TABLE IF NOT EXISTS threadline.audited_tables (
    table_schema text NOT NULL,
    table_name text NOT NULL,
    capture_mode text NOT NULL CHECK (capture_mode IN ('statement', 'row')),
    key_columns text[] NOT NULL,
    columns text[] NOT NULL,
    positions text[] NOT NULL,
    policy jsonb NOT NULL,
    -- Of the capture function as it was installed: its text in SHA-256, and its owner.
    function_hash text,
    function_owner text,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    detached_at timestamptz,
    PRIMARY KEY (table_schema, table_name)
);

-- The audit transaction of each database transaction that is running. A row is inserted and deleted
-- by the same database transaction, so nobody ever sees a row of somebody else, and none survives a
-- commit, a crash or a restore: finding a row under one's own xid is proof. Where to look is said by
-- the setting threadline.transaction, a ctid, which may be forged and then finds nothing. Looking it up
-- by index would do as well, but for serializable transactions, which would conflict on its pages, and
-- for the planner, which would rather scan so small a table, dead rows and all.
CREATE UNLOGGED TABLE IF NOT EXISTS threadline.open_transactions (
    xid xid8 PRIMARY KEY,
    transaction_id bigint NOT NULL,
    action_id bigint,
    -- The actions that may become current again.
    actions bigint[] NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL,
    -- Where the row in audit_transactions is.
    leaf oid NOT NULL,
    place tid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
