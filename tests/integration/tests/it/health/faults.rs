//! Each fault is made by SQL, is found under its code, and is gone once it is mended.

use threadline::{ColumnName, TableSpec};
use threadline_migration::health::{Code, Coverage, HealthFinding, Severity};
use threadline_migration::{Mend, sync};

use super::{T, codes, covered, sql, stored, the};
use crate::fixture::{Fixture, column, plain, registry};

/// A fault of the audited table `t`, and what is found.
struct Fault {
    damage: &'static str,
    code: Code,
    reason: &'static str,
    is_mended_by_sql: bool,
}

const fn by_sql(damage: &'static str, code: Code, reason: &'static str) -> Fault {
    Fault { damage, code, reason, is_mended_by_sql: true }
}

const fn by_attaching(damage: &'static str, code: Code, reason: &'static str) -> Fault {
    Fault { damage, code, reason, is_mended_by_sql: false }
}

/// Finds the fault, mends it, and finds nothing.
async fn check(fault: &Fault) -> (Coverage, HealthFinding) {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    f.run(fault.damage).await;
    let found = covered(&f, [plain("t")]).await;
    let finding = the(&found, fault.code).clone();
    assert!(finding.reason.contains(fault.reason), "{finding}");
    assert_eq!(finding.severity, fault.code.severity());
    let by_stored = stored(&f).await;
    assert_eq!(by_stored.findings, found.findings, "{}", fault.damage);
    if fault.is_mended_by_sql {
        f.run(sql(&finding)).await;
    } else {
        assert!(matches!(finding.mend, Some(Mend::Advice(_))), "{finding:?}");
        sync(&f.db, &registry([plain("t")])).await.expect("it can be attached again");
    }
    let mended = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&mended), [""; 0], "{}\n{:#?}", fault.damage, mended.findings);
    assert_eq!(mended.covered(), 1);
    (found, finding)
}

#[tokio::test]
async fn a_trigger_that_does_not_fire_leaves_the_table_uncovered() {
    for fault in [
        by_sql("ALTER TABLE t DISABLE TRIGGER ALL", Code::CaptureTriggerDisabled, "are disabled"),
        by_sql(
            "ALTER TABLE t ENABLE REPLICA TRIGGER \"00_threadline_update\"",
            Code::ReplicaOnly,
            "nothing is captured outside of replica mode",
        ),
        by_attaching(
            "DROP TRIGGER \"00_threadline_insert\" ON t",
            Code::MissingCaptureTrigger,
            "`00_threadline_insert` is missing",
        ),
        by_attaching(
            "DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 't'::regclass LOOP
                    EXECUTE format('DROP TRIGGER %I ON t', name);
                END LOOP; END $$",
            Code::MissingCaptureTrigger,
            "none of its triggers is there",
        ),
        by_attaching(
            "CREATE OR REPLACE FUNCTION threadline.\"capture public.t\"() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
                AS 'BEGIN RETURN NULL; END'",
            Code::Altered,
            "the body of its capture function",
        ),
    ] {
        let (found, finding) = check(&fault).await;
        assert_eq!(finding.severity, Severity::Error, "{finding}");
        assert_eq!((found.covered(), found.uncovered()), (0, 1), "{}", fault.damage);
        assert_eq!(found.tables[0].why, finding.reason);
        assert_eq!(found.tables[0].mend, finding.mend);
    }
}

#[tokio::test]
async fn a_fault_that_loses_no_row_is_a_finding_on_a_covered_table() {
    for fault in [
        by_sql(
            "ALTER TABLE t ENABLE TRIGGER \"00_threadline_insert\"",
            Code::NotAlways,
            "a session in replica mode goes uncaptured",
        ),
        by_attaching(
            "DROP TRIGGER \"00_threadline_truncate\" ON t",
            Code::MissingTruncateTrigger,
            "`00_threadline_truncate` is missing",
        ),
        by_sql(
            "CREATE TRIGGER again AFTER INSERT ON t REFERENCING NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION threadline.\"capture public.t\"()",
            Code::DuplicateCaptureTrigger,
            "changes are recorded twice",
        ),
        by_attaching("ALTER TABLE t ADD w int", Code::Outdated, "the column `w` was added"),
        by_attaching(
            "CREATE FUNCTION host() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER host AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION host()",
            Code::WrongCaptureMode,
            "it is captured by statement, and would now be by row",
        ),
        by_sql(
            "GRANT EXECUTE ON FUNCTION threadline.\"capture public.t\"() TO PUBLIC",
            Code::WrongGrants,
            "everybody may execute its capture function",
        ),
    ] {
        let (found, _) = check(&fault).await;
        assert_eq!((found.covered(), found.uncovered()), (1, 0), "{}", fault.damage);
    }
}

