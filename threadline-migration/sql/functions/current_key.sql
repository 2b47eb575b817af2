-- threadline: function=current_key contract=1 revision=1
-- why: a key column that was renamed since still tells the row apart; another one never stands in
-- calls:
CREATE OR REPLACE FUNCTION threadline.current_key(
    relation oid, table_schema text, table_name text, declared text[]) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT array_agg(a.attname::text ORDER BY d.position)
    FROM unnest(declared) WITH ORDINALITY AS d(name, position)
    LEFT JOIN LATERAL (
        SELECT split_part(p.place, ':', 1)::int2 AS attnum
        FROM threadline.audited_tables t
        CROSS JOIN LATERAL unnest(t.positions) AS p(place)
        WHERE t.table_schema = current_key.table_schema
          AND t.table_name = current_key.table_name
          AND substr(p.place, strpos(p.place, ':') + 1) = d.name) w ON true
    LEFT JOIN pg_attribute a
        ON a.attrelid = relation AND a.attnum = w.attnum AND NOT a.attisdropped;
$function$;
