//! `threadline install`: the schema, and nothing on any table.

use sea_orm::{DatabaseConnection, TransactionTrait};
use serde::Serialize;

use super::failure::Failure;
use super::output::{GOOD, Output};
use crate::install::{CURRENT_VERSION, up_v1};

/// What `install` did.
#[derive(Debug, Serialize)]
struct Document {
    /// Whether the schema was missing.
    created: bool,
    schema: &'static str,
    schema_version: i32,
}

/// Installs the schema if it is missing.
pub(crate) async fn run(db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
    let txn = db.begin().await?;
    let created = up_v1(&txn).await?;
    txn.commit().await?;
    let schema = threadline::schema()?.as_str();
    let word = if created { "created" } else { "unchanged" };
    out.text(format!("{GOOD}{word}{GOOD:#}  schema {schema}, version {CURRENT_VERSION}\n"));
    if created {
        out.text("Next: threadline attach --tables …\n");
    }
    out.document(&Document { created, schema, schema_version: CURRENT_VERSION });
    Ok(())
}
