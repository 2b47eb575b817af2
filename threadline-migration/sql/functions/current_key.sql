-- threadline: function=current_key contract=1 revision=2
-- why: in PL/pgSQL, which keeps its plans: a row trigger may call it for every row
-- calls: audited_relation
-- A key column that was renamed since still tells the row apart; another one never stands in. The names
-- are asked for as in column_positions. A declared column without a place: this transaction is older than
-- the function that declares it, and does not see where it was attached. Then the name is as new as the
-- function.
CREATE OR REPLACE FUNCTION threadline.current_key(
    relation oid, table_schema text, table_name text, declared text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
<<current_key>>
DECLARE
    positions text[];
    root oid := relation;
BEGIN
    -- A child table that is younger than the snapshot of this transaction has neither parent nor
    -- columns in it; the table that it belongs to has.
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation) THEN
        root := threadline.audited_relation(current_key.table_schema, current_key.table_name);
    END IF;
    SELECT t.positions INTO current_key.positions FROM threadline.audited_tables t
    WHERE t.table_schema = current_key.table_schema
      AND t.table_name = current_key.table_name;
    RETURN ARRAY(
        SELECT CASE WHEN p.place IS NULL THEN d.name ELSE n.name END
        FROM unnest(declared) WITH ORDINALITY AS d(name, position)
        LEFT JOIN unnest(current_key.positions) AS p(place)
            ON substr(p.place, strpos(p.place, ':') + 1) = d.name
        LEFT JOIN LATERAL (
            SELECT i.object_names[3] AS name
            FROM pg_attribute a
            CROSS JOIN LATERAL pg_identify_object_as_address(
                'pg_class'::regclass, a.attrelid, a.attnum) i
            WHERE a.attrelid = root AND a.attnum = split_part(p.place, ':', 1)::int2
              AND NOT a.attisdropped) n ON true
        ORDER BY d.position);
END
$function$;
