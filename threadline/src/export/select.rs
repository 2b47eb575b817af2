//! The statement of an export.

use super::column::OF_CHANGES;
use super::{Column, Export};
use crate::query::pick::{Slice, picked};
use crate::query::relation;
use crate::query::sql::Binds;
use crate::{Error, TrailSource};

/// What `LIMIT` can count to.
const MOST_ROWS: u64 = i64::MAX.unsigned_abs();

/// Everything that matches, in order: the columns of the change, and JSON text of its context.
///
/// A change is sent column by column, because the server takes twice as long to make one JSON text of it.
/// Changes of one transaction and action mostly follow each other, so a context that is that of the
/// change before is null, and neither looked up nor sent again. One row more than wanted is asked for,
/// which tells whether there are more.
pub(super) fn select(
    export: &Export<'_>,
    source: &impl TrailSource,
    binds: &mut Binds,
) -> Result<String, Error> {
    if export.filter.after.is_some() {
        let why = "its filter has a cursor (`after`), and an export starts at the first change";
        return Err(Error::Export(why.to_owned()));
    }
    let slice = Slice {
        beside: None,
        ascends: export.filter.oldest_first,
        rows: export.max_rows.map(|rows| rows.saturating_add(1).min(MOST_ROWS)),
    };
    let (change, context) = export.columns.columns().split_at(OF_CHANGES);
    Ok(format!(
        "SELECT {}, {}
        FROM (
            SELECT c.*, lag(c.transaction_id) OVER w IS NOT DISTINCT FROM c.transaction_id
                AND lag(c.action_id) OVER w IS NOT DISTINCT FROM c.action_id AS has_same_context
            FROM ({}) c WINDOW w AS (ORDER BY {by})) c
        ORDER BY {by}",
        list(change),
        told(context),
        picked(source, export.filter, slice, binds)?,
        by = slice.by(),
    ))
}

/// The context of a change `c`, unless it is that of the one before.
fn told(context: &[Column]) -> String {
    if context.is_empty() {
        return "NULL::text".to_owned();
    }
    format!(
        "CASE WHEN NOT c.has_same_context THEN (
            SELECT row_to_json(x)::text FROM (SELECT {} FROM (SELECT) o {} {}) x) END",
        list(context),
        relation::with_transaction(),
        relation::with_action(),
    )
}

fn list(columns: &[Column]) -> String {
    let told = columns.iter().map(|column| format!(r#"{} AS "{}""#, column.sql, column.name));
    told.collect::<Vec<_>>().join(", ")
}
