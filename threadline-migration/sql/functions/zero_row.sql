-- threadline: function=zero_row contract=1 revision=1
-- why: a reader that asked for losses gets something where there has to be something
-- calls:
-- `base` with the zero of its type in each of `columns` that is null in it.
CREATE OR REPLACE FUNCTION threadline.zero_row(base anyelement, columns text[]) RETURNS anyelement
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    told jsonb := coalesce(to_jsonb(base), '{}');
    zeros jsonb;
BEGIN
    SELECT jsonb_object_agg(a.attname, CASE
        WHEN b.typcategory = 'E' THEN (
            SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = b.oid
            ORDER BY e.enumsortorder LIMIT 1)
        WHEN b.typname = 'uuid' THEN '00000000-0000-0000-0000-000000000000'
        WHEN b.typname IN ('json', 'jsonb') THEN NULL
        WHEN b.typname IN ('time', 'timetz') THEN '00:00:00'
        WHEN b.typname IN ('timestamptz', 'timetz') THEN '1970-01-01T00:00:00+00:00'
        WHEN b.typname = 'bytea' THEN ''
        ELSE CASE b.typcategory
            WHEN 'A' THEN '{}' WHEN 'B' THEN 'false' WHEN 'D' THEN '1970-01-01'
            WHEN 'I' THEN '0.0.0.0' WHEN 'N' THEN '0' WHEN 'R' THEN 'empty' WHEN 'S' THEN ''
            WHEN 'T' THEN '0' WHEN 'V' THEN '0' END
        END)
    INTO zeros
    FROM pg_type t
    JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type c ON c.oid = a.atttypid
    -- A domain is of the kind that it is made of.
    JOIN pg_type b ON b.oid = coalesce(nullif(c.typbasetype, 0), c.oid)
    WHERE t.oid = pg_typeof(base) AND a.attname = ANY (columns)
      AND coalesce(told -> a.attname::text, 'null') = 'null';
    SELECT zeros || coalesce(jsonb_object_agg(a.attname, '{}'::jsonb), '{}') INTO zeros
    FROM pg_type t
    JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE t.oid = pg_typeof(base) AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype)
      AND zeros ? a.attname;
    RETURN jsonb_populate_record(base, coalesce(zeros, '{}'));
END
$function$;
