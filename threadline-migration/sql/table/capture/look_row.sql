    -- Compared as images: what is equal but not the same (1.0 and 1.00) is a change, too.
    IF TG_OP = 'UPDATE' AND /*:unchanged:*/NOT (OLD *<> NEW)/*:*/ THEN
        RETURN NULL;
    END IF;
    -- The relation is asked for so that the plan, and with it the answer of has_columns, is thrown away
    -- when the table is altered.
    SELECT /*:has_columns:*/true/*:*/, /*:audited_relation:*/'public.posts'::regclass/*:*/
    INTO capture.is_current, capture.relation;
    capture.touched := 1;
