-- threadline: schema=1
-- The trail: who did something (audit_transactions), what they meant by it (audit_actions) and what
-- changed (audit_changes). Every statement can be repeated, so that an interrupted install is mended
-- by running it again.

CREATE SCHEMA IF NOT EXISTS threadline;

CREATE TABLE IF NOT EXISTS threadline.schema_version (
    version int PRIMARY KEY,
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

DO $install$
BEGIN
    IF to_regtype('threadline.change_op') IS NULL THEN
        CREATE TYPE threadline.change_op AS ENUM
            ('insert', 'update', 'delete', 'truncate', 'baseline');
    END IF;
    IF to_regtype('threadline.audit_context') IS NULL THEN
        CREATE TYPE threadline.audit_context AS (
            actor_type text, actor_id text, request_id text, correlation_id text, job_id text,
            trace_id text, remote_ip inet, source jsonb, meta jsonb);
    END IF;
END
$install$;

-- One row per database transaction that touched an audited table or was opened under a context.
-- `xid` is for people: it repeats after a restore into a younger cluster, so it is never a key.
CREATE SEQUENCE IF NOT EXISTS threadline.audit_transactions_id_seq;
CREATE TABLE IF NOT EXISTS threadline.audit_transactions (
    id bigint NOT NULL DEFAULT nextval('threadline.audit_transactions_id_seq'),
    xid xid8 NOT NULL,
    occurred_at timestamptz NOT NULL,
    committed_at timestamptz,
    actor_type text,
    actor_id text,
    action_id bigint,
    request_id text,
    correlation_id text,
    job_id text,
    trace_id text,
    remote_ip inet,
    source jsonb,
    meta jsonb,
    session_user_name text NOT NULL,
    application_name text,
    client_addr inet,
    backend_pid int NOT NULL,
    PRIMARY KEY (id, occurred_at)
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE threadline.audit_transactions_id_seq OWNED BY threadline.audit_transactions.id;

CREATE INDEX IF NOT EXISTS audit_transactions_actor_idx
    ON threadline.audit_transactions (actor_type, actor_id, occurred_at, id);
CREATE INDEX IF NOT EXISTS audit_transactions_action_idx
    ON threadline.audit_transactions (action_id);
CREATE INDEX IF NOT EXISTS audit_transactions_correlation_idx
    ON threadline.audit_transactions (correlation_id);
-- Writers without a request, as jobs and psql, do not pay for it.
CREATE INDEX IF NOT EXISTS audit_transactions_request_idx
    ON threadline.audit_transactions (request_id) WHERE request_id IS NOT NULL;

-- One row per changed row. The id is a sequence without cache: it is the exact order of the changes
-- of one row. There is no foreign key to the transaction: it would cost every write, and nobody but
-- the capture functions can insert here.
CREATE SEQUENCE IF NOT EXISTS threadline.audit_changes_id_seq;
CREATE TABLE IF NOT EXISTS threadline.audit_changes (
    id bigint NOT NULL DEFAULT nextval('threadline.audit_changes_id_seq'),
    transaction_id bigint NOT NULL,
    action_id bigint,
    table_schema text NOT NULL,
    table_name text NOT NULL,
    row_hash bigint,
    row_pk jsonb,
    op threadline.change_op NOT NULL,
    data_after jsonb,
    changed_fields text[],
    changed_from jsonb,
    captured_at timestamptz NOT NULL,
    PRIMARY KEY (captured_at, id)
) PARTITION BY RANGE (captured_at);
ALTER SEQUENCE threadline.audit_changes_id_seq OWNED BY threadline.audit_changes.id;

-- Time ascends in every index, though readers want the newest first: an index is read backwards as fast,
-- and one that grows at its end has full pages where the other way round has half-empty ones.
-- Row history, by the hash of table and key: a truncate has none. The key is hashed, because a long text key does not fit an index entry, and an index
-- that refuses a key would refuse the business write; readers compare the key itself as well.
CREATE INDEX IF NOT EXISTS audit_changes_row_idx
    ON threadline.audit_changes (row_hash, captured_at, id);
CREATE INDEX IF NOT EXISTS audit_changes_transaction_idx
    ON threadline.audit_changes (transaction_id);
CREATE INDEX IF NOT EXISTS audit_changes_table_idx
    ON threadline.audit_changes (table_schema, table_name, captured_at, id);

CREATE SEQUENCE IF NOT EXISTS threadline.audit_actions_id_seq;
CREATE TABLE IF NOT EXISTS threadline.audit_actions (
    id bigint PRIMARY KEY DEFAULT nextval('threadline.audit_actions_id_seq'),
    transaction_id bigint,
    parent_id bigint,
    name text NOT NULL,
    actor_type text,
    actor_id text,
    status text NOT NULL DEFAULT 'ok' CHECK (status IN ('ok', 'error')),
    verb text,
    category text,
    reason text,
    comment text,
    correlation_id text,
    request_id text,
    job_id text,
    meta jsonb,
    session_user_name text NOT NULL DEFAULT session_user,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER SEQUENCE threadline.audit_actions_id_seq OWNED BY threadline.audit_actions.id;
CREATE INDEX IF NOT EXISTS audit_actions_name_idx
    ON threadline.audit_actions (name, recorded_at, id);
CREATE INDEX IF NOT EXISTS audit_actions_correlation_idx
    ON threadline.audit_actions (correlation_id);
CREATE INDEX IF NOT EXISTS audit_actions_request_idx
    ON threadline.audit_actions (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS audit_actions_actor_idx
    ON threadline.audit_actions (actor_type, actor_id, recorded_at, id);
CREATE INDEX IF NOT EXISTS audit_actions_transaction_idx
    ON threadline.audit_actions (transaction_id);
