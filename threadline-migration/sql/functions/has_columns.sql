-- threadline: function=has_columns contract=1 revision=2
-- why: whether the fast statements, which name columns, may be used, is known when they are planned
-- calls: compare_columns
-- Declared immutable so that the planner puts the answer into the plan, where it costs nothing. The
-- plan reads a transition table and is thrown away when its table is altered, so the answer is never
-- older than the table. The name is a text: a table that was renamed has no columns here, and no error.
CREATE OR REPLACE FUNCTION threadline.has_columns(
    table_schema text, table_name text, columns text[], redacts boolean) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- The catalog's rows are as old as the transaction here, the table itself is not.
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RETURN false;
    END IF;
    RETURN threadline.compare_columns(table_schema, table_name, columns, redacts);
END
$function$;
