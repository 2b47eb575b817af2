-- threadline: schema=1
-- What is installed on which table. `since` is the audit horizon: before it nothing is known.
CREATE TABLE IF NOT EXISTS threadline.audited_tables (
    table_schema text NOT NULL,
    table_name text NOT NULL,
    capture_mode text NOT NULL CHECK (capture_mode IN ('statement', 'row')),
    -- Why this mode.
    reason text NOT NULL,
    key_columns text[] NOT NULL,
    columns text[] NOT NULL,
    positions text[] NOT NULL,
    policy jsonb NOT NULL,
    -- Of the capture function as it was installed: its text in SHA-256, and its owner.
    function_hash text,
    function_owner text,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- From when on every row of the table is in the trail; null while some may have no change at all:
    -- those that were there before `since`. See threadline.baseline.
    complete_since timestamptz CHECK (complete_since >= since),
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
    occurred_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The partitioned tables that are being truncated as a whole, while they are.
CREATE UNLOGGED TABLE IF NOT EXISTS threadline.truncating (
    xid xid8 NOT NULL,
    relation oid NOT NULL,
    PRIMARY KEY (xid, relation)
);
-- The key of hashed columns, and what HMAC makes of it, ready for use. It is data like any other: it
-- goes into dumps and comes back with them, also into a database whose own installation has made another
-- one: the oldest is in force. Row security without a policy hides it from everybody but
-- the owner, even from a role that may read every table of this schema.
CREATE TABLE IF NOT EXISTS threadline.hash_keys (
    key bytea NOT NULL,
    inner_pad bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE threadline.hash_keys ENABLE ROW LEVEL SECURITY;
