use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde::Serialize;

use super::actor::{began, only_window};
use super::facets::{Facet, MAX_FACET_CHANGES, MOST};
use super::histogram::begins;
use super::pick::{Slice, picked};
use super::sql::{self, Binds};
use super::timeline::span;
use super::{Count, Position, relation};
use crate::{ActorRef, Error, Filter, TableName, TrailSource};

/// What an actor did in a window of time, as numbers: [`actor_summary`] counts them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActorSummary {
    /// When its first transaction in the window began, in UTC; `None` if there is none.
    pub first_seen: Option<DateTime<Utc>>,
    /// When its last transaction in the window began, in UTC.
    pub last_seen: Option<DateTime<Utc>>,
    /// How many transactions it began in the window, counted up to 10 000.
    pub transactions: Count,
    /// How many changes it made in the window, counted up to 10 000: the newest, of which the rest tells.
    pub changes: Count,
    /// Their tables: the 20 most frequent.
    pub tables: Vec<Facet<TableName>>,
    /// The names of their innermost actions; `None` for those without one. The 20 most frequent.
    pub actions: Vec<Facet<Option<String>>>,
    /// The addresses that their requests came from; `None` where nobody said. The 20 most frequent.
    pub addresses: Vec<Facet<Option<String>>>,
    /// How many there were in each hour of the week, in UTC: seven days from Monday, of 24 hours each.
    pub by_hour: [[u32; 24]; 7],
}

/// What one actor did in a window of time: when it was seen first and last, how much it changed, where,
/// in which actions, from which addresses, and at which hours of the week. `window` says from when (which it
/// must) and to when, inclusive; it may ask for nothing else.
///
/// ```no_run
/// # use threadline::{ActorRef, Filter};
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let week: Filter = "from=-7d".parse()?;
/// let summary = threadline::actor_summary(&db, &ActorRef::user(42), &week).await?;
/// for table in summary.tables {
///     println!("{}: {}", table.value, table.changes);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the window has no beginning, or asks for more than times;
/// [`Error::TimedOut`], [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or
/// [`Error::Db`].
pub async fn actor_summary(
    db: &impl TrailSource,
    actor: &ActorRef,
    window: &Filter,
) -> Result<ActorSummary, Error> {
    begins(window, "the summary of an actor")?;
    only_window(
        window,
        &["from", "to"],
        "the summary of an actor is asked for by `from` and `to` only",
    )?;
    let mut binds = Binds::default();
    let text = select(db, actor, window, &mut binds)?;
    let mut summary = ActorSummary::default();
    for row in &sql::all(db.connection(), text, binds).await? {
        summary.add(row)?;
    }
    Ok(summary)
}

/// Which set a row is of: a bit for each column that it is not counted by.
const WHAT: &str = "grouping(table_name, action, address, hour)";

/// The sets are counted in one pass over the changes, the transactions by their index of actors.
fn select(
    db: &impl TrailSource,
    actor: &ActorRef,
    window: &Filter,
    binds: &mut Binds,
) -> Result<String, Error> {
    let filter = window.clone().actor(actor.clone()).limit(MAX_FACET_CHANGES);
    let slice = Slice::from(span(&filter, Position::Start)?);
    let picked = picked(db, &filter, slice, binds)?;
    let of_actor = format!(
        "FROM {} WHERE {}",
        relation::transactions(db, binds)?,
        began(actor, window, binds).join(" AND ")
    );
    let edge = |way: &str| {
        format!(
            "(SELECT t.occurred_at {of_actor}
            ORDER BY t.actor_type{way}, t.actor_id{way}, t.occurred_at{way}, t.id{way} LIMIT 1)"
        )
    };
    Ok(format!(
        "WITH picked AS MATERIALIZED (
            SELECT c.id, c.captured_at, c.transaction_id, c.action_id, c.table_schema, c.table_name
            FROM ({picked}) c),
        looked AS MATERIALIZED (
            SELECT c.table_schema, c.table_name, a.name AS action, host(t.remote_ip) AS address,
                (extract(isodow FROM c.captured_at AT TIME ZONE 'UTC') * 24 - 24
                    + extract(hour FROM c.captured_at AT TIME ZONE 'UTC'))::int AS hour
            FROM (SELECT c.* FROM picked c ORDER BY {by} LIMIT {MAX_FACET_CHANGES}) c
            {with_transaction} {with_action}),
        counted AS (
            SELECT {WHAT} AS what, table_schema, table_name, action, address, hour, count(*) AS changes,
                row_number() OVER (PARTITION BY {WHAT} ORDER BY count(*) DESC,
                    table_schema, table_name, action, address, hour) AS place
            FROM looked
            GROUP BY GROUPING SETS (
                (table_schema, table_name), (action), (address), (hour), ()))
        SELECT s.*, n.*, (SELECT count(*) > {MAX_FACET_CHANGES} FROM picked) AS is_capped,
            {first} AS first_seen, {last} AS last_seen
        FROM (SELECT count(*) AS transactions FROM (
            SELECT {of_actor} LIMIT {MAX_FACET_CHANGES} + 1) t) n
        CROSS JOIN (SELECT * FROM counted WHERE place <= {MOST} OR hour IS NOT NULL) s
        ORDER BY s.what, s.place",
        by = slice.by(),
        with_transaction = relation::with_transaction(),
        with_action = relation::with_action(),
        first = edge(""),
        last = edge(" DESC"),
    ))
}

impl ActorSummary {
    fn add(&mut self, row: &QueryResult) -> Result<(), Error> {
        let changes = number(row.try_get("", "changes")?);
        match row.try_get::<i32>("", "what")? {
            0b0111 => self.tables.push(Facet {
                value: TableName::new(
                    row.try_get::<String>("", "table_schema")?,
                    row.try_get::<String>("", "table_name")?,
                )?,
                changes,
            }),
            0b1011 => self.actions.push(Facet { value: row.try_get("", "action")?, changes }),
            0b1101 => self.addresses.push(Facet { value: row.try_get("", "address")?, changes }),
            0b1110 => {
                let hour = usize::try_from(row.try_get::<i32>("", "hour")?).unwrap_or_default();
                if let Some(place) = self.by_hour.as_flattened_mut().get_mut(hour) {
                    *place = changes;
                }
            }
            _ => {
                let transactions = number(row.try_get("", "transactions")?);
                self.transactions = Count {
                    counted: transactions.min(MAX_FACET_CHANGES),
                    is_capped: transactions > MAX_FACET_CHANGES,
                };
                self.changes = Count { counted: changes, is_capped: row.try_get("", "is_capped")? };
                self.first_seen = row.try_get("", "first_seen")?;
                self.last_seen = row.try_get("", "last_seen")?;
            }
        }
        Ok(())
    }
}

fn number(counted: i64) -> u32 {
    u32::try_from(counted).unwrap_or(u32::MAX)
}
