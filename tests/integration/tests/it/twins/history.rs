use serde_json::{Value, json};
use threadline::prelude::*;

use super::refused;
use crate::fixture::{Fixture, plain, run};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, w int)";

/// `[op, changed, before, after]` of each change of a row, the newest first.
async fn told(f: &Fixture, relation: &str, key: &str) -> Vec<Value> {
    f.values(&format!(
        "SELECT jsonb_build_array(op, changed, before, after)
        FROM threadline.history('{relation}', '{key}')"
    ))
    .await
}

/// The operations of a row, the newest first.
async fn ops(f: &Fixture, relation: &str, key: &str) -> Vec<Value> {
    f.values(&format!("SELECT to_jsonb(op) FROM threadline.history('{relation}', '{key}')")).await
}

#[tokio::test]
async fn a_row_is_told_newest_first_with_what_changed() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)").await;
    f.run("UPDATE t SET v = 'c' WHERE id = 1; DELETE FROM t").await;
    let expected = [
        json!(["delete", null, {"id": 1, "v": "c", "w": 1}, null]),
        json!(["update", ["v"], {"v": "a"}, {"v": "c"}]),
        json!(["insert", null, null, {"id": 1, "v": "a", "w": 1}]),
    ];
    assert_eq!(told(&f, "t", r#"{"id": 1}"#).await, expected);
    assert_eq!(
        told(&f, "t", r#"{"id": "1"}"#).await,
        expected,
        "a text is read as the column's type"
    );
    assert_eq!(told(&f, "t", r#"{"id": 3}"#).await, Vec::<Value>::new());
}

#[tokio::test]
async fn each_change_says_who_why_and_when() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let context = AuditContext::new(ActorRef::user(42)).correlation_id("c1").request_id("r1");
    let action = Action::new("order.refund").reason("damaged");
    let txn = f.db.audit_begin(&context, action).await.expect("begins");
    run(&*txn, "INSERT INTO t VALUES (1, 'a', 1)").await;
    let id = txn.commit().await.expect("commits").transaction_id;
    f.run("UPDATE t SET v = 'by hand'").await;
    let who =
        "SELECT jsonb_build_array(actor, actor_type, actor_id, action, reason, correlation_id,
            context_correlation_id, request_id, transaction_id,
            captured_at <= committed_at, database_role = session_user)
        FROM threadline.history('t', '{\"id\": 1}')";
    let nobody = json!([null, null, null, null, null, null, null, null, id + 1, true, true]);
    let somebody = json!([
        "user:42",
        "user",
        "42",
        "order.refund",
        "damaged",
        "c1",
        "c1",
        "r1",
        id,
        true,
        true
    ]);
    assert_eq!(f.values(who).await, [nobody, somebody]);
}

#[tokio::test]
async fn an_action_in_a_transaction_that_a_write_has_opened_has_an_actor_of_its_own() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(
        r#"BEGIN; INSERT INTO t VALUES (1, 'a', 1);
        SELECT threadline.begin_action('{"actor": {"type": "job", "id": "n"}, "correlation_id": "c"}',
            '{"name": "nightly"}');
        UPDATE t SET v = 'b'; COMMIT"#,
    )
    .await;
    let who = "SELECT jsonb_build_array(op, actor, actor_type, action, correlation_id, context_correlation_id)
        FROM threadline.history('t', '{\"id\": 1}')";
    let expected = [
        json!(["update", "job:n", null, "nightly", "c", null]),
        json!(["insert", null, null, null, null, null]),
    ];
    assert_eq!(f.values(who).await, expected);
}

#[tokio::test]
async fn a_key_is_told_by_the_types_of_the_table_whatever_the_session_is_set_to() {
    let f = Fixture::audited(
        "CREATE TABLE t (c char(5), n numeric(8, 2), at timestamptz, d date, u uuid, v int,
            PRIMARY KEY (c, n, at, d, u))",
        [plain("t")],
    )
    .await;
    f.run(
        "INSERT INTO t VALUES ('ab', 1.5, '2026-01-02 03:04:05+00', '2026-02-03',
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 1)",
    )
    .await;
    f.run("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET search_path = ''").await;
    let key = r#"{"c": "ab", "n": "1.500", "at": "2026-01-02 04:04:05+01", "d": "2026-02-03",
        "u": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}"#;
    assert_eq!(ops(&f, "public.t", key).await, ["insert"]);
}

