-- threadline: function=past_since contract=1 revision=1
-- why: a moment of which not every row of a table is known is an error, and no list with holes
-- calls:
-- A reader that looks for rows by a key says which columns it has: by those of another one it would find none.
-- Stable, so that a statement asks it once. The changes before what it gives do not count.
CREATE OR REPLACE FUNCTION threadline.past_since(
    table_schema text, table_name text, at timestamptz, key text[] DEFAULT NULL) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
AS $function$
<<past_since>>
DECLARE
    told text := format('%s.%s', past_since.table_schema, past_since.table_name);
    known record;
BEGIN
    SELECT t.since, t.complete_since, t.detached_at, t.key_columns INTO known FROM threadline.audited_tables t
    WHERE t.table_schema = past_since.table_schema AND t.table_name = past_since.table_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not audited in this database, so its past is unknown', told
            USING ERRCODE = 'TL003',
                HINT = 'Attach it, and ask for a moment after that.';
    ELSIF at >= known.detached_at THEN
        RAISE EXCEPTION '% is audited no longer since %: what it held at % is unknown',
            told, known.detached_at, at
            USING ERRCODE = 'TL002', HINT = 'Attach it again, and ask for a moment after that.';
    ELSIF NOT EXISTS (
        SELECT FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_trigger g ON g.tgrelid = c.oid
        WHERE n.nspname = past_since.table_schema AND c.relname = past_since.table_name
          AND starts_with(g.tgname::text, '00_threadline_')) THEN
        RAISE EXCEPTION 'the table that is called % now is not the one that is audited under this name: '
            'no trigger of the trail is on it', told
            USING ERRCODE = 'TL003',
                HINT = 'Attach it, and ask for a moment after that.';
    ELSIF known.complete_since IS NULL THEN
        RAISE EXCEPTION '% held rows when its audit began at %, and not all of them are recorded: '
            'what it held at % is known in part only', told, known.since, at
            USING ERRCODE = 'TL002',
                HINT = format('Record them with the command "baseline %s", with sync, or with the function of that '
                    'name; and ask for a moment after that.', told);
    ELSIF at < known.complete_since THEN
        RAISE EXCEPTION '% is known as a whole only since %: what it held at % is unknown',
            told, known.complete_since, at
            USING ERRCODE = 'TL002', HINT = 'Ask for a later moment.';
    ELSIF NOT (key @> known.key_columns AND key <@ known.key_columns) THEN
        RAISE EXCEPTION '% tells its rows apart by (%), and its entity by (%)', told,
            array_to_string(known.key_columns, ', '), array_to_string(key, ', ')
            USING ERRCODE = 'TL004', HINT = 'Give the entity the key of the table.';
    END IF;
    RETURN known.since;
END
$function$;
