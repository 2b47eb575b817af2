-- threadline: function=without_surrogates contract=1 revision=1
-- why: a hash, a size and a placeholder are no values of a column's type
-- calls:
-- Takes out of an image what only stands in place of a value. `placeholders` has, by column, the text that
-- is none of the column's.
CREATE OR REPLACE FUNCTION threadline.without_surrogates(image jsonb, placeholders jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(image) e
    WHERE CASE jsonb_typeof(e.value)
        WHEN 'string' THEN e.value #>> '{}' !~ '^hmac:[0-9a-f]{64}$'
            AND e.value IS DISTINCT FROM placeholders -> e.key
        WHEN 'object' THEN e.value - '$truncated' <> '{}'
            OR jsonb_typeof(e.value #> '{$truncated,bytes}') IS DISTINCT FROM 'number'
            OR jsonb_typeof(e.value #> '{$truncated,sha256}') IS DISTINCT FROM 'string'
        ELSE true END;
$function$;
