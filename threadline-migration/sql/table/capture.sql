-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, record_image, json_image, mask_path, keyed_hash, bounded, virtual_columns, root_of, audited_relation, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns, virtual_columns
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
    -- Columns that a trigger sees as null, whatever they are; some may have come later.
    unseen text[] := '{}';
    captured_at timestamptz;
    settings text[];
    key_columns text[] := /*:key_columns:*/ARRAY['id']/*:*/;/*:variables:*//*:*/
BEGIN
/*:look:*/    capture.touched := 1;
/*:*/    IF capture.touched IS NULL THEN
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
        -- A column that came later may be of a type that the line above does not think of.
        OR capture.is_current IS FALSE
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

/*:record:*/    capture.recorded := 1;
/*:*/
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
