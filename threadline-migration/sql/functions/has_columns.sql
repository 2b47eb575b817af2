-- threadline: function=has_columns contract=1 revision=1
-- why: whether the fast statements, which name columns, may be used, is known when they are planned
-- calls: column_positions
-- Declared immutable so that the planner puts the answer into the plan, where it costs nothing. The
-- plan reads a transition table and is thrown away when its table is altered, so the answer is never
-- older than the table. The name is a text: a table that was renamed has no columns here, and no error.
CREATE OR REPLACE FUNCTION threadline.has_columns(
    table_schema text, table_name text, columns text[], redacts boolean) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<has_columns>>
DECLARE
    -- Not by to_regclass, which fails if the trail's owner may not use the table's schema.
    relation oid := (
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = has_columns.table_schema AND c.relname = has_columns.table_name);
BEGIN
    -- The catalog's rows are as old as the transaction here, the table itself is not.
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RETURN false;
    END IF;
    -- On a table with any redaction the names must be in their places, too.
    IF redacts AND threadline.column_positions(relation) IS DISTINCT FROM (
        SELECT t.positions FROM threadline.audited_tables t
        WHERE t.table_schema = has_columns.table_schema
          AND t.table_name = has_columns.table_name)
    THEN
        RETURN false;
    END IF;
    -- Types of extensions have another oid in every database, and are compared by image anyway.
    RETURN coalesce((
        SELECT array_agg(
            format('%s:%s', CASE WHEN a.atttypid < 16384 THEN a.atttypid::text ELSE '?' END,
                a.attname)
            ORDER BY a.attname COLLATE "C")
        FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
    ) = columns, false);
END
$function$;
