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
