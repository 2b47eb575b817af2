//! Partitioned tables: one table, whatever it is made of.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use threadline::CaptureMode;
use threadline_migration::Error;

use crate::fixture::{Fixture, column, plain, registry, run};

const T: &str = "
    CREATE TABLE t (id int, region text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
    CREATE TABLE t_north PARTITION OF t FOR VALUES IN ('north');
    CREATE TABLE t_south (v text, old int, region text NOT NULL, id int NOT NULL);
    ALTER TABLE t_south DROP COLUMN old;
    ALTER TABLE t ATTACH PARTITION t_south FOR VALUES IN ('south')";

/// Declared, and as the catalog chooses.
const BOTH: [CaptureMode; 2] = [CaptureMode::Row, CaptureMode::Auto];

async fn parts(mode: CaptureMode) -> Fixture {
    Fixture::audited(T, [plain("t").in_mode(mode)]).await
}

fn row(id: i32, region: &str, v: &str) -> Value {
    json!({"id": id, "region": region, "v": v})
}

fn key(id: i32, region: &str) -> Value {
    json!({"id": id, "region": region})
}

#[tokio::test]
async fn through_the_root_and_at_a_leaf_it_is_one_table() {
    for mode in BOTH {
        let f = parts(mode).await;
        f.run("INSERT INTO t VALUES (1, 'north', 'a'), (2, 'south', 'b')").await;
        f.run("INSERT INTO t_south (id, region, v) VALUES (3, 'south', 'c')").await;
        f.run("UPDATE t SET v = v || '!' WHERE id < 3; UPDATE t_north SET v = 'x'").await;
        f.run("DELETE FROM t_south WHERE id = 2; DELETE FROM t WHERE id = 3").await;
        let expected = [
            json!(["insert", key(1, "north"), row(1, "north", "a"), null, null]),
            json!(["insert", key(2, "south"), row(2, "south", "b"), null, null]),
            json!(["insert", key(3, "south"), row(3, "south", "c"), null, null]),
            json!(["update", key(1, "north"), row(1, "north", "a!"), ["v"], {"v": "a"}]),
            json!(["update", key(2, "south"), row(2, "south", "b!"), ["v"], {"v": "b"}]),
            json!(["update", key(1, "north"), row(1, "north", "x"), ["v"], {"v": "a!"}]),
            json!(["delete", key(2, "south"), null, null, row(2, "south", "b!")]),
            json!(["delete", key(3, "south"), null, null, row(3, "south", "c")]),
        ];
        assert_eq!(f.changes().await, expected, "{mode:?}");
        let names = "SELECT DISTINCT to_jsonb(table_name) FROM threadline.audit_changes";
        assert_eq!(f.values(names).await, [json!("t")]);
    }
}

#[tokio::test]
async fn a_row_that_moves_changes_its_key() {
    for mode in BOTH {
        let f = parts(mode).await;
        f.run("INSERT INTO t VALUES (1, 'north', 'a'); UPDATE t SET region = 'south'").await;
        let changes = f.changes().await;
        assert_eq!(
            changes[1],
            json!(["delete", key(1, "north"), null, null, row(1, "north", "a")]),
            "{mode:?}"
        );
        assert_eq!(
            changes[2],
            json!(["insert", key(1, "south"), row(1, "south", "a"), null, null])
        );
        assert_eq!(changes.len(), 3);
    }
}

#[tokio::test]
async fn a_partition_that_is_attached_later_is_captured() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(
        "CREATE TABLE t_east PARTITION OF t FOR VALUES IN ('east');
         CREATE TABLE t_west PARTITION OF t FOR VALUES IN ('west') PARTITION BY RANGE (id);
         CREATE TABLE t_west_1 PARTITION OF t_west FOR VALUES FROM (0) TO (10);
         INSERT INTO t_east VALUES (1, 'east', 'a'); INSERT INTO t_west_1 VALUES (1, 'west', 'a');
         UPDATE t_west SET v = 'b'; DELETE FROM t",
    )
    .await;
    assert_eq!(f.operations().await.len(), 5);
    let replica =
        "SET session_replication_role = replica; INSERT INTO t_east VALUES (1, 'east', 'a')";
    run(&f.test_db.pool_of(1).await, replica).await;
    assert_eq!(f.operations().await.len(), 6, "always");
}

