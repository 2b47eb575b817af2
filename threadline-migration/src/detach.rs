//! Taking tables out of the audit.

use sea_orm::ConnectionTrait;
use threadline::TableName;

use crate::diff::{Compared, Comparison, detached};
use crate::error::Error;
use crate::inspect::inspect;
use crate::install::CURRENT_VERSION;

/// What detaching `tables` comes to.
pub(crate) async fn compare<C: ConnectionTrait>(
    db: &C,
    tables: &[TableName],
) -> Result<Comparison, Error> {
    let installed = inspect(db).await?;
    if installed.version == 0 {
        return Err(Error::SchemaMissing { wanted: CURRENT_VERSION });
    }
    let unknown: Vec<TableName> =
        tables.iter().filter(|table| installed.attached(table).is_none()).cloned().collect();
    if !unknown.is_empty() {
        return Err(Error::NotAttached { tables: unknown, attached: installed.names()? });
    }
    let steps = tables.iter().map(|table| detached(&installed, table));
    let tables = steps.collect::<Result<Vec<Compared>, Error>>()?;
    Ok(Comparison { version: installed.version, findings: Vec::new(), tables })
}
