//! Savepoints, deferred checks, prepared transactions and sessions of other kinds: what is rolled
//! back leaves nothing, and what is committed later is recorded as committed later.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::fixture::{Fixture, plain, run, value, values};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";
const OPEN: &str = "SELECT to_jsonb(count(*)) FROM threadline.open_transactions";

async fn table() -> Fixture {
    Fixture::audited(T, [plain("t")]).await
}

#[tokio::test]
async fn released_and_nested_savepoints_keep_what_was_kept() {
    let f = table().await;
    f.run(
        "BEGIN; SAVEPOINT a; INSERT INTO t VALUES (1, 1);
            SAVEPOINT b; INSERT INTO t VALUES (2, 1); RELEASE b;
            SAVEPOINT c; UPDATE t SET v = 9 WHERE id = 1; SAVEPOINT d; DELETE FROM t;
            ROLLBACK TO d; INSERT INTO t VALUES (3, 1); ROLLBACK TO c;
            SAVEPOINT a; INSERT INTO t VALUES (4, 1); RELEASE a;
        COMMIT",
    )
    .await;
    assert_eq!(
        f.operations().await,
        ["insert {\"id\": 1}", "insert {\"id\": 2}", "insert {\"id\": 4}"]
    );
    let one = "SELECT jsonb_build_array(count(*), bool_and(committed_at IS NOT NULL))
        FROM threadline.audit_transactions";
    assert_eq!(f.value(one).await, json!([1, true]));
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn an_outer_savepoint_that_is_rolled_back_takes_the_released_ones_along() {
    let f = table().await;
    f.run(
        "BEGIN; SAVEPOINT a; SAVEPOINT b; INSERT INTO t VALUES (1, 1); RELEASE b; ROLLBACK TO a;
        COMMIT",
    )
    .await;
    for table in ["audit_changes", "audit_transactions", "open_transactions"] {
        let count = format!("SELECT to_jsonb(count(*)) FROM threadline.{table}");
        assert_eq!(f.value(&count).await, json!(0), "{table}");
    }
}

#[tokio::test]
async fn after_an_error_a_savepoint_goes_on_with_the_same_audit_transaction() {
    let f = table().await;
    f.run("BEGIN; INSERT INTO t VALUES (1, 1); SAVEPOINT a").await;
    f.db.execute_unprepared("INSERT INTO t VALUES (2, 1), (1, 1)").await.expect_err("a duplicate");
    f.run("ROLLBACK TO a; INSERT INTO t VALUES (3, 1); COMMIT").await;
    let of_one = "SELECT jsonb_agg(row_pk -> 'id' ORDER BY id) FROM threadline.audit_changes
        GROUP BY transaction_id";
    assert_eq!(f.values(of_one).await, [json!([1, 3])]);
}

#[tokio::test]
async fn a_deferred_constraint_that_fails_at_the_commit_leaves_nothing() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
        [plain("t")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 1), (2, 2)").await;
    f.run("BEGIN; UPDATE t SET v = 2 WHERE id = 1; UPDATE t SET v = 1 WHERE id = 2; COMMIT").await;
    f.run("BEGIN; UPDATE t SET v = 7").await;
    f.db.execute_unprepared("COMMIT").await.expect_err("a duplicate");
    assert_eq!(f.operations().await[2..], ["update {\"id\": 1}", "update {\"id\": 2}"]);
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn a_prepared_transaction_is_seen_once_it_is_committed_and_says_when_it_was_prepared() {
    let f = table().await;
    let gid = f.test_db.name();
    f.run(&format!(
        r#"BEGIN; SELECT threadline.begin_action('{{"actor": {{"type": "user", "id": "7"}}}}', '{{"name": "two phases"}}');
        INSERT INTO t VALUES (1, 1); PREPARE TRANSACTION '{gid}'"#
    ))
    .await;
    assert_eq!(f.changes().await, Vec::<Value>::new(), "not committed yet");
    // Another session may end it, and the one that prepared it goes on with others meanwhile.
    let other = f.test_db.pool_of(1).await;
    f.run("INSERT INTO t VALUES (2, 2)").await;
    let between = f.value("SELECT to_jsonb(clock_timestamp())").await;
    run(&other, &format!("COMMIT PREPARED '{gid}'")).await;
    let recorded = format!(
        "SELECT jsonb_build_array(c.row_pk -> 'id', t.actor_id, a.name,
            t.committed_at < ({between}::jsonb #>> '{{}}')::timestamptz)
        FROM threadline.audit_changes c JOIN threadline.audit_transactions t ON t.id = c.transaction_id
        LEFT JOIN threadline.audit_actions a ON a.id = c.action_id ORDER BY c.row_pk ->> 'id'",
        between = format_args!("'{between}'"),
    );
    assert_eq!(
        values(&other, &recorded).await,
        [json!([1, "7", "two phases", true]), json!([2, null, null, true])]
    );
    assert_eq!(value(&other, OPEN).await, json!(0));
}

#[tokio::test]
async fn a_prepared_transaction_that_is_rolled_back_leaves_nothing() {
    let f = table().await;
    let gid = f.test_db.name();
    f.run(&format!("BEGIN; INSERT INTO t VALUES (1, 1); PREPARE TRANSACTION '{gid}'")).await;
    f.run(&format!("ROLLBACK PREPARED '{gid}'")).await;
    f.run("INSERT INTO t VALUES (2, 1)").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 2}"]);
    assert_eq!(f.value(OPEN).await, json!(0));
}

#[tokio::test]
async fn every_isolation_level_records_the_same() {
    let mut recorded = Vec::new();
    for level in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
        let f = table().await;
        f.run(&format!(
            "BEGIN ISOLATION LEVEL {level}; INSERT INTO t VALUES (1, 1), (2, 2), (3, 3);
            UPDATE t SET v = v + 1 WHERE id = 1; UPDATE t SET v = v * 2, id = id + 10 WHERE id > 1;
            DELETE FROM t; TRUNCATE t; COMMIT"
        ))
        .await;
        let mut changes = f.changes().await;
        // Which of the moved rows comes first is left to the join.
        changes[4..8].sort_by_key(Value::to_string);
        recorded.push(changes);
    }
    assert_eq!(recorded[0].len(), 12);
    assert_eq!(recorded[0], recorded[1]);
    assert_eq!(recorded[0], recorded[2]);
}

#[tokio::test]
async fn a_replica_session_records_every_operation_though_its_foreign_keys_rest() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v int);
        CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE);
        INSERT INTO t VALUES (1, 1); INSERT INTO child VALUES (1, 1)",
        [plain("t"), plain("child")],
    )
    .await;
    // That is for a superuser to set, who is none of the trail's roles.
    let replica = f.test_db.pool_of(1).await;
    run(&replica, "SET session_replication_role = replica; INSERT INTO t VALUES (2, 2)").await;
    run(&replica, "UPDATE t SET v = v + 1; DELETE FROM t; TRUNCATE t, child").await;
    assert_eq!(
        f.operations().await,
        [
            "insert {\"id\": 2}",
            "update {\"id\": 1}",
            "update {\"id\": 2}",
            "delete {\"id\": 1}",
            "delete {\"id\": 2}",
            "truncate",
            "truncate"
        ],
        "no cascade ran, so none is recorded"
    );
    let committed = "SELECT DISTINCT to_jsonb(committed_at IS NOT NULL)
        FROM threadline.audit_transactions";
    assert_eq!(f.values(committed).await, [json!(true)]);
}
