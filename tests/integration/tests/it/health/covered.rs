//! Which tables are covered.

use serde_json::json;
use threadline::{Registry, TableName};
use threadline_migration::Error;
use threadline_migration::health::{
    Cover, CoverageOptions, CoveragePolicy, Source, coverage, trigger_coverage,
};

use super::{T, codes, covered, stored};
use crate::fixture::{Fixture, plain, registry};

fn named(name: &str) -> TableName {
    TableName::parse(name).expect("a name")
}

#[tokio::test]
async fn a_covered_table_has_no_finding_and_tells_its_last_change() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let before = covered(&f, [plain("t")]).await;
    assert_eq!(codes(&before), [""; 0], "{:#?}", before.findings);
    let table = before.get(&named("t")).expect("it is there");
    assert_eq!((table.cover, table.last_change), (Cover::Covered, None));
    assert!(table.since.is_some_and(|since| since <= before.checked_at));
    f.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')").await;
    let after = covered(&f, [plain("t")]).await;
    let newest = f.value("SELECT to_jsonb(max(captured_at)) FROM threadline.audit_changes").await;
    let last = after.get(&named("t")).and_then(|table| table.last_change);
    assert_eq!(last, serde_json::from_value(newest).expect("a time"));
    assert_eq!(stored(&f).await.tables, after.tables);
}

#[tokio::test]
async fn every_table_is_covered_or_uncovered_or_expected_to_be() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE forgotten (id int PRIMARY KEY);
        CREATE TABLE sessions (id int PRIMARY KEY); CREATE TABLE countries (id int PRIMARY KEY);
        CREATE TABLE seaql_migrations (version text PRIMARY KEY); CREATE VIEW seen AS SELECT 1 AS id;
        CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (10);
        CREATE TEMPORARY TABLE passing (id int)",
        [plain("t"), plain("parts")],
    )
    .await;
    let registry = Registry::builder()
        .table(plain("t"))
        .table(plain("parts"))
        .exempt(named("sessions"))
        .live(named("countries"))
        .build()
        .expect("a registry");
    let options = CoverageOptions::default();
    let found = trigger_coverage(&f.db, &registry, &options).await.expect("it can be read");
    let expected = |source| Cover::ExpectedUncovered { source };
    assert_eq!(
        found,
        [
            (expected(Source::Config), named("countries")),
            (Cover::Uncovered, named("forgotten")),
            (Cover::Covered, named("parts")),
            (expected(Source::Baseline), named("seaql_migrations")),
            (expected(Source::Config), named("sessions")),
            (Cover::Covered, named("t")),
        ]
    );
    let found = coverage(&f.db, &registry, &options).await.expect("it can be read");
    assert_eq!(codes(&found), ["uncovered forgotten"]);
    assert_eq!((found.covered(), found.uncovered(), found.expected_uncovered()), (2, 1, 3));
    assert_eq!(found.get(&named("parts")).map(|table| table.members), Some(1));
    let json = serde_json::to_value(found.get(&named("sessions"))).expect("it is JSON");
    assert_eq!(json["status"], json!("expected_uncovered"));
    assert_eq!(json["source"], json!("config"));
}

#[tokio::test]
async fn a_policy_and_a_registry_say_together_what_is_expected() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE sessions (id int PRIMARY KEY);
        CREATE TABLE seaql_migrations (version text PRIMARY KEY); CREATE SCHEMA billing;
        CREATE TABLE billing.drafts (id int PRIMARY KEY)",
        [plain("t")],
    )
    .await;
    let policy = CoveragePolicy::default()
        .expect_uncovered("sessions")
        .expect_uncovered("billing.drafts")
        .audit_anyway("seaql_migrations");
    let options = CoverageOptions::default().policy(policy.clone());
    let found = coverage(&f.db, &registry([plain("t")]), &options).await.expect("it can be read");
    assert_eq!(codes(&found), ["uncovered seaql_migrations"]);
    assert_eq!((found.covered(), found.uncovered(), found.expected_uncovered()), (1, 1, 2));
    let doubtful = CoverageOptions::default().policy(policy.expect_uncovered("t"));
    let error =
        coverage(&f.db, &registry([plain("t")]), &doubtful).await.expect_err("t is audited");
    assert!(matches!(&error, Error::CoveragePolicy { problems } if problems.len() == 1), "{error}");
}

#[tokio::test]
async fn one_schema_is_looked_at_or_all_and_an_unknown_one_is_an_error() {
    let f = Fixture::audited(
        "CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int PRIMARY KEY);
        CREATE TABLE t (id int PRIMARY KEY)",
        [plain("t")],
    )
    .await;
    let specs = registry([plain("t")]);
    let only = |schema: &str| CoverageOptions::default().schema(schema);
    let found = coverage(&f.db, &specs, &only("billing")).await.expect("it can be read");
    assert_eq!((found.schemas.as_slice(), found.tables.len()), (&["billing".to_owned()][..], 1));
    assert_eq!(codes(&found), ["uncovered invoices"]);
    let all = coverage(&f.db, &specs, &CoverageOptions::default()).await.expect("it can be read");
    assert_eq!(all.schemas, ["billing", "public"]);
    let trail = threadline::schema().expect("a name").as_str();
    for unknown in ["bilLing", "pg_catalog", "information_schema", "no; such", trail] {
        let error =
            coverage(&f.db, &specs, &only(unknown)).await.expect_err("it is none of the host");
        assert!(
            error.to_string().starts_with(&format!("Schema '{unknown}' not found.")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_role_with_four_grants_and_a_read_only_transaction_is_enough() {
    use sea_orm::TransactionTrait;

    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a')").await;
    let db = f.test_db.connect_as("operator").await;
    let role = f.test_db.role("operator");
    f.run(&format!(
        "GRANT SELECT ON threadline.schema_version, threadline.audited_tables,
            threadline.audit_transactions, threadline.audit_changes TO {role}"
    ))
    .await;
    let mode = Some(sea_orm::AccessMode::ReadOnly);
    let txn = db.begin_with_config(None, mode).await.expect("a transaction");
    let options = CoverageOptions::default();
    let found = coverage(&txn, threadline_migration::Desired::Installed, &options).await;
    let (found, as_owner) = (found.expect("it can be read"), stored(&f).await);
    assert_eq!((found.tables, found.findings), (as_owner.tables, as_owner.findings));
}
