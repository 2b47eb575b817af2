-- threadline: function=named_relation contract=1 revision=1
-- why: what has a name by now, for who is asked under a snapshot that may be older
-- calls:
-- Volatile, so that it sees what is committed by now, as compare_columns. Not by to_regclass, which fails if
-- the trail's owner may not use the table's schema.
CREATE OR REPLACE FUNCTION threadline.named_relation(table_schema text, table_name text)
RETURNS regclass
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = named_relation.table_schema AND c.relname = named_relation.table_name);
END
$function$;
