    IF threadline.compare_columns(/*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/,
        /*:columns:*/ARRAY['23:id']/*:*/, /*:redacts:*/false/*:*/)
    THEN
        /*:typed:*/NULL;/*:*/
    ELSE
        capture.key_columns := threadline.current_key(
            capture.relation, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/,
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(capture.relation);
        capture.trusted := threadline.trusted_columns(
            capture.relation, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/);
        /*:any:*/NULL;/*:*/
    END IF;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
