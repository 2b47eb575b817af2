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
    WHERE t.tgfoid = pg_catalog.to_regproc('threadline."capture public.organizations"')
      AND t.tgrelid NOT IN (
          SELECT m.member FROM threadline.members_of(
              '"public"."organizations"'::pg_catalog.regclass) m);
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that is no part of it is captured under its name; first run: %',
            '"public"."organizations"', mend;
    END IF;
    SELECT pg_catalog.quote_ident(r.rolname) INTO mend
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.oid = '"public"."organizations"'::pg_catalog.regclass
      AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE');
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached by %: only its owner may put triggers on it that nobody can bypass; attach it as a role that is a member of its owner: GRANT % TO %',
            '"public"."organizations"', current_user, mend, pg_catalog.quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A part that is captured on its own account, or as a part of another table, would be taken over with
    -- a policy that may redact less.
    SELECT pg_catalog.min(pg_catalog.format('%s by the function %s', t.tgrelid::pg_catalog.regclass,
        t.tgfoid::pg_catalog.regproc))
    INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN threadline.members_of('"public"."organizations"'::pg_catalog.regclass) m
        ON m.member = t.tgrelid AND m.member <> '"public"."organizations"'::pg_catalog.regclass
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      AND pg_catalog.starts_with(t.tgname::text, '00_threadline_')
      AND t.tgfoid IS DISTINCT FROM
          pg_catalog.to_regproc('threadline."capture public.organizations"')::pg_catalog.oid;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a part of it is captured under another name (%); detach that table first',
            '"public"."organizations"', mend;
    END IF;
    -- Its triggers have the same names, and would be taken over.
    SELECT pg_catalog.min(n.nspname::text) INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = '"public"."organizations"'::pg_catalog.regclass
      AND NOT t.tgisinternal AND pg_catalog.starts_with(t.tgname::text, '00_threadline_') AND n.nspname <> 'threadline';
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: the trail in schema % captures it already; detach it there first, or name that schema with THREADLINE_SCHEMA',
            '"public"."organizations"', mend;
    END IF;
END
$check$;
-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, record_image, json_image, mask_path, keyed_hash, bounded, virtual_columns, root_of, audited_relation, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns, virtual_columns
CREATE OR REPLACE FUNCTION threadline."capture public.organizations"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $capture$
<<capture>>
DECLARE
    -- Two stands for "many", null for none: one row and many rows take different statements, because
    -- PL/pgSQL keeps plans, and what is best for one row is quadratic for a million.
    touched int;
    recorded bigint := 0;
    -- As threadline.open_place, which would cost a call for every statement.
    place tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
    transaction_id bigint;
    action_id bigint;
    is_open boolean;
    -- Whether the table has the columns that the typed statements name.
    is_current boolean;
    -- Whether one statement may touch a row more than once.
    is_repeating boolean;
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger sees as null, whatever they are; some may have come later.
    unseen text[] := '{}';
    captured_at timestamptz;
    settings text[];
    key_columns text[] := ARRAY['id']::text[];
BEGIN
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'organizations', ARRAY['1184:created_at', '20:id', '25:name', '25:plan']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'organizations')::oid), threadline.may_repeat_rows('public', 'organizations')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'organizations', ARRAY['1184:created_at', '20:id', '25:name', '25:plan']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'organizations')::oid), threadline.may_repeat_rows('public', 'organizations')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
    IF capture.touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, and no join: it is started in a quarter of the time.
    IF capture.place IS NOT NULL THEN
        SELECT t.transaction_id, t.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.open_transactions t
        WHERE t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;

    -- The transaction row is written after the changes, and only if there are any.
    capture.is_open := capture.transaction_id IS NOT NULL;
    IF NOT capture.is_open AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.reopen_transaction() r;
        capture.is_open := capture.transaction_id IS NOT NULL;
    END IF;
    IF NOT capture.is_open THEN
        capture.transaction_id := nextval('threadline.audit_transactions_id_seq');
    END IF;
    capture.captured_at := clock_timestamp();
    IF current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
        -- A column that came later may be of a type that the line above does not think of.
        OR capture.is_current IS FALSE
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

    IF TG_OP = 'UPDATE' AND capture.is_current AND capture.is_repeating AND capture.touched > 1 THEN
        -- It may; whether it has is told by a key that was there twice.
        capture.is_repeating := EXISTS (SELECT FROM new_rows r GROUP BY r."id" HAVING count(*) > 1) OR EXISTS (SELECT FROM old_rows r GROUP BY r."id" HAVING count(*) > 1);
    END IF;
    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, 'public', 'organizations',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(TG_RELID);
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF capture.is_current AND capture.touched = 1 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.organizations', 0)), jsonb_build_object('id', n."id"), 'update', to_jsonb(n.*),
    array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN 'name' END,
        CASE WHEN o."plan" COLLATE "C" IS DISTINCT FROM n."plan" COLLATE "C" THEN 'plan' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL),
    CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN jsonb_build_object('name', o."name") ELSE '{}' END
        || CASE WHEN o."plan" COLLATE "C" IS DISTINCT FROM n."plan" COLLATE "C" THEN jsonb_build_object('plan', o."plan") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END,
    capture.captured_at
FROM old_rows o, new_rows n
WHERE o."id" = n."id" AND (o.* *<> n.*);
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
        -- Nothing recorded of one row: nothing changed, or its key did.
        IF capture.is_current AND NOT capture.is_repeating AND recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations',
    jsonb_hash_extended(CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END, hashtextextended('public.organizations', 0)),
    CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END,
    CASE WHEN n."id" IS NULL THEN 'delete'::threadline.change_op
        WHEN o."id" IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN n."id" IS NULL THEN NULL ELSE to_jsonb(n.*) END,
    CASE WHEN n."id" IS NULL OR o."id" IS NULL THEN NULL ELSE array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN 'name' END,
        CASE WHEN o."plan" COLLATE "C" IS DISTINCT FROM n."plan" COLLATE "C" THEN 'plan' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL) END,
    CASE WHEN n."id" IS NULL THEN to_jsonb(o.*) WHEN o."id" IS NULL THEN NULL ELSE CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN jsonb_build_object('name', o."name") ELSE '{}' END
        || CASE WHEN o."plan" COLLATE "C" IS DISTINCT FROM n."plan" COLLATE "C" THEN jsonb_build_object('plan', o."plan") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END END,
    capture.captured_at
FROM old_rows o FULL JOIN new_rows n ON o."id" = n."id"
WHERE o."id" IS NULL OR n."id" IS NULL OR o.* *<> n.*;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        ELSIF recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended(x.k, hashtextextended('public.organizations', 0)), x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::threadline.change_op
        WHEN x.jo IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN (x.jn - capture.unseen) END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN (x.jo - capture.unseen) WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, jsonb_build_object('id', NULL)) AS k,
        coalesce(n.pos, o.pos) AS pos, n.pos = o.pos AS is_step
    FROM (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM old_rows s OFFSET 0) r OFFSET 0) i) o
    FULL JOIN (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM new_rows s OFFSET 0) r OFFSET 0) i) n ON o.k = n.k AND o.nth = n.nth
    OFFSET 0) x
CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') AS before,
        coalesce(array_agg(e.key ORDER BY array_position(ARRAY['id', 'name', 'plan', 'created_at']::text[], e.key)), '{}') AS fields
    FROM jsonb_each(x.jo) e WHERE ROW(x.jn -> e.key)::record *<> ROW(e.value)::record) d
WHERE x.jo IS NULL OR x.jn IS NULL OR (ROW(x.jo)::record *<> ROW(x.jn)::record)
ORDER BY x.pos;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
    ELSIF TG_OP = 'INSERT' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.organizations', 0)), jsonb_build_object('id', n."id"), 'insert', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM new_rows n;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.organizations', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'insert', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended(jsonb_build_object('id', o."id"), hashtextextended('public.organizations', 0)), jsonb_build_object('id', o."id"), 'delete', NULL, NULL, to_jsonb(o.*), capture.captured_at
FROM old_rows o;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.organizations', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'delete', NULL, NULL, (x.j - capture.unseen), capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, 'public',
            'organizations', 'truncate', capture.captured_at);
        recorded := 1;
    END IF;

    IF recorded > 0 AND NOT capture.is_open THEN
        PERFORM threadline.open_transaction(
            capture.transaction_id, NULL, capture.captured_at,
            current_setting('threadline.context', true));
    END IF;
    IF capture.settings IS NOT NULL THEN
        PERFORM threadline.restore_settings(capture.settings);
    END IF;
    RETURN NULL;
END
$capture$;
-- threadline: function=record_all contract=1 revision=1
-- why: the rows that are there already, stored just as the capture function of the table stores them
-- calls: named_relation, compare_columns, current_key, virtual_columns, trusted_columns, members_of, row_image, record_image, json_image, mask_path, keyed_hash, bounded
-- For threadline.baseline, which has locked the table. Recorded are rows whose newest change after the
-- given place in the trail is none, or a delete. Nested loops are off because nobody knows how many
-- changes there are, and one loop too many is quadratic.
CREATE OR REPLACE FUNCTION threadline."record public.organizations"(
    relation pg_catalog.regclass, transaction_id pg_catalog.int8, action_id pg_catalog.int8,
    captured_at pg_catalog.timestamptz, known_at pg_catalog.timestamptz, known_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET jit = off SET enable_nestloop = off
AS $record$
<<capture>>
DECLARE
    relation regclass := $1;
    transaction_id bigint := $2;
    action_id bigint := $3;
    captured_at timestamptz := $4;
    known_at timestamptz := $5;
    known_id bigint := $6;
    recorded bigint := 0;
    key_columns text[] := ARRAY['id']::text[];
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger does not see.
    unseen text[] := '{}';
BEGIN
    IF threadline.named_relation('public', 'organizations')
        IS DISTINCT FROM capture.relation
    THEN
        RAISE EXCEPTION '(threadline) % is captured as another table: was it renamed?', capture.relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF threadline.compare_columns('public', 'organizations',
        ARRAY['1184:created_at', '20:id', '25:name', '25:plan']::text[], false)
    THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.organizations', 0)), jsonb_build_object('id', n."id"), 'baseline', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM "public"."organizations" n
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'organizations' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.organizations', 0)) AND k.row_pk = jsonb_build_object('id', n."id")
WHERE k.row_hash IS NULL;
    ELSE
        capture.key_columns := threadline.current_key(
            capture.relation, 'public', 'organizations',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(capture.relation);
        capture.trusted := threadline.trusted_columns(
            capture.relation, 'public', 'organizations');
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'organizations', x.h, x.k, 'baseline', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT y.j, y.k, jsonb_hash_extended(y.k, hashtextextended('public.organizations', 0)) AS h
    FROM (SELECT z.j, (SELECT jsonb_object_agg(c.declared, z.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) AS k
        FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM "public"."organizations" n OFFSET 0) z
        OFFSET 0) y
    OFFSET 0) x
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'organizations' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = x.h AND k.row_pk = x.k
WHERE k.row_hash IS NULL;
    END IF;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$record$;
-- Waits for writers, of its partitions and child tables, too, so that `since` is a moment from which on
-- everything is known. A table that was not captured until now (new, detached, or dropped and made
-- again) starts anew, and so does one whose rows were told apart by another key until now: what is
-- recorded under that key is no version of a row of today.
LOCK TABLE "public"."organizations" IN SHARE ROW EXCLUSIVE MODE;
-- Of a table that was empty then, everything is known from there on.
INSERT INTO threadline.audited_tables AS a (
    table_schema, table_name, capture_mode, reason, key_columns, columns, positions,
    policy, since, complete_since)
SELECT
    'public', 'organizations', 'statement',
    'no trigger of its own writes in between',
    ARRAY['id']::text[], ARRAY['1184:created_at', '20:id', '25:name', '25:plan']::text[],
    threadline.column_positions('"public"."organizations"'::pg_catalog.regclass),
    '{"table":{"schema":"public","name":"organizations"},"redactions":{},"quiet":[],"key":null,"capture_noop":false}'::jsonb, new.since,
    CASE WHEN NOT threadline.may_hold_rows('"public"."organizations"'::pg_catalog.regclass)
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
        WHERE t.tgrelid = '"public"."organizations"'::pg_catalog.regclass
          AND t.tgfoid = pg_catalog.to_regproc('threadline."capture public.organizations"')),
    detached_at = NULL;
