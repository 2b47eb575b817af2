use serde::Serialize;

use super::incident::{MAX_INCIDENT_CHANGES, not_found};
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

/// The actions of one transaction, nested ones as well, in the order in which they were recorded; at most
/// 1 000 of them, and none for a transaction that is not in the trail or may not be seen.
///
/// # Errors
///
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], [`Error::TimedOut`], or
/// [`Error::Db`].
pub async fn audit_actions_for_transaction(
    db: &impl TrailSource,
    transaction_id: i64,
) -> Result<Vec<ActionRecord>, Error> {
    let mut binds = Binds::default();
    let id = binds.push(transaction_id);
    let text = format!(
        "SELECT {} FROM (
            SELECT a.id FROM {} WHERE a.transaction_id = {id}
            UNION SELECT t.action_id FROM {} WHERE t.id = {id} AND t.action_id IS NOT NULL
            ORDER BY 1 LIMIT {MAX_INCIDENT_CHANGES}) o {} ORDER BY o.id",
        sql::ACTION,
        relation::actions(db, &mut binds)?,
        relation::transactions(db, &mut binds)?,
        relation::with_action_of("o.id"),
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    Ok(rows
        .iter()
        .map(optional_action)
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// One transaction with its actions and changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TransactionContext {
    /// Who, when and from where.
    pub transaction: Transaction,
    /// The outermost action.
    pub action: Option<ActionRecord>,
    /// All actions, nested ones as well, in the order in which they were recorded.
    pub actions: Vec<ActionRecord>,
    /// What changed, the newest first as in the timeline.
    pub changes: Vec<Change>,
    /// Whether there are more changes or more actions than [`MAX_INCIDENT_CHANGES`].
    pub truncated: bool,
}

/// One transaction with its actions and changes, read in one statement, hence of one moment.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let context = threadline::transaction_context(&db, 7).await?;
/// for action in &context.actions {
///     println!("{}: {:?}", action.name, action.reason);
/// }
/// println!("{} changes", context.changes.len());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotFound`] if there is no such transaction, or none that may be seen;
/// [`Error::NotInstalled`] if the database has no trail, or [`Error::Db`].
pub async fn transaction_context(
    db: &impl TrailSource,
    transaction_id: i64,
) -> Result<TransactionContext, Error> {
    let mut binds = Binds::default();
    let text = context(db, transaction_id, &mut binds)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    let first = rows.first().ok_or_else(|| not_found(transaction_id))?;
    let (mut changes, mut actions) = (Vec::new(), Vec::new());
    for row in &rows {
        if row.try_get::<Option<i64>>("c:", "id")?.is_some() {
            changes.push(change(row)?);
        } else {
            actions.extend(optional_action(row)?);
        }
    }
    let transaction = transaction(first)?;
    let truncated = changes.len() > MAX_INCIDENT_CHANGES || actions.len() > MAX_INCIDENT_CHANGES;
    changes.truncate(MAX_INCIDENT_CHANGES);
    actions.truncate(MAX_INCIDENT_CHANGES);
    let action = actions.iter().find(|action| Some(action.id) == transaction.action_id).cloned();
    Ok(TransactionContext { transaction, action, actions, changes, truncated })
}

/// The rows are of two kinds, changes and actions, each with the transaction.
fn context(db: &impl TrailSource, transaction_id: i64, binds: &mut Binds) -> Result<String, Error> {
    let id = binds.push(transaction_id);
    Ok(format!(
        "WITH header AS MATERIALIZED (SELECT t.* FROM {} WHERE t.id = {id}),
        picked AS MATERIALIZED (
            SELECT c.* FROM header t CROSS JOIN LATERAL (
                SELECT c.* FROM {} WHERE c.transaction_id = t.id AND c.captured_at >= t.occurred_at
                ORDER BY c.captured_at DESC, c.id DESC LIMIT {limit}) c),
        acted AS MATERIALIZED (
            SELECT a.id FROM {} WHERE a.transaction_id = {id}
            UNION SELECT t.action_id FROM header t WHERE t.action_id IS NOT NULL
            ORDER BY 1 LIMIT {limit})
        SELECT {}, {}, {}
        FROM header t LEFT JOIN (picked c FULL JOIN acted o ON false) ON true {}
        ORDER BY c.captured_at DESC, c.id DESC, a.id",
        relation::transactions(db, binds)?,
        relation::changes(db, binds)?,
        relation::actions(db, binds)?,
        sql::TRANSACTION,
        sql::ACTION,
        sql::CHANGE,
        relation::with_action_of("o.id"),
        limit = MAX_INCIDENT_CHANGES + 1,
    ))
}
