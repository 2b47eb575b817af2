//! Tables that have changed since, and values that the trail does not have.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, TransactionTrait};
use serde_json::json;
use threadline::prelude::*;
use threadline::{Error, Registry, TableName, TableSpec};

use super::entities::{post, user};
use super::{now, raw, world};
use crate::fixture::column;

#[tokio::test]
async fn redacted_columns_read_as_their_stand_in_or_the_text_of_the_mask() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (id, name) VALUES (1, 'Ann')").await;
    let past = f.db.as_of(now(&f).await, &registry);
    f.run("DELETE FROM users").await;
    let ann = user::Entity::find_by_id(1).one(&past).await.expect("reads").expect("is there");
    assert_eq!((ann.pin.as_str(), ann.secret.as_str()), ("[REDACTED]", ""));
    assert!(ann.email.starts_with("hmac:"), "{}", ann.email);
    let sql =
        "SELECT name FROM users WHERE pin = '[REDACTED]' AND secret = '' AND email LIKE 'hmac:%'";
    assert_eq!(raw(&past, sql).await.expect("reads"), [json!({"name": "Ann"})]);
}

#[tokio::test]
async fn values_that_are_not_stored_are_null_where_the_registry_knows_no_entity() {
    let (f, _) = world().await;
    f.run("CREATE TABLE vault (id int PRIMARY KEY, code int, pin text, doc jsonb, memo text)")
        .await;
    let spec = TableSpec::new(TableName::parse("vault").expect("a name"))
        .hash(column("code"), Default::default())
        .mask(column("pin"), Default::default())
        .max_bytes(column("doc"), 20.try_into().expect("not zero"));
    let registry = Registry::builder().table(spec).build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run(
        "INSERT INTO vault VALUES (1, 5, 'x', jsonb_build_object('a', repeat('x', 100)), 'm'),
        (2, NULL, NULL, '{}', NULL)",
    )
    .await;
    let past = f.db.as_of(now(&f).await, &registry);
    f.run("DELETE FROM vault").await;
    assert_eq!(
        raw(&past, "SELECT * FROM vault ORDER BY id").await.expect("reads"),
        [
            json!({"id": 1, "code": null, "pin": null, "doc": null, "memo": "m"}),
            json!({"id": 2, "code": null, "pin": null, "doc": {}, "memo": null}),
        ]
    );
}

