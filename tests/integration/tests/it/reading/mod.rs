//! The timeline, one incident, one transaction.

mod bounded;
mod bundles;
mod filters;
mod pages;
mod panels;
mod plans;
mod tables;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use threadline::prelude::*;
use threadline::{Error, Filter, Operation, TableName, change_diff, incident_bundle, timeline};
use threadline_testkit::TestDb;

use crate::fixture::{Fixture, plain};

const DDL: &str =
    "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE u (id int PRIMARY KEY, v int)";

pub(super) async fn written() -> Fixture {
    let f = Fixture::audited(DDL, [plain("t"), plain("u")]).await;
    let ann = AuditContext::new(ActorRef::user(1)).correlation_id("c1");
    let bob = AuditContext::new(ActorRef::admin(1)).correlation_id("c2");
    let txn = f.db.audit_begin(&ann, Action::new("first").reason("why not")).await.expect("begins");
    crate::fixture::run(&*txn, "INSERT INTO t VALUES (1, 1); INSERT INTO u VALUES (1, 1)").await;
    txn.commit().await.expect("commits");
    let txn = f.db.audit_begin(&bob, Action::capture_only()).await.expect("begins");
    crate::fixture::run(&*txn, "UPDATE t SET v = 2").await;
    txn.commit().await.expect("commits");
    f.run("DELETE FROM t").await;
    f
}

async fn found(f: &Fixture, filter: Filter) -> Vec<String> {
    let entries = timeline(&f.db, &filter).await.expect("reads");
    entries
        .iter()
        .map(|entry| format!("{} {}", entry.change.op, entry.change.table.name()))
        .collect()
}

#[tokio::test]
async fn the_timeline_is_newest_first_with_transaction_and_action() {
    let f = written().await;
    let entries = timeline(&f.db, &Filter::new()).await.expect("reads");
    let ops: Vec<Operation> = entries.iter().map(|entry| entry.change.op).collect();
    assert_eq!(ops, [Operation::Delete, Operation::Update, Operation::Insert, Operation::Insert]);
    assert_eq!(entries[0].transaction.actor, None);
    assert_eq!(entries[1].transaction.actor, Some(ActorRef::admin(1)));
    assert!(entries[1].action.is_none());
    let action = entries[3].action.as_ref().expect("an action");
    assert_eq!((action.name.as_str(), action.reason.as_deref()), ("first", Some("why not")));
    assert!(entries.iter().all(|entry| entry.transaction.committed_at.is_some()));
}

#[tokio::test]
async fn each_filter_narrows_and_they_add_up() {
    let f = written().await;
    let t = || TableName::parse("t").expect("a name");
    assert_eq!(found(&f, Filter::new().table(t())).await, ["delete t", "update t", "insert t"]);
    assert_eq!(found(&f, Filter::new().actor(ActorRef::user(1))).await, ["insert u", "insert t"]);
    assert_eq!(found(&f, Filter::new().actor(ActorRef::user(1)).table(t())).await, ["insert t"]);
    assert_eq!(found(&f, Filter::new().actor(ActorRef::anonymous())).await, Vec::<String>::new());
    assert_eq!(found(&f, Filter::new().limit(1)).await, ["delete t"]);
    let (past, future) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(1));
    assert_eq!(found(&f, Filter::new().from(past).to(future)).await.len(), 4);
    assert_eq!(found(&f, Filter::new().from(future)).await.len(), 0);
    assert_eq!(found(&f, Filter::new().to(past)).await.len(), 0);
}

#[tokio::test]
async fn from_and_to_are_inclusive() {
    let f = written().await;
    let newest = timeline(&f.db, &Filter::new().limit(1)).await.expect("reads").remove(0);
    let at = newest.change.captured_at;
    assert_eq!(found(&f, Filter::new().from(at).to(at)).await, ["delete t"]);
}

#[tokio::test]
async fn a_correlation_finds_actions_only_unless_widened() {
    let f = written().await;
    let by = |id: &str| Filter::new().correlation_id(id);
    assert_eq!(found(&f, by("c1")).await, ["insert u", "insert t"]);
    assert_eq!(found(&f, by(" c1 ")).await.len(), 2, "trimmed");
    assert_eq!(found(&f, by("c2")).await, Vec::<String>::new(), "capture only");
    assert_eq!(found(&f, by("c2").include_capture_only()).await, ["update t"]);
    assert_eq!(found(&f, by("c1' OR true --")).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_incident_has_everything_of_one_transaction_in_order() {
    let f = written().await;
    let oldest = timeline(&f.db, &Filter::new()).await.expect("reads").pop().expect("one");
    let bundle = incident_bundle(&f.db, oldest.transaction.id).await.expect("reads");
    assert_eq!(bundle.transaction, oldest.transaction);
    assert_eq!(bundle.action, oldest.action);
    assert!(!bundle.truncated);
    let tables: Vec<&str> = bundle.changes.iter().map(|c| c.change.table.name()).collect();
    assert_eq!(tables, ["t", "u"]);
    assert_eq!(bundle.changes[0].change_diff, change_diff(&oldest.change));
    let document = serde_json::to_value(&bundle).expect("serializes");
    assert_eq!(document["transaction"]["actor"], json!({"type": "user", "id": "1"}));
    assert_eq!(document["changes"][0]["change_diff"]["op"], json!("INSERT"));
}

#[tokio::test]
async fn an_incident_of_a_transaction_without_changes_has_none() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    let txn = f.db.audit_begin(&AuditContext::system("cron"), "idle").await.expect("begins");
    let id = txn.commit().await.expect("commits").transaction_id;
    let bundle = incident_bundle(&f.db, id).await.expect("reads");
    assert!(bundle.changes.is_empty());
    assert_eq!(bundle.action.map(|action| action.name).as_deref(), Some("idle"));
}

#[tokio::test]
async fn what_is_not_there_has_an_error_of_its_own() {
    let f = Fixture::installed().await;
    let error = incident_bundle(&f.db, 404).await.expect_err("unknown");
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("audit transaction 404"), "{error}");
    let empty = TestDb::empty().await;
    let db = empty.connect().await;
    let error = timeline(&db, &Filter::new()).await.expect_err("no trail");
    assert!(matches!(error, Error::NotInstalled { .. }), "{error}");
}

#[tokio::test]
async fn an_actor_that_only_sql_would_accept_is_shown_as_it_was_recorded() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    let odd = "ä".repeat(256);
    f.run(&format!(
        r#"BEGIN; SELECT set_config('threadline.context', '{{"actor": {{"type": "user", "id": "{odd}"}}}}', true);
        INSERT INTO t VALUES (1, 1); COMMIT"#
    ))
    .await;
    let entries = timeline(&f.db, &Filter::new()).await.expect("reads");
    assert_eq!(entries[0].transaction.actor, Some(ActorRef::user(odd)));
}

#[tokio::test]
async fn a_role_that_may_not_read_the_trail_is_told_what_to_grant() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    let app = f.test_db.connect_as("app").await;
    let error = timeline(&app, &Filter::new()).await.expect_err("no right");
    assert!(matches!(error, Error::NoRight { .. }), "{error}");
    assert!(error.to_string().contains("GRANT SELECT"), "{error}");
    let role = f.test_db.role("app");
    f.run(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA threadline TO {role}")).await;
    timeline(&app, &Filter::new()).await.expect("it may read now");
}
