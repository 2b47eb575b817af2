//! `plan` and `status`: how it stands, without changing anything.

use clap::Args;
use sea_orm::ConnectionTrait;

use super::exit::Verdict;
use super::failure::Failure;
use super::output::{GOOD, Output, coloured};
use super::script;
use crate::desired::Desired;
use crate::install::known_version;
use crate::plan::plan;
use crate::status::status;

/// Shows what would be done to make the database as it is wanted, and does nothing.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ShowPlan {
    /// Prints the SQL as well: a script for psql, in which the plan is a comment.
    #[arg(long)]
    pub(crate) sql: bool,
}

/// Shows how it stands with every table that is under audit.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ShowStatus {
    /// Ends with exit code 1 if anything is not as it should be.
    #[arg(long)]
    check: bool,
}

impl ShowPlan {
    /// Shows what would make the database audit what is desired; `remedy` says what does it.
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        remedy: &str,
        out: Output,
    ) -> Result<Verdict, Failure> {
        known_version(db).await?;
        let plan = plan(db, desired).await?;
        let mut text = coloured(&plan);
        if plan.is_empty() {
            text.push_str("Nothing has to be done.\n");
        } else if plan.refusals().is_empty() {
            text.push_str(&format!("\n{remedy}\n"));
        }
        out.text(if self.sql { script::of(&text, &plan) } else { text });
        out.document(&plan);
        Ok(Verdict::Fine)
    }
}

impl ShowStatus {
    /// Shows how what is installed differs from what is desired; `remedy` says what to do about it.
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        remedy: &str,
        out: Output,
    ) -> Result<Verdict, Failure> {
        known_version(db).await?;
        let status = status(db, desired).await?;
        out.text(coloured(&status));
        match (status.is_good(), status.tables.is_empty()) {
            (true, true) => out.text("No table is under audit.\n"),
            (true, false) => out.text(format!("\n{GOOD}Everything is as it should be.{GOOD:#}\n")),
            (false, _) => out.text(format!("\n{remedy}\n")),
        }
        out.document(&status);
        Ok(if self.check && !status.is_good() { Verdict::Findings } else { Verdict::Fine })
    }
}
