-- threadline: function=current_key contract=1 revision=2
-- why: in PL/pgSQL, which keeps its plans: a row trigger may call it for every row
-- calls:
-- A key column that was renamed since still tells the row apart; another one never stands in.
CREATE OR REPLACE FUNCTION threadline.current_key(
    relation oid, table_schema text, table_name text, declared text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<current_key>>
DECLARE
    positions text[];
BEGIN
    SELECT t.positions INTO current_key.positions FROM threadline.audited_tables t
    WHERE t.table_schema = current_key.table_schema
      AND t.table_name = current_key.table_name;
    RETURN ARRAY(
        SELECT a.attname::text
        FROM unnest(declared) WITH ORDINALITY AS d(name, position)
        LEFT JOIN unnest(current_key.positions) AS p(place)
            ON substr(p.place, strpos(p.place, ':') + 1) = d.name
        LEFT JOIN pg_attribute a
            ON a.attrelid = relation AND a.attnum = split_part(p.place, ':', 1)::int2
            AND NOT a.attisdropped
        ORDER BY d.position);
END
$function$;
