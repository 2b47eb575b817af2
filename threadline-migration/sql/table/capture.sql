-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, json_image, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns
CREATE OR REPLACE FUNCTION /*:function:*/threadline."capture public.posts"/*:*/() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS /*:tag:*/$capture$/*:*/
<<capture>>
DECLARE
    -- Two stands for "many", null for none: one row and many rows take different statements, because
    -- PL/pgSQL keeps plans, and what is best for one row is quadratic for a million.
    touched int;
    recorded bigint := 0;
    -- As threadline.open_place, which would cost a call for every statement.
    place tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
    transaction_id bigint;
    action_id bigint;
    is_open boolean;
    -- Whether the table has the columns that the typed statements name.
    is_current boolean;
    -- Whether one statement may touch a row more than once.
    is_repeating boolean;
    -- The columns that are what their names say.
    trusted text[];
    captured_at timestamptz;
    settings text[];
    key_columns text[] := /*:key_columns:*/ARRAY['id']/*:*/;
BEGIN
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            /*:has_columns:*/true/*:*/, /*:may_repeat:*/false/*:*/
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            /*:has_columns:*/true/*:*/, /*:may_repeat:*/false/*:*/
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
    IF capture.touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, and no join: it is started in a quarter of the time.
    IF capture.place IS NOT NULL THEN
        SELECT t.transaction_id, t.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.open_transactions t
        WHERE t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;

    -- The transaction row is written after the changes, and only if there are any.
    capture.is_open := capture.transaction_id IS NOT NULL;
    IF NOT capture.is_open AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.reopen_transaction() r;
        capture.is_open := capture.transaction_id IS NOT NULL;
    END IF;
    IF NOT capture.is_open THEN
        capture.transaction_id := nextval('threadline.audit_transactions_id_seq');
    END IF;
    capture.captured_at := clock_timestamp();
    IF /*:settings:*/current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')/*:*/
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/, capture.key_columns);
        capture.trusted := threadline.trusted_columns(
            TG_RELID, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/);
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF capture.is_current AND capture.touched = 1 THEN
            /*:update_one:*/NULL;/*:*/
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
        -- Nothing recorded of one row: nothing changed, or its key did.
        IF capture.is_current AND NOT capture.is_repeating AND recorded = 0 THEN
            /*:update_many:*/NULL;/*:*/
            GET DIAGNOSTICS recorded = ROW_COUNT;
        ELSIF recorded = 0 THEN
            /*:update_any:*/NULL;/*:*/
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
    ELSIF TG_OP = 'INSERT' AND capture.is_current THEN
        /*:insert:*/NULL;/*:*/
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'INSERT' THEN
        /*:insert_any:*/NULL;/*:*/
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' AND capture.is_current THEN
        /*:delete:*/NULL;/*:*/
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' THEN
        /*:delete_any:*/NULL;/*:*/
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, /*:schema:*/'public'/*:*/,
            /*:table:*/'posts'/*:*/, 'truncate', capture.captured_at);
        recorded := 1;
    END IF;

    IF recorded > 0 AND NOT capture.is_open THEN
        PERFORM threadline.open_transaction(
            capture.transaction_id, NULL, capture.captured_at,
            current_setting('threadline.context', true));
    END IF;
    IF capture.settings IS NOT NULL THEN
        PERFORM threadline.restore_settings(capture.settings);
    END IF;
    RETURN NULL;
END
/*:tag:*/$capture$/*:*/;
