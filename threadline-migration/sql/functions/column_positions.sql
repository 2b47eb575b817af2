-- threadline: function=column_positions contract=1 revision=2
-- why: a name may move to another column, a position never does
-- calls:
-- The names as they are, by a function that does not ask the catalog's rows: in a transaction that
-- keeps its snapshot these are as old as it, and a secret may have a harmless column's name by now.
CREATE OR REPLACE FUNCTION threadline.column_positions(relation oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(array_agg(format('%s:%s', a.attnum, i.object_names[3]) ORDER BY a.attnum), '{}')
    FROM pg_attribute a
    CROSS JOIN LATERAL pg_identify_object_as_address(
        'pg_class'::regclass, a.attrelid, a.attnum) i
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
$function$;
