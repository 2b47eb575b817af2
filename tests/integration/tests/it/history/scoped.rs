//! A reader with a scope learns nothing of rows beyond it.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use threadline::prelude::*;
use threadline::{
    Absence, Error, Operation, Predicate, Reader, Registry, Reified, TableName, row_as_of,
    row_blame_until, row_rail,
};

use super::entities::ticket;
use super::now;
use crate::fixture::{Fixture, run};

/// Ticket 1 of organization 1, with the moments after its insert, after it was moved to organization 2,
/// after it came back, and after it was deleted; ticket 2 is always of organization 2.
async fn moved() -> (Fixture, Vec<DateTime<Utc>>) {
    let f = Fixture::installed().await;
    f.run(ticket::DDL).await;
    let registry = Registry::builder().register::<ticket::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    let mut moments = Vec::new();
    for sql in [
        "INSERT INTO tickets VALUES (1, 1, 'a'), (2, 2, 'theirs')",
        "UPDATE tickets SET organization_id = 2, subject = 'moved' WHERE id = 1",
        "UPDATE tickets SET subject = 'b' WHERE id = 1",
        "UPDATE tickets SET organization_id = 1 WHERE id = 1",
        "UPDATE tickets SET subject = 'c' WHERE id = 1",
        "DELETE FROM tickets WHERE id = 1",
    ] {
        f.run(sql).await;
        moments.push(now(&f).await);
    }
    (f, moments)
}

#[tokio::test]
async fn a_history_in_a_scope_has_only_versions_of_the_scope() {
    let (f, _) = moved().await;
    let one = Reader::new(&f.db).scoped(1, |id| Predicate::column("organization_id", *id));
    let subjects = async |id: i32| -> Vec<String> {
        let versions = ticket::Entity::history(id).all(&one).await.expect("reads");
        let streamed: Vec<_> = ticket::Entity::history(id)
            .stream(&one)
            .await
            .expect("reads")
            .try_collect()
            .await
            .expect("reads");
        assert_eq!(versions.len(), streamed.len());
        versions
            .iter()
            .map(|v| v.row.model().map_or_else(|| v.change.op.to_string(), |m| m.subject.clone()))
            .collect()
    };
    assert_eq!(subjects(1).await, ["a", "c", "delete"]);
    assert!(subjects(2).await.is_empty());
    assert!(subjects(999).await.is_empty(), "as if it never had been");
}

#[tokio::test]
async fn a_moment_in_a_scope_is_never_answered_by_an_older_version() {
    let (f, at) = moved().await;
    let one = Reader::new(&f.db).scoped(1, |id| Predicate::column("organization_id", *id));
    let read = async |id: i32, at| ticket::Entity::as_of(id, at, &one).await.expect("reads");
    let subject = |row: &Reified<ticket::Model>| row.model().map(|model| model.subject.clone());
    let never = Reified::Absent(Absence::NeverExisted);
    assert_eq!(subject(&read(1, at[0]).await).as_deref(), Some("a"));
    for theirs in [at[1], at[2], at[3]] {
        assert_eq!(read(1, theirs).await, never, "it was, or came, from the other");
    }
    assert_eq!(subject(&read(1, at[4]).await).as_deref(), Some("c"));
    assert!(matches!(read(1, at[5]).await, Reified::Absent(Absence::Deleted { .. })));
    for moment in &at {
        assert_eq!(read(2, *moment).await, never);
        assert_eq!(read(999, *moment).await, never);
    }
    f.run("TRUNCATE tickets").await;
    let gone = now(&f).await;
    assert_eq!(read(2, gone).await, never);
}

#[tokio::test]
async fn a_row_the_trail_does_not_know_is_nobodys() {
    let f = Fixture::installed().await;
    f.run(ticket::DDL).await;
    f.run("INSERT INTO tickets VALUES (1, 1, 'old'), (2, 2, 'old'), (3, 2, 'still')").await;
    let registry = Registry::builder().register::<ticket::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run(
        "DELETE FROM threadline.audit_changes;
        UPDATE threadline.audited_tables SET complete_since = NULL",
    )
    .await;
    let covered = now(&f).await;
    f.run("UPDATE tickets SET subject = 'new' WHERE id < 3").await;
    let one = Reader::new(&f.db).scoped(1, |id| Predicate::column("organization_id", *id));
    let read = async |id: i32| ticket::Entity::as_of(id, covered, &one).await.expect("reads");
    assert!(matches!(read(1).await, Reified::Exact(_)), "by what its update replaced");
    let truth = ticket::Entity::as_of(3, covered, &f.db).await.expect("reads");
    assert!(matches!(truth, Reified::Absent(Absence::Unrecorded { .. })), "{truth:?}");
    for id in [2, 3, 999] {
        assert_eq!(read(id).await, Reified::Absent(Absence::NeverExisted), "{id}");
    }
}

