//! What keeps a table in shape: it records nothing, breaks nothing, and what of it is a change of
//! the rows all the same is named in `docs/what-is-captured.md`.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use threadline_migration::Error;

use crate::fixture::{Fixture, plain, registry};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, n int);
    INSERT INTO t SELECT i, 'a', i FROM generate_series(1, 3) i";

/// Statements of one row and of many, each recorded.
const WRITES: &str = "UPDATE t SET v = v || 'x' WHERE id = 1; UPDATE t SET v = v || 'x';
    INSERT INTO t (id) VALUES (9); DELETE FROM t WHERE id = 9";
const WRITTEN: usize = 6;

async fn table() -> Fixture {
    Fixture::audited(T, [plain("t")]).await
}

#[tokio::test]
async fn a_vacuum_a_cluster_and_a_new_index_record_nothing_and_break_nothing() {
    let f = table().await;
    for upkeep in [
        "VACUUM FULL t",
        "VACUUM (FREEZE, ANALYZE) t",
        "CLUSTER t USING t_pkey",
        "REINDEX TABLE t",
        "REINDEX TABLE CONCURRENTLY t",
        "CREATE INDEX CONCURRENTLY t_v ON t (v)",
        "ALTER TABLE t SET (fillfactor = 70)",
        "ALTER TABLE t SET UNLOGGED",
        "ALTER TABLE t SET LOGGED",
        "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
        "ALTER TABLE t ALTER v SET NOT NULL; ALTER TABLE t ALTER v DROP NOT NULL",
        "ALTER TABLE t ADD CHECK (id > 0)",
        "ALTER TABLE t REPLICA IDENTITY FULL",
        "VACUUM FULL threadline.audit_changes",
    ] {
        f.run("TRUNCATE threadline.audit_changes").await;
        f.run(upkeep).await;
        assert_eq!(f.changes().await, Vec::<Value>::new(), "{upkeep}");
        f.run(WRITES).await;
        assert_eq!(f.changes().await.len(), WRITTEN, "{upkeep}");
    }
}

#[tokio::test]
async fn a_rewrite_by_alter_table_is_not_recorded_and_what_follows_is() {
    let f = table().await;
    f.run("UPDATE t SET n = 10 WHERE id = 1").await;
    f.run(
        "ALTER TABLE t ADD tag text DEFAULT 'new'; ALTER TABLE t ALTER n TYPE text USING n || '!'",
    )
    .await;
    assert_eq!(f.changes().await.len(), 1, "no statement wrote these values");
    f.run("UPDATE t SET v = 'b' WHERE id = 1").await;
    let change = &f.changes().await[1];
    assert_eq!(change[2], json!({"id": 1, "v": "b", "n": "10!", "tag": "new"}));
    assert_eq!(change[3], json!(["v"]), "the rewrite is not laid at the writer's door");
}

#[tokio::test]
async fn a_truncate_that_cascades_is_recorded_for_every_audited_table() {
    let f = Fixture::audited(
        &format!(
            "{T}; CREATE TABLE child (id serial PRIMARY KEY, t int REFERENCES t);
        CREATE TABLE silent (id serial PRIMARY KEY, t int REFERENCES t)"
        ),
        [plain("t"), plain("child")],
    )
    .await;
    f.run("INSERT INTO child (t) VALUES (1); TRUNCATE t RESTART IDENTITY CASCADE").await;
    f.run("INSERT INTO t VALUES (1)").await;
    f.run("INSERT INTO child (t) VALUES (1)").await;
    let recorded = "SELECT jsonb_build_array(table_name, op, row_pk)
        FROM threadline.audit_changes ORDER BY transaction_id, table_name";
    assert_eq!(
        f.values(recorded).await,
        [
            json!(["child", "insert", {"id": 1}]),
            json!(["child", "truncate", null]),
            json!(["t", "truncate", null]),
            json!(["t", "insert", {"id": 1}]),
            json!(["child", "insert", {"id": 1}]),
        ]
    );
}

#[tokio::test]
async fn a_truncate_of_an_empty_table_is_recorded_too() {
    let f = table().await;
    f.run("TRUNCATE t; TRUNCATE t").await;
    assert_eq!(f.operations().await, ["truncate", "truncate"]);
}

#[tokio::test]
async fn a_dropped_table_records_nothing_and_its_past_stays() {
    let f = table().await;
    f.run("UPDATE t SET v = 'x' WHERE id = 1; DROP TABLE t").await;
    assert_eq!(f.operations().await, ["update {\"id\": 1}"]);
    f.run(T).await;
    f.run("UPDATE t SET v = 'y' WHERE id = 1").await;
    assert_eq!(f.operations().await.len(), 1, "a table made anew is not attached by its name");
    f.sync([plain("t")]).await;
    f.run("UPDATE t SET v = 'z' WHERE id = 1").await;
    assert_eq!(f.operations().await.len(), 2);
}

#[tokio::test]
async fn a_table_made_from_an_audited_one_is_not_audited_itself() {
    let f = table().await;
    f.run("CREATE TABLE copied AS SELECT * FROM t; CREATE TABLE alike (LIKE t INCLUDING ALL)")
        .await;
    f.run("UPDATE copied SET v = 'x'; INSERT INTO alike SELECT * FROM t").await;
    assert_eq!(f.changes().await, Vec::<Value>::new());
}

#[tokio::test]
async fn triggers_that_the_owner_disables_record_nothing_until_the_next_sync() {
    let f = table().await;
    f.run("ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET v = 'unseen' WHERE id = 1").await;
    assert_eq!(f.changes().await, Vec::<Value>::new());
    f.sync([plain("t")]).await;
    f.run("UPDATE t SET v = 'seen' WHERE id = 1").await;
    assert_eq!(f.changes().await[0][4], json!({"v": "unseen"}), "the gap can be seen");
}

#[tokio::test]
async fn a_foreign_table_is_refused_with_the_way_out() {
    let f = table().await;
    if f.db.execute_unprepared("CREATE EXTENSION postgres_fdw").await.is_err() {
        return;
    }
    f.run(
        "CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
        CREATE FOREIGN TABLE away (id int, v text, n int) SERVER elsewhere",
    )
    .await;
    let registry = registry([plain("away")]);
    let error = threadline_migration::sync(&f.db, &registry).await.expect_err("refused");
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert!(error.to_string().contains("audit it where it lives"), "{error}");
}

#[tokio::test]
async fn an_unlogged_table_is_recorded_like_any_other() {
    let f = Fixture::audited(
        "CREATE UNLOGGED TABLE t (id int PRIMARY KEY, v text, n int)",
        [plain("t")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)").await;
    f.run(WRITES).await;
    assert_eq!(f.operations().await.len(), 3 + WRITTEN);
    let kept = "SELECT DISTINCT to_jsonb(relpersistence = 'p') FROM pg_class
        WHERE relname LIKE 'audit_changes%'";
    assert_eq!(f.values(kept).await, [json!(true)], "what is recorded is logged");
}
