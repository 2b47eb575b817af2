-- threadline: function=may_repeat_rows contract=1 revision=1
-- why: a foreign key that writes a row may write one that the statement has written already
-- calls:
-- Declared immutable for the same reason as has_columns.
CREATE OR REPLACE FUNCTION threadline.may_repeat_rows(table_schema text, table_name text)
RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE n.nspname = may_repeat_rows.table_schema AND t.relname = may_repeat_rows.table_name
          AND c.contype = 'f'
          AND (c.confdeltype IN ('n', 'd') OR c.confupdtype IN ('c', 'n', 'd')));
$function$;
