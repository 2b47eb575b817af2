-- threadline: function=current_key contract=1 revision=1
-- why: a key column that was renamed since still tells the row apart
-- calls:
CREATE OR REPLACE FUNCTION threadline.current_key(relation oid, declared text[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    -- The declared columns while all of them exist, else those of the primary key in their place.
    SELECT CASE
        WHEN (SELECT count(*) FROM pg_attribute a
              WHERE a.attrelid = relation AND a.attname = ANY (declared)
                AND a.attnum > 0 AND NOT a.attisdropped) = cardinality(declared) THEN declared
        WHEN cardinality(p.columns) = cardinality(declared) THEN p.columns
        ELSE declared
    END
    FROM (
        SELECT array_agg(a.attname::text ORDER BY k.position) AS columns
        FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = relation AND i.indisprimary AND k.position <= i.indnkeyatts
    ) p;
$function$;
