-- threadline: function=current_columns contract=1 revision=1
-- why: the fast path names columns, so it is taken only while they are the ones it was made for
-- calls:
CREATE OR REPLACE FUNCTION threadline.current_columns(relation oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    -- Types of extensions have another oid in every database, and are compared by image anyway.
    SELECT coalesce(array_agg(
        format('%s:%s', CASE WHEN a.atttypid < 16384 THEN a.atttypid::text ELSE '?' END, a.attname)
        ORDER BY a.attname COLLATE "C"), '{}')
    FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
$function$;
