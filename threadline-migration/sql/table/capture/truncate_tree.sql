        -- Truncating a partition, or one of several tables that inherit from each other, empties only
        -- a part, so its rows are recorded one by one, before they are gone. The root of partitions
        -- is emptied as a whole, which its partitions are told by a row that ends with the statement.
        IF TG_WHEN = 'AFTER' THEN
            DELETE FROM threadline.truncating r
            WHERE r.xid = pg_current_xact_id() AND r.relation = TG_RELID;
            INSERT INTO threadline.audit_changes (
                transaction_id, action_id, table_schema, table_name, op, captured_at)
            VALUES (
                capture.transaction_id, capture.action_id, /*:schema:*/'public'/*:*/,
                /*:table:*/'posts'/*:*/, 'truncate', capture.captured_at);
            recorded := 1;
        ELSIF pg_partition_root(TG_RELID) = TG_RELID THEN
            INSERT INTO threadline.truncating (xid, relation)
            VALUES (pg_current_xact_id(), TG_RELID);
        ELSIF NOT EXISTS (
            SELECT FROM threadline.truncating r
            WHERE r.xid = pg_current_xact_id() AND r.relation = pg_partition_root(TG_RELID))
        THEN
            -- A snapshot that is kept hides what others have written since, and yet it is emptied.
            IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
                RAISE EXCEPTION '(threadline) % is a part of an audited table, whose rows are recorded one by one when it is truncated; truncate it in a transaction that is READ COMMITTED',
                    TG_RELID::regclass
                    USING ERRCODE = 'object_not_in_prerequisite_state';
            END IF;
            -- Better an error than rows that are gone and still there in the trail.
            IF row_security_active(TG_RELID)
                OR NOT has_table_privilege(TG_RELID, 'SELECT')
            THEN
                RAISE EXCEPTION '(threadline) the rows of %, a part of an audited table, are recorded before TRUNCATE takes them, and % may not read all of them',
                    TG_RELID::regclass, current_user
                    USING ERRCODE = 'insufficient_privilege',
                    HINT = format('GRANT SELECT ON %s TO %I (with row-level security, also BYPASSRLS), or use DELETE.',
                        TG_RELID::regclass, current_user);
            END IF;
            capture.key_columns := threadline.current_key(
                /*:relation:*/TG_RELID/*:*/, /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/,
                /*:key_columns:*/ARRAY['id']/*:*/);
            /*:trust:*/NULL;/*:*/
            capture.settings := coalesce(capture.settings, threadline.pin_settings());
            FOR capture.row_before IN EXECUTE format(
                'SELECT threadline.record_image(r.*) FROM ONLY %s r', TG_RELID::regclass)
            LOOP
                capture.key_before := /*:old_key:*/'{}'/*:*/;
                /*:delete:*/NULL;/*:*/
                recorded := recorded + 1;
            END LOOP;
        END IF;
