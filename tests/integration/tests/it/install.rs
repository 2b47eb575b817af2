//! Installing, syncing, taking away.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use threadline::{CaptureMode, TableSpec};
use threadline_migration::{Error, Outcome, install, sync};
use threadline_testkit::TestDb;

use crate::fixture::{Fixture, column, plain, registry, run, values, written};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

#[tokio::test]
async fn installing_twice_and_from_twenty_sessions_at_once_gives_one_schema() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(20).await;
    let installs = (0..20).map(|_| install(&db));
    for result in futures_util::future::join_all(installs).await {
        result.expect("installs");
    }
    install(&db).await.expect("installs again");
    let versions = values(&db, "SELECT to_jsonb(version) FROM threadline.schema_version").await;
    assert_eq!(versions, [json!(1)]);
}

#[tokio::test]
async fn a_sync_converges_and_tells_what_it_did() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; CREATE TABLE u (id int PRIMARY KEY)")).await;
    let outcomes = |report: threadline_migration::Report| {
        let outcomes = report.tables.into_iter().map(|(table, o)| (table.name().to_owned(), o));
        outcomes.collect::<BTreeMap<_, _>>()
    };
    let both = registry([plain("t"), plain("u")]);
    let first = outcomes(sync(&f.db, &both).await.expect("syncs"));
    assert_eq!(
        first,
        BTreeMap::from([("t".into(), Outcome::Created), ("u".into(), Outcome::Created)])
    );
    assert!(sync(&f.db, &both).await.expect("syncs").is_unchanged());
    let one = registry([plain("t").exclude(column("v"))]);
    let second = outcomes(sync(&f.db, &one).await.expect("syncs"));
    assert_eq!(
        second,
        BTreeMap::from([("t".into(), Outcome::Updated), ("u".into(), Outcome::Orphan)])
    );
    f.run("INSERT INTO u VALUES (1)").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"], "an orphan is still captured");
}

fn by_statement() -> TableSpec {
    plain("t").in_mode(CaptureMode::Statement)
}

#[tokio::test]
async fn a_sync_mends_what_was_altered_by_hand() {
    for damage in [
        "ALTER TABLE t DISABLE TRIGGER \"00_threadline_update\"",
        "ALTER TABLE t ENABLE TRIGGER \"00_threadline_update\"",
        "DROP TRIGGER \"00_threadline_truncate\" ON t",
        "ALTER TABLE t ADD w int",
        "CREATE OR REPLACE FUNCTION threadline.\"capture public.t\"() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN RETURN NULL; END'",
        "ALTER FUNCTION threadline.\"capture public.t\"() SECURITY INVOKER",
    ] {
        let f = Fixture::audited(T, [by_statement()]).await;
        f.run(damage).await;
        let report = sync(&f.db, &registry([by_statement()])).await.expect("syncs");
        assert_eq!(report.tables[0].1, Outcome::Updated, "{damage}");
        f.run("INSERT INTO t (id) VALUES (1); UPDATE t SET v = 'x'; TRUNCATE t").await;
        assert_eq!(f.operations().await.len(), 3, "{damage}");
        assert!(sync(&f.db, &registry([by_statement()])).await.expect("syncs").is_unchanged());
    }
}

#[tokio::test]
async fn a_sync_that_fails_changes_nothing() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int)").await;
    let error = sync(&f.db, &registry([plain("a"), plain("b")])).await.expect_err("b has no key");
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    f.run("INSERT INTO a VALUES (1)").await;
    assert_eq!(f.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_table_that_is_dropped_and_made_again_starts_a_new_horizon() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let since = "SELECT to_jsonb(since) FROM threadline.audited_tables";
    let first = f.value(since).await;
    f.sync([plain("t").exclude(column("v"))]).await;
    assert_eq!(f.value(since).await, first, "an update of the policy moves no horizon");
    f.run(&format!("DROP TABLE t; {T}")).await;
    f.sync([plain("t").exclude(column("v"))]).await;
    assert_ne!(f.value(since).await, first);
}

