-- threadline: function=past_drift contract=1 revision=1
-- why: a value that a past row does not have is never read as if it had been null
-- calls:
-- Stable, so that it stands in no plan's way; and cheap, because it is hardly ever called: a plan that looks
-- costly is compiled, which takes longer than running it.
CREATE OR REPLACE FUNCTION threadline.past_drift(
    value anyelement, table_schema text, table_name text, column_name text, row_pk jsonb,
    captured_at timestamptz) RETURNS anyelement
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
AS $function$
BEGIN
    RAISE EXCEPTION '%.%.%: the row % has no value as it was captured at %',
        table_schema, table_name, column_name, row_pk, captured_at
        USING ERRCODE = 'TL001',
            DETAIL = jsonb_build_object(
                'schema', table_schema, 'table', table_name, 'column', column_name,
                'row_pk', row_pk, 'captured_at', captured_at),
            HINT = 'Give the column a stand_in, or read with losses.';
END
$function$;
