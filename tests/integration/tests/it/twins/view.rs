use serde_json::json;

use crate::fixture::{Fixture, plain};

/// A trail of five thousand transactions of twenty changes each, in which each of the conditions below holds
/// for a few.
async fn large() -> Fixture {
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY, v text)", [plain("t")]).await;
    f.run(
        "INSERT INTO threadline.audit_transactions (id, xid, occurred_at, committed_at, actor_type,
            actor_id, action_id, correlation_id, session_user_name, backend_pid)
        SELECT n, '1', now(), now(), 'user', n, n, 'c' || n, 'r', 1 FROM generate_series(1, 5000) n;
        INSERT INTO threadline.audit_actions (id, transaction_id, name, correlation_id, recorded_at)
        SELECT n, n, 'action ' || n, 'c' || n, now() FROM generate_series(1, 5000) n;
        INSERT INTO threadline.audit_changes (id, transaction_id, action_id, table_schema, table_name,
            row_hash, row_pk, op, data_after, captured_at)
        SELECT n, n % 5000 + 1, n % 5000 + 1, 'public', 't' || n % 2000,
            jsonb_hash_extended(jsonb_build_object('id', n), hashtextextended('public.t' || n % 2000, 0)),
            jsonb_build_object('id', n), 'insert', '{}', now() + n * interval '1 ms'
        FROM generate_series(1, 100000) n;
        ANALYZE threadline.audit_changes; ANALYZE threadline.audit_transactions;
        ANALYZE threadline.audit_actions",
    )
    .await;
    f
}

#[tokio::test]
async fn a_condition_on_the_view_reaches_its_index() {
    let f = large().await;
    for (condition, found) in [
        ("table_schema = 'public' AND table_name = 't7'", 50),
        ("transaction_id = 7", 20),
        ("actor_type = 'user' AND actor_id = '7'", 20),
        ("correlation_id = 'c7'", 20),
        ("context_correlation_id = 'c7'", 20),
        ("action = 'action 7'", 20),
        (
            "transaction_id IN (SELECT a.transaction_id FROM threadline.audit_actions a
            WHERE a.correlation_id = 'c7')",
            20,
        ),
        ("captured_at >= (SELECT max(captured_at) FROM threadline.audit_changes)", 1),
    ] {
        let sql = format!("SELECT * FROM threadline.changes WHERE {condition}");
        let count = f.value(&format!("SELECT to_jsonb(count(*)) FROM ({sql}) q")).await;
        assert_eq!(count, json!(found), "{condition}");
        f.run(&format!(
            "DROP TABLE IF EXISTS plan; CREATE TEMP TABLE plan (doc jsonb);
            DO $$ DECLARE doc json; BEGIN EXECUTE $q$EXPLAIN (FORMAT JSON) {sql}$q$ INTO doc;
            INSERT INTO plan VALUES (doc); END $$"
        ))
        .await;
        let whole = "SELECT coalesce(jsonb_agg(n), '[]') FROM plan,
            jsonb_path_query(doc, 'strict $.**?(@.\"Node Type\" == \"Seq Scan\")') n
            WHERE (n ->> 'Plan Rows')::float > 1
              AND (n ? 'Filter' OR n ->> 'Relation Name' LIKE 'audit_changes%')";
        assert_eq!(f.value(whole).await, json!([]), "{condition} reads a whole table");
    }
}

#[tokio::test]
async fn the_newest_are_read_without_reading_the_rest() {
    let f = large().await;
    f.run(
        "DO $$ DECLARE doc json; BEGIN
        EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM threadline.changes
            ORDER BY captured_at DESC, change_id DESC LIMIT 50' INTO doc;
        CREATE TEMP TABLE plan AS SELECT doc::jsonb; END $$",
    )
    .await;
    let sorts = "SELECT to_jsonb(count(*)) FROM plan,
        jsonb_path_query(doc, 'strict $.**?(@.\"Node Type\" == \"Sort\")') n";
    assert_eq!(f.value(sorts).await, json!(0));
}
