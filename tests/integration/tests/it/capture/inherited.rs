//! Tables that inherit from an audited one.

use serde_json::json;
use threadline::Placeholder;

use crate::fixture::{Fixture, column, plain, run};

const T: &str = "
    CREATE TABLE t (id int PRIMARY KEY, v text);
    CREATE TABLE child (id int PRIMARY KEY, extra text) INHERITS (t);
    CREATE TABLE grandchild (PRIMARY KEY (id), more int) INHERITS (child)";

#[tokio::test]
async fn a_child_is_recorded_under_the_root_with_the_columns_it_has() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a'); INSERT INTO child VALUES (2, 'b', 'x')").await;
    f.run(
        "INSERT INTO grandchild VALUES (3, 'c', 'y', 7); UPDATE t SET v = 'z'; DELETE FROM child",
    )
    .await;
    assert_eq!(
        f.changes().await[2..],
        [
            json!(["insert", {"id": 3}, {"id": 3, "v": "c", "extra": "y", "more": 7}, null, null]),
            json!(["update", {"id": 1}, {"id": 1, "v": "z"}, ["v"], {"v": "a"}]),
            json!(["update", {"id": 2}, {"id": 2, "v": "z", "extra": "x"}, ["v"], {"v": "b"}]),
            json!(["update", {"id": 3}, {"id": 3, "v": "z", "extra": "y", "more": 7}, ["v"], {"v": "c"}]),
            json!(["delete", {"id": 2}, null, null, {"id": 2, "v": "z", "extra": "x"}]),
            json!(["delete", {"id": 3}, null, null, {"id": 3, "v": "z", "extra": "y", "more": 7}]),
        ]
    );
}

#[tokio::test]
async fn truncating_a_family_records_each_row_and_one_member_only_its_own() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a'); INSERT INTO child VALUES (2, 'b', 'x')").await;
    f.run("TRUNCATE ONLY t").await;
    assert_eq!(f.operations().await[2..], ["delete {\"id\": 1}"]);
    f.run("INSERT INTO t VALUES (1, 'a'); TRUNCATE t").await;
    let mut gone = f.operations().await.split_off(4);
    gone.sort();
    assert_eq!(gone, ["delete {\"id\": 1}", "delete {\"id\": 2}"]);
}

#[tokio::test]
async fn a_column_that_only_a_child_has_is_masked_where_anything_is() {
    let f = Fixture::audited(T, [plain("t").mask(column("v"), Placeholder::default())]).await;
    f.run("INSERT INTO child VALUES (2, 'canary', 'canary'); UPDATE t SET v = 'canary 2'").await;
    f.run("UPDATE child SET extra = 'canary 3'; TRUNCATE t").await;
    let leaks =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c WHERE c::text LIKE '%canary%'";
    assert_eq!(f.value(leaks).await, json!(0));
    assert_eq!(f.changes().await[2][3], json!(["extra"]));
}

#[tokio::test]
async fn a_transaction_that_is_older_than_a_child_knows_its_key() {
    let policy = || plain("t").mask(column("v"), Placeholder::default());
    let f = Fixture::audited(T, [policy()]).await;
    let old = f.test_db.pool_of(1).await;
    run(&old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await;
    f.run("CREATE TABLE late (more int, PRIMARY KEY (id)) INHERITS (t)").await;
    f.sync([policy()]).await;
    run(&old, "INSERT INTO late VALUES (1, 'canary', 7); COMMIT").await;
    let changes = f.changes().await;
    assert_eq!(changes[0][1], json!({"id": 1}));
    assert_eq!(changes[0][2]["v"], json!("[REDACTED]"));
}

#[tokio::test]
async fn a_transaction_that_is_older_than_the_table_gives_nothing_away() {
    let policy = || plain("t").mask(column("v"), Placeholder::default());
    let f = Fixture::audited(T, [policy()]).await;
    let old = f.test_db.pool_of(1).await;
    run(&old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await;
    f.run("DROP TABLE t CASCADE; CREATE TABLE t (w text, v text, id int PRIMARY KEY)").await;
    f.sync([policy()]).await;
    run(&old, "INSERT INTO t VALUES ('canary', 'canary', 1); COMMIT").await;
    let change = f.changes().await[0].to_string();
    assert!(!change.contains("canary"), "{change}");
}
