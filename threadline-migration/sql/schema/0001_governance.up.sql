-- threadline: schema=1
-- What is installed on which table. `since` is the audit horizon: before it nothing is known.
CREATE TABLE IF NOT EXISTS threadline.audited_tables (
    table_schema text NOT NULL,
    table_name text NOT NULL,
    capture_mode text NOT NULL CHECK (capture_mode IN ('statement', 'row')),
    key_columns text[] NOT NULL,
    columns text[] NOT NULL,
    policy jsonb NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    detached_at timestamptz,
    PRIMARY KEY (table_schema, table_name)
);

-- The audit transaction of each database transaction that is running. A row is inserted and deleted
-- by the same database transaction, so nobody ever sees a row of somebody else, and none survives a
-- commit, a crash or a restore: looking up one's own xid is proof, and no setting has to be believed.
CREATE UNLOGGED TABLE IF NOT EXISTS threadline.open_transactions (
    xid xid8 PRIMARY KEY,
    transaction_id bigint NOT NULL,
    action_id bigint,
    occurred_at timestamptz NOT NULL,
    leaf oid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
