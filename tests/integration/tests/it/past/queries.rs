//! Every kind of query, asked of the past.

use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    JoinType, LoaderTrait, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait, StreamTrait, TransactionTrait, sea_query::Expr,
};
use serde_json::json;
use threadline::prelude::*;

use super::entities::{invoice, post, post_tag, tag, user};
use super::{now, raw, world};
use crate::fixture::run;

const BEFORE: &str = "INSERT INTO users (id, name, mood) VALUES (1, 'Ann', 'calm'), (2, 'Bob', 'cross');
    INSERT INTO posts (id, user_id, title, parent) VALUES (1, 1, 'one', NULL), (2, 1, 'two', 1), (3, 2, 'three', 2);
    INSERT INTO tags VALUES ('00000000-0000-0000-0000-00000000000a', 'red'), ('00000000-0000-0000-0000-00000000000b', 'blue');
    INSERT INTO post_tags VALUES (1, '00000000-0000-0000-0000-00000000000a'), (1, '00000000-0000-0000-0000-00000000000b'), (2, '00000000-0000-0000-0000-00000000000a');
    INSERT INTO billing.invoices (id, user_id, total) VALUES (1, 1, 10.5), (2, 2, 20);
    INSERT INTO countries VALUES ('AT')";

/// All of it, so that nothing read from today looks right.
const AFTER: &str = "UPDATE users SET name = 'not ' || name, mood = 'cross';
    DELETE FROM posts WHERE id = 3; UPDATE posts SET title = 'not ' || title, user_id = 2;
    INSERT INTO posts (id, user_id, title) VALUES (9, 1, 'new');
    TRUNCATE post_tags; UPDATE tags SET id = gen_random_uuid();
    UPDATE billing.invoices SET total = total + 1000";

/// What the queries give, as text.
async fn answers<C: ConnectionTrait + StreamTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let mut told = Vec::new();
    let posts = post::Entity::find().order_by_asc(post::Column::Id);
    told.push(format!("{:?}", posts.clone().all(db).await?));
    told.push(format!("{:?}", user::Entity::find_by_id(2).one(db).await?));
    told.push(format!("{:?}", post::Entity::find_by_id(9).one(db).await?));
    told.push(format!("{:?}", posts.clone().count(db).await?));
    let pages = posts.clone().paginate(db, 2);
    told.push(format!("{:?} {:?}", pages.num_items().await?, pages.fetch_page(1).await?));
    told.push(format!("{:?}", posts.clone().find_also_related(user::Entity).all(db).await?));
    let users = user::Entity::find().order_by_asc(user::Column::Id);
    told.push(format!("{:?}", users.clone().find_with_related(post::Entity).all(db).await?));
    let with_tags = posts.clone().find_with_related(tag::Entity);
    told.push(format!("{:?}", with_tags.order_by_asc(tag::Column::Name).all(db).await?));
    let ann = user::Entity::find_by_id(1).one(db).await?.expect("Ann");
    let hers = ann.find_related(post::Entity).order_by_asc(post::Column::Id);
    told.push(format!("{:?}", hers.all(db).await?));
    let all = posts.clone().all(db).await?;
    told.push(format!("{:?}", all.load_one(user::Entity, db).await?));
    let tags = tag::Entity::find().order_by_asc(tag::Column::Name);
    told.push(format!("{:?}", all.load_many(tags, db).await?));
    let cross = users.clone().filter(user::Column::Mood.eq(user::Mood::Cross));
    told.push(format!("{:?}", cross.all(db).await?));
    let by_user = post::Entity::find()
        .select_only()
        .column(post::Column::UserId)
        .column_as(post::Column::Id.count(), "n")
        .group_by(post::Column::UserId)
        .order_by_asc(post::Column::UserId);
    told.push(format!("{:?}", by_user.into_tuple::<(i32, i64)>().all(db).await?));
    let inner = user::Entity::find().select_only().column(user::Column::Id);
    let inner = inner.filter(user::Column::Name.eq("Ann")).into_query();
    let of_ann =
        posts.clone().filter(Condition::any().add(post::Column::UserId.in_subquery(inner)));
    told.push(format!("{:?}", of_ann.all(db).await?));
    let joined = posts
        .clone()
        .join(JoinType::InnerJoin, post::Relation::User.def())
        .filter(Expr::col((user::Entity, user::Column::Name)).eq("Bob"));
    told.push(format!("{:?}", joined.into_json().all(db).await?));
    let streamed: Vec<post::Model> = posts.clone().stream(db).await?.try_collect().await?;
    told.push(format!("{streamed:?}"));
    let invoices = invoice::Entity::find().order_by_asc(invoice::Column::Id);
    told.push(format!("{:?}", invoices.all(db).await?));
    told.push(format!("{:?}", post_tag::Entity::find().all(db).await?.len()));
    Ok(told)
}

