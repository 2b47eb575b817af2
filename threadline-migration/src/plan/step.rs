//! The parts of a plan.

use serde::Serialize;
use threadline::{CaptureMode, TableName};

use crate::status::Mend;

/// What a step does to its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verb {
    /// Puts a table under audit that was not.
    Attach,
    /// Replaces function, triggers and policy, without a moment in which nothing is captured.
    Replace,
    /// Takes a table out of the audit. What was recorded stays.
    Detach,
    /// Records the rows that an attached table has already, because some may not be in the trail.
    Baseline,
}

impl Verb {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Replace => "replace",
            Self::Detach => "detach",
            Self::Baseline => "baseline",
        }
    }
}

/// What is to be done to one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The table.
    pub table: TableName,
    /// What is done.
    pub verb: Verb,
    /// How the table will be captured; `None` for a detach and a baseline.
    pub mode: Option<CaptureMode>,
    /// Why it will be captured so; `None` for a detach and a baseline.
    pub mode_reason: Option<String>,
    /// Why, one for each finding, the worst first.
    pub reasons: Vec<String>,
    /// The statements.
    pub sql: String,
}

/// What stands in the way of a plan. While there is any, [`Plan::apply`](super::Plan::apply) does
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The table.
    pub table: TableName,
    /// Why it cannot be done and what to do; where a line is to be pasted, that line.
    pub reason: String,
}

/// What nothing asks for, and a plan therefore leaves alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Orphan {
    /// The table.
    pub table: TableName,
    /// What was found.
    pub reason: String,
    /// What mends it.
    pub mend: Option<Mend>,
}