#[tokio::test]
async fn the_whole_is_truncated_at_once_and_a_part_row_by_row() {
    for mode in BOTH {
        let f = parts(mode).await;
        f.run("INSERT INTO t VALUES (1, 'north', 'a'), (2, 'south', 'b'), (3, 'south', 'c')").await;
        f.run("TRUNCATE t_south").await;
        let gone = f.changes().await.split_off(3);
        assert_eq!(gone[0], json!(["delete", key(2, "south"), null, null, row(2, "south", "b")]));
        assert_eq!(gone[1], json!(["delete", key(3, "south"), null, null, row(3, "south", "c")]));
        f.run(
            "BEGIN; INSERT INTO t VALUES (4, 'south', 'd'); TRUNCATE t; TRUNCATE t_south; COMMIT",
        )
        .await;
        assert_eq!(
            f.operations().await[5..],
            ["insert {\"id\": 4, \"region\": \"south\"}", "truncate"],
            "{mode:?}"
        );
        let left = "SELECT to_jsonb(count(*)) FROM threadline.truncating";
        assert_eq!(f.value(left).await, json!(0));
    }
}

#[tokio::test]
async fn nothing_hides_a_truncated_partition() {
    let f = parts(CaptureMode::Row).await;
    f.run("INSERT INTO t VALUES (1, 'north', 'a')").await;
    f.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; SET LOCAL row_security = on; TRUNCATE t_north; COMMIT").await;
    assert_eq!(f.operations().await.len(), 2);
    assert_eq!(f.value("SELECT to_jsonb(current_setting('row_security'))").await, json!("on"));
}

#[tokio::test]
async fn a_partition_that_was_detached_is_a_table_of_its_own() {
    for mode in BOTH {
        let f = parts(mode).await;
        f.run("ALTER TABLE t DETACH PARTITION t_south; INSERT INTO t_south (id, region) VALUES (1, 'x')").await;
        f.run("TRUNCATE t_south").await;
        assert_eq!(f.operations().await, Vec::<String>::new(), "{mode:?}");
    }
}

#[tokio::test]
async fn a_part_alone_is_refused() {
    let f = Fixture::installed().await;
    f.run(T).await;
    let error = threadline_migration::sync(&f.db, &registry([plain("t_north")])).await;
    let error = error.expect_err("refused");
    assert!(
        matches!(&error, Error::Refused { reason, .. } if reason.contains("audit that")),
        "{error}"
    );
}

#[tokio::test]
async fn a_sync_takes_up_partitions_and_a_detach_leaves_nothing() {
    for mode in BOTH {
        let f = parts(mode).await;
        f.run("CREATE TABLE t_east PARTITION OF t FOR VALUES IN ('east')").await;
        f.sync([plain("t").in_mode(mode)]).await;
        f.run("INSERT INTO t_east VALUES (1, 'east', 'a'); TRUNCATE t_east").await;
        assert_eq!(f.operations().await.len(), 2, "{mode:?}");
        f.run("SELECT threadline.drop_triggers('threadline.\"capture public.t\"')").await;
        let left = "SELECT to_jsonb(count(*)) FROM pg_trigger WHERE tgname LIKE '00\\_%'";
        assert_eq!(f.value(left).await, json!(0));
    }
}