/// Raw statements: every place in which a table can stand.
const RAW: &[&str] = &[
    "SELECT * FROM posts ORDER BY id",
    "SELECT p.title FROM public.posts p WHERE p.id = 1",
    "SELECT id FROM \"posts\" AS p, LATERAL (SELECT name FROM users u WHERE u.id = p.user_id) l ORDER BY 1",
    "TABLE tags ORDER BY name",
    "WITH RECURSIVE up AS (SELECT id, parent FROM posts WHERE id = 3 UNION ALL
        SELECT p.id, p.parent FROM posts p JOIN up ON p.id = up.parent) SELECT id FROM up ORDER BY id",
    "WITH posts AS (SELECT id + 100 AS id FROM posts) SELECT id FROM posts ORDER BY id",
    "WITH a AS (SELECT id FROM b), b AS (SELECT 1) SELECT 1 FROM tags WHERE false",
    "SELECT name FROM users WHERE EXISTS (SELECT FROM posts WHERE posts.user_id = users.id AND title = 'three')",
    "SELECT name, (SELECT count(*) FROM posts p WHERE p.user_id = users.id) AS n FROM users ORDER BY name",
    "SELECT id FROM posts UNION SELECT user_id FROM billing.invoices ORDER BY 1",
    "(SELECT id FROM posts ORDER BY id DESC LIMIT 1) UNION ALL (SELECT id FROM users ORDER BY id LIMIT 1)",
    "(WITH x AS (SELECT title FROM posts) SELECT max(title) AS top FROM x)",
    "SELECT invoices.total FROM billing.invoices JOIN users ON users.id = invoices.user_id ORDER BY 1",
    "SELECT p.id FROM (posts p JOIN users u ON u.id = p.user_id) WHERE u.name = 'Ann' ORDER BY 1",
    "SELECT a.id, b.id AS child FROM posts a LEFT JOIN posts b ON b.parent = a.id ORDER BY 1, 2",
    "SELECT DISTINCT ON (user_id) user_id, title FROM posts ORDER BY user_id, id DESC",
    "SELECT to_jsonb(posts) AS whole FROM posts WHERE id = 2",
    "SELECT array(SELECT title FROM posts ORDER BY id) AS titles",
    "SELECT code FROM countries",
    "VALUES ((SELECT count(*) FROM tags))",
    "SELECT sum(n) FROM generate_series(1, (SELECT max(id) FROM posts)) n",
    "SELECT title, row_number() OVER (PARTITION BY user_id ORDER BY id) AS r FROM posts ORDER BY id",
    "SELECT u.name FROM users u NATURAL JOIN (SELECT 1 AS id) one",
    "SELECT * FROM post_tags WHERE (tag_id, post_id) IN (('00000000-0000-0000-0000-00000000000b', 1))",
    "SELECT p.title, u.name FROM posts p LEFT JOIN users u ON p.user_id = u.id WHERE p.id = 3",
    "SELECT p.title, u.name FROM users u RIGHT JOIN posts p ON u.id = p.user_id AND u.id = 2 ORDER BY 1",
    "SELECT p.title, u.name FROM posts p FULL JOIN users u ON u.id = p.user_id AND u.id = 2 ORDER BY 1, 2",
    "SELECT p.title, u.name FROM posts p JOIN users u ON u.id = p.user_id WHERE p.id IN (1, 1, 3, 99) ORDER BY 1",
    "SELECT id FROM posts WHERE id = 1 OR title = 'three' ORDER BY 1",
    "SELECT a.id FROM posts a JOIN posts b ON b.id = a.parent JOIN posts c ON c.id = b.parent WHERE a.id = 3",
    "SELECT id FROM posts WHERE id = NULL",
    "SELECT É.title FROM /* é */ posts AS É WHERE É.id IN (1, 2) ORDER BY 1",
];

#[tokio::test]
async fn every_kind_of_query_reads_what_was() {
    let (f, registry) = world().await;
    f.run(BEFORE).await;
    let live = answers(&f.db).await.expect("reads");
    let mut live_raw = Vec::new();
    for sql in RAW {
        live_raw.push(raw(&f.db, sql).await);
    }
    let then = now(&f).await;
    f.run(AFTER).await;
    let past = f.db.as_of(then, &registry);
    let redacted = |text: &String| {
        text.replace("pin: \"1234\"", "pin: \"[REDACTED]\"")
            .replace("secret: \"s3cret\"", "secret: \"\"")
    };
    let hash = |text: String| match text.find("hmac:") {
        Some(_) => text
            .split("hmac:")
            .enumerate()
            .map(
                |(at, part)| {
                    if at == 0 { part.to_owned() } else { format!("a@b.c{}", &part[64..]) }
                },
            )
            .collect(),
        None => text,
    };
    let told = answers(&past).await.expect("reads");
    for (live, past) in live.iter().zip(told) {
        assert_eq!(redacted(live), hash(past));
    }
    for (sql, live) in RAW.iter().zip(live_raw) {
        match live {
            Ok(live) => assert_eq!(raw(&past, sql).await.expect(sql), live, "{sql}"),
            Err(_) => assert!(raw(&past, sql).await.is_err(), "{sql}"),
        }
    }
    assert_ne!(answers(&f.db).await.expect("reads"), live, "today is another day");
}

