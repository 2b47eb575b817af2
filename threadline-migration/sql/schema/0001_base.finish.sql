-- threadline: schema=1
-- What a row may say. A constraint is prepared anew for every statement, which for a condition written
-- out takes longer than all the rest of inserting a row: so each is one call.
DO $install$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'threadline.audit_changes'::regclass AND conname = 'audit_changes_op_check'
    ) THEN
        ALTER TABLE threadline.audit_changes ADD CONSTRAINT audit_changes_op_check CHECK (
            threadline.change_fits(op, row_hash, row_pk, data_after, changed_fields, changed_from));
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'threadline.audit_transactions'::regclass
          AND conname = 'audit_transactions_actor_check'
    ) THEN
        ALTER TABLE threadline.audit_transactions ADD CONSTRAINT audit_transactions_actor_check
            CHECK (threadline.actor_fits(actor_type, actor_id));
    END IF;
END
$install$;

-- Default partitions, so that capture can never fail for want of one, and the months to come.
CREATE TABLE IF NOT EXISTS threadline.audit_transactions_default
    PARTITION OF threadline.audit_transactions DEFAULT;
CREATE TABLE IF NOT EXISTS threadline.audit_changes_default
    PARTITION OF threadline.audit_changes DEFAULT;
SELECT threadline.create_partitions(12);
SELECT threadline.make_hash_key();

DO $install$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'threadline.open_transactions'::regclass AND tgname = 'close_transaction'
    ) THEN
        CREATE CONSTRAINT TRIGGER close_transaction
            AFTER INSERT ON threadline.open_transactions
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION threadline.close_transaction();
        ALTER TABLE threadline.open_transactions ENABLE ALWAYS TRIGGER close_transaction;
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'threadline.audited_tables'::regclass AND tgname = 'complete_table'
    ) THEN
        -- Not of its own update.
        CREATE CONSTRAINT TRIGGER complete_table
            AFTER UPDATE ON threadline.audited_tables
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW
            WHEN (NEW.complete_since > NEW.since AND pg_trigger_depth() = 0
                AND NEW.complete_since IS DISTINCT FROM OLD.complete_since)
            EXECUTE FUNCTION threadline.complete_table();
    END IF;
END
$install$;

INSERT INTO threadline.schema_version (version) VALUES (1) ON CONFLICT DO NOTHING;
