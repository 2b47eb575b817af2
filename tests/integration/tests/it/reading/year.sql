-- A year of changes, made in the trail itself: what is tested is how it is read.
DO $$
BEGIN
    FOR m IN 1..12 LOOP
        EXECUTE format(
            'CREATE TABLE threadline.%I PARTITION OF threadline.audit_changes FOR VALUES FROM (%L) TO (%L);
            CREATE TABLE threadline.%I PARTITION OF threadline.audit_transactions FOR VALUES FROM (%L) TO (%L)',
            'c_' || m, date_trunc('month', now(), 'UTC') - make_interval(months => m),
            date_trunc('month', now(), 'UTC') - make_interval(months => m - 1),
            't_' || m, date_trunc('month', now(), 'UTC') - make_interval(months => m),
            date_trunc('month', now(), 'UTC') - make_interval(months => m - 1));
    END LOOP;
END
$$;
-- One transaction every 13 minutes.
INSERT INTO threadline.audit_transactions (id, xid, occurred_at, committed_at, actor_type, actor_id,
    action_id, request_id, correlation_id, session_user_name, backend_pid)
SELECT i, i::text::xid8, at, at + interval '1 s',
    CASE WHEN i % 2 = 0 THEN 'system' ELSE 'user' END,
    CASE WHEN i % 2 = 0 THEN 'sync' WHEN i IN (7001, 7003, 7005) THEN 'rare' ELSE (i % 1000)::text END,
    CASE WHEN i % 4 = 1 THEN i END, CASE WHEN i % 4 = 1 THEN 'req-' || i END,
    'corr-' || i / 10, 'app', 1
FROM generate_series(1, 40000) i
CROSS JOIN LATERAL (SELECT now() - (40001 - i) * interval '13 minutes' AS at) t;
INSERT INTO threadline.audit_actions (id, transaction_id, name, actor_type, actor_id, correlation_id,
    request_id, recorded_at)
SELECT i, t.id, CASE WHEN i % 10000 = 1 THEN 'act.rare' ELSE 'act.' || i % 16 END, t.actor_type, t.actor_id,
    t.correlation_id, t.request_id, t.occurred_at
FROM generate_series(1, 40000, 4) i JOIN threadline.audit_transactions t ON t.id = i;
INSERT INTO threadline.audit_changes (id, transaction_id, action_id, table_schema, table_name, row_hash,
    row_pk, op, data_after, changed_fields, changed_from, captured_at)
SELECT (t.id - 1) * 5 + n, t.id, t.action_id, 'public', name,
    jsonb_hash_extended(key, hashtextextended('public.' || name, 0)), key,
    op::threadline.change_op, row, CASE op WHEN 'update' THEN '{v}'::text[] END,
    CASE op WHEN 'insert' THEN NULL WHEN 'update' THEN '{"v": 0}'::jsonb ELSE key END,
    t.occurred_at + n * interval '1 ms'
FROM threadline.audit_transactions t CROSS JOIN generate_series(1, 5) n
CROSS JOIN LATERAL (SELECT
    CASE WHEN n = 5 AND t.id % 4 = 0 THEN 'hot' WHEN t.id = 5000 THEN 'rare' ELSE 't' || (t.id + n) % 10 END
        AS name) a
CROSS JOIN LATERAL (SELECT
    jsonb_build_object('id', CASE name WHEN 'hot' THEN 1 WHEN 'rare' THEN n ELSE (t.id * 5 + n) % 1000 END)
        AS key) b
CROSS JOIN LATERAL (SELECT CASE n WHEN 1 THEN 'insert' WHEN 2 THEN 'delete' ELSE 'update' END AS op) o
CROSS JOIN LATERAL (SELECT CASE WHEN op <> 'delete' THEN key || jsonb_build_object('v', t.id) END AS row) r;
INSERT INTO threadline.audited_tables (table_schema, table_name, capture_mode, reason, key_columns, columns,
    positions, policy)
SELECT 'public', name, 'statement', 'as it was made', '{id}', '{id,v}', '{}', '{}'
FROM unnest('{hot,rare}'::text[]) name;
-- An import: six thousand actions of one correlation, of every second transaction of four months.
INSERT INTO threadline.audit_actions (id, transaction_id, name, actor_type, actor_id, correlation_id,
    recorded_at)
SELECT 100000 + t.id, t.id, 'act.import', t.actor_type, t.actor_id, 'import', t.occurred_at
FROM threadline.audit_transactions t WHERE t.id BETWEEN 10001 AND 22000 AND t.id % 2 = 0;
-- As autovacuum does it: each partition, and never their root.
ANALYZE threadline.audit_actions;
DO $$
DECLARE
    leaf regclass;
BEGIN
    FOR leaf IN SELECT p.relid FROM unnest('{threadline.audit_changes,threadline.audit_transactions}'::regclass[]) r,
        pg_partition_tree(r) p WHERE p.isleaf
    LOOP
        EXECUTE format('ANALYZE %s', leaf);
    END LOOP;
END
$$;
