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
      AND t.tgrelid NOT IN (
          SELECT m.member FROM threadline.members_of(
              /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass) m);
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that is no part of it is captured under its name; first run: %',
            /*:regclass:*/'public.posts'/*:*/, mend;
    END IF;
    SELECT pg_catalog.quote_ident(r.rolname) INTO mend
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.oid = /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass
      AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE');
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached by %: only its owner may put triggers on it that nobody can bypass; attach it as a role that is a member of its owner: GRANT % TO %',
            /*:regclass:*/'public.posts'/*:*/, current_user, mend, pg_catalog.quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A part that is captured on its own account, or as a part of another table, would be taken over with
    -- a policy that may redact less.
    SELECT pg_catalog.min(pg_catalog.format('%s by the function %s', t.tgrelid::pg_catalog.regclass,
        t.tgfoid::pg_catalog.regproc))
    INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN threadline.members_of(/*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass) m
        ON m.member = t.tgrelid AND m.member <> /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      AND pg_catalog.starts_with(t.tgname::text, '00_threadline_')
      AND t.tgfoid IS DISTINCT FROM
          pg_catalog.to_regproc(/*:regproc:*/'threadline."capture public.posts"'/*:*/)::pg_catalog.oid;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a part of it is captured under another name (%); detach that table first',
            /*:regclass:*/'public.posts'/*:*/, mend;
    END IF;
    -- Its triggers have the same names, and would be taken over.
    SELECT pg_catalog.min(n.nspname::text) INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass
      AND NOT t.tgisinternal AND pg_catalog.starts_with(t.tgname::text, '00_threadline_') AND n.nspname <> 'threadline';
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: the trail in schema % captures it already; detach it there first, or name that schema with THREADLINE_SCHEMA',
            /*:regclass:*/'public.posts'/*:*/, mend;
    END IF;
END
$check$;
-- Waits for writers, of its partitions and child tables, too, so that `since` is a moment from which on
-- everything is known. A table that was not captured until now (new, detached, or dropped and made
-- again) starts anew, and so does one whose rows were told apart by another key until now: what is
-- recorded under that key is no version of a row of today.
LOCK TABLE /*:relation:*/public.posts/*:*/ IN SHARE ROW EXCLUSIVE MODE;
-- Of a table that was empty then, everything is known from there on.
INSERT INTO threadline.audited_tables AS a (
    table_schema, table_name, capture_mode, reason, key_columns, columns, positions,
    policy, since, complete_since)
SELECT
    /*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/, /*:mode:*/'statement'/*:*/,
    /*:reason:*/'declared'/*:*/,
    /*:key_columns:*/ARRAY['id']/*:*/, /*:columns:*/ARRAY['23:id']/*:*/,
    threadline.column_positions(/*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass),
    /*:policy:*/'{}'/*:*/, new.since,
    CASE WHEN NOT threadline.may_hold_rows(/*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass)
        THEN new.since END
FROM (SELECT pg_catalog.clock_timestamp() AS since OFFSET 0) new
ON CONFLICT (table_schema, table_name) DO UPDATE SET
    capture_mode = excluded.capture_mode, reason = excluded.reason,
    key_columns = excluded.key_columns,
    columns = excluded.columns, positions = excluded.positions,
    policy = excluded.policy, installed_at = pg_catalog.clock_timestamp(),
    (since, complete_since) = (
        SELECT
            CASE WHEN pg_catalog.count(*) > 0 AND a.key_columns = excluded.key_columns
                THEN a.since ELSE excluded.since END,
            CASE WHEN pg_catalog.count(*) > 0 AND a.key_columns = excluded.key_columns
                THEN a.complete_since ELSE excluded.complete_since END
        FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass
          AND t.tgfoid = pg_catalog.to_regproc(/*:regproc:*/'threadline."capture public.posts"'/*:*/)),
    detached_at = NULL;
SELECT threadline.put_triggers(
    /*:regclass:*/'public.posts'/*:*/::pg_catalog.regclass,
    /*:regproc:*/'threadline."capture public.posts"'/*:*/, /*:mode:*/'statement'/*:*/);
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION /*:function:*/threadline."capture public.posts"/*:*/() FROM PUBLIC;
REVOKE ALL ON FUNCTION /*:recorder:*/threadline."record public.posts"/*:*/ FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc(/*:regproc:*/'threadline."capture public.posts"'/*:*/)
  AND table_schema = /*:schema:*/'public'/*:*/ AND table_name = /*:table:*/'posts'/*:*/;
