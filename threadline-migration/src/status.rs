//! What is installed, measured against what is wanted: values to print, to test and to act on.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use threadline::trail::TRAIL;
use threadline::{CaptureMode, TableName};

use crate::desired::{Desired, against};
use crate::error::Error;
use crate::health::Code;

/// How it stands with a table, or with the schema as a whole; each is worse than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Named as expected to be uncovered, and it is.
    Exempt,
    /// Captured exactly as wanted.
    Installed,
    /// Something of Threadline's is there that nothing asks for.
    Orphan,
    /// Captured by what was installed, but that is not what would be installed today: columns, policy,
    /// mode, or the text of this crate are others.
    Outdated,
    /// A trigger does not fire for every write.
    Disabled,
    /// What is there is not what was installed: somebody edited it.
    Altered,
    /// Wanted, and nothing of it is captured.
    Missing,
}

impl State {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Installed => "installed",
            Self::Orphan => "orphan",
            Self::Outdated => "outdated",
            Self::Disabled => "disabled",
            Self::Altered => "altered",
            Self::Missing => "missing",
        }
    }

    /// Whether nothing has to be done.
    pub fn is_good(self) -> bool {
        self <= Self::Installed
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mend {
    /// Statements that can be run as they are.
    Sql(String),
    /// What to do, in words.
    Advice(String),
}

impl fmt::Display for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(text) | Self::Advice(text) => f.write_str(text.trim_end()),
        }
    }
}

/// One thing that is not as it should be, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub state: State,
    /// What kind of thing it is.
    pub code: Code,
    /// Which of several causes it has, for those codes that have them: see `docs/health.md`.
    pub cause: Option<&'static str>,
    /// What is wrong, for people.
    pub reason: String,
    /// What mends it; `None` if there is nothing to mend.
    pub mend: Option<Mend>,
}

/// How it stands with one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableStatus {
    /// The table.
    pub table: TableName,
    /// The worst of the findings; `Installed` if there is none.
    pub state: State,
    /// How it is captured; `None` if it is not attached.
    pub mode: Option<CaptureMode>,
    /// The audit horizon: before it nothing is known. `None` if the table is not attached.
    pub since: Option<DateTime<Utc>>,
    /// From when on every row of the table is in the trail. `None` if the table is not attached, or while
    /// rows that were there before may be missing: see [`baseline`](crate::baseline()).
    pub complete_since: Option<DateTime<Utc>>,
    /// Everything that was found, the worst first.
    pub findings: Vec<Finding>,
}

/// How it stands with the schema `threadline` and every table.
///
/// As JSON (keys are only ever added):
///
/// ```json
/// {"schema_version": 1, "findings": [],
///  "tables": [{"table": {"schema": "public", "name": "posts"}, "state": "disabled",
///    "mode": "statement", "since": "2026-01-02T03:04:05.678901Z", "complete_since": null,
///    "findings": [{"state": "disabled", "code": "capture_trigger_disabled",
///      "cause": null, "reason": "…", "mend": {"sql": "ALTER TABLE …;"}}]}]}
/// ```
///
/// `mend` is `{"sql": …}`, `{"advice": …}` or null; `mode` and `since` are null if the table is not
/// attached. A finding whose state is `installed` is a remark, and nothing bad: that the rows which the
/// table had before may not be in the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The schema version that is installed; 0 if none is.
    pub schema_version: i32,
    /// What concerns no single table: the schema itself and the functions that all tables share.
    pub findings: Vec<Finding>,
    /// The tables, sorted by name.
    pub tables: Vec<TableStatus>,
}

impl Status {
    /// Whether every table is `Installed` or `Exempt`, and nothing else was found.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.tables.iter().all(|table| table.state.is_good())
    }

    /// How it stands with `table`; `None` if it is neither wanted nor installed.
    pub fn get(&self, table: &TableName) -> Option<&TableStatus> {
        self.tables.iter().find(|status| status.table == *table)
    }

    /// How many tables are in `state`.
    pub fn count(&self, state: State) -> usize {
        self.tables.iter().filter(|table| table.state == state).count()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_findings(f, &self.findings, &format!("schema {TRAIL}"))?;
        let width = self.tables.iter().map(|t| t.table.to_string().len()).max().unwrap_or(0);
        for status in &self.tables {
            let name = status.table.to_string();
            if status.findings.is_empty() {
                writeln!(f, "{:<9} {name}", status.state)?;
            }
            write_findings(f, &status.findings, &format!("{name:<width$}"))?;
        }
        Ok(())
    }
}

/// A line a finding, and under those with the same mend what it is.
fn write_findings(f: &mut fmt::Formatter<'_>, findings: &[Finding], name: &str) -> fmt::Result {
    for (place, finding) in findings.iter().enumerate() {
        writeln!(f, "{:<9} {name}  {}", finding.state, finding.reason)?;
        let next = findings.get(place + 1).and_then(|next| next.mend.as_ref());
        match &finding.mend {
            Some(mend) if Some(mend) != next => write_mend(f, &mend.to_string())?,
            _ => {}
        }
    }
    Ok(())
}

/// Longer statements are not printed among the findings.
const LONGEST_MEND: usize = 10;

fn write_mend(f: &mut fmt::Formatter<'_>, mend: &str) -> fmt::Result {
    let lines: Vec<&str> = mend.lines().filter(|line| !line.starts_with("--")).collect();
    if lines.len() > LONGEST_MEND {
        return writeln!(f, "          {} lines of SQL mend it: see its `mend`", lines.len());
    }
    for line in lines {
        writeln!(f, "          {line}")?;
    }
    Ok(())
}

/// Compares what is installed with what is wanted, and changes nothing.
///
/// `desired` is a [`Registry`](threadline::Registry), or [`Desired::Installed`] where the host's code
/// is not at hand: then the stored policies are what is wanted. The catalog's own text is compared, not
/// a comment, so an edit by hand is found.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
/// use threadline_migration::{Desired, status};
///
/// let status = status(&db, Desired::Installed).await?;
/// print!("{status}"); // disabled  public.posts  the trigger `…` is disabled: …
/// assert!(status.is_good());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::SchemaMissing`] for [`Desired::Installed`] on a database without Threadline's schema, and
/// [`Error::Db`].
pub async fn status<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
) -> Result<Status, Error> {
    Ok(against(db, &desired.into()).await?.status())
}
