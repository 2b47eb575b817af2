//! Which rows are recorded, and that each is once.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{T, attach, attached, baseline, completeness, detach};
use crate::fixture::{Fixture, plain, run, value, written};

async fn of_three() -> Fixture {
    attached(
        &format!("{T}; INSERT INTO t SELECT i, 'old' FROM generate_series(1, 3) i"),
        plain("t"),
    )
    .await
}

fn recorded(op: &str, id: i32, v: &str) -> Value {
    json!([op, {"id": id}, {"id": id, "v": v}, null, null])
}

#[tokio::test]
async fn every_row_that_has_no_change_is_recorded_once() {
    let f = of_three().await;
    f.run("UPDATE t SET v = 'new' WHERE id = 2; DELETE FROM t WHERE id = 3").await;
    f.run("INSERT INTO t VALUES (4, 'seen'); UPDATE t SET id = 5 WHERE id = 4").await;
    let before = f.changes().await;
    assert_eq!(baseline(&f).await, json!(1));
    let after = f.changes().await;
    assert_eq!(after[before.len()..], [recorded("baseline", 1, "old")]);
    assert_eq!(baseline(&f).await, json!(0), "a second time there is nothing to record");
    assert_eq!(f.changes().await, after);
    assert_eq!(completeness(&f).await, json!("from later on"));
}

#[tokio::test]
async fn a_row_that_is_there_though_the_trail_has_it_gone_is_recorded() {
    let f = of_three().await;
    f.run("DELETE FROM t WHERE id = 1; TRUNCATE t").await;
    f.run("INSERT INTO t VALUES (6, 'seen')").await;
    // Nobody sees what is written while the triggers are off.
    f.run("ALTER TABLE t DISABLE TRIGGER USER; INSERT INTO t SELECT i, 'back' FROM generate_series(1, 2) i;
        ALTER TABLE t ENABLE TRIGGER USER")
        .await;
    assert_eq!(baseline(&f).await, json!(2));
    let newest = f.changes().await;
    let newest = &newest[newest.len() - 2..];
    for id in [1, 2] {
        assert!(newest.contains(&recorded("baseline", id, "back")), "{newest:?}");
    }
    assert_eq!(baseline(&f).await, json!(0));
}

#[tokio::test]
async fn after_a_detach_every_row_is_recorded_anew() {
    let f = of_three().await;
    assert_eq!(baseline(&f).await, json!(3));
    detach(&f).await;
    f.run("UPDATE t SET v = 'unseen' WHERE id = 2").await;
    attach(&f, plain("t")).await;
    assert_eq!(completeness(&f).await, json!(null));
    assert_eq!(baseline(&f).await, json!(3));
    assert!(f.changes().await.contains(&recorded("baseline", 2, "unseen")));
    assert_eq!(baseline(&f).await, json!(0));
}

#[tokio::test]
async fn it_is_one_transaction_of_whoever_acts() {
    let f = of_three().await;
    f.run(
        "BEGIN; SELECT set_config('threadline.context', '{\"actor\": {\"type\": \"user\", \"id\": \"7\"}}', true);
         SELECT threadline.baseline('t'); UPDATE t SET v = 'later'; COMMIT",
    )
    .await;
    let transactions = f
        .values(
            "SELECT jsonb_build_array(t.actor_id, t.committed_at IS NOT NULL, count(*))
            FROM threadline.audit_transactions t
            JOIN threadline.audit_changes c ON c.transaction_id = t.id GROUP BY t.actor_id, t.committed_at",
        )
        .await;
    assert_eq!(transactions, [json!(["7", true, 6])]);
    f.run("INSERT INTO t VALUES (9, 'seen')").await;
    let recorded = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    let count = f.value(recorded).await;
    assert_eq!(baseline(&f).await, json!(0));
    assert_eq!(f.value(recorded).await, count, "nothing recorded, no transaction");
}

#[tokio::test]
async fn an_action_that_is_open_is_the_reason() {
    let f = of_three().await;
    f.run(
        "BEGIN; SELECT threadline.begin_action('{\"actor\": {\"type\": \"job\", \"id\": \"night\"}}', '{\"name\": \"audit.begin\"}');
         SELECT threadline.baseline('t'); COMMIT",
    )
    .await;
    let actions = f
        .values(
            "SELECT DISTINCT to_jsonb(a.name) FROM threadline.audit_changes c
            JOIN threadline.audit_actions a ON a.id = c.action_id",
        )
        .await;
    assert_eq!(actions, [json!("audit.begin")]);
}

#[tokio::test]
async fn what_writers_do_meanwhile_is_neither_lost_nor_recorded_twice() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; INSERT INTO t SELECT i, 'old' FROM generate_series(1, 2000) i")).await;
    attach(&f, plain("t")).await;
    let pool = f.test_db.pool_of(6).await;
    let writer = async |seed: i32| {
        for round in 0..40 {
            let id = (seed * 397 + round * 13) % 2000 + 1;
            run(&pool, &format!("UPDATE t SET v = 'w{seed}.{round}' WHERE id = {id}")).await;
            let new = 10_000 + seed * 100 + round;
            run(&pool, &format!("INSERT INTO t VALUES ({new}, 'n')")).await;
            run(&pool, &format!("DELETE FROM t WHERE id = {}", (id + 7) % 2000 + 1)).await;
        }
    };
    let recorder = async {
        for _ in 0..5 {
            run(&f.db, "SELECT threadline.baseline('t')").await;
        }
    };
    futures_util::future::join5(writer(1), writer(2), writer(3), writer(4), recorder).await;
    let twice = "SELECT to_jsonb(row_pk) FROM threadline.audit_changes
        WHERE op = 'baseline' GROUP BY row_pk HAVING count(*) > 1";
    assert_eq!(f.values(twice).await, Vec::<Value>::new());
    let not_first = "SELECT to_jsonb(b.row_pk) FROM threadline.audit_changes b
        JOIN threadline.audit_changes c ON c.row_pk = b.row_pk AND c.id < b.id WHERE b.op = 'baseline'";
    assert_eq!(f.values(not_first).await, Vec::<Value>::new(), "a baseline is a row's beginning");
    let differs = "WITH newest AS (
            SELECT DISTINCT ON (row_pk) row_pk, data_after FROM threadline.audit_changes
            ORDER BY row_pk, id DESC)
        SELECT coalesce(to_jsonb(t), n.data_after) FROM t
        FULL JOIN (SELECT * FROM newest WHERE data_after IS NOT NULL) n ON n.row_pk = jsonb_build_object('id', t.id)
        WHERE to_jsonb(t) IS DISTINCT FROM n.data_after";
    assert_eq!(f.values(differs).await, Vec::<Value>::new(), "the trail is the table");
}