SELECT threadline.put_triggers(
    '"public"."organizations"'::pg_catalog.regclass,
    'threadline."capture public.organizations"', 'statement');
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION threadline."capture public.organizations"() FROM PUBLIC;
REVOKE ALL ON FUNCTION threadline."record public.organizations" FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc('threadline."capture public.organizations"')
  AND table_schema = 'public' AND table_name = 'organizations';
-- Records the rows that are there already, if some may not be in the trail: 10 to 20 microseconds for
-- each, while writers of the table wait. For a table that is too large, take this out, and run
-- threadline.baseline when it suits.
SELECT threadline.baseline('"public"."organizations"'::pg_catalog.regclass)
FROM threadline.audited_tables a
WHERE a.table_schema = 'public' AND a.table_name = 'organizations'
  AND a.complete_since IS NULL
  AND threadline.may_read_rows('"public"."organizations"'::pg_catalog.regclass);

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
    WHERE t.tgfoid = pg_catalog.to_regproc('threadline."capture public.posts"')
      AND t.tgrelid NOT IN (
          SELECT m.member FROM threadline.members_of(
              '"public"."posts"'::pg_catalog.regclass) m);
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that is no part of it is captured under its name; first run: %',
            '"public"."posts"', mend;
    END IF;
    SELECT pg_catalog.quote_ident(r.rolname) INTO mend
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.oid = '"public"."posts"'::pg_catalog.regclass
      AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE');
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached by %: only its owner may put triggers on it that nobody can bypass; attach it as a role that is a member of its owner: GRANT % TO %',
            '"public"."posts"', current_user, mend, pg_catalog.quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A part that is captured on its own account, or as a part of another table, would be taken over with
    -- a policy that may redact less.
    SELECT pg_catalog.min(pg_catalog.format('%s by the function %s', t.tgrelid::pg_catalog.regclass,
        t.tgfoid::pg_catalog.regproc))
    INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN threadline.members_of('"public"."posts"'::pg_catalog.regclass) m
        ON m.member = t.tgrelid AND m.member <> '"public"."posts"'::pg_catalog.regclass
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      AND pg_catalog.starts_with(t.tgname::text, '00_threadline_')
      AND t.tgfoid IS DISTINCT FROM
          pg_catalog.to_regproc('threadline."capture public.posts"')::pg_catalog.oid;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a part of it is captured under another name (%); detach that table first',
            '"public"."posts"', mend;
    END IF;
    -- Its triggers have the same names, and would be taken over.
    SELECT pg_catalog.min(n.nspname::text) INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = '"public"."posts"'::pg_catalog.regclass
      AND NOT t.tgisinternal AND pg_catalog.starts_with(t.tgname::text, '00_threadline_') AND n.nspname <> 'threadline';
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: the trail in schema % captures it already; detach it there first, or name that schema with THREADLINE_SCHEMA',
            '"public"."posts"', mend;
    END IF;
END
$check$;
-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, record_image, json_image, mask_path, keyed_hash, bounded, virtual_columns, root_of, audited_relation, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns, virtual_columns
CREATE OR REPLACE FUNCTION threadline."capture public.posts"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $capture$
<<capture>>
DECLARE
    -- Two stands for "many", null for none: one row and many rows take different statements, because
    -- PL/pgSQL keeps plans, and what is best for one row is quadratic for a million.
    touched int;
    recorded bigint := 0;
    -- As threadline.open_place, which would cost a call for every statement.
    place tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
    transaction_id bigint;
    action_id bigint;
    is_open boolean;
    -- Whether the table has the columns that the typed statements name.
    is_current boolean;
    -- Whether one statement may touch a row more than once.
    is_repeating boolean;
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger sees as null, whatever they are; some may have come later.
    unseen text[] := '{}';
    captured_at timestamptz;
    settings text[];
    key_columns text[] := ARRAY['id']::text[];
BEGIN
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'posts', ARRAY['20:author_id', '1184:created_at', '20:id', '16:published', '25:slug', '25:title']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'posts')::oid), threadline.may_repeat_rows('public', 'posts')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'posts', ARRAY['20:author_id', '1184:created_at', '20:id', '16:published', '25:slug', '25:title']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'posts')::oid), threadline.may_repeat_rows('public', 'posts')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
    IF capture.touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, and no join: it is started in a quarter of the time.
    IF capture.place IS NOT NULL THEN
        SELECT t.transaction_id, t.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.open_transactions t
        WHERE t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;

    -- The transaction row is written after the changes, and only if there are any.
    capture.is_open := capture.transaction_id IS NOT NULL;
    IF NOT capture.is_open AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.reopen_transaction() r;
        capture.is_open := capture.transaction_id IS NOT NULL;
    END IF;
    IF NOT capture.is_open THEN
        capture.transaction_id := nextval('threadline.audit_transactions_id_seq');
    END IF;
    capture.captured_at := clock_timestamp();
    IF current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
        -- A column that came later may be of a type that the line above does not think of.
        OR capture.is_current IS FALSE
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

    IF TG_OP = 'UPDATE' AND capture.is_current AND capture.is_repeating AND capture.touched > 1 THEN
        -- It may; whether it has is told by a key that was there twice.
        capture.is_repeating := EXISTS (SELECT FROM new_rows r GROUP BY r."id" HAVING count(*) > 1) OR EXISTS (SELECT FROM old_rows r GROUP BY r."id" HAVING count(*) > 1);
    END IF;
    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, 'public', 'posts',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(TG_RELID);
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF capture.is_current AND capture.touched = 1 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.posts', 0)), jsonb_build_object('id', n."id"), 'update', to_jsonb(n.*),
    array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN 'author_id' END,
        CASE WHEN o."title" COLLATE "C" IS DISTINCT FROM n."title" COLLATE "C" THEN 'title' END,
        CASE WHEN o."slug" COLLATE "C" IS DISTINCT FROM n."slug" COLLATE "C" THEN 'slug' END,
        CASE WHEN o."published" IS DISTINCT FROM n."published" THEN 'published' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL),
    CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN jsonb_build_object('author_id', o."author_id") ELSE '{}' END
        || CASE WHEN o."title" COLLATE "C" IS DISTINCT FROM n."title" COLLATE "C" THEN jsonb_build_object('title', o."title") ELSE '{}' END
        || CASE WHEN o."slug" COLLATE "C" IS DISTINCT FROM n."slug" COLLATE "C" THEN jsonb_build_object('slug', o."slug") ELSE '{}' END
        || CASE WHEN o."published" IS DISTINCT FROM n."published" THEN jsonb_build_object('published', o."published") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END,
    capture.captured_at
FROM old_rows o, new_rows n
WHERE o."id" = n."id" AND (o.* *<> n.*);
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
        -- Nothing recorded of one row: nothing changed, or its key did.
        IF capture.is_current AND NOT capture.is_repeating AND recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts',
    jsonb_hash_extended(CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END, hashtextextended('public.posts', 0)),
    CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END,
    CASE WHEN n."id" IS NULL THEN 'delete'::threadline.change_op
        WHEN o."id" IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN n."id" IS NULL THEN NULL ELSE to_jsonb(n.*) END,
    CASE WHEN n."id" IS NULL OR o."id" IS NULL THEN NULL ELSE array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN 'author_id' END,
        CASE WHEN o."title" COLLATE "C" IS DISTINCT FROM n."title" COLLATE "C" THEN 'title' END,
        CASE WHEN o."slug" COLLATE "C" IS DISTINCT FROM n."slug" COLLATE "C" THEN 'slug' END,
        CASE WHEN o."published" IS DISTINCT FROM n."published" THEN 'published' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL) END,
    CASE WHEN n."id" IS NULL THEN to_jsonb(o.*) WHEN o."id" IS NULL THEN NULL ELSE CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN jsonb_build_object('author_id', o."author_id") ELSE '{}' END
        || CASE WHEN o."title" COLLATE "C" IS DISTINCT FROM n."title" COLLATE "C" THEN jsonb_build_object('title', o."title") ELSE '{}' END
        || CASE WHEN o."slug" COLLATE "C" IS DISTINCT FROM n."slug" COLLATE "C" THEN jsonb_build_object('slug', o."slug") ELSE '{}' END
        || CASE WHEN o."published" IS DISTINCT FROM n."published" THEN jsonb_build_object('published', o."published") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END END,
    capture.captured_at
