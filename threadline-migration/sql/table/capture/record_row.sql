    IF NOT capture.is_current THEN
        capture.key_columns := threadline.current_key(
            /*:relation:*/TG_RELID/*:*/, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/,
            capture.key_columns);
        /*:trust:*/NULL;/*:*/
    ELSE
        capture.trusted := /*:columns:*/ARRAY['id']/*:*/;
    END IF;

    -- No field of OLD or NEW is named: its type is fixed when the function is first run in a session,
    -- and a column that was given another type since would fail the write.
    IF TG_OP = 'UPDATE' OR TG_OP = 'DELETE' THEN
        capture.row_before := /*:old_row:*/to_jsonb(OLD)/*:*/;
        capture.key_before := /*:old_key:*/'{}'/*:*/;
    END IF;
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        capture.row_after := /*:new_row:*/to_jsonb(NEW)/*:*/;
        capture.key_after := /*:new_key:*/'{}'/*:*/;
    END IF;

    IF TG_OP = 'TRUNCATE' THEN
/*:truncate:*/        NULL;
/*:*/    ELSIF TG_OP = 'UPDATE' AND capture.key_before = capture.key_after THEN
        /*:update:*/NULL;/*:*/
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        -- An update that changes the key ends one row's history and begins another's.
        IF TG_OP <> 'INSERT' THEN
            /*:delete:*/NULL;/*:*/
        END IF;
        IF TG_OP <> 'DELETE' THEN
            /*:insert:*/NULL;/*:*/
        END IF;
        recorded := 1;
    END IF;
