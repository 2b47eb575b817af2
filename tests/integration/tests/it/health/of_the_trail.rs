//! Faults of the trail itself.

use serde_json::json;
use threadline_migration::health::{Code, Severity};

use super::{T, codes, covered, sql, the};
use crate::fixture::{Fixture, plain};

/// Makes the fault, finds it alone, and mends it with its SQL; gives the reason.
async fn mended(f: &Fixture, damage: &str, code: Code) -> String {
    f.run(damage).await;
    let found = covered(f, [plain("t")]).await;
    assert_eq!(codes(&found), [code.as_str()], "{damage}\n{:#?}", found.findings);
    let finding = the(&found, code);
    assert_eq!((finding.schema.as_str(), &finding.table), (trail().as_str(), &None));
    f.run(sql(finding)).await;
    let after = covered(f, [plain("t")]).await;
    assert_eq!(codes(&after), [""; 0], "{damage}\n{:#?}", after.findings);
    finding.reason.clone()
}

fn trail() -> String {
    threadline::schema().expect("a name").to_string()
}

#[tokio::test]
async fn a_right_on_the_trail_that_nobody_should_have_is_found_and_revoked() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.test_db.connect_as("app").await;
    let app = f.test_db.role("app");
    for grant in [
        "INSERT, DELETE ON threadline.audit_changes",
        "UPDATE (data_after) ON threadline.audit_changes",
        "USAGE ON SEQUENCE threadline.audit_changes_id_seq",
        "TRUNCATE ON threadline.audit_changes_default",
        "CREATE ON SCHEMA threadline",
        "EXECUTE ON FUNCTION threadline.open_transaction(bigint, bigint, timestamptz, text,
            threadline.audit_context)",
    ] {
        let told = mended(&f, &format!("GRANT {grant} TO {app}"), Code::WrongGrants).await;
        assert!(told.starts_with(&format!("the role `{app}` ")), "{told}");
    }
    let told =
        mended(&f, "GRANT SELECT ON threadline.audit_changes TO PUBLIC", Code::WrongGrants).await;
    assert!(told.starts_with("everybody has rights on tables"), "{told}");
}

#[tokio::test]
async fn the_rights_of_the_guide_are_no_finding() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.test_db.connect_as("reader").await;
    let reader = f.test_db.role("reader");
    f.run(&format!(
        "GRANT SELECT ON threadline.audit_transactions, threadline.audit_actions, threadline.audit_changes,
            threadline.audited_tables, threadline.changes TO {reader};
        REVOKE EXECUTE ON FUNCTION threadline.begin_action(jsonb, jsonb) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION threadline.begin_action(jsonb, jsonb) TO {reader}"
    ))
    .await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), [""; 0]);
}

#[tokio::test]
async fn a_month_without_a_partition_and_what_was_recorded_in_it() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let drop = |root: &str, months: u32| {
        format!(
            "DO $$ BEGIN EXECUTE format('DROP TABLE threadline.{root}_%s', to_char(
                (now() + make_interval(months => {months})) AT TIME ZONE 'UTC', 'YYYY_MM')); END $$"
        )
    };
    let told = mended(&f, &drop("audit_changes", 1), Code::MissingPartitionAhead).await;
    assert!(told.contains("audit_changes has no partition for 20"), "{told}");
    mended(&f, &drop("audit_transactions", 0), Code::MissingPartitionAhead).await;

    // What is written now goes into the default partition, and is moved out of it.
    f.run(&drop("audit_changes", 0)).await;
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    let found = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&found), ["missing_partition_ahead", "rows_in_default_partition"]);
    f.run(sql(the(&found, Code::RowsInDefaultPartition))).await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), [""; 0]);
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"]);
}

