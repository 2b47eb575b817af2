//! Rows that were there before their table was audited are recorded, or it is known that they are not.

use serde_json::{Value, json};

use crate::fixture::{Fixture, column, plain, registry, run, value};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

/// Whether everything is known from the horizon on, from later on, or never.
async fn completeness(f: &Fixture) -> Value {
    let sql = "SELECT to_jsonb(CASE WHEN complete_since = since THEN 'from the horizon on'
            WHEN complete_since > since THEN 'from later on' END)
        FROM threadline.audited_tables WHERE table_name = 't'";
    f.value(sql).await
}

#[tokio::test]
async fn a_table_that_was_empty_is_complete_from_its_horizon_on() {
    for ddl in [
        T,
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
         CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (9)",
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE t_child () INHERITS (t)",
        "CREATE TABLE t (id int PRIMARY KEY, v text);
         INSERT INTO t VALUES (1, 'gone'); DELETE FROM t",
    ] {
        let f = Fixture::audited(ddl, [plain("t")]).await;
        assert_eq!(completeness(&f).await, json!("from the horizon on"), "{ddl}");
    }
}

#[tokio::test]
async fn a_table_with_rows_that_were_not_seen_is_not_complete() {
    for ddl in [
        &format!("{T}; INSERT INTO t VALUES (1, 'old')"),
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
         CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (9); INSERT INTO t VALUES (1, 'old')",
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE t_child () INHERITS (t);
         INSERT INTO t_child VALUES (1, 'old')",
    ] {
        let f = Fixture::installed().await;
        f.run(ddl).await;
        attach(&f).await;
        assert_eq!(completeness(&f).await, json!(null), "{ddl}");
    }
}

/// Attaches `t` as a frozen migration does.
async fn attach(f: &Fixture) {
    let plan = threadline_migration::plan(&f.db, &registry([plain("t")])).await.expect("a plan");
    plan.apply(&f.db).await.expect("attaches");
}

#[tokio::test]
async fn where_rows_may_be_hidden_from_who_attaches_nothing_is_claimed() {
    let f = Fixture::installed().await;
    f.run(T).await;
    let plan = threadline_migration::plan(&f.db, &registry([plain("t")])).await.expect("a plan");
    let sql = plan.sql();
    // An older snapshot than the lock.
    f.run(&sql.replacen("BEGIN;", "BEGIN ISOLATION LEVEL REPEATABLE READ;", 1)).await;
    assert_eq!(completeness(&f).await, json!(null));
    f.run(&format!("DROP TABLE t; {T}; {sql}")).await;
    assert_eq!(completeness(&f).await, json!("from the horizon on"));
    // Rows that a policy hides from the owner itself.
    let (plain_role, name) = (f.test_db.pool_of_as(1, "owner").await, f.test_db.role("owner"));
    f.run(&format!(
        "GRANT CREATE ON SCHEMA public TO {name};
         GRANT EXECUTE ON FUNCTION threadline.may_hold_rows TO {name}"
    ))
    .await;
    let hidden = "CREATE TABLE hidden (id int PRIMARY KEY); INSERT INTO hidden VALUES (1);
        ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY";
    run(&plain_role, hidden).await;
    let count = value(&plain_role, "SELECT to_jsonb(count(*)) FROM hidden").await;
    let seen = value(&plain_role, "SELECT to_jsonb(threadline.may_hold_rows('hidden'))").await;
    assert_eq!([count, seen], [json!(0), json!(true)]);
}

#[tokio::test]
async fn attaching_again_keeps_what_is_known_and_after_a_detach_it_is_found_out_anew() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let both = "SELECT jsonb_build_array(since, complete_since) FROM threadline.audited_tables";
    let first = f.value(both).await;
    f.run("INSERT INTO t VALUES (1, 'recorded')").await;
    f.sync([plain("t").exclude(column("v"))]).await;
    assert_eq!(f.value(both).await, first, "its rows are in the trail");
    let table = threadline::TableName::parse("t").expect("a name");
    let plan = threadline_migration::Plan::detach(&f.db, [table]).await.expect("a plan");
    plan.apply(&f.db).await.expect("detaches");
    f.run("INSERT INTO t VALUES (2, 'unseen')").await;
    attach(&f).await;
    assert_eq!(completeness(&f).await, json!(null));
}
