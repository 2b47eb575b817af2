use serde::Serialize;

use super::pick::{Slice, picked};
use super::sql::{self, Binds};
use super::timeline::span;
use super::{Cursor, Position};
use crate::{Error, Filter, TrailSource};

/// How many there are, counted no further than a cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// How many were counted; never more than the cap.
    pub counted: u32,
    /// Whether there are more than were counted.
    pub is_capped: bool,
}

/// Nothing is counted further than this: it would read as much as an export.
pub const MAX_COUNT: u32 = 1_000_000;

/// How many changes match, counted up to `cap`, and never further than 1 000 000. The filter's limit says
/// nothing here.
///
/// ```no_run
/// # use threadline::{Filter, TableName};
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let filter = Filter::new().table(TableName::parse("orders")?);
/// let count = threadline::count(&db, &filter, 10_000).await?;
/// println!("{}{}", count.counted, if count.is_capped { "+" } else { "" });
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the filter cannot be, or would read the whole trail;
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn count(db: &impl TrailSource, filter: &Filter, cap: u32) -> Result<Count, Error> {
    let cursor = filter.after.as_deref().map(str::parse).transpose()?;
    let position = cursor.map_or(Position::Start, Position::After);
    counted(db, filter, position, cap).await
}

/// How many changes have come before an entry, in the order of the filter: with the newest first, what
/// was added since. `cursor` is the first one of a [`Page`](crate::Page).
///
/// # Errors
///
/// Those of [`count`], and [`Error::InvalidCursor`] if the cursor belongs to another filter or order.
pub async fn newer(
    db: &impl TrailSource,
    filter: &Filter,
    cursor: Cursor,
    cap: u32,
) -> Result<Count, Error> {
    counted(db, filter, Position::Before(cursor), cap).await
}

async fn counted(
    db: &impl TrailSource,
    filter: &Filter,
    position: Position,
    cap: u32,
) -> Result<Count, Error> {
    let mut filter = filter.clone();
    filter.after = None;
    let cap = cap.min(MAX_COUNT);
    let slice = Slice { rows: Some(u64::from(cap) + 1), ..span(&filter, position)?.into() };
    let mut binds = Binds::default();
    let text =
        format!("SELECT count(*) AS counted FROM ({}) c", picked(db, &filter, slice, &mut binds)?);
    let rows = sql::all(db.connection(), text, binds).await?;
    let counted: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "counted"))?;
    let counted = u32::try_from(counted).unwrap_or(u32::MAX);
    Ok(Count { counted: counted.min(cap), is_capped: counted > cap })
}
