//! Which row, and which moment.

use chrono::{DateTime, Utc};
use clap::Args;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use threadline::{RowKey, TableName, TimeBound};

use super::super::failure::Failure;
use super::super::names::table;

/// A row.
#[derive(Clone, Debug, Args)]
pub(super) struct Row {
    /// The table; without a schema, one of `public`.
    #[arg(value_name = "TABLE", value_parser = table)]
    pub(super) table: TableName,
    /// The row's key: 42, or order_id=7;line_no=3 if it has several columns.
    #[arg(value_name = "KEY", allow_hyphen_values = true)]
    pub(super) key: RowKey,
}

/// A moment, by the clock of the database if it is so long ago.
pub(super) async fn moment(
    db: &impl ConnectionTrait,
    bound: TimeBound,
) -> Result<DateTime<Utc>, Failure> {
    if let TimeBound::At(at) = bound {
        return Ok(at);
    }
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
    let row = db.query_one_raw(statement).await?;
    let now = row.and_then(|row| row.try_get("", "now").ok()).unwrap_or_else(Utc::now);
    Ok(bound.moment(now))
}
