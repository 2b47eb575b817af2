    -- Compared as images: what is equal but not the same (1.0 and 1.00) is a change, too.
    IF TG_OP = 'UPDATE' AND /*:unchanged:*/NOT (OLD *<> NEW)/*:*/ THEN
        RETURN NULL;
    END IF;
    -- The relation is asked for so that the plan, and with it the answer of has_columns, is thrown away
    -- when the table is altered.
    SELECT t.transaction_id, t.action_id, /*:has_columns:*/true/*:*/,
        /*:audited_relation:*/'public.posts'::regclass/*:*/
    INTO capture.transaction_id, capture.action_id, capture.is_current, capture.relation
    FROM (VALUES (1)) v
    LEFT JOIN threadline.open_transactions t
        ON t.ctid = capture.place AND t.xid = pg_current_xact_id();
    capture.touched := 1;
