//! What is known of rows that have no change of their own.

use sea_orm::EntityTrait;
use threadline::prelude::*;
use threadline::{Absence, Operation, Registry, Reified};

use super::entities::account;
use super::{ACCOUNTS, accounts, name, now};
use crate::fixture::Fixture;

const INSERT: &str = "INSERT INTO accounts (name, mood, secret, pin, score) VALUES";

async fn sync(f: &Fixture) {
    let registry = Registry::builder().register::<account::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
}

#[tokio::test]
async fn a_baseline_tells_how_the_row_stood_since_the_horizon() {
    let f = Fixture::installed().await;
    f.run(ACCOUNTS).await;
    f.run(&format!("{INSERT} ('old', 'calm', 's', 'p', 1)")).await;
    sync(&f).await;
    f.run(
        "DELETE FROM threadline.audit_changes;
        UPDATE threadline.audited_tables SET complete_since = NULL",
    )
    .await;
    let between = now(&f).await;
    let read = async |id: i32, at| account::Entity::as_of(id, at, &f.db).await.expect("reads");
    let unrecorded = read(1, between).await;
    assert!(matches!(unrecorded, Reified::Absent(Absence::Unrecorded { .. })), "{unrecorded:?}");
    f.run("SELECT threadline.baseline('public.accounts'::regclass)").await;
    let complete = now(&f).await;
    for at in [between, complete] {
        assert_eq!(name(&read(1, at).await), Some("old"));
        assert_eq!(read(2, at).await, Reified::Absent(Absence::NeverExisted));
    }
    let versions = account::Entity::history(1).all(&f.db).await.expect("reads");
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].change.op, Operation::Baseline);
    assert_eq!(name(&versions[0].row), Some("old"));
}

#[tokio::test]
async fn in_a_table_that_was_empty_when_the_audit_began_a_truncate_leaves_no_doubt() {
    let f = accounts().await;
    f.run("TRUNCATE accounts").await;
    let empty = now(&f).await;
    let absent = account::Entity::as_of(1, empty, &f.db).await.expect("reads");
    assert_eq!(absent, Reified::Absent(Absence::NeverExisted));
    f.run("UPDATE threadline.audited_tables SET complete_since = NULL").await;
    let absent = account::Entity::as_of(1, empty, &f.db).await.expect("reads");
    assert!(matches!(absent, Reified::Absent(Absence::Unrecorded { .. })), "{absent:?}");
}

#[tokio::test]
async fn a_truncate_is_no_version_of_a_row_that_was_gone_or_not_there_yet() {
    let f = accounts().await;
    f.run("TRUNCATE accounts").await;
    f.run(&format!("{INSERT} ('a', 'calm', 's', 'p', 1)")).await;
    f.run("DELETE FROM accounts; TRUNCATE accounts").await;
    f.run("INSERT INTO accounts (id, name, mood, secret, pin) VALUES (1, 'b', 'calm', 's', 'p')")
        .await;
    f.run("TRUNCATE accounts; TRUNCATE accounts").await;
    let ops = async |limit| -> Vec<String> {
        let versions = account::Entity::history(1).limit(limit).all(&f.db).await.expect("reads");
        versions.iter().map(|version| version.change.op.to_string()).collect()
    };
    assert_eq!(ops(9).await, ["insert", "delete", "insert", "truncate"]);
    assert_eq!(ops(2).await, ["insert", "truncate"]);
    assert!(account::Entity::find().one(&f.db).await.expect("reads").is_none());
}
