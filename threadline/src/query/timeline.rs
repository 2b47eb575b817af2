use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde::Serialize;

use super::page::{Page, Position, Span};
use super::pick::{Slice, picked};
use super::sql::{self, Binds};
use super::{Cursor, change, cursor, optional_action, relation, transaction};
use crate::model::{ActionRecord, Change, Transaction};
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

/// The changes that match, in the order of the filter; at most as many as its limit.
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
/// [`Error::InvalidFilter`] if the filter cannot be, or would read the whole trail;
/// [`Error::InvalidCursor`] if it goes on after a cursor that is none of its own;
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn timeline(db: &impl TrailSource, filter: &Filter) -> Result<Vec<TimelineEntry>, Error> {
    Ok(timeline_page(db, filter, Position::Start).await?.entries)
}

/// One page of the changes that match, with as many entries as the filter's limit says. See [`Page`] for
/// the walk from page to page, and for what it sees of what is written meanwhile.
///
/// However deep a page lies, it costs as much as the first one.
///
/// # Errors
///
/// Those of [`timeline`]; [`Error::InvalidCursor`] if the cursor of `position` belongs to another
/// filter or order, or if there is one beside that of the filter.
pub async fn timeline_page(
    db: &impl TrailSource,
    filter: &Filter,
    position: Position,
) -> Result<Page<TimelineEntry>, Error> {
    let span = span(filter, position)?;
    let mut binds = Binds::default();
    let text = entries(db, filter, span.into(), &mut binds)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    Ok(span.page(rows.iter().map(placed).collect::<Result<_, Error>>()?))
}

/// The cursor of one change in the walk of a filter that lets it through: a page
/// [`After`](Position::After) it begins behind the change, and one [`Before`](Position::Before) it ends
/// with what comes just before. It is for the permanent address of a change, which is on some page of a
/// long list.
///
/// ```no_run
/// use threadline::{Filter, Position, audit_change, timeline_cursor, timeline_page};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let change = audit_change(&db, 7).await?.change;
/// let filter = Filter::new().transaction(change.transaction_id).oldest_first();
/// let cursor = timeline_cursor(&filter, &change)?;
/// let before = timeline_page(&db, &filter, Position::Before(cursor)).await?;
/// println!("{} changes of the transaction came before it", before.entries.len());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidCursor`] if the filter goes on after one that is none.
pub fn timeline_cursor(filter: &Filter, change: &Change) -> Result<Cursor, Error> {
    Ok(span(filter, Position::Start)?.cursor(change.captured_at, change.id))
}

/// Where a page of changes lies.
pub(super) fn span(filter: &Filter, position: Position) -> Result<Span, Error> {
    Span::of(filter, position, |same| cursor::fingerprint(&["timeline", same]))
}

/// A SELECT of changes with their transactions and actions, for [`entry`].
///
/// The changes are chosen first, so that transactions and actions are looked up for those alone.
pub(crate) fn entries(
    db: &impl TrailSource,
    filter: &Filter,
    slice: Slice,
    binds: &mut Binds,
) -> Result<String, Error> {
    Ok(format!(
        "SELECT {}, {}, {} FROM ({}) c {} {} ORDER BY {}",
        sql::CHANGE,
        sql::TRANSACTION,
        sql::ACTION,
        picked(db, filter, slice, binds)?,
        relation::with_transaction(),
        relation::with_action(),
        slice.by(),
    ))
}

/// An entry; `None` for a change whose transaction is not in the trail, as after a purge in between.
pub(crate) fn entry(row: &QueryResult) -> Result<Option<TimelineEntry>, Error> {
    if row.try_get::<Option<i64>>("t:", "id")?.is_none() {
        return Ok(None);
    }
    Ok(Some(TimelineEntry {
        change: change(row)?,
        transaction: transaction(row)?,
        action: optional_action(row)?,
    }))
}

pub(crate) fn placed(
    row: &QueryResult,
) -> Result<(DateTime<Utc>, i64, Option<TimelineEntry>), Error> {
    Ok((row.try_get("c:", "captured_at")?, row.try_get("c:", "id")?, entry(row)?))
}
