-- threadline: read=inspect
-- why: one statement sees one moment of the catalog, so no two parts of the answer contradict each other
-- calls:
WITH RECURSIVE
capture_function AS (
    SELECT p.oid, p.proname, p.prosrc, p.prosecdef, p.proconfig, p.proowner, p.proacl, l.lanname
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = to_regnamespace('threadline')
),
attached AS (
    -- Whole rows, so that a table made by an older version, with fewer columns, can be read.
    SELECT to_jsonb(a) AS recorded, c.oid AS relation, c.relkind
    FROM threadline.audited_tables a
    LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
        ON n.nspname = a.table_schema AND c.relname = a.table_name AND c.relkind IN ('r', 'p')
),
-- Partitions and child tables, at any distance.
member (relation, child) AS (
    SELECT a.relation, i.inhrelid FROM attached a JOIN pg_inherits i ON i.inhparent = a.relation
    UNION
    SELECT m.relation, i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.child
),
fired AS (
    SELECT t.*, p.proname, p.pronamespace, n.nspname, c.relname
    FROM pg_trigger t
    JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    -- PostgreSQL 14 calls a trigger internal that a partition has from its root.
    WHERE (NOT t.tgisinternal OR t.tgparentid <> 0)
      AND (p.pronamespace = to_regnamespace('threadline')
        OR t.tgrelid IN (SELECT relation FROM attached)
        OR t.tgrelid IN (SELECT child FROM member))
      AND n.nspname <> 'threadline'
),
ancestor (relation, parent) AS (
    SELECT i.inhrelid, i.inhparent FROM pg_inherits i
    WHERE i.inhrelid IN (SELECT tgrelid FROM fired)
    UNION
    SELECT a.relation, i.inhparent FROM ancestor a JOIN pg_inherits i ON i.inhrelid = a.parent
),
-- Each is gathered once for all tables: asked table by table, hundreds of them look so costly that the
-- planner has the statement compiled, which takes seconds.
members AS (
    SELECT m.relation, jsonb_agg(jsonb_build_object(
        'table_schema', n.nspname, 'table_name', c.relname, 'relation', c.oid::int8)
        ORDER BY n.nspname, c.relname) AS found
    FROM member m JOIN pg_class c ON c.oid = m.child
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') GROUP BY m.relation
),
-- As threadline.column_positions, which only the owner may call.
positions AS (
    SELECT c.attrelid AS relation, jsonb_agg(format('%s:%s', c.attnum, c.attname) ORDER BY c.attnum) AS found
    FROM pg_attribute c
    WHERE c.attrelid IN (SELECT relation FROM attached) AND c.attnum > 0 AND NOT c.attisdropped
    GROUP BY c.attrelid
),
ancestors AS (
    SELECT a.relation, jsonb_agg(a.parent::int8 ORDER BY a.parent) AS found
    FROM ancestor a GROUP BY a.relation
)
SELECT jsonb_build_object(
    'owner', (
        SELECT pg_get_userbyid(relowner) FROM pg_class
        WHERE oid = 'threadline.audited_tables'::regclass),
    'tables', coalesce((
        SELECT jsonb_agg(a.recorded || jsonb_build_object(
            'relation', a.relation::int8,
            'is_partitioned', coalesce(a.relkind = 'p', false),
            'members', coalesce(m.found, '[]'),
            'current_positions', coalesce(p.found, '[]')))
        FROM attached a
        LEFT JOIN members m ON m.relation = a.relation
        LEFT JOIN positions p ON p.relation = a.relation), '[]'),
    'functions', coalesce((
        SELECT jsonb_object_agg(f.proname, jsonb_build_object(
            -- Of hundreds of functions, the bodies would be megabytes.
            'body_hash', encode(sha256(convert_to(f.prosrc, 'UTF8')), 'hex'),
            'language', f.lanname,
            'is_definer', f.prosecdef,
            'settings', coalesce(f.proconfig, '{}'),
            'owner', pg_get_userbyid(f.proowner),
            'is_public', EXISTS (
                SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) e
                WHERE e.grantee = 0)))
        FROM capture_function f), '{}'),
    'triggers', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'table_schema', f.nspname,
            'table_name', f.relname,
            'relation', f.tgrelid::int8,
            'ancestors', coalesce(a.found, '[]'),
            'name', f.tgname,
            'is_ours', f.pronamespace = to_regnamespace('threadline'),
            'function', f.proname,
            'kind', f.tgtype,
            'enabled', f.tgenabled,
            'old_table', f.tgoldtable,
            'new_table', f.tgnewtable,
            'is_restricted', f.tgqual IS NOT NULL OR f.tgattr::text <> '',
            'is_constraint', f.tgconstraint <> 0,
            'is_inherited', f.tgparentid <> 0,
            'drop_sql', format('DROP TRIGGER %I ON %s;', f.tgname, f.tgrelid::regclass))
            ORDER BY f.nspname, f.relname, f.tgname)
        FROM fired f LEFT JOIN ancestors a ON a.relation = f.tgrelid), '[]')) AS installed
