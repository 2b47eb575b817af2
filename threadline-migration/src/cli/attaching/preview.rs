//! What attaching would do to one table.

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::DatabaseTransaction;
use serde::Serialize;
use threadline::spec::{CaptureMode, Redaction};
use threadline::{ColumnName, TableName, TableSpec};

use crate::catalog;
use crate::cli::failure::Failure;
use crate::cli::output::{FAINT, GOOD, NOTABLE, STRONG};
use crate::diff::trigger_names;
use crate::plan::{Plan, Step, Verb};

/// What attaching does to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// It was not under audit.
    Attach,
    /// Something of it is replaced.
    Replace,
    /// It is as it should be.
    None,
}

/// What attaching would do to one table.
#[derive(Debug, Serialize)]
pub(crate) struct Preview {
    table: TableName,
    pub(crate) action: Action,
    reasons: Vec<String>,
    key: Vec<ColumnName>,
    mode: CaptureMode,
    mode_reason: String,
    redactions: BTreeMap<ColumnName, Redaction>,
    quiet: Vec<ColumnName>,
    triggers: Vec<&'static str>,
    /// What is done about the rows that are there already, if anything.
    rows: Option<String>,
}

impl Preview {
    /// What `plan` does to the table of `spec`.
    pub(crate) async fn of(
        db: &DatabaseTransaction,
        spec: &TableSpec,
        plan: &Plan,
    ) -> Result<Self, Failure> {
        let shape = catalog::shape(db, spec).await?;
        let steps = plan.steps().filter(|step| step.table == *spec.table());
        let (rows, steps): (Vec<&Step>, Vec<&Step>) =
            steps.partition(|step| step.verb == Verb::Baseline);
        let step = steps.first();
        let action = match step.map(|step| step.verb) {
            None => Action::None,
            Some(Verb::Attach) => Action::Attach,
            Some(_) => Action::Replace,
        };
        Ok(Self {
            action,
            reasons: step.map(|step| step.reasons.clone()).unwrap_or_default(),
            rows: rows.first().map(|step| step.reasons.join("; ")),
            triggers: trigger_names(&shape),
            table: shape.table,
            key: shape.key,
            mode: shape.mode,
            mode_reason: shape.reason,
            redactions: spec.redactions().clone(),
            quiet: spec.quiet().iter().cloned().collect(),
        })
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, style) = match self.action {
            Action::Attach => ("attach", GOOD),
            Action::Replace => ("replace", NOTABLE),
            Action::None => ("unchanged", FAINT),
        };
        writeln!(f, "{STRONG}{}{STRONG:#}  {style}{word}{style:#}", self.table)?;
        let mut line = |name: &str, text: String| match text.is_empty() {
            true => Ok(()),
            false => writeln!(f, "  {FAINT}{name:<9}{FAINT:#} {text}"),
        };
        line("why", self.reasons.join("; "))?;
        line("key", list(&self.key))?;
        line("capture", format!("{}: {}", self.mode.as_str(), self.mode_reason))?;
        let redacted = |is: fn(&Redaction) -> bool| {
            self.redactions.iter().filter(move |(_, redaction)| is(redaction))
        };
        let excluded: Vec<&ColumnName> = redacted(|redaction| *redaction == Redaction::Exclude)
            .map(|(column, _)| column)
            .collect();
        line("excluded", list(excluded))?;
        let rest = redacted(|redaction| *redaction != Redaction::Exclude);
        let masked: Vec<String> = rest.map(|(column, redaction)| told(column, redaction)).collect();
        line("redacted", masked.join(", "))?;
        line("quiet", list(&self.quiet))?;
        line("triggers", self.triggers.join(", "))?;
        line("rows", self.rows.clone().unwrap_or_default())
    }
}

fn told(column: &ColumnName, redaction: &Redaction) -> String {
    match redaction {
        Redaction::Mask { placeholder } => format!("{column} as {placeholder}"),
        other => {
            let kind = serde_json::to_value(other).unwrap_or_default();
            format!("{column} by {kind}")
        }
    }
}

fn list<'a>(columns: impl IntoIterator<Item = &'a ColumnName>) -> String {
    columns.into_iter().map(ColumnName::as_str).collect::<Vec<_>>().join(", ")
}
