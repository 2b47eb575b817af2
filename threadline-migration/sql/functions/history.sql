-- threadline: function=history contract=1 revision=1
-- why: the history of one row for psql and reports: every change, the newest first
-- calls: root_of, key_as_stored
-- With the caller's rights. A truncate has no key; it is told of a row that was there when it happened.
CREATE OR REPLACE FUNCTION threadline.history(relation regclass, key jsonb)
RETURNS SETOF threadline.changes
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $function$
<<history>>
DECLARE
    root regclass := threadline.root_of(relation);
    audited threadline.audited_tables;
    named text[];
    stored jsonb;
    unfit text;
    hash bigint;
BEGIN
    SELECT t.* INTO audited
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN threadline.audited_tables t ON t.table_schema = n.nspname AND t.table_name = c.relname
    WHERE c.oid = root;
    IF audited.table_name IS NULL THEN
        RAISE EXCEPTION '(threadline) % is not audited', coalesce(root::text, 'null')
            USING ERRCODE = 'TL003', HINT = 'threadline.audited_tables lists the tables that are.';
    END IF;
    SELECT array_agg(k) INTO named
    FROM jsonb_object_keys(CASE WHEN jsonb_typeof(key) = 'object' THEN key END) k
    WHERE key -> k <> 'null';
    IF named IS NULL OR NOT (named @> audited.key_columns AND named <@ audited.key_columns) THEN
        RAISE EXCEPTION '(threadline) % is no key of %: its rows are told apart by %, each with a value',
            coalesce(key::text, 'null'), root, array_to_string(audited.key_columns, ', ')
            USING ERRCODE = 'invalid_parameter_value', HINT = format(
                'Write threadline.history(%L, ''{%s}'').', root,
                (SELECT string_agg(format('%s: …', to_json(k)), ', ') FROM unnest(audited.key_columns) k));
    END IF;
    SELECT k.stored, k.unfit INTO stored, unfit
    FROM threadline.key_as_stored(root, audited.key_columns, audited.positions, key) k;
    hash := jsonb_hash_extended(stored,
        hashtextextended(audited.table_schema || '.' || audited.table_name, 0));
    RETURN QUERY
    WITH own AS MATERIALIZED (
        SELECT c.* FROM threadline.changes c
        WHERE c.row_hash = hash AND c.row_key = stored
          AND c.table_schema = audited.table_schema AND c.table_name = audited.table_name),
    every AS (
        SELECT o.* FROM own o
        UNION ALL
        SELECT c.* FROM threadline.changes c
        WHERE c.row_hash IS NULL AND c.op = 'truncate'
          AND c.table_schema = audited.table_schema AND c.table_name = audited.table_name
          AND c.captured_at >= (SELECT min(o.captured_at) FROM own o))
    SELECT (told.change).* FROM (
        SELECT e AS change, lag(e.op) OVER (ORDER BY e.captured_at, e.change_id) AS op_before
        FROM every e) told
    WHERE (told.change).op <> 'truncate' OR told.op_before NOT IN ('delete', 'truncate')
    ORDER BY (told.change).captured_at DESC, (told.change).change_id DESC;
    IF NOT FOUND AND unfit IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) no row of % ever had the key %: %', root, key, unfit
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
END
$function$;
