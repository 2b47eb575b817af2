//! The rail of a row's versions, and any two of them side by side.

use serde_json::{Value, json};
use threadline::prelude::*;
use threadline::{Error, Operation, RowHistory, RowKey, TableName, change_pair, row_rail};

use crate::fixture::{Fixture, column, plain, run};

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, v numeric, secret text, w text);
    CREATE TABLE u (id int PRIMARY KEY)";

fn table() -> TableName {
    TableName::parse("t").expect("a name")
}

async fn story() -> Fixture {
    let secret = plain("t").exclude(column("secret"));
    let f = Fixture::audited(DDL, [secret, plain("u")]).await;
    let ctx = AuditContext::new(ActorRef::user("ann"));
    let txn = f.db.audit_begin(&ctx, "t.make").await.expect("begins");
    run(&*txn, "INSERT INTO t VALUES (1, 1.0, 's', 'a'), (2, 0, 's', 'b')").await;
    txn.commit().await.expect("commits");
    f.run("UPDATE t SET v = 12345678901234567890.1, w = 'c' WHERE id = 1").await;
    f.run("UPDATE t SET v = 1.00, w = 'a' WHERE id = 1; INSERT INTO u VALUES (1)").await;
    f.run("TRUNCATE t; TRUNCATE t; INSERT INTO t VALUES (1, 2, 's', NULL); DELETE FROM t").await;
    f
}

#[tokio::test]
async fn the_rail_has_every_version_without_what_it_holds() {
    let f = story().await;
    let rail = row_rail(&f.db, &table(), &RowKey::scalar(1)).await.expect("reads");
    assert_eq!((rail.total.counted, rail.total.is_capped, rail.truncated), (6, false, false));
    let ops: Vec<&str> = rail.versions.iter().map(|version| version.op.as_str()).collect();
    assert_eq!(ops, ["delete", "insert", "truncate", "update", "update", "insert"]);
    let first = &rail.versions[5];
    assert_eq!(first.actor, Some(ActorRef::user("ann")));
    assert_eq!(first.action.as_deref(), Some("t.make"));
    assert_eq!(rail.versions[4].changed_fields, ["v", "w"]);
    assert_eq!((rail.versions[4].actor.as_ref(), rail.versions[4].action.as_ref()), (None, None));
    // It is the same list as that of the versions with their values.
    let whole = RowHistory::new(table(), RowKey::scalar(1)).all(&f.db).await.expect("reads");
    let ids: Vec<i64> = whole.entries.iter().map(|entry| entry.change.id).collect();
    assert_eq!(rail.versions.iter().map(|v| v.change_id).collect::<Vec<_>>(), ids);
    assert_eq!(rail.key, whole.key);
    let text = serde_json::to_string(&rail).expect("serializes");
    assert!(!text.contains("12345678901234567890"), "{text}");
    let none = row_rail(&f.db, &table(), &RowKey::scalar(404)).await.expect("reads");
    assert_eq!((none.total.counted, none.versions.len()), (0, 0));
    let nowhere = TableName::parse("nowhere").expect("a name");
    let error = row_rail(&f.db, &nowhere, &RowKey::scalar(1)).await.expect_err("not audited");
    assert!(matches!(error, Error::NotAudited { .. }), "{error}");
}

#[tokio::test]
async fn a_long_rail_tells_its_newest_versions_and_how_many_there_are() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 0)").await;
    f.run("DO $$ BEGIN FOR n IN 1..200 LOOP UPDATE t SET v = n; END LOOP; END $$").await;
    let rail = row_rail(&f.db, &table(), &RowKey::scalar(1)).await.expect("reads");
    assert_eq!((rail.total.counted, rail.truncated, rail.versions.len()), (201, true, 200));
    assert!(rail.versions.iter().all(|version| version.op == Operation::Update));
}

#[tokio::test]
async fn any_two_versions_of_a_row_are_compared_by_what_they_say() {
    let f = story().await;
    let rail = row_rail(&f.db, &table(), &RowKey::scalar(1)).await.expect("reads");
    let id = |place: usize| rail.versions[place].change_id;
    let told = async |one: i64, other: i64| -> Vec<Value> {
        let pair = change_pair(&f.db, one, other).await.expect("reads");
        assert_eq!((pair.one.change.id, pair.other.change.id), (one, other));
        pair.fields.iter().map(|f| json!([f.name, f.before, f.after])).collect()
    };
    assert_eq!(
        told(id(5), id(4)).await,
        [json!(["v", 1.0, "12345678901234567890.1"]), json!(["w", "a", "c"])]
    );
    assert_eq!(told(id(5), id(3)).await, Vec::<Value>::new(), "1.0 is 1.00");
    assert_eq!(
        told(id(4), id(5)).await,
        [json!(["v", "12345678901234567890.1", 1.0]), json!(["w", "c", "a"])],
        "in either direction"
    );
    let gone = [json!(["id", 1, null]), json!(["v", 2, null]), json!(["w", null, null])];
    assert_eq!(told(id(1), id(0)).await, gone, "deleted");
    let pair = change_pair(&f.db, id(3), id(2)).await.expect("reads");
    assert_eq!((pair.other.change.op, pair.fields.len()), (Operation::Truncate, 3));
    assert!(pair.fields.iter().all(|field| field.after.is_none()));
}

#[tokio::test]
async fn changes_of_different_rows_are_not_compared() {
    let f = story().await;
    let ids = f.values("SELECT to_jsonb(id) FROM threadline.audit_changes ORDER BY id").await;
    let id = |place: usize| ids[place].as_i64().expect("a number");
    let error = change_pair(&f.db, id(0), id(1)).await.expect_err("two rows");
    let text = format!("changes {} and {} are of different rows", id(0), id(1));
    assert!(error.to_string().starts_with(&text), "{error}");
    let error = change_pair(&f.db, id(0), id(4)).await.expect_err("two tables, one key");
    assert!(matches!(error, Error::DifferentRows { .. }), "{error}");
    let error = change_pair(&f.db, id(0), 404).await.expect_err("no such change");
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
}