#[tokio::test]
async fn a_fault_of_what_all_tables_share_is_a_finding_of_the_trail() {
    for fault in [
        by_sql(
            "DROP FUNCTION threadline.record_action(jsonb, jsonb)",
            Code::MissingFunction,
            "record_action is missing",
        ),
        by_sql(
            "ALTER FUNCTION threadline.open_transaction RESET search_path",
            Code::AlteredFunction,
            "open_transaction has another search_path",
        ),
    ] {
        let f = Fixture::audited(T, [plain("t")]).await;
        f.run(fault.damage).await;
        let found = covered(&f, [plain("t")]).await;
        let finding = the(&found, fault.code);
        assert!(finding.reason.contains(fault.reason) && finding.table.is_none(), "{finding}");
        f.run(sql(finding)).await;
        let mended = covered(&f, [plain("t")]).await;
        assert!(mended.findings.iter().all(|found| found.code != fault.code), "{mended:#?}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_recorded_one_says_in_what() {
    let keyed = || vec![ColumnName::new("v").expect("a column")];
    let with_key = || plain("t").keyed_by(keyed());
    let own = "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)";
    let none = "CREATE TABLE t (id int NOT NULL, v text NOT NULL UNIQUE)";
    for (ddl, spec, damage, cause) in [
        (
            own,
            plain("t"),
            "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (v)",
            "key_mismatch",
        ),
        (own, plain("t"), "ALTER TABLE t DROP CONSTRAINT t_pkey", "no_primary_key"),
        (own, plain("t"), "ALTER TABLE t DROP id, ADD PRIMARY KEY (v)", "recorded_column_missing"),
        (
            none,
            with_key(),
            "ALTER TABLE t ADD PRIMARY KEY (id)",
            "override_on_table_with_primary_key",
        ),
        (
            none,
            with_key(),
            "ALTER TABLE t DROP CONSTRAINT t_v_key",
            "override_without_qualifying_index",
        ),
    ] {
        let f = Fixture::audited(ddl, [spec.clone()]).await;
        f.run(damage).await;
        let found = covered(&f, [spec]).await;
        let finding = the(&found, Code::PkDrift);
        assert_eq!((finding.cause, finding.severity), (Some(cause), Severity::Error), "{finding}");
        assert_eq!(found.uncovered(), 0, "it is still recorded");
    }
}

#[tokio::test]
async fn a_function_that_two_tables_share_is_found_on_the_one_that_it_was_not_made_for() {
    let f =
        Fixture::audited(&format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"), [plain("t")]).await;
    f.run(
        "CREATE TRIGGER x AFTER INSERT ON u REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
        EXECUTE FUNCTION threadline.\"capture public.t\"()",
    )
    .await;
    let found = covered(&f, [plain("t")]).await;
    let finding = the(&found, Code::SharedCaptureFunction);
    assert_eq!(finding.table.as_deref(), Some("u"));
    f.run(sql(finding)).await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), ["uncovered u"]);
}

#[tokio::test]
async fn a_renamed_table_is_recorded_under_its_old_name() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("ALTER TABLE t RENAME TO u").await;
    let found = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&found), ["missing_table t", "renamed_table u", "uncovered u"]);
    f.run(sql(the(&found, Code::RenamedTable))).await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), ["missing_table t", "uncovered u"]);
    // By what is stored alone, nobody wants the old name any more.
    let found = stored(&f).await;
    assert_eq!(codes(&found), ["dropped_table t", "uncovered u"]);
    f.run(sql(the(&found, Code::DroppedTable))).await;
    assert_eq!(codes(&stored(&f).await), ["uncovered u"]);
}

#[tokio::test]
async fn a_trigger_without_a_record_is_stray() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("DELETE FROM threadline.audited_tables").await;
    let found = stored(&f).await;
    assert_eq!(codes(&found), ["stray_trigger t", "uncovered t"]);
    f.run(sql(the(&found, Code::StrayTrigger))).await;
    assert_eq!(codes(&stored(&f).await), ["uncovered t"]);
}

