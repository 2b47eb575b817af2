//! Who wrote last what a row holds.

use threadline::prelude::*;
use threadline::{
    Blame, Error, Operation, Predicate, Reader, Redaction, Registry, TableName, row_blame,
};

use super::entities::{account, ticket};
use super::{ACCOUNTS, accounts};
use crate::fixture::{Fixture, run};

async fn write(f: &Fixture, actor: u32, action: &str, sql: &str) {
    let context = AuditContext::new(ActorRef::user(actor));
    let action = Action::new(action).reason(format!("because of {actor}"));
    let txn = f.db.audit_begin(&context, action).await.expect("begins");
    run(&txn, sql).await;
    txn.commit().await.expect("commits");
}

const INSERT: &str =
    "INSERT INTO accounts (name, mood, secret, pin) VALUES ('a', 'calm', 's', 'p')";

/// `column: operation actor`, or `column: -`.
fn told(blame: &Blame) -> Vec<String> {
    let last = |column: &threadline::BlamedColumn| match &column.last {
        Some(deed) => {
            let who = deed.actor().and_then(ActorRef::id).unwrap_or("nobody");
            format!("{}: {} {who}", column.column, deed.op)
        }
        None => format!("{}: -", column.column),
    };
    blame.columns.iter().map(last).collect()
}

#[tokio::test]
async fn each_column_tells_its_last_change() {
    let f = accounts().await;
    write(&f, 1, "account.open", INSERT).await;
    write(&f, 2, "account.rename", "UPDATE accounts SET name = 'b', secret = 't'").await;
    write(&f, 3, "account.annoy", "UPDATE accounts SET mood = 'cross', pin = 'q'").await;
    write(&f, 4, "account.calm", "UPDATE accounts SET mood = 'calm', name = 'c'").await;
    f.run("UPDATE accounts SET score = 1; UPDATE accounts SET secret = 'u'").await;
    let blame = account::Entity::blame(1, &f.db).await.expect("reads");
    assert_eq!(
        told(&blame),
        [
            "id: insert 1",
            "name: update 4",
            "mood: update 4",
            "secret: -",
            "pin: update 3",
            "score: update nobody"
        ]
    );
    let secret = blame.of(account::Column::Secret).expect("a column");
    assert_eq!(secret.redaction, Some(Redaction::Exclude), "named as such");
    let pin = blame.of(account::Column::Pin).expect("a column");
    assert!(matches!(pin.redaction, Some(Redaction::Mask { .. })));
    let deed = pin.last.as_ref().expect("masked, but it is known who");
    assert_eq!(deed.action.as_ref().map(|action| action.name.as_str()), Some("account.annoy"));
    assert_eq!(deed.reason(), Some("because of 3"));
    assert_eq!(blame.removed, None);
    let table = TableName::parse("accounts").expect("a name");
    let untyped = row_blame(&f.db, &table, &"1".parse().expect("a key")).await.expect("reads");
    assert_eq!(untyped, blame, "without the entity, by the policy that is installed");
}

#[tokio::test]
async fn a_row_that_came_again_is_not_blamed_on_its_former_life() {
    let f = accounts().await;
    write(&f, 1, "a", INSERT).await;
    write(&f, 2, "b", "UPDATE accounts SET name = 'b'").await;
    write(&f, 3, "c", "DELETE FROM accounts").await;
    let gone = account::Entity::blame(1, &f.db).await.expect("reads");
    assert_eq!(told(&gone)[..3], ["id: insert 1", "name: update 2", "mood: insert 1"]);
    let removed = gone.removed.expect("it is gone");
    assert_eq!(
        (removed.op, removed.actor().and_then(ActorRef::id)),
        (Operation::Delete, Some("3"))
    );
    let again =
        "INSERT INTO accounts (id, name, mood, secret, pin) VALUES (1, 'a', 'calm', 's', 'p')";
    write(&f, 4, "d", again).await;
    let blame = account::Entity::blame(1, &f.db).await.expect("reads");
    assert_eq!(told(&blame)[..3], ["id: insert 4", "name: insert 4", "mood: insert 4"]);
    assert_eq!(blame.removed, None);
    write(&f, 5, "e", "TRUNCATE accounts").await;
    let truncated = account::Entity::blame(1, &f.db).await.expect("reads");
    assert_eq!(truncated.removed.map(|deed| deed.op), Some(Operation::Truncate));
}

