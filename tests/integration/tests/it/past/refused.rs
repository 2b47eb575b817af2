//! What cannot be asked of the past, and is not sent.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, QuerySelect};
use threadline::prelude::*;

use super::entities::{post, tag};
use super::{now, raw, world};

#[tokio::test]
async fn a_statement_that_does_not_only_read_is_refused() {
    let (f, registry) = world().await;
    f.run("INSERT INTO users (name) VALUES ('Ann')").await;
    let past = f.db.as_of(now(&f).await, &registry);
    for (sql, why) in [
        ("DELETE FROM users", "the past can only be read"),
        ("INSERT INTO users (name) VALUES ('x')", "the past can only be read"),
        ("UPDATE users SET name = 'x'", "the past can only be read"),
        ("WITH gone AS (DELETE FROM users RETURNING id) SELECT * FROM gone", "can only be read"),
        ("SELECT * FROM users FOR UPDATE", "FOR UPDATE or FOR SHARE"),
        ("SELECT * FROM (SELECT * FROM users FOR SHARE) u", "FOR UPDATE or FOR SHARE"),
        ("SELECT * INTO copied FROM users", "SELECT INTO makes a table"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("EXPLAIN SELECT * FROM users", "can only be read"),
        ("SET search_path = other", "can only be read"),
        ("TRUNCATE users", "can only be read"),
        ("", "it is empty"),
        ("SELECT * FROM strangers", "public.strangers is not in the registry"),
        ("SELECT (SELECT count(*) FROM strangers)", "public.strangers is not in the registry"),
        ("SELECT * FROM billing.users", "billing.users is not in the registry"),
        ("SELECT * FROM pg_class", "public.pg_class is not in the registry"),
        ("SELECT * FROM pg_catalog.pg_class", "pg_catalog.pg_class is not in the registry"),
        ("SELECT * FROM other.public.users", "in another database"),
        ("SELECT * FROM users TABLESAMPLE SYSTEM (10)", "cannot be asked of the past"),
        ("SELECT nextval('users_id_seq')", "the function `nextval`"),
        ("SELECT query_to_xml('SELECT * FROM users', true, true, '')", "`query_to_xml`"),
        ("SELECT * FROM public.count_users()", "`public.count_users`"),
        ("SELECT public.count(1)", "`public.count`"),
        ("SELECT * FROM users WHERE id = $1", "1 parameters and 0 values"),
        ("SELECT * FROM users WHERE", "cannot be asked of the past"),
        ("SELECT 1 AS \"threadline past 1\" FROM users", "a name in it begins"),
    ] {
        let error = raw(&past, sql).await.expect_err(sql).to_string();
        assert!(error.contains(why), "{sql}: {error}");
    }
    let left = f.value("SELECT to_jsonb(count(*)) FROM users").await;
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_write_of_an_entity_is_refused() {
    let (f, registry) = world().await;
    let past = f.db.as_of(now(&f).await, &registry);
    let new = tag::ActiveModel { id: Set(Default::default()), name: Set("new".to_owned()) };
    let error = new.insert(&past).await.expect_err("writes").to_string();
    assert!(error.contains("can only be read"), "{error}");
    let error = tag::Entity::delete_many().exec(&past).await.expect_err("writes").to_string();
    assert!(error.contains("can only be read"), "{error}");
    let error = past.execute_unprepared("SELECT 1").await.expect_err("executes").to_string();
    assert!(error.contains("can only be read"), "{error}");
    let error = post::Entity::find().lock_exclusive().one(&past).await.expect_err("locks");
    assert!(error.to_string().contains("FOR UPDATE"), "{error}");
}

#[tokio::test]
async fn a_moment_of_which_not_all_is_known_is_refused() {
    let (f, registry) = world().await;
    let now = now(&f).await;
    let long_ago = now - chrono::TimeDelta::days(400);
    let ask = async |at| post::Entity::find().all(&f.db.as_of(at, &registry)).await;
    let error = ask(long_ago).await.expect_err("unknown").to_string();
    assert!(error.contains("public.posts is known as a whole only since"), "{error}");
    assert_eq!(ask(now).await.expect("reads").len(), 0);
    f.run("UPDATE threadline.audited_tables SET complete_since = NULL").await;
    let error = ask(now).await.expect_err("holes").to_string();
    assert!(error.contains("baseline public.posts"), "{error}");
    f.run(&format!(
        "UPDATE threadline.audited_tables SET complete_since = since, detached_at = '{now}'"
    ))
    .await;
    let error = ask(now).await.expect_err("detached").to_string();
    assert!(error.contains("audited no longer since"), "{error}");
    f.run("DELETE FROM threadline.audited_tables").await;
    let error = ask(now).await.expect_err("not audited").to_string();
    assert!(error.contains("public.posts is not audited in this database"), "{error}");
}
