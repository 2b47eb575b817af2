-- threadline: function=refuse_drift contract=1 revision=1
-- why: an old row that the table of today cannot hold is an error that names it, and no guess
-- calls:
CREATE OR REPLACE FUNCTION threadline.refuse_drift(
    relation regclass, row_pk jsonb, captured_at timestamptz, stored jsonb, image jsonb, told jsonb,
    shape jsonb, notes jsonb DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
AS $function$
<<refuse_drift>>
DECLARE
    field text;
    why text;
BEGIN
    SELECT c.name, 'the row is older than the column, which cannot be null' INTO field, why
    FROM jsonb_array_elements_text(shape -> 'required') AS c(name)
    WHERE NOT stored ? c.name LIMIT 1;
    IF field IS NULL THEN
        SELECT e.key, coalesce(notes #>> ARRAY[e.key, 'why'], 'its type holds less than was stored')
        INTO field, why
        FROM jsonb_each(image) e
        WHERE told ? e.key AND told -> e.key IS DISTINCT FROM e.value
        ORDER BY notes #>> ARRAY[e.key, 'why'] LIMIT 1;
    END IF;
    IF field IS NULL THEN
        SELECT c.name, format('the row does not have it, and has %s, which the table does not have: was '
                'the column renamed?', (
                SELECT string_agg(k, ', ') FROM jsonb_object_keys(stored) k
                WHERE NOT shape -> 'live' ? k))
        INTO field, why
        FROM jsonb_array_elements_text(shape -> 'expected') AS c(name)
        WHERE NOT stored ? c.name LIMIT 1;
    END IF;
    RAISE EXCEPTION '(threadline) the row % of %, as it was captured at %, does not fit the column % of today: %',
        row_pk, relation, captured_at, field, why
        USING ERRCODE = 'TL001',
            DETAIL = (SELECT jsonb_build_object(
                    'schema', n.nspname, 'table', c.relname, 'column', field, 'row_pk', row_pk,
                    'captured_at', captured_at)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation),
            HINT = 'Read it with nulls in such places, as_of(…, lossy => true), or read what is stored in '
                'the view of changes.';
END
$function$;
