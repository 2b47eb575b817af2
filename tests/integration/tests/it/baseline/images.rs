//! What is stored of a row that is there already is what its capture would have stored.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use threadline::{CaptureMode, JsonPath, Placeholder, TableSpec};

use super::{attached, baseline, completeness};
use crate::fixture::{Fixture, column, plain};

const CANARY: &str = "CANARY-7f3a";

/// Records the rows of `t`, deletes them and runs `insert` again: stored is the same.
async fn as_captured(f: &Fixture, insert: &str) -> Vec<Value> {
    let images = |op: &str| {
        format!(
            "SELECT jsonb_build_array(row_hash::text, row_pk, data_after)
            FROM threadline.audit_changes WHERE op = '{op}' ORDER BY row_pk::text COLLATE \"C\""
        )
    };
    let rows = f.value("SELECT to_jsonb(count(*)) FROM t").await;
    assert_eq!(baseline(f).await, rows);
    let recorded = f.values(&images("baseline")).await;
    assert_eq!(json!(recorded.len()), rows);
    f.run(&format!("DELETE FROM t; {insert}")).await;
    assert!(recorded == f.values(&images("insert")).await, "{:.3000}", format!("{recorded:?}"));
    recorded
}

fn policy(mode: CaptureMode) -> TableSpec {
    let paths = JsonPath::parse_list("a.secret, list.*.secret").expect("valid");
    plain("t")
        .exclude(column("hidden"))
        .mask(column("masked"), Placeholder::default())
        .hash(column("hashed"), Placeholder::default())
        .mask_json(column("document"), paths, Placeholder::default())
        .max_bytes(column("long"), NonZeroU32::new(30).expect("some bytes"))
        .in_mode(mode)
}

const SAFE: &str = "CREATE TABLE t (id int PRIMARY KEY, hidden text, masked text, hashed text,
    document jsonb, long text, open text)";

fn safe_rows() -> String {
    let c = CANARY;
    format!(
        "INSERT INTO t SELECT i, '{c}', '{c}', '{c}',
            '{{\"a\": {{\"secret\": \"{c}\"}}, \"list\": [{{\"secret\": \"{c}\", \"open\": 1}}]}}',
            repeat('{c}', 9), 'open' FROM generate_series(1, 5) i;
         INSERT INTO t (id) VALUES (6)"
    )
}

async fn expect_no_leak(f: &Fixture) {
    for table in ["audit_changes", "audit_transactions", "audit_actions", "audited_tables"] {
        let leaks = format!(
            "SELECT to_jsonb(t) FROM threadline.{table} t WHERE t::text ILIKE '%{CANARY}%' LIMIT 1"
        );
        assert_eq!(f.values(&leaks).await, Vec::<Value>::new(), "{table}");
    }
}

#[tokio::test]
async fn a_redacted_value_is_redacted() {
    for mode in [CaptureMode::Statement, CaptureMode::Row] {
        let f = attached(&format!("{SAFE}; {}", safe_rows()), policy(mode)).await;
        let images = as_captured(&f, &safe_rows()).await;
        let image = &images[0][2];
        assert_eq!(image["masked"], json!("[REDACTED]"), "{mode:?}");
        assert_eq!(image["document"]["list"][0], json!({"secret": "[REDACTED]", "open": 1}));
        assert!(image["hashed"].as_str().is_some_and(|hash| hash.starts_with("hmac:")));
        assert_eq!(image["long"]["$truncated"]["bytes"], json!(99));
        assert!(image.get("hidden").is_none() && image["open"] == "open");
        expect_no_leak(&f).await;
    }
}

#[tokio::test]
async fn after_a_change_of_the_schema_everything_unknown_is_masked() {
    let c = CANARY;
    for drift in [
        format!("ALTER TABLE t ADD later text DEFAULT '{c}'"),
        "ALTER TABLE t RENAME hidden TO now_called".to_owned(),
        "ALTER TABLE t RENAME open TO x; ALTER TABLE t RENAME hidden TO open".to_owned(),
        format!("ALTER TABLE t DROP COLUMN open; ALTER TABLE t ADD open text DEFAULT '{c}'"),
        format!("ALTER TABLE t ALTER document TYPE text USING '{c}'"),
        "ALTER TABLE t RENAME id TO number".to_owned(),
    ] {
        let f = attached(&format!("{SAFE}; {}", safe_rows()), policy(CaptureMode::Auto)).await;
        f.run(&drift).await;
        f.run("CREATE TABLE copy AS TABLE t").await;
        let images = as_captured(&f, "INSERT INTO t SELECT * FROM copy").await;
        assert!(images.iter().all(|row| row[1]["id"].is_number()), "{drift}: {images:?}");
        expect_no_leak(&f).await;
    }
}

