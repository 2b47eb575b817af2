use super::incident::not_found;
use super::sql::{self, Binds};
use super::{change, optional_action, relation, transaction};
use crate::filter::MAX_LIMIT;
use crate::model::{ActionRecord, Change, Transaction};
use crate::{Error, TrailSource};

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
        "SELECT {}, {} FROM {} {} ORDER BY t.id DESC LIMIT {}",
        sql::TRANSACTION,
        sql::ACTION,
        relation::transactions(db, &mut binds)?,
        relation::with_outermost_action(),
        limit.min(MAX_LIMIT),
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    rows.iter().map(|row| Ok((transaction(row)?, optional_action(row)?))).collect()
}

/// One transaction: who, when and from where.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let transaction = threadline::audit_transaction(&db, 7).await?;
/// println!("{:?} at {}", transaction.actor, transaction.occurred_at);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotFound`] if there is no such transaction, or none that may be seen;
/// [`Error::NotInstalled`] if the database has no trail, or [`Error::Db`].
pub async fn audit_transaction(
    db: &impl TrailSource,
    transaction_id: i64,
) -> Result<Transaction, Error> {
    let mut binds = Binds::default();
    let id = binds.push(transaction_id);
    let text = format!(
        "SELECT {} FROM {} WHERE t.id = {id}",
        sql::TRANSACTION,
        relation::transactions(db, &mut binds)?
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    transaction(rows.first().ok_or_else(|| not_found(transaction_id))?)
}

/// The changes of one transaction, the newest first as in the timeline: all of them, however many, and
/// none for a transaction that is not in the trail or may not be seen.
///
/// [`transaction_context`] and [`incident_bundle`](crate::incident_bundle) read no more than a bounded
/// number, and [`timeline_page`](crate::timeline_page) with [`Filter::transaction`](crate::Filter) in
/// pages.
///
/// # Errors
///
/// [`Error::NotInstalled`] if the database has no trail, or [`Error::Db`].
pub async fn audit_changes_for_transaction(
    db: &impl TrailSource,
    transaction_id: i64,
) -> Result<Vec<Change>, Error> {
    let mut binds = Binds::default();
    let id = binds.push(transaction_id);
    let text = format!(
        "SELECT {} FROM {} WHERE c.transaction_id = {id} ORDER BY c.captured_at DESC, c.id DESC",
        sql::CHANGE,
        relation::changes(db, &mut binds)?
    );
    sql::all(db.connection(), text, binds).await?.iter().map(change).collect()
}
