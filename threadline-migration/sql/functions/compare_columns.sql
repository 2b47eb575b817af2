-- threadline: function=compare_columns contract=1 revision=1
-- why: has_columns is asked while a statement is planned, under a snapshot that may be older than the table
-- calls: column_positions, named_relation
-- Volatile, so that it sees what is committed by now. A cascade, or a statement within a function, waits
-- for the lock on its table after the statement of the client took its snapshot.
CREATE OR REPLACE FUNCTION threadline.compare_columns(
    table_schema text, table_name text, columns text[], redacts boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<compare_columns>>
DECLARE
    relation oid := threadline.named_relation(
        compare_columns.table_schema, compare_columns.table_name);
BEGIN
    -- On a table with any redaction the names must be in their places, too.
    IF redacts AND threadline.column_positions(relation) IS DISTINCT FROM (
        SELECT t.positions FROM threadline.audited_tables t
        WHERE t.table_schema = compare_columns.table_schema
          AND t.table_name = compare_columns.table_name)
    THEN
        RETURN false;
    END IF;
    -- Types of extensions have another oid in every database, and are compared by image anyway. A
    -- virtual column is not what a stored one of its name was.
    RETURN coalesce((
        SELECT array_agg(
            format('%s:%s', CASE WHEN a.attgenerated = 'v' THEN 'virtual'
                WHEN a.atttypid < 16384 THEN a.atttypid::text ELSE '?' END, a.attname)
            ORDER BY a.attname COLLATE "C")
        FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
    ) = columns, false);
END
$function$;
