//! Which versions a history gives: its filters, its limit, and how it streams.

use futures_util::TryStreamExt;
use sea_orm::{ActiveModelTrait, EntityTrait, TransactionTrait};
use threadline::prelude::*;
use threadline::{History, Operation};

use super::entities::account;
use super::{accounts, ann, name, now};
use crate::fixture::Fixture;

/// The names of what a history gives; a row that is gone is its operation.
async fn told(f: &Fixture, history: History<account::Entity>) -> Vec<String> {
    let versions = history.all(&f.db).await.expect("reads");
    let told = |v: &threadline::Version<account::Entity>| {
        name(&v.row).map_or_else(|| v.change.op.to_string(), str::to_owned)
    };
    versions.iter().map(told).collect()
}

/// Ann: inserted by user 7, renamed twice by nobody, cross by an action of user 9, truncated.
async fn lived() -> Fixture {
    let f = accounts().await;
    let seven = AuditContext::new(ActorRef::user(7));
    f.db.audited(&seven, "account.open", async |txn| ann().insert(txn).await)
        .await
        .expect("writes");
    f.run("UPDATE accounts SET name = 'Ann B.'; UPDATE accounts SET name = 'Ann C.'").await;
    let txn = f.db.audit_begin(&seven, Action::capture_only()).await.expect("begins");
    let nine = AuditContext::new(ActorRef::user(9));
    let nested = txn.audit_begin(&nine, Action::new("account.annoy")).await.expect("begins");
    crate::fixture::run(&nested, "UPDATE accounts SET mood = 'cross'").await;
    nested.commit().await.expect("commits");
    txn.commit().await.expect("commits");
    f.run("TRUNCATE accounts").await;
    f
}

#[tokio::test]
async fn each_filter_of_a_history_narrows_and_they_add_up() {
    let f = lived().await;
    let all = account::Entity::history(1).all(&f.db).await.expect("reads");
    let at: Vec<_> = all.iter().map(|version| version.change.captured_at).collect();
    let one = || account::Entity::history(1);
    assert_eq!(told(&f, one()).await, ["Ann", "Ann B.", "Ann C.", "Ann C.", "truncate"]);
    assert_eq!(told(&f, one().from(at[2])).await, ["Ann C.", "Ann C.", "truncate"], "inclusive");
    assert_eq!(told(&f, one().until(at[1])).await, ["Ann", "Ann B."], "inclusive");
    assert_eq!(told(&f, one().operation(Operation::Truncate)).await, ["truncate"]);
    let ends = one().operation(Operation::Truncate).operation(Operation::Insert);
    assert_eq!(told(&f, ends).await, ["Ann", "truncate"]);
    let name = account::Column::Name;
    assert_eq!(told(&f, one().changed(name)).await, ["Ann B.", "Ann C."]);
    assert_eq!(told(&f, one().changed(name).changed(account::Column::Mood)).await.len(), 3);
    assert_eq!(told(&f, one().changed(name).until(at[1])).await, ["Ann B."]);
    assert_eq!(told(&f, one().by(ActorRef::user(7))).await, ["Ann"]);
    assert_eq!(told(&f, one().by(ActorRef::user(9))).await, ["Ann C."], "of its action");
    assert_eq!(told(&f, one().by(ActorRef::user(7)).by(ActorRef::user(9))).await.len(), 2);
    assert!(told(&f, one().by(ActorRef::admin(7))).await.is_empty());
    assert!(told(&f, one().by(ActorRef::anonymous())).await.is_empty(), "nobody is not anonymous");
}

#[tokio::test]
async fn a_history_says_whether_it_was_cut() {
    let f = lived().await;
    for (limit, cut) in [(4, true), (5, false), (6, false), (0, true)] {
        let versions = account::Entity::history(1).limit(limit).all(&f.db).await.expect("reads");
        assert_eq!((versions.len(), versions.truncated()), ((limit as usize).min(5), cut));
    }
    let gone = account::Entity::history(1).limit(1).all(&f.db).await.expect("reads");
    assert_eq!(gone[0].change.op, Operation::Truncate, "the newest");
    f.run("INSERT INTO accounts (name, mood, secret, pin) VALUES ('Bob', 'calm', 's', 'p')").await;
    f.run("DO $$ BEGIN FOR n IN 1..200 LOOP UPDATE accounts SET score = n; END LOOP; END $$").await;
    let versions = account::Entity::history(2).all(&f.db).await.expect("reads");
    assert_eq!((versions.len(), versions.truncated()), (200, true), "unless told otherwise");
    assert_eq!(account::Entity::history(2).unlimited().all(&f.db).await.expect("reads").len(), 201);
}

#[tokio::test]
async fn a_stream_has_the_same_versions_as_a_list() {
    let f = lived().await;
    let list = account::Entity::history(1).all(&f.db).await.expect("reads");
    let stream = account::Entity::history(1).stream(&f.db).await.expect("reads");
    let streamed: Vec<_> = stream.try_collect().await.expect("reads");
    let ids = |versions: &[threadline::Version<account::Entity>]| -> Vec<i64> {
        versions.iter().map(|version| version.change.id).collect()
    };
    assert_eq!(ids(&streamed), ids(&list));
    let txn = f.db.begin().await.expect("begins");
    let newest = account::Entity::history(1).limit(2).stream(&txn).await.expect("reads");
    let mut newest: Vec<_> = newest.try_collect().await.expect("reads");
    newest.reverse();
    assert_eq!(ids(&newest), ids(&list[3..]), "the newest first, in a transaction");
    drop(txn);
    f.run("DROP TABLE accounts; DROP TYPE mood").await;
    let refused = account::Entity::history(1).stream(&f.db).await.map(|_| ());
    assert!(refused.is_err(), "a stream that cannot begin is no empty one");
}

#[tokio::test]
async fn a_stream_outlives_a_column_of_another_type() {
    let f = lived().await;
    for kind in ["text", "varchar(40)"] {
        let stream = account::Entity::history(1).stream(&f.db).await.expect("reads");
        assert_eq!(stream.try_collect::<Vec<_>>().await.expect("reads").len(), 5);
        f.run(&format!("ALTER TABLE accounts ALTER name TYPE {kind}")).await;
    }
}

#[tokio::test]
async fn a_model_has_the_history_of_its_key() {
    let f = accounts().await;
    let account = ann().insert(&f.db).await.expect("writes");
    ann().insert(&f.db).await.expect("writes");
    f.run("UPDATE accounts SET name = 'Ann B.' WHERE id = 1").await;
    let versions = account.history().all(&f.db).await.expect("reads");
    assert_eq!(versions.iter().filter_map(|v| name(&v.row)).collect::<Vec<_>>(), ["Ann", "Ann B."]);
    let renamings = account.history().changed(account::Column::Name).all(&f.db).await;
    assert_eq!(renamings.expect("reads").len(), 1);
    assert!(account::Entity::find_by_id(1).one(&f.db).await.expect("reads").is_some());
    assert!(now(&f).await > versions[1].change.captured_at);
}
