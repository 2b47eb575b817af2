//! A host's `audit sync`: the database audits what the registry says.

use sea_orm::DatabaseConnection;
use serde::Serialize;
use threadline::{Registry, TableName};

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

/// Makes the database audit what `registry` says.
pub(crate) async fn run(
    db: &DatabaseConnection,
    registry: &Registry,
    weaker_redaction: bool,
    out: Output,
) -> Result<(), Failure> {
    let sync = Sync::new(registry);
    let sync = if weaker_redaction { sync.allow_weaker_redaction() } else { sync };
    let report = sync.run(db).await?;
    out.text(&report);
    let tables = report.tables.iter().map(|(table, outcome)| Synced { table, outcome: *outcome });
    out.document(&Document { tables: tables.collect() });
    Ok(())
}