#[tokio::test]
async fn it_waits_for_writers_and_lets_readers_through() {
    let f = of_three().await;
    let pool = f.test_db.pool_of(2).await;
    let writer = sea_orm::TransactionTrait::begin(&pool).await.expect("begins");
    run(&writer, "UPDATE t SET v = 'in flight' WHERE id = 1").await;
    let waits = "SET lock_timeout = '50ms'; SELECT threadline.baseline('t')";
    let error = f.db.execute_unprepared(&written(waits)).await.expect_err("waits").to_string();
    assert!(error.contains("lock timeout"), "{error}");
    sea_orm::TransactionSession::commit(writer).await.expect("commits");
    f.run("BEGIN; SET lock_timeout = 0; SELECT threadline.baseline('t')").await;
    assert_eq!(value(&pool, "SELECT to_jsonb(count(*)) FROM t").await, json!(3), "reads go on");
    f.run("COMMIT").await;
    let ops = f.operations().await;
    assert_eq!(ops.iter().filter(|op| op.starts_with("baseline")).count(), 2, "{ops:?}");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_with_the_reason() {
    let f = attached(
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
         CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (9);
         CREATE TABLE other (id int PRIMARY KEY); CREATE VIEW seen AS SELECT * FROM t",
        plain("t"),
    )
    .await;
    for (sql, why) in [
        ("SELECT threadline.baseline('other')", "public.other is not under audit"),
        ("SELECT threadline.baseline('t_low')", "part of public.t: record"),
        ("SELECT threadline.baseline('seen')", "public.seen is not under audit"),
        (
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT threadline.baseline('t')",
            "READ COMMITTED",
        ),
        ("ALTER TABLE t RENAME TO moved; SELECT threadline.baseline('moved')", "not under audit"),
        (
            "ALTER TABLE t RENAME TO moved; ALTER TABLE other RENAME TO t; SELECT threadline.baseline('t')",
            "not under audit",
        ),
    ] {
        let outcome = f.db.execute_unprepared(&written(sql)).await;
        let error = format!("{:?}", outcome.expect_err(sql));
        assert!(error.contains(why), "{sql}: {error}");
        f.run("ROLLBACK").await;
    }
}

#[tokio::test]
async fn two_tables_that_swapped_names_are_not_taken_for_each_other() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; CREATE TABLE u (id int PRIMARY KEY, v text, secret text)")).await;
    f.run("INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (1, 'b', 'CANARY')").await;
    for spec in [plain("t"), plain("u").exclude(crate::fixture::column("secret"))] {
        attach(&f, spec).await;
    }
    f.run("ALTER TABLE t RENAME TO x; ALTER TABLE u RENAME TO t; ALTER TABLE x RENAME TO u").await;
    let outcome = f.db.execute_unprepared(&written("SELECT threadline.baseline('t')")).await;
    let error = outcome.expect_err("it is not t").to_string();
    assert!(error.contains("was it renamed"), "{error}");
    assert_eq!(f.changes().await, Vec::<Value>::new());
}
