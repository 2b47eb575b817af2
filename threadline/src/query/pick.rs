//! Which changes match a filter, as one SELECT that an index leads to.
//!
//! The planner cannot know how often an actor or a correlation id occurs, nor when. If it guesses wrong,
//! it walks the whole trail to find ten rows, or collects and sorts a million to show fifty. So the
//! decision is made by looking, inside of the same statement: if few transactions match, their changes
//! are collected; if many, the trail is walked in order, and each change asked for its transaction.

use super::condition::{Leave, conditions, moment};
use super::cursor::Cursor;
use super::page::Span;
use super::sql::Binds;
use super::{found, relation, row};
use crate::{Error, Filter, TableName, TrailSource};

/// More matching transactions than this are many.
const FEW: u32 = 5_000;
/// More of one correlation than this are many. Its transactions lie together, at a time that nobody has
/// said, so a walk would pass by everything that came later.
const FEW_CORRELATED: u32 = 200_000;

/// How many matching transactions are few.
pub(super) fn few(filter: &Filter) -> u32 {
    let is_correlated =
        filter.transactions.wanted().is_empty() && !filter.correlations.wanted().is_empty();
    if is_correlated { FEW_CORRELATED } else { FEW }
}

/// Which part of the matching changes is read, and in which order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    /// Only what lies behind this entry, in the order in which it is read.
    pub(crate) beside: Option<Cursor>,
    /// From old to new.
    pub(crate) ascends: bool,
    /// At most so many; all if `None`.
    pub(crate) rows: Option<u64>,
}

impl From<Span> for Slice {
    fn from(span: Span) -> Self {
        Self { beside: span.beside, ascends: span.ascends(), rows: Some(span.rows()) }
    }
}

impl Slice {
    /// `ORDER BY` and `LIMIT` for rows `c`.
    pub(crate) fn order(&self) -> String {
        let limit = self.rows.map(|rows| format!(" LIMIT {rows}")).unwrap_or_default();
        format!("ORDER BY {}{limit}", self.by())
    }

    /// The same, where a column with one value comes first in an index.
    fn order_first_by(&self, column: Option<&str>) -> String {
        let direction = if self.ascends { "" } else { " DESC" };
        let first = column.map(|column| format!("ORDER BY {column}{direction}, "));
        match first {
            Some(first) => self.order().replacen("ORDER BY ", &first, 1),
            None => self.order(),
        }
    }

    /// The order of rows `c`, without the word.
    pub(crate) fn by(&self) -> &'static str {
        if self.ascends { "c.captured_at, c.id" } else { "c.captured_at DESC, c.id DESC" }
    }

    /// The place as conditions on `c`. A comparison of rows is exact, and that of the time beside it
    /// shows the planner which partitions there is no need to look into.
    pub(crate) fn place(&self, binds: &mut Binds) -> Vec<String> {
        let Some(cursor) = self.beside else { return Vec::new() };
        let (at, id) = (binds.push(cursor.at), binds.push(cursor.id));
        let than = if self.ascends { ">" } else { "<" };
        vec![
            format!("c.captured_at {than}= {at}"),
            format!("(c.captured_at, c.id) {than} ({at}, {id})"),
        ]
    }
}

/// A SELECT of the columns of `c`, in order.
pub(crate) fn picked(
    source: &impl TrailSource,
    filter: &Filter,
    slice: Slice,
    binds: &mut Binds,
) -> Result<String, Error> {
    filter.check()?;
    let Some(found) = found::transactions(source, filter, slice, binds)? else {
        return base(source, filter, slice, "true", binds);
    };
    let few = few(filter);
    let of_few = of_few(source, filter, slice, binds)?;
    let are_many = format!("(SELECT count(*) > {few} FROM found)");
    let of_many = base(source, filter, slice, &are_many, binds)?;
    let order = slice.order();
    // That the later of two times is the later one says nothing, except to the planner: it expects fewer
    // rows, and does not think a page costly enough to be compiled, which takes seconds.
    Ok(format!(
        "WITH found AS MATERIALIZED ({found}), few AS MATERIALIZED (
            SELECT DISTINCT f.id, f.since, f.until FROM found f
            WHERE (SELECT count(*) <= {few} FROM found) AND f.until = greatest(f.since, f.until))
        SELECT c.* FROM (({of_few}) UNION ALL ({of_many})) c {order}"
    ))
}

/// The changes of the few transactions that were found.
fn of_few(
    source: &impl TrailSource,
    filter: &Filter,
    slice: Slice,
    binds: &mut Binds,
) -> Result<String, Error> {
    let mut all = conditions(source, filter, Leave::default(), binds)?;
    all.extend(slice.place(binds));
    all.push("c.captured_at >= f.since AND c.captured_at <= f.until".to_owned());
    let mut touched = vec!["true".to_owned()];
    if let Some(from) = filter.from {
        touched.push(format!("f.until >= {}", moment(from, binds)));
    }
    Ok(format!(
        "SELECT c.* FROM few f CROSS JOIN LATERAL (
            SELECT c.* FROM {} WHERE c.transaction_id = f.id AND {} {order}) c
        WHERE {} {order}",
        relation::changes(source, binds)?,
        all.join(" AND "),
        touched.join(" AND "),
        order = slice.order(),
    ))
}

/// The changes in order, by the index of rows, of tables or of time, if `only_if` holds.
fn base(
    source: &impl TrailSource,
    filter: &Filter,
    slice: Slice,
    only_if: &str,
    binds: &mut Binds,
) -> Result<String, Error> {
    let order = slice.order();
    let keys = keys(filter, binds);
    let mut all = conditions(source, filter, Leave { tables: keys.is_some() }, binds)?;
    all.extend(slice.place(binds));
    all.push(only_if.to_owned());
    let changes = relation::changes(source, binds)?;
    let Some(Keys { keys, same, first_by }) = keys else {
        return Ok(format!("SELECT c.* FROM {changes} WHERE {} {order}", all.join(" AND ")));
    };
    Ok(format!(
        "SELECT c.* FROM {keys} CROSS JOIN LATERAL (
            SELECT c.* FROM {changes} WHERE {same} AND {} {}) c {order}",
        all.join(" AND "),
        slice.order_first_by(first_by),
    ))
}

/// What an index is searched for: rows `k`, and how they are compared. Each is searched by itself,
/// because an index gives the changes of one in order, and not those of several.
struct Keys {
    keys: String,
    same: String,
    /// What the index has before the time, if that is not plain to the planner.
    first_by: Option<&'static str>,
}

fn keys(filter: &Filter, binds: &mut Binds) -> Option<Keys> {
    if let ([table], rows @ [_, ..]) = (filter.tables.wanted(), filter.rows.wanted()) {
        return Some(Keys {
            keys: row::keys(table, rows, binds),
            same: row::same(table, binds),
            first_by: Some(row::FIRST_BY),
        });
    }
    let tables = filter.tables.wanted();
    if tables.is_empty() {
        return None;
    }
    let names = |name: fn(&TableName) -> &str| -> Vec<String> {
        tables.iter().map(|table| name(table).to_owned()).collect()
    };
    let (schemas, names) =
        (binds.push(names(TableName::schema)), binds.push(names(TableName::name)));
    Some(Keys {
        keys: format!("unnest({schemas}::text[], {names}::text[]) k(table_schema, table_name)"),
        same: "c.table_schema = k.table_schema AND c.table_name = k.table_name".to_owned(),
        first_by: None,
    })
}
