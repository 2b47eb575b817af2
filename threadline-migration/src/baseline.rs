//! Recording the rows that a table had before it was audited.

use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait};
use threadline::TableName;
use threadline::trail::TRAIL;

use crate::catalog::all;
use crate::error::Error;
use crate::inspect::inspect;
use crate::install::require_schema;
use crate::render::quote::qualified;

/// Records the rows of an audited table that have no change in the trail, and tells how many they were.
///
/// Rows that were there before the table was attached, and were not changed since, are unknown to the
/// trail, and lists of the past would leave them out. Each is recorded once, with the operation
/// `baseline` and the redaction of the table; a second run finds nothing to do. [`sync`](crate::sync()),
/// a [`Plan`](crate::Plan) and a generated migration do the same unless told otherwise.
///
/// It takes 10 to 20 µs a row. Whoever writes the table meanwhile waits, readers do not; a
/// `lock_timeout` of the connection bounds the waiting for those who are writing when it begins.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
/// let rows = threadline_migration::baseline(&db, &threadline::TableName::parse("public.posts")?).await?;
/// println!("{rows} rows recorded");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotAttached`], [`Error::SchemaMissing`], and [`Error::Db`] if the role may not read all rows
/// of the table or not write to the trail. Nothing is recorded then.
pub async fn baseline<C: TransactionTrait>(db: &C, table: &TableName) -> Result<u64, Error> {
    let txn = db.begin().await?;
    require_schema(&txn).await?;
    let installed = inspect(&txn).await?;
    if installed.attached(table).is_none() {
        let attached = installed.names()?;
        return Err(Error::NotAttached { tables: vec![table.clone()], attached });
    }
    let recorded = baseline_in(&txn, table).await?;
    txn.commit().await?;
    Ok(recorded)
}

/// As [`baseline`], of an attached table and in a transaction of the caller.
pub(crate) async fn baseline_in<C: ConnectionTrait>(
    txn: &C,
    table: &TableName,
) -> Result<u64, Error> {
    let sql = format!("SELECT {TRAIL}.baseline(($1::text)::regclass) AS recorded");
    let rows = all(txn, &sql, [qualified(table).into()]).await?;
    let recorded: i64 = match rows.first() {
        Some(row) => row.try_get("", "recorded")?,
        None => 0,
    };
    Ok(recorded.unsigned_abs())
}
