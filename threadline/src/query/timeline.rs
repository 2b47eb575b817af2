use serde::Serialize;

use super::condition::condition;
use super::sql::{self, Binds};
use super::{change, optional_action, relation, transaction};
use crate::filter::MAX_LIMIT;
use crate::model::{ActionRecord, Change, Transaction};
use crate::trail::TRAIL;
use crate::{Error, Filter, TrailSource};

/// A change with the transaction and the action it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TimelineEntry {
    /// What changed.
    pub change: Change,
    /// Who did it, and when.
    pub transaction: Transaction,
    /// The innermost action it belongs to.
    pub action: Option<ActionRecord>,
}

/// The changes that match, newest first; at most as many as the filter's limit.
///
/// ```no_run
/// # use threadline::{ActorRef, Filter};
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let filter = Filter::new().actor(ActorRef::user(7));
/// for entry in threadline::timeline(&db, &filter).await? {
///     println!("{} {} {}", entry.change.captured_at, entry.change.op, entry.change.table);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotInstalled`] if the database has no trail, or [`Error::Db`].
pub async fn timeline(db: &impl TrailSource, filter: &Filter) -> Result<Vec<TimelineEntry>, Error> {
    let mut binds = Binds::default();
    filter.check()?;
    let condition = condition(filter, &mut binds);
    let text = format!(
        "SELECT {}, {}, {}
        FROM {}
        JOIN {TRAIL}.audit_transactions t
            ON t.id = c.transaction_id AND t.occurred_at <= c.captured_at
        LEFT JOIN {TRAIL}.audit_actions a ON a.id = c.action_id
        WHERE {condition}
        ORDER BY c.captured_at DESC, c.id DESC
        LIMIT {}",
        sql::CHANGE,
        sql::TRANSACTION,
        sql::ACTION,
        relation::changes(db, &mut binds)?,
        filter.max_entries(),
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    rows.iter()
        .map(|row| {
            Ok(TimelineEntry {
                change: change(row)?,
                transaction: transaction(row)?,
                action: optional_action(row)?,
            })
        })
        .collect()
}

/// The newest transactions with their outermost actions, newest first; at most `limit`, and at most
/// 10 000.
///
/// # Errors
///
/// [`Error::NotInstalled`] if the database has no trail, or [`Error::Db`].
pub async fn transactions(
    db: &impl TrailSource,
    limit: u32,
) -> Result<Vec<(Transaction, Option<ActionRecord>)>, Error> {
    let mut binds = Binds::default();
    let text = format!(
        "SELECT {}, {}
        FROM {}
        LEFT JOIN {TRAIL}.audit_actions a ON a.id = t.action_id
        ORDER BY t.id DESC
        LIMIT {}",
        sql::TRANSACTION,
        sql::ACTION,
        relation::transactions(db, &mut binds)?,
        limit.min(MAX_LIMIT),
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    rows.iter().map(|row| Ok((transaction(row)?, optional_action(row)?))).collect()
}
