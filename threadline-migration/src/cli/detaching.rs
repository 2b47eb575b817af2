//! `threadline detach`: takes tables out of the audit. What was recorded stays.

use clap::Args;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde::Serialize;
use threadline::TableName;

use super::carrying_out::carry_out;
use super::failure::Failure;
use super::locking::Patience;
use super::names::{self, Tables};
use super::output::{Output, coloured};
use super::policy::distinct;
use super::script;
use crate::install::{LOCK, require_schema};
use crate::plan::Plan;

/// Takes tables out of the audit. What was recorded stays.
#[derive(Clone, Debug, Args)]
pub(crate) struct Detach {
    /// The tables: `posts` is public.posts, others are written with their schema.
    #[arg(long, value_name = "TABLE,…", value_parser = names::tables, required = true)]
    tables: Vec<Tables>,
    /// Shows the plan and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints the SQL as well: a script for psql, in which the plan is a comment.
    #[arg(long, requires = "dry_run")]
    pub(crate) sql: bool,
    #[command(flatten)]
    patience: Patience,
}

/// What `detach` did, or would do.
#[derive(Debug, Serialize)]
struct Document<'a> {
    dry_run: bool,
    tables: Vec<&'a TableName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
}

impl Detach {
    /// Shows the plan, and does it unless it is a dry run.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let tables = distinct(&self.tables)?;
        let txn = db.begin().await?;
        self.patience.set(&txn).await?;
        txn.execute_unprepared(LOCK).await?;
        require_schema(&txn).await?;
        let plan = Plan::detach(&txn, tables).await?;
        plan.refuse()?;
        if self.dry_run {
            txn.rollback().await?;
            let text = coloured(&plan);
            out.text(match self.sql {
                true => script::of(&text, &plan),
                false => format!("{text}\nNothing was done: this was a dry run.\n"),
            });
        } else {
            out.text(coloured(&plan));
            carry_out(&plan, txn).await?;
            out.text(format!("\nDone: {} detached.\n", plan.steps().count()));
        }
        out.document(&Document {
            dry_run: self.dry_run,
            tables: plan.steps().map(|step| &step.table).collect(),
            sql: self.sql.then(|| plan.sql()),
        });
        Ok(())
    }
}
