use serde::Serialize;

use super::sql::{self, Binds};
use super::{change, optional_action, relation, transaction};
use crate::model::{ActionRecord, Change, ChangeDiff, Transaction, change_diff};
use crate::{Error, TrailSource};

/// More changes than this are not read; [`IncidentBundle::truncated`] tells.
pub const MAX_INCIDENT_CHANGES: usize = 1_000;

/// One transaction with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IncidentBundle {
    /// Who, when and from where.
    pub transaction: Transaction,
    /// The outermost action.
    pub action: Option<ActionRecord>,
    /// What changed, in the order in which it was written.
    pub changes: Vec<IncidentChange>,
    /// Whether there are more changes than [`MAX_INCIDENT_CHANGES`].
    pub truncated: bool,
}

/// A change of an [`IncidentBundle`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IncidentChange {
    /// The change as it was stored.
    pub change: Change,
    /// The change column by column.
    pub change_diff: ChangeDiff,
}

/// Everything that is known of one transaction, read in one statement, hence of one moment.
///
/// # Errors
///
/// [`Error::NotFound`] if there is no such transaction, [`Error::NotInstalled`] if the database has
/// no trail, or [`Error::Db`].
pub async fn incident_bundle(
    db: &impl TrailSource,
    transaction_id: i64,
) -> Result<IncidentBundle, Error> {
    let mut binds = Binds::default();
    let id = binds.push(transaction_id);
    let text = format!(
        "SELECT {}, {}, {}
        FROM {}
        {}
        LEFT JOIN {}
            ON c.transaction_id = t.id AND c.captured_at >= t.occurred_at
        WHERE t.id = {id}
        ORDER BY c.id
        LIMIT {}",
        sql::TRANSACTION,
        sql::ACTION,
        sql::CHANGE,
        relation::transactions(db, &mut binds)?,
        relation::with_outermost_action(),
        relation::changes(db, &mut binds)?,
        MAX_INCIDENT_CHANGES + 1,
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    let Some(first) = rows.first() else {
        return Err(not_found(transaction_id));
    };
    let mut changes = Vec::new();
    for row in rows.iter().take(MAX_INCIDENT_CHANGES) {
        if row.try_get::<Option<i64>>("c:", "id")?.is_some() {
            let change = change(row)?;
            changes.push(IncidentChange { change_diff: change_diff(&change), change });
        }
    }
    Ok(IncidentBundle {
        transaction: transaction(first)?,
        action: optional_action(first)?,
        changes,
        truncated: rows.len() > MAX_INCIDENT_CHANGES,
    })
}

/// The error for a transaction that is not in the trail, and for one that may not be seen: nobody
/// learns which.
pub(super) fn not_found(transaction_id: i64) -> Error {
    Error::NotFound { what: format!("audit transaction {transaction_id}") }
}
