    IF TG_OP = 'UPDATE' AND capture.is_current AND capture.is_repeating AND capture.touched > 1 THEN
        -- It may; whether it has is told by a key that was there twice.
        capture.is_repeating := /*:repeats:*/false/*:*/;
    END IF;
    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/,
            capture.key_columns);
        /*:trust:*/NULL;/*:*/
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
/*:truncate:*/        NULL;
/*:*/    END IF;