/// PostgreSQL shows a statement trigger of a partitioned table other rows than were written.
#[tokio::test]
async fn a_partitioned_table_is_not_captured_by_statement() {
    let f = Fixture::installed().await;
    f.run(T).await;
    let statement = registry([plain("t").in_mode(CaptureMode::Statement)]);
    let error = threadline_migration::sync(&f.db, &statement).await.expect_err("refused");
    assert!(
        matches!(&error, Error::Refused { reason, .. } if reason.contains("partitioned")),
        "{error}"
    );
}

#[tokio::test]
async fn a_transaction_that_is_older_than_a_partition_knows_its_key() {
    for mode in BOTH {
        let policy =
            || plain("t").mask(column("v"), threadline::Placeholder::default()).in_mode(mode);
        let f = Fixture::audited(T, [policy()]).await;
        let old = f.test_db.pool_of(1).await;
        run(&old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await;
        f.run(
            "CREATE TABLE t_west PARTITION OF t FOR VALUES IN ('west') PARTITION BY HASH (id);
             CREATE TABLE t_west_1 PARTITION OF t_west FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
        )
        .await;
        run(&old, "INSERT INTO t VALUES (1, 'west', 'a'); COMMIT").await;
        let masked = row(1, "west", "[REDACTED]");
        let expected = [json!(["insert", key(1, "west"), masked, null, null])];
        assert_eq!(f.changes().await, expected, "{mode:?}");
    }
}

/// `TRUNCATE` empties what a kept snapshot does not show, and nobody could say what was there.
#[tokio::test]
async fn a_part_is_not_truncated_by_who_does_not_see_all_its_rows() {
    for mode in BOTH {
        let f = parts(mode).await;
        let old = f.test_db.pool_of(1).await;
        run(&old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await;
        f.run("INSERT INTO t VALUES (1, 'north', 'a')").await;
        let error = old.execute_unprepared("TRUNCATE t_north").await.expect_err("refused");
        assert!(error.to_string().contains("READ COMMITTED"), "{error}");
        run(&old, "ROLLBACK; BEGIN ISOLATION LEVEL SERIALIZABLE; TRUNCATE t; COMMIT").await;
        assert_eq!(f.operations().await[1..], ["truncate"], "{mode:?}");
    }
}

/// In statement mode PostgreSQL itself tells another row than the one that it updated.
#[tokio::test]
async fn a_merge_into_partitions_is_told_row_by_row() {
    let f = parts(CaptureMode::Row).await;
    let merges = "SELECT to_jsonb(current_setting('server_version_num')::int >= 150000)";
    if f.value(merges).await == json!(false) {
        return;
    }
    f.run("INSERT INTO t VALUES (1, 'north', 'a'), (2, 'south', 'b')").await;
    f.run(
        "MERGE INTO t USING (VALUES (3, 'north'), (2, 'south'), (4, 'south')) v (id, region)
         ON t.id = v.id AND t.region = v.region WHEN MATCHED THEN UPDATE SET v = 'c'
         WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.region, 'd')",
    )
    .await;
    let expected = [
        json!(["insert", key(3, "north"), row(3, "north", "d"), null, null]),
        json!(["update", key(2, "south"), row(2, "south", "c"), ["v"], {"v": "b"}]),
        json!(["insert", key(4, "south"), row(4, "south", "d"), null, null]),
    ];
    assert_eq!(f.changes().await[2..], expected);
}

/// In statement mode PostgreSQL itself tells null of it, where a part has another order of columns.
#[tokio::test]
async fn a_generated_column_is_told_of_every_partition() {
    let ddl = "
        CREATE TABLE t (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED)
            PARTITION BY LIST (id);
        CREATE TABLE t_1 (old int, LIKE t INCLUDING GENERATED);
        ALTER TABLE t_1 DROP old;
        ALTER TABLE t ATTACH PARTITION t_1 DEFAULT";
    let f = Fixture::audited(ddl, [plain("t").in_mode(CaptureMode::Row)]).await;
    f.run("INSERT INTO t VALUES (1, 2)").await;
    assert_eq!(f.changes().await[0][2], json!({"id": 1, "n": 2, "twice": 4}));
}
