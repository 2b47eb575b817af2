//! What the random test found, each as the few statements that show it.

use std::time::Duration;

use sea_orm::DatabaseConnection;
use serde_json::json;
use threadline::CaptureMode;

use crate::fixture::{Fixture, column, plain, run, value};

/// What is left of the keys when every change is played back.
const LAST: &str = "SELECT to_jsonb(op) FROM (
    SELECT DISTINCT ON (row_pk) row_pk, op FROM threadline.audit_changes
    WHERE table_name = 't' ORDER BY row_pk, id DESC) c ORDER BY row_pk";

const NUMBERS: &str = "CREATE TABLE t (id int PRIMARY KEY, n numeric, d jsonb, note text)";

#[tokio::test]
async fn keys_that_move_and_take_their_references_along_are_not_lost() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t ON UPDATE CASCADE)",
        [plain("t").in_mode(CaptureMode::Statement)],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, NULL), (2, 1), (3, 3); UPDATE t SET parent = 2 WHERE id = 1")
        .await;
    f.run("UPDATE t SET id = id + 10").await;
    let expected = [
        json!("delete"),
        json!("delete"),
        json!("delete"),
        json!("insert"),
        json!("insert"),
        json!("insert"),
    ];
    assert_eq!(f.values(LAST).await, expected);
    let inserted = "SELECT data_after FROM threadline.audit_changes
        WHERE op = 'insert' AND (row_pk ->> 'id')::int > 10 ORDER BY row_pk";
    assert_eq!(
        f.values(inserted).await,
        [
            json!({"id": 11, "parent": 12}),
            json!({"id": 12, "parent": 11}),
            json!({"id": 13, "parent": 13})
        ]
    );
}

#[tokio::test]
async fn a_key_that_moves_and_is_written_again_is_no_update_of_nothing() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t ON UPDATE SET NULL, n int);
        INSERT INTO t VALUES (1, 1, 0), (2, 1, 0)",
        [plain("t").capture_noop().in_mode(CaptureMode::Statement)],
    )
    .await;
    f.run("UPDATE t SET id = id + 10, n = n").await;
    let mut operations = f.operations().await;
    operations.sort();
    assert_eq!(
        operations,
        ["delete {\"id\": 1}", "delete {\"id\": 2}", "insert {\"id\": 11}", "insert {\"id\": 12}"]
    );
    f.run("UPDATE t SET n = n").await;
    assert_eq!(f.operations().await.len(), 6, "an update of nothing, which this table records");
}

#[tokio::test]
async fn a_row_that_a_statement_and_a_reference_write_is_recorded_once_for_each() {
    let f = Fixture::audited(
        "CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p ON DELETE SET NULL, note text);
        INSERT INTO p VALUES (1); INSERT INTO t VALUES (7, 1, 'a'), (8, 1, 'b')",
        [plain("t")],
    )
    .await;
    f.run("WITH noted AS (UPDATE t SET note = 'c') DELETE FROM p").await;
    let steps = "SELECT jsonb_build_array(row_pk -> 'id', changed_from, data_after - 'id')
        FROM threadline.audit_changes ORDER BY row_pk, id";
    let expected = |id: i32, note: &str| {
        [
            json!([id, {"note": note}, {"p": 1, "note": "c"}]),
            json!([id, {"p": 1}, {"p": null, "note": "c"}]),
        ]
    };
    assert_eq!(f.values(steps).await, [expected(7, "a"), expected(8, "b")].concat());
}

#[tokio::test]
async fn a_number_that_is_only_written_otherwise_is_a_change_for_every_statement() {
    for quiet in [false, true] {
        let spec = if quiet { plain("t").quieten(column("note")) } else { plain("t") };
        let f = Fixture::audited(NUMBERS, [spec]).await;
        f.run("INSERT INTO t VALUES (1, 1.0, '{\"a\": 1.0}'), (2, 1.0, '{\"a\": 1.0}')").await;
        // A transaction that keeps its snapshot takes the statements that name no column.
        for level in ["READ COMMITTED", "REPEATABLE READ"] {
            f.run(&format!(
                "BEGIN ISOLATION LEVEL {level}; UPDATE t SET n = 1.0, d = '{{\"a\": 1.0}}'; COMMIT"
            ))
            .await;
            let before = f.operations().await.len();
            f.run(&format!(
                "BEGIN ISOLATION LEVEL {level}; UPDATE t SET n = 1.00 WHERE id = 1;
                UPDATE t SET d = '{{\"a\": 1.00}}'; COMMIT"
            ))
            .await;
            let fields =
                "SELECT to_jsonb(changed_fields) FROM threadline.audit_changes ORDER BY id";
            let fields = f.values(fields).await.split_off(before);
            assert_eq!(
                fields,
                [json!(["n"]), json!(["d"]), json!(["d"])],
                "{level}, quiet: {quiet}"
            );
        }
    }
}

