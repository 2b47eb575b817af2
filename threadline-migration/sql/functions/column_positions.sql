-- threadline: function=column_positions contract=1 revision=1
-- why: a name may move to another column, a position never does
-- calls:
CREATE OR REPLACE FUNCTION threadline.column_positions(relation oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(array_agg(format('%s:%s', a.attnum, a.attname) ORDER BY a.attnum), '{}')
    FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
$function$;
