//! What the application's role can and cannot do.

use serde_json::json;

use crate::fixture::{Fixture, plain, run, written};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";

async fn denied(db: &sea_orm::DatabaseConnection, sql: &str) {
    use sea_orm::ConnectionTrait;
    let error = db.execute_unprepared(&written(sql)).await.expect_err(sql).to_string();
    assert!(
        error.contains("permission denied") || error.contains("must be owner"),
        "{sql}: {error}"
    );
}

#[tokio::test]
async fn a_role_without_any_right_on_the_trail_is_audited_and_cannot_touch_it() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let app = f.test_db.connect_as("app").await;
    f.run("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON t TO PUBLIC").await;
    run(&app, "INSERT INTO t VALUES (1, 1); UPDATE t SET v = 2; DELETE FROM t; TRUNCATE t").await;
    assert_eq!(f.operations().await.len(), 4);
    let who = "SELECT DISTINCT to_jsonb(session_user_name LIKE '%app%') FROM threadline.audit_transactions";
    assert_eq!(f.values(who).await, [json!(true)]);
    for table in [
        "audit_changes",
        "audit_transactions",
        "audit_actions",
        "open_transactions",
        "audited_tables",
        "audit_changes_default",
    ] {
        denied(&app, &format!("SELECT * FROM threadline.{table}")).await;
        denied(&app, &format!("DELETE FROM threadline.{table}")).await;
    }
    denied(&app, "UPDATE threadline.audit_transactions SET actor_id = 'x'").await;
    denied(&app, "INSERT INTO threadline.audit_changes (id) VALUES (1)").await;
    denied(&app, "SELECT threadline.open_transaction(1, 1, now(), '')").await;
    denied(&app, "SELECT nextval('threadline.audit_changes_id_seq')").await;
    denied(&app, "ALTER TABLE t DISABLE TRIGGER ALL").await;
    denied(&app, "CREATE TABLE threadline.x ()").await;
}

#[tokio::test]
async fn a_role_cannot_put_the_capture_function_on_a_table_of_its_own() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let app = f.test_db.connect_as("app").await;
    denied(&app, "CREATE TEMP TABLE mine (id int PRIMARY KEY, v int); CREATE TRIGGER x AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION threadline.\"capture public.t\"()").await;
}

#[tokio::test]
async fn a_forged_setting_attaches_nothing_to_anybody() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(r#"BEGIN; SELECT threadline.begin_action('{"actor": {"type": "user", "id": "7"}}', '{"name": "honest"}');
        INSERT INTO t VALUES (1, 1); COMMIT"#).await;
    let victim = f.value("SELECT to_jsonb(id) FROM threadline.audit_transactions").await;
    for (place, forged) in
        [format!("{victim} 1"), victim.to_string(), "x".into(), "99999999999999999999 1".into()]
            .into_iter()
            .enumerate()
    {
        for setting in ["threadline.closed", "threadline.transaction", "threadline.action"] {
            f.run(&format!("BEGIN; SELECT set_config('{setting}', '{forged}', true);
                INSERT INTO t VALUES ({place} + 10, 1) ON CONFLICT (id) DO UPDATE SET v = t.v + 1; COMMIT")).await;
        }
    }
    let attached = format!(
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE transaction_id = {victim}"
    );
    assert_eq!(f.value(&attached).await, json!(1));
    let actors =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions WHERE actor_id = '7'";
    assert_eq!(f.value(actors).await, json!(1));
}

#[tokio::test]
async fn objects_of_the_session_named_like_ours_divert_nothing() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("CREATE TEMP TABLE audit_changes (LIKE threadline.audit_changes);
        CREATE TEMP TABLE new_rows (id int, v int); CREATE TEMP TABLE open_transactions (xid xid8);
        CREATE SCHEMA evil; CREATE FUNCTION evil.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS 'SELECT ''{}''::jsonb';
        CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT ''-infinity''::timestamptz';
        SET search_path = evil, pg_temp, public, pg_catalog;
        INSERT INTO public.t VALUES (1, 1); UPDATE public.t SET v = 2; SET search_path = ''; DELETE FROM public.t").await;
    assert_eq!(
        f.operations().await,
        ["insert {\"id\": 1}", "update {\"id\": 1}", "delete {\"id\": 1}"]
    );
    let normal = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes
        WHERE captured_at > pg_catalog.now() - interval '1 hour'";
    assert_eq!(f.value(normal).await, json!(3));
}

#[tokio::test]
async fn replica_mode_does_not_bypass_capture() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let superuser = f.test_db.pool_of(1).await;
    run(
        &superuser,
        "SET session_replication_role = replica; INSERT INTO t VALUES (1, 1); TRUNCATE t",
    )
    .await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}", "truncate"]);
    assert_eq!(
        f.value("SELECT to_jsonb(count(*)) FROM threadline.open_transactions").await,
        json!(0)
    );
}

#[tokio::test]
async fn a_restored_trail_never_takes_the_writes_of_a_younger_cluster() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 1)").await;
    // As after a restore: an old transaction bears the number that the running one has now.
    f.run("BEGIN; UPDATE threadline.audit_transactions SET xid = pg_current_xact_id(),
            occurred_at = occurred_at - interval '1 day', actor_type = 'user', actor_id = 'old';
        SELECT set_config('threadline.closed', (SELECT id || ' ' FROM threadline.audit_transactions), true);
        INSERT INTO t VALUES (2, 1); COMMIT").await;
    let actors = "SELECT coalesce(to_jsonb(t.actor_id), 'null') FROM threadline.audit_changes c
        JOIN threadline.audit_transactions t ON t.id = c.transaction_id ORDER BY c.id";
    assert_eq!(f.values(actors).await, [json!("old"), serde_json::Value::Null]);
}
