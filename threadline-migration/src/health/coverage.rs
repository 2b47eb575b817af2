//! Which tables are under audit, and which are not.

use chrono::{DateTime, Utc};
use serde::Serialize;
use threadline::{CaptureMode, TableName};

use super::examine::Examination;
use super::expected::{CoveragePolicy, Source, Standing};
use super::finding::{self, HealthFinding, to_cover};
use super::inventory::HostTable;
use crate::diff::Compared;
use crate::error::Error;
use crate::status::{Mend, State};

/// Whether the writes of a table are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cover {
    /// Every write is recorded, as far as the catalog tells. There may be findings all the same.
    Covered,
    /// Writes go unrecorded, all or some.
    Uncovered,
    /// It is named as not under audit, and it is not.
    ExpectedUncovered {
        /// Who names it.
        source: Source,
    },
}

impl Cover {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Uncovered => "uncovered",
            Self::ExpectedUncovered { .. } => "expected_uncovered",
        }
    }
}

/// How one table is covered. Partitions and child tables are counted under their root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableCoverage {
    /// The table.
    pub table: TableName,
    /// Whether its writes are recorded.
    #[serde(flatten)]
    pub cover: Cover,
    /// How what is installed on it stands to what is wanted; `None` if nothing is and nothing wants it.
    pub state: Option<State>,
    /// How it is captured; `None` if it is not.
    pub mode: Option<CaptureMode>,
    /// Why it is so, in one line for people.
    pub why: String,
    /// The audit horizon: before it nothing is known. `None` if it is not under audit.
    pub since: Option<DateTime<Utc>>,
    /// When its newest change was captured; `None` if nothing was.
    pub last_change: Option<DateTime<Utc>>,
    /// How many partitions or child tables are recorded under its name.
    pub members: u32,
    /// Whether it is wanted under audit and does not exist.
    pub is_absent: bool,
    /// What covers it, or mends what keeps it from being covered; `None` if nothing has to be done.
    pub mend: Option<Mend>,
}

/// Which tables are under audit, at one moment.
///
/// As JSON (keys are only ever added):
///
/// ```json
/// {"schemas": ["public"], "checked_at": "2026-01-02T03:04:05.678901Z",
///  "tables": [{"table": {"schema": "public", "name": "posts"}, "status": "covered",
///    "state": "installed", "mode": "statement", "why": "every write is recorded",
///    "since": "2025-12-24T00:00:00Z", "last_change": null, "members": 0,
///    "is_absent": false, "mend": null}],
///  "findings": []}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// The schemas that were looked at, sorted.
    pub schemas: Vec<String>,
    /// Their tables, sorted by name.
    pub tables: Vec<TableCoverage>,
    /// What was found about these tables, and about the trail; sorted by schema, table, code and reason.
    pub findings: Vec<HealthFinding>,
    /// When it was looked at, by the clock of the server.
    pub checked_at: DateTime<Utc>,
}

impl Coverage {
    /// How it stands with `table`; `None` if there is no such table.
    pub fn get(&self, table: &TableName) -> Option<&TableCoverage> {
        self.tables.iter().find(|covered| covered.table == *table)
    }

    /// How many tables are covered.
    pub fn covered(&self) -> usize {
        self.count(|cover| cover == Cover::Covered)
    }

    /// How many tables are uncovered and not expected to be.
    pub fn uncovered(&self) -> usize {
        self.count(|cover| cover == Cover::Uncovered)
    }

    /// How many tables are expected to be uncovered, and are.
    pub fn expected_uncovered(&self) -> usize {
        self.count(|cover| matches!(cover, Cover::ExpectedUncovered { .. }))
    }

    fn count(&self, is_wanted: impl Fn(Cover) -> bool) -> usize {
        self.tables.iter().filter(|table| is_wanted(table.cover)).count()
    }

    /// What was found about `table`.
    pub fn findings_of<'a>(
        &'a self,
        table: &'a TableName,
    ) -> impl Iterator<Item = &'a HealthFinding> {
        self.findings.iter().filter(|finding| finding.is_about(table))
    }
}

/// What to look at. The default is every schema of the host, with nothing expected to be uncovered but
/// what the registry names, the tables of migration tools, and those of extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageOptions {
    schemas: Vec<String>,
    policy: CoveragePolicy,
}

impl CoverageOptions {
    /// Looks at this schema, and at no other that is not named as well.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schemas.push(schema.into());
        self
    }

    /// Which tables are expected to be uncovered, beside those that the registry names.
    #[must_use]
    pub fn policy(mut self, policy: CoveragePolicy) -> Self {
        self.policy = policy;
        self
    }

    pub(super) fn expected(&self) -> &CoveragePolicy {
        &self.policy
    }

    /// That every schema to look at is among those that there are.
    #[cfg(feature = "cli")]
    pub(crate) fn check(&self, known: &[String]) -> Result<(), Error> {
        self.among(known).map(|_| ())
    }

    /// The schemas to look at, of those that there are.
    fn among(&self, known: &[String]) -> Result<Vec<String>, Error> {
        if self.schemas.is_empty() {
            return Ok(known.to_vec());
        }
        if let Some(schema) = self.schemas.iter().find(|schema| !known.contains(schema)) {
            return Err(Error::UnknownSchema { schema: schema.clone(), known: known.to_vec() });
        }
        let is_wanted = |schema: &&String| self.schemas.contains(schema);
        Ok(known.iter().filter(is_wanted).cloned().collect())
    }
}