FROM old_rows o FULL JOIN new_rows n ON o."id" = n."id"
WHERE o."id" IS NULL OR n."id" IS NULL OR o.* *<> n.*;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        ELSIF recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended(x.k, hashtextextended('public.posts', 0)), x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::threadline.change_op
        WHEN x.jo IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN (x.jn - capture.unseen) END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN (x.jo - capture.unseen) WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, jsonb_build_object('id', NULL)) AS k,
        coalesce(n.pos, o.pos) AS pos, n.pos = o.pos AS is_step
    FROM (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM old_rows s OFFSET 0) r OFFSET 0) i) o
    FULL JOIN (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM new_rows s OFFSET 0) r OFFSET 0) i) n ON o.k = n.k AND o.nth = n.nth
    OFFSET 0) x
CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') AS before,
        coalesce(array_agg(e.key ORDER BY array_position(ARRAY['id', 'author_id', 'title', 'slug', 'published', 'created_at']::text[], e.key)), '{}') AS fields
    FROM jsonb_each(x.jo) e WHERE ROW(x.jn -> e.key)::record *<> ROW(e.value)::record) d
WHERE x.jo IS NULL OR x.jn IS NULL OR (ROW(x.jo)::record *<> ROW(x.jn)::record)
ORDER BY x.pos;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
    ELSIF TG_OP = 'INSERT' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.posts', 0)), jsonb_build_object('id', n."id"), 'insert', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM new_rows n;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.posts', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'insert', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended(jsonb_build_object('id', o."id"), hashtextextended('public.posts', 0)), jsonb_build_object('id', o."id"), 'delete', NULL, NULL, to_jsonb(o.*), capture.captured_at
FROM old_rows o;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.posts', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'delete', NULL, NULL, (x.j - capture.unseen), capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, 'public',
            'posts', 'truncate', capture.captured_at);
        recorded := 1;
    END IF;

    IF recorded > 0 AND NOT capture.is_open THEN
        PERFORM threadline.open_transaction(
            capture.transaction_id, NULL, capture.captured_at,
            current_setting('threadline.context', true));
    END IF;
    IF capture.settings IS NOT NULL THEN
        PERFORM threadline.restore_settings(capture.settings);
    END IF;
    RETURN NULL;
END
$capture$;
-- threadline: function=record_all contract=1 revision=1
-- why: the rows that are there already, stored just as the capture function of the table stores them
-- calls: named_relation, compare_columns, current_key, virtual_columns, trusted_columns, members_of, row_image, record_image, json_image, mask_path, keyed_hash, bounded
-- For threadline.baseline, which has locked the table. Recorded are rows whose newest change after the
-- given place in the trail is none, or a delete. Nested loops are off because nobody knows how many
-- changes there are, and one loop too many is quadratic.
CREATE OR REPLACE FUNCTION threadline."record public.posts"(
    relation pg_catalog.regclass, transaction_id pg_catalog.int8, action_id pg_catalog.int8,
    captured_at pg_catalog.timestamptz, known_at pg_catalog.timestamptz, known_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET jit = off SET enable_nestloop = off
AS $record$
<<capture>>
DECLARE
    relation regclass := $1;
    transaction_id bigint := $2;
    action_id bigint := $3;
    captured_at timestamptz := $4;
    known_at timestamptz := $5;
    known_id bigint := $6;
    recorded bigint := 0;
    key_columns text[] := ARRAY['id']::text[];
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger does not see.
    unseen text[] := '{}';
BEGIN
    IF threadline.named_relation('public', 'posts')
        IS DISTINCT FROM capture.relation
    THEN
        RAISE EXCEPTION '(threadline) % is captured as another table: was it renamed?', capture.relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF threadline.compare_columns('public', 'posts',
        ARRAY['20:author_id', '1184:created_at', '20:id', '16:published', '25:slug', '25:title']::text[], false)
    THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.posts', 0)), jsonb_build_object('id', n."id"), 'baseline', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM "public"."posts" n
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'posts' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.posts', 0)) AND k.row_pk = jsonb_build_object('id', n."id")
WHERE k.row_hash IS NULL;
    ELSE
        capture.key_columns := threadline.current_key(
            capture.relation, 'public', 'posts',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(capture.relation);
        capture.trusted := threadline.trusted_columns(
            capture.relation, 'public', 'posts');
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'posts', x.h, x.k, 'baseline', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT y.j, y.k, jsonb_hash_extended(y.k, hashtextextended('public.posts', 0)) AS h
    FROM (SELECT z.j, (SELECT jsonb_object_agg(c.declared, z.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) AS k
        FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM "public"."posts" n OFFSET 0) z
        OFFSET 0) y
    OFFSET 0) x
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'posts' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = x.h AND k.row_pk = x.k
WHERE k.row_hash IS NULL;
    END IF;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$record$;
-- Waits for writers, of its partitions and child tables, too, so that `since` is a moment from which on
-- everything is known. A table that was not captured until now (new, detached, or dropped and made
-- again) starts anew, and so does one whose rows were told apart by another key until now: what is
-- recorded under that key is no version of a row of today.
LOCK TABLE "public"."posts" IN SHARE ROW EXCLUSIVE MODE;
-- Of a table that was empty then, everything is known from there on.
INSERT INTO threadline.audited_tables AS a (
    table_schema, table_name, capture_mode, reason, key_columns, columns, positions,
    policy, since, complete_since)
SELECT
    'public', 'posts', 'statement',
    'no trigger of its own writes in between',
    ARRAY['id']::text[], ARRAY['20:author_id', '1184:created_at', '20:id', '16:published', '25:slug', '25:title']::text[],
    threadline.column_positions('"public"."posts"'::pg_catalog.regclass),
    '{"table":{"schema":"public","name":"posts"},"redactions":{},"quiet":[],"key":null,"capture_noop":false}'::jsonb, new.since,
    CASE WHEN NOT threadline.may_hold_rows('"public"."posts"'::pg_catalog.regclass)
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
        WHERE t.tgrelid = '"public"."posts"'::pg_catalog.regclass
          AND t.tgfoid = pg_catalog.to_regproc('threadline."capture public.posts"')),
    detached_at = NULL;
SELECT threadline.put_triggers(
    '"public"."posts"'::pg_catalog.regclass,
    'threadline."capture public.posts"', 'statement');
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION threadline."capture public.posts"() FROM PUBLIC;
REVOKE ALL ON FUNCTION threadline."record public.posts" FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc('threadline."capture public.posts"')
  AND table_schema = 'public' AND table_name = 'posts';
-- Records the rows that are there already, if some may not be in the trail: 10 to 20 microseconds for
-- each, while writers of the table wait. For a table that is too large, take this out, and run
-- threadline.baseline when it suits.
SELECT threadline.baseline('"public"."posts"'::pg_catalog.regclass)
FROM threadline.audited_tables a
WHERE a.table_schema = 'public' AND a.table_name = 'posts'
  AND a.complete_since IS NULL
  AND threadline.may_read_rows('"public"."posts"'::pg_catalog.regclass);

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
    WHERE t.tgfoid = pg_catalog.to_regproc('threadline."capture public.ticket_replies"')
      AND t.tgrelid NOT IN (
          SELECT m.member FROM threadline.members_of(
              '"public"."ticket_replies"'::pg_catalog.regclass) m);
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that is no part of it is captured under its name; first run: %',
            '"public"."ticket_replies"', mend;
    END IF;
    SELECT pg_catalog.quote_ident(r.rolname) INTO mend
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.oid = '"public"."ticket_replies"'::pg_catalog.regclass
      AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE');
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached by %: only its owner may put triggers on it that nobody can bypass; attach it as a role that is a member of its owner: GRANT % TO %',
            '"public"."ticket_replies"', current_user, mend, pg_catalog.quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A part that is captured on its own account, or as a part of another table, would be taken over with
    -- a policy that may redact less.
    SELECT pg_catalog.min(pg_catalog.format('%s by the function %s', t.tgrelid::pg_catalog.regclass,
        t.tgfoid::pg_catalog.regproc))
    INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN threadline.members_of('"public"."ticket_replies"'::pg_catalog.regclass) m
        ON m.member = t.tgrelid AND m.member <> '"public"."ticket_replies"'::pg_catalog.regclass
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      AND pg_catalog.starts_with(t.tgname::text, '00_threadline_')
      AND t.tgfoid IS DISTINCT FROM
          pg_catalog.to_regproc('threadline."capture public.ticket_replies"')::pg_catalog.oid;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a part of it is captured under another name (%); detach that table first',
            '"public"."ticket_replies"', mend;
    END IF;
    -- Its triggers have the same names, and would be taken over.
    SELECT pg_catalog.min(n.nspname::text) INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = '"public"."ticket_replies"'::pg_catalog.regclass
      AND NOT t.tgisinternal AND pg_catalog.starts_with(t.tgname::text, '00_threadline_') AND n.nspname <> 'threadline';
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: the trail in schema % captures it already; detach it there first, or name that schema with THREADLINE_SCHEMA',
            '"public"."ticket_replies"', mend;
    END IF;
END
$check$;
-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, record_image, json_image, mask_path, keyed_hash, bounded, virtual_columns, root_of, audited_relation, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns, virtual_columns
CREATE OR REPLACE FUNCTION threadline."capture public.ticket_replies"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $capture$
<<capture>>
DECLARE
    -- Two stands for "many", null for none: one row and many rows take different statements, because
    -- PL/pgSQL keeps plans, and what is best for one row is quadratic for a million.
    touched int;
    recorded bigint := 0;
    -- As threadline.open_place, which would cost a call for every statement.
    place tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
    transaction_id bigint;
    action_id bigint;
    is_open boolean;
    -- Whether the table has the columns that the typed statements name.
    is_current boolean;
    -- Whether one statement may touch a row more than once.
    is_repeating boolean;
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger sees as null, whatever they are; some may have come later.
    unseen text[] := '{}';
    captured_at timestamptz;
    settings text[];
    key_columns text[] := ARRAY['id']::text[];
