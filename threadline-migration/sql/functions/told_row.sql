-- threadline: function=told_row contract=1 revision=1
-- why: a reader's key is told as the trail has it, whatever the reader's time zone and styles
-- calls:
CREATE OR REPLACE FUNCTION threadline.told_row(whole anyelement) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $function$
    SELECT to_jsonb(whole);
$function$;