async fn names(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let rows = user::Entity::find().order_by_asc(user::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

#[tokio::test]
async fn a_required_column_that_is_newer_is_an_error_and_with_losses_nothing_of_its_type() {
    let (f, registry) = world().await;
    f.run("ALTER TABLE users DROP COLUMN mood, DROP COLUMN balance").await;
    f.run("INSERT INTO users (id, name) VALUES (7, 'Ann'); INSERT INTO posts VALUES (1, 7, 'one', NULL)")
        .await;
    let then = now(&f).await;
    f.run(
        "ALTER TABLE users ADD COLUMN mood mood NOT NULL DEFAULT 'cross',
        ADD COLUMN balance numeric NOT NULL DEFAULT 5",
    )
    .await;
    let past = f.db.as_of(then, &registry);
    let error = names(&past).await.expect_err("drift").to_string();
    for part in ["{\"id\":7}", "public.users", "`mood`", "stand_in", ".lossy()"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // A Model that cannot be made is no Model that is not there.
    let joined = post::Entity::find().find_also_related(user::Entity).all(&past).await;
    assert!(joined.expect_err("drift").to_string().contains("`mood`"));
    // Who does not ask for the column is not disturbed.
    let told = raw(&past, "SELECT id, name FROM users").await.expect("reads");
    assert_eq!(told, [json!({"id": 7, "name": "Ann"})]);

    let lossy = past.clone().lossy();
    let ann = user::Entity::find_by_id(7).one(&lossy).await.expect("reads").expect("is there");
    assert_eq!(
        (ann.name.as_str(), ann.mood, ann.pin.as_str()),
        ("Ann", user::Mood::Calm, "[REDACTED]")
    );
    assert_eq!((ann.balance.to_string().as_str(), ann.secret.as_str()), ("0", ""));
    assert!(names(&past).await.is_err(), "the clone has the losses, not the original");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_an_error_and_with_losses_nothing() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (id, name, mood) VALUES (1, 'Ann', 'cross'), (2, 'Bob', 'calm')")
        .await;
    let then = now(&f).await;
    f.run("DELETE FROM users WHERE id = 1; ALTER TYPE mood RENAME VALUE 'cross' TO 'furious'")
        .await;
    let past = f.db.as_of(then, &registry);
    let error = names(&past).await.expect_err("drift").to_string();
    for part in ["{\"id\":1}", "public.users", "`mood`", "invalid input value for enum public.mood"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
    // An error of the statement itself stays what it is.
    let own = raw(&past, "SELECT 1 / 0 AS x FROM users").await.expect_err("divides").to_string();
    assert!(own.contains("division by zero"), "{own}");
    let txn = f.db.begin().await.expect("begins");
    let error = names(&txn.as_of(then, &registry)).await.expect_err("drift").to_string();
    assert!(error.contains("invalid input value for enum mood"), "{error}");
    txn.rollback().await.expect("rolls back");
    assert_eq!(names(&past.clone().lossy()).await.expect("reads"), ["Ann", "Bob"]);
    let ann = raw(&past.lossy(), "SELECT mood::text FROM users WHERE id = 1").await.expect("reads");
    assert_eq!(ann, [json!({"mood": "calm"})]);
}

#[tokio::test]
async fn newer_nullable_and_dropped_columns_are_as_they_are_today() {
    let (f, registry) = world().await;
    f.run("ALTER TABLE users DROP COLUMN seen, ADD COLUMN gone text DEFAULT 'x'").await;
    f.run("INSERT INTO users (id, name) VALUES (1, 'Ann')").await;
    let then = now(&f).await;
    f.run("ALTER TABLE users ADD COLUMN seen timestamptz DEFAULT now(), DROP COLUMN gone").await;
    let past = f.db.as_of(then, &registry);
    let ann = user::Entity::find_by_id(1).one(&past).await.expect("reads").expect("is there");
    assert_eq!((ann.name.as_str(), ann.seen), ("Ann", None));
    let error = raw(&past, "SELECT gone FROM users").await.expect_err("is gone").to_string();
    assert!(error.contains("\"gone\" does not exist"), "{error}");
}

#[tokio::test]
async fn losses_are_told_by_row_and_column() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (id, name, balance) VALUES (1, 'Ann', 1.234567), (2, 'Bob', 2)").await;
    f.run("ALTER TABLE users DROP COLUMN secret").await;
    let then = now(&f).await;
    f.run(
        "ALTER TABLE users ALTER balance TYPE numeric(10, 2), DROP COLUMN name,
        ADD COLUMN secret text NOT NULL DEFAULT 's', ADD COLUMN name text NOT NULL DEFAULT 'x'",
    )
    .await;
    f.run(
        "UPDATE users SET name = 'y' WHERE id = 2; ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet'",
    )
    .await;
    let users = TableName::parse("users").expect("a name");
    let losses = f.db.as_of(then, &registry).losses(&users, 100).await.expect("reads");
    let mut told: Vec<String> =
        losses.iter().map(|loss| format!("{} {}", loss.row_pk, loss.note)).collect();
    told.sort();
    let why = "invalid input value for enum public.mood: \"calm\"";
    assert_eq!(
        told,
        [
            "{\"id\":1} balance: 1.234567 is read as 1.23".to_owned(),
            format!("{{\"id\":1}} mood: {why}"),
            format!("{{\"id\":2}} mood: {why}"),
        ]
    );
    let one = f.db.as_of(then, &registry).losses(&users, 1).await.expect("reads");
    assert_eq!((one.len(), &one[0].table), (1, &users));
    let stranger = TableName::parse("strangers").expect("a name");
    let error = f.db.as_of(then, &registry).losses(&stranger, 1).await;
    assert!(matches!(error, Err(Error::PastUnknown { .. })));
    // Nothing is read of an empty table, and its horizon holds all the same.
    f.run("SET enable_indexscan = off; SET enable_bitmapscan = off").await;
    let tags = TableName::parse("tags").expect("a name");
    let error = f.db.as_of(then - chrono::TimeDelta::days(400), &registry).losses(&tags, 1).await;
    assert!(matches!(error, Err(Error::BeforeHorizon(_))), "{error:?}");
    let early = then - chrono::TimeDelta::days(400);
    let error = f.db.as_of(early, &registry).losses(&users, 1).await;
    assert!(matches!(error, Err(Error::BeforeHorizon(_))), "{error:?}");
}
