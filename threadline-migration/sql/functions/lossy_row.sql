-- threadline: function=lossy_row contract=1 revision=1
-- why: a reader that asked for losses reads every row, and what does not fit as what base has
-- calls: read_row
CREATE OR REPLACE FUNCTION threadline.lossy_row(
    base anyelement, image jsonb, required text[]) RETURNS anyelement
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT (threadline.read_row(base, image - ARRAY(
        SELECT n FROM unnest(required) n WHERE image -> n = 'null'))).whole;
$function$;
