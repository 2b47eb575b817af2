//! What is stored does not depend on the session, and the session gets its settings back.

use serde_json::json;

use crate::fixture::{Fixture, plain};

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, at timestamptz, span interval, bytes bytea,
    float float8, days daterange, times tstzrange, list timestamptz[])";
const ROW: &str = "'2026-01-02 03:04:05.678901+00', '1 year 2 mons 3 days 04:05:06', '\\x00ff',
    0.1::float8 + 0.2::float8, '[2026-01-02,2026-03-04)', '[2026-01-02 03:04:05+00,)',
    ARRAY['2026-01-02 03:04:05+00'::timestamptz]";
const ODD: &str = "SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German';
    SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape'; SET extra_float_digits = -3";
const SETTINGS: &str =
    "SELECT jsonb_build_array(current_setting('timezone'), current_setting('datestyle'),
    current_setting('intervalstyle'), current_setting('bytea_output'),
    current_setting('extra_float_digits'), current_setting('jit'))";

#[tokio::test]
async fn the_same_row_is_stored_as_the_same_json_by_every_session() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    f.run(&format!("INSERT INTO t SELECT 1, {ROW}; UPDATE t SET id = 1, float = 1; DELETE FROM t"))
        .await;
    let usual = f.changes().await;
    f.run("TRUNCATE threadline.audit_changes").await;
    f.run(ODD).await;
    f.run(&format!("INSERT INTO t SELECT 1, {ROW}; UPDATE t SET id = 1, float = 1; DELETE FROM t"))
        .await;
    assert_eq!(f.changes().await, usual);
    assert_eq!(usual[0][2]["at"], json!("2026-01-02T03:04:05.678901+00:00"));
    assert_eq!(usual[0][2]["bytes"], json!("\\x00ff"));
    assert_eq!(usual[0][2]["float"].to_string(), "0.30000000000000004");
}

#[tokio::test]
async fn the_session_gets_its_settings_back_within_the_transaction_and_after() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    f.run(ODD).await;
    let before = f.value(SETTINGS).await;
    f.run(&format!("INSERT INTO t SELECT i, {ROW} FROM generate_series(1, 9) i")).await;
    assert_eq!(f.value(SETTINGS).await, before);
    f.run(&format!(
        "BEGIN; UPDATE t SET float = 2; SET LOCAL timezone = 'Asia/Tokyo';
        INSERT INTO t SELECT 10, {ROW}"
    ))
    .await;
    let within = f.value(SETTINGS).await;
    assert_eq!(within[0], json!("Asia/Tokyo"));
    assert_eq!(within.as_array().map(|a| &a[1..]), before.as_array().map(|a| &a[1..]));
    f.run("COMMIT").await;
    assert_eq!(f.value(SETTINGS).await, before);
}

#[tokio::test]
async fn a_plan_for_many_rows_is_not_kept_for_one() {
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY, v int)", [plain("t")]).await;
    f.run("INSERT INTO t SELECT i, 0 FROM generate_series(1, 20000) i").await;
    for _ in 0..7 {
        f.run("UPDATE t SET v = v + 1 WHERE id = 1").await;
    }
    // Quadratic work on 20 000 rows takes minutes; the timeout is far from both.
    f.run("SET statement_timeout = '60s'; UPDATE t SET v = v + 1; DELETE FROM t").await;
    let count = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes";
    assert_eq!(f.value(count).await, json!(20_000 * 3 + 7));
}
