//! What the random comparison with copies of the tables has found, each by the few statements of it.

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#![allow(unreachable_pub)]

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use threadline::Registry;
use threadline::prelude::*;

use crate::fixture::Fixture;
use crate::past::entities::user;
use crate::past::{now, raw, world};

mod seat {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    /// The fields are in another order than the columns, and the key is a part of the table's.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "seats")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub holder: String,
        pub row: String,
        pub hall: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Seats with one row, and a moment at which it is there.
async fn seats() -> (Fixture, Registry, DateTime<Utc>) {
    let f = Fixture::installed().await;
    f.run(
        "CREATE TABLE seats (hall int, id int, row text NOT NULL, holder text NOT NULL,
            PRIMARY KEY (hall, id))",
    )
    .await;
    let registry = Registry::builder().register::<seat::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("INSERT INTO seats VALUES (1, 7, 'the row', 'the holder')").await;
    let then = now(&f).await;
    f.run("DELETE FROM seats").await;
    (f, registry, then)
}

#[tokio::test]
async fn a_stream_is_prepared_again_after_a_type_has_changed() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (name) VALUES ('Ann')").await;
    let then = now(&f).await;
    let past = f.db.as_of(then, &registry);
    let names = async || {
        let users = user::Entity::find().stream(&past).await?;
        users.map_ok(|user| user.name).try_collect::<Vec<_>>().await
    };
    assert_eq!(names().await, Ok(vec!["Ann".to_owned()]));
    f.run("ALTER TABLE users ALTER name TYPE varchar(9)").await;
    assert_eq!(names().await, Ok(vec!["Ann".to_owned()]));
}

#[tokio::test]
async fn a_column_may_be_named_by_the_schema_of_its_table() {
    let (f, registry) = world().await;
    f.run("INSERT INTO billing.invoices (user_id, total) VALUES (1, 2.50)").await;
    let then = now(&f).await;
    f.run("DELETE FROM billing.invoices").await;
    let past = f.db.as_of(then, &registry);
    let sql = "SELECT billing.invoices.id, \"invoices\".total FROM billing.invoices
        WHERE \"billing\".\"invoices\".\"user_id\" = 1";
    assert_eq!(raw(&past, sql).await, Ok(vec![json!({"id": 1, "total": "2.50"})]));
    let sql = "SELECT billing.invoices.* FROM billing.invoices";
    assert_eq!(raw(&past, sql).await.map(|rows| rows.len()), Ok(1));
    let other = raw(&past, "SELECT billing.users.name FROM users").await;
    assert!(other.is_err(), "the table of another schema: {other:?}");
}

#[tokio::test]
async fn a_key_may_be_negated_twice() {
    let (f, registry) = world().await;
    f.run("INSERT INTO posts (user_id, title) SELECT 0, 'x' WHERE false").await;
    f.run("INSERT INTO users (id, name) VALUES (5, 'Ann'), (-5, 'Bob')").await;
    let then = now(&f).await;
    f.run("DELETE FROM users").await;
    let past = f.db.as_of(then, &registry);
    let found = raw(&past, "SELECT name FROM users WHERE id = -(-5)").await;
    assert_eq!(found, Ok(vec![json!({"name": "Ann"})]));
    let found = raw(&past, "SELECT name FROM users WHERE id IN (-5, - - 4)").await;
    assert_eq!(found, Ok(vec![json!({"name": "Bob"})]));
}

#[tokio::test]
async fn a_key_that_is_not_the_tables_finds_an_error_and_not_nothing() {
    let (f, registry, then) = seats().await;
    let found = seat::Entity::find_by_id(7).one(&f.db.as_of(then, &registry)).await;
    let error = found.expect_err("no row would be a lie").to_string();
    assert!(error.contains("(hall, id)") && error.contains("(id)"), "{error}");
    let all = seat::Entity::find().filter(seat::Column::Holder.eq("the holder"));
    let found = all.one(&f.db.as_of(then, &registry)).await;
    assert_eq!(found.map(|seat| seat.map(|seat| seat.hall)), Ok(Some(1)));
}

#[tokio::test]
async fn columns_that_are_told_by_their_place_are_in_the_order_of_the_table() {
    let (f, registry, then) = seats().await;
    let past = f.db.as_of(then, &registry);
    for sql in [
        "SELECT s.d::text FROM seats AS s(a, b, c, d)",
        "SELECT d::text FROM (SELECT * FROM seats) AS s(a, b, c, d)",
        "WITH s(a, b, c, d) AS (TABLE seats) SELECT d::text FROM s",
    ] {
        let found = raw(&past, sql).await;
        let is_right = found == Ok(vec![json!({"d": "the holder"})]);
        assert!(is_right || found.is_err(), "it is the holder, or refused: {sql}: {found:?}");
    }
}