#[tokio::test]
async fn what_is_no_key_is_an_error_that_names_the_key() {
    let f =
        Fixture::audited("CREATE TABLE t (a int, b text, v int, PRIMARY KEY (a, b))", [plain("t")])
            .await;
    f.run("INSERT INTO t VALUES (1, 'x', 1)").await;
    for key in [
        "NULL",
        "'null'",
        "'{}'",
        "'1'",
        "'[1]'",
        r#"'{"a": 1}'"#,
        r#"'{"a": 1, "b": null}'"#,
        r#"'{"a": 1, "c": "x"}'"#,
        r#"'{"a": 1, "b": "x", "v": 1}'"#,
    ] {
        let error = refused(&f, &format!("SELECT * FROM threadline.history('t', {key})")).await;
        assert!(error.contains("is no key of public.t"), "{key}: {error}");
        assert!(error.contains("a, b"), "{key}: {error}");
    }
    let error =
        refused(&f, r#"SELECT * FROM threadline.history('t', '{"a": "one", "b": "x"}')"#).await;
    assert!(error.contains("\"one\"") && error.contains("a: "), "{error}");
}

#[tokio::test]
async fn a_key_of_another_time_is_found_when_its_column_has_another_type_now() {
    let f = Fixture::audited("CREATE TABLE t (id text PRIMARY KEY, v int)", [plain("t")]).await;
    f.run("INSERT INTO t VALUES ('one', 1); DELETE FROM t").await;
    f.run("ALTER TABLE t ALTER id TYPE int USING 1").await;
    assert_eq!(ops(&f, "t", r#"{"id": "one"}"#).await, ["delete", "insert"]);
}

#[tokio::test]
async fn a_key_column_that_was_renamed_keeps_its_declared_name() {
    let f = Fixture::audited("CREATE TABLE t (id char(3) PRIMARY KEY, v int)", [plain("t")]).await;
    f.run("INSERT INTO t VALUES ('a', 1); ALTER TABLE t RENAME id TO code; UPDATE t SET v = 2")
        .await;
    assert_eq!(ops(&f, "t", r#"{"id": "a"}"#).await, ["update", "insert"]);
    let error = refused(&f, r#"SELECT * FROM threadline.history('t', '{"code": "a"}')"#).await;
    assert!(error.contains("are told apart by id"), "{error}");
}

#[tokio::test]
async fn a_truncate_is_told_of_rows_that_were_there() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2); TRUNCATE t; TRUNCATE t").await;
    f.run("INSERT INTO t VALUES (1, 'c', 1); DELETE FROM t; TRUNCATE t").await;
    let expected = ["delete", "insert", "truncate", "insert"];
    assert_eq!(ops(&f, "t", r#"{"id": 1}"#).await, expected);
    assert_eq!(ops(&f, "t", r#"{"id": 2}"#).await, ["truncate", "insert"]);
    assert_eq!(ops(&f, "t", r#"{"id": 3}"#).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_partition_and_a_child_ask_their_root() {
    let f = Fixture::audited(
        "CREATE TABLE p (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE parent (id int PRIMARY KEY, v int);
        CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)",
        [plain("p"), plain("parent")],
    )
    .await;
    f.run("INSERT INTO p1 VALUES (1, 1); INSERT INTO child VALUES (1, 1); UPDATE parent SET v = 2")
        .await;
    assert_eq!(ops(&f, "p1", r#"{"id": 1}"#).await, ["insert"]);
    assert_eq!(ops(&f, "child", r#"{"id": 1}"#).await, ["update", "insert"]);
}

#[tokio::test]
async fn a_table_that_is_not_audited_is_an_error() {
    let f =
        Fixture::audited(&format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"), [plain("t")]).await;
    for relation in ["'u'", "'pg_class'", "NULL", "'threadline.audit_changes'"] {
        let sql = format!("SELECT * FROM threadline.history({relation}, '{{\"id\": 1}}')");
        let error = refused(&f, &sql).await;
        assert!(error.contains("is not audited"), "{relation}: {error}");
    }
}

#[tokio::test]
async fn a_table_with_an_odd_name_has_a_history() {
    let f = Fixture::installed().await;
    f.run(r#"CREATE SCHEMA "o'dd ""s"; CREATE TABLE "o'dd ""s"."t ""x'y" ("i d" int PRIMARY KEY, key int, op int)"#)
        .await;
    let name = threadline::TableName::new("o'dd \"s", "t \"x'y").expect("a name");
    f.sync([threadline::TableSpec::new(name)]).await;
    f.run(r#"INSERT INTO "o'dd ""s"."t ""x'y" VALUES (1, 2, 3)"#).await;
    assert_eq!(ops(&f, r#""o''dd ""s"."t ""x''y""#, r#"{"i d": 1}"#).await, ["insert"]);
}
