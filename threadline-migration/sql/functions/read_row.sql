-- threadline: function=read_row contract=1 revision=1
-- why: an old row is read by the types of today, and what does not fit is told and not guessed
-- calls:
CREATE OR REPLACE FUNCTION threadline.read_row(
    base anyelement, data jsonb, OUT whole anyelement, OUT notes jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
SET xmloption = 'content'
AS $function$
<<read_row>>
DECLARE
    fit jsonb := '{}';
    field text;
    value jsonb;
    told jsonb;
BEGIN
    notes := '{}';
    BEGIN
        whole := jsonb_populate_record(base, data);
    EXCEPTION WHEN OTHERS THEN
        -- A row of nulls that no domain has seen: a domain may refuse the null of a column that the
        -- old row has not.
        EXECUTE (
            SELECT format('SELECT %s', string_agg(format('($1).%I', a.attname), ', ' ORDER BY a.attnum))
            FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid
            WHERE t.oid = pg_typeof(base) AND a.attnum > 0 AND NOT a.attisdropped)
        INTO whole USING base;
        FOR field, value IN SELECT e.key, e.value FROM jsonb_each(data) e LOOP
            BEGIN
                PERFORM jsonb_populate_record(whole, jsonb_build_object(field, value));
                fit := fit || jsonb_build_object(field, value);
            EXCEPTION WHEN OTHERS THEN
                notes := notes || jsonb_build_object(
                    field, jsonb_build_object('kind', 'uncastable', 'why', SQLERRM));
            END;
        END LOOP;
        whole := jsonb_populate_record(whole, fit);
    END;
    -- A cast may lose without failing: only telling the row again shows it.
    told := to_jsonb(whole);
    SELECT notes || coalesce(jsonb_object_agg(
        e.key, CASE WHEN told ? e.key
            THEN jsonb_build_object('kind', 'recast', 'stored', e.value, 'read', told -> e.key)
            ELSE jsonb_build_object('kind', 'dropped', 'stored', e.value) END), '{}')
    INTO notes
    FROM jsonb_each(data) e
    WHERE NOT notes ? e.key AND told -> e.key IS DISTINCT FROM e.value;
END
$function$;
