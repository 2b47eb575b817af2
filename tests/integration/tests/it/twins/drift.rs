use serde_json::{Value, json};

use super::refused;
use crate::fixture::{Fixture, plain};

const NOW: &str =
    "SELECT to_jsonb(t) FROM threadline.as_of(NULL::t, clock_timestamp()) t ORDER BY id";
const LOSSY: &str = "SELECT to_jsonb(t) FROM threadline.as_of(NULL::t, clock_timestamp(), lossy => true) t ORDER BY id";
const LIVE: &str = "SELECT to_jsonb(t) FROM t ORDER BY id";

/// A row that was recorded before `ddl` was run.
async fn after(ddl: &str) -> Fixture {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric(8, 2))",
        [plain("t")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'twelve', 1.25)").await;
    f.run(ddl).await;
    f
}

async fn same(f: &Fixture) {
    assert_eq!(f.values(NOW).await, f.values(LIVE).await);
}

#[tokio::test]
async fn a_column_that_was_added_has_what_alter_table_gave_it() {
    let f = after(
        "ALTER TABLE t ADD a int, ADD b text NOT NULL DEFAULT 'open', ADD c jsonb DEFAULT '{\"x\": [1]}',
        ADD d int[] DEFAULT '{1,2}', ADD e timestamptz NOT NULL DEFAULT now()",
    )
    .await;
    same(&f).await;
    f.run("INSERT INTO t VALUES (2, 'new', 1)").await;
    f.run("ALTER TABLE t ALTER b SET DEFAULT 'closed'; INSERT INTO t VALUES (3, 'newer', 1)").await;
    same(&f).await;
}

#[tokio::test]
async fn a_column_that_was_added_to_a_partitioned_table_has_it_too() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
        [plain("t")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 1); ALTER TABLE t ADD s text NOT NULL DEFAULT 'open'").await;
    same(&f).await;
}

#[tokio::test]
async fn a_column_that_was_dropped_is_missed_by_nobody() {
    let f = after("ALTER TABLE t DROP n; ALTER TABLE t ADD w int").await;
    same(&f).await;
}

#[tokio::test]
async fn a_type_that_holds_as_much_is_no_drift() {
    same(&after("ALTER TABLE t ALTER id TYPE bigint, ALTER v TYPE varchar(90)").await).await;
}

async fn drifted(f: &Fixture, field: &str, why: &str) {
    let error = refused(f, NOW).await;
    assert!(error.contains("the row {\"id\": 1} of"), "{error}");
    assert!(error.contains(&format!("the column {field} of today")), "{error}");
    assert!(error.contains(why), "{error}");
}

async fn lossy(f: &Fixture) -> Value {
    f.value(LOSSY).await
}

#[tokio::test]
async fn a_value_that_the_type_of_today_cannot_hold_is_drift() {
    let f = after("ALTER TABLE t ALTER v TYPE int USING 12").await;
    drifted(&f, "v", "invalid input syntax").await;
    assert_eq!(lossy(&f).await, json!({"id": 1, "v": null, "n": 1.25}));
}

#[tokio::test]
async fn a_value_that_the_type_of_today_would_round_is_drift() {
    let f = after("ALTER TABLE t ALTER n TYPE numeric(8, 1)").await;
    drifted(&f, "n", "holds less than was stored").await;
    assert_eq!(lossy(&f).await, json!({"id": 1, "v": "twelve", "n": 1.3}));
}

#[tokio::test]
async fn a_value_that_a_domain_refuses_is_drift() {
    let f = after(
        "CREATE DOMAIN short AS text CHECK (length(VALUE) < 4); UPDATE t SET v = 'x';
        ALTER TABLE t ALTER v TYPE short",
    )
    .await;
    same(&f).await;
    let f = after(
        "CREATE DOMAIN short AS text CHECK (length(VALUE) < 4);
        ALTER TABLE t ALTER v TYPE short USING 'x'",
    )
    .await;
    drifted(&f, "v", "check constraint").await;
}

#[tokio::test]
async fn a_column_that_cannot_have_been_null_is_drift_where_nothing_tells_its_value() {
    let f = after("ALTER TABLE t ADD w int; ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET w = 1; ALTER TABLE t ALTER w SET NOT NULL;
        ALTER TABLE t ENABLE TRIGGER ALL").await;
    drifted(&f, "w", "older than the column").await;
    assert_eq!(lossy(&f).await, json!({"id": 1, "v": "twelve", "n": 1.25, "w": null}));
}

#[tokio::test]
async fn a_column_that_was_renamed_is_no_column_of_nulls() {
    let f = after("ALTER TABLE t RENAME v TO w").await;
    drifted(&f, "w", "has v, which the table does not have").await;
    f.run("UPDATE t SET n = 2").await;
    same(&f).await;
}

#[tokio::test]
async fn only_rows_of_the_moment_are_asked() {
    let f = after("ALTER TABLE t ALTER v TYPE int USING 12").await;
    drifted(&f, "v", "invalid input syntax").await;
    f.run("UPDATE t SET n = 2").await;
    same(&f).await;
    f.run("INSERT INTO t VALUES (2, 1, 1); DELETE FROM t WHERE id = 1").await;
    same(&f).await;
}

#[tokio::test]
async fn drift_says_in_json_where_it_is() {
    let f = after("ALTER TABLE t ALTER v TYPE int USING 12").await;
    f.run(
        "CREATE TABLE said (state text, detail jsonb);
        DO $$ DECLARE said text; BEGIN PERFORM * FROM threadline.as_of(NULL::t, clock_timestamp());
        EXCEPTION WHEN SQLSTATE 'TL001' THEN GET STACKED DIAGNOSTICS said = PG_EXCEPTION_DETAIL;
        INSERT INTO said VALUES (SQLSTATE, said::jsonb); END $$",
    )
    .await;
    let said = f.value("SELECT jsonb_build_array(state, detail - 'captured_at') FROM said").await;
    let place = json!({"schema": "public", "table": "t", "column": "v", "row_pk": {"id": 1}});
    assert_eq!(said, json!(["TL001", place]));
}
