//! `threadline baseline` and a host's `audit baseline`: the rows that tables had before their audit.

use clap::Args;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use threadline::TableName;

use super::failure::Failure;
use super::locking::Patience;
use super::names::{self, Tables};
use super::output::{FAINT, GOOD, Output, STRONG};
use super::policy::distinct;
use crate::baseline::baseline_in;
use crate::error::Error;
use crate::inspect::{Installed, inspect};
use crate::install::require_schema;

/// Records the rows that tables had before they were under audit, so that no list of the past has holes.
///
/// It takes 10 to 20 microseconds a row. Whoever writes the table meanwhile waits, readers do not.
/// Each table is done in a transaction of its own, and a second run finds nothing to do.
#[derive(Clone, Debug, Args)]
pub(crate) struct Baseline {
    /// The tables: `posts` is public.posts, others are written with their schema. The default is all
    /// whose rows may not be in the trail.
    #[arg(value_name = "TABLE", value_parser = names::tables)]
    tables: Vec<Tables>,
    #[command(flatten)]
    patience: Patience,
}

/// What `baseline` did.
#[derive(Debug, Serialize)]
struct Document {
    tables: Vec<Recorded>,
}

#[derive(Debug, Serialize)]
struct Recorded {
    table: TableName,
    /// How many rows were not in the trail, and are now.
    recorded: u64,
}

impl Baseline {
    /// Records the rows of one table after the other.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        require_schema(db).await?;
        let installed = inspect(db).await?;
        let named = distinct(&self.tables)?;
        let tables = if named.is_empty() { incomplete(&installed)? } else { named };
        let unknown: Vec<TableName> =
            tables.iter().filter(|table| installed.attached(table).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(Error::NotAttached { tables: unknown, attached: installed.names()? }.into());
        }
        if tables.is_empty() {
            out.text(format!("{GOOD}Every row of every table is in the trail.{GOOD:#}\n"));
        }
        let mut done = Vec::new();
        for table in tables {
            let recorded = self.record(db, &table).await?;
            let rows = if recorded == 1 { "row" } else { "rows" };
            out.text(format!(
                "{STRONG}{table}{STRONG:#}  {recorded} {rows} {FAINT}recorded{FAINT:#}\n"
            ));
            done.push(Recorded { table, recorded });
        }
        out.document(&Document { tables: done });
        Ok(())
    }

    async fn record(&self, db: &DatabaseConnection, table: &TableName) -> Result<u64, Failure> {
        let config = Some(sea_orm::IsolationLevel::ReadCommitted);
        let txn = sea_orm::TransactionTrait::begin_with_config(db, config, None).await?;
        self.patience.set(&txn).await?;
        let recorded = baseline_in(&txn, table).await?;
        txn.commit().await?;
        Ok(recorded)
    }
}

/// The tables whose rows may not all be in the trail.
fn incomplete(installed: &Installed) -> Result<Vec<TableName>, Error> {
    let attached = installed.tables.iter().filter(|recorded| recorded.detached_at.is_none());
    let there = attached.filter(|r| r.relation.is_some() && r.complete_since.is_none());
    let mut tables = there.map(|recorded| recorded.table()).collect::<Result<Vec<_>, _>>()?;
    tables.sort();
    Ok(tables)
}
