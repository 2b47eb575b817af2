    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            /*:has_columns:*/true/*:*/, /*:may_repeat:*/false/*:*/
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            /*:has_columns:*/true/*:*/, /*:may_repeat:*/false/*:*/
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
