//! `threadline detach`: takes tables out of the audit. What was recorded stays.

use clap::Args;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde::Serialize;
use threadline::TableName;

use super::failure::Failure;
use super::locking::Patience;
use super::names::{self, Tables};
use super::output::{NOTABLE, Output, STRONG};
use super::policy::distinct;
use super::{resolve, script};
use crate::error::Error;
use crate::install::{LOCK, require_schema};
use crate::render::table;
use crate::sync;

/// Takes tables out of the audit. What was recorded stays.
#[derive(Clone, Debug, Args)]
pub(crate) struct Detach {
    /// The tables: `posts` is public.posts, others are written with their schema.
    #[arg(long, value_name = "TABLE,…", value_parser = names::tables, required = true)]
    tables: Vec<Tables>,
    /// Shows the plan and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints the SQL as well, in a form that psql can run.
    #[arg(long, requires = "dry_run")]
    sql: bool,
    #[command(flatten)]
    patience: Patience,
}

/// What `detach` did, or would do.
#[derive(Debug, Serialize)]
struct Document {
    dry_run: bool,
    tables: Vec<Detached>,
}

#[derive(Debug, Serialize)]
struct Detached {
    table: TableName,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
}

impl Detach {
    /// Shows the plan, and does it unless it is a dry run.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let txn = db.begin().await?;
        self.patience.set(&txn).await?;
        txn.execute_unprepared(LOCK).await?;
        require_schema(&txn).await?;
        let (tables, attached) = (distinct(&self.tables)?, sync::attached(&txn).await?);
        if let Some(wrong) = tables.iter().find(|table| !attached.contains(table)) {
            return Err(resolve::unknown_table(wrong, "is not under audit", &attached));
        }
        let (mut plan, mut done) = (String::new(), Vec::new());
        for table in tables {
            let sql = table::detach(&table).map_err(Error::from)?;
            plan.push_str(&format!("{STRONG}{table}{STRONG:#}  {NOTABLE}detach{NOTABLE:#}\n"));
            done.push(Detached { table, sql: Some(sql) });
        }
        let statements = || done.iter().map(|table| table.sql.as_deref().unwrap_or_default());
        if self.sql {
            out.text(script::of(&plan, self.patience, false, statements()));
        } else {
            out.text(&plan);
        }
        if self.dry_run {
            txn.rollback().await?;
        } else {
            for sql in statements() {
                txn.execute_unprepared(sql).await?;
            }
            txn.commit().await?;
        }
        self.conclude(done, out);
        Ok(())
    }

    fn conclude(&self, mut tables: Vec<Detached>, out: Output) {
        match (self.sql, self.dry_run) {
            (true, _) => {}
            (false, true) => out.text("\nNothing was done: this was a dry run.\n"),
            (false, false) => {
                let n = tables.len();
                out.text(format!("\nDone: {n} detached. What was recorded stays.\n"));
            }
        }
        if !self.sql {
            tables.iter_mut().for_each(|table| table.sql = None);
        }
        out.document(&Document { dry_run: self.dry_run, tables });
    }
}
