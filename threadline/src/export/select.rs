//! The statement of an export.

use super::{Column, Export};
use crate::query::condition::condition;
use crate::query::relation;
use crate::query::sql::Binds;
use crate::trail::TRAIL;
use crate::{Error, TrailSource};

/// Everything that matches, one row of JSON text each, in order.
///
/// One row more than wanted is asked for, which tells whether there are more.
pub(super) fn select(
    export: &Export<'_>,
    source: &impl TrailSource,
    binds: &mut Binds,
) -> Result<String, Error> {
    let columns: Vec<String> = export.columns.columns().iter().map(selected).collect();
    export.filter.check()?;
    if export.filter.after.is_some() {
        let why = "its filter has a cursor (`after`), and an export starts at the first change";
        return Err(Error::Export(why.to_owned()));
    }
    let condition = condition(export.filter, binds);
    let limit = match export.max_rows {
        Some(rows) => format!("LIMIT {}", u128::from(rows) + 1),
        None => String::new(),
    };
    let order = if export.filter.oldest_first { "ASC" } else { "DESC" };
    Ok(format!(
        "SELECT row_to_json(x)::text FROM (
            SELECT {}
            FROM {}
            JOIN {TRAIL}.audit_transactions t
                ON t.id = c.transaction_id AND t.occurred_at <= c.captured_at
            LEFT JOIN {TRAIL}.audit_actions a ON a.id = c.action_id
            WHERE {condition}
            ORDER BY c.captured_at {order}, c.id {order} {limit}) x",
        columns.join(", "),
        relation::changes(source, binds)?,
    ))
}

fn selected(column: &Column) -> String {
    format!(r#"{} AS "{}""#, column.sql, column.name)
}
