//! Who and why, for writers that set the context by hand or not at all.

use serde_json::{Value, json};

use crate::fixture::{Fixture, plain};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";
const WHO: &str =
    "SELECT jsonb_build_array(actor_type, actor_id, correlation_id, host(remote_ip), meta)
    FROM threadline.audit_transactions ORDER BY id";

async fn written_under(context: &str) -> Value {
    let f = Fixture::audited(T, [plain("t")]).await;
    let context = context.replace('\'', "''");
    f.run(&format!(
        "BEGIN; SELECT set_config('threadline.context', '{context}', true);
         INSERT INTO t VALUES (1, 1); UPDATE t SET v = 2; COMMIT"
    ))
    .await;
    assert_eq!(f.operations().await.len(), 2, "the business write went through");
    f.value(WHO).await
}

#[tokio::test]
async fn without_a_context_the_facts_of_the_session_are_recorded() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("SET application_name = 'psql of somebody'; INSERT INTO t VALUES (1, 1)").await;
    let facts =
        "SELECT jsonb_build_array(actor_type, session_user_name = session_user, application_name,
        backend_pid = pg_backend_pid(), committed_at >= occurred_at, xid IS NOT NULL)
        FROM threadline.audit_transactions";
    assert_eq!(f.value(facts).await, json!([null, true, "psql of somebody", true, true, true]));
}

#[tokio::test]
async fn a_context_is_recorded() {
    let written = written_under(
        r#"{"actor": {"type": "user", "id": "7"}, "correlation_id": "c", "remote_ip": "10.0.0.1",
            "meta": {"k": 1}}"#,
    )
    .await;
    assert_eq!(written, json!(["user", "7", "c", "10.0.0.1", {"k": 1}]));
    let written = written_under(r#"{"actor": {"type": "anonymous", "id": "x"}}"#).await;
    assert_eq!(written, json!(["anonymous", null, null, null, null]));
}

#[tokio::test]
async fn a_malformed_context_breaks_nothing_and_is_kept_for_people() {
    for context in ["{", "5", "[]", "\"x\"", "null", r#"{"a": "\u0000"}"#] {
        let written = written_under(context).await;
        assert_eq!(
            written.as_array().map(|a| &a[..4]),
            Some(&[Value::Null, Value::Null, Value::Null, Value::Null][..])
        );
        assert!(written[4]["malformed_context"].is_string(), "{context}: {written}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_kept_aside_and_the_rest_is_taken() {
    let written = written_under(r#"{"actor": 5, "correlation_id": "c"}"#).await;
    assert_eq!(
        written,
        json!([null, null, "c", null, {"unfit_context": {"actor": 5}, "meta": null}])
    );
    for actor in
        [r#"{"type": "root", "id": "1"}"#, r#"{"type": "user"}"#, r#"{"type": "user", "id": ""}"#]
    {
        let written = written_under(&format!(r#"{{"actor": {actor}}}"#)).await;
        assert_eq!(written[0], Value::Null, "{actor}");
        assert!(written[4]["unfit_context"]["actor"].is_object(), "{actor}");
    }
    // Too long for its index: the write must not fail for it.
    let long = "x".repeat(9_000);
    let written = written_under(&format!(r#"{{"correlation_id": "{long}"}}"#)).await;
    assert_eq!(written[2], Value::Null);
    assert_eq!(written[4]["unfit_context"]["correlation_id"], json!(long));
}

#[tokio::test]
async fn a_pooled_connection_carries_nothing_from_one_transaction_to_the_next() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(r#"BEGIN; SELECT set_config('threadline.context', '{"actor": {"type": "user", "id": "7"}}', true);
        INSERT INTO t VALUES (1, 1); COMMIT"#).await;
    f.run("INSERT INTO t VALUES (2, 1)").await;
    f.run(r#"BEGIN; SELECT set_config('threadline.context', '{"actor": {"type": "user", "id": "8"}}', true);
        INSERT INTO t VALUES (3, 1); ROLLBACK"#).await;
    f.run("INSERT INTO t VALUES (4, 1)").await;
    let actors = "SELECT coalesce(to_jsonb(actor_id), 'null') FROM threadline.audit_transactions ORDER BY id";
    assert_eq!(f.values(actors).await, [json!("7"), Value::Null, Value::Null]);
}
