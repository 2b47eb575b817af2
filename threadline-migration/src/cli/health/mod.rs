//! The commands that tell whether everything that should be recorded is.

mod coverage;
mod doctor;
mod policy;
mod table;
mod verify;

use clap::Subcommand;
use sea_orm::ConnectionTrait;
use threadline::TableName;

use super::exit::Verdict;
use super::failure::Failure;
use super::output::{FAINT, Output};
use crate::desired::Desired;
use crate::health::{CoverageOptions, HealthFinding};
use crate::install::known_version;
use table::harmless;

/// What can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Asking {
    /// Tells which tables are under audit.
    #[command(subcommand)]
    Health(Health),
    VerifyCoverage(verify::VerifyCoverage),
    Doctor(doctor::ShowDoctor),
    /// Tells what is kept out of the trail.
    #[command(subcommand)]
    Policy(Policy),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Health {
    Coverage(coverage::ShowCoverage),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    Show(policy::ShowPolicy),
}

impl Asking {
    /// Looks, tells, and changes nothing.
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        out: Output,
    ) -> Result<Verdict, Failure> {
        match self {
            Self::Doctor(command) => return command.run(db, desired, out).await,
            _ => known_version(db).await?,
        };
        match self {
            Self::Health(Health::Coverage(command)) => command.run(db, desired, out).await,
            Self::VerifyCoverage(command) => command.run(db, desired, out).await,
            Self::Policy(Policy::Show(command)) => command.run(db, desired, out).await,
            Self::Doctor(command) => command.run(db, desired, out).await,
        }
    }
}

/// What to look at: one schema of the host, or all.
fn options(schema: Option<&str>) -> CoverageOptions {
    schema.map_or_else(CoverageOptions::default, |name| CoverageOptions::default().schema(name))
}

/// Findings under a heading, each with what mends it; nothing if there is none.
fn told(title: &str, findings: &[HealthFinding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{title}\n");
    for finding in findings {
        text.push_str(&format!("{}\n", table::finding(finding)));
        if let Some(mend) = &finding.mend {
            text.push_str(&mending(&mend.to_string()));
        }
    }
    text
}

/// Longer statements are left to `--json`.
const LONGEST: usize = 10;

/// What mends something, set off from it.
fn mending(mend: &str) -> String {
    let lines: Vec<&str> = mend.lines().filter(|line| !line.starts_with("--")).collect();
    if lines.len() > LONGEST {
        let count = lines.len();
        return format!(
            "        {FAINT}{count} lines of SQL mend it: see `mend` with --json{FAINT:#}\n"
        );
    }
    lines.iter().map(|line| format!("        {FAINT}{}{FAINT:#}\n", harmless(line))).collect()
}

/// A name as it is shown: the schema of most tables is no news.
fn shown(table: &TableName) -> String {
    harmless(&table.to_string())
}
