//! Rows whose key changes, and which index may tell rows apart.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use threadline::CaptureMode;

use crate::fixture::{Fixture, column, plain, registry};

/// The newest state of every key: `[id, op, v]`.
async fn state(f: &Fixture) -> Vec<Value> {
    f.values(
        "SELECT DISTINCT ON (row_pk -> 'id')
            jsonb_build_array(row_pk -> 'id', op, data_after -> 'v')
        FROM threadline.audit_changes ORDER BY row_pk -> 'id', id DESC",
    )
    .await
}

async fn table(key: &str) -> Fixture {
    // Row by row, a key that is taken before it is given up cannot be told from one that is lost.
    let mode = if key.contains("DEFERRABLE") { CaptureMode::Statement } else { CaptureMode::Auto };
    Fixture::audited(
        &format!(
            "CREATE TABLE t (id int {key}, v text);
            INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')"
        ),
        [plain("t").in_mode(mode)],
    )
    .await
}

#[tokio::test]
async fn a_key_that_changes_together_with_values_ends_one_row_and_begins_another() {
    let f = table("PRIMARY KEY").await;
    f.run("UPDATE t SET id = 9, v = 'z' WHERE id = 1").await;
    let mut changes = f.changes().await;
    changes.sort_by_key(|change| change[0].to_string());
    assert_eq!(
        changes,
        [
            json!(["delete", {"id": 1}, null, null, {"id": 1, "v": "a"}]),
            json!(["insert", {"id": 9}, {"id": 9, "v": "z"}, null, null]),
        ]
    );
}

#[tokio::test]
async fn keys_that_are_swapped_leave_the_true_state_of_both() {
    let f = table("PRIMARY KEY DEFERRABLE").await;
    f.run("UPDATE t SET id = 3 - id WHERE id < 3").await;
    assert_eq!(state(&f).await, [json!([1, "update", "b"]), json!([2, "update", "a"])]);
}

/// Between the statements two rows have the same key, so no order of the changes tells them apart.
#[tokio::test]
async fn rows_that_trade_keys_in_two_statements_are_recorded_statement_by_statement() {
    let f = table("PRIMARY KEY DEFERRABLE INITIALLY DEFERRED").await;
    f.run("BEGIN; UPDATE t SET id = 2 WHERE v = 'a'; UPDATE t SET id = 1 WHERE v = 'b'; COMMIT")
        .await;
    let mut operations = f.operations().await;
    operations[..2].sort();
    operations[2..].sort();
    assert_eq!(
        operations,
        ["delete {\"id\": 1}", "insert {\"id\": 2}", "delete {\"id\": 2}", "insert {\"id\": 1}"]
    );
    assert_eq!(state(&f).await[1], json!([2, "delete", null]), "though `a` has the key 2 now");
}

#[tokio::test]
async fn keys_that_are_shifted_leave_the_true_state_of_each() {
    let f = table("PRIMARY KEY DEFERRABLE").await;
    f.run("UPDATE t SET id = id + 1").await;
    assert_eq!(
        state(&f).await,
        [
            json!([1, "delete", null]),
            json!([2, "update", "a"]),
            json!([3, "update", "b"]),
            json!([4, "insert", "c"])
        ]
    );
}

#[tokio::test]
async fn a_row_that_is_deleted_and_inserted_in_one_transaction_is_both() {
    let f = table("PRIMARY KEY").await;
    f.run("BEGIN; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 'new'); COMMIT").await;
    assert_eq!(f.operations().await, ["delete {\"id\": 1}", "insert {\"id\": 1}"]);
    assert_eq!(state(&f).await, [json!([1, "insert", "new"])]);
}

#[tokio::test]
async fn a_parents_new_key_and_the_children_that_follow_it_share_a_transaction() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v text);
        CREATE TABLE part (id int REFERENCES t ON UPDATE CASCADE, n int, PRIMARY KEY (id, n));
        INSERT INTO t VALUES (1, 'a'); INSERT INTO part VALUES (1, 1), (1, 2)",
        [plain("t"), plain("part")],
    )
    .await;
    f.run("UPDATE t SET id = 5").await;
    let mut operations = f.operations().await;
    operations.sort();
    assert_eq!(
        operations,
        [
            "delete {\"id\": 1}",
            "delete {\"n\": 1, \"id\": 1}",
            "delete {\"n\": 2, \"id\": 1}",
            "insert {\"id\": 5}",
            "insert {\"n\": 1, \"id\": 5}",
            "insert {\"n\": 2, \"id\": 5}"
        ]
    );
    let one = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(one).await, json!(1));
}

async fn refusal(ddl: &str, key: &[&str]) -> String {
    let f = Fixture::installed().await;
    f.run(ddl).await;
    let key = key.iter().map(|name| column(name)).collect();
    let registry = registry([plain("t").keyed_by(key)]);
    threadline_migration::sync(&f.db, &registry).await.expect_err(ddl).to_string()
}

#[tokio::test]
async fn an_index_that_does_not_qualify_is_refused_as_a_key() {
    let base = "CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int)";
    for index in [
        "CREATE UNIQUE INDEX ON t (a) WHERE b > 0",
        "CREATE UNIQUE INDEX ON t ((a + 1))",
        "CREATE UNIQUE INDEX ON t (a, b)",
        "CREATE INDEX ON t (a)",
        "ALTER TABLE t ADD UNIQUE (a) DEFERRABLE",
        "ALTER TABLE t ADD EXCLUDE USING btree (a WITH =)",
    ] {
        let text = refusal(&format!("{base}; {index}"), &["a"]).await;
        assert!(
            text.contains("no unique index holds exactly its declared key (a)"),
            "{index}: {text}"
        );
        assert!(text.contains("valid, not partial, not deferrable"), "{index}: {text}");
    }
    let text = refusal(&format!("{base}; CREATE UNIQUE INDEX ON t (c)"), &["c"]).await;
    assert!(text.contains("over NOT NULL columns"), "{text}");
}

#[tokio::test]
async fn an_index_that_a_failed_concurrent_build_left_behind_is_refused_as_a_key() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE t (a int NOT NULL); INSERT INTO t VALUES (1), (1)").await;
    let build = "CREATE UNIQUE INDEX CONCURRENTLY left_over ON t (a)";
    f.db.execute_unprepared(build).await.expect_err("a duplicate");
    f.run("DELETE FROM t").await;
    for spec in [plain("t"), plain("t").keyed_by(vec![column("a")])] {
        let error = threadline_migration::sync(&f.db, &registry([spec])).await;
        let text = error.expect_err("refused").to_string();
        assert!(text.contains("no unique index"), "{text}");
    }
}

#[tokio::test]
async fn a_declared_key_over_an_index_with_more_columns_beside_it_is_taken() {
    let f = Fixture::audited(
        "CREATE TABLE t (v text, b int NOT NULL, a int NOT NULL);
        CREATE UNIQUE INDEX ON t (a, b) INCLUDE (v)",
        [plain("t").keyed_by(vec![column("a"), column("b")])],
    )
    .await;
    f.run("INSERT INTO t VALUES ('x', 1, 2); UPDATE t SET v = 'y'; UPDATE t SET b = 3").await;
    f.run("DELETE FROM t").await;
    let mut operations = f.operations().await;
    operations[2..4].sort();
    assert_eq!(
        operations,
        [
            "insert {\"a\": 2, \"b\": 1}",
            "update {\"a\": 2, \"b\": 1}",
            "delete {\"a\": 2, \"b\": 1}",
            "insert {\"a\": 2, \"b\": 3}",
            "delete {\"a\": 2, \"b\": 3}"
        ]
    );
}
