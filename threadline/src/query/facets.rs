use sea_orm::QueryResult;
use serde::Serialize;

use super::pick::{Slice, picked};
use super::rows::{actor, operation};
use super::sql::{self, Binds};
use super::timeline::span;
use super::{Position, relation};
use crate::model::Operation;
use crate::{ActorRef, Error, Filter, TableName, TrailSource};

/// What there is of one value among the changes that match.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Facet<T> {
    /// The value.
    pub value: T,
    /// How many of the changes that were looked at have it.
    pub changes: u32,
}

/// What the changes that match are made of, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Facets {
    /// Their tables.
    pub tables: Vec<Facet<TableName>>,
    /// Their operations.
    pub operations: Vec<Facet<Operation>>,
    /// Who made them; `None` for those of which nobody said.
    pub actors: Vec<Facet<Option<ActorRef>>>,
    /// The names of their innermost actions; `None` for those without one.
    pub actions: Vec<Facet<Option<String>>>,
    /// How many changes were looked at: the first ones in the filter's order.
    pub counted: u32,
    /// Whether there are more.
    pub is_capped: bool,
}

/// No more changes than this are looked at.
pub const MAX_FACET_CHANGES: u32 = 10_000;
/// How many values of a kind are given.
pub(super) const MOST: u32 = 20;

/// Of which tables, operations, actors and actions the changes that match are: the 20 most frequent of
/// each, among the first 10 000 changes in the filter's order. The filter's limit says nothing here.
///
/// ```no_run
/// # use threadline::Filter;
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let today: Filter = "from=-24h".parse()?;
/// for table in threadline::facets(&db, &today).await?.tables {
///     println!("{}: {}", table.value, table.changes);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the filter cannot be, or would read the whole trail;
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn facets(db: &impl TrailSource, filter: &Filter) -> Result<Facets, Error> {
    let sized = filter.clone().limit(MAX_FACET_CHANGES);
    let span = span(&sized, Position::Start)?;
    let mut binds = Binds::default();
    let slice = Slice::from(span);
    // The sets are counted in one pass over the changes; `what` tells them apart.
    let text = format!(
        "WITH picked AS MATERIALIZED ({}),
        looked AS MATERIALIZED (
            SELECT c.table_schema, c.table_name, c.op::text AS op,
                t.actor_type, t.actor_id, a.name AS action
            FROM (SELECT c.* FROM picked c ORDER BY {} LIMIT {MAX_FACET_CHANGES}) c {} {}),
        counted AS (
            SELECT {WHAT} AS what, table_schema, table_name, op, actor_type, actor_id, action,
                count(*) AS changes, row_number() OVER (PARTITION BY {WHAT} ORDER BY count(*) DESC,
                    table_schema, table_name, op, actor_type, actor_id, action) AS place
            FROM looked
            GROUP BY GROUPING SETS (
                (table_schema, table_name), (op), (actor_type, actor_id), (action), ()))
        SELECT what, table_schema, table_name, op, actor_type, actor_id, action, changes,
            (SELECT count(*) > {MAX_FACET_CHANGES} FROM picked) AS is_capped
        FROM counted WHERE place <= {MOST} ORDER BY what, place",
        picked(db, &sized, slice, &mut binds)?,
        slice.by(),
        relation::with_transaction(),
        relation::with_action(),
    );
    let mut facets = Facets::default();
    for row in &sql::all(db.connection(), text, binds).await? {
        add(&mut facets, row)?;
    }
    Ok(facets)
}

/// Which set a row is of: a bit for each column that it is not counted by.
const WHAT: &str = "grouping(table_name, op, actor_type, action)";

fn add(facets: &mut Facets, row: &QueryResult) -> Result<(), Error> {
    let changes = u32::try_from(row.try_get::<i64>("", "changes")?).unwrap_or(u32::MAX);
    match row.try_get::<i32>("", "what")? {
        0b0111 => facets.tables.push(Facet {
            value: TableName::new(
                row.try_get::<String>("", "table_schema")?,
                row.try_get::<String>("", "table_name")?,
            )?,
            changes,
        }),
        0b1011 => facets.operations.push(Facet { value: operation(row, "op")?, changes }),
        0b1101 => facets.actors.push(Facet { value: actor(row, "")?, changes }),
        0b1110 => facets.actions.push(Facet { value: row.try_get("", "action")?, changes }),
        _ => {
            facets.counted = changes;
            facets.is_capped = row.try_get("", "is_capped")?;
        }
    }
    Ok(())
}