#[tokio::test]
async fn a_transfer_is_never_seen_half_way() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (id, name, balance) VALUES (1, 'Ann', 100), (2, 'Bob', 0)").await;
    let other = f.test_db.pool_of(1).await;
    let before = now(&f).await;
    let txn = other.begin().await.expect("begins");
    run(&txn, "UPDATE users SET balance = balance - 60 WHERE id = 1").await;
    let between = now(&f).await;
    run(&txn, "UPDATE users SET balance = balance + 60 WHERE id = 2").await;
    let open = now(&f).await;
    let balances = async |at| {
        let past = f.db.as_of(at, &registry);
        raw(&past, "SELECT balance::int AS b FROM users ORDER BY id").await.expect("reads")
    };
    let (untouched, moved) =
        (vec![json!({"b": 100}), json!({"b": 0})], vec![json!({"b": 40}), json!({"b": 60})]);
    assert_eq!(balances(open).await, untouched);
    txn.commit().await.expect("commits");
    let after = now(&f).await;
    for at in [before, between, open] {
        assert_eq!(balances(at).await, untouched);
        let one = user::Entity::find_by_id(1).one(&f.db.as_of(at, &registry)).await;
        assert_eq!(one.expect("reads").expect("is there").balance.to_string(), "100.000000");
    }
    assert_eq!(balances(after).await, moved);
}

#[tokio::test]
async fn deletes_truncates_and_moved_keys_are_what_they_were() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Bob')").await;
    let both = now(&f).await;
    f.run("UPDATE users SET id = 3 WHERE id = 1; DELETE FROM users WHERE id = 2").await;
    let moved = now(&f).await;
    f.run("TRUNCATE users CASCADE").await;
    let none = now(&f).await;
    f.run("INSERT INTO users (id, name) VALUES (3, 'Cid')").await;
    let again = now(&f).await;
    for (at, names) in [(both, "1 Ann, 2 Bob"), (moved, "3 Ann"), (none, ""), (again, "3 Cid")] {
        let past = f.db.as_of(at, &registry);
        let rows = user::Entity::find().order_by_asc(user::Column::Id).all(&past).await;
        let rows = rows.expect("reads");
        let told: Vec<String> = rows.iter().map(|row| format!("{} {}", row.id, row.name)).collect();
        assert_eq!(told.join(", "), names);
        for id in 1..=3 {
            let one = user::Entity::find_by_id(id).one(&past).await.expect("reads");
            assert_eq!(one.as_ref(), rows.iter().find(|row| row.id == id));
        }
    }
}

#[tokio::test]
async fn the_past_is_read_in_a_transaction_and_by_a_reader_with_settings_of_its_own() {
    let (f, registry) = world().await;
    f.run(
        "INSERT INTO users (id, name, seen) VALUES (1, 'Ann', '2026-01-02 03:04:05.678901+05:45')",
    )
    .await;
    let live = user::Entity::find_by_id(1).one(&f.db).await.expect("reads").expect("is there");
    let then = now(&f).await;
    f.run("UPDATE users SET seen = NULL").await;
    run(&f.db, "SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'German, DMY';
        SET IntervalStyle = 'sql_standard'; SET bytea_output = 'escape'; SET extra_float_digits = -3;
        SET search_path = billing")
    .await;
    let txn = f.db.begin().await.expect("begins");
    let past = txn.as_of(then, &registry);
    assert_eq!(past.at().utc(), then);
    let read = user::Entity::find_by_id(1).one(&past).await.expect("reads").expect("is there");
    assert_eq!(read.seen, live.seen);
    let sql = "SELECT name FROM users WHERE seen = '2026-01-01T21:19:05.678901Z'";
    assert_eq!(raw(&past, sql).await.expect("reads"), [json!({"name": "Ann"})]);
    txn.commit().await.expect("commits");
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Named {
    name: String,
}

#[tokio::test]
async fn a_statement_is_the_same_text_for_every_moment_and_outlives_a_change_of_the_table() {
    let (f, registry) = world().await;
    let mut moments = Vec::new();
    for round in 0..8 {
        f.run(&format!(
            "INSERT INTO users (id, name) VALUES (1, '{round}')
            ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        ))
        .await;
        moments.push(now(&f).await);
        if round == 5 {
            f.run("ALTER TABLE users ADD COLUMN extra int; ALTER TABLE users DROP COLUMN extra")
                .await;
        }
    }
    for (round, at) in moments.iter().enumerate() {
        let past = f.db.as_of(*at, &registry);
        let names = user::Entity::find().into_model::<Named>().all(&past).await.expect("reads");
        assert_eq!(names, [Named { name: round.to_string() }]);
    }
    let prepared = f
        .value(
            "SELECT to_jsonb(count(*)) FROM pg_prepared_statements WHERE statement LIKE 'WITH%past 1%'",
        )
        .await;
    assert_eq!(prepared, 1);
}
