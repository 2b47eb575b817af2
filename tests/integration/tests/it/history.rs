//! The versions of one row, typed.

mod blamed;
mod compared;
mod cost;
mod entities;
mod filters;
mod horizon;
mod proposals;
mod rails;
mod round_trips;
mod rows;
mod scoped;
mod surrogates;
mod walks;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, ModelTrait};
use serde_json::json;
use threadline::prelude::*;
use threadline::{Absence, Error, Note, Operation, Registry, Reified};

use crate::fixture::{Fixture, run, value};
use entities::{account, awkward, line};

const ACCOUNTS: &str = "CREATE TYPE mood AS ENUM ('calm', 'cross');
    CREATE TABLE accounts (id serial PRIMARY KEY, name varchar(40) NOT NULL, mood mood NOT NULL,
        secret text NOT NULL, pin varchar(4) NOT NULL, score numeric(20, 6))";

async fn accounts() -> Fixture {
    let f = Fixture::installed().await;
    f.run(ACCOUNTS).await;
    let registry =
        Registry::builder().register::<account::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f
}

fn ann() -> account::ActiveModel {
    account::ActiveModel {
        name: Set("Ann".to_owned()),
        mood: Set(account::Mood::Calm),
        secret: Set("s3cret".to_owned()),
        pin: Set("1234".to_owned()),
        score: Set(None),
        ..Default::default()
    }
}

async fn now(f: &Fixture) -> DateTime<Utc> {
    let now = f.value("SELECT to_jsonb(clock_timestamp())").await;
    run(&f.db, "SELECT pg_sleep(0.002)").await;
    serde_json::from_value(now).expect("a time")
}

fn name(row: &Reified<account::Model>) -> Option<&str> {
    row.model().map(|model| model.name.as_str())
}

#[tokio::test]
async fn a_history_has_every_version_oldest_first_with_who_and_why() {
    let f = accounts().await;
    let context = AuditContext::new(ActorRef::user(7));
    let account =
        f.db.audited(&context, "account.open", async |txn| ann().insert(txn).await)
            .await
            .expect("writes");
    f.run("UPDATE accounts SET name = 'Ann B.', mood = 'cross'").await;
    let id = account.id;
    account.into_value().delete(&f.db).await.expect("deletes");
    let versions = account::Entity::history(id).all(&f.db).await.expect("reads");
    let ops: Vec<Operation> = versions.iter().map(|version| version.change.op).collect();
    assert_eq!(ops, [Operation::Insert, Operation::Update, Operation::Delete]);
    assert_eq!(versions[0].actor(), Some(&ActorRef::user(7)));
    assert_eq!(
        versions[0].action.as_ref().map(|action| action.name.as_str()),
        Some("account.open")
    );
    assert_eq!(versions[1].actor(), None);
    assert!(
        versions[1].changed(account::Column::Mood) && !versions[1].changed(account::Column::Pin)
    );
    let Reified::Exact(second) = &versions[1].row else { panic!("{:?}", versions[1].row) };
    assert_eq!((second.name.as_str(), &second.mood), ("Ann B.", &account::Mood::Cross));
    assert_eq!((second.secret.as_str(), second.pin.as_str()), ("", "[REDACTED]"), "stand-ins");
    assert!(matches!(versions[2].row, Reified::Absent(Absence::Deleted { .. })));
}

#[tokio::test]
async fn a_history_is_bounded_by_the_newest() {
    let f = accounts().await;
    let account = ann().insert(&f.db).await.expect("writes");
    for round in 0..5 {
        f.run(&format!("UPDATE accounts SET name = 'n{round}'")).await;
    }
    let newest = account::Entity::history(account.id).limit(2).all(&f.db).await.expect("reads");
    assert_eq!(newest.iter().map(|v| name(&v.row)).collect::<Vec<_>>(), [Some("n3"), Some("n4")]);
    let all = account::Entity::history(account.id).unlimited().all(&f.db).await.expect("reads");
    assert_eq!(all.len(), 6);
}