#[tokio::test]
async fn a_moment_before_the_audit_is_an_error_where_nothing_was_written_either() {
    let (f, registry) = world().await;
    for (plans, hours) in [("on", 1), ("on", 200_000), ("off", 1), ("off", 200_000)] {
        f.run("DELETE FROM users; TRUNCATE threadline.audit_changes").await;
        f.run(&format!("SET enable_indexscan = {plans}; SET enable_bitmapscan = {plans}")).await;
        let past = f.db.as_of(Utc::now() - chrono::TimeDelta::hours(hours), &registry);
        for name in ["", "Ann"] {
            f.run(&format!("INSERT INTO users (name) SELECT '{name}' WHERE '{name}' <> ''")).await;
            let all = user::Entity::find().all(&past).await;
            assert!(all.is_err(), "{plans}, {hours} hours ago, {name:?}: {all:?}");
            let by_key = user::Entity::find_by_id(99).one(&past).await;
            assert!(by_key.is_err(), "by key {plans}, {hours} hours ago, {name:?}: {by_key:?}");
        }
    }
}

#[tokio::test]
async fn a_table_with_another_key_begins_anew_and_has_no_ghosts() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE seats (hall int, id int PRIMARY KEY, row text NOT NULL, holder text NOT NULL)")
        .await;
    let spec = || crate::fixture::registry([crate::fixture::plain("seats")]);
    threadline_migration::sync(&f.db, &spec()).await.expect("syncs");
    f.run("INSERT INTO seats VALUES (1, 7, 'a', 'b'), (1, 8, 'c', 'd'), (1, 9, 'e', 'f')").await;
    let before = now(&f).await;
    f.run("ALTER TABLE seats DROP CONSTRAINT seats_pkey, ADD PRIMARY KEY (hall, id)").await;
    threadline_migration::sync(&f.db, &spec()).await.expect("syncs");
    let past = "SELECT * FROM threadline.as_of(NULL::seats, clock_timestamp())";
    let past = crate::fixture::written(past);
    let error = sea_orm::ConnectionTrait::execute_unprepared(&f.db, &past).await.unwrap_err();
    assert!(error.to_string().contains("not all of them are recorded"), "{error}");
    f.run("SELECT threadline.baseline('seats')").await;
    f.run("UPDATE seats SET holder = 'g' WHERE id = 7; DELETE FROM seats WHERE id = 8").await;
    let rows = "SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.id), '[]') FROM";
    let live = f.value(&format!("{rows} seats s")).await;
    let told = f.value(&format!("{rows} threadline.as_of(NULL::seats, clock_timestamp()) s")).await;
    assert_eq!(told, live);
    let sql = crate::fixture::written(&format!(
        "SELECT count(*) FROM threadline.as_of(NULL::seats, '{}')",
        before.to_rfc3339()
    ));
    let error = sea_orm::ConnectionTrait::execute_unprepared(&f.db, &sql).await.unwrap_err();
    assert!(error.to_string().contains("known as a whole only since"), "{error}");
}

#[tokio::test]
async fn another_table_under_an_audited_name_has_no_past() {
    let f = Fixture::audited(
        "CREATE TABLE seats (id int PRIMARY KEY)",
        [crate::fixture::plain("seats")],
    )
    .await;
    f.run(
        "INSERT INTO seats VALUES (1); DROP TABLE seats; CREATE TABLE seats (id int PRIMARY KEY)",
    )
    .await;
    let sql =
        crate::fixture::written("SELECT * FROM threadline.as_of(NULL::seats, clock_timestamp())");
    let error = sea_orm::ConnectionTrait::execute_unprepared(&f.db, &sql).await.unwrap_err();
    assert!(error.to_string().contains("is not the one that is audited"), "{error}");
}

#[tokio::test]
async fn nothing_of_today_comes_by_what_the_parser_and_the_server_read_differently() {
    let (f, registry) = world().await;
    let then = now(&f).await;
    f.run("INSERT INTO users (name) VALUES ('of today')").await;
    f.run("CREATE FUNCTION name_of(text) RETURNS text LANGUAGE sql AS 'SELECT name FROM users'")
        .await;
    let past = f.db.as_of(then, &registry);
    for sql in [
        "SELECT 1 </* ' */ 1, (SELECT name FROM users) AS n --'\n",
        "SELECT E'a'\n'\\' , ' , (SELECT name FROM users) AS n --'\n",
        "WITH \"only\" AS (SELECT 1) SELECT name FROM ONLY users",
        "SELECT (''::text).name_of",
        "SELECT x.name_of FROM unnest(ARRAY['x']) x",
    ] {
        let today = raw(&f.db, sql).await.expect("the server knows it");
        assert!(format!("{today:?}").contains("of today"), "{sql}: {today:?}");
        let found = raw(&past, sql).await;
        assert!(found.is_err(), "{sql}: {found:?}");
    }
    let found = raw(&past, "SELECT name -- '\n FROM users /* ' */ WHERE name <> E'\\''").await;
    assert_eq!(found, Ok(vec![]), "comments and texts that both see");
}

#[tokio::test]
async fn a_column_with_its_schema_is_never_one_of_another_table() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Bob')").await;
    let then = now(&f).await;
    let past = f.db.as_of(then, &registry);
    let sql = "SELECT name FROM users WHERE EXISTS (
        SELECT FROM (SELECT 2 AS id) users WHERE users.id = public.users.id)";
    let now = raw(&f.db, sql).await;
    assert_eq!(now, Ok(vec![json!({"name": "Bob"})]));
    let found = raw(&past, sql).await;
    assert!(found == now || found.is_err(), "{found:?}");
}
