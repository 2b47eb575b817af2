-- threadline: function=baseline contract=1 revision=1
-- why: rows that were there before the audit, and were not changed since, have no change in the trail
-- calls: root_of, current_open, open_transaction
-- Runs with the rights of whoever calls it: who may read the table and write the trail. Writers are
-- waited for and kept out until the end of the transaction, readers are not.
CREATE OR REPLACE FUNCTION threadline.baseline(relation regclass) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
<<baseline>>
DECLARE
    attached threadline.audited_tables;
    running threadline.open_transactions;
    recorder text;
    transaction_id bigint;
    started_at timestamptz;
    known_at timestamptz;
    known_id bigint;
    recorded bigint;
BEGIN
    -- A snapshot that is kept hides what others have written since.
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION '(threadline) the rows of % can only be recorded in a transaction that is READ COMMITTED', relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', relation);
    IF row_security_active(relation) OR NOT has_table_privilege(relation, 'SELECT') THEN
        RAISE EXCEPTION '(threadline) the rows of % cannot be recorded by %, who may not read all of them', relation, current_user
            USING ERRCODE = 'insufficient_privilege',
            HINT = format('GRANT SELECT ON %s TO %I (with row-level security, also BYPASSRLS).', relation, current_user);
    END IF;
    SELECT a.* INTO attached
    FROM threadline.audited_tables a
    JOIN pg_namespace n ON n.nspname = a.table_schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = a.table_name
    WHERE c.oid = relation AND a.detached_at IS NULL;
    -- The function that was made with the one that captures the table, whose name may be a hash.
    SELECT 'record' || substr(p.proname, length('capture') + 1) INTO recorder
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = relation AND p.pronamespace = to_regnamespace('threadline')
      AND starts_with(p.proname, 'capture ')
    LIMIT 1;
    IF attached.table_name IS NULL OR recorder IS NULL THEN
        RAISE EXCEPTION '(threadline) % is not under audit', relation
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = CASE
                WHEN threadline.root_of(relation) <> relation
                THEN format('It is a part of %s: record the rows of that.', threadline.root_of(relation)::regclass)
                ELSE 'Attach it first.' END;
    END IF;

    -- What was truncated has no row that was known before.
    SELECT c.captured_at, c.id INTO known_at, known_id
    FROM threadline.audit_changes c
    WHERE c.row_hash IS NULL AND c.op = 'truncate' AND c.captured_at >= attached.since
      AND c.table_schema = attached.table_schema AND c.table_name = attached.table_name
    ORDER BY c.captured_at DESC, c.id DESC LIMIT 1;
    running := threadline.current_open();
    started_at := clock_timestamp();
    transaction_id := coalesce(
        running.transaction_id, nextval('threadline.audit_transactions_id_seq'));
    EXECUTE format('SELECT threadline.%I($1, $2, $3, $4, $5, $6)', recorder) INTO recorded
        USING relation, transaction_id, running.action_id, started_at,
            coalesce(known_at, attached.since), coalesce(known_id, 0);
    IF recorded > 0 AND running.transaction_id IS NULL THEN
        PERFORM threadline.open_transaction(
            transaction_id, NULL, started_at, current_setting('threadline.context', true));
    END IF;
    -- The time of the commit takes its place: see complete_table.
    UPDATE threadline.audited_tables a SET complete_since = clock_timestamp()
    WHERE a.table_schema = attached.table_schema AND a.table_name = attached.table_name
      AND (a.complete_since IS NULL OR recorded > 0);
    RETURN recorded;
END
$function$;
