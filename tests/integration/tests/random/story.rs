//! What is known of a table's columns and its policy at each point of the trail.
//!
//! An `ALTER TABLE` fires no trigger, so a column that was added, dropped, renamed or given another
//! type has no row in the trail. The test made these changes itself, one at a time and under the
//! table's strictest lock, and notes for each the next number of the trail: what has a smaller one was
//! written before it, what has a greater one after it. That is all that is not taken from the trail.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::Kind;
use crate::table::{MASK, Policy, Table};

/// The columns as (number, name).
pub(crate) type Names = Vec<(i16, String)>;

/// What the capture function was made for.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    /// The names under which `row_pk` has the key.
    pub(crate) key: Vec<String>,
    columns: BTreeSet<(i16, String)>,
    policies: BTreeMap<String, Policy>,
    pub(crate) records_noop: bool,
}

/// What is stored of a column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Absent,
    /// This text, as JSON.
    Fixed(&'static str),
    Plain,
}

/// What a column that the function does not know reads as, on a table with any redaction.
pub(crate) const UNKNOWN: &str = "\"[REDACTED]\"";

impl Attached {
    pub(crate) fn to(table: &Table) -> Self {
        Self {
            key: table.key().map(|column| column.name.clone()).collect(),
            columns: names(table).into_iter().collect(),
            policies: table.columns.iter().map(|c| (c.name.clone(), c.policy)).collect(),
            records_noop: table.records_noop,
        }
    }

    pub(crate) fn redacts(&self) -> bool {
        self.policies.values().any(|p| matches!(p, Policy::Excluded | Policy::Masked))
    }

    pub(crate) fn excludes(&self) -> bool {
        self.policies.values().any(|policy| *policy == Policy::Excluded)
    }

    pub(crate) fn is_quiet(&self, name: &str) -> bool {
        self.policies.get(name) == Some(&Policy::Quiet)
    }

    /// What becomes of the column that is called `name` now. A name is believed only where it was
    /// when the function was made, unless there is nothing to hide.
    pub(crate) fn stored(&self, number: i16, name: &str) -> Stored {
        match self.policies.get(name) {
            Some(Policy::Excluded) => Stored::Absent,
            Some(Policy::Masked) => Stored::Fixed(MASKED),
            _ if !self.redacts() => Stored::Plain,
            Some(_) if self.columns.contains(&(number, name.to_owned())) => Stored::Plain,
            _ => Stored::Fixed(UNKNOWN),
        }
    }
}

const MASKED: &str = "\"***\"";
const _: () = assert!(MASKED.len() == MASK.len() + 2, "the mask as JSON");

#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    /// The number of the trail that was next.
    pub(crate) position: i64,
    /// The database transaction; 0 before all others.
    pub(crate) xid: u64,
    /// The columns from now on.
    pub(crate) names: Option<Names>,
    /// A new column and its default, which all rows have from now on.
    pub(crate) filled: Option<(i16, String)>,
    /// A column of numbers that is one of texts from now on.
    pub(crate) quoted: Option<i16>,
    pub(crate) attached: Option<Attached>,
}

/// The story of one table.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) table: String,
    /// The numbers of the key columns.
    pub(crate) key: Vec<i16>,
    /// Whether two different values may be told as the same JSON: SQL's null and that of JSON, or
    /// a `json` with other spaces.
    pub(crate) has_json: bool,
    pub(crate) events: Vec<Event>,
}

impl Story {
    pub(crate) fn of(table: &Table) -> Self {
        let start = Event {
            names: Some(names(table)),
            attached: Some(Attached::to(table)),
            ..Event::default()
        };
        Self {
            table: table.name.clone(),
            key: table.key().map(|column| column.number).collect(),
            has_json: table.columns.iter().any(|c| matches!(c.kind, Kind::Json | Kind::Jsonb)),
            events: vec![start],
        }
    }
}

pub(crate) fn names(table: &Table) -> Names {
    table.columns.iter().map(|column| (column.number, column.name.clone())).collect()
}
