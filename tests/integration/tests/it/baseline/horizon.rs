//! From when on a table is in the trail as a whole.

use serde_json::json;

use super::{T, attach, attached, baseline, completeness, detach};
use crate::fixture::{Fixture, column, plain, registry, run, value};

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
        let f = attached(ddl, plain("t")).await;
        assert_eq!(completeness(&f).await, json!(null), "{ddl}");
    }
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
         GRANT EXECUTE ON FUNCTION threadline.may_hold_rows, threadline.may_read_rows TO {name}"
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
    detach(&f).await;
    f.run("INSERT INTO t VALUES (2, 'unseen')").await;
    attach(&f, plain("t")).await;
    assert_eq!(completeness(&f).await, json!(null));
}

#[tokio::test]
async fn what_was_recorded_is_complete_from_the_commit_on() {
    let f = attached(&format!("{T}; INSERT INTO t VALUES (1, 'old')"), plain("t")).await;
    f.run("BEGIN").await;
    assert_eq!(baseline(&f).await, json!(1));
    f.run("SELECT pg_sleep(0.01); COMMIT").await;
    let later = "SELECT to_jsonb(a.complete_since >= t.committed_at AND t.committed_at > c.captured_at)
        FROM threadline.audited_tables a, threadline.audit_transactions t, threadline.audit_changes c";
    assert_eq!(f.value(later).await, json!(true), "a moment before it shows nothing of it");
    let both = "SELECT jsonb_build_array(since, complete_since) FROM threadline.audited_tables";
    let first = f.value(both).await;
    assert_eq!(baseline(&f).await, json!(0));
    assert_eq!(f.value(both).await, first);
    f.run("BEGIN; UPDATE threadline.audited_tables SET complete_since = NULL").await;
    f.run("SELECT threadline.baseline('t'); ROLLBACK").await;
    assert_eq!(f.value(both).await, first);
}
