//! What fails a build: tables that are expected under audit, and are not.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use threadline::TableName;

use super::code::Severity;
use super::coverage::{Cover, Coverage};
use super::finding::HealthFinding;

/// What is wrong with a table that is expected under audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lack {
    /// There is no such table.
    Missing,
    /// Its writes are not recorded, all or some.
    Uncovered,
}

impl Lack {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Uncovered => "uncovered",
        }
    }
}

/// A table that is expected under audit, and is not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// The table.
    pub table: TableName,
    /// What is wrong.
    pub lack: Lack,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.lack.as_str())
    }
}

/// Which of the tables that are `expected` under audit are not, sorted by name. Tables that are not among
/// them are no matter, and an expected one that is named as expected to be uncovered is a violation.
pub fn violations<'a>(
    coverage: &Coverage,
    expected: impl IntoIterator<Item = &'a TableName>,
) -> Vec<Violation> {
    let lack = |table: &TableName| match coverage.get(table) {
        None => Some(Lack::Missing),
        Some(found) if found.cover == Cover::Covered => None,
        Some(found) if found.is_absent => Some(Lack::Missing),
        Some(_) => Some(Lack::Uncovered),
    };
    let mut found: Vec<Violation> = expected
        .into_iter()
        .filter_map(|table| lack(table).map(|lack| Violation { table: table.clone(), lack }))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What a build server asks: whether every expected table is covered, and none has an error.
///
/// As JSON (keys are only ever added):
///
/// ```json
/// {"passes": false, "expected": 2, "covered": 1,
///  "tables": [{"table": {"schema": "public", "name": "posts"}, "status": "covered"},
///    {"table": {"schema": "public", "name": "users"}, "status": "uncovered"}],
///  "violations": [{"table": {"schema": "public", "name": "users"}, "lack": "uncovered"}],
///  "gated": [], "not_gated": []}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// Whether there is neither a violation nor a gated finding.
    pub passes: bool,
    /// How many tables are expected under audit.
    pub expected: usize,
    /// How many of them are covered.
    pub covered: usize,
    /// Each of them, sorted by name, with `covered`, `uncovered` or `missing`.
    pub tables: Vec<Verified>,
    /// Those that are not covered.
    pub violations: Vec<Violation>,
    /// Errors about expected tables.
    pub gated: Vec<HealthFinding>,
    /// Every other error and warning, which fails nothing.
    pub not_gated: Vec<HealthFinding>,
}

/// How one expected table stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// The table.
    pub table: TableName,
    /// `covered`, `uncovered` or `missing`.
    pub status: &'static str,
}

/// Holds `coverage` against the tables that are `expected` under audit. Findings about the trail as a whole,
/// and about tables that are not expected, fail nothing.
///
/// An empty expectation passes, as every statement about nothing is true; whoever gates a build by it has to
/// ask whether anything is expected at all, as `threadline verify-coverage` does.
pub fn verify<'a>(
    coverage: &Coverage,
    expected: impl IntoIterator<Item = &'a TableName>,
) -> Verification {
    let expected: BTreeSet<&TableName> = expected.into_iter().collect();
    let violations = violations(coverage, expected.iter().copied());
    let status = |table: &TableName| {
        let found = violations.iter().find(|violation| violation.table == *table);
        found.map_or("covered", |violation| violation.lack.as_str())
    };
    let tables: Vec<Verified> = expected
        .iter()
        .map(|table| Verified { table: (*table).clone(), status: status(table) })
        .collect();
    let is_gated = |found: &HealthFinding| {
        found.severity == Severity::Error && expected.iter().any(|table| found.is_about(table))
    };
    let notable = coverage.findings.iter().filter(|found| found.severity != Severity::Info);
    let (gated, not_gated): (Vec<_>, Vec<_>) = notable.cloned().partition(is_gated);
    Verification {
        passes: violations.is_empty() && gated.is_empty(),
        expected: expected.len(),
        covered: expected.len() - violations.len(),
        tables,
        violations,
        gated,
        not_gated,
    }
}
