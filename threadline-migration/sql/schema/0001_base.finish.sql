-- threadline: schema=1
-- Default partitions, so that capture can never fail for want of one, and the months to come.
CREATE TABLE IF NOT EXISTS threadline.audit_transactions_default
    PARTITION OF threadline.audit_transactions DEFAULT;
CREATE TABLE IF NOT EXISTS threadline.audit_changes_default
    PARTITION OF threadline.audit_changes DEFAULT;
SELECT threadline.create_partitions(12);

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
END
$install$;

INSERT INTO threadline.schema_version (version) VALUES (1) ON CONFLICT DO NOTHING;
