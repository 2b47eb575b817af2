-- threadline: function=current_key contract=1 revision=2
-- why: a key column that was renamed since still tells the row apart; another one never stands in
-- calls: column_positions
CREATE OR REPLACE FUNCTION threadline.current_key(
    relation oid, table_schema text, table_name text, declared text[]) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    -- A declared column without a place: this transaction is older than the function that declares
    -- it, and does not see where it was attached. Then the name is as new as the function.
    SELECT array_agg(CASE WHEN w.number IS NULL THEN d.name ELSE n.name END ORDER BY d.position)
    FROM unnest(declared) WITH ORDINALITY AS d(name, position)
    LEFT JOIN LATERAL (
        SELECT split_part(p.place, ':', 1) AS number
        FROM threadline.audited_tables t
        CROSS JOIN LATERAL unnest(t.positions) AS p(place)
        WHERE t.table_schema = current_key.table_schema
          AND t.table_name = current_key.table_name
          AND substr(p.place, strpos(p.place, ':') + 1) = d.name) w ON true
    LEFT JOIN LATERAL (
        SELECT substr(p.place, strpos(p.place, ':') + 1) AS name
        FROM unnest(threadline.column_positions(relation)) AS p(place)
        WHERE split_part(p.place, ':', 1) = w.number) n ON true;
$function$;
