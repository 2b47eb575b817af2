//! Findings of every kind, in one list.

use std::fmt;

use chrono::TimeDelta;
use serde::Serialize;
use threadline::TableName;
use threadline::spec::quote::Ident;

use super::code::{Code, Severity};
use super::examine::Examination;
use super::expected::Standing;
use crate::error::Error;
use crate::status::{Finding, Mend};

/// One thing that is not as it should be, or worth knowing.
///
/// As JSON (keys are only ever added), where `mend` is `{"sql": …}`, `{"advice": …}` or null, and `table`
/// is null if it concerns no single table:
///
/// ```json
/// {"code": "capture_trigger_disabled", "cause": null, "severity": "error", "schema": "public",
///  "table": "posts", "reason": "the trigger `…` is disabled: …", "mend": {"sql": "ALTER TABLE …;"}}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HealthFinding {
    /// What kind of thing it is.
    pub code: Code,
    /// Which of several causes it has, for those codes that have them: `no_primary_key` of `pk_drift`.
    pub cause: Option<&'static str>,
    /// How much it matters.
    pub severity: Severity,
    /// The schema of the table, or that of the trail.
    pub schema: String,
    /// The table, without its schema; `None` if it concerns the trail as a whole.
    pub table: Option<String>,
    /// What is wrong, for people.
    pub reason: String,
    /// What mends it; `None` if the reason says what to do, or nothing has to be done.
    pub mend: Option<Mend>,
}

impl HealthFinding {
    /// About a table.
    pub(super) fn about(table: &TableName, code: Code, reason: String, mend: Option<Mend>) -> Self {
        let (schema, name) = (table.schema().to_owned(), Some(table.name().to_owned()));
        let severity = code.severity();
        Self { code, cause: None, severity, schema, table: name, reason, mend }
    }

    /// About the trail as a whole.
    pub(super) fn of_trail(code: Code, reason: String, mend: Option<Mend>) -> Self {
        let schema = threadline::schema().map_or_else(|_| String::new(), ToString::to_string);
        Self { code, cause: None, severity: code.severity(), schema, table: None, reason, mend }
    }

    /// Whether it is about `table`.
    pub fn is_about(&self, table: &TableName) -> bool {
        self.schema == table.schema() && self.table.as_deref() == Some(table.name())
    }

    fn order(&self) -> (&str, Option<&str>, &str, &str) {
        (&self.schema, self.table.as_deref(), self.code.as_str(), &self.reason)
    }
}

impl fmt::Display for HealthFinding {
    /// One line, without what mends it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, severity, schema, table, reason, .. } = self;
        let table = table.as_ref().map(|table| format!(".{table}")).unwrap_or_default();
        write!(f, "{severity:<7} {schema}{table}  {code}: {reason}")
    }
}

/// How long a table may be silent before it is asked whether it is written at all.
const SILENCE: TimeDelta = TimeDelta::days(30);

/// Everything that was found, sorted by schema, table, code and reason.
pub(super) fn all(seen: &Examination, standing: &Standing) -> Result<Vec<HealthFinding>, Error> {
    let comparison = &seen.comparison;
    let mut found: Vec<HealthFinding> = comparison
        .findings
        .iter()
        .map(|found| HealthFinding::of_trail(found.code, found.reason.clone(), found.mend.clone()))
        .collect();
    for compared in &comparison.tables {
        let table = &compared.table;
        let all = compared.findings.iter().chain(&compared.remark);
        let told = all.filter(|found| found.code != Code::ExpectedUncovered);
        found.extend(told.map(|found| of_table(table, found)));
    }
    for host in &seen.inventory.tables {
        let table = host.table()?;
        if seen.is_left_out(&table) && standing.source(&table, host).is_none() {
            found.push(uncovered(&table));
        }
    }
    found.extend(silent(seen)?);
    found.extend(seen.trail.as_ref().map(super::trail::check).unwrap_or_default());
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    found.dedup();
    Ok(found)
}

fn of_table(table: &TableName, found: &Finding) -> HealthFinding {
    let (reason, mend) = (found.reason.clone(), found.mend.clone());
    HealthFinding { cause: found.cause, ..HealthFinding::about(table, found.code, reason, mend) }
}

fn uncovered(table: &TableName) -> HealthFinding {
    let reason = "it is neither under audit nor named as expected to be uncovered".to_owned();
    HealthFinding::about(table, Code::Uncovered, reason, Some(to_cover(table)))
}

/// What puts a table under audit, or says that it need not be.
pub(super) fn to_cover(table: &TableName) -> Mend {
    let command = match is_plain(table.schema()) && is_plain(table.name()) {
        true => format!("run `threadline attach --tables {table}`"),
        false => format!(
            "run `threadline attach` with {}.{} among its --tables",
            Ident(table.schema()),
            Ident(table.name())
        ),
    };
    Mend::Advice(format!(
        "put it under audit: add `#[derive(Audited)]` to its entity and attach it, or {command} (it needs \
         a primary key, or a unique index over columns that are NOT NULL); or name it as expected to be uncovered, with `.exempt(…)` of the registry"
    ))
}

/// Whether a name means the same in SQL and in a shell, quoted or not.
fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Tables that the server counts writes of, and the trail has had none of for a long time.
fn silent(seen: &Examination) -> Result<Vec<HealthFinding>, Error> {
    let (mut found, inventory) = (Vec::new(), &seen.inventory);
    for host in &inventory.tables {
        let table = host.table()?;
        let Some(recorded) = seen.installed.attached(&table) else { continue };
        let last = inventory.last_changes.get(&table).copied().unwrap_or(recorded.since);
        let last = last.max(recorded.since);
        if inventory.now - last < SILENCE || !host.was_written_after(last, inventory.counted_since)
        {
            continue;
        }
        let day = last.format("%Y-%m-%d");
        let reason = format!(
            "PostgreSQL has counted writes of it since {day} (UTC), and the trail has none: were its \
             triggers off for a while, or were only quiet columns written, or values that stayed the \
             same?"
        );
        let advice = "look at the other findings about this table, and at who may disable its \
                      triggers; what was written meanwhile is not in the trail";
        let mend = Some(Mend::Advice(advice.to_owned()));
        found.push(HealthFinding::about(&table, Code::Silent, reason, mend));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_offered_for_names_that_a_shell_takes_as_they_are() {
        let told =
            |schema: &str, name: &str| to_cover(&TableName::new(schema, name).unwrap()).to_string();
        assert!(told("billing", "invoices").contains("--tables billing.invoices`"));
        for hostile in ["x; rm -rf ~", "a b", "Users", "$(id)", "1st", ""] {
            assert!(!is_plain(hostile), "{hostile}");
        }
        assert!(told("public", "a\"b").contains("\"public\".\"a\"\"b\""));
    }
}