#[tokio::test]
async fn as_of_tells_before_between_and_after() {
    let f = accounts().await;
    let before = now(&f).await;
    let account = ann().insert(&f.db).await.expect("writes");
    let first = now(&f).await;
    f.run("UPDATE accounts SET name = 'Ann B.'").await;
    let second = now(&f).await;
    f.run("DELETE FROM accounts").await;
    let gone = now(&f).await;
    let at = async |moment| account::Entity::as_of(account.id, moment, &f.db).await.expect("reads");
    assert_eq!(at(before).await, Reified::Absent(Absence::NeverExisted));
    assert_eq!(name(&at(first).await), Some("Ann"));
    assert_eq!(name(&at(second).await), Some("Ann B."));
    assert!(matches!(at(gone).await, Reified::Absent(Absence::Deleted { .. })));
    let never = account::Entity::as_of(999, gone, &f.db).await.expect("reads");
    assert_eq!(never, Reified::Absent(Absence::NeverExisted));
    let long_ago = before - chrono::TimeDelta::days(400);
    assert!(matches!(at(long_ago).await, Reified::Absent(Absence::BeforeHorizon { .. })));
}

#[tokio::test]
async fn a_truncate_ends_rows_and_only_those_that_were_there() {
    let f = accounts().await;
    f.run("TRUNCATE accounts").await;
    let account = ann().insert(&f.db).await.expect("writes");
    let there = now(&f).await;
    f.run("TRUNCATE accounts; TRUNCATE accounts").await;
    let gone = now(&f).await;
    let at = async |moment| account::Entity::as_of(account.id, moment, &f.db).await.expect("reads");
    assert_eq!(name(&at(there).await), Some("Ann"));
    assert!(matches!(at(gone).await, Reified::Absent(Absence::Truncated { .. })));
    let versions = account::Entity::history(account.id).all(&f.db).await.expect("reads");
    let ops: Vec<Operation> = versions.iter().map(|version| version.change.op).collect();
    assert_eq!(ops, [Operation::Insert, Operation::Truncate]);
}

#[tokio::test]
async fn a_row_older_than_the_audit_is_known_back_to_the_horizon_by_what_replaced_it() {
    let f = Fixture::installed().await;
    f.run(ACCOUNTS).await;
    let insert = "INSERT INTO accounts (name, mood, secret, pin, score) VALUES ";
    f.run(&format!(
        "{insert} ('old', 'calm', 's', 'p', 1), ('deleted', 'calm', 's', 'p', 2),
        ('still', 'calm', 's', 'p', 3), ('truncated', 'calm', 's', 'p', 4)"
    ))
    .await;
    let before = now(&f).await;
    let registry =
        Registry::builder().register::<account::Entity>().build().expect("holds together");
    let sync = threadline_migration::Sync::new(&registry).without_baseline();
    sync.run(&f.db).await.expect("syncs");
    let covered = now(&f).await;
    f.run("UPDATE accounts SET name = 'new', score = 9 WHERE id = 1; DELETE FROM accounts WHERE id = 2").await;
    let at =
        async |id: i32, moment| account::Entity::as_of(id, moment, &f.db).await.expect("reads");
    let Reified::Exact(old) = at(1, covered).await else { panic!("known by its update") };
    assert_eq!(
        (old.name.as_str(), old.score.map(|s| s.to_string()).as_deref()),
        ("old", Some("1.000000"))
    );
    assert_eq!(name(&at(2, covered).await), Some("deleted"));
    assert!(matches!(at(3, covered).await, Reified::Absent(Absence::Unrecorded { .. })));
    assert!(matches!(at(1, before).await, Reified::Absent(Absence::BeforeHorizon { .. })));
    assert_eq!(at(99, covered).await, Reified::Absent(Absence::NeverExisted));
}

#[tokio::test]
async fn a_transaction_that_was_not_committed_yet_is_left_out() {
    let f = accounts().await;
    let account = ann().insert(&f.db).await.expect("writes");
    let other = f.test_db.pool_of(1).await;
    f.run("BEGIN; UPDATE accounts SET name = 'in flight'").await;
    run(&other, "SELECT pg_sleep(0.01)").await;
    let inside: DateTime<Utc> =
        serde_json::from_value(value(&other, "SELECT to_jsonb(clock_timestamp())").await)
            .expect("a time");
    run(&other, "SELECT pg_sleep(0.01)").await;
    f.run("COMMIT").await;
    let after = now(&f).await;
    let at = async |moment| account::Entity::as_of(account.id, moment, &f.db).await.expect("reads");
    assert_eq!(name(&at(inside).await), Some("Ann"));
    assert_eq!(name(&at(after).await), Some("in flight"));
}

