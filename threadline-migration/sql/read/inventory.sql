-- threadline: read=inventory
-- why: which tables could be under audit is asked of the catalog, once for all of them
-- calls:
WITH RECURSIVE foreign_trail AS (
    SELECT c.relnamespace AS oid FROM pg_class c
    WHERE c.relkind IN ('r', 'p')
      AND c.relname IN ('audited_tables', 'audit_changes', 'open_transactions')
    GROUP BY c.relnamespace HAVING count(*) = 3),
root AS (
    SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND NOT starts_with(n.nspname::text, 'pg_')
      AND n.nspname NOT IN ('information_schema', 'threadline')
      AND n.oid NOT IN (SELECT oid FROM foreign_trail)
      AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)),
member (root, oid) AS (
    SELECT oid, oid FROM root
    UNION
    SELECT m.root, i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.oid),
counted AS (
    SELECT root, count(*) - 1 AS members,
        sum(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid)
            + pg_stat_get_tuples_deleted(oid)) AS writes,
        sum(pg_stat_get_mod_since_analyze(oid)) AS writes_since_analyze,
        max(greatest(pg_stat_get_last_analyze_time(oid), pg_stat_get_last_autoanalyze_time(oid)))
            AS analyzed_at
    FROM member GROUP BY root)
SELECT jsonb_build_object(
    'now', clock_timestamp(),
    'counted_since', (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
    'schemas', ARRAY(
        SELECT n.nspname FROM pg_namespace n
        WHERE NOT starts_with(n.nspname::text, 'pg_')
          AND n.nspname NOT IN ('information_schema', 'threadline')
          AND n.oid NOT IN (SELECT oid FROM foreign_trail)
        ORDER BY n.nspname),
    'tables', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'schema', r.nspname, 'name', r.relname, 'members', c.members, 'writes', c.writes,
            'writes_since_analyze', c.writes_since_analyze, 'analyzed_at', c.analyzed_at,
            'extension', (
                SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid
                  AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' LIMIT 1)))
        FROM root r JOIN counted c ON c.root = r.oid), '[]')) AS inventory
