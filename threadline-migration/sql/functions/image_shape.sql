-- threadline: function=image_shape contract=1 revision=1
-- why: what the image of a row should have, and what of it is no value, is told once and not for each row
-- calls:
-- `live`: the columns of today. `expected`: those that an image has unless it is older than the column.
-- `required`: those of them that cannot have been null. `filled`: what ALTER TABLE gave to rows that were
-- there already. `masked`: columns that are read as null, whatever is stored. `hashed`: texts that are read
-- as their hash. `placeholders`: by column, the text that is none of the column's values. `dropped`: how
-- many columns the table had and has no longer.
CREATE OR REPLACE FUNCTION threadline.image_shape(relation regclass, policy jsonb) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $function$
    WITH col AS (
        SELECT a.attname::text AS name, a.attnotnull, a.attgenerated = 'v' AS is_virtual, m.filled,
            p.kind, p.placeholder,
            -- A placeholder or a hash can be read as such a text, if it is not too long for it.
            t.typcategory = 'S' AND t.typtype = 'b' AND t.typname NOT IN ('bpchar', 'name', 'char')
                AND (t.typname <> 'varchar' OR a.atttypmod < 0
                    OR a.atttypmod - 4 >= CASE p.kind
                        WHEN 'hash' THEN 69 ELSE char_length(p.placeholder) END) AS is_text
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        CROSS JOIN LATERAL (SELECT policy -> 'redactions' -> a.attname::text AS redaction) r
        CROSS JOIN LATERAL (
            SELECT CASE jsonb_typeof(r.redaction) WHEN 'string' THEN r.redaction #>> '{}'
                    WHEN 'object' THEN (SELECT k FROM jsonb_object_keys(r.redaction) k LIMIT 1) END AS kind,
                coalesce(jsonb_path_query_first(r.redaction, '$.*.placeholder') #>> '{}', '[REDACTED]')
                    AS placeholder) p
        LEFT JOIN LATERAL (
            -- A partitioned table has no rows, so its partitions have this.
            SELECT (f.attmissingval::text::text[])[1] AS text,
                CASE WHEN t.typname IN ('json', 'jsonb')
                    THEN (f.attmissingval::text::text[])[1]::jsonb
                    ELSE to_jsonb((f.attmissingval::text::text[])[1]) END AS filled
            FROM pg_attribute f
            WHERE f.attrelid IN (
                    SELECT relation UNION ALL SELECT l.relid FROM pg_partition_tree(relation) l)
              AND f.attname = a.attname AND f.atthasmissing AND p.kind IS NULL
            LIMIT 1) m ON true
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped),
    names AS (
        SELECT coalesce(jsonb_agg(name), '[]') AS live,
            coalesce(jsonb_agg(name) FILTER (WHERE is_expected), '[]') AS expected,
            coalesce(jsonb_agg(name) FILTER (
                WHERE is_expected AND attnotnull AND filled IS NULL AND kind IS NULL), '[]') AS required,
            coalesce(jsonb_agg(name) FILTER (WHERE kind IN ('mask', 'hash') AND NOT is_text), '[]') AS masked,
            coalesce(jsonb_agg(name) FILTER (WHERE kind = 'hash' AND is_text), '[]') AS hashed,
            coalesce(jsonb_object_agg(name, filled) FILTER (WHERE filled IS NOT NULL), '{}') AS filled,
            coalesce(jsonb_object_agg(name, placeholder) FILTER (
                WHERE policy -> 'redactions' <> '{}' AND NOT is_text), '{}') AS placeholders
        FROM (SELECT *, kind IS DISTINCT FROM 'exclude' AND NOT is_virtual AS is_expected FROM col) c)
    SELECT to_jsonb(n) || jsonb_build_object('dropped', (
        SELECT count(*) FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attnum > 0 AND a.attisdropped))
    FROM names n;
$function$;
