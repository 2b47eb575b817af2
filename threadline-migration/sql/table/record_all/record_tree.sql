    capture.key_columns := threadline.current_key(
        capture.relation, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/, capture.key_columns);
    capture.trusted := threadline.trusted_columns(
        capture.relation, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/);
    -- A child table may have columns of its own, which a query of the root does not see.
    FOR capture.member IN SELECT m.member FROM threadline.members_of(capture.relation) m LOOP
        capture.unseen := threadline.virtual_columns(capture.member);
        FOR capture.row_after IN EXECUTE format(
            'SELECT threadline.record_image(r.*) FROM ONLY %s r', capture.member)
        LOOP
            capture.key_after := /*:key:*/'{}'/*:*/;
            /*:insert:*/NULL;/*:*/
            IF FOUND THEN
                capture.recorded := capture.recorded + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN recorded;