#[tokio::test]
async fn a_scope_that_says_nothing_is_an_error_and_never_everything() {
    let (f, at) = moved().await;
    let nothing = Reader::new(&f.db).scoped((), |()| Predicate::all([]));
    let history = ticket::Entity::history(1).all(&nothing).await.map(|_| ());
    let as_of = ticket::Entity::as_of(1, at[0], &nothing).await.map(|_| ());
    let stream = ticket::Entity::history(1).stream(&nothing).await.map(|_| ());
    for read in [history, as_of, stream] {
        assert!(matches!(read, Err(Error::InvalidScope(_))), "{read:?}");
    }
    let nobody = Reader::new(&f.db).scoped((), |()| Predicate::nothing());
    assert!(ticket::Entity::history(1).all(&nobody).await.expect("reads").is_empty());
}

/// A row that this reader saw deleted, and what became of its key since, step by step.
async fn deleted(reader: &Reader<'_, threadline::sea_orm::DatabaseConnection>, f: &Fixture) {
    let told = async |at| {
        let row = ticket::Entity::as_of(1, at, reader).await.expect("reads");
        let blame = ticket::Entity::blame(1, reader).await.expect("reads");
        let (table, key) =
            (TableName::parse("tickets").expect("a name"), "1".parse().expect("a key"));
        let stored = row_as_of(reader, &table, &key, at).await.expect("reads");
        let until = row_blame_until(reader, &table, &key, at).await.expect("reads");
        (row, stored, blame, until, row_rail(reader, &table, &key).await.expect("reads"))
    };
    let first = told(now(f).await).await;
    assert!(matches!(first.0, Reified::Absent(Absence::Deleted { .. })), "{first:?}");
    assert!(first.2.removed.is_some() && first.2.columns[0].last.is_some(), "{first:?}");
    for theirs in [
        "INSERT INTO tickets VALUES (1, 2, 'theirs')",
        "UPDATE tickets SET subject = 'theirs still' WHERE id = 1",
        "DELETE FROM tickets WHERE id = 1",
        "INSERT INTO tickets VALUES (1, 2, 'theirs again')",
        "TRUNCATE tickets",
        "INSERT INTO tickets VALUES (1, 2, 'theirs for good')",
    ] {
        f.run(theirs).await;
        assert_eq!(told(now(f).await).await, first, "{theirs}");
    }
}

#[tokio::test]
async fn a_row_deleted_here_stays_deleted_whoever_uses_its_key_again() {
    let (f, at) = moved().await;
    let one = Reader::new(&f.db).scoped(1, |id| Predicate::column("organization_id", *id));
    deleted(&one, &f).await;
    let never = Reified::Absent(Absence::NeverExisted);
    let mid = ticket::Entity::as_of(1, at[2], &one).await.expect("reads");
    assert_eq!(mid, never, "it had gone to the other, and was not deleted");
    f.run("DELETE FROM tickets; INSERT INTO tickets VALUES (1, 1, 'ours'), (3, 1, 'ours')").await;
    f.run("UPDATE tickets SET organization_id = 2").await;
    for gone_over in [1, 3] {
        let row = ticket::Entity::as_of(gone_over, now(&f).await, &one).await.expect("reads");
        assert_eq!(row, never, "{gone_over}: the delete before it came again is older");
        let blame = ticket::Entity::blame(gone_over, &one).await.expect("reads");
        assert!(blame.removed.is_none() && blame.columns.iter().all(|c| c.last.is_none()));
    }
    f.run("DELETE FROM tickets").await;
    let theirs = ticket::Entity::as_of(3, now(&f).await, &one).await.expect("reads");
    assert_eq!(theirs, never, "their delete");
}

#[tokio::test]
async fn a_row_truncated_here_stays_truncated_whoever_uses_its_key_again() {
    let (f, _) = moved().await;
    let context = AuditContext::new(ActorRef::user(1));
    let txn = f.db.audit_begin(&context, "spring.cleaning").await.expect("begins");
    run(&txn, "INSERT INTO tickets VALUES (5, 1, 'mine'); TRUNCATE tickets").await;
    txn.commit().await.expect("commits");
    let mine = Reader::new(&f.db).scoped((), |()| Predicate::actor(ActorRef::user(1)));
    let told = async || {
        let row = ticket::Entity::as_of(5, now(&f).await, &mine).await.expect("reads");
        (row, ticket::Entity::blame(5, &mine).await.expect("reads"))
    };
    let first = told().await;
    assert!(matches!(first.0, Reified::Absent(Absence::Truncated { .. })), "{first:?}");
    assert_eq!(first.1.removed.as_ref().map(|deed| deed.op), Some(Operation::Truncate));
    f.run("INSERT INTO tickets VALUES (5, 1, 'not mine')").await;
    assert_eq!(told().await, first);
}
