//! A host's `audit sync`: the database audits what the registry says.

use sea_orm::DatabaseConnection;
use serde::Serialize;
use threadline::TableName;

use super::failure::Failure;
use super::output::Output;
use crate::sync::{Outcome, Sync};

/// What `sync` did.
#[derive(Debug, Serialize)]
struct Document<'a> {
    tables: Vec<Synced<'a>>,
}

#[derive(Debug, Serialize)]
struct Synced<'a> {
    table: &'a TableName,
    outcome: Outcome,
}

/// Runs `sync` and tells what it did.
pub(crate) async fn run(
    db: &DatabaseConnection,
    sync: Sync<'_>,
    out: Output,
) -> Result<(), Failure> {
    let report = sync.run(db).await?;
    out.text(&report);
    let tables = report.tables.iter().map(|(table, outcome)| Synced { table, outcome: *outcome });
    out.document(&Document { tables: tables.collect() });
    Ok(())
}
