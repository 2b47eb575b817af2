use chrono::{DateTime, Utc};
use serde::Serialize;
use threadline_migration::health::{Cover, HealthFinding, Source};

use super::View;

/// The page as data, with the keys that the command `health coverage --json` has, and a few besides.
#[derive(Serialize)]
struct Document<'v> {
    schemas: &'v [String],
    covered: Vec<String>,
    uncovered: Vec<String>,
    expected_uncovered: Vec<Expected>,
    findings: &'v [HealthFinding],
    /// Whether every table is covered and nothing is found that is an error.
    ready: bool,
    checked_at: DateTime<Utc>,
    /// When the last look failed, if it did; what is told is then older.
    stale_since: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Expected {
    table: String,
    source: Source,
}

pub(super) fn of(view: &View) -> Vec<u8> {
    let coverage = &view.coverage;
    let named = |wanted: Cover| {
        let tables = coverage.tables.iter().filter(|table| table.cover == wanted);
        tables.map(|table| table.table.to_string()).collect()
    };
    let expected = coverage.tables.iter().filter_map(|table| match table.cover {
        Cover::ExpectedUncovered { source } => {
            Some(Expected { table: table.table.to_string(), source })
        }
        _ => None,
    });
    let document = Document {
        schemas: &coverage.schemas,
        covered: named(Cover::Covered),
        uncovered: named(Cover::Uncovered),
        expected_uncovered: expected.collect(),
        findings: &coverage.findings,
        ready: view.is_ready(),
        checked_at: view.at,
        stale_since: view.failure.as_ref().map(|(_, at)| *at),
    };
    // There is nothing in it that has no JSON: no map, no float.
    serde_json::to_vec(&document).unwrap_or_default()
}
