-- threadline: function=key_as_stored contract=1 revision=1
-- why: whoever asks for a row names it as people do; the trail has its key as the table's own types tell it
-- calls: read_row, told_row
-- A `char(5)` is padded and a `numeric` has its scale. A value that is none of its column's type stays as
-- it was given, because the column may have had another type; `unfit` tells why. A key column that was
-- renamed keeps its declared name in the trail, and has its place and type from the catalog.
CREATE OR REPLACE FUNCTION threadline.key_as_stored(
    relation regclass, key_columns text[], positions text[], given jsonb,
    OUT stored jsonb, OUT unfit text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
<<key_as_stored>>
DECLARE
    actual jsonb;
    told jsonb;
    notes jsonb;
BEGIN
    -- Declared name to the name of today.
    SELECT jsonb_object_agg(k.declared, coalesce(a.attname, k.declared::name)) INTO actual
    FROM unnest(key_columns) AS k(declared)
    LEFT JOIN unnest(key_as_stored.positions) AS p(place)
        ON substr(p.place, strpos(p.place, ':') + 1) = k.declared
    LEFT JOIN pg_attribute a
        ON a.attrelid = key_as_stored.relation AND NOT a.attisdropped
        AND a.attnum = split_part(p.place, ':', 1)::int2;
    EXECUTE format(
        'SELECT threadline.told_row(r.whole), r.notes FROM threadline.read_row(NULL::%s, $1) r', relation)
    INTO told, notes
    USING (SELECT jsonb_object_agg(actual ->> g.key, g.value) FROM jsonb_each(given) g);
    SELECT jsonb_object_agg(g.key, coalesce(nullif(told -> (actual ->> g.key), 'null'), g.value)),
        min(format('%s: %s', g.key, notes #>> ARRAY[actual ->> g.key, 'why']))
            FILTER (WHERE notes #>> ARRAY[actual ->> g.key, 'kind'] = 'uncastable')
    INTO stored, unfit
    FROM jsonb_each(given) g;
END
$function$;