BEGIN
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'ticket_replies', ARRAY['20:author_id', '25:body', '1184:created_at', '20:id', '20:organization_id', '20:ticket_id']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'ticket_replies')::oid), threadline.may_repeat_rows('public', 'ticket_replies')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'ticket_replies', ARRAY['20:author_id', '25:body', '1184:created_at', '20:id', '20:organization_id', '20:ticket_id']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'ticket_replies')::oid), threadline.may_repeat_rows('public', 'ticket_replies')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
    IF capture.touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, and no join: it is started in a quarter of the time.
    IF capture.place IS NOT NULL THEN
        SELECT t.transaction_id, t.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.open_transactions t
        WHERE t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;

    -- The transaction row is written after the changes, and only if there are any.
    capture.is_open := capture.transaction_id IS NOT NULL;
    IF NOT capture.is_open AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.reopen_transaction() r;
        capture.is_open := capture.transaction_id IS NOT NULL;
    END IF;
    IF NOT capture.is_open THEN
        capture.transaction_id := nextval('threadline.audit_transactions_id_seq');
    END IF;
    capture.captured_at := clock_timestamp();
    IF current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
        -- A column that came later may be of a type that the line above does not think of.
        OR capture.is_current IS FALSE
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

    IF TG_OP = 'UPDATE' AND capture.is_current AND capture.is_repeating AND capture.touched > 1 THEN
        -- It may; whether it has is told by a key that was there twice.
        capture.is_repeating := EXISTS (SELECT FROM new_rows r GROUP BY r."id" HAVING count(*) > 1) OR EXISTS (SELECT FROM old_rows r GROUP BY r."id" HAVING count(*) > 1);
    END IF;
    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, 'public', 'ticket_replies',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(TG_RELID);
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF capture.is_current AND capture.touched = 1 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.ticket_replies', 0)), jsonb_build_object('id', n."id"), 'update', to_jsonb(n.*),
    array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."ticket_id" IS DISTINCT FROM n."ticket_id" THEN 'ticket_id' END,
        CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN 'organization_id' END,
        CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN 'author_id' END,
        CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN 'body' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL),
    CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."ticket_id" IS DISTINCT FROM n."ticket_id" THEN jsonb_build_object('ticket_id', o."ticket_id") ELSE '{}' END
        || CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN jsonb_build_object('organization_id', o."organization_id") ELSE '{}' END
        || CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN jsonb_build_object('author_id', o."author_id") ELSE '{}' END
        || CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN jsonb_build_object('body', o."body") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END,
    capture.captured_at
FROM old_rows o, new_rows n
WHERE o."id" = n."id" AND (o.* *<> n.*);
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
        -- Nothing recorded of one row: nothing changed, or its key did.
        IF capture.is_current AND NOT capture.is_repeating AND recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies',
    jsonb_hash_extended(CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END, hashtextextended('public.ticket_replies', 0)),
    CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END,
    CASE WHEN n."id" IS NULL THEN 'delete'::threadline.change_op
        WHEN o."id" IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN n."id" IS NULL THEN NULL ELSE to_jsonb(n.*) END,
    CASE WHEN n."id" IS NULL OR o."id" IS NULL THEN NULL ELSE array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."ticket_id" IS DISTINCT FROM n."ticket_id" THEN 'ticket_id' END,
        CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN 'organization_id' END,
        CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN 'author_id' END,
        CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN 'body' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL) END,
    CASE WHEN n."id" IS NULL THEN to_jsonb(o.*) WHEN o."id" IS NULL THEN NULL ELSE CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."ticket_id" IS DISTINCT FROM n."ticket_id" THEN jsonb_build_object('ticket_id', o."ticket_id") ELSE '{}' END
        || CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN jsonb_build_object('organization_id', o."organization_id") ELSE '{}' END
        || CASE WHEN o."author_id" IS DISTINCT FROM n."author_id" THEN jsonb_build_object('author_id', o."author_id") ELSE '{}' END
        || CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN jsonb_build_object('body', o."body") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END END,
    capture.captured_at
FROM old_rows o FULL JOIN new_rows n ON o."id" = n."id"
WHERE o."id" IS NULL OR n."id" IS NULL OR o.* *<> n.*;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        ELSIF recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended(x.k, hashtextextended('public.ticket_replies', 0)), x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::threadline.change_op
        WHEN x.jo IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN (x.jn - capture.unseen) END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN (x.jo - capture.unseen) WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, jsonb_build_object('id', NULL)) AS k,
        coalesce(n.pos, o.pos) AS pos, n.pos = o.pos AS is_step
    FROM (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM old_rows s OFFSET 0) r OFFSET 0) i) o
    FULL JOIN (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM new_rows s OFFSET 0) r OFFSET 0) i) n ON o.k = n.k AND o.nth = n.nth
    OFFSET 0) x
CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') AS before,
        coalesce(array_agg(e.key ORDER BY array_position(ARRAY['id', 'ticket_id', 'organization_id', 'author_id', 'body', 'created_at']::text[], e.key)), '{}') AS fields
    FROM jsonb_each(x.jo) e WHERE ROW(x.jn -> e.key)::record *<> ROW(e.value)::record) d
WHERE x.jo IS NULL OR x.jn IS NULL OR (ROW(x.jo)::record *<> ROW(x.jn)::record)
ORDER BY x.pos;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
    ELSIF TG_OP = 'INSERT' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.ticket_replies', 0)), jsonb_build_object('id', n."id"), 'insert', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM new_rows n;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.ticket_replies', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'insert', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended(jsonb_build_object('id', o."id"), hashtextextended('public.ticket_replies', 0)), jsonb_build_object('id', o."id"), 'delete', NULL, NULL, to_jsonb(o.*), capture.captured_at
FROM old_rows o;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.ticket_replies', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'delete', NULL, NULL, (x.j - capture.unseen), capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, 'public',
            'ticket_replies', 'truncate', capture.captured_at);
        recorded := 1;
    END IF;

    IF recorded > 0 AND NOT capture.is_open THEN
        PERFORM threadline.open_transaction(
            capture.transaction_id, NULL, capture.captured_at,
            current_setting('threadline.context', true));
    END IF;
    IF capture.settings IS NOT NULL THEN
        PERFORM threadline.restore_settings(capture.settings);
    END IF;
    RETURN NULL;
END
$capture$;
-- threadline: function=record_all contract=1 revision=1
-- why: the rows that are there already, stored just as the capture function of the table stores them
-- calls: named_relation, compare_columns, current_key, virtual_columns, trusted_columns, members_of, row_image, record_image, json_image, mask_path, keyed_hash, bounded
-- For threadline.baseline, which has locked the table. Recorded are rows whose newest change after the
-- given place in the trail is none, or a delete. Nested loops are off because nobody knows how many
-- changes there are, and one loop too many is quadratic.
CREATE OR REPLACE FUNCTION threadline."record public.ticket_replies"(
    relation pg_catalog.regclass, transaction_id pg_catalog.int8, action_id pg_catalog.int8,
    captured_at pg_catalog.timestamptz, known_at pg_catalog.timestamptz, known_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET jit = off SET enable_nestloop = off
AS $record$
<<capture>>
DECLARE
    relation regclass := $1;
    transaction_id bigint := $2;
    action_id bigint := $3;
    captured_at timestamptz := $4;
    known_at timestamptz := $5;
    known_id bigint := $6;
    recorded bigint := 0;
    key_columns text[] := ARRAY['id']::text[];
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger does not see.
    unseen text[] := '{}';
BEGIN
    IF threadline.named_relation('public', 'ticket_replies')
        IS DISTINCT FROM capture.relation
    THEN
        RAISE EXCEPTION '(threadline) % is captured as another table: was it renamed?', capture.relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF threadline.compare_columns('public', 'ticket_replies',
        ARRAY['20:author_id', '25:body', '1184:created_at', '20:id', '20:organization_id', '20:ticket_id']::text[], false)
    THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.ticket_replies', 0)), jsonb_build_object('id', n."id"), 'baseline', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM "public"."ticket_replies" n
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'ticket_replies' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.ticket_replies', 0)) AND k.row_pk = jsonb_build_object('id', n."id")
WHERE k.row_hash IS NULL;
    ELSE
        capture.key_columns := threadline.current_key(
            capture.relation, 'public', 'ticket_replies',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(capture.relation);
        capture.trusted := threadline.trusted_columns(
            capture.relation, 'public', 'ticket_replies');
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'ticket_replies', x.h, x.k, 'baseline', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT y.j, y.k, jsonb_hash_extended(y.k, hashtextextended('public.ticket_replies', 0)) AS h
    FROM (SELECT z.j, (SELECT jsonb_object_agg(c.declared, z.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) AS k
        FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM "public"."ticket_replies" n OFFSET 0) z
        OFFSET 0) y
    OFFSET 0) x
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'ticket_replies' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = x.h AND k.row_pk = x.k
WHERE k.row_hash IS NULL;
    END IF;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$record$;
-- Waits for writers, of its partitions and child tables, too, so that `since` is a moment from which on
-- everything is known. A table that was not captured until now (new, detached, or dropped and made
-- again) starts anew, and so does one whose rows were told apart by another key until now: what is
-- recorded under that key is no version of a row of today.
LOCK TABLE "public"."ticket_replies" IN SHARE ROW EXCLUSIVE MODE;
-- Of a table that was empty then, everything is known from there on.
INSERT INTO threadline.audited_tables AS a (
    table_schema, table_name, capture_mode, reason, key_columns, columns, positions,
    policy, since, complete_since)
SELECT
    'public', 'ticket_replies', 'statement',
    'no trigger of its own writes in between',
    ARRAY['id']::text[], ARRAY['20:author_id', '25:body', '1184:created_at', '20:id', '20:organization_id', '20:ticket_id']::text[],
    threadline.column_positions('"public"."ticket_replies"'::pg_catalog.regclass),
    '{"table":{"schema":"public","name":"ticket_replies"},"redactions":{},"quiet":[],"key":null,"capture_noop":false}'::jsonb, new.since,
    CASE WHEN NOT threadline.may_hold_rows('"public"."ticket_replies"'::pg_catalog.regclass)
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
        WHERE t.tgrelid = '"public"."ticket_replies"'::pg_catalog.regclass
          AND t.tgfoid = pg_catalog.to_regproc('threadline."capture public.ticket_replies"')),
    detached_at = NULL;
SELECT threadline.put_triggers(
    '"public"."ticket_replies"'::pg_catalog.regclass,
    'threadline."capture public.ticket_replies"', 'statement');
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION threadline."capture public.ticket_replies"() FROM PUBLIC;
REVOKE ALL ON FUNCTION threadline."record public.ticket_replies" FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc('threadline."capture public.ticket_replies"')
  AND table_schema = 'public' AND table_name = 'ticket_replies';
