-- The Elixir Threadline as its description tells it, written anew and not its own text: a row trigger
-- that tries to insert the transaction for every row, random keys, a foreign key and five indexes. The
-- old values of changed columns are kept; a delete keeps the key alone.
CREATE TABLE bench.model_transactions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    txid bigint NOT NULL UNIQUE,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    source text,
    meta jsonb,
    actor_ref jsonb,
    action_id uuid
);
CREATE INDEX ON bench.model_transactions (txid);
CREATE TABLE bench.model_changes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    transaction_id uuid NOT NULL REFERENCES bench.model_transactions (id) ON DELETE CASCADE,
    table_schema text NOT NULL,
    table_name text NOT NULL,
    table_pk jsonb NOT NULL,
    op text NOT NULL CHECK (op IN ('insert', 'update', 'delete')),
    data_after jsonb,
    changed_fields text[],
    changed_from jsonb,
    captured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON bench.model_changes (transaction_id);
CREATE INDEX ON bench.model_changes (table_name);
CREATE INDEX ON bench.model_changes (captured_at);
CREATE INDEX ON bench.model_changes (
    table_schema, table_name, table_pk, captured_at DESC, id DESC);

CREATE FUNCTION bench.model_capture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    running uuid;
    row_before jsonb;
    row_after jsonb;
    key jsonb;
    fields text[];
    before jsonb;
BEGIN
    INSERT INTO bench.model_transactions (txid, occurred_at, actor_ref)
    VALUES (
        txid_current(), clock_timestamp(),
        nullif(current_setting('bench.actor_ref', true), '')::jsonb)
    ON CONFLICT (txid) DO NOTHING;
    SELECT t.id INTO running FROM bench.model_transactions t WHERE t.txid = txid_current();
    IF TG_OP = 'DELETE' THEN
        row_before := to_jsonb(OLD);
        key := jsonb_build_object(TG_ARGV[0], row_before ->> TG_ARGV[0]);
    ELSE
        row_after := to_jsonb(NEW);
        key := jsonb_build_object(TG_ARGV[0], row_after ->> TG_ARGV[0]);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        row_before := to_jsonb(OLD);
        SELECT array_agg(n.key ORDER BY n.key), jsonb_object_agg(n.key, row_before -> n.key)
        INTO fields, before
        FROM jsonb_each(row_after) n WHERE n.value IS DISTINCT FROM row_before -> n.key;
    END IF;
    INSERT INTO bench.model_changes (
        transaction_id, table_schema, table_name, table_pk, op, data_after, changed_fields,
        changed_from, captured_at)
    VALUES (
        running, TG_TABLE_SCHEMA, TG_TABLE_NAME, key, lower(TG_OP), row_after, fields, before,
        clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER capture AFTER INSERT OR UPDATE OR DELETE ON bench.model
    FOR EACH ROW EXECUTE FUNCTION bench.model_capture('id');