#[tokio::test]
async fn a_value_depends_on_no_setting_of_the_session() {
    let ddl = "SET TIME ZONE 'Asia/Tokyo'; SET datestyle = 'German'; SET intervalstyle = 'iso_8601';
        SET bytea_output = 'escape'; SET extra_float_digits = -5;
        CREATE TABLE t (id timestamptz PRIMARY KEY, d date[], i interval, b bytea, f float8, r tstzrange)";
    let rows = "INSERT INTO t VALUES ('2026-01-02 03:04:05+00', ARRAY['2026-01-02'::date], '1 day 2 hours',
        convert_to('a' || chr(233), 'UTF8'), 0.1::float8 + 0.2::float8, tstzrange('2026-01-02 00:00+00', NULL))";
    let f = attached(&format!("{ddl}; {rows}"), plain("t")).await;
    let images = as_captured(&f, rows).await;
    assert_eq!(images[0][1], json!({"id": "2026-01-02T03:04:05+00:00"}));
    assert_eq!(images[0][2]["i"], json!("1 day 02:00:00"));
    assert_eq!(images[0][2]["b"], json!("\\x61c3a9"));
    let zone = f.value("SELECT to_jsonb(current_setting('TimeZone'))").await;
    assert_eq!(zone, json!("Asia/Tokyo"), "the session keeps its own");
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_is_kept_as_text() {
    for mode in [CaptureMode::Statement, CaptureMode::Row] {
        let ddl = "CREATE TABLE t (id int PRIMARY KEY, j json, js json[])";
        let rows = r#"INSERT INTO t VALUES (1, '{"a": "\u0000"}', NULL), (2, '1e200000', ARRAY['"\ud800"'::json]),
            (3, ('[' || repeat('"some text",', 10000) || '1]')::json, NULL)"#;
        let f = attached(&format!("{ddl}; {rows}"), plain("t").in_mode(mode)).await;
        let images = as_captured(&f, rows).await;
        assert_eq!(images[0][2]["j"], json!({"unstorable_json": r#"{"a": "\u0000"}"#}));
        f.run("ALTER TABLE t ADD later int").await;
        f.run("DELETE FROM threadline.audit_changes").await;
        as_captured(&f, &rows.replace("t VALUES", "t (id, j, js) VALUES")).await;
    }
}

#[tokio::test]
async fn partitions_are_recorded_under_the_root() {
    let f = attached(
        &format!(
            "CREATE TABLE t (id int, region text, secret text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
             CREATE TABLE t_north PARTITION OF t FOR VALUES IN ('north');
             CREATE TABLE t_south (v text, old int, region text NOT NULL, secret text, id int NOT NULL);
             ALTER TABLE t_south DROP COLUMN old;
             ALTER TABLE t ATTACH PARTITION t_south FOR VALUES IN ('south');
             {PARTED}"
        ),
        plain("t").exclude(column("secret")),
    )
    .await;
    let images = as_captured(&f, PARTED).await;
    assert_eq!(images[0][2], json!({"id": 1, "region": "north", "v": "a"}));
    let names = "SELECT DISTINCT to_jsonb(table_name) FROM threadline.audit_changes";
    assert_eq!(f.values(names).await, [json!("t")]);
    // Rows that come along with a partition are recorded by no trigger.
    f.run(
        "CREATE TABLE t_east (LIKE t); INSERT INTO t_east VALUES (7, 'east', 'CANARY-7f3a', 'c');
        ALTER TABLE t ATTACH PARTITION t_east FOR VALUES IN ('east')",
    )
    .await;
    assert_eq!(baseline(&f).await, json!(1));
    assert_eq!(completeness(&f).await, json!("from later on"));
    expect_no_leak(&f).await;
}

const PARTED: &str =
    "INSERT INTO t VALUES (1, 'north', 'CANARY-7f3a', 'a'), (2, 'south', 'CANARY-7f3a', 'b')";

#[tokio::test]
async fn a_child_table_is_recorded_with_columns_of_its_own() {
    let ddl = "CREATE TABLE t (id int PRIMARY KEY, secret text, v text);
        CREATE TABLE t_child (more text, j json) INHERITS (t)";
    let rows = "INSERT INTO t VALUES (1, 'CANARY-7f3a', 'a');
        INSERT INTO t_child VALUES (2, 'CANARY-7f3a', 'b', 'CANARY-7f3a', '\"\\u0000\"')";
    let f = attached(&format!("{ddl}; {rows}"), plain("t").exclude(column("secret"))).await;
    let images = as_captured(&f, rows).await;
    assert_eq!(images[1][2]["more"], json!("[REDACTED]"), "nobody said what it is");
    expect_no_leak(&f).await;
    let f = attached(&format!("{ddl}; {rows}"), plain("t")).await;
    let images = as_captured(&f, rows).await;
    assert_eq!(images[1][2]["more"], json!(CANARY));
    assert_eq!(baseline(&f).await, json!(0));
    f.run("ALTER TABLE t RENAME id TO number; DELETE FROM threadline.audit_changes").await;
    as_captured(&f, rows).await;
}

#[tokio::test]
async fn a_generated_column_is_recorded_as_capture_sees_it() {
    let version = "SELECT to_jsonb(current_setting('server_version_num')::int)";
    let f = Fixture::installed().await;
    let is_18 = f.value(version).await.as_i64() >= Some(180_000);
    let kind = if is_18 { "VIRTUAL" } else { "STORED" };
    let ddl = format!(
        "CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) {kind},
            kept int GENERATED ALWAYS AS (id * 3) STORED)"
    );
    let rows = "INSERT INTO t (id) VALUES (1), (2)";
    f.run(&format!("{ddl}; {rows}")).await;
    super::attach(&f, plain("t")).await;
    let images = as_captured(&f, rows).await;
    assert_eq!(images[0][2].get("twice").is_none(), is_18);
    f.run("ALTER TABLE t ADD later int; DELETE FROM threadline.audit_changes").await;
    as_captured(&f, rows).await;
}

#[tokio::test]
async fn awkward_names_and_keys_are_no_matter() {
    let ddl = "CREATE TABLE t (\"capture\" text COLLATE \"C\", k numeric(9, 3), n int, c int, j int, \"recorded\" int,
        relation int, \"it's \"\"$record$\" text, PRIMARY KEY (k, \"capture\"))";
    let rows = "INSERT INTO t SELECT repeat('x', 3000) || i, i + 0.5, i, i, i, i, i, 'v' FROM generate_series(1, 3) i";
    let f = attached(&format!("{ddl}; {rows}"), plain("t")).await;
    as_captured(&f, rows).await;
}
