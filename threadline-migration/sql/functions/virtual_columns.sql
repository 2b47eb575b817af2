-- threadline: function=virtual_columns contract=1 revision=1
-- why: a trigger sees a virtual generated column as null, which would be recorded as if it were so
-- calls:
CREATE OR REPLACE FUNCTION threadline.virtual_columns(relation oid) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN ARRAY(
        SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attgenerated = 'v' AND NOT a.attisdropped);
END
$function$;