#[tokio::test]
async fn a_transaction_that_was_closed_early_and_whose_place_was_forged_is_closed_again() {
    let f = Fixture::audited(NUMBERS, [plain("t")]).await;
    f.run(
        "BEGIN; INSERT INTO t VALUES (1); SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO t VALUES (2);
        SET threadline.transaction = '(0,1)'; INSERT INTO t VALUES (3); COMMIT",
    )
    .await;
    let closed = "SELECT to_jsonb(committed_at IS NOT NULL) FROM threadline.audit_transactions";
    assert_eq!(f.values(closed).await, [json!(true)]);
    let left = "SELECT to_jsonb(count(*)) FROM threadline.open_transactions";
    assert_eq!(f.value(left).await, json!(0));
}

const CHILD: &str = "CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p ON DELETE SET NULL, a text, secret text);
    INSERT INTO p VALUES (1), (2), (3); INSERT INTO t SELECT i, i, 'plain', 'secret' FROM p AS q (i)";

/// Runs `sql` in a session that has to wait for the end of an `ALTER TABLE` of `t`, after it has
/// begun with another table.
async fn while_altering(f: &Fixture, ddl: &str, other: DatabaseConnection, sql: &'static str) {
    f.run(&format!("BEGIN; {ddl}")).await;
    let waiting = tokio::spawn(async move { run(&other, sql).await });
    let looking = f.test_db.pool_of(1).await;
    let locks = "SELECT to_jsonb(count(*)) FROM pg_locks WHERE NOT granted";
    while value(&looking, locks).await == json!(0) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    f.run("COMMIT").await;
    waiting.await.expect("no business write fails");
}

#[tokio::test]
async fn a_cascade_that_waited_for_a_change_of_the_schema_knows_of_it() {
    let ddl = [
        "ALTER TABLE t ADD b int DEFAULT 7",
        "ALTER TABLE t DROP a",
        "ALTER TABLE t RENAME a TO c",
    ];
    for ddl in ddl {
        for is_known in [false, true] {
            let f = Fixture::audited(CHILD, [plain("t")]).await;
            let other = f.test_db.pool_of(1).await;
            if is_known {
                run(&other, "UPDATE t SET a = 'x' WHERE id = 3; DELETE FROM p WHERE id = 3").await;
            }
            while_altering(&f, ddl, other, "DELETE FROM p WHERE id < 3; DELETE FROM p").await;
            let live = "SELECT to_jsonb(t) FROM t WHERE id < 3 ORDER BY id";
            let told = "SELECT data_after FROM threadline.audit_changes
                WHERE (row_pk ->> 'id')::int < 3 ORDER BY row_pk";
            assert_eq!(f.values(told).await, f.values(live).await, "{ddl}, known: {is_known}");
        }
    }
}

/// Two columns take each other's names.
const SWAP: &str = "ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME secret TO a;
    ALTER TABLE t RENAME b TO secret";

#[tokio::test]
async fn a_cascade_that_waited_for_a_change_of_names_tells_no_secret() {
    let f = Fixture::audited(CHILD, [plain("t").exclude(column("secret"))]).await;
    let other = f.test_db.pool_of(1).await;
    while_altering(&f, SWAP, other, "DELETE FROM p").await;
    let changes = f.changes().await;
    assert_eq!(changes.len(), 3);
    assert!(changes.iter().all(|change| change[2]["a"] == json!("[REDACTED]")), "{changes:?}");
}

#[tokio::test]
async fn a_transaction_that_is_older_than_a_change_of_names_tells_no_secret() {
    let f = Fixture::audited(CHILD, [plain("t").exclude(column("secret"))]).await;
    let old = f.test_db.pool_of(1).await;
    run(&old, "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE p SET id = 4 WHERE false").await;
    f.run(SWAP).await;
    run(&old, "UPDATE t SET p = NULL; UPDATE t SET p = 1 WHERE id = 1; COMMIT").await;
    let changes = f.changes().await;
    assert_eq!(changes.len(), 4);
    assert!(changes.iter().all(|change| change[2]["a"] == json!("[REDACTED]")), "{changes:?}");
}

#[tokio::test]
async fn a_transaction_that_is_older_than_a_new_name_of_the_key_tells_its_rows_apart() {
    for is_attached_anew in [false, true] {
        let f = Fixture::audited(CHILD, [plain("t")]).await;
        let old = f.test_db.pool_of(1).await;
        run(&old, "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE p SET id = 4 WHERE false").await;
        f.run("ALTER TABLE t RENAME id TO number").await;
        if is_attached_anew {
            f.sync([plain("t")]).await;
        }
        run(&old, "UPDATE t SET p = NULL; INSERT INTO t VALUES (7); COMMIT").await;
        let name = if is_attached_anew { "number" } else { "id" };
        let expected = [("update", 1), ("update", 2), ("update", 3), ("insert", 7)];
        let expected = expected.map(|(op, key)| format!("{op} {{\"{name}\": {key}}}"));
        assert_eq!(f.operations().await, expected);
    }
}
