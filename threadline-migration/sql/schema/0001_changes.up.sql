-- threadline: schema=1
-- The changes for people and reports: each with its transaction and its action. Columns that an index
-- stands behind are the bare columns of one table, so that a condition on them reaches the index.
--
-- A view reads with the rights of its owner (only PostgreSQL 15 and newer know another way), so whoever is
-- granted SELECT on it reads the whole trail through it, and nobody else.
--
-- The action is joined by its transaction, too: from an action to its changes there is no other index.
CREATE OR REPLACE VIEW threadline.changes AS
SELECT
    c.id AS change_id,
    c.captured_at,
    t.committed_at,
    c.table_schema,
    c.table_name,
    c.row_pk AS row_key,
    c.op::text AS op,
    c.changed_fields AS changed,
    c.changed_from AS before,
    CASE WHEN c.op = 'update' THEN (
        SELECT coalesce(jsonb_object_agg(f.name, c.data_after -> f.name), '{}')
        FROM unnest(c.changed_fields) AS f(name))
    ELSE c.data_after END AS after,
    CASE WHEN a.actor_type IS NOT NULL THEN concat_ws(':', a.actor_type, a.actor_id)
        WHEN t.actor_type IS NOT NULL THEN concat_ws(':', t.actor_type, t.actor_id) END AS actor,
    t.actor_type,
    t.actor_id,
    a.name AS action,
    a.reason,
    a.correlation_id,
    t.correlation_id AS context_correlation_id,
    coalesce(a.request_id, t.request_id) AS request_id,
    coalesce(a.job_id, t.job_id) AS job_id,
    t.session_user_name AS database_role,
    t.application_name,
    c.transaction_id,
    c.action_id,
    c.data_after AS row_after,
    c.row_hash
FROM threadline.audit_changes c
JOIN threadline.audit_transactions t
    ON t.id = c.transaction_id AND t.occurred_at <= c.captured_at
LEFT JOIN threadline.audit_actions a
    ON a.id = c.action_id AND a.transaction_id = c.transaction_id;
