    -- Two stands for "many": one row and many rows take different statements, because PL/pgSQL keeps
    -- plans, and what is best for one row is quadratic for a million.
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 2) f),
            t.transaction_id, t.action_id, /*:has_columns:*/true/*:*/,
            /*:may_repeat:*/false/*:*/
        INTO capture.touched, capture.transaction_id, capture.action_id, capture.is_current,
            capture.is_repeating
        FROM (VALUES (1)) v
        LEFT JOIN threadline.open_transactions t
            ON t.ctid = capture.place AND t.xid = pg_current_xact_id();
    ELSIF TG_OP = 'DELETE' THEN
        SELECT (SELECT count(*) FROM (SELECT FROM old_rows LIMIT 2) f),
            t.transaction_id, t.action_id, /*:has_columns:*/true/*:*/,
            /*:may_repeat:*/false/*:*/
        INTO capture.touched, capture.transaction_id, capture.action_id, capture.is_current,
            capture.is_repeating
        FROM (VALUES (1)) v
        LEFT JOIN threadline.open_transactions t
            ON t.ctid = capture.place AND t.xid = pg_current_xact_id();
    ELSE
        SELECT 1, t.transaction_id, t.action_id
        INTO capture.touched, capture.transaction_id, capture.action_id
        FROM (VALUES (1)) v
        LEFT JOIN threadline.open_transactions t
            ON t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;