-- Records the rows that are there already, if some may not be in the trail: 10 to 20 microseconds for
-- each, while writers of the table wait. For a table that is too large, take this out, and run
-- threadline.baseline when it suits.
SELECT threadline.baseline('"public"."ticket_replies"'::pg_catalog.regclass)
FROM threadline.audited_tables a
WHERE a.table_schema = 'public' AND a.table_name = 'ticket_replies'
  AND a.complete_since IS NULL
  AND threadline.may_read_rows('"public"."ticket_replies"'::pg_catalog.regclass);

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
    WHERE t.tgfoid = pg_catalog.to_regproc('threadline."capture public.tickets"')
      AND t.tgrelid NOT IN (
          SELECT m.member FROM threadline.members_of(
              '"public"."tickets"'::pg_catalog.regclass) m);
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that is no part of it is captured under its name; first run: %',
            '"public"."tickets"', mend;
    END IF;
    SELECT pg_catalog.quote_ident(r.rolname) INTO mend
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.oid = '"public"."tickets"'::pg_catalog.regclass
      AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE');
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached by %: only its owner may put triggers on it that nobody can bypass; attach it as a role that is a member of its owner: GRANT % TO %',
            '"public"."tickets"', current_user, mend, pg_catalog.quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A part that is captured on its own account, or as a part of another table, would be taken over with
    -- a policy that may redact less.
    SELECT pg_catalog.min(pg_catalog.format('%s by the function %s', t.tgrelid::pg_catalog.regclass,
        t.tgfoid::pg_catalog.regproc))
    INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN threadline.members_of('"public"."tickets"'::pg_catalog.regclass) m
        ON m.member = t.tgrelid AND m.member <> '"public"."tickets"'::pg_catalog.regclass
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      AND pg_catalog.starts_with(t.tgname::text, '00_threadline_')
      AND t.tgfoid IS DISTINCT FROM
          pg_catalog.to_regproc('threadline."capture public.tickets"')::pg_catalog.oid;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a part of it is captured under another name (%); detach that table first',
            '"public"."tickets"', mend;
    END IF;
    -- Its triggers have the same names, and would be taken over.
    SELECT pg_catalog.min(n.nspname::text) INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = '"public"."tickets"'::pg_catalog.regclass
      AND NOT t.tgisinternal AND pg_catalog.starts_with(t.tgname::text, '00_threadline_') AND n.nspname <> 'threadline';
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: the trail in schema % captures it already; detach it there first, or name that schema with THREADLINE_SCHEMA',
            '"public"."tickets"', mend;
    END IF;
END
$check$;
-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, record_image, json_image, mask_path, keyed_hash, bounded, virtual_columns, root_of, audited_relation, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns, virtual_columns
CREATE OR REPLACE FUNCTION threadline."capture public.tickets"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $capture$
<<capture>>
DECLARE
    -- Two stands for "many", null for none: one row and many rows take different statements, because
    -- PL/pgSQL keeps plans, and what is best for one row is quadratic for a million.
    touched int;
    recorded bigint := 0;
    -- As threadline.open_place, which would cost a call for every statement.
    place tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
    transaction_id bigint;
    action_id bigint;
    is_open boolean;
    -- Whether the table has the columns that the typed statements name.
    is_current boolean;
    -- Whether one statement may touch a row more than once.
    is_repeating boolean;
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger sees as null, whatever they are; some may have come later.
    unseen text[] := '{}';
    captured_at timestamptz;
    settings text[];
    key_columns text[] := ARRAY['id']::text[];
BEGIN
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'tickets', ARRAY['20:assignee_id', '25:body', '1184:closed_at', '1184:created_at', '20:id', '20:opened_by_id', '20:organization_id', '25:priority', '25:status', '25:subject']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'tickets')::oid), threadline.may_repeat_rows('public', 'tickets')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'tickets', ARRAY['20:assignee_id', '25:body', '1184:closed_at', '1184:created_at', '20:id', '20:opened_by_id', '20:organization_id', '25:priority', '25:status', '25:subject']::text[], false) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'tickets')::oid), threadline.may_repeat_rows('public', 'tickets')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
    IF capture.touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, and no join: it is started in a quarter of the time.
    IF capture.place IS NOT NULL THEN
        SELECT t.transaction_id, t.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.open_transactions t
        WHERE t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;

    -- The transaction row is written after the changes, and only if there are any.
    capture.is_open := capture.transaction_id IS NOT NULL;
    IF NOT capture.is_open AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.reopen_transaction() r;
        capture.is_open := capture.transaction_id IS NOT NULL;
    END IF;
    IF NOT capture.is_open THEN
        capture.transaction_id := nextval('threadline.audit_transactions_id_seq');
    END IF;
    capture.captured_at := clock_timestamp();
    IF current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
        -- A column that came later may be of a type that the line above does not think of.
        OR capture.is_current IS FALSE
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

    IF TG_OP = 'UPDATE' AND capture.is_current AND capture.is_repeating AND capture.touched > 1 THEN
        -- It may; whether it has is told by a key that was there twice.
        capture.is_repeating := EXISTS (SELECT FROM new_rows r GROUP BY r."id" HAVING count(*) > 1) OR EXISTS (SELECT FROM old_rows r GROUP BY r."id" HAVING count(*) > 1);
    END IF;
    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, 'public', 'tickets',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(TG_RELID);
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF capture.is_current AND capture.touched = 1 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.tickets', 0)), jsonb_build_object('id', n."id"), 'update', to_jsonb(n.*),
    array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN 'organization_id' END,
        CASE WHEN o."opened_by_id" IS DISTINCT FROM n."opened_by_id" THEN 'opened_by_id' END,
        CASE WHEN o."assignee_id" IS DISTINCT FROM n."assignee_id" THEN 'assignee_id' END,
        CASE WHEN o."subject" COLLATE "C" IS DISTINCT FROM n."subject" COLLATE "C" THEN 'subject' END,
        CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN 'body' END,
        CASE WHEN o."status" COLLATE "C" IS DISTINCT FROM n."status" COLLATE "C" THEN 'status' END,
        CASE WHEN o."priority" COLLATE "C" IS DISTINCT FROM n."priority" COLLATE "C" THEN 'priority' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END,
        CASE WHEN o."closed_at" IS DISTINCT FROM n."closed_at" THEN 'closed_at' END]::text[], NULL),
    CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN jsonb_build_object('organization_id', o."organization_id") ELSE '{}' END
        || CASE WHEN o."opened_by_id" IS DISTINCT FROM n."opened_by_id" THEN jsonb_build_object('opened_by_id', o."opened_by_id") ELSE '{}' END
        || CASE WHEN o."assignee_id" IS DISTINCT FROM n."assignee_id" THEN jsonb_build_object('assignee_id', o."assignee_id") ELSE '{}' END
        || CASE WHEN o."subject" COLLATE "C" IS DISTINCT FROM n."subject" COLLATE "C" THEN jsonb_build_object('subject', o."subject") ELSE '{}' END
        || CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN jsonb_build_object('body', o."body") ELSE '{}' END
        || CASE WHEN o."status" COLLATE "C" IS DISTINCT FROM n."status" COLLATE "C" THEN jsonb_build_object('status', o."status") ELSE '{}' END
        || CASE WHEN o."priority" COLLATE "C" IS DISTINCT FROM n."priority" COLLATE "C" THEN jsonb_build_object('priority', o."priority") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END
        || CASE WHEN o."closed_at" IS DISTINCT FROM n."closed_at" THEN jsonb_build_object('closed_at', o."closed_at") ELSE '{}' END,
    capture.captured_at
FROM old_rows o, new_rows n
WHERE o."id" = n."id" AND (o.* *<> n.*);
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
        -- Nothing recorded of one row: nothing changed, or its key did.
        IF capture.is_current AND NOT capture.is_repeating AND recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets',
    jsonb_hash_extended(CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END, hashtextextended('public.tickets', 0)),
    CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END,
    CASE WHEN n."id" IS NULL THEN 'delete'::threadline.change_op
        WHEN o."id" IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN n."id" IS NULL THEN NULL ELSE to_jsonb(n.*) END,
    CASE WHEN n."id" IS NULL OR o."id" IS NULL THEN NULL ELSE array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN 'organization_id' END,
        CASE WHEN o."opened_by_id" IS DISTINCT FROM n."opened_by_id" THEN 'opened_by_id' END,
        CASE WHEN o."assignee_id" IS DISTINCT FROM n."assignee_id" THEN 'assignee_id' END,
        CASE WHEN o."subject" COLLATE "C" IS DISTINCT FROM n."subject" COLLATE "C" THEN 'subject' END,
        CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN 'body' END,
        CASE WHEN o."status" COLLATE "C" IS DISTINCT FROM n."status" COLLATE "C" THEN 'status' END,
        CASE WHEN o."priority" COLLATE "C" IS DISTINCT FROM n."priority" COLLATE "C" THEN 'priority' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END,
        CASE WHEN o."closed_at" IS DISTINCT FROM n."closed_at" THEN 'closed_at' END]::text[], NULL) END,
    CASE WHEN n."id" IS NULL THEN to_jsonb(o.*) WHEN o."id" IS NULL THEN NULL ELSE CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN jsonb_build_object('organization_id', o."organization_id") ELSE '{}' END
        || CASE WHEN o."opened_by_id" IS DISTINCT FROM n."opened_by_id" THEN jsonb_build_object('opened_by_id', o."opened_by_id") ELSE '{}' END
        || CASE WHEN o."assignee_id" IS DISTINCT FROM n."assignee_id" THEN jsonb_build_object('assignee_id', o."assignee_id") ELSE '{}' END
        || CASE WHEN o."subject" COLLATE "C" IS DISTINCT FROM n."subject" COLLATE "C" THEN jsonb_build_object('subject', o."subject") ELSE '{}' END
        || CASE WHEN o."body" COLLATE "C" IS DISTINCT FROM n."body" COLLATE "C" THEN jsonb_build_object('body', o."body") ELSE '{}' END
        || CASE WHEN o."status" COLLATE "C" IS DISTINCT FROM n."status" COLLATE "C" THEN jsonb_build_object('status', o."status") ELSE '{}' END
        || CASE WHEN o."priority" COLLATE "C" IS DISTINCT FROM n."priority" COLLATE "C" THEN jsonb_build_object('priority', o."priority") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END
        || CASE WHEN o."closed_at" IS DISTINCT FROM n."closed_at" THEN jsonb_build_object('closed_at', o."closed_at") ELSE '{}' END END,
    capture.captured_at
FROM old_rows o FULL JOIN new_rows n ON o."id" = n."id"
WHERE o."id" IS NULL OR n."id" IS NULL OR o.* *<> n.*;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        ELSIF recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended(x.k, hashtextextended('public.tickets', 0)), x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::threadline.change_op
        WHEN x.jo IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN (x.jn - capture.unseen) END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN (x.jo - capture.unseen) WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, jsonb_build_object('id', NULL)) AS k,
        coalesce(n.pos, o.pos) AS pos, n.pos = o.pos AS is_step
    FROM (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM old_rows s OFFSET 0) r OFFSET 0) i) o
    FULL JOIN (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM new_rows s OFFSET 0) r OFFSET 0) i) n ON o.k = n.k AND o.nth = n.nth
    OFFSET 0) x
CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') AS before,
        coalesce(array_agg(e.key ORDER BY array_position(ARRAY['id', 'organization_id', 'opened_by_id', 'assignee_id', 'subject', 'body', 'status', 'priority', 'created_at', 'closed_at']::text[], e.key)), '{}') AS fields
    FROM jsonb_each(x.jo) e WHERE ROW(x.jn -> e.key)::record *<> ROW(e.value)::record) d
WHERE x.jo IS NULL OR x.jn IS NULL OR (ROW(x.jo)::record *<> ROW(x.jn)::record)
ORDER BY x.pos;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
    ELSIF TG_OP = 'INSERT' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.tickets', 0)), jsonb_build_object('id', n."id"), 'insert', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM new_rows n;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.tickets', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'insert', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended(jsonb_build_object('id', o."id"), hashtextextended('public.tickets', 0)), jsonb_build_object('id', o."id"), 'delete', NULL, NULL, to_jsonb(o.*), capture.captured_at
FROM old_rows o;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.tickets', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'delete', NULL, NULL, (x.j - capture.unseen), capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, 'public',
            'tickets', 'truncate', capture.captured_at);
        recorded := 1;
    END IF;

    IF recorded > 0 AND NOT capture.is_open THEN
        PERFORM threadline.open_transaction(
            capture.transaction_id, NULL, capture.captured_at,
            current_setting('threadline.context', true));
    END IF;
    IF capture.settings IS NOT NULL THEN
        PERFORM threadline.restore_settings(capture.settings);
    END IF;
    RETURN NULL;
END
$capture$;
-- threadline: function=record_all contract=1 revision=1
-- why: the rows that are there already, stored just as the capture function of the table stores them
-- calls: named_relation, compare_columns, current_key, virtual_columns, trusted_columns, members_of, row_image, record_image, json_image, mask_path, keyed_hash, bounded
-- For threadline.baseline, which has locked the table. Recorded are rows whose newest change after the
-- given place in the trail is none, or a delete. Nested loops are off because nobody knows how many
-- changes there are, and one loop too many is quadratic.
CREATE OR REPLACE FUNCTION threadline."record public.tickets"(
    relation pg_catalog.regclass, transaction_id pg_catalog.int8, action_id pg_catalog.int8,
    captured_at pg_catalog.timestamptz, known_at pg_catalog.timestamptz, known_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET jit = off SET enable_nestloop = off
AS $record$
<<capture>>
DECLARE
    relation regclass := $1;
    transaction_id bigint := $2;
    action_id bigint := $3;
    captured_at timestamptz := $4;
    known_at timestamptz := $5;
    known_id bigint := $6;
    recorded bigint := 0;
    key_columns text[] := ARRAY['id']::text[];
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger does not see.
    unseen text[] := '{}';
BEGIN
    IF threadline.named_relation('public', 'tickets')
        IS DISTINCT FROM capture.relation
    THEN
        RAISE EXCEPTION '(threadline) % is captured as another table: was it renamed?', capture.relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF threadline.compare_columns('public', 'tickets',
        ARRAY['20:assignee_id', '25:body', '1184:closed_at', '1184:created_at', '20:id', '20:opened_by_id', '20:organization_id', '25:priority', '25:status', '25:subject']::text[], false)
    THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.tickets', 0)), jsonb_build_object('id', n."id"), 'baseline', to_jsonb(n.*), NULL, NULL, capture.captured_at
FROM "public"."tickets" n
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'tickets' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.tickets', 0)) AND k.row_pk = jsonb_build_object('id', n."id")
WHERE k.row_hash IS NULL;
    ELSE
        capture.key_columns := threadline.current_key(
            capture.relation, 'public', 'tickets',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(capture.relation);
        capture.trusted := threadline.trusted_columns(
            capture.relation, 'public', 'tickets');
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'tickets', x.h, x.k, 'baseline', (x.j - capture.unseen), NULL, NULL, capture.captured_at
FROM (SELECT y.j, y.k, jsonb_hash_extended(y.k, hashtextextended('public.tickets', 0)) AS h
    FROM (SELECT z.j, (SELECT jsonb_object_agg(c.declared, z.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) AS k
        FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM "public"."tickets" n OFFSET 0) z
        OFFSET 0) y
    OFFSET 0) x
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'tickets' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = x.h AND k.row_pk = x.k
WHERE k.row_hash IS NULL;
    END IF;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$record$;
-- Waits for writers, of its partitions and child tables, too, so that `since` is a moment from which on
-- everything is known. A table that was not captured until now (new, detached, or dropped and made
-- again) starts anew, and so does one whose rows were told apart by another key until now: what is
-- recorded under that key is no version of a row of today.
LOCK TABLE "public"."tickets" IN SHARE ROW EXCLUSIVE MODE;
-- Of a table that was empty then, everything is known from there on.
INSERT INTO threadline.audited_tables AS a (
    table_schema, table_name, capture_mode, reason, key_columns, columns, positions,
    policy, since, complete_since)
SELECT
    'public', 'tickets', 'statement',
    'no trigger of its own writes in between',
    ARRAY['id']::text[], ARRAY['20:assignee_id', '25:body', '1184:closed_at', '1184:created_at', '20:id', '20:opened_by_id', '20:organization_id', '25:priority', '25:status', '25:subject']::text[],
    threadline.column_positions('"public"."tickets"'::pg_catalog.regclass),
    '{"table":{"schema":"public","name":"tickets"},"redactions":{},"quiet":[],"key":null,"capture_noop":false}'::jsonb, new.since,
    CASE WHEN NOT threadline.may_hold_rows('"public"."tickets"'::pg_catalog.regclass)
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
        WHERE t.tgrelid = '"public"."tickets"'::pg_catalog.regclass
          AND t.tgfoid = pg_catalog.to_regproc('threadline."capture public.tickets"')),
    detached_at = NULL;
SELECT threadline.put_triggers(
    '"public"."tickets"'::pg_catalog.regclass,
    'threadline."capture public.tickets"', 'statement');
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION threadline."capture public.tickets"() FROM PUBLIC;
REVOKE ALL ON FUNCTION threadline."record public.tickets" FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc('threadline."capture public.tickets"')
  AND table_schema = 'public' AND table_name = 'tickets';
-- Records the rows that are there already, if some may not be in the trail: 10 to 20 microseconds for
-- each, while writers of the table wait. For a table that is too large, take this out, and run
-- threadline.baseline when it suits.
SELECT threadline.baseline('"public"."tickets"'::pg_catalog.regclass)
FROM threadline.audited_tables a
WHERE a.table_schema = 'public' AND a.table_name = 'tickets'
  AND a.complete_since IS NULL
  AND threadline.may_read_rows('"public"."tickets"'::pg_catalog.regclass);

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
    WHERE t.tgfoid = pg_catalog.to_regproc('threadline."capture public.users"')
      AND t.tgrelid NOT IN (
          SELECT m.member FROM threadline.members_of(
              '"public"."users"'::pg_catalog.regclass) m);
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a table that is no part of it is captured under its name; first run: %',
            '"public"."users"', mend;
    END IF;
    SELECT pg_catalog.quote_ident(r.rolname) INTO mend
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.oid = '"public"."users"'::pg_catalog.regclass
      AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE');
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached by %: only its owner may put triggers on it that nobody can bypass; attach it as a role that is a member of its owner: GRANT % TO %',
            '"public"."users"', current_user, mend, pg_catalog.quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A part that is captured on its own account, or as a part of another table, would be taken over with
    -- a policy that may redact less.
    SELECT pg_catalog.min(pg_catalog.format('%s by the function %s', t.tgrelid::pg_catalog.regclass,
        t.tgfoid::pg_catalog.regproc))
    INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN threadline.members_of('"public"."users"'::pg_catalog.regclass) m
        ON m.member = t.tgrelid AND m.member <> '"public"."users"'::pg_catalog.regclass
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      AND pg_catalog.starts_with(t.tgname::text, '00_threadline_')
      AND t.tgfoid IS DISTINCT FROM
          pg_catalog.to_regproc('threadline."capture public.users"')::pg_catalog.oid;
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: a part of it is captured under another name (%); detach that table first',
            '"public"."users"', mend;
    END IF;
    -- Its triggers have the same names, and would be taken over.
    SELECT pg_catalog.min(n.nspname::text) INTO mend
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = '"public"."users"'::pg_catalog.regclass
      AND NOT t.tgisinternal AND pg_catalog.starts_with(t.tgname::text, '00_threadline_') AND n.nspname <> 'threadline';
    IF mend IS NOT NULL THEN
        RAISE EXCEPTION '(threadline) % cannot be attached: the trail in schema % captures it already; detach it there first, or name that schema with THREADLINE_SCHEMA',
            '"public"."users"', mend;
    END IF;
END
$check$;
-- threadline: function=capture contract=1 revision=1
-- why: one function for each audited table; the text between markers is an example that is replaced
-- calls: pin_settings, restore_settings, row_image, record_image, json_image, mask_path, keyed_hash, bounded, virtual_columns, root_of, audited_relation, reopen_transaction, open_transaction, has_columns, may_repeat_rows, current_key, trusted_columns, virtual_columns
CREATE OR REPLACE FUNCTION threadline."capture public.users"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $capture$
<<capture>>
DECLARE
    -- Two stands for "many", null for none: one row and many rows take different statements, because
    -- PL/pgSQL keeps plans, and what is best for one row is quadratic for a million.
    touched int;
    recorded bigint := 0;
    -- As threadline.open_place, which would cost a call for every statement.
    place tid := CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
    transaction_id bigint;
    action_id bigint;
    is_open boolean;
    -- Whether the table has the columns that the typed statements name.
    is_current boolean;
    -- Whether one statement may touch a row more than once.
    is_repeating boolean;
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger sees as null, whatever they are; some may have come later.
    unseen text[] := '{}';
    captured_at timestamptz;
    settings text[];
    key_columns text[] := ARRAY['id']::text[];
BEGIN
    IF TG_OP = 'UPDATE' OR TG_OP = 'INSERT' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM new_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'users', ARRAY['1184:created_at', '25:email', '20:id', '1184:last_seen_at', '25:name', '20:organization_id', '25:password_hash', '25:phone', '25:role']::text[], true) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'users')::oid), threadline.may_repeat_rows('public', 'users')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM new_rows LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT CASE WHEN EXISTS (SELECT FROM old_rows OFFSET 1) THEN 2 ELSE 1 END,
            (threadline.has_columns('public', 'users', ARRAY['1184:created_at', '25:email', '20:id', '1184:last_seen_at', '25:name', '20:organization_id', '25:password_hash', '25:phone', '25:role']::text[], true) AND TG_RELID IS NOT DISTINCT FROM threadline.audited_relation('public', 'users')::oid), threadline.may_repeat_rows('public', 'users')
        INTO capture.touched, capture.is_current, capture.is_repeating
        FROM old_rows LIMIT 1;
    ELSE
        capture.touched := 1;
    END IF;
    IF capture.touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, and no join: it is started in a quarter of the time.
    IF capture.place IS NOT NULL THEN
        SELECT t.transaction_id, t.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.open_transactions t
        WHERE t.ctid = capture.place AND t.xid = pg_current_xact_id();
    END IF;

    -- The transaction row is written after the changes, and only if there are any.
    capture.is_open := capture.transaction_id IS NOT NULL;
    IF NOT capture.is_open AND current_setting('threadline.closed', true) <> '' THEN
        SELECT r.transaction_id, r.action_id INTO capture.transaction_id, capture.action_id
        FROM threadline.reopen_transaction() r;
        capture.is_open := capture.transaction_id IS NOT NULL;
    END IF;
    IF NOT capture.is_open THEN
        capture.transaction_id := nextval('threadline.audit_transactions_id_seq');
    END IF;
    capture.captured_at := clock_timestamp();
    IF current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
        -- A column that came later may be of a type that the line above does not think of.
        OR capture.is_current IS FALSE
        -- A plan for many rows looks costly enough to be compiled, which takes longer than running it.
        OR (capture.touched > 1 AND current_setting('jit') <> 'off')
    THEN
        capture.settings := threadline.pin_settings();
    END IF;

    IF TG_OP = 'UPDATE' AND capture.is_current AND capture.is_repeating AND capture.touched > 1 THEN
        -- It may; whether it has is told by a key that was there twice.
        capture.is_repeating := EXISTS (SELECT FROM new_rows r GROUP BY r."id" HAVING count(*) > 1) OR EXISTS (SELECT FROM old_rows r GROUP BY r."id" HAVING count(*) > 1);
    END IF;
    IF NOT capture.is_current OR capture.is_repeating THEN
        capture.key_columns := threadline.current_key(
            TG_RELID, 'public', 'users',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(TG_RELID);
        capture.trusted := threadline.trusted_columns(TG_RELID, 'public', 'users');
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF capture.is_current AND capture.touched = 1 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.users', 0)), jsonb_build_object('id', n."id"), 'update', (jsonb_build_object('id', n."id", 'organization_id', n."organization_id", 'email', n."email", 'name', n."name", 'role', n."role", 'phone', '[REDACTED]'::text, 'last_seen_at', n."last_seen_at", 'created_at', n."created_at")),
    array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN 'organization_id' END,
        CASE WHEN o."email" COLLATE "C" IS DISTINCT FROM n."email" COLLATE "C" THEN 'email' END,
        CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN 'name' END,
        CASE WHEN o."role" COLLATE "C" IS DISTINCT FROM n."role" COLLATE "C" THEN 'role' END,
        CASE WHEN o."phone" COLLATE "C" IS DISTINCT FROM n."phone" COLLATE "C" THEN 'phone' END,
        CASE WHEN o."last_seen_at" IS DISTINCT FROM n."last_seen_at" THEN 'last_seen_at' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL),
    CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN jsonb_build_object('organization_id', o."organization_id") ELSE '{}' END
        || CASE WHEN o."email" COLLATE "C" IS DISTINCT FROM n."email" COLLATE "C" THEN jsonb_build_object('email', o."email") ELSE '{}' END
        || CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN jsonb_build_object('name', o."name") ELSE '{}' END
        || CASE WHEN o."role" COLLATE "C" IS DISTINCT FROM n."role" COLLATE "C" THEN jsonb_build_object('role', o."role") ELSE '{}' END
        || CASE WHEN o."phone" COLLATE "C" IS DISTINCT FROM n."phone" COLLATE "C" THEN jsonb_build_object('phone', '[REDACTED]'::text) ELSE '{}' END
        || CASE WHEN o."last_seen_at" IS DISTINCT FROM n."last_seen_at" THEN jsonb_build_object('last_seen_at', o."last_seen_at") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END,
    capture.captured_at
