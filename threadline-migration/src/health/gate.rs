//! What fails a build: tables that are expected under audit, and are not.

use std::fmt;

use serde::Serialize;
use threadline::TableName;

use super::coverage::{Cover, Coverage};

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
