-- threadline: schema=1
-- Takes everything away, object by object and never by CASCADE: what the host built upon the trail
-- stops this with an error instead of vanishing. The caller has made sure that nothing recorded is
-- lost by accident.
DO $uninstall$
DECLARE
    victim record;
BEGIN
    FOR victim IN
        SELECT t.tgname, t.tgrelid::regclass AS relation
        FROM pg_trigger t
        JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.pronamespace = to_regnamespace('threadline') AND t.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', victim.tgname, victim.relation);
    END LOOP;
    -- The constraints call functions.
    ALTER TABLE IF EXISTS threadline.audit_changes
        DROP CONSTRAINT IF EXISTS audit_changes_op_check;
    ALTER TABLE IF EXISTS threadline.audit_transactions
        DROP CONSTRAINT IF EXISTS audit_transactions_actor_check;
    FOR victim IN
        SELECT string_agg(oid::regprocedure::text, ', ') AS functions
        FROM pg_proc WHERE pronamespace = to_regnamespace('threadline')
        HAVING count(*) > 0
    LOOP
        EXECUTE format('DROP FUNCTION %s', victim.functions);
    END LOOP;
    DROP VIEW IF EXISTS threadline.changes;
    DROP TABLE IF EXISTS threadline.audit_changes, threadline.audit_transactions,
        threadline.audit_actions, threadline.audited_tables, threadline.open_transactions,
        threadline.truncating, threadline.hash_keys, threadline.schema_version;
    DROP TYPE IF EXISTS threadline.change_op;
    DROP TYPE IF EXISTS threadline.audit_context;
    DROP SCHEMA IF EXISTS threadline;
END
$uninstall$;
