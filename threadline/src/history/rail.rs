//! The versions of a row without what they hold, for whoever chooses among them.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde::Serialize;
use serde_json::{Map, Value};

use super::one_row::{OneRow, ordered};
use super::row::resolved;
use crate::model::Operation;
use crate::query::sql::{self, Binds};
use crate::query::{self, relation};
use crate::{ActorRef, Count, Error, RowKey, TableName, TrailSource};

/// The versions of a row without their values: [`row_rail`] reads them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RowRail {
    /// The row's key, as the trail has it.
    pub key: Map<String, Value>,
    /// The newest 200 versions, the newest first. The truncates that ended the row are among them.
    pub versions: Vec<RailVersion>,
    /// How many versions there are, counted up to [`MAX_RAIL`].
    pub total: Count,
    /// Whether there are older versions than those that are told.
    pub truncated: bool,
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
    let (text, binds) = select(db, &row)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    let found = rows.first().map_or(Ok(0), |row| row.try_get::<i64>("", "total"))?;
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    let total = Count { counted: found.min(MAX_RAIL), is_capped: found > MAX_RAIL };
    let versions = rows.iter().map(version).collect::<Result<_, Error>>()?;
    Ok(RowRail { key, versions, total, truncated: found > TOLD })
}

/// All versions are counted by what their index finds; what belongs to them is read of those that are told.
fn select(source: &impl TrailSource, row: &OneRow) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let row = row.sql(&mut binds);
    let changes = relation::changes(source, &mut binds)?;
    let text = format!(
        "WITH {with},
        own AS MATERIALIZED (
            SELECT c.id, c.op, c.captured_at, c.transaction_id, c.action_id, c.changed_fields
            FROM (({own} {newest}) UNION ALL ({truncates})) c {newest})
        SELECT (SELECT count(*) FROM own) AS total, c.id, c.op::text AS op, c.captured_at,
            c.changed_fields, c.transaction_id, a.name AS action,
            CASE WHEN a.actor_type IS NULL THEN t.actor_type ELSE a.actor_type END AS actor_type,
            CASE WHEN a.actor_type IS NULL THEN t.actor_id ELSE a.actor_id END AS actor_id
        FROM (SELECT c.* FROM own c {told}) c {with_transaction} {with_action}
        ORDER BY c.captured_at DESC, c.id DESC",
        with = row.with,
        own = row.changes(&changes),
        truncates = row.ending_truncates(&changes, "true"),
        newest = ordered(false, Some(u64::from(MAX_RAIL) + 1)),
        told = ordered(false, Some(u64::from(TOLD))),
        with_transaction = relation::with_transaction(),
        with_action = relation::with_action(),
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
