//! The versions of a row without what they hold, for whoever chooses among them.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde::Serialize;
use serde_json::{Map, Value};

use super::one_row::{OneRow, ordered};
use super::row::resolved;
use crate::model::Operation;
use crate::query::cursor::Cursor;
use crate::query::pick::Slice;
use crate::query::sql::{self, Binds};
use crate::query::{self, relation};
use crate::{ActorRef, Count, Error, Moment, RowKey, TableName, TrailSource};

/// The versions of a row without their values: [`row_rail`] and [`row_rail_around`] read them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RowRail {
    /// The row's key, as the trail has it.
    pub key: Map<String, Value>,
    /// At most 200 versions that follow each other, the newest first. The truncates that ended the row are
    /// among them.
    pub versions: Vec<RailVersion>,
    /// How many versions there are, counted up to [`MAX_RAIL`].
    pub total: Count,
    /// How many versions are older than those that are told, counted up to [`MAX_RAIL`].
    pub older: Count,
    /// How many versions are newer than those that are told, counted up to [`MAX_RAIL`].
    pub newer: Count,
    /// Whether there are older versions than those that are told.
    pub truncated: bool,
}

impl RowRail {
    /// The number of one of the versions, counted from the row's first one, which is 1. `None` if the older
    /// ones are too many to be counted. In a scope, only versions in it count.
    pub fn number(&self, change_id: i64) -> Option<u32> {
        let place =
            self.versions.iter().rev().position(|version| version.change_id == change_id)?;
        let place = u32::try_from(place).ok()?;
        (!self.older.is_capped).then(|| self.older.counted + place + 1)
    }
}

/// A version of a [`RowRail`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RailVersion {
    /// The number of the change that made it.
    pub change_id: i64,
    /// What it did.
    pub op: Operation,
    /// When it was captured, in UTC.
    pub captured_at: DateTime<Utc>,
    /// The columns an update changed, sorted; empty for every other operation.
    pub changed_fields: Vec<String>,
    /// The transaction it belongs to.
    pub transaction_id: i64,
    /// Who made it: the actor of its action, else of its transaction.
    pub actor: Option<ActorRef>,
    /// The name of its innermost action.
    pub action: Option<String>,
}

/// The versions of a row are counted no further than this.
pub const MAX_RAIL: u32 = 10_000;
/// How many of them are told.
const TOLD: u32 = 200;

/// The versions of a row without what they hold: enough to draw its history and to choose among its
/// versions, at a cost that does not depend on how large the row is.
///
/// ```no_run
/// use threadline::TableName;
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let rail = threadline::row_rail(&db, &TableName::parse("posts")?, &"7".parse()?).await?;
/// println!("{} versions", rail.total.counted);
/// for version in rail.versions {
///     println!("{} {} {:?}", version.captured_at, version.op, version.changed_fields);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`RowHistory::all`](crate::RowHistory::all), and [`Error::TimedOut`].
pub async fn row_rail(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
) -> Result<RowRail, Error> {
    let (row, key) = resolved(db, table, key).await?;
    let newest = Part::read(db, &row, Slice { beside: None, ascends: false, rows: None }).await?;
    Ok(rail(key, newest, Part::default()))
}

/// As [`row_rail`], with the versions around a moment in place of the newest: half of them from before it,
/// and more where the other side has fewer.
///
/// # Errors
///
/// Those of [`row_rail`].
pub async fn row_rail_around(
    db: &impl TrailSource,
    table: &TableName,
    key: &RowKey,
    at: impl Into<Moment>,
) -> Result<RowRail, Error> {
    let (row, key) = resolved(db, table, key).await?;
    // Whatever was captured in that very microsecond comes before it.
    let beside = Some(Cursor::new(at.into().utc(), i64::MAX, 0));
    let older = Part::read(db, &row, Slice { beside, ascends: false, rows: None }).await?;
    let newer = Part::read(db, &row, Slice { beside, ascends: true, rows: None }).await?;
    Ok(rail(key, older, newer))
}