#[tokio::test]
async fn what_is_wanted_and_cannot_be_had_says_why() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; CREATE VIEW v AS SELECT 1 AS id; CREATE TABLE k (id int)")).await;
    let specs = || [plain("t"), plain("v"), plain("k"), plain("gone")];
    let found = covered(&f, specs()).await;
    assert_eq!(
        codes(&found),
        ["missing_table gone", "pk_drift k", "not_attached t", "cannot_be_audited v"]
    );
    assert_eq!(found.uncovered(), 4, "{found:#?}");
    assert_eq!(the(&found, Code::PkDrift).cause, Some("no_primary_key"));
}

#[tokio::test]
async fn a_registry_and_what_is_installed_contradict_each_other() {
    let f = Fixture::audited(
        &format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"),
        [plain("t"), plain("u")],
    )
    .await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), ["unregistered u"]);
    let exempt = threadline::Registry::builder().table(plain("t"));
    let exempt = exempt.exempt(threadline::TableName::parse("u").expect("a name")).build();
    let exempt = exempt.expect("a registry");
    let options = threadline_migration::health::CoverageOptions::default();
    let found = threadline_migration::health::coverage(&f.db, &exempt, &options);
    let found = found.await.expect("it can be read");
    assert_eq!(codes(&found), ["exempt_but_audited u"]);
    assert_eq!(found.covered(), 2, "it is recorded all the same");
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_an_error() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("UPDATE threadline.audited_tables SET policy = '{\"v\": 2}'").await;
    let found = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&found), ["unreadable_policy t"]);
    assert_eq!(the(&found, Code::UnreadablePolicy).severity, Severity::Error);
}

#[tokio::test]
async fn a_part_that_came_later_is_a_finding_of_its_root() {
    let tree = |ddl: &str| format!("{ddl}; CREATE TABLE child () INHERITS (t)");
    let f = Fixture::audited(&tree(T), [plain("t")]).await;
    f.run("CREATE TABLE other () INHERITS (t)").await;
    let found = covered(&f, [plain("t")]).await;
    let finding = the(&found, Code::LeafWithoutTriggers);
    assert_eq!(finding.table.as_deref(), Some("t"));
    assert!(finding.reason.contains("on public.other"), "{finding}");
    assert_eq!((found.uncovered(), found.tables.len(), found.tables[0].members), (1, 1, 2));
    sync(&f.db, &registry([plain("t")])).await.expect("it can be attached again");
    assert_eq!(codes(&covered(&f, [plain("t")]).await), [""; 0]);

    let ddl = "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1) TO (10)";
    let f = Fixture::audited(ddl, [plain("t")]).await;
    f.run("CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20)").await;
    let found = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&found), ["missing_truncate_trigger t"], "its rows are recorded");
    assert_eq!(found.covered(), 1);
}

#[tokio::test]
async fn rows_that_were_there_before_are_worth_knowing() {
    let f = Fixture::audited(&format!("{T}; INSERT INTO t VALUES (1, 'a')"), [plain("t")]).await;
    let found = covered(&f, [plain("t")]).await;
    let finding = the(&found, Code::IncompletePast);
    assert_eq!((finding.severity, found.covered()), (Severity::Info, 1));
    f.run(sql(finding)).await;
    assert_eq!(covered(&f, [plain("t")]).await.findings, []);
}

#[tokio::test]
async fn without_the_schema_every_wanted_table_is_uncovered() {
    let test_db = threadline_testkit::TestDb::empty().await;
    let db = test_db.pool_of(1).await;
    crate::fixture::run(&db, T).await;
    let specs: Vec<TableSpec> = vec![plain("t").exclude(column("v"))];
    let options = threadline_migration::health::CoverageOptions::default();
    let registry = registry(specs);
    let found = threadline_migration::health::coverage(&db, &registry, &options).await;
    let found = found.expect("it can be read");
    // In the order of the schemas' names.
    let mut codes = codes(&found);
    codes.sort();
    assert_eq!(codes, ["not_attached t", "schema_missing"]);
    assert_eq!(found.uncovered(), 1);
}

#[tokio::test]
async fn a_newer_schema_is_not_judged() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO threadline.schema_version VALUES (999)").await;
    assert_eq!(codes(&covered(&f, [plain("t")]).await), ["newer_schema"]);
}
