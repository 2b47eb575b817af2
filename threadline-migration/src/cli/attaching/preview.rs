//! What attaching would do to one table.

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use threadline::spec::{CaptureMode, Redaction};
use threadline::{ColumnName, TableName, TableSpec};

use crate::catalog;
use crate::cli::failure::Failure;
use crate::cli::output::{FAINT, GOOD, NOTABLE, STRONG};
use crate::error::Error;
use crate::render::table;
use crate::shape::TableShape;
use crate::sync::{installed_policy, is_installed, weaker_columns};

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
    key: Vec<ColumnName>,
    mode: CaptureMode,
    mode_reason: String,
    redactions: BTreeMap<ColumnName, Redaction>,
    quiet: Vec<ColumnName>,
    triggers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sql: Option<String>,
}

impl Preview {
    /// Looks at the table, and refuses what it cannot be, and a policy weaker than the installed one.
    pub(crate) async fn of(
        db: &DatabaseTransaction,
        spec: &TableSpec,
        weaker_redaction: bool,
    ) -> Result<Self, Failure> {
        let shape = catalog::shape(db, spec).await?;
        let installed = installed_policy(db, spec.table()).await?;
        if let Some(installed) = installed.as_ref().filter(|_| !weaker_redaction) {
            let columns = weaker_columns(installed, spec, &shape);
            if !columns.is_empty() {
                return Err(Error::WeakerRedaction { table: spec.table().clone(), columns }.into());
            }
        }
        let sql = table::attach(&shape, spec).map_err(Error::from)?;
        let action = match &installed {
            None => Action::Attach,
            Some(policy) if policy == spec && is_installed(db, spec.table(), &sql).await? => {
                Action::None
            }
            Some(_) => Action::Replace,
        };
        Ok(Self::new(shape, spec, action, sql))
    }

    fn new(shape: TableShape, spec: &TableSpec, action: Action, sql: String) -> Self {
        let (mode, mode_reason) = capture(&shape);
        Self {
            table: shape.table,
            action,
            key: shape.key,
            mode,
            mode_reason,
            redactions: spec.redactions().clone(),
            quiet: spec.quiet().iter().cloned().collect(),
            triggers: triggers(&sql),
            sql: Some(sql),
        }
    }

    /// Does it.
    pub(crate) async fn apply(&self, db: &DatabaseTransaction) -> Result<(), Failure> {
        if let (Some(sql), Action::Attach | Action::Replace) = (&self.sql, self.action) {
            let done = db.execute_unprepared(sql).await;
            done.map_err(|error| Failure::from(error).about(&self.table))?;
        }
        Ok(())
    }

    pub(crate) fn leave_out_sql(&mut self) {
        self.sql = None;
    }
}

/// How the table is captured, and why.
fn capture(_shape: &TableShape) -> (CaptureMode, String) {
    (CaptureMode::Statement, "one trigger call for a statement".to_owned())
}

/// The names of the triggers that the statements create, each once.
fn triggers(sql: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in sql.split("CREATE OR REPLACE TRIGGER ").skip(1) {
        let name = rest.split_whitespace().next().unwrap_or_default().trim_matches('"').to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
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
        line("triggers", self.triggers.join(", "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triggers_are_those_of_the_statements() {
        let sql = "CREATE OR REPLACE TRIGGER \"00_a\" AFTER …; CREATE OR REPLACE TRIGGER b AFTER …; \
                   CREATE OR REPLACE TRIGGER b AFTER …";
        assert_eq!(triggers(sql), ["00_a", "b"]);
    }
}
