//! What the sessions did, beside the trail: to check it against, and to understand a failure by.

use std::fmt;
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Open,
    Committed,
    RolledBack,
}

/// One database transaction. The server knows it by its name, which is the `application_name`.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) name: String,
    /// The id of the actor, who is a user.
    pub(crate) actor: Option<String>,
    /// Whether it was begun by `audit_begin`, and so is in the trail whatever it did.
    pub(crate) is_audited: bool,
    /// Whether it keeps one snapshot from its first statement to its end.
    pub(crate) keeps_snapshot: bool,
    /// Whether it has changed something for certain.
    pub(crate) has_written: bool,
    pub(crate) outcome: Outcome,
}

#[derive(Debug)]
pub(crate) struct Line {
    unit: String,
    sql: String,
    result: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<9} {}\n          -> {}", self.unit, self.sql, self.result)
    }
}

/// Written by all sessions at once.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    lines: Mutex<Vec<Line>>,
    units: Mutex<Vec<Unit>>,
}

impl Journal {
    pub(crate) fn shared() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn line(&self, unit: &str, sql: &str, result: impl fmt::Display) {
        let result = result.to_string().lines().next().unwrap_or_default().to_owned();
        let line = Line { unit: unit.to_owned(), sql: sql.to_owned(), result };
        self.lines.lock().expect("no panic before").push(line);
    }

    pub(crate) fn unit(&self, unit: Unit) {
        self.units.lock().expect("no panic before").push(unit);
    }

    pub(crate) fn units(&self) -> Vec<Unit> {
        self.units.lock().expect("no panic before").clone()
    }

    /// How many statements succeeded and how many failed.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let lines = self.lines.lock().expect("no panic before");
        let failed = lines.iter().filter(|line| line.result.starts_with("error")).count();
        (lines.len() - failed, failed)
    }

    /// Every line that names one of `words`, or that was said by one of `units`.
    pub(crate) fn about(&self, words: &[&str], units: &[&str]) -> String {
        let lines = self.lines.lock().expect("no panic before");
        let is_about = |line: &&Line| {
            units.contains(&line.unit.as_str()) || words.iter().any(|word| line.sql.contains(word))
        };
        lines.iter().filter(is_about).map(|line| format!("{line}\n")).collect()
    }

    /// The first lines of the errors, each with how often it came, the most frequent first.
    pub(crate) fn errors(&self) -> Vec<(usize, String)> {
        let lines = self.lines.lock().expect("no panic before");
        let mut counts = std::collections::BTreeMap::<String, usize>::new();
        for line in lines.iter().filter(|line| line.result.starts_with("error")) {
            let kind: String = line.result.split('"').next().unwrap_or_default().to_owned();
            *counts.entry(kind).or_default() += 1;
        }
        let mut counts: Vec<(usize, String)> = counts.into_iter().map(|(e, n)| (n, e)).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts
    }
}
