-- threadline: function=trusted_columns contract=1 revision=2
-- why: in PL/pgSQL, which keeps its plans: a row trigger may call it for every row
-- calls:
-- The names are asked for as in column_positions. A column is believed to be the one of its name only
-- where it was when the table was attached; of a table that the snapshot does not have, none is.
CREATE OR REPLACE FUNCTION threadline.trusted_columns(
    relation oid, table_schema text, table_name text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<trusted_columns>>
DECLARE
    positions text[];
BEGIN
    SELECT t.positions INTO trusted_columns.positions FROM threadline.audited_tables t
    WHERE t.table_schema = trusted_columns.table_schema
      AND t.table_name = trusted_columns.table_name;
    RETURN ARRAY(
        SELECT i.object_names[3] FROM pg_attribute a
        CROSS JOIN LATERAL pg_identify_object_as_address(
            'pg_class'::regclass, a.attrelid, a.attnum) i
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
          AND format('%s:%s', a.attnum, i.object_names[3]) = ANY (trusted_columns.positions));
END
$function$;