/// The versions on one side of a place, those next to it first.
#[derive(Default)]
struct Part {
    versions: Vec<RailVersion>,
    /// How many there are, counted up to one more than [`MAX_RAIL`].
    found: usize,
}

impl Part {
    async fn read(db: &impl TrailSource, row: &OneRow, slice: Slice) -> Result<Self, Error> {
        let (text, binds) = select(db, row, slice)?;
        let rows = sql::all(db.connection(), text, binds).await?;
        let found = rows.first().map_or(Ok(0), |row| row.try_get::<i64>("", "total"))?;
        let versions = rows.iter().map(version).collect::<Result<_, Error>>()?;
        Ok(Self { versions, found: usize::try_from(found).unwrap_or(usize::MAX) })
    }
}

/// As many as are told, from both sides.
fn rail(key: Map<String, Value>, mut older: Part, mut newer: Part) -> RowRail {
    let told = TOLD as usize;
    let after = newer.versions.len().min((told / 2).max(told - older.versions.len().min(told)));
    newer.versions.truncate(after);
    older.versions.truncate(told - after);
    let beyond = |part: &Part| up_to_cap(part.found - part.versions.len());
    let (more_older, more_newer) = (beyond(&older), beyond(&newer));
    let total = up_to_cap(older.found + newer.found);
    let mut versions = newer.versions;
    versions.reverse();
    versions.append(&mut older.versions);
    let truncated = more_older.counted > 0;
    RowRail { key, versions, total, older: more_older, newer: more_newer, truncated }
}

fn up_to_cap(found: usize) -> Count {
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    Count { counted: found.min(MAX_RAIL), is_capped: found > MAX_RAIL }
}

/// All versions of a slice are counted by what their index finds; what belongs to them is read of those that
/// are told.
fn select(source: &impl TrailSource, row: &OneRow, slice: Slice) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let row = row.sql(&mut binds);
    let changes = relation::changes(source, &mut binds)?;
    let place = slice.place(&mut binds);
    let place = if place.is_empty() { "true".to_owned() } else { place.join(" AND ") };
    let order = |rows: u32| ordered(slice.ascends, Some(u64::from(rows)));
    let text = format!(
        "WITH {with},
        own AS MATERIALIZED (
            SELECT c.id, c.op, c.captured_at, c.transaction_id, c.action_id, c.changed_fields
            FROM (({own} AND {place} {every}) UNION ALL ({truncates})) c {every})
        SELECT (SELECT count(*) FROM own) AS total, c.id, c.op::text AS op, c.captured_at,
            c.changed_fields, c.transaction_id, a.name AS action,
            CASE WHEN a.actor_type IS NULL THEN t.actor_type ELSE a.actor_type END AS actor_type,
            CASE WHEN a.actor_type IS NULL THEN t.actor_id ELSE a.actor_id END AS actor_id
        FROM (SELECT c.* FROM own c {told}) c {with_transaction} {with_action}
        ORDER BY {by}",
        with = row.with,
        own = row.changes(&changes),
        truncates = row.ending_truncates(&changes, &place),
        // Among them are all that the caps of two sides may leave to be told on one.
        every = order(MAX_RAIL + TOLD + 1),
        told = order(TOLD),
        with_transaction = relation::with_transaction(),
        with_action = relation::with_action(),
        by = slice.by(),
    );
    Ok((text, binds))
}

fn version(row: &QueryResult) -> Result<RailVersion, Error> {
    let fields: Option<Vec<String>> = row.try_get("", "changed_fields")?;
    let mut changed_fields = fields.unwrap_or_default();
    changed_fields.sort();
    Ok(RailVersion {
        change_id: row.try_get("", "id")?,
        op: query::operation(row, "op")?,
        captured_at: row.try_get("", "captured_at")?,
        changed_fields,
        transaction_id: row.try_get("", "transaction_id")?,
        actor: query::actor(row, "")?,
        action: row.try_get("", "action")?,
    })
}
