-- threadline: function=trusted_columns contract=1 revision=1
-- why: a column is believed to be the one of its name only where it was when the table was attached
-- calls: column_positions
CREATE OR REPLACE FUNCTION threadline.trusted_columns(
    relation oid, table_schema text, table_name text) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(array_agg(substr(p.place, strpos(p.place, ':') + 1)), '{}')
    FROM threadline.audited_tables t
    CROSS JOIN LATERAL unnest(threadline.column_positions(relation)) AS p(place)
    WHERE t.table_schema = trusted_columns.table_schema
      AND t.table_name = trusted_columns.table_name AND p.place = ANY (t.positions);
$function$;