FROM old_rows o, new_rows n
WHERE o."id" = n."id" AND (o."id" IS DISTINCT FROM n."id" OR o."organization_id" IS DISTINCT FROM n."organization_id" OR o."email" COLLATE "C" IS DISTINCT FROM n."email" COLLATE "C" OR o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" OR o."role" COLLATE "C" IS DISTINCT FROM n."role" COLLATE "C" OR o."password_hash" COLLATE "C" IS DISTINCT FROM n."password_hash" COLLATE "C" OR o."phone" COLLATE "C" IS DISTINCT FROM n."phone" COLLATE "C" OR o."created_at" IS DISTINCT FROM n."created_at");
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
        -- Nothing recorded of one row: nothing changed, or its key did.
        IF capture.is_current AND NOT capture.is_repeating AND recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users',
    jsonb_hash_extended(CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END, hashtextextended('public.users', 0)),
    CASE WHEN n."id" IS NULL THEN jsonb_build_object('id', o."id") ELSE jsonb_build_object('id', n."id") END,
    CASE WHEN n."id" IS NULL THEN 'delete'::threadline.change_op
        WHEN o."id" IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN n."id" IS NULL THEN NULL ELSE (jsonb_build_object('id', n."id", 'organization_id', n."organization_id", 'email', n."email", 'name', n."name", 'role', n."role", 'phone', '[REDACTED]'::text, 'last_seen_at', n."last_seen_at", 'created_at', n."created_at")) END,
    CASE WHEN n."id" IS NULL OR o."id" IS NULL THEN NULL ELSE array_remove(ARRAY[CASE WHEN o."id" IS DISTINCT FROM n."id" THEN 'id' END,
        CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN 'organization_id' END,
        CASE WHEN o."email" COLLATE "C" IS DISTINCT FROM n."email" COLLATE "C" THEN 'email' END,
        CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN 'name' END,
        CASE WHEN o."role" COLLATE "C" IS DISTINCT FROM n."role" COLLATE "C" THEN 'role' END,
        CASE WHEN o."phone" COLLATE "C" IS DISTINCT FROM n."phone" COLLATE "C" THEN 'phone' END,
        CASE WHEN o."last_seen_at" IS DISTINCT FROM n."last_seen_at" THEN 'last_seen_at' END,
        CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN 'created_at' END]::text[], NULL) END,
    CASE WHEN n."id" IS NULL THEN (jsonb_build_object('id', o."id", 'organization_id', o."organization_id", 'email', o."email", 'name', o."name", 'role', o."role", 'phone', '[REDACTED]'::text, 'last_seen_at', o."last_seen_at", 'created_at', o."created_at")) WHEN o."id" IS NULL THEN NULL ELSE CASE WHEN o."id" IS DISTINCT FROM n."id" THEN jsonb_build_object('id', o."id") ELSE '{}' END
        || CASE WHEN o."organization_id" IS DISTINCT FROM n."organization_id" THEN jsonb_build_object('organization_id', o."organization_id") ELSE '{}' END
        || CASE WHEN o."email" COLLATE "C" IS DISTINCT FROM n."email" COLLATE "C" THEN jsonb_build_object('email', o."email") ELSE '{}' END
        || CASE WHEN o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" THEN jsonb_build_object('name', o."name") ELSE '{}' END
        || CASE WHEN o."role" COLLATE "C" IS DISTINCT FROM n."role" COLLATE "C" THEN jsonb_build_object('role', o."role") ELSE '{}' END
        || CASE WHEN o."phone" COLLATE "C" IS DISTINCT FROM n."phone" COLLATE "C" THEN jsonb_build_object('phone', '[REDACTED]'::text) ELSE '{}' END
        || CASE WHEN o."last_seen_at" IS DISTINCT FROM n."last_seen_at" THEN jsonb_build_object('last_seen_at', o."last_seen_at") ELSE '{}' END
        || CASE WHEN o."created_at" IS DISTINCT FROM n."created_at" THEN jsonb_build_object('created_at', o."created_at") ELSE '{}' END END,
    capture.captured_at
FROM old_rows o FULL JOIN new_rows n ON o."id" = n."id"
WHERE o."id" IS NULL OR n."id" IS NULL OR o."id" IS DISTINCT FROM n."id" OR o."organization_id" IS DISTINCT FROM n."organization_id" OR o."email" COLLATE "C" IS DISTINCT FROM n."email" COLLATE "C" OR o."name" COLLATE "C" IS DISTINCT FROM n."name" COLLATE "C" OR o."role" COLLATE "C" IS DISTINCT FROM n."role" COLLATE "C" OR o."password_hash" COLLATE "C" IS DISTINCT FROM n."password_hash" COLLATE "C" OR o."phone" COLLATE "C" IS DISTINCT FROM n."phone" COLLATE "C" OR o."created_at" IS DISTINCT FROM n."created_at";
            GET DIAGNOSTICS recorded = ROW_COUNT;
        ELSIF recorded = 0 THEN
            INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended(x.k, hashtextextended('public.users', 0)), x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::threadline.change_op
        WHEN x.jo IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN (SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key = ANY (ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'last_seen_at', 'created_at']::text[]) AND e.key = ANY (capture.trusted) THEN e.value ELSE coalesce('{"phone":"[REDACTED]"}'::jsonb -> e.key, to_jsonb('[REDACTED]'::text)) END), '{}') FROM jsonb_each(x.jn - capture.unseen) e
        WHERE e.key <> ALL (ARRAY['password_hash']::text[])) END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN (SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key = ANY (ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'last_seen_at', 'created_at']::text[]) AND e.key = ANY (capture.trusted) THEN e.value ELSE coalesce('{"phone":"[REDACTED]"}'::jsonb -> e.key, to_jsonb('[REDACTED]'::text)) END), '{}') FROM jsonb_each(x.jo - capture.unseen) e
        WHERE e.key <> ALL (ARRAY['password_hash']::text[])) WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, jsonb_build_object('id', NULL)) AS k,
        coalesce(n.pos, o.pos) AS pos, n.pos = o.pos AS is_step
    FROM (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM old_rows s OFFSET 0) r OFFSET 0) i) o
    FULL JOIN (SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN (SELECT jsonb_object_agg(c.declared, r.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM new_rows s OFFSET 0) r OFFSET 0) i) n ON o.k = n.k AND o.nth = n.nth
    OFFSET 0) x
CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key = ANY (ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'last_seen_at', 'created_at']::text[]) AND e.key = ANY (capture.trusted) THEN e.value ELSE coalesce('{"phone":"[REDACTED]"}'::jsonb -> e.key, to_jsonb('[REDACTED]'::text)) END), '{}') AS before,
        coalesce(array_agg(e.key ORDER BY array_position(ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'phone', 'last_seen_at', 'created_at']::text[], e.key)), '{}') AS fields
    FROM jsonb_each(x.jo) e WHERE ROW(x.jn -> e.key)::record *<> ROW(e.value)::record AND e.key <> ALL (ARRAY['password_hash']::text[])) d
WHERE x.jo IS NULL OR x.jn IS NULL OR (ROW(x.jo - ARRAY['last_seen_at']::text[])::record *<> ROW(x.jn - ARRAY['last_seen_at']::text[])::record)
ORDER BY x.pos;
            GET DIAGNOSTICS recorded = ROW_COUNT;
        END IF;
    ELSIF TG_OP = 'INSERT' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.users', 0)), jsonb_build_object('id', n."id"), 'insert', (jsonb_build_object('id', n."id", 'organization_id', n."organization_id", 'email', n."email", 'name', n."name", 'role', n."role", 'phone', '[REDACTED]'::text, 'last_seen_at', n."last_seen_at", 'created_at', n."created_at")), NULL, NULL, capture.captured_at
FROM new_rows n;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.users', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'insert', (SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key = ANY (ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'last_seen_at', 'created_at']::text[]) AND e.key = ANY (capture.trusted) THEN e.value ELSE coalesce('{"phone":"[REDACTED]"}'::jsonb -> e.key, to_jsonb('[REDACTED]'::text)) END), '{}') FROM jsonb_each(x.j - capture.unseen) e
        WHERE e.key <> ALL (ARRAY['password_hash']::text[])), NULL, NULL, capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' AND capture.is_current THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended(jsonb_build_object('id', o."id"), hashtextextended('public.users', 0)), jsonb_build_object('id', o."id"), 'delete', NULL, NULL, (jsonb_build_object('id', o."id", 'organization_id', o."organization_id", 'email', o."email", 'name', o."name", 'role', o."role", 'phone', '[REDACTED]'::text, 'last_seen_at', o."last_seen_at", 'created_at', o."created_at")), capture.captured_at
FROM old_rows o;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended((SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), hashtextextended('public.users', 0)), (SELECT jsonb_object_agg(c.declared, x.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)), 'delete', NULL, NULL, (SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key = ANY (ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'last_seen_at', 'created_at']::text[]) AND e.key = ANY (capture.trusted) THEN e.value ELSE coalesce('{"phone":"[REDACTED]"}'::jsonb -> e.key, to_jsonb('[REDACTED]'::text)) END), '{}') FROM jsonb_each(x.j - capture.unseen) e
        WHERE e.key <> ALL (ARRAY['password_hash']::text[])), capture.captured_at
FROM (SELECT threadline.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;
        GET DIAGNOSTICS recorded = ROW_COUNT;
    ELSE
        INSERT INTO threadline.audit_changes (
            transaction_id, action_id, table_schema, table_name, op, captured_at)
        VALUES (
            capture.transaction_id, capture.action_id, 'public',
            'users', 'truncate', capture.captured_at);
        recorded := 1;
    END IF;

    IF recorded > 0 AND NOT capture.is_open THEN
        PERFORM threadline.open_transaction(
            capture.transaction_id, NULL, capture.captured_at,
            current_setting('threadline.context', true));
    END IF;
    IF capture.settings IS NOT NULL THEN
        PERFORM threadline.restore_settings(capture.settings);
    END IF;
    RETURN NULL;
END
$capture$;
-- threadline: function=record_all contract=1 revision=1
-- why: the rows that are there already, stored just as the capture function of the table stores them
-- calls: named_relation, compare_columns, current_key, virtual_columns, trusted_columns, members_of, row_image, record_image, json_image, mask_path, keyed_hash, bounded
-- For threadline.baseline, which has locked the table. Recorded are rows whose newest change after the
-- given place in the trail is none, or a delete. Nested loops are off because nobody knows how many
-- changes there are, and one loop too many is quadratic.
CREATE OR REPLACE FUNCTION threadline."record public.users"(
    relation pg_catalog.regclass, transaction_id pg_catalog.int8, action_id pg_catalog.int8,
    captured_at pg_catalog.timestamptz, known_at pg_catalog.timestamptz, known_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET jit = off SET enable_nestloop = off
AS $record$
<<capture>>
DECLARE
    relation regclass := $1;
    transaction_id bigint := $2;
    action_id bigint := $3;
    captured_at timestamptz := $4;
    known_at timestamptz := $5;
    known_id bigint := $6;
    recorded bigint := 0;
    key_columns text[] := ARRAY['id']::text[];
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger does not see.
    unseen text[] := '{}';
BEGIN
    IF threadline.named_relation('public', 'users')
        IS DISTINCT FROM capture.relation
    THEN
        RAISE EXCEPTION '(threadline) % is captured as another table: was it renamed?', capture.relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF threadline.compare_columns('public', 'users',
        ARRAY['1184:created_at', '25:email', '20:id', '1184:last_seen_at', '25:name', '20:organization_id', '25:password_hash', '25:phone', '25:role']::text[], true)
    THEN
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.users', 0)), jsonb_build_object('id', n."id"), 'baseline', (jsonb_build_object('id', n."id", 'organization_id', n."organization_id", 'email', n."email", 'name', n."name", 'role', n."role", 'phone', '[REDACTED]'::text, 'last_seen_at', n."last_seen_at", 'created_at', n."created_at")), NULL, NULL, capture.captured_at
FROM "public"."users" n
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'users' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = jsonb_hash_extended(jsonb_build_object('id', n."id"), hashtextextended('public.users', 0)) AND k.row_pk = jsonb_build_object('id', n."id")
WHERE k.row_hash IS NULL;
    ELSE
        capture.key_columns := threadline.current_key(
            capture.relation, 'public', 'users',
            capture.key_columns);
        capture.unseen := threadline.virtual_columns(capture.relation);
        capture.trusted := threadline.trusted_columns(
            capture.relation, 'public', 'users');
        INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, 'public', 'users', x.h, x.k, 'baseline', (SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key = ANY (ARRAY['id', 'organization_id', 'email', 'name', 'role', 'password_hash', 'last_seen_at', 'created_at']::text[]) AND e.key = ANY (capture.trusted) THEN e.value ELSE coalesce('{"phone":"[REDACTED]"}'::jsonb -> e.key, to_jsonb('[REDACTED]'::text)) END), '{}') FROM jsonb_each(x.j - capture.unseen) e
        WHERE e.key <> ALL (ARRAY['password_hash']::text[])), NULL, NULL, capture.captured_at
FROM (SELECT y.j, y.k, jsonb_hash_extended(y.k, hashtextextended('public.users', 0)) AS h
    FROM (SELECT z.j, (SELECT jsonb_object_agg(c.declared, z.j -> c.actual) FROM unnest(ARRAY['id']::text[], capture.key_columns) AS c(declared, actual)) AS k
        FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM "public"."users" n OFFSET 0) z
        OFFSET 0) y
    OFFSET 0) x
LEFT JOIN (SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)
            AND c.table_schema = 'public' AND c.table_name = 'users' AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete') k ON k.row_hash = x.h AND k.row_pk = x.k
WHERE k.row_hash IS NULL;
    END IF;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$record$;
-- Waits for writers, of its partitions and child tables, too, so that `since` is a moment from which on
-- everything is known. A table that was not captured until now (new, detached, or dropped and made
-- again) starts anew, and so does one whose rows were told apart by another key until now: what is
-- recorded under that key is no version of a row of today.
LOCK TABLE "public"."users" IN SHARE ROW EXCLUSIVE MODE;
-- Of a table that was empty then, everything is known from there on.
INSERT INTO threadline.audited_tables AS a (
    table_schema, table_name, capture_mode, reason, key_columns, columns, positions,
    policy, since, complete_since)
SELECT
    'public', 'users', 'statement',
    'no trigger of its own writes in between',
    ARRAY['id']::text[], ARRAY['1184:created_at', '25:email', '20:id', '1184:last_seen_at', '25:name', '20:organization_id', '25:password_hash', '25:phone', '25:role']::text[],
    threadline.column_positions('"public"."users"'::pg_catalog.regclass),
    '{"table":{"schema":"public","name":"users"},"redactions":{"password_hash":"exclude","phone":{"mask":{"placeholder":"[REDACTED]"}}},"quiet":["last_seen_at"],"key":null,"capture_noop":false}'::jsonb, new.since,
    CASE WHEN NOT threadline.may_hold_rows('"public"."users"'::pg_catalog.regclass)
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
        WHERE t.tgrelid = '"public"."users"'::pg_catalog.regclass
          AND t.tgfoid = pg_catalog.to_regproc('threadline."capture public.users"')),
    detached_at = NULL;
SELECT threadline.put_triggers(
    '"public"."users"'::pg_catalog.regclass,
    'threadline."capture public.users"', 'statement');
-- Who may not execute the function may not put it on a table of his own and forge changes with it.
REVOKE ALL ON FUNCTION threadline."capture public.users"() FROM PUBLIC;
REVOKE ALL ON FUNCTION threadline."record public.users" FROM PUBLIC;
-- What is found here later and is neither this text nor a newer one was edited by hand.
UPDATE threadline.audited_tables SET
    function_hash = pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    function_owner = pg_catalog.pg_get_userbyid(p.proowner)
FROM pg_catalog.pg_proc p
WHERE p.oid = pg_catalog.to_regproc('threadline."capture public.users"')
  AND table_schema = 'public' AND table_name = 'users';
-- Records the rows that are there already, if some may not be in the trail: 10 to 20 microseconds for
-- each, while writers of the table wait. For a table that is too large, take this out, and run
-- threadline.baseline when it suits.
SELECT threadline.baseline('"public"."users"'::pg_catalog.regclass)
FROM threadline.audited_tables a
WHERE a.table_schema = 'public' AND a.table_name = 'users'
  AND a.complete_since IS NULL
  AND threadline.may_read_rows('"public"."users"'::pg_catalog.regclass);

