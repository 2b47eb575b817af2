//! What fails a build, and how long it takes to know.

use std::fmt::Write;
use std::time::{Duration, Instant};

use threadline::TableName;
use threadline_migration::Desired;
use threadline_migration::health::{CoverageOptions, health, violations};

use super::covered;
use crate::fixture::{Fixture, plain};

#[tokio::test]
async fn only_expected_tables_can_violate_what_is_expected() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE off (id int PRIMARY KEY);
        CREATE TABLE forgotten (id int PRIMARY KEY); CREATE TABLE schema_migrations (v int)",
        [plain("t"), plain("off")],
    )
    .await;
    f.run("ALTER TABLE off DISABLE TRIGGER ALL").await;
    let found = covered(&f, [plain("t"), plain("off"), plain("gone")]).await;
    let told = |names: &[&str]| {
        let names: Vec<TableName> =
            names.iter().map(|name| TableName::parse(name).expect("a name")).collect();
        let found = violations(&found, &names);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(&["t"]), [""; 0]);
    assert_eq!(
        told(&["schema_migrations", "nowhere", "off", "t", "gone", "off"]),
        [
            "public.gone missing",
            "public.nowhere missing",
            "public.off uncovered",
            "public.schema_migrations uncovered",
        ]
    );
}

#[tokio::test]
async fn two_hundred_tables_are_looked_at_in_a_moment() {
    const TABLES: usize = 200;
    let f = Fixture::installed().await;
    let mut ddl = String::new();
    for n in 0..TABLES {
        let _ = write!(
            ddl,
            "CREATE TABLE t_{n} (id int PRIMARY KEY, a text, b text, c numeric, d jsonb, e timestamptz,
                f uuid, g int[], h boolean, i bytea);"
        );
    }
    f.run(&ddl).await;
    f.sync((0..TABLES).map(|n| plain(&format!("t_{n}")))).await;
    let options = CoverageOptions::default();
    let mut took = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let found = health(&f.db, Desired::Installed, &options).await.expect("it can be read");
        took = took.min(start.elapsed());
        assert_eq!(found.coverage.covered(), TABLES);
    }
    println!("{TABLES} tables in {took:?}");
    // Far more than it takes on a machine with other things to do, built without optimisation; what grows
    // with the square of the tables, or a statement that the planner has compiled, takes longer.
    assert!(took < Duration::from_secs(20), "{took:?}");
}
