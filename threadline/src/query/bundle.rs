use std::collections::BTreeMap;

use sea_orm::QueryResult;
use serde::Serialize;

use super::page::{Position, Span};
use super::pick::{Slice, picked};
use super::sql::{self, Binds};
use super::timeline::entry;
use super::{optional_action, relation, timeline};
use crate::model::{ActionRecord, Change, Transaction};
use crate::{Error, Filter, FilterProblem, FilterProblems, TrailSource};

/// Everything that belongs to one undertaking, read in one statement, hence of one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bundle {
    /// The changes, in the order of the filter.
    pub changes: Vec<Change>,
    /// The transactions of these changes, the oldest first.
    pub transactions: Vec<Transaction>,
    /// The actions: those of the changes, and those of the undertaking in which nothing was changed, as
    /// an attempt that failed; in the order in which they were recorded. At most as many as the filter's
    /// limit, beside those of the changes.
    pub actions: Vec<ActionRecord>,
    /// Whether there are more changes than the filter's limit, or more actions.
    pub truncated: bool,
}

/// What one correlation id ties together: the changes of all transactions with an action of this id, with
/// their transactions and actions. `filter` narrows the changes;
/// [`include_capture_only`](Filter::include_capture_only) widens them to transactions without an action,
/// whose context carried the id.
///
/// ```no_run
/// # use threadline::Filter;
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let bundle = threadline::correlation(&db, "import-7", &Filter::new().limit(1_000)).await?;
/// for action in bundle.actions {
///     println!("{} {} {}", action.recorded_at, action.name, action.status);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the id is blank or too long, or the filter cannot be;
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn correlation(
    db: &impl TrailSource,
    correlation_id: &str,
    filter: &Filter,
) -> Result<Bundle, Error> {
    let filter = given_here(filter, "corr")?.correlation_id(correlation_id);
    bundle(db, &filter, "correlation_id", correlation_id).await
}

/// What one request did: the changes of all transactions with this request id, with their transactions
/// and actions. `filter` narrows the changes.
///
/// # Errors
///
/// Those of [`correlation`].
pub async fn request(
    db: &impl TrailSource,
    request_id: &str,
    filter: &Filter,
) -> Result<Bundle, Error> {
    let filter = given_here(filter, "request")?.request_id(request_id);
    bundle(db, &filter, "request_id", request_id).await
}

/// The filter, if it does not give `key` itself: a second value would widen what is asked for.
pub(super) fn given_here(filter: &Filter, key: &str) -> Result<Filter, Error> {
    match filter.pairs().into_iter().find(|(name, _)| *name == key) {
        None => Ok(filter.clone()),
        Some((key, value)) => Err(Error::InvalidFilter(FilterProblems(vec![FilterProblem {
            key: key.to_owned(),
            value,
            why: "this reader is told it by itself; leave the key out of the filter".to_owned(),
        }]))),
    }
}

/// The rows are of two kinds: changes with what belongs to them, and actions by themselves.
async fn bundle(
    db: &impl TrailSource,
    filter: &Filter,
    column: &str,
    id: &str,
) -> Result<Bundle, Error> {
    let span = timeline::span(filter, Position::Start)?;
    let mut binds = Binds::default();
    let text = select(db, filter, span, (column, id.trim()), &mut binds)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    let (mut bundle, mut transactions, mut actions) =
        (Bundle::default(), BTreeMap::new(), BTreeMap::new());
    let limit = filter.max_entries() as usize;
    let (of_changes, alone): (Vec<&QueryResult>, Vec<&QueryResult>) =
        rows.iter().partition::<Vec<_>, _>(|row| {
            matches!(row.try_get::<Option<i64>>("c:", "id"), Ok(Some(_)))
        });
    bundle.truncated = of_changes.len() > limit || alone.len() > limit;
    for row in of_changes.into_iter().take(limit) {
        if let Some(entry) = entry(row)? {
            bundle.changes.push(entry.change);
            transactions.insert(entry.transaction.id, entry.transaction);
            actions.extend(entry.action.map(|action| (action.id, action)));
        }
    }
    for row in alone.into_iter().take(limit) {
        actions.extend(optional_action(row)?.map(|action| (action.id, action)));
    }
    bundle.transactions = transactions.into_values().collect();
    bundle.actions = actions.into_values().collect();
    Ok(bundle)
}

fn select(
    db: &impl TrailSource,
    filter: &Filter,
    span: Span,
    (column, id): (&str, &str),
    binds: &mut Binds,
) -> Result<String, Error> {
    let slice = Slice::from(span);
    let picked = picked(db, filter, slice, binds)?;
    Ok(format!(
        "WITH picked AS MATERIALIZED ({picked}), alone AS MATERIALIZED (
            SELECT a.id FROM {} WHERE a.{column} = {} ORDER BY a.id LIMIT {})
        SELECT {}, {}, {}
        FROM picked c FULL JOIN alone o ON false {} {}
        ORDER BY {}, a.id",
        relation::actions(db, binds)?,
        binds.push(id),
        slice.rows.unwrap_or_default(),
        sql::CHANGE,
        sql::TRANSACTION,
        sql::ACTION,
        relation::with_transaction(),
        relation::with_action_of("coalesce(c.action_id, o.id)"),
        slice.by(),
    ))
}
