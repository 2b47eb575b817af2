-- threadline: function=as_of contract=1 revision=1
-- why: a whole table as it stood, for psql and reports, in one pass over its history
-- calls: root_of, rows_at, image_shape, without_surrogates, read_row, refuse_drift
CREATE OR REPLACE FUNCTION threadline.as_of(
    base anyelement, at timestamptz, lossy boolean DEFAULT false) RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
SET xmloption = 'content' SET jit = off
AS $function$
<<as_of>>
DECLARE
    relation regclass := (SELECT nullif(t.typrelid, 0) FROM pg_type t WHERE t.oid = pg_typeof(base));
    shape jsonb;
    stood text;
    picked record;
BEGIN
    IF relation IS NULL OR at IS NULL OR lossy IS NULL THEN
        RAISE EXCEPTION '(threadline) the past is asked for with the row type of a table, and a moment'
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'As in threadline.as_of(NULL::public.posts, ''2026-11-01 12:00+00'').';
    ELSIF threadline.root_of(relation) <> relation THEN
        RAISE EXCEPTION '(threadline) % is a part of %, and so is its past',
            relation, threadline.root_of(relation)::regclass USING ERRCODE = 'invalid_parameter_value',
            HINT = format('Ask for NULL::%s.', threadline.root_of(relation)::regclass);
    END IF;
    SELECT threadline.rows_at(n.nspname, c.relname, at), threadline.image_shape(relation, t.policy)
    INTO stood, shape
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN threadline.audited_tables t ON t.table_schema = n.nspname AND t.table_name = c.relname
    WHERE c.oid = relation;
    -- What stands in place of a value is looked for in every row: the policy may have been another one.
    stood := format(
        'SELECT s.row_pk, s.captured_at, s.data_after AS stored, CASE
            WHEN jsonb_path_exists(%1$s, %3$L) THEN threadline.without_surrogates(%1$s, %2$L) %4$s
            ELSE %1$s END AS image
        FROM (%5$s) s OFFSET 0',
        (SELECT CASE count(*) WHEN 0 THEN 's.data_after'
                ELSE format('(s.data_after - %L::text[])', array_agg(m)) END
            FROM jsonb_array_elements_text(shape -> 'masked') m),
        shape -> 'placeholders',
        (SELECT format('$.* ? (@ starts with "hmac:" || exists (@."$truncated")%s)',
                string_agg(DISTINCT format(' || @ == %s', p.value), ''))
            FROM jsonb_each(shape -> 'placeholders') p),
        (SELECT string_agg(format('|| jsonb_build_object(%1$L, s.data_after -> %1$L)', h), ' ')
            FROM jsonb_array_elements_text(shape -> 'hashed') h),
        stood);
    -- A row of nulls that no domain has seen, with what ALTER TABLE has filled in.
    base := (SELECT jsonb_populate_record(r.whole, shape -> 'filled') FROM threadline.read_row(base, '{}') r);
    IF lossy THEN
        RETURN QUERY EXECUTE format(
            'SELECT (r.whole).* FROM (%s) i CROSS JOIN LATERAL threadline.read_row($1, i.image) r', stood)
            USING base;
        RETURN;
    END IF;
    -- Most rows are told again as they were stored; of the others each column is asked.
    RETURN QUERY EXECUTE format(
        'SELECT (r.whole).* FROM (%1$s) i
        CROSS JOIN LATERAL (SELECT jsonb_populate_record($1, i.image) AS whole OFFSET 0) r
        CROSS JOIN LATERAL (SELECT to_jsonb(r.whole) AS told OFFSET 0) t
        WHERE CASE WHEN t.told = i.image THEN true
            WHEN i.stored ?& %2$L::text[] AND (t.told || i.image) = (t.told || (i.image - %3$L::text[]))
              AND (i.stored ?& %4$L::text[]
                OR (SELECT count(*) FROM jsonb_object_keys(i.stored - %3$L::text[])) <= %5$s) THEN true
            ELSE threadline.refuse_drift(%6$L, i.row_pk, i.captured_at, i.stored, i.image, t.told, $2)
            END',
        stood, ARRAY(SELECT jsonb_array_elements_text(shape -> 'required')),
        ARRAY(SELECT jsonb_array_elements_text(shape -> 'live')),
        ARRAY(SELECT jsonb_array_elements_text(shape -> 'expected')), shape -> 'dropped', relation)
        USING base, shape;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
    IF stood IS NULL OR lossy THEN
        RAISE;
    END IF;
    -- Which row it was, is only looked for now.
    FOR picked IN EXECUTE format(
        'SELECT i.*, r.notes, to_jsonb(r.whole) AS told
        FROM (%s) i CROSS JOIN LATERAL threadline.read_row($1, i.image) r
        WHERE jsonb_path_exists(r.notes, ''$.* ? (@.kind == "uncastable")'') LIMIT 1', stood) USING base
    LOOP
        PERFORM threadline.refuse_drift(relation, picked.row_pk, picked.captured_at, picked.stored,
            picked.image, picked.told, shape, picked.notes);
    END LOOP;
    RAISE;
END
$function$;
