-- A table that was renamed takes its triggers along, and would be captured by the policy of the table
-- that has its name now.
DO $check$
DECLARE
    mend text;
BEGIN
    SELECT pg_catalog.string_agg(
        pg_catalog.format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::pg_catalog.regclass), ' ')
    INTO mend
    FROM pg_catalog.pg_trigger t
    WHERE t.tgfoid = pg_catalog.to_regproc(/*:regproc:*/'threadline."capture public.posts"'/*:*/)
      AND t.tgrelid <> /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that had its name before is captured under it; first run: %',
            /*:regclass:*/'public.posts'/*:*/, mend;
    END IF;
END
$check$;
-- Waits for writers, so that `since` is a moment from which on everything is known. A table that was
-- not captured until now (new, detached, or dropped and made again) starts anew.
LOCK TABLE /*:relation:*/public.posts/*:*/ IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO threadline.audited_tables (
    table_schema, table_name, capture_mode, key_columns, columns, positions,
    policy)
VALUES (
    /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/, 'statement',
    /*:key_columns:*/ARRAY['id']/*:*/, /*:columns:*/ARRAY['23:id']/*:*/,
    threadline.column_positions(/*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass),
    /*:policy:*/'{}'/*:*/)
ON CONFLICT (table_schema, table_name) DO UPDATE SET
    capture_mode = excluded.capture_mode, key_columns = excluded.key_columns,
    columns = excluded.columns, positions = excluded.positions,
    policy = excluded.policy, installed_at = clock_timestamp(),
    since = CASE
        WHEN EXISTS (
            SELECT FROM pg_catalog.pg_trigger t
            WHERE t.tgrelid = /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass
              AND t.tgname = 'threadline_truncate')
        THEN audited_tables.since ELSE clock_timestamp() END,
    detached_at = NULL;
-- CREATE OR REPLACE, never drop and create: there is no moment without capture.
CREATE OR REPLACE TRIGGER threadline_insert AFTER INSERT ON /*:relation:*/public.posts/*:*/
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION /*:function:*/threadline."capture public.posts"/*:*/();
CREATE OR REPLACE TRIGGER threadline_update AFTER UPDATE ON /*:relation:*/public.posts/*:*/
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION /*:function:*/threadline."capture public.posts"/*:*/();
CREATE OR REPLACE TRIGGER threadline_delete AFTER DELETE ON /*:relation:*/public.posts/*:*/
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION /*:function:*/threadline."capture public.posts"/*:*/();
CREATE OR REPLACE TRIGGER threadline_truncate AFTER TRUNCATE ON /*:relation:*/public.posts/*:*/
    FOR EACH STATEMENT EXECUTE FUNCTION /*:function:*/threadline."capture public.posts"/*:*/();
-- Always: a session in replica mode is recorded like any other.
ALTER TABLE /*:relation:*/public.posts/*:*/
    ENABLE ALWAYS TRIGGER threadline_insert,
    ENABLE ALWAYS TRIGGER threadline_update,
    ENABLE ALWAYS TRIGGER threadline_delete,
    ENABLE ALWAYS TRIGGER threadline_truncate;
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION /*:function:*/threadline."capture public.posts"/*:*/() FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc(/*:regproc:*/'threadline."capture public.posts"'/*:*/)
  AND table_schema = /*:schema:*/'public'/*:*/ AND table_name = /*:table:*/'posts'/*:*/;
