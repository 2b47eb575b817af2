-- Waits for writers, so that `since` is a moment from which on everything is known. A table that was
-- not captured until now (new, detached, or dropped and made again) starts anew.
LOCK TABLE /*:relation:*/public.posts/*:*/ IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO threadline.audited_tables (
    table_schema, table_name, capture_mode, key_columns, columns, policy)
VALUES (
    /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/, 'statement',
    /*:key_columns:*/ARRAY['id']/*:*/, /*:columns:*/ARRAY['23:id']/*:*/, /*:policy:*/'{}'/*:*/)
ON CONFLICT (table_schema, table_name) DO UPDATE SET
    capture_mode = excluded.capture_mode, key_columns = excluded.key_columns,
    columns = excluded.columns, policy = excluded.policy, installed_at = clock_timestamp(),
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