#[tokio::test]
async fn rows_of_a_month_long_ago_get_a_partition_of_their_own() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a'); INSERT INTO t VALUES (2, 'b')").await;
    let told = mended(
        &f,
        "UPDATE threadline.audit_changes SET captured_at = '2019-12-31 23:59:59.9Z' WHERE row_pk = '{\"id\": 1}';
        UPDATE threadline.audit_changes SET captured_at = '2019-12-01 00:00:00Z' WHERE row_pk = '{\"id\": 2}'",
        Code::RowsInDefaultPartition,
    )
    .await;
    assert!(told.contains("the oldest of 2019-12"), "{told}");
    let moved = f.value("SELECT to_jsonb(count(*)) FROM threadline.audit_changes_2019_12").await;
    assert_eq!(moved, json!(2));
}

#[tokio::test]
async fn an_index_that_is_missing_is_made_again() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let told = mended(&f, "DROP INDEX threadline.audit_changes_row_idx", Code::MissingIndex).await;
    assert!(told.contains("`audit_changes_row_idx` is missing"), "{told}");
    mended(&f, "DROP INDEX threadline.audit_transactions_request_idx", Code::MissingIndex).await;
    let told = mended(
        &f,
        "DROP INDEX threadline.audit_changes_table_idx; CREATE INDEX audit_changes_table_idx
            ON ONLY threadline.audit_changes (table_schema, table_name, captured_at, id)",
        Code::MissingIndex,
    )
    .await;
    assert!(told.contains("is not valid"), "{told}");
}

#[tokio::test]
async fn a_view_that_is_missing_or_another_is_made_again() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("CREATE TABLE threadline.kept AS SELECT pg_get_viewdef('threadline.changes'::regclass) AS def;
        REVOKE ALL ON threadline.kept FROM PUBLIC").await;
    f.run("DROP FUNCTION threadline.history(regclass, jsonb); DROP VIEW threadline.changes").await;
    let found = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&found), ["missing_function", "missing_view"]);
    f.run(sql(the(&found, Code::MissingView))).await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), [""; 0]);
    let told = mended(
        &f,
        "DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW threadline.changes AS '
            || rtrim((SELECT def FROM threadline.kept), ';') || ' WHERE c.op::text <> ''delete'''; END $$",
        Code::AlteredView,
    )
    .await;
    assert!(told.contains("it leaves changes out"), "{told}");
    let told =
        mended(&f, "ALTER VIEW threadline.changes RENAME COLUMN actor TO who", Code::AlteredView)
            .await;
    assert!(told.contains("it has other columns"), "{told}");
}

/// Waits until the server has counted what was written: sessions report it with a delay.
async fn counted(f: &Fixture, is_enough: &str) {
    for _ in 0..100 {
        let sql =
            format!("SELECT to_jsonb({is_enough}) FROM pg_stat_user_tables WHERE relname = 't'");
        if f.value(&sql).await == json!(true) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the server has not counted: {is_enough}");
}

#[tokio::test]
async fn a_table_that_is_written_and_not_recorded_is_silent() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("UPDATE threadline.audited_tables SET since = since - interval '60 days'").await;
    f.run("ANALYZE t").await;
    counted(&f, "last_analyze IS NOT NULL").await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), [""; 0], "nothing was written");
    f.run("ALTER TABLE t DISABLE TRIGGER ALL; INSERT INTO t VALUES (1, 'a')").await;
    f.run("ALTER TABLE t ENABLE ALWAYS TRIGGER \"00_threadline_insert\",
        ENABLE ALWAYS TRIGGER \"00_threadline_update\", ENABLE ALWAYS TRIGGER \"00_threadline_delete\",
        ENABLE ALWAYS TRIGGER \"00_threadline_truncate\"").await;
    counted(&f, "n_mod_since_analyze > 0").await;
    let found = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&found), ["silent t"]);
    assert_eq!(the(&found, Code::Silent).severity, Severity::Warning);
    f.run("INSERT INTO t VALUES (2, 'b')").await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), [""; 0], "it is recorded again");
}
