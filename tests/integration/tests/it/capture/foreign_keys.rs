//! What foreign keys write by themselves.

use sea_orm::ConnectionTrait;
use serde_json::json;
use threadline::CaptureMode;

use super::statements::sorted;
use crate::fixture::{Fixture, plain};

const PARENT: &str = "CREATE TABLE parent (id int PRIMARY KEY, v text);
    INSERT INTO parent VALUES (1, 'a'), (2, 'b'), (0, 'default')";

/// A parent with three rows, and two children of the first and one of the second.
async fn family(action: &str) -> Fixture {
    let f = Fixture::audited(
        &format!(
            "{PARENT};
            CREATE TABLE child (id int PRIMARY KEY, parent int DEFAULT 0 REFERENCES parent {action});
            INSERT INTO child VALUES (11, 1), (12, 1), (21, 2)"
        ),
        [plain("parent"), plain("child")],
    )
    .await;
    assert_eq!(f.operations().await, Vec::<String>::new(), "it begins with the audit");
    f
}

/// The children's changes as `[op, id, parent after, parent before]`.
async fn children(f: &Fixture) -> Vec<serde_json::Value> {
    f.values(
        "SELECT jsonb_build_array(op, row_pk -> 'id', data_after -> 'parent',
            changed_from -> 'parent')
        FROM threadline.audit_changes WHERE table_name = 'child' ORDER BY row_pk -> 'id', id",
    )
    .await
}

#[tokio::test]
async fn a_cascading_delete_records_parents_and_children() {
    let f = family("ON DELETE CASCADE").await;
    f.run("DELETE FROM parent WHERE id > 0").await;
    assert_eq!(
        sorted(&f).await,
        [
            "delete {\"id\": 11}",
            "delete {\"id\": 12}",
            "delete {\"id\": 1}",
            "delete {\"id\": 21}",
            "delete {\"id\": 2}"
        ]
    );
    let one = "SELECT to_jsonb(count(DISTINCT transaction_id)) FROM threadline.audit_changes";
    assert_eq!(f.value(one).await, json!(1));
}

#[tokio::test]
async fn a_cascading_update_records_the_children_under_their_keys() {
    let f = family("ON UPDATE CASCADE").await;
    f.run("UPDATE parent SET id = id + 100 WHERE id > 0").await;
    assert_eq!(
        children(&f).await,
        [
            json!(["update", 11, 101, 1]),
            json!(["update", 12, 101, 1]),
            json!(["update", 21, 102, 2])
        ]
    );
}

#[tokio::test]
async fn a_delete_that_sets_null_or_the_default_is_an_update_of_the_children() {
    for (action, left) in [("SET NULL", json!(null)), ("SET DEFAULT", json!(0))] {
        let f = family(&format!("ON DELETE {action}")).await;
        f.run("DELETE FROM parent WHERE id > 0").await;
        assert_eq!(
            children(&f).await,
            [
                json!(["update", 11, left, 1]),
                json!(["update", 12, left, 1]),
                json!(["update", 21, left, 2])
            ],
            "{action}"
        );
    }
}

#[tokio::test]
async fn a_cascade_within_one_table_records_the_whole_tree() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t ON DELETE CASCADE);
        INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL)",
        [plain("t")],
    )
    .await;
    f.run("DELETE FROM t WHERE id = 1").await;
    assert_eq!(
        sorted(&f).await,
        ["delete {\"id\": 1}", "delete {\"id\": 2}", "delete {\"id\": 3}", "delete {\"id\": 4}"]
    );
    f.run("INSERT INTO t VALUES (6, 5); DELETE FROM t WHERE id IN (5, 6)").await;
    assert_eq!(f.operations().await.len(), 7, "a row that is in the way of two deletes goes once");
}

#[tokio::test]
async fn a_row_that_a_statement_and_its_own_cascade_both_write_begins_with_an_insert() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t ON UPDATE CASCADE);
        INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2)",
        [plain("t").in_mode(CaptureMode::Statement)],
    )
    .await;
    f.run("UPDATE t SET id = id + 100").await;
    let net = "SELECT jsonb_build_array(row_pk -> 'id', jsonb_agg(op ORDER BY id),
            (array_agg(data_after ORDER BY id DESC))[1])
        FROM threadline.audit_changes GROUP BY row_pk ORDER BY row_pk -> 'id'";
    assert_eq!(
        f.values(net).await,
        [
            json!([1, ["delete"], null]),
            json!([2, ["delete"], null]),
            json!([3, ["delete"], null]),
            json!([101, ["insert"], {"id": 101, "up": null}]),
            json!([102, ["insert"], {"id": 102, "up": 101}]),
            json!([103, ["insert"], {"id": 103, "up": 102}]),
        ]
    );
}

#[tokio::test]
async fn two_keys_that_set_null_in_one_statement_leave_the_true_state() {
    let f = Fixture::audited(
        &format!(
            "{PARENT}; CREATE TABLE child (id int PRIMARY KEY,
                a int REFERENCES parent ON DELETE SET NULL,
                b int REFERENCES parent ON DELETE SET NULL);
            INSERT INTO child VALUES (1, 1, 2), (2, 1, 1), (3, NULL, 2)"
        ),
        [plain("parent"), plain("child")],
    )
    .await;
    f.run("DELETE FROM parent WHERE id > 0").await;
    let newest = "SELECT DISTINCT ON (row_pk) data_after FROM threadline.audit_changes
        WHERE table_name = 'child' ORDER BY row_pk, id DESC";
    for (place, row) in f.values(newest).await.iter().enumerate() {
        assert_eq!(*row, json!({"id": place + 1, "a": null, "b": null}));
    }
    let before = "SELECT jsonb_build_array(row_pk -> 'id', changed_from)
        FROM threadline.audit_changes WHERE table_name = 'child' ORDER BY row_pk -> 'id', id";
    assert_eq!(f.values(before).await.len(), 5, "each column that became null once");
}

#[tokio::test]
async fn a_statement_that_deletes_parents_and_updates_children_records_both_updates() {
    let f = family("ON DELETE SET NULL").await;
    f.run("WITH gone AS (DELETE FROM parent WHERE id = 1) UPDATE child SET id = id + 100").await;
    assert_eq!(
        children(&f).await,
        [
            json!(["delete", 11, null, 1]),
            json!(["delete", 12, null, 1]),
            json!(["delete", 21, null, 2]),
            json!(["insert", 111, 1, null]),
            json!(["update", 111, null, 1]),
            json!(["insert", 112, 1, null]),
            json!(["update", 112, null, 1]),
            json!(["insert", 121, 2, null]),
        ]
    );
}

#[tokio::test]
async fn a_key_that_is_checked_at_the_commit_undoes_everything_if_it_fails() {
    let f = family("DEFERRABLE INITIALLY DEFERRED").await;
    f.run("BEGIN; DELETE FROM parent WHERE id = 1; DELETE FROM child WHERE parent = 1; COMMIT")
        .await;
    assert_eq!(f.operations().await.len(), 3);
    f.run("BEGIN; INSERT INTO child VALUES (31, 3)").await;
    f.db.execute_unprepared("COMMIT").await.expect_err("there is no parent 3");
    assert_eq!(f.operations().await.len(), 3);
    let transactions = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(transactions).await, json!(1));
}