/// The coverage of what was seen.
pub(super) fn of(
    seen: &Examination,
    standing: &Standing,
    options: &CoverageOptions,
) -> Result<Coverage, Error> {
    let schemas = options.among(&seen.inventory.schemas)?;
    let trail = threadline::schema()?.as_str();
    let mut findings = finding::all(seen, standing)?;
    findings.retain(|found| found.schema == trail || schemas.contains(&found.schema));
    let mut tables = Vec::new();
    for host in &seen.inventory.tables {
        let table = host.table()?;
        if schemas.iter().any(|schema| schema == table.schema()) {
            tables.push(one(seen, standing, host, table, &findings));
        }
    }
    tables.extend(absent(seen, &schemas, &tables));
    tables.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(Coverage { schemas, tables, findings, checked_at: seen.inventory.now })
}

fn one(
    seen: &Examination,
    standing: &Standing,
    host: &HostTable,
    table: TableName,
    findings: &[HealthFinding],
) -> TableCoverage {
    let compared = seen.comparison.tables.iter().find(|compared| compared.table == table);
    let (cover, why, mend) = match seen.is_left_out(&table) {
        true => left_out(standing.source(&table, host), &table, host),
        false => measured(seen, findings, &table),
    };
    let is_wanted = !seen.is_left_out(&table);
    TableCoverage {
        cover,
        state: compared.filter(|_| is_wanted).map(Compared::state),
        mode: compared.and_then(|compared| compared.mode),
        why,
        since: compared.and_then(|compared| compared.since),
        last_change: seen.inventory.last_changes.get(&table).copied(),
        members: host.members,
        is_absent: false,
        mend,
        table,
    }
}

/// A table that is neither under audit nor wanted to be.
fn left_out(
    source: Option<Source>,
    table: &TableName,
    host: &HostTable,
) -> (Cover, String, Option<Mend>) {
    let Some(source) = source else {
        let why = "it is neither under audit nor named as expected to be uncovered".to_owned();
        return (Cover::Uncovered, why, Some(to_cover(table)));
    };
    let why = match (source, &host.extension) {
        (Source::Config, _) => "it is named as expected to be uncovered".to_owned(),
        (_, Some(extension)) => format!("it belongs to the extension `{extension}`"),
        (_, None) => "it belongs to a migration tool".to_owned(),
    };
    (Cover::ExpectedUncovered { source }, why, None)
}

/// A table that is under audit, or wanted to be: it is covered unless something loses writes.
fn measured(
    seen: &Examination,
    findings: &[HealthFinding],
    table: &TableName,
) -> (Cover, String, Option<Mend>) {
    let about = || findings.iter().filter(|finding| finding.is_about(table));
    let lost = about().find(|finding| finding.code.loses_writes());
    if let Some(worst) = lost {
        return (Cover::Uncovered, worst.reason.clone(), worst.mend.clone());
    }
    if seen.installed.attached(table).is_none() {
        let why = about().next().map(|finding| finding.reason.clone()).unwrap_or_default();
        return (Cover::Uncovered, why, about().find_map(|finding| finding.mend.clone()));
    }
    let told = about().find(|finding| finding.severity <= super::Severity::Warning);
    match told {
        Some(told) => (Cover::Covered, told.reason.clone(), told.mend.clone()),
        None => (Cover::Covered, "every write is recorded".to_owned(), None),
    }
}

/// Tables that are wanted under audit, and do not exist.
fn absent(seen: &Examination, schemas: &[String], there: &[TableCoverage]) -> Vec<TableCoverage> {
    let is_absent = |compared: &&Compared| {
        compared.is_wanted
            && schemas.iter().any(|schema| schema == compared.table.schema())
            && !there.iter().any(|covered| covered.table == compared.table)
    };
    let absent = seen.comparison.tables.iter().filter(is_absent);
    absent
        .map(|compared| TableCoverage {
            table: compared.table.clone(),
            cover: Cover::Uncovered,
            state: Some(compared.state()),
            mode: None,
            why: compared.findings.first().map(|found| found.reason.clone()).unwrap_or_default(),
            since: compared.since,
            last_change: seen.inventory.last_changes.get(&compared.table).copied(),
            members: 0,
            is_absent: true,
            mend: compared.findings.first().and_then(|found| found.mend.clone()),
        })
        .collect()
}
