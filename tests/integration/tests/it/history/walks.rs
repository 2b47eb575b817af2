//! Pages of a row's history, and what differs between any two of its versions.

use sea_orm::ActiveModelTrait;
use serde_json::json;
use threadline::prelude::*;
use threadline::{Error, Page, Position, Reified, RowHistory, TableName, Version};

use super::entities::{account, profile};
use super::{accounts, ann};
use crate::fixture::Fixture;

async fn renamed() -> Fixture {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    for round in 1..=6 {
        f.run(&format!("UPDATE accounts SET name = 'n{round}'")).await;
    }
    f
}

fn names(page: &Page<Version<account::Entity>>) -> Vec<&str> {
    page.entries.iter().filter_map(|v| super::name(&v.row)).collect()
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_whatever_is_written_meanwhile() {
    let f = renamed().await;
    let page =
        async |position| account::Entity::history(1).page(&f.db, 3, position).await.expect("reads");
    let first = page(Position::Start).await;
    assert_eq!((names(&first), first.has_more), (vec!["n6", "n5", "n4"], true));
    f.run("UPDATE accounts SET name = 'n7'").await;
    let second = page(Position::After(first.cursor.expect("more"))).await;
    assert_eq!((names(&second), second.has_more), (vec!["n3", "n2", "n1"], true));
    let third = page(Position::After(second.cursor.expect("more"))).await;
    assert_eq!((names(&third), third.has_more, third.cursor), (vec!["Ann"], false, None));
    let newer = page(Position::Before(first.first.expect("an entry"))).await;
    assert_eq!(names(&newer), ["n7"]);
    let back = page(Position::Before(third.first.expect("an entry"))).await;
    assert_eq!(names(&back), names(&second));
    let exact = account::Entity::history(1).page(&f.db, 8, Position::Start).await.expect("reads");
    assert_eq!((exact.entries.len(), exact.has_more), (8, false), "a full last page is the last");
}

#[tokio::test]
async fn a_page_of_a_row_without_an_entity_is_the_same_page() {
    let f = renamed().await;
    let table = TableName::parse("accounts").expect("a name");
    let row = || RowHistory::new(table.clone(), "1".parse().expect("a key"));
    let first = row().page(&f.db, 4, Position::Start).await.expect("reads");
    let rest = Position::After(first.cursor.expect("more"));
    let rest = row().page(&f.db, 4, rest).await.expect("reads");
    let ids: Vec<i64> =
        first.entries.iter().chain(&rest.entries).map(|entry| entry.change.id).collect();
    let mut all: Vec<i64> = account::Entity::history(1)
        .all(&f.db)
        .await
        .expect("reads")
        .iter()
        .map(|v| v.change.id)
        .collect();
    all.reverse();
    assert_eq!((ids, rest.has_more), (all, false));
}

#[tokio::test]
async fn a_cursor_of_another_row_or_filter_is_refused() {
    let f = renamed().await;
    let first = account::Entity::history(1).page(&f.db, 3, Position::Start).await.expect("reads");
    let after = Position::After(first.cursor.expect("more"));
    let name = account::Column::Name;
    for other in [
        account::Entity::history(2),
        account::Entity::history(1).changed(name),
        account::Entity::history(1).by(ActorRef::user(1)),
        account::Entity::history(1).until(chrono::Utc::now()),
    ] {
        let refused = other.page(&f.db, 3, after).await.map(|_| ());
        assert!(matches!(refused, Err(Error::InvalidCursor(_))), "{refused:?}");
    }
    let longer = account::Entity::history(1).page(&f.db, 9, after).await.expect("the same walk");
    assert_eq!(names(&longer), ["n3", "n2", "n1", "Ann"]);
}

#[tokio::test]
async fn any_two_versions_differ_in_the_columns_that_do() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    f.run("UPDATE accounts SET name = 'Bob', score = 1.5").await;
    f.run("UPDATE accounts SET name = 'Ann', mood = 'cross', secret = 'new', pin = '9'").await;
    f.run("DELETE FROM accounts").await;
    let versions = account::Entity::history(1).all(&f.db).await.expect("reads");
    let (first, third, gone) = (&versions[0], &versions[2], &versions[3]);
    let difference = first.diff(third);
    let told = json!(difference.fields);
    assert_eq!(
        told,
        json!([{"name": "mood", "before": "calm", "after": "cross"},
            {"name": "score", "before": null, "after": 1.5}]),
        "the name is what it was, and the secret is not recorded"
    );
    assert!(difference.of(account::Column::Mood).is_some());
    assert_eq!(difference.of(account::Column::Name), None);
    let back = third.diff(first);
    assert_eq!(back.of(account::Column::Score).and_then(|s| s.before.clone()), Some(json!(1.5)));
    assert!(first.diff(first).is_empty());
    let end = third.diff(gone);
    assert_eq!(end.fields.len(), 5, "{end:?}");
    assert!(end.fields.iter().all(|field| field.after.is_none() && field.before.is_some()));
    let (name, mood) = (account::Column::Name, account::Column::Mood);
    assert_eq!((third.before(name), third.after(name)), (Some(&json!("Bob")), Some(&json!("Ann"))));
    let unchanged = (versions[1].before(mood), versions[1].after(mood));
    assert_eq!(unchanged, (Some(&json!("calm")), Some(&json!("calm"))));
    assert_eq!((first.before(name), gone.before(name)), (None, Some(&json!("Ann"))));
}

#[tokio::test]
async fn versions_differ_by_what_they_say_and_also_if_they_are_unreadable() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    f.run("ALTER TABLE accounts ALTER score TYPE numeric").await;
    f.run("UPDATE accounts SET score = 1234567890123456789.10").await;
    f.run("UPDATE accounts SET score = 1234567890123456789.100, mood = 'cross'").await;
    f.run("UPDATE accounts SET score = 1234567890123456789.11").await;
    f.run("ALTER TYPE mood RENAME VALUE 'cross' TO 'angry'").await;
    let versions = account::Entity::history(1).all(&f.db).await.expect("reads");
    assert!(matches!(versions[2].row, Reified::Unreadable { .. }), "{:?}", versions[2].row);
    let fields = |a: usize, b: usize| -> Vec<String> {
        versions[a].diff(&versions[b]).fields.iter().map(|field| field.name.clone()).collect()
    };
    assert_eq!(fields(1, 2), ["mood"], "as many zeros as one likes");
    assert_eq!(fields(2, 3), ["score"], "beyond the digits of a float");
}

#[tokio::test]
async fn a_hash_in_a_difference_is_told_from_a_value() {
    let f = Fixture::installed().await;
    f.run(profile::DDL).await;
    let registry =
        threadline::Registry::builder().register::<profile::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("INSERT INTO profiles VALUES (1, 'a@x', 7, NULL, 'b', NULL, 'n')").await;
    f.run("UPDATE profiles SET email = 'b@x', body = repeat('b', 99)").await;
    let versions = profile::Entity::history(1).all(&f.db).await.expect("reads");
    let difference = versions[0].diff(&versions[1]);
    let email = difference.of(profile::Column::Email).expect("differs");
    assert_eq!((email.before_is, email.after_is), (Some("hashed"), Some("hashed")));
    let body = difference.of(profile::Column::Body).expect("differs");
    assert_eq!((body.before_is, body.after_is), (None, Some("truncated")));
    assert_eq!(difference.fields.len(), 2);
}
