//! In what a table and its policy differ from what it was attached with.

use std::collections::BTreeMap;

use threadline::{CaptureMode, ColumnName, TableSpec};

use super::finding::outdated;
use crate::health::Code;
use crate::inspect::Recorded;
use crate::problem::{KeyProblem, listed};
use crate::shape::TableShape;
use crate::status::Finding;

/// Columns of which the new policy stores more than the installed one, and that the table still has.
pub(super) fn weaker_columns(
    installed: &TableSpec,
    new: &TableSpec,
    shape: &TableShape,
) -> Vec<ColumnName> {
    let still_there = |name: &ColumnName| shape.columns.iter().any(|c| c.name == *name);
    let redactions = installed.redactions().iter().filter(|(name, _)| still_there(name));
    let weakened = redactions.filter(|(name, earlier)| {
        new.redactions().get(*name).is_none_or(|redaction| redaction.is_weaker_than(earlier))
    });
    weakened.map(|(name, _)| name.clone()).collect()
}

/// A reason for which a table would be attached otherwise today.
#[derive(Debug)]
pub(super) struct Difference {
    code: Code,
    cause: Option<KeyProblem>,
    reason: String,
}

impl Difference {
    fn of_table(reason: String) -> Self {
        Self { code: Code::Outdated, cause: None, reason }
    }

    pub(super) fn finding(self) -> Finding {
        let cause = self.cause.map(KeyProblem::as_str);
        Finding { cause, ..outdated(self.code, self.reason) }
    }
}

/// Every reason for which a table that is as it was attached would be attached otherwise today.
pub(super) fn differences(
    recorded: &Recorded,
    stored: &TableSpec,
    spec: &TableSpec,
    shape: &TableShape,
) -> Vec<Difference> {
    let mut reasons: Vec<_> =
        columns(recorded, shape).into_iter().map(Difference::of_table).collect();
    let key: Vec<&str> = shape.key.iter().map(ColumnName::as_str).collect();
    if recorded.key_columns != key {
        let was = listed(&recorded.key_columns);
        let reason = format!("its key is now {}, and was {was}", listed(key));
        let is_there = |name: &String| shape.columns.iter().any(|c| c.name.as_str() == name);
        let cause = match recorded.key_columns.iter().all(is_there) {
            true => KeyProblem::KeyMismatch,
            false => KeyProblem::RecordedColumnMissing,
        };
        reasons.push(Difference { code: Code::PkDrift, cause: Some(cause), reason });
    }
    let (mode, was) = (shape.mode, recorded.capture_mode);
    if mode != was {
        let (mode, was) = (mode.as_str(), was.as_str());
        let why = &shape.reason;
        let reason = format!("it is captured by {was}, and would now be by {mode}: {why}");
        // By row everything is recorded as it is; by statement a row that is written again may be not.
        let is_wrong = shape.mode == CaptureMode::Row;
        let code = if is_wrong { Code::WrongCaptureMode } else { Code::Outdated };
        reasons.push(Difference { code, cause: None, reason });
    }
    reasons.extend(policy(stored, spec).into_iter().map(Difference::of_table));
    reasons
}

fn columns(recorded: &Recorded, shape: &TableShape) -> Vec<String> {
    let current = shape.fingerprint();
    let (was, now) = (by_name(&recorded.columns), by_name(&current));
    let mut reasons = Vec::new();
    for (name, kind) in &now {
        match was.get(name) {
            None => reasons.push(format!("the column `{name}` was added")),
            Some(old) if old != kind => reasons.push(format!("the type of `{name}` was changed")),
            Some(_) => {}
        }
    }
    let dropped = was.keys().filter(|name| !now.contains_key(*name));
    reasons.extend(dropped.map(|name| format!("the column `{name}` was dropped")));
    if reasons.is_empty() && recorded.positions != recorded.current_positions {
        reasons.push("a column was dropped and made again, or names were exchanged".to_owned());
    }
    reasons
}

/// `type:name`, where a name may hold a colon too.
fn by_name(fingerprint: &[String]) -> BTreeMap<&str, &str> {
    let pair = |column: &str| column.split_once(':').map_or(0, |(kind, _)| kind.len());
    fingerprint
        .iter()
        .map(|column| {
            let colon = pair(column);
            (column.get(colon + 1..).unwrap_or_default(), &column[..colon])
        })
        .collect()
}

fn policy(stored: &TableSpec, spec: &TableSpec) -> Vec<String> {
    let mut reasons = Vec::new();
    for (name, redaction) in spec.redactions() {
        match stored.redactions().get(name) {
            None => reasons.push(format!("`{name}` is to be redacted")),
            Some(other) if other != redaction => {
                reasons.push(format!("`{name}` is to be redacted otherwise"));
            }
            Some(_) => {}
        }
    }
    let shown = stored.redactions().keys().filter(|name| !spec.redactions().contains_key(*name));
    reasons.extend(shown.map(|name| format!("`{name}` is no longer to be redacted")));
    if stored.quiet() != spec.quiet() {
        reasons.push("other columns are quiet".to_owned());
    }
    if stored.captures_noop() != spec.captures_noop() {
        let word = if spec.captures_noop() { "now" } else { "no longer" };
        reasons.push(format!("updates that change nothing are {word} to be recorded"));
    }
    if reasons.is_empty() && stored != spec {
        reasons.push("its policy is declared otherwise".to_owned());
    }
    reasons
}