#[tokio::test]
async fn partitions_are_made_ahead_and_take_rows_that_came_too_early() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let in_default = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes_default";
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    assert_eq!(f.value(in_default).await, json!(0), "this month has a partition of its own");
    f.run("WITH early AS (SELECT c.* FROM threadline.audit_changes c)
        INSERT INTO threadline.audit_changes (transaction_id, table_schema, table_name, row_hash, row_pk, op, data_after, captured_at)
        SELECT transaction_id, table_schema, table_name, row_hash, row_pk, op, data_after, now() + interval '13 months 15 days' FROM early").await;
    assert_eq!(f.value(in_default).await, json!(1));
    let made = f.value("SELECT to_jsonb(threadline.create_partitions(14))").await;
    assert_eq!(made, json!(4), "two months more, for changes and for transactions");
    assert_eq!(f.value(in_default).await, json!(0));
    assert_eq!(f.operations().await.len(), 2, "nothing is lost on the way");
    assert_eq!(f.value("SELECT to_jsonb(threadline.create_partitions(14))").await, json!(0));
}

#[tokio::test]
async fn a_write_outside_of_every_partition_is_captured_by_the_default_one() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(
        "DO $$ DECLARE leaf regclass; BEGIN
        FOR leaf IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN
            ('threadline.audit_changes'::regclass, 'threadline.audit_transactions'::regclass)
            AND inhrelid::regclass::text NOT LIKE '%default' LOOP
            EXECUTE 'DROP TABLE ' || leaf; END LOOP; END $$",
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    assert_eq!(f.operations().await.len(), 1);
}

#[tokio::test]
async fn the_database_itself_refuses_rows_that_contradict_themselves() {
    let f = Fixture::installed().await;
    let insert = |columns: &str, values: &str| {
        format!("INSERT INTO threadline.audit_changes (transaction_id, table_schema, table_name, captured_at, {columns})
            VALUES (1, 's', 't', now(), {values})")
    };
    for (columns, row) in [
        ("op, row_hash, row_pk", "'insert', 1, '{}'"),
        ("op, row_pk, data_after", "'insert', '{}', '{}'"),
        ("op, row_hash, row_pk, data_after, changed_from", "'insert', 1, '{}', '{}', '{}'"),
        ("op, row_hash, row_pk, data_after", "'update', 1, '{}', '{}'"),
        ("op, row_hash, row_pk, data_after, changed_from", "'delete', 1, '{}', '{}', '{}'"),
        ("op, row_hash, row_pk", "'delete', 1, '{}'"),
        ("op, row_pk", "'truncate', '{}'"),
        ("op, row_hash", "'truncate', 1"),
        ("op", "'delete'"),
    ] {
        let sql = written(&insert(columns, row));
        let error = f.db.execute_unprepared(&sql).await.expect_err(&sql).to_string();
        assert!(error.contains("violates check constraint"), "{sql}: {error}");
    }
    run(&f.db, &insert("op, row_hash, row_pk, data_after", "'insert', 1, '{}', '{}'")).await;
}

#[tokio::test]
async fn a_generated_down_puts_back_what_an_earlier_migration_had_attached() {
    let f =
        Fixture::audited(&format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"), [plain("t")]).await;
    let folder = std::env::temp_dir().join(format!("generate_{}", f.test_db.name()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let second = registry([plain("t").exclude(column("v")), plain("u")]);
    let generated = threadline_migration::generate(&f.db, &second, &folder, "second").await;
    let name = generated.expect("it can be generated").name;
    let sql = |ending: &str| {
        std::fs::read_to_string(folder.join(format!("{name}.{ending}.sql"))).expect("it is written")
    };
    f.run(&sql("up")).await;
    f.run("INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (1)").await;
    f.run(&sql("down")).await;
    f.run("INSERT INTO t VALUES (2, 'b'); INSERT INTO u VALUES (2)").await;
    let images = f.values("SELECT data_after FROM threadline.audit_changes ORDER BY id").await;
    assert_eq!(images, [json!({"id": 1}), json!({"id": 1}), json!({"id": 2, "v": "b"})]);
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}
