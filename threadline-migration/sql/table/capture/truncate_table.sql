        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, /*:schema:*/'public'/*:*/,
            /*:table:*/'posts'/*:*/, 'truncate', capture.captured_at);
        recorded := 1;
