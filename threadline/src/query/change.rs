use sea_orm::QueryResult;

use super::sql::{self, Binds};
use super::timeline::entry;
use super::{TimelineEntry, relation};
use crate::{Error, TrailSource};

/// How many times the span of time in which a change may lie is halved, at most: from centuries to
/// microseconds.
const HALVINGS: u32 = 64;

/// One change, with its transaction and action.
///
/// Numbers are given in the order of time, nearly, so the change is looked for where its number ought to
/// be. A number that was never given, and one of a change that was taken back, costs a look through the
/// index of all changes.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let entry = threadline::audit_change(&db, 7).await?;
/// println!("{}", serde_json::to_string(&threadline::change_diff(&entry.change)).unwrap_or_default());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotFound`] if there is no such change, or none that may be seen;
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn audit_change(db: &impl TrailSource, change_id: i64) -> Result<TimelineEntry, Error> {
    let (_, entry) = found(db, change_id).await?;
    Ok(entry)
}

/// The change, and the row that it was read from.
pub(crate) async fn found(
    db: &impl TrailSource,
    change_id: i64,
) -> Result<(QueryResult, TimelineEntry), Error> {
    let mut binds = Binds::default();
    let id = binds.push(change_id);
    let text = select(db, &id, &mut binds)?;
    let row = sql::all(db.connection(), text, binds).await?.pop();
    let entry = row.as_ref().map(entry).transpose()?.flatten();
    match row.zip(entry) {
        Some(found) => Ok(found),
        None => Err(Error::NotFound { what: format!("change {change_id}") }),
    }
}

/// First the span of time is halved until it is short, by the numbers at its middle. Numbers that were
/// given at the same time are out of order by as long as one statement took, so the change is looked for
/// around the place, ever wider.
///
/// The place is looked for among all changes, the change itself among those that may be seen.
fn select(db: &impl TrailSource, id: &str, binds: &mut Binds) -> Result<String, Error> {
    let every = relation::every_change();
    let end = |order: &str| format!("(SELECT c.captured_at FROM {every} ORDER BY {order} LIMIT 1)");
    let around = |width: &str| {
        format!(
            "SELECT c.captured_at FROM {every} WHERE c.id = {id}
                AND c.captured_at >= s.low - interval '{width}'
                AND c.captured_at <= s.high + interval '{width}'"
        )
    };
    Ok(format!(
        "WITH RECURSIVE span(step, low, high) AS (
            SELECT 0, {oldest}, {newest}
            UNION ALL
            SELECT s.step + 1, CASE WHEN m.is_before THEN s.middle ELSE s.low END,
                CASE WHEN m.is_before THEN s.high ELSE s.middle END
            FROM (SELECT s.*, s.low + (s.high - s.low) / 2 AS middle FROM span s
                WHERE s.high - s.low > interval '00:00:01' AND s.step < {HALVINGS}) s
            CROSS JOIN LATERAL (SELECT (SELECT c.id FROM {every} WHERE c.captured_at >= s.middle
                ORDER BY c.captured_at, c.id LIMIT 1) <= {id} AS is_before) m),
        place AS MATERIALIZED (
            SELECT f.captured_at FROM (SELECT * FROM span ORDER BY step DESC LIMIT 1) s
            CROSS JOIN LATERAL ({near} UNION ALL {further} UNION ALL {far} UNION ALL
                SELECT c.captured_at FROM {every} WHERE c.id = {id} LIMIT 1) f)
        SELECT {change}, {transaction}, {action} FROM {seen} {with_transaction} {with_action}
        WHERE c.captured_at = (SELECT captured_at FROM place) AND c.id = {id}",
        oldest = end("c.captured_at, c.id"),
        newest = end("c.captured_at DESC, c.id DESC"),
        near = around("00:00:01"),
        further = around("00:10:00"),
        far = around("24:00:00"),
        change = sql::CHANGE,
        transaction = sql::TRANSACTION,
        action = sql::ACTION,
        seen = relation::changes(db, binds)?,
        with_transaction = relation::with_transaction(),
        with_action = relation::with_action(),
    ))
}
