-- threadline: read=trail
-- why: rights, indexes and partitions of the trail are seen at one moment
-- calls:
WITH trail AS (SELECT to_regnamespace('threadline') AS oid),
owned AS (
    SELECT c.oid, c.relkind, c.relowner AS owner, c.relacl AS acl,
        CASE WHEN c.relkind = 'S' THEN 'SEQUENCE ' ELSE '' END
            || format('%I.%I', 'threadline', c.relname) AS object,
        CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END AS kind
    FROM pg_class c JOIN trail t ON t.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'S')),
given AS (
    SELECT 'relation' AS on, o.object, e.grantee, e.privilege_type AS privilege
    FROM owned o, aclexplode(coalesce(o.acl, acldefault(o.kind::"char", o.owner))) e
    WHERE e.grantee <> o.owner
    UNION ALL
    SELECT 'relation', format('%s', o.object), e.grantee,
        format('%s (%I)', e.privilege_type, a.attname)
    FROM owned o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attacl IS NOT NULL,
        aclexplode(a.attacl) e
    WHERE e.grantee <> o.owner
    UNION ALL
    SELECT 'schema', format('SCHEMA %I', n.nspname), e.grantee, e.privilege_type
    FROM pg_namespace n JOIN trail t ON t.oid = n.oid,
        aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) e
    WHERE e.grantee <> n.nspowner
    UNION ALL
    SELECT 'function', format('FUNCTION %I.%I(%s)', 'threadline', p.proname,
            pg_get_function_identity_arguments(p.oid)), e.grantee, e.privilege_type
    FROM pg_proc p JOIN trail t ON t.oid = p.pronamespace,
        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) e
    WHERE e.grantee <> p.proowner
      AND NOT starts_with(p.proname::text, 'capture ') AND NOT starts_with(p.proname::text, 'record '))
SELECT jsonb_build_object(
    'given', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'on', g.on, 'object', g.object, 'privilege', g.privilege,
            'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END)
            ORDER BY g.object, g.grantee, g.privilege)
        FROM given g), '[]'),
    'indexes', coalesce((
        SELECT jsonb_object_agg(c.relname, i.indisvalid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN trail t ON t.oid = c.relnamespace),
        '{}'),
    'partitions', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'root', r.relname, 'leaf', c.relname,
            'is_empty', pg_relation_size(c.oid) = 0))
        FROM pg_inherits i
        JOIN pg_class r ON r.oid = i.inhparent JOIN trail t ON t.oid = r.relnamespace
        JOIN pg_class c ON c.oid = i.inhrelid
        WHERE r.relkind = 'p' AND c.relkind = 'r'), '[]'),
    'view', (
        SELECT jsonb_agg(jsonb_build_object(
            'name', a.attname, 'type', format_type(a.atttypid, NULL)) ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = to_regclass('threadline.changes') AND a.attnum > 0),
    'is_conditional', coalesce(
        pg_get_viewdef(to_regclass('threadline.changes')) ~ '\m(WHERE|LIMIT|UNION|GROUP BY)\M', false),
    'next_xid', pg_snapshot_xmax(pg_current_snapshot())::text) AS facts