#[tokio::test]
async fn drift_is_told_and_not_guessed() {
    let f = accounts().await;
    f.run(
        "INSERT INTO accounts (name, mood, secret, pin, score)
        VALUES ('a long name', 'cross', 's', 'p', 1.234567)",
    )
    .await;
    let at = now(&f).await;
    let read = async || account::Entity::as_of(1, at, &f.db).await.expect("reads");
    f.run("ALTER TABLE accounts ADD extra text").await;
    assert!(matches!(read().await, Reified::Exact(_)), "a column the Model does not have");
    f.run("ALTER TABLE accounts ALTER score TYPE numeric(10, 2)").await;
    let Reified::Lossy(model, notes) = read().await else { panic!("rounding must be told") };
    assert_eq!(model.score.map(|score| score.to_string()).as_deref(), Some("1.23"));
    assert_eq!(notes.len(), 1);
    assert!(matches!(&notes[0], Note::Recast { column, .. } if column == "score"), "{notes:?}");
    assert_eq!(notes[0].to_string(), "score: 1.234567 is read as 1.23");
    f.run("ALTER TABLE accounts DROP score; ALTER TABLE accounts ADD score numeric").await;
    assert!(matches!(read().await, Reified::Exact(_)), "the same column again");
    f.run("ALTER TYPE mood RENAME VALUE 'cross' TO 'angry'").await;
    let Reified::Unreadable { data, why } = read().await else {
        panic!("the enum has no such value")
    };
    assert_eq!(data["mood"], json!("cross"));
    assert!(why.contains("mood"), "{why}");
}

#[tokio::test]
async fn a_row_older_than_a_column_is_not_guessed_either() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE lines (doc int, no int, PRIMARY KEY (doc, no))").await;
    let registry = Registry::builder().register::<line::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("INSERT INTO lines VALUES (1, 2)").await;
    f.run("ALTER TABLE lines ADD text text NOT NULL DEFAULT '', ADD note text, ADD level int DEFAULT 5").await;
    f.run("INSERT INTO lines VALUES (1, 3, 't', 'n')").await;
    let read = async |key: (i32, i32)| {
        line::Entity::history(key).all(&f.db).await.expect("reads").remove(0).row
    };
    let Reified::Unreadable { why, .. } = read((1, 2)).await else { panic!("`text` is not known") };
    assert!(why.contains("`text`") && why.contains("stand_in"), "{why}");
    let Reified::Exact(model) = read((1, 3)).await else { panic!("known") };
    assert_eq!((model.doc, model.no, model.text.as_str(), model.level), (1, 3, "t", 5));
}

#[tokio::test]
async fn a_table_that_is_not_audited_is_an_error_and_not_an_empty_past() {
    let f = Fixture::installed().await;
    f.run(ACCOUNTS).await;
    let error = account::Entity::as_of(1, Utc::now(), &f.db).await.expect_err("not audited");
    assert!(matches!(error, Error::NotAudited { .. }), "{error}");
    let error = account::Entity::history(1).all(&f.db).await.expect_err("not audited");
    assert!(error.to_string().contains("threadline_migration::sync"), "{error}");
}

#[tokio::test]
async fn awkward_types_come_back_as_the_live_row_has_them() {
    let f = Fixture::installed().await;
    f.run(awkward::DDL).await;
    let registry =
        Registry::builder().register::<awkward::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    for row in awkward::ROWS {
        f.run("SET timezone = 'Asia/Kathmandu'; SET extra_float_digits = -3; SET bytea_output = 'escape'").await;
        f.run(&format!("INSERT INTO awkward VALUES ({row})")).await;
        f.run("RESET ALL; SET timezone = 'UTC'").await;
    }
    for live in awkward::Entity::find().all(&f.db).await.expect("reads") {
        let past = awkward::Entity::as_of(live.id, Utc::now(), &f.db).await.expect("reads");
        assert_eq!(past, Reified::Exact(live));
    }
}