#[tokio::test]
async fn what_the_trail_does_not_know_is_blamed_on_nobody() {
    let f = Fixture::installed().await;
    f.run(ACCOUNTS).await;
    f.run(INSERT).await;
    let registry = Registry::builder().register::<account::Entity>().build().expect("holds");
    let table = TableName::parse("accounts").expect("a name");
    let refused = account::Entity::blame(1, &f.db).await.map(|_| ());
    assert!(matches!(refused, Err(Error::NotAudited { .. })), "{refused:?}");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("DELETE FROM threadline.audit_changes").await;
    write(&f, 2, "b", "UPDATE accounts SET name = 'b'").await;
    let blame = account::Entity::blame(1, &f.db).await.expect("reads");
    assert_eq!(told(&blame)[..3], ["id: -", "name: update 2", "mood: -"]);
    let never = account::Entity::blame(9, &f.db).await.expect("reads");
    assert!(never.columns.iter().all(|column| column.last.is_none()), "{never:?}");
    f.run("DROP TABLE accounts").await;
    let dropped = row_blame(&f.db, &table, &"1".parse().expect("a key")).await.expect("reads");
    assert_eq!(told(&dropped)[..2], ["id: -", "name: update 2"]);
}

#[tokio::test]
async fn a_column_that_came_later_is_blamed_on_nobody_who_came_before() {
    let f = accounts().await;
    write(&f, 1, "a", INSERT).await;
    f.run("ALTER TABLE accounts ADD vat numeric DEFAULT 7.70").await;
    write(&f, 2, "b", "UPDATE accounts SET name = 'b' WHERE id = 1").await;
    write(&f, 3, "c", INSERT).await;
    let table = TableName::parse("accounts").expect("a name");
    let blame = async |key: &str| {
        let key = key.parse().expect("a key");
        told(&row_blame(&f.db, &table, &key).await.expect("reads"))
    };
    let masked_and_null = ["pin: insert 1", "score: insert 1"];
    let old = blame("1").await;
    assert_eq!(old[1..3], ["name: update 2", "mood: insert 1"]);
    assert_eq!(old[4..6], masked_and_null);
    assert_eq!(old[6..], ["vat: -"], "its insert knew of no such column");
    assert_eq!(blame("2").await[6..], ["vat: insert 3"]);
    write(&f, 4, "d", "UPDATE accounts SET vat = 8.10 WHERE id = 1").await;
    assert_eq!(blame("1").await[6..], ["vat: update 4"]);
    f.run("ALTER TABLE accounts RENAME vat TO tax").await;
    assert_eq!(blame("2").await[6..], ["tax: -"], "nobody wrote a column of that name");
    f.run("ALTER TABLE accounts DROP score").await;
    let typed = account::Entity::blame(2, &f.db).await.expect("reads");
    assert_eq!(told(&typed)[5..], ["score: insert 3"], "of a column that is gone, it is known");
}

#[tokio::test]
async fn a_scope_blames_nobody_beyond_it_and_nobody_else_in_their_place() {
    let f = Fixture::installed().await;
    f.run(ticket::DDL).await;
    let registry = Registry::builder().register::<ticket::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    write(&f, 1, "a", "INSERT INTO tickets VALUES (1, 1, 'a')").await;
    write(&f, 2, "b", "UPDATE tickets SET organization_id = 2").await;
    let one = Reader::new(&f.db).scoped(1, |id| Predicate::column("organization_id", *id));
    let blame = async || told(&ticket::Entity::blame(1, &one).await.expect("reads"));
    assert_eq!(blame().await, ["id: -", "organization_id: -", "subject: -"], "it is theirs now");
    write(&f, 3, "c", "UPDATE tickets SET subject = 'c'").await;
    write(&f, 4, "d", "UPDATE tickets SET organization_id = 1").await;
    write(&f, 5, "e", "UPDATE tickets SET subject = 'e'").await;
    assert_eq!(
        blame().await,
        ["id: insert 1", "organization_id: -", "subject: update 5"],
        "who moved it back is not ours to know, and the insert did not write it last"
    );
}
